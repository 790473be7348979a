"""Inline text: templates, numbers, and what is done to a stranger's characters."""

from __future__ import annotations

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from verifier.checker.expression import parse_number
from verifier.report.text import (
    Formula,
    Number,
    Plain,
    approximately,
    decimal,
    exact,
    listed,
    paragraphs,
    plain,
    say,
    visible,
)


def test_a_template_has_formulas_and_values() -> None:
    found = say("a $x_{k}$ is {v}, {w}", k=3, v=fmpq(1, 3), w="{k} $y$")
    assert found == (Plain("a "), Formula("x_3"), Plain(" is "), Number("1/3"), Plain(", "), Plain("{k} $y$"))


def test_a_value_is_never_a_template() -> None:
    assert plain(say("{a}", a="$x$ {b}")) == "$x$ {b}"


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("{a}")


def test_a_long_number_is_rounded_and_keeps_its_exact_text() -> None:
    third = fmpq(10**40, 3 * 10**40 + 1)
    assert exact(third) == Number(str(third), "0.3333333333")
    assert exact(fmpq(1, 3)) == Number("1/3", None)


@pytest.mark.parametrize(
    ("number", "shown"), [("2/3", "0.6667"), ("-5", "-5"), ("1/2**40", "9.095e-13"), ("sqrt(2)", "1.414")]
)
def test_decimals(number: str, shown: str) -> None:
    assert decimal(parse_number(number), 4) == shown


def test_lists_of_samples() -> None:
    assert (listed([4]), listed([0, 1, 2])) == ("4", "0, 1 and 2")
    assert listed(range(20), 4) == "0, 1, 2, … (20 in all)"


@given(st.text())
def test_what_is_visible_has_no_character_that_acts(words: str) -> None:
    shown = visible(words)
    assert shown.isprintable()
    assert visible(shown) == shown
    assert "".join(shown.split()) == "".join(words.split()) or not words.isprintable()


def test_paragraphs_are_cut_at_empty_lines() -> None:
    assert paragraphs("a\nb\n\n \n c\t\u202ed") == ["a b", "c [U+202E]d"]


def test_no_equals_sign_before_a_rounded_number() -> None:
    text = say("c = {c} < 0", c=fmpq(10**40, 3 * 10**40 + 1))
    assert plain(approximately(text, lambda number: True)).startswith("c 1")
    assert approximately(text, lambda number: False) == text
