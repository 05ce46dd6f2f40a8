"""Partial lines, as the pricing grows them: what is remembered of each, when one makes another needless, how two merge.

A label is a partial line from a gate to its worksites: one of an area's groups of stops, by which it first comes
to the area. It remembers the areas that it has come to, as bits.
Merging two labels keeps the lesser of every number and the areas that both remember, so a merged label stands
for lines that may not exist, but never costs more than one that does.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.bound.asks import Float64
from routing.jit import compiled
from routing.model.travel import Int32, Int64

UInt64 = NDArray[np.uint64]
ONE, NONE = np.uint64(1), np.uint64(0)


class Labels(NamedTuple):
    """Room for labels; a cell holds those of one gate and one layer of time.

    Attributes
    ----------
    time : ndarray of int32
        [s] from coming to the gate to reaching the first worksite, at least.
    open : ndarray of float64
        [fen] reduced cost, at least, if seats do not matter.
    full : ndarray of float64, shape (labels, prices)
        [fen] reduced cost, at least, if all seats are taken in the end at one of several prices of a seat; that of
        the line is the largest of all these.
    parent, gate : ndarray of int32
        The label this one was grown from, -1 for a worksite; and the gate.
    seen : ndarray of uint64, shape (labels, words)
        The areas remembered.
    halts : ndarray of int32
        Stops so far, at least.
    filled : ndarray of int32
        Labels in each cell, by layer and gate.
    elite, elites : ndarray of int32
        Cheapest labels of each gate in the layers done, by rising open cost; and how many there are.
    """

    time: Int32
    open: Float64
    full: Float64
    parent: Int32
    gate: Int32
    seen: UInt64
    halts: Int32
    filled: Int32
    elite: Int32
    elites: Int32


class Draft(NamedTuple):
    """A label that is being made; one is used again and again.

    Attributes
    ----------
    counts : ndarray of int64, shape (4,)
        Time, halts, parent and gate.
    open : ndarray of float64, shape (1,)
    full : ndarray of float64, shape (prices,)
    seen : ndarray of uint64, shape (words,)
    """

    counts: Int64
    open: Float64
    full: Float64
    seen: UInt64


class Worth(NamedTuple):
    """What the riders of each area bring in, who are collected together from each step of time on.

    Attributes
    ----------
    over : ndarray of float64, shape (prices, times, gates)
        [fen] beyond each price of their seats, if the line comes to the area by a gate.
    whole : ndarray of float64, shape (times, gates)
        [fen] in all.
    most_over, most : ndarray of float64, shape (prices, times, areas) and (times, areas)
        The same by the best gate of each area.
    step : int
        [s] between two times.
    """

    over: Float64
    whole: Float64
    most_over: Float64
    most: Float64
    step: int


def make_labels(gates: int, areas: int, layers: int, width: int, elite: int, prices: int) -> Labels:
    """Return room for so many labels per cell."""
    size = gates * layers * width
    return Labels(
        time=np.zeros(size, np.int32),
        open=np.zeros(size),
        full=np.zeros((size, prices)),
        parent=np.zeros(size, np.int32),
        gate=np.zeros(size, np.int32),
        seen=np.zeros((size, -(-areas // 64)), np.uint64),
        halts=np.zeros(size, np.int32),
        filled=np.zeros(layers * gates, np.int32),
        elite=np.zeros((gates, elite), np.int32),
        elites=np.zeros(gates, np.int32),
    )


@compiled
def has_seen(seen: UInt64, area: int) -> bool:
    """Tell whether an area is remembered."""
    return bool((seen[area >> 6] >> np.uint64(area & 63)) & ONE)


@compiled
def make_draft(labels: Labels) -> Draft:
    """Return an empty draft."""
    words, prices = labels.seen.shape[1], labels.full.shape[1]
    return Draft(np.zeros(4, np.int64), np.zeros(1), np.zeros(prices), np.zeros(words, np.uint64))


@compiled
def _more(seen: UInt64, other: UInt64, worth: Float64) -> float:
    """Return what the areas are worth in all [fen] that are remembered here but not by the other."""
    total = 0.0
    for word in range(len(seen)):
        extra, area = seen[word] & ~other[word], word * 64
        while extra != NONE:
            if extra & ONE:
                total += worth[area]
            extra >>= ONE
            area += 1
    return total


@compiled
def outdoes(labels: Labels, i: int, draft: Draft, worth: Worth) -> bool:
    """Tell whether label i makes a draft at the same gate needless.

    Whatever can follow the draft can then follow the label at no more cost: areas that only the label has
    come to can still be added to the draft, so they are paid for.
    """
    if labels.time[i] > draft.counts[0] or labels.halts[i] > draft.counts[1]:
        return False
    when, seen = draft.counts[0] // worth.step, labels.seen[i]
    if labels.open[i] + _more(seen, draft.seen, worth.most[when]) > draft.open[0]:
        return False
    for k in range(len(draft.full)):
        if labels.full[i, k] > draft.full[k]:
            return False
    for k in range(len(draft.full)):
        if labels.full[i, k] + _more(seen, draft.seen, worth.most_over[k, when]) > draft.full[k]:
            return False
    return True


@compiled
def is_outdone(labels: Labels, i: int, draft: Draft, worth: Worth) -> bool:
    """Tell whether a draft makes label i at the same gate needless."""
    if draft.counts[0] > labels.time[i] or draft.counts[1] > labels.halts[i]:
        return False
    when, seen = labels.time[i] // worth.step, labels.seen[i]
    if draft.open[0] + _more(draft.seen, seen, worth.most[when]) > labels.open[i]:
        return False
    for k in range(len(draft.full)):
        if draft.full[k] > labels.full[i, k]:
            return False
    for k in range(len(draft.full)):
        if draft.full[k] + _more(draft.seen, seen, worth.most_over[k, when]) > labels.full[i, k]:
            return False
    return True


@compiled
def known_better(labels: Labels, gate: int, draft: Draft, worth: Worth) -> bool:
    """Tell whether a label of an earlier layer at the same gate makes a draft needless."""
    for e in range(labels.elites[gate]):
        i = labels.elite[gate, e]
        if labels.open[i] > draft.open[0]:
            return False
        if outdoes(labels, i, draft, worth):
            return True
    return False


@compiled
def remember_elite(labels: Labels, gate: int, i: int) -> None:
    """Keep label i among the cheapest of its gate, if it is one of them."""
    most, kept = labels.elite.shape[1], labels.elites[gate]
    at = kept
    if kept == most:
        if labels.open[labels.elite[gate, most - 1]] <= labels.open[i]:
            return
        at = most - 1
    while at > 0 and labels.open[labels.elite[gate, at - 1]] > labels.open[i]:
        labels.elite[gate, at] = labels.elite[gate, at - 1]
        at -= 1
    labels.elite[gate, at] = i
    labels.elites[gate] = min(kept + 1, most)


@compiled
def read(labels: Labels, i: int, draft: Draft) -> None:
    """Copy a label to a draft."""
    draft.counts[0], draft.counts[1] = labels.time[i], labels.halts[i]
    draft.counts[2], draft.counts[3] = labels.parent[i], labels.gate[i]
    draft.open[0] = labels.open[i]
    for k in range(len(draft.full)):
        draft.full[k] = labels.full[i, k]
    for word in range(len(draft.seen)):
        draft.seen[word] = labels.seen[i, word]


@compiled
def write(labels: Labels, i: int, draft: Draft) -> None:
    """Write a draft as label i."""
    labels.time[i], labels.halts[i] = draft.counts[0], draft.counts[1]
    labels.parent[i], labels.gate[i] = draft.counts[2], draft.counts[3]
    labels.open[i] = draft.open[0]
    for k in range(len(draft.full)):
        labels.full[i, k] = draft.full[k]
    for word in range(len(draft.seen)):
        labels.seen[i, word] = draft.seen[word]


@compiled
def merge(labels: Labels, i: int, draft: Draft) -> None:
    """Let label i stand for a draft too."""
    labels.time[i] = min(labels.time[i], draft.counts[0])
    labels.halts[i] = min(labels.halts[i], draft.counts[1])
    labels.open[i] = min(labels.open[i], draft.open[0])
    for k in range(len(draft.full)):
        labels.full[i, k] = min(labels.full[i, k], draft.full[k])
    for word in range(len(draft.seen)):
        labels.seen[i, word] &= draft.seen[word]


@compiled
def add(labels: Labels, cell: int, width: int, draft: Draft, worth: Worth) -> None:
    """Put a draft into a cell, unless it is needless there; in a full one it is merged into the label most like it."""
    first, used = cell * width, labels.filled[cell]
    q = 0
    while q < used:
        i = first + q
        if outdoes(labels, i, draft, worth):
            return
        if is_outdone(labels, i, draft, worth):
            used -= 1
            _move(labels, first + used, i)
            continue
        q += 1
    labels.filled[cell] = used
    if used < width:
        write(labels, first + used, draft)
        labels.filled[cell] = used + 1
        return
    into, least = first, np.inf
    for i in range(first, first + width):
        lost = _lost(labels, i, draft, worth)
        if lost < least:
            into, least = i, lost
    merge(labels, into, draft)


@compiled
def _lost(labels: Labels, i: int, draft: Draft, worth: Worth) -> float:
    """Return about what merging a draft into label i loses [fen]."""
    total: float = abs(labels.open[i] - draft.open[0])
    return total + _more(labels.seen[i], draft.seen, worth.most[0]) + _more(draft.seen, labels.seen[i], worth.most[0])


@compiled
def _move(labels: Labels, source: int, target: int) -> None:
    """Copy one label over another."""
    labels.time[target], labels.halts[target] = labels.time[source], labels.halts[source]
    labels.parent[target], labels.gate[target] = labels.parent[source], labels.gate[source]
    labels.open[target] = labels.open[source]
    for k in range(labels.full.shape[1]):
        labels.full[target, k] = labels.full[source, k]
    for word in range(labels.seen.shape[1]):
        labels.seen[target, word] = labels.seen[source, word]
