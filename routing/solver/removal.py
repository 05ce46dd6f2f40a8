"""Ruin: take strings of neighbouring riders, or whole stops, out of the lines near one rider."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

import numpy as np

from routing.solver.kernel import inner
from routing.solver.layout import (
    AT_LINE,
    AT_OPTION,
    BANK,
    BANKED,
    BOARD,
    FEASIBLE,
    HEAD,
    HOW,
    KEY,
    LEN,
    LISTED,
    NEIGHBOUR,
    ORDER,
    PICKED,
    PLACE,
    REMOTE,
    REMOVED,
    RIDERS,
    SORT,
    STAMP,
    STAMPED,
    TALLY,
    WHERE,
    WHO,
)
from routing.solver.memory import bank, enlist, retire, touch
from routing.solver.near import renew
from routing.solver.random import below, uniform
from routing.solver.timing import compact, recompute

WAITING_SHARE = 0.25
"""Share of ruins that begin at a rider who waits, while there are any."""


@inner
def ruin(g, s, mean_removed, longest, stops_share):
    """Remove riders around one, line by line, every line at most once; list those near who wait in the bank.

    The one is random, or one who waits: then all who wait near by are listed, so that together they
    may open a line, and only a little is removed.
    """
    seed = below(s.random, g.rider.shape[0])
    budget = int(1 + uniform(s.random) * 2 * mean_removed)
    by_stops = uniform(s.random) < stops_share
    waiting = 0
    if s.now[BANKED] > 0 and uniform(s.random) < WAITING_SHARE:
        seed = np.int64(s.seat[below(s.random, s.now[BANKED]), BANK])
        for x in range(NEIGHBOUR, g.rider.shape[1]):
            if s.seat[g.rider[seed, x], AT_LINE] < 0:
                enlist(s.seat, s.now, np.int64(g.rider[seed, x]))
        waiting = s.now[LISTED]
    for x in range(NEIGHBOUR - 1, g.rider.shape[1]):
        if s.now[LISTED] >= budget + waiting:
            break
        r = seed if x < NEIGHBOUR else np.int64(g.rider[seed, x])
        line = np.int64(s.seat[r, AT_LINE])
        if line < 0:
            enlist(s.seat, s.now, r)
            continue
        if s.ledger[line, STAMPED] == s.now[STAMP]:
            continue
        touch(s, line)
        size = 1 + below(s.random, min(longest, budget + waiting - s.now[LISTED] + 2))
        pick(g.option, s, line, r, size, by_stops)
        strip(g, s, line)


@inner
def pick(option, s, line, r, size, by_stops):
    """Mark the riders of a line to remove: a string in the order of boarding, or whole stops, around r."""
    a = s.lines[line]
    n = a[HEAD, LEN]
    crew = a[HEAD, RIDERS]
    scratch = s.scratch
    for i in range(n):
        scratch[a[KEY, i], WHERE] = i
        scratch[i, TALLY] = a[BOARD, i - 1] + scratch[i - 1, TALLY] if i else 0
    centre = scratch[option[s.seat[r, AT_OPTION], PLACE], WHERE]
    if by_stops:
        low = centre
        high = centre
        marked = a[BOARD, centre]
        while marked < size and (low > 0 or high + 1 < n):
            if high + 1 >= n or (low > 0 and uniform(s.random) < 0.5):
                low -= 1
                marked += a[BOARD, low]
            else:
                high += 1
                marked += a[BOARD, high]
        for x in range(crew):
            scratch[x, PICKED] = low <= scratch[option[s.crew[line, HOW, x], PLACE], WHERE] <= high
        return
    # Order the crew by position: a counting sort by riders, not people.
    for i in range(n):
        scratch[i, TALLY] = 0
    for x in range(crew):
        scratch[x, PICKED] = 0
        scratch[scratch[option[s.crew[line, HOW, x], PLACE], WHERE], TALLY] += 1
    total = 0
    for i in range(n):
        total += scratch[i, TALLY]
        scratch[i, TALLY] = total - scratch[i, TALLY]
    at = 0
    for x in range(crew):
        i = scratch[option[s.crew[line, HOW, x], PLACE], WHERE]
        scratch[scratch[i, TALLY], ORDER] = x
        if s.crew[line, WHO, x] == r:
            at = scratch[i, TALLY]
        scratch[i, TALLY] += 1
    size = min(size, crew)
    first = max(0, min(crew - size, at - below(s.random, size)))
    for y in range(first, first + size):
        scratch[scratch[y, ORDER], PICKED] = 1


@inner
def strip(g, s, line):
    """Take the marked riders out of a line and mend what is left; a line that cannot be mended goes whole."""
    a = s.lines[line]
    kept = 0
    for x in range(a[HEAD, RIDERS]):
        r = np.int64(s.crew[line, WHO, x])
        if s.scratch[x, PICKED]:
            bank(s.seat, s.now, s.number, g.worth, r)
            enlist(s.seat, s.now, r)
        else:
            s.crew[line, WHO, kept] = r
            s.crew[line, HOW, kept] = s.crew[line, HOW, x]
            kept += 1
    a[HEAD, RIDERS] = kept
    if kept == 0:
        retire(s.ledger, s.now, line)
        return
    before = a[HEAD, LEN]
    recompute(g, s, line)
    if compact(s, g.sizes, line) < before:
        recompute(g, s, line)
    renew(g, a, s.reach[line], s.reach[s.reach.shape[0] - 1])
    if a[HEAD, FEASIBLE] == 0:
        dissolve(g, s, line)


@inner
def dissolve(g, s, line):
    """Take everyone out of a line and close it."""
    for x in range(s.lines[line, HEAD, RIDERS]):
        r = np.int64(s.crew[line, WHO, x])
        bank(s.seat, s.now, s.number, g.worth, r)
        enlist(s.seat, s.now, r)
    s.lines[line, HEAD, RIDERS] = 0
    retire(s.ledger, s.now, line)


@inner
def order_removed(g, s, random_share):
    """Put the riders to seat into a random order, or far ones first, or near ones first, roughly."""
    n = s.now[LISTED]
    rule = uniform(s.random)
    for x in range(n):
        noise = 0.8 + 0.4 * uniform(s.random)
        if rule < random_share:
            s.number[SORT + x] = noise
        else:
            remote = g.worth[s.seat[x, REMOVED], REMOTE]
            s.number[SORT + x] = -noise * remote if rule < 0.5 + 0.5 * random_share else noise * remote
    for x in range(1, n):
        r = s.seat[x, REMOVED]
        key = s.number[SORT + x]
        y = x - 1
        while y >= 0 and s.number[SORT + y] > key:
            s.number[SORT + y + 1] = s.number[SORT + y]
            s.seat[y + 1, REMOVED] = s.seat[y, REMOVED]
            y -= 1
        s.number[SORT + y + 1] = key
        s.seat[y + 1, REMOVED] = r
