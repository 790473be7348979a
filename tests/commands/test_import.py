"""`verify import`: from arrays to a case file that is proved, and one line for whatever is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from verifier import Verdict, load, verify
from verifier.cli import main


def trained_net() -> dict[str, Any]:
    """The net of docs/near.toml in the shapes that PyTorch gives its weights."""
    return {
        "X": np.array([[-3.0], [-1.0], [1.0], [3.0]]),
        "y": np.array([1, 0, 1, 0]),
        "a0": np.array([1.0134]),
        "a": np.array([[-1.7111]]),
        "W": np.array([[1.1120]]),
        "b": np.array([2.4005]),
    }


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    np.savez("net.npz", **trained_net())
    return ["import", "net.npz", "--activation", "Tanh", "--loss", "BCEWithLogitsLoss", "-o", "net.toml"]


def test_a_theorem_from_arrays(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--weight-decay", "0.01", "--near", "1e-3", "--title", "mine"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert "0 and 1 became -1 and 1" in output.out
    assert "training error 1/4, largest partial derivative 7.0e-06" in " ".join(output.out.split())
    assert max(len(line) for line in output.out.splitlines()) <= 80
    case = load("net.toml")
    assert case.title == "mine"
    decision = verify(case).claims[0].decision
    assert decision.verdict is Verdict.PROVED
    assert decision.training_error == "1/4"


def test_data_of_their_own(arguments: list[str]) -> None:
    Path("points.csv").write_text("x1,label\n-3,1\n-1,0\n", encoding="utf-8")
    assert main([*arguments, "--data", "points.csv"]) == 0
    assert load("net.toml").data.labels == (1, -1)


def test_shortcut_nets(arguments: list[str]) -> None:
    deep = {"deep.W1": np.ones((2, 1)), "deep.a": np.ones(2)}
    neuron = {"exponential.a": np.array(0.0), "exponential.w": np.zeros(1), "exponential.b": np.array(0.0)}
    np.savez("net.npz", **trained_net(), **deep, **neuron)
    assert main([*arguments, "--deep-activation", "softplus", "--exponential-decay", "1/3"]) == 0
    assert load("net.toml").network.kind == "shortcut"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (["--activation", "Tanhh"], "--activation: expected one of "),
        (["--loss", "CrossEntropyLoss"], "--loss: expected a loss of one output"),
        (["--loss", "SoftMarginLoss"], "net.npz: y[1]: expected -1 or 1"),
        (["--weight-decay", "-1"], "net.toml: loss.weight_decay: expected"),
        (["--weight-decay", "much"], "--weight-decay: expected a number"),
        (["--near", "0"], "net.toml: claim[0].near: expected a number > 0"),
        (["--data", "none.npz"], "none.npz: expected a NumPy .npz file, got an error: "),
        (["--deep-activation", "relu"], "net.npz: deep.*: expected arrays"),
        (["-o", "net.txt"], "net.txt: expected a file name ending in .toml"),
        (["-o", "net.npz"], "net.npz: expected a file name ending in .toml"),
    ],
)
def test_one_line_for_what_is_wrong(
    arguments: list[str], changes: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, *changes]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(line)
    assert output.err.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["net.npz"]


def test_files_are_replaced_on_request_only(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    capsys.readouterr()
    assert main(arguments) == 2
    assert "expected a new file, got one that exists (--force replaces it)" in capsys.readouterr().err
    assert main([*arguments, "--force"]) == 0


def test_files_of_pytorch_need_samples(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    arguments[1] = "net.pt"
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("--data: expected a file of samples beside a file of PyTorch")


@pytest.mark.parametrize("missing", ["--activation", "--loss", "-o"])
def test_bad_usage(arguments: list[str], missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    at = arguments.index(missing)
    assert main(arguments[:at] + arguments[at + 2 :]) == 2
    assert "Missing option" in capsys.readouterr().err
