"""Read the lines of a plan that exists already, so that a search can begin with them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

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
            lines[x] += _read_line(problem, part, line, seats, kinds, vehicle)
    return lines


def _read_line(
    problem: Problem,
    part: Part,
    line: Line,
    seats: dict[str, list[Assignment]],
    kinds: list[str],
    vehicle: dict[str, int],
) -> Iterator[FoundLine]:
    """Yield what the trips of a line are in a part: the first of each direction together, then the second."""
    ways = [[trip for trip in line.trips if trip.direction is d] for d in part.directions]
    for trips in zip(*ways, strict=False):
        runs = [_read_run(problem, trip, seats[trip.trip_id], part, x) for x, trip in enumerate(trips)]
        found = [run for run in runs if run.seats]
        if len(found) == len(part.directions):
            kind = trips[0].vehicle_type_id
            yield FoundLine(
                runs=tuple(found),
                shift_ids=tuple(s.shift_id for s in part.shifts),
                riders=tuple(r for r, _, _ in found[0].seats),
                type_index=kinds.index(kind) if kind in kinds else 0,
                peak=0,
                vehicle=vehicle.get(trips[0].trip_id, -1) if part.chained else -1,
            )


def _read_run(problem: Problem, trip: Trip, seats: list[Assignment], part: Part, lane: int) -> Run:
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
        nodes=tuple(node for node in map(problem.node, trip.stop_ids) if node is not None),
        begin=trip.departure,
        end=trip.departure,
        departure=trip.departure,
        earlier=0,
        later=0,
        seats=tuple(taken),
    )
