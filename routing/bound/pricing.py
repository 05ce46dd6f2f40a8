"""The least reduced cost of any line to a tail of worksites, or less.

Lines are grown backwards from their first worksite, stop by stop: the time from a stop to the worksite, and
so the price of every ride, is known when the stop is added. See `routing.bound.labels` for what keeps the
number of partial lines small, and docs/explanation/lower-bound.md for why the answer is a valid bound.

After M. Desrochers, J. Desrosiers and M. Solomon, A new optimization algorithm for the vehicle routing
problem with time windows, Operations Research 40(2), 1992, doi:10.1287/opre.40.2.342 (labels), and
D. Bergman, A. Cire, W.-J. van Hoeve and J. Hooker, Discrete optimization with decision diagrams, INFORMS
Journal on Computing 28(1), 2016, doi:10.1287/ijoc.2015.0648 (merging them to a limited width).
"""

from typing import NamedTuple

import numpy as np

from routing.bound.asks import Float64
from routing.bound.labels import NONE, ONE, Labels, UInt64, add, known_better, remember_elite
from routing.jit import compiled
from routing.model.travel import Int32

INFINITE = float("inf")


class Roads(NamedTuple):
    """Ways between stops, outwards: entry (s, p) leads from p to s inbound, and from s to p outbound.

    Attributes
    ----------
    seconds : ndarray of int32, shape (stops, stops)
    metres : ndarray of float64, shape (stops, stops)
    first_seconds, first_metres : ndarray, shape (stops,)
        The same between each stop and the first worksite.
    """

    seconds: Int32
    metres: Float64
    first_seconds: Int32
    first_metres: Float64


class Prizes(NamedTuple):
    """What collecting riders brings in at prices of the moment; one entry per rider and stop, by stop.

    Attributes
    ----------
    start : ndarray of int32, shape (stops + 1,)
    rider : ndarray of int32
        Word and bit of the rider: number of the word × 64 + bit.
    value : ndarray of float64
        [fen] at no distance; not positive where the rider may not board.
    rate : ndarray of float64
        [fen per s] by which it falls with the time to the worksite.
    limit : ndarray of int32
        [s] beyond which the rider may not board.
    latest : ndarray of int32, shape (stops,)
        [s] beyond which nobody boards at the stop.
    most : ndarray of float64
        [fen] the most that each rider can bring in anywhere, by word and bit.
    """

    start: Int32
    rider: Int32
    value: Float64
    rate: Float64
    limit: Int32
    latest: Int32
    most: Float64


class Terms(NamedTuple):
    """Numbers of one pricing.

    Attributes
    ----------
    base : float
        [fen] reduced cost of a line without stops.
    per_metre, per_second : float
        [fen] of driving.
    dwell : int
        [s] that a halt takes at least.
    layer : int
        [s] of time that one layer of labels spans.
    most_halts : int
        Stops on a line, worksites not counted.
    relaxed : bool
        Whether labels merge in full cells, for a valid bound; else the dearest are dropped, to find lines.
    """

    base: float
    per_metre: float
    per_second: float
    dwell: int
    layer: int
    most_halts: int
    relaxed: bool


@compiled
def price(roads: Roads, prizes: Prizes, terms: Terms, labels: Labels) -> float:
    """Grow all labels and return the least reduced cost [fen] found; no line to this tail has less if relaxed."""
    stops = len(roads.first_seconds)
    layers = len(labels.filled) // stops
    labels.filled[:] = 0
    labels.elites[:] = 0
    slots = labels.word.shape[1]
    word, bits = np.full(slots, -1, np.int32), np.zeros(slots, np.uint64)
    seconds, metres, first_metres, latest = roads.seconds, roads.metres, roads.first_metres, prizes.latest
    best = terms.base
    for p in range(stops):
        best = min(best, _extend(roads, prizes, terms, labels, layers, -1, -1, p, word, bits))
    for layer in range(layers):
        for s in range(stops):
            for w in range(labels.filled[layer * stops + s]):
                i = layer * labels.offset[stops] + labels.offset[s] + w
                if labels.halts[i] >= terms.most_halts:
                    continue
                known = labels.time[i], labels.cost[i], labels.halts[i], labels.word[i], labels.bits[i]
                if known_better(labels, s, *known, prizes.most):
                    continue
                remember_elite(labels, s, i)
                begin, gain, parent = labels.time[i] + terms.dwell, labels.gain[i], labels.parent[i]
                for p in range(stops):
                    if p == s or begin + seconds[s, p] > latest[p]:
                        continue
                    # Would the line do better without its halt at s?
                    o = labels.node[parent] if parent >= 0 else -1
                    detour = metres[s, p] + (
                        metres[o, s] - metres[o, p] if o >= 0 else first_metres[s] - first_metres[p]
                    )
                    if gain >= terms.per_metre * detour - 1e-9:
                        best = min(best, _extend(roads, prizes, terms, labels, layers, layer, i, p, word, bits))
    return best


@compiled
def _extend(
    roads: Roads,
    prizes: Prizes,
    terms: Terms,
    labels: Labels,
    layers: int,
    layer: int,
    i: int,
    p: int,
    word: Int32,
    bits: UInt64,
) -> float:
    """Let a line begin one stop earlier, and return its reduced cost [fen]; infinite where it is needless."""
    if i < 0:
        time, metres = roads.first_seconds[p], roads.first_metres[p]
        before, halts, leg = terms.base, 1, time
    else:
        s = labels.node[i]
        leg = terms.dwell + roads.seconds[s, p]
        time, metres = labels.time[i] + leg, roads.metres[s, p]
        before, halts = labels.cost[i], labels.halts[i] + 1
    if time > prizes.latest[p]:
        return INFINITE
    gain = _collect(prizes, labels, i, p, time, word, bits)
    if gain <= 0:
        return INFINITE
    cost: float = before + terms.per_metre * metres + terms.per_second * leg - gain
    if known_better(labels, p, time, cost, halts, word, bits, prizes.most):
        return cost
    target = max(time // terms.layer, layer + 1)
    if target >= layers:
        return -INFINITE  # no room for the line: nothing is proven
    stops = len(roads.first_seconds)
    first = target * labels.offset[stops] + labels.offset[p]
    room = labels.offset[p + 1] - labels.offset[p]
    add(labels, target * stops + p, first, room, time, cost, gain, i, p, halts, word, bits, prizes.most, terms.relaxed)
    return cost


@compiled
def _collect(prizes: Prizes, labels: Labels, i: int, p: int, time: int, word: Int32, bits: UInt64) -> float:
    """Return what the riders at a stop bring in [fen], and write who is then remembered."""
    slots = len(word)
    for slot in range(slots):
        word[slot] = -1 if i < 0 else labels.word[i, slot]
        bits[slot] = NONE if i < 0 else labels.bits[i, slot]
    gain: float = 0.0
    values, rates, limits, riders = prizes.value, prizes.rate, prizes.limit, prizes.rider
    for j in range(prizes.start[p], prizes.start[p + 1]):
        value: float = values[j] - rates[j] * time
        if value <= 0 or time > limits[j]:
            continue
        own, bit = riders[j] >> 6, ONE << np.uint64(riders[j] & 63)
        slot = own % slots
        if word[slot] != own:
            word[slot] = own
            bits[slot] = NONE
        if not bits[slot] & bit:
            gain += value
            bits[slot] |= bit
    return gain
