"""What the promises of a running plan cost a line of the search, and when its lanes begin so as to keep them."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

import numpy as np

from routing.solver.kernel import inlined, inner
from routing.solver.layout import (
    ARRIVE,
    BEGIN,
    CHAINED,
    CLOSING,
    DEPART,
    EARLY,
    FAR,
    HEAD,
    HOW,
    LANE,
    LANE_FIELDS,
    MOVED,
    PLACE,
    PLACES,
    RETIMED,
    REVERSED,
    RIDERS,
    SITE,
    TOLERANCE,
    WAS_AT,
    WAS_LINE,
    WHERE,
    WHO,
)


@inner
def keep_line(g, s, line):
    """Return what it costs that riders of other lines are on a line, less what closing the line would cost [fen]."""
    cost = -float(max(0, s.ledger[line, CLOSING]))
    for x in range(s.lines[line, HEAD, RIDERS]):
        r = s.crew[line, WHO, x]
        if g.rider[r, WAS_LINE] != line:
            cost += g.worth[r, MOVED]
    return cost


@inner
def keep_time(g, s, line, lane):
    """Choose when a lane begins, so that promised departures move least; return what those that move cost [fen].

    Tried are the middle of what the line's own riders were promised, and the earliest and latest begin that
    hold for the last and the first of them. Vehicles that drive several trips keep to their own clock.
    """
    a = s.lines[line]
    opens, closes = a[HEAD, BEGIN + 2 * lane], a[HEAD, BEGIN + 2 * lane + 1]
    low, high = np.int64(FAR), np.int64(-FAR)
    for x in range(a[HEAD, RIDERS]):
        if g.rider[s.crew[line, WHO, x], WAS_LINE] == line:
            begin = began(g, s, line, lane, x)
            if begin < FAR:
                low, high = min(low, begin), max(high, begin)
    if g.sizes[CHAINED]:
        return 0.0
    best = np.inf
    for turn in range(3):
        begin = (opens + closes) // 2
        if low <= high:
            begin = (low + high) // 2
            if turn:
                begin = high - g.sizes[TOLERANCE] if turn == 1 else low + g.sizes[TOLERANCE]
        begin = max(opens, min(closes, begin))
        cost = 0.0
        for x in range(a[HEAD, RIDERS]):
            was = began(g, s, line, lane, x)
            if was < FAR and abs(was - begin) > g.sizes[TOLERANCE]:
                cost += g.worth[s.crew[line, WHO, x], RETIMED]
        if cost < best:
            best = cost
            a[HEAD, EARLY + lane] = begin
    return best


@inlined
def began(g, s, line, lane, x):
    """Return when a lane would begin for a rider to leave as promised; `FAR` where nothing was."""
    r = s.crew[line, WHO, x]
    was = np.int64(g.rider[r, WAS_AT + lane])
    if was == FAR:
        return was
    base = LANE + lane * LANE_FIELDS
    if g.sizes[REVERSED + lane]:
        return was - s.lines[line, base + ARRIVE, s.scratch[g.sizes[PLACES] + g.rider[r, SITE], WHERE]]
    return was - s.lines[line, base + DEPART, s.scratch[g.option[s.crew[line, HOW, x], PLACE], WHERE]]
