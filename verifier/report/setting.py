"""The network, the loss and the data of a case in words and formulas."""

from __future__ import annotations

from verifier.checker import number
from verifier.checker.case import Architecture, Case, Spec
from verifier.checker.library import ACTIVATION_DEFAULTS, ACTIVATIONS, LOSSES, TARGET_LOSSES
from verifier.checker.network import parameter_count
from verifier.report.document import Block, Bullets, Display, Paragraph, Table
from verifier.report.text import Quoted, Text, as_text, say


def notation_blocks(case: Case) -> tuple[Block, ...]:
    """What the letters of the proofs mean."""
    outcome = "its label $y_i$ (1 or -1)" if case.labels is not None else "its target $t_i$"
    items: list[Text] = [
        say(
            f"$x_i$ is the input of sample $i$, counted from 0, with {outcome}, and counts $m_i$ times; $N = Σ m_i$ ="
            " {n};",
            n=case.total,
        ),
        say(
            "$x̃_i = (x_i, 1)$ where hidden units have a bias, else $x̃_i = x_i$; with it $w_j$ includes the bias"
            " $b_j$;"
        ),
        say(
            "units are counted from 1, since $a_0$ is the bias of the output; $θ$ is the vector of all {p} parameters,"
            " $θ∗$ the point;",
            p=parameter_count(case),
        ),
    ]
    if case.labels is not None:
        items.append(say("$z_i = -y_i f(x_i)$: sample $i$ is on the right side if $z_i < 0$; $λ_i = ℓ'(z_i)$."))
    return (Bullets(tuple(items)),)


def network_blocks(case: Case) -> tuple[Block, ...]:
    """The formula of the net, its activation, the loss."""
    blocks: list[Block] = []
    for n, part in enumerate(case.parts):
        lead = "The net has" if n == 0 else "Added to it is"
        blocks.append(Paragraph(say(f"{lead} {_part_words(part, n > 0)}:")))
        blocks.append(Display(say(_part_formula(part))))
        if part.name != "exponential":
            blocks.append(
                Paragraph((*say("with the activation $σ(z)$ = "), *_function(part.spec, ACTIVATIONS), *say(".")))
            )
    argument = "$ℓ(-y_i f(x_i))$" if case.labels is not None else "$ℓ(f(x_i), t_i)$"
    table = LOSSES if case.labels is not None else TARGET_LOSSES
    variable = "$ℓ(z)$" if case.labels is not None else "$ℓ(f, t)$"
    blocks.append(Paragraph(say("The loss is the mean over the samples")))
    decay = ""
    if not number.is_zero(case.weight_decay):
        decay = " + (r/2) ‖θ‖²"
    if case.parts[-1].name == "exponential":
        decay += " + (μ/2) (a^{E})²"
    inner = argument.strip("$")
    blocks.append(Display(say(f"$L(θ) = (1/N) Σ m_i {inner}{decay}$")))
    tail: Text = say(".")
    if not number.is_zero(case.weight_decay):
        tail = (*say(", and the weight decay is $r$ = {r}", r=case.weight_decay), *tail)
    if case.parts[-1].name == "exponential":
        tail = (*say(", and the decay of the exponential unit is $μ$ = {m}", m=case.exponential_decay), *tail)
    blocks.append(Paragraph((*say(f"with {variable} = "), *_function(case.loss_spec, table), *tail)))
    return tuple(blocks)


def _part_words(part: Architecture, added: bool) -> str:
    if part.name == "exponential":
        return "one exponential unit"
    sizes = " and ".join(str(h) for h in part.hidden)
    layers = f"one hidden layer of {sizes} unit{'' if part.hidden == (1,) else 's'}"
    if part.depth > 1:
        layers = (
            f"{part.depth} hidden layers of {', '.join(str(h) for h in part.hidden[:-1])} and {part.hidden[-1]} units"
        )
    return f"a net with {layers}" if added else layers


def _part_formula(part: Architecture) -> str:
    if part.name == "exponential":
        return "$f_E(x) = a^{E} exp(w^{E}·x + b^{E})$"
    name = {"main": "f", "deep": "f_D"}[part.name]
    head = "a_0 + " if part.output_bias else ""
    if part.depth == 1:
        bias = " + b_j" if part.hidden_bias else ""
        return f"${name}(x) = {head}Σ_j a_j σ(w_j·x{bias})$"
    bias = " + b_l" if part.hidden_bias else ""
    return f"$h_0 = x, h_l = σ(W_l h_{{l-1}}{bias}), {name}(x) = {head}a·h_{{{part.depth}}}$"


def _function(spec: Spec, table: object) -> Text:
    """The formula of a function, and its name if it has one."""
    assert isinstance(table, dict)
    if "expr" in spec:
        return (Quoted(str(spec["expr"])),)
    name = str(spec["name"])
    formula = table[name]
    values = {
        k: str(v) for k, v in {**ACTIVATION_DEFAULTS.get(name, {}), **spec}.items() if k not in ("name", "weight_decay")
    }
    where = "".join(f", {key} = {value}" for key, value in values.items())
    return (Quoted(formula), *say(" ({name}{where})", name=name, where=where))


def data_blocks(case: Case) -> tuple[Block, ...]:
    """All samples, exactly."""
    counted = any(m != 1 for m in case.multiplicity)
    header = [say("sample")] + [say("$x_{i,{k}}$", k=k + 1) for k in range(len(case.inputs[0]))]
    header += [say("$y_i$" if case.labels is not None else "$t_i$")] + ([say("$m_i$")] if counted else [])
    rows = []
    for i, x in enumerate(case.inputs):
        outcome = case.labels[i] if case.labels is not None else case.targets[i]  # type: ignore[index]
        row = [as_text(i), *(as_text(v) for v in x), as_text(outcome)]
        rows.append(tuple(row + ([as_text(case.multiplicity[i])] if counted else [])))
    return (Table(tuple(header), tuple(rows)),)


def function_key(spec: Spec) -> str:
    """A name for the index: that of a named function, the formula of another."""
    return number.shorten(str(spec["expr"])) if "expr" in spec else str(spec["name"])


def architecture_key(case: Case) -> str:
    """The kind of net and its sizes, for the index."""
    sizes = "-".join(str(h) for h in case.parts[0].hidden)
    extra = "".join(f" + {part.name}" for part in case.parts[1:])
    depth = case.parts[0].depth
    return f"{'1 hidden layer' if depth == 1 else f'{depth} hidden layers'} ({sizes}){extra}"
