"""Kerbs along streets: where a bus may halt, how they are called, on which side riders wait."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial import cKDTree

from routing.geo.graph import DriveGraph
from routing.geo.kerbs import (
    BUS_M,
    CLEAR_M,
    PAVEMENT_M,
    SPACING_M,
    StreetPositions,
    edge_labels,
    locate,
    may_halt,
    pavement,
    street_positions,
)
from routing.geo.network import build_network
from routing.geo.osm import OsmExtract
from routing.geo.sphere import LocalPlane, distance_m

Draw = Callable[..., OsmExtract]
MARGIN_M = CLEAR_M + BUS_M / 2


def graph_of(extract: OsmExtract) -> DriveGraph:
    """Build the drive graph of a drawn town."""
    return build_network(extract).graph


def ladder(draw: Draw, tags: dict[str, str], length_m: float = 200.0) -> OsmExtract:
    """Draw a street of the given tags between two residential streets, from node 1 east to node 2."""
    nodes = {1: (0, 0), 2: (length_m, 0), 3: (0, 300), 4: (length_m, 300), 5: (length_m / 2, 450)}
    home = {"highway": "residential", "name": "Home Street"}
    return draw(nodes, [(10, [1, 2], tags), (11, [1, 3, 4, 2], home), (12, [3, 5, 4], home)])


def edge_of(graph: DriveGraph, way: int, tail: int, head: int) -> int:
    """Find the directed edge of a way between two OSM nodes."""
    found = np.flatnonzero(
        (graph.way_id[graph.way] == way) & (graph.node_id[graph.tail] == tail) & (graph.node_id[graph.head] == head)
    )
    return int(found[0])


def positions(extract: OsmExtract, plane: LocalPlane, homes: list, radius_m: float = 5_000.0) -> tuple:
    """Find the street positions near homes given in metres."""
    graph = graph_of(extract)
    return graph, street_positions(graph, extract, cKDTree(np.array(homes, dtype=float)), plane, radius_m)


def on_way(graph: DriveGraph, found: StreetPositions, way: int) -> np.ndarray:
    """Tell which positions lie on a way."""
    return graph.way_id[graph.way[found.edge]] == way


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "unclassified"}, True),
        ({"highway": "tertiary"}, True),
        ({"highway": "secondary"}, True),
        ({"highway": "primary"}, True),
        ({"highway": "trunk"}, False),
        ({"highway": "motorway"}, False),
        ({"highway": "primary_link"}, False),
        ({"highway": "service"}, False),
        ({"highway": "living_street"}, False),
        ({"highway": "secondary", "bridge": "yes"}, False),
        ({"highway": "secondary", "tunnel": "yes"}, False),
        ({"highway": "tertiary", "junction": "roundabout"}, False),
        ({"highway": "residential", "access": "destination"}, False),
    ],
)
def test_where_a_bus_may_halt_without_a_sign(draw: Draw, tags: dict[str, str], expected: bool) -> None:
    """Ordinary streets yes; expressways, ramps, bridges, tunnels, roundabouts and private access no."""
    graph = graph_of(ladder(draw, tags))
    edges = np.flatnonzero(graph.way_id[graph.way] == 10)
    assert len(edges)
    assert set(may_halt(graph)[edges].tolist()) == {expected}


@pytest.mark.parametrize(("length_m", "expected"), [(41.0, False), (43.0, True)])
def test_a_street_must_have_room_for_a_bus_clear_of_both_junctions(draw: Draw, length_m: float, expected: bool) -> None:
    """12 m of bus and 15 m to either junction make 42 m."""
    graph = graph_of(ladder(draw, {"highway": "tertiary"}, length_m))
    assert may_halt(graph)[edge_of(graph, 10, 1, 2)] == expected


def test_a_short_street_has_one_position_in_its_middle(draw: Draw, plane: LocalPlane) -> None:
    """200 m of street: one position, 100 m from either end, and no number in its name."""
    graph, found = positions(ladder(draw, {"highway": "tertiary"}), plane, [(0, 0)])
    mine = on_way(graph, found, 10)
    assert found.offset[mine] == pytest.approx([100.0], abs=0.2)
    assert found.number[mine].tolist() == [0]


def test_a_long_street_has_positions_at_even_steps(draw: Draw, plane: LocalPlane) -> None:
    """A kilometre of street: numbered positions about 250 m apart, clear of both ends."""
    graph, found = positions(ladder(draw, {"highway": "tertiary"}, 1_000.0), plane, [(0, 0)])
    mine = on_way(graph, found, 10)
    assert found.number[mine].tolist() == [1, 2, 3, 4]
    assert np.diff(found.offset[mine]) == pytest.approx(np.full(3, (1_000 - 2 * MARGIN_M) / 4), abs=0.5)
    assert abs(np.diff(found.offset[mine]).mean() - SPACING_M) < 0.1 * SPACING_M
    assert found.offset[mine].min() > MARGIN_M


def test_only_positions_near_a_home_are_listed_and_are_the_same_ones(draw: Draw, plane: LocalPlane) -> None:
    """The horizon selects among positions; it does not move or renumber them."""
    town = ladder(draw, {"highway": "tertiary"}, 1_000.0)
    graph, all_of_them = positions(town, plane, [(0, 0)])
    _, some = positions(town, plane, [(1_000, 0)], radius_m=300.0)
    every = set(zip(all_of_them.edge.tolist(), all_of_them.offset.tolist(), all_of_them.number.tolist(), strict=True))
    near = set(zip(some.edge.tolist(), some.offset.tolist(), some.number.tolist(), strict=True))
    assert near < every
    assert some.number[on_way(graph, some, 10)].tolist() == [4]


def test_positions_keep_clear_of_a_crossing_within_the_street(draw: Draw, plane: LocalPlane) -> None:
    """A zebra in the middle of the street moves the halt 15 m on."""
    nodes = {1: (0, 0), 2: (200, 0), 3: (0, 300), 4: (200, 300), 6: (100, 0)}
    ways = [(10, [1, 6, 2], {"highway": "tertiary"}), (11, [1, 3, 4, 2], {"highway": "residential"})]
    town = draw(nodes, ways, {6: {"highway": "crossing"}})
    graph, found = positions(town, plane, [(0, 0)])
    mine = on_way(graph, found, 10)
    assert abs(found.offset[mine][0] - 100.0) == pytest.approx(15.0, abs=0.2)


def test_a_street_full_of_crossings_has_no_position(draw: Draw, plane: LocalPlane) -> None:
    """Where every shift meets a zebra, the street is left out rather than blocked."""
    nodes = {1: (0, 0), 2: (120, 0), 3: (0, 300), 4: (120, 300)}
    zebras = {10 + i: (12.0 * i, 0.0) for i in range(1, 10)}
    ways = [(10, [1, *zebras, 2], {"highway": "tertiary"}), (11, [1, 3, 4, 2], {"highway": "residential"})]
    town = draw({**nodes, **zebras}, ways, {node: {"highway": "crossing"} for node in zebras})
    graph, found = positions(town, plane, [(0, 0)])
    assert not on_way(graph, found, 10).any()
    assert on_way(graph, found, 11).any()


def test_labels_say_way_tail_and_head(draw: Draw) -> None:
    """The two directions of a street differ by the order of their nodes."""
    graph = graph_of(ladder(draw, {"highway": "tertiary"}))
    edges = np.array([edge_of(graph, 10, 1, 2), edge_of(graph, 10, 2, 1)])
    assert edge_labels(graph, edges) == ["w10.1.2", "w10.2.1"]


def test_labels_are_unique_in_a_ring_of_one_way(draw: Draw) -> None:
    """A way that joins the same two junctions by both halves of a ring gives two labels per direction."""
    nodes = {1: (0, 0), 2: (300, 0), 3: (150, 150), 4: (150, -150), 5: (-300, 0), 6: (600, 0)}
    street = {"highway": "residential"}
    town = draw(nodes, [(10, [1, 3, 2, 4, 1], street), (11, [5, 1], street), (12, [2, 6], street)])
    graph = graph_of(town)
    labels = edge_labels(graph, np.arange(graph.edge_count))
    assert len(set(labels)) == len(labels)
    assert {"w10.1.2", "w10.1.2~2", "w10.2.1", "w10.2.1~2"} <= set(labels)


def test_locate_finds_points_along_a_bent_street(draw: Draw, plane: LocalPlane) -> None:
    """Offsets count along the bend, headings follow it, and offsets beyond the ends stay on the street."""
    nodes = {1: (0, 0), 2: (100, 0), 3: (100, 200), 4: (-100, -100)}
    street = {"highway": "residential"}
    graph = graph_of(draw(nodes, [(10, [1, 2, 3], street), (11, [1, 4, 3], street)]))
    edge = edge_of(graph, 10, 1, 3)
    lon, lat, heading = locate(graph, [edge] * 5, [0.0, 60.0, 160.0, 300.0, 1e6])
    x, y = plane.to_xy(lon, lat)
    assert x == pytest.approx([0, 60, 100, 100, 100], abs=0.3)
    assert y == pytest.approx([0, 0, 60, 200, 200], abs=0.3)
    assert heading[:3] == pytest.approx([0, 0, np.pi / 2], abs=1e-3)


def test_locate_asks_for_many_edges_or_none(draw: Draw) -> None:
    """The answer for an edge does not depend on which others are asked for."""
    graph = graph_of(ladder(draw, {"highway": "tertiary"}))
    edges = np.arange(graph.edge_count)
    together = locate(graph, edges, graph.length_m / 3)
    alone = [locate(graph, [edge], [graph.length_m[edge] / 3]) for edge in edges]
    assert np.allclose(together, np.hstack(alone), rtol=0, atol=1e-12)
    assert locate(graph, [], [])[0].shape == (0,)


@pytest.mark.parametrize(("drive_on", "east", "north"), [("right", 0, -PAVEMENT_M), ("left", 0, PAVEMENT_M)])
def test_riders_wait_on_the_driving_side(plane: LocalPlane, drive_on: str, east: float, north: float) -> None:
    """Of a bus going east, on the right they wait to the south, on the left to the north."""
    lon, lat = (np.asarray(value) for value in plane.to_lonlat([500.0], [500.0]))
    side = pavement(lon, lat, np.array([0.0]), drive_on)
    assert distance_m(lon, lat, *side) == pytest.approx([PAVEMENT_M], rel=0.01)
    x, y = plane.to_xy(*side)
    assert (x[0] - 500, y[0] - 500) == pytest.approx((east, north), abs=0.05)
