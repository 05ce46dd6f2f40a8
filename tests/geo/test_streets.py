"""Cutting ways into directed edges: where, how long, and what is lost on the way."""

from pathlib import Path

import numpy as np
import pytest

from routing.errors import RoadError
from routing.geo.graph import FLAG_ONEWAY, DriveGraph, select_edges
from routing.geo.osm import read_osm
from routing.geo.profile import VehicleProfile
from routing.geo.sphere import distance_m
from routing.geo.streets import Streets, cut_streets
from tests.geo.sketch import Sketch, cross

BUS = VehicleProfile()


def cut(town: Sketch, folder: Path, vehicle: VehicleProfile = BUS) -> Streets:
    return cut_streets(read_osm(town.write(folder)), vehicle)


def ends(graph: DriveGraph) -> list[tuple[int, int]]:
    """Return every directed edge as the OSM ids of its ends."""
    return list(zip(graph.node_id[graph.tail].tolist(), graph.node_id[graph.head].tolist(), strict=True))


def test_ways_are_cut_where_they_meet(tmp_path: Path) -> None:
    graph = cut(cross().way(10, 2, 1, 3).way(11, 4, 1, 5), tmp_path).graph
    assert sorted(ends(graph)) == sorted([(a, 1) for a in (2, 3, 4, 5)] + [(1, a) for a in (2, 3, 4, 5)])


def test_ways_are_not_cut_where_nothing_meets(tmp_path: Path) -> None:
    graph = cut(cross().way(10, 2, 1, 3), tmp_path).graph
    assert sorted(ends(graph)) == [(2, 3), (3, 2)]
    assert graph.shape_start.tolist() == [0, 3, 6]


def test_footways_cut_no_street(tmp_path: Path) -> None:
    graph = cut(cross().way(10, 2, 1, 3).way(11, 4, 1, 5, highway="footway"), tmp_path).graph
    assert sorted(ends(graph)) == [(2, 3), (3, 2)]


def test_directions_know_each_other(tmp_path: Path) -> None:
    graph = cut(cross().way(10, 2, 1, 3).way(11, 4, 1, 5, oneway="yes"), tmp_path).graph
    for edge, back in enumerate(graph.reverse.tolist()):
        if back < 0:
            assert graph.flags[edge] & FLAG_ONEWAY
            assert graph.way_id[graph.way[edge]] == 11
        else:
            assert graph.reverse[back] == edge
            assert (graph.tail[edge], graph.head[edge]) == (graph.head[back], graph.tail[back])
            np.testing.assert_array_equal(graph.shape(edge)[0], graph.shape(back)[0][::-1])


def test_a_oneway_against_the_node_order_is_drawn_the_way_one_drives(tmp_path: Path) -> None:
    graph = cut(cross().way(10, 2, 1, 3, oneway="-1"), tmp_path).graph
    assert ends(graph) == [(3, 2)]
    assert (np.diff(graph.shape(0)[0]) < 0).all()


def test_length_follows_the_vertices(tmp_path: Path) -> None:
    town = Sketch(nodes={1: (0, 0), 2: (300, 0), 3: (300, 400)}).way(10, 1, 2, 3)
    graph = cut(town, tmp_path).graph
    np.testing.assert_allclose(graph.length_m, 700.0, atol=0.5)
    for edge in range(graph.edge_count):
        lon, lat = graph.shape(edge)
        assert graph.length_m[edge] == pytest.approx(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())


def test_rings_on_one_junction_are_split_in_the_middle(tmp_path: Path) -> None:
    """Pitfall 2: a self-loop has no direction to turn into, and stops there cannot snap."""
    town = Sketch(nodes={1: (0, 0), 2: (100, 0), 3: (150, 50), 4: (200, 0), 5: (150, -50)})
    graph = cut(town.way(10, 1, 2).way(11, 2, 3, 4, 5, 2), tmp_path).graph
    assert (graph.tail != graph.head).all()
    assert graph.edge_count == 6
    assert 4 in graph.node_id


def test_a_way_there_and_back_over_one_node_is_no_loop(tmp_path: Path) -> None:
    town = Sketch(nodes={1: (0, 0), 2: (100, 0), 3: (200, 0)}).way(10, 1, 2).way(11, 2, 3, 2)
    graph = cut(town, tmp_path).graph
    assert (graph.tail != graph.head).all()


def test_a_way_that_crosses_itself_is_cut_there(tmp_path: Path) -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (200, 100), 5: (100, 100), 6: (100, -100)}
    graph = cut(Sketch(nodes=nodes).way(10, 1, 2, 3, 4, 5, 2, 6, oneway="yes"), tmp_path).graph
    assert (graph.tail != graph.head).all()
    np.testing.assert_allclose(graph.length_m.sum(), 600.0, atol=1.0)


def test_missing_nodes_split_the_way_and_the_gap_is_not_bridged(tmp_path: Path) -> None:
    """Pitfall 5: at the border of an extract nodes are missing."""
    nodes = {1: (0, 0), 2: (100, 0), 4: (300, 0), 5: (400, 0)}
    graph = cut(Sketch(nodes=nodes).way(10, 1, 2, 3, 4, 5), tmp_path).graph
    assert sorted(ends(graph)) == [(1, 2), (2, 1), (4, 5), (5, 4)]
    np.testing.assert_allclose(graph.length_m, 100.0, atol=0.1)


def test_a_way_of_which_one_node_is_left_is_dropped(tmp_path: Path) -> None:
    town = Sketch(nodes={1: (0, 0), 4: (300, 0), 5: (400, 0)}).way(10, 1, 2, 3).way(11, 4, 5)
    assert sorted(ends(cut(town, tmp_path).graph)) == [(4, 5), (5, 4)]


def test_repeated_nodes_make_no_edge_without_length(tmp_path: Path) -> None:
    town = Sketch(nodes={1: (0, 0), 2: (100, 0)}).way(10, 1, 1, 2, 2)
    graph = cut(town, tmp_path).graph
    assert sorted(ends(graph)) == [(1, 2), (2, 1)]
    assert graph.shape_start.tolist() == [0, 2, 4]


def test_parallel_edges_are_kept(tmp_path: Path) -> None:
    """Pitfall 8: two streets between the same junctions are two streets."""
    town = Sketch(nodes={1: (0, 0), 2: (200, 0), 3: (100, 80)}).way(10, 1, 2).way(11, 1, 3, 2)
    graph = cut(town, tmp_path).graph
    assert sorted(ends(graph)) == [(1, 2), (1, 2), (2, 1), (2, 1)]
    assert sorted(set(graph.length_m.round().tolist())) == [200.0, 256.0]


def test_barriers_cut_the_street_and_are_marked(tmp_path: Path) -> None:
    town = cross().way(10, 2, 1, 3)
    town.node_tags[1] = {"barrier": "bollard"}
    streets = cut(town, tmp_path)
    assert len(ends(streets.graph)) == 4
    assert streets.graph.node_id[streets.blocked].tolist() == [1]


def test_gates_let_through(tmp_path: Path) -> None:
    town = cross().way(10, 2, 1, 3)
    town.node_tags[1] = {"barrier": "gate"}
    streets = cut(town, tmp_path)
    assert len(ends(streets.graph)) == 2
    assert not streets.blocked.any()


@pytest.mark.parametrize(
    ("tags", "there", "back"),
    [
        ({"highway": "crossing"}, 1.5, 1.5),
        ({"highway": "crossing", "crossing": "traffic_signals"}, 5.0, 5.0),
        ({"railway": "level_crossing"}, 10.0, 10.0),
        ({"traffic_calming": "hump"}, 2.0, 2.0),
        ({"highway": "stop"}, 4.0, 0.0),
        ({"highway": "traffic_signals"}, 12.0, 0.0),
        ({"highway": "bus_stop"}, 0.0, 0.0),
    ],
)
def test_delays_on_the_way(tmp_path: Path, tags: dict[str, str], there: float, back: float) -> None:
    """Signs at a stop line near node 4 hold those who drive towards it, crossings hold both."""
    town = Sketch(nodes={1: (0, 0), 2: (60, 0), 3: (180, 0), 4: (200, 0)}).way(10, 1, 2, 3, 4)
    town.node_tags[3] = tags
    graph = cut(town, tmp_path).graph
    assert dict(zip(ends(graph), graph.delay_s.tolist(), strict=True)) == {(1, 4): there, (4, 1): back}


def test_names_fall_back_on_numbers(tmp_path: Path) -> None:
    town = cross().way(10, 2, 1, name="中山路", ref="G1").way(11, 1, 3, ref="S7").way(12, 4, 1)
    graph = cut(town, tmp_path).graph
    names = {int(graph.way_id[way]): str(graph.way_name[way]) for way in graph.way.tolist()}
    assert names == {10: "中山路", 11: "S7", 12: ""}


def test_conditional_tags_are_reported_and_not_applied(tmp_path: Path) -> None:
    town = cross().way(10, 2, 1, 3, access_conditional="no @ (07:00-09:00)").way(11, 4, 1, 5)
    streets = cut(town, tmp_path)
    assert streets.graph.edge_count == 8
    (warning,) = streets.warnings
    assert "access:conditional" in warning
    assert "way 10" in warning


def test_no_open_street_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RoadError) as caught:
        cut(cross().way(10, 2, 1, 3, access="no"), tmp_path)
    assert caught.value.code == "roads_empty"


def test_bus_rules_change_the_network(tmp_path: Path) -> None:
    """The same map serves a bus and a car differently: a contraflow lane and a bus gate."""
    town = cross().way(10, 2, 1, 3, oneway="yes", oneway_psv="no").way(11, 4, 1, highway="pedestrian", bus="yes")
    car = VehicleProfile(name="car", access_keys=("motor_vehicle", "vehicle", "access"))
    assert sorted(ends(cut(town, tmp_path, car).graph)) == [(2, 3)]
    assert cut(town, tmp_path).graph.edge_count == 6


def test_selecting_edges_renumbers_everything(tmp_path: Path) -> None:
    graph = cut(cross().way(10, 2, 1, 3, name="A").way(11, 4, 1, 5, name="B"), tmp_path).graph
    wanted = np.array([edge for edge, pair in enumerate(ends(graph)) if pair in {(1, 4), (4, 1), (5, 1)}])
    part = select_edges(graph, wanted)
    assert sorted(ends(part)) == [(1, 4), (4, 1), (5, 1)]
    assert part.way_name.tolist() == ["B"]
    assert part.reverse.tolist().count(-1) == 1
    for new, old in enumerate(wanted.tolist()):
        np.testing.assert_array_equal(part.shape(new), graph.shape(old))
        assert part.length_m[new] == graph.length_m[old]
