"""[data]: samples with exact inputs, or one line that says what is wrong with them."""

from __future__ import annotations

import pytest
from flint import fmpq

from tests.case.conftest import refusal, short, text
from verifier.case import loads
from verifier.case.types import Data


def data_text(data: str) -> str:
    return text(data=data, point=None, claim='kind = "theorem-applies"')


def decoded(data: str) -> Data:
    return loads(data_text(data)).data


def test_everything_is_exact() -> None:
    data = decoded('inputs = [[0.1, 1], ["1/3", -2.50]]\nlabels = [1, -1]\nmultiplicity = [2, "3"]')
    assert data == Data(((fmpq(1, 10), fmpq(1)), (fmpq(1, 3), fmpq(-5, 2))), (1, -1), None, (2, 3))
    assert data.dimension == 2


def test_multiplicity_defaults_to_one() -> None:
    assert decoded("inputs = [[0], [0]]\nlabels = [1, 1]").multiplicity == (1, 1)


def test_one_class_only_and_contradicting_or_repeated_samples_are_no_errors() -> None:
    assert decoded("inputs = [[1], [2]]\nlabels = [1, 1]").labels == (1, 1)
    assert decoded("inputs = [[1], [1]]\nlabels = [1, -1]").labels == (1, -1)


def test_labels_however_they_are_written() -> None:
    assert decoded('inputs = [[1], [1], [1], [1]]\nlabels = [+1, -1.0, "-1", "2/2"]').labels == (1, -1, -1, 1)


def test_targets() -> None:
    case = loads(
        text(data='inputs = [[1], [2]]\ntargets = [0.1, "1/3"]', loss='name = "quadratic"', point=None, claim=None)
    )
    assert case.data.targets == (fmpq(1, 10), fmpq(1, 3)) and case.data.labels is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("inputs = []\nlabels = []", "inputs: expected at least one sample, got none"),
        ("inputs = [[]]\nlabels = [1]", "inputs[0]: expected at least one number, got an empty list"),
        (
            "inputs = [[1], [1, 2]]\nlabels = [1, 1]",
            "inputs[1]: expected a list of 1 number, as data.inputs[0] is, got a list of 2",
        ),
        (
            "inputs = [[1, 2], []]\nlabels = [1, 1]",
            "inputs[1]: expected a list of 2 numbers, as data.inputs[0] is, got an empty list",
        ),
        ("inputs = [[1, 2], 3]\nlabels = [1, 1]", "inputs[1]: expected a list of 2 numbers, got 3"),
        ("inputs = [1, 2]\nlabels = [1, 1]", "inputs[0]: expected a list of numbers, got 1"),
        ("inputs = 1\nlabels = [1]", "inputs: expected a list, got 1"),
        (
            "labels = [1]",
            "inputs: expected a list of inputs, one list of numbers for each sample (or data.file), got nothing",
        ),
        ("", "inputs: expected a list of inputs, one list of numbers for each sample (or data.file), got nothing"),
        ("inputs = [[nan]]\nlabels = [1]", "inputs[0][0]: expected a finite number, got nan"),
        ("inputs = [[1, 2], [3, -inf]]\nlabels = [1, 1]", "inputs[1][1]: expected a finite number, got -inf"),
        (
            "inputs = [[true]]\nlabels = [1]",
            'inputs[0][0]: expected a number such as 2, 0.5, "1/3" or "sqrt(2)", got true',
        ),
        (
            "inputs = [[[1]]]\nlabels = [1]",
            'inputs[0][0]: expected a number such as 2, 0.5, "1/3" or "sqrt(2)", got a list of 1',
        ),
        ("inputs = [[1]]", "labels: expected a list of 1 label or, instead, targets, got nothing"),
        (
            "inputs = [[1]]\nlabels = [1]\ntargets = [1]",
            "labels: expected a list of 1 label or, instead, targets, got both",
        ),
        (
            "inputs = [[1]]\nlabels = [1, 1]",
            "labels: expected a list of 1 label (one for each sample), got a list of 2",
        ),
        ("inputs = [[1]]\nlabels = []", "labels: expected a list of 1 label (one for each sample), got an empty list"),
        ("inputs = [[1]]\nlabels = [0]", "labels[0]: expected 1 or -1, got 0"),
        ("inputs = [[1], [1]]\nlabels = [1, 2]", "labels[1]: expected 1 or -1, got 2"),
        ("inputs = [[1]]\nlabels = [1.5]", "labels[0]: expected 1 or -1, got 1.5"),
        ("inputs = [[1]]\nlabels = [true]", "labels[0]: expected 1 or -1, got true"),
        ("inputs = [[1]]\nlabels = ['cat']", 'labels[0]: expected 1 or -1, got "cat"'),
        ("inputs = [[1]]\nlabels = [nan]", "labels[0]: expected 1 or -1, got nan"),
        ("inputs = [[1]]\nlabels = [[1]]", "labels[0]: expected 1 or -1, got a list of 1"),
        ("inputs = [[1]]\nlabels = ['sqrt(2)']", 'labels[0]: expected 1 or -1, got "sqrt(2)"'),
        (
            "inputs = [[1]]\ntargets = [1, 2]",
            "targets: expected a list of 1 number (one for each sample), got a list of 2",
        ),
        ("inputs = [[1]]\ntargets = [inf]", "targets[0]: expected a finite number, got inf"),
        (
            "inputs = [[1]]\nlabels = [1]\nmultiplicity = [0]",
            "multiplicity[0]: expected a positive integer of at most 4000 digits, got 0",
        ),
        (
            "inputs = [[1]]\nlabels = [1]\nmultiplicity = [-1]",
            "multiplicity[0]: expected a positive integer of at most 4000 digits, got -1",
        ),
        (
            "inputs = [[1]]\nlabels = [1]\nmultiplicity = [1.5]",
            "multiplicity[0]: expected a positive integer of at most 4000 digits, got 1.5",
        ),
        (
            "inputs = [[1]]\nlabels = [1]\nmultiplicity = [1e4000]",
            "multiplicity[0]: expected a positive integer of at most 4000 digits, got 1e4000",
        ),
        ("inputs = [[1]]\nlabels = [1]\nmultiplicity = 2", "multiplicity: expected a list, got 2"),
        (
            "inputs = [[1]]\nlabels = [1]\nmultiplicity = [1, 1]",
            "multiplicity: expected a list of 1 multiplicity (one for each sample), got a list of 2",
        ),
        ("inputs = [[1]]\nfile = 'a.csv'", "inputs: expected no such key beside data.file, got a list of 1"),
        ("labels = [1]\nfile = 'a.csv'", "labels: expected no such key beside data.file, got a list of 1"),
        ("targets = [1]\nfile = 'a.csv'", "targets: expected no such key beside data.file, got a list of 1"),
    ],
    ids=short,
)
def test_refused(data: str, message: str) -> None:
    assert refusal(data_text(data)) == f"data.{message}"
