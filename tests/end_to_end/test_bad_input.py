"""Bad input, as a user meets it: exit code 2, one line with file, key, expected and got, and never a traceback."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.end_to_end.conftest import Shell

GOOD = """
schema = 1
title = "A case"
[data]
inputs = [[1, 0], [-1, 0]]
labels = [1, -1]
[network]
kind = "single-layer"
activation = "relu"
width = 1
[loss]
name = "hinge"
[point]
a0 = 0
a = [1]
W = [[0, 0]]
b = [-1]
[[claim]]
kind = "local-minimum"
"""
INPUTS = "inputs = [[1, 0], [-1, 0]]"
LABELS = "labels = [1, -1]"
DATA = f"{INPUTS}\n{LABELS}"
POINT = "a0 = 0\na = [1]\nW = [[0, 0]]\nb = [-1]"


def replaced(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def complaint(shell: Shell, content: str) -> str:
    """The only line on standard error about a bad file `a.toml`, without the file's name."""
    (shell.folder / "a.toml").write_text(content)
    return complaint_about(shell, "a.toml")


def complaint_about(shell: Shell, path: str) -> str:
    result = shell.verify(path, real=True)
    assert result.returncode == 2, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{path}: ") and "Traceback" not in result.stderr
    message = line.removeprefix(f"{path}: ")
    assert "expected " in message and ", got " in message
    return message


# What is replaced in the good file, by what, and what is said about it.
MISTAKES = [
    ("schema = 1", "", "schema: expected schema = 1, got nothing"),
    ('title = "A case"', "", "title: expected a title, got nothing"),
    (f"[data]\n{DATA}", "", "data: expected a table [data], got nothing"),
    (LABELS, "", "data.labels: expected a list of 2 labels or, instead, targets, got nothing"),
    ("width = 1", "", "network.width: expected a positive integer of at most 100000, got nothing"),
    (POINT, "", "point.a0: expected a number (the net has an output bias), got nothing"),
    ("a = [1]\n", "", "point.a: expected a list of 1 number (one for each unit), got nothing"),
    (
        "labels",
        "lables",
        "data.lables: expected one of the keys inputs, labels, targets, multiplicity, file, "
        "got an unknown key (did you mean labels?)",
    ),
    (
        "[loss]",
        "[loss]\nweightdecay = 1",
        "loss.weightdecay: expected one of the keys name, p, expr, weight_decay, "
        "got an unknown key (did you mean weight_decay?)",
    ),
    ('"relu"', '"rellu"', 'got "rellu" (did you mean relu?)'),
    (
        INPUTS,
        "inputs = [[1, 0], [-1]]",
        "data.inputs[1]: expected a list of 2 numbers, as data.inputs[0] is, got a list of 1",
    ),
    (LABELS, "labels = [1, 0]", "data.labels[1]: expected 1 or -1, got 0"),
    (LABELS, "labels = [1, -1, 1]", "data.labels: expected a list of 2 labels (one for each sample), got a list of 3"),
    (INPUTS, "inputs = [[1, nan], [-1, 0]]", "data.inputs[0][1]: expected a finite number, got nan"),
    (INPUTS, "inputs = [[1, 0], [-inf, 0]]", "data.inputs[1][0]: expected a finite number, got -inf"),
    (INPUTS, 'inputs = [[1, "NaN"], [-1, 0]]', 'data.inputs[0][1]: expected a finite number, got "NaN"'),
    (
        INPUTS,
        "inputs = [[1e999999999, 0], [-1, 0]]",
        "(decimal exponent beyond +-10000 in 1e999999999), got 1e999999999",
    ),
    (
        INPUTS,
        f'inputs = [["{"(" * 10_000}1{")" * 10_000}", 0], [-1, 0]]',
        "(expected at most 10000 characters, got 20001)",
    ),
    (INPUTS, f'inputs = [["{"(" * 10_000}", 0], [-1, 0]]', "(nested deeper than 100)"),
    (INPUTS, f"inputs = {'[' * 10_000}{']' * 10_000}", "expected tables and lists nested less deeply"),
    (
        INPUTS,
        """inputs = [["__import__('os')", 0], [-1, 0]]""",
        '(unexpected "\'" at column 12), got "__import__(\'os\')"',
    ),
    (
        'activation = "relu"',
        """activation = {expr = "__import__('os').system('touch x')"}""",
        "network.activation.expr: ",
    ),
    (INPUTS, 'inputs = [["9**9**9", 0], [-1, 0]]', "(integer power beyond +-1000 at column 2)"),
    (DATA, "inputs = []\nlabels = []", "data.inputs: expected at least one sample, got none"),
    (DATA, f"{DATA}\nlabels = [1, 1]", "expected valid TOML, got a repeated key ("),
    ("[loss]", "[data]\n[loss]", "expected valid TOML, got a repeated key ("),
    (
        "W = [[0, 0]]",
        "W = [[0, 0], [0, 0]]",
        "point.W: expected a list of 1 row (one for each unit, 2 numbers each), got a list of 2",
    ),
    ("W = [[0, 0]]", "W = [[0]]", "point.W[0]: expected a list of 2 numbers (one for each input coordinate), got a"),
    ("b = [-1]", "b = -1", "point.b: expected a list of 1 number (one for each unit), got -1"),
    (f"[point]\n{POINT}", "", "point: expected a table [point] for claim[0] (local-minimum), got nothing"),
    (
        'kind = "local-minimum"',
        'kind = "local-minimum"\nbad = true\ntraining_error = 0',
        "claim[0].training_error: expected more than 0 for a claim with bad = true, got 0",
    ),
    ('[[claim]]\nkind = "local-minimum"', "", "claim: expected at least one [[claim]], got none"),
    (
        DATA,
        'file = "../secret.csv"',
        'data.file: expected a file inside the folder of the case file, got "../secret.csv"',
    ),
    (DATA, 'file = "/etc/passwd"', 'data.file: expected a file name ending in .csv or .npz, got "/etc/passwd"'),
    (
        DATA,
        'file = "none.csv"',
        'data.file: expected a readable file as "none.csv", got an error: No such file or directory',
    ),
    (POINT, 'file = "../w.npz"', 'point.file: expected a file inside the folder of the case file, got "../w.npz"'),
    ("width = 1", "width = " + "9" * 5_000, "expected a positive integer of at most 100000, got an integer of about "),
    ('title = "A case"', '"\\u001b[31m\\n" = 1', "\\x1b[31m\\n: expected one of the keys schema, title,"),
]

CONTENTS = [
    (b"", "expected a case file, got an empty file"),
    (b"\n \n", "expected a case file, got an empty file"),
    (bytes(range(256)), "expected UTF-8 text, got byte 0x80 at position 128"),
    (b"\x7fELF\x02\x01\x01" + bytes(100), "line 1, column 1: expected valid TOML, got a syntax error ("),
    (b"\x89PNG\r\n\x1a\n", "expected UTF-8 text, got byte 0x89 at position 0"),
    (b'{"schema": 1}', "line 1, column 1: expected valid TOML, got a syntax error ("),
    (b"a." * 100_000 + b"a = 1", "expected keys of at most 100 dotted parts, got a longer one"),
    (b"schema = 2\nlater = true", "schema: expected schema = 1, got 2"),
]


class Evil:
    """Whoever unpickles this leaves a file behind."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return (os.mkdir, ("unpickled",))


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("X.npy", bytes(100_000_000))
    return stream.getvalue()


ARRAYS: list[tuple[Callable[[], bytes], str]] = [
    (lambda: npz(X=np.array([[Evil()]], dtype=object), y=[1]), 'in array X of "d.npz", got object'),
    (bomb, 'expected arrays of at most 64 MiB when decompressed in "d.npz", got 95.4 MiB'),
    (
        lambda: npz(X=np.array([["1"]]), y=[1]),
        'expected integers or floats of at most 64 bits in array X of "d.npz", got <U1',
    ),
    (
        lambda: npz(X=np.array([[1j]]), y=[1]),
        'expected integers or floats of at most 64 bits in array X of "d.npz", got complex128',
    ),
    (
        lambda: npz(X=np.array([[np.inf]]), y=[1]),
        'expected finite numbers in array X of "d.npz", got inf at index [0, 0]',
    ),
    (lambda: npz(X=np.zeros((0, 2)), y=np.zeros(0)), 'expected at least one sample at inputs in "d.npz", got none'),
    (lambda: npz(X=np.zeros((2, 2)), y=[1, 0]), 'expected 1 or -1 at labels[1] in "d.npz", got 0'),
    (lambda: b"not a zip", 'expected a NumPy .npz file in "d.npz", got other content'),
    (lambda: npz(X=np.zeros((2, 2)), y=[1, 1])[:-30], 'expected a NumPy .npz file in "d.npz", got other content'),
]


@dataclass(frozen=True)
class Batch:
    """One run of `verify` over many bad files, and how each of them is complained about."""

    folder: Path
    returncode: int
    lines: list[str]

    def about(self, path: str) -> str:
        """The only line about a file, without the file's name."""
        (line,) = [line for line in self.lines if line.startswith(f"{path}: ")]
        message = line.removeprefix(f"{path}: ")
        assert "expected " in message and ", got " in message
        return message


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """All bad files of the tables above in one folder, judged by one process."""
    shell = Shell(tmp_path_factory.mktemp("bad"))
    for index, (old, new, _) in enumerate(MISTAKES):
        (shell.folder / f"mistake{index}.toml").write_text(replaced(old, new))
    for index, (content, _) in enumerate(CONTENTS):
        (shell.folder / f"content{index}.toml").write_bytes(content)
    for index, (arrays, _) in enumerate(ARRAYS):
        (shell.folder / f"d{index}.npz").write_bytes(arrays())
        (shell.folder / f"arrays{index}.toml").write_text(replaced(DATA, f'file = "d{index}.npz"'))
    files = sorted(path.name for path in shell.folder.glob("*.toml"))
    result = shell.verify(*files, real=True)
    return Batch(shell.folder, result.returncode, result.stderr.splitlines())


def test_exit_code_and_one_line_for_each_file(batch: Batch) -> None:
    assert batch.returncode == 2
    assert len(batch.lines) == len(MISTAKES) + len(CONTENTS) + len(ARRAYS)


def test_nothing_was_executed(batch: Batch) -> None:
    assert {path.suffix for path in batch.folder.iterdir()} == {".toml", ".npz"}


@pytest.mark.parametrize("index", range(len(MISTAKES)), ids=lambda index: MISTAKES[index][2][:60])
def test_one_mistake_in_a_case_file(batch: Batch, index: int) -> None:
    assert MISTAKES[index][2] in batch.about(f"mistake{index}.toml")


@pytest.mark.parametrize("index", range(len(CONTENTS)), ids=lambda index: CONTENTS[index][1][:60])
def test_not_a_case_file(batch: Batch, index: int) -> None:
    assert batch.about(f"content{index}.toml").startswith(CONTENTS[index][1])


@pytest.mark.parametrize("index", range(len(ARRAYS)), ids=lambda index: ARRAYS[index][1][:60])
def test_bad_npz(batch: Batch, index: int) -> None:
    line = batch.about(f"arrays{index}.toml")
    assert line.startswith("data.file: ") and ARRAYS[index][1].replace("d.npz", f"d{index}.npz") in line


def test_file_of_200_mb(shell: Shell) -> None:
    with (shell.folder / "a.toml").open("wb") as stream:
        stream.truncate(200_000_000)
    assert complaint_about(shell, "a.toml") == "expected a file of at most 64 MiB, got 190.7 MiB"


def test_data_file_of_200_mb(shell: Shell) -> None:
    with (shell.folder / "d.csv").open("wb") as stream:
        stream.truncate(200_000_000)
    message = 'data.file: expected a file of at most 64 MiB as "d.csv", got 190.7 MiB'
    assert complaint(shell, replaced(DATA, 'file = "d.csv"')) == message


def test_link_out_of_the_folder(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
    secret.write_text("x1,x2,label\n1,1,1\n")
    (shell.folder / "d.csv").symlink_to(secret)
    message = 'data.file: expected a file inside the folder of the case file, got "d.csv"'
    assert complaint(shell, replaced(DATA, 'file = "d.csv"')) == message


def test_point_of_the_wrong_shape_in_an_npz(shell: Shell) -> None:
    (shell.folder / "w.npz").write_bytes(npz(a0=0.0, a=[1.0], W=[[0.0, 0.0]], b=[[1.0]]))
    line = complaint(shell, replaced(POINT, 'file = "w.npz"'))
    assert line.startswith("point.file: expected a number such as") and line.endswith(
        'at b[0] in "w.npz", got a list of 1'
    )


def test_standard_input(shell: Shell) -> None:
    result = shell.verify("-", stdin=replaced(LABELS, "labels = [1, 2]"), real=True)
    assert (result.returncode, result.stdout) == (2, "") or "-" in result.stdout
    assert result.stderr == "-: data.labels[1]: expected 1 or -1, got 2\n"


def test_standard_input_finds_data_in_the_working_directory(shell: Shell) -> None:
    (shell.folder / "d.csv").write_text("x1,x2,label\n1,1,7\n")
    result = shell.verify("-", stdin=replaced(DATA, 'file = "d.csv"'), real=True)
    assert result.returncode == 2
    assert result.stderr == '-: data.file: expected 1 or -1 at labels[0] in "d.csv", got "7"\n'


def test_one_line_for_each_bad_file(shell: Shell) -> None:
    (shell.folder / "a.toml").write_text(replaced(LABELS, "labels = [1, 2]"))
    (shell.folder / "b.toml").write_text("")
    result = shell.verify("a.toml", "b.toml", "c.toml", real=True)
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "a.toml: data.labels[1]: expected 1 or -1, got 2",
        "b.toml: expected a case file, got an empty file",
        "c.toml: expected a file or a folder, got nothing of that name",
    ]


def test_json_document_holds_the_same(shell: Shell) -> None:
    (shell.folder / "a.toml").write_text(replaced(LABELS, "labels = [1, 2]"))
    result = shell.verify("--json", "a.toml", real=True)
    assert result.returncode == 2
    assert json.loads(result.stdout)["errors"] == [
        {"path": "a.toml", "key": "data.labels[1]", "message": "expected 1 or -1, got 2"}
    ]


def test_quiet_is_quiet_on_standard_output_only(shell: Shell) -> None:
    (shell.folder / "a.toml").write_text("")
    result = shell.verify("-q", "a.toml", real=True)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "a.toml: expected a case file, got an empty file\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LABELS, "labels = [1, 1]"),
        (INPUTS, "inputs = [[1, 0], [1, 0]]"),
        (
            '[[claim]]\nkind = "local-minimum"',
            '[[claim]]\nkind = "local-minimum"\n[[claim]]\nkind = "not-local-minimum"',
        ),
    ],
)
def test_what_is_no_error(shell: Shell, old: str, new: str) -> None:
    """One class only, contradicting samples, contradicting claims: loaded like any other case."""
    (shell.folder / "a.toml").write_text(replaced(old, new))
    result = shell.verify("--json", "a.toml", real=True)
    assert json.loads(result.stdout)["errors"] == []
    assert result.returncode != 2
