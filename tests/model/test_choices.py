"""Finding and resolving max, min and abs."""

from __future__ import annotations

import pytest

from tests.model.builders import written
from verifier.checker.expression import Expression, show
from verifier.model.choices import choices, difference, resolve


def expression(text: str) -> Expression:
    found = written(text).expr
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("z**2", []),
        ("max(z, 0)", ["max(z, 0)"]),
        ("abs(min(z, 1))", ["min(z, 1)", "abs(min(z, 1))"]),
        ("max(z, 0) + max(z, 0)", ["max(z, 0)"]),
        ("exp(max(z, 0))*min(z, 2)", ["max(z, 0)", "min(z, 2)"]),
    ],
)
def test_choices_inner_first_without_repetition(text: str, found: list[str]) -> None:
    assert [show(c) for c in choices(expression(text))] == found


@pytest.mark.parametrize(
    ("text", "sign", "result"),
    [
        ("max(z, 1)", 1, "z"),
        ("max(z, 1)", -1, "1"),
        ("min(z, 1)", 1, "1"),
        ("min(z, 1)", -1, "z"),
        ("abs(z)", 1, "z"),
        ("abs(z)", -1, "-z"),
        ("2*abs(max(z, 3))", -1, "2*(-3)"),
    ],
)
def test_resolve(text: str, sign: int, result: str) -> None:
    resolved = resolve(expression(text), lambda _: sign)
    assert choices(resolved) == ()
    assert show(resolved) == result or resolved == expression(result)


def test_difference_of_abs_is_twice_its_argument() -> None:
    assert show(difference(expression("abs(z)"))) == "z - (-z)"
