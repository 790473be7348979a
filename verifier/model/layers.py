"""One additive part of the network on all samples at once: forward, backward, second order; every number kind.

With u_l = W_l h_(l-1) + b_l, h_l = act(u_l), h_0 = x, and the output as one more, linear layer, write h~ for h with the
bias's 1 appended (in front of h_L for the output: the flat order has a0 before a). Everything below is this pair:

    first order    d f / d(W_l, b_l)[k, m] = delta_l[k] h~_(l-1)[m],   delta_l = act'(u_l) * (W_(l+1)^T delta_(l+1))
    second order   K_l = d2 f / d u_l d u_l = act' act' (W^T K_(l+1) W) + diag(act'' * (W^T delta_(l+1)))
                   d2 f / d(W_l)[k, m] d(W_l')[k', m'] = (A[k, k'] h~_(l-1)[m] + delta_l[k] E[m, k']) h~_(l'-1)[m']
                   with A = K_l d u_l/d u_l' and E = d h~_(l-1)/d u_l' (0 for l' = l)

summed over the samples with weights, as matrix products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import arb, fmpq

from verifier.checker.network import PartLayout

from .function import Function
from .matrix import matmul
from .scalars import ONE, ZERO, Array, Kind, filled, is_float, kind_of


@dataclass(frozen=True)
class Part:
    """A part's activation and the places of its parameters in the flat vector."""

    name: str
    activation: Function
    layout: PartLayout

    @property
    def depth(self) -> int:
        """The number of hidden layers."""
        return len(self.layout.blocks)

    def rows(self, layer: int, theta: Array) -> Array:
        """Row k: the incoming weights of unit k of a hidden layer (from 0), then its bias if there is one."""
        blocks = self.layout.blocks[layer]
        start, stop = blocks[0].positions[0], blocks[-1].positions[-1] + 1
        return theta[start:stop].reshape(len(blocks), -1)

    def head(self, theta: Array) -> Array:
        """(a0, a), or a without output bias."""
        return theta[self.layout.start : self.layout.a.stop]

    def span(self, layer: int) -> slice:
        """The positions of a layer's parameters in the flat vector; layer = depth is the output layer."""
        if layer == self.depth:
            return slice(self.layout.start, self.layout.a.stop)
        blocks = self.layout.blocks[layer]
        return slice(blocks[0].positions[0], blocks[-1].positions[-1] + 1)

    @property
    def hidden_bias(self) -> bool:
        return self.layout.blocks[0][0].bias is not None

    @property
    def output_bias(self) -> bool:
        return self.layout.a0 is not None


@dataclass(frozen=True)
class Forward:
    """A part at a point: pre-activations u[l] and features h~ of each layer (samples x units), and the outputs.

    `features[l]` feeds layer l; features[depth] = (1?, h_L) feeds the output.
    """

    part: Part
    theta: Array
    u: tuple[Array, ...]
    features: tuple[Array, ...]
    output: Array

    def at(self, samples: Sequence[int]) -> Forward:
        """The same for a choice of samples."""
        return Forward(
            self.part,
            self.theta,
            tuple(u[samples] for u in self.u),
            tuple(f[samples] for f in self.features),
            self.output[samples],
        )

    def weights(self, layer: int) -> Array:
        """W without biases; layer = depth: a as one row."""
        if layer == self.part.depth:
            return self.part.head(self.theta)[None, self.part.output_bias :]
        rows = self.part.rows(layer, self.theta)
        return rows[:, : rows.shape[1] - self.part.hidden_bias]

    def offset(self, layer: int) -> int:
        """The position of the first unit of h_(layer-1) within features[layer]."""
        return int(layer == self.part.depth and self.part.output_bias)


def forward(part: Part, theta: Array, inputs: Array) -> Forward:
    """The forward pass on inputs (n x d)."""
    us, features, h = [], [], inputs
    for layer in range(part.depth):
        features.append(_with_ones(h, part.hidden_bias, False))
        us.append(matmul(features[-1], part.rows(layer, theta).T))
        (h,) = part.activation.values(us[-1], 0)
    features.append(_with_ones(h, part.output_bias, True))
    return Forward(part, theta, tuple(us), tuple(features), matmul(features[-1], part.head(theta)))


def _with_ones(h: Array, wanted: bool, front: bool) -> Array:
    if not wanted:
        return h
    kind = Kind.FLOAT if is_float(h) else Kind.EXACT
    ones = filled(ONE, (h.shape[0], 1), kind)
    return np.concatenate([ones, h] if front else [h, ones], axis=1)


@dataclass(frozen=True)
class Block:
    """A layer's columns of the Jacobian: column start + k * features + m of row i is delta[i, k] * features[i, m]."""

    start: int
    delta: Array
    features: Array

    def rows(self) -> Array:
        """The columns written out, n x (units * features)."""
        n, units = self.delta.shape
        size = self.features.shape[1]
        product: Array = self.delta[:, :, None] * self.features[:, None, :]
        return product.reshape(n, units * size)

    def unit(self, k: int) -> slice:
        """The columns of unit k."""
        size = self.features.shape[1]
        return slice(self.start + k * size, self.start + (k + 1) * size)


def factored_gram(blocks: Sequence[Block], weights: Array, size: int) -> Array:
    """sum_i weights[i] J_i^T J_i for a Jacobian in factors: few products of symbols, the rest are multiples of them."""
    result = filled(ZERO, (size, size), Kind.EXACT)
    units = [(block, k) for block in blocks for k in range(block.delta.shape[1])]
    for number, (block, k) in enumerate(units):
        weighted = weights * block.delta[:, k]
        for other, m in units[: number + 1]:
            common = weighted * other.delta[:, m]
            product = matmul(block.features.T, common[:, None] * other.features)
            result[block.unit(k), other.unit(m)] = product
            result[other.unit(m), block.unit(k)] = product.T
    return result


@dataclass(frozen=True)
class Backward:
    """Derivatives of sum_i weights[i] * output[i]. `slopes[l]`, `bends[l]`: act' and act'' at u[l] (bends may be empty
    when only first derivatives are asked for); weights has one entry for each sample."""

    forward: Forward
    slopes: tuple[Array, ...]
    bends: tuple[Array, ...]
    weights: Array

    @cached_property
    def _pulled(self) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """(beta, delta): the derivatives by h_l and by u_l, each n x width; delta ends with the weights themselves."""
        depth = self.forward.part.depth
        betas: list[Array] = []
        deltas: list[Array] = [self.weights[:, None]]
        for layer in reversed(range(depth)):
            betas.append(matmul(deltas[-1], self.forward.weights(layer + 1)))
            deltas.append(betas[-1] * self.slopes[layer])
        return tuple(reversed(betas)), tuple(reversed(deltas))

    def blocks(self) -> list[Block]:
        """The Jacobian in factors, the output layer first as in the flat order."""
        _, deltas = self._pulled
        part = self.forward.part
        order = [part.depth, *range(part.depth)]
        return [Block(part.span(k).start, deltas[k], self.forward.features[k]) for k in order]

    def jacobian(self) -> Array:
        """n x p: row i is weights[i] times the gradient of output[i], in the part's flat order."""
        return np.concatenate([block.rows() for block in self.blocks()], axis=1)

    def gradient(self) -> Array:
        """The column sums of the Jacobian, length p."""
        _, deltas = self._pulled
        depth = self.forward.part.depth
        order = [depth, *range(depth)]
        return np.concatenate([matmul(deltas[k].T, self.forward.features[k]).ravel() for k in order])

    def add_second_order(self, total: Array) -> None:
        """Add sum_i weights[i] * Hessian of output[i] to the part's places in total (P x P)."""
        curvature: Array | None = None  # K_l, n x w x w, or n x w if it is diagonal; None is zero
        _, deltas = self._pulled
        for layer in reversed(range(self.forward.part.depth + 1)):
            if layer < self.forward.part.depth:
                curvature = self._curvature(layer, curvature)
                if curvature is not None:
                    self._add_own(total, layer, curvature)
            self._add_cross(total, layer, curvature, deltas[layer])

    def _curvature(self, layer: int, above: Array | None) -> Array | None:
        """K of a hidden layer from the layer above."""
        betas, _ = self._pulled
        slope, bend = self.slopes[layer], self.bends[layer]
        own = betas[layer] * bend
        if above is None and all_zero(own):
            return None
        if above is None:
            return own
        n, width = own.shape
        w = self.forward.weights(layer + 1)
        pulled = matmul(_square(above).reshape(n, -1), _kronecker_square(w)).reshape(n, width, width)
        result = pulled * slope[:, :, None] * slope[:, None, :]
        diagonal = np.arange(width)
        result[:, diagonal, diagonal] = result[:, diagonal, diagonal] + own
        return np.asarray(result)

    def _add_own(self, total: Array, layer: int, curvature: Array) -> None:
        features = self.forward.features[layer]
        start, size = self.forward.part.span(layer).start, features.shape[1]
        for k in range(curvature.shape[1]):
            for other in range(k + 1) if curvature.ndim == 3 else (k,):
                weights = curvature[:, k, other] if curvature.ndim == 3 else curvature[:, k]
                if all_zero(weights):
                    continue
                block = matmul(features.T, weights[:, None] * features)
                rows = slice(start + k * size, start + (k + 1) * size)
                columns = slice(start + other * size, start + (other + 1) * size)
                total[rows, columns] = total[rows, columns] + block
                if other < k:
                    total[columns, rows] = total[columns, rows] + block.T

    def _add_cross(self, total: Array, layer: int, curvature: Array | None, delta: Array) -> None:
        """The blocks of this layer against every earlier layer."""
        f = self.forward
        n, width = delta.shape
        rows, size, offset = f.part.span(layer), f.features[layer].shape[1], f.offset(layer)
        inner: Array | None = None  # d h_(layer-1) / d u_earlier; None: diagonal, act'(u_(layer-1))
        for earlier in reversed(range(layer)):
            slope = self.slopes[layer - 1]
            if earlier < layer - 1:
                inner = self._pull_back(layer - 1, earlier, inner)
            units = self.slopes[earlier].shape[1]
            below = f.features[earlier]
            block = filled(ZERO, (width, size, units, below.shape[1]), _plain(delta))
            if inner is None:
                pairs = (delta[:, :, None] * slope[:, None, :]).reshape(n, width * units)
                product = matmul(pairs.T, below).reshape(width, units, below.shape[1])
                for m in range(units):
                    block[:, offset + m, m, :] = product[:, m, :]
            else:
                triples = delta[:, :, None, None] * inner[:, None, :, :]
                between = inner.shape[1]
                product = matmul(triples.reshape(n, width * between * units).T, below)
                block[:, offset : offset + between] = product.reshape(width, between, units, below.shape[1])
            if curvature is not None:
                block = block + self._bent(layer, curvature, inner, below)
            columns = f.part.span(earlier)
            flat = block.reshape(width * size, units * below.shape[1])
            total[rows, columns] = total[rows, columns] + flat
            total[columns, rows] = total[columns, rows] + flat.T

    def _pull_back(self, layer: int, earlier: int, inner: Array | None) -> Array:
        """d h_layer / d u_earlier (n x w x w_earlier) from d h_layer / d u_(earlier+1) (None: layer = earlier + 1)."""
        slope, w = self.slopes[earlier], self.forward.weights(earlier + 1)
        if inner is None:
            result: Array = self.slopes[layer][:, :, None] * w[None, :, :] * slope[:, None, :]
            return result
        n, units = inner.shape[:2]
        pulled = matmul(inner.reshape(n * units, inner.shape[2]), w).reshape(n, units, w.shape[1])
        result = pulled * slope[:, None, :]
        return result

    def _bent(self, layer: int, curvature: Array, inner: Array | None, below: Array) -> Array:
        """sum_i (K_l d u_l/d u_earlier)[k, k'] h~_(l-1)[m] h~_(earlier-1)[m'], as a block [k, m, k', m']."""
        f, curvature = self.forward, _square(curvature)
        n, width = curvature.shape[:2]
        through = matmul(curvature.reshape(n * width, width), f.weights(layer)).reshape(n, width, -1)
        if inner is None:
            pushed = through * self.slopes[layer - 1][:, None, :]
        else:
            pushed = matmul(through, inner)
        features = f.features[layer]
        products = pushed[:, :, None, :] * features[:, None, :, None]
        block = matmul(products.reshape(n, -1).T, below)
        return block.reshape(width, features.shape[1], pushed.shape[2], below.shape[1])


def all_zero(array: Array) -> bool:
    """Whether every entry is 0 by identity."""
    if is_float(array):
        return not array.any()
    return all(x.is_zero() if isinstance(x, arb) else isinstance(x, fmpq) and x == 0 for x in array.flat)


def _plain(array: Array) -> Kind:
    """The kind whose zeros mix with the entries of the array."""
    return Kind.FLOAT if kind_of(array) is Kind.FLOAT else Kind.EXACT


def _square(curvature: Array) -> Array:
    """n x w x w, also if the curvature is diagonal and given as n x w."""
    if curvature.ndim == 3:
        return curvature
    n, width = curvature.shape
    result = filled(ZERO, (n, width, width), _plain(curvature))
    diagonal = np.arange(width)
    result[:, diagonal, diagonal] = curvature
    return result


def _kronecker_square(w: Array) -> Array:
    """W (x) W: rows (k, k'), columns (m, m')."""
    k, m = w.shape
    result: Array = w[:, None, :, None] * w[None, :, None, :]
    return result.reshape(k * k, m * m)
