"""Packed weights: sums, comparisons, rounding and learned speeds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.geo.graph import DriveGraph
from routing.geo.network import RoadNetwork, build_network
from routing.geo.osm import read_osm
from routing.geo.weights import LENGTH_BITS, edge_weights, pack, part_weights, split, turn_weights
from tests.geo.sketch import grid

MS = st.integers(0, 10**8)
CM = st.integers(0, 10**8)


def one(ms: int, cm: int) -> int:
    return int(pack(np.array([ms]), np.array([cm]))[0])


@given(st.lists(st.tuples(MS, CM), min_size=1, max_size=20))
def test_the_sum_of_packed_is_the_packed_sum(parts: list[tuple[int, int]]) -> None:
    assert sum(one(*part) for part in parts) == one(sum(ms for ms, _ in parts), sum(cm for _, cm in parts))


@given(MS, CM, MS, CM)
def test_time_counts_first_and_length_second(ms: int, cm: int, other_ms: int, other_cm: int) -> None:
    assert (one(ms, cm) < one(other_ms, other_cm)) == ((ms, cm) < (other_ms, other_cm))


@given(MS, CM)
def test_splitting_rounds_both_up(ms: int, cm: int) -> None:
    seconds, metres = split(np.array([one(ms, cm)]))
    assert (int(seconds[0]), int(metres[0])) == (-(-ms // 1000), -(-cm // 100))


@given(MS, MS)
def test_rounding_up_keeps_the_triangle_inequality(a: int, b: int) -> None:
    (first, second, whole), _ = split(np.array([one(a, 0), one(b, 0), one(a + b, 0)]))
    assert whole <= first + second


def test_splitting_many_rows_is_splitting_each() -> None:
    packed = pack(np.arange(700 * 3).reshape(700, 3) * 37, np.arange(700 * 3).reshape(700, 3) * 11)
    seconds, metres = split(packed)
    assert seconds.shape == metres.shape == (700, 3)
    assert seconds.dtype == metres.dtype == np.int32
    for row in (0, 255, 256, 511, 512, 699):
        np.testing.assert_array_equal(seconds[row], split(packed[row])[0])
        np.testing.assert_array_equal(metres[row], split(packed[row])[1])
    assert split(packed[:0])[0].shape == (0, 3)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> RoadNetwork:
    town = grid(3, 3)
    town.node_tags[2] = {"highway": "crossing"}
    town.nodes[99] = (50, 5)
    town.way(300, 1, 99, 5, highway="primary")
    town.node_tags[99] = {"highway": "crossing"}
    return build_network(read_osm(town.write(tmp_path_factory.mktemp("weights"))))


@pytest.fixture(scope="module")
def graph(network: RoadNetwork) -> DriveGraph:
    return network.graph


def test_an_edge_takes_its_length_at_its_speed_and_its_delays(graph: DriveGraph) -> None:
    packed = edge_weights(graph, 0, 1.0)
    expected = 1000 * (graph.length_m * 3.6 / graph.free_kmh + graph.delay_s)
    np.testing.assert_allclose(packed >> LENGTH_BITS, expected, atol=0.51)
    np.testing.assert_allclose(packed & (2**LENGTH_BITS - 1), 100 * graph.length_m, atol=0.51)
    assert graph.delay_s.max() > 0


def test_calibration_slows_driving_but_not_waiting(graph: DriveGraph) -> None:
    full, half = (edge_weights(graph, 0, factor) >> LENGTH_BITS for factor in (1.0, 0.5))
    driving = 1000 * graph.length_m * 3.6 / graph.free_kmh
    np.testing.assert_allclose(half - full, driving, atol=1.1)


@pytest.mark.parametrize("silence", [np.nan, 0.0, -5.0])
def test_only_observed_speeds_replace_the_guess(graph: DriveGraph, silence: float) -> None:
    observed = np.full(graph.edge_count, silence)
    observed[3] = 18.0
    plain, learned = edge_weights(graph, 1, 1.0), edge_weights(graph, 1, 1.0, observed)
    assert learned[3] >> LENGTH_BITS == round(1000 * graph.length_m[3] * 3.6 / 18.0)
    others = np.arange(graph.edge_count) != 3
    np.testing.assert_array_equal(plain[others], learned[others])


def test_no_edge_is_free(graph: DriveGraph) -> None:
    assert (edge_weights(graph, 0, 1e6) >> LENGTH_BITS).min() >= 1


@given(st.floats(0, 1), st.floats(0, 1))
def test_parts_grow_with_the_share_and_end_with_the_whole(a: float, b: float) -> None:
    whole = pack(np.array([12_345]), np.array([67_891]))
    edge = np.zeros(1, np.int64)
    small, large = (int(part_weights(whole, edge, np.array([share]))[0]) for share in sorted((a, b)))
    assert 0 <= small <= large <= whole[0]
    assert part_weights(whole, edge, np.array([1.0]))[0] == whole[0]
    assert part_weights(whole, edge, np.array([0.0]))[0] == 0


def test_a_turn_weighs_the_edge_before_it_and_itself(network: RoadNetwork) -> None:
    turns = network.turns
    edges = edge_weights(network.graph, 2, 1.0)
    source, packed = turn_weights(turns, edges)
    assert source.size == turns.target.size
    for arc in range(0, source.size, 7):
        assert turns.first[source[arc]] <= arc < turns.first[source[arc] + 1]
        alone = int(packed[arc]) - int(edges[turns.state_edge[source[arc]]])
        assert alone == int(turns.cost_ms[arc]) << LENGTH_BITS
