"""`decide`: verdicts, codes of what stays open, and hints."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import DEAD, dead, decision, make, verdict
from verifier.case.types import Case
from verifier.verdict import Verdict

EXP = {"activation": "exp", "width": 1, "hidden_bias": False}


def strict_case(a0: object = "-3/2") -> Case:
    point = {"a0": a0, "a": ["4/3"], "W": [["log(2)"]]}
    return make([[-2], [-1], [0], [1]], [-1, -1, 1, 1], EXP, "quadratic", point, multiplicity=[28, 56, 5, 7])


# -- undefined expressions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("expr", ["log(z)", "sqrt(z)", "1/z", "log(1 + z)", "1/(1 - z**2)"])
def test_an_expression_that_is_not_defined_everywhere(expr: str) -> None:
    found = decision(dead({"expr": expr}))
    assert (found.verdict, found.code) == (Verdict.UNDECIDED, "undefined-expression")
    assert found.reason.startswith("loss:") and "defined on all of R" in found.reason
    activation = decision(make([[1]], [1], {"activation": {"expr": expr}, "width": 1}, "quadratic", POINT))
    assert activation.code == "undefined-expression" and activation.reason.startswith("activation:")


POINT = {"a0": 0, "a": [1], "W": [[1]], "b": [1]}


@pytest.mark.parametrize("expr", ["log(1 + z**2)", "sqrt(1 + z**2)", "1/(1 + z**2)", "log(1 + exp(z))"])
def test_an_expression_that_is(expr: str) -> None:
    assert decision(dead({"expr": expr})).code != "undefined-expression"


# -- hints -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["local-minimum", "stationary"])
def test_a_tiny_gradient_asks_for_near(kind: str) -> None:
    found = decision(dead(point={**DEAD, "a0": "1/3 + 1e-40"}), kind)
    assert (found.verdict, found.rule) == (Verdict.REFUTED, "gradient")
    assert found.hint == "the gradient is 2.0e-40, not 0: did you mean a claim with near = ...?"


def test_a_gradient_below_the_floats_has_a_hint_too() -> None:
    found = decision(dead(point={**DEAD, "a0": "1/3 + 1e-400"}))
    assert found.verdict is Verdict.REFUTED
    assert found.hint is not None and "too small for a float" in found.hint


def test_a_large_gradient_has_no_hint() -> None:
    found = decision(dead(point={**DEAD, "a0": 0}))
    assert (found.verdict, found.hint) == (Verdict.REFUTED, None)


def test_a_proof_has_no_hint() -> None:
    assert decision(dead()).hint is None


# -- parts of a claim --------------------------------------------------------------------------------------------------


def test_each_part_is_proved_or_refuted() -> None:
    case = dead()
    assert verdict(case, strict=False, bad=True, training_error=fmpq(1, 3)) == "proved"
    assert verdict(case, strict=True) == "refuted"
    assert verdict(case, bad=False) == "refuted"
    assert verdict(case, training_error=fmpq(1, 2)) == "refuted"
    assert verdict(strict_case(), strict=True) == "proved"
    assert verdict(strict_case(), strict=False) == "refuted"


def test_values_are_reported_even_where_nothing_is_decided() -> None:
    found = decision(concave_kink())
    assert (found.verdict, found.certificate) == (Verdict.UNDECIDED, None)
    assert found.training_error == "0" and found.loss is not None and found.ties == 0
    assert found.code == "kink"


def concave_kink() -> Case:
    """|z|^3 - z^4 near 0 is a minimum that no rule reaches: it is not C^4, and the loss is not convex."""
    point = {"a0": 1, "a": [1], "W": [[0]], "b": [-1]}
    loss = {"expr": "abs(1 + z)**3 - (1 + z)**4"}
    return make([[1]], [1], {"activation": "relu", "width": 1}, loss, point)


def test_what_stays_open_says_what_each_rule_lacks() -> None:
    reason = decision(concave_kink()).reason
    assert reason.startswith("no rule decides the claim. ")
    for rule in ("lower-bound", "convex", "strict", "dual", "higher-order", "descent"):
        assert f"{rule}: " in reason


@pytest.mark.parametrize(
    ("kind", "keys", "expected"),
    [
        ("loss", {"value": fmpq(8, 9)}, "proved"),
        ("loss", {"value": fmpq(8, 9) + fmpq(1, 10**50)}, "refuted"),
        ("loss", {"lower": fmpq(8, 9), "upper": fmpq(8, 9)}, "proved"),
        ("loss", {"lower": 0, "upper": fmpq(7, 9)}, "refuted"),
        ("loss", {"lower": fmpq(9, 10), "upper": 1}, "refuted"),
        ("training-error", {"value": fmpq(1, 3)}, "proved"),
        ("training-error", {"value": 0}, "refuted"),
        ("stationary", {}, "proved"),
        ("global-minimum", {}, "refuted"),
        ("suboptimal", {}, "proved"),
        ("not-local-minimum", {}, "refuted"),
        ("not-local-minimum", {"strict": True}, "proved"),
    ],
)
def test_other_kinds(kind: str, keys: dict[str, Any], expected: str) -> None:
    assert verdict(dead(), kind, **keys) == expected


def test_irrational_values() -> None:
    case = dead("logistic", point={**DEAD, "a0": "log(2)"})
    found = decision(case, "loss", lower=fmpq(63651, 10**5), upper=fmpq(63652, 10**5))
    assert found.verdict is Verdict.PROVED
    assert verdict(case, bad=True, strict=False) == "proved"


# -- data --------------------------------------------------------------------------------------------------------------


def test_one_class_only() -> None:
    point = {"a0": 1, "a": [1], "W": [[-1]], "b": [0]}
    case = make([[1], [2]], [1, 1], {"activation": "relu", "width": 1}, "squared_hinge", point)
    found = decision(case, bad=False)
    assert (found.verdict, found.rule, found.training_error) == (Verdict.PROVED, "lower-bound", "0")
    assert verdict(case, "theorem-applies", theorem="A") == "refuted"  # ReLU is not increasing
    assert (
        verdict(
            make([[1], [2]], [1, 1], {"activation": "tanh", "width": 1}, "squared_hinge"),
            "theorem-applies",
            theorem="A",
        )
        == "proved"
    )


def test_ties_are_errors() -> None:
    point = {"a0": 0, "a": [1], "W": [[0]], "b": [-1]}
    found = decision(make([[1], [-1]], [1, -1], {"activation": "relu", "width": 1}, "quadratic", point), bad=True)
    assert (found.verdict, found.training_error, found.ties) == (Verdict.PROVED, "1", 2)


def targets(a0: object, loss: str | dict[str, str] = "quadratic") -> Case:
    point = {"a0": a0, "a": [1], "W": [[-1]], "b": [-1]}
    return make([[0], [1], [3]], [0, "1/3", 2], {"activation": "relu", "width": 1}, loss, point, targets=True)


def test_targets() -> None:
    assert decision(targets("7/9")).training_error is None
    assert verdict(targets("7/9"), bad=True) == "proved"  # a better point is found
    assert verdict(targets("7/9"), bad=False) == "refuted"
    assert verdict(targets("7/9"), "bad-local-minimum-exists") == "proved"
    assert verdict(targets("1/3", {"expr": "abs(f - t)"})) == "proved"  # the median, on a kink
    assert verdict(targets("1/2", {"expr": "abs(f - t)"})) == "refuted"
    assert verdict(targets("7/9"), "theorem-applies") == "refuted"


def test_bad_with_targets_is_refuted_at_a_global_minimum() -> None:
    point = {"a0": 1, "a": [1, -1], "W": [[1], [1]]}
    network = {"activation": "quadratic", "width": 2, "hidden_bias": False}
    case = make([[1], [-1]], [0, 2], network, "quadratic", point, targets=True)
    assert verdict(case, bad=False) == "proved"
    assert verdict(case, bad=True) == "refuted"


def test_weight_decay() -> None:
    loss = {"name": "squared_hinge", "weight_decay": 4}
    point = {"a0": "1/9", "a": [0], "W": [[0]], "b": [0]}
    case = make([[1], [2], [-1]], [1, 1, -1], {"activation": "tanh", "width": 1}, loss, point)
    assert verdict(case, strict=True, bad=True) == "proved"
    assert verdict(case, "theorem-applies", theorem="A") == "refuted"
    assert verdict(dead({"name": "squared_hinge", "weight_decay": 4})) == "refuted"


def test_exponential_neuron() -> None:
    network = {"activation": "relu", "width": 2, "exponential": {"decay": "1/10"}}
    point = {**DEAD, "exponential": {"a": 0, "w": [0], "b": 0}}
    case = make([[1], [2], [3]], [1, 1, -1], network, "squared_hinge", point)
    assert verdict(case, "stationary") == "proved"
    assert verdict(case) == "refuted"


# -- a net that is near, and theorems ----------------------------------------------------------------------------------


def test_near() -> None:
    """The point itself is not a minimum; one within the radius is, and not within a smaller one."""
    point = {"a0": "-1.5000001", "a": ["1.3333334"], "W": [["0.6931471"]]}
    case = make([[-2], [-1], [0], [1]], [-1, -1, 1, 1], EXP, "quadratic", point, multiplicity=[28, 56, 5, 7])
    assert verdict(case) == "refuted"
    found = decision(case, near=fmpq(1, 10**5), bad=True)
    assert (found.verdict, found.rule) == (Verdict.PROVED, "existence")
    assert verdict(case, near=fmpq(1, 10**9)) != "proved"


def test_near_holds_at_the_point_itself() -> None:
    found = decision(dead(), near=fmpq(1, 10), bad=True)
    assert found.verdict is Verdict.PROVED
    assert found.distance is not None and float(found.distance) < 1e-15


def test_theorem_a() -> None:
    case = make([[1], [-1]], [1, -1], {"activation": "softplus", "width": 1}, "squared_hinge")
    assert verdict(case, "theorem-applies", theorem="A") == "proved"
    assert verdict(case, "no-bad-local-minimum") == "proved"
    found = decision(dead(), "theorem-applies", theorem="A")
    assert (found.verdict, found.rule) == (Verdict.REFUTED, "theorem")
    assert "increasing neuron" in found.reason


def test_the_same_claim_twice_is_the_same_decision() -> None:
    case = dead()
    assert decision(case) == decision(case)
    other = dead("quadratic")
    assert decision(other) != decision(case)
    assert decision(case) == decision(dead())


# -- traps of the rules ------------------------------------------------------------------------------------------------


def test_quadratic_units_hold_where_their_reduction_does_not() -> None:
    """x = 1 twice, a = (-1, -2), w = 0: G(q) = (1 - q)^2 falls at q = 0, and yet L has a local minimum."""
    network = {"activation": "quadratic", "width": 2, "hidden_bias": False, "output_bias": False}
    case = make([[1]], [1], network, "quadratic", {"a": [-1, -2], "W": [[0], [0]]})
    assert verdict(case, bad=True) == "proved"


@pytest.mark.parametrize("activation", ["softplus", "quadratic", "tanh"])
def test_all_outgoing_weights_zero_is_a_saddle(activation: str) -> None:
    case = make(
        [[2], [-1]],
        [1, -1],
        {"activation": activation, "width": 2},
        "squared_hinge",
        {"a0": "1/3", "a": [0, 0], "W": [[0], [0]], "b": [0, 0]},
        multiplicity=[2, 1],
    )
    assert verdict(case) == "refuted"


def test_deep_tanh_at_zero_is_a_saddle() -> None:
    network = {"kind": "feedforward", "activation": "tanh", "hidden": [1, 1], "hidden_bias": False}
    case = make([[1], [-1]], [1, -1], network, "quadratic", {"a0": 0, "a": [1], "W": [[[0]], [[0]]]})
    assert verdict(case) == "refuted"


def test_a_curved_kink_of_the_loss_is_not_called_a_minimum() -> None:
    """f = a e^(wx), hinge: along f(1) = 1 the loss falls at order 2, although L on the tangent plane rises."""
    network = {"activation": "exp", "width": 1, "hidden_bias": False, "output_bias": False}
    case = make(
        [[-1], [0], [1]], [1, -1, 1], network, "hinge", {"a": ["1/2"], "W": [["log(2)"]]}, multiplicity=[4, 4, 6]
    )
    assert verdict(case) == "refuted"


def test_a_unit_at_zero_on_one_sample_is_not_dead() -> None:
    point = {"a0": "1/3", "a": [1, -1], "W": [[-1], [-2]], "b": [1, 1]}
    assert verdict(dead(point=point)) == "refuted"


def test_a_shallow_saddle_on_the_flat_part_of_the_hinge() -> None:
    """Samples beyond their margin do not count; the others are on a saddle."""
    point = {"a0": 0, "a": [0], "W": [[0]], "b": [0]}
    case = make([[1], [-1]], [1, -1], {"activation": "tanh", "width": 1}, "squared_hinge", point)
    assert verdict(case, "stationary") == "proved"
    assert verdict(case) == "refuted"
