"""Short rationals: against the plain definition, by trying all denominators."""

from __future__ import annotations

from itertools import pairwise
from math import gcd

import pytest
from flint import fmpq
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.arithmetic.strategies import RATIONALS
from verifier.arithmetic.rounding import nearest, primitive, reconstruct, short_vectors, simplest_between

FINE = st.builds(fmpq, st.integers(-500, 500), st.integers(1, 60))


@given(FINE, st.integers(1, 12))
def test_nearest_is_the_closest_of_all(x: fmpq, limit: int) -> None:
    found = nearest(x, limit)
    closest = min(abs(x - fmpq(round(int(x.p) * q / int(x.q)), q)) for q in range(1, limit + 1))
    assert found.q <= limit and abs(found - x) == closest


def test_nearest_to_a_float_is_about_its_exact_value() -> None:
    assert nearest(0.1, 100) == fmpq(1, 10)
    assert nearest(0.1, 10**30) == fmpq(0x1999999999999A, 2**56)


@given(FINE, FINE)
def test_simplest_between_has_the_smallest_denominator(x: fmpq, y: fmpq) -> None:
    low, high = min(x, y), max(x, y)
    found = simplest_between(low, high)
    assert low <= found <= high
    smaller = range(1, int(found.q))
    assert not any(int((low * q).ceil()) <= high * q for q in smaller)
    inside = range(int((low * found.q).ceil()), int((high * found.q).floor()) + 1)
    assert abs(int(found.p)) == min(abs(p) for p in inside if gcd(p, int(found.q)) == 1)


def test_nothing_lies_in_an_empty_interval() -> None:
    with pytest.raises(ValueError, match="empty"):
        simplest_between(fmpq(1), fmpq(0))


@given(st.lists(RATIONALS, max_size=5))
def test_primitive_vector_is_on_the_same_ray(values: list[fmpq]) -> None:
    found = primitive(values)
    assert gcd(*found) == (1 if any(values) else 0)
    factors = {fmpq(n) / x for n, x in zip(found, values, strict=True) if x != 0}
    assert len(factors) <= 1 and all(f > 0 for f in factors)
    assert all(n == 0 for n, x in zip(found, values, strict=True) if x == 0)


def test_short_vectors_come_closer_and_closer() -> None:
    found = list(short_vectors([1.0, -0.5, 0.3333]))
    assert found[:3] == [(1, 0, 0), (2, -1, 1), (3, -2, 1)]
    assert all(a != b for a, b in pairwise(found))
    scale = max(found[-1])
    assert abs(found[-1][2] / scale - 0.3333) < 2.0**-40


@pytest.mark.parametrize("direction", [[], [0.0, 0.0], [float("inf"), 1.0], [1.0, float("nan")], [float("nan"), 1.0]])
def test_no_vectors_without_a_direction(direction: list[float]) -> None:
    assert list(short_vectors(direction)) == []


@given(st.integers(-40, 40), st.integers(1, 40))
def test_fractions_are_reconstructed_from_residues(p: int, q: int) -> None:
    prime = 4099  # sqrt(4099 / 2) > 45
    assume(gcd(p, q) == 1)
    assert reconstruct(p * pow(q, -1, prime) % prime, prime) == fmpq(p, q)


@given(st.integers(0, 4098))
def test_what_is_reconstructed_has_the_residue(residue: int) -> None:
    found = reconstruct(residue, 4099)
    if found is None:
        small = {p * pow(q, -1, 4099) % 4099 for q in range(1, 46) for p in range(-45, 46)}
        assert residue not in small
    else:
        assert int(found.p) * pow(int(found.q), -1, 4099) % 4099 == residue
        assert max(abs(int(found.p)), int(found.q)) <= 45
