"""The contraction hierarchy and its sweeps against SciPy's Dijkstra, exactly, on random graphs."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from routing.geo.contraction import INFINITY
from routing.geo.hierarchy import Hierarchy, build_hierarchy
from routing.geo.search import fastest_states
from routing.geo.sweep import LANES, Labels, many_to_many


@dataclass(frozen=True)
class Graph:
    """A directed graph as lists of arcs."""

    count: int
    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray

    def matrix(self) -> csr_array:
        """Return the lightest arc between each pair."""
        order = np.argsort(-self.weight, kind="stable")
        dense = np.zeros((self.count, self.count))
        dense[self.source[order], self.target[order]] = self.weight[order]
        return csr_array(coo_array(dense))

    def hierarchy(self, order: np.ndarray | None = None) -> Hierarchy:
        """Contract the graph."""
        return build_hierarchy(self.count, self.source, self.target, self.weight, order)


@st.composite
def graphs(draw: st.DrawFn, largest_weight: int = 60) -> Graph:
    """Draw up to 25 nodes and 90 arcs: loops, parallel arcs, ties and unreachable nodes included."""
    count = draw(st.integers(2, 25))
    nodes = st.integers(0, count - 1)
    arcs = draw(st.lists(st.tuples(nodes, nodes, st.integers(1, largest_weight)), min_size=1, max_size=90))
    source, target, weight = (np.array(column) for column in zip(*arcs, strict=True))
    return Graph(count, source.astype(np.int32), target.astype(np.int32), weight.astype(np.int64))


def each_node(count: int) -> Labels:
    return Labels(
        first=np.arange(count + 1, dtype=np.int64),
        node=np.arange(count, dtype=np.int32),
        weight=np.zeros(count, np.int64),
    )


def all_pairs(hierarchy: Hierarchy, count: int, threads: int = 1) -> np.ndarray:
    found = many_to_many(hierarchy, each_node(count), each_node(count), threads=threads).astype(float)
    found[found >= INFINITY] = np.inf
    return found


@given(graphs())
@settings(deadline=None, max_examples=200)
def test_every_distance_is_dijkstras(graph: Graph) -> None:
    np.testing.assert_array_equal(all_pairs(graph.hierarchy(), graph.count), dijkstra(graph.matrix()))


@given(graphs(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=100)
def test_any_order_of_contraction_gives_the_same_distances(graph: Graph, random: object) -> None:
    order = np.arange(graph.count, dtype=np.int32)
    random.shuffle(order)  # type: ignore[attr-defined]
    hierarchy = graph.hierarchy(order)
    np.testing.assert_array_equal(hierarchy.order, order)
    np.testing.assert_array_equal(all_pairs(hierarchy, graph.count), dijkstra(graph.matrix()))


@given(graphs(), st.integers(2, 9))
@settings(deadline=None, max_examples=50)
def test_the_order_of_one_metric_serves_another(graph: Graph, factor: int) -> None:
    rng = np.random.default_rng(factor)
    other = Graph(graph.count, graph.source, graph.target, rng.integers(1, 60, graph.weight.size))
    hierarchy = other.hierarchy(graph.hierarchy().order)
    np.testing.assert_array_equal(all_pairs(hierarchy, graph.count), dijkstra(other.matrix()))


@given(graphs(largest_weight=2**40))
@settings(deadline=None, max_examples=50)
def test_large_weights_stay_exact(graph: Graph) -> None:
    """Packed weights reach far beyond 32 bits."""
    np.testing.assert_array_equal(all_pairs(graph.hierarchy(), graph.count), dijkstra(graph.matrix()))


@st.composite
def labels(draw: st.DrawFn, count: int) -> Labels:
    """Draw up to five points with up to four labels each; some have none."""
    sizes = draw(st.lists(st.integers(0, 4), min_size=1, max_size=5))
    total = sum(sizes)
    nodes = draw(st.lists(st.integers(0, count - 1), min_size=total, max_size=total))
    weights = draw(st.lists(st.integers(0, 40), min_size=total, max_size=total))
    return Labels(
        first=np.cumsum([0, *sizes]).astype(np.int64),
        node=np.array(nodes, np.int32),
        weight=np.array(weights, np.int64),
    )


@given(st.data())
@settings(deadline=None, max_examples=100)
def test_points_with_several_labels_take_the_best_combination(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    sources, targets = data.draw(labels(graph.count)), data.draw(labels(graph.count))
    distance = dijkstra(graph.matrix())
    found = many_to_many(graph.hierarchy(), sources, targets)
    for s in range(sources.first.size - 1):
        for t in range(targets.first.size - 1):
            ways = [
                sources.weight[a] + distance[sources.node[a], targets.node[b]] + targets.weight[b]
                for a in range(sources.first[s], sources.first[s + 1])
                for b in range(targets.first[t], targets.first[t + 1])
            ]
            best = min(ways, default=np.inf)
            assert found[s, t] == best if np.isfinite(best) else found[s, t] >= INFINITY


@given(graphs(), st.data())
@settings(deadline=None, max_examples=100)
def test_the_path_search_agrees_and_walks_real_arcs(graph: Graph, data: st.DataObject) -> None:
    order = np.argsort(graph.source, kind="stable")
    first = np.searchsorted(graph.source[order], np.arange(graph.count + 1)).astype(np.int64)
    start, end = data.draw(st.integers(0, graph.count - 1)), data.draw(st.integers(0, graph.count - 1))
    arcs = first, graph.target[order], graph.weight[order]
    for array in arcs:
        array.setflags(write=False)
    here, there = np.array([start], np.int32), np.array([end], np.int32)
    best, states = fastest_states(*arcs, here, np.array([3], np.int64), there, np.array([4], np.int64))
    matrix = graph.matrix()
    expected = dijkstra(matrix, indices=start)[end]
    if not np.isfinite(expected):
        assert best >= INFINITY
        assert states.size == 0
        return
    assert best == expected + 7
    assert (states[0], states[-1]) == (start, end)
    assert sum(matrix[a, b] for a, b in pairwise(states)) == expected


def town(side: int) -> Graph:
    """Return a grid of side × side nodes with random weights, strongly connected."""
    rng = np.random.default_rng(7)
    node = np.arange(side * side).reshape(side, side)
    pairs = [(node[:, :-1], node[:, 1:]), (node[:-1], node[1:])]
    source = np.concatenate([np.r_[a.ravel(), b.ravel()] for a, b in pairs]).astype(np.int32)
    target = np.concatenate([np.r_[b.ravel(), a.ravel()] for a, b in pairs]).astype(np.int32)
    return Graph(side * side, source, target, rng.integers(100, 1000, source.size))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_share_the_rows_without_a_gap(threads: int) -> None:
    graph = town(12)
    assert graph.count > 3 * LANES
    np.testing.assert_array_equal(all_pairs(graph.hierarchy(), graph.count, threads), dijkstra(graph.matrix()))


def test_a_full_pool_is_enlarged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph whose shortcuts outgrow the first guess of memory is contracted again with more room."""
    import routing.geo.hierarchy as module

    sizes: list[int] = []
    original = module._lists

    def cramped(
        count: int, node: np.ndarray, other: np.ndarray, weight: np.ndarray, room: int
    ) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
        (begin, size, slots, to, cost), free = original(count, node, other, weight, room)
        sizes.append(room)
        limit = node.size + (4 if room == 4 else to.size)
        return (begin, size, slots, to[:limit].copy(), cost[:limit].copy()), free

    monkeypatch.setattr(module, "_lists", cramped)
    graph = town(8)
    np.testing.assert_array_equal(all_pairs(graph.hierarchy(), graph.count), dijkstra(graph.matrix()))
    assert max(sizes) > 4


def test_no_source_or_no_target_is_an_empty_matrix() -> None:
    hierarchy = town(3).hierarchy()
    nobody = Labels(first=np.zeros(1, np.int64), node=np.zeros(0, np.int32), weight=np.zeros(0, np.int64))
    assert many_to_many(hierarchy, nobody, each_node(9)).shape == (0, 9)
    assert many_to_many(hierarchy, each_node(9), nobody).shape == (9, 0)


def test_arcs_point_upwards_only() -> None:
    hierarchy = town(6).hierarchy()
    for first, other in ((hierarchy.up_first, hierarchy.up_to), (hierarchy.down_first, hierarchy.down_from)):
        here = np.repeat(np.arange(36), np.diff(first))
        assert (other < here).all()
