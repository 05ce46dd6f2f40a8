"""Closing lines of a plan that stands: their riders are listed, their vehicles stay, nothing else moves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.model.plan import Plan, Reason
from routing.model.units import parse_clock
from routing.solver.closing import close_lines
from tests.cases import IN, OUT, town, town_plan, with_rules

LINES = ("a", "b")


def who(plan: Plan) -> set[tuple[str, str]]:
    return {(seat.rider_id, seat.direction) for seat in plan.assignments}


def left(plan: Plan) -> set[tuple[str, str]]:
    return {(entry.rider_id, entry.direction) for entry in plan.unserved}


def shared_vehicle() -> Plan:
    """Return the town's plan with all four trips on the day of one large vehicle."""
    plan = town_plan()
    one = replace(plan.blocks[1], trip_ids=("a_in", "b_in", "a_out", "b_out"))
    return replace(plan, blocks=(one,))


def test_closing_nothing_changes_nothing() -> None:
    assert close_lines(town_plan(), (), Reason.UNKNOWN) == town_plan()


def test_a_line_that_the_plan_does_not_have_closes_nothing() -> None:
    assert close_lines(town_plan(), {"z"}, Reason.UNKNOWN) == town_plan()


def test_the_riders_of_a_closed_line_are_left_out_both_ways() -> None:
    closed = close_lines(town_plan(), {"b"}, Reason.BUDGET_SPENT)
    assert left(closed) == {(rider, way) for rider in ("dan", "eve", "fay") for way in (IN, OUT)}
    assert who(closed) == {(rider, way) for rider in ("ann", "bob", "cai") for way in (IN, OUT)}


def test_the_reason_is_told_of_those_who_lose_their_seat_and_of_nobody_else() -> None:
    """Fay was left out before, for a reason that closing a line does not change."""
    closed = close_lines(town_plan(), {"a"}, Reason.NO_VEHICLE_LEFT)
    reasons = {(entry.rider_id, entry.reason) for entry in closed.unserved}
    assert reasons == {("fay", Reason.UNKNOWN)} | {(r, Reason.NO_VEHICLE_LEFT) for r in ("ann", "bob", "cai")}


def test_those_who_were_left_out_before_stay_in_front() -> None:
    closed = close_lines(town_plan(), {"a"}, Reason.BUDGET_SPENT)
    before = town_plan().unserved
    assert closed.unserved[: len(before)] == before


def test_a_vehicle_without_a_trip_stays_in_the_yard() -> None:
    assert [block.block_id for block in close_lines(town_plan(), {"a"}, Reason.UNKNOWN).blocks] == ["2"]


@pytest.mark.parametrize(("gone", "trips"), [("a", ("b_in", "b_out")), ("b", ("a_in", "a_out"))])
def test_a_vehicle_that_drives_other_lines_keeps_them_in_their_order(gone: str, trips: tuple[str, ...]) -> None:
    (block,) = close_lines(shared_vehicle(), {gone}, Reason.UNKNOWN).blocks
    assert block.trip_ids == trips
    assert block.block_id == "2"


def test_closing_every_line_leaves_everyone_out_and_no_vehicle() -> None:
    closed = close_lines(town_plan(), set(LINES), Reason.UNKNOWN)
    assert (closed.lines, closed.assignments, closed.blocks) == ((), (), ())
    assert len(closed.unserved) == 2 * len(town().riders)
    assert evaluate(town(), closed).feasible


def test_the_plan_that_was_given_is_not_touched() -> None:
    plan = town_plan()
    close_lines(plan, set(LINES), Reason.UNKNOWN)
    assert plan == town_plan()


@given(closed=st.sets(st.sampled_from(LINES)), apart=st.booleans())
def test_the_judge_accepts_what_is_left_and_counts_everybody(closed: set[str], apart: bool) -> None:
    """Who asks for a direction is carried in it or listed, whatever closes; the rest of the plan keeps its rules."""
    plan = close_lines(town_plan() if apart else shared_vehicle(), closed, Reason.UNKNOWN)
    asked = {(rider.rider_id, way) for rider in town().riders for way in (IN, OUT)}
    assert who(plan) | left(plan) == asked
    assert not who(plan) & left(plan)
    assert len(plan.unserved) == len(left(plan))
    if apart:
        assert evaluate(town(), plan).feasible


@given(st.permutations(LINES))
def test_one_after_the_other_is_the_same_as_both_at_once(order: list[str]) -> None:
    plan = town_plan()
    for line_id in order:
        plan = close_lines(plan, {line_id}, Reason.UNKNOWN)
    together = close_lines(town_plan(), set(LINES), Reason.UNKNOWN)
    assert set(plan.unserved) == set(together.unserved)
    assert replace(plan, unserved=()) == replace(together, unserved=())


def test_a_plan_that_spent_nothing_more_costs_only_its_riders() -> None:
    """All that remains of a closed plan is the price of leaving everyone out: seven people at 200 yuan."""
    closed = close_lines(town_plan(), set(LINES), Reason.UNKNOWN)
    assert evaluate(with_rules(town(), min_load=1), closed).cost_fen == 7 * 20_000


def test_other_lines_keep_their_clock_times() -> None:
    closed = close_lines(town_plan(), {"b"}, Reason.UNKNOWN)
    assert [trip.departure for _, trip in closed.trips()] == [parse_clock("07:20"), parse_clock("17:10")]
