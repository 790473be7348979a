"""Whole cases, out of strategies of their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from verifier.case import Case
from verifier.case.claims import POINT_KINDS
from verifier.strategies.data import Table, general_data
from verifier.strategies.nets import WEIGHTS, losses, networks, points

Claims = Sequence[str | Mapping[str, Any]]


@st.composite
def cases(
    draw: st.DrawFn,
    data: st.SearchStrategy[Table] | None = None,
    network: st.SearchStrategy[Table] | None = None,
    loss: st.SearchStrategy[Table] | None = None,
    claims: Claims = (),
    weights: st.SearchStrategy[Any] = WEIGHTS,
    point: bool | None = None,
) -> Case:
    """Cases with these claims, and a point with `weights` where a claim is about one (or `point` is true).

    Parts that are not given are any data with labels, any network, any loss without weight decay; where the data have
    targets, the quadratic loss.
    """
    samples = draw(general_data() if data is None else data)
    net = draw(networks() if network is None else network)
    if loss is None:
        loss = losses(["quadratic"]) if "targets" in samples else losses()
    kinds = [claim if isinstance(claim, str) else claim["kind"] for claim in claims]
    wanted = any(kind in POINT_KINDS for kind in kinds) if point is None else point
    return Case(
        samples,
        net,
        draw(loss),
        draw(points(net, len(samples["inputs"][0]), weights)) if wanted else None,
        claims=claims,
    )
