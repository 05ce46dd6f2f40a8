"""Lines as columns of the master program, read back from the labels of a pricing."""

import itertools
from dataclasses import dataclass

import numpy as np

from routing.bound.asks import Float64
from routing.bound.labels import Labels
from routing.bound.lane import Lane, Tail
from routing.bound.pricing import Entries, Roads, Terms
from routing.model.fleet import VehicleType
from routing.model.units import HOUR_S, METRES_PER_KM


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A line, perhaps one that collects a rider more than once.

    Attributes
    ----------
    cost : float
        [fen] of vehicle, driving, rides and walks.
    asks : dict
        How often it collects each ask.
    """

    cost: float
    asks: dict[int, int]

    def reduced_cost(self, duals: Float64) -> float:
        """Return the reduced cost [fen] at prices of riders."""
        return self.cost - float(sum(duals[ask] * times for ask, times in self.asks.items()))


def terms_of(lane: Lane, kind: VehicleType, tail: Tail, *, halts: int, layer: int) -> Terms:
    """Return the numbers of a pricing."""
    per_metre, per_second = kind.distance_cost / METRES_PER_KM, kind.time_cost / HOUR_S
    base = kind.fixed_cost * lane.part + per_metre * tail.metres + per_second * tail.seconds
    return Terms(base, kind.seats, per_metre, per_second, layer, halts)


def cheapest_labels(labels: Labels, most: int) -> list[int]:
    """Return labels of negative reduced cost, the least first, at most one per last gate."""
    gates, width = len(labels.elites), len(labels.time) // len(labels.filled)
    used = (np.arange(width)[None, :] < labels.filled[:, None]).ravel()
    index = np.flatnonzero(used)
    cost = np.maximum(labels.open[index], labels.full[index].max(axis=1, initial=-np.inf))
    found: dict[int, int] = {}
    for i in np.argsort(cost, kind="stable"):
        if cost[i] > -1e-6 or len(found) == min(most, gates):
            break
        found.setdefault(int(labels.gate[index[i]]), int(index[i]))
    return list(found.values())


def read_column(
    lane: Lane, roads: Roads, entries: Entries, terms: Terms, labels: Labels, last: int, duals: Float64
) -> Column:
    """Return the line of a label, with those aboard who bring in most per seat."""
    chain = [last]
    while labels.parent[chain[-1]] >= 0:
        chain.append(int(labels.parent[chain[-1]]))
    worth = [found for i in chain for found in collected(entries, int(labels.gate[i]), int(labels.time[i]))]
    worth.sort(key=lambda found: found[0] / max(float(lane.counted[found[1]]), 1e-9), reverse=True)
    room, cost = float(terms.seats), 0.0
    asks: dict[int, int] = {}
    for value, rider in worth:
        if value > 0 and lane.counted[rider] <= room:
            room -= float(lane.counted[rider])
            asks[rider] = asks.get(rider, 0) + 1
            cost += float(duals[rider]) - value
    return Column(cost=_running(roads, terms, labels, chain) + cost, asks=asks)


def _running(roads: Roads, terms: Terms, labels: Labels, chain: list[int]) -> float:
    """Return what a line costs beside its riders [fen]."""
    gates = [int(labels.gate[i]) for i in chain]
    metres = float(roads.first_metres[gates[-1]]) + sum(float(roads.metres[b, a]) for a, b in itertools.pairwise(gates))
    return terms.base + terms.per_metre * metres + terms.per_second * float(labels.time[chain[0]])


def collected(entries: Entries, gate: int, time: int) -> list[tuple[float, int]]:
    """Return what each rider brings in [fen] by the best contact of a gate that a line comes to at a time."""
    best: list[tuple[float, int]] = []
    for contact in np.flatnonzero(entries.gate == gate):
        reached = max(time, int(entries.near[contact]))
        span = slice(int(entries.start[contact]), int(entries.start[contact + 1]))
        riders = entries.rider[span]
        value = np.where(entries.limit[span] >= reached, entries.value[span] - entries.rate[riders] * reached, 0.0)
        found = [(float(v), int(r)) for v, r in zip(value, riders, strict=True) if v > 0]
        if sum(v for v, _ in found) > sum(v for v, _ in best):
            best = found
    return best
