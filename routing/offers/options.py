"""Every way onto the lines of a plan, by worksite and shift: what does not depend on where a new rider lives."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from operator import and_

import numpy as np
from numpy.typing import NDArray

from routing.evaluate.promises import on_time_share
from routing.model.demand import Direction, Shift
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.model.units import HOUR_S
from routing.schedule import TripSchedule
from routing.timetable import P95_Z

Ints = NDArray[np.int64]
ENOUGH = 1e-9
"""Shares of days that differ by less are equal, as for the judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A trip's stop near home, for riders of one worksite and shift.

    Attributes
    ----------
    trip : int
        Position of the trip in the index.
    stop : int
        Position of the stop in the index.
    board, alight : int
        Positions in the trip's stop sequence.
    over_ride_s, over_detour_s : int
        By how much the ride is longer than promised [s]; 0 where it is not.
    """

    trip: int
    stop: int
    board: int
    alight: int
    depart: int
    arrive: int
    arrive_p95: int
    ride_s: int
    on_time: float
    over_ride_s: int
    over_detour_s: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Options:
    """Ways onto lines for riders of one worksite and shift; arrays are read-only, one row an option.

    Attributes
    ----------
    halts : tuple of tuple of Halt
        Per option, one halt per direction.
    stop : int64 array (n, d)
        Stops of the halts.
    ride_fen : float64 array (n,)
        What the time aboard weighs [fen].
    over_ride_s, over_detour_s : int64 arrays (n,)
        The larger excess of the option's legs [s].
    kept : bool array (n,)
        Whether no ride is longer than promised.
    days : int64 array (n,)
        Weekdays on which every trip of the option runs; bit 0 is Monday.
    """

    halts: tuple[tuple[Halt, ...], ...]
    stop: Ints
    ride_fen: NDArray[np.float64]
    over_ride_s: Ints
    over_detour_s: Ints
    kept: NDArray[np.bool_]
    days: Ints

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)


def find_options(
    problem: Problem, trips: Sequence[TripSchedule], stop_of_node: dict[int, int]
) -> dict[tuple[str, str], tuple[Options, ...]]:
    """Return the options of every worksite and shift that some trip serves.

    One table where riders must go home on the line that brought them, else one per direction.

    Parameters
    ----------
    trips : sequence of TripSchedule
    stop_of_node : dict
        Position in the index of each stop node of the problem.
    """
    lines: defaultdict[str, list[int]] = defaultdict(list)
    for number, trip in enumerate(trips):
        lines[trip.line.line_id].append(number)
    found = {}
    for site, shift in itertools.product(problem.worksites, problem.shifts):
        node = problem.node(site.worksite_id)
        ways = shift.directions
        groups = [ways] if problem.rules.same_line_both_ways else [(way,) for way in ways]
        tables = []
        for group in groups:
            options = [
                option
                for numbers in lines.values()
                for option in _line_options(problem, [(n, trips[n]) for n in numbers], node, shift, group, stop_of_node)
            ]
            tables.append(_table(problem, trips, options, len(group)))
        if any(table.halts for table in tables):
            found[site.worksite_id, shift.shift_id] = tuple(tables)
    return found


def _line_options(
    problem: Problem,
    trips: list[tuple[int, TripSchedule]],
    site: int | None,
    shift: Shift,
    ways: tuple[Direction, ...],
    stop_of_node: dict[int, int],
) -> Iterator[tuple[Halt, ...]]:
    """Yield the ways onto one line: halts of every direction at one place."""
    by_place: list[defaultdict[str, list[Halt]]] = []
    for way in ways:
        places: defaultdict[str, list[Halt]] = defaultdict(list)
        for number, trip in trips:
            if trip.trip.direction is way and site in trip.nodes and _serves(problem, trip, site, shift):
                for node, halt in _halts(problem, number, trip, site, shift, stop_of_node):
                    places[problem.place_id(node)].append(halt)
        by_place.append(places)
    for place in sorted(set.intersection(*(set(places) for places in by_place))):
        yield from itertools.product(*(places[place] for places in by_place))


def _serves(problem: Problem, trip: TripSchedule, site: int, shift: Shift) -> bool:
    """Tell whether riders of a shift may ride to or from a worksite on a trip."""
    if shift.shift_id not in trip.trip.shift_ids:
        return False
    others = {problem.riders[seat.rider].worksite_id for seat in trip.seats}
    if problem.rules.one_worksite_per_trip and others - {problem.place_id(site)}:
        return False
    window = problem.rules.window(shift, trip.trip.direction)
    clock = _clock_at(trip, trip.nodes.index(site))
    if window is None or not window[0] <= clock <= window[1]:
        return False
    return _share(problem, trip, trip.nodes.index(site), shift) >= problem.rules.on_time - ENOUGH


def _clock_at(trip: TripSchedule, position: int) -> int:
    clocks = trip.arrive if trip.trip.direction is Direction.INBOUND else trip.depart
    return clocks[position]


def _share(problem: Problem, trip: TripSchedule, position: int, shift: Shift) -> float:
    window = problem.rules.window(shift, trip.trip.direction)
    latest = _clock_at(trip, position) if window is None else window[1]
    return on_time_share(problem.rules, _clock_at(trip, position), trip.drive[position], latest)


def _halts(
    problem: Problem, number: int, trip: TripSchedule, site: int, shift: Shift, stop_of_node: dict[int, int]
) -> Iterator[tuple[int, Halt]]:
    inbound = trip.trip.direction is Direction.INBOUND
    at = trip.nodes.index(site)
    on_time = _share(problem, trip, at, shift)
    duration = problem.travel[trip.period].duration
    for position in range(at) if inbound else range(at + 1, len(trip.nodes)):
        node = trip.nodes[position]
        if problem.is_worksite(node) or problem.stops[node].status is StopStatus.FORBIDDEN:
            continue
        board, alight = (position, at) if inbound else (at, position)
        ride = trip.arrive[alight] - trip.depart[board]
        direct = int(duration[trip.nodes[board], trip.nodes[alight]])
        late = P95_Z * problem.rules.run_time_sd_s(trip.drive[alight])
        yield (
            node,
            Halt(
                trip=number,
                stop=stop_of_node[node],
                board=board,
                alight=alight,
                depart=trip.depart[board],
                arrive=trip.arrive[alight],
                arrive_p95=trip.arrive[alight] + round(late),
                ride_s=ride,
                on_time=round(on_time, 4),
                over_ride_s=max(0, ride - problem.rules.max_ride_s),
                over_detour_s=max(0, ride - problem.rules.detour_limit_s(direct)),
            ),
        )


def _table(
    problem: Problem, trips: Sequence[TripSchedule], options: Iterable[tuple[Halt, ...]], directions: int
) -> Options:
    halts = tuple(options)
    days = [sum(1 << day for day in trip.days) for trip in trips]
    shape = (len(halts), directions)
    over_ride = np.array([max(h.over_ride_s for h in option) for option in halts], np.int64)
    over_detour = np.array([max(h.over_detour_s for h in option) for option in halts], np.int64)
    ride_s = np.array([sum(h.ride_s for h in option) for option in halts], np.float64)
    return Options(
        halts=halts,
        stop=np.array([[h.stop for h in option] for option in halts], np.int64).reshape(shape),
        ride_fen=problem.costs.ride * ride_s / HOUR_S,
        over_ride_s=over_ride,
        over_detour_s=over_detour,
        kept=(over_ride == 0) & (over_detour == 0),
        days=np.array([reduce(and_, (days[h.trip] for h in option)) for option in halts], np.int64),
    )
