"""Which worksites share vehicles, and in which order a vehicle reaches them."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def cluster_sites(
    duration: NDArray[np.int32], riders: Mapping[int, int], near_s: int, small: int
) -> list[tuple[int, ...]]:
    """Join worksites again and again where the way through both clusters is shortest.

    Parameters
    ----------
    duration : ndarray of int32, shape (nodes, nodes)
        [s].
    riders : mapping of int to int
        Riders of each worksite's node.
    near_s : int
        Longest way [s] through a cluster.
    small : int
        One of two clusters that are joined must have fewer riders.
    """
    clusters: list[tuple[int, ...]] = [(site,) for site in sorted(riders)]
    while near_s:
        size = [sum(riders[site] for site in cluster) for cluster in clusters]
        ways = [
            (way_through(duration, tail), x, y, tail)
            for x, one in enumerate(clusters)
            for y, other in enumerate(clusters[:x])
            if min(size[x], size[y]) < small
            for tail in (one + other, other + one, _nearest_next(duration, one + other))
        ]
        seconds, x, y, tail = min(ways, default=(near_s + 1, 0, 0, ()))
        if seconds > near_s:
            break
        clusters = [c for i, c in enumerate(clusters) if i not in {x, y}] + [tail]
    return sorted(clusters)


def way_through(matrix: NDArray[np.int32], nodes: Sequence[int]) -> int:
    """Return the sum of a matrix along a sequence of nodes."""
    return sum(int(matrix[a, b]) for a, b in itertools.pairwise(nodes))


def _nearest_next(duration: NDArray[np.int32], sites: Sequence[int]) -> tuple[int, ...]:
    """Return the shortest of the ways that always go on to the nearest worksite."""
    ways = []
    for first in sites:
        way = [first]
        while len(way) < len(sites):
            way.append(min(set(sites) - set(way), key=lambda s: (int(duration[way[-1], s]), s)))
        ways.append(tuple(way))
    return min(ways, key=lambda way: (way_through(duration, way), way))
