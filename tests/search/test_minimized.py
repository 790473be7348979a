"""Fewer samples: always a bad local minimum, never a sample that was not there."""

from __future__ import annotations

from tests.helpers.cases import make
from tests.search.found import rejudged
from verifier.case.types import Case
from verifier.search.certify import Found
from verifier.search.minimized import minimised
from verifier.search.portfolio import search


def dead() -> Case:
    return make(
        [[1], [2], [3], [5]],
        [1, 1, -1, -1],
        {"activation": "relu", "width": 1},
        "squared_hinge",
        multiplicity=[1, 4, 3, 1],
    )


def size(found: Found) -> tuple[int, ...]:
    """Samples, dimension, units, samples with multiplicity, digits: what becomes small, in this order."""
    data = found.case.data
    digits = sum(letter.isdigit() for letter in found.text)
    return len(data.inputs), data.dimension, found.case.network.main.hidden[0], sum(data.multiplicity), digits


def test_two_samples_are_enough_for_dead_units() -> None:
    """Two of one label and one of the other, or a multiplicity of 2: equal weights would be ties only."""
    start = next(search(dead()).run())
    results = [rejudged(found) for found in minimised(start, "title")]
    sizes = [size(found) for found in results]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == len(sizes)
    assert sizes[-1][:4] == (2, 1, 1, 3)
    assert results[-1].accepted.data["ties"] == 0


def test_samples_are_those_of_the_case() -> None:
    case = dead()
    before = dict(zip(zip(case.data.inputs, case.data.labels or (), strict=True), case.data.multiplicity, strict=True))
    for found in minimised(next(search(case).run()), "title"):
        data = found.case.data
        for x, y, m in zip(data.inputs, data.labels or (), data.multiplicity, strict=True):
            assert 1 <= m <= before[x, y]
        assert found.case.title == "A bad local minimum: title"


def test_nothing_to_leave_out() -> None:
    case = make([[1], [2]], [1, -1], {"activation": "relu", "width": 1}, "squared_hinge", multiplicity=[2, 1])
    assert list(minimised(next(search(case).run()), "title")) == []


def test_what_the_minimum_does_not_need_goes() -> None:
    """A second coordinate and a second unit; inputs of long decimals become integers."""
    case = make(
        [["1.001", 1], ["2.003", 4], ["3.998", 2]],
        [1, 1, -1],
        {"activation": "relu", "width": 2},
        "squared_hinge",
    )
    results = [rejudged(found) for found in minimised(next(search(case).run()), "title")]
    assert size(results[-1])[:4] == (3, 1, 1, 3)  # two samples of weight 1 would be ties only
    assert all(v.q == 1 for x in results[-1].case.data.inputs for v in x)  # type: ignore[union-attr]


def test_a_point_of_fewer_decimals() -> None:
    """The strict minima of XOR are near float points; a hundredth is near enough."""
    case = make(
        [[0, 0], [0, 1], [1, 0], [1, 1]],
        [-1, 1, 1, -1],
        {"activation": "sigmoid", "width": 1},
        {"name": "quadratic", "weight_decay": "1/100"},
    )
    start = next(search(case).run())
    last = [rejudged(found) for found in minimised(start, "title")][-1]
    assert start.claim.near is not None and last.claim.near is not None
    assert last.claim.near > start.claim.near and size(last) < size(start)


def test_only_what_is_accepted() -> None:
    case = make([[1], [2]], [1, -1], {"activation": "relu", "width": 1}, "squared_hinge", multiplicity=[4, 1])
    start = next(search(case).run())
    assert list(minimised(start, "title", accept=lambda found: False)) == []
    assert list(minimised(start, "title")) != []
