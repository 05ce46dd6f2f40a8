"""A line of one's own for a rider who is left out and the neighbours who wait for the same: how many are missing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing.explain.finding import Finding, dearer
from routing.explain.options import usable_stops
from routing.explain.remedy import Remedy, extra_cost
from routing.explain.vicinity import PlanIndex
from routing.model.demand import DAYS_PER_WEEK, Direction, Rider
from routing.model.fleet import VehicleType
from routing.model.plan import Assignment, Block, Line, Trip
from routing.model.problem import Problem
from routing.model.rules import ServiceRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """A place, its kerb for each direction, and who could board there.

    Attributes
    ----------
    kerbs : tuple of int
        Stop per direction.
    ride_s : int
        Longest direct drive to or from the worksite [s].
    walk_m : int
        The rider's longest walk [m].
    riders : tuple of int
        The rider first, then neighbours who are left out.
    people : int
        Heads on the busiest of the rider's weekdays.
    peak : int
        Heads on the busiest of all weekdays.
    """

    kerbs: tuple[int, ...]
    ride_s: int
    walk_m: int
    riders: tuple[int, ...]
    people: int
    peak: int


def open_line(
    index: PlanIndex, rider: int, directions: tuple[Direction, ...], *, rules: ServiceRules, seats: int = 0
) -> Finding | None:
    """Open a line from the rider's most wanted place straight to the worksite, and have it judged.

    Parameters
    ----------
    rules : ServiceRules
        The problem's own, or with a promise relaxed.
    seats : int
        Seats to which the largest vehicle is enlarged, where none is large enough.

    Returns
    -------
    Finding or None
        Of kind ``neighbours`` with the riders missing, or ``price`` where there are enough; None where
        there is no place, no idle vehicle, or the judge finds a rule broken.
    """
    problem = index.problem if rules is index.problem.rules else replace(index.problem, rules=rules)
    gatherings = list(_gatherings(index, problem, rider, directions))
    if not gatherings:
        return None
    best = max(gatherings, key=lambda g: (g.people, -g.walk_m, -g.ride_s))
    missing = max(0, rules.min_load - best.people)
    vehicle = _vehicle(index, best, missing, seats)
    if vehicle is None:
        return None
    depot_id = index.idle_vehicles()[vehicle.vehicle_type_id]
    remedy = _remedy(problem, best, directions, vehicle, depot_id, missing)
    given = problem.riders[rider]
    small, part = index.around((), {problem.riders[r].rider_id for r in best.riders})
    extra = extra_cost(small, part, remedy)
    if extra is None:
        return None
    own = tuple(a for a in remedy.assignments if a.rider_id == given.rider_id)
    return Finding(
        kind="neighbours" if missing else "price",
        amount=missing or extra,
        share=missing / max(1, rules.min_load),
        text=_sentence(problem, best, missing, extra),
        seats=own,
        opens=True,
        remedy=remedy,
        extra_fen=extra,
    )


def _gatherings(
    index: PlanIndex, problem: Problem, rider: int, directions: tuple[Direction, ...]
) -> Iterator[Gathering]:
    """Yield the places within the rider's walk and ride, each with those who wait there too."""
    given, rules = problem.riders[rider], problem.rules
    limit = rules.walk_limit_m(given.need)
    places: dict[str, list[tuple[int, int]]] = {}
    for stop, walk in usable_stops(problem, rider):
        if walk <= limit:
            places.setdefault(problem.place_id(stop), []).append((stop, walk))
    key, room = (given.worksite_id, given.shift_id), _room(index)
    for stops in places.values():
        halts = [min((direct_s(problem, given, s, way), walk, s) for s, walk in stops) for way in directions]
        kerbs = tuple(stop for _, _, stop in halts)
        ride = max(seconds for seconds, _, _ in halts)
        if ride > rules.max_ride_s:
            continue
        here = set.intersection(*(index.waiting.get((*key, kerb), set()) for kerb in kerbs)) - {rider}
        group, heads = [rider], _heads(given)
        for other in sorted(here):
            if (heads + _heads(problem.riders[other])).max() <= room:
                group.append(other)
                heads = heads + _heads(problem.riders[other])
        yield Gathering(
            kerbs=kerbs,
            ride_s=ride,
            walk_m=max(walk for _, walk, _ in halts),
            riders=tuple(group),
            people=int(heads[_days(given)].max()),
            peak=int(heads.max()),
        )


def direct_s(problem: Problem, rider: Rider, stop: int, way: Direction, period: int | None = None) -> int:
    """Return the direct drive [s] between a stop and the rider's worksite, in the shift's period unless said."""
    site = problem.node(rider.worksite_id) or 0
    chosen = problem.trip_period(way, (rider.shift_id,)) if period is None else period
    duration = problem.travel[chosen].duration
    return int(duration[stop, site] if way is Direction.INBOUND else duration[site, stop])


def _days(rider: Rider) -> list[int]:
    return [day for day in range(DAYS_PER_WEEK) if rider.days >> day & 1]


def _heads(rider: Rider) -> NDArray[np.int64]:
    """Return a rider's people per weekday, shape (7,)."""
    heads = np.zeros(DAYS_PER_WEEK, np.int64)
    heads[_days(rider)] = rider.count
    return heads


def _room(index: PlanIndex) -> int:
    """Return the seats of the largest idle vehicle."""
    idle = index.idle_vehicles()
    return max((v.seats for v in index.problem.vehicle_types if v.vehicle_type_id in idle), default=0)


def _vehicle(index: PlanIndex, gathering: Gathering, missing: int, seats: int) -> VehicleType | None:
    """Return the idle vehicle of least fixed cost that seats everyone, enlarged if need be."""
    idle = index.idle_vehicles()
    types = [v for v in index.problem.vehicle_types if v.vehicle_type_id in idle]
    if seats and types:
        largest = max(types, key=lambda v: v.seats)
        types = [replace(largest, seats=max(seats, largest.seats))]
    fitting = (v for v in types if v.seats >= gathering.peak + missing)
    return min(fitting, key=lambda v: (v.fixed_cost, v.seats), default=None)


def _remedy(
    problem: Problem,
    gathering: Gathering,
    directions: tuple[Direction, ...],
    vehicle: VehicleType,
    depot_id: str,
    missing: int,
) -> Remedy:
    given = problem.riders[gathering.riders[0]]
    name = f"for {given.rider_id}"
    copies = tuple(replace(given, rider_id=f"{given.rider_id} neighbour {k + 1}", count=1) for k in range(missing))
    riders = [problem.riders[r] for r in gathering.riders] + list(copies)
    trips, assignments = [], []
    for way, kerb in zip(directions, gathering.kerbs, strict=True):
        ends = (problem.stops[kerb].stop_id, given.worksite_id)
        ends = ends if way is Direction.INBOUND else ends[::-1]
        trip = Trip(
            trip_id=f"{name} {way}",
            direction=way,
            shift_ids=(given.shift_id,),
            vehicle_type_id=vehicle.vehicle_type_id,
            stop_ids=ends,
            departure=_departure(problem, given, kerb, way),
        )
        trips.append(trip)
        assignments += [
            Assignment(
                rider_id=r.rider_id, direction=way, trip_id=trip.trip_id, board_stop_id=ends[0], alight_stop_id=ends[1]
            )
            for r in riders
        ]
    block = Block(
        block_id=name,
        vehicle_type_id=vehicle.vehicle_type_id,
        depot_id=depot_id,
        trip_ids=tuple(t.trip_id for t in trips),
    )
    return Remedy(
        lines=(Line(line_id=name, name=name, trips=tuple(trips)),),
        assignments=tuple(assignments),
        blocks=(block,),
        rules=problem.rules,
        vehicle_types=(vehicle,),
        copies=copies,
        like=given.rider_id,
    )


def _departure(problem: Problem, rider: Rider, kerb: int, way: Direction) -> int:
    """Return the clock [s] that meets the middle of the window at the worksite."""
    shift = problem.shift(rider.shift_id)
    bounds = None if shift is None else problem.rules.window(shift, way)
    middle = 0 if bounds is None else sum(bounds) // 2
    return middle - (direct_s(problem, rider, kerb, way) if way is Direction.INBOUND else 0)


def _sentence(problem: Problem, gathering: Gathering, missing: int, extra: int) -> str:
    stop = problem.stops[gathering.kerbs[0]]
    where = f"from {stop.name} ({stop.stop_id}), {gathering.walk_m} m on foot"
    if missing:
        return f"With {missing} more riders for the same worksite and shift {where}, a line could open."
    riders = f"the {gathering.people} riders left out"
    return f"A line for {riders} {where}, keeps every rule for {dearer(extra)} than leaving them."
