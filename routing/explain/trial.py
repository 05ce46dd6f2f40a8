"""A rider put aboard an existing line on trial: the judge's rules tell what would have to give."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from routing.evaluate import Rule, Violation, judge_trip
from routing.explain.options import Halt, Option
from routing.explain.remedy import beyond
from routing.explain.vicinity import PlanIndex
from routing.model.demand import Direction
from routing.model.plan import Assignment, Line, Trip
from routing.model.problem import Problem
from routing.schedule import Seat, TripSchedule, schedule_trip

KINDS = {
    Rule.WALK: "walk",
    Rule.SEATS: "seats",
    Rule.STOPS_PER_TRIP: "stops",
    Rule.RIDE: "ride",
    Rule.DETOUR: "detour",
    Rule.TRIP_TIME: "trip",
}
"""Which relaxation answers which rule."""
CLOCK_RULES = {Rule.ARRIVAL_WINDOW, Rule.DEPARTURE_WINDOW, Rule.ON_TIME}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A line with the rider aboard, and what the judge says of its trips that it did not say before.

    Attributes
    ----------
    kind : str or None
        ``price`` where no rule is broken, the one relaxation that would do, or None where none would.
    amount : int
        By how much a promise must give [m, s, seats, stops].
    """

    option: Option
    trips: tuple[TripSchedule, ...]
    seats: tuple[Assignment, ...]
    kind: str | None
    amount: int = 0


def try_option(index: PlanIndex, problem: Problem, rider: int, option: Option) -> Trial:
    """Seat a rider on a line and ask the judge about its trips.

    Parameters
    ----------
    problem : Problem
        The index's own, or one in which the rider works another shift.
    """
    trips, seats, fresh = [], [], []
    kinds: set[str | None] = set()
    for halt in option.halts:
        schedule, seat, violations = _try_halt(index, problem, rider, option.line, halt)
        trips.append(schedule)
        seats.append(seat)
        fresh += violations
        kinds |= {KINDS.get(v.rule) for v in violations}
        if None in kinds or len(kinds) > 1:
            break  # no single promise would do: no need to ask about the other trip
    kind = "price" if not fresh else kinds.pop() if len(kinds) == 1 else None
    if kind not in (None, "price") and any(v.value is None or v.limit is None for v in fresh):
        kind = None
    amount = max((int(v.value - v.limit) for v in fresh if v.value is not None and v.limit is not None), default=0)
    return Trial(option=option, trips=tuple(trips), seats=tuple(seats), kind=kind, amount=amount)


def _try_halt(
    index: PlanIndex, problem: Problem, rider: int, line: Line, halt: Halt
) -> tuple[TripSchedule, Assignment, list[Violation]]:
    old = halt.trip
    given = problem.riders[rider]
    stop_id, at = problem.stops[halt.node].stop_id, halt.position
    stop_ids = old.trip.stop_ids
    shift_ids = old.trip.shift_ids
    trip = replace(
        old.trip,
        stop_ids=(*stop_ids[:at], stop_id, *stop_ids[at:]) if halt.new else stop_ids,
        shift_ids=shift_ids if given.shift_id in shift_ids else (*shift_ids, given.shift_id),
    )
    inbound = trip.direction is Direction.INBOUND
    site = trip.stop_ids.index(given.worksite_id)
    seat = Seat(
        assignment=Assignment(
            rider_id=given.rider_id,
            direction=trip.direction,
            trip_id=trip.trip_id,
            board_stop_id=stop_id if inbound else given.worksite_id,
            alight_stop_id=given.worksite_id if inbound else stop_id,
        ),
        rider=rider,
        board=at if inbound else site,
        alight=site if inbound else at,
    )
    seats = (*_moved(old.seats, at), seat) if halt.new else (*old.seats, seat)
    before = index.faults[trip.trip_id]
    for schedule in _timings(problem, line, trip, seats, old):
        fresh = beyond(before, judge_trip(problem, schedule))
        if CLOCK_RULES.isdisjoint(v.rule for v in fresh):
            break
    return schedule, seat.assignment, fresh


def _moved(seats: tuple[Seat, ...], at: int) -> tuple[Seat, ...]:
    """Return seats on a trip that has one more stop at a position."""
    return tuple(
        Seat(
            assignment=s.assignment, rider=s.rider, board=s.board + (s.board >= at), alight=s.alight + (s.alight >= at)
        )
        for s in seats
    )


def _timings(
    problem: Problem, line: Line, trip: Trip, seats: tuple[Seat, ...], old: TripSchedule
) -> Iterator[TripSchedule]:
    """Yield a trip that keeps the old clock at its first worksite, then one amid all that its windows leave."""
    schedule = schedule_trip(problem, line, trip, seats)
    kept = _clock_at_site(problem, old) - _clock_at_site(problem, schedule)
    if kept:
        schedule = schedule_trip(problem, line, replace(trip, departure=trip.departure + kept), seats)
    yield schedule
    earliest, latest = _leeway(problem, schedule)
    if earliest <= latest and earliest + latest:
        departure = schedule.trip.departure + (earliest + latest) // 2
        yield schedule_trip(problem, line, replace(trip, departure=departure), seats)


def _clock_at_site(problem: Problem, schedule: TripSchedule) -> int:
    position = next(i for i, node in enumerate(schedule.nodes) if problem.is_worksite(node))
    inbound = schedule.trip.direction is Direction.INBOUND
    return schedule.arrive[position] if inbound else schedule.depart[position]


def _leeway(problem: Problem, schedule: TripSchedule) -> tuple[int, int]:
    """Return by how much [s] a trip could leave earlier (−) or later (+) within the windows of those aboard."""
    inbound = schedule.trip.direction is Direction.INBOUND
    clocks = schedule.arrive if inbound else schedule.depart
    earliest, latest = -(10**9), 10**9
    for seat in schedule.seats:
        shift = problem.shift(problem.riders[seat.rider].shift_id)
        bounds = None if shift is None else problem.rules.window(shift, schedule.trip.direction)
        if bounds is not None:
            clock = clocks[seat.alight if inbound else seat.board]
            earliest, latest = max(earliest, bounds[0] - clock), min(latest, bounds[1] - clock)
    return earliest, latest
