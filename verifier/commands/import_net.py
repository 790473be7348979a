"""`verify import WEIGHTS`: make a case file from the weights of a trained net and its samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.commands import SETTINGS
from verifier.commands.errors import complain
from verifier.output.wrap import wrapped
from verifier.results import ExitCode, Problem

if TYPE_CHECKING:
    from verifier.checker.number import Exact
    from verifier.interop import Net, Trained

TORCH = (".pt", ".pth")

EPILOG = """
Examples:

\b
  verify import net.npz --activation tanh --loss logistic -o net.toml
  verify import net.pt --data points.npz --activation ReLU \\
      --loss BCEWithLogitsLoss --weight-decay 0.01 -o net.toml
  verify net.toml

Arrays of an .npz file: X (inputs, a row each), y (labels) or t (targets),
a0, a, W, b, or W1, b1, W2, b2, ... for several hidden layers. The rows of W
are units, as in the weight of torch.nn.Linear.

Names of functions are those of case files or of PyTorch, perhaps with their
number: LeakyReLU(0.1), elu(1/2), polynomial_hinge(2).

\b
Exit code:
  0    the case file is written
  2    bad usage or bad input (a line on standard error)
  70   internal error     130   interrupted
"""


@click.command(epilog=EPILOG, context_settings=SETTINGS)
@click.argument("weights", metavar="WEIGHTS", type=click.Path())
@click.option("--data", type=click.Path(), metavar="FILE", help="Samples (.npz, .csv).  [default: WEIGHTS]")
@click.option("--activation", required=True, metavar="NAME", help="The activation of the hidden layers.")
@click.option("--loss", required=True, metavar="NAME", help="The loss; its mean over the samples was trained.")
@click.option(
    "--weight-decay", default="0", show_default=True, metavar="NUMBER", help="Of all parameters, biases included."
)
@click.option(
    "--near", default="1e-6", show_default=True, metavar="NUMBER", help="Claim a local minimum within this distance."
)
@click.option("--deep-activation", metavar="NAME", help="The activation of the arrays deep.* (shortcut net).")
@click.option("--exponential-decay", metavar="NUMBER", help="The decay of the arrays exponential.*.")
@click.option("--title", metavar="TEXT", help="The title of the case.  [default: the name of the file]")
@click.option("-o", "--output", required=True, metavar="CASE", type=click.Path(), help="The case file to write.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def command(
    weights: str,
    data: str | None,
    activation: str,
    loss: str,
    weight_decay: str,
    near: str,
    deep_activation: str | None,
    exponential_decay: str | None,
    title: str | None,
    output: str,
    force: bool,
) -> int:
    """Make a case file from a trained net: WEIGHTS is an .npz file, or a state_dict saved by PyTorch (.pt, .pth).

    The case claims that a true local minimum lies near the weights. Floats are kept as their exact binary values.
    Samples and weights are written beside the case file where they are many. No code in a file is executed.
    """
    from verifier.case import InputError
    from verifier.interop import Trained, read_samples, write_case
    from verifier.interop import loss as loss_of

    try:
        function = loss_of(loss)
        if data is None and weights.endswith(TORCH):
            raise InputError("", "--data", "expected a file of samples beside a file of PyTorch, got nothing")
        net = _net(weights, activation, deep_activation, exponential_decay)
        trained = Trained(
            net,
            read_samples(weights if data is None else data, function),
            function,
            Path(output).stem if title is None else title,
            _number(weight_decay, "--weight-decay"),
            _number(near, "--near"),
        )
        written = write_case(trained, output, force)
    except InputError as error:
        complain(Problem(error.path, error.key, error.message))
        return ExitCode.BAD_INPUT
    click.echo(_text(trained, written))
    return ExitCode.AS_EXPECTED


def _net(weights: str, activation: str, deep: str | None, decay: str | None) -> Net:
    from verifier.interop import activation as activation_of
    from verifier.interop import read_net

    main = activation_of(activation)
    if weights.endswith(TORCH):
        from verifier.interop.torch import from_state_dict, read_state_dict

        return from_state_dict(read_state_dict(weights), main, weights)
    below = None if deep is None else activation_of(deep, "--deep-activation")
    return read_net(weights, main, below, None if decay is None else _number(decay, "--exponential-decay"))


def _number(text: str, key: str) -> Exact:
    """The number of an option."""
    from verifier.case import InputError
    from verifier.case.errors import Refused
    from verifier.case.numbers import number

    try:
        return number(text, key)
    except Refused as problem:
        raise InputError("", key, problem.message) from None


def _text(trained: Trained, written: list[Path]) -> str:
    count = len(trained.samples.inputs)
    lines = [", ".join(str(path) for path in written)]
    rows = {
        "net": f"{trained.net.words}, {trained.net.size} parameters; {count} sample{'s' * (count != 1)}",
        **trained.mapping,
        "float64": _at_the_point(written[0]),
    }
    for subject, words in rows.items():
        first = f"  {subject:<13} "
        lines += wrapped(words, first, " " * len(first))
    return "\n".join(lines)


def _at_the_point(path: Path) -> str:
    """Loss, training error and gradient in float64: what a user can compare with the numbers of the trainer."""
    import numpy as np

    from verifier.arithmetic.convert import nearest_float
    from verifier.case import load
    from verifier.model.objective import Objective, flat_point, float_point

    case = load(path)
    assert case.point is not None
    with np.errstate(all="ignore"):
        here = Objective(case).at(float_point(flat_point(case.point)))
        theta, decay = here.theta.astype(np.float64), nearest_float(case.loss.weight_decay)
        words = f"loss {float(here.value):.9g}"
        if decay:
            words += f" ({float(here.value) - decay / 2 * float(theta @ theta):.9g} without weight decay)"
        if case.data.labels is not None:
            wrong = np.array(case.data.labels) * np.asarray(here.outputs, dtype=np.float64) <= 0
            counts = np.array(case.data.multiplicity, dtype=np.float64)
            words += f", training error {wrong @ counts:.0f}/{counts.sum():.0f}"
        steepest = np.abs(np.asarray(here.gradient(), dtype=np.float64)).max()
    return f"{words}, largest partial derivative {steepest:.1e}: compare them with the trainer's"
