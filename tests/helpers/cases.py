"""Cases written as Python data, read through the case reader, and verdicts on them that the checker has seen twice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flint import fmpq

from verifier.case import loads
from verifier.case.types import Case, Claim
from verifier.checker.analysis import Analysis
from verifier.checker.check import Accepted, check
from verifier.checker.network import unflatten
from verifier.decision import decide
from verifier.model.objective import Objective, flat_point
from verifier.rules.problem import Problem
from verifier.verdict import Decision

Table = Mapping[str, Any]
DEAD: Table = {"a0": "1/3", "a": [1, -1], "W": [[-1], [-2]], "b": [0, 1]}  # of the net in `dead`


def toml(value: Any) -> str:
    """A value of a case file; rationals become texts."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {toml(v)}" for key, v in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(str(value))


def make(
    inputs: Sequence[Sequence[Any]],
    outcomes: Sequence[Any],
    network: Table,
    loss: str | Table,
    point: Table | None = None,
    *,
    targets: bool = False,
    multiplicity: Sequence[int] | None = None,
    better: Table | None = None,
) -> Case:
    """A case without claims. `network` may lack kind (single-layer); a loss may be just a name."""
    data: dict[str, Any] = {"inputs": inputs, "targets" if targets else "labels": outcomes}
    if multiplicity is not None:
        data["multiplicity"] = multiplicity
    tables: dict[str, Table] = {
        "data": data,
        "network": {"kind": "single-layer", **network},
        "loss": {"name": loss} if isinstance(loss, str) else loss,
    }
    if point is not None:
        tables["point"] = point
    if better is not None:
        tables["better"] = better
    lines = ["schema = 1", 'title = "A case of the tests"']
    lines += [f"{name} = {toml(table)}" for name, table in tables.items()]
    return loads("\n".join(lines))


def dead(loss: str | Table = "squared_hinge", **more: Any) -> Case:
    """Two dead ReLU units on separable data (two positive samples, one negative); the best constant is 1/3."""
    network = {"activation": "relu", "width": 2}
    return make([[1], [2], [3]], [1, 1, -1], network, loss, more.pop("point", DEAD), **more)


def problem(case: Case) -> Problem:
    """The case at its own point."""
    assert case.point is not None
    return Problem(case, flat_point(case.point))


def analysis_at(objective: Objective, theta: Sequence[Any]) -> Analysis:
    """The checker's view of a flat point."""
    return Analysis(objective.checked, unflatten(objective.checked, theta))


def decision(case: Case, kind: str = "local-minimum", **keys: Any) -> Decision:
    """What the verifier says; a certificate has gone through JSON and through `check`, and says the same."""
    if kind == "theorem-applies":
        keys.setdefault("theorem", "any")
    claim = Claim(kind, **{key: fmpq(v) if key in EXACT and isinstance(v, int) else v for key, v in keys.items()})
    found = decide(case, claim)
    if found.certificate is not None:
        accepted = rechecked(found)
        assert (accepted.claim, accepted.verdict) == (kind, found.verdict.value)
        assert accepted.statement == found.statement
    return found


EXACT = ("near", "training_error", "value", "lower", "upper")


def rechecked(found: Decision) -> Accepted:
    """The checker's answer to the certificate as it would come back from a file."""
    return check(json.loads(json.dumps(found.certificate)))


def verdict(case: Case, kind: str = "local-minimum", **keys: Any) -> str:
    """The verdict's word."""
    return decision(case, kind, **keys).verdict.value
