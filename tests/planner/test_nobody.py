"""No line for anyone: the rule is named, and the relaxation told is one that the judge accepts and no smaller one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from routing.errors import NoPlanError
from routing.evaluate import evaluate
from routing.model.budget import Budget
from routing.model.demand import Need
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.planner import nobody
from routing.planner.nobody import find_opening, find_ways, serve_somebody
from tests.solver.towns import Town, draw

TOWN = draw(Town(riders=40, places=12, rules=ServiceRules(min_load=4), seed=1))


def with_rules(**changes: Any) -> Problem:
    return replace(TOWN, rules=replace(TOWN.rules, **changes))


def every_rider(**changes: Any) -> Problem:
    return replace(TOWN, riders=tuple(replace(rider, **changes) for rider in TOWN.riders))


CASES: dict[str, tuple[Problem, str, str]] = {
    "walk": (with_rules(max_walk_m=0), "rules.max_walk_m = 0", "no stop in walk (40 of 40 people)"),
    "short walk": (
        replace(every_rider(need=Need.SHORT_WALK), rules=replace(TOWN.rules, max_walk_short_m=0)),
        "rules.max_walk_short_m = 0",
        "no stop in walk (40 of 40 people)",
    ),
    "ride": (with_rules(max_ride_s=60), "rules.max_ride_min = 1", "ride too long (40 of 40 people)"),
    "trip_time": (with_rules(max_trip_s=120), "rules.max_trip_min = 2", "every trip takes too long"),
    "arrival_window": (
        with_rules(arrive_early_s=300, arrive_buffer_s=300),
        "rules.arrive_early_min = 5",
        "the windows are too narrow",
    ),
    "min_load": (with_rules(min_load=50), "rules.min_load = 50", "too few neighbours (40 of 40 people)"),
    "seats": (every_rider(count=20), "fleet.seats = 14", "no vehicle large enough (800 of 800 people)"),
    "fleet": (
        replace(TOWN, fleet=tuple(replace(item, available=0) for item in TOWN.fleet)),
        "fleet.count = 0",
        "no vehicle stands in any depot",
    ),
    "fleet without rows": (replace(TOWN, fleet=()), "fleet.count = 0", "no vehicle stands in any depot"),
    "vehicle_budget": (
        replace(TOWN, budget=Budget(max_vehicles=0)),
        "budget.max_vehicles = 0",
        "the budget of vehicles allows too few",
    ),
    "cost_budget": (
        replace(TOWN, budget=Budget(max_cost_fen=10_000)),
        "budget.max_cost_yuan_per_day = 100",
        "the budget of money pays for no trip",
    ),
}
RULES = {"short walk": "walk", "fleet without rows": "fleet"}


@pytest.mark.parametrize("case", CASES)
def test_the_rule_is_named_with_its_limit_and_whom_it_concerns(case: str) -> None:
    problem, limit, phrase = CASES[case]
    with pytest.raises(NoPlanError) as refused:
        serve_somebody(problem)
    error = refused.value
    assert error.code == "no_line_for_anyone"
    assert error.rule == RULES.get(case, case)
    assert limit in error.cause
    assert phrase in error.cause
    assert "keep every rule (checked)" in error.action


@pytest.mark.parametrize("case", CASES)
def test_the_relaxation_told_is_accepted_by_the_judge_and_a_smaller_one_is_not(case: str) -> None:
    """Applied, it lets somebody ride; one step less, and the same plan breaks a rule."""
    problem = CASES[case][0]
    way = find_ways(problem)[0]
    verdict = evaluate(way.moved(problem), way.opening.plan)
    assert verdict.violations == ()
    assert verdict.kpis.trips > 0
    (lever, steps) = way.moves[-1]
    assert steps >= 1
    assert not evaluate(lever.moved(problem, steps - 1), way.opening.plan).feasible


@pytest.mark.parametrize("case", CASES)
def test_the_nearest_relaxation_is_told_first(case: str) -> None:
    weights = [way.weight for way in find_ways(CASES[case][0])]
    assert weights == sorted(weights)


def test_the_walk_told_is_the_shortest_that_brings_enough_riders_together() -> None:
    """Four people must reach one line: nobody could do with less than the fourth shortest walk of all."""
    problem = CASES["walk"][0]
    nearest = sorted(int(problem.walks.row(index)[1][0]) for index in range(len(problem.riders)))
    told = find_ways(problem)[0].moves[0][1]
    assert told >= nearest[3]


def test_where_one_limit_is_not_enough_all_that_are_needed_are_named() -> None:
    problem = with_rules(max_walk_m=0, max_ride_s=60)
    with pytest.raises(NoPlanError, match=r"no stop in walk .* and ride too long") as refused:
        serve_somebody(problem)
    assert refused.value.action.startswith("With rules.max_walk_m = ")
    assert " and rules.max_ride_min = " in refused.value.action
    way = find_ways(problem)[0]
    assert evaluate(way.moved(problem), way.opening.plan).feasible
    for kept in way.moves:
        assert find_opening(kept[0].moved(problem, kept[0].most)) is None


def test_where_nothing_helps_nothing_is_invented() -> None:
    """Without a vehicle type there is no limit to move."""
    with pytest.raises(NoPlanError, match="no limit was found") as refused:
        serve_somebody(replace(TOWN, fleet=(), vehicle_types=()))
    assert refused.value.rule is None
    assert "checked" not in refused.value.action


def test_where_only_the_price_forbids_it_the_price_is_told_at_which_a_line_opens() -> None:
    cheap = replace(TOWN, costs=replace(TOWN.costs, unserved=100))
    with pytest.raises(NoPlanError, match="costs more than leaving") as refused:
        serve_somebody(cheap)
    assert refused.value.rule == "unserved"
    opening = find_opening(cheap)
    assert opening is not None
    told = float(refused.value.action.split("unserved_yuan_per_rider = ")[1].split()[0])
    fair = replace(cheap, costs=replace(cheap.costs, unserved=round(told * 100)))
    assert serve_somebody(fair).lines
    assert "(checked)" in refused.value.action


def test_a_line_that_the_search_missed_is_a_plan_and_no_error() -> None:
    plan = serve_somebody(TOWN)
    verdict = evaluate(TOWN, plan)
    assert verdict.feasible
    assert verdict.kpis.served > 0


def test_a_part_of_many_riders_is_looked_at_and_judged_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The relaxation is found for a few riders, and holds for the problem with everyone in it."""
    monkeypatch.setattr(nobody, "SAMPLE", 12)
    problem = CASES["walk"][0]
    way = find_ways(problem)[0]
    assert evaluate(way.moved(problem), way.opening.plan).feasible
    assert len({seat.rider_id for seat in way.opening.plan.assignments}) <= 12


@pytest.mark.parametrize("change", [lambda p: p, lambda p: replace(p, budget=Budget(max_vehicles=1))])
def test_an_opening_keeps_every_rule(change: Callable[[Problem], Problem]) -> None:
    problem = change(TOWN)
    opening = find_opening(problem)
    assert opening is not None
    assert evaluate(problem, opening.plan).violations == ()
    assert opening.plan.lines


def test_an_opening_leaves_within_the_budget_of_money_what_it_cannot_pay() -> None:
    """All lines together spend too much: one of them is an opening."""
    problem = replace(TOWN, budget=Budget(max_cost_fen=60_000))
    opening = find_opening(problem)
    assert opening is not None
    assert 0 < opening.verdict.cost_parts.spent <= 60_000
