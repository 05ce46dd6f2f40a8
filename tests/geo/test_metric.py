"""Labels of points, by hand: where each point enters and leaves the edge graph, and at what cost."""

from pathlib import Path

import numpy as np
import pytest

from routing.geo.metric import Metric, straight_ahead
from routing.geo.network import RoadNetwork, build_network
from routing.geo.osm import read_osm
from routing.geo.points import RoadPoint
from routing.geo.weights import LENGTH_BITS
from tests.geo.sketch import Sketch, grid

PERIOD = 0


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> RoadNetwork:
    """Return two streets, 1-2-3 and 4-5-6, joined at the ends and by 2-5, with one ban via 2-5."""
    nodes = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (0, 50), 5: (100, 50), 6: (200, 50)}
    town = Sketch(nodes=nodes).way(10, 1, 2).way(11, 2, 3).way(12, 4, 5).way(13, 5, 6).way(14, 2, 5)
    town.way(15, 1, 4).way(16, 3, 6).restrict("no_u_turn", 10, [14], 12)
    return build_network(read_osm(town.write(tmp_path_factory.mktemp("metric"))))


@pytest.fixture(scope="module")
def metric(network: RoadNetwork) -> Metric:
    return network._metric(PERIOD)


def edge(network: RoadNetwork, tail: int, head: int) -> int:
    graph = network.graph
    pairs = list(zip(graph.node_id[graph.tail].tolist(), graph.node_id[graph.head].tolist(), strict=True))
    return pairs.index((tail, head))


def site(network: RoadNetwork, tail: int, head: int, share: float) -> RoadPoint:
    """Return a point on both directions of a street."""
    there = edge(network, tail, head)
    back, length = int(network.graph.reverse[there]), float(network.graph.length_m[there])
    return RoadPoint(edges=(there, back), offsets=(share * length, (1 - share) * length), lon=0.0, lat=0.0)


def test_points_spread_over_their_edges(network: RoadNetwork, metric: Metric) -> None:
    kerb = network.kerb_on_edge(edge(network, 1, 2), 30.0)
    stands = metric.stands([kerb, site(network, 4, 5, 0.25), kerb])
    assert stands.point.tolist() == [0, 1, 1, 2]
    assert stands.count == 3
    assert stands.edge.tolist() == [kerb.edges[0], edge(network, 4, 5), edge(network, 5, 4), kerb.edges[0]]
    whole = metric.edges[stands.edge] >> LENGTH_BITS
    shares = (stands.part >> LENGTH_BITS) / whole
    assert shares.tolist() == pytest.approx([0.3, 0.25, 0.75, 0.3], abs=1e-3)


def test_departures_pay_the_rest_of_the_edge_and_the_turn(network: RoadNetwork, metric: Metric) -> None:
    start = edge(network, 1, 2)
    stands = metric.stands([network.kerb_on_edge(start, 40.0)])
    labels = metric.departures(stands)
    arcs = slice(int(network.turns.first[start]), int(network.turns.first[start + 1]))
    np.testing.assert_array_equal(np.sort(labels.node), np.sort(network.turns.target[arcs]))
    rest = int(metric.edges[start] - stands.part[0])
    turning = {int(n): int(w) - rest for n, w in zip(labels.node, labels.weight, strict=True)}
    for state, cost in zip(network.turns.target[arcs].tolist(), network.turns.cost_ms[arcs].tolist(), strict=True):
        assert turning[state] == cost << LENGTH_BITS


def test_a_departure_into_a_banned_sequence_is_remembered(network: RoadNetwork, metric: Metric) -> None:
    """From 1-2 the way over 2-5 is another state than 2-5 by itself."""
    labels = metric.departures(metric.stands([network.kerb_on_edge(edge(network, 1, 2), 40.0)]))
    over = [int(node) for node in labels.node if network.turns.state_edge[node] == edge(network, 2, 5)]
    assert len(over) == 1
    assert over[0] >= network.graph.edge_count


def test_arrivals_accept_every_state_of_the_edge(network: RoadNetwork, metric: Metric) -> None:
    target = edge(network, 2, 5)
    stands = metric.stands([network.kerb_on_edge(target, 20.0), network.kerb_on_edge(edge(network, 3, 6), 20.0)])
    labels = metric.arrivals(stands)
    assert labels.first.tolist() == [0, 2, 3]
    assert set(network.turns.state_edge[labels.node[:2]].tolist()) == {target}
    assert labels.weight[0] == labels.weight[1] == stands.part[0]


def test_a_target_on_the_remembered_edge_is_reached_from_everywhere(network: RoadNetwork) -> None:
    target = network.kerb_on_edge(edge(network, 2, 5), 25.0)
    points = [network.kerb_on_edge(e, 10.0) for e in range(network.graph.edge_count)]
    seconds, metres = network.matrix(points, [target], PERIOD)
    assert seconds.max() < 1000
    for point, s, m in zip(points, seconds[:, 0], metres[:, 0], strict=True):
        path = network.path(point, target, PERIOD)
        assert (path.duration_s, path.distance_m) == (s, m)


def test_straight_ahead_finds_the_pairs_on_one_edge(network: RoadNetwork, metric: Metric) -> None:
    here = edge(network, 1, 2)
    sources = metric.stands([network.kerb_on_edge(here, 70.0), network.kerb_on_edge(here, 20.0)])
    targets = metric.stands([network.kerb_on_edge(here, 50.0), network.kerb_on_edge(edge(network, 2, 1), 50.0)])
    row, column, weight = straight_ahead(sources, targets)
    assert (row.tolist(), column.tolist()) == ([1], [0])
    assert weight[0] == targets.part[0] - sources.part[1]


def test_straight_ahead_of_sites_takes_the_better_direction(network: RoadNetwork, metric: Metric) -> None:
    first, second = site(network, 1, 2, 0.2), site(network, 1, 2, 0.7)
    row, _, _ = straight_ahead(metric.stands([first]), metric.stands([second]))
    assert row.tolist() == [0]
    row, _, _ = straight_ahead(metric.stands([second]), metric.stands([first]))
    assert row.tolist() == [0]
    by_stand = straight_ahead(metric.stands([second]), metric.stands([first]), by_stand=True)
    assert (by_stand[0].tolist(), by_stand[1].tolist()) == ([1], [1])


def test_nobody_is_ahead_of_nobody(metric: Metric) -> None:
    row, column, weight = straight_ahead(metric.stands([]), metric.stands([]))
    assert row.size == column.size == weight.size == 0


def test_a_point_to_itself_takes_no_time(network: RoadNetwork) -> None:
    points = [network.kerb_on_edge(e, 12.0) for e in range(network.graph.edge_count)]
    for matrix in network.matrix(points, points, PERIOD):
        assert (np.diag(matrix) == 0).all()


def test_a_step_back_on_a_grid_is_a_walk_round_the_block(tmp_path: Path) -> None:
    """A stop 10 m behind: no U-turn in the street, so the bus drives round a block of 4 × 100 m or turns at a price."""
    network = build_network(read_osm(grid(4, 4).write(tmp_path)))
    inner = edge(network, 6, 7)
    ahead, behind = network.kerb_on_edge(inner, 50.0), network.kerb_on_edge(inner, 40.0)
    _, metres = network.matrix([ahead], [behind], PERIOD)
    assert metres[0, 0] == pytest.approx(390, abs=2)
    path = network.path(ahead, behind, PERIOD)
    assert (path.edges[0], path.edges[-1]) == (inner, inner)
    assert len(path.edges) == 5
