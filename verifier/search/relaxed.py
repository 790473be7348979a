"""Cases in which one condition of a given case is another one: where a theorem says no, the neighbours may say yes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from flint import fmpq

from verifier.case.types import Case, FunctionSpec, Layered, Parameters

NEURONS = (
    FunctionSpec("relu"),
    FunctionSpec("leaky_relu", Parameters({"slope": fmpq(1, 100)})),
    FunctionSpec("quadratic"),
    FunctionSpec("sigmoid"),
    FunctionSpec("tanh"),
    FunctionSpec("softplus"),
)
LOSSES = (
    FunctionSpec("quadratic"),
    FunctionSpec("logistic"),
    FunctionSpec("exponential"),
    FunctionSpec("squared_hinge"),
    FunctionSpec("polynomial_hinge", Parameters({"p": fmpq(2)})),
    FunctionSpec("hinge"),
)


@dataclass(frozen=True)
class Relaxed:
    """A neighbouring case; `name` is short enough for a file name, `words` says what differs."""

    case: Case
    name: str
    words: str


def relaxed(case: Case, condition: str) -> Iterator[Relaxed]:
    """The neighbours of a case with labels that differ in "neuron", "loss", "architecture", "data" or "width"."""
    for changed, name, words in CONDITIONS[condition](replace(case, point=None, better=None, claims=())):
        yield Relaxed(replace(changed, title=f"{case.title}, {words}"), name, words)


Variants = Iterator[tuple[Case, str, str]]


def _neurons(case: Case) -> Variants:
    for spec in NEURONS:
        if spec != case.network.main.activation:
            main = replace(case.network.main, activation=spec)
            deep = case.network.deep and replace(case.network.deep, activation=spec)
            network = replace(case.network, main=main, deep=deep)
            yield replace(case, network=network), str(spec.name), f"neuron {_words(spec)}"


def _losses(case: Case) -> Variants:
    for spec in LOSSES:
        if spec != case.loss.function:
            yield replace(case, loss=replace(case.loss, function=spec)), str(spec.name), f"loss {_words(spec)}"


def _words(spec: FunctionSpec) -> str:
    extra = "".join(f" ({key} = {value})" for key, value in spec.parameters.items())
    return f"{spec.name}{extra}"


def _architectures(case: Case) -> Variants:
    """Other numbers of layers: a single one without parallel part, and one or two more without shortcut."""
    main = case.network.main
    width = main.hidden[0]
    for hidden in ((width,), (width, 2), (width, 2, 2)):
        kind = "single-layer" if len(hidden) == 1 else "feedforward"
        network = replace(case.network, kind=kind, main=replace(main, hidden=hidden), deep=None)
        if network != case.network:
            sizes = "-".join(map(str, hidden))
            yield replace(case, network=network), f"layers-{sizes}", f"hidden layers {sizes} without shortcut"


def _data(case: Case) -> Variants:
    """One label turned, of each sample in turn."""
    labels = case.data.labels
    assert labels is not None
    for i, label in enumerate(labels):
        turned = (*labels[:i], -label, *labels[i + 1 :])
        yield replace(case, data=replace(case.data, labels=turned)), f"label-{i}", f"the label of sample {i} turned"


def _widths(case: Case) -> Variants:
    """From one unit in the first layer to two more than there are."""
    main = case.network.main
    for width in range(1, main.hidden[0] + 3):
        if width != main.hidden[0]:
            changed: Layered = replace(main, hidden=(width, *main.hidden[1:]))
            network = replace(case.network, main=changed)
            yield replace(case, network=network), f"width-{width}", f"width {width}"


CONDITIONS: Mapping[str, Callable[[Case], Variants]] = {
    "neuron": _neurons,
    "loss": _losses,
    "architecture": _architectures,
    "data": _data,
    "width": _widths,
}
