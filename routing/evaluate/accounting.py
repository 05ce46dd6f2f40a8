"""Rules of the plan as a whole: ids resolve, none comes twice, every rider is served or explained."""

from collections import Counter
from collections.abc import Iterable, Iterator

from routing.evaluate.findings import Rule, Violation
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.schedule import PlanSchedule


def check_references(plan: PlanSchedule) -> Iterator[Violation]:
    """Report every reference that leads nowhere."""
    for dangling in plan.dangling:
        text = f"{dangling.subject} {dangling.text}"
        yield Violation(rule=Rule.REFERENCE, subject=dangling.subject, text=text)


def check_duplicates(plan: Plan) -> Iterator[Violation]:
    """Check that line, trip and block ids are unique, and that no rider has two seats in one direction."""
    yield from _twice("line id", (line.line_id for line in plan.lines))
    yield from _twice("trip id", (trip.trip_id for _, trip in plan.trips()))
    yield from _twice("block id", (block.block_id for block in plan.blocks))
    seats = [(a.rider_id, a.direction) for a in plan.assignments] + [(u.rider_id, u.direction) for u in plan.unserved]
    for (rider_id, direction), times in Counter(seats).items():
        if times > 1:
            text = f"{rider_id} is listed {times} times {direction}, as assigned or unserved"
            yield Violation(rule=Rule.DUPLICATE, subject=rider_id, value=times, limit=1, text=text)


def check_everyone_accounted(problem: Problem, plan: Plan, schedule: PlanSchedule) -> Iterator[Violation]:
    """Check that every rider is served or explained in every direction asked for."""
    seated = {(seat.assignment.rider_id, trip.trip.direction) for trip in schedule.trips for seat in trip.seats}
    accounted = seated | {(u.rider_id, u.direction) for u in plan.unserved}
    for rider in problem.riders:
        shift = problem.shift(rider.shift_id)
        for direction in () if shift is None else shift.directions:
            if (rider.rider_id, direction) not in accounted:
                text = f"{rider.rider_id} is neither served nor explained {direction}"
                yield Violation(rule=Rule.SERVED_OR_EXPLAINED, subject=rider.rider_id, text=text)
    for unserved in plan.unserved:
        if problem.rider_index(unserved.rider_id) is None:
            text = f"{unserved.rider_id} is listed as unserved but is an unknown rider"
            yield Violation(rule=Rule.REFERENCE, subject=unserved.rider_id, text=text)


def _twice(what: str, ids: Iterable[str]) -> Iterator[Violation]:
    for name, times in Counter(ids).items():
        if times > 1:
            text = f"the {what} {name} is used {times} times"
            yield Violation(rule=Rule.DUPLICATE, subject=name, value=times, limit=1, text=text)
