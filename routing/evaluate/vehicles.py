"""Rules of vehicles: every trip has one, none is in two places at once, no more than there are."""

import itertools
from collections import Counter
from collections.abc import Iterator

from routing.evaluate.findings import Rule, Violation
from routing.model.demand import DAYS_PER_WEEK
from routing.model.plan import Block, Plan
from routing.model.problem import Problem
from routing.model.units import DAY_S
from routing.schedule import PlanSchedule, TripSchedule


def check_references(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Check that every block names a vehicle type and a depot that exist."""
    for block in plan.blocks:
        faults = []
        if problem.vehicle_type(block.vehicle_type_id) is None:
            faults.append(f"the unknown vehicle type {block.vehicle_type_id}")
        if problem.depot_node(block.depot_id) is None:
            faults.append(f"the unknown depot {block.depot_id}")
        for fault in faults:
            yield Violation(rule=Rule.REFERENCE, subject=block.block_id, text=f"block {block.block_id} names {fault}")


def check_cover(plan: Plan) -> Iterator[Violation]:
    """Check that every trip is in exactly one block, of its own vehicle type."""
    types = {trip.trip_id: trip.vehicle_type_id for _, trip in plan.trips()}
    driven = Counter(trip_id for block in plan.blocks for trip_id in block.trip_ids)
    for trip_id in types:
        if driven[trip_id] != 1:
            text = f"{trip_id} is driven by {driven[trip_id]} blocks"
            yield Violation(rule=Rule.BLOCK_COVER, subject=trip_id, value=driven[trip_id], limit=1, text=text)
    for block in plan.blocks:
        for trip_id in block.trip_ids:
            if trip_id not in types:
                text = f"block {block.block_id} drives the unknown trip {trip_id}"
                yield Violation(rule=Rule.REFERENCE, subject=block.block_id, text=text)
            elif types[trip_id] != block.vehicle_type_id:
                text = f"block {block.block_id} ({block.vehicle_type_id}) drives {trip_id} ({types[trip_id]})"
                yield Violation(rule=Rule.BLOCK_COVER, subject=block.block_id, text=text)


def check_overlap(problem: Problem, plan: Plan, schedule: PlanSchedule) -> Iterator[Violation]:
    """Check that each vehicle reaches its next trip in time, turnaround included.

    The last trip of a day must end in time for the first one of the next day that follows it.
    """
    by_id = {trip.trip.trip_id: trip for trip in schedule.trips}
    for block in plan.blocks:
        trips = [by_id[trip_id] for trip_id in block.trip_ids if trip_id in by_id]
        turns = [(before, after, after.arrive[0]) for before, after in itertools.pairwise(trips)]
        if trips:
            turns.append((trips[-1], trips[0], trips[0].arrive[0] + _days_between(trips[-1], trips[0]) * DAY_S))
        for before, after, start in turns:
            ready = before.depart[-1] + deadhead_s(problem, before, after) + problem.rules.turnaround_s
            if ready > start:
                day = "" if start == after.arrive[0] else " of the next day"
                text = f"block {block.block_id} is ready for {after.trip.trip_id}{day} {ready - start} s late"
                yield Violation(rule=Rule.BLOCK_OVERLAP, subject=block.block_id, value=ready, limit=start, text=text)


def check_fleet(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Check that no depot sends out more vehicles of a type than stand there."""
    available: Counter[tuple[str, str]] = Counter()
    for item in problem.fleet:
        available[item.vehicle_type_id, item.depot_id] += item.available
    for key, used in Counter(map(_yard, plan.blocks)).items():
        known = problem.vehicle_type(key[0]) is not None and problem.depot_node(key[1]) is not None
        if known and used > available[key]:
            text = f"{used} vehicles of type {key[0]} leave depot {key[1]}, {available[key]} stand there"
            yield Violation(rule=Rule.FLEET, subject=key[0], value=used, limit=available[key], text=text)


def _days_between(last: TripSchedule, first: TripSchedule) -> int:
    """Return the fewest days from one on which the last trip runs to a later one on which the first does."""
    gaps = ((after - day - 1) % DAYS_PER_WEEK + 1 for day in last.days for after in first.days)
    return min(gaps, default=1)


def deadhead_s(problem: Problem, before: TripSchedule, after: TripSchedule) -> int:
    """Return the empty drive [s] between two trips, in the period of the later one."""
    return int(problem.travel[after.period].duration[before.nodes[-1], after.nodes[0]])


def _yard(block: Block) -> tuple[str, str]:
    return block.vehicle_type_id, block.depot_id
