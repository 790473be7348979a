"""Data from csv: the case file's own numbers in columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from flint import fmpq

from tests.case.conftest import load_with, refusal_with, short
from verifier.case.types import Data

FILE = {"data": 'file = "d.csv"', "point": None, "claim": None}


def load_csv(folder: Path, content: str | bytes, more: str = "", loss: str = 'name = "quadratic"') -> Data:
    (folder / "d.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_with(folder, **FILE | {"data": f'file = "d.csv"\n{more}', "loss": loss}).data


def refused(folder: Path, content: bytes, more: str = "") -> str:
    (folder / "d.csv").write_bytes(content)
    return refusal_with(folder, **FILE | {"data": f'file = "d.csv"\n{more}'})


def test_labels_and_multiplicity(tmp_path: Path) -> None:
    data = load_csv(tmp_path, "x1,x2,label,multiplicity\n0.1,1/3,1,2\n-1e-3, sqrt(4) ,-1,1\n")
    assert data == Data(((fmpq(1, 10), fmpq(1, 3)), (fmpq(-1, 1000), fmpq(2))), (1, -1), None, (2, 1))


def test_targets(tmp_path: Path) -> None:
    data = load_csv(tmp_path, "x1,target\n1,0.3\n")
    assert (data.labels, data.targets, data.multiplicity) == (None, (fmpq(3, 10),), (1,))


def test_byte_order_mark_blank_lines_quotes_and_line_ends(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf\r\n"x1",x2,label\r\n\r\n"1",2,+1\r\n  \r\n3,4,-1'
    assert load_csv(tmp_path, content).inputs == ((fmpq(1), fmpq(2)), (fmpq(3), fmpq(4)))


def test_multiplicity_in_the_case_file(tmp_path: Path) -> None:
    assert load_csv(tmp_path, "x1,label\n1,1\n", "multiplicity = [5]").multiplicity == (5,)
    message = refused(tmp_path, b"x1,label,multiplicity\n1,1,1\n", "multiplicity = [5]")
    assert message == 'data.multiplicity: expected no such key, as "d.csv" has multiplicities, got a list of 1'


HEADER = 'a header x1,...,xd, then label or target, then perhaps multiplicity in "d.csv"'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", f"expected {HEADER}, got nothing"),
        (b"\n\n", f"expected {HEADER}, got nothing"),
        (b"1,2,1\n", f'expected {HEADER}, got "1,2,1"'),
        (b"x1;x2;label\n", f'expected {HEADER}, got "x1;x2;label"'),
        (b"label\n1\n", f'expected {HEADER}, got "label"'),
        (b"x1,x2\n1,2\n", f'expected {HEADER}, got "x1,x2"'),
        (b"x1,x3,label\n", f'expected {HEADER}, got "x3"'),
        (b"x1,labels\n", f'expected {HEADER}, got "labels" (did you mean label?)'),
        (b"label,x1\n", f'expected {HEADER}, got "label,x1"'),
        (b"x1,label,target\n", f'expected {HEADER}, got "x1,label,target"'),
        (b"x1,label,multiplicity,x\n", f'expected {HEADER}, got "x1,label,multiplicity,x"'),
        (b"x1,label\n", 'expected at least one sample at inputs in "d.csv", got none'),
        (b"x1,label\n1\n", 'expected 2 cells in line 2 of "d.csv", got 1'),
        (b"x1,label\n1,1\n\n1,1,1\n", 'expected 2 cells in line 4 of "d.csv", got 3'),
        (b"x1,label\n1,0\n", 'expected 1 or -1 at labels[0] in "d.csv", got "0"'),
        (b"x1,label\n,1\n", 'got \'end of text\') at inputs[0][0] in "d.csv", got ""'),
        (b"x1,label\n1,1\nnan,1\n", 'expected a finite number at inputs[1][0] in "d.csv", got "nan"'),
        (b"x1,label\n1e999999999,1\n", '(decimal exponent beyond +-10000 in 1e999999999) at inputs[0][0] in "d.csv"'),
        (b"x1,label\n__import__('os'),1\n", '(unexpected "\'" at column 12) at inputs[0][0] in "d.csv"'),
        (b"x1,label,multiplicity\n1,1,0\n", 'digits at multiplicity[0] in "d.csv", got "0"'),
        (b'x1,label\n"1,1\n', 'expected comma-separated values in "d.csv", got unexpected end of data in line 2'),
        (b"x1,label\n" + b"1" * 200_000 + b",1\n", 'expected comma-separated values in "d.csv", got field larger than'),
        (b"x1,label\n\xff,1\n", 'expected UTF-8 text in "d.csv", got byte 0xff at position '),
        (b"\x00\x01\x02\xff", 'expected UTF-8 text in "d.csv", got byte 0xff at position '),
        (b"x1,target\n1,1\n", "expected quadratic (or expr in f and t) for data with targets"),
    ],
    ids=short,
)
def test_refused(tmp_path: Path, content: bytes, message: str) -> None:
    line = refused(tmp_path, content)
    assert message in line
    assert line.startswith("loss.name: " if "quadratic" in message else "data.file: expected ")
