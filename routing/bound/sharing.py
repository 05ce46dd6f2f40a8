"""How many people may share one vehicle's day, and so how its fixed cost may be spread over them.

A vehicle carries at most its seats *at any instant*. Weights on instants that add up to one therefore
spread its fixed cost: at each instant, each person aboard is charged weight ÷ seats, and no vehicle is
charged more than once in all. Two kinds of instants are weighed:

* a clock time: people whose ride is so long that, whenever within their window they arrive, they are
  aboard at that time;
* for one shift and direction, the first instant at which the vehicle brings somebody of it to work
  (outbound: the last at which it takes somebody home): everybody of that shift is aboard then, but
  those so near that the vehicle could fetch them and be back within the same window.

Trips that one vehicle chains, both directions, and trips of several shifts are all covered, as nothing
is said about trips. The weights are those that spread most, by linear programming.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from routing.bound.asks import Ask, Float64, calling_nodes
from routing.bound.shortest import from_nodes, to_nodes
from routing.model.demand import Direction
from routing.model.problem import Problem
from routing.model.travel import Int64

GRID_S = 120
"""Distance [s] between the clock times that are weighed; finer ones charge hardly more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """People of one shift and direction whose rides last about as long.

    Attributes
    ----------
    begin, end : int
        [s] the window at the worksite.
    ride : int
        [s] that their ride lasts at least.
    apart : bool
        Whether no vehicle can serve them after (outbound: before) others within the same window.
    """

    shift_id: str
    direction: Direction
    begin: int
    end: int
    ride: int
    apart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights that add up to at most one.

    Attributes
    ----------
    clock : ndarray of int64, shape (k,)
        [s], rising.
    at : ndarray of float64, shape (k,)
        The weight of each clock time.
    first : dict
        The weight of the first (outbound: last) instant of a shift and direction.
    """

    clock: Int64
    at: Float64
    first: dict[tuple[str, Direction], float]

    def aboard(self, begin: int, end: int, ride: int, direction: Direction) -> float:
        """Return the least weight that a ride covers, whenever within its window it is made.

        Parameters
        ----------
        begin, end : int
            [s] earliest and latest instant at the worksite.
        ride : int
            [s] that it lasts at least, before that instant inbound and after it outbound.
        """
        back, ahead = (ride, 0) if direction is Direction.INBOUND else (0, ride)
        # The covered weight can only fall just after a clock time is left behind, or before one is reached.
        moves = np.concatenate([[begin, end], self.clock + back + 1, self.clock - ahead - 1])
        moves = moves[(moves >= begin) & (moves <= end)]
        total = np.concatenate([[0.0], np.cumsum(self.at)])
        low = np.searchsorted(self.clock, moves - back, side="left")
        high = np.searchsorted(self.clock, moves + ahead, side="right")
        return float((total[high] - total[low]).min(initial=1.0))

    def share(self, kind: Class) -> float:
        """Return the share of a vehicle's fixed cost, times its seats, that a person of a class is charged."""
        first = self.first.get((kind.shift_id, kind.direction), 0.0) if kind.apart else 0.0
        return first + self.aboard(kind.begin, kind.end, kind.ride, kind.direction)


def seat_shares(problem: Problem, asks: tuple[Ask, ...]) -> list[float]:
    """Return for each ask the share of a seat's part of the fixed cost that each of its people is charged."""
    kinds = classify(problem, asks)
    weights = best_weights(kinds, [ask.people * ask.counted for ask in asks])
    known = {kind: weights.share(kind) for kind in set(kinds) if kind is not None}
    return [0.0 if kind is None else known[kind] for kind in kinds]


def classify(problem: Problem, asks: tuple[Ask, ...]) -> list[Class | None]:
    """Return the class of each ask; None where no stop can be used."""
    if not asks:
        return []
    calls = calling_nodes(problem)
    fastest = np.min([matrix.duration[calls, calls] for matrix in problem.travel], axis=0)
    sites = sorted({ask.site for ask in asks})
    ways = {Direction.INBOUND: from_nodes(fastest, sites), Direction.OUTBOUND: to_nodes(fastest, sites)}
    return [_class_of(problem, ask, ways[ask.direction]) if len(ask.stop) else None for ask in asks]


def _class_of(problem: Problem, ask: Ask, empty: Int64) -> Class | None:
    shift = problem.shift(ask.shift_id)
    window = None if shift is None else problem.rules.window(shift, ask.direction)
    if window is None:
        return None
    again = int((empty[ask.stop] + ask.ride).min()) + problem.rules.dwell_s(1, at_worksite=False)
    return Class(
        shift_id=ask.shift_id,
        direction=ask.direction,
        begin=window[0],
        end=window[1],
        ride=int(ask.ride.min()) // GRID_S * GRID_S,
        apart=again > window[1] - window[0],
    )


def best_weights(kinds: list[Class | None], people: list[int]) -> Weights:
    """Return the weights under which the people pay for the most vehicles.

    A linear program; its answer is taken as a proposal only: `Weights.share` charges what is certain.
    """
    demand: dict[Class, int] = defaultdict(int)
    for kind, count in zip(kinds, people, strict=True):
        if kind is not None and count:
            demand[kind] += count
    clock, groups = _instants(list(demand)), sorted({(k.shift_id, k.direction) for k in demand})
    if not demand:
        return Weights(clock=clock, at=np.zeros(len(clock)), first={})
    rows, limits, columns = _constraints(list(demand), clock, groups)
    gain = np.zeros(columns)
    gain[columns - len(demand) :] = [-float(count) for count in demand.values()]
    found = linprog(gain, A_ub=rows, b_ub=limits, bounds=(0, 1), method="highs")
    if found.x is None:
        return Weights(clock=clock, at=np.zeros(len(clock)), first={g: 1.0 / len(groups) for g in groups})
    weights = np.maximum(found.x[: columns - len(demand)], 0.0)
    weights /= max(1.0, weights.sum() * (1 + 1e-12))
    first = dict(zip(groups, weights[len(clock) :].tolist(), strict=True))
    return Weights(clock=clock, at=weights[: len(clock)], first=first)


def _instants(kinds: list[Class]) -> Int64:
    spans = [
        (k.begin - k.ride, k.end) if k.direction is Direction.INBOUND else (k.begin, k.end + k.ride) for k in kinds
    ]
    times = [np.arange(-(-low // GRID_S) * GRID_S, high + 1, GRID_S) for low, high in spans]
    return np.unique(np.concatenate([np.empty(0, np.int64), *times])).astype(np.int64)


def _constraints(kinds: list[Class], clock: Int64, groups: list[tuple[str, Direction]]) -> tuple[Any, Float64, int]:
    """Return the program's rows: weights add up to one, and no class is charged more than it covers."""
    fixed = len(clock) + len(groups)
    entries = [(0, column, 1.0) for column in range(fixed)]
    row = 1
    for c, kind in enumerate(kinds):
        back, ahead = (kind.ride, 0) if kind.direction is Direction.INBOUND else (0, kind.ride)
        for arrival in range(kind.begin, kind.end + 1, GRID_S):
            low, high = np.searchsorted(clock, [arrival - back, arrival + ahead + 1])
            entries += [(row, int(j), -1.0) for j in range(low, high)]
            if kind.apart:
                entries.append((row, len(clock) + groups.index((kind.shift_id, kind.direction)), -1.0))
            entries.append((row, fixed + c, 1.0))
            row += 1
    at_row, column, value = (np.array(x) for x in zip(*entries, strict=True))
    limits = np.zeros(row)
    limits[0] = 1.0
    return coo_array((value, (at_row, column)), shape=(row, fixed + len(kinds))), limits, fixed + len(kinds)
