"""Shortest ways through a travel matrix, so that a bound never leans on a matrix being closed.

Durations are closed to shortest paths by contract; metres are those of the fastest path, so a way
over other nodes can be shorter than the direct one.
"""

import numpy as np

from routing.jit import compiled
from routing.model.travel import Int32, Int64

ROWS = 256
"""Rows that are relaxed at a time, to keep the temporary array small."""


def to_nodes(matrix: Int32, nodes: list[int]) -> Int64:
    """Return the shortest way from every node to the nearest of some nodes.

    Bellman-Ford on the whole matrix; one sweep confirms a matrix that is closed already.

    Parameters
    ----------
    matrix : ndarray of int32, shape (n, n)
        [s] or [m], not negative; of stops and worksites only, as no trip passes through a depot.
    nodes : list of int
        At least one.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    found: Int64 = matrix[:, nodes].min(axis=1).astype(np.int64)
    found[nodes] = 0
    while True:
        shorter: Int64 = found.copy()
        for row in range(0, len(matrix), ROWS):
            span = slice(row, row + ROWS)
            np.minimum(shorter[span], (matrix[span] + found).min(axis=1), out=shorter[span])
        if np.array_equal(shorter, found):
            return found
        found = shorter


def from_nodes(matrix: Int32, nodes: list[int]) -> Int64:
    """Return the shortest way to every node from the nearest of some nodes."""
    return to_nodes(np.ascontiguousarray(matrix.T), nodes)


def closed(matrix: Int32) -> Int32:
    """Return the shortest ways between all nodes (R. W. Floyd, Algorithm 97, 1962, doi:10.1145/367766.368168)."""
    found = np.array(matrix, np.int32)
    np.fill_diagonal(found, 0)
    _close(found)
    return found


@compiled
def _close(found: Int32) -> None:
    size = len(found)
    for over in range(size):
        for a in range(size):
            first = found[a, over]
            for b in range(size):
                way = first + found[over, b]
                found[a, b] = min(found[a, b], way)
