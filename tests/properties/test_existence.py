"""Trained nets and the minima proved near them, judged at 200 digits: a short run of `benchmarks/trials.py`.

And certificates of such minima that were changed somewhere: whatever the checker still accepts is true.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from flint import fmpq

from benchmarks.trials import OFFSETS, at_point, judge, random_case, random_claim, train, trial
from verifier.case.types import Case, Claim
from verifier.checker.check import seal
from verifier.checker.errors import Rejected
from verifier.decision import decide
from verifier.model.objective import Objective
from verifier.verdict import Decision, Verdict

Json = dict[str, Any]
FIRST = 100_000  # not the seeds of the recorded run
TRIALS = 12
SOME = 4  # of the changes, one in so many
NEAR = fmpq(1, 10**6)


@pytest.mark.slow
def test_no_wrong_verdict() -> None:
    outcomes = [trial(seed) for seed in range(FIRST, FIRST + TRIALS)]
    assert [o for o in outcomes if o.wrong] == []
    assert {"proved", "refuted"} <= {o.verdict for o in outcomes}


# -- certificates that were changed ------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def proved() -> list[tuple[Case, Json]]:
    """A few trained nets, and the nodes of the minima near them."""
    found: list[tuple[Case, Json]] = []
    for seed in range(FIRST, FIRST + 200):
        draw = random.Random(seed)
        case = random_case(draw)
        trained = train(Objective(case), draw)
        draw.choice(OFFSETS)
        case = at_point(case, [fmpq(*float(v).as_integer_ratio()) for v in trained])
        decision = decide(case, Claim("local-minimum", near=NEAR))
        proof = decision.certificate["proof"] if decision.certificate else {}
        if "existence" in proof:
            found.append((case, proof["existence"]))
        if len(found) == 4:
            break
    return found


def changes(node: Json) -> Iterator[Json]:
    """The node with one field changed, in many ways."""
    for k, word in enumerate(node["center"]):
        for shift in ("1/10**3", "1/10**7", "-1/10**30"):
            yield _with(node, ("center", k), f"{word} + {shift}")
        yield _with(node, ("center", k), "0")
    for factor in ("1000", "8", "1/8", "1/10**6", "1/10**60"):
        yield _with(node, ("radius",), f"({node['radius']})*({factor})")
    for bits in (64, 8_000):
        yield _with(node, ("bits",), bits)
    for r, row in enumerate(node["witness"]["rows"]):
        for entry in (0, -row[-1], 2 * row[-1], row[-1] + 1):
            yield _with(node, ("witness", "rows", r, r), entry)
        yield _with(node, ("witness", "exponents", r), node["witness"]["exponents"][r] + 1)
    for k in range(len(node["center"])):
        yield _with(node, ("frozen",), sorted({*node["frozen"], k}))
    yield _with(node, ("frozen",), [])
    yield _with(node, ("moves",), [])
    yield _with(node, ("moves",), [*node["moves"], {"move": "scale", "unit": [0, 0, 0]}])


def _with(node: Json, path: tuple[Any, ...], value: Any) -> Json:
    result = copy.deepcopy(node)
    inner: Any = result
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return result


def accepted(case: Case, claim: Claim, node: Json) -> Decision | None:
    """What the checker makes of the node, as a decision."""
    content = {"case": case.document(), "claim": claim.document(), "verdict": "proved", "proof": {"existence": node}}
    try:
        document, found = seal(json.loads(json.dumps(content)))
    except Rejected:
        return None
    data = found.data
    return Decision(
        Verdict.PROVED,
        statement=found.statement,
        training_error=data["training_error"],
        loss=data["loss"],
        strict=data["strict"],
        distance=data["distance"],
        radius=data["radius"],
        certificate=document,
    )


@pytest.mark.slow
def test_whatever_is_accepted_is_true() -> None:
    claim = Claim("local-minimum", near=NEAR)
    counts = {True: 0, False: 0}
    for n, (case, node) in enumerate(proved()):
        for changed in list(changes(node))[n % SOME :: SOME]:
            found = accepted(case, claim, changed)
            counts[found is not None] += 1
            assert found is None or judge(case, claim, found) is None
    assert counts[True] > 5 and counts[False] > 20


def test_a_node_of_another_net() -> None:
    """Nets with as many parameters: the node of one proves nothing of another, or something true."""
    claim = Claim("local-minimum", near=fmpq(10))
    for case, _ in proved():
        for _, node in proved():
            found = accepted(case, claim, node)
            assert found is None or judge(case, claim, found) is None


def test_claims_that_are_false_are_not_proved() -> None:
    """strict, bad and training errors drawn at random; what is accepted of them is so."""
    for seed, (case, node) in enumerate(proved()):
        draw = random.Random(seed)
        for _ in range(6):
            claim = random_claim(draw, case)
            found = accepted(case, claim, node)
            assert found is None or judge(case, claim, found) is None
