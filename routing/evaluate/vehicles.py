"""Rules of vehicles: every trip has one, none is in two places at once, no more than there are."""

import itertools
from collections import Counter
from collections.abc import Iterator

from routing.evaluate.findings import Rule, Violation
from routing.model.plan import Block, Plan
from routing.model.problem import Problem
from routing.schedule import PlanSchedule, TripSchedule


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
    """Check that each vehicle reaches its next trip in time, turnaround included."""
    by_id = {trip.trip.trip_id: trip for trip in schedule.trips}
    for block in plan.blocks:
        trips = [by_id[trip_id] for trip_id in block.trip_ids if trip_id in by_id]
        for before, after in itertools.pairwise(trips):
            ready = before.depart[-1] + deadhead_s(problem, before, after) + problem.rules.turnaround_s
            if after.arrive[0] < ready:
                text = f"block {block.block_id} is ready for {after.trip.trip_id} {ready - after.arrive[0]} s late"
                yield Violation(
                    rule=Rule.BLOCK_OVERLAP, subject=block.block_id, value=ready, limit=after.arrive[0], text=text
                )


def check_fleet(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Check that no depot sends out more vehicles of a type than stand there."""
    available: Counter[tuple[str, str]] = Counter()
    for item in problem.fleet:
        available[item.vehicle_type_id, item.depot_id] += item.available
    for key, used in Counter(map(_yard, plan.blocks)).items():
        if used > available[key]:
            text = f"{used} vehicles of type {key[0]} leave depot {key[1]}, {available[key]} stand there"
            yield Violation(rule=Rule.FLEET, subject=key[0], value=used, limit=available[key], text=text)


def deadhead_s(problem: Problem, before: TripSchedule, after: TripSchedule) -> int:
    """Return the empty drive [s] between two trips, in the period of the later one."""
    return int(problem.travel[after.period].duration[before.nodes[-1], after.nodes[0]])


def _yard(block: Block) -> tuple[str, str]:
    return block.vehicle_type_id, block.depot_id
