"""What a plan costs in one day, counted here and nowhere else."""

import itertools
from collections import Counter
from dataclasses import asdict, dataclass
from fractions import Fraction

from routing.evaluate.promises import home_position
from routing.model.plan import Block, Plan
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM
from routing.schedule import PlanSchedule, TripSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class CostParts:
    """Cost of one day [fen], by what it is spent on."""

    vehicles: int
    distance: int
    time: int
    ride: int
    walk: int
    unserved: int

    @property
    def total(self) -> int:
        """Sum of the parts [fen]."""
        return sum(asdict(self).values())

    @property
    def spent(self) -> int:
        """Money that leaves the purse [fen]: without the riders' effort and the price of leaving some out."""
        return self.vehicles + self.distance + self.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Mileage:
    """What vehicles drive in one day.

    Attributes
    ----------
    service_m, deadhead_m : int
        [m] with riders' trips and empty.
    """

    service_m: int
    deadhead_m: int


def count_costs(problem: Problem, plan: Plan, schedule: PlanSchedule) -> tuple[CostParts, Mileage]:
    """Add up a plan's cost of one day on which every rider travels; exact whole numbers until each part is rounded."""
    vehicles = distance = time = 0
    service = deadhead = 0
    by_id = {trip.trip.trip_id: trip for trip in schedule.trips}
    for block in plan.blocks:
        vehicle_type = problem.vehicle_type(block.vehicle_type_id)
        if vehicle_type is None:
            continue
        trips = [by_id[trip_id] for trip_id in block.trip_ids if trip_id in by_id]
        run_m, run_s = sum(t.distance_m for t in trips), sum(t.depart[-1] - t.arrive[0] for t in trips)
        empty_m, empty_s = _deadheads(problem, block, trips)
        service, deadhead = service + run_m, deadhead + empty_m
        vehicles += vehicle_type.fixed_cost
        distance += vehicle_type.distance_cost * (run_m + empty_m)
        time += vehicle_type.time_cost * (run_s + empty_s)
    ride_s, walk_m = _rider_effort(problem, schedule)
    parts = CostParts(
        vehicles=vehicles,
        distance=round(Fraction(distance, METRES_PER_KM)),
        time=round(Fraction(time, HOUR_S)),
        ride=round(Fraction(problem.costs.ride * ride_s, HOUR_S)),
        walk=round(Fraction(problem.costs.walk * walk_m, problem.rules.walk_speed_m_per_h)),
        unserved=round(problem.costs.unserved * _unserved_riders(problem, schedule)),
    )
    return parts, Mileage(service_m=service, deadhead_m=deadhead)


def _deadheads(problem: Problem, block: Block, trips: list[TripSchedule]) -> tuple[int, int]:
    """Return metres [m] and seconds [s] driven empty: from the depot, between trips, back to the depot."""
    depot = problem.depot_node(block.depot_id)
    if not trips or depot is None:
        return 0, 0
    legs = [(trips[0].period, depot, trips[0].nodes[0]), (trips[-1].period, trips[-1].nodes[-1], depot)]
    legs += [(b.period, a.nodes[-1], b.nodes[0]) for a, b in itertools.pairwise(trips)]
    metres = sum(int(problem.travel[period].distance[a, b]) for period, a, b in legs)
    seconds = sum(int(problem.travel[period].duration[a, b]) for period, a, b in legs)
    return metres, seconds


def _rider_effort(problem: Problem, schedule: PlanSchedule) -> tuple[int, int]:
    """Return person-seconds aboard [s] and person-metres on foot [m]."""
    ride_s = walk_m = 0
    for trip in schedule.trips:
        for seat in trip.seats:
            people = problem.riders[seat.rider].count
            walk = problem.walks.walk_m(seat.rider, trip.nodes[home_position(trip, seat)])
            ride_s += people * trip.ride_s(seat)
            walk_m += people * (walk or 0)
    return ride_s, walk_m


def _unserved_riders(problem: Problem, schedule: PlanSchedule) -> Fraction:
    """Return the people left out, each direction counting its share of those asked for."""
    seats = Counter({(seat.rider, trip.trip.direction) for trip in schedule.trips for seat in trip.seats})
    missing = Fraction(0)
    for index, rider in enumerate(problem.riders):
        shift = problem.shift(rider.shift_id)
        wanted = () if shift is None else shift.directions
        lacking = sum(1 for direction in wanted if not seats[index, direction])
        missing += Fraction(rider.count * lacking, max(1, len(wanted)))
    return missing
