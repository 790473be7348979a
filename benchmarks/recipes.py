"""The nets of cases/trained: what each is trained on, from which seed, and what is claimed of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Data:
    """Inputs (n x d) and outcomes (n): labels -1 and 1, or targets."""

    inputs: Array
    outcomes: Array
    labels: bool = True

    @property
    def dimension(self) -> int:
        """d."""
        return int(self.inputs.shape[1])


@dataclass(frozen=True)
class Recipe:
    """One case: how it is trained, and what is claimed.

    `strict` None and `error` False leave the claim without these keys; `moved` is added to every weight in the end;
    `deep` is activation and hidden layers of the part f_D of a shortcut net.
    """

    name: str
    title: str
    data: Data
    activation: str
    hidden: tuple[int, ...]
    loss: str
    decay: str
    seed: int
    scale: float = 1.0
    trainer: str = "bfgs-newton"
    near: str = "1e-6"
    strict: bool | None = True
    error: bool = True
    expect: str = "proved"
    notes: tuple[str, ...] = ()
    deep: tuple[str, tuple[int, ...]] | None = None
    moved: float = 0.0


# -- samples -----------------------------------------------------------------------------------------------------------


def _grid(values: Array) -> Array:
    """Rounded to multiples of 1/64, which are short in a file."""
    return np.asarray(np.round(values * 64) / 64)


def noisy(count: int) -> Data:
    """Two overlapping clouds in the plane, one for each class."""
    random = np.random.default_rng(1)
    labels = np.where(np.arange(count) % 2 == 0, 1, -1)
    return Data(_grid(random.normal(size=(count, 2)) * 0.9 + np.outer(labels, [0.6, 0.3])), labels)


def clusters(count: int) -> Data:
    """Four clouds at the corners of XOR, with two labels flipped."""
    random = np.random.default_rng(1)
    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])[np.arange(count) % 4]
    labels = -corners[:, 0] * corners[:, 1]
    inputs = corners + 0.5 * random.normal(size=(count, 2))
    labels[random.choice(count, 2, replace=False)] *= -1
    return Data(_grid(inputs), labels)


def waves(count: int) -> Data:
    """A noisy sine, as targets."""
    inputs = np.linspace(-2, 2, count)
    targets = np.sin(2 * inputs) + 0.3 * np.random.default_rng(1).normal(size=count)
    return Data(_grid(inputs)[:, None], _grid(targets), False)


XOR = Data(np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]), np.array([-1, 1, 1, -1]))
XOR01 = Data(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([-1, 1, 1, -1]))


# -- recipes -----------------------------------------------------------------------------------------------------------

BAD = "Two of the four samples are on the wrong side: training got stuck."
RESCALED = "No weight decay: every minimum of a ReLU net is one of a surface of rescaled nets with the same loss."
AFFINE = "Units on affine pieces pass on to one another and to the output bias without any change of the outputs."
ON_KINKS = "Pre-activations at the kink of the activation: weight decay holds them there."


def _xor(name: str, title: str, data: Data, activation: str, decay: str, seed: int, loss: str = "logistic") -> Recipe:
    notes = (BAD,) if "bad" in name else ()
    return Recipe(f"xor-{name}", title, data, activation, (2,), loss, decay, seed, 2.0, notes=notes)


def _plane(
    name: str, title: str, data: Data, activation: str, hidden: tuple[int, ...], seed: int, *more: str
) -> Recipe:
    """Quadratic loss without weight decay."""
    strict = not activation.endswith(("relu", ")"))
    notes = more if strict else (RESCALED, *more)
    return Recipe(name, title, data, activation, hidden, "quadratic", "0", seed, strict=strict, notes=notes)


def _kinked(
    name: str, data: Data, activation: str, hidden: tuple[int, ...], loss: str, decay: str, seed: int
) -> Recipe:
    title = f"Training ended on kinks: {name.replace('-', ' ')}"
    return Recipe(
        f"kinks-{name}", title, data, activation, hidden, loss, decay, seed, trainer="bfgs-kinks", notes=(ON_KINKS,)
    )


RECIPES: tuple[Recipe, ...] = (
    _xor("sigmoid-good", "XOR solved: sigmoid, inputs -1 and 1", XOR, "sigmoid", "0.001", 1),
    _xor("sigmoid-bad-1", "XOR not solved: sigmoid, inputs -1 and 1", XOR, "sigmoid", "0.001", 3),
    _xor("sigmoid-bad-2", "XOR not solved in another way: sigmoid, inputs -1 and 1", XOR, "sigmoid", "0.001", 0),
    _xor("sigmoid-bad-3", "XOR not solved: sigmoid, inputs 0 and 1", XOR01, "sigmoid", "0.001", 7),
    _xor("sigmoid-bad-4", "Almost the loss of sigmoid-bad-3, and another minimum", XOR01, "sigmoid", "0.001", 0),
    _xor("tanh-good", "XOR solved: tanh", XOR01, "tanh", "0.001", 1),
    _xor("tanh-bad-1", "XOR not solved: tanh", XOR01, "tanh", "0.001", 0),
    _xor("tanh-bad-2", "XOR not solved in another way: tanh", XOR01, "tanh", "0.001", 32),
    _xor("tanh-bad-3", "XOR not solved: tanh, quadratic loss", XOR01, "tanh", "0.001", 8, "quadratic"),
    _xor("softplus-good", "XOR solved: softplus", XOR01, "softplus", "0.001", 4),
    _xor("softplus-bad-1", "XOR not solved: softplus, strong decay", XOR01, "softplus", "0.01", 8),
    _xor("softplus-bad-2", "XOR not solved: softplus, weak decay", XOR01, "softplus", "0.001", 8),
    _plane("plane-tanh-2", "Two clouds, width 2, no weight decay: tanh", noisy(30), "tanh", (2,), 5),
    _plane("affine-relu-2", "Targets: a unit that is active on all samples", waves(16), "relu", (2,), 3, AFFINE),
    _plane("affine-relu-3", "Targets: units active on the same samples", waves(16), "relu", (3,), 3, AFFINE),
    _plane("affine-leaky-relu-3", "Targets: affine leaky ReLU units", waves(16), "leaky_relu(0.1)", (3,), 1, AFFINE),
    _plane("plane-sigmoid-2", "Two clouds, width 2, no weight decay: sigmoid", noisy(30), "sigmoid", (2,), 1),
    Recipe("plane-gelu-4", "Two clouds, width 4: GELU", noisy(20), "gelu", (4,), "quadratic", "0.01", 0),
    Recipe("plane-tanh-5", "Two clouds, width 5: tanh", noisy(40), "tanh", (5,), "logistic", "0.005", 1),
    Recipe("plane-softplus-10", "Two clouds, width 10: softplus", noisy(40), "softplus", (10,), "logistic", "0.002", 0),
    Recipe("plane-silu-20", "Two clouds, width 20: SiLU", noisy(60), "silu", (20,), "logistic", "0.001", 0),
    Recipe("plane-tanh-20", "Two clouds, width 20: tanh", noisy(60), "tanh", (20,), "logistic", "0.001", 0),
    Recipe("deep-tanh-3-2", "Two hidden layers: tanh", noisy(30), "tanh", (3, 2), "logistic", "0.005", 0),
    Recipe(
        "deep-softplus-4-3-2",
        "Three hidden layers: softplus",
        noisy(30),
        "softplus",
        (4, 3, 2),
        "quadratic",
        "0.002",
        2,
    ),
    Recipe(
        "deep-sigmoid-3-3-2",
        "Three hidden layers, almost flat: sigmoid",
        noisy(30),
        "sigmoid",
        (3, 3, 2),
        "logistic",
        "0.0002",
        2,
        2.0,
    ),
    Recipe(
        "shortcut-tanh", "A shortcut net", noisy(30), "tanh", (2,), "logistic", "0.005", 1, deep=("softplus", (2, 2))
    ),
    Recipe("sine-tanh-4", "Targets: a noisy sine", waves(25), "tanh", (4,), "MSELoss", "0.001", 0),
    Recipe("sine-tanh-2", "Targets: a noisy sine, no weight decay", waves(25), "tanh", (2,), "MSELoss", "0", 5),
    _plane("relu-2", "ReLU without weight decay, width 2", noisy(20), "relu", (2,), 7),
    _plane("relu-3", "ReLU without weight decay, width 3", clusters(24), "relu", (3,), 8),
    _plane("relu-3-worse", "The same net in a worse minimum", clusters(24), "relu", (3,), 4),
    _plane("relu-4", "ReLU without weight decay, width 4", clusters(32), "relu", (4,), 7),
    _plane("leaky-relu-2", "Leaky ReLU without weight decay, width 2", noisy(30), "leaky_relu(0.1)", (2,), 3),
    _plane("leaky-relu-3", "Leaky ReLU without weight decay, width 3", clusters(24), "leaky_relu(0.1)", (3,), 6),
    Recipe(
        "leaky-relu-decay",
        "Leaky ReLU with weight decay, no kink in sight",
        noisy(12),
        "leaky_relu(0.1)",
        (2,),
        "quadratic",
        "0.01",
        7,
    ),
    Recipe("relu-decay", "A ReLU with weight decay, no kink in sight", noisy(12), "relu", (1,), "logistic", "0.02", 2),
    _kinked("xor-relu", XOR, "relu", (2,), "logistic", "0.05", 5),
    _kinked("relu-2", clusters(12), "relu", (2,), "logistic", "0.02", 0),
    _kinked("relu-3", clusters(12), "relu", (3,), "quadratic", "0.02", 13),
    _kinked("leaky-relu-2", clusters(12), "leaky_relu(0.1)", (2,), "logistic", "0.01", 1),
    _kinked("leaky-relu-2-worse", clusters(12), "leaky_relu(0.1)", (2,), "logistic", "0.01", 8),
    Recipe(
        "kinks-without-decay",
        "A minimum on a kink without weight decay: relu, 2 units",
        clusters(24),
        "relu",
        (2,),
        "quadratic",
        "0",
        1,
        trainer="bfgs-kinks",
        strict=False,
        notes=(RESCALED,),
    ),
    _kinked("leaky-relu-2-2", clusters(16), "leaky_relu(0.1)", (2, 2), "quadratic", "0.01", 4),
    Recipe(
        "float32",
        "Gradient descent in float32, stopped early",
        noisy(30),
        "tanh",
        (3,),
        "logistic",
        "0.01",
        0,
        trainer="descent-float32",
        near="1e-3",
    ),
    Recipe(
        "saddle-tanh",
        "Newton's method ended at a saddle",
        XOR,
        "tanh",
        (2,),
        "logistic",
        "0.01",
        24,
        trainer="newton",
        near="1e-3",
        expect="refuted",
    ),
    Recipe(
        "saddle-sigmoid",
        "Newton's method ended at a saddle: sigmoid",
        XOR,
        "sigmoid",
        (2,),
        "logistic",
        "0.01",
        22,
        trainer="newton",
        near="1e-3",
        expect="refuted",
    ),
    Recipe(
        "beyond-the-radius",
        "The minimum is 1.5 times as far away as claimed",
        XOR01,
        "tanh",
        (2,),
        "logistic",
        "0.001",
        0,
        2.0,
        near="1e-3",
        expect="refuted",
        moved=1.5e-3,
    ),
)
