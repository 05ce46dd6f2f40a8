"""The comparison of any two plans of the town: sums that must add up, and which changes turn into which seen back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.compare import RETIME_S, Departures, LineChange, PlanDiff, compare
from routing.model.plan import Line, Plan, Trip
from tests.any_plans import FEW, RIDERS, any_plans
from tests.cases import IN, OUT, seats, town_plan, with_seat, with_trip

PLAN = town_plan()
BACK = {
    LineChange.OPEN: LineChange.CLOSE,
    LineChange.CLOSE: LineChange.OPEN,
    LineChange.MERGE: LineChange.SPLIT,
    LineChange.SPLIT: LineChange.MERGE,
}
"""What a change is called by whom goes the other way; the others keep their name."""


def first_departures(plan: Plan) -> Departures:
    """Return a timetable in which a trip leaves all of its stops when it leaves the first one."""
    return {(trip.trip_id, stop): trip.departure for _, trip in plan.trips() for stop in trip.stop_ids}


def diff(before: Plan, after: Plan) -> PlanDiff:
    return compare(before, after, first_departures(before), first_departures(after))


def served(plan: Plan) -> set[str]:
    return {seat.rider_id for seat in plan.assignments}


def line_riders(plan: Plan) -> dict[str, set[str]]:
    line_of = {trip.trip_id: line.line_id for line, trip in plan.trips()}
    found: dict[str, set[str]] = {line.line_id: set() for line in plan.lines}
    for seat in plan.assignments:
        found[line_of[seat.trip_id]].add(seat.rider_id)
    return found


@FEW
@given(before=any_plans(), after=any_plans())
def test_everybody_served_stays_is_lost_or_gained(before: Plan, after: Plan) -> None:
    told = diff(before, after)
    assert told.stayers + told.lost == len(served(before))
    assert told.stayers + told.gained == len(served(after))
    assert 0 <= told.changed <= told.stayers
    assert 0.0 <= told.stability <= 1.0
    assert (told.stability == 1.0) == (told.changed == 0)


@FEW
@given(before=any_plans(), after=any_plans())
def test_every_line_of_either_plan_is_told_once_with_its_riders(before: Plan, after: Plan) -> None:
    told = diff(before, after)
    was, now = line_riders(before), line_riders(after)
    assert [line.line_id for line in told.lines] == sorted(was.keys() | now.keys())
    assert sum(told.changes().values()) == len(told.lines)
    for line in told.lines:
        assert line.riders_before == len(was.get(line.line_id, ()))
        assert line.riders_after == len(now.get(line.line_id, ()))


@FEW
@given(before=any_plans(), after=any_plans())
def test_seen_back_an_opening_is_a_closing_and_a_split_a_merger(before: Plan, after: Plan) -> None:
    there = {line.line_id: (BACK.get(line.change, line.change), line.related) for line in diff(before, after).lines}
    back = {line.line_id: (line.change, line.related) for line in diff(after, before).lines}
    assert there == back


@FEW
@given(before=any_plans(), after=any_plans())
def test_only_lines_of_one_plan_open_or_close_and_relate_to_lines_of_the_other(before: Plan, after: Plan) -> None:
    was, now = line_riders(before), line_riders(after)
    for line in diff(before, after).lines:
        opens = line.change in {LineChange.OPEN, LineChange.SPLIT}
        closes = line.change in {LineChange.CLOSE, LineChange.MERGE}
        assert opens == (line.line_id not in was)
        assert closes == (line.line_id not in now)
        assert set(line.related) <= (was.keys() if opens else now.keys()) - {line.line_id}
        assert bool(line.related) == (line.change in {LineChange.SPLIT, LineChange.MERGE})


@FEW
@given(before=any_plans(), after=any_plans())
def test_riders_are_told_in_order_and_only_where_something_differs(before: Plan, after: Plan) -> None:
    riders = diff(before, after).riders
    assert [(r.rider_id, r.direction) for r in riders] == sorted({(r.rider_id, r.direction) for r in riders})
    for rider in riders:
        places = (rider.line_before, rider.stop_before), (rider.line_after, rider.stop_after)
        assert places[0] != places[1] or rider.board_shift_s
        if rider.board_shift_s is None:
            assert None in (rider.line_before, rider.line_after)
        elif places[0] == places[1]:
            assert rider.felt == (abs(rider.board_shift_s) > RETIME_S)
        else:
            assert rider.felt


@FEW
@given(before=any_plans(), after=any_plans())
def test_the_order_of_lines_and_seats_says_nothing(before: Plan, after: Plan) -> None:
    turned = replace(after, lines=after.lines[::-1], assignments=after.assignments[::-1], blocks=())
    assert diff(before, turned) == diff(before, after)


@FEW
@given(plan=any_plans(), riders=st.sets(st.sampled_from(RIDERS)))
def test_who_loses_every_seat_is_lost_and_nobody_else_changes(plan: Plan, riders: set[str]) -> None:
    fewer = replace(plan, assignments=tuple(a for a in plan.assignments if a.rider_id not in riders))
    told = diff(plan, fewer)
    assert told.lost == len(served(plan) & riders)
    assert {r.rider_id for r in told.riders} == served(plan) & riders
    assert (told.changed, told.gained) == (0, 0)
    assert set(told.changes()) <= {"keep"}


@FEW
@given(plan=any_plans())
def test_other_names_of_trips_are_no_change(plan: Plan) -> None:
    """Riders know the line, the stop and the clock."""
    lines = tuple(
        replace(line, trips=tuple(replace(t, trip_id=f"new-{t.trip_id}") for t in line.trips)) for line in plan.lines
    )
    renamed = replace(
        plan, lines=lines, assignments=tuple(replace(a, trip_id=f"new-{a.trip_id}") for a in plan.assignments)
    )
    told = diff(plan, renamed)
    assert told.riders == ()
    assert set(told.changes()) <= {"keep"}


@pytest.mark.parametrize("later_s", [-RETIME_S - 1, -RETIME_S, RETIME_S, RETIME_S + 1])
def test_earlier_is_felt_as_later_is(later_s: int) -> None:
    moved = with_trip(PLAN, "b_out", departure=PLAN.lines[1].trips[1].departure + later_s)
    told = diff(PLAN, moved)
    assert [(r.rider_id, r.direction, r.board_shift_s) for r in told.riders] == [
        ("dan", OUT, later_s),
        ("eve", OUT, later_s),
    ]
    assert told.changed == (2 if abs(later_s) > RETIME_S else 0)


def test_who_changes_in_both_directions_is_one_person() -> None:
    both = with_trip(with_trip(PLAN, "b_in", departure=0), "b_out", departure=0)
    assert diff(PLAN, both).changed == 2
    assert len(diff(PLAN, both).riders) == 4


def test_the_stop_that_is_told_is_the_one_near_home() -> None:
    """On the way home, boarding happens at the worksite, and its kerb is nobody's concern."""
    other_site = with_seat(PLAN, "ann", OUT, board_stop_id="market_out")
    assert compare(PLAN, other_site, {}, {}).riders == ()
    other_home = with_seat(PLAN, "ann", IN, board_stop_id="market_in")
    (told,) = compare(PLAN, other_home, {}, {}).riders
    assert (told.stop_before, told.stop_after) == ("gate_in", "market_in")


def test_a_line_can_split_off_two_and_merge_into_two() -> None:
    """Ann goes from a to b, cai from a to a new line c; then a closes."""
    third = Line(
        line_id="c",
        name="c",
        trips=tuple(replace(t, trip_id=t.trip_id.replace("a", "c", 1)) for t in PLAN.lines[0].trips),
    )
    stay = tuple(a for a in PLAN.assignments if a.rider_id in {"dan", "eve"})
    moved = (*stay, *seats("ann", "b", "quay", "south"), *seats("cai", "c", "market", "north"))
    after = replace(PLAN, lines=(PLAN.lines[1], third), assignments=moved)
    told = {line.line_id: (line.change, line.related) for line in diff(PLAN, after).lines}
    assert told == {
        "a": (LineChange.MERGE, ("b", "c")),
        "b": (LineChange.KEEP, ()),
        "c": (LineChange.SPLIT, ("a",)),
    }


def test_a_trip_more_in_one_direction_is_another_route_and_not_another_clock() -> None:
    night = Trip(
        trip_id="b_late",
        direction=OUT,
        shift_ids=("late",),
        vehicle_type_id="large",
        stop_ids=("south", "quay"),
        departure=PLAN.lines[1].trips[1].departure + 3_600,
    )
    line = replace(PLAN.lines[1], trips=(*PLAN.lines[1].trips, night))
    told = diff(PLAN, replace(PLAN, lines=(PLAN.lines[0], line)))
    assert told.changes() == {"keep": 1, "reroute": 1}
    assert told.riders == ()
