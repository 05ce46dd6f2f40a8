"""Clock times and loads of every trip, derived from a plan's decisions."""

import itertools
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from routing.model.demand import DAYS_PER_WEEK, Direction
from routing.model.plan import Assignment, Line, Plan, Trip
from routing.model.problem import Problem

People = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An assignment with its ids resolved.

    Attributes
    ----------
    rider : int
        Index of the rider in the problem.
    board, alight : int
        Positions in the trip's stop sequence.
    """

    assignment: Assignment
    rider: int
    board: int
    alight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TripSchedule:
    """One trip with its clock times and loads.

    Attributes
    ----------
    nodes : tuple of int
        Nodes of the problem in the order of the visit.
    arrive, depart : tuple of int
        [s] since midnight at each position.
    drive : tuple of int
        Driving time [s], dwell excluded, from the first position to each position.
    boarding, alighting, load : ndarray of int64, shape (7, positions)
        People per weekday; load is what leaves the stop.
    period : int
        Index of the travel period in which the trip drives.
    """

    line: Line
    trip: Trip
    nodes: tuple[int, ...]
    seats: tuple[Seat, ...]
    arrive: tuple[int, ...]
    depart: tuple[int, ...]
    drive: tuple[int, ...]
    boarding: People = field(compare=False)
    alighting: People = field(compare=False)
    load: People = field(compare=False)
    period: int
    distance_m: int

    def ride_s(self, seat: Seat) -> int:
        """Return the time aboard [s] of a seat: from leaving the boarding stop to reaching the alighting stop."""
        return self.arrive[seat.alight] - self.depart[seat.board]

    @property
    def duration_s(self) -> int:
        """Time [s] from reaching the first stop to reaching the last; outbound, its mirror: from leaving to leaving."""
        clocks = self.arrive if self.trip.direction is Direction.INBOUND else self.depart
        return clocks[-1] - clocks[0]

    @property
    def days(self) -> tuple[int, ...]:
        """Weekdays on which anybody rides, Monday 0."""
        return tuple(np.flatnonzero(self.boarding.sum(axis=1)).tolist())

    @property
    def peak_load(self) -> int:
        """Most people aboard on any segment of any weekday."""
        return int(self.load.max(initial=0))

    @property
    def riders(self) -> int:
        """People carried on the busiest weekday."""
        return int(self.boarding.sum(axis=1).max(initial=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dangling:
    """A reference of the plan that leads nowhere, and is left out of the schedule.

    Attributes
    ----------
    subject : str
        The trip or rider whose reference it is.
    text : str
        What is missing, as a sentence.
    """

    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSchedule:
    """All trips of a plan that could be resolved, and every reference that could not."""

    trips: tuple[TripSchedule, ...]
    dangling: tuple[Dangling, ...]


def schedule_plan(problem: Problem, plan: Plan) -> PlanSchedule:
    """Derive clock times and loads of every trip.

    A trip that visits an unknown stop, and an assignment to an unknown rider, trip or stop, are
    left out and reported as dangling; nothing is raised, so that a foreign plan can be judged.
    """
    dangling: list[Dangling] = []
    by_trip: dict[str, list[Assignment]] = defaultdict(list)
    for assignment in plan.assignments:
        by_trip[assignment.trip_id].append(assignment)
    schedules = []
    for line, trip in plan.trips():
        faults = _trip_faults(problem, trip)
        dangling += faults
        if not faults:
            seats, unresolved = _resolve_seats(problem, trip, by_trip[trip.trip_id])
            dangling += unresolved
            schedules.append(schedule_trip(problem, line, trip, seats))
    known = {trip.trip_id for _, trip in plan.trips()}
    dangling += [
        Dangling(subject=a.rider_id, text=f"is assigned to the unknown trip {a.trip_id}")
        for a in plan.assignments
        if a.trip_id not in known
    ]
    return PlanSchedule(trips=tuple(schedules), dangling=tuple(dangling))


def schedule_trip(problem: Problem, line: Line, trip: Trip, seats: tuple[Seat, ...]) -> TripSchedule:
    """Derive the clock times and loads of one trip whose ids all resolve.

    The dwell at a stop is the base plus a part per rider boarding or alighting on the busiest
    weekday, so that one timetable holds on every day. The vehicle waits nowhere.
    """
    nodes = tuple(n for n in map(problem.node, trip.stop_ids) if n is not None)
    period = problem.trip_period(trip.direction, trip.shift_ids)
    boarding, alighting = _count_people(problem, seats, len(nodes))
    rules = problem.rules
    movement = (boarding + alighting).max(axis=0)
    dwell = [
        rules.dwell_s(int(people), at_worksite=problem.is_worksite(node))
        for node, people in zip(nodes, movement, strict=True)
    ]
    matrix = problem.travel[period]
    legs = [int(matrix.duration[a, b]) for a, b in itertools.pairwise(nodes)]
    arrive, depart, drive = [trip.departure - dwell[0]], [trip.departure], [0]
    for leg, stand in zip(legs, dwell[1:], strict=True):
        arrive.append(depart[-1] + leg)
        depart.append(arrive[-1] + stand)
        drive.append(drive[-1] + leg)
    return TripSchedule(
        line=line,
        trip=trip,
        nodes=nodes,
        seats=seats,
        arrive=tuple(arrive),
        depart=tuple(depart),
        drive=tuple(drive),
        boarding=boarding,
        alighting=alighting,
        load=np.cumsum(boarding - alighting, axis=1),
        period=period,
        distance_m=sum(int(matrix.distance[a, b]) for a, b in itertools.pairwise(nodes)),
    )


def _trip_faults(problem: Problem, trip: Trip) -> list[Dangling]:
    faults = [f"visits the unknown stop {s}" for s in trip.stop_ids if problem.node(s) is None]
    faults += [f"serves the unknown shift {s}" for s in trip.shift_ids if problem.shift(s) is None]
    if problem.vehicle_type(trip.vehicle_type_id) is None:
        faults.append(f"is driven by the unknown vehicle type {trip.vehicle_type_id}")
    if not trip.stop_ids:
        faults.append("visits no stop")
    return [Dangling(subject=trip.trip_id, text=text) for text in faults]


def _resolve_seats(
    problem: Problem, trip: Trip, assignments: list[Assignment]
) -> tuple[tuple[Seat, ...], list[Dangling]]:
    position = {stop_id: i for i, stop_id in reversed(list(enumerate(trip.stop_ids)))}
    seats, dangling = [], []
    for assignment in assignments:
        rider = problem.rider_index(assignment.rider_id)
        board, alight = position.get(assignment.board_stop_id), position.get(assignment.alight_stop_id)
        if rider is None:
            dangling.append(Dangling(subject=assignment.rider_id, text="is an unknown rider"))
        elif board is None or alight is None:
            text = f"boards or alights at a stop that trip {trip.trip_id} does not visit"
            dangling.append(Dangling(subject=assignment.rider_id, text=text))
        else:
            seats.append(Seat(assignment=assignment, rider=rider, board=board, alight=alight))
    return tuple(seats), dangling


def _count_people(problem: Problem, seats: tuple[Seat, ...], positions: int) -> tuple[People, People]:
    # Plain lists: single elements of an array cost ten times as much to write.
    boarding = [[0] * positions for _ in range(DAYS_PER_WEEK)]
    alighting = [[0] * positions for _ in range(DAYS_PER_WEEK)]
    for seat in seats:
        rider = problem.riders[seat.rider]
        for day in range(DAYS_PER_WEEK):
            if rider.days >> day & 1:
                boarding[day][seat.board] += rider.count
                alighting[day][seat.alight] += rider.count
    return np.array(boarding, np.int64), np.array(alighting, np.int64)
