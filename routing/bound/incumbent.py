"""The lines of a plan, as the columns that a column generation starts from."""

import numpy as np

from routing.bound.asks import Float64
from routing.bound.columns import Column
from routing.bound.lane import Lane
from routing.model.demand import Direction
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM
from routing.schedule import Seat, TripSchedule, schedule_plan


def plan_columns(problem: Problem, lane: Lane, plan: Plan) -> tuple[list[Column], Float64]:
    """Return the plan's lines of a lane's direction, and prices of riders that share each line's cost evenly.

    They only guide the search for prices: whatever they are, no bound depends on them.
    """
    kinds = {kind.vehicle_type_id: i for i, kind in enumerate(lane.types)}
    index = {ask.rider: i for i, ask in enumerate(lane.asks)}
    columns, prices = [], lane.penalty.copy()
    for trip in schedule_plan(problem, plan).trips:
        if trip.trip.direction is not lane.asks[0].direction or trip.trip.vehicle_type_id not in kinds:
            continue
        kind = kinds[trip.trip.vehicle_type_id]
        efforts = {index[seat.rider]: _effort(problem, trip, seat) for seat in trip.seats if seat.rider in index}
        if not efforts:
            continue
        load = sum(float(lane.counted[ask]) for ask in efforts)
        vehicle = _vehicle(lane, kind, trip)
        for ask, effort in efforts.items():
            prices[ask] = min(lane.penalty[ask], effort + vehicle * lane.counted[ask] / max(1.0, load))
        asks = dict.fromkeys(efforts, 1)
        columns.append(Column(cost=vehicle + sum(efforts.values()), asks=asks))
    return columns, np.asarray(prices)


def _vehicle(lane: Lane, kind: int, trip: TripSchedule) -> float:
    """Return what a line costs beside its riders [fen]."""
    type_ = lane.types[kind]
    running = type_.distance_cost * trip.distance_m / METRES_PER_KM
    return type_.fixed_cost * lane.part + running + type_.time_cost * (trip.depart[-1] - trip.arrive[0]) / HOUR_S


def _effort(problem: Problem, trip: TripSchedule, seat: Seat) -> float:
    """Return what riding and walking costs [fen]."""
    home = seat.board if trip.trip.direction is Direction.INBOUND else seat.alight
    walk = problem.walks.walk_m(seat.rider, trip.nodes[home]) or 0
    people = problem.riders[seat.rider].count
    on_foot = problem.costs.walk * walk / problem.rules.walk_speed_m_per_h
    return people * (on_foot + problem.costs.ride * trip.ride_s(seat) / HOUR_S)
