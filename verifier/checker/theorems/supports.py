"""Every set of samples at which the loss could still have a slope at a local minimum, excluded by a decision tree.

Setting: labels, a layer of M units (perhaps in parallel with parts that share no parameter with it), no weight decay,
a loss with (l1): C^1, l' >= 0, l'(z) = 0 only for z < 0. Write X_i for (x_i, 1), or x_i without hidden biases. At a
local minimum let mu_i = m_i l'(z_i) >= 0 and S = {i : mu_i > 0}. A misclassified sample lies in S (z_i >= 0). Samples
of equal input and label lie in S together: they are one element here. Facts about S, for every unit j:

(balance) With an output bias: sum_i mu_i y_i = 0, so S, if not empty, contains both classes.
(slopes) The neuron increases: no v has y_i v.X_i >= 0 for all i in S and > 0 for one. Proof. If a_j != 0, the
    derivatives of L along v and -v in w_j are -(a_j/N) sum_i mu_i s_i y_i v.X_i and (a_j/N) sum_i mu_i s'_i y_i v.X_i
    with one-sided slopes s_i, s'_i > 0: both sums are > 0, so one derivative is < 0. If a_j = 0, w_j moves freely
    without changing L or mu, nearby points are local minima too, and dL/da_j = 0 there: sum_i mu_i y_i s(w.X_i) = 0
    for all w near w_j; its one-sided derivative along v is a sum as above, > 0.
(bends) The neuron is C^2 with s'' > 0 and a_j = 0: no matrix Q has y_i X_i'Q X_i >= 0 for all i in S and > 0 for one.
    Proof. Differentiate the last identity twice: sum_i mu_i y_i s''_i X_i X_i' = 0; the inner product with Q is > 0.
(ranks) The neuron is C^2 with s'' > 0, the loss C^2, and at least h units have a_j > 0: with S+ and S- the positive
    and negative members of S and W any space that contains X_i for i in S-, h * rank(S+ modulo W) <= |S+|. Proof. Move
    the rows of h such units by u_j orthogonal to W: outputs at S- do not move. The vectors (u.X_i), i in S+, form a
    space of dimension rank(S+ modulo W), so h of them have more freedom than the |S+| linear conditions df_i = 0 if
    the inequality fails, and there is a direction with df_i = 0 on S and some u_j.X_i != 0, i in S+. Outside S,
    l' = 0 is the least value of l', so l'' = 0, too. So dL = 0 and
    d2L = -(1/N) sum_{i in S+} mu_i sum_j a_j s''_ij (u_j.X_i)^2 < 0, the sum over the units that move.
    In the same way for h units with a_j < 0, with the classes exchanged.
(both) As before, at least h units have a_j > 0 and at least k have a_j < 0, W' contains X_i for i in S+, and there is
    an output bias: h * rank(S+ modulo W) + k * rank(S- modulo W') < |S|, if S is not empty. Proof. Move both kinds of
    rows, the second orthogonal to W', and a_0: df_i is a sum over the first and a_0 on S+, over the second and a_0 on
    S-. If the inequality fails, there is more freedom than the |S| conditions df_i = 0, and a solution in which no
    u_j.X_i changes has da_0 = 0, too. So some change, dL = 0, and d2L is the sum of both classes' terms above, < 0.

A node of the tree is judged for the sets S with I in S, S in I + U (I: inside, U: open; at the root all is open):
    {"split": i, "in": .., "out": ..}     the element i of U (named by its first sample) is in S or is not
    {"outgoing": h, "positive": .., "negative": .., "zero": ..}   once on a path: at least h units have a_j > 0, or at
                                          least M - h + 1 have a_j < 0, or some a_j = 0. One of them is true: else at
                                          most h - 1 + M - h = M - 1 of M numbers are not 0. With one more key,
                                          "both": at least h + 1 have a_j > 0, or at least M - h + 1 have a_j < 0, or
                                          h have a_j > 0 and M - h have a_j < 0, or some a_j = 0
    {"separator": v, "rest": ..}          (slopes) with y_i v.X_i >= 0 on I + U: the elements with > 0 are not in S;
                                          a leaf without "rest" if one of them is in I
    {"quadratic": Q, "rest": ..}          (bends) in the same way; below "zero" only
    {"by": "one-class"}                   (balance): I + U has one class
    {"by": "ranks"}                       (ranks) W = span of the negatives in I + U, and
                                          h * rank(I+ modulo W) > |I+ + U+|, which bounds both sides for every S; or
                                          the same with the classes exchanged; or (both) with the sums of both sides
    {"by": "empty"}                       I + U is empty: S is
A complete tree shows S to be empty at every local minimum: l'(z_i) = 0 and all samples are on the right side. No step
looks at the neuron, the loss or the multiplicities beyond the facts in brackets, and a tree for width M serves every
larger width: its bounds on numbers of units only become weaker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flint import fmpq, fmpq_mat

from verifier.checker import fields
from verifier.checker.case import Case
from verifier.checker.errors import Rejected, require
from verifier.checker.facts import activation_facts
from verifier.checker.number import spend, work
from verifier.checker.theorems import hypothesis
from verifier.checker.theorems.hypothesis import Hypothesis

WHERE = "supports"
MAX_NODES = 50_000
MAX_WORK = 100_000  # on ranks: a leaf is short, its rank may be long
Row = tuple[fmpq, ...]
SLOPES, BENDS, RANKS, BALANCE = "slopes", "bends", "ranks", "balance"


@dataclass(frozen=True)
class Element:
    """Samples of equal input and label: the index of the first, the label, and (x, 1) or x."""

    sample: int
    label: int
    row: Row


@dataclass(frozen=True)
class State:
    """What a node is about: samples (of elements) inside S, open ones, and what is known of the outgoing weights."""

    inside: frozenset[int]
    open: frozenset[int]
    outgoing: str | None = None  # "positive", "negative", "both" or "zero"
    positive: int = 0  # at least so many units have a_j > 0
    negative: int = 0  # at least so many have a_j < 0

    @property
    def possible(self) -> frozenset[int]:
        """I + U."""
        return self.inside | self.open


def elements(case: Case) -> dict[int, Element]:
    """The distinct (input, label), by their first samples; raises Rejected unless labelled and rational."""
    if case.labels is None:
        raise Rejected(WHERE, "needs labels")
    bias = (fmpq(1),) if case.parts[0].hidden_bias else ()
    first: dict[tuple[Row, int], Element] = {}
    for i, (x, y) in enumerate(zip(case.inputs, case.labels, strict=True)):
        row = tuple(v for v in x if isinstance(v, fmpq))
        require(len(row) == len(x), WHERE, "needs rational inputs")
        first.setdefault((row, y), Element(i, y, row + bias))
    return {element.sample: element for element in first.values()}


def facts_used(found: Mapping[int, Element], width: int, tree: object) -> frozenset[str]:
    """The facts that a complete tree rests on (SLOPES, BENDS, RANKS, BALANCE); raises Rejected if it is not one."""
    used: set[str] = set()
    todo: list[tuple[object, State]] = [(tree, State(frozenset(), frozenset(found)))]
    nodes = 0
    while todo:
        value, state = todo.pop()
        nodes += 1
        require(nodes <= MAX_NODES, WHERE, f"the tree has more than {MAX_NODES} nodes")
        todo += _children(found, width, fields.node(value, f"{WHERE}.tree"), state, used)
    return frozenset(used)


def _children(
    found: Mapping[int, Element], width: int, it: fields.Node, state: State, used: set[str]
) -> list[tuple[object, State]]:
    if "split" in it:
        return _split(it, state)
    if "outgoing" in it:
        return _outgoing(it, state, width)
    if "separator" in it:
        used.add(SLOPES)
        return _eliminated(it, state, _margins(found, it["separator"]), "separator")
    if "quadratic" in it:
        require(state.outgoing == "zero", WHERE, 'a quadratic stands below "zero" only')
        used.add(BENDS)
        return _eliminated(it, state, _quadratic_margins(found, it["quadratic"]), "quadratic")
    _keys(it, {"by"})
    used |= _leaf(found, it["by"], state)
    return []


def _keys(it: fields.Node, keys: set[str]) -> None:
    require(set(it) == keys, WHERE, f"expected a node with {', '.join(sorted(keys))}")


def _split(it: fields.Node, state: State) -> list[tuple[object, State]]:
    _keys(it, {"split", "in", "out"})
    i = it["split"]
    require(type(i) is int and i in state.open, WHERE, f"{i!r:.40} is not an open element")
    rest = state.open - {i}
    return [
        (it["in"], replace(state, inside=state.inside | {i}, open=rest)),
        (it["out"], replace(state, open=rest)),
    ]


def _outgoing(it: fields.Node, state: State, width: int) -> list[tuple[object, State]]:
    exact = {"both"} & set(it)
    _keys(it, {"outgoing", "positive", "negative", "zero"} | exact)
    require(state.outgoing is None, WHERE, "the outgoing weights are known here")
    h = fields.integer(it["outgoing"], f"{WHERE}.outgoing", 1, width - len(exact))
    return [(it[known.outgoing], known) for known in signs(state, width, h, bool(exact)) if known.outgoing is not None]


def signs(state: State, width: int, h: int, exact: bool) -> list[State]:
    """The cases of a node "outgoing"; one of them is true."""
    found = [
        replace(state, outgoing="positive", positive=h + 1 if exact else h),
        replace(state, outgoing="negative", negative=width - h + 1),
        replace(state, outgoing="zero"),
    ]
    return [*found, replace(state, outgoing="both", positive=h, negative=width - h)] if exact else found


def _eliminated(
    it: fields.Node, state: State, margins: Mapping[int, fmpq], name: str
) -> list[tuple[object, State]]:
    """Elements with a positive margin are not in S, provided that no possible one has a negative margin."""
    for i in state.possible:
        require(margins[i] >= 0, WHERE, f"the {name} is negative at sample {i}")
    out = frozenset(i for i in state.possible if margins[i] > 0)
    require(len(out) > 0, WHERE, f"the {name} is 0 at all possible samples")
    if out & state.inside:
        _keys(it, {name})
        return []
    _keys(it, {name, "rest"})
    return [(it["rest"], replace(state, open=state.open - out))]


def _margins(found: Mapping[int, Element], value: Any) -> dict[int, fmpq]:
    """y_i v.X_i"""
    size = len(next(iter(found.values())).row)
    v = _rationals(value, "separator", size)
    return {i: e.label * _dot(v, e.row) for i, e in found.items()}


def _quadratic_margins(found: Mapping[int, Element], value: Any) -> dict[int, fmpq]:
    """y_i X_i'Q X_i"""
    size = len(next(iter(found.values())).row)
    Q = [_rationals(row, "quadratic", size) for row in fields.items(value, f"{WHERE}.quadratic", size)]
    return {i: e.label * _dot([_dot(row, e.row) for row in Q], e.row) for i, e in found.items()}


def _rationals(value: Any, name: str, size: int) -> Row:
    given = fields.vector(value, f"{WHERE}.{name}", size)
    row = tuple(v for v in given if isinstance(v, fmpq))
    require(len(row) == size, f"{WHERE}.{name}", "expected rational numbers")
    return row


def _dot(x: Iterable[fmpq], y: Iterable[fmpq]) -> fmpq:
    total = fmpq(0)
    for a, b in zip(x, y, strict=True):
        total += a * b
    return total


def _leaf(found: Mapping[int, Element], by: object, state: State) -> set[str]:
    if by == "empty":
        require(not state.possible, WHERE, "a set of samples is left")
        return set()
    if by == "one-class":
        labels = {found[i].label for i in state.possible}
        require(len(labels) == 1, WHERE, f"{len(labels)} classes are left, not one")
        return {BALANCE}
    if by == "ranks":
        facts = rank_facts(found, state)
        require(facts is not None, WHERE, "the rank is too small for the number of samples")
        return set(facts or ())
    raise Rejected(WHERE, f"unknown leaf {by!r:.40}")


def rank_facts(found: Mapping[int, Element], state: State) -> frozenset[str] | None:
    """The facts by which ranks exclude every non-empty S of the state; None if they do not."""
    positive = _excess(found, state, 1, state.positive)
    negative = _excess(found, state, -1, state.negative)
    if positive > 0 or negative > 0:
        return frozenset({RANKS})
    return frozenset({RANKS, BALANCE}) if positive + negative + 1 > 0 else None


def _excess(found: Mapping[int, Element], state: State, label: int, units: int) -> int:
    """A lower bound, for every S of the state, of freedom minus conditions at the samples of one class."""
    others = [found[i].row for i in state.possible if found[i].label != label]
    own = [found[i].row for i in state.inside if found[i].label == label]
    most = sum(found[i].label == label for i in state.possible)
    return units * (rank([*others, *own]) - rank(others)) - most


def rank(rows: list[Row]) -> int:
    """The rank of a list of rows of equal length."""
    if not rows:
        return 0
    spend(1 + len(rows) * len(rows[0]) * min(len(rows), len(rows[0])) // 1_000)
    return int(fmpq_mat(len(rows), len(rows[0]), [v for row in rows for v in row]).rank())


# -- for a case --------------------------------------------------------------------------------------------------------


def hypotheses(case: Case, used: frozenset[str]) -> list[Hypothesis]:
    """What the facts used ask of the case, each with its verdict."""
    found = [hypothesis.labels(case), hypothesis.architecture(case)]
    neuron = activation_facts(case.parts[0].spec)
    if SLOPES in used:
        found.append(Hypothesis("increasing neuron", neuron.increasing.holds, neuron.increasing.why))
    if used & {BENDS, RANKS}:
        convex = neuron.strictly_convex
        found.append(Hypothesis("strictly convex neuron", convex.holds, convex.why))
    if BALANCE in used:
        has = case.parts[0].output_bias
        found.append(Hypothesis("output bias", has, "there is one" if has else "there is none"))
    found += hypothesis.c2_loss(case) if RANKS in used else hypothesis.c1_loss(case)
    return [*found, hypothesis.no_weight_decay(case)]


def excludes(case: Case, node: fields.Node) -> tuple[list[Hypothesis], str]:
    """The tree in the node is complete and the case has the facts that it uses: the hypotheses, and for which
    neurons, losses and widths the conclusion holds on these data. Raises Rejected.
    """
    _keys(node, {"tree"})
    width = case.parts[0].hidden[0]
    with work(MAX_WORK):
        used = facts_used(elements(case), width, node["tree"])
    found = hypotheses(case, used)
    hypothesis.require_all(found, WHERE)
    words = scope(used, width)
    return [*found, Hypothesis("no possible support", True, words)], words


def scope(used: frozenset[str], width: int) -> str:
    """For which neurons, losses and widths a complete tree that uses these facts proves its conclusion."""
    kinds = []
    if SLOPES in used:
        kinds.append("increases (all one-sided slopes > 0)")
    if used & {BENDS, RANKS}:
        kinds.append("is C^2 with s'' > 0")
    neurons = f"every neuron that {' and '.join(kinds)}" if kinds else "every neuron"
    smooth = "C^2" if RANKS in used else "C^1"
    widths = f"every width from {width} on" if RANKS in used else "every width"
    return (
        f"on these data this holds for {neurons}, every {smooth} loss with l' >= 0 and l'(z) = 0 only for z < 0, "
        f"without weight decay, all multiplicities and {widths}"
    )
