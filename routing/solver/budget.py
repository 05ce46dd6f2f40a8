"""Keep to a budget: a levy makes vehicles dearer while the search breaks it, and what is left over is closed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from routing.evaluate import evaluate
from routing.model.fleet import VehicleType
from routing.model.places import StopStatus
from routing.model.plan import Plan, Reason
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM
from routing.solver.closing import close_lines
from routing.solver.decode import decode
from routing.solver.fleet import roster
from routing.solver.lines import FoundLine

STEP = 0.25
"""Share by which vehicles become dearer when twice as many, or twice the money, are used as there may be."""
MOST_LEVY = 10.0
"""Share of its price above which a vehicle is not made dearer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levy:
    """What the search counts on top of a vehicle's price: the Lagrangian multipliers of the two budgets.

    Attributes
    ----------
    vehicle : float
        On each vehicle, as a share of its fixed cost.
    money : float
        On all money spent, as a share of it.
    """

    vehicle: float = 0.0
    money: float = 0.0

    def on(self, kind: VehicleType, more: float) -> VehicleType:
        """Return a vehicle type at the prices to search with; `more` is its own surcharge [fen]."""
        share = 1.0 + self.money
        return replace(
            kind,
            fixed_cost=round(kind.fixed_cost * (share + self.vehicle) + more),
            distance_cost=round(kind.distance_cost * share),
            time_cost=round(kind.time_cost * share),
        )


NO_LEVY = Levy()


def raise_levy(problem: Problem, lines: Sequence[FoundLine], types: Sequence[VehicleType], levy: Levy) -> Levy:
    """Return a new levy: up where the lines use more than the budget allows, down where less.

    One step of a subgradient method on each of the budget's limits.
    """
    budget = problem.budget
    if budget.max_vehicles is None and budget.max_cost_fen is None:
        return levy
    plan = decode(problem, roster(problem, lines, types), types, {})
    return Levy(
        vehicle=_step(levy.vehicle, len(plan.blocks), budget.max_vehicles),
        money=_step(levy.money, evaluate(problem, plan).cost_parts.spent, budget.max_cost_fen),
    )


def _step(before: float, used: int, limit: int | None) -> float:
    if limit is None:
        return before
    return min(MOST_LEVY, max(0.0, before + STEP * min(2.0, (used - limit) / max(1, limit))))


def keep_budget(problem: Problem, plan: Plan) -> Plan:
    """Return a plan that keeps the budget, by closing what serves fewest riders for what it costs.

    Whole vehicles go while there are too many, then lines while too much is spent; those that halt at
    pinned stops go last.
    """
    budget = problem.budget
    while plan.lines:
        excess = 0 if budget.max_vehicles is None else len(plan.blocks) - budget.max_vehicles
        if excess > 0:
            closing = _emptiest_vehicles(problem, plan, excess)
        elif budget.max_cost_fen is not None:
            closing = _dearest_lines(problem, plan, evaluate(problem, plan).cost_parts.spent - budget.max_cost_fen)
        else:
            closing = set()
        if not closing:
            return plan
        plan = close_lines(plan, closing, Reason.UNKNOWN)
    return plan


def _emptiest_vehicles(problem: Problem, plan: Plan, count: int) -> set[str]:
    """Return the lines of the vehicles that carry fewest people."""
    line_of = {trip.trip_id: line.line_id for line, trip in plan.trips()}
    people, pinned = _people(problem, plan), _pinned(problem, plan)
    lines = [{line_of[t] for t in block.trip_ids} for block in plan.blocks]
    lines.sort(key=lambda held: (any(x in pinned for x in held), sum(people[x] for x in held)))
    return {x for held in lines[:count] for x in held}


def _dearest_lines(problem: Problem, plan: Plan, excess: int) -> set[str]:
    """Return lines whose vehicles cost about as much as is to be saved [fen], fewest people per fen first."""
    people, pinned, price = _people(problem, plan), _pinned(problem, plan), _prices(problem, plan)
    chosen: set[str] = set()
    for x in sorted(price, key=lambda x: (x in pinned, people[x] / max(1.0, price[x]))):
        if excess <= 0:
            break
        chosen.add(x)
        excess -= round(price[x])
    return chosen


def _people(problem: Problem, plan: Plan) -> Counter[str]:
    """Return the people whom each line carries, both ways together."""
    line_of = {trip.trip_id: line.line_id for line, trip in plan.trips()}
    count = {rider.rider_id: rider.count for rider in problem.riders}
    people: Counter[str] = Counter()
    for seat in plan.assignments:
        people[line_of[seat.trip_id]] += count[seat.rider_id]
    return people


def _pinned(problem: Problem, plan: Plan) -> set[str]:
    """Return the lines that halt at a place with a pinned stop."""
    places = {s.place_id for s in problem.stops if s.status is StopStatus.PINNED}
    stops = {s.stop_id for s in problem.stops if s.place_id in places}
    return {line.line_id for line, trip in plan.trips() if stops.intersection(trip.stop_ids)}


def _prices(problem: Problem, plan: Plan) -> dict[str, float]:
    """Return what each line's trips cost [fen]: their running, and a share in the vehicle's fixed cost."""
    schedule = {trip.trip.trip_id: trip for trip in evaluate(problem, plan).schedule.trips}
    line_of = {trip.trip_id: line.line_id for line, trip in plan.trips()}
    prices = dict.fromkeys((line.line_id for line in plan.lines), 0.0)
    for block in plan.blocks:
        kind = problem.vehicle_type(block.vehicle_type_id)
        assert kind is not None, "the search uses the problem's vehicles"
        for trip in (schedule[t] for t in block.trip_ids):
            running = kind.distance_cost * trip.distance_m / METRES_PER_KM
            running += kind.time_cost * (trip.depart[-1] - trip.arrive[0]) / HOUR_S
            prices[line_of[trip.trip.trip_id]] += running + kind.fixed_cost / len(block.trip_ids)
    return prices
