"""One trip on many days: random running times, waits for departures, people who stay away."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.evaluate.promises import on_time_share, site_position
from routing.evaluate.vehicles import deadhead_s
from routing.model.demand import DAYS_PER_WEEK, Direction
from routing.model.problem import Problem
from routing.model.rules import RUN_TIME_MEMORY_S
from routing.schedule import TripSchedule

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One trip over all days; every array has one entry a day, and matters where the trip ran.

    Attributes
    ----------
    late : bool array (days,)
        Later than its window at some worksite where people were expected.
    delay : float64 array (days,)
        The most behind the plan at any worksite [s].
    expected, on_time : int64 arrays (days,)
        People expected at worksites, and those of them whose trip was not late there.
    boarded, peak : int64 arrays (days,)
        People carried, and the most aboard at once.
    promised : float
        Share of days on time, as the judge computes it.
    """

    trip: TripSchedule
    ran: Bools
    late: Bools
    delay: Floats
    on_time: Ints
    expected: Ints
    boarded: Ints
    peak: Ints
    seats: int
    promised: float


def drive(
    problem: Problem,
    trip: TripSchedule,
    before: TripSchedule | None,
    ready: Floats,
    showing: Ints,
    calendar: Ints,
    rng: np.random.Generator,
    *,
    wait: bool,
) -> tuple[Run, Floats]:
    """Let one trip run on all days; returns the run, and when the vehicle is done with it [s]."""
    ran = np.asarray(trip.boarding.sum(axis=1)[calendar] > 0)
    if before is not None:
        empty = deadhead_s(problem, before, trip)
        # Early or late, an empty drive varies as any other.
        ready = ready + empty + _noise(problem, empty, rng, len(calendar)) + problem.rules.turnaround_s
    arrive, depart = _clocks(problem, trip, ready, rng, wait=wait)
    late = np.zeros(len(calendar), np.bool_)
    expected, on_time = np.zeros(len(calendar), np.int64), np.zeros(len(calendar), np.int64)
    delay = np.full(len(calendar), -np.inf)
    for position, shift_id, latest in _calls(problem, trip):
        clock = arrive[position] if trip.trip.direction is Direction.INBOUND else depart[position]
        planned = trip.arrive[position] if trip.trip.direction is Direction.INBOUND else trip.depart[position]
        missed = clock > latest + 0.5  # the timetable is in whole seconds
        here = _expected(problem, trip, position, shift_id)[calendar]
        expected += here
        on_time += here * ~missed
        late |= missed & (here > 0)
        delay = np.maximum(delay, clock - planned)
    boarded, peak = _people(trip, showing)
    kind = problem.vehicle_type(trip.trip.vehicle_type_id)
    run = Run(
        trip=trip,
        ran=ran,
        late=late,
        delay=delay,
        on_time=on_time,
        expected=expected,
        boarded=boarded,
        peak=peak,
        seats=0 if kind is None else kind.seats,
        promised=_promised(problem, trip),
    )
    return run, np.where(ran, depart[-1], ready)


def _clocks(
    problem: Problem, trip: TripSchedule, ready: Floats, rng: np.random.Generator, *, wait: bool
) -> tuple[list[Floats], list[Floats]]:
    """Return when the vehicle reaches and leaves each position on each day [s]."""
    arrive = [np.maximum(float(trip.arrive[0]), ready)]
    depart = [arrive[0] + (trip.depart[0] - trip.arrive[0])]
    for i, (a, b) in enumerate(itertools.pairwise(trip.drive), start=1):
        arrive.append(depart[-1] + (b - a) + _noise(problem, b - a, rng, len(ready)))
        leave = arrive[i] + (trip.depart[i] - trip.arrive[i])
        depart.append(np.maximum(leave, float(trip.depart[i])) if wait else leave)
    return arrive, depart


def _noise(problem: Problem, driving_s: int, rng: np.random.Generator, days: int) -> Floats:
    """Return by how much a drive deviates on each day [s]."""
    spread = problem.rules.run_time_cv * np.sqrt(max(0, driving_s) * RUN_TIME_MEMORY_S)
    return np.asarray(spread * rng.standard_normal(days))


def _calls(problem: Problem, trip: TripSchedule) -> list[tuple[int, str, int]]:
    """Return the positions of worksites, the shifts of riders there, and the end of their windows [s]."""
    calls = sorted({(site_position(trip, s), problem.riders[s.rider].shift_id) for s in trip.seats})
    found = []
    for position, shift_id in calls:
        shift = problem.shift(shift_id)
        window = None if shift is None else problem.rules.window(shift, trip.trip.direction)
        if window is not None:
            found.append((position, shift_id, window[1]))
    return found


def _expected(problem: Problem, trip: TripSchedule, position: int, shift_id: str) -> Ints:
    """Return how many people of a shift the plan has at a worksite on each weekday, int64 (7,)."""
    people = np.zeros(DAYS_PER_WEEK, np.int64)
    for seat in trip.seats:
        rider = problem.riders[seat.rider]
        if site_position(trip, seat) == position and rider.shift_id == shift_id:
            people += rider.count * (rider.days >> np.arange(DAYS_PER_WEEK) & 1)
    return people


def _people(trip: TripSchedule, showing: Ints) -> tuple[Ints, Ints]:
    """Return how many people board on each day, and the most aboard at once."""
    change = np.zeros((len(trip.nodes), showing.shape[1]), np.int64)
    for seat in trip.seats:
        change[seat.board] += showing[seat.rider]
        change[seat.alight] -= showing[seat.rider]
    boarded = sum((showing[seat.rider] for seat in trip.seats), np.zeros(showing.shape[1], np.int64))
    return boarded, np.cumsum(change, axis=0).max(axis=0)


def _promised(problem: Problem, trip: TripSchedule) -> float:
    """Return the share of days that the judge counts on time, at the worksite where it is least."""
    clocks = trip.arrive if trip.trip.direction is Direction.INBOUND else trip.depart
    shares = (
        on_time_share(problem.rules, clocks[position], trip.drive[position], latest)
        for position, _, latest in _calls(problem, trip)
    )
    return min(shares, default=1.0)
