"""Foot access and crossing costs, tag by tag."""

import pytest

from routing.geo.foot import CARRIAGEWAY_M, CROSSING_M, crossing_cost_m, foot_rules, is_crossing, may_walk


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "path"}, True),
        ({"highway": "residential", "oneway": "yes"}, True),
        ({"highway": "primary"}, True),
        ({"highway": "primary", "foot": "no"}, False),
        ({"highway": "primary", "foot": "use_sidepath"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "foot": "yes"}, False),
        ({"highway": "motorway_link"}, False),
        ({"highway": "trunk"}, False),
        ({"highway": "trunk", "sidewalk": "both"}, True),
        ({"highway": "trunk", "sidewalk:right": "yes"}, True),
        ({"highway": "trunk", "sidewalk": "no"}, False),
        ({"highway": "trunk", "foot": "designated"}, True),
        ({"highway": "cycleway"}, False),
        ({"highway": "cycleway", "foot": "yes"}, True),
        ({"highway": "cycleway", "foot": "use_sidepath"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True),
        ({"highway": "residential", "access": "no"}, False),
        ({"highway": "residential", "access": "destination"}, True),
        ({"highway": "construction"}, False),
        ({"highway": "proposed"}, False),
        ({"highway": "bus_guideway"}, False),
        ({"public_transport": "platform"}, True),
        ({"route": "ferry", "foot": "yes"}, False),
    ],
)
def test_who_may_walk_where(tags: dict[str, str], expected: bool) -> None:
    """Each tag decides as documented; foot outranks access."""
    assert may_walk(tags) is expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "primary"}, CROSSING_M),
        ({"highway": "trunk"}, CROSSING_M),
        ({"highway": "primary", "oneway": "yes"}, CARRIAGEWAY_M),
        ({"highway": "primary", "oneway": "-1", "lanes": "2"}, CARRIAGEWAY_M),
        ({"highway": "primary", "oneway": "yes", "lanes": "1"}, 0),
        ({"highway": "primary", "lanes": "2"}, 0),
        ({"highway": "primary", "lanes": "4"}, CROSSING_M),
        ({"highway": "secondary"}, 0),
        ({"highway": "secondary", "lanes": "3"}, 0),
        ({"highway": "secondary", "lanes": "4"}, CROSSING_M),
        ({"highway": "secondary", "oneway": "yes", "lanes": "3"}, CARRIAGEWAY_M),
        ({"highway": "tertiary", "lanes": "6"}, CROSSING_M),
        ({"highway": "residential", "lanes": "4"}, 0),
        ({"highway": "motorway"}, 0),
        ({"highway": "primary", "bridge": "yes"}, 0),
        ({"highway": "primary", "tunnel": "yes"}, 0),
        ({"highway": "primary", "bridge": "no"}, CROSSING_M),
        ({"highway": "primary", "lanes": "3; 4"}, CROSSING_M),
        ({"highway": "secondary", "lanes": "many"}, 0),
        ({"highway": "primary", "lanes": "many"}, CROSSING_M),
    ],
)
def test_what_a_crossing_costs(tags: dict[str, str], expected: int) -> None:
    """Large roads cost, by carriageway; small streets, bridges and tunnels do not; odd tags do no harm."""
    assert crossing_cost_m(tags) == expected


def test_rules_come_as_one_array_per_question() -> None:
    """The vectorised form says for each way what the single form says."""
    ways = [{"highway": "primary"}, {"highway": "motorway"}, {"highway": "footway"}]
    walk, cost = foot_rules(ways)
    assert walk.tolist() == [True, False, True]
    assert cost.tolist() == [CROSSING_M, 0, 0]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "crossing"}, True),
        ({"highway": "traffic_signals"}, True),
        ({"crossing": "zebra"}, True),
        ({"crossing": "no"}, False),
        ({"highway": "bus_stop"}, False),
        ({}, False),
    ],
)
def test_where_people_cross(tags: dict[str, str], expected: bool) -> None:
    """Marked crossings and signals are places to cross; a bus stop is not."""
    assert is_crossing(tags) is expected
