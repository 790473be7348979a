"""Theorem B: the two classes do not share their spans.

Theorem B (a deterministic version of Liang, Sun, Li & Srikant 2018, classes in different subspaces). x~ is (x, 1), or
x without hidden biases; U_- and U_+ are the spans of the x~ of the negative and of the positive samples; rank_-(S) is
the rank of {x~_i : i in S} modulo U_-, and rank_+ likewise; M is the width and k = ceil(M/2). Equal inputs with equal
labels are one element. Hypotheses: labels +-1; a single-layer net with M >= 1, or one in parallel with any other
parts that share no parameter with it; an output bias in some part; the neuron is C^2 with s'' > 0; the loss is C^2
with l' >= 0, and l'(z) = 0 only for z < 0; no weight decay; and

    (B)  k rank_-(S) > |S| for every non-empty set S of positive elements, and k rank_+(S) > |S| for negative ones.

Conclusion: every local minimum has l'(z_i) = 0 for all i, so every sample is on the right side. Proof. Write l_i for
m_i l'(z_i) >= 0. The derivative by the output bias is 0: sum_i l_i y_i = 0, so if l_i = 0 on one class, then on the
other too. (That alone settles data of one class only.)
(i) Some a_j = 0. Then w_j moves freely without changing L, so all nearby w_j give local minima and dL/da_j = 0 there:
sum_i l_i y_i s(w.x~_i) = 0 for all w near w_j. Differentiate twice along a u orthogonal to U_-: the sum over the
positive i of l_i s''_ij (u.x~_i)^2 is 0. By (B) for S = {i} no positive x~_i is in U_-, so a generic such u has
u.x~_i != 0 for all of them: l_i = 0 on the positives.
(ii) No a_j = 0. At least k of them have one sign, say a_j > 0 (else exchange the classes). Suppose that the set S of
the positive elements with l_i > 0 is not empty. Move only the w_j of k units with a_j > 0, by vectors u_j orthogonal
to U_-. The pre-activations of negative samples do not move. The vectors (u.x~_i) for i in S make a space of dimension
rank_-(S), so the |S| linear equations sum_j a_j s'_ij (u_j.x~_i) = 0 have a solution for which some u_j.x~_i, i in S,
is not 0. Along it the outputs of S stay to first order; where l_i = 0 also l''(z_i) = 0, as l' >= 0 has a minimum
there. So L, which is C^2 along this line with derivative 0, has the second derivative -(1/N) sum_{i in S} l_i sum_j
a_j s''_ij (u_j.x~_i)^2 < 0: no local minimum. So S is empty, and l_i = 0 on the positives.

The certificate of (B) for one class is a partition of its elements into k' <= k sets that are independent modulo the
other span, and a way out from each element: x has an *exit* to a set J that it is not in if J + x is independent, and
a *step* to an element y of such a set J if J - y + x is. *Lemma*: if steps lead from every element to an exit, then
k' rank(S) > |S| for every non-empty set S of elements, hence (B) for the class. Proof. Say |S| >= k' rank(S), S not
empty. The sets J meet S in independent sets, so |S| = sum_J |J & S| <= k' rank(S): equality holds, and every J & S
spans S. So no element x of S has an exit to a J: x is in the span of J & S. And a step from x in S to y in J stays in
S: otherwise J & S is within J - y, in whose span x would be. So steps never lead from S to an exit. The converse: if
(B) holds, Edmonds' theorem gives the partition, and the elements without a way out would form a set S with |S| = k
rank(S), since each J & S spans it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd, lcm
from typing import Any

from flint import fmpq, fmpz_mat, nmod_mat

from verifier.checker import fields
from verifier.checker.case import Case
from verifier.checker.errors import Rejected, require
from verifier.checker.facts import activation_facts
from verifier.checker.number import Exact
from verifier.checker.theorems import hypothesis
from verifier.checker.theorems.hypothesis import Hypothesis

WHERE = "theorem B"
CONDITION = "condition (B)"
IRRATIONAL = "decided for rational inputs only"
PRIME = 2**61 - 1
CLASSES: Mapping[int, str] = {1: "positive", -1: "negative"}
Row = tuple[int, ...]


def structural(case: Case) -> list[Hypothesis]:
    """All hypotheses but (B), which needs a certificate."""
    neuron = activation_facts(case.parts[0].spec).strictly_convex
    return [
        hypothesis.labels(case),
        hypothesis.architecture(case),
        _output_bias(case),
        Hypothesis("strictly convex neuron", neuron.holds, neuron.why),
        *hypothesis.c2_loss(case),
        hypothesis.no_weight_decay(case),
    ]


def _output_bias(case: Case) -> Hypothesis:
    part = next((part.name for part in case.parts if part.output_bias), None)
    why = "the net has no output bias" if part is None else f"the {part} part has one"
    return Hypothesis("output bias", part is not None, why)


@dataclass(frozen=True)
class Side:
    """One class modulo the span of the other: sample -> vector, for the first sample of each distinct input.

    The vectors are x~ (times a positive integer) times a matrix whose columns are a basis of the integers orthogonal to
    the other class, so sets of them have the rank of the inputs modulo the other span.
    """

    name: str
    vectors: Mapping[int, Row]

    def rank(self, members: Sequence[int]) -> int:
        """The exact rank of some of the samples."""
        return _matrix([self.vectors[i] for i in members]).rank() if members else 0

    def independent(self, members: Sequence[int]) -> bool:
        """Whether their rank is their number. (A rank modulo a prime is at most the rank.)"""
        if not members:
            return True
        matrix = _matrix([self.vectors[i] for i in members])
        if matrix.ncols() < len(members):
            return False
        return int(nmod_mat(matrix, PRIME).rank()) == len(members) or int(matrix.rank()) == len(members)


def width_half(case: Case) -> int:
    """k = ceil(M/2)."""
    return (case.parts[0].hidden[0] + 1) // 2


def sides(case: Case) -> dict[int, Side]:
    """The classes by label; raises Rejected unless the case has labels and rational inputs."""
    if case.labels is None:
        raise Rejected(WHERE, "needs labels")
    rows = [_integers(x, case.parts[0].hidden_bias) for x in case.inputs]
    first: dict[tuple[int, tuple[Exact, ...]], int] = {}
    for i, (x, y) in enumerate(zip(case.inputs, case.labels, strict=True)):
        first.setdefault((y, x), i)
    found = {}
    for label, name in CLASSES.items():
        own = [i for (y, _), i in first.items() if y == label]
        other = [rows[i] for (y, _), i in first.items() if y != label]
        found[label] = Side(name, _modulo(own, rows, other))
    return found


def _integers(x: Sequence[Exact], bias: bool) -> Row:
    """A positive multiple of x~ with integer entries without a common factor."""
    values = [v for v in x if isinstance(v, fmpq)]
    require(len(values) == len(x), WHERE, f"{CONDITION}: {IRRATIONAL}")
    scale = lcm(*(int(v.q) for v in values))
    integers = [int((v * scale).p) for v in values] + ([scale] if bias else [])
    common = gcd(*integers) or 1
    return tuple(v // common for v in integers)


def _modulo(own: Sequence[int], rows: Sequence[Row], other: Sequence[Row]) -> dict[int, Row]:
    if not own:
        return {}
    vectors = _matrix([rows[i] for i in own])
    if other:
        kernel, nullity = _matrix(other).nullspace()
        basis = [tuple(row)[:nullity] for row in kernel.tolist()]
        vectors = vectors * _matrix(basis)
    return {i: tuple(map(int, row)) for i, row in zip(own, vectors.tolist(), strict=True)}


def _matrix(rows: Sequence[Sequence[Any]]) -> fmpz_mat:
    return fmpz_mat(len(rows), len(rows[0]), [v for row in rows for v in row])


# -- the certificate ---------------------------------------------------------------------------------------------------


def require_partition(side: Side, value: object, k: int, where: str) -> int:
    """{"sets", "exits": [[x, set]], "steps": [[x, y], ...]}: k rank(S) > |S| for all non-empty S, by the lemma.

    A step leads to a y that an exit or an earlier step has left. Returns the number of sets, for which the same holds.
    """
    node = fields.node(value, where)
    fields.only(node, {"sets", "exits", "steps"}, where)
    sets = [[_element(side, x, where) for x in fields.items(s, where)] for s in fields.items(node["sets"], where)]
    require(len(sets) <= k, where, f"{len(sets)} sets, expected at most {k}")
    home = {x: j for j, members in enumerate(sets) for x in members}
    once = sum(map(len, sets)) == len(home) == len(side.vectors)
    require(once, where, f"expected each of the {len(side.vectors)} {side.name} elements once")
    for j, members in enumerate(sets):
        require(side.independent(members), where, f"set {j} is not independent modulo the other span")
    out: set[int] = set()
    for pair in fields.items(node["exits"], where):
        x, target = _pair(side, pair, where)
        j = fields.integer(target, where, 0, len(sets) - 1)
        require(x not in out and home[x] != j, where, f"no exit from {x} to set {j} is possible")
        require(side.independent([*sets[j], x]), where, f"set {j} with {x} is not independent")
        out.add(x)
    for pair in fields.items(node["steps"], where):
        x, target = _pair(side, pair, where)
        y = _element(side, target, where)
        require(x not in out and y in out, where, f"the step from {x} to {y} does not lead out")
        require(home[x] != home[y], where, f"{x} and {y} are in one set")
        changed = [z for z in sets[home[y]] if z != y]
        require(side.independent([*changed, x]), where, f"{x} cannot take the place of {y}")
        out.add(x)
    require(len(out) == len(home), where, "an element has no way out")
    return len(sets)


def _pair(side: Side, value: object, where: str) -> tuple[int, object]:
    x, other = fields.items(value, where, 2)
    return _element(side, x, where), other


def _element(side: Side, value: object, where: str) -> int:
    if type(value) is not int or value not in side.vectors:
        raise Rejected(where, f"expected the first sample of a {side.name} input, got {value!r:.40}")
    return value


def _require_both(found: Mapping[int, Side], node: fields.Node, k: int, where: str) -> int:
    """(B) holds for this k; returns a number of sets for which it holds already."""
    return max(require_partition(side, node[side.name], k, f"{where}.{side.name}") for side in found.values())


def shown(case: Case, node: fields.Node) -> Hypothesis:
    """(B) holds; the node carries {"positive": partition, "negative": partition}."""
    fields.only(node, set(CLASSES.values()), WHERE)
    least = _require_both(sides(case), node, width_half(case), WHERE)
    why = f"it holds for every width >= {2 * least - 1}, by partitions into independent sets"
    return Hypothesis(CONDITION, True, f"{why}; the width is {case.parts[0].hidden[0]}")


def applies(case: Case, node: fields.Node) -> list[Hypothesis]:
    """All hypotheses hold; the node carries the partitions."""
    found = structural(case)
    hypothesis.require_all(found, WHERE)
    return [*found, shown(case, node)]


def fails(case: Case, node: fields.Node) -> Hypothesis:
    """The hypothesis named in the node certainly fails.

    For (B) the node carries "label" and "samples", a set S with k rank(S) <= |S|; and as "wider" null, if rank(S) = 0,
    else partitions that show (B) for the smallest k that S allows, from which the smallest sufficient width follows.
    With irrational inputs S is one sample, of rank 0 because the other class has the same input, or with k = 1.
    """
    name = node.get("hypothesis")
    if name != CONDITION:
        fields.only(node, {"hypothesis"}, WHERE)
        return hypothesis.named_failure(structural(case), name, WHERE)
    fields.only(node, {"hypothesis", "label", "samples", "wider"}, WHERE)
    return Hypothesis(CONDITION, False, _violated(case, node))


def _violated(case: Case, node: fields.Node) -> str:
    if case.labels is not None and not all(isinstance(v, fmpq) for x in case.inputs for v in x):
        return _violated_by_one(case, case.labels, node)
    found = sides(case)
    label = fields.integer(node["label"], f"{WHERE}.label", -1, 1)
    require(label != 0, f"{WHERE}.label", "expected 1 or -1, got 0")
    side = found[label]
    members = [_element(side, x, f"{WHERE}.samples") for x in fields.items(node["samples"], f"{WHERE}.samples")]
    require(0 < len(members) == len(set(members)), f"{WHERE}.samples", "expected a non-empty set")
    rank, size, k = side.rank(members), len(members), width_half(case)
    require(k * rank <= size, WHERE, f"{k} times the rank {rank} is more than {size}: no violation")
    which = hypothesis.samples(members)
    if rank == 0:
        require(node["wider"] is None, f"{WHERE}.wider", "expected null: no width is enough")
        verb = "lies" if size == 1 else "lie"
        return f"{which} {verb} in the span of the other class{_twin(case, members[0])}, so no width is enough"
    enough = size // rank + 1
    wider = fields.node(node["wider"], f"{WHERE}.wider")
    fields.only(wider, set(CLASSES.values()), f"{WHERE}.wider")
    _require_both(found, wider, enough, f"{WHERE}.wider")
    inputs = f"the {size} {side.name} inputs of {which} have" if size > 1 else f"the {side.name} input of {which} has"
    needs = f"needs width {2 * enough - 1}, has {case.parts[0].hidden[0]}"
    return f"{needs}: {inputs} rank {rank} modulo the span of the other class, and {k} * {rank} <= {size}"


def _violated_by_one(case: Case, labels: Sequence[int], node: fields.Node) -> str:
    """No ranks are computed: one sample has rank 0 if it has a twin of the other class, and at most 1 in any case."""
    members = fields.items(node["samples"], f"{WHERE}.samples", 1)
    i = fields.integer(members[0], f"{WHERE}.samples", 0, len(labels) - 1)
    require(type(node["label"]) is int and node["label"] == labels[i], f"{WHERE}.label", "it is not the sample's")
    require(node["wider"] is None, f"{WHERE}.wider", "expected null: ranks of irrational inputs are not computed")
    twin = _twin(case, i)
    if twin:
        return f"sample {i} lies in the span of the other class{twin}, so no width is enough"
    require(width_half(case) == 1, WHERE, f"{CONDITION}: {IRRATIONAL}")
    return f"needs width 3 or more, has {case.parts[0].hidden[0]}: the rank 1 of one sample is not more than 1"


def _twin(case: Case, i: int) -> str:
    """Whether a sample of the other class has the same input."""
    assert case.labels is not None
    for j, (x, y) in enumerate(zip(case.inputs, case.labels, strict=True)):
        if x == case.inputs[i] and y != case.labels[i]:
            return f" (sample {j} has the same input)"
    return ""
