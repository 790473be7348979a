"""Numbers of a file are exact, round-trip through their text, and never pass through a float."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.case.conftest import short
from verifier.case.errors import Refused
from verifier.case.numbers import NotANumber, exact, from_text, normalised, number, sign_of, text_of
from verifier.case.reading import DecimalLiteral
from verifier.checker.expression import ALL_FUNCTIONS, Expression, num, parse, parse_number, show, var
from verifier.checker.number import Number

HUGE = fmpq(10) ** 10_000


@pytest.mark.parametrize(
    ("item", "value"),
    [
        (3, fmpq(3)),
        (-(10**400), -(fmpq(10) ** 400)),
        (DecimalLiteral("0.1"), fmpq(1, 10)),
        (DecimalLiteral("-1.50e-3"), fmpq(-3, 2000)),
        (DecimalLiteral("+5E2"), fmpq(500)),
        (DecimalLiteral("5e-324"), fmpq(5) / fmpq(10) ** 324),
        (DecimalLiteral("1.7976931348623157e308"), fmpq(17976931348623157) * fmpq(10) ** 292),
        ("1/3", fmpq(1, 3)),
        ("-4/6", fmpq(-2, 3)),
        (" 1/3 + 1e-40 ", fmpq(1, 3) + 1 / fmpq(10) ** 40),
        ("-2**2", fmpq(-4)),
        ("2**3**2", fmpq(512)),
        ("2**-1", fmpq(1, 2)),
        ("sqrt(4)", fmpq(2)),
        ("1e10000", HUGE),
        ("-1e-10000", -1 / HUGE),
        (fmpq(2, 7), fmpq(2, 7)),
    ],
    ids=short,
)
def test_exact_values(item: object, value: fmpq) -> None:
    found = exact(item)
    assert isinstance(found, fmpq) and found == value


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (DecimalLiteral("nan"), "expected a finite number, got nan"),
        (DecimalLiteral("+inf"), "expected a finite number, got +inf"),
        ("nan", 'expected a finite number, got "nan"'),
        ("-Infinity", 'expected a finite number, got "-Infinity"'),
        (DecimalLiteral("1e999999999"), "(decimal exponent beyond +-10000 in 1e999999999), got 1e999999999"),
        ("1e10001", '(decimal exponent beyond +-10000 in 1e10001), got "1e10001"'),
        ("1e-10001", "(decimal exponent beyond +-10000 in 1e-10001)"),
        ("(" * 10_000, "(nested deeper than 100)"),
        ("(" * 4_000 + "1" + ")" * 4_000, "(nested deeper than 100)"),
        ("1" * 10_001, "(expected at most 10000 characters, got 10001)"),
        ("__import__('os')", '(unexpected "\'" at column 12)'),
        ("__import__", "(unknown name '__import__' at column 1"),
        ("2**1001", "(integer power beyond +-1000 at column 2)"),
        ("2**(1/2)", "(expected an integer power after '**' at column 2"),
        ("1/0", "(expected a defined number, got division by zero)"),
        ("0**-1", "(expected a defined number, got division by zero)"),
        ("sqrt(-1)", "(expected a defined number, got sqrt of -1, which is negative)"),
        ("log(0)", "(expected a defined number, got log of 0, which is not positive)"),
        ("1/(sqrt(5 + 2*sqrt(6)) - sqrt(2) - sqrt(3))", "(expected a number whose value can be settled"),
        ("(9**1000)**1000", "(expected a number whose value can be settled: a power has more than"),
        ("max(1, 2)", "(unknown name 'max' at column 1"),
        ("z", "(unknown name 'z' at column 1"),
        ("", "got 'end of text')"),
        ("1 2", "(expected an operator or the end, got '2' at column 3)"),
        ("1,5", "got ',' at column 2)"),
        ("٣", "(unexpected '٣' at column 1)"),
        ("0x10", "got 'x10' at column 2)"),
        ("1_000", "got '_000' at column 2)"),
        (True, "got true"),
        (None, "got nothing"),
        ([1], "got a list of 1"),
        ({}, "got a table"),
        (10**10_001, "expected an integer of at most 10000 digits, got an integer of about 10002 digits"),
        (0.5, "got 0.5"),
    ],
    ids=short,
)
def test_refused(item: object, message: str) -> None:
    with pytest.raises(Refused) as caught:
        number(item, "a.b")
    assert caught.value.key == "a.b"
    assert message in caught.value.message and caught.value.message.startswith("expected ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1" + "0" * 9_999, fmpq(10) ** 9_999),
        ("2**1000", fmpq(2) ** 1_000),
        ("2**-1000", 1 / fmpq(2) ** 1_000),
        ("(" * 99 + "7" + ")" * 99, fmpq(7)),
        ("1e10000/1e10000", fmpq(1)),
    ],
    ids=short,
)
def test_at_the_limits(text: str, value: fmpq) -> None:
    assert exact(text) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_binary64_in_its_shortest_form_is_its_decimal(x: float) -> None:
    """The exact decimal: 0.1 is 1/10, not the binary64 nearest to it."""
    assert exact(DecimalLiteral(repr(x))) == fmpq(*Decimal(repr(x)).as_integer_ratio())


@given(st.integers(), st.integers(min_value=-400, max_value=400))
def test_decimals_do_not_pass_through_floats(digits: int, shift: int) -> None:
    assert from_text(f"{digits}e{shift}") == fmpq(digits) * fmpq(10) ** shift


@given(st.fractions())
def test_text_of_rationals_round_trips(x: object) -> None:
    value = from_text(str(x))
    assert text_of(value) == str(x) and from_text(text_of(value)) == value


@pytest.mark.parametrize("text", ["1e10000", "-1.5e-10000", "1/1e10000", "(7**1000)**20", "1e9999 + 1e-9999"])
def test_long_rationals_keep_a_short_text(text: str) -> None:
    """Written out they would pass the bound on characters, and the checker could not read them."""
    value = from_text(text)
    assert len(str(value)) > 10_000
    assert len(text_of(value)) < 60 and parse_number(text_of(value)) == value
    assert len(text_of(value + 0)) > 10_000, "an arithmetic result is plain again"


NAMES = st.sampled_from(["sqrt", "exp", "log", "tanh", "abs", "sigmoid", "arctan", "erf"])
LEAVES = st.one_of(
    st.builds(num, st.integers(min_value=-9, max_value=9)),
    st.builds(lambda p, q: num(fmpq(p, q)), st.integers(-9, 9), st.integers(1, 9)),
    st.just(var("z")),
    st.just(Expression("pi")),
)


def compound(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    two = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(lambda name, x: Expression(name, (x,)), NAMES, inner),
        st.builds(lambda name, x, y: Expression(name, (x, y)), st.sampled_from(["max", "min"]), inner, inner),
        st.builds(lambda x: Expression("neg", (x,)), inner),
        st.builds(lambda x, n: Expression("pow", (x,), exponent=n), inner, st.integers(-1000, 1000)),
        st.builds(lambda op, args: Expression(op, args), st.sampled_from(["add", "mul"]), two),
    )


@given(st.recursive(LEAVES, compound, max_leaves=12))
@settings(max_examples=150)
def test_parse_undoes_show(expression: Expression) -> None:
    """For whatever the parser returns (which folds products of literals, so once through it first)."""
    z = frozenset({"z"})
    parsed = parse(show(expression), z, ALL_FUNCTIONS)
    assert parse(show(parsed), z, ALL_FUNCTIONS) == parsed


@pytest.mark.parametrize("text", ["sqrt(2)", "3 - 2*sqrt(2)", "tanh(1)", "exp(1)/(1+exp(1))", "log(3)*pi", "-pi**-2"])
def test_irrational_numbers_round_trip(text: str) -> None:
    """The checker reads back an equal number, also where the canonical form is no text of the grammar (tanh)."""
    value = from_text(text)
    assert isinstance(value, Number)
    assert parse_number(text_of(value)) == value
    assert text_of(value) == show(parse(text))


def test_authors_text_is_kept_where_showing_passes_a_bound() -> None:
    text = "z" + "+z" * 4_500
    z = frozenset({"z"})
    expression = parse(text, z, ALL_FUNCTIONS)
    assert len(show(expression)) > 10_000
    assert normalised(text, expression, z, ALL_FUNCTIONS) == text
    assert normalised("z +z", parse("z+z", z), z) == "z + z"


@pytest.mark.parametrize(
    ("text", "sign"), [("sqrt(2) - 1", 1), ("0", 0), ("-1/3", -1), ("log(6) - log(2) - log(3)", 0)]
)
def test_signs(text: str, sign: int) -> None:
    assert sign_of(from_text(text), "key", "a number > 0") == sign


def test_undecidable_sign_is_refused() -> None:
    zero = from_text("sqrt(5 + 2*sqrt(6)) - sqrt(2) - sqrt(3)")
    with pytest.raises(Refused, match=r"expected a number > 0, got .*, whose sign could not be decided"):
        sign_of(zero, "key", "a number > 0")


def test_not_a_number_says_what_was_expected() -> None:
    with pytest.raises(NotANumber) as caught:
        exact(None)
    assert caught.value.expected == 'a number such as 2, 0.5, "1/3" or "sqrt(2)"'
