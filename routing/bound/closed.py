"""The bound in closed form: what each rider must cost, whoever shares the vehicle."""

from collections import defaultdict

import numpy as np

from routing.bound.asks import Ask, effort
from routing.bound.sharing import seat_shares
from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM


def vehicle_types(problem: Problem) -> tuple[VehicleType, ...]:
    """Return the types of which at least one vehicle stands somewhere."""
    present = {item.vehicle_type_id for item in problem.fleet if item.available}
    return tuple(t for t in problem.vehicle_types if t.vehicle_type_id in present)


def charges(problem: Problem, asks: tuple[Ask, ...]) -> list[float]:
    """Return for each ask the least cost of serving it [fen]; infinite where nobody can.

    Walking and riding cost at least the shortest way. A vehicle never carries more people than it has
    seats, so metres and seconds driven are at least those ridden divided by the seats, and its fixed
    cost is shared by no more people than `seat_shares` allows. All is taken on one weekday: people
    who do not travel on it may sit on seats that others have paid for.
    """
    types = vehicle_types(problem)
    shares = seat_shares(problem, asks)
    return [_charge(problem, types, ask, share) for ask, share in zip(asks, shares, strict=True)]


def _charge(problem: Problem, types: tuple[VehicleType, ...], ask: Ask, share: float) -> float:
    least = np.inf
    own = effort(problem, ask)
    for kind in types:
        if kind.seats < ask.people or not len(own):
            continue
        running = kind.distance_cost * ask.metres / METRES_PER_KM + kind.time_cost * ask.ride / HOUR_S
        seat = ask.people / kind.seats * (running + kind.fixed_cost * share) if ask.counted else 0.0
        least = min(least, float((own + seat).min()))
    return least


def closed_form(problem: Problem, asks: tuple[Ask, ...]) -> float:
    """Return the bound [fen]: every ask is served at its charge or left out at its penalty.

    With one line both ways a rider is served in both directions or in none.
    """
    together: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for i, (ask, charge) in enumerate(zip(asks, charges(problem, asks), strict=True)):
        together[ask.rider if problem.rules.same_line_both_ways else -1 - i].append((charge, ask.penalty))
    return sum(min(sum(c for c, _ in ways), sum(p for _, p in ways)) for ways in together.values())
