"""Lines as columns of the master program, read back from the labels of a pricing."""

from dataclasses import dataclass

import numpy as np

from routing.bound.asks import Float64
from routing.bound.labels import Labels
from routing.bound.lane import Lane, Tail
from routing.bound.pricing import Prizes, Roads, Terms
from routing.model.fleet import VehicleType
from routing.model.units import HOUR_S, METRES_PER_KM


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A line, perhaps one that collects a rider more than once, without its vehicle's limit of seats.

    Attributes
    ----------
    cost : float
        [fen] of vehicle, driving, rides and walks.
    asks : dict
        How often it collects each ask.
    load : float
        People on it, on the weekday on which seats are counted.
    kind : int
        Index of the vehicle type.
    stops : tuple of int
        Numbers of its stops in the lane, from the worksites outwards.
    """

    cost: float
    asks: dict[int, int]
    load: float
    kind: int
    stops: tuple[int, ...] = ()

    def reduced_cost(self, duals: Float64, seats: Float64, types: tuple[VehicleType, ...]) -> float:
        """Return the reduced cost [fen] at prices of riders and of seats by vehicle type."""
        income = sum(duals[ask] * times for ask, times in self.asks.items())
        return self.cost - float(income) + float(seats[self.kind]) * (self.load - types[self.kind].seats)


def terms_of(lane: Lane, kind: VehicleType, tail: Tail, seat: float, *, halts: int, layer: int, relaxed: bool) -> Terms:
    """Return the numbers of a pricing."""
    per_metre, per_second = kind.distance_cost / METRES_PER_KM, kind.time_cost / HOUR_S
    base = kind.fixed_cost * lane.share + per_metre * tail.metres + per_second * tail.seconds - seat * kind.seats
    return Terms(base, per_metre, per_second, lane.dwell, layer, halts, relaxed)


def cheapest_labels(labels: Labels, most: int) -> list[int]:
    """Return labels of negative reduced cost, the least first, at most one per last stop."""
    stops = len(labels.elites)
    found: list[int] = []
    for stop in range(stops):
        room = int(labels.offset[stop + 1] - labels.offset[stop])
        used = labels.filled[stop::stops]
        first = labels.offset[stops] * np.arange(len(used)) + labels.offset[stop]
        index = (first[:, None] + np.arange(room)).ravel()[(np.arange(room) < used[:, None]).ravel()]
        if len(index):
            least = int(index[labels.cost[index].argmin()])
            if labels.cost[least] < -1e-6:
                found.append(least)
    return sorted(found, key=lambda i: labels.cost[i])[:most]


def read_column(
    lane: Lane,
    roads: Roads,
    prizes: Prizes,
    terms: Terms,
    labels: Labels,
    last: int,
    kind: int,
    duals: Float64,
    seat: float,
) -> Column:
    """Return the line of a label, collected as the pricing did."""
    chain = [last]
    while labels.parent[chain[-1]] >= 0:
        chain.append(int(labels.parent[chain[-1]]))
    cost = terms.base + seat * lane.types[kind].seats
    asks: dict[int, int] = {}
    before = -1
    for i in reversed(chain):
        p = int(labels.node[i])
        if before < 0:
            time, metres = int(roads.first_seconds[p]), float(roads.first_metres[p])
            leg, known = time, {}
        else:
            s = int(labels.node[before])
            leg = terms.dwell + int(roads.seconds[s, p])
            time, metres = int(labels.time[before]) + leg, float(roads.metres[s, p])
            known = dict(zip(labels.word[before].tolist(), labels.bits[before].tolist(), strict=True))
        cost += terms.per_metre * metres + terms.per_second * leg
        for ask, effort in _collected(lane, prizes, p, time, known, duals, seat):
            asks[ask] = asks.get(ask, 0) + 1
            cost += effort
        before = i
    load = sum(times * float(lane.counted[ask]) for ask, times in asks.items())
    stops = tuple(int(labels.node[i]) for i in reversed(chain))
    return Column(cost=cost, asks=asks, load=load, kind=kind, stops=stops)


def _collected(
    lane: Lane, prizes: Prizes, p: int, time: int, known: dict[int, int], duals: Float64, seat: float
) -> list[tuple[int, float]]:
    """Return who is collected at a stop, and what riding and walking costs them [fen]."""
    found = []
    for j in range(int(prizes.start[p]), int(prizes.start[p + 1])):
        value = float(prizes.value[j] - prizes.rate[j] * time)
        rider = int(prizes.rider[j])
        if value > 0 and time <= prizes.limit[j] and not known.get(rider >> 6, 0) >> (rider & 63) & 1:
            ask = int(lane.ask[j])
            found.append((ask, float(duals[ask]) - seat * float(lane.counted[ask]) - value))
    return found
