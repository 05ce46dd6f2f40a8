"""One direction of a problem, laid out in arrays for the pricing."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from routing.bound.asks import Ask, Float64, calling_nodes, effort, trip_periods
from routing.bound.opening import lead_in, share_stops
from routing.bound.pricing import Entries, Roads
from routing.bound.shortest import closed
from routing.model.demand import Direction
from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.model.travel import Int32
from routing.model.units import HOUR_S, METRES_PER_KM

MOST_ORDERED_SITES = 4
"""With more worksites than this, tails are told apart by their first worksite alone."""
GATE_S, MOST_GATES = 90, 48
"""How far [s] stops of one gate may be from its centre, as long as there are no more gates than that."""


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

    Riders who may use one and the same stop live in one *area*, and so do those who share a stop with them.

    Attributes
    ----------
    asks : tuple of Ask
    part : float
        Part of a vehicle's fixed cost that a line of this direction pays.
    types : tuple of VehicleType
    tails : tuple of Tail
    area : ndarray of int32
        The area of each ask.
    home : ndarray of int32
        The area of each gate: of stops near one another.
    seconds, metres : ndarray, shape (gates, gates)
        As in `Roads`.
    near_seconds, near_metres : dict
        By worksite node, between each gate and the worksite.
    contact : ndarray of int32
        The gate of each contact: each stop of each area.
    start, rider : ndarray of int32
        As in `Entries`.
    extra : ndarray of float64, shape (types, entries)
        [fen] that it costs to walk and ride more than from the contact, by vehicle type.
    limit : ndarray of int32
        [s] from the contact to the worksite, at most.
    way : dict
        By worksite node, [s] between each contact and the worksite.
    """

    asks: tuple[Ask, ...]
    part: float
    types: tuple[VehicleType, ...]
    tails: tuple[Tail, ...]
    area: Int32
    home: Int32
    seconds: Int32
    metres: Float64
    near_seconds: dict[int, Int32]
    near_metres: dict[int, Float64]
    contact: Int32
    start: Int32
    rider: Int32
    extra: Float64
    limit: Int32
    way: dict[int, Int32]
    site: Int32
    rate: Float64
    counted: Float64
    penalty: Float64

    def roads(self, tail: Tail) -> Roads:
        """Return the ways of lines with a tail."""
        first = tail.sites[0]
        return Roads(self.home, self.seconds, self.metres, self.near_seconds[first], self.near_metres[first])

    def entries(self, tail: Tail, duals: Float64, kind: int) -> Entries:
        """Return what collecting brings in at the riders' prices [fen], on a vehicle type."""
        offset = np.array([tail.offset.get(int(s), -1) for s in self.site])
        ends = offset[self.rider]
        return Entries(
            start=self.start,
            gate=self.contact,
            near=self.way[tail.sites[0]],
            rider=self.rider,
            value=(duals - self.rate * np.maximum(offset, 0))[self.rider] - self.extra[kind],
            limit=np.where(ends >= 0, self.limit - ends, -1).astype(np.int32),
            rate=self.rate,
            people=self.counted,
        )


def make_lane(
    problem: Problem, asks: Sequence[Ask], part: float, types: tuple[VehicleType, ...], *, most_gates: int = MOST_GATES
) -> Lane:
    """Return the arrays for asks of one direction, each area with one gate at least."""
    first = asks[0]
    inbound = first.direction is Direction.INBOUND
    periods = sorted({p for s in {a.shift_id for a in asks} for p in trip_periods(problem, first.direction, s)})
    calls = calling_nodes(problem)
    seconds = np.min([closed(problem.travel[p].duration[calls, calls]) for p in periods], axis=0)
    metres = np.min([closed(problem.travel[p].distance[calls, calls]) for p in periods], axis=0)
    if inbound:
        seconds, metres = seconds.T, metres.T
    area, stops = find_areas(asks)
    home, gates = find_gates(seconds, stops, most_gates)
    place = np.zeros(len(seconds), np.int32)
    place[np.concatenate(gates)] = np.repeat(np.arange(len(gates)), [len(g) for g in gates])
    everybody = all(a.counted for a in asks)
    halts = seconds + problem.rules.dwell_s(int(everybody), at_worksite=False)
    np.fill_diagonal(halts, 0)
    sites, nodes = sorted({a.site for a in asks}), np.concatenate([a.stop for a in asks])
    lead, onward = lead_in(metres, np.unique(nodes), sites)
    rate = np.array([a.people * problem.costs.ride / HOUR_S for a in asks])
    per_metre = [kind.distance_cost / METRES_PER_KM for kind in types]
    share = share_stops(asks, seconds, rate, lead, min(per_metre))
    longest = [_limits(problem, a, periods) for a in asks]
    start, rider, extra, limit = read_contacts(asks, area, stops, halts, share, longest, rate, per_metre)
    return Lane(
        asks=tuple(asks),
        part=part,
        types=types,
        tails=_tails(problem, first, sites, seconds, metres),
        area=area,
        home=home,
        seconds=between(halts, gates).astype(np.int32),
        metres=between(closed(onward), gates).astype(np.float64),
        near_seconds={w: np.array([seconds[w, s].min() for s in gates], np.int32) for w in sites},
        near_metres={w: np.array([(metres[w, s] - lead[s]).min() for s in gates], np.float64) for w in sites},
        contact=place[np.concatenate(stops)].astype(np.int32),
        start=start,
        rider=rider,
        extra=extra,
        limit=limit,
        way={w: np.ascontiguousarray(seconds[w, np.concatenate(stops)], dtype=np.int32) for w in sites},
        site=np.array([a.site for a in asks], np.int32),
        rate=rate,
        counted=np.array([float(a.people * a.counted) for a in asks]),
        penalty=np.array([a.penalty for a in asks]),
    )


def find_areas(asks: Sequence[Ask]) -> tuple[Int32, list[Int32]]:
    """Return the area of each ask and the nodes of the stops of each area."""
    rider = np.repeat(np.arange(len(asks)), [len(a.stop) for a in asks])
    nodes, stop = np.unique(np.concatenate([a.stop for a in asks]), return_inverse=True)
    use = csr_array((np.ones(len(rider), np.int8), (rider, len(asks) + stop)), shape=(len(asks) + len(nodes),) * 2)
    count, area = connected_components(use, directed=False)
    return area[: len(asks)].astype(np.int32), [nodes[area[len(asks) :] == a].astype(np.int32) for a in range(count)]


def find_gates(seconds: Int32, stops: list[Int32], most: int) -> tuple[Int32, list[Int32]]:
    """Return the area of each gate, and the nodes of its stops: those near one another.

    The stop that is furthest from all gates so far opens the next one (T. F. Gonzalez, Clustering to minimize the
    maximum intercluster distance, Theoretical Computer Science 38, 1985, doi:10.1016/0304-3975(85)90224-5).
    """
    apart = seconds + seconds.T
    centres = [[int(group[0])] for group in stops]
    reach = [apart[group, group[0]].copy() for group in stops]
    while sum(len(c) for c in centres) < most:
        widest = int(np.argmax([r.max() for r in reach]))
        if reach[widest].max() <= 2 * GATE_S:
            break
        group = stops[widest]
        centres[widest].append(int(group[reach[widest].argmax()]))
        reach[widest] = np.minimum(reach[widest], apart[group, centres[widest][-1]])
    nearest = [apart[group][:, own].argmin(axis=1) for group, own in zip(stops, centres, strict=True)]
    gates = [group[nearest[a] == g] for a, group in enumerate(stops) for g in range(len(centres[a]))]
    home = np.repeat(np.arange(len(stops)), [len(c) for c in centres])
    used = [len(g) > 0 for g in gates]
    return home[used].astype(np.int32), [g for g in gates if len(g)]


def between(matrix: Int32, groups: list[Int32]) -> Int32:
    """Return the least entries between groups of nodes."""
    rows = np.array([matrix[s].min(axis=0) for s in groups])
    return np.array([rows[:, s].min(axis=1) for s in groups]).T.copy()


def read_contacts(
    asks: Sequence[Ask],
    area: Int32,
    stops: list[Int32],
    halts: Int32,
    share: Float64,
    longest: list[Int32],
    rate: Float64,
    per_metre: list[float],
) -> tuple[Int32, Int32, Float64, Int32]:
    """Return `Lane.start`, `rider`, `extra` and `limit`: from its contact, a line comes to any other stop later.

    Parameters
    ----------
    halts : ndarray of int32, shape (n, n)
        [s] of a halt and the shortest way, outwards; 0 on the diagonal.
    share : ndarray of float64
        [m] that boarding pays for, one entry per ask and stop.
    longest : list of ndarray of int32
        [s] the longest ride from each stop of each ask.
    """
    own = np.split(share, np.cumsum([len(a.stop) for a in asks])[:-1])
    count, riders, extra, limit = [0], [], [], []
    for a, group in enumerate(stops):
        those = np.flatnonzero(area == a).astype(np.int32)
        for r in those.tolist():
            later = halts[np.ix_(group, asks[r].stop)]
            costs = [(asks[r].walk + m * own[r] + rate[r] * later).min(axis=1) for m in per_metre]
            extra.append(np.array(costs))
            limit.append((longest[r][None, :] - later).max(axis=1))
        riders.append(np.tile(those, len(group)))
        # From one row per rider to one per contact.
        extra[-len(those) :] = [np.stack(extra[-len(those) :], axis=2).reshape(len(per_metre), -1)]
        limit[-len(those) :] = [np.stack(limit[-len(those) :], axis=1).ravel()]
        count += [len(those)] * len(group)
    start = np.cumsum(count).astype(np.int32)
    return start, np.concatenate(riders), np.concatenate(extra, axis=1), np.concatenate(limit).astype(np.int32)


def _limits(problem: Problem, ask: Ask, periods: list[int]) -> Int32:
    """Return the longest ride [s] from (outbound: to) each stop."""
    ends = [(int(n), ask.site) if ask.direction is Direction.INBOUND else (ask.site, int(n)) for n in ask.stop]
    rules, travel = problem.rules, problem.travel
    return np.array([max(rules.ride_limit_s(int(travel[p].duration[e])) for p in periods) for e in ends], np.int32)


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
                seat = ask.people * ask.counted / kind.seats * (running + kind.fixed_cost * lane.part)
                least[i] = min(least[i], float((own + seat).min()))
    return np.asarray(np.minimum(least, lane.penalty))
