"""Rules of what the planner froze: lines, trips, stops, vehicle types and riders that may not move."""

from collections.abc import Iterator

from routing.evaluate.changes import Broken, Change, promised
from routing.evaluate.findings import Rule, Violation
from routing.model.plan import Line, Plan, Trip
from routing.model.problem import Problem

Running = dict[str, tuple[Line, Trip]]


def check_pins(problem: Problem, plan: Plan, broken: Broken) -> Iterator[Violation]:
    """Check that everything pinned is as it runs; an id that does not run is the reader's to refuse."""
    changes = problem.changes
    if changes is None or not changes.pins:
        return
    before: Running = {trip.trip_id: (line, trip) for line, trip in changes.running.trips()}
    after: Running = {trip.trip_id: (line, trip) for line, trip in plan.trips()}
    yield from _check_trips(problem, before, after)
    yield from _check_riders(problem, broken)


def _check_trips(problem: Problem, before: Running, after: Running) -> Iterator[Violation]:
    """Check stops, departures and vehicle types of pinned trips and lines."""
    assert problem.changes is not None, "there are pins"
    pins = problem.changes.pins
    for trip_id, (line, trip) in before.items():
        whole = trip_id in pins.trips or line.line_id in pins.lines
        if not whole and line.line_id not in pins.vehicle_types:
            continue
        now = after[trip_id][1] if trip_id in after else None
        if now is None or after[trip_id][0].line_id != line.line_id:
            faults = [f"runs no more on {line.line_id}"] if whole else []
        else:
            faults = ["is driven by another vehicle type"] if now.vehicle_type_id != trip.vehicle_type_id else []
            faults += ["halts at other stops"] if whole and now.stop_ids != trip.stop_ids else []
            faults += ["leaves at another time"] if whole and now.departure != trip.departure else []
        for fault in faults:
            yield Violation(rule=Rule.PIN, subject=trip_id, text=f"the pinned trip {trip_id} {fault}")


def _check_riders(problem: Problem, broken: Broken) -> Iterator[Violation]:
    """Check seats that are pinned: by rider, by stop, by line."""
    assert problem.changes is not None, "there are pins"
    pins = problem.changes.pins
    for promise in promised(problem):
        felt = broken.get((promise.rider, promise.direction), frozenset())
        rider_id = problem.riders[promise.rider].rider_id
        moved = felt if rider_id in pins.riders else frozenset()
        if promise.stop_id in pins.stops or promise.line_id in pins.lines:
            moved |= felt & {Change.OTHER_STOP}
        if promise.line_id in pins.lines:
            moved |= felt & {Change.OTHER_LINE, Change.LINE_CLOSED}
        if moved:
            kinds = ", ".join(sorted(kind.value.replace("_", " ") for kind in moved))
            text = f"{rider_id} is pinned and has {kinds} {promise.direction}"
            yield Violation(rule=Rule.PIN, subject=rider_id, text=text)
