"""Certificates made by hand: what the checker says to a proof, whoever wrote it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.helpers.cases import make
from verifier.case.types import Case
from verifier.checker.analysis import Analysis
from verifier.checker.case import read_case
from verifier.checker.check import Accepted, check, seal
from verifier.checker.errors import Rejected
from verifier.checker.network import parameter_count

Json = dict[str, Any]
EMPTY = ("strict", "near", "bad", "training_error", "theorem", "value", "lower", "upper")


def claim(kind: str = "local-minimum", **keys: Any) -> Json:
    """A claim as a certificate writes it."""
    return {"kind": kind, **dict.fromkeys(EMPTY), "expect": "proved", **keys}


def accepted(case: Case, proof: Mapping[str, Any], verdict: str = "proved", **keys: Any) -> Accepted:
    """The checker accepts the proof of the claim, also when it comes back from a file."""
    content = {"case": case.document(), "claim": claim(**keys), "verdict": verdict, "proof": proof}
    document, found = seal(json.loads(json.dumps(content)))
    again = check(json.loads(json.dumps(document)))
    assert again == found
    return found


def refusal(case: Case, proof: Mapping[str, Any], verdict: str = "proved", **keys: Any) -> str:
    """The message with which the checker rejects the proof."""
    with pytest.raises(Rejected) as caught:
        accepted(case, proof, verdict, **keys)
    return str(caught.value)


def changed(node: Mapping[str, Any], *path: Any, to: Any) -> Json:
    """A copy of the node in which the field at the path has another value, or none if it is `REMOVED`."""
    result: Any = copy.deepcopy(dict(node))
    inner = result
    for key in path[:-1]:
        inner = inner[key]
    if to is REMOVED:
        del inner[path[-1]]
    elif callable(to):
        inner[path[-1]] = to(inner[path[-1]])
    else:
        inner[path[-1]] = to
    return dict(result)


REMOVED = object()
Change = Callable[[Any], Any]


def size(case: Case) -> int:
    """P."""
    return parameter_count(read_case(case.document()))


def identity_witness(n: int, exponent: int = 0, entry: int = 1) -> Json:
    """X = entry * 2**exponent * I."""
    rows = [[0] * r + [entry] for r in range(n)]
    return {"rows": rows, "exponents": [exponent] * n}


def constant(loss: str | Json, outcomes: Sequence[int] = (1,), a0: Any = 0, **more: Any) -> Case:
    """f = a0 near the point: one ReLU unit that is asleep on the inputs 1, 2, ...; the parameters are (a0, a, w).

    With one positive sample z = -a0.
    """
    inputs = [[k + 1] for k in range(len(outcomes))]
    network = {"activation": "relu", "width": 1, "hidden_bias": False}
    return make(inputs, outcomes, network, loss, {"a0": a0, "a": [1], "W": [[-1]]}, **more)


def product(loss: str | Json, a: Any, w: Any, target: Any = 1, **more: Any) -> Case:
    """f = a w x with x = 1: one linear unit without biases; the parameters are (a, w)."""
    network = {"activation": "linear", "width": 1, "hidden_bias": False, "output_bias": False}
    return make([[1]], [target], network, loss, {"a": [a], "W": [[w]]}, targets=True, **more)


def analysis(case: Case) -> Analysis:
    """The checker's view of the case at its own point."""
    checked = read_case(case.document())
    assert checked.point is not None
    return Analysis(checked, checked.point)
