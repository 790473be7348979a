"""Case files of trained nets: they say exactly what was given, in the file or beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from verifier.case import InputError, load, loads
from verifier.interop.exact import exact_numbers
from verifier.interop.functions import activation, loss
from verifier.interop.net import from_arrays
from verifier.interop.samples import samples_of
from verifier.interop.writing import Trained, case_text, write_case

RANDOM = np.random.default_rng(7)


def trained(width: int = 2, count: int = 3, name: str = "logistic", **changes: Any) -> Trained:
    arrays = {
        "a0": 0.1,
        "a": RANDOM.normal(size=width).tolist(),
        "W": RANDOM.normal(size=(width, 2)).tolist(),
        "b": RANDOM.normal(size=width).tolist(),
    }
    points = {"X": RANDOM.normal(size=(count, 2)).tolist(), "y": [1, *[0] * (count - 1)]}
    net = from_arrays({k: exact_numbers(v, "", k) for k, v in arrays.items()}, activation("tanh"))
    samples = samples_of({k: exact_numbers(v, "", k) for k, v in points.items()}, loss(name))
    return replace(Trained(net, samples, loss(name), "a net"), **changes)


def exact(rows: Any) -> Any:
    return tuple(exact(row) for row in rows) if isinstance(rows, list) else rows


@pytest.mark.parametrize(("width", "count", "beside"), [(2, 3, 0), (2, 80, 1), (40, 3, 1), (40, 80, 2)])
def test_everything_is_kept(width: int, count: int, beside: int, tmp_path: Path) -> None:
    it = trained(width, count)
    written = write_case(it, tmp_path / "net.toml")
    assert sorted(tmp_path.iterdir()) == sorted(written)
    assert len(written) == 1 + beside
    case = load(tmp_path / "net.toml")
    assert case.point is not None
    main = case.point.main
    assert (main.a0, main.a, main.W[0], main.b) == (
        it.net.arrays["a0"],
        exact(it.net.arrays["a"]),
        exact(it.net.arrays["W"]),
        (exact(it.net.arrays["b"]),),
    )
    assert case.data.inputs == exact(it.samples.inputs)
    assert case.data.labels == (1, *[-1] * (count - 1))
    (claim,) = case.claims
    assert (claim.kind, claim.near) == ("local-minimum", fmpq(1, 10**6))
    in_memory = loads(case_text(it))
    assert (in_memory.document(), in_memory.claims) == (case.document(), case.claims)


def test_the_same_bytes_again(tmp_path: Path) -> None:
    it = trained(40, 80)
    first = [path.read_bytes() for path in write_case(it, tmp_path / "net.toml")]
    assert [path.read_bytes() for path in write_case(it, tmp_path / "net.toml", force=True)] == first


def test_large_samples_that_are_no_floats_go_into_a_csv_file(tmp_path: Path) -> None:
    points = {"X": [[fmpq(k, 3)] for k in range(100)], "y": [fmpq(1)] * 100, "multiplicity": [fmpq(2)] * 100}
    net = from_arrays({"W": [[fmpq(1)]], "a": [fmpq(1)]}, activation("tanh"))
    write_case(Trained(net, samples_of(points, loss("logistic")), loss("logistic"), "x"), tmp_path / "net.toml")
    assert (tmp_path / "net-points.csv").exists()
    data = load(tmp_path / "net.toml").data
    assert data.inputs == tuple((fmpq(k, 3),) for k in range(100))
    assert data.multiplicity == (2,) * 100


def test_notes_title_and_numbers(tmp_path: Path) -> None:
    words = {"title": 'a "b" \\ \x1b é', "notes": ('"""', "\\n")}
    it = trained(name="MSELoss", weight_decay=fmpq(1, 3), near=fmpq(1, 1000), **words)
    write_case(it, tmp_path / "net.toml")
    case = load(tmp_path / "net.toml")
    assert case.title == 'a "b" \\ \\x1b é'
    assert case.notes is not None
    assert case.notes.splitlines()[:2] == ['"""', "\\n"]
    assert "no factor 1/2" in case.notes
    assert "binary values" in case.notes
    assert case.loss.weight_decay == fmpq(1, 3)
    assert case.claims[0].near == fmpq(1, 1000)
    assert case.data.targets == (fmpq(1), fmpq(0), fmpq(0))


def test_parameter_of_the_loss() -> None:
    assert loads(case_text(trained(name="polynomial_hinge(2)"))).loss.document()["p"] == 2


def test_no_file_is_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / "net-points.npz").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"net-points\.npz: expected a new file, got one that exists"):
        write_case(trained(2, 80), tmp_path / "net.toml")
    assert [path.name for path in tmp_path.iterdir()] == ["net-points.npz"]


def test_nothing_is_left_behind_by_a_case_that_cannot_be_read(tmp_path: Path) -> None:
    it = trained()
    wrong = replace(it, net=replace(it.net, arrays={**it.net.arrays, "a": [fmpq(1)] * 3}))
    with pytest.raises(InputError, match=r"net\.toml: point\.a: expected .* 2"):
        write_case(wrong, tmp_path / "net.toml")
    assert list(tmp_path.iterdir()) == []


def test_bad_targets(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"net\.json: expected a file name ending in \.toml"):
        write_case(trained(), tmp_path / "net.json")
    with pytest.raises(InputError, match="expected a folder to write to, got: No such file"):
        write_case(trained(), tmp_path / "none" / "net.toml")
