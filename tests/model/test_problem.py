"""A problem is checked once, when it is made, and numbers its nodes as it says."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from routing.model.fleet import FleetItem
from routing.model.problem import Problem
from routing.model.travel import TravelMatrix
from routing.model.units import parse_clock
from tests.cases import DEPOTS, IN, OUT, SITES, STOPS, WALKS, town, walk_table, with_rider


def twice(name: str) -> dict[str, Any]:
    """Return a change that lists the first of a kind again at the end."""
    listed = getattr(town(), name)
    return {name: (*listed, listed[0])}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"periods": ()}, "one travel matrix per period"),
        ({"periods": (), "travel": ()}, "at least one"),
        ({"stops": town().stops[:-1]}, "nodes, the problem 9"),
        ({"riders": town().riders[:-1]}, "one row per rider"),
        (twice("riders"), "rider id 'ann' is used twice"),
        (twice("shifts"), "shift id 'early' is used twice"),
        (twice("vehicle_types"), "vehicle type id 'small' is used twice"),
        (twice("depots"), "depot id 'yard' is used twice"),
        (twice("stops"), "stop or worksite id 'gate_in' is used twice"),
        ({"shifts": town().shifts[:1]}, "rider dan names an unknown worksite or shift"),
        ({"vehicle_types": town().vehicle_types[:1]}, "unknown vehicle type or depot"),
        (
            {"fleet": (FleetItem(vehicle_type_id="small", depot_id="moon", available=1),)},
            "unknown vehicle type or depot",
        ),
    ],
)
def test_a_problem_that_does_not_hold_together_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        town(**change)


@pytest.mark.parametrize("stop", [-1, 6])
def test_a_walk_to_no_stop_is_refused(stop: int) -> None:
    """The sixth node is a worksite; a negative one would count from the end, in silence."""
    walks = town().walks
    wrong = replace(walks, stop=np.where(np.arange(len(walks.stop)) == 3, stop, walks.stop))
    with pytest.raises(ValueError, match="names a stop that does not exist"):
        town(walks=wrong)


def test_nodes_are_stops_then_worksites_then_depots() -> None:
    problem = town()
    assert [problem.node(name) for name in (*STOPS, *SITES)] == list(range(8))
    assert [problem.depot_node(name) for name in DEPOTS] == [8, 9]
    assert [problem.is_worksite(node) for node in range(10)] == [False] * 6 + [True] * 2 + [False] * 2
    assert problem.node_count == 10 == len(problem.travel[0].duration)


@pytest.mark.parametrize("name", ["yard", "depot yard", "moon", ""])
def test_only_stops_and_worksites_can_be_visited(name: str) -> None:
    assert town().node(name) is None


def test_a_depot_may_share_its_name_with_a_worksite_or_a_stop() -> None:
    """A yard within the work park: each id leads to its own node."""
    problem = town()
    renamed = replace(problem.depots[0], depot_id="north")
    shared = town(depots=(renamed, problem.depots[1]), fleet=problem.fleet[1:])
    assert (shared.node("north"), shared.depot_node("north")) == (6, 8)


def test_places_of_kerbs_and_worksites() -> None:
    problem = town()
    assert [problem.place_id(node) for node in range(8)] == [
        "gate",
        "gate",
        "market",
        "market",
        "quay",
        "hill",
        "north",
        "south",
    ]


def test_unknown_ids_are_none_not_errors() -> None:
    problem = town()
    found = (problem.rider_index("zoe"), problem.shift("x"), problem.vehicle_type("x"), problem.depot_node("x"))
    assert found == (None,) * 4
    assert [problem.rider_index(name) for name in WALKS] == list(range(6))


@pytest.mark.parametrize(("clock", "period"), [("00:00", 0), ("11:59", 0), ("12:00", 1), ("24:30", 0), ("36:00", 1)])
def test_a_clock_time_falls_into_a_period_of_its_day(clock: str, period: int) -> None:
    assert town().period_at(parse_clock(clock)) == period


def test_a_clock_that_no_period_covers_takes_the_first() -> None:
    problem = town()
    gap = replace(problem, periods=(replace(problem.periods[0], spans=((0, 3_600),)), problem.periods[1]))
    assert gap.period_at(parse_clock("11:00")) == 0


def test_a_trip_drives_in_the_period_of_its_earliest_bound() -> None:
    """Unknown shifts, and those without a bound in the direction, do not count."""
    problem = town()
    noon = replace(problem.shifts[1], start=parse_clock("12:15"), end=None)
    mixed = replace(problem, shifts=(problem.shifts[0], noon))
    assert mixed.trip_period(IN, ("late",)) == 1
    assert mixed.trip_period(IN, ("late", "early", "ghost")) == 0
    assert mixed.trip_period(OUT, ("late", "early")) == 1
    assert mixed.trip_period(OUT, ("late",)) == mixed.trip_period(IN, ()) == 0


def test_problems_are_equal_by_value() -> None:
    """Matrices and walks included, so that a scenario read twice can be told to be the same."""
    assert town() == town()
    assert town() != with_rider(town(), "ann", count=2)
    doubled = tuple(TravelMatrix(duration=m.duration * 2, distance=m.distance) for m in town().travel)
    assert town() != town(travel=doubled)


def test_a_problem_may_have_no_riders() -> None:
    deserted = town(riders=(), walks=walk_table({}, list(STOPS)))
    assert isinstance(deserted, Problem)
    assert deserted.rider_index("ann") is None


@pytest.mark.parametrize(
    "own", [{"arrive_early_s": 299}, {"arrive_buffer_s": 1_501}, {"leave_late_s": 299}, {"leave_buffer_s": 1_501}]
)
def test_a_shift_whose_window_is_empty_under_the_rules_is_refused(own: dict[str, int]) -> None:
    """Its own bound and the rules' other one: 5 to 25 minutes."""
    early, late = town().shifts
    with pytest.raises(ValueError, match="shift early has an empty window"):
        town(shifts=(replace(early, **own), late))  # type: ignore[arg-type]


def test_a_shift_may_ask_for_one_instant() -> None:
    early, late = town().shifts
    instant = replace(early, arrive_early_s=300, leave_late_s=300)
    assert town(shifts=(instant, late)).shift("early") == instant
