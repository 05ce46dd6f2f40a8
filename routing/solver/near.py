"""What it would roughly cost each line to take in each place, its rider's own ride included: where to look first."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

import numpy as np

from routing.solver.detour import site_cost_of
from routing.solver.kernel import inlined, inner
from routing.solver.layout import (
    ARRIVE,
    DEPART,
    DWELL_RIDER,
    DWELL_STOP,
    FIRST_SITE,
    FROM_S,
    FROM_V,
    HEAD,
    KEY,
    LANE,
    LANE_FIELDS,
    LANES,
    LEG_M,
    LEG_S,
    LEN,
    NODE,
    ON,
    PLACES,
    PULL_OUT_M,
    PULL_OUT_S,
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
def renew(g, a, row, work):
    """Compute afresh what one rider more would cost a line at each place, and beyond that at each worksite [fen].

    Positions are judged by driving, standing, and the time of those aboard and of the rider up to the
    line's first worksite; limits are left out, and the nearest kerb is taken on either side. So the
    figures are close to the truth and rarely above it.
    """
    places = g.sizes[PLACES]
    for p in range(places):
        row[p] = np.float32(UNKNOWN)
    site = a[KEY, a[HEAD, FIRST_SITE]] - places
    for i in range(a[HEAD, LEN]):
        for p in range(places):
            work[p] = np.float32(0.0)
        for lane in range(g.sizes[LANES]):
            weigh(g.near[lane], g.begin[lane], g.node[lane], g.limit[lane, site], g.prices, g.sizes, a, lane, i, work)
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
        row[places + site] = np.float32(site_cost_of(g, a, site))


@inlined
def weigh(near, begin, node, limit, prices, sizes, a, lane, i, work):
    """Add the cost of going by each place on the way to position i in one lane."""
    base = LANE + lane * LANE_FIELDS
    here = a[base + NODE, i]
    ride = np.float32(prices[0, RIDE])
    second = np.float32(prices[0, REACH_S])
    stand = np.float32(sizes[DWELL_STOP])
    rest = np.float32(a[base + ARRIVE, a[HEAD, FIRST_SITE]] - a[base + ARRIVE, i])
    refused = np.float32(REFUSED)
    free = np.float32(0.0)
    if i == 0:
        pull_out = prices[0, REACH_M] * node[here, PULL_OUT_M] + prices[0, REACH_S] * node[here, PULL_OUT_S]
        fixed = stand * second - np.float32(pull_out)
        for p in range(sizes[PLACES]):
            own = near[TO_S, here, p] + rest
            v = near[TO_V, here, p] + ride * own + fixed + begin[p]
            work[p] += v + (refused if own > limit[p] else free)
        return
    before = a[base + NODE, i - 1]
    aboard = ride * np.float32(a[ON, i - 1])
    leg_v = np.float32(prices[0, REACH_M] * a[base + LEG_M, i] + prices[0, REACH_S] * a[base + LEG_S, i])
    slack = np.float32(a[base + SLACK, i])
    more = stand + np.float32(sizes[DWELL_RIDER] - a[base + LEG_S, i])
    fixed = stand * second - leg_v
    for p in range(sizes[PLACES]):
        there = near[TO_S, here, p]
        later = near[FROM_S, before, p] + there + more
        own = there + rest
        v = near[FROM_V, before, p] + near[TO_V, here, p] + later * aboard + ride * own + fixed
        work[p] += v + (refused if later > slack or own > limit[p] else free)
