"""Key figures of a plan: who is served, how far they walk, how long they ride, how full vehicles are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.evaluate.costs import Mileage
from routing.evaluate.promises import home_position
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.schedule import PlanSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpis:
    """Key figures; per-rider figures count people and both directions.

    Attributes
    ----------
    riders, served, unserved : int
        People; served means in every direction asked for.
    vehicles : int
        Number of blocks.
    mean_walk_m, p95_walk_m, mean_ride_s, p95_ride_s : float
        [m], [s].
    p95_ride_ratio : float
        Ride over direct drive.
    mean_load_factor : float
        People on the busiest weekday over seats, mean over trips.
    deadhead_share : float
        Empty metres over all metres.
    """

    riders: int
    served: int
    unserved: int
    lines: int
    trips: int
    vehicles: int
    mean_walk_m: float
    p95_walk_m: float
    mean_ride_s: float
    p95_ride_s: float
    p95_ride_ratio: float
    mean_load_factor: float
    riders_per_trip: float
    trips_per_vehicle: float
    service_km: float
    deadhead_share: float


def measure(problem: Problem, plan: Plan, schedule: PlanSchedule, mileage: Mileage) -> Kpis:
    """Measure the key figures of a plan."""
    walks, rides, ratios, people = _per_seat(problem, schedule)
    loads, riders_per_trip = [], []
    for trip in schedule.trips:
        vehicle_type = problem.vehicle_type(trip.trip.vehicle_type_id)
        if vehicle_type is not None:
            loads.append(trip.riders / vehicle_type.seats)
            riders_per_trip.append(trip.riders)
    total = sum(r.count for r in problem.riders)
    served = _people_served(problem, schedule)
    metres = mileage.service_m + mileage.deadhead_m
    return Kpis(
        riders=total,
        served=served,
        unserved=total - served,
        lines=len(plan.lines),
        trips=len(schedule.trips),
        vehicles=len(plan.blocks),
        mean_walk_m=_mean(walks, people),
        p95_walk_m=_p95(walks, people),
        mean_ride_s=_mean(rides, people),
        p95_ride_s=_p95(rides, people),
        p95_ride_ratio=_p95(ratios, people),
        mean_load_factor=_mean(loads, [1] * len(loads)),
        riders_per_trip=_mean(riders_per_trip, [1] * len(riders_per_trip)),
        trips_per_vehicle=round(len(schedule.trips) / max(1, len(plan.blocks)), 3),
        service_km=round(mileage.service_m / 1000, 1),
        deadhead_share=round(mileage.deadhead_m / max(1, metres), 4),
    )


def _per_seat(problem: Problem, schedule: PlanSchedule) -> tuple[list[int], list[int], list[float], list[int]]:
    walks, rides, ratios, people = [], [], [], []
    for trip in schedule.trips:
        duration = problem.travel[trip.period].duration
        for seat in trip.seats:
            ride = trip.ride_s(seat)
            direct = int(duration[trip.nodes[seat.board], trip.nodes[seat.alight]])
            walks.append(problem.walks.walk_m(seat.rider, trip.nodes[home_position(trip, seat)]) or 0)
            rides.append(ride)
            ratios.append(ride / max(1, direct))
            people.append(problem.riders[seat.rider].count)
    return walks, rides, ratios, people


def _people_served(problem: Problem, schedule: PlanSchedule) -> int:
    seated = {(seat.rider, trip.trip.direction) for trip in schedule.trips for seat in trip.seats}
    served = 0
    for index, rider in enumerate(problem.riders):
        shift = problem.shift(rider.shift_id)
        if shift is not None and all((index, way) in seated for way in shift.directions):
            served += rider.count
    return served


def _mean(values: Sequence[float], people: list[int]) -> float:
    return round(float(np.average(values, weights=people)), 3) if len(people) else 0.0


def _p95(values: Sequence[float], people: list[int]) -> float:
    # Weighted, not repeated: a group may count a million people.
    if not len(people):
        return 0.0
    return round(float(np.percentile(values, 95, weights=people, method="inverted_cdf")), 3)
