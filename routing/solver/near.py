"""What it would roughly cost each line to take in each place, its rider's own ride included: where to look first.

Found a block of neighbouring places at a time, when somebody asks, and kept until the line changes.
"""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

import numpy as np

from routing.solver.chains import empty_before, last_node, ready_at
from routing.solver.detour import site_cost_of
from routing.solver.kernel import inlined, inner
from routing.solver.layout import (
    ARRIVE,
    DEPART,
    DWELL_RIDER,
    DWELL_STOP,
    FAR,
    FIRST_SITE,
    FROM_S,
    FROM_V,
    HEAD,
    KEY,
    LANE,
    LANE_FIELDS,
    LANES,
    LATE,
    LEG_M,
    LEG_S,
    LEN,
    MAX_TRIP,
    NODE,
    ON,
    PLACES,
    PREV,
    REACH_M,
    REACH_S,
    RIDE,
    ROW,
    SLACK,
    TO_S,
    TO_V,
    WIDTH,
)

UNKNOWN = 1e9
REFUSED = 1e6
"""Added where a limit would be broken [fen]: such seats are looked at last."""


@inlined
def forget(s, line):
    """Drop what is known of a line, because it has changed."""
    fresh = s.fresh[s.ledger[line, ROW]]
    for block in range(fresh.size):
        fresh[block] = 0


@inlined
def know_sites(g, s, line):
    """See to it that what each worksite would cost a line is known."""
    row = np.int64(s.ledger[line, ROW])
    last = s.fresh.shape[1] - 1
    if s.fresh[row, last] == 0:
        s.fresh[row, last] = 1
        places = s.spot.shape[1]
        for site in range(s.reach.shape[1] - places):
            s.reach[row, places + site] = np.float32(site_cost_of(g, s.lines, s.lines[line], site))


@inner
def weigh_block(g, s, line, block):
    """Note what one rider more would roughly cost a line at each place of a block [fen], and at which position.

    Positions are judged by driving, standing, and the time of those aboard and of the rider up to the
    line's first worksite; limits are left out, and the nearest kerb is taken on either side. So the
    figures are close to the truth and rarely above it.
    """
    a = s.lines[line]
    index = np.int64(s.ledger[line, ROW])
    s.fresh[index, block] = 1
    begin = block * WIDTH
    row = s.reach[index, begin : begin + WIDTH]
    spot = s.spot[index, begin : begin + WIDTH]
    for q in range(WIDTH):
        row[q] = np.float32(UNKNOWN)
    work = s.bound[g.sizes[LANES]]
    work[0] = fetch(g.near, a, g.sizes[LANES], block)
    patience(g, a, block, s.bound)
    for i in range(a[HEAD, LEN]):
        for q in range(WIDTH):
            work[q] = np.float32(0.0)
        for lane in range(g.sizes[LANES]):
            weigh(g, s.lines, a, lane, i, block, s.bound[lane], work)
        at = np.int32(i)
        for q in range(WIDTH):
            v = work[q]
            spot[q] = at if v < row[q] else spot[q]
            row[q] = min(row[q], v)
    ride = g.prices[0, RIDE]
    for i in range(a[HEAD, LEN]):
        q = a[KEY, i] - begin
        if 0 <= q < WIDTH and a[KEY, i] < g.sizes[PLACES]:
            own = 0.0
            for lane in range(g.sizes[LANES]):
                base = LANE + lane * LANE_FIELDS
                own += ride * (a[base + ARRIVE, a[HEAD, FIRST_SITE]] - a[base + DEPART, i])
            row[q] = np.float32(own)


@inlined
def fetch(near, a, lanes, block):
    """Read a little of all that `weigh` will, at once: the memory answers side by side what it would one by one."""
    total = np.float32(0.0)
    for lane in range(lanes):
        for i in range(a[HEAD, LEN]):
            table = near[lane, a[LANE + lane * LANE_FIELDS + NODE, i], block]
            total += table[0, 0] + table[1, 0] + table[2, 0] + table[3, 0]
    return total


@inlined
def patience(g, a, block, bound):
    """Note how long a rider may ride from each place to the first worksite at most, to whichever one of the line."""
    places = g.sizes[PLACES]
    begin = block * WIDTH
    for lane in range(g.sizes[LANES]):
        base = LANE + lane * LANE_FIELDS
        row = bound[lane]
        first = a[base + ARRIVE, a[HEAD, FIRST_SITE]]
        for q in range(WIDTH):
            row[q] = np.float32(0.0)
        for j in range(a[HEAD, FIRST_SITE], a[HEAD, LEN]):
            if a[KEY, j] >= places:
                limit = g.limit[lane, a[KEY, j] - places, begin : begin + WIDTH]
                further = np.float32(a[base + ARRIVE, j] - first)
                for q in range(WIDTH):
                    v = limit[q] - further
                    row[q] = max(row[q], v)


@inlined
def weigh(g, lines, a, lane, i, block, limit, work):
    """Add the cost of going by each place of a block on the way to position i in one lane."""
    base = LANE + lane * LANE_FIELDS
    here = g.near[lane, a[base + NODE, i], block]
    ride = np.float32(g.prices[0, RIDE])
    second = np.float32(g.prices[0, REACH_S])
    stand = np.float32(g.sizes[DWELL_STOP])
    more = stand + np.float32(g.sizes[DWELL_RIDER])
    rest = np.float32(a[base + ARRIVE, a[HEAD, FIRST_SITE]] - a[base + ARRIVE, i])
    trip = np.float32(g.sizes[MAX_TRIP] - a[base + ARRIVE, a[HEAD, LEN] - 1])
    refused = np.float32(REFUSED)
    free = np.float32(0.0)
    if i == 0 and a[HEAD, PREV] < 0:
        empty_s, empty_m = empty_before(g, lines, a, lane, a[base + NODE, 0])
        fixed = stand * second - np.float32(g.prices[0, REACH_M] * empty_m + g.prices[0, REACH_S] * empty_s)
        begin = g.begin[lane, block * WIDTH : block * WIDTH + WIDTH]
        for q in range(WIDTH):
            there = here[TO_S, q]
            own = there + rest
            v = here[TO_V, q] + ride * own + fixed + begin[q]
            work[q] += v + (refused if own > limit[q] or there + more > trip else free)
        return
    if a[HEAD, PREV] >= 0:
        chained = a[HEAD, LATE] - ready_at(g, lines, a[HEAD, PREV], a[base + NODE, 0])
        trip = min(trip, np.float32(chained))
    if i == 0:
        before = last_node(lines[a[HEAD, PREV]])
        empty_s, empty_m = empty_before(g, lines, a, lane, a[base + NODE, 0])
        leg_s, leg_m, aboard, slack = empty_s, empty_m, np.float32(0.0), np.float32(FAR)
    else:
        before = a[base + NODE, i - 1]
        leg_s, leg_m = a[base + LEG_S, i], a[base + LEG_M, i]
        aboard = ride * np.float32(a[ON, i - 1])
        slack = np.float32(a[base + SLACK, i])
    slack = min(slack, trip)
    more -= np.float32(leg_s)
    fixed = stand * second - np.float32(g.prices[0, REACH_M] * leg_m + g.prices[0, REACH_S] * leg_s)
    back = g.near[lane, before, block]
    for q in range(WIDTH):
        there = here[TO_S, q]
        later = back[FROM_S, q] + there + more
        own = there + rest
        v = back[FROM_V, q] + here[TO_V, q] + later * aboard + ride * own + fixed
        work[q] += v + (refused if later > slack or own > limit[q] else free)
