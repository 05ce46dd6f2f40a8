"""The least reduced cost of any line to a tail of worksites, or less.

Lines are grown backwards from their first worksite, area by area: the time from an area to the worksite, and
so the least that a ride can cost, is known when the area is added. See `routing.bound.labels` for what keeps the
number of partial lines small, and docs/explanation/lower-bound.md for why the answer is a valid bound.

After M. Desrochers, J. Desrosiers and M. Solomon, A new optimization algorithm for the vehicle routing
problem with time windows, Operations Research 40(2), 1992, doi:10.1287/opre.40.2.342 (labels), and
D. Bergman, A. Cire, W.-J. van Hoeve and J. Hooker, Discrete optimization with decision diagrams, INFORMS
Journal on Computing 28(1), 2016, doi:10.1287/ijoc.2015.0648 (merging them to a limited width).
"""

from typing import NamedTuple

import numpy as np

from routing.bound.asks import Float64
from routing.bound.labels import (
    NONE,
    ONE,
    Draft,
    Labels,
    Worth,
    add,
    has_seen,
    known_better,
    make_draft,
    read,
    remember_elite,
)
from routing.jit import compiled
from routing.model.travel import Int32

INFINITE = float("inf")


class Roads(NamedTuple):
    """Shortest ways between areas, outwards: entry (a, b) leads from b to a inbound, and from a to b outbound.

    Attributes
    ----------
    seconds : ndarray of int32, shape (areas, areas)
        With the halt; 0 where two areas share a stop.
    metres : ndarray of float64, shape (areas, areas)
    first_seconds, first_metres : ndarray, shape (areas,)
        The same between each area and the first worksite, without a halt.
    """

    seconds: Int32
    metres: Float64
    first_seconds: Int32
    first_metres: Float64


class Entries(NamedTuple):
    """One entry per *contact*, a stop at which a line may first come to an area, and rider of the area.

    Attributes
    ----------
    start : ndarray of int32, shape (contacts + 1,)
        Where the entries of each contact begin.
    area, near : ndarray of int32, shape (contacts,)
        Its area, and [s] between the stop and the first worksite.
    rider : ndarray of int32
    value : ndarray of float64
        [fen] that the rider brings in at no distance.
    limit : ndarray of int32
        [s] from the contact to the first worksite, beyond which the rider may not board; -1 for not at all.
    rate : ndarray of float64, shape (riders,)
        [fen per s] by which the value falls with the time to the worksite.
    people : ndarray of float64, shape (riders,)
        Who take seats.
    """

    start: Int32
    area: Int32
    near: Int32
    rider: Int32
    value: Float64
    limit: Int32
    rate: Float64
    people: Float64


class Terms(NamedTuple):
    """Numbers of one pricing.

    Attributes
    ----------
    base : float
        [fen] reduced cost of a line without stops.
    seats : int
        Of the vehicle.
    per_metre, per_second : float
        [fen] of driving.
    layer : int
        [s] by which cells are told apart.
    most_halts : int
        Stops of a line at most, its first worksite not counted.
    """

    base: float
    seats: int
    per_metre: float
    per_second: float
    layer: int
    most_halts: int


@compiled
def worth_of(entries: Entries, areas: int, step: int, prices: Float64) -> Worth:
    """Return what areas are worth at times a step apart, by their best contacts, and beyond some prices of a seat."""
    times = max(0, entries.limit.max()) // step + 1
    over, whole = np.zeros((len(prices), times, areas)), np.zeros((times, areas))
    beyond = np.zeros(len(prices))
    for contact in range(len(entries.area)):
        area, near = entries.area[contact], entries.near[contact]
        first = near // step
        for t in range(first, times):
            time = max(t * step, near)
            total: float = 0.0
            beyond.fill(0.0)
            for j in range(entries.start[contact], entries.start[contact + 1]):
                rider = entries.rider[j]
                value = entries.value[j] - entries.rate[rider] * time
                if value > 0 and time <= entries.limit[j]:
                    total += value
                    for k in range(len(prices)):
                        beyond[k] += max(0.0, value - entries.people[rider] * prices[k])
            if total <= 0:
                break
            for earlier in range(0 if t == first else t, t + 1):
                whole[earlier, area] = max(whole[earlier, area], total)
                for k in range(len(prices)):
                    over[k, earlier, area] = max(over[k, earlier, area], beyond[k])
    return Worth(over, whole, step)


@compiled
def price(roads: Roads, worth: Worth, terms: Terms, prices: Float64, labels: Labels) -> float:
    """Grow all labels and return the least reduced cost [fen] found; no line to this tail has less."""
    areas = len(roads.first_seconds)
    layers = len(labels.filled) // areas
    width = len(labels.time) // len(labels.filled)
    labels.filled.fill(0)
    labels.elites.fill(0)
    draft = make_draft(labels)
    best = terms.base
    for b in range(areas):
        best = min(best, _extend(roads, worth, terms, prices, labels, -1, -1, b, draft))
    for layer in range(layers):
        for a in range(areas):
            for w in range(labels.filled[layer * areas + a]):
                i = (layer * areas + a) * width + w
                if labels.halts[i] > terms.most_halts:
                    continue
                read(labels, i, draft)
                if known_better(labels, a, draft, worth):
                    continue
                remember_elite(labels, a, i)
                for b in range(areas):
                    if b != a and not has_seen(labels.seen[i], b):
                        best = min(best, _extend(roads, worth, terms, prices, labels, layer, i, b, draft))
    return best


@compiled
def _extend(
    roads: Roads,
    worth: Worth,
    terms: Terms,
    prices: Float64,
    labels: Labels,
    layer: int,
    i: int,
    b: int,
    draft: Draft,
) -> float:
    """Let a line begin in one area more, and return its reduced cost [fen]; infinite where that is needless."""
    times, areas = worth.whole.shape
    if i < 0:
        time, metres, halts = roads.first_seconds[b], roads.first_metres[b], 1
        draft.open[0] = terms.base
        for k in range(len(prices)):
            draft.full[k] = terms.base - terms.seats * prices[k]
        for word in range(len(draft.seen)):
            draft.seen[word] = NONE
        before = 0
    else:
        read(labels, i, draft)
        a, before = labels.area[i], labels.time[i]
        leg, metres = roads.seconds[a, b], roads.metres[a, b]
        time, halts = max(before + leg, roads.first_seconds[b]), labels.halts[i] + (leg > 0)
    when = time // worth.step
    if when >= times or worth.whole[when, b] <= 0 or halts > terms.most_halts:
        return INFINITE
    driving = terms.per_metre * metres + terms.per_second * (time - before)
    draft.seen[b >> 6] |= ONE << np.uint64(b & 63)
    draft.counts[0], draft.counts[1], draft.counts[2], draft.counts[3] = time, halts, i, b
    draft.open[0] += driving - worth.whole[when, b]
    cost: float = draft.open[0]
    for k in range(len(prices)):
        draft.full[k] += driving - worth.over[k, when, b]
        cost = max(cost, draft.full[k])
    if known_better(labels, b, draft, worth):
        return cost
    target = max(time // terms.layer, layer + 1)
    if target * areas >= len(labels.filled):
        return -INFINITE  # no room for the line: nothing is proven
    add(labels, target * areas + b, len(labels.time) // len(labels.filled), draft, worth)
    return cost
