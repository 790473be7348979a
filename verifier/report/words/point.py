"""The parameters of a point, exactly, as tables of the weights of each layer."""

from __future__ import annotations

from verifier.checker.case import Case, Theta, Weights
from verifier.report.document import Block, Paragraph, Table
from verifier.report.text import Text, as_text, say


def point_blocks(case: Case, theta: Theta) -> tuple[Block, ...]:
    """Every parameter: one table for each layer of each part, one row for each unit."""
    blocks: list[Block] = []
    for part, weights in zip(case.parts, theta, strict=True):
        if len(case.parts) > 1:
            blocks.append(Paragraph(say("The {name} part:", name=part.name)))
        blocks += _layers(weights)
    return tuple(blocks)


def _layers(weights: Weights) -> list[Block]:
    blocks: list[Block] = []
    last = len(weights.W) - 1
    if weights.a0 is not None:
        blocks.append(Paragraph(say("$a_0$ = {a0}", a0=weights.a0)))
    for layer, rows in enumerate(weights.W):
        header: list[Text] = [say("unit") if last == 0 else say("layer {l}, unit", l=str(layer + 1))]
        header += [say("$w_{j,{k}}$", k=k + 1) for k in range(len(rows[0]))]
        header += [] if weights.b is None else [say("$b_j$")]
        header += [say("$a_j$")] if layer == last else []
        lines = []
        for j, row in enumerate(rows):
            line = [as_text(j + 1), *(as_text(v) for v in row)]
            line += [] if weights.b is None else [as_text(weights.b[layer][j])]
            line += [as_text(weights.a[j])] if layer == last else []
            lines.append(tuple(line))
        blocks.append(Table(tuple(header), tuple(lines)))
    return blocks
