"""Words for the theorems: what shows that one applies or that a hypothesis of it fails, and why that matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flint import fmpq

from verifier.checker import fields
from verifier.checker.number import Exact
from verifier.checker.theorems import separable, spans
from verifier.checker.theorems.separable import signed_rows
from verifier.checker.theorems.table import THEOREMS
from verifier.report.document import Block, Bullets, Display, Paragraph, Step, Table
from verifier.report.text import Text, as_text, say, typeset, vector
from verifier.report.words.context import Context, samples_text

TITLES: Mapping[str, tuple[str, str]] = {
    "A": ("linearly separable data", "theorem-a-linearly-separable-data"),
    "B": ("two classes that do not share their spans", "theorem-b-two-classes-that-do-not-share-their-spans"),
    "C": ("one exponential neuron added", "theorem-c-one-exponential-neuron-added"),
}


# -- a theorem applies -------------------------------------------------------------------------------------------------


def _separated(context: Context, node: fields.Node) -> Step:
    rows = signed_rows(context.case)
    v = fields.vector(node["separator"], "report", len(rows[0]))
    lines = tuple((as_text(i), as_text(_dot(row, v))) for i, row in enumerate(rows))
    blocks = (
        Paragraph(say("The certificate gives $v$ = {v}. For every sample the product is positive:", v=vector(v))),
        Table((say("sample"), say("$y_i v·x̃_i$")), lines),
    )
    return Step(say("A hyperplane separates the classes"), blocks)


def _partitioned(context: Context, node: fields.Node) -> Step:
    items: list[Text] = []
    for name in spans.CLASSES.values():
        side = node[name]
        for j, members in enumerate(side["sets"]):
            items.append(
                say("{name} set {j}: {which}", name=name, j=j + 1, which=samples_text(members) if members else "empty")
            )
        items += [
            say("{name}: {x} has an exit to set {j}", name=name, x=samples_text([x]), j=j + 1) for x, j in side["exits"]
        ]
        items += [
            say("{name}: {x} has a step to {y}", name=name, x=samples_text([x]), y=samples_text([y]))
            for x, y in side["steps"]
        ]
    words = (
        "Condition (B) asks that $k ρ(S) > |S|$ for every non-empty set $S$ of samples of one class, where $ρ(S)$ is "
        "the rank of its inputs modulo the span of the other class and $k$ = {k}. For each class the certificate "
        "splits the inputs into at most $k$ sets that are independent modulo the other span, and shows from each input "
        "a way out; by the lemma of the theory page this implies (B)."
    )
    return Step(say("Condition (B)"), (Paragraph(say(words, k=spans.width_half(context.case))), Bullets(tuple(items))))


DATA: Mapping[str, Callable[[Context, fields.Node], Step]] = {"A": _separated, "B": _partitioned}


def applies(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """Every hypothesis holds."""
    name = node["name"]
    items = tuple(say("{name}: {why}.", name=h["name"], why=typeset(h["why"])) for h in context.shown["hypotheses"])
    steps = [Step(say(f"Every hypothesis of theorem {name} holds"), (Bullets(items),))]
    if name in DATA:
        steps.append(DATA[name](context, node))
    conclusion = "So at every local minimum $ℓ'(z_i) = 0$ for all samples"
    if "no local minimum exists" in context.shown["established"]:
        conclusion += "; but $ℓ' > 0$ everywhere for this loss, so no local minimum exists at all. ∎"
    else:
        conclusion += ", and by the property of the loss every sample is on the right side: the training error is 0. ∎"
    return (*steps, Step(say("Conclusion"), (Paragraph(say(conclusion)),)))


# -- a hypothesis fails ------------------------------------------------------------------------------------------------


def fails(context: Context, nodes: list[fields.Node]) -> tuple[Step, ...]:
    """One hypothesis of each theorem in question is false."""
    steps = []
    for node in nodes:
        name, hypothesis = node["name"], node["hypothesis"]
        rest = {key: value for key, value in node.items() if key != "name"}
        why = THEOREMS[name].fails(context.case, rest).why
        blocks: list[Block] = [Paragraph(say("The hypothesis “{h}” is false: {why}.", h=hypothesis, why=typeset(why)))]
        blocks += FAILS_ON_DATA.get(hypothesis, _nothing)(context, node)
        steps.append(Step(say(f"Theorem {name} does not apply"), tuple(blocks)))
    return tuple(steps)


def _nothing(context: Context, node: fields.Node) -> list[Block]:
    return []


def _not_separated(context: Context, node: fields.Node) -> list[Block]:
    rows = signed_rows(context.case)
    t = fields.vector(node["weights"], "report", len(rows))
    labels = context.case.labels or ()
    lines = [
        (as_text(i), as_text(t[i]), as_text(labels[i]), vector(row))
        for i, row in enumerate(rows)
        if not (isinstance(t[i], fmpq) and t[i] == 0)
    ]
    sums: list[Exact] = [_dot([row[k] for row in rows], t) for k in range(len(rows[0]))]
    lines.append((say("$Σ t_i y_i x̃_i$"), (), (), vector(sums)))
    header = (say("sample"), say("$t_i$"), say("$y_i$"), say("$y_i x̃_i$"))
    return [
        Paragraph(say("The certificate gives weights $t_i ≥ 0$, not all 0:")),
        Table(header, tuple(lines)),
        Paragraph(
            say(
                "Every $v$ therefore has $Σ t_i (y_i v·x̃_i) = 0$, so these products are not all positive (Gordan's"
                " theorem)."
            )
        ),
    ]


def _shared_spans(context: Context, node: fields.Node) -> list[Block]:
    k, members, label = spans.width_half(context.case), node["samples"], spans.CLASSES[node["label"]]
    words = (
        "Take $S$ = {which}, all of the {label} class. (B) would need $k ρ(S) > |S|$ with $k$ = {k} and $|S|$ = {size}."
    )
    blocks: list[Block] = [Paragraph(say(words, which=samples_text(members), label=label, k=k, size=len(members)))]
    if all(isinstance(v, fmpq) for i in members for v in context.case.inputs[i]):
        side = spans.sides(context.case)[node["label"]]
        rank = side.rank(members)
        sentence = "The rank of their inputs modulo the span of the other class is {rank}, and"
        blocks.append(Paragraph(say(sentence, rank=rank)))
        blocks.append(
            Display(
                say(
                    "$k ρ(S)$ = {k} · {rank} = {product} ≤ {size} = $|S|$.",
                    k=k,
                    rank=rank,
                    product=k * rank,
                    size=len(members),
                )
            )
        )
    return blocks


FAILS_ON_DATA: Mapping[str, Callable[[Context, fields.Node], list[Block]]] = {
    separable.SEPARABLE: _not_separated,
    spans.CONDITION: _shared_spans,
}

# Why it matters that a hypothesis fails: where the proof of the theorem uses it, and what may happen without it.
MATTERS: Mapping[str, str] = {
    "labels": (
        "The theorems are about classification: with real targets there is no training error, and a slope of the loss"
        " may have either sign."
    ),
    "architecture": (
        "The proof moves the incoming weights of one hidden layer and sees the change in the output. With another layer"
        " above, units that are dead or affine on one side hide every such change."
    ),
    "increasing neuron": (
        "The proof of theorem A moves $w_j$ along the separating direction and gets a sum of terms of one sign, because"
        " every slope of σ is positive. Where σ is flat a unit is dead and nothing moves; where σ falls the terms may"
        " cancel."
    ),
    "strictly convex neuron": (
        "The proof of theorem B makes the second variation negative through $σ'' > 0$. Where σ is affine there is no "
        "second variation, and near the point the net is no better than a linear model."
    ),
    "loss": (
        "The proofs need $ℓ' ≥ 0$ with $ℓ'(z) = 0$ only for $z < 0$, and $ℓ$ of class $C¹$, for theorem B of class"
        " $C²$. A loss that punishes samples for being right by far, or that has a kink to rest on, can hold the"
        " weights where samples are wrong."
    ),
    "no weight decay": (
        "The proof moves parameters that have no influence on the outputs. With a decay such moves cost something, and"
        " the origin itself may be a minimum."
    ),
    separable.SEPARABLE: (
        "Without a separating direction there is no single move that improves all samples at once; few units may then"
        " be unable to do better locally."
    ),
    spans.CONDITION: (
        "The units do not leave the freedom that the proof needs to move samples of one class while those of the other"
        " stay where they are: there are too few units, or inputs lie in the span of the other class."
    ),
    "output bias": "The proof uses the derivative by the output bias to tie the two classes together.",
    "exponential neuron": (
        "Theorem C is about nets with an added unit $a·exp(w·x + b)$ whose weight $a$ carries a decay; there is none "
        "here."
    ),
    "one label per input": "Equal inputs with different labels cannot both be right, whatever the net.",
    "piecewise linear neuron": (
        "The conditions of a local minimum are linear on each sign pattern only if the neuron is linear on each side "
        "of 0."
    ),
    "defined everywhere": "Nothing is said of an expression that is not shown to be defined for all arguments.",
}


def _dot(x: list[Exact] | tuple[Exact, ...], y: list[Exact] | tuple[Exact, ...]) -> Exact:
    total: Exact = fmpq(0)
    for a, b in zip(x, y, strict=True):
        total = total + a * b
    return total
