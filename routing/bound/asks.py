"""What riders ask for, one entry per rider and direction, with the least that serving each must cost."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from routing.bound.shortest import from_nodes, to_nodes
from routing.model.demand import DAYS_PER_WEEK, Direction
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.model.travel import Int32, Int64
from routing.model.units import HOUR_S

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One rider, or group, who asks to travel in one direction.

    Attributes
    ----------
    people : int
        How many travel together.
    counted : bool
        Whether they travel on the weekday on which seats are counted.
    penalty : float
        [fen] for leaving them out in this direction.
    stop : ndarray of int32
        Nodes of the stops they may use.
    walk : ndarray of float64
        [fen] for walking there, all of them together.
    ride : ndarray of int64
        [s] that the ride takes at least.
    metres : ndarray of int64
        [m] that it is long at least.
    """

    rider: int
    direction: Direction
    shift_id: str
    site: int
    people: int
    counted: bool
    penalty: float
    stop: Int32
    walk: Float64
    ride: Int64
    metres: Int64


@dataclass(frozen=True, slots=True)
class _Ways:
    """Shortest ways between stops and worksites, worked out once for all riders who share them."""

    problem: Problem
    known: dict[tuple[Direction, tuple[int, ...], int], tuple[Int64, Int64]] = field(default_factory=dict)

    def between(self, direction: Direction, shift_id: str, site: int) -> tuple[Int64, Int64]:
        """Return the least seconds and metres between each node and a worksite, in the direction of travel."""
        key = direction, trip_periods(self.problem, direction, shift_id), site
        if key not in self.known:
            reach = to_nodes if direction is Direction.INBOUND else from_nodes
            calls = calling_nodes(self.problem)
            seconds = [reach(self.problem.travel[p].duration[calls, calls], [site]) for p in key[1]]
            metres = [reach(self.problem.travel[p].distance[calls, calls], [site]) for p in key[1]]
            self.known[key] = np.min(seconds, axis=0), np.min(metres, axis=0)
        return self.known[key]


def calling_nodes(problem: Problem) -> slice:
    """Return the nodes at which trips call: stops and worksites, but no depots."""
    return slice(0, len(problem.stops) + len(problem.worksites))


def trip_periods(problem: Problem, direction: Direction, shift_id: str) -> tuple[int, ...]:
    """Return the periods in which a trip with riders of a shift may drive.

    It is that of the earliest shift which the trip serves, be that another one.
    """
    shift = problem.shift(shift_id)
    own = None if shift is None else shift.anchor(direction)
    anchors = (other.anchor(direction) for other in problem.shifts)
    return tuple(sorted({problem.period_at(a) for a in anchors if a is not None and own is not None and a <= own}))


def read_asks(problem: Problem) -> tuple[Ask, ...]:
    """Return one entry per rider and direction asked for."""
    day = busiest_day(problem)
    usable = np.array([s.status is not StopStatus.FORBIDDEN for s in problem.stops], bool)
    return tuple(_asks(problem, day, usable, _Ways(problem)))


def _asks(problem: Problem, day: int, usable: NDArray[np.bool_], ways: _Ways) -> Iterator[Ask]:
    rules, prices = problem.rules, problem.costs
    longest = rules.max_ride_s if rules.max_trip_s is None else min(rules.max_ride_s, rules.max_trip_s)
    for index, rider in enumerate(problem.riders):
        shift, site = problem.shift(rider.shift_id), problem.node(rider.worksite_id)
        assert shift is not None
        assert site is not None
        stops, metres = problem.walks.row(index)
        near = usable[stops] & (metres <= rules.walk_limit_m(rider.need))
        for direction in shift.directions:
            seconds, ahead = ways.between(direction, rider.shift_id, site)
            open_ = near & (seconds[stops] <= longest)
            yield Ask(
                rider=index,
                direction=direction,
                shift_id=rider.shift_id,
                site=site,
                people=rider.count,
                counted=bool(rider.days >> day & 1),
                penalty=prices.unserved * rider.count / len(shift.directions),
                stop=stops[open_],
                walk=prices.walk * rider.count * metres[open_] / rules.walk_speed_m_per_h,
                ride=seconds[stops[open_]],
                metres=ahead[stops[open_]],
            )


def effort(problem: Problem, ask: Ask) -> Float64:
    """Return what walking and riding cost at least [fen], for each stop that may be used."""
    return ask.walk + ask.people * problem.costs.ride * ask.ride / HOUR_S


def busiest_day(problem: Problem) -> int:
    """Return the weekday on which most people travel, Monday 0; seats are counted on this one."""
    people = [sum(r.count for r in problem.riders if r.days >> day & 1) for day in range(DAYS_PER_WEEK)]
    return people.index(max(people))
