"""The part of a plan that a change can touch, small enough to be judged in milliseconds."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from routing.evaluate import Violation, judge_trip
from routing.evaluate.costs import count_costs
from routing.explain.remedy import walk_rows
from routing.model.budget import Budget
from routing.model.demand import Direction
from routing.model.fleet import FleetItem
from routing.model.places import StopStatus
from routing.model.plan import Block, Line, Plan
from routing.model.problem import Problem
from routing.schedule import PlanSchedule, TripSchedule, schedule_plan

ROUNDING_FEN = 4
"""By how much parts of a plan, each rounded to whole fen, may cost less than the whole."""
Yard = tuple[str, str]
"""A vehicle type and a depot, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanIndex:
    """A plan with what is looked up again and again.

    Attributes
    ----------
    problem : Problem
        As given, but for pinned stops whose place the plan serves: nothing here takes a stop away.
    schedules : dict
        Trip id → clock times and loads.
    faults : dict
        Trip id → what the judge says of the trip before any change.
    lines_at : dict
        Worksite node → lines that call there.
    spare : dict
        Vehicles that stand idle, by type and depot.
    waiting : dict
        Worksite, shift and stop → riders (indices) left out, in any direction, who can walk there.
    spent : int
        What vehicles, distance and time cost in all [fen].
    """

    problem: Problem
    plan: Plan
    schedules: dict[str, TripSchedule]
    faults: dict[str, tuple[Violation, ...]]
    lines_at: dict[int, list[Line]]
    spare: dict[Yard, int]
    waiting: dict[tuple[str, str, int], set[int]]
    spent: int

    @classmethod
    def of(cls, problem: Problem, plan: Plan) -> "PlanIndex":
        """Index a plan."""
        problem = _without_kept_pins(problem, plan)
        scheduled = schedule_plan(problem, plan)
        schedules = {t.trip.trip_id: t for t in scheduled.trips}
        lines_at: defaultdict[int, list[Line]] = defaultdict(list)
        for line in plan.lines:
            trips = [schedules[t.trip_id] for t in line.trips if t.trip_id in schedules]
            for node in sorted({n for t in trips for n in t.nodes if problem.is_worksite(n)}):
                lines_at[node].append(line)
        return cls(
            problem=problem,
            plan=plan,
            schedules=schedules,
            faults={trip_id: judge_trip(problem, trip) for trip_id, trip in schedules.items()},
            lines_at=dict(lines_at),
            spare=_left_over(problem, plan.blocks),
            waiting=_waiting(problem, plan),
            spent=_spent(problem, plan, scheduled),
        )

    def trips_to(self, line: Line, site: int, direction: Direction) -> list[TripSchedule]:
        """Return the trips of a line that call at a worksite in a direction."""
        trips = (self.schedules[t.trip_id] for t in line.trips if t.trip_id in self.schedules)
        return [t for t in trips if t.trip.direction is direction and site in t.nodes]

    def idle_vehicles(self) -> dict[str, str]:
        """Return the vehicle types of which one stands idle, each with a depot where it does."""
        return {type_id: depot_id for (type_id, depot_id), count in self.spare.items() if count > 0}

    def around(self, line_ids: Collection[str], rider_ids: Iterable[str]) -> tuple[Problem, Plan]:
        """Return the problem and plan cut down to some lines, what shares their vehicles, and some riders left out.

        A change of these lines that keeps a rule here keeps it in the whole plan: the fleet
        and the budget are what other blocks leave, and trips that share a vehicle are there with their riders.
        """
        plan, problem = self.plan, self.problem
        own = {t.trip_id for line in plan.lines if line.line_id in line_ids for t in line.trips}
        blocks = tuple(b for b in plan.blocks if not own.isdisjoint(b.trip_ids))
        near = own.union(*(b.trip_ids for b in blocks))
        lines = tuple(
            replace(line, trips=tuple(t for t in line.trips if t.trip_id in near))
            for line in plan.lines
            if any(t.trip_id in near for t in line.trips)
        )
        seats = [seat for t in sorted(near) if t in self.schedules for seat in self.schedules[t].seats]
        left_out = set(rider_ids)
        riders = {seat.rider for seat in seats} | {problem.rider_index(r) for r in left_out}
        rows = sorted(index for index in riders if index is not None)
        fleet = _left_over(problem, (b for b in plan.blocks if own.isdisjoint(b.trip_ids)))
        small = replace(
            problem,
            riders=tuple(problem.riders[index] for index in rows),
            walks=walk_rows(problem.walks, rows),
            fleet=tuple(FleetItem(vehicle_type_id=t, depot_id=d, available=max(0, n)) for (t, d), n in fleet.items()),
        )
        part = Plan(
            lines=lines,
            assignments=tuple(seat.assignment for seat in seats),
            blocks=blocks,
            unserved=tuple(u for u in plan.unserved if u.rider_id in left_out),
        )
        return replace(small, budget=self._budget_left(small, part)), part

    def _budget_left(self, small: Problem, part: Plan) -> Budget:
        """Return what the rest of the plan leaves of the budget to a part of it."""
        budget = self.problem.budget
        vehicles, money = budget.max_vehicles, budget.max_cost_fen
        if vehicles is not None:
            vehicles = max(0, vehicles - len(self.plan.blocks) + len(part.blocks))
        if money is not None:
            elsewhere = self.spent - _spent(small, part, schedule_plan(small, part))
            money = max(0, money - elsewhere - ROUNDING_FEN)
        return Budget(max_vehicles=vehicles, max_cost_fen=money)


def _spent(problem: Problem, plan: Plan, schedule: PlanSchedule) -> int:
    return count_costs(problem, plan, schedule)[0].spent


def _left_over(problem: Problem, blocks: Iterable[Block]) -> dict[Yard, int]:
    """Return how many vehicles some blocks leave in each depot."""
    count: Counter[Yard] = Counter()
    for item in problem.fleet:
        count[item.vehicle_type_id, item.depot_id] += item.available
    count.subtract((block.vehicle_type_id, block.depot_id) for block in blocks)
    return dict(count)


def _without_kept_pins(problem: Problem, plan: Plan) -> Problem:
    pinned = {s.place_id for s in problem.stops if s.status is StopStatus.PINNED}
    if not pinned:
        return problem
    nodes = {problem.node(stop_id) for _, trip in plan.trips() for stop_id in trip.stop_ids} - {None}
    served = pinned & {problem.place_id(node) for node in nodes if node is not None}
    stops = tuple(
        replace(s, status=StopStatus.ALLOWED) if s.status is StopStatus.PINNED and s.place_id in served else s
        for s in problem.stops
    )
    return replace(problem, stops=stops)


def _waiting(problem: Problem, plan: Plan) -> dict[tuple[str, str, int], set[int]]:
    waiting: defaultdict[tuple[str, str, int], set[int]] = defaultdict(set)
    left_out = {problem.rider_index(u.rider_id) for u in plan.unserved}
    for index in left_out:
        if index is not None:
            rider = problem.riders[index]
            stops, metres = problem.walks.row(index)
            for stop in stops[metres <= problem.rules.walk_limit_m(rider.need)].tolist():
                waiting[rider.worksite_id, rider.shift_id, stop].add(index)
    return dict(waiting)
