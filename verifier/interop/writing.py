"""The case file of a trained net, with its samples and weights in it, or beside it where they are many."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.case import InputError, load
from verifier.case.errors import printable
from verifier.case.numbers import text_of
from verifier.case.writing import toml
from verifier.interop.exact import Nested, as_floats, entries
from verifier.interop.functions import LossFunction
from verifier.interop.net import Net, point_toml
from verifier.interop.samples import Samples

SAMPLES_INLINE = 120  # numbers that a case file itself may hold
WEIGHTS_INLINE = 60


@dataclass(frozen=True)
class Trained:
    """A net with the samples and the loss it was trained on; `weight_decay` and `near` are TOML numbers.

    `claims` are the TOML tables of the claims; without any, that a local minimum lies within `near`.
    """

    net: Net
    samples: Samples
    loss: LossFunction
    title: str
    weight_decay: str = "0"
    near: str = "1e-6"
    notes: tuple[str, ...] = ()
    source: str | None = None
    claims: tuple[str, ...] = ()

    @property
    def mapping(self) -> dict[str, str]:
        """What became what, by subject."""
        decay = "none"
        if self.weight_decay != "0":
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
    if beside and _count(columns) > SAMPLES_INLINE:
        name, content = _points(samples, stem)
        others[name] = content
        data = ["[data]", f"file = {_string(name)}"]
    else:
        data = ["[data]", f"inputs = {_rows(samples.inputs)}", f"{key} = {toml(samples.outcomes)}"]
        data += [f"multiplicity = {toml(samples.multiplicity)}"] if samples.multiplicity is not None else []
    point = point_toml(trained.net)
    weights = {name: as_floats(value) for name, value in trained.net.arrays.items()}
    if beside and trained.net.size > WEIGHTS_INLINE and all(value is not None for value in weights.values()):
        others[f"{stem}-weights.npz"] = weights
        point = ["[point]", f"file = {_string(f'{stem}-weights.npz')}"]
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


def _text(trained: Trained, data: list[str], point: list[str]) -> str:
    loss = ["[loss]", f'name = "{trained.loss.name}"']
    if trained.loss.parameter is not None:
        loss.append(f"{trained.loss.parameter[0]} = {trained.loss.parameter[1]}")
    if trained.weight_decay != "0":
        loss.append(f"weight_decay = {trained.weight_decay}")
    story = [*trained.notes, *(f"{subject}: {words}" for subject, words in trained.mapping.items())]
    head = ["schema = 1", f"title = {_string(trained.title)}"]
    head += [] if trained.source is None else [f"source = {_string(trained.source)}"]
    head += [f"notes = {_text_block(story)}"]
    claims = trained.claims or (f'[[claim]]\nkind = "local-minimum"\nnear = {trained.near}',)
    tables = [head, data, list(trained.net.network), loss, point, *([claim] for claim in claims)]
    return "\n\n".join("\n".join(lines) for lines in tables) + "\n"


def _rows(rows: list[Any]) -> str:
    return "[\n" + "".join(f"    {toml(row)},\n" for row in rows) + "]"


def _string(text: str) -> str:
    return json.dumps(printable(text), ensure_ascii=False)


def _text_block(lines: list[str]) -> str:
    inner = "\n".join(_string(line)[1:-1] for line in lines)
    return f'"""\n{inner}\n"""'
