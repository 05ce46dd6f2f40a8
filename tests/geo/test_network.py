"""The public face: matrices, paths, points, periods and learned speeds."""

import math
import threading
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.roads import dijkstra_seconds
from routing.errors import RoadError
from routing.geo.contraction import INFINITY
from routing.geo.metric import Metric
from routing.geo.network import PERIODS, RoadNetwork, RoadPoint, build_network, load_network
from routing.geo.osm import read_osm
from routing.geo.sphere import distance_m
from routing.geo.warmup import warm_up
from tests.geo.sketch import Sketch, grid

OFF_PEAK = PERIODS.index("off_peak")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> RoadNetwork:
    """Return a grid of 6 × 5 streets with one-ways, bans, signals and a main road."""
    drawn = grid(6, 5)
    drawn.ways[1] = (101, drawn.ways[1][1], {"highway": "primary", "name": "Main Street"})
    drawn.ways[7] = (202, drawn.ways[7][1], {"highway": "residential", "oneway": "yes"})
    drawn.ways[8] = (203, drawn.ways[8][1], {"highway": "residential", "oneway": "-1"})
    drawn.restrict("no_left_turn", 101, 8, 201).restrict("no_u_turn", 101, 10, 101)
    drawn.restrict("no_right_turn", 100, [202], 102)
    drawn.node_tags[9] = {"highway": "traffic_signals"}
    return build_network(read_osm(drawn.write(tmp_path_factory.mktemp("town"))))


def street(folder: Path) -> RoadNetwork:
    """Return one street of 1 km, 1-2, in one block, with dead ends."""
    return build_network(read_osm(Sketch(nodes={1: (0, 0), 2: (1000, 0)}).way(10, 1, 2).write(folder)))


def everywhere(network: RoadNetwork, share: float = 0.4) -> list[RoadPoint]:
    lengths = network.graph.length_m
    return [network.kerb_on_edge(edge, share * float(lengths[edge])) for edge in range(network.graph.edge_count)]


def test_durations_are_scipys_on_the_same_edge_graph(town: RoadNetwork) -> None:
    sources, targets = everywhere(town, 0.4), everywhere(town, 0.7)
    seconds, _ = town.matrix(sources, targets, OFF_PEAK)
    np.testing.assert_array_equal(seconds, dijkstra_seconds(town, sources, targets))


def test_matrices_are_int32_of_sources_by_targets(town: RoadNetwork) -> None:
    points = everywhere(town)
    for matrix in town.matrix(points[:3], points[:5], OFF_PEAK):
        assert matrix.dtype == np.int32
        assert matrix.shape == (3, 5)
    assert town.matrix([], points, OFF_PEAK)[0].shape == (0, len(points))
    assert town.matrix(points, [], OFF_PEAK)[1].shape == (len(points), 0)


def test_threads_change_nothing(town: RoadNetwork) -> None:
    points = everywhere(town)
    for one, three in zip(
        town.matrix(points, points, 1, threads=1), town.matrix(points, points, 1, threads=3), strict=True
    ):
        np.testing.assert_array_equal(one, three)


def test_ahead_on_the_same_edge_is_direct_and_behind_is_a_loop(tmp_path: Path) -> None:
    """On the 1 km street a stop behind is reached by turning round at both dead ends: 2 km less the step back."""
    network = street(tmp_path)
    near, far = network.kerb_on_edge(0, 200.0), network.kerb_on_edge(0, 700.0)
    _, metres = network.matrix([near, far], [near, far], OFF_PEAK)
    total = 2 * network.graph.length_m[0]
    assert metres[0, 0] == metres[1, 1] == 0
    assert metres[0, 1] == pytest.approx(500, abs=1)
    assert metres[1, 0] == pytest.approx(total - 500, abs=1)


def test_opposite_kerbs_are_different_stops(tmp_path: Path) -> None:
    network = street(tmp_path)
    there, opposite = network.kerb_on_edge(0, 400.0), network.kerb_on_edge(1, network.graph.length_m[0] - 400.0)
    assert (there.lon, there.lat) == pytest.approx((opposite.lon, opposite.lat), abs=1e-7)
    _, metres = network.matrix([there], [opposite], OFF_PEAK)
    assert metres[0, 0] == pytest.approx(1200, abs=2)


def test_a_site_may_be_left_and_entered_either_way(tmp_path: Path) -> None:
    network = street(tmp_path)
    site = network.snap_site(*PLACE.lonlat(400, 5))
    assert site.edges == (0, 1)
    kerbs = [network.kerb_on_edge(0, 700.0), network.kerb_on_edge(1, network.graph.length_m[0] - 300.0)]
    _, away = network.matrix([site], kerbs, OFF_PEAK)
    assert away[0].tolist() == pytest.approx([300, 100], abs=2)
    _, home = network.matrix(kerbs, [site], OFF_PEAK)
    assert home[:, 0].tolist() == pytest.approx([900, 700], abs=3)
    assert network.matrix([site], [site], OFF_PEAK)[1][0, 0] == 0


PLACE = Sketch(nodes={})


def test_time_on_a_street_is_length_over_speed(tmp_path: Path) -> None:
    network = street(tmp_path)
    graph = network.graph
    seconds, _ = network.matrix([network.kerb_on_edge(0, 0.0)], [network.kerb_on_edge(0, graph.length_m[0])], 0)
    assert seconds[0, 0] == math.ceil(graph.length_m[0] / graph.free_kmh[0] * 3.6 - 5e-4)
    assert network.edge_milliseconds(0)[0] == round(graph.length_m[0] / graph.free_kmh[0] * 3600)


def test_turns_and_signals_count(town: RoadNetwork, tmp_path: Path) -> None:
    """A left turn at the crossroads costs more than a right turn of the same length."""
    network = build_network(read_osm(grid(3, 3).write(tmp_path)))
    graph = network.graph
    pairs = list(zip(graph.node_id[graph.tail].tolist(), graph.node_id[graph.head].tolist(), strict=True))
    start, right, left = (network.kerb_on_edge(pairs.index(pair), 0.0) for pair in [(4, 5), (5, 2), (5, 8)])
    seconds, metres = network.matrix([start], [right, left], OFF_PEAK)
    assert seconds[0, 1] - seconds[0, 0] == 4
    assert metres[0, 0] == metres[0, 1]
    assert town.graph.edge_count > graph.edge_count


def test_every_path_is_as_long_and_as_fast_as_the_matrix_says(town: RoadNetwork) -> None:
    points = everywhere(town)[::4]
    seconds, metres = town.matrix(points, points, OFF_PEAK)
    for (i, source), (j, target) in product(enumerate(points), enumerate(points)):
        path = town.path(source, target, OFF_PEAK)
        assert (path.duration_s, path.distance_m) == (seconds[i, j], metres[i, j])
        drawn = float(distance_m(path.lon[:-1], path.lat[:-1], path.lon[1:], path.lat[1:]).sum())
        assert drawn == pytest.approx(path.distance_m, abs=1.5)
        assert (path.lon[0], path.lat[0]) == pytest.approx((source.lon, source.lat), abs=1e-9)
        assert (path.lon[-1], path.lat[-1]) == pytest.approx((target.lon, target.lat), abs=1e-9)


def test_a_path_follows_turns_that_exist(town: RoadNetwork) -> None:
    points = everywhere(town)
    path = town.path(points[0], points[-1], OFF_PEAK)
    assert (path.edges[0], path.edges[-1]) == (points[0].edges[0], points[-1].edges[0])
    for before, after in pairwise(path.edges):
        assert town.graph.head[before] == town.graph.tail[after]


def test_paths_from_and_to_sites(town: RoadNetwork) -> None:
    sites = [town.snap_site(*PLACE.lonlat(x, y)) for x, y in [(40, 4), (460, 390), (250, 104), (130, 210)]]
    seconds, metres = town.matrix(sites, sites, OFF_PEAK)
    for (i, source), (j, target) in product(enumerate(sites), enumerate(sites)):
        path = town.path(source, target, OFF_PEAK)
        assert (path.duration_s, path.distance_m) == (seconds[i, j], metres[i, j])
        assert path.lon.size >= 2


def test_durations_keep_the_triangle_inequality(town: RoadNetwork) -> None:
    """An optimiser would mine a detour that pays: rounding up keeps matrices closed, kerb to kerb."""
    points = everywhere(town, 0.37)[::2]
    seconds, _ = town.matrix(points, points, OFF_PEAK)
    through = (seconds[:, :, None] + seconds[None, :, :]).min(axis=1)
    assert (seconds <= through).all()


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None, max_examples=60)
def test_offsets_pay_their_share(town: RoadNetwork, a: int, b: int, x: float, y: float) -> None:
    """Source pays the rest of its edge, target the first part of its own, whatever lies between."""
    lengths, ms = town.graph.length_m, town.edge_milliseconds(OFF_PEAK)
    a, b = a % town.graph.edge_count, b % town.graph.edge_count
    if a == b:
        return
    ends = town.kerb_on_edge(a, float(lengths[a])), town.kerb_on_edge(b, 0.0)
    inside = town.kerb_on_edge(a, x * float(lengths[a])), town.kerb_on_edge(b, y * float(lengths[b]))
    whole, part = (town.matrix([s], [t], OFF_PEAK)[0][0, 0] for s, t in (ends, inside))
    assert part == pytest.approx(whole + ((1 - x) * ms[a] + y * ms[b]) / 1000, abs=1.01)


def test_metres_are_those_of_the_fastest_way(tmp_path: Path) -> None:
    """A short slow street against a long fast one: the matrix reports the fast way's length."""
    town = Sketch(nodes={1: (0, 0), 2: (-50, 0), 3: (1000, 0), 4: (1050, 0), 5: (0, 300), 6: (1000, 300)})
    town.way(10, 2, 1, highway="primary").way(11, 1, 3, highway="living__street")
    town.way(12, 1, 5, 6, 3, highway="primary").way(13, 3, 4, highway="primary")
    town.ways[1] = (11, (1, 3), {"highway": "living_street"})
    network = build_network(read_osm(town.write(tmp_path)))
    graph = network.graph
    pairs = list(zip(graph.node_id[graph.tail].tolist(), graph.node_id[graph.head].tolist(), strict=True))
    points = [network.kerb_on_edge(pairs.index(pair), 25.0) for pair in [(2, 1), (3, 4)]]
    _, metres = network.matrix(points[:1], points[1:], 0)
    assert metres[0, 0] == pytest.approx(1650, abs=3)


def test_periods_differ_and_peaks_are_slower(town: RoadNetwork) -> None:
    points = everywhere(town)[::3]
    early, am_peak, off_peak, pm_peak = (town.matrix(points, points, period)[0] for period in range(4))
    assert early.sum() < off_peak.sum() < am_peak.sum() < pm_peak.sum()


def test_periods_agree_with_dijkstra_whatever_order_they_are_asked_in(tmp_path: Path) -> None:
    """Later periods are contracted in the order of the first: the distances must not show it."""
    town = read_osm(grid(5, 5).write(tmp_path))
    forward, backward = build_network(town), build_network(town)
    points = everywhere(forward)[::3]
    there = [forward.matrix(points, points, period) for period in (0, 1, 2, 3)]
    back = [backward.matrix(points, points, period) for period in (3, 2, 1, 0)][::-1]
    np.testing.assert_array_equal(there, back)


def test_one_factor_scales_driving_times(town: RoadNetwork) -> None:
    """Pitfall 10: the calibration factor is exposed, and shown as an attribute."""
    half = RoadNetwork(
        town.graph,
        town.turns,
        warnings=(),
        drive_on="right",
        speed_factor=0.5,
        vehicle=town.vehicle,
    )
    assert half.speed_factor == 0.5
    np.testing.assert_allclose(half.edge_milliseconds(0), 2 * town.edge_milliseconds(0), atol=2)


def test_learned_speeds_replace_the_guess_where_they_are_known(tmp_path: Path) -> None:
    network = street(tmp_path)
    learned = network.with_speeds(1, np.array([6.0, math.nan]))
    there, back = learned.edge_milliseconds(1).tolist()
    assert there == round(network.graph.length_m[0] / 6.0 * 3600)
    assert back == network.edge_milliseconds(1)[1]
    assert learned.edge_milliseconds(0).tolist() == network.edge_milliseconds(0).tolist()
    point, end = network.kerb_on_edge(0, 0.0), network.kerb_on_edge(0, 500.0)
    slow, plain = (n.matrix([point], [end], 1)[0][0, 0] for n in (learned, network))
    assert slow > 3 * plain


def test_learned_speeds_must_fit(tmp_path: Path) -> None:
    with pytest.raises(RoadError, match="do not fit"):
        street(tmp_path).with_speeds(0, np.ones(5))


def test_equal_metrics_share_one_hierarchy(tmp_path: Path) -> None:
    told: list[str] = []
    drawn = grid(3, 3)
    drawn.ways = [(number, refs, {"highway": "road", "maxspeed": "1"}) for number, refs, _ in drawn.ways]
    network = build_network(read_osm(drawn.write(tmp_path)), on_progress=told.append)
    for period in range(4):
        network.prepare(period)
    assert sum("Preparing" in line for line in told) == 1


def test_several_threads_may_ask_at_once(tmp_path: Path) -> None:
    told: list[str] = []
    network = build_network(read_osm(grid(4, 4).write(tmp_path)), on_progress=told.append)
    points = everywhere(network)
    answers: list[np.ndarray] = []
    askers = [threading.Thread(target=lambda: answers.append(network.matrix(points, points, 2)[0])) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(answers) == 4
    assert all((answer == answers[0]).all() for answer in answers)
    assert sum("Preparing" in line for line in told) == 1


def test_streets_have_names(town: RoadNetwork) -> None:
    names = {town.edge_name(edge) for edge in range(town.graph.edge_count)}
    assert {"Main Street", "Row 0", ""} <= names


@pytest.mark.parametrize("period", [-1, 4])
def test_there_are_four_periods(town: RoadNetwork, period: int) -> None:
    with pytest.raises(RoadError) as caught:
        town.matrix([], [], period)
    assert caught.value.code == "roads_bad_request"


@pytest.mark.parametrize("offset", [-1.0, 1e6])
def test_a_kerb_lies_on_its_edge(town: RoadNetwork, offset: float) -> None:
    with pytest.raises(RoadError, match="is not on edge 3"):
        town.kerb_on_edge(3, offset)


def test_one_drives_right_or_left(tmp_path: Path) -> None:
    with pytest.raises(RoadError, match="middle"):
        load_network(grid(2, 2).write(tmp_path), drive_on="middle")


def test_progress_tells_each_stage(tmp_path: Path) -> None:
    told: list[str] = []
    load_network(grid(2, 2).write(tmp_path), on_progress=told.append)
    assert [line.split()[0] for line in told] == ["Reading", "Cutting", "Connecting"]


def test_streets_without_length_are_harmless(tmp_path: Path) -> None:
    """Two nodes at one place: real maps have them."""
    town = Sketch(nodes={1: (0, 0), 2: (100, 0), 3: (100, 0), 4: (200, 0)}).way(10, 1, 2).way(11, 2, 3).way(12, 3, 4)
    network = build_network(read_osm(town.write(tmp_path)))
    points = everywhere(network, 0.5)
    seconds, _ = network.matrix(points, points, OFF_PEAK)
    np.testing.assert_array_equal(seconds, dijkstra_seconds(network, points, points))
    assert network.snap_site(*town.lonlat(100, 3)).distance_m == pytest.approx(3, abs=0.1)


def test_the_engine_can_be_compiled_beforehand() -> None:
    """Pitfall 11: whoever serves requests warms up first, and the progress line says so."""
    told: list[str] = []
    warm_up(told.append)
    assert len(told) == 1
    assert "Compiling" in told[0]


def test_a_pair_without_a_way_is_named_not_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot happen within a connected network; if it did, no number may pretend otherwise."""
    network = street(tmp_path)
    points = [network.kerb_on_edge(0, 200.0), network.kerb_on_edge(0, 700.0)]

    def unreachable(*_: object, **__: object) -> np.ndarray:
        return np.array([[0, 5], [INFINITY, 0]])

    monkeypatch.setattr(Metric, "least", unreachable)
    with pytest.raises(RoadError) as caught:
        network.matrix(points, points, OFF_PEAK)
    assert caught.value.code == "roads_no_way"
    assert f"from {points[1].lon:.6f}" in caught.value.cause
    assert f"to {points[0].lon:.6f}" in caught.value.cause


def test_streets_that_are_cut_off_are_reported(tmp_path: Path) -> None:
    town = grid(3, 3)
    town.nodes |= {91: (2000, 0), 92: (2400, 0)}
    town.way(300, 91, 92)
    warnings = build_network(read_osm(town.write(tmp_path))).warnings
    assert warnings == ("1 of 3 km of lanes are cut off from the rest and left out.",)
    assert build_network(read_osm(grid(3, 3).write(tmp_path))).warnings == ()
