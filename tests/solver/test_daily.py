"""What a vehicle drives today it drives tomorrow: late ones are split, or closed for want of vehicles."""

from dataclasses import replace

import numpy as np
import pytest

from routing.evaluate import evaluate
from routing.model.budget import Budget
from routing.model.demand import Shift
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.rules import CostRates, ServiceRules
from routing.model.travel import TravelMatrix
from routing.model.units import HOUR_S
from routing.solver import MaxIterations, solve
from routing.solver.daily import repeat_daily
from tests.cases import IN, OUT, town, town_plan, with_rules, with_trip
from tests.solver.test_solve import accounted
from tests.solver.towns import Town, draw

LATE_BACK = {"turnaround_s": 14 * HOUR_S}  # a_out is back at 17:46, a_in begins at 07:19: 13 h 33 min


def served(plan: Plan) -> set[str]:
    return {seat.rider_id for seat in plan.assignments}


def test_a_plan_whose_vehicles_are_back_in_time_stays_as_it_is() -> None:
    assert repeat_daily(town(), town_plan()) is town_plan() or repeat_daily(town(), town_plan()) == town_plan()


def test_a_trip_too_many_gets_a_vehicle_of_its_own() -> None:
    """A second small vehicle stands in the yard; nobody has to stay at home."""
    problem = replace(with_rules(town(), **LATE_BACK), fleet=(town().fleet[0], replace(town().fleet[1], available=2)))
    plan = repeat_daily(problem, town_plan())
    assert evaluate(problem, plan).violations == ()
    assert sorted(block.trip_ids for block in plan.blocks) == [("a_in",), ("a_out",), ("b_in",), ("b_out",)]
    assert served(plan) == served(town_plan())


def test_where_no_vehicle_is_left_the_line_is_closed() -> None:
    """The barn has one large vehicle: line b closes, and dan and eve are told in both directions."""
    problem = with_rules(town(), **LATE_BACK)
    plan = repeat_daily(problem, town_plan())
    assert evaluate(problem, plan).violations == ()
    assert [line.line_id for line in plan.lines] == ["a"]
    assert {(u.rider_id, u.direction) for u in plan.unserved} >= {(who, w) for who in ("dan", "eve") for w in (IN, OUT)}


def test_no_vehicle_is_taken_beyond_the_budget() -> None:
    problem = replace(with_rules(town(), **LATE_BACK), budget=Budget(max_vehicles=2))
    plan = repeat_daily(problem, town_plan())
    assert len(plan.blocks) <= 2
    assert evaluate(problem, plan).violations == ()


def test_a_trip_that_takes_longer_than_a_day_alone_is_closed() -> None:
    problem = with_rules(town(), turnaround_s=24 * HOUR_S)
    plan = repeat_daily(problem, town_plan())
    assert plan.lines == plan.blocks == ()
    assert len(plan.unserved) == 2 * len(problem.riders)


def test_trips_that_meet_on_the_same_day_are_split_too() -> None:
    """A vehicle that leaves again before it has arrived is late as well."""
    problem = replace(town(), shifts=(replace(town().shifts[0], end=8 * HOUR_S + 600), town().shifts[1]))
    plan = with_trip(town_plan(), "a_out", departure=8 * HOUR_S - 600)
    repaired = repeat_daily(problem, plan)
    assert "block_overlap" in evaluate(problem, plan).violations_by_rule()
    assert "block_overlap" not in evaluate(problem, repaired).violations_by_rule()


def far(factor: int, **changes: object) -> Problem:
    """Return a town whose drives take so many times as long, with rides of up to two days allowed."""
    base = draw(Town(riders=20, seed=1))
    matrices = tuple(
        TravelMatrix(duration=m.duration.astype(np.int64) * factor, distance=m.distance) for m in base.travel
    )
    rules = ServiceRules(min_load=1, max_ride_s=48 * HOUR_S, run_time_cv=0.0, turnaround_s=600)
    return replace(base, travel=matrices, rules=rules, costs=CostRates(unserved=10**7), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("factor", [20, 40, 60])
@pytest.mark.parametrize("both_ways", [True, False])
def test_rides_of_half_a_day_and_more_keep_every_promise(factor: int, both_ways: bool) -> None:
    """Found by the search, whose vehicles come home too late for their next day, and mended."""
    shift = Shift(shift_id="day", start=60 * HOUR_S, end=70 * HOUR_S if both_ways else None)
    problem = far(factor, shifts=(shift,))
    plan = solve(problem, stop=MaxIterations(iterations=200)).plan
    assert evaluate(problem, plan).violations == ()
    assert accounted(problem, plan)
    assert bool(plan.lines) == (factor < 60)  # then every trip takes longer than a day


def test_a_group_of_a_million_that_boards_for_weeks_is_left_out() -> None:
    """At two seconds each a million people take 23 days to board: no vehicle can do that every day."""
    base = draw(Town(riders=20, seed=1))
    problem = replace(
        base,
        riders=(replace(base.riders[0], count=10**6), *base.riders[1:]),
        vehicle_types=tuple(replace(kind, seats=2 * 10**6) for kind in base.vehicle_types),
    )
    plan = solve(problem, stop=MaxIterations(iterations=200)).plan
    assert evaluate(problem, plan).violations == ()
    assert "r0" not in served(plan)
