"""Lines that the planner pinned: they stay out of the search, and come back as they run."""

from dataclasses import replace

from routing.evaluate.changes import promised
from routing.model.demand import Direction
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.schedule import schedule_plan
from routing.solver.lines import FoundLine
from routing.solver.recrew import found_trip


def pinned_line_ids(problem: Problem) -> frozenset[str]:
    """Return the running lines that are pinned, or of which a trip is: its other trips carry the same riders."""
    changes = problem.changes
    if changes is None:
        return frozenset()
    return frozenset(
        line.line_id
        for line, trip in changes.running.trips()
        if line.line_id in changes.pins.lines or trip.trip_id in changes.pins.trips
    )


def pinned_plan(problem: Problem) -> Plan:
    """Return the pinned lines with those of their riders who stay, without vehicles."""
    if problem.changes is None:
        return Plan()
    held, running = pinned_line_ids(problem), problem.changes.running
    stay = {(problem.riders[p.rider].rider_id, p.direction) for p in promised(problem)}
    trips = {trip.trip_id for line, trip in running.trips() if line.line_id in held}
    return Plan(
        lines=tuple(line for line in running.lines if line.line_id in held),
        assignments=tuple(
            seat for seat in running.assignments if seat.trip_id in trips and (seat.rider_id, seat.direction) in stay
        ),
    )


def pinned_lines(problem: Problem, type_ids: list[str]) -> list[FoundLine]:
    """Return the pinned lines as the roster reads them, a trip each, driven by the types that drive them now."""
    found = []
    for schedule in schedule_plan(problem, pinned_plan(problem)).trips:
        kind = schedule.trip.vehicle_type_id
        line = found_trip(schedule, type_ids.index(kind) if kind in type_ids else 0)
        found.append(
            replace(line, keeps_type=True, pinned=(schedule.line.line_id, schedule.line.name, schedule.trip.trip_id))
        )
    return found


def pinned_seats(problem: Problem) -> set[tuple[int, Direction]]:
    """Return riders and directions that the pinned lines carry."""
    seats = ((problem.rider_index(seat.rider_id), seat.direction) for seat in pinned_plan(problem).assignments)
    return {(index, direction) for index, direction in seats if index is not None}
