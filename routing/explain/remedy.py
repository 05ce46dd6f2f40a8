"""A way to serve a rider who is left out: the change to the plan, the promise that gives, the judge's word on it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from routing.evaluate import Rule, Violation, evaluate
from routing.model.budget import Budget
from routing.model.demand import Need, Rider
from routing.model.fleet import FleetItem, VehicleType
from routing.model.plan import Assignment, Block, Line, Plan
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.model.travel import WalkTable

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """Decisions to add to a plan, and what must be relaxed in the problem for them to keep every rule.

    Attributes
    ----------
    lines, blocks : tuple
        Replace those of the same id, or are added.
    assignments : tuple of Assignment
        Seats of riders who were left out.
    rules : ServiceRules or None
        Relaxed promises.
    riders : tuple of Rider
        Replace those of the same id: a rider who works another shift.
    vehicle_types : tuple of VehicleType
        Replace those of the same id: with more seats.
    copies : tuple of Rider
        Further riders, who walk as the rider ``like`` does.
    fleet : tuple of FleetItem
        Further vehicles.
    more_vehicles, more_fen : int
        By how much the budget is raised, where there is one.
    """

    lines: tuple[Line, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    blocks: tuple[Block, ...] = ()
    rules: ServiceRules | None = None
    riders: tuple[Rider, ...] = ()
    vehicle_types: tuple[VehicleType, ...] = ()
    copies: tuple[Rider, ...] = ()
    like: str = ""
    fleet: tuple[FleetItem, ...] = ()
    more_vehicles: int = 0
    more_fen: int = 0


def apply_remedy(problem: Problem, plan: Plan, remedy: Remedy) -> tuple[Problem, Plan]:
    """Return the relaxed problem and the changed plan."""
    seated = {(a.rider_id, a.direction) for a in remedy.assignments}
    changed = Plan(
        lines=_replaced(plan.lines, remedy.lines, "line_id"),
        assignments=plan.assignments + remedy.assignments,
        blocks=_replaced(plan.blocks, remedy.blocks, "block_id"),
        unserved=tuple(u for u in plan.unserved if (u.rider_id, u.direction) not in seated),
    )
    riders = _replaced(problem.riders, remedy.riders, "rider_id") + remedy.copies
    rows = [*range(len(problem.riders)), *[problem.rider_index(remedy.like) or 0] * len(remedy.copies)]
    relaxed = replace(
        problem,
        riders=riders,
        walks=walk_rows(problem.walks, rows) if remedy.copies else problem.walks,
        rules=remedy.rules or problem.rules,
        vehicle_types=_replaced(problem.vehicle_types, remedy.vehicle_types, "vehicle_type_id"),
        fleet=problem.fleet + remedy.fleet,
        budget=_raised(problem.budget, remedy),
    )
    return relaxed, changed


def judge_remedy(problem: Problem, plan: Plan, remedy: Remedy) -> tuple[list[Violation], int]:
    """Return which rules a remedy breaks anew, and what it adds to the cost of a day [fen]."""
    before, after = evaluate(problem, plan), evaluate(*apply_remedy(problem, plan, remedy))
    return beyond(before.violations, after.violations), after.cost_fen - before.cost_fen


def afforded(problem: Problem, plan: Plan, remedy: Remedy) -> tuple[Remedy, list[Violation], int]:
    """Return a remedy that only a budget forbids with the budget raised as far as it takes; others as they are.

    Returns
    -------
    tuple
        The remedy, which rules it breaks even so, and what it adds to the cost of a day [fen].
    """
    broken, extra = judge_remedy(problem, plan, remedy)
    rules = {violation.rule for violation in broken}
    more = max((int(_severity(violation)) for violation in broken), default=0)
    if rules == {Rule.VEHICLE_BUDGET}:
        remedy = replace(remedy, more_vehicles=remedy.more_vehicles + more)
    elif rules == {Rule.COST_BUDGET}:
        remedy = replace(remedy, more_fen=more)
    else:
        return remedy, broken, extra
    return remedy, *judge_remedy(problem, plan, remedy)


def most_vehicles(problem: Problem) -> int:
    """Return how many vehicles a plan may use."""
    there = sum(item.available for item in problem.fleet)
    return there if problem.budget.max_vehicles is None else min(there, problem.budget.max_vehicles)


def _raised(budget: Budget, remedy: Remedy) -> Budget:
    vehicles, money = budget.max_vehicles, budget.max_cost_fen
    return Budget(
        max_vehicles=None if vehicles is None else vehicles + remedy.more_vehicles,
        max_cost_fen=None if money is None else money + remedy.more_fen,
    )


def beyond(before: Iterable[Violation], after: Iterable[Violation]) -> list[Violation]:
    """Return the violations that are new, or worse than all those of the same rule and subject before."""
    known: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for violation in before:
        known[violation.rule, violation.subject].append(_severity(violation))
    fresh = []
    for violation in sorted(after, key=_severity, reverse=True):
        borne = known[violation.rule, violation.subject]
        match = min((s for s in borne if s >= _severity(violation)), default=None)
        if match is None:
            fresh.append(violation)
        else:
            borne.remove(match)
    return fresh


def relaxed_rules(rules: ServiceRules, kind: str, amount: int, need: Need = Need.NONE) -> ServiceRules:
    """Return the rules with one promise relaxed by an amount [m, s or stops]."""
    if kind == "walk":
        limit = rules.walk_limit_m(need) + amount
        short = limit if need is Need.SHORT_WALK else rules.max_walk_short_m
        return replace(rules, max_walk_m=max(rules.max_walk_m, limit), max_walk_short_m=short)
    if kind == "ride":
        return replace(rules, max_ride_s=rules.max_ride_s + amount)
    if kind == "detour":
        return replace(rules, max_detour_free_s=rules.max_detour_free_s + amount)
    if kind == "trip" and rules.max_trip_s is not None:
        return replace(rules, max_trip_s=rules.max_trip_s + amount)
    if kind == "stops":
        return replace(rules, max_stops=rules.max_stops + amount)
    return rules


def walk_rows(walks: WalkTable, riders: Sequence[int]) -> WalkTable:
    """Return the walks of some riders, in their order."""
    rows = [walks.row(rider) for rider in riders]
    return WalkTable(
        start=np.cumsum([0, *(len(stops) for stops, _ in rows)]),
        stop=np.concatenate([walks.stop[:0], *(stops for stops, _ in rows)]),
        metres=np.concatenate([walks.metres[:0], *(metres for _, metres in rows)]),
    )


def _severity(violation: Violation) -> float:
    if violation.value is None or violation.limit is None:
        return 0.0
    return abs(violation.value - violation.limit)


def _replaced(old: tuple[T, ...], new: tuple[T, ...], key: str) -> tuple[T, ...]:
    by_id = {getattr(item, key): item for item in new}
    kept = tuple(by_id.pop(getattr(item, key), item) for item in old)
    return kept + tuple(by_id.values())
