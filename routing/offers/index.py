"""A published plan made ready to be asked: built once, then read-only."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routing.errors import Fault, InputError
from routing.model.demand import DAYS_PER_WEEK, Direction, Shift
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.rules import CostRates, ServiceRules
from routing.offers.options import Options, find_options
from routing.schedule import TripSchedule, schedule_plan

Metres = NDArray[np.int32]
People = NDArray[np.int64]
WALK_FACTOR = 2
"""Walks are known this many times beyond the promise, so that a longer one can be told as what would help."""


class Walker(Protocol):
    """Knows what it walks from any home to the stops of an index; `routing.geo.catchment.Catchments` does."""

    def walks(self, lon: float, lat: float) -> Metres:
        """Return the walk to every stop [m], int32 (stops,); very large where a stop is out of reach."""
        ...

    def off_street_m(self, lon: float, lat: float) -> float:
        """Return the straight distance [m] to the nearest way that people may walk."""
        ...

    def distance_to_way(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
        """Return the same for many points (n,) at once."""
        ...


Reach = Callable[[list[float], list[float], int], Walker]
"""Longitudes, latitudes [degrees, WGS-84] and a limit [m] become a walker: `WalkNetwork.catchments`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedStop:
    """A stop that trips call at, or to which riders who are left out could walk."""

    stop_id: str
    place_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedTrip:
    """A trip as its seats are counted.

    Attributes
    ----------
    first : int
        Where its positions begin in the counts of the index; the seats between position i and i + 1 are
        counted at ``first + i``.
    stop_ids : tuple of str
    arrive, depart : tuple of int
        [s] since midnight at each position.
    days : tuple of int
        Weekdays on which it runs, Monday 0.
    """

    trip_id: str
    line_id: str
    line_name: str
    direction: Direction
    seats: int
    first: int
    stop_ids: tuple[str, ...]
    arrive: tuple[int, ...]
    depart: tuple[int, ...]
    days: tuple[int, ...]

    def segments(self, board_stop_id: str, alight_stop_id: str) -> tuple[int, int] | None:
        """Return the half-open span of counts that a ride occupies, or None where the trip has no such ride."""
        if board_stop_id not in self.stop_ids or alight_stop_id not in self.stop_ids:
            return None
        board, alight = self.stop_ids.index(board_stop_id), self.stop_ids.index(alight_stop_id)
        return (self.first + board, self.first + alight) if board < alight else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfferIndex:
    """A published plan, ready to be asked; see `routing.offers.search.find_offers`.

    Attributes
    ----------
    options : mapping
        Worksite and shift → ways onto lines.
    load : int64 array (7, p)
        People that the plan itself has aboard on each weekday when a trip leaves a position, trip after trip.
    waiting : mapping
        Worksite and shift → people left out by the plan who can walk to each stop, int64 (stops,).
    """

    plan_id: str
    rules: ServiceRules
    costs: CostRates
    shifts: Mapping[str, Shift]
    worksites: frozenset[str]
    stops: tuple[IndexedStop, ...]
    trips: tuple[IndexedTrip, ...]
    options: Mapping[tuple[str, str], tuple[Options, ...]]
    load: People
    waiting: Mapping[tuple[str, str], People]
    walker: Walker
    _trip: dict[str, IndexedTrip] = field(init=False, repr=False)
    _taken: dict[int, People] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.load.setflags(write=False)
        object.__setattr__(self, "_trip", {trip.trip_id: trip for trip in self.trips})
        object.__setattr__(self, "_taken", {})

    def trip(self, trip_id: str) -> IndexedTrip | None:
        """Return a trip by id, or None where the plan has no such trip."""
        return self._trip.get(trip_id)

    def taken(self, days: int) -> People:
        """Return the seats that the plan itself takes on the fullest of some weekdays (bit 0 Monday), int64 (p,)."""
        known = self._taken.get(days)
        if known is None:
            chosen = [day for day in range(DAYS_PER_WEEK) if days >> day & 1]
            known = self.load[chosen].max(axis=0)
            known.setflags(write=False)
            self._taken[days] = known
        return known


def index_plan(problem: Problem, plan: Plan, reach: Reach, *, plan_id: str = "") -> OfferIndex:
    """Make a plan ready to be asked.

    Parameters
    ----------
    problem, plan
        What is given and decided.
    reach : callable
        `WalkNetwork.catchments` of the problem's roads.

    Raises
    ------
    InputError
        ``unknown_id`` for every reference of the plan that leads nowhere.
    """
    scheduled = schedule_plan(problem, plan)
    if scheduled.dangling:
        action = "Give the plan of this scenario; `banche check` tells more."
        raise InputError(
            *(
                Fault(file=plan_id or "plan", code="unknown_id", cause=f"{d.subject} {d.text}.", action=action)
                for d in scheduled.dangling
            )
        )
    left_out = _left_out(problem, plan)
    called = {node for trip in scheduled.trips for node in trip.nodes if not problem.is_worksite(node)}
    nodes = sorted(called | {stop for rider in left_out for stop in _stops_of(problem, rider)})
    stop_of_node = {node: number for number, node in enumerate(nodes)}
    at = [problem.stops[node].location for node in nodes]
    return OfferIndex(
        plan_id=plan_id,
        rules=problem.rules,
        costs=problem.costs,
        shifts={shift.shift_id: shift for shift in problem.shifts},
        worksites=frozenset(site.worksite_id for site in problem.worksites),
        stops=tuple(
            IndexedStop(stop_id=s.stop_id, place_id=s.place_id, name=s.name)
            for s in (problem.stops[node] for node in nodes)
        ),
        trips=_index_trips(problem, scheduled.trips),
        options=find_options(problem, scheduled.trips, stop_of_node),
        load=_loads(scheduled.trips),
        waiting=_waiting(problem, left_out, nodes),
        walker=reach([p.lon for p in at], [p.lat for p in at], WALK_FACTOR * problem.rules.max_walk_m),
    )


def _loads(trips: Iterable[TripSchedule]) -> People:
    return np.concatenate([np.zeros((DAYS_PER_WEEK, 0), np.int64), *(trip.load for trip in trips)], axis=1)


def _index_trips(problem: Problem, trips: Iterable[TripSchedule]) -> tuple[IndexedTrip, ...]:
    indexed: list[IndexedTrip] = []
    first = 0
    for trip in trips:
        kind = problem.vehicle_type(trip.trip.vehicle_type_id)
        indexed.append(
            IndexedTrip(
                trip_id=trip.trip.trip_id,
                line_id=trip.line.line_id,
                line_name=trip.line.name,
                direction=trip.trip.direction,
                seats=0 if kind is None else kind.seats,
                first=first,
                stop_ids=trip.trip.stop_ids,
                arrive=trip.arrive,
                depart=trip.depart,
                days=trip.days,
            )
        )
        first += len(trip.nodes)
    return tuple(indexed)


def _left_out(problem: Problem, plan: Plan) -> list[int]:
    """Return the riders (indices) whom the plan leaves out in some direction."""
    found = {problem.rider_index(entry.rider_id) for entry in plan.unserved}
    return sorted(index for index in found if index is not None)


def _stops_of(problem: Problem, rider: int) -> list[int]:
    """Return the stops that a rider can walk to within the promise."""
    stops, metres = problem.walks.row(rider)
    limit = problem.rules.walk_limit_m(problem.riders[rider].need)
    return [int(stop) for stop in stops[: np.searchsorted(metres, limit, side="right")]]


def _waiting(problem: Problem, left_out: list[int], nodes: list[int]) -> dict[tuple[str, str], People]:
    """Count who waits at each stop from which a drive to the worksite is short enough."""
    number = {node: i for i, node in enumerate(nodes)}
    waiting: dict[tuple[str, str], People] = {}
    for index in left_out:
        rider = problem.riders[index]
        site = problem.node(rider.worksite_id)
        counts = waiting.setdefault((rider.worksite_id, rider.shift_id), np.zeros(len(nodes), np.int64))
        period = problem.trip_period(Direction.INBOUND, (rider.shift_id,))
        for stop in _stops_of(problem, index):
            if problem.travel[period].duration[stop, site] <= problem.rules.max_ride_s:
                counts[number[stop]] += rider.count
    return waiting
