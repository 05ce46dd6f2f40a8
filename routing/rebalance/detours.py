"""Trips that take longer than they did: they leave earlier, so that people are at work when they were before."""

from dataclasses import replace

from routing.model.demand import Direction
from routing.model.plan import Plan, Trip
from routing.model.problem import Problem
from routing.schedule import TripSchedule, schedule_plan


def keep_arrivals(before: Problem, after: Problem, plan: Plan) -> Plan:
    """Return a plan whose trips to work leave earlier by what they would be late at a worksite.

    Trips home leave as before, and arrive later.

    Parameters
    ----------
    before, after : Problem
        With the same stops and riders; drives may take longer in the second.
    """
    was = {trip.trip.trip_id: trip for trip in schedule_plan(before, plan).trips}
    now = {trip.trip.trip_id: trip for trip in schedule_plan(after, plan).trips}

    def earlier(trip: Trip) -> Trip:
        if trip.direction is not Direction.INBOUND or trip.trip_id not in was or trip.trip_id not in now:
            return trip
        late = _lateness(was[trip.trip_id], now[trip.trip_id])
        return replace(trip, departure=trip.departure - late) if late > 0 else trip

    lines = tuple(replace(line, trips=tuple(map(earlier, line.trips))) for line in plan.lines)
    return plan if lines == plan.lines else replace(plan, lines=lines)


def _lateness(was: TripSchedule, now: TripSchedule) -> int:
    """Return by how much [s] people reach a worksite later, at most."""
    return max((now.arrive[seat.alight] - was.arrive[seat.alight] for seat in now.seats), default=0)
