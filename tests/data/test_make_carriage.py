"""Dual carriageways: right-hand traffic, corners, links, roundabouts, and streets that end."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.dalian.make.carriage import Drawing, draw, junction_arms
from data.dalian.make.connectivity import connected_nodes, draw_connected
from data.dalian.make.junctions import Control, control
from data.dalian.make.planar import weave
from data.dalian.make.streets import Street

Point = tuple[float, float]


def street(*points: Point, form: str = "dual", kind: str = "primary", level: int = 0) -> Street:
    lanes = 3 if form == "dual" else 2
    return Street(points=np.array(points, dtype=float), kind=kind, lanes=lanes, form=form, level=level)


def drawn(
    *streets: Street,
    opens: set[int] | None = None,
    oneway: set[int] | None = None,
    rounds: dict[int, float] | None = None,
) -> Drawing:
    graph = weave(list(streets), 10.0)
    return draw(graph, junction_arms(graph), opens or set(), oneway or set(), rounds or {})


def hub_of(*streets: Street) -> int:
    return int(np.argmax(weave(list(streets), 10.0).degree()))


CROSS = (street((-500, 0), (500, 0)), street((0, -500), (0, 500)))


def test_each_direction_keeps_right() -> None:
    """Driving east, one is south of the centre line; driving west, north of it."""
    drawing = drawn(street((0, 0), (400, 0)))
    for road in drawing.roads:
        first, last = drawing.position(road.nodes[1]), drawing.position(road.nodes[-2])
        east = last[0] > first[0]
        assert first[1] == pytest.approx(-9.0 if east else 9.0)


def test_carriageways_part_right_after_a_common_end() -> None:
    """They leave the end node together and are at their full distance after some 26 m."""
    drawing = drawn(street((0, 0), (400, 0)))
    (right,) = [road for road in drawing.roads if road.side == "right"]
    assert drawing.position(right.nodes[1])[0] == pytest.approx(26.0)


def test_a_crossing_of_two_dual_roads_has_four_corners_and_four_links() -> None:
    drawing = drawn(*CROSS)
    links = [road for road in drawing.roads if road.side == "link"]
    assert len(links) == 4
    assert all(road.oneway for road in links)
    corners = drawing.corners[hub_of(*CROSS)]
    assert sorted(tuple(np.abs(drawing.position(c)).round()) for c in corners) == [(9.0, 9.0)] * 4


def test_links_circle_counter_clockwise() -> None:
    drawing = drawn(*CROSS)
    for road in drawing.roads:
        if road.side == "link":
            one, two = drawing.position(road.nodes[0]), drawing.position(road.nodes[-1])
            assert one[0] * two[1] - one[1] * two[0] > 0


def turns(drawing: Drawing) -> set[tuple[int, int]]:
    """Return which carriageways into the hub reach which ones out of it."""
    after: dict[int, list[int]] = {}
    for index, road in enumerate(drawing.roads):
        after.setdefault(road.nodes[0], []).append(index)
    found = set()
    for start, road in enumerate(drawing.roads):
        if road.side == "link":
            continue
        queue, seen = [road.nodes[-1]], set()
        while queue:
            node = queue.pop()
            seen.add(node)
            for index in after.get(node, []):
                if drawing.roads[index].side != "link":
                    found.add((start, index))
                elif drawing.roads[index].nodes[-1] not in seen:
                    queue.append(drawing.roads[index].nodes[-1])
    return found


def test_every_arm_of_a_crossing_reaches_every_arm() -> None:
    """Straight on, right, left and round: four ways out of each of four ways in, and round at the ends."""
    counts = Counter(start for start, _ in turns(drawn(*CROSS)))
    assert sorted(counts.values()) == [1, 1, 1, 1, 4, 4, 4, 4]


def test_a_closed_median_lets_a_side_street_turn_right_alone() -> None:
    """Its only way out of the junction is the near carriageway."""
    streets = (street((-500, 0), (500, 0)), street((0, -300), (0, 0), form="single", kind="residential", level=2))
    drawing = drawn(*streets)
    (side,) = [road for road in drawing.roads if road.side == "single"]
    corner = side.nodes[-1]
    leaving = [road for road in drawing.roads if road.nodes[0] == corner and road.side != "single"]
    assert [road.side for road in leaving] == ["right"]
    assert drawing.position(corner)[1] == pytest.approx(-9.0)


def test_an_open_median_is_one_two_way_link() -> None:
    streets = (street((-500, 0), (500, 0)), street((0, -300), (0, 300), form="single", kind="tertiary", level=1))
    drawing = drawn(*streets, opens={hub_of(*streets)})
    (link,) = [road for road in drawing.roads if road.side == "link"]
    assert not link.oneway
    assert {round(drawing.position(node)[1]) for node in link.nodes} == {-9, 9}


def test_a_roundabout_is_a_circle_driven_counter_clockwise() -> None:
    hub = hub_of(*CROSS)
    drawing = drawn(*CROSS, rounds={hub: 50.0})
    rounds = [road for road in drawing.roads if road.side == "round"]
    assert len(rounds) == 4
    for road in rounds:
        spots = np.array([drawing.position(node) for node in road.nodes])
        assert np.hypot(*spots.T) == pytest.approx(50.0, abs=0.1)
        turn = spots[:-1, 0] * spots[1:, 1] - spots[:-1, 1] * spots[1:, 0]
        assert (turn > 0).all()


angles = st.lists(st.integers(0, 35), min_size=2, max_size=6, unique=True)


@settings(max_examples=60, deadline=None)
@given(angles, st.data())
def test_every_junction_is_strongly_connected(spokes: list[int], data: st.DataObject) -> None:
    """Whatever the angles of its arms, and whichever of them are dual: nobody is trapped."""
    arms = []
    for spoke in spokes:
        turn = np.radians(10 * spoke)
        form = data.draw(st.sampled_from(["dual", "single"]))
        kind = "primary" if form == "dual" else "residential"
        arms.append(street((0, 0), (400 * np.cos(turn), 400 * np.sin(turn)), form=form, kind=kind))
    drawing = drawn(*arms)
    assert connected_nodes(drawing)[[n for road in drawing.roads for n in road.nodes]].all()


def test_one_way_streets_that_trap_are_opened() -> None:
    """A one-way cul-de-sac has no way back; a one-way street between two others has."""
    streets = (
        street((0, 0), (600, 0), form="single", kind="tertiary", level=1),
        street((0, 300), (600, 300), form="single", kind="tertiary", level=1),
        street((0, 0), (0, 300), form="single", kind="residential", level=2),
        street((300, 0), (300, 300), form="single", kind="residential", level=2),
        street((600, 0), (600, -200), form="single", kind="residential", level=2),
    )
    drawing = drawn(*streets, oneway={3, 4})
    plan = Control(opens=frozenset(), signals=frozenset(), oneway=frozenset({3, 4}))
    mended, kept = draw_connected(drawing, plan)
    assert kept.oneway == {3}
    assert connected_nodes(mended).all()


def test_signals_stand_where_main_roads_cross_and_not_on_roundabouts() -> None:
    graph = weave(list(CROSS), 10.0)
    arms = junction_arms(graph)
    hub = int(np.argmax(graph.degree()))
    assert hub in control(graph, arms, {}, 1).signals
    assert hub not in control(graph, arms, {hub: 50.0}, 1).signals


def test_the_median_opens_for_a_collector() -> None:
    streets = [street((-500, 0), (500, 0)), street((0, -300), (0, 300), form="single", kind="tertiary", level=1)]
    graph = weave(streets, 10.0)
    assert control(graph, junction_arms(graph), {}, 1).opens == {int(np.argmax(graph.degree()))}
