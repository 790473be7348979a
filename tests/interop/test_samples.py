"""Samples: which outcomes a loss takes, and what they become."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flint import fmpq

from verifier.case import InputError
from verifier.interop.exact import exact_numbers
from verifier.interop.functions import loss
from verifier.interop.samples import Samples, read_samples, samples_of


def samples(outcomes: list[float], name: str, key: str = "y") -> Samples:
    values = {"X": [[k] for k in range(len(outcomes))], key: outcomes}
    return samples_of({k: exact_numbers(v, "", k) for k, v in values.items()}, loss(name), "points.npz")


@pytest.mark.parametrize(
    ("outcomes", "name", "labels"),
    [
        ([0, 1, 1], "BCEWithLogitsLoss", [-1, 1, 1]),
        ([1.0, 1.0], "BCEWithLogitsLoss", [1, 1]),
        ([-1, 1], "SoftMarginLoss", [-1, 1]),
        ([0, 1], "logistic", [-1, 1]),
        ([0, 0], "hinge", [-1, -1]),
        ([-1, 1], "hinge", [-1, 1]),
        ([-1, 1], "MSELoss", [-1, 1]),
    ],
)
def test_labels(outcomes: list[float], name: str, labels: list[int]) -> None:
    found = samples(outcomes, name)
    assert found.are_labels
    assert found.outcomes == labels


@pytest.mark.parametrize("outcomes", [[0, 1], [0.5, -1.0]])
def test_quadratic_loss_of_other_values_is_of_targets(outcomes: list[float]) -> None:
    """(f - 0)^2 is not (f + 1)^2: zeros and ones stay as they are."""
    found = samples(outcomes, "MSELoss")
    assert not found.are_labels
    assert found.outcomes == [fmpq(*float(v).as_integer_ratio()) for v in outcomes]


def test_targets_by_name() -> None:
    assert not samples([-1, 1], "MSELoss", "t").are_labels


@pytest.mark.parametrize(
    ("outcomes", "name", "said"),
    [
        ([-1, 1], "BCEWithLogitsLoss", r"y\[0\]: expected 0 or 1"),
        ([1, 0], "SoftMarginLoss", r"y\[1\]: expected -1 or 1"),
        ([1, 2], "logistic", r"y\[1\]: expected -1 or 1 \(or 0 or 1\)"),
        ([1, 0, -1], "logistic", "y: expected two classes"),
        ([1, 0.5], "BCEWithLogitsLoss", r"y\[1\]: .* got 1/2"),
    ],
)
def test_refused_outcomes(outcomes: list[float], name: str, said: str) -> None:
    with pytest.raises(InputError, match=f"^points.npz: {said}"):
        samples(outcomes, name)


def test_columns_of_a_matrix_are_fine() -> None:
    values = {"X": [[1, 2], [3, 4]], "y": [[0], [1]], "multiplicity": [2, 3]}
    found = samples_of({k: exact_numbers(v, "", k) for k, v in values.items()}, loss("BCEWithLogitsLoss"))
    assert found.outcomes == [-1, 1]
    assert found.multiplicity == [2, 3]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"y": [1]}, "X: expected an array X"),
        ({"X": [[1]]}, "y: expected an array y of labels or t of targets, got nothing"),
        ({"X": [[1]], "y": [1], "t": [1]}, "y: .* got both"),
        ({"X": [1], "y": [1]}, r"X: expected an array of shape \(n, d\)"),
        ({"X": [[1]], "y": [1, 1]}, r"y: expected one number for each of the 1 inputs, got shape \(2,\)"),
        ({"X": [[1]], "y": [[1, 0]]}, "y: expected one number"),
        ({"X": [[1]], "y": [1], "multiplicity": [1, 2]}, "multiplicity: expected one number"),
    ],
)
def test_refused_arrays(values: dict[str, list[object]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        samples_of({k: exact_numbers(v, "", k) for k, v in values.items()}, loss("logistic"))


def test_csv_keeps_decimals_exact(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("x1,x2,label,multiplicity\n0.1,1/3,1,2\n-2,0,0,1\n", encoding="utf-8")
    found = read_samples(tmp_path / "points.csv", loss("logistic"))
    assert found.inputs == [[fmpq(1, 10), fmpq(1, 3)], [fmpq(-2), fmpq(0)]]
    assert found.outcomes == [1, -1]
    assert found.multiplicity == [2, 1]


def test_csv_of_targets(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("x1,target\n1,0.25\n", encoding="utf-8")
    found = read_samples(tmp_path / "points.csv", loss("MSELoss"))
    assert (found.are_labels, found.outcomes) == (False, [fmpq(1, 4)])


@pytest.mark.parametrize("text", ["x1,label\none,1\n", "a,b\n1,1\n", "x1,label\n1\n"])
def test_bad_csv(text: str, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"points\.csv: .*expected "):
        read_samples(tmp_path / "points.csv", loss("logistic"))


def test_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "points.npz", X=np.array([[0.1]], np.float32), y=np.array([1]))
    found = read_samples(tmp_path / "points.npz", loss("SoftMarginLoss"))
    assert found.inputs == [[fmpq(*float(np.float32(0.1)).as_integer_ratio())]]
