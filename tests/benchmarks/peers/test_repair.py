"""Whatever a peer routes, the repaired plan keeps every promise; and the drafts' clock is the judge's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.peers.draft import Draft, Workshop
from benchmarks.peers.encode import encode
from benchmarks.peers.repair import fill, gather, left_out, mend, read_route, settle, trim
from benchmarks.peers.rostering import give_vehicles, write_plan
from benchmarks.peers.tasks import Encoding, Route, Task
from routing.evaluate import evaluate
from routing.model.demand import Shift
from routing.model.problem import Problem
from tests.benchmarks.peers.conftest import RULES, SHIFTS, town

TOGETHER = Encoding(name="together", near_s=2_000, opening=500.0)
MIXED = Encoding(name="mixed", mixed=True, opening=500.0)


def shuffled(task: Task, rng: np.random.Generator, longest: int = 5) -> list[Route]:
    """Return routes as bad as they come: visits in any order, cut anywhere."""
    visits = rng.permutation(len(task.visits)).tolist()
    routes = []
    while visits:
        length = int(rng.integers(1, longest + 1))
        routes.append(visits[:length])
        visits = visits[length:]
    return routes


def drafts_of(problem: Problem, encoding: Encoding, seed: int) -> tuple[Workshop, list[Draft]]:
    rng = np.random.default_rng(seed)
    workshop = Workshop(problem=problem)
    return workshop, [d for t in encode(problem, encoding) for d in mend(workshop, t, shuffled(t, rng))]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1_000), mixed=st.booleans(), stretch=st.sampled_from([1.05, 1.3, 1.8]))
def test_any_routes_become_a_plan_that_keeps_every_promise(seed: int, mixed: bool, stretch: float) -> None:
    rules = replace(RULES, max_detour=stretch, max_detour_free_s=120)
    problem = town(seed=seed % 7, rules=rules, available=(6, 6))
    workshop, drafts = drafts_of(problem, MIXED if mixed else TOGETHER, seed)
    drafts = gather(workshop, drafts)
    drafts = fill(workshop, drafts, left_out(workshop, drafts))
    verdict = evaluate(problem, write_plan(workshop, give_vehicles(workshop, drafts)))
    assert verdict.violations == ()


def test_a_draft_is_timed_as_the_judge_times_its_trip(problem: Problem) -> None:
    workshop, drafts = drafts_of(problem, MIXED, 3)
    drafts = gather(workshop, drafts)
    verdict = evaluate(problem, write_plan(workshop, give_vehicles(workshop, drafts)))
    assert len(verdict.schedule.trips) == len(drafts) > 3
    for draft, trip in zip(drafts, verdict.schedule.trips, strict=True):
        timing = workshop.time(draft)
        assert tuple(a - trip.arrive[0] for a in trip.arrive) == timing.arrive
        assert tuple(d - trip.arrive[0] for d in trip.depart) == timing.depart
        assert {seat.rider: trip.ride_s(seat) for seat in trip.seats} == timing.ride_s
        assert trip.peak_load == timing.peak
        assert trip.distance_m == timing.metres


def test_drafts_cost_what_the_judge_counts() -> None:
    problem = town(shifts=SHIFTS[:1])
    workshop, drafts = drafts_of(problem, TOGETHER, 4)
    drafts = gather(workshop, drafts)
    roster = give_vehicles(workshop, drafts)
    parts = evaluate(problem, write_plan(workshop, roster)).cost_parts
    assert all(len(members) == 1 for _, members in roster.days), "no vehicle drives two trips here"
    counted = sum(workshop.cost(draft, workshop.time(draft)) for draft in drafts)
    assert parts.total - parts.unserved == pytest.approx(counted, abs=len(drafts))


def test_a_stop_that_comes_twice_is_visited_once(problem: Problem) -> None:
    workshop = Workshop(problem=problem)
    task = encode(problem, replace(TOGETHER, chunk=0.1, opening=5_000.0))[0]
    route = list(range(len(task.visits)))
    stops = [task.visits[v].stop for v in route]
    draft = read_route(workshop, task, route)
    assert len(stops) > len(set(stops)) == len(draft.stops)
    assert set(draft.board) == {r for visit in task.visits for r in visit.riders}
    assert all(draft.board[r] == visit.stop for visit in task.visits for r in visit.riders)


def test_trimming_takes_off_no_more_than_it_must(problem: Problem) -> None:
    workshop, drafts = drafts_of(problem, TOGETHER, 6)
    draft = max(drafts, key=lambda d: len(d.board))
    assert workshop.sound(workshop.time(draft), draft)
    assert trim(workshop, draft) == draft
    too_long = replace(draft, stops=tuple(reversed(draft.stops)))
    assert set(trim(workshop, too_long).board) <= set(draft.board)


def test_riders_settle_for_less(problem: Problem) -> None:
    workshop, drafts = drafts_of(problem, replace(TOGETHER, opening=0.0), 8)
    for draft in drafts:
        settled = settle(workshop, draft)
        assert set(settled.board) == set(draft.board)
        assert workshop.cost(settled, workshop.time(settled)) <= workshop.cost(draft, workshop.time(draft))


def test_gathering_leaves_no_line_below_the_minimum_load() -> None:
    problem = town(seed=2, rules=replace(RULES, min_load=8))
    workshop, drafts = drafts_of(problem, TOGETHER, 2)
    assert any(workshop.time(draft).peak < 8 for draft in drafts)
    gathered = gather(workshop, drafts)
    assert gathered
    assert all(workshop.time(draft).peak >= 8 for draft in gathered)


def test_gathering_serves_more_than_closing_at_once() -> None:
    problem = town(seed=2, rules=replace(RULES, min_load=6))
    workshop, drafts = drafts_of(problem, TOGETHER, 2)
    at_once = [draft for draft in drafts if workshop.time(draft).peak >= 6]
    assert sum(len(d.board) for d in gather(workshop, drafts)) > sum(len(d.board) for d in at_once)


def test_filling_adds_riders_takes_none_off_and_pays() -> None:
    problem = town(seed=4)
    workshop, drafts = drafts_of(problem, TOGETHER, 4)
    few = gather(workshop, drafts)[::2]
    full = fill(workshop, few, left_out(workshop, few))
    assert sum(len(d.board) for d in full) > sum(len(d.board) for d in few)
    for before, after in zip(few, full, strict=True):
        assert set(before.board) <= set(after.board)
        gained = sum(problem.riders[r].count for r in set(after.board) - set(before.board))
        extra = workshop.cost(after, workshop.time(after)) - workshop.cost(before, workshop.time(before))
        assert extra <= gained * problem.costs.unserved


def test_too_few_vehicles_leave_the_smallest_lines_out(small_fleet: Problem) -> None:
    workshop, drafts = drafts_of(small_fleet, TOGETHER, 1)
    roster = give_vehicles(workshop, gather(workshop, drafts))
    assert 1 <= len(roster.days) <= 2
    assert len(roster.drafts) < len(drafts)
    assert evaluate(small_fleet, write_plan(workshop, roster)).violations == ()


def test_one_vehicle_drives_two_shifts_that_are_far_apart() -> None:
    shifts = (Shift(shift_id="dawn", start=6 * 3600, end=None), Shift(shift_id="noon", start=14 * 3600, end=None))
    problem = town(seed=3, shifts=shifts)
    workshop, drafts = drafts_of(problem, TOGETHER, 3)
    roster = give_vehicles(workshop, gather(workshop, drafts))
    assert any(len(members) == 2 for _, members in roster.days)
    assert evaluate(problem, write_plan(workshop, roster)).violations == ()
