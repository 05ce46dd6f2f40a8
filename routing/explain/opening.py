"""A line of one's own for a rider who is left out and the neighbours who wait for the same: how many are missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing.explain.finding import MOST_NEEDS, Finding, dearer
from routing.explain.options import usable_stops
from routing.explain.remedy import Remedy, afforded, most_vehicles
from routing.explain.vicinity import PlanIndex
from routing.model.demand import DAYS_PER_WEEK, Direction, Rider
from routing.model.fleet import FleetItem, VehicleType
from routing.model.plan import Assignment, Block, Line, Trip
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.model.units import fen_to_yuan


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
    index: PlanIndex,
    rider: int,
    directions: tuple[Direction, ...],
    *,
    rules: ServiceRules,
    seats: int = 0,
    supply: bool = False,
) -> Finding | None:
    """Open a line from the rider's most wanted place straight to the worksite, and have it judged.

    Parameters
    ----------
    rules : ServiceRules
        The problem's own, or with a promise relaxed.
    seats : int
        Seats to which the largest vehicle is enlarged, where none is large enough.
    supply : bool
        Take a vehicle that there is not: one more than the depots hold, and than the budget allows.

    Returns
    -------
    Finding or None
        Of kind ``neighbours`` with the riders missing, ``price`` where there are enough, ``vehicles`` where
        one more is needed, ``money`` where only the budget is in the way; None where there is no place, no
        vehicle, or the judge finds another rule broken.
    """
    problem = index.problem if rules is index.problem.rules else replace(index.problem, rules=rules)
    yards = _all_yards(problem) if supply else index.idle_vehicles()
    gatherings = list(_gatherings(index, problem, rider, directions, _room(problem, yards)))
    if not gatherings:
        return None
    best = max(gatherings, key=lambda g: (g.people, -g.walk_m, -g.ride_s))
    missing = max(0, rules.min_load - best.people)
    vehicle = _vehicle(problem, yards, best.peak + missing, seats)
    if vehicle is None:
        return None
    remedy = _remedy(problem, best, directions, vehicle, yards[vehicle.vehicle_type_id], missing)
    if supply:
        bought = FleetItem(vehicle_type_id=vehicle.vehicle_type_id, depot_id=remedy.blocks[0].depot_id, available=1)
        remedy = replace(remedy, fleet=(bought,), more_vehicles=1)
    return _judged(index, problem, rider, best, remedy, missing)


def _judged(
    index: PlanIndex, problem: Problem, rider: int, gathering: Gathering, remedy: Remedy, missing: int
) -> Finding | None:
    """Ask the judge about a new line; one that only a budget forbids is found for what the budget lacks."""
    small, part = index.around((), {problem.riders[r].rider_id for r in gathering.riders})
    remedy, broken, extra = afforded(small, part, remedy)
    needs = _needs(remedy, missing, extra)
    if broken or len(needs) > MOST_NEEDS:
        return None
    shares = {
        "neighbours": missing / max(1, problem.rules.min_load),
        "vehicles": remedy.more_vehicles / max(1, most_vehicles(problem)),
        "money": remedy.more_fen / max(1, problem.budget.max_cost_fen or 0),
    }
    return Finding(
        kind=needs[0][0],
        amount=needs[0][1],
        share=sum(shares.get(kind, 0.0) for kind, _ in needs),
        text=_sentence(problem, gathering, dict(needs), extra),
        seats=tuple(a for a in remedy.assignments if a.rider_id == problem.riders[rider].rider_id),
        opens=True,
        remedy=remedy,
        extra_fen=extra,
        also=needs[1:],
    )


def _needs(remedy: Remedy, missing: int, extra: int) -> tuple[tuple[str, int], ...]:
    """Return what must give for a new line, a missing vehicle first: without it no neighbour helps."""
    amounts = {"vehicles": remedy.more_vehicles, "money": remedy.more_fen, "neighbours": missing}
    return tuple((kind, amount) for kind, amount in amounts.items() if amount) or (("price", extra),)


def _all_yards(problem: Problem) -> dict[str, str]:
    """Return every vehicle type with a depot where such vehicles stand, or could."""
    homes = {item.vehicle_type_id: item.depot_id for item in reversed(problem.fleet)}
    spare = problem.depots[0].depot_id if problem.depots else None
    found = {kind.vehicle_type_id: homes.get(kind.vehicle_type_id, spare) for kind in problem.vehicle_types}
    return {type_id: depot_id for type_id, depot_id in found.items() if depot_id is not None}


def _gatherings(
    index: PlanIndex, problem: Problem, rider: int, directions: tuple[Direction, ...], room: int
) -> Iterator[Gathering]:
    """Yield the places within the rider's walk and ride, each with those who wait there too."""
    given, rules = problem.riders[rider], problem.rules
    limit = rules.walk_limit_m(given.need)
    places: dict[str, list[tuple[int, int]]] = {}
    for stop, walk in usable_stops(problem, rider):
        if walk <= limit:
            places.setdefault(problem.place_id(stop), []).append((stop, walk))
    key = given.worksite_id, given.shift_id
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


def _room(problem: Problem, yards: Mapping[str, str]) -> int:
    """Return the seats of the largest vehicle to be had."""
    return max((v.seats for v in problem.vehicle_types if v.vehicle_type_id in yards), default=0)


def _vehicle(problem: Problem, yards: Mapping[str, str], people: int, seats: int) -> VehicleType | None:
    """Return the vehicle of least fixed cost that seats everyone, enlarged if need be."""
    types = [v for v in problem.vehicle_types if v.vehicle_type_id in yards]
    if seats and types:
        largest = max(types, key=lambda v: v.seats)
        types = [replace(largest, seats=max(seats, largest.seats))]
    fitting = (v for v in types if v.seats >= people)
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


def _sentence(problem: Problem, gathering: Gathering, needs: Mapping[str, int], extra: int) -> str:
    stop = problem.stops[gathering.kerbs[0]]
    where = f"from {stop.name} ({stop.stop_id}), {gathering.walk_m} m on foot"
    if "price" in needs:
        riders = f"the {gathering.people} riders left out"
        return f"A line for {riders} {where}, keeps every rule for {dearer(extra)} than leaving them."
    conditions = {
        "vehicles": f"{needs.get('vehicles')} more vehicles",
        "money": f"{fen_to_yuan(needs.get('money', 0)):,.2f} yuan a day more in the budget",
        "neighbours": f"{needs.get('neighbours')} more riders for the same worksite and shift {where}",
    }
    wanted = " and ".join(conditions[kind] for kind in needs)
    return f"With {wanted}, a line could open{'' if 'neighbours' in needs else f' {where}'}."
