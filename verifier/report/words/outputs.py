"""Words for the rules that bound L below by a linear function of the outputs: convex, output-subspace, dual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import fmpq

from verifier.checker import fields, number
from verifier.checker.analysis import Analysis
from verifier.checker.facts import activation_facts
from verifier.checker.number import Exact
from verifier.checker.rules.dual import UnitView, directional
from verifier.checker.span import hidden_spans, output_span
from verifier.checker.state import Unit, is_constant
from verifier.checker.subgradient import moved, subgradients
from verifier.report.document import Block, Bullets, Display, Paragraph, Step, Table
from verifier.report.text import Plain, Text, as_text, joined, say, vector
from verifier.report.words.context import MANY, Context, polynomial, samples_text, unit_name
from verifier.report.words.definite import weighted_definite

SHOWN = 6  # vectors of a span that a table shows
Vector = Sequence[Exact]

IDENTITIES = {
    "polynomial": (
        "σ is one polynomial on all of R, so for all parameters the outputs are combinations of products of the inputs"
    ),
    "equal": (
        "the output is a function of the input: samples with equal inputs have equal outputs, whatever the parameters"
    ),
    "even": "σ is even and there is no hidden bias, so $f(x) = f(-x)$ for all parameters",
    "mirror": (
        "$σ(z) + σ(-z)$ is constant and there is no hidden bias, so $f(x) + f(-x)$ is one number for all $x$, whatever "
        "the parameters"
    ),
}


def convex(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """Near the point the outputs lie in a fixed space, orthogonal to a subgradient."""
    return _steps(context, node, "near θ∗")


def output_subspace(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """The same for all parameters."""
    return _steps(context, node, "for all θ")


def dual(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """Part by part, and unit by unit."""
    return _steps(context, node, "near θ∗")


def _steps(context: Context, node: fields.Node, where: str) -> tuple[Step, ...]:
    analysis, everywhere = context.analysis, where == "for all θ"
    g = subgradients(analysis, node["subgradients"], everywhere, "report")
    steps = [_bound_step(analysis, node["subgradients"], g, where)]
    if not moved(g):
        steps.append(_nothing_left(where))
        return tuple(steps)
    for part, entry in enumerate(node["parts"]):
        if entry["by"] == "units":
            steps += _by_units(analysis, part, g, entry)
        else:
            steps.append(_by_identity(analysis, part, g, entry["by"]))
    return (*steps, _conclusion(where, everywhere))


# -- the linear lower bound --------------------------------------------------------------------------------------------


def _bound_step(analysis: Analysis, given: Any, g: Sequence[Exact], where: str) -> Step:
    argument = "$z_i = -y_i f(x_i)$" if analysis.case.labels is not None else "$f(x_i)$"
    factor = "$g_i = -(m_i/N) y_i μ_i$" if analysis.case.labels is not None else "$g_i = (m_i/N) μ_i$"
    chosen = " Where ℓ has a kink, the certificate chooses $μ_i$ between the two one-sided slopes." if given else ""
    blocks: list[Block] = [
        Paragraph(
            say(
                f"Each sample's loss is convex in its argument {argument}, so it lies above its tangents: with $μ_i$"
                f" the slope of the loss there, and {factor},"
            )
        ),
        Display(say(f"$L(θ) ≥ L(θ∗) + Σ_i g_i (f(x_i; θ) - f(x_i; θ∗))$ {where.replace('θ∗', '$θ∗$')}.")),
        Paragraph(say(f"The numbers are:{chosen}")),
        _subgradient_table(analysis, given, g),
    ]
    if not all(number.is_zero(rate) for rate in analysis.decay_rates):
        blocks.append(
            Paragraph(say("The parameters that carry a decay are 0 at the point, where the penalty is least."))
        )
    return Step(say("A linear lower bound"), tuple(blocks))


def _subgradient_table(analysis: Analysis, given: Any, g: Sequence[Exact]) -> Table:
    case = analysis.case
    labels = case.labels is not None
    counted = any(m != 1 for m in case.multiplicity)
    header = [say("sample"), say("$y_i$" if labels else "$t_i$"), say("$f(x_i)$")]
    header += [say("$m_i$")] if counted else []
    header += [say("$z_i$")] if labels else []
    header += [say("slope $μ_i$"), say("$g_i$")]
    rows = []
    for i in analysis.samples:
        left, right = analysis.one_sided_slopes(i)
        outcome: Exact | int = case.labels[i] if case.labels is not None else case.targets[i]  # type: ignore[index]
        row = [as_text(i), as_text(outcome), as_text(analysis.outputs[i])]
        row += [as_text(case.multiplicity[i])] if counted else []
        row += [as_text(analysis.arguments[i])] if labels else []
        slope = as_text(left)
        if str(i) in given:
            mu = fields.exact(given[str(i)], "report")
            slope = say("{mu} in [{left}, {right}]", mu=mu, left=left, right=right)
        rows.append((*row, slope, as_text(g[i])))
    return Table(tuple(header), tuple(rows))


def _nothing_left(where: str) -> Step:
    words = "All $g_i$ are 0: the outputs minimise each sample's loss, and the bound reads $L(θ) ≥ L(θ∗)$"
    return Step(say("Nothing is left to show"), (Paragraph(say(f"{words} {where.replace('θ∗', '$θ∗$')}.")),))


def _conclusion(where: str, everywhere: bool) -> Step:
    kind = "a global minimum" if everywhere else "a local minimum"
    words = f"Together: $L(θ) ≥ L(θ∗)$ {where.replace('θ∗', '$θ∗$').replace('all θ', 'all $θ$')}, so $θ∗$ is {kind}. ∎"
    return Step(say("Conclusion"), (Paragraph(say(words)),))


# -- a part by an identity ---------------------------------------------------------------------------------------------


def _by_identity(analysis: Analysis, part: int, g: list[Exact], identity: str) -> Step:
    samples = moved(g)
    vectors = _distinct(output_span(analysis, part, samples, identity, "report"))
    if identity == "pattern":
        first: list[Block] = [
            Paragraph(
                say(
                    "Near $θ∗$ every unit stays, on every sample with $g_i ≠ 0$, where it equals one polynomial of its "
                    "pre-activation (pre-activations are continuous, and the intervals are open):"
                )
            ),
            Bullets(_patterns(analysis, part, samples)),
            Paragraph(
                say("So the outputs near $θ∗$ are combinations of the vectors below, one entry for each sample.")
            ),
        ]
    else:
        first = [Paragraph(say(f"Here {IDENTITIES[identity]}. The outputs are combinations of the vectors below."))]
    title = say("The outputs can only move where the bound does not see them")
    if len(analysis.case.parts) > 1:
        title = say(
            "The {name} part can only move where the bound does not see it", name=analysis.case.parts[part].name
        )
    return Step(title, (*first, *_orthogonality(g, samples, vectors)))


def _distinct(vectors: Sequence[tuple[Exact, ...]]) -> list[tuple[Exact, ...]]:
    return [v for v in dict.fromkeys(vectors) if not all(number.is_zero(c) for c in v)]


def _orthogonality(g: Sequence[Exact], samples: Sequence[int], vectors: Sequence[Vector]) -> tuple[Block, ...]:
    """The table of g and the vectors, with the sums below."""
    if not vectors:
        return (Paragraph(say("There is none but 0: the outputs on these samples do not move at all.")),)
    shown = vectors[:SHOWN]
    header = (say("sample"), say("$g_i$"), *(say("$v^{{k}}_i$", k=k + 1) for k in range(len(shown))))
    rows = [(as_text(i), as_text(g[i]), *(as_text(v[n]) for v in shown)) for n, i in enumerate(samples)]
    rows.append((say("$Σ g_i v_i$"), (), *(as_text(_product(g, samples, v)) for v in shown)))
    more = "" if len(shown) == len(vectors) else f" The table shows {SHOWN} of {len(vectors)}; the others are the same."
    words = "Every one of them has $Σ g_i v_i = 0$, exactly, so the sum in the bound does not change."
    return Table(header, tuple(rows)), Paragraph(say(words + more))


def _product(g: Sequence[Exact], samples: Sequence[int], v: Vector) -> Exact:
    total: Exact = fmpq(0)
    for i, c in zip(samples, v, strict=True):
        total = total + g[i] * c
    return total


def _patterns(analysis: Analysis, part: int, samples: Sequence[int]) -> tuple[Text, ...]:
    architecture = analysis.case.parts[part]
    units = [(part, layer, j) for layer, width in enumerate(architecture.hidden) for j in range(width)]
    items = [_pattern(analysis, unit, samples) for unit in units[:MANY]]
    if len(units) > MANY:
        items.append(say("and so on for {n} more units", n=len(units) - MANY))
    return tuple(items)


def _pattern(analysis: Analysis, unit: Unit, samples: Sequence[int]) -> Text:
    groups: dict[tuple[Exact, ...] | None, list[int]] = {}
    for i in samples:
        groups.setdefault(analysis.local(unit, i), []).append(i)
    parts = []
    for local, members in groups.items():
        what = say("a function of the input only") if local is None else polynomial(local)
        kind = say("constantly ") if is_constant(local) else ()
        parts.append((*kind, *what, Plain(" on "), *samples_text(members)))
    return (Plain(unit_name(analysis.case, unit)), Plain(": "), *joined(parts, "; "))


# -- a part unit by unit -----------------------------------------------------------------------------------------------


def _by_units(analysis: Analysis, part: int, g: list[Exact], entry: fields.Node) -> list[Step]:
    samples = moved(g)
    ones = (fmpq(1),) * len(samples)
    split = "$Σ g_i f(x_i) = (Σ g_i) a_0 + Σ_j a_j φ(w_j)$, where $φ(w) = Σ_i g_i σ(w·x̃_i)$."
    if not analysis.case.parts[part].output_bias:
        split = "$Σ g_i f(x_i) = Σ_j a_j φ(w_j)$, where $φ(w) = Σ_i g_i σ(w·x̃_i)$."
    blocks: list[Block] = [
        Paragraph(say("This part has one hidden layer, so the sum in the bound falls apart into its units:")),
        Display(say(split)),
    ]
    if analysis.case.parts[part].output_bias:
        total = _product(g, samples, ones)
        blocks.append(Paragraph(say("The first term does not move, since $Σ g_i$ = {total}.", total=total)))
    words = (
        "It remains to show for each unit that $a φ(w)$, as a function of both $a$ and $w$, has a local minimum with "
        "value "
    )
    blocks.append(Paragraph(say(words + "0 at $(a_j, w_j)$.")))
    steps = [Step(say("The bound falls apart into units"), tuple(blocks))]
    spans = hidden_spans(analysis, part, samples, "pattern") if _any_flat(entry) else []
    for j, data in enumerate(entry["units"]):
        unit = UnitView(analysis, (part, 0, j), g, samples, "report")
        name = unit_name(analysis.case, unit.unit)
        if data["shape"] == "flat":
            body = _flat(unit, spans[j])
        else:
            body = _definite(unit, data) if data["shape"] == "definite" else _kink(unit, data)
        title = {"flat": "φ vanishes near it", "definite": "a strict minimum", "kink": "a kink"}[data["shape"]]
        steps.append(Step(say("{name}: {title}", name=name.capitalize(), title=title), body))
    return steps


def _any_flat(entry: fields.Node) -> bool:
    return any(data["shape"] == "flat" for data in entry["units"])


def _flat(unit: UnitView, span: Sequence[tuple[Exact, ...]]) -> tuple[Block, ...]:
    pattern = _pattern(unit.analysis, unit.unit, unit.samples)
    words = (
        "Near its weights the unit is, of its pre-activation $z$: {pattern}. Its outputs are combinations of the "
        "vectors:"
    )
    return (Paragraph(say(words, pattern=pattern)), *_orthogonality(unit.g, unit.samples, _distinct(span)))


def _definite(unit: UnitView, data: fields.Node) -> tuple[Block, ...]:
    analysis, (part, _, j) = unit.analysis, unit.unit
    a = analysis.theta[part].a[j]
    exponential = activation_facts(analysis.case.parts[part].spec).exponential.holds is True
    weights: list[Exact] = []
    for i in unit.samples:
        germ = None if is_constant(analysis.local(unit.unit, i)) else analysis.unit_germ(unit.unit, i, 2)
        weights.append(fmpq(0) if germ is None else unit.sign * 2 * unit.g[i] * germ[2])  # type: ignore[arg-type]
    features = [analysis.case.inputs[i] for i in unit.samples] if exponential else unit.features()
    unseen = [fields.vector(v, "report", len(features[0])) for v in data["unseen"]]
    rows = tuple(
        (as_text(i), as_text(unit.g[i]), as_text(analysis.pre_activation(unit.unit, i)), as_text(w))
        for i, w in zip(unit.samples, weights, strict=True)
    )
    header = (say("sample"), say("$g_i$"), say("$w_j·x̃_i$"), say("$sign(a_j) g_i σ''(w_j·x̃_i)$"))
    blocks: list[Block] = [
        Paragraph(say("$a_{j}$ = {a} is not 0, $φ(w_{j}) = 0$ and $∇φ(w_{j}) = 0$, both exactly.", j=j + 1, a=a)),
    ]
    if exponential:
        blocks.append(Paragraph(say("σ = exp has $φ(w, b) = exp(b) ψ(w)$, so it is enough to look at $ψ$ and at $w$.")))
    blocks.append(Table(header, rows))
    extra = ""
    if unseen:
        extra = " + Σ v vᵀ"
        listed = joined([vector(v) for v in unseen], "; ")
        blocks.append(
            Paragraph(
                say(
                    "The directions $v$ = {v} change no pre-activation that matters: φ is constant along them.",
                    v=listed,
                )
            )
        )
    blocks.append(Paragraph(say(f"The matrix $sign(a_j) Σ g_i σ''(w_j·x̃_i) x̃_i x̃_iᵀ{extra}$ is positive definite:")))
    blocks += weighted_definite(features, weights, unseen, data["witness"], data["bits"])
    blocks.append(
        Paragraph(say("So $sign(a_j) φ ≥ 0$ near $w_j$, and $a φ(w) ≥ 0$ for every $a$ of the same sign as $a_j$."))
    )
    return tuple(blocks)


def _kink(unit: UnitView, data: fields.Node) -> tuple[Block, ...]:
    part, _, j = unit.unit
    a = unit.analysis.theta[part].a[j]
    slope, kinks = directional(unit)
    words = (
        "$a_{j}$ = {a} is not 0 and $φ(w_{j}) = 0$. Near $w_{j}$ φ is piecewise affine, and the slope of $a_{j} φ$ in "
        "direction $d$ is $|a_{j}|$ times"
    )
    blocks: list[Block] = [
        Paragraph(say(words, j=j + 1, a=a)),
        Display(say("$D(d) = V·d + Σ_k G_k |X_k·d|$ with $V$ = {v},", v=vector(slope))),
    ]
    if "multipliers" in data:
        given = fields.vector(data["multipliers"], "report", len(kinks))
        rows = tuple(
            (as_text(k + 1), vector(x), as_text(bend), as_text(m))
            for k, ((x, bend), m) in enumerate(zip(kinks, given, strict=True))
        )
        blocks.append(Table((say("$k$"), say("$X_k$"), say("$G_k$"), say("$m_k$")), rows))
        words = (
            "All $G_k ≥ 0$, all $|m_k| ≤ 1$, and $V = -Σ m_k G_k X_k$ exactly, so $D(d) = Σ G_k (|X_k·d| - m_k X_k·d) "
            "≥ 0$ for every $d$."
        )
        blocks.append(Paragraph(say(words)))
        return tuple(blocks)
    lines = tuple((as_text(k + 1), vector(x), as_text(bend)) for k, (x, bend) in enumerate(kinks))
    blocks.append(Table((say("$k$"), say("$X_k$"), say("$G_k$")), lines))
    words = (
        "For each choice of signs $s$ the certificate has $m_k ≥ 0$ with $V + Σ s_k G_k X_k = Σ m_k s_k X_k$; on the "
        "cone where all $s_k X_k·d ≥ 0$ this is $D(d)$, a sum of products of numbers that are not negative."
    )
    blocks.append(Paragraph(say(words)))
    blocks.append(_cells(data["cells"], len(kinks)))
    return tuple(blocks)


def _cells(cells: Sequence[Any], count: int) -> Table:
    from itertools import product

    rows = []
    for signs, cell in zip(product((1, -1), repeat=count), cells, strict=True):
        marks = " ".join("+" if s > 0 else "−" for s in signs)
        rows.append((say("{marks}", marks=marks), vector(fields.vector(cell, "report", count))))
    return Table((say("signs $s$"), say("$m$")), tuple(rows))
