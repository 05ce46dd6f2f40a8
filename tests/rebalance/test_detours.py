"""Slower roads: the way to work begins earlier and ends as before, the way home begins as before."""

from dataclasses import replace

import pytest

from routing.evaluate import evaluate
from routing.model.demand import Direction
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.rebalance.detours import keep_arrivals
from routing.rebalance.operations import respond
from routing.scenario import Redrive, SlowRoads, apply
from routing.schedule import TripSchedule
from tests.cases import town, town_plan
from tests.drifting import departures

PLAN = town_plan()


def slower(factor: float) -> Problem:
    return apply(town(), [SlowRoads(factor=factor)])


def closed(problem: Problem, delay: int) -> Redrive:
    """Return a detour of so many seconds from the market to the site of line a, at any time of the day."""
    market, north = problem.node("market_in"), problem.node("north")
    travel = []
    for matrix in problem.travel:
        duration = matrix.duration.copy()
        duration[market, north] += delay
        travel.append(replace(matrix, duration=duration))
    return Redrive(travel=tuple(travel))


def trips(problem: Problem, plan: Plan) -> dict[str, TripSchedule]:
    return {t.trip.trip_id: t for t in evaluate(problem, plan).schedule.trips}


def test_where_drives_take_as_long_nothing_moves() -> None:
    assert keep_arrivals(town(), town(), PLAN) is PLAN
    assert keep_arrivals(town(), slower(0.9), PLAN) is PLAN


@pytest.mark.parametrize("factor", [1.05, 1.2, 2.0])
def test_people_are_at_work_when_they_were_before(factor: float) -> None:
    after = slower(factor)
    moved = keep_arrivals(town(), after, PLAN)
    was, now = trips(town(), PLAN), trips(after, moved)
    for trip_id, trip in was.items():
        if trip.trip.direction is Direction.INBOUND:
            assert now[trip_id].arrive[-1] == trip.arrive[-1]
            assert now[trip_id].depart[0] < trip.depart[0]
        else:
            assert now[trip_id].depart[0] == trip.depart[0]
            assert now[trip_id].arrive[-1] > trip.arrive[-1]


def test_only_trips_on_the_way_that_takes_longer_move() -> None:
    """Between the market and the site of line a a road is closed; line b never comes there."""
    given = town()
    after = apply(given, [closed(given, 400)])
    moved = keep_arrivals(given, after, PLAN)
    shifts = {a.trip_id: a.departure - b.departure for (_, a), (_, b) in zip(moved.trips(), PLAN.trips(), strict=True)}
    assert shifts == {"a_in": -400, "a_out": 0, "b_in": 0, "b_out": 0}


def test_the_answer_tells_who_leaves_at_another_time_and_who_does_not() -> None:
    given = town()
    short, long = (respond(given, PLAN, departures(given, PLAN), [closed(given, delay)]) for delay in (200, 400))
    assert (short.retimed, short.stopped, short.lost) == ((), (), ())
    assert short.after.verdict.violations == ()
    assert long.retimed == ("ann", "bob", "cai")
    assert (long.reseated, long.lost) == ((), ())
    assert long.after.plan.lines[1] == PLAN.lines[1]


def test_other_driving_times_must_fit_the_problem() -> None:
    given = town()
    with pytest.raises(ValueError, match="one travel matrix per period"):
        apply(given, [Redrive(travel=())])
    assert apply(given, [Redrive(travel=given.travel)]) == given
