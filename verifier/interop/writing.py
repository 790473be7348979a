"""The case file of a trained net, with its samples and weights in it, or beside it where they are many."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flint import fmpq

from verifier.case import InputError, load
from verifier.case.errors import printable
from verifier.case.numbers import text_of
from verifier.case.tables import Table
from verifier.case.writing import dumps_tables
from verifier.checker.number import Exact
from verifier.interop.exact import Nested, as_floats, entries
from verifier.interop.functions import LossFunction
from verifier.interop.net import Net, point_table
from verifier.interop.samples import Samples

SAMPLES_INLINE = 120  # numbers that a case file itself may hold
WEIGHTS_INLINE = 60
NO_DECAY, NEAR = fmpq(0), fmpq(1, 10**6)


@dataclass(frozen=True)
class Trained:
    """A net with the samples and the loss it was trained on.

    `claims` are tables [[claim]]; without any, that a local minimum lies within `near`.
    """

    net: Net
    samples: Samples
    loss: LossFunction
    title: str
    weight_decay: Exact = NO_DECAY
    near: Exact = NEAR
    notes: tuple[str, ...] = ()
    source: str | None = None
    claims: tuple[Table, ...] = ()

    @property
    def mapping(self) -> dict[str, str]:
        """What became what, by subject."""
        decay = "none"
        if self.weight_decay != NO_DECAY:
            decay = "(weight_decay/2) |theta|^2 over all parameters, as of torch.optim.SGD with a mean loss"
        return {
            "activation": "; ".join(self.net.remarks),
            "loss": f"{self.loss.mapping}; the mean over the samples",
            "outcomes": self.samples.mapping,
            "weight decay": decay,
            "numbers": "floats are kept as their exact binary values",
        }


def write_case(trained: Trained, target: str | os.PathLike[str], force: bool = False) -> list[Path]:
    """Write the case file `target`, with <name>-points.npz (or .csv) and <name>-weights.npz where they are large.

    The files are read back as any case file is before they take their place. Returns them, the case file first.
    Raises InputError for shapes that do not agree, a file that exists (unless `force`), a folder that cannot be used.
    """
    path = Path(target)
    if path.suffix != ".toml":
        raise InputError(os.fspath(target), "", "expected a file name ending in .toml, got another one")
    files = _files(trained, path.stem)
    places = [path.with_name(name) for name in files]
    for place in places:
        if place.exists() and not force:
            raise InputError(os.fspath(place), "", "expected a new file, got one that exists (--force replaces it)")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".import-") as folder:
            for name, content in files.items():
                _write(Path(folder, name), content)
            try:
                load(Path(folder, path.name))
            except InputError as problem:
                raise InputError(os.fspath(target), problem.key, problem.message) from None
            for place in places:
                os.replace(Path(folder, place.name), place)
    except OSError as problem:
        raise InputError(os.fspath(target), "", f"expected a folder to write to, got: {problem.strerror}") from None
    return places


def case_text(trained: Trained) -> str:
    """The case file with everything in it, however much that is."""
    return str(_files(trained, "case", beside=False)["case.toml"])


def _files(trained: Trained, stem: str, beside: bool = True) -> dict[str, Any]:
    """Name -> text, or the arrays of an npz file; the case file first, and alone unless files `beside` it may be."""
    others: dict[str, Any] = {}
    samples = trained.samples
    key = "labels" if samples.are_labels else "targets"
    columns: dict[str, Nested] = {"inputs": samples.inputs, key: samples.outcomes}
    if samples.multiplicity is not None:
        columns["multiplicity"] = samples.multiplicity
    data: Table = dict(columns)
    if beside and _count(columns) > SAMPLES_INLINE:
        name, content = _points(samples, stem)
        others[name] = content
        data = {"file": name}
    point = point_table(trained.net)
    weights = {name: as_floats(value) for name, value in trained.net.arrays.items()}
    if beside and trained.net.size > WEIGHTS_INLINE and all(value is not None for value in weights.values()):
        others[f"{stem}-weights.npz"] = weights
        point = {"file": f"{stem}-weights.npz"}
    return {f"{stem}.toml": _text(trained, data, point), **others}


def _count(arrays: Mapping[str, Nested]) -> int:
    return sum(1 for array in arrays.values() for _ in entries(array))


def _points(samples: Samples, stem: str) -> tuple[str, Any]:
    """An npz file, or a csv file where some number is no float."""
    columns: dict[str, Nested] = {"X": samples.inputs, "y" if samples.are_labels else "t": samples.outcomes}
    if samples.multiplicity is not None:
        columns["multiplicity"] = samples.multiplicity
    arrays = {name: as_floats(value) for name, value in columns.items()}
    if all(value is not None for value in arrays.values()):
        return f"{stem}-points.npz", arrays
    header = [f"x{k + 1}" for k in range(len(samples.inputs[0]))] + ["label" if samples.are_labels else "target"]
    header += ["multiplicity"] if samples.multiplicity is not None else []
    lines = [",".join(header)]
    for i, row in enumerate(samples.inputs):
        cells = [*row, samples.outcomes[i], *([samples.multiplicity[i]] if samples.multiplicity is not None else [])]
        lines.append(",".join(text_of(v) for v in cells))
    return f"{stem}-points.csv", "\n".join(lines) + "\n"


def _write(path: Path, content: Any) -> None:
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
        return
    import numpy as np

    arrays: dict[str, Any] = {name: np.array(value) for name, value in content.items()}
    np.savez(path, **arrays)


def _text(trained: Trained, data: Table, point: Table) -> str:
    decay: Table = {} if trained.weight_decay == NO_DECAY else {"weight_decay": trained.weight_decay}
    story = [*trained.notes, *(f"{subject}: {words}" for subject, words in trained.mapping.items())]
    head: Table = {"schema": 1, "title": printable(trained.title)}
    head |= {} if trained.source is None else {"source": printable(trained.source)}
    claims = trained.claims or ({"kind": "local-minimum", "near": trained.near},)
    return dumps_tables(
        {
            **head,
            "notes": "".join(f"{printable(line)}\n" for line in story),
            "data": data,
            "network": trained.net.network,
            "loss": {"name": trained.loss.name, **trained.loss.parameters, **decay},
            "point": point,
            "claim": list(claims),
        }
    )
