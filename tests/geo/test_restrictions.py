"""Rules on sequences of edges, and how ways and nodes become such sequences."""

from pathlib import Path

import numpy as np
import pytest

from routing.geo.osm import read_osm
from routing.geo.profile import VehicleProfile
from routing.geo.restrictions import TurnRules, edge_bearings, resolve_restrictions
from routing.geo.streets import cut_streets
from tests.geo.sketch import Sketch, cross, grid

BUS = VehicleProfile()


def rules(banned: dict[tuple[int, ...], set[int]], only: dict[tuple[int, ...], set[int]] | None = None) -> TurnRules:
    return TurnRules(
        banned={key: frozenset(value) for key, value in banned.items()},
        only={key: frozenset(value) for key, value in (only or {}).items()},
    )


def test_a_ban_looks_at_every_ending_of_the_history() -> None:
    found = rules({(5,): {6}, (4, 5): {7}})
    assert not found.allows((5,), 6)
    assert not found.allows((3, 4, 5), 6)
    assert not found.allows((4, 5), 7)
    assert found.allows((5,), 7)
    assert found.allows((9, 5), 7)


def test_only_holds_for_its_own_history() -> None:
    found = rules({}, {(4, 5): {7}})
    assert found.allows((4, 5), 7)
    assert not found.allows((4, 5), 8)
    assert found.allows((5,), 8)


def test_prefixes_are_the_histories_worth_remembering() -> None:
    assert rules({(1,): {2}}).prefixes() == frozenset()
    assert rules({(1, 2, 3): {4}}, {(5, 6): {7}}).prefixes() == {(1, 2), (1, 2, 3), (5, 6)}


def resolved(town: Sketch, folder: Path) -> tuple[set[tuple[int, ...]], set[tuple[int, ...]], tuple[str, ...]]:
    """Return banned and only rules as sequences of OSM nodes, and the warnings."""
    extract = read_osm(town.write(folder))
    graph = cut_streets(extract, BUS).graph
    found = resolve_restrictions(extract, graph, BUS)
    tail, head = graph.node_id[graph.tail].tolist(), graph.node_id[graph.head].tolist()

    def nodes(history: tuple[int, ...], last: int) -> tuple[int, ...]:
        return (tail[history[0]], *(head[edge] for edge in (*history, last)))

    banned, only = (
        {nodes(history, last) for history, ends in table.items() for last in ends}
        for table in (found.banned, found.only)
    )
    return banned, only, found.warnings


@pytest.fixture
def crossing() -> Sketch:
    return cross().way(10, 2, 1).way(11, 1, 3).way(12, 4, 1).way(13, 1, 5)


def test_via_a_node(crossing: Sketch, tmp_path: Path) -> None:
    crossing.restrict("no_left_turn", 10, 1, 12).restrict("only_right_turn", 11, 1, 12)
    assert resolved(crossing, tmp_path)[:2] == ({(2, 1, 4)}, {(3, 1, 4)})


def test_the_direction_of_drawing_does_not_matter(tmp_path: Path) -> None:
    town = cross().way(10, 1, 2).way(11, 3, 1).way(12, 1, 4).way(13, 5, 1).restrict("no_left_turn", 10, 1, 12)
    assert resolved(town, tmp_path)[0] == {(2, 1, 4)}


def test_a_oneway_that_leads_away_cannot_be_a_from(tmp_path: Path) -> None:
    town = cross().way(10, 1, 2, oneway="yes").way(11, 1, 3).way(12, 4, 1).restrict("no_left_turn", 10, 1, 12)
    banned, _, warnings = resolved(town, tmp_path)
    assert banned == set()
    assert len(warnings) == 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("no_left_turn", {(2, 1, 4), (3, 1, 5)}),
        ("no_right_turn", {(2, 1, 5), (3, 1, 4)}),
        ("no_turn", {(2, 1, 4), (2, 1, 5), (3, 1, 4), (3, 1, 5)}),
    ],
)
def test_of_two_streets_that_cross_the_named_turns_are_banned(
    tmp_path: Path, kind: str, expected: set[tuple[int, ...]]
) -> None:
    town = cross().way(10, 2, 1, 3).way(11, 4, 1, 5).restrict(kind, 10, 1, 11)
    assert resolved(town, tmp_path)[0] == expected


def test_turning_round_is_banned_by_its_own_name_only(tmp_path: Path) -> None:
    town = cross().way(10, 2, 1, 3).way(11, 4, 1, 5)
    assert resolved(town.restrict("no_u_turn", 10, 1, 10), tmp_path)[0] == {(2, 1, 2), (3, 1, 3)}
    town.relations.clear()
    assert resolved(town.restrict("no_straight_on", 10, 1, 10), tmp_path)[0] == {(2, 1, 3), (3, 1, 2)}


def test_via_a_way_of_several_edges(tmp_path: Path) -> None:
    """The via way is cut by a side street: its edges are walked one after the other, towards the last way."""
    nodes = {1: (0, 0), 2: (100, 0), 3: (100, 50), 4: (100, 100), 5: (0, 100), 6: (200, 50)}
    town = Sketch(nodes=nodes).way(10, 1, 2).way(11, 2, 3, 4).way(12, 4, 5).way(13, 3, 6)
    assert resolved(town.restrict("no_u_turn", 10, [11], 12), tmp_path)[0] == {(1, 2, 3, 4, 5)}


def test_via_two_ways(tmp_path: Path) -> None:
    town = grid(3, 2)
    town.ways.clear()
    for number, pair in enumerate([(1, 2), (2, 3), (3, 6), (6, 5), (5, 4), (2, 5)], start=10):
        town.way(number, *pair)
    assert resolved(town.restrict("no_u_turn", 11, [12, 13], 14), tmp_path)[0] == {(2, 3, 6, 5, 4)}


def test_via_ways_that_do_not_connect_are_counted(tmp_path: Path) -> None:
    town = grid(3, 2)
    banned, _, warnings = resolved(town.restrict("no_u_turn", 100, [999], 101), tmp_path)
    assert banned == set()
    assert warnings == ("1 turn restrictions do not fit the roads a bus may use and are not applied.",)


def test_bearings_are_those_of_the_compass(crossing: Sketch, tmp_path: Path) -> None:
    graph = cut_streets(read_osm(crossing.write(tmp_path)), BUS).graph
    start, end = edge_bearings(graph)
    heads = graph.node_id[graph.head].tolist()
    compass = {2: -90.0, 3: 90.0, 4: 0.0, 5: 180.0}
    outward = {head: float(bearing) for head, bearing in zip(heads, start, strict=True) if head != 1}
    assert {head: round(abs(bearing)) for head, bearing in outward.items()} == {
        head: abs(bearing) for head, bearing in compass.items()
    }
    assert outward[2] < 0 < outward[3]
    np.testing.assert_allclose(start, end)
