"""Budgets of vehicles and money, and what plans are weighed by."""

from dataclasses import replace

import pytest

from routing.evaluate import Rule, evaluate
from routing.model.budget import Budget
from routing.model.plan import Plan
from routing.model.rules import CostRates
from tests.cases import Found, found, left_out, town, town_plan, without

SPENT = 26_000 + 18_800 + 17_892
"""Vehicles, distance and time of the town's plan [fen]; see test_costs."""


@pytest.mark.parametrize(("most", "broken"), [(None, []), (2, []), (1, [(Rule.VEHICLE_BUDGET, "plan", 2, 1)])])
def test_vehicles_are_counted_over_all_types(most: int | None, broken: list[Found]) -> None:
    """A small one and a large one."""
    assert found(town(budget=Budget(max_vehicles=most)), town_plan()) == broken


@pytest.mark.parametrize(
    ("most", "broken"), [(None, []), (SPENT, []), (SPENT - 1, [(Rule.COST_BUDGET, "plan", SPENT, SPENT - 1)])]
)
def test_money_is_what_vehicles_cost(most: int | None, broken: list[Found]) -> None:
    """Riders' minutes and the price of leaving fay out are in the cost, and in no budget."""
    assert found(town(budget=Budget(max_cost_fen=most)), town_plan()) == broken
    assert evaluate(town(), town_plan()).cost_parts.spent == SPENT < evaluate(town(), town_plan()).cost_fen


def test_leaving_riders_out_keeps_within_any_budget() -> None:
    everyone = tuple(u for r in town().riders for u in left_out(r.rider_id))
    assert found(town(budget=Budget(max_vehicles=0, max_cost_fen=0)), Plan(unserved=everyone)) == []


def test_both_budgets_are_judged_together() -> None:
    broken = found(town(budget=Budget(max_vehicles=1, max_cost_fen=10)), town_plan())
    assert [rule for rule, *_ in broken] == [Rule.VEHICLE_BUDGET, Rule.COST_BUDGET]


def test_plans_are_weighed_by_their_cost() -> None:
    verdict = evaluate(town(), town_plan())
    assert verdict.objective == (verdict.cost_fen,) == (105_930,)


def test_plans_may_be_weighed_by_people_and_vehicles_first() -> None:
    """Fay is out: one person, two vehicles; the cost is what it was."""
    first = replace(town().costs, fewest_vehicles_first=True)
    assert evaluate(town(costs=first), town_plan()).objective == (1, 2, 105_930)
    assert evaluate(town(costs=first), town_plan()).cost_fen == 105_930


def test_a_person_outweighs_a_vehicle_and_a_vehicle_any_cost() -> None:
    """Without line b's riders and vehicle the town is cheaper; nobody out and one vehicle more is better still."""
    free = CostRates(ride=0, walk=0, unserved=0, fewest_vehicles_first=True)
    problem = town(costs=free)
    plan = town_plan()
    fewer = without(without(plan, "dan"), "eve")
    fewer = replace(fewer, lines=fewer.lines[:1], blocks=fewer.blocks[:1])
    whole, part = evaluate(problem, plan), evaluate(problem, fewer)
    assert part.cost_fen < whole.cost_fen
    assert whole.objective < part.objective
    one, two = plan.blocks
    apart = (replace(one, trip_ids=("a_in",)), replace(one, block_id="3", trip_ids=("a_out",)))
    assert whole.objective < evaluate(problem, replace(plan, blocks=(*apart, two))).objective


def test_people_count_not_entries() -> None:
    """Eve is a couple."""
    problem = town(costs=replace(town().costs, fewest_vehicles_first=True))
    assert evaluate(problem, without(town_plan(), "eve")).objective[0] == 3
