"""Overflow cannot happen silently: what the search cannot hold is refused, what it can hold is planned exactly."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from routing.errors import InputError
from routing.evaluate import evaluate
from routing.model.demand import Direction, Shift
from routing.model.places import StopStatus
from routing.model.plan import Plan, Reason
from routing.model.problem import Problem
from routing.model.rules import CostRates, ServiceRules
from routing.model.travel import TravelMatrix, WalkTable
from routing.model.units import HOUR_S
from routing.solver import MaxIterations, solve
from routing.solver.layout import FAR
from routing.solver.range import MOST_DAY_FEN, MOST_FEN, MOST_PEOPLE, check_range
from tests.solver.towns import Town, draw

INT32 = 2**31 - 1
TOWN = draw(Town(riders=20, seed=1))
NOBODY = WalkTable(start=np.zeros(1, int), stop=np.zeros(0, int), metres=np.zeros(0, int))


def planned(problem: Problem) -> Plan:
    return solve(problem, stop=MaxIterations(iterations=200)).plan


def driving(problem: Problem, seconds: Callable[[np.ndarray], np.ndarray], *, metres: int | None = None) -> Problem:
    """Return a problem with other driving times, and one distance for all where it is given."""
    matrices = (
        TravelMatrix(
            duration=seconds(m.duration.astype(np.int64)),
            distance=m.distance if metres is None else np.full_like(m.distance, metres),
        )
        for m in problem.travel
    )
    return replace(problem, travel=tuple(matrices))


def with_rules(**changes: object) -> Problem:
    return replace(TOWN, rules=replace(TOWN.rules, **changes))  # type: ignore[arg-type]


def with_types(**changes: int) -> Problem:
    return replace(TOWN, vehicle_types=tuple(replace(kind, **changes) for kind in TOWN.vehicle_types))


def with_costs(**changes: int) -> Problem:
    return replace(TOWN, costs=replace(TOWN.costs, **changes))


TOO_LARGE = {
    "travel.duration": driving(TOWN, lambda d: np.where(d > 0, 4 * 10**7, 0)),
    "rules.max_ride_s": with_rules(max_ride_s=10**12, max_detour_free_s=10**12),
    "rules.turnaround_s": with_rules(turnaround_s=2**70),
    "rules.min_load": with_rules(min_load=2**70),
    "shifts": replace(TOWN, shifts=(Shift(shift_id="day", start=10**12, end=10**12 + 9 * HOUR_S),)),
    "vehicle_types": with_types(fixed_cost=2**62),
    "costs.unserved": with_costs(unserved=2**62),
    "costs.ride": with_costs(ride=2**62),
    "fleet.available": replace(TOWN, fleet=tuple(replace(item, available=2**70) for item in TOWN.fleet)),
    "riders.count": replace(
        TOWN,
        riders=tuple(replace(rider, count=10**8) for rider in TOWN.riders),
        vehicle_types=tuple(replace(kind, seats=10**8) for kind in TOWN.vehicle_types),
        rules=replace(TOWN.rules, dwell_s_per_rider=0),
    ),
}


@pytest.mark.parametrize("column", TOO_LARGE)
def test_what_the_search_cannot_hold_is_named(column: str) -> None:
    with pytest.raises(InputError) as refused:
        solve(TOO_LARGE[column], stop=MaxIterations(iterations=1))
    faults = refused.value.faults
    assert [fault.column for fault in faults] == [column]
    assert faults[0].code == "out_of_bounds"
    assert int(str(faults[0].value).replace(",", "")) > FAR


def test_everything_that_is_too_large_is_told_at_once() -> None:
    both = replace(with_costs(unserved=2**62), rules=replace(TOWN.rules, turnaround_s=2**40))
    with pytest.raises(InputError) as refused:
        check_range(both)
    assert [fault.column for fault in refused.value.faults] == ["rules.turnaround_s", "costs.unserved"]


def test_a_rider_whom_no_vehicle_seats_counts_for_nothing() -> None:
    """Nobody will be planned whose group fits nowhere, so their number cannot spill."""
    assert MOST_PEOPLE < 10**9
    check_range(replace(TOWN, riders=(replace(TOWN.riders[0], count=10**9), *TOWN.riders[1:])))


def test_riders_who_hold_a_pinned_place_open_weigh_more() -> None:
    dear = with_costs(unserved=MOST_FEN // 20)
    check_range(dear)
    pinned = (replace(TOWN.stops[0], status=StopStatus.PINNED), *TOWN.stops[1:])
    with pytest.raises(InputError):
        check_range(replace(dear, stops=pinned))


@pytest.mark.parametrize(
    "problem",
    [
        with_types(seats=2**40),
        with_types(fixed_cost=MOST_DAY_FEN // 10),
        with_costs(unserved=10**13),
        with_costs(walk=2**62),
        with_rules(max_stops=2**70),
        with_rules(max_ride_s=10**9, max_detour=10.0**6),
        driving(TOWN, lambda d: np.where(d > 0, 2**23, 0)),
        driving(replace(with_types(distance_cost=0), costs=TOWN.costs), lambda d: d, metres=INT32),
    ],
    ids=["seats", "fixed cost", "unserved", "walk", "stops", "ride", "drives of 97 days", "metres"],
)
def test_what_is_very_large_but_can_be_held_is_planned_without_a_broken_promise(problem: Problem) -> None:
    assert evaluate(problem, planned(problem)).violations == ()


def test_rides_of_a_day_are_planned_to_the_second() -> None:
    """Drives thirty-five times as long: the clock runs over several days, and the judge agrees with the search."""
    problem = replace(
        driving(TOWN, lambda d: d * 35),
        rules=ServiceRules(min_load=1, max_ride_s=40 * HOUR_S, run_time_cv=0.0, turnaround_s=0),
        costs=CostRates(unserved=10**7),
        shifts=(Shift(shift_id="day", start=60 * HOUR_S, end=None),),
    )
    verdict = evaluate(problem, planned(problem))
    rides = [trip.ride_s(seat) for trip in verdict.schedule.trips for seat in trip.seats]
    assert max(rides) > 9 * HOUR_S
    assert verdict.violations == ()


def test_a_group_of_a_million_is_planned_where_there_is_a_vehicle_for_it() -> None:
    million = (replace(TOWN.riders[0], count=10**6), *TOWN.riders[1:])
    quick = ServiceRules(min_load=1, dwell_s_per_rider=0)
    problem = replace(with_types(seats=2 * 10**6), riders=million, rules=quick)
    verdict = evaluate(problem, planned(problem))
    assert verdict.violations == ()
    assert verdict.kpis.served == 1_000_019


def test_a_group_of_a_million_is_told_that_no_vehicle_seats_it() -> None:
    million = (replace(TOWN.riders[0], count=10**6), *TOWN.riders[1:])
    plan = planned(replace(TOWN, riders=million))
    assert {u.reason for u in plan.unserved if u.rider_id == "r0"} == {Reason.NO_VEHICLE_LARGE_ENOUGH}


def cut(problem: Problem, first: int) -> tuple[TravelMatrix, ...]:
    """Return the travel matrices without the first nodes."""
    return tuple(
        TravelMatrix(duration=m.duration[first:, first:], distance=m.distance[first:, first:]) for m in problem.travel
    )


EMPTY = {
    "riders": replace(TOWN, riders=(), walks=NOBODY),
    "stops": replace(
        TOWN,
        stops=(),
        travel=cut(TOWN, len(TOWN.stops)),
        walks=WalkTable(start=np.zeros(21, int), stop=NOBODY.stop, metres=NOBODY.metres),
    ),
    "vehicles": replace(TOWN, fleet=()),
    "vehicle types": replace(TOWN, fleet=(), vehicle_types=()),
    "everything": replace(
        TOWN,
        riders=(),
        walks=NOBODY,
        stops=(),
        worksites=(),
        depots=(),
        shifts=(),
        fleet=(),
        vehicle_types=(),
        travel=cut(TOWN, TOWN.node_count),
    ),
}


@pytest.mark.parametrize("missing", EMPTY)
def test_where_something_is_missing_altogether_the_plan_is_empty_and_valid(missing: str) -> None:
    problem = EMPTY[missing]
    plan = planned(problem)
    verdict = evaluate(problem, plan)
    assert plan.lines == ()
    assert verdict.violations == ()
    assert len(plan.unserved) == len(problem.riders) * len(Direction)
    assert verdict.cost_fen == len(problem.riders) * problem.costs.unserved
