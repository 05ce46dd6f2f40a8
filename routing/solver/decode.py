"""Turn found lines and their vehicles into a plan that everyone reads."""

from collections import defaultdict
from collections.abc import Sequence

from routing.model.demand import Direction
from routing.model.fleet import VehicleType
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Trip, Unserved
from routing.model.problem import Problem
from routing.solver.fleet import Roster
from routing.solver.lines import FoundLine, Run

Certain = dict[tuple[int, Direction], Reason]
"""Riders who can certainly not be served in a direction, and why."""


def decode(problem: Problem, roster: Roster, types: Sequence[VehicleType], certain: Certain) -> Plan:
    """Return the plan of a roster; everyone whom it does not carry is listed as unserved."""
    kind = {run: types[duty.slot.type_index] for duty in roster.duties for run in duty.runs}
    lines, assignments = [], []
    for x, found in enumerate(roster.lines):
        trips = []
        for y, run in enumerate(found.runs):
            trip = _trip(problem, found, run, _trip_id(x, run), kind[x, y])
            trips.append(trip)
            assignments += [_assignment(problem, run, trip.trip_id, *seat) for seat in run.seats]
        lines.append(Line(line_id=f"L{x + 1:03d}", name=_name(problem, found), trips=tuple(trips)))
    blocks = [
        Block(
            block_id=f"B{x + 1:03d}",
            vehicle_type_id=types[duty.slot.type_index].vehicle_type_id,
            depot_id=duty.slot.depot_id,
            trip_ids=tuple(_trip_id(line, roster.lines[line].runs[y]) for line, y in duty.runs),
        )
        for x, duty in enumerate(roster.duties)
    ]
    unserved = _unserved(problem, assignments, certain)
    return Plan(lines=tuple(lines), assignments=tuple(assignments), blocks=tuple(blocks), unserved=unserved)


def _trip_id(line: int, run: Run) -> str:
    return f"T{line + 1:03d}-{'in' if run.direction is Direction.INBOUND else 'out'}"


def _stop_id(problem: Problem, node: int) -> str:
    if problem.is_worksite(node):
        return problem.worksites[node - len(problem.stops)].worksite_id
    return problem.stops[node].stop_id


def _trip(problem: Problem, found: FoundLine, run: Run, trip_id: str, kind: VehicleType) -> Trip:
    return Trip(
        trip_id=trip_id,
        direction=run.direction,
        shift_ids=found.shift_ids,
        vehicle_type_id=kind.vehicle_type_id,
        stop_ids=tuple(_stop_id(problem, node) for node in run.nodes),
        departure=run.departure,
    )


def _assignment(problem: Problem, run: Run, trip_id: str, rider: int, board: int, alight: int) -> Assignment:
    return Assignment(
        rider_id=problem.riders[rider].rider_id,
        direction=run.direction,
        trip_id=trip_id,
        board_stop_id=_stop_id(problem, board),
        alight_stop_id=_stop_id(problem, alight),
    )


def _name(problem: Problem, found: FoundLine) -> str:
    """Name a line after the ends of its way to work."""
    nodes = found.runs[0].nodes if found.runs[0].direction is Direction.INBOUND else found.runs[0].nodes[::-1]
    home = problem.stops[nodes[0]].name
    site = problem.worksites[nodes[-1] - len(problem.stops)].name
    return f"{home} – {site}"


def _unserved(problem: Problem, assignments: Sequence[Assignment], certain: Certain) -> tuple[Unserved, ...]:
    carried: dict[str, set[Direction]] = defaultdict(set)
    for assignment in assignments:
        carried[assignment.rider_id].add(assignment.direction)
    missing = []
    for index, rider in enumerate(problem.riders):
        shift = problem.shift(rider.shift_id)
        for direction in () if shift is None else shift.directions:
            if direction not in carried[rider.rider_id]:
                reason = certain.get((index, direction), Reason.UNKNOWN)
                missing.append(Unserved(rider_id=rider.rider_id, direction=direction, reason=reason))
    return tuple(missing)
