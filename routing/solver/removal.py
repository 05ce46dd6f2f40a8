"""Ruin: take strings of neighbouring riders, or whole stops, out of the lines near one rider."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

import numpy as np

from routing.solver.chains import time_chain, unlink
from routing.solver.kernel import inner
from routing.solver.layout import (
    ACTIVE,
    AT_LINE,
    AT_OPTION,
    BANK,
    BANKED,
    BOARD,
    CHAINED,
    COST,
    COUNT,
    FEASIBLE,
    HEAD,
    HOW,
    KEY,
    LEN,
    LINE_COUNT,
    LISTED,
    NEIGHBOUR,
    NEXT,
    ORDER,
    PICKED,
    PLACE,
    PREV,
    REMOTE,
    REMOVED,
    RIDERS,
    SORT,
    STAMP,
    STAMPED,
    TALLY,
    VEHICLES,
    WHERE,
    WHO,
)
from routing.solver.memory import bank, enlist, retire, touch
from routing.solver.near import forget
from routing.solver.random import below, uniform
from routing.solver.timing import compact, recompute

WAITING_SHARE = 0.25
"""Share of ruins that begin at a rider who waits, while there are any."""


@inner
def ruin(g, s, mean_removed, longest, stops_share, whole_share):
    """Remove riders around one, line by line, every line at most once; list those near who wait in the bank.

    The one is random, or one who waits: then all who wait near by are listed, so that together they
    may open a line, and only a little is removed.
    """
    seed = below(s.random, g.rider.shape[0])
    budget = int(1 + uniform(s.random) * 2 * mean_removed)
    by_stops = uniform(s.random) < stops_share
    whole = uniform(s.random) < whole_share and s.now[LINE_COUNT] > 0
    waiting = 0
    if whole:
        line = dearest(s, 2)
        seed = np.int64(s.crew[line, WHO, below(s.random, s.lines[line, HEAD, RIDERS])])
    elif s.now[BANKED] > 0 and uniform(s.random) < WAITING_SHARE:
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
        if whole:
            whole = False
            dissolve(g, s, line)
            waiting += s.now[LISTED]
            continue
        size = 1 + below(s.random, min(longest, budget + waiting - s.now[LISTED] + 2))
        pick(g.option, s, line, r, size, by_stops)
        strip(g, s, line)


@inner
def dearest(s, tries):
    """Return of a few random lines the one that costs most per rider."""
    chosen = np.int64(-1)
    most = -1.0
    for _ in range(tries):
        line = np.int64(s.ledger[below(s.random, s.now[LINE_COUNT]), ACTIVE])
        price = s.costs[line, COST] / s.lines[line, HEAD, RIDERS]
        if price > most:
            most = price
            chosen = line
    return chosen


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
        close(g, s, line)
        return
    before = a[HEAD, LEN]
    recompute(g, s, line)
    if compact(s, g.sizes, line) < before:
        recompute(g, s, line)
    follow(g, s, line)
    forget(s, line)
    if a[HEAD, FEASIBLE] == 0:
        dissolve(g, s, line)


@inner
def follow(g, s, line):
    """Derive what follows in the vehicle's day from a change of one of its lines."""
    if g.sizes[CHAINED] == 0:
        return
    after = np.int64(s.lines[line, HEAD, NEXT])
    if after >= 0:
        touch(s, after)
        recompute(g, s, after)
    if not time_chain(g, s, line):
        s.lines[line, HEAD, FEASIBLE] = 0


@inner
def dissolve(g, s, line):
    """Take everyone out of a line and close it."""
    for x in range(s.lines[line, HEAD, RIDERS]):
        r = np.int64(s.crew[line, WHO, x])
        bank(s.seat, s.now, s.number, g.worth, r)
        enlist(s.seat, s.now, r)
    s.lines[line, HEAD, RIDERS] = 0
    close(g, s, line)


@inner
def close(g, s, line):
    """Close a line without riders; its vehicle goes on to its next trip."""
    before, after = np.int64(s.lines[line, HEAD, PREV]), np.int64(s.lines[line, HEAD, NEXT])
    if before >= 0:
        touch(s, before)
    if after >= 0:
        touch(s, after)
    unlink(s, line)
    retire(s.ledger, s.now, line)
    if before >= 0:
        recompute(g, s, before)
    if after >= 0:
        recompute(g, s, after)
    if before >= 0 or after >= 0:
        time_chain(g, s, max(before, after))


@inner
def leave_vehicle(g, s, line):
    """Give a line that cannot keep its vehicle's times a vehicle of its own."""
    before, after = np.int64(s.lines[line, HEAD, PREV]), np.int64(s.lines[line, HEAD, NEXT])
    touch(s, line)
    if before >= 0:
        touch(s, before)
    if after >= 0:
        touch(s, after)
    unlink(s, line)
    s.now[VEHICLES] += 1
    recompute(g, s, line)
    time_chain(g, s, line)
    if before >= 0:
        recompute(g, s, before)
    if after >= 0:
        recompute(g, s, after)
    if before >= 0 or after >= 0:
        time_chain(g, s, max(before, after))


@inner
def scrap(g, s):
    """Take everyone out of the vehicle whose riders waited least often so far."""
    chosen = np.int64(-1)
    least = np.inf
    for x in range(s.now[LINE_COUNT]):
        head = np.int64(s.ledger[x, ACTIVE])
        if s.lines[head, HEAD, PREV] >= 0:
            continue
        total = 0.0
        line = head
        while line >= 0:
            for i in range(s.lines[line, HEAD, RIDERS]):
                total += s.missed[s.crew[line, WHO, i]] + 0.01
            line = np.int64(s.lines[line, HEAD, NEXT])
        if total < least:
            least = total
            chosen = head
    while chosen >= 0:
        after = np.int64(s.lines[chosen, HEAD, NEXT])
        touch(s, chosen)
        dissolve(g, s, chosen)
        chosen = after


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
            r = s.seat[x, REMOVED]
            rank = (rule - random_share) / (1.0 - random_share)
            size = float(g.rider[r, COUNT]) if 0.35 <= rank < 0.7 else g.worth[r, REMOTE]
            s.number[SORT + x] = -noise * size if rank < 0.7 else noise * size
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
