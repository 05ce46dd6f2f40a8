"""Seats that a search left empty although they cost less than leaving the rider out: taken, and judged as a whole."""

from routing.evaluate import evaluate
from routing.explain.finding import Finding
from routing.explain.insertion import search_lines
from routing.explain.remedy import apply_remedy, beyond
from routing.explain.vicinity import PlanIndex
from routing.model.demand import Direction
from routing.model.plan import Plan
from routing.model.problem import Problem

ROUNDS = 8
EFFORT = 20
"""Seats tried per rider and round; those that lead a trip least astray come first."""


def seat_missed(problem: Problem, plan: Plan, *, limit: int = EFFORT) -> Plan:
    """Give riders who are left out a seat on an existing line wherever that keeps every rule and pays.

    Meant for plans cut short by the clock or edited by hand; a plan at a local optimum comes back as it is.

    Parameters
    ----------
    limit : int
        Most seats tried per rider in each of at most `ROUNDS` rounds.

    Returns
    -------
    Plan
        As good or better by the judge's objective, with no violation that ``plan`` does not have.
    """
    best = evaluate(problem, plan)
    for _ in range(ROUNDS):
        better = _one_round(problem, plan, limit)
        if better == plan:
            break
        verdict = evaluate(problem, better)
        if verdict.objective >= best.objective or beyond(best.violations, verdict.violations):
            break
        plan, best = better, verdict
    return plan


def _one_round(problem: Problem, plan: Plan, limit: int) -> Plan:
    """Apply the savings that touch neither the same line nor the same vehicle."""
    index = PlanIndex.of(problem, plan)
    block_of = {trip_id: block.block_id for block in plan.blocks for trip_id in block.trip_ids}
    touched: set[str] = set()
    changed = plan
    for rider_id, ways in _left_out(problem, plan):
        rider = problem.rider_index(rider_id)
        saving = None if rider is None else _saving(problem, search_lines(index, rider, ways, limit, only_price=True))
        if saving is None:
            continue
        blocks = {block_of.get(t.trip_id, "") for line in saving.remedy.lines for t in line.trips}
        # A remedy with vehicles of its own may want the last idle one: one such remedy per round.
        marks = {line.line_id for line in saving.remedy.lines} | {f"block {b}" for b in blocks}
        marks |= {"an idle vehicle"} if saving.remedy.blocks else set()
        if touched.isdisjoint(marks):
            touched |= marks
            changed = apply_remedy(problem, changed, saving.remedy)[1]
    return changed


def _saving(problem: Problem, found: list[Finding]) -> Finding | None:
    at_any_price = problem.costs.fewest_vehicles_first  # everyone is served before costs are looked at
    return next((f for f in found if f.kind == "price" and (at_any_price or f.extra_fen < 0)), None)


def _left_out(problem: Problem, plan: Plan) -> list[tuple[str, tuple[Direction, ...]]]:
    asked: dict[str, set[Direction]] = {}
    for entry in plan.unserved:
        asked.setdefault(entry.rider_id, set()).add(entry.direction)
    ways = [(rider_id, tuple(w for w in Direction if w in which)) for rider_id, which in asked.items()]
    if problem.rules.same_line_both_ways:
        return ways
    return [(rider_id, (way,)) for rider_id, both in ways for way in both]
