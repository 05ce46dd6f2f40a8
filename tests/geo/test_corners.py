"""The walking graph itself: streets, corners, crossings, geometry and islands."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from routing.geo.corners import ISLAND_M, LEFT, RIGHT, WalkGraph, build_walk_graph
from routing.geo.foot import CARRIAGEWAY_M, CROSSING_M
from routing.geo.osm import OsmExtract, read_osm
from routing.geo.sphere import LocalPlane, distance_m

Draw = Callable[..., OsmExtract]
SHARED = Path(__file__).parents[2] / ".." / "shared"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="needs the real extracts beside the repository")

STREET = {"highway": "residential"}
LARGE = {"highway": "primary", "lanes": "6"}


def star(draw: Draw, large: list[float], small: list[float], tags: dict[str, str] = LARGE) -> OsmExtract:
    """Draw legs of 1 km that meet at node 1, at angles given in degrees counter-clockwise from east."""
    nodes, ways = {1: (0.0, 0.0)}, []
    for number, (angle, kind) in enumerate([(a, tags) for a in large] + [(a, STREET) for a in small], start=2):
        nodes[number] = (1_000 * np.cos(np.radians(angle)), 1_000 * np.sin(np.radians(angle)))
        ways.append((number, [1, number], kind))
    return draw(nodes, ways)


def street_of(graph: WalkGraph, plane: LocalPlane, angle: float) -> int:
    """Find the street of a star that leaves its middle at an angle."""
    last = graph.shape_start[1:] - 1
    x, y = plane.to_xy(graph.lon[last], graph.lat[last])
    far = np.hypot(x - 1_000 * np.cos(np.radians(angle)), y - 1_000 * np.sin(np.radians(angle)))
    return int(np.argmin(far))


def crossings(graph: WalkGraph) -> list[int]:
    """Return what the links that are no streets cost [m], each once."""
    tail = np.repeat(np.arange(graph.vertices), np.diff(graph.link_start))
    once = graph.link_vertex > tail
    return sorted((graph.link_cm[once & (graph.link_cm < 10_000)] // 100).tolist())


def test_a_junction_of_small_streets_is_one_vertex(draw: Draw) -> None:
    """Three streets meet: four vertices, three links, no crossing."""
    graph = build_walk_graph(star(draw, [], [0, 120, 240]))
    assert graph.vertices == 4
    assert len(graph.link_cm) == 6
    assert crossings(graph) == []
    assert not graph.large.any()


@pytest.mark.parametrize(("large", "corners"), [([0], 1), ([0, 180], 2), ([0, 90, 180], 3), ([0, 90, 180, 270], 4)])
def test_a_junction_has_as_many_corners_as_legs_of_large_roads(draw: Draw, large: list[float], corners: int) -> None:
    """One vertex per sector; each leg is crossed once, but a single leg is walked round."""
    graph = build_walk_graph(star(draw, large, [45.0]))
    ends = len(large) + 1
    assert graph.vertices == corners + ends
    assert crossings(graph) == [CROSSING_M] * (len(large) if len(large) > 1 else 0)


def test_small_streets_join_the_corner_of_their_sector(draw: Draw, plane: LocalPlane) -> None:
    """Large legs east, north and west: streets at 45 and 50 degrees share a corner, those beyond do not."""
    graph = build_walk_graph(star(draw, [0, 90, 180], [45, 50, 135, 200, 340]))
    corner = {angle: int(graph.street_tail[street_of(graph, plane, angle), LEFT]) for angle in (45, 50, 135, 200, 340)}
    assert corner[45] == corner[50]
    assert corner[200] == corner[340]
    assert len(set(corner.values())) == 3


def test_the_sides_of_a_large_leg_are_the_corners_beside_it(draw: Draw, plane: LocalPlane) -> None:
    """Seen along the leg to the north: on its left lies the corner of the north-west, on its right the north-east."""
    graph = build_walk_graph(star(draw, [0, 90, 180], [45, 135]))
    north = street_of(graph, plane, 90)
    sides = graph.street_tail[north]
    assert sides[LEFT] == graph.street_tail[street_of(graph, plane, 135), LEFT]
    assert sides[RIGHT] == graph.street_tail[street_of(graph, plane, 45), LEFT]
    assert graph.large[north]


def test_a_leg_drawn_towards_the_junction_has_the_same_sides(draw: Draw, plane: LocalPlane) -> None:
    """The way north is drawn from its far end: its left is now the east."""
    nodes = {1: (0, 0), 2: (1_000, 0), 3: (0, 1_000), 4: (-1_000, 0), 5: (700, 700), 6: (-700, 700)}
    ways = [(2, [1, 2], LARGE), (3, [3, 1], LARGE), (4, [1, 4], LARGE), (5, [1, 5], STREET), (6, [1, 6], STREET)]
    graph = build_walk_graph(draw(nodes, ways))
    north = int(np.flatnonzero(graph.lat[graph.shape_start[:-1]] > plane.lat + 0.008)[0])
    ends = {
        round(float(plane.to_xy(graph.lon[e - 1], graph.lat[e - 1])[0])): i for i, e in enumerate(graph.shape_start[1:])
    }
    assert graph.street_head[north, LEFT] == graph.street_tail[ends[700], LEFT]
    assert graph.street_head[north, RIGHT] == graph.street_tail[ends[-700], LEFT]


def test_one_carriageway_costs_less_than_a_whole_road(draw: Draw) -> None:
    """A one-way large road is one carriageway."""
    graph = build_walk_graph(star(draw, [0, 180], [90], LARGE | {"oneway": "yes"}))
    assert crossings(graph) == [CARRIAGEWAY_M] * 2


def test_a_large_road_that_nobody_walks_still_makes_corners(draw: Draw) -> None:
    """A trunk road without a footway has no street of its own, and divides the small ones."""
    graph = build_walk_graph(star(draw, [0, 180], [90, 270], {"highway": "trunk"}))
    assert len(graph.street_m) == 2
    assert graph.street_tail[0, LEFT] != graph.street_tail[1, LEFT]
    assert crossings(graph) == [CROSSING_M] * 2


def test_a_bridge_over_streets_makes_no_corner(draw: Draw) -> None:
    """Where a large road passes above, a path that shares its node is taken to pass freely."""
    graph = build_walk_graph(star(draw, [0, 180], [90, 270], LARGE | {"bridge": "yes"}))
    assert crossings(graph) == []


def test_shapes_and_lengths_follow_the_way(draw: Draw) -> None:
    """A street keeps its bends: its vertices are the way's nodes, its length their sum."""
    nodes = {1: (0, 0), 2: (300, 0), 3: (300, 400), 4: (900, 400)}
    extract = draw(nodes, [(10, [1, 2, 3, 4], STREET)])
    graph = build_walk_graph(extract)
    assert graph.shape_start.tolist() == [0, 4]
    assert graph.street_m == pytest.approx([1_300], rel=1e-3)
    assert np.array_equal(graph.lon, extract.lon)
    steps = distance_m(graph.lon[:-1], graph.lat[:-1], graph.lon[1:], graph.lat[1:])
    assert graph.street_m[0] == pytest.approx(steps.sum())


def test_ways_are_cut_where_others_meet_them_in_the_middle(draw: Draw) -> None:
    """A T-junction cuts the through way in two; a node of one way alone does not."""
    nodes = {1: (0, 0), 2: (500, 0), 3: (1_000, 0), 4: (500, 600), 5: (250, 5)}
    graph = build_walk_graph(draw(nodes, [(10, [1, 5, 2, 3], STREET), (11, [2, 4], STREET)]))
    assert len(graph.street_m) == 3
    assert sorted(np.diff(graph.shape_start).tolist()) == [2, 2, 3]


def test_parallel_streets_are_both_kept(draw: Draw) -> None:
    """Two ways between the same junctions are two streets of their own lengths."""
    nodes = {1: (0, 0), 2: (1_000, 0), 3: (500, 300)}
    graph = build_walk_graph(draw(nodes, [(10, [1, 2], STREET), (11, [1, 3, 2], STREET)]))
    assert sorted(graph.street_m.round().tolist()) == pytest.approx([1_000, 1_166], abs=2)
    assert graph.vertices == 2


@pytest.mark.parametrize(("length", "kept"), [(ISLAND_M - 50, 1), (ISLAND_M + 50, 2)])
def test_islands_are_dropped_unless_they_are_large(draw: Draw, length: float, kept: int) -> None:
    """A second piece of less than a kilometre is an island."""
    nodes = {1: (0, 0), 2: (3_000, 0), 3: (0, 900), 4: (length, 900)}
    graph = build_walk_graph(draw(nodes, [(10, [1, 2], STREET), (11, [3, 4], STREET)]))
    assert len(graph.street_m) == kept


def test_a_village_smaller_than_an_island_is_kept_when_it_is_all_there_is(draw: Draw) -> None:
    """The largest piece stays whatever its size."""
    graph = build_walk_graph(draw({1: (0, 0), 2: (200, 0)}, [(10, [1, 2], STREET)]))
    assert len(graph.street_m) == 1


def test_missing_nodes_at_the_ends_and_in_the_middle_cut_the_way(draw: Draw) -> None:
    """Nodes 8 and 9 are not in the extract: only the pieces between known nodes are streets."""
    nodes = {1: (0, 0), 2: (800, 0), 3: (2_000, 0), 4: (3_500, 0)}
    graph = build_walk_graph(draw(nodes, [(10, [8, 1, 2, 9, 3, 4, 8], STREET)]))
    assert sorted(graph.street_m.round().tolist()) == pytest.approx([1_500], abs=2)


def test_an_extract_without_ways_for_walkers_makes_an_empty_graph(draw: Draw) -> None:
    """No street, no vertex to stand on, no error: the network above refuses it in words."""
    graph = build_walk_graph(draw({1: (0, 0), 2: (800, 0)}, [(10, [1, 2], {"highway": "motorway"})]))
    assert len(graph.street_m) == len(graph.link_cm) == 0


def test_the_arrays_are_read_only(draw: Draw) -> None:
    """The graph is a value."""
    graph = build_walk_graph(star(draw, [], [0, 90]))
    for name in WalkGraph.__slots__:
        assert not getattr(graph, name).flags.writeable


def check_links(graph: WalkGraph) -> None:
    """Check that links come in twins, that streets are links, and that nothing stands alone."""
    tail = np.repeat(np.arange(graph.vertices), np.diff(graph.link_start))
    forth = sorted(zip(tail.tolist(), graph.link_vertex.tolist(), graph.link_cm.tolist(), strict=True))
    back = sorted(zip(graph.link_vertex.tolist(), tail.tolist(), graph.link_cm.tolist(), strict=True))
    assert forth == back
    links = set(forth)
    for street in range(len(graph.street_m)):
        for side in (LEFT, RIGHT):
            ends = int(graph.street_tail[street, side]), int(graph.street_head[street, side])
            assert (*ends, round(graph.street_m[street] * 100)) in links
    assert np.all(graph.link_cm >= 0)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    large=st.lists(st.integers(0, 359), max_size=5, unique=True),
    small=st.lists(st.integers(0, 359), min_size=1, max_size=5, unique=True),
)
def test_any_star_is_walked_between_any_two_legs(draw: Draw, large: list[float], small: list[float]) -> None:
    """Whatever meets at a junction, all legs connect, corners and legs agree in number, and links have twins."""
    graph = build_walk_graph(star(draw, list(map(float, large)), list(map(float, small))))
    check_links(graph)
    assert graph.vertices == max(1, len(large)) + len(large) + len(small)
    tail = np.repeat(np.arange(graph.vertices), np.diff(graph.link_start))
    table = coo_array((np.ones(len(tail)), (tail, graph.link_vertex.astype(np.int64))), shape=(graph.vertices,) * 2)
    assert connected_components(table, directed=False)[0] == 1


@needs_shared
@pytest.mark.parametrize("city", ["herrenberg", "wuhan"])
def test_real_extracts_make_sound_graphs(city: str) -> None:
    """Links have twins, streets are links, and almost all walkable kilometres hang together."""
    extract = read_osm(SHARED / "osm" / f"{city}.osm.pbf")
    graph = build_walk_graph(extract)
    check_links(graph)
    assert graph.large.any()
    tail = np.repeat(np.arange(graph.vertices), np.diff(graph.link_start))
    table = coo_array((np.ones(len(tail)), (tail, graph.link_vertex.astype(np.int64))), shape=(graph.vertices,) * 2)
    label = connected_components(table, directed=False)[1]
    share = np.bincount(label[graph.street_tail[:, LEFT]], weights=graph.street_m) / graph.street_m.sum()
    assert share.max() > 0.9
