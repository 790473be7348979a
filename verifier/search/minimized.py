"""Results that fit in a paper: fewer samples, then a lower dimension, fewer units, lower multiplicities and shorter
numbers, as long as a bad local minimum is found and certified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from flint import fmpq

from verifier.arithmetic.rounding import nearest
from verifier.case.types import Case, Data, Vector
from verifier.checker.case import Theta
from verifier.model.objective import Objective
from verifier.model.scalars import Floats
from verifier.model.translate import theta_of
from verifier.search.certify import Found, certify, certify_near
from verifier.search.portfolio import Search, only_ties
from verifier.search.smaller_net import floats, without_coordinate, without_unit
from verifier.search.training import Training

STARTS = 16  # from anywhere, for each smaller case
NEARBY = 8  # from around the minimum that is known
SPREAD = 0.1
DENOMINATORS = (1, 2, 3, 4, 10, 100)  # of shorter inputs
DECIMALS = (1, 2, 3, 4, 5, 6)  # of shorter points
LESS = ", then made smaller"
Sample = tuple[object, object]  # an input and its outcome
Smaller = tuple[Case, Floats | None]  # a case, and a point near which its minimum may be
Step = Callable[[Case, Theta], Smaller | None]  # None where it is no step from this case
Accept = Callable[[Found], bool]


def minimised(
    found: Found,
    title: str,
    seed: int = 0,
    report: Callable[[str], None] = lambda stage: None,
    accept: Accept = lambda found: not only_ties(found),
) -> Iterator[Found]:
    """Smaller and smaller ones, each from the one before, until no step leads further; perhaps none."""
    changed = True
    while changed:
        changed = False
        for steps, everywhere in _groups(found.case):
            for step in steps:
                less = _stepped(step, found, title, seed, everywhere, report, accept)
                if less is not None:
                    yield less
                    found, changed = less, True
    yield from _shorter_point(found, title, accept)


def _stepped(
    step: Step,
    found: Found,
    title: str,
    seed: int,
    everywhere: bool,
    report: Callable[[str], None],
    accept: Accept,
) -> Found | None:
    data = found.case.data
    report(f"{len(data.inputs)} samples, {sum(data.multiplicity)} with multiplicity, dimension {data.dimension}")
    assert found.case.point is not None
    bare = replace(found.case, title=title, point=None, better=None, claims=())
    smaller = step(bare, theta_of(found.case.point))
    if smaller is None:
        return None
    case, theta = smaller
    return _found(case, theta, found.how, seed, everywhere, accept)


def _groups(case: Case) -> Iterator[tuple[Iterator[Step], bool]]:
    """What is smaller first; the second entry says whether the minimum is looked for everywhere."""
    yield _fewer(case.data), True
    yield (partial(without_coordinate, k) for k in reversed(range(case.data.dimension))), True
    yield (partial(without_unit, j) for j in reversed(range(case.network.main.hidden[0]))), True
    yield _lighter(case.data), False
    yield _shorter(case.data), False


# -- the data ----------------------------------------------------------------------------------------------------------


def _fewer(data: Data) -> Iterator[Step]:
    """Leave a sample out, the lightest first; samples are named by what they are, since places change."""
    for i in sorted(range(len(data.inputs)), key=lambda i: data.multiplicity[i]):
        yield partial(_with, partial(_left_out, _sample(data, i)))


def _lighter(data: Data) -> Iterator[Step]:
    """Lower a multiplicity to 1, a quarter, a half, by one; the largest first."""
    for i in sorted(range(len(data.inputs)), key=lambda i: -data.multiplicity[i]):
        for share in (0, 4, 2, 1):
            yield partial(_with, partial(_lowered, _sample(data, i), share))


def _shorter(data: Data) -> Iterator[Step]:
    """Replace inputs by numbers of smaller denominators: all at once, then one by one."""
    for denominator in DENOMINATORS:
        yield partial(_with, partial(_rounded, denominator, None))
    for i in range(len(data.inputs)):
        for denominator in DENOMINATORS:
            yield partial(_with, partial(_rounded, denominator, i))


def _with(change: Callable[[Data], Data | None], case: Case, theta: Theta) -> Smaller | None:
    """The same net with other data."""
    data = change(case.data)
    return None if data is None else (replace(case, data=data), floats(theta))


def _sample(data: Data, i: int) -> Sample:
    return data.inputs[i], (data.labels or data.targets or ())[i]


def _left_out(sample: Sample, data: Data) -> Data | None:
    """The data without the sample; None where nothing would be left."""
    places = [i for i in range(len(data.inputs)) if _sample(data, i) == sample]
    return _without(data, places[0]) if places and len(data.inputs) > 1 else None


def _lowered(sample: Sample, share: int, data: Data) -> Data | None:
    """The sample with multiplicity 1 (share = 0), m - 1 (share = 1) or m // share; None where that is no change."""
    for i, m in enumerate(data.multiplicity):
        less = (1, m - 1)[share] if share < 2 else m // share
        if _sample(data, i) == sample and 1 <= less < m:
            return replace(data, multiplicity=(*data.multiplicity[:i], less, *data.multiplicity[i + 1 :]))
    return None


def _rounded(denominator: int, sample: int | None, data: Data) -> Data | None:
    """Inputs (of one sample, or all) with denominators up to the given one; None where that is no change."""

    def short(row: Vector) -> Vector:
        return tuple(nearest(v, denominator) if isinstance(v, fmpq) else v for v in row)

    rows = tuple(short(row) if sample in (None, i) else row for i, row in enumerate(data.inputs))
    return None if rows == data.inputs else replace(data, inputs=rows)


def _without(data: Data, i: int) -> Data:
    kept = [k for k in range(len(data.inputs)) if k != i]
    labels, targets = data.labels, data.targets
    return Data(
        tuple(data.inputs[k] for k in kept),
        None if labels is None else tuple(labels[k] for k in kept),
        None if targets is None else tuple(targets[k] for k in kept),
        tuple(data.multiplicity[k] for k in kept),
    )


# -- the minimum -------------------------------------------------------------------------------------------------------


def _found(case: Case, theta: Floats | None, how: str, seed: int, everywhere: bool, accept: Accept) -> Found | None:
    """Near the minimum that is known, then perhaps by constructions, the solver and training."""
    if theta is not None:
        for candidate in Training(Objective(case), seed).near(theta, NEARBY, SPREAD):
            found = certify(case, candidate.theta, f"{how.removesuffix(LESS)}{LESS}")
            if found is not None and accept(found):
                return found
    if everywhere:
        for found in Search(case, seed, STARTS, exclude=False).run():
            if accept(found):
                return found
    return None


def _shorter_point(found: Found, title: str, accept: Accept) -> Iterator[Found]:
    """A minimum near a point of fewer decimals, within one unit of the last of them."""
    if found.claim.near is None or found.case.point is None:
        return
    theta = tuple(map(float, floats(theta_of(found.case.point))))
    case = replace(found.case, title=title, point=None, better=None, claims=())
    for decimals in DECIMALS:
        shorter = certify_near(case, theta, found.how, fmpq(1, 10**decimals), decimals)
        if shorter is not None and accept(shorter):
            yield shorter
            return
