"""Everything that follows from a line's sequence and riders: loads, times, slack, windows, cost."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

from math import ceil, floor, sqrt

import numpy as np

from routing.solver.chains import empty_after, empty_before, shared
from routing.solver.keeping import keep_line, keep_time
from routing.solver.kernel import inlined, inner
from routing.solver.layout import (
    ALIGHT,
    ALIGHTS_AT,
    ARRIVE,
    BEGIN,
    BOARD,
    CLOSES,
    COST,
    COUNT,
    DAY,
    DAY_CLASSES,
    DAYS,
    DEPART,
    DRIVEN,
    DWELL_RIDER,
    DWELL_STOP,
    FAR,
    FEASIBLE,
    FIRST_SITE,
    FIXED,
    HARD,
    HEAD,
    HOW,
    KERB,
    KEY,
    LANE,
    LANE_FIELDS,
    LANES,
    LEG_M,
    LEG_S,
    LEN,
    LIMIT,
    LOSS,
    MAX_TRIP,
    METRES,
    MIN_LOAD,
    MOVE,
    MOVES,
    MUST_RUN,
    NEXT,
    NODE,
    ON,
    ONE_SITE,
    OPENS,
    OPENS_AT,
    ORD,
    OUT,
    PEAK,
    PEOPLE,
    PER_M,
    PER_S,
    PLACE,
    PLACES,
    PREV,
    PROMISED,
    REVERSED,
    RIDE,
    RIDERS,
    SEATS,
    SECONDS,
    SITE,
    SITE_RIDER,
    SITE_STOP,
    SITES,
    SLACK,
    SOFT,
    SPREAD,
    TALLY,
    THERE_M,
    THERE_S,
    TYPE,
    UNDERLOAD,
    WALK,
    WALK_UNIT,
    WHERE,
    WHO,
)


@inner
def recompute(g, s, line):
    """Derive all of a line from its sequence of places and its riders."""
    a = s.lines[line]
    clear(a, s.scratch, g.sizes)
    walk, loss = people(a, s.crew[line], s.scratch, g.rider, g.option, g.worth, g.sizes)
    a[HEAD, FEASIBLE] = loads(a, s.scratch, g.sizes)
    for lane in range(g.sizes[LANES]):
        if not run(a, lane, g.drive, g.node, g.sizes):
            a[HEAD, FEASIBLE] = 0
        opens, closes = departures(a, lane, g.sizes, g.prices[0, SPREAD])
        a[HEAD, BEGIN + 2 * lane] = opens
        a[HEAD, BEGIN + 2 * lane + 1] = closes
        if opens > closes:
            a[HEAD, FEASIBLE] = 0
        if g.sizes[PROMISED]:
            walk += keep_time(g, s, line, lane)
    if g.sizes[PROMISED]:
        walk += keep_line(g, s, line)
    price(g, s, line)
    s.costs[line, COST] += walk
    s.costs[line, OUT] = loss
    # A line with too few riders is tolerated while searching, and closed in the end.
    short = g.sizes[MIN_LOAD] - a[HEAD, PEOPLE]
    # The vehicle is paid for by the next trip where the first of several is closed.
    stays = g.prices[a[HEAD, TYPE], FIXED] if a[HEAD, PREV] < 0 and a[HEAD, NEXT] >= 0 else 0.0
    s.costs[line, SOFT] = s.costs[line, COST] + max(0, short) * g.prices[0, UNDERLOAD]
    s.costs[line, HARD] = min(s.costs[line, COST], stays + loss) if short <= 0 else stays + loss
    if s.ledger[line, MUST_RUN] > 0:
        s.costs[line, HARD] = s.costs[line, SOFT]


@inlined
def clear(a, scratch, sizes):
    """Reset what is counted per position, and number the worksites of a line."""
    n = a[HEAD, LEN]
    sites = 0
    a[HEAD, FIRST_SITE] = n
    for i in range(n):
        scratch[a[KEY, i], WHERE] = i
        a[ORD, i] = -1
        if a[KEY, i] >= sizes[PLACES]:
            a[ORD, i] = sites
            if sites == 0:
                a[HEAD, FIRST_SITE] = i
            sites += 1
        a[BOARD, i] = 0
        a[ALIGHT, i] = 0
        a[ALIGHTS_AT, i] = 0
        for d in range(sizes[DAY_CLASSES]):
            a[DAY + d, i] = 0
            scratch[i, MOVES + d] = 0
        for lane in range(sizes[LANES]):
            a[LANE + lane * LANE_FIELDS + OPENS, i] = -FAR
            a[LANE + lane * LANE_FIELDS + CLOSES, i] = FAR
    a[HEAD, SITES] = sites


@inlined
def people(a, crew, scratch, rider, option, worth, sizes):
    """Count who boards and alights where, per class of days, and narrow the worksites' windows.

    Returns
    -------
    tuple of float
        Price of all walks, and of leaving everyone out [fen].
    """
    walk = 0.0
    loss = 0.0
    kerbs = (option.shape[1] - WALK) // sizes[LANES]
    for x in range(a[HEAD, RIDERS]):
        r = crew[WHO, x]
        o = crew[HOW, x]
        b = scratch[option[o, PLACE], WHERE]
        j = scratch[sizes[PLACES] + rider[r, SITE], WHERE]
        count = rider[r, COUNT]
        loss += worth[r, LOSS]
        a[BOARD, b] += count
        a[ALIGHT, j] += count
        a[ALIGHTS_AT, b] |= np.int32(1) << a[ORD, j]
        for d in range(sizes[DAY_CLASSES]):
            if rider[r, DAYS] >> d & 1:
                a[DAY + d, b] += count
                a[DAY + d, j] -= count
                scratch[b, MOVES + d] += count
                scratch[j, MOVES + d] += count
        for lane in range(sizes[LANES]):
            base = LANE + lane * LANE_FIELDS
            walk += option[o, WALK + lane * kerbs + a[base + KERB, b]] * WALK_UNIT * count
            a[base + OPENS, j] = max(a[base + OPENS, j], rider[r, OPENS_AT + 2 * lane])
            a[base + CLOSES, j] = min(a[base + CLOSES, j], rider[r, OPENS_AT + 2 * lane + 1])
    return walk, loss


@inlined
def loads(a, scratch, sizes):
    """Turn the counts into people aboard, the peak load and the people of the busiest day."""
    aboard = 0
    for i in range(a[HEAD, LEN]):
        aboard += a[BOARD, i] - a[ALIGHT, i]
        a[ON, i] = aboard
        a[MOVE, i] = 0
    peak = 0
    busiest = 0
    for d in range(sizes[DAY_CLASSES]):
        load = 0
        moved = 0
        for i in range(a[HEAD, LEN]):
            load += a[DAY + d, i]
            moved += scratch[i, MOVES + d]
            a[DAY + d, i] = load
            a[MOVE, i] = max(a[MOVE, i], scratch[i, MOVES + d])
            peak = max(peak, load)
        busiest = max(busiest, moved)
    a[HEAD, PEAK] = peak
    a[HEAD, PEOPLE] = busiest // 2
    return 1


@inlined
def run(a, lane, drive, node, sizes):
    """Fill in one lane's clock, the first arrival being time zero, and its slack; tell whether that is kept.

    Slack is by how much the leg to a position may grow before a rider aboard rides too long. For every
    worksite the least slack of those bound for it that are aboard is a running minimum from the left;
    a leg's slack is the least over the worksites that lie ahead of it.
    """
    base = LANE + lane * LANE_FIELDS
    n = a[HEAD, LEN]
    now = 0
    driven = 0
    for i in range(n):
        here = a[base + NODE, i]
        a[base + SLACK, i] = FAR
        if i:
            a[base + LEG_S, i] = drive[lane, a[base + NODE, i - 1], here, THERE_S]
            a[base + LEG_M, i] = drive[lane, a[base + NODE, i - 1], here, THERE_M]
            driven += a[base + LEG_S, i]
            now += a[base + LEG_S, i]
        a[base + DRIVEN, i] = driven
        a[base + ARRIVE, i] = now
        if a[ORD, i] < 0:
            now += sizes[DWELL_STOP] + sizes[DWELL_RIDER] * a[MOVE, i]
        else:
            now += sizes[SITE_STOP] + sizes[SITE_RIDER] * a[MOVE, i]
        a[base + DEPART, i] = now
    kept = a[base + ARRIVE, n - 1] <= sizes[MAX_TRIP] and (a[HEAD, SITES] == 1 or sizes[ONE_SITE] == 0)
    for j in range(a[HEAD, FIRST_SITE], n):
        if a[ORD, j] < 0:
            continue
        least = FAR
        site = a[KEY, j] - sizes[PLACES]
        for b in range(j):
            if a[ALIGHTS_AT, b] >> a[ORD, j] & 1:
                ride = a[base + ARRIVE, j] - a[base + DEPART, b]
                least = min(least, node[lane, a[base + NODE, b], LIMIT + site] - ride)
            a[base + SLACK, b + 1] = min(a[base + SLACK, b + 1], least)
        kept = kept and least >= 0
    return kept


@inlined
def departures(a, lane, sizes, deviation):
    """Return the first and last clock time [s] of a lane's first arrival that keep the windows on enough days.

    Run-time deviations need a margin at either end of a window that grows with the driving up to
    the worksite. A reversed lane is driven from its end, so its driving counts from there.
    """
    base = LANE + lane * LANE_FIELDS
    n = a[HEAD, LEN]
    opens = -FAR
    closes = FAR
    for j in range(a[HEAD, FIRST_SITE], n):
        if a[ORD, j] < 0:
            continue
        driven = a[base + DRIVEN, j]
        if sizes[REVERSED + lane]:
            driven = a[base + DRIVEN, n - 1] - driven
        margin = deviation * sqrt(float(max(0, driven)))
        early, late = a[base + OPENS, j] + 0.0, a[base + CLOSES, j] + 0.0
        if sizes[REVERSED + lane]:
            early += margin
        else:
            late -= margin
        opens = max(opens, ceil(early) - a[base + ARRIVE, j])
        closes = min(closes, floor(late) - a[base + ARRIVE, j])
    return opens, closes


@inlined
def price(g, s, line):
    """Choose the cheapest vehicle type that seats the peak, and add up vehicle and rides.

    A line that shares its vehicle keeps the type; the vehicle's day is paid by the first of its lines.
    """
    a = s.lines[line]
    cost = s.costs[line]
    prices = g.prices
    n = a[HEAD, LEN]
    metres = 0
    seconds = 0
    rides = 0
    for lane in range(g.sizes[LANES]):
        base = LANE + lane * LANE_FIELDS
        out_s, out_m = empty_before(g, s.lines, a, lane, a[base + NODE, 0])
        in_s, in_m = empty_after(g, a, lane, a[base + NODE, n - 1])
        metres += out_m + in_m
        seconds += out_s + in_s + a[base + DEPART, n - 1]
        for i in range(n):
            rides += a[ALIGHT, i] * a[base + ARRIVE, i] - a[BOARD, i] * a[base + DEPART, i]
            if i:
                metres += a[base + LEG_M, i]
    cost[METRES] = metres
    cost[SECONDS] = seconds
    tied = shared(a)
    best = np.inf
    for t in range(1, prices.shape[0]):
        if prices[t, SEATS] >= a[HEAD, PEAK] and (not tied or t == a[HEAD, TYPE]):
            fixed = prices[t, FIXED] if a[HEAD, PREV] < 0 else 0.0
            vehicle = fixed + prices[t, PER_M] * metres + prices[t, PER_S] * seconds
            if vehicle < best:
                best = vehicle
                a[HEAD, TYPE] = t
    if best == np.inf:
        a[HEAD, FEASIBLE] = 0
        best = 1e15
    cost[COST] = best + rides * prices[0, RIDE]


@inner
def compact(s, sizes, line):
    """Drop the positions where nobody boards or alights; return how many are left.

    Expects the counts of the positions to be up to date. Marks in the scratch array the positions
    whose leg is new.
    """
    a = s.lines[line]
    kept = 0
    gap = 0
    for i in range(a[HEAD, LEN]):
        if a[BOARD, i] + a[ALIGHT, i] == 0:
            gap = 1
            continue
        s.scratch[kept, TALLY] = gap
        gap = 0
        a[KEY, kept] = a[KEY, i]
        for lane in range(sizes[LANES]):
            base = LANE + lane * LANE_FIELDS
            a[base + NODE, kept] = a[base + NODE, i]
            a[base + KERB, kept] = a[base + KERB, i]
        kept += 1
    a[HEAD, LEN] = kept
    return kept
