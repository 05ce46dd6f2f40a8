"""Ways onto existing lines: where each trip of a line would halt for a rider, by how little it must turn aside."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.explain.vicinity import PlanIndex
from routing.model.demand import Direction, Rider
from routing.model.places import StopStatus
from routing.model.plan import Line
from routing.model.problem import Problem
from routing.schedule import TripSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A trip's halt for a rider.

    Attributes
    ----------
    node : int
        The stop.
    position : int
        Where the stop stands in the trip, or would stand.
    new : bool
        Tells whether the trip must be led there first.
    detour_s : int
        Driving [s] that this adds.
    """

    trip: TripSchedule
    node: int
    position: int
    new: bool
    detour_s: int
    walk_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way onto a line: a place, and the halt there of one trip per direction."""

    line: Line
    halts: tuple[Halt, ...]

    @property
    def detour_s(self) -> int:
        """Driving [s] added, all directions together."""
        return sum(halt.detour_s for halt in self.halts)

    @property
    def walk_m(self) -> int:
        """Longest of the walks [m]."""
        return max(halt.walk_m for halt in self.halts)


def usable_stops(problem: Problem, rider: int) -> list[tuple[int, int]]:
    """Return the stops that a rider can walk to, unless forbidden, and the walks [m], nearest first."""
    stops, metres = problem.walks.row(rider)
    return [
        (stop, walk)
        for stop, walk in zip(stops.tolist(), metres.tolist(), strict=True)
        if problem.stops[stop].status is not StopStatus.FORBIDDEN
    ]


def find_options(
    index: PlanIndex, rider: Rider, directions: tuple[Direction, ...], stops: list[tuple[int, int]], new_within_m: int
) -> Iterator[Option]:
    """Yield the ways of a rider onto every line that could take the rider's shift to the worksite.

    Parameters
    ----------
    stops : list of (int, int)
        Stops in reach and the walks there [m].
    new_within_m : int
        A trip is led to a new stop only if it lies within this walk [m].
    """
    site = index.problem.node(rider.worksite_id)
    if site is None or not stops:
        return
    for line in index.lines_at.get(site, []):
        trips = [
            [t for t in index.trips_to(line, site, way) if _in_time(index.problem, t, rider, way)] for way in directions
        ]
        for chosen in itertools.product(*trips):
            yield from _line_options(index.problem, line, chosen, site, stops, new_within_m)


def _in_time(problem: Problem, trip: TripSchedule, rider: Rider, way: Direction) -> bool:
    """Tell whether some shift of the trip shares part of its window with the rider's own."""
    shifts = (problem.shift(s) for s in (rider.shift_id, *trip.trip.shift_ids))
    own, *others = (None if s is None else problem.rules.window(s, way) for s in shifts)
    return own is not None and any(w is not None and w[0] <= own[1] and own[0] <= w[1] for w in others)


def _line_options(
    problem: Problem,
    line: Line,
    trips: tuple[TripSchedule, ...],
    site: int,
    stops: list[tuple[int, int]],
    new_within_m: int,
) -> Iterator[Option]:
    existing = [_existing_halts(problem, t, site, stops) for t in trips]
    near = [(stop, walk) for stop, walk in stops if walk <= new_within_m]
    new = [_new_halts(problem, t, site, near) for t in trips]
    places = set().union(*existing, *(cheapest for cheapest, _ in new))
    for place in sorted(places):
        variants = []
        for variant in (0, 1):
            halts = [old.get(place) or fresh[variant].get(place) for old, fresh in zip(existing, new, strict=True)]
            found = tuple(halt for halt in halts if halt is not None)
            if len(found) == len(trips) and found not in variants:
                variants.append(found)
        for found in variants:
            yield Option(line=line, halts=found)


def _home_positions(trip: TripSchedule, site: int) -> range:
    """Return the positions at which riders of a worksite can be picked up or set down near home."""
    at = trip.nodes.index(site)
    return range(at) if trip.trip.direction is Direction.INBOUND else range(at + 1, len(trip.nodes))


def _existing_halts(problem: Problem, trip: TripSchedule, site: int, stops: list[tuple[int, int]]) -> dict[str, Halt]:
    """Return, per place, the nearest stop that the trip already serves."""
    at = {trip.nodes[i]: i for i in reversed(_home_positions(trip, site))}
    halts: dict[str, Halt] = {}
    for stop, walk in stops:
        if stop in at:
            halt = Halt(trip=trip, node=stop, position=at[stop], new=False, detour_s=0, walk_m=walk)
            halts.setdefault(problem.place_id(stop), halt)
    return halts


def _new_halts(
    problem: Problem, trip: TripSchedule, site: int, stops: list[tuple[int, int]]
) -> tuple[dict[str, Halt], dict[str, Halt]]:
    """Return, per place, the halt that adds least driving, and the one at the trip's outer end."""
    if not stops:
        return {}, {}
    positions = _home_positions(trip, site)
    first = positions.start
    table = _detours(problem, trip, [stop for stop, _ in stops])[first : positions.stop + 1]
    outer = 0 if trip.trip.direction is Direction.INBOUND else len(table) - 1
    best = table.argmin(axis=0)
    cheapest: dict[str, Halt] = {}
    outermost: dict[str, Halt] = {}
    for column, (stop, walk) in enumerate(stops):
        if stop in trip.nodes:
            continue
        place = problem.place_id(stop)
        for halts, row in ((cheapest, int(best[column])), (outermost, outer)):
            detour = int(table[row, column])
            if place not in halts or detour < halts[place].detour_s:
                halts[place] = Halt(trip=trip, node=stop, position=first + row, new=True, detour_s=detour, walk_m=walk)
    return cheapest, outermost


def _detours(problem: Problem, trip: TripSchedule, stops: list[int]) -> NDArray[np.int64]:
    """Return the driving [s] that a stop adds at each position, shape (positions + 1, stops)."""
    duration = problem.travel[trip.period].duration
    nodes, new = np.array(trip.nodes, np.int64), np.array(stops, np.int64)
    detours = np.zeros((len(nodes) + 1, len(new)), np.int64)
    detours[1:] += duration[nodes[:, None], new]
    detours[:-1] += duration[new, nodes[:, None]]
    detours[1:-1] -= duration[nodes[:-1], nodes[1:], None]
    return detours
