"""Give the trips of a plan that stands their vehicles anew, after some of its lines have changed."""

from dataclasses import replace

from routing.model.plan import Block, Plan
from routing.model.problem import Problem
from routing.schedule import TripSchedule, schedule_plan
from routing.solver.fleet import available_types, roster
from routing.solver.lines import FoundLine, Run


def recrew(problem: Problem, plan: Plan) -> Plan | None:
    """Return the plan with blocks and vehicle types chosen for all of its trips; None where vehicles run short.

    Stops, riders and clock times stay as they are.
    """
    types = available_types(problem)
    index = {kind.vehicle_type_id: x for x, kind in enumerate(types)}
    schedules = schedule_plan(problem, plan).trips
    if len(schedules) < sum(1 for _ in plan.trips()) or (schedules and not types):
        return None
    lines = [found_trip(trip, index.get(trip.trip.vehicle_type_id, 0)) for trip in schedules]
    crew = roster(problem, lines, types)
    if crew.closed:
        return None
    kinds: dict[str, str] = {}
    blocks = []
    for x, duty in enumerate(crew.duties):
        kind = types[duty.slot.type_index].vehicle_type_id
        trip_ids = tuple(schedules[line].trip.trip_id for line, _ in duty.runs)
        kinds |= dict.fromkeys(trip_ids, kind)
        blocks.append(
            Block(block_id=f"B{x + 1:03d}", vehicle_type_id=kind, depot_id=duty.slot.depot_id, trip_ids=trip_ids)
        )
    if any(trip.trip_id not in kinds for _, trip in plan.trips()):
        return None
    driven = tuple(
        replace(line, trips=tuple(replace(trip, vehicle_type_id=kinds[trip.trip_id]) for trip in line.trips))
        for line in plan.lines
    )
    return replace(plan, lines=driven, blocks=tuple(blocks))


def found_trip(schedule: TripSchedule, type_index: int) -> FoundLine:
    """Return one trip of a plan that stands as the roster reads it."""
    run = Run(
        direction=schedule.trip.direction,
        period=schedule.period,
        nodes=schedule.nodes,
        begin=schedule.arrive[0],
        end=schedule.depart[-1],
        departure=schedule.trip.departure,
        earlier=0,
        later=0,
        seats=tuple((s.rider, schedule.nodes[s.board], schedule.nodes[s.alight]) for s in schedule.seats),
    )
    return FoundLine(
        runs=(run,),
        shift_ids=schedule.trip.shift_ids,
        riders=tuple(s.rider for s in schedule.seats),
        type_index=type_index,
        peak=schedule.peak_load,
    )
