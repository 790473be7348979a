"""Fewer samples: left out, or with lower multiplicity, as long as a bad local minimum is found and certified."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from verifier.arithmetic.convert import nearest_float
from verifier.case.types import Case, Data
from verifier.checker.network import flatten
from verifier.model.objective import Objective
from verifier.model.translate import theta_of
from verifier.search.certify import Found, certify
from verifier.search.portfolio import Search, only_ties
from verifier.search.training import Training

STARTS = 16  # from anywhere, for each smaller case
NEARBY = 8  # from around the minimum that is known
SPREAD = 0.1
Sample = tuple[object, object]  # an input and its outcome


def minimised(
    found: Found, title: str, seed: int = 0, report: Callable[[str], None] = lambda stage: None
) -> Iterator[Found]:
    """Smaller and smaller ones, each from the one before, until nothing can be left out; perhaps none."""
    changed = True
    while changed:
        changed = False
        for steps, everywhere in ((_fewer(found.case.data), True), (_lighter(found.case.data), False)):
            for step in steps:
                smaller = step(found.case.data)
                if smaller is None:
                    continue
                report(f"{len(found.case.data.inputs)} samples, {sum(found.case.data.multiplicity)} with multiplicity")
                case = replace(found.case, data=smaller, title=title, point=None, better=None, claims=())
                less = _found(case, found, seed, everywhere)
                if less is not None:
                    yield less
                    found, changed = less, True


Step = Callable[[Data], Data | None]


def _fewer(data: Data) -> Iterator[Step]:
    """Leave a sample out, the lightest first; samples are named by what they are, since places change."""
    for i in sorted(range(len(data.inputs)), key=lambda i: data.multiplicity[i]):
        yield partial(_left_out, _sample(data, i))


def _lighter(data: Data) -> Iterator[Step]:
    """Lower a multiplicity to 1, a quarter, a half, by one; the largest first."""
    for i in sorted(range(len(data.inputs)), key=lambda i: -data.multiplicity[i]):
        for share in (0, 4, 2, 1):
            yield partial(_lowered, _sample(data, i), share)


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


def _without(data: Data, i: int) -> Data:
    kept = [k for k in range(len(data.inputs)) if k != i]
    labels, targets = data.labels, data.targets
    return Data(
        tuple(data.inputs[k] for k in kept),
        None if labels is None else tuple(labels[k] for k in kept),
        None if targets is None else tuple(targets[k] for k in kept),
        tuple(data.multiplicity[k] for k in kept),
    )


def _found(case: Case, before: Found, seed: int, everywhere: bool) -> Found | None:
    """Near the minimum that is known, then perhaps by constructions and training."""
    assert before.case.point is not None
    theta = np.array([nearest_float(v) for v in flatten(theta_of(before.case.point))])
    for candidate in Training(Objective(case), seed).near(theta, NEARBY, SPREAD):
        found = certify(case, candidate.theta, f"{before.how.removesuffix(LESS)}{LESS}")
        if found is not None and not only_ties(found):
            return found
    if not everywhere:
        return None
    for found in Search(case, seed, STARTS, exclude=False).run():
        return None if only_ties(found) else found
    return None


LESS = ", then samples left out"
