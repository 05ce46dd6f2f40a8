"""Shortest ways against SciPy, on matrices that are closed and on such that are not."""

import numpy as np
import pytest
from scipy.sparse.csgraph import shortest_path

from routing.bound.shortest import closed, from_nodes, to_nodes


def matrix(seed: int, size: int = 30) -> np.ndarray:
    """Return random whole numbers, by no means closed to shortest paths."""
    drawn = np.random.default_rng(seed).integers(1, 1_000, (size, size)).astype(np.int32)
    np.fill_diagonal(drawn, 0)
    return drawn


@pytest.mark.parametrize("seed", range(5))
def test_all_ways_are_the_shortest(seed: int) -> None:
    drawn = matrix(seed)
    assert np.array_equal(closed(drawn), shortest_path(drawn, method="FW").astype(np.int32))


@pytest.mark.parametrize("seed", range(5))
def test_ways_to_and_from_the_nearest_of_some_nodes(seed: int) -> None:
    drawn, nodes = matrix(seed), [3, 17]
    whole = shortest_path(drawn, method="FW")
    assert np.array_equal(to_nodes(drawn, nodes), whole[:, nodes].min(axis=1))
    assert np.array_equal(from_nodes(drawn, nodes), whole[nodes].min(axis=0))


def test_a_matrix_in_blocks_is_one_matrix() -> None:
    drawn = matrix(9, size=300)
    assert np.array_equal(to_nodes(drawn, [0]), shortest_path(drawn, method="FW")[:, 0])


def test_the_given_matrix_stays_as_it_is() -> None:
    drawn = matrix(1)
    before = drawn.copy()
    closed(drawn)
    assert np.array_equal(drawn, before)


def test_a_closed_matrix_is_its_own_closure() -> None:
    drawn = closed(matrix(2))
    assert np.array_equal(closed(drawn), drawn)
