"""Drafts get vehicles, or are closed; what is written is a plan that the judge can read, and nobody is forgotten."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.peers.draft import Draft, Workshop
from benchmarks.peers.encode import encode
from benchmarks.peers.repair import mend
from benchmarks.peers.rostering import Roster, give_vehicles, write_plan
from benchmarks.peers.tasks import Encoding
from routing.evaluate import Rule, evaluate
from routing.model.problem import Problem
from tests.benchmarks.peers.conftest import town

ENCODING = Encoding(name="apart", opening=500.0)


def drafted(problem: Problem) -> tuple[Workshop, list[Draft]]:
    """Return a line for every visit, as the simplest peer routes them."""
    shop = Workshop(problem=problem)
    tasks = encode(problem, ENCODING)
    return shop, [d for task in tasks for d in mend(shop, task, [[v] for v in range(len(task.visits))])]


def test_every_draft_has_one_vehicle_that_seats_it(problem: Problem) -> None:
    shop, drafts = drafted(problem)
    roster = give_vehicles(shop, drafts)
    assert roster.drafts == tuple(drafts)
    driven = sorted(member for _, members in roster.days for member in members)
    assert driven == list(range(len(drafts)))
    for slot, members in roster.days:
        seats = problem.vehicle_types[slot.type_index].seats
        assert all(shop.time(drafts[member]).peak <= seats for member in members)


def test_where_vehicles_are_too_few_the_smallest_drafts_are_closed(small_fleet: Problem) -> None:
    shop, drafts = drafted(small_fleet)
    roster = give_vehicles(shop, drafts)
    assert 0 < len(roster.drafts) < len(drafts)
    assert len(roster.days) <= sum(item.available for item in small_fleet.fleet)
    assert evaluate(small_fleet, write_plan(shop, roster)).cost_parts.unserved > 0


def test_without_any_vehicle_everybody_is_unserved() -> None:
    problem = town(available=(0, 0))
    shop, drafts = drafted(problem)
    roster = give_vehicles(shop, drafts)
    assert roster == Roster(drafts=(), days=())
    plan = write_plan(shop, roster)
    assert (plan.lines, plan.assignments, plan.blocks) == ((), (), ())
    assert {u.rider_id for u in plan.unserved} == {rider.rider_id for rider in problem.riders}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 50), vehicles=st.integers(0, 4))
def test_nobody_is_forgotten_and_nobody_is_told_twice(seed: int, vehicles: int) -> None:
    problem = town(seed=seed, available=(vehicles, vehicles))
    shop, drafts = drafted(problem)
    plan = write_plan(shop, give_vehicles(shop, drafts))
    told = [a.rider_id for a in plan.assignments] + [u.rider_id for u in plan.unserved]
    assert sorted(told) == sorted(rider.rider_id for rider in problem.riders)
    broken = {violation.rule for violation in evaluate(problem, plan).violations}
    assert broken <= {Rule.MIN_LOAD}, "lines of one visit may be too small, and nothing else may be wrong"


def test_a_plan_names_stops_and_worksites_as_the_problem_does(problem: Problem) -> None:
    shop, drafts = drafted(problem)
    plan = write_plan(shop, give_vehicles(shop, drafts))
    stops, sites = {s.stop_id for s in problem.stops}, {w.worksite_id for w in problem.worksites}
    for draft, line in zip(drafts, plan.lines, strict=True):
        (trip,) = line.trips
        n = len(draft.stops)
        assert set(trip.stop_ids[:n]) <= stops
        assert set(trip.stop_ids[n:]) <= sites
    assert len({line.line_id for line in plan.lines}) == len(plan.lines)
    assert sorted(t for block in plan.blocks for t in block.trip_ids) == sorted(t.trip_id for _, t in plan.trips())


@pytest.mark.parametrize(("hours", "vehicles"), [(0, 2), (1, 1), (14, 1)])
def test_a_vehicle_drives_a_second_line_where_there_is_time(hours: int, vehicles: int) -> None:
    """Lines of half an hour: of shifts that begin together each needs a vehicle, else one drives both in turn."""
    early, late = town().shifts
    assert early.start is not None
    shifts = (early, replace(late, start=early.start + hours * 3_600))
    shop, drafts = drafted(town(riders=12, shifts=shifts))
    first = [next(d for d in drafts if d.shift_id == shift.shift_id) for shift in shifts]
    days = give_vehicles(shop, first).days
    assert len(days) == vehicles
    if vehicles == 1:
        assert days[0][1] == (0, 1)
