"""A plan's timetable as rows: when each trip calls where, how sure that is, and who is aboard."""

from collections.abc import Iterator
from dataclasses import dataclass

from routing.model.demand import Direction
from routing.model.problem import Problem
from routing.schedule import PlanSchedule, TripSchedule

P95_Z = 1.6449
"""95 % of normal deviations lie below this many standard deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One trip at one stop.

    Attributes
    ----------
    sequence : int
        Position within the trip, from 1.
    arrive, depart : int
        Planned clock times [s] since midnight.
    arrive_p95 : int
        Clock time [s] before which the trip arrives on 95 % of days.
    board, alight, load : int
        People on the busiest weekday; load is what leaves the stop.
    """

    line_id: str
    trip_id: str
    direction: Direction
    stop_id: str
    stop_name: str
    sequence: int
    arrive: int
    depart: int
    arrive_p95: int
    board: int
    alight: int
    load: int


def timetable(problem: Problem, schedule: PlanSchedule) -> tuple[Call, ...]:
    """Return every call of every trip, trip by trip in the order of the plan."""
    return tuple(call for trip in schedule.trips for call in trip_calls(problem, trip))


def trip_calls(problem: Problem, trip: TripSchedule) -> Iterator[Call]:
    """Yield the calls of one trip."""
    for i, node in enumerate(trip.nodes):
        late_s = P95_Z * problem.rules.run_time_sd_s(trip.drive[i])
        yield Call(
            line_id=trip.line.line_id,
            trip_id=trip.trip.trip_id,
            direction=trip.trip.direction,
            stop_id=trip.trip.stop_ids[i],
            stop_name=stop_name(problem, node),
            sequence=i + 1,
            arrive=trip.arrive[i],
            depart=trip.depart[i],
            arrive_p95=trip.arrive[i] + round(late_s),
            board=int(trip.boarding[:, i].max()),
            alight=int(trip.alighting[:, i].max()),
            load=int(trip.load[:, i].max()),
        )


def stop_name(problem: Problem, node: int) -> str:
    """Return the name by which riders know a stop or worksite node."""
    if node < len(problem.stops):
        return problem.stops[node].name
    return problem.worksites[node - len(problem.stops)].name
