"""Read the lines of a plan that exists already, so that a search can begin with them."""

from collections import defaultdict
from collections.abc import Sequence

from routing.model.demand import Direction
from routing.model.fleet import VehicleType
from routing.model.plan import Assignment, Line, Plan, Trip
from routing.model.problem import Problem
from routing.solver.lines import FoundLine, Run
from routing.solver.parts import Part


def read_plan(
    problem: Problem, parts: Sequence[Part], plan: Plan | None, types: Sequence[VehicleType]
) -> list[list[FoundLine]]:
    """Return per part the lines of a plan that carry its riders; none where there is no plan.

    Stops, riders and whole lines that the problem no longer knows are left out. Clock times are read only
    for the order of a vehicle's trips: the search sets them anew.
    """
    lines: list[list[FoundLine]] = [[] for _ in parts]
    if plan is None:
        return lines
    seats: dict[str, list[Assignment]] = defaultdict(list)
    for assignment in plan.assignments:
        seats[assignment.trip_id].append(assignment)
    kinds = [t.vehicle_type_id for t in types]
    vehicle = {trip_id: x for x, block in enumerate(plan.blocks) for trip_id in block.trip_ids}
    for line in plan.lines:
        for x, part in enumerate(parts):
            found = _read_line(problem, part, line, seats, kinds, vehicle)
            if found is not None:
                lines[x].append(found)
    return lines


def _read_line(
    problem: Problem,
    part: Part,
    line: Line,
    seats: dict[str, list[Assignment]],
    kinds: list[str],
    vehicle: dict[str, int],
) -> FoundLine | None:
    trips = {trip.direction: trip for trip in line.trips}
    if any(d not in trips for d in part.directions):
        return None
    runs = [_read_run(problem, trips[d], seats[trips[d].trip_id], part, x) for x, d in enumerate(part.directions)]
    found = [run for run in runs if run is not None and run.seats]
    if len(found) < len(part.directions):
        return None
    kind = trips[part.directions[0]].vehicle_type_id
    return FoundLine(
        runs=tuple(found),
        shift_ids=tuple(s.shift_id for s in part.shifts),
        riders=tuple(r for r, _, _ in found[0].seats),
        type_index=kinds.index(kind) if kind in kinds else 0,
        peak=0,
        vehicle=vehicle.get(trips[part.directions[0]].trip_id, -1) if part.chained else -1,
    )


def _read_run(problem: Problem, trip: Trip, seats: list[Assignment], part: Part, lane: int) -> Run | None:
    nodes = [problem.node(stop_id) for stop_id in trip.stop_ids]
    if any(node is None for node in nodes):
        return None
    members = set(part.riders)
    taken = []
    for seat in seats:
        rider = problem.rider_index(seat.rider_id)
        board, alight = problem.node(seat.board_stop_id), problem.node(seat.alight_stop_id)
        if rider is not None and rider in members and board is not None and alight is not None:
            taken.append((rider, board, alight))
    return Run(
        direction=Direction(trip.direction),
        period=part.periods[lane],
        nodes=tuple(node for node in nodes if node is not None),
        begin=trip.departure,
        end=trip.departure,
        departure=trip.departure,
        earlier=0,
        later=0,
        seats=tuple(taken),
    )
