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
    """Shortest ways between gates, outwards: entry (a, b) leads from b to a inbound, and from a to b outbound.

    Attributes
    ----------
    home : ndarray of int32, shape (gates,)
        The area of each gate.
    seconds : ndarray of int32, shape (gates, gates)
        With the halt.
    metres : ndarray of float64, shape (gates, gates)
    first_seconds, first_metres : ndarray, shape (gates,)
        The same between each gate and the first worksite, without a halt.
    """

    home: Int32
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
    gate, near : ndarray of int32, shape (contacts,)
        Its gate, and [s] between the stop and the first worksite.
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
    gate: Int32
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
def worth_of(entries: Entries, home: Int32, step: int, prices: Float64) -> Worth:
    """Return what areas are worth at times a step apart, by their best contacts, and beyond some prices of a seat."""
    times, gates, areas = max(0, entries.limit.max()) // step + 1, len(home), home.max() + 1
    over, whole = np.zeros((len(prices), times, gates)), np.zeros((times, gates))
    beyond = np.zeros(len(prices))
    for contact in range(len(entries.gate)):
        gate, near = entries.gate[contact], entries.near[contact]
        first = near // step
        for t in range(first, times):
            total = _collect(entries, contact, max(t * step, near), prices, beyond)
            if total <= 0:
                break
            for earlier in range(0 if t == first else t, t + 1):
                whole[earlier, gate] = max(whole[earlier, gate], total)
                for k in range(len(prices)):
                    over[k, earlier, gate] = max(over[k, earlier, gate], beyond[k])
    most_over, most = np.zeros((len(prices), times, areas)), np.zeros((times, areas))
    for gate in range(gates):
        for t in range(times):
            most[t, home[gate]] = max(most[t, home[gate]], whole[t, gate])
            for k in range(len(prices)):
                most_over[k, t, home[gate]] = max(most_over[k, t, home[gate]], over[k, t, gate])
    return Worth(over, whole, most_over, most, step)


@compiled
def _collect(entries: Entries, contact: int, time: int, prices: Float64, beyond: Float64) -> float:
    """Return what the riders of a contact bring in [fen] at a time; and beyond each price of a seat."""
    total: float = 0.0
    beyond.fill(0.0)
    for j in range(entries.start[contact], entries.start[contact + 1]):
        rider = entries.rider[j]
        value = entries.value[j] - entries.rate[rider] * time
        if value > 0 and time <= entries.limit[j]:
            total += value
            for k in range(len(prices)):
                beyond[k] += max(0.0, value - entries.people[rider] * prices[k])
    return total


@compiled
def price(roads: Roads, worth: Worth, terms: Terms, prices: Float64, labels: Labels) -> float:
    """Grow all labels and return the least reduced cost [fen] found; no line to this tail has less."""
    gates = len(roads.home)
    layers = len(labels.filled) // gates
    width = len(labels.time) // len(labels.filled)
    labels.filled.fill(0)
    labels.elites.fill(0)
    before, after = make_draft(labels), make_draft(labels)
    before.counts[2] = -1
    before.open[0] = best = terms.base
    for k in range(len(prices)):
        before.full[k] = terms.base - terms.seats * prices[k]
    for b in range(gates):
        best = min(best, _extend(roads, worth, terms, labels, -1, before, b, after))
    for layer in range(layers):
        for a in range(gates):
            for w in range(labels.filled[layer * gates + a]):
                i = (layer * gates + a) * width + w
                if labels.halts[i] > terms.most_halts:
                    continue
                read(labels, i, before)
                if known_better(labels, a, before, worth):
                    continue
                remember_elite(labels, a, i)
                before.counts[2] = i
                for b in range(gates):
                    if not has_seen(before.seen, roads.home[b]):
                        best = min(best, _extend(roads, worth, terms, labels, layer, before, b, after))
    return best


@compiled
def _extend(
    roads: Roads, worth: Worth, terms: Terms, labels: Labels, layer: int, before: Draft, b: int, after: Draft
) -> float:
    """Let a line begin at a gate of one area more, and return its reduced cost [fen]; infinite where needless."""
    gates, halts = len(roads.home), before.counts[1] + 1
    if layer < 0:
        time, metres = roads.first_seconds[b], roads.first_metres[b]
    else:
        a = before.counts[3]
        time = max(before.counts[0] + roads.seconds[a, b], roads.first_seconds[b])
        metres = roads.metres[a, b]
    when = time // worth.step
    if when >= len(worth.whole) or worth.whole[when, b] <= 0 or halts > terms.most_halts:
        return INFINITE
    driving = terms.per_metre * metres + terms.per_second * (time - before.counts[0])
    after.counts[0], after.counts[1], after.counts[2], after.counts[3] = time, halts, before.counts[2], b
    after.open[0] = before.open[0] + driving - worth.whole[when, b]
    cost: float = after.open[0]
    for k in range(len(after.full)):
        after.full[k] = before.full[k] + driving - worth.over[k, when, b]
        cost = max(cost, after.full[k])
    for word in range(len(after.seen)):
        after.seen[word] = before.seen[word]
    area = roads.home[b]
    after.seen[area >> 6] |= ONE << np.uint64(area & 63)
    if known_better(labels, b, after, worth):
        return cost
    target = max(time // terms.layer, layer + 1)
    if target * gates >= len(labels.filled):
        return -INFINITE  # no room for the line: nothing is proven
    add(labels, target * gates + b, len(labels.time) // len(labels.filled), after, worth)
    return cost
