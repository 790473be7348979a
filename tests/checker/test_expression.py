"""The grammar: precedence, bounds, messages; hostile texts end quickly and in ExpressionProblem only."""

from __future__ import annotations

import contextlib
import copy
import pickle
import time
from fractions import Fraction

import pytest
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.checker.expression import (
    ALL_FUNCTIONS,
    MAX_HEIGHT,
    Expression,
    ExpressionProblem,
    decimal,
    evaluate,
    num,
    parse,
    parse_number,
    show,
    value,
    var,
)
from verifier.checker.number import PI, DomainProblem, exp, sqrt

Z = frozenset({"z"})


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("1/3", fmpq(1, 3)),
        ("-1/3", fmpq(-1, 3)),
        ("1/-3", fmpq(-1, 3)),
        ("2/3/4", fmpq(1, 6)),
        ("2 - 3 - 4", fmpq(-5)),
        ("-2**2", fmpq(-4)),
        ("(-2)**2", fmpq(4)),
        ("2**-2", fmpq(1, 4)),
        ("2**3**2", fmpq(512)),
        ("-2**-2", fmpq(-1, 4)),
        ("2*-3", fmpq(-6)),
        ("--2", fmpq(2)),
        ("+-+2", fmpq(-2)),
        ("2**(1+1)", fmpq(4)),
        ("0**0", fmpq(1)),
        (".5", fmpq(1, 2)),
        ("5.", fmpq(5)),
        ("1.50e-3", fmpq(3, 2000)),
        ("1E2", fmpq(100)),
        ("007", fmpq(7)),
        ("sqrt(2)*sqrt(2)", fmpq(2)),
        ("exp(0) + log(1) + tanh(0)", fmpq(1)),
        ("1/3 + 1e-40", fmpq(1, 3) + fmpq(1, 10**40)),
        ("pi", PI),
        ("\t1 +\n 1 ", fmpq(2)),
        ("1e-10000", fmpq(1, 10**10000)),
    ],
)
def test_numbers(words: str, expected: object) -> None:
    assert parse_number(words) == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "expected a number, a name or '\\(' at column 1"),
        ("1 +", "column 4"),
        ("1 2", "column 3"),
        ("(1", "expected '\\)' at column 3"),
        ("1)", "column 2"),
        ("2 ^ 3", "unexpected '\\^' at column 3"),
        ("１", "unexpected"),
        ("1\u00a0+ 1", "unexpected '\\\\xa0' at column 2"),
        ("1\x1c+1", "unexpected '\\\\x1c' at column 2"),
        ("1_000", "column 2"),
        ("0x10", "column 2"),
        ("nan", "unknown name 'nan'"),
        ("inf", "unknown name"),
        ("z", "unknown name"),
        ("abs(1)", "unknown name 'abs'"),
        ("__import__('os')", "unexpected"),
        ("sqrt", "expected '\\('"),
        ("sqrt()", "column 6"),
        ("sqrt(1, 2)", "takes 1 argument"),
        ("pi(1)", "column 3"),
        ("1e", "column 2"),
        ("1e10001", "decimal exponent"),
        ("1e-10001", "decimal exponent"),
        ("1e99999999999", "decimal exponent"),
        ("2**0.5", "integer power"),
        ("2**(1/2)", "integer power"),
        ("2**pi", "integer power"),
        ("2**1001", "integer power beyond"),
        ("2**(1/0)", "integer power"),
        ("1/0", "division by zero"),
        ("1/(1-1)", "division by zero"),
        ("0**-1", "division by zero"),
        ("log(0)", "log of 0"),
        ("log(-1)", "not positive"),
        ("sqrt(-1)", "negative"),
        ("1/(sqrt(2)*sqrt(3)-sqrt(6))", "division by zero"),
        ("log(sqrt(2+sqrt(3))-(sqrt(6)+sqrt(2))/2)", "could not be decided"),
    ],
)
def test_not_a_number(words: str, message: str) -> None:
    with pytest.raises(ExpressionProblem, match=message) as caught:
        parse_number(words)
    assert "\n" not in str(caught.value)


def test_variables_and_functions_are_those_asked_for() -> None:
    assert parse("z", Z) == var("z")
    assert parse("max(z, -1)", Z, ALL_FUNCTIONS) == Expression("max", (var("z"), num(-1)))
    with pytest.raises(ExpressionProblem, match="takes 2 argument"):
        parse("max(z)", Z, ALL_FUNCTIONS)
    with pytest.raises(ExpressionProblem, match="unknown name 'softplus'"):
        parse("softplus(z)", Z, ALL_FUNCTIONS)
    with pytest.raises(ExpressionProblem, match="integer power"):
        parse("2**z", Z)
    with pytest.raises(KeyError):
        evaluate(parse("z", Z), {})


def test_literals_fold_and_nothing_else_does() -> None:
    assert parse("1/3") == num(fmpq(1, 3))
    assert parse("1/0").op == "mul"
    assert parse("2*z", Z) == Expression("mul", (num(2), var("z")))
    assert parse("1+1").op == "add"
    assert parse("-z**2", Z) == Expression("neg", (Expression("pow", (var("z"),), exponent=2),))


def test_evaluate_in_balls_and_exactly() -> None:
    e = parse("max(abs(z), min(z, 2)) + z**2", Z, ALL_FUNCTIONS)
    assert evaluate(e, {"z": fmpq(-3)}) == 12
    assert evaluate(e, {"z": -sqrt(fmpq(2))}) == sqrt(fmpq(2)) + 2
    wide = evaluate(e, {"z": arb(0, 1)})
    assert all(wide.contains(arb(u) * arb(u) + abs(arb(u))) for u in (-1, 0, 1))
    with pytest.raises(DomainProblem):
        evaluate(parse("1/z", Z), {"z": fmpq(0)})


def test_decimal() -> None:
    assert decimal("12.340e1") == fmpq(617, 5)
    assert decimal("0" * 9_000 + "1") == 1


def test_content_not_identity_makes_equal() -> None:
    first, second = (parse("max(z, 1/2)*exp(-z)", Z, ALL_FUNCTIONS) for _ in range(2))
    assert first is not second
    assert first == second
    assert hash(first) == hash(second)
    assert pickle.loads(pickle.dumps(first)) == first  # noqa: S301
    assert copy.deepcopy(first) == first
    assert first != parse("max(z, 1/2)*exp(z)", Z, ALL_FUNCTIONS)
    assert num(1) != var("z")
    assert num(1) != "1"
    assert parse("z**2", Z) != parse("z**3", Z)


@pytest.mark.parametrize(
    "words",
    [
        "1 - (2 - z)", "1 - -z", "(-z)**2", "-z**2", "z/(1/z)", "1/(z*z)", "z*(-2)", "(z + 1)*z", "-(-z)", "(1/3)**2",
        "z - (-3)", "2**3*z", "max(-z, z - 1)", "z/2*(1+erf(z/sqrt(2)))", "(z**2)**3", "z**-3", "pi*z", "-(z + 1)",
    ],
)  # fmt: skip
def test_show_parses_back(words: str) -> None:
    e = parse(words, Z, ALL_FUNCTIONS)
    assert parse(show(e), Z, ALL_FUNCTIONS) == e


def texts() -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["z", "pi", "0", "1", "2.5", "1/3", "7e-1"])
    return st.recursive(
        leaf,
        lambda t: st.one_of(
            st.tuples(t, st.sampled_from(["+", "-", "*", "/"]), t).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
            st.tuples(t, st.sampled_from(["+", "-", "*", "/"]), t).map(" ".join),
            st.tuples(st.sampled_from(["abs", "exp", "-", "+"]), t).map(lambda p: f"{p[0]}({p[1]})"),
            st.tuples(t, st.integers(-3, 3)).map(lambda p: f"({p[0]})**{p[1]}"),
        ),
        max_leaves=12,
    )


@settings(max_examples=300, deadline=None)
@given(texts())
def test_whatever_parses_is_shown_so_that_it_parses_back(words: str) -> None:
    e = parse(words, Z, ALL_FUNCTIONS)
    assert parse(show(e), Z, ALL_FUNCTIONS) == e


@settings(max_examples=300, deadline=None)
@given(st.recursive(
    st.integers(0, 9).map(str),
    lambda t: st.tuples(st.sampled_from(["", "-"]), t, st.sampled_from(["+", "-", "*"]), t, st.booleans()).map(
        lambda p: f"({p[0]}{p[1]}{p[2]}{p[3]})" if p[4] else f"{p[0]}{p[1]}{p[2]}{p[3]}"
    ),
    max_leaves=10,
))  # fmt: skip
def test_precedence_is_that_of_python(words: str) -> None:
    expected = Fraction(_python(words))
    assert parse_number(words) == fmpq(expected.numerator, expected.denominator)


def _python(words: str) -> int:
    """Python's own reading of a sum and product of digits, through its syntax tree."""
    import ast

    def walk(node: ast.expr) -> int:
        if isinstance(node, ast.Constant):
            assert isinstance(node.value, int)
            return node.value
        if isinstance(node, ast.UnaryOp):
            return -walk(node.operand)
        assert isinstance(node, ast.BinOp)
        x, y = walk(node.left), walk(node.right)
        return {ast.Add: x + y, ast.Sub: x - y, ast.Mult: x * y}[type(node.op)]

    return walk(ast.parse(words, mode="eval").body)


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="0123456789.eE+-*/(), zpisqrtexplogtanh\n", max_size=40) | st.text(max_size=20))
def test_any_text_gives_a_number_or_a_problem(words: str) -> None:
    with contextlib.suppress(ExpressionProblem):
        parse_number(words)


# -- hostile texts -----------------------------------------------------------------------------------------------------


def nested(pattern: str, times: int, core: str) -> str:
    for _ in range(times):
        core = pattern.format(core)
    return core


HOSTILE = {
    "products of huge powers": "*".join(["(2**1000)**1000"] * 600),
    "sums of huge fractions": "+".join(f"((1/{101 + 2 * i})**100)**100" for i in range(450)),
    "literals": "*".join(["1e9999"] * 1_400),
    "small literals": "+".join(["1/3e9999"] * 1_100),
    "a tower": "9**9**9**9",
    "a tower of brackets": "((9**999)**999)**999",
    "a tower of exp": nested("exp({})", 99, "9"),
    "log of a tower": "log(1+" + nested("exp({})", 90, "1") + ")",
    "powers in tanh": nested("tanh((1+{})**50)", 6, "exp(1)"),
    "powers in exp": "log(" + nested("exp((1+{}/1000)**20)", 5, "exp(1)") + "+1)",
    "many terms": "(" + "+".join(f"exp({i})" for i in range(1, 60)) + ")**1000",
    "many roots": "1/(" + "+".join(f"sqrt({p})" for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43)) + ")",
    "inverses in a field": "*".join(["1/(sqrt(2)+sqrt(3)+sqrt(5)+sqrt(7)+sqrt(11)+sqrt(13))"] * 150),
    "powers in a field": "*".join(["(sqrt(2)+sqrt(3)+sqrt(5)+sqrt(7)+sqrt(11)+sqrt(13))**999"] * 150),
    "big coefficients": "(pi+1e9999)**1000",
    "many powers": "*".join(["(pi+1)**99"] * 900),
    "factoring": "+".join(f"log({18446744073709551557 - 2 * i})" for i in range(300)),
    "factoring for roots": "+".join(f"sqrt({4294967291 * (4294967279 - 2 * i)})" for i in range(300)),
    "signs of sums": "sqrt(" + "+".join(f"tanh({i}/7)" for i in range(1, 700)) + "-699)",
    "logs in exp": "exp(" + "+".join(f"1/2*log({i})" for i in range(2, 600)) + ")",
    "a sign that is never found": "log(" + "+".join(["sqrt(2+sqrt(3))-(sqrt(6)+sqrt(2))/2"] * 280) + ")",
    "signs": "-" * 9_990 + "1",
    "brackets": "(" * 4_999 + "1" + ")" * 4_999,
    "open brackets": "(" * 10_000,
    "powers of one": "2" + "**1" * 3_000,
    "deep minus": nested("1-({})", 99, "1"),
    "deep mixture": nested("1-2*-tanh({})**2", 98, "1"),
    "deep roots": nested("sqrt(1+{})", 98, "2"),
    "deep logs": nested("log(3+{})", 98, "2"),
    "deep inverses": nested("1/(pi+{})", 98, "2"),
    "exponents": "2**(" * 49 + "1" + ")" * 49,
    "exponents that cost": "+".join(["2**(0*(sqrt(2)+sqrt(3)+sqrt(5)+sqrt(7))**99)"] * 200),
    "too long": "1" * 10_001,
    "all digits": "9" * 10_000,
    "all dots": "." * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_number_ends_soon(name: str) -> None:
    start = time.process_time()
    try:
        parse_number(HOSTILE[name])
    except ExpressionProblem as problem:
        assert len(str(problem)) < 300
    assert time.process_time() - start < 2


@pytest.mark.parametrize("pattern", ["abs(z-2*{})", "1-({})", "exp({})", "max(z,1-{})", "tanh(1+z*{})", "min(1,{})"])
def test_deep_nesting_needs_no_deep_stack(pattern: str) -> None:
    words = nested(pattern, 98, "z")
    first, second = parse(words, Z, ALL_FUNCTIONS), parse(words, Z, ALL_FUNCTIONS)
    assert first == second
    assert first.height <= MAX_HEIGHT
    assert len(show(first)) < 3_000
    evaluate(first, {"z": arb(0)})


def test_bounds_of_nesting() -> None:
    assert parse_number("(" * 99 + "1" + ")" * 99) == 1
    with pytest.raises(ExpressionProblem, match="nested deeper than 100"):
        parse_number("(" * 100 + "1" + ")" * 100)
    with pytest.raises(ExpressionProblem, match="one inside the other"):
        parse(nested("1-2*-abs({})**2", 98, "z"), Z, ALL_FUNCTIONS)


def test_value_of_an_expression() -> None:
    assert value(parse("exp(1)")) == exp(fmpq(1))
    with pytest.raises(ExpressionProblem, match="expected a defined number"):
        value(parse("1/0"))
