"""What changes between two plans of the town: each kind of change, and that no change is none."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.compare import RETIME_S, Departures, LineChange, PlanDiff, compare
from routing.model.demand import Direction
from routing.model.plan import Line, Plan, Trip
from routing.schedule import schedule_plan
from tests.cases import IN, OUT, seats, town, town_plan, with_seat, with_trip, without


def departures(plan: Plan) -> Departures:
    """Return when each trip leaves each of its stops, as its timetable says."""
    trips = schedule_plan(town(), plan).trips
    return {(t.trip.trip_id, s): clock for t in trips for s, clock in zip(t.trip.stop_ids, t.depart, strict=True)}


def diff(before: Plan, after: Plan) -> PlanDiff:
    return compare(before, after, departures(before), departures(after))


def kinds(result: PlanDiff) -> dict[str, LineChange]:
    return {line.line_id: line.change for line in result.lines}


def felt(result: PlanDiff) -> set[tuple[str, Direction]]:
    return {(r.rider_id, r.direction) for r in result.riders if r.felt}


PLAN = town_plan()
plans = st.sampled_from(
    [
        PLAN,
        Plan(),
        without(PLAN, "ann"),
        without(PLAN, "eve", OUT),
        replace(PLAN, lines=PLAN.lines[:1]),
        with_trip(PLAN, "a_in", departure=0),
        with_seat(PLAN, "dan", IN, trip_id="ghost"),
        with_trip(PLAN, "a_in", stop_ids=()),
    ]
)


@given(plan=plans)
def test_a_plan_does_not_differ_from_itself(plan: Plan) -> None:
    """Even one whose references lead nowhere, so that some clock times are unknown on both sides."""
    same = diff(plan, plan)
    assert same.riders == ()
    assert set(kinds(same).values()) <= {LineChange.KEEP}
    assert (same.changed, same.lost, same.gained, same.stability) == (0, 0, 0, 1.0)


@given(before=plans, after=plans)
def test_there_and_back_again(before: Plan, after: Plan) -> None:
    """What one way is lost is gained the other way; who stays, stays; clock shifts change their sign."""
    there, back = diff(before, after), diff(after, before)
    assert (there.lost, there.gained, there.stayers, there.changed) == (
        back.gained,
        back.lost,
        back.stayers,
        back.changed,
    )
    assert [r.board_shift_s for r in there.riders] == [
        None if r.board_shift_s is None else -r.board_shift_s for r in back.riders
    ]
    assert felt(there) == felt(back)


@pytest.mark.parametrize(("later_s", "feels"), [(1, False), (RETIME_S, False), (RETIME_S + 1, True)])
def test_five_minutes_are_not_felt_one_second_more_is(later_s: int, feels: bool) -> None:
    """Line a leaves later in the morning: its three riders are listed, and say so only beyond five minutes."""
    after = with_trip(PLAN, "a_in", departure=PLAN.lines[0].trips[0].departure + later_s)
    result = diff(PLAN, after)
    assert kinds(result) == {"a": LineChange.RETIME, "b": LineChange.KEEP}
    assert {(r.rider_id, r.board_shift_s) for r in result.riders} == {(n, later_s) for n in ("ann", "bob", "cai")}
    assert felt(result) == ({(n, IN) for n in ("ann", "bob", "cai")} if feels else set())
    assert result.stability == (pytest.approx(2 / 5) if feels else 1.0)


def test_another_kerb_is_felt_by_those_who_walk_there() -> None:
    after = with_seat(PLAN, "ann", OUT, alight_stop_id="market_out")
    result = diff(PLAN, after)
    assert [(r.rider_id, r.stop_before, r.stop_after) for r in result.riders] == [("ann", "gate_out", "market_out")]
    assert felt(result) == {("ann", OUT)}
    assert result.changed == 1


def test_a_rider_lost_and_a_rider_gained() -> None:
    result = diff(without(PLAN, "ann"), without(PLAN, "bob"))
    assert (result.lost, result.gained, result.stayers, result.changed) == (1, 1, 3, 0)
    lost = next(r for r in result.riders if r.rider_id == "bob" and r.direction is IN)
    assert (lost.line_before, lost.line_after, lost.board_shift_s, lost.felt) == ("a", None, None, True)


def test_one_way_lost_is_a_change_to_a_stayer() -> None:
    result = diff(PLAN, without(PLAN, "ann", OUT))
    assert (result.lost, result.stayers, result.changed) == (0, 5, 1)
    assert felt(result) == {("ann", OUT)}


def test_a_line_closes_and_opens() -> None:
    """Line b goes with its riders; seen from the other side it comes with new ones."""
    only_a = without(without(replace(PLAN, lines=PLAN.lines[:1]), "dan"), "eve")
    closing, opening = diff(PLAN, only_a), diff(only_a, PLAN)
    assert kinds(closing) == {"a": LineChange.KEEP, "b": LineChange.CLOSE}
    assert kinds(opening) == {"a": LineChange.KEEP, "b": LineChange.OPEN}
    closed = closing.lines[1]
    assert (closed.riders_before, closed.riders_after, closed.related) == (2, 0, ())


def rename(line: Line, name: str) -> Line:
    trips = tuple(replace(t, trip_id=t.trip_id.replace(line.line_id, name, 1)) for t in line.trips)
    return Line(line_id=name, name=name, trips=trips)


def split_plan() -> Plan:
    """Cai leaves line a for a new line c."""
    apart = replace(PLAN, lines=(*PLAN.lines, rename(PLAN.lines[0], "c")))
    others = tuple(a for a in PLAN.assignments if a.rider_id != "cai")
    return replace(apart, assignments=(*others, *seats("cai", "c", "market", "north")))


def test_a_line_splits_and_merges() -> None:
    """The new line's riders come from a; on the way back they return there."""
    parted, joined = diff(PLAN, split_plan()), diff(split_plan(), PLAN)
    assert {(x.line_id, x.change, x.related) for x in parted.lines if x.line_id == "c"} == {
        ("c", LineChange.SPLIT, ("a",))
    }
    assert {(x.line_id, x.change, x.related) for x in joined.lines if x.line_id == "c"} == {
        ("c", LineChange.MERGE, ("a",))
    }


def test_other_stops_other_vehicle_other_clock() -> None:
    """One change each, told by the heaviest name: reroute before resize before retime."""
    retimed = with_trip(PLAN, "b_in", departure=27_000)
    resized = with_trip(retimed, "b_in", vehicle_type_id="small")
    rerouted = with_trip(resized, "b_in", stop_ids=("quay", "hill", "south"))
    told = [kinds(diff(PLAN, after))["b"] for after in (retimed, resized, rerouted)]
    assert told == [LineChange.RETIME, LineChange.RESIZE, LineChange.REROUTE]
    assert diff(PLAN, rerouted).changes() == {"keep": 1, "reroute": 1}


def test_every_trip_of_a_direction_is_compared() -> None:
    """A line with two trips to work: the first one's retiming is a change, though the second one stays."""
    second = Trip(
        trip_id="b_in2",
        direction=IN,
        shift_ids=("late",),
        vehicle_type_id="large",
        stop_ids=("quay", "south"),
        departure=27_900,
    )
    line = replace(PLAN.lines[1], trips=(*PLAN.lines[1].trips, second))
    double = replace(PLAN, lines=(PLAN.lines[0], line))
    assert kinds(diff(double, with_trip(double, "b_in", departure=27_300)))["b"] is LineChange.RETIME
    assert kinds(diff(PLAN, double))["b"] is LineChange.REROUTE
    swapped = replace(double, lines=(PLAN.lines[0], replace(line, trips=line.trips[::-1])))
    assert kinds(diff(double, swapped))["b"] is LineChange.KEEP


def test_a_clock_that_one_plan_does_not_know_is_felt() -> None:
    """Half a timetable must not pass for an unchanged one."""
    known = departures(PLAN)
    gaps = {key: clock for key, clock in known.items() if key[0] != "b_in"}
    result = compare(PLAN, PLAN, known, gaps)
    assert felt(result) == {("dan", IN), ("eve", IN)}


def test_stability_of_nobody_is_complete() -> None:
    assert diff(Plan(), Plan()).stability == 1.0


def test_compare_needs_no_problem() -> None:
    """Plans and timetables are enough: two plan documents can be compared without their scenario."""
    assert compare(PLAN, PLAN, {}, {}).riders == ()
    moved = compare(PLAN, with_seat(PLAN, "ann", OUT, alight_stop_id="market_out"), {}, {})
    assert [(r.rider_id, r.board_shift_s, r.felt) for r in moved.riders] == [("ann", None, True)]
