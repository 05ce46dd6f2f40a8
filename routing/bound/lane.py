"""One direction of a problem, laid out in arrays for the pricing."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.bound.asks import Ask, Float64, calling_nodes, effort, trip_periods
from routing.bound.pricing import Prizes, Roads
from routing.bound.shortest import closed
from routing.model.demand import Direction
from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.model.travel import Int32
from routing.model.units import HOUR_S, METRES_PER_KM

WORD = 64
MOST_ORDERED_SITES = 4
"""With more worksites than this, tails are told apart by their first worksite alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """The worksites of a line, from the first one reached inbound (outbound: the last one left).

    Attributes
    ----------
    sites : tuple of int
        Nodes; in the order of the visit, or all that may be visited where `metres` is 0.
    offset : dict
        [s] from reaching the first site to reaching each, at least.
    seconds, metres : float
        Of the tail as a whole, at least.
    """

    sites: tuple[int, ...]
    offset: dict[int, int]
    seconds: float
    metres: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Everybody who asks to travel in one direction and cannot share a vehicle one after the other.

    Attributes
    ----------
    asks : tuple of Ask
    share : float
        Part of a vehicle's fixed cost that a line of this direction pays.
    types : tuple of VehicleType
    tails : tuple of Tail
    stop : ndarray of int32
        Nodes of the stops; all further arrays number them from 0.
    seconds, metres : ndarray, shape (stops, stops)
        As in `Roads`.
    near_seconds, near_metres : dict
        By worksite node, between each stop and the worksite.
    start, ask, walk, limit, site : ndarray
        Entries by stop: the ask, its walk [fen] and longest ride [s] from there, its worksite.
    place : ndarray of int32
        Word and bit of each ask.
    """

    asks: tuple[Ask, ...]
    share: float
    types: tuple[VehicleType, ...]
    tails: tuple[Tail, ...]
    stop: Int32
    seconds: Int32
    metres: Float64
    near_seconds: dict[int, Int32]
    near_metres: dict[int, Float64]
    start: Int32
    ask: Int32
    walk: Float64
    limit: Int32
    site: Int32
    place: Int32
    dwell: int
    rate: Float64
    counted: Float64
    penalty: Float64

    def roads(self, tail: Tail) -> Roads:
        """Return the ways of lines with a tail."""
        first = tail.sites[0]
        return Roads(self.seconds, self.metres, self.near_seconds[first], self.near_metres[first])

    def prizes(self, tail: Tail, duals: Float64, seat: float) -> Prizes:
        """Return what collecting brings in at the riders' prices and the price of a seat [fen]."""
        offset = np.array([tail.offset.get(int(s), -1) for s in self.site])
        rate = self.rate[self.ask]
        value = duals[self.ask] - seat * self.counted[self.ask] - self.walk - rate * np.maximum(offset, 0)
        limit = np.where(offset >= 0, self.limit - offset, -1)
        value = np.where(limit >= 0, value, -1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            last = np.where(rate > 0, np.minimum(limit, np.floor(value / rate)), limit)
        last = np.where(value > 0, last, -1).astype(np.int64)
        stop = np.repeat(np.arange(len(self.stop)), np.diff(self.start))
        latest = np.full(len(self.stop), -1)
        np.maximum.at(latest, stop, last)
        most = np.zeros((int(self.place.max(initial=0)) // WORD + 1) * WORD)
        near = value - rate * self.near_seconds[tail.sites[0]][stop]
        np.maximum.at(most, self.place[self.ask], np.maximum(near, 0.0))
        rider = self.place[self.ask].astype(np.int32)
        return Prizes(self.start, rider, value, rate, limit.astype(np.int32), latest.astype(np.int32), most)


def make_lane(problem: Problem, asks: Sequence[Ask], share: float, types: tuple[VehicleType, ...]) -> Lane:
    """Return the arrays for asks of one direction."""
    first = asks[0]
    inbound = first.direction is Direction.INBOUND
    periods = sorted({p for s in {a.shift_id for a in asks} for p in trip_periods(problem, first.direction, s)})
    calls = calling_nodes(problem)
    seconds = np.min([closed(problem.travel[p].duration[calls, calls]) for p in periods], axis=0)
    metres = np.min([closed(problem.travel[p].distance[calls, calls]) for p in periods], axis=0)
    if inbound:
        seconds, metres = seconds.T, metres.T
    stop = np.unique(np.concatenate([a.stop for a in asks])).astype(np.int32)
    entries = _entries(problem, asks, stop, seconds, periods)
    sites = sorted({a.site for a in asks})
    grid = np.ix_(stop, stop)
    return Lane(
        asks=tuple(asks),
        share=share,
        types=types,
        tails=_tails(problem, first, sites, seconds, metres),
        stop=stop,
        seconds=np.ascontiguousarray(seconds[grid], dtype=np.int32),
        metres=np.ascontiguousarray(metres[grid], dtype=np.float64),
        near_seconds={w: np.ascontiguousarray(seconds[w, stop], dtype=np.int32) for w in sites},
        near_metres={w: np.ascontiguousarray(metres[w, stop], dtype=np.float64) for w in sites},
        start=np.cumsum([0, *np.bincount([e[0] for e in entries], minlength=len(stop))]).astype(np.int32),
        ask=np.array([e[1] for e in entries], np.int32),
        walk=np.array([e[2] for e in entries], np.float64),
        limit=np.array([e[3] for e in entries], np.int32),
        site=np.array([asks[e[1]].site for e in entries], np.int32),
        place=_places(problem, asks),
        dwell=problem.rules.dwell_s(1, at_worksite=False),
        rate=np.array([a.people * problem.costs.ride / HOUR_S for a in asks]),
        counted=np.array([float(a.people * a.counted) for a in asks]),
        penalty=np.array([a.penalty for a in asks]),
    )


def _entries(
    problem: Problem, asks: Sequence[Ask], stop: Int32, seconds: Int32, periods: list[int]
) -> list[tuple[int, int, float, int]]:
    """Return (stop, ask, walk, limit), by stop.

    A rider may be collected at the first stop that the line comes to and still board at another one:
    the walk is the least over those, the longer ride included.
    """
    number = {int(node): i for i, node in enumerate(stop)}
    dwell = problem.rules.dwell_s(1, at_worksite=False)
    found = []
    for index, ask in enumerate(asks):
        rate = ask.people * problem.costs.ride / HOUR_S
        onward = rate * (dwell + seconds[np.ix_(ask.stop, ask.stop)])
        np.fill_diagonal(onward, 0.0)
        walks = (onward + ask.walk[None, :]).min(axis=1)
        for node, walk in zip(ask.stop.tolist(), walks.tolist(), strict=True):
            ends = (node, ask.site) if ask.direction is Direction.INBOUND else (ask.site, node)
            limit = max(problem.rules.ride_limit_s(int(problem.travel[p].duration[ends])) for p in periods)
            found.append((number[node], index, walk, limit))
    return sorted(found)


def _places(problem: Problem, asks: Sequence[Ask]) -> Int32:
    """Return a number per ask so that those of one word live close together (halves of halves)."""
    where = np.array([[problem.riders[a.rider].home.lon, problem.riders[a.rider].home.lat] for a in asks])
    order: list[int] = []

    def halve(part: Int32, axis: int) -> None:
        if len(part) <= 2:
            order.extend(part.tolist())
            return
        part = part[np.argsort(where[part, axis], kind="stable")]
        halve(part[: len(part) // 2], 1 - axis)
        halve(part[len(part) // 2 :], 1 - axis)

    halve(np.arange(len(asks), dtype=np.int32), 0)
    place = np.empty(len(asks), np.int32)
    place[order] = np.arange(len(asks))
    return place


def _tails(problem: Problem, ask: Ask, sites: list[int], seconds: Int32, metres: Float64) -> tuple[Tail, ...]:
    shift = problem.shift(ask.shift_id)
    window = None if shift is None else problem.rules.window(shift, ask.direction)
    assert window is not None
    width, dwell = window[1] - window[0], problem.rules.dwell_s(1, at_worksite=True)
    if problem.rules.one_worksite_per_trip:
        return tuple(Tail(sites=(w,), offset={w: 0}, seconds=0.0, metres=0.0) for w in sites)
    if len(sites) > MOST_ORDERED_SITES:
        return tuple(_loose_tail(w, sites, seconds, dwell, width) for w in sites)
    found = []
    for size in range(1, len(sites) + 1):
        for order in itertools.permutations(sites, size):
            legs = list(itertools.pairwise(order))
            ends = list(itertools.accumulate((dwell + int(seconds[b, a]) for a, b in legs), initial=0))
            if ends[-1] <= width:
                far = float(sum(metres[b, a] for a, b in legs))
                found.append(
                    Tail(sites=order, offset=dict(zip(order, ends, strict=True)), seconds=float(ends[-1]), metres=far)
                )
    return tuple(t for t in found if not any(_outdoes(o, t) for o in found))


def _loose_tail(first: int, sites: list[int], seconds: Int32, dwell: int, width: int) -> Tail:
    offset = {w: dwell + int(seconds[w, first]) for w in sites if w != first}
    reach = {w: s for w, s in offset.items() if s <= width}
    return Tail(sites=(first, *reach), offset={first: 0, **reach}, seconds=0.0, metres=0.0)


def _outdoes(other: Tail, tail: Tail) -> bool:
    """Tell whether every line with a tail is no better than the same line with another one."""
    if other is tail or other.sites[0] != tail.sites[0] or not set(other.sites) >= set(tail.sites):
        return False
    if other.metres > tail.metres or other.seconds > tail.seconds:
        return False
    if any(other.offset[w] > tail.offset[w] for w in tail.sites):
        return False
    same = (other.metres, other.seconds, other.offset) == (tail.metres, tail.seconds, tail.offset)
    return not same or other.sites < tail.sites


def first_duals(problem: Problem, lane: Lane) -> Float64:
    """Return prices of riders that no line undercuts by much: each pays for the own way and a seat's part."""
    least = np.full(len(lane.asks), np.inf)
    for i, ask in enumerate(lane.asks):
        own = effort(problem, ask)
        for kind in lane.types:
            if kind.seats >= ask.people:
                running = kind.distance_cost * ask.metres / METRES_PER_KM + kind.time_cost * ask.ride / HOUR_S
                seat = ask.people * ask.counted / kind.seats * (running + kind.fixed_cost * lane.share)
                least[i] = min(least[i], float((own + seat).min()))
    return np.asarray(np.minimum(least, lane.penalty))
