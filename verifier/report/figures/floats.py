"""The loss and the outputs of a case in float64, at many parameter vectors at once: for drawing only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from verifier.checker.case import Case
from verifier.checker.expression import Expression
from verifier.checker.network import layouts
from verifier.checker.number import Exact
from verifier.model.program import Program, compile_program
from verifier.model.scalars import Kind, to_float

Floats = NDArray[np.float64]
MOST = 4_000_000  # pre-activations held at a time


def vector(values: Sequence[Exact]) -> Floats:
    """Exact numbers as floats."""
    return np.array([to_float(v) for v in values], dtype=np.float64)


class Landscape:
    """One case. `thetas` are k x P, results k or k x n; what overflows is inf or nan."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.layouts = layouts(case)
        self.inputs = np.array([[to_float(v) for v in x] for x in case.inputs], dtype=np.float64)
        self.weights = np.array(case.multiplicity, dtype=np.float64) / float(case.total)
        self.programs = [compile_program([part.activation], {}) for part in case.parts]

    @cached_property
    def _losses(self) -> dict[Expression, tuple[Program, list[int]]]:
        found: dict[Expression, tuple[Program, list[int]]] = {}
        for i in range(len(self.case.inputs)):
            expression = self.case.loss(i)
            found.setdefault(expression, (compile_program([expression], {}), []))[1].append(i)
        return found

    def losses(self, thetas: Floats) -> Floats:
        """L at each of the parameter vectors."""
        widest = max(max(part.hidden) for part in self.case.parts)
        step = max(1, MOST // (len(self.inputs) * widest))
        parts = [self._some(thetas[k : k + step]) for k in range(0, len(thetas), step)]
        return np.concatenate(parts)

    def _some(self, thetas: Floats) -> Floats:
        outputs = self.outputs(thetas, self.inputs)
        total = np.zeros(len(thetas))
        with np.errstate(all="ignore"):
            for program, members in self._losses.values():
                f = outputs[:, members]
                z = f if self.case.labels is None else -f * np.array([self.case.labels[i] for i in members])
                total += _apply(program, z) @ self.weights[members]
            return total + self._decay(thetas)

    def _decay(self, thetas: Floats) -> Floats:
        found = to_float(self.case.weight_decay) / 2 * (thetas**2).sum(axis=1)
        if self.case.parts[-1].name == "exponential":
            found += to_float(self.case.exponential_decay) / 2 * thetas[:, self.layouts[-1].a.start] ** 2
        return np.asarray(found)

    def outputs(self, thetas: Floats, inputs: Floats) -> Floats:
        """f(x; theta) for every theta (rows) and input (columns)."""
        total = np.zeros((len(thetas), len(inputs)))
        with np.errstate(all="ignore"):
            for program, layout in zip(self.programs, self.layouts, strict=True):
                h = np.broadcast_to(inputs, (len(thetas), *inputs.shape))
                for blocks in layout.blocks:
                    W = np.stack([thetas[:, block.weights.start : block.weights.stop] for block in blocks], axis=1)
                    u = np.einsum("kni,kji->knj", h, W)
                    if blocks[0].bias is not None:
                        u = u + np.stack([thetas[:, block.bias] for block in blocks], axis=1)[:, None, :]
                    h = _apply(program, u)
                total += np.einsum("knj,kj->kn", h, thetas[:, layout.a.start : layout.a.stop])
                if layout.a0 is not None:
                    total += thetas[:, layout.a0][:, None]
        return total


def _apply(program: Program, z: Floats) -> Floats:
    (values,) = program.run({"z": np.ascontiguousarray(z)}, Kind.FLOAT, z.shape)
    return np.asarray(values, dtype=np.float64)
