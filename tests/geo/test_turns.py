"""The edge graph: which turns exist, what they cost, and what is left connected."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from routing.errors import RoadError
from routing.geo.graph import DriveGraph
from routing.geo.network import RoadNetwork, build_network
from routing.geo.osm import read_osm
from routing.geo.profile import VehicleProfile
from tests.geo.sketch import Sketch, cross, grid

COSTS = VehicleProfile().turns


def build(town: Sketch, folder: Path, **options: object) -> RoadNetwork:
    return build_network(read_osm(town.write(folder)), **options)  # type: ignore[arg-type]


def edge(graph: DriveGraph, tail: int, head: int) -> int:
    """Return the only directed edge between two OSM nodes."""
    pairs = zip(graph.node_id[graph.tail].tolist(), graph.node_id[graph.head].tolist(), strict=True)
    (found,) = [number for number, pair in enumerate(pairs) if pair == (tail, head)]
    return found


def turns_from(network: RoadNetwork, tail: int, via: int) -> dict[int, float]:
    """Return where one may go after driving from one node to the next: {node: turn cost in seconds}."""
    graph, turns = network.graph, network.turns
    state = edge(graph, tail, via)
    arcs = range(int(turns.first[state]), int(turns.first[state + 1]))
    heads = [int(graph.node_id[graph.head[turns.state_edge[turns.target[arc]]]]) for arc in arcs]
    return {head: turns.cost_ms[arc] / 1000 for head, arc in zip(heads, arcs, strict=True)}


@pytest.fixture
def crossing() -> Sketch:
    """Four arms of one street each, ending in dead ends."""
    return cross().way(10, 2, 1).way(11, 1, 3).way(12, 4, 1).way(13, 1, 5)


def test_left_right_straight_and_round(crossing: Sketch, tmp_path: Path) -> None:
    assert turns_from(build(crossing, tmp_path), 2, 1) == {
        3: 0.0,
        5: COSTS.near_s,
        4: COSTS.far_s,
        2: COSTS.u_turn_s,
    }


def test_where_one_drives_on_the_left_the_near_side_is_left(crossing: Sketch, tmp_path: Path) -> None:
    costs = turns_from(build(crossing, tmp_path, drive_on="left"), 2, 1)
    assert (costs[4], costs[5]) == (COSTS.near_s, COSTS.far_s)


def test_dead_ends_have_a_free_u_turn_and_junctions_a_dear_one(crossing: Sketch, tmp_path: Path) -> None:
    """Pitfall 4."""
    network = build(crossing, tmp_path)
    assert turns_from(network, 1, 2) == {1: COSTS.dead_end_s}
    assert COSTS.dead_end_s == 0.0
    assert turns_from(network, 2, 1)[2] >= 180.0


def test_no_u_turn_in_mid_street(tmp_path: Path) -> None:
    """Where two ways of one street meet, a 12 m bus goes on."""
    network = build(Sketch(nodes={1: (0, 0), 2: (100, 0), 3: (200, 0)}).way(10, 1, 2).way(11, 2, 3), tmp_path)
    assert turns_from(network, 1, 2) == {3: 0.0}


def test_a_ring_without_a_junction_keeps_both_directions(tmp_path: Path) -> None:
    """Nothing else connects them, so there one may turn round, at a price."""
    town = Sketch(nodes={1: (0, 0), 2: (100, 0), 3: (50, 80)}).way(10, 1, 2).way(11, 2, 3).way(12, 3, 1)
    network = build(town, tmp_path)
    assert network.graph.edge_count == 6
    assert turns_from(network, 1, 2) == {3: 0.0, 1: COSTS.u_turn_s}


def test_a_bend_is_no_turn(tmp_path: Path) -> None:
    network = build(Sketch(nodes={1: (0, 0), 2: (100, 0), 3: (100, 100)}).way(10, 1, 2).way(11, 2, 3), tmp_path)
    assert turns_from(network, 1, 2) == {3: 0.0}


def test_sharp_turns_cost_more(tmp_path: Path) -> None:
    town = Sketch(nodes={1: (0, 0), 2: (-100, 0), 3: (100, 0), 4: (-90, 30)})
    network = build(town.way(10, 2, 1).way(11, 1, 3).way(12, 1, 4), tmp_path)
    assert turns_from(network, 2, 1)[4] == COSTS.far_s + COSTS.sharp_s


def test_signals_cost_every_movement(crossing: Sketch, tmp_path: Path) -> None:
    crossing.node_tags[1] = {"highway": "traffic_signals"}
    costs = turns_from(build(crossing, tmp_path), 2, 1)
    assert (costs[3], costs[5]) == (COSTS.signal_s, COSTS.near_s + COSTS.signal_s)


def test_entering_a_larger_road_means_giving_way(tmp_path: Path) -> None:
    town = cross().way(10, 2, 1, 3, highway="primary").way(12, 4, 1, 5)
    network = build(town, tmp_path)
    assert turns_from(network, 4, 1)[2] == COSTS.near_s + COSTS.give_way_s
    assert turns_from(network, 2, 1)[5] == COSTS.near_s


def test_leaving_a_roundabout_costs_nothing(tmp_path: Path) -> None:
    nodes = {1: (20, 0), 2: (0, 20), 3: (-20, 0), 4: (0, -20), 5: (100, 0), 6: (-100, 0)}
    town = Sketch(nodes=nodes).way(10, 1, 2, 3, 4, 1, junction="roundabout").way(11, 1, 5).way(12, 3, 6)
    network = build(town, tmp_path)
    assert turns_from(network, 3, 1)[5] == 0.0
    assert turns_from(network, 3, 1)[3] == 0.0


def test_a_barrier_lets_nobody_through(tmp_path: Path) -> None:
    town = grid(3, 2)
    town.node_tags[2] = {"barrier": "bollard"}
    network = build(town, tmp_path)
    assert turns_from(network, 1, 2) == {1: COSTS.dead_end_s}


# Restrictions (pitfall 6)


def test_a_ban_takes_one_turn_away(crossing: Sketch, tmp_path: Path) -> None:
    network = build(crossing.restrict("no_left_turn", 10, 1, 12), tmp_path)
    assert set(turns_from(network, 2, 1)) == {2, 3, 5}
    assert set(turns_from(network, 3, 1)) == {2, 3, 4, 5}


def test_only_leaves_one_turn(crossing: Sketch, tmp_path: Path) -> None:
    network = build(crossing.restrict("only_straight_on", 10, 1, 11), tmp_path)
    assert set(turns_from(network, 2, 1)) == {3}
    assert set(turns_from(network, 4, 1)) == {2, 3, 4, 5}


def test_two_only_restrictions_add_up(crossing: Sketch, tmp_path: Path) -> None:
    crossing.restrict("only_straight_on", 10, 1, 11).restrict("only_right_turn", 10, 1, 13)
    assert set(turns_from(build(crossing, tmp_path), 2, 1)) == {3, 5}


def test_a_ban_on_turning_round(crossing: Sketch, tmp_path: Path) -> None:
    network = build(crossing.restrict("no_u_turn", 10, 1, 10), tmp_path)
    assert set(turns_from(network, 2, 1)) == {3, 4, 5}


@pytest.mark.parametrize("spared", ["bus", "psv", "bicycle;psv"])
def test_exceptions_for_buses(crossing: Sketch, tmp_path: Path, spared: str) -> None:
    crossing.restrict("no_left_turn", 10, 1, 12, **{"except": spared})
    assert 4 in turns_from(build(crossing, tmp_path), 2, 1)


def test_exceptions_for_others(crossing: Sketch, tmp_path: Path) -> None:
    crossing.restrict("no_left_turn", 10, 1, 12, **{"except": "bicycle"})
    assert 4 not in turns_from(build(crossing, tmp_path), 2, 1)


@pytest.mark.parametrize(("key", "applies"), [("restriction:hgv", False), ("restriction:bus", True)])
def test_restrictions_for_one_class(crossing: Sketch, tmp_path: Path, key: str, applies: bool) -> None:
    members = [("way", "from", 10), ("node", "via", 1), ("way", "to", 12)]
    crossing.relations.append((900, members, {key: "no_left_turn"}))
    assert (4 not in turns_from(build(crossing, tmp_path), 2, 1)) is applies


def test_conditional_restrictions_are_reported_and_not_applied(crossing: Sketch, tmp_path: Path) -> None:
    members = [("way", "from", 10), ("node", "via", 1), ("way", "to", 12)]
    crossing.relations.append((900, members, {"restriction:conditional": "no_left_turn @ (07:00-09:00)"}))
    network = build(crossing, tmp_path)
    assert 4 in turns_from(network, 2, 1)
    assert any("certain times" in warning for warning in network.warnings)


def test_restrictions_on_ways_that_pass_through_ban_the_turn_they_name(tmp_path: Path) -> None:
    """The street goes on beyond the junction: `no_left_turn` from it must not ban the right turn back onto it."""
    town = cross().way(10, 2, 1, 3).way(12, 4, 1, 5).restrict("no_left_turn", 10, 1, 12)
    network = build(town, tmp_path)
    assert set(turns_from(network, 2, 1)) == {2, 3, 5}
    assert set(turns_from(network, 3, 1)) == {2, 3, 4}


def test_restrictions_that_fit_nowhere_are_counted(crossing: Sketch, tmp_path: Path) -> None:
    crossing.restrict("no_left_turn", 10, 4, 12).restrict("no_left_turn", 10, 1, 77).restrict("give_way", 10, 1, 12)
    network = build(crossing, tmp_path)
    assert any(warning.startswith("3 turn restrictions do not fit") for warning in network.warnings)


def parallel_streets() -> Sketch:
    """Two streets, 1-2-3 and 4-5-6, joined by 2-5; more ways around on both sides."""
    nodes = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (0, 50), 5: (100, 50), 6: (200, 50)}
    town = Sketch(nodes=nodes).way(10, 1, 2).way(11, 2, 3).way(12, 4, 5).way(13, 5, 6).way(14, 2, 5)
    return town.way(15, 1, 4).way(16, 3, 6)


def walkable(network: RoadNetwork, *nodes: int) -> bool:
    """Tell whether the states allow a drive along these OSM nodes, whatever came before the first."""
    graph, turns = network.graph, network.turns
    states = {edge(graph, nodes[0], nodes[1])}
    for tail, head in pairwise(nodes[1:]):
        wanted = edge(graph, tail, head)
        following = {int(t) for s in states for t in turns.target[turns.first[s] : turns.first[s + 1]]}
        states = {state for state in following if turns.state_edge[state] == wanted}
    return bool(states)


def test_a_ban_via_a_way_holds_for_those_who_came_that_way_only(tmp_path: Path) -> None:
    """No U-turn from 1-2 over 2-5 into 5-4; from 3-2 it is a plain turn, and 1-2-5-6 stays open."""
    network = build(parallel_streets().restrict("no_u_turn", 10, [14], 12), tmp_path)
    assert network.turns.state_count > network.graph.edge_count
    assert not walkable(network, 1, 2, 5, 4)
    assert walkable(network, 1, 2, 5, 6)
    assert walkable(network, 3, 2, 5, 4)
    assert walkable(network, 2, 5, 4)
    assert walkable(network, 5, 2, 5, 4)


def test_only_via_a_way(tmp_path: Path) -> None:
    network = build(parallel_streets().restrict("only_right_turn", 10, [14], 13), tmp_path)
    assert walkable(network, 1, 2, 5, 6)
    assert not walkable(network, 1, 2, 5, 4)
    assert walkable(network, 3, 2, 5, 4)


def test_a_ban_via_several_ways_remembers_all_of_them(tmp_path: Path) -> None:
    town = grid(4, 3)
    town.ways.clear()
    rows = [(1, 2), (2, 3), (3, 4), (5, 6), (6, 7), (7, 8), (9, 10), (10, 11), (11, 12)]
    columns = [(1, 5), (5, 9), (2, 6), (6, 10), (3, 7), (7, 11), (4, 8), (8, 12)]
    for number, pair in enumerate(rows + columns, start=100):
        town.way(number, *pair)
    # From 1-2 over 2-6 and 6-7 into 7-3: a loop of three left turns.
    town.restrict("no_u_turn", 100, [111, 104], 113)
    network = build(town, tmp_path)
    assert not walkable(network, 1, 2, 6, 7, 3)
    assert walkable(network, 2, 6, 7, 3)
    assert walkable(network, 5, 6, 7, 3)
    assert walkable(network, 1, 2, 6, 7, 11)
    assert walkable(network, 1, 2, 6, 10)


def test_bans_via_ways_share_their_memory(tmp_path: Path) -> None:
    """Two bans over the same way, and one whose approach is the other's way: every ending of a history counts."""
    town = parallel_streets().restrict("no_u_turn", 10, [14], 12).restrict("no_u_turn", 11, [14], 13)
    town.restrict("no_left_turn", 14, [13], 16)
    network = build(town, tmp_path)
    assert not walkable(network, 1, 2, 5, 4)
    assert not walkable(network, 3, 2, 5, 6)
    assert walkable(network, 1, 2, 5, 6)
    assert not walkable(network, 1, 2, 5, 6, 3)
    assert not walkable(network, 2, 5, 6, 3)
    assert walkable(network, 4, 5, 6, 3)


def test_an_edge_entered_by_a_remembered_history_only_can_still_be_left(tmp_path: Path) -> None:
    """Way 14 is one-way and entered from 10 alone, so no plain state of it is ever reached."""
    nodes = {1: (0, 0), 2: (100, 0), 5: (100, 50), 4: (0, 50), 6: (200, 50)}
    town = Sketch(nodes=nodes).way(10, 1, 2, oneway="yes").way(14, 2, 5, oneway="yes")
    town.way(12, 5, 4).way(13, 5, 6).way(15, 4, 1).way(16, 6, 1).restrict("no_left_turn", 10, [14], 12)
    network = build(town, tmp_path)
    start = network.kerb_on_edge(edge(network.graph, 2, 5), 10.0)
    assert (np.diff(network.turns.first) > 0).all()
    seconds, _ = network.matrix([start], [start, network.kerb_on_edge(edge(network.graph, 4, 1), 5.0)], 0)
    assert (seconds < 10**6).all()
    assert network.path(start, network.kerb_on_edge(edge(network.graph, 4, 1), 5.0), 0).duration_s == seconds[0, 1]


# Connectedness (pitfall 1)


def test_the_connected_part_is_that_of_the_turns_not_of_the_nodes(tmp_path: Path) -> None:
    """All nodes reach each other, but after the bans nobody who enters the spur 3-6 comes out the way they must."""
    town = cross().way(10, 2, 1).way(11, 1, 3, oneway="yes").way(12, 4, 1).way(13, 1, 5).way(14, 5, 3, oneway="-1")
    # Into 5 one comes from 1 and from 3; out of 3 only to 5. Ban 14 -> 13: whoever enters 11 is trapped.
    town.restrict("no_right_turn", 14, 5, 13)
    network = build(town, tmp_path)
    graph, turns = network.graph, network.turns
    matrix = csr_array(
        (np.ones(turns.target.size), turns.target, turns.first), shape=(turns.state_count, turns.state_count)
    )
    count, _ = connected_components(matrix, connection="strong")
    assert count == 1
    assert 11 not in graph.way_id


def test_every_pair_has_an_answer_after_bans(tmp_path: Path) -> None:
    town = grid(5, 4)
    for row in range(4):
        town.restrict("no_left_turn", 100 + row, 3 + 5 * row, 202)
        town.restrict("only_straight_on", 201, 2 + 5 * row, 201)
    network = build(town, tmp_path)
    points = [network.kerb_on_edge(e, network.graph.length_m[e] / 2) for e in range(network.graph.edge_count)]
    seconds, metres = network.matrix(points, points, 2)
    assert seconds.max() < 3600
    assert metres.max() < 10_000


def test_a_street_that_only_leads_out_is_left_out_and_its_neighbour_turns_round(tmp_path: Path) -> None:
    """At the border: 3-6 is one-way out of the map, so the bus turns at 3, as at a dead end."""
    town = Sketch(nodes={1: (0, 0), 2: (100, 0), 3: (200, 0), 6: (300, 0), 4: (100, 80), 5: (0, 80)})
    town.way(10, 1, 2, 4, 5, 1).way(11, 2, 3).way(12, 3, 6, oneway="yes")
    network = build(town, tmp_path)
    assert 6 not in network.graph.node_id
    assert turns_from(network, 2, 3) == {2: COSTS.dead_end_s}


def test_a_lone_oneway_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RoadError) as caught:
        build(Sketch(nodes={1: (0, 0), 2: (100, 0)}).way(10, 1, 2, oneway="yes"), tmp_path)
    assert caught.value.code == "roads_disconnected"


def test_the_larger_of_two_towns_is_kept(tmp_path: Path) -> None:
    town = grid(3, 3)
    town.nodes |= {91: (2000, 0), 92: (2100, 0)}
    town.way(300, 91, 92)
    assert 91 not in build(town, tmp_path).graph.node_id


def test_an_island_is_reached_by_an_opted_in_ferry_only(tmp_path: Path) -> None:
    """Pitfall 7."""
    town = grid(3, 3)
    town.nodes |= {91: (2000, 0), 92: (2100, 0)}
    town.way(300, 91, 92)
    town.ways.append((301, (3, 91), {"route": "ferry", "motor_vehicle": "yes"}))
    assert 92 not in build(town, tmp_path).graph.node_id
    network = build(town, tmp_path, vehicle=VehicleProfile(ferries=True))
    assert 92 in network.graph.node_id
