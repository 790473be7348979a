"""Rules convex, output-subspace, dual: every hypothesis of the linear lower bound and of the reasons for a part."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.rules.certify import REMOVED, Json, accepted, changed, constant, refusal
from tests.helpers.cases import decision, make
from verifier.case.types import Case

BARE = {"hidden_bias": False, "output_bias": False}
Q = "quadratic"


def node(rule: str, *parts: Json, **subgradients: str) -> Json:
    given = {key.removeprefix("s"): value for key, value in subgradients.items()}
    return {"rule": rule, "subgradients": given, "parts": list(parts)}


def by(name: str, *units: Json) -> Json:
    return {"by": name, "units": list(units)} if units else {"by": name}


def says(case: Case, it: Json, **keys: Any) -> str:
    return refusal(case, {"minimum": it}, **keys)


def unit(activation: Any, a: Any, w: Any, target: Any, x: Any = 1, **more: Any) -> Case:
    """f = a s(w x), one sample."""
    network = {"activation": activation, "width": 1, **BARE}
    return make([[x]], [target], network, Q, {"a": [a], "W": [[w]]}, targets=True, **more)


# -- convex and the pattern ------------------------------------------------------------------------------------------

PATTERN = node("convex", by("pattern"))


def test_a_dead_unit_and_the_best_constant() -> None:
    found = accepted(constant(Q, (1, -1)), {"minimum": PATTERN})
    assert found.data["strict"] is None
    assert "does not show that the minimum is strict" in refusal(
        constant(Q, (1, -1)), {"minimum": PATTERN}, strict=True
    )
    said = refusal(constant(Q, (1, -1)), {"minimum": PATTERN}, kind="global-minimum")
    assert "the rule shows a local minimum only" in said


def test_another_constant_is_not_the_best() -> None:
    assert "the outputs can move along the subgradient" in says(constant(Q, (1, -1), a0=f"1/{10**40}"), PATTERN)


def test_the_loss_must_be_convex_near_its_argument() -> None:
    """The slope is 0 and all outputs stay put to first order, but L = -a0^2 has a maximum."""
    assert "the loss is not known to be convex near sample 0" in says(constant({"expr": "-(z**2)"}), PATTERN)
    assert "not known to be convex near sample 0" in says(constant({"expr": "z**3"}), PATTERN)
    assert "not known to be convex near sample 0" in says(constant({"expr": "z**2*(z - 1)"}), PATTERN)


def test_a_loss_may_be_convex_near_its_argument_only() -> None:
    case = constant({"expr": "z**2 - z**4"})
    accepted(case, {"minimum": PATTERN})
    said = says(case, node("output-subspace", by("equal")), kind="global-minimum")
    assert "the loss is not known to be convex" in said


def test_a_loss_with_a_concave_kink_is_not_convex() -> None:
    assert "not known to be convex near sample 0" in says(
        constant({"expr": "-abs(z)"}), {**PATTERN, "subgradients": {"0": "0"}}
    )


def test_touching_a_breakpoint_disqualifies_a_unit() -> None:
    """L = (relu(w) - 1)^2 at w = 0 falls to the right."""
    assert "the outputs can move" in says(unit("relu", 1, 0, 1), PATTERN)
    assert "the outputs can move" in says(unit({"name": "leaky_relu", "slope": "1/2"}, 1, 0, 1), PATTERN)


def test_one_sample_on_a_breakpoint_is_enough() -> None:
    """Affine units see only f(x) = a0 here but for the second sample, where the unit is exactly at 0."""
    network = {"activation": "relu", "width": 1}
    point = {"a0": 0, "a": [1], "W": [[1]], "b": [-2]}
    case = make([[1], [2]], [1, -1], network, Q, point)
    assert "the outputs can move" in says(case, PATTERN)


def test_a_decay_may_stand_on_parameters_at_0_only() -> None:
    decaying = {"name": Q, "weight_decay": "1/10"}
    assert "a parameter that is not 0 has a weight decay" in says(constant(decaying, (1, -1)), PATTERN)
    network = {"activation": "tanh", "width": 1, **BARE}
    rest = make([[1], [1]], [1, -1], network, decaying, {"a": [0], "W": [[0]]})
    found = accepted(rest, {"minimum": node("output-subspace", by("equal"))}, kind="global-minimum")
    assert found.data["loss"] == {"exact": "1"}


HINGE = constant("hinge", (1, -1), a0=1)  # z = (-1, 1): the first sample is on the breakpoint


def test_multipliers_of_the_hinge() -> None:
    accepted(HINGE, {"minimum": node("convex", by("pattern"), s0="1")})
    for given, message in (
        ({"s0": "1/2"}, "the outputs can move"),
        ({"s0": "-1"}, "expected a number from 0 to 1"),
        ({"s0": "1 + 10**-40"}, "expected a number from 0 to 1"),
        ({}, "expected a number as text"),
        ({"s0": "1", "s1": "1"}, "a multiplier is given for a sample whose loss is differentiable"),
        ({"s0": "1", "s2": "1"}, "a multiplier is given for"),
    ):
        assert message in says(HINGE, node("convex", by("pattern"), **given))


@pytest.mark.parametrize(
    ("path", "to", "message"),
    [
        (["parts"], [], "expected 1 entries, got 0"),
        (["parts"], [by("pattern")] * 2, "expected 1 entries, got 2"),
        (["parts", 0, "by"], "even", "expected one of pattern"),
        (["parts", 0, "by"], "units", "expected one of pattern"),
        (["parts", 0, "by"], ["pattern"], "expected one of pattern"),
        (["parts", 0, "by"], {}, "expected one of pattern"),
        (["parts", 0, "by"], REMOVED, "expected one of pattern"),
        (["parts", 0, "units"], [], "unknown field units"),
        (["subgradients"], [], "expected an object"),
        (["subgradients"], REMOVED, "missing field subgradients"),
        (["rule"], "output-subspace", "expected one of equal, even, mirror, polynomial"),
    ],
)
def test_tampered_nodes(path: list[Any], to: Any, message: str) -> None:
    assert message in says(constant(Q, (1, -1)), changed(PATTERN, *path, to=to))


# -- identities ------------------------------------------------------------------------------------------------------


def mirrored(network: Json, point: Json, inputs: Any = ((1,), (-1,)), labels: Any = (1, -1)) -> Case:
    return make([list(x) for x in inputs], list(labels), network, Q, point)


def subspace(*names: str) -> Json:
    return node("output-subspace", *map(by, names))


def test_even_needs_an_even_activation_and_no_hidden_bias() -> None:
    point = {"a0": 0, "a": [1], "W": [[0]]}
    network = {"activation": {"expr": "abs(z)"}, "width": 1, "hidden_bias": False}
    accepted(mirrored(network, point), {"minimum": subspace("even")}, kind="global-minimum")
    biased = mirrored({**network, "hidden_bias": True}, {**point, "b": [0]})
    assert "needs a part without hidden biases" in says(biased, subspace("even"))
    for other in ("tanh", "relu", {"expr": "abs(z) + z/10**20"}, "silu"):
        case = mirrored({**network, "activation": other}, {**point, "a": [0]})
        assert "is not known to be even" in says(case, subspace("even"))
    lonely = mirrored(network, point, inputs=((1,), (2,)))
    assert "the outputs can move" in says(lonely, subspace("even"))
    assert "the outputs can move" in says(mirrored(network, {**point, "a0": "1/3"}), subspace("even"))


def test_mirror_needs_a_constant_sum_no_hidden_bias_and_one_layer_or_an_odd_activation() -> None:
    inputs = ((1, 0), (-1, 0), (0, 1), (0, -1))
    labels = (1, 1, -1, -1)
    point = {"a0": 0, "a": [0], "W": [[1, 1]]}
    for activation in ("tanh", "sigmoid", "arctan"):
        network = {"activation": activation, "width": 1, "hidden_bias": False}
        accepted(mirrored(network, point, inputs, labels), {"minimum": subspace("mirror")}, kind="global-minimum")
    network = {"activation": "softplus", "width": 1, "hidden_bias": False}
    assert "s(z) + s(-z) is not known to be constant" in says(
        mirrored(network, point, inputs, labels), subspace("mirror")
    )
    network = {"activation": "tanh", "width": 1}
    biased = mirrored(network, {**point, "b": [0]}, inputs, labels)
    assert "needs a part without hidden biases" in says(biased, subspace("mirror"))
    deep = {"kind": "feedforward", "activation": "tanh", "hidden": [1, 1], "hidden_bias": False}
    weights = {"a0": 0, "a": [0], "W": [[[1, 1]], [[1]]]}
    accepted(mirrored(deep, weights, inputs, labels), {"minimum": subspace("mirror")}, kind="global-minimum")
    shifted = mirrored({**deep, "activation": "sigmoid"}, weights, inputs, labels)
    assert "one hidden layer or an odd activation" in says(shifted, subspace("mirror"))


def test_mirror_allows_odd_functions() -> None:
    """Opposite labels on x and -x: an odd function separates them."""
    network = {"activation": "tanh", "width": 1, "hidden_bias": False}
    case = mirrored(network, {"a0": 0, "a": [0], "W": [[1]]})
    assert "the outputs can move" in says(case, subspace("mirror"))


def test_mirror_at_the_input_0() -> None:
    """With x = 0 alone on the other side nothing is claimed."""
    network = {"activation": "sigmoid", "width": 1, "hidden_bias": False}
    case = mirrored(network, {"a0": 0, "a": [0], "W": [[1]]}, ((0,), (1,), (-1,)), (1, -1, 1))
    assert "the outputs can move" in says(case, subspace("mirror"))


def test_equal_inputs_only() -> None:
    network = {"activation": "softplus", "width": 1}
    point = {"a0": 0, "a": [0], "W": [[1]], "b": [0]}
    both = mirrored(network, point, ((1,), (1,)))
    accepted(both, {"minimum": subspace("equal")}, kind="global-minimum")
    assert "the outputs can move" in says(mirrored(network, point, ((1,), ("1 + 10**-40",))), subspace("equal"))
    tilted = make([[1], [1]], [1, -1], network, Q, point, multiplicity=[1, 2])
    assert "the outputs can move" in says(tilted, subspace("equal"))


def test_polynomial_means_one_polynomial_everywhere() -> None:
    inputs, labels = ((0,), (1,), (2,), (3,)), (1, -1, -1, 1)
    point = {"a0": 0, "a": [1], "W": [[0]], "b": [0]}
    linear = mirrored({"activation": "linear", "width": 1}, point, inputs, labels)
    accepted(linear, {"minimum": subspace("polynomial")}, kind="global-minimum")
    point = {**point, "b": [-1]}
    for activation in ("relu", "quadratic"):
        start = point if activation == "relu" else {**point, "b": [0]}
        case = mirrored({"activation": activation, "width": 1}, start, inputs, labels)
        assert "the outputs can move" in says(case, subspace("polynomial"))


def test_the_degree_of_a_deep_polynomial_net_is_the_product() -> None:
    """Two quadratic layers reach degree 4 in x; differences of order 5 are orthogonal to degree 4, not to degree 9."""
    signs = [1, -5, 10, -10, 5, -1]
    inputs = [[k] for k in range(6)]
    labels = [1 if s > 0 else -1 for s in signs]
    counts = [abs(s) for s in signs]
    point = {"a0": 0, "a": [0], "W": [[[1]], [[1]]], "b": [[0], [0]]}
    network = {"kind": "feedforward", "activation": "quadratic", "hidden": [1, 1]}
    case = make(inputs, labels, network, Q, point, multiplicity=counts)
    accepted(case, {"minimum": subspace("polynomial")}, kind="global-minimum")
    cubic = make(inputs, labels, {**network, "activation": {"expr": "z**3"}}, Q, point, multiplicity=counts)
    assert "the outputs can move" in says(cubic, subspace("polynomial"))


def test_samples_on_different_pieces_have_different_polynomials() -> None:
    """max(z, z^2) is z on (0, 1) and z^2 beyond: per sample another degree."""
    activation = {"expr": "max(z, z**2)"}
    network = {"activation": activation, "width": 1, "hidden_bias": False}
    # z in (0, 1): z; z > 1: z^2. Outputs at x = 1/2, 2: (w/2, 4 w^2), free of one another to first order
    point = {"a0": 0, "a": [1], "W": [[1]]}
    case = make([["1/2"], [2]], [1, -1], network, Q, point)
    assert "the outputs can move" in says(case, PATTERN)


def test_every_part_needs_a_reason() -> None:
    network = {
        "kind": "shortcut",
        "activation": "tanh",
        "width": 1,
        "hidden_bias": False,
        "deep": {"activation": "softplus", "hidden": [1]},
    }
    point = {"a0": 0, "a": [0], "W": [[1, 1]], "deep": {"a0": 0, "a": [0], "W": [[[1, 1]]], "b": [[0]]}}
    inputs, labels = [[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 1, -1, -1]
    case = make(inputs, labels, network, Q, point)
    assert "parts[1]: the identity mirror needs a part without hidden biases" in says(
        case, subspace("mirror", "mirror")
    )
    assert "the outputs can move" in says(case, subspace("mirror", "equal"))
    assert "expected 2 entries, got 1" in says(case, subspace("mirror"))


# -- unit by unit ----------------------------------------------------------------------------------------------------

HALF = {"rows": [[1]], "exponents": [-1]}
DEFINITE: Json = {"shape": "definite", "unseen": [], "bits": 64, "witness": HALF}
UNITS = node("dual", by("units", DEFINITE))


def test_a_definite_unit() -> None:
    """L = (a w^2 + 1)^2 at a = 1, w = 0."""
    case = unit(Q, 1, 0, -1)
    accepted(case, {"minimum": UNITS})
    assert "does not show that the minimum is strict" in says(case, UNITS, strict=True)
    assert "local minimum only" in says(case, UNITS, kind="global-minimum")


def test_a_definite_unit_needs_an_outgoing_weight() -> None:
    """a w^2 at a = w = 0 takes both signs."""
    case = unit(Q, 0, 0, -1)
    assert "the outgoing weight is 0" in says(case, UNITS)
    arc = {"rule": "arc", "order": 3, "curve": [["-1", "1"]]}
    accepted(case, {"refutes": "kind", "descent": arc}, "refuted")


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (unit(Q, -1, 0, -1), "does not show that the matrix is positive definite"),
        (unit(Q, 1, 0, 1), "does not show that the matrix is positive definite"),
        (unit(Q, 1, 1, -1), "phi is not 0 at the unit"),
        (unit("linear", 1, 0, -1), "phi is not stationary at the unit"),
        (unit({"expr": "z**3"}, 1, 0, -1), "does not show that the matrix is positive definite"),
        (unit({"expr": "z**4"}, 1, 0, -1), "does not show that the matrix is positive definite"),
        (unit({"expr": "z*abs(z)"}, 1, 0, -1), "the unit is on a breakpoint at sample 0"),
        (unit("relu", 1, 0, -1), "the unit is on a breakpoint at sample 0"),
        (unit(Q, 1, 0, 0), "no sample matters"),
    ],
)
def test_definite_units_that_are_not(case: Case, message: str) -> None:
    assert message in says(case, UNITS)


def test_unseen_directions_must_be_unseen() -> None:
    def plane(x: Any) -> Case:
        network = {"activation": Q, "width": 1, **BARE}
        return make([x], [-1], network, Q, {"a": [1], "W": [[0, 0]]}, targets=True)

    witness = {"rows": [[1], [0, 1]], "exponents": [-1, 0]}
    good = node("dual", by("units", {**DEFINITE, "unseen": [["0", "1"]], "witness": witness}))
    accepted(plane([1, 0]), {"minimum": good})
    assert "an unseen direction is seen on sample 0" in says(plane([1, "1/10**30"]), good)
    bare = node("dual", by("units", {**DEFINITE, "witness": witness}))
    assert "does not show" in says(plane([1, 0]), bare)


def test_the_subgradients_must_sum_to_0_with_an_output_bias() -> None:
    network = {"activation": Q, "width": 1, "hidden_bias": False}
    case = make([[1]], [-1], network, Q, {"a0": 0, "a": [1], "W": [[0]]}, targets=True)
    assert "the subgradients do not sum to 0" in says(case, UNITS)


def test_unit_by_unit_is_for_one_hidden_layer() -> None:
    network = {"kind": "feedforward", "activation": Q, "hidden": [1, 1], **BARE}
    case = make([[1]], [-1], network, Q, {"a": [1], "W": [[[0]], [[0]]]}, targets=True)
    assert "the part has more than one hidden layer" in says(case, UNITS)


def test_a_flat_unit_has_phi_0_on_a_neighbourhood() -> None:
    flat = node("dual", by("units", {"shape": "flat"}))
    accepted(unit("relu", 0, -1, -1), {"minimum": flat})
    assert "phi does not vanish near the unit" in says(unit(Q, 0, 0, -1), flat)
    assert "phi does not vanish near the unit" in says(unit("relu", 0, 0, -1), flat)
    assert "phi does not vanish near the unit" in says(unit("softplus", 0, 0, -1), flat)


def test_all_outgoing_weights_0_is_a_saddle() -> None:
    """Softplus units, all a_j = 0 and the sum of the g_i 0: no unit is flat."""
    network = {"activation": "softplus", "width": 2}
    point = {"a0": 0, "a": [0, 0], "W": [[0], [0]], "b": [0, 0]}
    case = make([[0], [1]], [1, -1], network, Q, point)
    for shape in ({"shape": "flat"}, DEFINITE, {"shape": "kink", "multipliers": []}):
        says(case, node("dual", by("units", shape, shape)))
    assert decision(case).verdict.value == "refuted"


MULTIPLIERS: Json = {"shape": "kink", "multipliers": ["-1"]}


def test_a_unit_on_a_kink() -> None:
    """L = (a relu(w) + 1)^2 at a = 1, w = 0."""
    kink = node("dual", by("units", MULTIPLIERS))
    accepted(unit("relu", 1, 0, -1), {"minimum": kink})
    assert "the multipliers do not balance the slope" in says(
        unit("relu", 1, 0, -1), node("dual", by("units", {**MULTIPLIERS, "multipliers": ["0"]}))
    )
    assert "expected multipliers from -1 to 1" in says(
        unit("relu", 1, 0, -1), node("dual", by("units", {**MULTIPLIERS, "multipliers": ["-2"]}))
    )
    assert "a kink bends downwards" in says(unit("relu", 1, 0, 1), kink)
    assert "a kink bends downwards" in says(unit("relu", -1, 0, -1), kink)
    assert "the outgoing weight is 0" in says(unit("relu", 0, 0, -1), kink)
    steep = unit({"name": "leaky_relu", "slope": "1/10"}, 1, 0, -1)  # falls to the left
    assert "do not balance" in says(steep, kink)
    assert "is not affine" in says(unit({"expr": "max(0, z) - z**2"}, 1, 0, -1), kink)
    assert "expected 1 entries" in says(
        unit("relu", 1, 0, -1), node("dual", by("units", {**MULTIPLIERS, "multipliers": []}))
    )
    inside = unit({"expr": "max(0, z) + max(0, 1 - z) - 1"}, 1, 0, -1)
    assert "do not balance" in says(inside, kink)
    away = unit("relu", 1, 1, -1)
    assert "phi is not 0 at the unit" in says(away, kink)


def cells() -> Case:
    """f = relu(w1), relu(w2), relu(w1 + w2) at w = 0: up, up, and down on the last, which is at most the sum."""
    network = {"activation": "relu", "width": 1, **BARE}
    return make([[1, 0], [0, 1], [1, 1]], [-1, -1, 1], network, Q, {"a": [1], "W": [[0, 0]]}, targets=True)


def test_a_unit_on_kinks_that_bend_both_ways() -> None:
    found = decision(cells())
    assert found.certificate is not None
    proof = found.certificate["proof"]["minimum"]
    accepted(cells(), {"minimum": proof})
    table = proof["parts"][0]["units"][0]["cells"]
    assert len(table) == 8
    path = ("parts", 0, "units", 0, "cells")
    for k in range(8):
        assert "is not balanced" in says(cells(), changed(proof, *path, k, 0, to="7"))
        assert "expected multipliers that are not negative" in says(cells(), changed(proof, *path, k, 2, to="-1"))
    assert "expected 8 entries, got 7" in says(cells(), changed(proof, *path, to=table[:-1]))
    assert "expected 8 entries, got 9" in says(cells(), changed(proof, *path, to=[*table, table[0]]))
    mixed = changed(proof, *path[:-1], to={"shape": "kink", "cells": table, "multipliers": ["0", "0", "0"]})
    assert "unknown field cells" in says(cells(), mixed)


def test_a_kink_that_lets_the_loss_fall() -> None:
    network = {"activation": "relu", "width": 1, **BARE}
    point = {"a": [1], "W": [[0, 0]]}
    heavier = make([[1, 0], [0, 1], [1, 1]], [-1, -1, 2], network, Q, point, targets=True)
    proof = decision(cells()).certificate
    assert proof is not None
    assert "is not balanced" in says(heavier, proof["proof"]["minimum"])
    assert decision(heavier).verdict.value == "refuted"


@pytest.mark.parametrize(
    ("path", "to", "message"),
    [
        (["shape"], "sharp", "unknown shape"),
        (["shape"], ["flat"], "unknown shape"),
        (["shape"], "flat", "unknown field"),
        (["unseen"], [["0"]], "does not show|ACCEPTED"),
        (["unseen"], [["1"]], "an unseen direction is seen"),
        (["unseen"], [["1", "0"]], "expected 1 entries, got 2"),
        (["bits"], 8, "expected an integer from 64"),
        (["witness", "rows", 0, 0], 0, "does not show"),
        (["witness", "rows", 0, 0], 3, "does not show"),
    ],
)
def test_tampered_units(path: list[Any], to: Any, message: str) -> None:
    it = changed(UNITS, "parts", 0, "units", 0, *path, to=to)
    if message.endswith("ACCEPTED"):  # a zero vector adds nothing
        accepted(unit(Q, 1, 0, -1), {"minimum": it})
    else:
        assert message in says(unit(Q, 1, 0, -1), it)


def test_exp_with_a_bias_is_judged_without_it() -> None:
    """e^b is a factor of phi: psi(w) = sum_i g_i e^(w x_i) is judged, here cosh(w) - 1 or its negative."""
    network = {"activation": "exp", "width": 1, "output_bias": False}
    # f = 1 everywhere; g = (2/4)(1 - t) = (1/2)(1, -1, -1, 1) on -1, 0, 0, 1
    good = make([[-1], [0], [0], [1]], [0, 2, 2, 0], network, Q, {"a": [1], "W": [[0]], "b": [0]}, targets=True)
    entry = {**DEFINITE, "witness": {"rows": [[1]], "exponents": [0]}}
    accepted(good, {"minimum": node("dual", by("units", entry))})
    bad = make([[-1], [0], [0], [1]], [2, 0, 0, 2], network, Q, {"a": [1], "W": [[0]], "b": [0]}, targets=True)
    assert "does not show" in says(bad, node("dual", by("units", entry)))
    soft = make(
        [[-1], [0], [0], [1]],
        [0, 2, 2, 0],
        {**network, "activation": "softplus"},
        Q,
        {"a": ["1/log(2)"], "W": [[0]], "b": [0]},
        targets=True,
    )
    assert "expected" in says(soft, node("dual", by("units", entry)))  # (x, 1) has two coordinates
