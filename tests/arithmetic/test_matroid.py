"""Partitions into the fewest independent sets, against the definition by all subsets."""

from __future__ import annotations

from itertools import combinations

import pytest
from flint import nmod_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.arithmetic.linear import PRIME
from verifier.arithmetic.matroid import Loops, Partition, least_partition

Vectors = list[list[int]]
SMALL_PRIME = 3  # many accidental dependencies


def rank(vectors: Vectors, members: tuple[int, ...] | list[int], prime: int) -> int:
    if not members or not vectors[0]:
        return 0
    return int(nmod_mat(len(members), len(vectors[0]), [v for x in members for v in vectors[x]], prime).rank())


def least_by_subsets(vectors: Vectors, prime: int) -> int | None:
    """The least k with k rank(S) > |S| for all non-empty S; None if there is none."""
    least = 0
    for size in range(1, len(vectors) + 1):
        for members in combinations(range(len(vectors)), size):
            r = rank(vectors, members, prime)
            if r == 0:
                return None
            least = max(least, size // r + 1)
    return least


def require_valid(vectors: Vectors, found: Partition, prime: int) -> None:
    """What the docstring of `Partition` says, by plain ranks."""

    def independent(members: list[int]) -> bool:
        return rank(vectors, members, prime) == len(members)

    sets = [list(s) for s in found.sets]
    home = {x: j for j, s in enumerate(sets) for x in s}
    assert sorted(x for s in sets for x in s) == list(range(len(vectors)))
    assert all(independent(s) for s in sets)
    out = set()
    for x, j in found.exits:
        assert x not in sets[j] and independent([*sets[j], x])
        out.add(x)
    for x, y in found.steps:
        assert y in out and x not in out and home[x] != home[y]
        assert independent([x, *(z for z in sets[home[y]] if z != y)])
        out.add(x)
    assert out == set(range(len(vectors)))
    if vectors:
        assert len(found.tight) >= (len(sets) - 1) * rank(vectors, found.tight, prime)


@st.composite
def vector_sets(draw: st.DrawFn) -> Vectors:
    size = draw(st.integers(1, 4))
    vector = st.lists(st.integers(-2, 2), min_size=size, max_size=size)
    return draw(st.lists(vector, max_size=7))


@settings(max_examples=150, deadline=None)
@given(vector_sets(), st.sampled_from((PRIME, SMALL_PRIME)))
def test_agrees_with_all_subsets(vectors: Vectors, prime: int) -> None:
    found = least_partition(vectors, prime)
    least = least_by_subsets(vectors, prime)
    if isinstance(found, Loops):
        assert least is None
        assert found.members == tuple(x for x in range(len(vectors)) if rank(vectors, [x], prime) == 0)
        return
    assert len(found.sets) == least
    require_valid(vectors, found, prime)


def test_nothing_needs_no_set() -> None:
    assert least_partition([]) == Partition((), (), (), ())


def test_vectors_without_coordinates_are_loops() -> None:
    assert least_partition([[], []]) == Loops((0, 1))


def test_multiples_of_the_prime_are_loops() -> None:
    assert least_partition([[1], [PRIME]]) == Loops((1,))


@pytest.mark.parametrize(("size", "sets"), [(1, 2), (2, 3), (5, 6), (40, 41)])
def test_parallel_vectors_need_one_set_more_than_they_are(size: int, sets: int) -> None:
    found = least_partition([[k + 1, 2 * k + 2] for k in range(size)])
    assert isinstance(found, Partition) and len(found.sets) == sets
    assert sorted(found.tight) == list(range(size))


def test_a_dense_part_decides() -> None:
    """Nine vectors in a plane, and twenty more in general directions, which alone would need two sets."""
    plane = [[1, k, *[0] * 18] for k in range(9)]
    rest = [[0, 0, *(int(i == k % 18) + (k // 18) * i for i in range(18))] for k in range(20)]
    found = least_partition(rest + plane)
    assert isinstance(found, Partition) and len(found.sets) == 5
    require_valid(rest + plane, found, PRIME)
    assert {x for x in found.tight if x >= 20} == set(range(20, 29))


def test_two_trees_of_a_complete_graph() -> None:
    """K_4 has six edges and rank 3: two spanning trees, which fill it, so three sets leave room."""
    edges = [[int(k == a) - int(k == b) for k in range(4)] for a, b in combinations(range(4), 2)]
    found = least_partition(edges)
    assert isinstance(found, Partition) and len(found.sets) == 3
    assert len(found.tight) == 6
    require_valid(edges, found, PRIME)


def test_exchanges_are_needed() -> None:
    """Bases taken greedily do not partition these; augmenting paths do."""
    vectors = [[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1], [1, 2, 3]]
    for shift in range(len(vectors)):
        turned = vectors[shift:] + vectors[:shift]
        found = least_partition(turned)
        assert isinstance(found, Partition) and len(found.sets) == least_by_subsets(turned, PRIME) == 3
        require_valid(turned, found, PRIME)
