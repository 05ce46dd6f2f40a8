"""Walking: distances against an oracle, large roads and their crossings, snapping, borders and islands."""

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from routing.errors import RoadError
from routing.geo.corners import build_walk_graph
from routing.geo.foot import CARRIAGEWAY_M, CROSSING_M, may_walk
from routing.geo.osm import OsmExtract, read_osm
from routing.geo.sphere import LocalPlane, distance_m
from routing.geo.walking import WalkNetwork, WalkTable

Draw = Callable[..., OsmExtract]
Point = tuple[float, float]
SHARED = Path(__file__).parents[2] / ".." / "shared"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="needs the real extracts beside the repository")

STREET = {"highway": "residential"}
LARGE = {"highway": "primary", "lanes": "6"}


def reach(plane: LocalPlane, town: OsmExtract, homes: list[Point], stops: list[Point], limit_m: int) -> WalkTable:
    """Walk between points given in metres."""
    home, stop = (np.array(points, dtype=float).reshape(-1, 2).T for points in (homes, stops))
    return WalkNetwork.from_extract(town).reach(*plane.to_lonlat(*home), *plane.to_lonlat(*stop), limit_m)


def metres(plane: LocalPlane, town: OsmExtract, home: Point, stop: Point, limit_m: int = 5_000) -> int | None:
    """Walk from one point to another; None when out of reach."""
    table = reach(plane, town, [home], [stop], limit_m)
    return int(table.metres[0]) if len(table.metres) else None


def cross_town(draw: Draw, large: dict[str, str], **node_tags: dict[str, str]) -> OsmExtract:
    """Draw a large road from west to east (nodes 1-2-3, 3 km), a street through its middle, streets on both sides."""
    nodes = {1: (-1_500, 0), 2: (0, 0), 3: (1_500, 0), 4: (0, 200), 5: (0, -200), 6: (400, 200), 7: (400, -200)}
    ways = [(10, [1, 2, 3], large), (11, [4, 2, 5], STREET), (12, [4, 6], STREET), (13, [5, 7], STREET)]
    return draw(nodes, ways, {int(key[1:]): tags for key, tags in node_tags.items()})


def test_a_walk_is_the_door_the_street_and_the_kerb(plane: LocalPlane, draw: Draw) -> None:
    """20 m to the street, 300 m round its corner, 10 m to the stop."""
    town = draw({1: (0, 0), 2: (200, 0), 3: (200, 1_000)}, [(10, [1, 2], STREET), (11, [2, 3], STREET)])
    assert metres(plane, town, (100, 20), (210, 200)) == pytest.approx(20 + 100 + 200 + 10, abs=1)


def test_oneway_streets_are_walked_both_ways(plane: LocalPlane, draw: Draw) -> None:
    """A one-way street is as long backwards as forwards."""
    town = draw({1: (0, 0), 2: (600, 0), 3: (1_200, 0)}, [(10, [1, 2, 3], STREET | {"oneway": "yes"})])
    assert metres(plane, town, (100, 0), (1_100, 0)) == metres(plane, town, (1_100, 0), (100, 0)) == 1_000


def test_motorways_are_no_way_and_footpaths_are(plane: LocalPlane, draw: Draw) -> None:
    """The short way along the motorway is closed; the long one over steps and a path is taken."""
    nodes = {1: (0, 0), 2: (1_000, 0), 3: (500, 400), 4: (-1_500, 0), 5: (1_500, 0)}
    streets = [(10, [4, 1], STREET), (11, [2, 5], STREET), (12, [1, 2], {"highway": "motorway"})]
    paths = [(13, [1, 3], {"highway": "steps"}), (14, [3, 2], {"highway": "path"})]
    detour = 100 + 2 * np.hypot(500, 400) + 100
    assert metres(plane, draw(nodes, streets + paths), (-100, 0), (1_100, 0)) == pytest.approx(detour, abs=2)
    closed = draw({**nodes, 6: (3_000, 0)}, [*streets, (15, [5, 6], STREET)])
    assert metres(plane, closed, (-100, 0), (1_100, 0)) is None


def test_the_kerb_across_a_large_road_costs_the_way_to_the_junction_and_the_crossing(
    plane: LocalPlane, draw: Draw
) -> None:
    """From the north kerb to the south kerb 300 m east of the junction: there, across, and back."""
    town = cross_town(draw, LARGE)
    assert metres(plane, town, (300, 4), (300, 8)) == 12
    assert metres(plane, town, (300, 4), (300, -4)) == pytest.approx(4 + 300 + CROSSING_M + 300 + 4, abs=2)


def test_a_small_road_is_crossed_anywhere(plane: LocalPlane, draw: Draw) -> None:
    """The same two kerbs on a road with one lane each way are 8 m apart."""
    town = cross_town(draw, {"highway": "primary", "lanes": "2"})
    assert metres(plane, town, (300, 4), (300, -4)) == 8


def test_going_straight_over_a_large_road_costs_one_crossing(plane: LocalPlane, draw: Draw) -> None:
    """Along the small street across the junction: its length and one crossing, by either leg of the large road."""
    town = cross_town(draw, LARGE)
    assert metres(plane, town, (0, 100), (0, -100)) == pytest.approx(200 + CROSSING_M, abs=1)
    carriageway = cross_town(draw, LARGE | {"oneway": "yes"})
    assert metres(plane, carriageway, (0, 100), (0, -100)) == pytest.approx(200 + CARRIAGEWAY_M, abs=1)


def test_staying_on_one_side_of_a_large_road_is_free(plane: LocalPlane, draw: Draw) -> None:
    """From the small street round the corner onto its own side of the large road: no crossing."""
    town = cross_town(draw, LARGE)
    assert metres(plane, town, (0, 100), (300, 4)) == pytest.approx(100 + 300 + 4, abs=1)
    assert metres(plane, town, (0, 100), (300, -4)) == pytest.approx(100 + 300 + 4 + CROSSING_M, abs=1)


def test_walking_on_past_a_side_street_is_free(plane: LocalPlane, draw: Draw) -> None:
    """Along one side of the large road, past the junction, nothing is crossed that costs."""
    town = cross_town(draw, LARGE)
    for side in (4, -4):
        assert metres(plane, town, (-300, side), (300, side)) == pytest.approx(600 + 8, abs=1)


def test_two_large_roads_make_four_corners(plane: LocalPlane, draw: Draw) -> None:
    """At a cross of large roads the neighbouring corner costs one crossing, the opposite one two."""
    nodes = {1: (-500, 0), 2: (0, 0), 3: (500, 0), 4: (0, 500), 5: (0, -500)}
    town = draw(nodes, [(10, [1, 2, 3], LARGE), (11, [4, 2, 5], LARGE)])
    near = metres(plane, town, (100, 4), (4, 100))
    across = metres(plane, town, (100, 4), (-4, 100))
    opposite = metres(plane, town, (100, 4), (-4, -100))
    assert (near, across, opposite) == (208, 208 + CROSSING_M, 208 + 2 * CROSSING_M)


def test_a_large_road_is_crossed_at_a_marked_crossing_not_at_a_bend(plane: LocalPlane, draw: Draw) -> None:
    """A zebra at node 2 opens the road there; the bare node leaves only the way round its end."""
    nodes = {1: (-1_000, 0), 2: (0, 0), 3: (1_000, 0)}
    plain = draw(nodes, [(10, [1, 2, 3], LARGE)])
    zebra = draw(nodes, [(10, [1, 2, 3], LARGE)], {2: {"highway": "crossing"}})
    assert metres(plane, zebra, (100, 4), (100, -4)) == 100 + CROSSING_M + 100 + 8
    assert metres(plane, plain, (100, 4), (100, -4)) == 900 + 900 + 8
    split = draw(nodes, [(10, [1, 2], LARGE), (11, [2, 3], LARGE)])
    assert metres(plane, split, (100, 4), (100, -4)) == 900 + 900 + 8


def test_a_dual_carriageway_costs_both_carriageways(plane: LocalPlane, draw: Draw) -> None:
    """Two one-way roads 20 m apart, joined by a street that crosses both."""
    nodes = {
        1: (-500, 10),
        2: (0, 10),
        3: (500, 10),
        4: (-500, -10),
        5: (0, -10),
        6: (500, -10),
        7: (0, 300),
        8: (0, -300),
    }
    road = LARGE | {"oneway": "yes"}
    town = draw(nodes, [(10, [3, 2, 1], road), (11, [4, 5, 6], road), (12, [7, 2, 5, 8], STREET)])
    assert metres(plane, town, (0, 110), (0, -110)) == pytest.approx(220 + 2 * CARRIAGEWAY_M, abs=1)


def test_an_expressway_without_a_footway_still_divides_the_town(plane: LocalPlane, draw: Draw) -> None:
    """Nobody walks along the trunk road, and crossing it at a junction costs."""
    trunk = {"highway": "trunk", "lanes": "6"}
    town = cross_town(draw, trunk)
    assert metres(plane, town, (0, 100), (0, -100)) == pytest.approx(200 + CROSSING_M, abs=1)
    beside_the_trunk = reach(plane, town, [(-250, 10)], [(0, 0)], 1_000)
    assert beside_the_trunk.origin_snap_m.tolist() == [250]


def test_rows_are_sorted_by_metres_then_by_target(plane: LocalPlane, draw: Draw) -> None:
    """Each home's stops come nearest first; two equally near keep their order."""
    town = draw({1: (0, 0), 2: (2_000, 0)}, [(10, [1, 2], STREET)])
    table = reach(plane, town, [(1_000, 0), (0, 0)], [(1_300, 0), (900, 0), (1_100, 0), (5, 0)], 400)
    assert table.start.tolist() == [0, 3, 4]
    assert table.row(0)[0].tolist() == [1, 2, 0]
    assert table.row(0)[1].tolist() == [100, 100, 300]
    assert table.row(1)[0].tolist() == [3]
    assert table.origin.tolist() == [0, 0, 0, 1]


def test_the_limit_is_inclusive_to_the_metre(plane: LocalPlane, draw: Draw) -> None:
    """A stop at exactly the limit is in reach, one a metre beyond is not."""
    town = draw({1: (0, 0), 2: (2_000, 0)}, [(10, [1, 2], STREET)])
    assert metres(plane, town, (0, 0), (500, 0), 500) == 500
    assert metres(plane, town, (0, 0), (501, 0), 500) is None


def test_a_point_far_from_every_way_reaches_nothing_and_tells_how_far_it_is(plane: LocalPlane, draw: Draw) -> None:
    """The doctor names the home with its distance; its neighbour is not disturbed."""
    town = draw({1: (0, 0), 2: (2_000, 0)}, [(10, [1, 2], STREET)])
    table = reach(plane, town, [(1_000, 850), (1_000, 50)], [(1_000, 0), (1_000, -900)], 800)
    assert table.origin_snap_m.tolist() == [850, 50]
    assert table.target_snap_m.tolist() == [0, 900]
    assert table.start.tolist() == [0, 0, 1]


def test_a_way_that_leaves_the_extract_is_cut_there_never_bridged(plane: LocalPlane, draw: Draw) -> None:
    """Node 9 is missing: the two halves of the street do not connect across the gap."""
    nodes = {1: (0, 0), 2: (1_200, 0), 3: (2_000, 0), 4: (3_200, 0)}
    assert metres(plane, draw(nodes, [(10, [1, 2, 9, 3, 4], STREET)]), (1_100, 0), (2_100, 0)) is None
    assert metres(plane, draw(nodes, [(10, [1, 2, 3, 4], STREET)]), (1_100, 0), (2_100, 0)) == 1_000


def test_nobody_is_snapped_to_a_stray_footpath(plane: LocalPlane, draw: Draw) -> None:
    """A 50 m path that leads nowhere lies nearer than the street, and is ignored."""
    nodes = {1: (0, 0), 2: (2_000, 0), 3: (1_000, 60), 4: (1_050, 60)}
    town = draw(nodes, [(10, [1, 2], STREET), (11, [3, 4], {"highway": "footway"})])
    assert metres(plane, town, (1_000, 60), (1_200, 0)) == 260


def test_a_ring_road_without_a_junction_is_walked(plane: LocalPlane, draw: Draw) -> None:
    """A closed way is a street from its first node to itself; both ways round are tried."""
    nodes = {1: (0, 0), 2: (400, 0), 3: (400, 400), 4: (0, 400)}
    town = draw(nodes, [(10, [1, 2, 3, 4, 1], STREET)])
    assert metres(plane, town, (100, 0), (0, 100)) == 200
    assert metres(plane, town, (400, 100), (0, 200)) == 700


@pytest.mark.parametrize("tags", [{"highway": "motorway"}, {"highway": "proposed"}])
def test_an_extract_without_a_walkable_way_is_refused(draw: Draw, tags: dict[str, str]) -> None:
    """The error has a code and says what to do."""
    with pytest.raises(RoadError, match="roads_not_walkable"):
        WalkNetwork.from_extract(draw({1: (0, 0), 2: (2_000, 0)}, [(10, [1, 2], tags)]))


def test_no_homes_or_no_stops_make_an_empty_table(plane: LocalPlane, draw: Draw) -> None:
    """Nothing asked, nothing answered, in the right shapes."""
    town = draw({1: (0, 0), 2: (2_000, 0)}, [(10, [1, 2], STREET)])
    assert reach(plane, town, [], [(5, 5)], 500).start.tolist() == [0]
    assert reach(plane, town, [(5, 5), (6, 6)], [], 500).start.tolist() == [0, 0, 0]


def grid_town(draw: Draw, seed: int, size: int = 5) -> OsmExtract:
    """Draw a bent grid with random gaps and large roads."""
    rng = np.random.default_rng(seed)
    nodes = {
        1 + i * size + j: (i * 150.0 + rng.uniform(-30, 30), j * 150.0 + rng.uniform(-30, 30))
        for i in range(size)
        for j in range(size)
    }
    kinds = [STREET, STREET, {"highway": "footway"}, LARGE]
    ways = [(90, list(range(1, size + 1)), STREET), (91, [1 + i * size for i in range(size)], STREET)]
    for i in range(size):
        for j in range(size):
            here = 1 + i * size + j
            for way, there in ((100 + 2 * here, here + 1 if j < size - 1 else 0), (101 + 2 * here, here + size)):
                if there in nodes and rng.random() < 0.8:
                    ways.append((way, [here, there], kinds[rng.integers(len(kinds))]))
    return draw(nodes, ways)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), limit_m=st.integers(0, 900))
def test_the_search_equals_scipy_on_the_same_graph(draw: Draw, plane: LocalPlane, seed: int, limit_m: int) -> None:
    """For random towns, homes and limits: the same pairs and the same metres as a plain Dijkstra."""
    town = grid_town(draw, seed)
    rng = np.random.default_rng(seed)
    homes, stops = rng.uniform(-50, 650, (12, 2)), rng.uniform(-50, 650, (7, 2))
    walk = WalkNetwork.from_extract(town)
    origin, target = plane.to_lonlat(*homes.T), plane.to_lonlat(*stops.T)
    table = walk.reach(*origin, *target, limit_m)
    expected = by_scipy(walk, origin, target)
    dense = np.full((12, 7), -1)
    dense[table.origin, table.target] = table.metres
    assert np.array_equal(dense, np.where(expected <= limit_m, expected, -1))


def by_scipy(walk: WalkNetwork, origin: tuple, target: tuple) -> np.ndarray:
    """All pairs on foot [m], by scipy, with homes and stops as vertices of their own."""
    graph, many = walk.graph, walk.graph.vertices
    a, b = walk._beside(*origin), walk._beside(*target)
    tail = np.repeat(np.arange(many), np.diff(graph.link_start))
    rows, columns, weights = [tail], [graph.link_vertex], [graph.link_cm]
    for first, points in ((many, a), (many + len(a.lane), b)):
        rows += [first + np.arange(len(points.lane))] * 2
        columns += [points.ends[:, 0], points.ends[:, 1]]
        weights += [points.ends_cm[:, 0], points.ends_cm[:, 1]]
    total = many + len(a.lane) + len(b.lane)
    row, column, weight = np.concatenate(rows), np.concatenate(columns), np.concatenate(weights).astype(float)
    cheapest = np.lexsort((weight, column, row))
    row, column, weight = row[cheapest], column[cheapest], weight[cheapest]
    first = np.concatenate(([True], (np.diff(row) != 0) | (np.diff(column) != 0)))
    table = coo_array((np.maximum(weight[first], 1e-9), (row[first], column[first])), shape=(total, total)).tocsr()
    cm = dijkstra(table, directed=False, indices=np.arange(many, many + len(a.lane)))[:, many + len(a.lane) :]
    same = a.lane[:, None] == b.lane[None, :]
    along = a.snap_cm[:, None] + b.snap_cm[None, :] + np.abs(a.offset_cm[:, None] - b.offset_cm[None, :])
    cm = np.where(same, np.minimum(cm, along), cm)
    return np.where(np.isfinite(cm), (np.round(cm).clip(max=1e12) + 50) // 100, 10**9).astype(np.int64)


def test_searching_from_either_side_gives_the_same_table(plane: LocalPlane, draw: Draw) -> None:
    """Few homes and many stops, or few stops and many homes: the walk is the same."""
    walk = WalkNetwork.from_extract(grid_town(draw, 5, 6))
    rng = np.random.default_rng(5)
    few = plane.to_lonlat(*rng.uniform(0, 750, (4, 2)).T)
    many = plane.to_lonlat(*rng.uniform(0, 750, (50, 2)).T)
    there, back = walk.reach(*few, *many, 600), walk.reach(*many, *few, 600)
    pairs = set(zip(there.origin.tolist(), there.target.tolist(), there.metres.tolist(), strict=True))
    assert pairs == set(zip(back.target.tolist(), back.origin.tolist(), back.metres.tolist(), strict=True))
    assert len(pairs) > 50


def test_a_batch_without_room_goes_on_where_it_stopped(
    plane: LocalPlane, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output buffer's size does not show in the table."""
    walk = WalkNetwork.from_extract(grid_town(draw, 8, 6))
    rng = np.random.default_rng(8)
    homes, stops = plane.to_lonlat(*rng.uniform(0, 750, (9, 2)).T), plane.to_lonlat(*rng.uniform(0, 750, (30, 2)).T)
    whole = walk.reach(*homes, *stops, 700)
    monkeypatch.setattr("routing.geo.walking._ROOM", 40)
    parts = walk.reach(*homes, *stops, 700)
    assert np.array_equal(whole.metres, parts.metres)
    assert np.array_equal(whole.target, parts.target)


def test_the_table_cannot_be_written_to(plane: LocalPlane, draw: Draw) -> None:
    """Results are values."""
    table = reach(plane, grid_town(draw, 1), [(10, 10)], [(50, 50)], 900)
    with pytest.raises(ValueError, match="read-only"):
        table.metres[0] = 0


@needs_shared
@pytest.mark.parametrize("city", ["herrenberg", "heidelberg"])
def test_real_streets_without_large_roads_equal_networkx(city: str) -> None:
    """On a real extract, with crossings made free, walks equal networkx on the plain street graph to a metre."""
    extract = read_osm(SHARED / "osm" / f"{city}.osm.pbf")
    plain = OsmExtract(
        **{name: getattr(extract, name) for name in OsmExtract.__slots__}
        | {"way_tags": tuple(tags | {"lanes": "1"} for tags in extract.way_tags)}
    )
    walk = WalkNetwork.from_extract(plain)
    graph = nx.Graph()
    nodes = extract.way_nodes
    for way, tags in enumerate(plain.way_tags):
        if may_walk(tags):
            refs = nodes[extract.way_start[way] : extract.way_start[way + 1]]
            for a, b in zip(refs[:-1].tolist(), refs[1:].tolist(), strict=True):
                if a >= 0 and b >= 0:
                    length = float(distance_m(extract.lon[a], extract.lat[a], extract.lon[b], extract.lat[b]))
                    graph.add_edge(a, b, weight=min(length, graph.get_edge_data(a, b, {"weight": 1e9})["weight"]))
    biggest = sorted(max(nx.connected_components(graph), key=len))
    rng = np.random.default_rng(2)
    homes, stops = rng.choice(biggest, 6), rng.choice(biggest, 400)
    e = extract
    table = walk.reach(e.lon[homes], e.lat[homes], e.lon[stops], e.lat[stops], 1_500)
    for row, home in enumerate(homes.tolist()):
        oracle = nx.single_source_dijkstra_path_length(graph, home, cutoff=1_700, weight="weight")
        found = dict(zip(*(part.tolist() for part in table.row(row)), strict=True))
        for column, stop in enumerate(stops.tolist()):
            truth = oracle.get(stop, 1e9)
            if truth < 1_495:
                assert found[column] == pytest.approx(truth, abs=1.5)
            elif truth > 1_505:
                assert column not in found
    assert len(table.metres) > 30


@needs_shared
def test_real_large_roads_lengthen_walks_and_never_shorten_them() -> None:
    """With crossings priced, no walk in Herrenberg is shorter than without, and some are longer."""
    extract = read_osm(SHARED / "osm" / "herrenberg.osm.pbf")
    free = OsmExtract(
        **{name: getattr(extract, name) for name in OsmExtract.__slots__}
        | {"way_tags": tuple(tags | {"lanes": "1"} for tags in extract.way_tags)}
    )
    rng = np.random.default_rng(4)
    graph = build_walk_graph(extract)
    at = rng.integers(0, len(graph.lon), (2, 60))
    points = [(graph.lon[row] + rng.normal(0, 2e-4, 60), graph.lat[row] + rng.normal(0, 2e-4, 60)) for row in at]
    dense = []
    for town in (extract, free):
        table = WalkNetwork.from_extract(town).reach(*points[0], *points[1], 1_200)
        dense.append(np.full((60, 60), 10_000))
        dense[-1][table.origin, table.target] = table.metres
    assert np.all(dense[0] >= dense[1] - 1)
    assert np.sum(dense[0] > dense[1] + 20) > 100
