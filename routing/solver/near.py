"""What it would roughly cost each line to take in each place, its rider's own ride included: where to look first."""
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
    SLACK,
    TO_S,
    TO_V,
)

UNKNOWN = 1e9
REFUSED = 1e6
"""Added where a limit would be broken [fen]: such seats are looked at last."""


@inner
def renew(g, s, line):
    """Compute afresh what one rider more would cost a line at each place, and beyond that at each worksite [fen].

    Positions are judged by driving, standing, and the time of those aboard and of the rider up to the
    line's first worksite; limits are left out, and the nearest kerb is taken on either side. So the
    figures are close to the truth and rarely above it.
    """
    a = s.lines[line]
    row = s.reach[line]
    work = s.reach[s.reach.shape[0] - 1]
    places = g.sizes[PLACES]
    for p in range(places):
        row[p] = np.float32(UNKNOWN)
    patience(g, a, s.bound)
    for i in range(a[HEAD, LEN]):
        for p in range(places):
            work[p] = np.float32(0.0)
        for lane in range(g.sizes[LANES]):
            weigh(g, s.lines, a, lane, i, s.bound[lane], work)
        for p in range(places):
            v = work[p]
            row[p] = min(row[p], v)
    ride = g.prices[0, RIDE]
    for i in range(a[HEAD, LEN]):
        if a[KEY, i] < places:
            own = 0.0
            for lane in range(g.sizes[LANES]):
                base = LANE + lane * LANE_FIELDS
                own += ride * (a[base + ARRIVE, a[HEAD, FIRST_SITE]] - a[base + DEPART, i])
            row[a[KEY, i]] = np.float32(own)
    for site in range(row.size - places):
        row[places + site] = np.float32(site_cost_of(g, s.lines, a, site))


@inlined
def patience(g, a, bound):
    """Note how long a rider may ride from each place to the first worksite at most, to whichever one of the line."""
    places = g.sizes[PLACES]
    for lane in range(g.sizes[LANES]):
        base = LANE + lane * LANE_FIELDS
        row = bound[lane]
        first = a[base + ARRIVE, a[HEAD, FIRST_SITE]]
        for p in range(places):
            row[p] = np.float32(0.0)
        for j in range(a[HEAD, FIRST_SITE], a[HEAD, LEN]):
            if a[KEY, j] >= places:
                limit = g.limit[lane, a[KEY, j] - places]
                further = np.float32(a[base + ARRIVE, j] - first)
                for p in range(places):
                    v = limit[p] - further
                    row[p] = max(row[p], v)


@inlined
def weigh(g, lines, a, lane, i, limit, work):
    """Add the cost of going by each place on the way to position i in one lane."""
    near = g.near[lane]
    base = LANE + lane * LANE_FIELDS
    here = a[base + NODE, i]
    ride = np.float32(g.prices[0, RIDE])
    second = np.float32(g.prices[0, REACH_S])
    stand = np.float32(g.sizes[DWELL_STOP])
    more = stand + np.float32(g.sizes[DWELL_RIDER])
    rest = np.float32(a[base + ARRIVE, a[HEAD, FIRST_SITE]] - a[base + ARRIVE, i])
    trip = np.float32(g.sizes[MAX_TRIP] - a[base + ARRIVE, a[HEAD, LEN] - 1])
    refused = np.float32(REFUSED)
    free = np.float32(0.0)
    empty_s, empty_m = empty_before(g, lines, a, lane, a[base + NODE, 0])
    if i == 0 and a[HEAD, PREV] < 0:
        fixed = stand * second - np.float32(g.prices[0, REACH_M] * empty_m + g.prices[0, REACH_S] * empty_s)
        begin = g.begin[lane]
        for p in range(g.sizes[PLACES]):
            there = near[TO_S, here, p]
            own = there + rest
            v = near[TO_V, here, p] + ride * own + fixed + begin[p]
            work[p] += v + (refused if own > limit[p] or there + more > trip else free)
        return
    if a[HEAD, PREV] >= 0:
        chained = a[HEAD, LATE] - ready_at(g, lines, a[HEAD, PREV], a[base + NODE, 0])
        trip = min(trip, np.float32(chained))
    if i == 0:
        before = last_node(lines[a[HEAD, PREV]])
        leg_s, leg_m, aboard, slack = empty_s, empty_m, np.float32(0.0), np.float32(FAR)
    else:
        before = a[base + NODE, i - 1]
        leg_s, leg_m = a[base + LEG_S, i], a[base + LEG_M, i]
        aboard = ride * np.float32(a[ON, i - 1])
        slack = np.float32(a[base + SLACK, i])
    slack = min(slack, trip)
    more -= np.float32(leg_s)
    fixed = stand * second - np.float32(g.prices[0, REACH_M] * leg_m + g.prices[0, REACH_S] * leg_s)
    for p in range(g.sizes[PLACES]):
        there = near[TO_S, here, p]
        later = near[FROM_S, before, p] + there + more
        own = there + rest
        v = near[FROM_V, before, p] + near[TO_V, here, p] + later * aboard + ride * own + fixed
        work[p] += v + (refused if later > slack or own > limit[p] else free)
