"""Partial lines, as the pricing grows them: what is remembered of each, when one makes another needless, how two merge.

A label is a partial line from a stop to its worksites. It remembers the riders it has collected as bits of
words of 64 riders who live close together; a label holds one word per slot (word number modulo slots) and
forgets the older of two words that meet in a slot. Merging two labels keeps the lesser of every number and
the riders that both remember, so a merged label stands for lines that may not exist, but never costs more
than one that does.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.bound.asks import Float64
from routing.jit import compiled
from routing.model.travel import Int32, Int64

UInt64 = NDArray[np.uint64]
ONE, NONE = np.uint64(1), np.uint64(0)
FORGOTTEN = 1e18
"""Gain of a merged label's last halt: it is no longer known what the halt is worth."""


class Labels(NamedTuple):
    """Room for labels; a cell holds those of one stop and one layer of time.

    Attributes
    ----------
    time : ndarray of int32
        [s] from leaving the stop to reaching the first worksite, at least.
    cost : ndarray of float64
        [fen] reduced cost, at least.
    gain : ndarray of float64
        [fen] that the halt at the stop brought in.
    parent, node : ndarray of int32
        The label this one was grown from, -1 for a worksite; and the stop.
    word, bits : ndarray, shape (labels, slots)
        The riders remembered; word -1 for none.
    halts : ndarray of int32
        Stops so far, at least.
    filled : ndarray of int32
        Labels in each cell.
    offset : ndarray of int64, shape (stops + 1,)
        Where each stop's share of a layer begins.
    elite, elites : ndarray of int32
        Cheapest labels of each stop in the layers done, by rising cost; and how many there are.
    """

    time: Int32
    cost: Float64
    gain: Float64
    parent: Int32
    node: Int32
    word: Int32
    bits: UInt64
    halts: Int32
    filled: Int32
    offset: Int64
    elite: Int32
    elites: Int32


def make_labels(width: Int64, layers: int, slots: int, elite: int) -> Labels:
    """Return room for so many labels per cell of each stop."""
    offset = np.concatenate([[0], np.cumsum(width)]).astype(np.int64)
    size, stops = int(offset[-1]) * layers, len(width)
    return Labels(
        time=np.zeros(size, np.int32),
        cost=np.zeros(size),
        gain=np.zeros(size),
        parent=np.zeros(size, np.int32),
        node=np.zeros(size, np.int32),
        word=np.full((size, slots), -1, np.int32),
        bits=np.zeros((size, slots), np.uint64),
        halts=np.zeros(size, np.int32),
        filled=np.zeros(layers * stops, np.int32),
        offset=offset,
        elite=np.zeros((stops, elite), np.int32),
        elites=np.zeros(stops, np.int32),
    )


@compiled
def worth(word: int, bits: np.uint64, prize: Float64) -> float:
    """Return what the riders in a word may bring in at most [fen]."""
    total = 0.0
    rider = word * 64
    while bits != NONE:
        if bits & ONE:
            total += prize[rider]
        bits >>= ONE
        rider += 1
    return total


@compiled
def spared(room: float, word: Int32, bits: UInt64, other_word: Int32, other_bits: UInt64, prize: Float64) -> float:
    """Return the room left when riders remembered here but not there are paid for; negative if it does not suffice."""
    for slot in range(len(word)):
        if word[slot] >= 0:
            extra = bits[slot]
            if other_word[slot] == word[slot]:
                extra &= ~other_bits[slot]
            if extra != NONE:
                room -= worth(word[slot], extra, prize)
                if room < 0:
                    return room
    return room


@compiled
def known_better(
    labels: Labels, stop: int, time: int, cost: float, halts: int, word: Int32, bits: UInt64, prize: Float64
) -> bool:
    """Tell whether a label of an earlier layer at the same stop makes a line needless.

    Whatever can follow the line can then follow that label at no more cost: riders that only the label has
    collected can still join the line, so they are paid for.
    """
    all_cost, all_time, all_halts = labels.cost, labels.time, labels.halts
    all_word, all_bits, elite = labels.word, labels.bits, labels.elite
    for e in range(labels.elites[stop]):
        i = elite[stop, e]
        if all_cost[i] > cost:
            return False
        room = cost - all_cost[i] if all_time[i] <= time and all_halts[i] <= halts else -1.0
        if room >= 0 and spared(room, all_word[i], all_bits[i], word, bits, prize) >= 0:
            return True
    return False


@compiled
def remember_elite(labels: Labels, stop: int, i: int) -> None:
    """Keep label i among the cheapest of its stop, if it is one of them."""
    most, kept = labels.elite.shape[1], labels.elites[stop]
    at = kept
    if kept == most:
        if labels.cost[labels.elite[stop, most - 1]] <= labels.cost[i]:
            return
        at = most - 1
    while at > 0 and labels.cost[labels.elite[stop, at - 1]] > labels.cost[i]:
        labels.elite[stop, at] = labels.elite[stop, at - 1]
        at -= 1
    labels.elite[stop, at] = i
    labels.elites[stop] = min(kept + 1, most)


@compiled
def put(
    labels: Labels,
    i: int,
    time: int,
    cost: float,
    gain: float,
    parent: int,
    node: int,
    halts: int,
    word: Int32,
    bits: UInt64,
) -> None:
    """Write a label."""
    labels.time[i] = time
    labels.cost[i] = cost
    labels.gain[i] = gain
    labels.parent[i] = parent
    labels.node[i] = node
    labels.halts[i] = halts
    for slot in range(len(word)):
        labels.word[i, slot] = word[slot]
        labels.bits[i, slot] = bits[slot]


@compiled
def copy(labels: Labels, source: int, target: int) -> None:
    """Copy one label over another."""
    put(
        labels,
        target,
        labels.time[source],
        labels.cost[source],
        labels.gain[source],
        labels.parent[source],
        labels.node[source],
        labels.halts[source],
        labels.word[source],
        labels.bits[source],
    )


@compiled
def merge(
    labels: Labels, i: int, time: int, cost: float, halts: int, word: Int32, bits: UInt64, prize: Float64
) -> None:
    """Let label i, which costs no more, stand for another line too.

    A rider whom only label i has collected is forgotten, as the other line may still collect them, unless the
    difference in cost pays for it.
    """
    room = cost - labels.cost[i]
    for slot in range(len(word)):
        if labels.word[i, slot] < 0:
            continue
        extra = labels.bits[i, slot]
        if word[slot] == labels.word[i, slot]:
            extra &= ~bits[slot]
        while extra != NONE:
            lowest = extra & (~extra + ONE)
            price = worth(labels.word[i, slot], lowest, prize)
            if price <= room:
                room -= price
            else:
                labels.bits[i, slot] &= ~lowest
            extra &= extra - ONE
    labels.time[i] = min(labels.time[i], time)
    labels.halts[i] = min(labels.halts[i], halts)
    labels.gain[i] = FORGOTTEN


@compiled
def add(
    labels: Labels,
    cell: int,
    first: int,
    room: int,
    time: int,
    cost: float,
    gain: float,
    parent: int,
    node: int,
    halts: int,
    word: Int32,
    bits: UInt64,
    prize: Float64,
    relaxed: bool,
) -> None:
    """Put a line into a cell that begins at label `first` and has `room`, unless it is needless there.

    In a full cell the dearest line is merged into the label that is then the least attractive; where the
    pricing is not relaxed it is dropped.
    """
    used = labels.filled[cell]
    all_cost, all_time, all_halts = labels.cost, labels.time, labels.halts
    all_word, all_bits = labels.word, labels.bits
    q = 0
    while q < used:
        i = first + q
        spare = cost - all_cost[i]
        if spare >= 0 and all_time[i] <= time and all_halts[i] <= halts:
            if spared(spare, all_word[i], all_bits[i], word, bits, prize) >= 0:
                return
        elif spare < 0 and time <= all_time[i] and halts <= all_halts[i]:  # noqa: SIM102 - one test per way
            if spared(-spare, word, bits, all_word[i], all_bits[i], prize) >= 0:
                used -= 1
                copy(labels, first + used, i)
                continue
        q += 1
    labels.filled[cell] = used
    if used < room:
        put(labels, first + used, time, cost, gain, parent, node, halts, word, bits)
        labels.filled[cell] = used + 1
        return
    dearest = -1
    for i in range(first, first + room):
        if labels.cost[i] > cost and (dearest < 0 or labels.cost[i] > labels.cost[dearest]):
            dearest = i
    if not relaxed:
        if dearest >= 0:
            put(labels, dearest, time, cost, gain, parent, node, halts, word, bits)
        return
    _merge_dearest(labels, first, room, dearest, time, cost, gain, parent, node, halts, word, bits, prize)


@compiled
def _merge_dearest(
    labels: Labels,
    first: int,
    room: int,
    dearest: int,
    time: int,
    cost: float,
    gain: float,
    parent: int,
    node: int,
    halts: int,
    word: Int32,
    bits: UInt64,
    prize: Float64,
) -> None:
    if dearest >= 0:
        old_time, old_cost, old_halts = labels.time[dearest], labels.cost[dearest], labels.halts[dearest]
        old_word, old_bits = labels.word[dearest].copy(), labels.bits[dearest].copy()
        put(labels, dearest, time, cost, gain, parent, node, halts, word, bits)
        time, cost, halts, word, bits = old_time, old_cost, old_halts, old_word, old_bits
    into, best = first, -np.inf
    for i in range(first, first + room):
        # What the label would be worth at best, were all that it has to forget collected again.
        score = labels.cost[i] - _forgotten(labels, i, word, bits, prize)
        if score > best:
            into, best = i, score
    merge(labels, into, time, cost, halts, word, bits, prize)


@compiled
def _forgotten(labels: Labels, i: int, word: Int32, bits: UInt64, prize: Float64) -> float:
    total = 0.0
    for slot in range(len(word)):
        if labels.word[i, slot] >= 0:
            extra = labels.bits[i, slot]
            if word[slot] == labels.word[i, slot]:
                extra &= ~bits[slot]
            if extra != NONE:
                total += worth(labels.word[i, slot], extra, prize)
    return total
