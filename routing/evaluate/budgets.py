"""Rules of the budget: no more vehicles and no more money than there are."""

from collections.abc import Iterator

from routing.evaluate.costs import CostParts
from routing.evaluate.findings import Rule, Violation
from routing.model.plan import Plan
from routing.model.problem import Problem

SUBJECT = "plan"


def check_vehicle_budget(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Check the number of vehicles in use, of all types and depots together."""
    limit, used = problem.budget.max_vehicles, len(plan.blocks)
    if limit is not None and used > limit:
        text = f"{used} vehicles are in use"
        yield Violation(rule=Rule.VEHICLE_BUDGET, subject=SUBJECT, value=used, limit=limit, text=text)


def check_cost_budget(problem: Problem, parts: CostParts) -> Iterator[Violation]:
    """Check the money spent in one day on vehicles, distance and time."""
    limit = problem.budget.max_cost_fen
    if limit is not None and parts.spent > limit:
        text = f"a day costs {parts.spent} fen in vehicles, distance and time"
        yield Violation(rule=Rule.COST_BUDGET, subject=SUBJECT, value=parts.spent, limit=limit, text=text)
