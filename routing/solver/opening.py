"""Open a line for one rider, and put a rider onto a line: what changes a sequence."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

from math import floor, sqrt

import numpy as np

from routing.solver.chains import link
from routing.solver.kernel import inlined, inner
from routing.solver.layout import (
    ACTIVE,
    AFTER,
    BEFORE,
    BEGIN_BY,
    CHAINED,
    COUNT,
    DWELL_RIDER,
    DWELL_STOP,
    END_OPTION,
    F_KERB,
    F_LINE,
    F_NEW_SITE,
    F_NEW_STOP,
    F_OPTION,
    F_SITE,
    F_STOP,
    FIRST,
    FIRST_OPTION,
    FIXED,
    FREE_AT,
    HEAD,
    HOW,
    KEPT,
    KERB,
    KEY,
    KIND,
    LANE,
    LANE_FIELDS,
    LANES,
    LAST,
    LEN,
    LIMIT,
    LINE_COUNT,
    MAX_TRIP,
    MOST_VEHICLES,
    NODE,
    O_AFTER,
    O_BEFORE,
    O_COST,
    O_KERB,
    O_OPTION,
    OPENS_AT,
    PER_M,
    PER_S,
    PLACE,
    PLACES,
    PROMISED,
    PULL_IN_M,
    PULL_IN_S,
    PULL_OUT_M,
    PULL_OUT_S,
    REVERSED,
    RIDE,
    RIDERS,
    SEATS,
    SITE,
    SITE_RIDER,
    SITE_STOP,
    SLOT,
    SPREAD,
    THERE_M,
    THERE_S,
    TYPE,
    VEHICLES,
    WALK,
    WALK_UNIT,
    WAS_LINE,
    WHO,
)
from routing.solver.memory import touch


@inner
def find_opening(g, s, r, share, km_share):
    """Find the cheapest new trip for one rider, a new vehicle's cost and the running counted as shares.

    A trip opens on a vehicle of its own while there may be more of them, or in a gap of a vehicle's day.
    Leaves option, kerbs and neighbours in `number`, and the cost [fen], inf where there is no way.
    """
    number = s.number
    number[O_COST] = np.inf
    for o in range(g.rider[r, FIRST_OPTION], g.rider[r, END_OPTION]):
        if g.sizes[CHAINED]:
            find_gap(g, s, r, o, km_share)
        if s.now[VEHICLES] >= s.now[MOST_VEHICLES]:
            continue
        cost = 0.0
        kerbs = (-1, -1)
        for lane in range(g.sizes[LANES]):
            extra, kerb = solo(g, r, o, lane, share, km_share)
            cost += extra
            kerbs = (kerb, -1) if lane == 0 else (kerbs[0], kerb)
        if cost < number[O_COST]:
            note(number, cost, o, kerbs[0], kerbs[1], -1, -1)


@inner
def free_line(g, s, r):
    """Return the line to open for a rider: her own of before if that is closed, else one that never ran."""
    if g.sizes[PROMISED]:
        own = np.int64(g.rider[r, WAS_LINE])
        if own >= 0 and s.ledger[own, SLOT] < 0:
            return own
        for x in range(s.now[LINE_COUNT], s.ledger.shape[0]):
            if s.ledger[x, ACTIVE] >= g.sizes[KEPT]:
                return np.int64(s.ledger[x, ACTIVE])
    return np.int64(s.ledger[s.now[LINE_COUNT], ACTIVE])


@inlined
def note(number, cost, option, kerb_0, kerb_1, before, after):
    """Note the cheapest opening so far."""
    number[O_COST] = cost
    number[O_OPTION] = option
    number[O_KERB] = kerb_0
    number[O_KERB + 1] = kerb_1
    number[O_BEFORE] = before
    number[O_AFTER] = after


@inner
def find_gap(g, s, r, option, km_share):
    """Find the cheapest gap in a vehicle's day for a trip with one rider."""
    site = g.rider[r, SITE]
    count = g.rider[r, COUNT]
    target = g.kerbs[g.sizes[PLACES] + site, 0]
    for kerb in range(g.kerbs.shape[1]):
        walk = g.option[option, WALK + kerb]
        if walk < 0:
            continue
        stop = g.kerbs[g.option[option, PLACE], kerb]
        ride = g.drive[0, stop, target, THERE_S]
        arrive = g.sizes[DWELL_STOP] + g.sizes[DWELL_RIDER] * count + ride
        lasts = arrive + g.sizes[SITE_STOP] + g.sizes[SITE_RIDER] * count
        margin = 0.0 if g.sizes[REVERSED] else g.prices[0, SPREAD] * sqrt(float(ride))
        opens = g.rider[r, OPENS_AT] - arrive
        closes = floor(g.rider[r, OPENS_AT + 1] - margin) - arrive
        if opens > closes or ride > g.node[0, stop, LIMIT + site] or arrive > g.sizes[MAX_TRIP]:
            continue
        own = (walk * WALK_UNIT + ride * g.prices[0, RIDE]) * count
        metres = g.drive[0, stop, target, THERE_M]
        for x in range(s.now[LINE_COUNT]):
            line = np.int64(s.ledger[x, ACTIVE])
            duty = s.duty[line]
            if g.prices[duty[KIND], SEATS] < count:
                continue
            for side in range(2):
                before, after = (line, np.int64(duty[AFTER])) if side == 0 else (np.int64(duty[BEFORE]), line)
                if side and before >= 0:
                    continue
                empty_s, empty_m, possible = gap(g, s.duty, before, after, stop, target, opens, closes, lasts)
                if possible:
                    running = g.prices[duty[KIND], PER_M] * (metres + empty_m)
                    running += g.prices[duty[KIND], PER_S] * (lasts + empty_s)
                    if running * km_share + own < s.number[O_COST]:
                        note(s.number, running * km_share + own, option, kerb, -1, before, after)


@inlined
def gap(g, duty, before, after, stop, target, opens, closes, lasts):
    """Return the extra empty running (s, m) of a trip between two others, and whether there is time for it."""
    drive = g.drive
    seconds = 0
    metres = 0
    begin = opens
    if before >= 0:
        begin = max(begin, duty[before, FREE_AT])
        if begin > closes:
            return 0, 0, False
        last = duty[before, LAST]
        begin = max(opens, duty[before, FREE_AT] + drive[0, last, stop, THERE_S])
        seconds += drive[0, last, stop, THERE_S]
        metres += drive[0, last, stop, THERE_M]
    else:
        seconds += g.node[0, stop, PULL_OUT_S] - g.node[0, duty[after, FIRST], PULL_OUT_S]
        metres += g.node[0, stop, PULL_OUT_M] - g.node[0, duty[after, FIRST], PULL_OUT_M]
    if after >= 0:
        first = duty[after, FIRST]
        closes = min(closes, duty[after, BEGIN_BY] - drive[0, target, first, THERE_S] - lasts)
        seconds += drive[0, target, first, THERE_S]
        metres += drive[0, target, first, THERE_M]
        if before >= 0:
            seconds -= drive[0, duty[before, LAST], first, THERE_S]
            metres -= drive[0, duty[before, LAST], first, THERE_M]
    else:
        seconds += g.node[0, target, PULL_IN_S] - g.node[0, duty[before, LAST], PULL_IN_S]
        metres += g.node[0, target, PULL_IN_M] - g.node[0, duty[before, LAST], PULL_IN_M]
    return seconds, metres, begin <= closes


@inner
def solo(g, r, option, lane, share, km_share):
    """Return the least cost [fen] of a rider alone on a lane of a new vehicle, and the kerb."""
    chosen = -1
    best = np.inf
    site = g.rider[r, SITE]
    count = g.rider[r, COUNT]
    target = g.kerbs[g.sizes[PLACES] + site, 0]
    for kerb in range(g.kerbs.shape[1]):
        walk = g.option[option, WALK + lane * g.kerbs.shape[1] + kerb]
        if walk < 0:
            continue
        stop = g.kerbs[g.option[option, PLACE], kerb]
        ride = g.drive[lane, stop, target, THERE_S]
        margin = 0.0 if g.sizes[REVERSED + lane] else g.prices[0, SPREAD] * sqrt(float(ride))
        opens = g.rider[r, OPENS_AT + 2 * lane]
        closes = floor(g.rider[r, OPENS_AT + 2 * lane + 1] - margin)
        lasts = g.sizes[DWELL_STOP] + g.sizes[DWELL_RIDER] * count + ride
        if ride > g.node[lane, stop, LIMIT + site] or opens > closes or lasts > g.sizes[MAX_TRIP]:
            continue
        metres = g.node[lane, stop, PULL_OUT_M] + g.drive[lane, stop, target, THERE_M] + g.node[lane, target, PULL_IN_M]
        seconds = g.node[lane, stop, PULL_OUT_S] + lasts + g.node[lane, target, PULL_IN_S]
        seconds += g.sizes[SITE_STOP] + g.sizes[SITE_RIDER] * count
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
def begin_line(g, s, r, line):
    """Write the sequence of a new line for one rider, as `find_opening` found it."""
    a = s.lines[line]
    option = np.int64(s.number[O_OPTION])
    before, after = np.int64(s.number[O_BEFORE]), np.int64(s.number[O_AFTER])
    if before >= 0 or after >= 0:
        a[HEAD, TYPE] = s.duty[max(before, after), KIND]
    if before >= 0:
        touch(s, before)
    if after >= 0:
        touch(s, after)
    link(s, line, before, after)
    place = g.option[option, PLACE]
    a[HEAD, LEN] = 2
    a[KEY, 0] = place
    a[KEY, 1] = g.sizes[PLACES] + g.rider[r, SITE]
    for lane in range(g.sizes[LANES]):
        base = LANE + lane * LANE_FIELDS
        kerb = int(s.number[O_KERB + lane])
        a[base + KERB, 0] = kerb
        a[base + NODE, 0] = g.kerbs[place, kerb]
        a[base + KERB, 1] = 0
        a[base + NODE, 1] = g.kerbs[a[KEY, 1], 0]
    a[HEAD, RIDERS] = 1
    s.crew[line, WHO, 0] = r
    s.crew[line, HOW, 0] = option


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
