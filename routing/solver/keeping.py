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
    KEY,
    LANE,
    LANE_FIELDS,
    LEN,
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

    Vehicles that drive several trips keep to their own clock.
    """
    a = s.lines[line]
    if g.sizes[CHAINED]:
        return 0.0
    opens, closes = a[HEAD, BEGIN + 2 * lane], a[HEAD, BEGIN + 2 * lane + 1]
    begin, cost = best_begin(g, s, line, lane, (opens, closes), (FAR, 0, FAR, 0), (FAR, 0.0))
    a[HEAD, EARLY + lane] = begin
    return cost


@inner
def retiming(g, s, line, lane, window, shift, joins):
    """Return what it costs more that departures on a line move when a rider joins [fen].

    Parameters
    ----------
    window : tuple of int
        When the lane may begin then [s].
    shift, joins : tuple
        See `best_begin`.
    """
    a = s.lines[line]
    for i in range(a[HEAD, LEN]):
        s.scratch[a[KEY, i], WHERE] = i
    _, after = best_begin(g, s, line, lane, window, shift, joins)
    opens, closes = a[HEAD, BEGIN + 2 * lane], a[HEAD, BEGIN + 2 * lane + 1]
    _, before = best_begin(g, s, line, lane, (opens, closes), (FAR, 0, FAR, 0), (FAR, 0.0))
    return after - before


@inner
def best_begin(g, s, line, lane, window, shift, joins):
    """Return when a lane should begin so that promised departures move least, and what those that move cost [fen].

    Only the line's own riders were promised its departures. Tried are the middle of what they were promised, and
    the earliest and latest begin that hold for the last and the first of them.

    Parameters
    ----------
    window : tuple of int
        Earliest and latest begin [s].
    shift : tuple of int
        From which position on everything is later, and by how much [s]; the same again.
    joins : (int, float)
        When the lane would begin for a rider who comes back to leave as promised [s], `FAR` where nobody does, and
        what another departure costs that rider [fen].
    """
    a = s.lines[line]
    opens, closes = window
    low, high = np.int64(joins[0]), np.int64(joins[0])
    if joins[0] == FAR:
        high = np.int64(-FAR)
    for x in range(a[HEAD, RIDERS]):
        if g.rider[s.crew[line, WHO, x], WAS_LINE] == line:
            begin = began(g, s, line, lane, x, shift)
            if begin < FAR:
                low, high = min(low, begin), max(high, begin)
    if low > high:
        return (opens + closes) // 2, 0.0
    best = np.inf
    chosen = np.int64(opens)
    for turn in range(3):
        begin = (low + high) // 2
        if turn:
            begin = high - g.sizes[TOLERANCE] if turn == 1 else low + g.sizes[TOLERANCE]
        begin = max(opens, min(closes, begin))
        cost = joins[1] if joins[0] < FAR and abs(joins[0] - begin) > g.sizes[TOLERANCE] else 0.0
        for x in range(a[HEAD, RIDERS]):
            r = s.crew[line, WHO, x]
            was = began(g, s, line, lane, x, shift) if g.rider[r, WAS_LINE] == line else np.int64(FAR)
            if was < FAR and abs(was - begin) > g.sizes[TOLERANCE]:
                cost += g.worth[r, RETIMED]
        if cost < best:
            best = cost
            chosen = np.int64(begin)
        if cost == 0.0:
            break
    return chosen, best


@inlined
def began(g, s, line, lane, x, shift):
    """Return when a lane would begin for a rider to leave as promised; `FAR` where nothing was."""
    r = s.crew[line, WHO, x]
    was = np.int64(g.rider[r, WAS_AT + lane])
    if was == FAR:
        return was
    base = LANE + lane * LANE_FIELDS
    if g.sizes[REVERSED + lane]:
        i = s.scratch[g.sizes[PLACES] + g.rider[r, SITE], WHERE]
        was -= s.lines[line, base + ARRIVE, i]
    else:
        i = s.scratch[g.option[s.crew[line, HOW, x], PLACE], WHERE]
        was -= s.lines[line, base + DEPART, i]
    if i >= shift[0]:
        was -= shift[1]
    if i >= shift[2]:
        was -= shift[3]
    return was
