"""Whatever is told in towns drawn at random holds when it is applied to the whole plan and judged again."""

from dataclasses import replace

import pytest

from routing.evaluate import evaluate
from routing.explain import Finding, PlanIndex, apply_remedy, explain, find_reason
from routing.explain.remedy import beyond
from routing.model.budget import Budget
from routing.model.demand import Direction, Shift
from routing.model.plan import Plan, Reason
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from tests.solver.towns import DAY_SHIFT, Town, draw

SOON = Shift(shift_id="soon", start=8 * 3_600 + 1_800, end=17 * 3_600 + 1_800)
TIGHT = ServiceRules(min_load=4, max_walk_m=450, max_stops=4, max_detour=1.2, max_detour_free_s=300)
TOWNS = {
    "few vehicles": Town(riders=40, places=12, shifts=(DAY_SHIFT, SOON), rules=TIGHT, available=(1, 0), seed=1),
    "none at all": Town(riders=20, places=8, rules=TIGHT, available=(0, 0), seed=2),
    "groups": Town(riders=30, places=12, rules=TIGHT, counts=9, available=(2, 1), seed=3),
    "one way at a time": Town(riders=30, places=12, rules=replace(TIGHT, same_line_both_ways=False), seed=4),
    "short walks": Town(riders=30, places=10, rules=TIGHT, short_walks=0.5, seed=5),
    "cheap to leave": Town(riders=30, places=10, rules=TIGHT, unserved=900, seed=6),
}


def planned(name: str) -> tuple[Problem, Plan]:
    problem = draw(TOWNS[name])
    return problem, solve(problem, stop=MaxIterations(iterations=150)).plan


def holds(problem: Problem, plan: Plan, finding: Finding) -> bool:
    """Tell whether a finding, applied to the whole plan, seats its rider and breaks nothing anew."""
    relaxed, changed = apply_remedy(problem, plan, finding.remedy)
    after = evaluate(relaxed, changed)
    seated = {(seat.assignment.rider_id, trip.trip.direction) for trip in after.schedule.trips for seat in trip.seats}
    wanted = {(seat.rider_id, seat.direction) for seat in finding.seats}
    return wanted <= seated and not beyond(evaluate(problem, plan).violations, after.violations)


def findings(problem: Problem, plan: Plan) -> list[tuple[Reason, Finding | None]]:
    index = PlanIndex.of(problem, plan)
    found = []
    for rider_id in sorted({entry.rider_id for entry in plan.unserved})[:15]:
        ways = tuple(way for way in Direction if (rider_id, way) in {(u.rider_id, u.direction) for u in plan.unserved})
        groups = [ways] if problem.rules.same_line_both_ways else [(way,) for way in ways]
        found += [find_reason(index, rider_id, group) for group in groups]
    return found


@pytest.mark.parametrize("name", TOWNS)
def test_every_relaxation_holds_when_it_is_applied(name: str) -> None:
    problem, plan = planned(name)
    found = findings(problem, plan)
    told = [finding for _, finding in found if finding is not None]
    assert told
    assert all(holds(problem, plan, finding) for finding in told)


@pytest.mark.parametrize("name", TOWNS)
def test_every_relaxation_holds_where_the_budgets_are_spent(name: str) -> None:
    """Exactly what the plan uses is allowed: whatever takes more says so, and one unit less would not do."""
    problem, plan = planned(name)
    spent = evaluate(problem, plan).cost_parts.spent
    tight = replace(problem, budget=Budget(max_vehicles=len(plan.blocks), max_cost_fen=spent))
    for _, finding in findings(tight, plan):
        if finding is None:
            continue
        assert holds(tight, plan, finding)
        if finding.remedy.more_vehicles:
            assert not holds(tight, plan, replace(finding, remedy=replace(finding.remedy, more_vehicles=0)))
        if finding.remedy.more_fen > 10:  # some fen are kept for rounding
            less = replace(finding.remedy, more_fen=finding.remedy.more_fen - 10)
            assert not holds(tight, plan, replace(finding, remedy=less))


def test_where_every_vehicle_is_in_use_that_is_the_reason() -> None:
    problem, plan = planned("none at all")
    reasons = [reason for reason, _ in findings(problem, plan)]
    assert set(reasons) <= {Reason.NO_STOP_IN_WALK, Reason.NO_VEHICLE_LEFT}
    assert Reason.NO_VEHICLE_LEFT in reasons


@pytest.mark.parametrize("name", ["few vehicles", "groups"])
def test_the_smallest_share_of_a_promise_is_told(name: str) -> None:
    """No kind that was found for a rider asks for less than the one that is told."""
    from routing.explain.insertion import search_lines

    problem, plan = planned(name)
    index = PlanIndex.of(problem, plan)
    for rider_id in sorted({entry.rider_id for entry in plan.unserved})[:10]:
        rider = problem.rider_index(rider_id)
        assert rider is not None
        _, told = find_reason(index, rider_id, tuple(Direction))
        others = search_lines(index, rider, tuple(Direction), 40)
        if told is not None and told.kind != "price":
            assert all(told.share <= other.share for other in others)


def test_reasons_and_relaxations_stand_in_the_plan() -> None:
    problem, plan = planned("few vehicles")
    told = explain(problem, plan)
    assert {entry.reason for entry in told.unserved} != {Reason.UNKNOWN}
    assert any(entry.relaxation is not None and entry.relaxation.kind == "vehicles" for entry in told.unserved)
    assert evaluate(problem, told).violations == evaluate(problem, plan).violations
