"""Turn found lines and their vehicles into a plan that everyone reads."""

from collections import defaultdict
from collections.abc import Sequence

from routing.model.demand import Direction
from routing.model.fleet import VehicleType
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Trip, Unserved
from routing.model.problem import Problem
from routing.solver.fleet import Roster
from routing.solver.lines import FoundLine, Run
from routing.solver.naming import Published, fresh_ids

Certain = dict[tuple[int, Direction], Reason]
"""Riders who can certainly not be served in a direction, and why."""


def decode(
    problem: Problem,
    roster: Roster,
    types: Sequence[VehicleType],
    certain: Certain,
    names: Sequence[Published | None] = (),
    incumbent: Plan | None = None,
) -> Plan:
    """Return the plan of a roster; everyone whom it does not carry is listed as unserved.

    Parameters
    ----------
    names : sequence of Published or None
        For each line the one that it goes on from; by default all lines are new.
    incumbent : Plan or None
        A plan whose ids new lines do not take, beside those of the running one.
    """
    kind = {run: types[duty.slot.type_index] for duty in roster.duties for run in duty.runs}
    ran = Plan() if problem.changes is None else problem.changes.running
    labels = _labels(problem, roster.lines, names or [None] * len(roster.lines), (ran, incumbent or Plan()))
    lines: dict[str, Line] = {}
    assignments = []
    for x, found in enumerate(roster.lines):
        label = labels[x]
        trips = []
        for y, run in enumerate(found.runs):
            trip = _trip(problem, found, run, label.trip_ids[run.direction], kind[x, y])
            trips.append(trip)
            assignments += [_assignment(problem, run, trip.trip_id, *seat) for seat in run.seats]
        # Directions that are planned apart, and several trips a day, may belong to one line.
        before = lines[label.line_id].trips if label.line_id in lines else ()
        lines[label.line_id] = Line(line_id=label.line_id, name=label.name, trips=(*before, *trips))
    blocks = [
        Block(
            block_id=f"B{x + 1:03d}",
            vehicle_type_id=types[duty.slot.type_index].vehicle_type_id,
            depot_id=duty.slot.depot_id,
            trip_ids=tuple(labels[line].trip_ids[roster.lines[line].runs[y].direction] for line, y in duty.runs),
        )
        for x, duty in enumerate(roster.duties)
    ]
    unserved = _unserved(problem, assignments, certain)
    return Plan(lines=tuple(lines.values()), assignments=tuple(assignments), blocks=tuple(blocks), unserved=unserved)


def _labels(
    problem: Problem, lines: Sequence[FoundLine], names: Sequence[Published | None], before: Sequence[Plan]
) -> list[Published]:
    """Return id, name and trip ids of every line: those it had, or new ones that no plan before had."""
    taken = {line.line_id for plan in before for line in plan.lines}
    trips_taken = {trip.trip_id for plan in before for _, trip in plan.trips()}
    fresh = iter(fresh_ids("L", taken, len(lines)))
    labels = []
    for found, name in zip(lines, names, strict=True):
        line_id = next(fresh) if name is None else name.line_id
        trip_ids = {} if name is None else dict(name.trip_ids)
        for run in found.runs:
            if run.direction not in trip_ids:
                way = "in" if run.direction is Direction.INBOUND else "out"
                number = line_id.removeprefix("L")
                trip_ids[run.direction] = _unused(f"T{number}-{way}", trips_taken)
        trips_taken |= set(trip_ids.values())
        labels.append(
            Published(line_id=line_id, name=_name(problem, found) if name is None else name.name, trip_ids=trip_ids)
        )
    return labels


def _unused(name: str, taken: set[str]) -> str:
    """Return a name that is not taken: itself, or with a number behind it."""
    if name not in taken:
        return name
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


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
