"""Pinned lines, trips and vehicle types come out of a search as they went in, and their riders with them."""

import pytest

from routing.evaluate import evaluate
from routing.model.changes import Pins
from routing.model.plan import Plan
from routing.solver import MaxIterations, solve
from routing.solver.fixed import pinned_line_ids, pinned_lines, pinned_plan, pinned_seats
from tests.drifting import Drift, drifted
from tests.solver.towns import RULES, Town

TOWN = Town(riders=60, depots=1, rules=RULES, seed=7)


@pytest.fixture(scope="module")
def drift() -> Drift:
    return drifted(TOWN)


def solved(drift: Drift, pins: Pins) -> Plan:
    problem = drift.priced(0, pins=pins)
    return solve(problem, stop=MaxIterations(iterations=1_500), incumbent=drift.running).plan


@pytest.mark.parametrize("kind", ["lines", "trips"])
def test_what_is_pinned_comes_back_as_it_runs(drift: Drift, kind: str) -> None:
    lines = drift.running.lines[:2]
    names = {"lines": [x.line_id for x in lines], "trips": [x.trips[0].trip_id for x in lines]}[kind]
    pins = Pins(**{kind: frozenset(names)})
    plan = solved(drift, pins)
    assert evaluate(drift.priced(0, pins=pins), plan).violations == ()
    after = {line.line_id: line for line in plan.lines}
    assert [after[line.line_id] for line in lines] == list(lines)
    trips = {trip.trip_id for line in lines for trip in line.trips}
    stay = {a for a in drift.running.assignments if a.trip_id in trips and a.rider_id in drift.stayers}
    assert {a for a in plan.assignments if a.trip_id in trips} == stay


def test_without_pins_the_same_search_would_change_them(drift: Drift) -> None:
    """Or the test above would prove nothing."""
    after = {line.line_id: line for line in solved(drift, Pins()).lines}
    assert [after.get(line.line_id) for line in drift.running.lines[:2]] != list(drift.running.lines[:2])


def test_a_pinned_vehicle_type_stays_while_stops_may_move(drift: Drift) -> None:
    pins = Pins(vehicle_types=frozenset(line.line_id for line in drift.running.lines))
    plan = solved(drift, pins)
    verdict = evaluate(drift.priced(0, pins=pins), plan)
    assert [v for v in verdict.violations if v.rule.value == "pin"] == []
    assert verdict.changes is not None
    assert verdict.changes.changed > 0


def test_a_pinned_trip_holds_its_whole_line_and_those_of_its_riders_who_stay(drift: Drift) -> None:
    line = drift.running.lines[0]
    problem = drift.priced(0, pins=Pins(trips=frozenset({line.trips[1].trip_id})))
    assert pinned_line_ids(problem) == {line.line_id}
    plan = pinned_plan(problem)
    assert plan.lines == (line,)
    assert plan.blocks == ()
    assert {a.rider_id for a in plan.assignments} <= drift.stayers
    assert len(pinned_seats(problem)) == len(plan.assignments) > 0
    found = pinned_lines(problem, [kind.vehicle_type_id for kind in problem.vehicle_types])
    assert [x.pinned for x in found] == [(line.line_id, line.name, trip.trip_id) for trip in line.trips]
    assert [x.runs[0].departure for x in found] == [trip.departure for trip in line.trips]
    assert all(x.keeps_type for x in found)


def test_where_nothing_is_pinned_nothing_is_held(drift: Drift) -> None:
    for problem in (drift.new, drift.priced(0)):
        assert pinned_line_ids(problem) == frozenset()
        assert pinned_plan(problem) == Plan()
        assert pinned_lines(problem, []) == []
