"""Open a line for one rider, and put a rider onto a line: what changes a sequence."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

from math import floor, sqrt

import numpy as np

from routing.solver.kernel import inner
from routing.solver.layout import (
    COUNT,
    END_OPTION,
    F_KERB,
    F_LINE,
    F_NEW_SITE,
    F_NEW_STOP,
    F_OPTION,
    F_SITE,
    F_STOP,
    FIRST_OPTION,
    FIXED,
    HEAD,
    HOW,
    KERB,
    KEY,
    LANE,
    LANE_FIELDS,
    LANES,
    LEN,
    LIMIT,
    NODE,
    OPENS_AT,
    PER_M,
    PER_S,
    PLACE,
    PLACES,
    PULL_IN_M,
    PULL_IN_S,
    PULL_OUT_M,
    PULL_OUT_S,
    REVERSED,
    RIDE,
    RIDERS,
    SEATS,
    SITE,
    SPREAD,
    THERE_M,
    THERE_S,
    WALK,
    WALK_UNIT,
    WHO,
)


@inner
def find_opening(g, r, share, km_share):
    """Find the cheapest new line for one rider, its fixed and its running cost counted as shares.

    Returns
    -------
    tuple
        Cost [fen] (inf where no vehicle may do it), option, kerb in lane 0, kerb in lane 1.
    """
    best = np.inf
    choice = (-1, -1, -1)
    for o in range(g.rider[r, FIRST_OPTION], g.rider[r, END_OPTION]):
        cost = 0.0
        kerbs = (-1, -1)
        for lane in range(g.sizes[LANES]):
            extra, kerb = solo(g, r, o, lane, share, km_share)
            cost += extra
            kerbs = (kerb, -1) if lane == 0 else (kerbs[0], kerb)
        if cost < best:
            best = cost
            choice = (o, kerbs[0], kerbs[1])
    return best, choice


@inner
def solo(g, r, option, lane, share, km_share):
    """Return the least cost [fen] of a rider alone on a lane of a new line, and the kerb."""
    chosen = -1
    best = np.inf
    site = g.rider[r, SITE]
    count = g.rider[r, COUNT]
    target = g.kerbs[g.sizes[PLACES] + site, 0]
    for kerb in range(g.kerbs.shape[1]):
        walk = g.option[option, WALK + kerb]
        if walk < 0:
            continue
        stop = g.kerbs[g.option[option, PLACE], kerb]
        ride = g.drive[lane, stop, target, THERE_S]
        margin = 0.0 if g.sizes[REVERSED + lane] else g.prices[0, SPREAD] * sqrt(float(ride))
        opens = g.rider[r, OPENS_AT + 2 * lane]
        closes = floor(g.rider[r, OPENS_AT + 2 * lane + 1] - margin)
        if ride > g.node[lane, stop, LIMIT + site] or opens > closes:
            continue
        metres = g.node[lane, stop, PULL_OUT_M] + g.drive[lane, stop, target, THERE_M] + g.node[lane, target, PULL_IN_M]
        seconds = g.node[lane, stop, PULL_OUT_S] + ride + g.node[lane, target, PULL_IN_S]
        own = (walk * WALK_UNIT + ride * g.prices[0, RIDE]) * count
        for t in range(1, g.prices.shape[0]):
            if g.prices[t, SEATS] >= count:
                fixed = g.prices[t, FIXED] if lane == 0 else 0.0
                running = g.prices[t, PER_M] * metres + g.prices[t, PER_S] * seconds
                cost = fixed * share + running * km_share + own
                if cost < best:
                    best = cost
                    chosen = kerb
    return best, chosen


@inner
def begin_line(g, s, r, line, choice):
    """Write the sequence of a new line for one rider."""
    a = s.lines[line]
    place = g.option[choice[0], PLACE]
    a[HEAD, LEN] = 2
    a[KEY, 0] = place
    a[KEY, 1] = g.sizes[PLACES] + g.rider[r, SITE]
    for lane in range(g.sizes[LANES]):
        base = LANE + lane * LANE_FIELDS
        kerb = choice[1] if lane == 0 else choice[2]
        a[base + KERB, 0] = kerb
        a[base + NODE, 0] = g.kerbs[place, kerb]
        a[base + KERB, 1] = 0
        a[base + NODE, 1] = g.kerbs[a[KEY, 1], 0]
    a[HEAD, RIDERS] = 1
    s.crew[line, WHO, 0] = r
    s.crew[line, HOW, 0] = choice[0]


@inner
def apply_found(g, s, r):
    """Put a rider where the cheapest seat was found; what follows from it is left to `recompute`."""
    line = int(s.number[F_LINE])
    option = int(s.number[F_OPTION])
    a = s.lines[line]
    for stop in range(2):
        if stop and s.number[F_NEW_STOP]:
            kerb_0, kerb_1 = int(s.number[F_KERB]), int(s.number[F_KERB + 1])
            put(g, a, int(s.number[F_STOP]), np.int64(g.option[option, PLACE]), kerb_0, kerb_1)
        elif not stop and s.number[F_NEW_SITE]:
            put(g, a, int(s.number[F_SITE]), g.sizes[PLACES] + g.rider[r, SITE], stop, stop)
    x = a[HEAD, RIDERS]
    s.crew[line, WHO, x] = r
    s.crew[line, HOW, x] = option
    a[HEAD, RIDERS] = x + 1


@inner
def put(g, a, i, key, kerb_0, kerb_1):
    """Put a place or worksite at a position of a line."""
    for x in range(a[HEAD, LEN], i, -1):
        a[KEY, x] = a[KEY, x - 1]
        for lane in range(g.sizes[LANES]):
            base = LANE + lane * LANE_FIELDS
            a[base + NODE, x] = a[base + NODE, x - 1]
            a[base + KERB, x] = a[base + KERB, x - 1]
    a[KEY, i] = key
    for lane in range(g.sizes[LANES]):
        base = LANE + lane * LANE_FIELDS
        kerb = kerb_0 if lane == 0 else kerb_1
        a[base + KERB, i] = kerb
        a[base + NODE, i] = g.kerbs[key, kerb]
    a[HEAD, LEN] += 1
