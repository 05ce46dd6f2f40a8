"""Budgets of vehicles and of money: kept by every plan, and not at the price of more than they ask for."""

from dataclasses import replace

import pytest

from routing.evaluate import evaluate
from routing.model.budget import UNLIMITED, Budget
from routing.model.demand import Shift
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.budget import MOST_LEVY, NO_LEVY, Levy, keep_budget, raise_levy
from routing.solver.fleet import available_types
from tests.solver.states import parts_of, searches, vehicles
from tests.solver.test_solve import accounted
from tests.solver.towns import DAY_SHIFT, RELAY, RELAY_BOTH, TYPES, Town, draw

RULES = ServiceRules(min_load=1, turnaround_s=120)


def town_of(shifts: tuple[Shift, ...], seed: int, *, both: bool = False) -> Problem:
    """Return a town of forty riders."""
    return draw(Town(riders=40, places=14, shifts=shifts, rules=replace(RULES, same_line_both_ways=both), seed=seed))


def planned(problem: Problem) -> Plan:
    """Return a plan of a short search."""
    return solve(problem, stop=MaxIterations(iterations=1_200)).plan


def spent(problem: Problem, plan: Plan) -> int:
    """Return the money that a plan costs in a day [fen]."""
    return evaluate(problem, plan).cost_parts.spent


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("shifts", [RELAY, RELAY_BOTH, (DAY_SHIFT,)], ids=["one way", "relay", "one shift"])
@pytest.mark.parametrize("most", [0, 1, 2])
def test_no_plan_uses_more_vehicles_than_its_budget(most: int, shifts: tuple[Shift, ...], both: bool) -> None:
    for seed in range(2):
        problem = replace(town_of(shifts, seed, both=both), budget=Budget(max_vehicles=most))
        plan = planned(problem)
        assert evaluate(problem, plan).violations == ()
        assert accounted(problem, plan)
        assert len(plan.blocks) <= most
        assert bool(plan.assignments) == (most > 0)


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.8])
def test_no_plan_spends_more_than_its_budget(share: float, both: bool) -> None:
    problem = town_of(RELAY_BOTH, 3, both=both)
    free = planned(problem)
    limit = round(share * spent(problem, free))
    tight = replace(problem, budget=Budget(max_cost_fen=limit))
    plan = planned(tight)
    assert evaluate(tight, plan).violations == ()
    assert accounted(tight, plan)
    assert spent(tight, plan) <= limit
    assert bool(plan.assignments) == (share > 0)


def test_a_budget_that_suffices_changes_nothing() -> None:
    problem = town_of(RELAY, 1)
    plan = planned(problem)
    wide = replace(problem, budget=Budget(max_vehicles=len(plan.blocks), max_cost_fen=spent(problem, plan)))
    assert keep_budget(wide, plan) is plan
    assert keep_budget(problem, plan) is plan


def test_the_emptiest_vehicles_go_first() -> None:
    """Of a plan one vehicle too large the one is closed that carries fewest."""
    problem = town_of(RELAY, 2)
    plan = planned(problem)
    count = {r.rider_id: r.count for r in problem.riders}
    people = {b: sum(count[a.rider_id] for a in plan.assignments if a.trip_id in b.trip_ids) for b in plan.blocks}
    assert len(people) > 1
    kept = keep_budget(replace(problem, budget=Budget(max_vehicles=len(people) - 1)), plan)
    assert len(kept.assignments) == len(plan.assignments) - min(people.values())
    assert set(kept.blocks) < set(plan.blocks)


def test_the_lines_that_halt_at_pinned_stops_go_last() -> None:
    problem = draw(Town(riders=40, places=8, pinned=1, rules=RULES, seed=4))
    plan = planned(problem)
    place = problem.stops[0].place_id
    stops = {s.stop_id for s in problem.stops if s.place_id == place}
    halting = {line.line_id for line, trip in plan.trips() if stops & set(trip.stop_ids)}
    assert 0 < len(halting) < len(plan.lines)
    kept = keep_budget(replace(problem, budget=Budget(max_vehicles=1)), plan)
    assert {line.line_id for line in kept.lines} <= halting


def test_the_search_itself_keeps_to_the_number_of_vehicles() -> None:
    """From the greedy start on."""
    problem = town_of(RELAY, 5)
    (search,) = searches(problem, most_vehicles=1)
    assert len(vehicles(search.state)) == 1
    search.anneal(200, 0.5)
    search.finish()
    assert len(vehicles(search.state)) == 1
    assert search.waiting > 0


def test_the_levy_rises_while_the_budget_is_broken_and_falls_after() -> None:
    problem = town_of(RELAY, 6)
    (search,) = searches(problem)
    lines, types = search.best(), available_types(problem)
    assert raise_levy(problem, lines, types, NO_LEVY) == NO_LEVY
    tight = replace(problem, budget=Budget(max_vehicles=1, max_cost_fen=1))
    up = raise_levy(tight, lines, types, NO_LEVY)
    assert up.vehicle > 0
    assert up.money > 0
    wide = replace(problem, budget=Budget(max_vehicles=100, max_cost_fen=10**9))
    down = raise_levy(wide, lines, types, up)
    assert down.vehicle < up.vehicle
    assert down.money < up.money
    assert raise_levy(tight, lines, types, Levy(vehicle=MOST_LEVY, money=MOST_LEVY)).money == MOST_LEVY


def test_a_levy_makes_vehicles_dearer_by_its_shares() -> None:
    kind = Levy(vehicle=0.5, money=1.0).on(TYPES[0], 100.0)
    assert (kind.fixed_cost, kind.distance_cost, kind.time_cost) == (15_000 * 2.5 + 100, 400, 6_000)
    assert NO_LEVY.on(TYPES[0], 0.0) == TYPES[0]


def test_a_plan_without_a_budget_is_not_looked_at() -> None:
    assert keep_budget(replace(town_of(RELAY, 1), budget=UNLIMITED), Plan()) == Plan()
    assert parts_of(town_of(RELAY, 1))[0].chained
