"""The largest numbers that the search can hold; a problem beyond them is refused before it begins."""

from collections.abc import Iterator, Sequence

from routing.errors import Fault, InputError
from routing.model.fleet import VehicleType
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM
from routing.solver.encode import MOST_POSITIONS, MUST_FACTOR
from routing.solver.layout import FAR

MOST_PEOPLE = 1 << 29
"""People of all riders together: counts are 32 bits wide, and a rider counts where they board and where they alight."""
MOST_DAY_FEN = 10**10
"""One vehicle's day [fen]: leaving a chain of trips without a vehicle costs this much, and must be the last resort."""
INT32 = (1 << 31) - 1
MOST_FEN = 1 << 53
"""All riders left out [fen]: the search adds up in floating point, which is exact to here."""


def check_range(problem: Problem) -> None:
    """Refuse a problem whose numbers the search would spill in silence.

    Clock times, driving times and counts are 32 bits wide in the compiled code, where a sum that does not
    fit turns negative without a word, and `FAR` must lie beyond every one of them.

    Raises
    ------
    InputError
        With one fault, of the code ``out_of_bounds``, for each quantity that is too large.
    """
    faults = tuple(
        Fault(
            file=problem.name,
            column=column,
            value=f"{value:,}",
            code="out_of_bounds",
            cause=f"{what} can be larger than {most:,}, the most that the search holds.",
            action="Check the units: seconds, metres, fen, people. Correct the values, or divide the problem.",
        )
        for column, what, value, most in _quantities(problem)
        if value > most
    )
    if faults:
        raise InputError(*faults)


def _quantities(problem: Problem) -> Iterator[tuple[str, str, int, int]]:
    """Yield where each quantity comes from, what it is, how large it may grow, and its limit."""
    rules = problem.rules
    types = tuple(
        kind
        for kind in problem.vehicle_types
        if any(item.vehicle_type_id == kind.vehicle_type_id for item in problem.fleet)
    )
    largest = max((kind.seats for kind in types), default=0)
    people = sum(rider.count for rider in problem.riders if rider.count <= largest)
    drive = max((int(matrix.duration.max(initial=0)) for matrix in problem.travel), default=0)
    metres = max((int(matrix.distance.max(initial=0)) for matrix in problem.travel), default=0)
    legs = min(rules.max_stops, MOST_POSITIONS)
    dwell = max(rules.dwell_s(0, at_worksite=site) for site in (False, True))
    each = max(rules.dwell_s(1, at_worksite=site) - rules.dwell_s(0, at_worksite=site) for site in (False, True))
    trip = (legs + 1) * (drive + dwell) + 2 * each * min(people, legs * largest)
    pinned = any(stop.status is StopStatus.PINNED for stop in problem.stops)
    leaving = people * problem.costs.unserved * (MUST_FACTOR if pinned else 1)
    yield "riders.count", "The people of all riders that some vehicle seats", people, MOST_PEOPLE
    yield "fleet.available", "The number of vehicles", sum(item.available for item in problem.fleet), MOST_PEOPLE
    yield "rules.min_load", "The riders that open a trip", rules.min_load, MOST_PEOPLE
    yield "travel.duration", f"The time [s] of a trip of {legs} stops that lie as far apart as any two", trip, FAR
    yield "rules.max_ride_s", "The longest ride that is allowed [s]", rules.ride_limit_s(drive), INT32
    yield "shifts", "A clock time of a shift's window [s]", _latest_clock(problem), FAR
    yield "rules.turnaround_s", "The time between two trips [s]", rules.turnaround_s, FAR
    yield (
        "vehicle_types",
        "What a vehicle costs in a day [fen]",
        _dearest_day(types, (legs + 3) * metres, trip + 2 * drive),
        MOST_DAY_FEN,
    )
    yield "costs.unserved", "What it costs to leave everyone out [fen]", leaving, MOST_FEN
    yield "costs.ride", "What everyone's ride costs [fen]", people * problem.costs.ride * trip // HOUR_S, MOST_FEN


def _latest_clock(problem: Problem) -> int:
    windows = (problem.rules.window(shift, way) for shift in problem.shifts for way in shift.directions)
    return max((abs(clock) for window in windows if window is not None for clock in window), default=0)


def _dearest_day(types: Sequence[VehicleType], metres: int, seconds: int) -> int:
    """Return what a day of one trip each way may cost at most [fen]."""
    return max(
        (
            kind.fixed_cost + 2 * (kind.distance_cost * metres // METRES_PER_KM + kind.time_cost * seconds // HOUR_S)
            for kind in types
        ),
        default=0,
    )
