"""Ways onto lines, prepared without knowing who will ask: every halt by hand, and what leaves an option out."""

from dataclasses import replace

import numpy as np
import pytest

from routing.model.demand import Direction
from routing.model.places import StopStatus
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.offers.options import Options, find_options
from routing.schedule import schedule_plan
from tests.cases import town, town_plan, with_rider, with_rules, with_stop, with_trip


def options(problem: Problem | None = None, plan: Plan | None = None) -> dict[tuple[str, str], tuple[Options, ...]]:
    problem, plan = problem or town(), plan or town_plan()
    trips = schedule_plan(problem, plan).trips
    return find_options(problem, trips, {node: node for node in range(len(problem.stops))})


def kerbs(problem: Problem, table: Options) -> list[tuple[str, ...]]:
    return [tuple(problem.stops[halt.stop].stop_id for halt in option) for option in table.halts]


def test_each_worksite_and_shift_has_its_ways_and_no_other() -> None:
    found = options()
    assert set(found) == {("north", "early"), ("south", "late")}
    (early,), (late,) = found["north", "early"], found["south", "late"]
    assert kerbs(town(), early) == [("gate_in", "gate_out"), ("market_in", "market_out")]
    assert kerbs(town(), late) == [("quay", "quay")]


def test_a_halt_knows_its_clock_and_its_place_in_the_trip() -> None:
    (table,) = options()["north", "early"]
    there, back = table.halts[1]
    assert (there.board, there.alight, back.board, back.alight) == (1, 2, 0, 1)
    assert (there.depart, there.arrive, there.ride_s) == (7 * 3_600 + 24 * 60 + 32, 7 * 3_600 + 44 * 60 + 32, 1_200)
    assert (back.depart, back.arrive) == (17 * 3_600 + 10 * 60, 17 * 3_600 + 40 * 60)


def test_arrays_say_the_same_as_halts_and_cannot_be_changed() -> None:
    (table,) = options()["north", "early"]
    assert table.stop.tolist() == [[h.stop for h in option] for option in table.halts]
    assert table.ride_fen.tolist() == [sum(h.ride_s for h in option) for option in table.halts]
    assert table.days.tolist() == [0b0011111] * 2
    with pytest.raises(ValueError, match="read-only"):
        table.stop[0, 0] = 7


def test_with_the_directions_apart_there_is_a_table_for_each() -> None:
    there, back = options(with_rules(town(), same_line_both_ways=False))["north", "early"]
    assert kerbs(town(), there) == [("gate_in",), ("market_in",)]
    assert kerbs(town(), back) == [("gate_out",), ("market_out",)]


def test_a_place_that_is_served_one_way_only_is_no_way() -> None:
    """The evening trip passes the gate by: who boards there would not come home."""
    plan = with_trip(town_plan(), "a_out", stop_ids=("north", "market_out"))
    kept = tuple(a for a in plan.assignments if a.alight_stop_id != "gate_out")
    (table,) = options(plan=replace(plan, assignments=kept))["north", "early"]
    assert kerbs(town(), table) == [("market_in", "market_out")]


def test_a_forbidden_stop_is_no_way() -> None:
    problem = with_stop(town(), "gate_in", status=StopStatus.FORBIDDEN)
    (table,) = options(problem)["north", "early"]
    assert kerbs(problem, table) == [("market_in", "market_out")]


def test_a_trip_outside_the_window_of_the_shift_is_no_way() -> None:
    """Ten minutes later, line a reaches north at 07:54:32, on time too rarely; half an hour later, too late."""
    for late_s in (600, 1_800):
        plan = with_trip(town_plan(), "a_in", departure=7 * 3_600 + 20 * 60 + late_s)
        assert ("north", "early") not in options(plan=plan)


def test_a_shift_that_the_trip_does_not_name_is_no_way() -> None:
    plan = with_trip(town_plan(), "a_in", shift_ids=("late",))
    assert ("north", "early") not in options(plan=plan)


def test_rides_that_are_too_long_are_marked_by_how_much() -> None:
    """To the gate 24 min 32 s there and 36 min 32 s back; to the market 20 and 30 minutes."""
    (table,) = options(with_rules(town(), max_ride_s=1_900))["north", "early"]
    assert table.over_ride_s.tolist() == [36 * 60 + 32 - 1_900, 0]
    assert table.kept.tolist() == [False, True]


def test_detours_are_measured_against_the_direct_drive() -> None:
    """The halt at the market costs those from the gate 32 s there, and as much back."""
    (table,) = options(with_rules(town(), max_detour=1.0, max_detour_free_s=30))["north", "early"]
    assert table.over_detour_s.tolist() == [2, 0]


def test_days_are_those_on_which_both_trips_run() -> None:
    problem = town()
    for rider_id in ("ann", "bob", "cai"):
        problem = with_rider(problem, rider_id, days=0b0000111)
    (table,) = options(problem)["north", "early"]
    assert set(table.days.tolist()) == {0b0000111}


def test_on_time_is_least_where_the_window_is_nearest() -> None:
    (table,) = options()["north", "early"]
    for option in table.halts:
        assert all(0.95 <= halt.on_time <= 1.0 for halt in option)
        assert all(halt.arrive_p95 >= halt.arrive for halt in option)


def test_a_plan_without_lines_has_no_ways() -> None:
    assert options(plan=Plan()) == {}


def test_a_shift_that_only_comes_asks_for_one_direction() -> None:
    problem = town()
    early, late = problem.shifts
    plan = town_plan()
    lines = tuple(replace(x, trips=x.trips[:1]) if x.line_id == "b" else x for x in plan.lines)
    kept = tuple(a for a in plan.assignments if a.trip_id != "b_out")
    one_way = replace(problem, shifts=(early, replace(late, end=None)))
    (table,) = options(one_way, replace(plan, lines=lines, assignments=kept))["south", "late"]
    assert table.stop.shape == (1, 1)
    assert late.directions == (Direction.INBOUND, Direction.OUTBOUND)


def test_tables_of_no_options_still_have_their_shape() -> None:
    """Trips of a shift in which no way remains: arrays are empty, not missing."""
    problem = with_rules(town(), same_line_both_ways=False)
    plan = with_trip(town_plan(), "a_in", shift_ids=("late",))
    there, back = options(problem, plan)["north", "early"]
    assert (there.stop.shape, len(there.halts)) == ((0, 1), 0)
    assert len(back.halts) == 2
    assert np.all(back.kept)
