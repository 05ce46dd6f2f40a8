"""Vehicles drive the same day after day: what one could not begin anew in time is split, or closed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from routing.evaluate.vehicles import check_overlap
from routing.model.plan import Block, Plan, Reason
from routing.model.problem import Problem
from routing.model.units import DAY_S
from routing.schedule import schedule_plan
from routing.solver.closing import close_lines
from routing.solver.lines import FoundLine


def may_overlap(problem: Problem, lines: Sequence[FoundLine]) -> bool:
    """Tell whether the runs span so much of a day that a vehicle might not be back for its next one."""
    runs = [run for line in lines for run in line.runs]
    if not runs:
        return False
    span = max(run.end for run in runs) - min(run.begin for run in runs)
    empty = max(int(matrix.duration.max(initial=0)) for matrix in problem.travel)
    return span + empty + problem.rules.turnaround_s > DAY_S


def repeat_daily(problem: Problem, plan: Plan) -> Plan:
    """Return a plan whose vehicles can all repeat their day.

    The last trip of a vehicle that would be late gets an idle one of the same yard; where there is none, or
    where that trip alone takes too long, its line is closed.
    """
    while True:
        late = {v.subject for v in check_overlap(problem, plan, schedule_plan(problem, plan))}
        block = next((b for b in plan.blocks if b.block_id in late), None)
        if block is None:
            return plan
        plan = _split(plan, block) if _can_split(problem, plan, block) else _closed(plan, block.trip_ids[-1])


def _can_split(problem: Problem, plan: Plan, block: Block) -> bool:
    yard = block.vehicle_type_id, block.depot_id
    there = sum(item.available for item in problem.fleet if (item.vehicle_type_id, item.depot_id) == yard)
    used = Counter((b.vehicle_type_id, b.depot_id) for b in plan.blocks)[yard]
    limit = problem.budget.max_vehicles
    return len(block.trip_ids) > 1 and used < there and (limit is None or len(plan.blocks) < limit)


def _split(plan: Plan, block: Block) -> Plan:
    """Give a block's last trip a vehicle of its own."""
    names = {b.block_id for b in plan.blocks}
    name = next(f"{block.block_id}-{n}" for n in range(2, len(names) + 3) if f"{block.block_id}-{n}" not in names)
    first = replace(block, trip_ids=block.trip_ids[:-1])
    last = replace(block, block_id=name, trip_ids=block.trip_ids[-1:])
    blocks = (first if b is block else b for b in plan.blocks)
    return replace(plan, blocks=(*blocks, last))


def _closed(plan: Plan, trip_id: str) -> Plan:
    """Close the line of a trip; its riders are left out."""
    return close_lines(plan, {line.line_id for line, trip in plan.trips() if trip.trip_id == trip_id}, Reason.UNKNOWN)
