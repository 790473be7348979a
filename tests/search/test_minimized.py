"""Fewer samples: always a bad local minimum, never a sample that was not there."""

from __future__ import annotations

from tests.helpers.cases import make
from tests.search.found import rejudged
from verifier.case.types import Case
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


def test_two_samples_are_enough_for_dead_units() -> None:
    """Two of one label and one of the other, or a multiplicity of 2: equal weights would be ties only."""
    start = next(search(dead()).run())
    results = [rejudged(found) for found in minimised(start, "title")]
    sizes = [(len(f.case.data.inputs), sum(f.case.data.multiplicity)) for f in results]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == len(sizes)
    assert sizes[-1] == (2, 3)
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
