"""The prover of `supports` against brute force over all supports, and on the cases of theorems A and B."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given, settings

from tests.helpers.cases import decision, make
from tests.helpers.supports import CLASSES, Brute, question, questions
from verifier.case import load
from verifier.checker.check import check, digest
from verifier.checker.errors import Rejected
from verifier.checker.theorems.supports import BALANCE, BENDS, RANKS, SLOPES, elements, facts_used
from verifier.model.translate import checker_case
from verifier.rules.problem import Declined
from verifier.theorems.least_width import least_width
from verifier.theorems.support_query import Query, Survivor, available, holds
from verifier.theorems.support_question import Neurons, Question, eliminating, lifted, signed, unlifted
from verifier.theorems.support_tree import Survives, build
from verifier.theorems.supports import known_class, propose, question_of, tree, words

CASES = Path(__file__).parents[2] / "cases"
ENGINES = [engine for engine in ("z3", "cvc5") if available(engine)]
INCREASING, CONVEX, BOTH = CLASSES
CROSS = [((1, 0, 0), 1), ((0, 1, 0), 1), ((1, 1, 0), -1), ((0, 0, 1), -1), ((0, 0, 2), 1)]


# -- against brute force -----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(questions())
def test_tree_or_survivor_as_brute_force_says(it: Question) -> None:
    brute = Brute(it)
    for width in (1, 3, 4):
        left = brute.surviving(width)
        try:
            made = build(it, width, [], 20)
        except Survives as found:
            assert found.support in left
        else:
            assert not left
            facts_used(it.elements, width, made)


@settings(max_examples=40, deadline=None)
@given(questions(most=5))
def test_least_width_as_brute_force_says(it: Question) -> None:
    found = least_width(it)
    brute = Brute(it)
    widths = [width for width in range(1, 2 * len(it.elements) + 2) if not brute.surviving(width)]
    assert found.width == (widths[0] if widths else None)
    if found.width is not None:
        assert widths == list(range(found.width, 2 * len(it.elements) + 2))
    if found.width is None or found.width > 1:
        assert found.survivor is not None
        assert found.survivor.support in brute.surviving(1 if found.width is None else found.width - 1)


@settings(max_examples=40, deadline=None)
@given(questions(most=5))
@pytest.mark.parametrize("engine", ENGINES)
def test_solver_finds_a_survivor_iff_there_is_one(engine: str, it: Question) -> None:
    brute, query = Brute(it), Query(it, engine)
    for width in (1, 4):
        found, left = query.survivor(width), brute.surviving(width)
        assert (found is not None) is bool(left)
        if found is not None:
            assert holds(it, found)
            assert found.support in left


@settings(max_examples=60, deadline=None)
@given(questions())
def test_elimination_is_as_large_as_possible(it: Question) -> None:
    rows = signed(it, it.elements)
    found = eliminating(rows)
    out = frozenset() if found is None else found[1]
    if found is not None:
        margins = {i: sum((a * b for a, b in zip(found[0], row, strict=True)), fmpq(0)) for i, row in rows.items()}
        assert all(m >= 0 for m in margins.values())
        assert out == {i for i, m in margins.items() if m > 0}
    rest = {i: row for i, row in rows.items() if i not in out}
    assert not rest or eliminating(rest) is None


def test_quadratic_forms_and_their_vectors() -> None:
    row = (fmpq(2), fmpq(-3), fmpq(1))
    vector = tuple(fmpq(k) for k in (1, 2, 3, 4, 5, 6))
    Q = unlifted(vector, 3)
    value = sum((Q[a][b] * row[a] * row[b] for a in range(3) for b in range(3)), fmpq(0))
    assert value == sum((a * b for a, b in zip(vector, lifted(row), strict=True)), fmpq(0))


# -- survivors ---------------------------------------------------------------------------------------------------------


def test_thresholds_and_width_needed() -> None:
    it = question(CROSS, BOTH)
    every = frozenset(it.elements)
    assert it.thresholds(every) == (2, 3)
    assert it.width_needed(every) == 4
    assert it.thresholds(frozenset({3, 4})) == (2, 2)
    assert not it.exact(every)
    pair = question([((1, 0), 1), ((0, 1), -1)], CONVEX, hidden_bias=False)
    assert pair.thresholds(frozenset({0, 1})) == (2, 2)
    assert pair.exact(frozenset({0, 1})) and pair.width_needed(frozenset({0, 1})) == 2
    unbiased = question([((1, 0), 1), ((0, 1), -1)], CONVEX, hidden_bias=False, output_bias=False)
    assert not unbiased.exact(frozenset({0, 1})) and unbiased.width_needed(frozenset({0, 1})) == 3
    same_line = question([((1, 0), 1), ((2, 0), -1)], CONVEX, hidden_bias=False)
    assert same_line.thresholds(frozenset({0, 1})) == (None, None)
    assert same_line.width_needed(frozenset({0, 1})) is None


def test_holds_rejects_multipliers_that_do_not_hold() -> None:
    it = question([((0,), 1), ((1,), -1), ((2,), 1), ((3,), -1)], INCREASING)
    good = {0: fmpq(1), 1: fmpq(2), 2: fmpq(1)}
    support = frozenset(good)
    with_two_classes = question([((0,), 1), ((1,), -1), ((2,), 1)], INCREASING)
    assert holds(with_two_classes, Survivor(support, good, None, None))
    assert holds(it, Survivor(support, good, None, None))
    assert not holds(it, Survivor(support, {**good, 1: fmpq(3)}, None, None))
    assert not holds(it, Survivor(support, {0: fmpq(1), 1: fmpq(2)}, None, None))
    assert not holds(it, Survivor(support, {i: -w for i, w in good.items()}, None, None))
    assert not holds(it, Survivor(support, None, None, None))
    assert not holds(it, Survivor(frozenset(), {}, None, None))
    assert not holds(question([((0,), 1)], CONVEX), Survivor(frozenset({0}), None, None, None))


def test_words_say_what_stands_in_the_way() -> None:
    support = frozenset({0, 2})
    assert words(Survivor(support, None, {0: fmpq(1), 2: fmpq(1)}, None), 3).endswith(
        "at samples 0, 2, if some outgoing weight is 0"
    )
    assert words(Survivor(support, None, None, None), 3).endswith("samples 0, 2, at any width")
    assert words(Survivor(support, None, None, 5), 3).endswith("samples 0, 2: it takes width 5 to exclude that, not 3")


def test_time_limit_is_a_reason() -> None:
    it = question(CROSS, BOTH)
    with pytest.raises(Declined, match="grows too large"):
        build(it, 4, [], -1)
    with pytest.raises(Declined, match="found no answer in time"):
        Query(it, seconds=-1).survivor(4)


def test_missing_engine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.theorems.support_query.available", lambda engine: engine != "cvc5")
    with pytest.raises(Declined, match="cvc5 is not installed") as declined:
        Query(question(CROSS, BOTH), "cvc5")
    assert declined.value.code == "engine-missing"


# -- cases -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("liang2018/theorem-a-*.toml")))
def test_theorem_a_again(name: str) -> None:
    """Where theorem A applies, the tree for increasing neurons is there, too, and holds at every width."""
    case = load(str(CASES / "liang2018" / f"{name}.toml"))
    applies = decision(case, "theorem-applies", theorem="A").verdict.value == "proved"
    checked = checker_case(case)
    if applies:
        it = question_of(checked, INCREASING)
        assert least_width(it).width == 1
        assert facts_used(it.elements, 1, tree(it, 1)) <= {SLOPES, BALANCE}
        assert propose(checked)["name"] == "supports"


def test_theorem_b_again() -> None:
    case = load(str(CASES / "confirmed/theorem-b-again.toml"))
    it = question_of(checker_case(case), CONVEX)
    found = least_width(it)
    assert found.width == 3
    assert facts_used(it.elements, 3, found.tree) == {BALANCE, BENDS, RANKS}


UNCOVERED = (
    "balance-without-hidden-bias",
    "much-narrower-than-theorem-b",
    "narrower-than-theorem-b",
    "neither-theorem-at-any-width",
)


@pytest.mark.parametrize("name", UNCOVERED)
def test_beyond_the_theorems(name: str) -> None:
    case = load(str(CASES / "confirmed" / f"{name}.toml"))
    assert decision(case, "theorem-applies", theorem="any").verdict.value == "refuted"
    found = decision(case, "no-bad-local-minimum")
    assert (found.verdict.value, found.rule) == ("proved", "supports")
    assert "on these data this holds for every neuron that increases" in (found.statement or "")
    checked = checker_case(case)
    width = least_width(question_of(checked, known_class(checked))).width
    assert width == checked.parts[0].hidden[0]


def test_a_whole_certificate_is_about_its_own_case_and_tree() -> None:
    found = decision(load(str(CASES / "confirmed/neither-theorem-at-any-width.toml")), "no-bad-local-minimum")
    good = json.loads(json.dumps(found.certificate))
    assert check(good).verdict == "proved"

    def resealed(tamper: Callable[[Any], None]) -> Any:
        document = copy.deepcopy(good)
        tamper(document)
        return {**document, "digest": digest(document)}

    def narrower(document: Any) -> None:
        document["case"]["network"]["hidden"] = [3]

    def other_label(document: Any) -> None:
        document["case"]["data"]["labels"][1] = -1

    def other_statement(document: Any) -> None:
        document["statement"]["text"] = document["statement"]["text"].replace("from 4 on", "from 3 on")

    def other_tree(document: Any) -> None:
        document["proof"]["exclusion"]["tree"]["separator"][0] = "-1"

    def other_neuron(document: Any) -> None:
        document["case"]["network"]["activation"] = {"name": "sigmoid"}

    def as_theorem(document: Any) -> None:
        document["proof"] = {"theorem": document["proof"]["exclusion"]}

    def refuted(document: Any) -> None:
        document["verdict"] = "refuted"

    for tamper in (narrower, other_label, other_statement, other_tree, other_neuron, as_theorem, refuted):
        with pytest.raises(Rejected):
            check(resealed(tamper))


def test_losses_with_slope_everywhere_have_no_minimum_at_all() -> None:
    case = load(str(CASES / "confirmed/narrower-than-theorem-b.toml"))
    assert "no local minimum exists at all" in (decision(case, "no-bad-local-minimum").statement or "")
    hinge = load(str(CASES / "confirmed/much-narrower-than-theorem-b.toml"))
    assert "every local minimum of the loss has training error 0" in (
        decision(hinge, "no-bad-local-minimum").statement or ""
    )


def test_data_with_a_bad_minimum_survive() -> None:
    for name in ("confirmed/not-excluded-and-bad", "liang2018/smooth-hinge-exp-strict"):
        case = load(str(CASES / f"{name}.toml"))
        with pytest.raises(Declined, match="no fact of the class excludes") as declined:
            propose(checker_case(case))
        assert declined.value.code == "supports-survive"


def test_class_of_a_case() -> None:
    def of(activation: str, loss: object) -> Neurons:
        network = {"activation": activation, "width": 1}
        return known_class(checker_case(make([[1], [0]], [1, -1], network, loss)))  # type: ignore[arg-type]

    smooth = {"name": "polynomial_hinge", "p": 2}
    assert of("softplus", smooth) == of("exp", "logistic") == BOTH
    assert of("softplus", "squared_hinge") == of("tanh", smooth) == INCREASING
    assert of("quadratic", smooth) == CONVEX
    assert of("relu", smooth) == Neurons(False, False)


@pytest.mark.parametrize(
    ("network", "loss", "code", "match"),
    [
        ({"activation": "softplus", "width": 4}, "quadratic", "hypothesis-fails", "loss"),
        ({"activation": "softplus", "width": 4}, "hinge", "hypothesis-fails", "loss"),
        (
            {"kind": "feedforward", "activation": "softplus", "hidden": [4, 4]},
            "logistic",
            "hypothesis-fails",
            "architecture",
        ),
        (
            {"activation": "softplus", "width": 4},
            {"name": "logistic", "weight_decay": "1/10"},
            "hypothesis-fails",
            "no weight decay",
        ),
        ({"activation": "softplus", "width": 3}, "logistic", "supports-survive", "width 4"),
        ({"activation": "relu", "width": 4}, "logistic", "supports-survive", "any width"),
    ],
)
def test_declines_with_the_reason(network: dict[str, object], loss: object, code: str, match: str) -> None:
    case = make([x for x, _ in CROSS], [y for _, y in CROSS], network, loss)  # type: ignore[arg-type]
    with pytest.raises(Declined, match=match) as declined:
        propose(checker_case(case))
    assert declined.value.code == code


def test_declines_targets_irrational_and_large_data() -> None:
    network = {"activation": "softplus", "width": 4}
    with pytest.raises(Declined, match="real targets"):
        propose(checker_case(make([[1], [2]], ["1/2", 1], network, "quadratic", targets=True)))
    with pytest.raises(Declined, match="rational") as declined:
        propose(checker_case(make([["sqrt(2)"], [2]], [1, -1], network, "logistic")))
    assert declined.value.code == "irrational-data"
    many = [[k] for k in range(20)]
    with pytest.raises(Declined, match="20 different samples"):
        propose(checker_case(make(many, [(-1) ** k for k in range(20)], network, "logistic")))


def test_repeated_samples_are_one_element() -> None:
    network = {"activation": "softplus", "width": 4}
    points = [*CROSS, CROSS[0], CROSS[3]]
    case = checker_case(make([x for x, _ in points], [y for _, y in points], network, "logistic"))
    assert sorted(elements(case)) == [0, 1, 2, 3, 4]
    assert propose(case)["name"] == "supports"


def test_contradictory_labels_survive_at_every_width() -> None:
    for neurons in CLASSES:
        found = least_width(question([*CROSS, ((1, 0, 0), -1)], neurons))
        assert found.width is None
        assert found.survivor is not None
