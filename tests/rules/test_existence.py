"""Rule existence: what it proposes near float points, and why not elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.checker.rules.certify import product
from tests.helpers.cases import make, problem
from verifier.case.types import Case, Claim
from verifier.checker.fields import exact
from verifier.decision import decide
from verifier.rules import existence, nowhere
from verifier.rules.problem import Declined, Json
from verifier.verdict import Verdict

DECAY = {"name": "quadratic", "weight_decay": "1/2"}
BARE = {"hidden_bias": False, "output_bias": False}


NEAR = fmpq(1, 100)


def proposed(case: Case, near: Any = NEAR, careful: bool = False) -> Json:
    return existence.propose(problem(case), near, careful)


def decayed(a: Any, w: Any) -> Case:
    """(aw - 5/4)^2 + (a^2 + w^2)/4: minima at (1, 1) and (-1, -1), a saddle at 0."""
    return product(DECAY, a, w, "5/4")


def close(node: Json, *values: int) -> bool:
    """The center is near these values."""
    center = [exact(word, "center") for word in node["center"]]
    return all(isinstance(c, fmpq) and abs(c - v) < fmpq(1, 10**15) for c, v in zip(center, values, strict=True))


def test_newton_goes_to_the_minimum() -> None:
    node = proposed(decayed("1.001", "0.998"))
    assert close(node, 1, 1)
    assert (node["frozen"], node["moves"]) == ([], [])
    assert node["bits"] == existence.BITS


def test_from_a_saddle_the_search_goes_downhill() -> None:
    node = proposed(decayed("1/10", "0"), fmpq(2))
    assert close(node, 1, 1) or close(node, -1, -1)


@pytest.mark.parametrize(
    ("a", "w", "near", "words"),
    [("1/10", "0", "1/5", "not positive definite"), ("1.1", "1", "1/11", "at distance 0.1")],
)
def test_what_is_not_near_is_declined(a: str, w: str, near: str, words: str) -> None:
    for careful, said in ((True, words), (False, "")):
        with pytest.raises(Declined) as caught:
            proposed(decayed(a, w), exact(near, "near"), careful)
        assert said in str(caught.value)


def test_a_scaling_is_made_up_for_by_a_frozen_coordinate() -> None:
    node = proposed(product("quadratic", "1.001", "2", 2))
    assert [move["move"] for move in node["moves"]] == ["scale"]
    assert node["frozen"] in ([0], [1])


def test_a_dead_unit_is_frozen() -> None:
    """f = a0 nearby; the unit's row and outgoing weight move freely."""
    case = make(
        [[1]], [1], {"activation": "relu", "width": 1}, "quadratic", {"a0": "1.001", "a": [3], "W": [[1]], "b": [-2]}
    )
    node = proposed(case)
    assert node["frozen"] == [1, 2, 3]
    assert sorted(move["move"] for move in node["moves"]) == ["outgoing", "row", "row"]
    assert node["center"][0] == "1"


def test_no_coordinate_left() -> None:
    """The same without output bias: f = 0 nearby."""
    network = {"activation": "relu", "width": 1, "output_bias": False}
    case = make([[1]], [1], network, "quadratic", {"a": [3], "W": [[1]], "b": [-2]})
    with pytest.raises(Declined) as caught:
        proposed(case)
    assert "act on every coordinate" in str(caught.value)


def test_a_point_on_a_breakpoint() -> None:
    case = make([[1]], ["5/4"], {"activation": "relu", "width": 1, **BARE}, DECAY, {"a": [1], "W": [[0]]}, targets=True)
    with pytest.raises(Declined) as caught:
        proposed(case, careful=True)
    assert caught.value.code == "box"
    with pytest.raises(Declined):
        proposed(case)


def test_a_minimum_at_infinity() -> None:
    """Numbers grow without end; nothing overflows, and nothing is proposed."""
    for size in ("1", "30", "1e5", "1e300"):
        point = {"a0": 0, "a": [size], "W": [[size]], "b": [0]}
        case = make([[1], [-1]], [1, -1], {"activation": "tanh", "width": 1}, "logistic", point)
        for careful in (True, False):
            with pytest.raises(Declined):
                proposed(case, fmpq(1), careful)


def test_more_bits_where_float64_is_not_enough() -> None:
    """Eigenvalues 4 and 2 10^-60."""
    case = product({"name": "quadratic", "weight_decay": "1e-60"}, 1, 1, 1)
    with pytest.raises(Declined):
        proposed(case)
    node = proposed(case, careful=True)
    assert node["bits"] > existence.LEVELS[0]


def test_the_flat_direction_is_named() -> None:
    """(a tanh(w) - 1/2)^2 is 0 on a curve through the point."""
    network = {"activation": "tanh", "width": 1, **BARE}
    case = make([[1]], ["1/2"], network, "quadratic", {"a": [1], "W": [["0.5493"]]}, targets=True)
    with pytest.raises(Declined) as caught:
        proposed(case)
    assert caught.value.code == "flat-direction"
    assert {"a[0]", "W[0][0]"} <= set(str(caught.value).split())


def test_affine_units_pass_on_to_one_another() -> None:
    """Two ReLU units active on all samples and an output bias: f is affine, and exactly the best fit."""
    point = {"a0": "0.001", "a": [1, "1/2"], "W": [["1.5"], ["-1"]], "b": [5, 10]}
    case = make([[1], [2], [4]], [7, 8, 10], {"activation": "relu", "width": 2}, "quadratic", point, targets=True)
    node = proposed(case, fmpq(1))
    assert {"linear", "scale"} <= {move["move"] for move in node["moves"]}
    decision = decide(case, Claim("local-minimum", near=fmpq(1), strict=False))
    assert decision.verdict is Verdict.PROVED


# -- nowhere -----------------------------------------------------------------------------------------------------------


def test_a_slope_first_then_margins_then_a_direction() -> None:
    nodes = list(nowhere.propose(problem(decayed("1.1", "1.1")), fmpq(1, 100)))
    assert nodes[0]["coordinate"] in (0, 1)
    assert "margins" in nodes[1]
    saddle = list(nowhere.propose(problem(decayed("1/1000", "-1/1000")), fmpq(1, 10)))
    assert [sorted(set(node) - {"bits"}) for node in saddle] == [["margins"], ["direction"]]


def test_nothing_is_excluded_over_a_breakpoint() -> None:
    case = make([[1]], [1], {"activation": "relu", "width": 1, **BARE}, "quadratic", {"a": [1], "W": [["1/10"]]})
    with pytest.raises(Declined) as caught:
        list(nowhere.propose(problem(case), fmpq(1, 5)))
    assert caught.value.code == "box"
