"""Messages: one printable line, whatever a file contains."""

from __future__ import annotations

import pytest

from tests.case.conftest import short
from verifier.case import InputError
from verifier.case.errors import Refused, choice, describe, nearest, printable, refuse, shorten


def test_input_error_is_one_line_file_key_message() -> None:
    error = InputError("a.toml", "data.labels[2]", "expected 1 or -1, got 0")
    assert str(error) == "a.toml: data.labels[2]: expected 1 or -1, got 0"
    assert (error.path, error.key, error.message) == ("a.toml", "data.labels[2]", "expected 1 or -1, got 0")


def test_input_error_about_the_whole_file_has_no_key() -> None:
    assert str(InputError("a.toml", "", "expected a case file, got a folder")) == (
        "a.toml: expected a case file, got a folder"
    )


@pytest.mark.parametrize("evil", ["a\nb", "a\rb", "\x1b[31mred", "a\u2028b", "\u202eright to left", "\x00"])
def test_what_a_terminal_acts_on_is_escaped(evil: str) -> None:
    line = str(InputError(evil, evil, evil))
    assert line.isprintable() and len(line.splitlines()) == 1


def test_printable_text_is_left_alone() -> None:
    assert printable("ε > 0: größer") == "ε > 0: größer"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (-(10**70), "an integer of about 71 digits"),
        (10**9_999, "an integer of about 10000 digits"),
        ("abc", '"abc"'),
        ("x" * 100, '"' + "x" * 57 + '..."'),
        ("a\nb", '"a\\nb"'),
        ({}, "a table"),
        ([], "an empty list"),
        ([1, 2], "a list of 2"),
    ],
    ids=short,
)
def test_describe(value: object, words: str) -> None:
    assert describe(value) == words


def test_shorten_looks_at_the_beginning_only() -> None:
    assert shorten("\x00" * 10**6).startswith("\\x00")
    assert len(shorten("\x00" * 10**6)) == 60


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("multiplicty", " (did you mean multiplicity?)"),
        ("LABELS", " (did you mean labels?)"),
        ("w", " (did you mean W?)"),
        ("zzz", ""),
        ("", ""),
        ("l" * 10**6, ""),
    ],
    ids=short,
)
def test_nearest(name: str, hint: str) -> None:
    assert nearest(name, ["inputs", "labels", "multiplicity", "W"]) == hint


@pytest.mark.parametrize(
    ("value", "got"),
    [("rellu", 'got "rellu" (did you mean relu?)'), (3, "got 3"), (None, "got nothing"), ([], "got an")],
)
def test_choice_refuses(value: object, got: str) -> None:
    with pytest.raises(Refused) as caught:
        choice(value, ["relu", "tanh"], "key")
    assert caught.value.key == "key"
    assert caught.value.message.startswith(f"expected one of relu, tanh, {got}")


def test_choice_accepts_and_lists_at_most_twelve_names() -> None:
    names = [f"name{index}" for index in range(20)]
    assert choice("name19", names, "key") == "name19"
    with pytest.raises(Refused, match=r"name11, \.\.\., got"):
        choice(1, names, "key")


def test_refusal_inside_a_data_file_names_file_and_place() -> None:
    outer = refuse("data.labels[2]", "1 or -1", "0").inside("data.file", "a.csv", "data")
    assert (outer.key, outer.message) == ("data.file", 'expected 1 or -1 at labels[2] in "a.csv", got 0')
