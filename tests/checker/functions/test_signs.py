"""Signs on intervals: what each method proves, what none of them may claim."""

from __future__ import annotations

import pytest
from flint import arb, fmpq, fmpq_poly

from verifier.checker.expression import ALL_FUNCTIONS, Expression, parse
from verifier.checker.functions import limits, ring
from verifier.checker.functions.boxes import sign_on_boxes
from verifier.checker.functions.differentiate import derivative, total
from verifier.checker.functions.form import NotInForm, form, is_identically_zero, reflected
from verifier.checker.functions.monotone import signs_by_slope
from verifier.checker.functions.numerators import numerator_signs, sturm_signs
from verifier.checker.functions.pieces import pieces
from verifier.checker.functions.points import sign_at_point
from verifier.checker.functions.ring import Polynomial, Ring, gather
from verifier.checker.functions.sign_set import ALL, Signs, added, among, exactly, flipped, multiplied, only, to_power
from verifier.checker.functions.signs import signs
from verifier.checker.functions.structure import structural_signs
from verifier.checker.functions.tails import left_tail, right_tail
from verifier.checker.number import PI, TooLarge, Undecided, is_zero, work
from verifier.checker.polynomial import End

Q = fmpq


def read(words: str) -> Expression:
    return parse(words, frozenset({"z"}), ALL_FUNCTIONS)


# -- sets of signs -----------------------------------------------------------------------------------------------------


def test_three_answers() -> None:
    assert only(1).all_in(0, 1) is True
    assert only(1).all_in(-1, 0) is False
    assert among(0, 1).all_in(1) is None
    assert exactly(0, 1).all_in(1) is False
    assert ALL.all_in(1) is None
    assert Signs(frozenset({1})).all_in(0) is False  # something is taken, and it can only be 1


def test_arithmetic_of_signs() -> None:
    assert multiplied(only(-1), exactly(0, 1)) == exactly(0, -1)
    assert multiplied(among(0, 1), exactly(0, 1)) == among(0, 1)
    assert multiplied(only(0), ALL) == Signs(frozenset({0}), frozenset({0}))
    assert added(only(1), among(0, 1)).possible == {1}
    assert added(only(1), among(-1)).possible == {-1, 0, 1}
    assert added(among(0, 1), among(0, 1)).possible == {0, 1}
    assert added(exactly(0, 1), exactly(0, 1)).taken == set()
    assert flipped(exactly(0, 1)) == exactly(0, -1)
    assert to_power(exactly(-1, 0), 2) == exactly(0, 1)
    assert to_power(exactly(-1, 0), 3) == exactly(-1, 0)


@pytest.mark.parametrize(
    ("coefficients", "left", "right", "expected"),
    [
        ([0, 0, 1], None, None, exactly(0, 1)),
        ([0, 0, 1], Q(1), None, only(1)),
        ([0, 1], None, Q(0), exactly(-1, 0)),
        ([-1, 0, 1], Q(-1), Q(1), exactly(-1, 0)),
        ([-2, 0, 1], Q(1), Q(2), exactly(-1, 0, 1)),
        ([0], None, None, only(0)),
    ],
)
def test_sturm_on_closed_intervals(coefficients: list[int], left: End, right: End, expected: Signs) -> None:
    assert sturm_signs(fmpq_poly(coefficients), left, right) == expected


# -- normal forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["sigmoid(z) - exp(z)/(1 + exp(z))", "tanh(z) - 2*sigmoid(2*z) + 1", "sigmoid(2*z + 1) + sigmoid(-2*z - 1) - 1",
     "exp(z/2)*exp(z/3) - exp(5*z/6)", "sqrt(1 + z**2)**2 - z**2 - 1", "1/(1/(1 + z**2)) - 1 - z**2",
     "exp(-(z/sqrt(2))**2) - exp(-z**2/2)", "(exp(z) + exp(-z))**2 - exp(2*z) - exp(-2*z) - 2", "pi*z - z*pi"],
)  # fmt: skip
def test_identities(words: str) -> None:
    assert is_identically_zero(read(words))


@pytest.mark.parametrize(
    "words",
    ["exp(z) - exp(-z)", "sigmoid(z) - exp(z)", "tanh(z) - sigmoid(z)", "sqrt(1 + z**2) - z", "exp(z + 1) - exp(z)",
     "arctan(z) - arctan(z)", "exp(exp(z)) - exp(exp(z))", "z/10**30", "exp(z/2) - exp(z/3)"],
)  # fmt: skip
def test_no_identity_is_claimed(words: str) -> None:
    assert not is_identically_zero(read(words))


@pytest.mark.parametrize("words", ["exp(-z)", "1/(1 + exp(-2*z))", "exp(-3*z) + exp(-2*z)", "exp(1 - z**2)"])
def test_the_exponent_leads_positive(words: str) -> None:
    u = form(read(words)).ring.exponent
    assert u is not None and u.leading_coefficient() > 0


@pytest.mark.parametrize("words", ["exp(z) + exp(z**2)", "sqrt(1+z**2) + sqrt(2+z**2)", "log(1+exp(z))", "exp(pi*z)"])
def test_not_in_form(words: str) -> None:
    with pytest.raises(NotInForm):
        form(read(words))


def test_reflection() -> None:
    assert is_identically_zero(total(reflected(read("exp(z) - z**3")), read("-exp(-z) - z**3")))


def test_terms_are_bounded() -> None:
    with pytest.raises(TooLarge):
        form(read("(1 + exp(z) + z)**40"))
    with pytest.raises(TooLarge):
        ring.power(ring.Z, 100, Ring())


# -- methods -----------------------------------------------------------------------------------------------------------

POSITIVE = [  # (text, left, right): > 0 on the interval
    ("1 + exp(z)", None, None),
    ("1 - tanh(z)**2", None, None),
    ("1 + z/sqrt(1 + z**2)", None, None),
    ("exp(2*z) - exp(z) + 1", None, None),
    ("exp(z) - 1/2", Q(0), None),
    ("z*exp(z)", Q(1), None),
    ("1 - exp(z)", None, Q(-1, 100)),
    ("1 + z*exp(-z)/3", Q(-1), None),
    ("exp(z) - z", None, None),
    ("exp(z) - z - 1", Q(1, 100), None),
    ("2 + sigmoid(z) + z*sigmoid(z)*sigmoid(-z)", None, None),
    ("arctan(z)", Q(1, 9), None),
]
NOT_POSITIVE = [
    ("exp(z) - 1", Q(0), None, 0),
    ("exp(2*z) - 2*exp(z) + 1", None, None, 0),
    ("exp(2*z) - 2*exp(z) + 999/1000", None, None, -1),
    ("exp(z) - z - 1", None, None, 0),
    ("1 + z*exp(-z)", Q(-1), None, -1),
    ("exp(z) - 1000", Q(0), None, -1),
    ("2 + sigmoid(z) - z**2/10**9", None, None, -1),
    ("2 + sigmoid(z) + z/10**9", None, Q(1), -1),
    ("z**2*exp(z)", None, None, 0),
    ("(z - 1/3)*(exp(z) + 1)", Q(1, 3), None, 0),
]


@pytest.mark.parametrize(("words", "left", "right"), POSITIVE)
def test_positive(words: str, left: End, right: End) -> None:
    assert signs(read(words), left, right).all_in(1) is True
    assert signs(read(f"-({words})"), left, right).all_in(-1) is True
    assert signs(read(f"-({words})"), left, right).all_in(0, 1) is False


@pytest.mark.parametrize(("words", "left", "right", "worst"), NOT_POSITIVE)
def test_not_positive(words: str, left: End, right: End, worst: int) -> None:
    found = signs(read(words), left, right)
    assert found.all_in(1) is False
    assert found.all_in(0, 1) is (worst == 0)


def test_without_work_nothing_is_proved() -> None:
    with work(0):
        assert signs(read("1 + exp(z)"), None, None) == ALL


def test_a_zero_that_is_touched_at_no_witness_is_left_open() -> None:
    found = signs(read("exp(2*z) - 4*exp(z) + 4 + arctan(z) - arctan(z)"), None, None)  # 0 at log 2
    assert (found.all_in(1), found.all_in(0, 1)) == (None, None)


def test_structure_divides_by_what_has_a_sign() -> None:
    assert structural_signs(read("1/(exp(z) - 1)"), Q(1), None) == only(1)
    assert structural_signs(read("1/(exp(z) - 1)"), None, Q(-1)) == only(-1)
    assert structural_signs(read("z/(1 - 2*exp(z))"), Q(1), Q(2)).all_in(-1) is True


def test_boxes() -> None:
    f = read("z*sigmoid(z) + 1/3")
    assert sign_on_boxes(f, derivative(f), Q(-20), Q(20)) == 1
    f = read("z*sigmoid(z) + 1/4")  # its least value is -0.278...
    assert sign_on_boxes(f, derivative(f), Q(-20), Q(20)) is None
    f = read("z**2")
    assert sign_on_boxes(f, derivative(f), Q(-1), Q(1)) is None


def _poly(*terms: tuple[int, int, int]) -> Polynomial:
    return gather(((i, j, 0), Q(c)) for i, j, c in terms)


EXP = Ring(fmpq_poly([0, 1]))


def test_tails() -> None:
    p = _poly((1, 1, 1), (3, 0, -1))  # z s - z^3
    assert right_tail(p, EXP, Q(8)) == 1
    assert right_tail(p, EXP, Q(2)) is None  # k q R < i
    assert left_tail(p, EXP, Q(16)) == 1  # -z^3 leads where s -> 0
    assert right_tail(_poly((0, 1, 1), (0, 0, -3000)), EXP, Q(8)) is None  # e^8 = 2980.9...
    assert right_tail(_poly((0, 1, 1), (0, 0, -2980)), EXP, Q(8)) == 1
    assert right_tail(_poly((1, 1, 1), (0, 1, -9), (0, 0, 1)), EXP, Q(8)) is None  # (z - 9) s + 1 turns at 9
    assert right_tail(p, Ring(fmpq_poly([0, -1])), Q(8)) is None
    assert right_tail(p, Ring(fmpq_poly([0, 0, 1])), Q(8)) is None
    assert right_tail(p, EXP, Q(0)) is None


@pytest.mark.parametrize("word", ["s", "s - 2", "1 - s", "z*s"])
def test_the_range_of_s_is_enclosed(word: str) -> None:
    e = {"s": _poly((0, 1, 1)), "s - 2": _poly((0, 1, 1), (0, 0, -2)), "1 - s": _poly((0, 0, 1), (0, 1, -1)),
         "z*s": _poly((1, 1, 1))}[word]  # fmt: skip
    for left, right in ((Q(-1), Q(1)), (Q(0), None), (None, Q(0)), (Q(7, 10), Q(3)), (Q(-300), Q(300))):
        found = numerator_signs(e, EXP, left, right)
        for z in (left, right, Q(1, 2), Q(-1, 2)):
            if z is not None and (left is None or z >= left) and (right is None or z <= right):
                s = arb(z).exp()
                value = {"s": s, "s - 2": s - 2, "1 - s": 1 - s, "z*s": z * s}[word]
                assert value.contains(0) or (1 if value > 0 else -1) in found.possible


def test_slopes_decide_where_a_zero_is_touched() -> None:
    assert signs_by_slope(read("exp(z) - z - 1"), None, None).possible == {0, 1}
    assert signs_by_slope(read("exp(z) - z - 1 - z**2/2"), Q(0), None).possible == {0, 1}
    assert signs_by_slope(read("arctan(z) - z"), Q(0), None).possible == {-1, 0}


@pytest.mark.parametrize(("words", "z", "sign"), [("exp(z) - 1", Q(0), 0), ("z - 1", Q(0), -1), ("1/z", Q(0), None)])
def test_points(words: str, z: fmpq, sign: int | None) -> None:
    assert sign_at_point(read(words), z) == sign


# -- limits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "side", "value", "infinite"),
    [
        ("z*sigmoid(z)", -1, Q(0), 0),
        ("z*sigmoid(z)", 1, Q(0), 1),
        ("z*sigmoid(z) - z", 1, Q(0), 0),
        ("(3*z**2 + 1)/(2*z**2 + exp(z))", -1, Q(3, 2), 0),
        ("arctan(z)", -1, -PI / 2, 0),
        ("exp(-z**2)", 1, Q(0), 0),
        ("z**3*exp(z)", -1, Q(0), 0),
        ("z**3/(1 + z**2)", -1, Q(0), -1),
        ("log(sigmoid(z))", -1, Q(0), -1),
        ("(1 + z**2)/(1 + exp(-z))", -1, Q(0), 0),
        ("(1 + z**2)/(1 + exp(-z))", 1, Q(0), 1),
        ("exp(-3*z)", -1, Q(0), 1),
        ("erf(z) + tanh(z)", 1, Q(2), 0),
    ],
)
def test_limits(words: str, side: int, value: fmpq, infinite: int) -> None:
    found = limits.limit(read(words), side)
    assert found is not None
    assert found.infinite == infinite
    assert infinite or is_zero(found.value - value)


@pytest.mark.parametrize("words", ["sqrt(1 + z**2) - z", "z*(1 - erf(z))", "exp(z)/exp(z**2)", "log(1+exp(z)) - z"])
def test_limits_left_open(words: str) -> None:
    assert limits.limit(read(words), 1) is None


# -- pieces ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "breakpoints"),
    [
        ("exp(z)", []),
        ("abs(z)*exp(z)", [0]),
        ("max(tanh(z), 0) + abs(z - 1/3)", [0, Q(1, 3)]),
        ("max(sigmoid(z), z**2*sigmoid(z))", [-1, 1]),
        ("max(z, exp(z) - 1)", []),
        ("abs(exp(z) + 1)", []),
    ],
)
def test_breakpoints(words: str, breakpoints: list[fmpq]) -> None:
    assert [p.right for p in pieces(read(words))][:-1] == breakpoints


@pytest.mark.parametrize("words", ["max(exp(z), 2)", "sqrt(z**2)", "abs(exp(z) - z - 2)", "sqrt(exp(z)*z**2)"])
def test_no_pieces(words: str) -> None:
    with pytest.raises(Undecided):
        pieces(read(words))
