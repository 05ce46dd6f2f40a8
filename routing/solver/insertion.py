"""The cheapest way to seat one rider: stop, line, positions, kerbs and vehicle type in one decision."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

import numpy as np

from routing.solver.chains import shared
from routing.solver.detour import join_cost, site_cost, site_fits
from routing.solver.kernel import inlined, inner
from routing.solver.layout import (
    ACTIVE,
    COUNT,
    DAY,
    DAY_CLASSES,
    DAYS,
    END_OPTION,
    F_COST,
    F_KERB,
    F_LINE,
    F_NEW_SITE,
    F_NEW_STOP,
    F_OPTION,
    F_SITE,
    F_STOP,
    FAR,
    FIRST_OPTION,
    FIRST_SITE,
    FIXED,
    HEAD,
    KERB,
    KEY,
    LANE,
    LANE_FIELDS,
    LANES,
    LEN,
    LINE_COUNT,
    MAX_LEN,
    MAX_RIDERS,
    METRES,
    MOST_SEATS,
    MOVED,
    ONE_SITE,
    OPENS_AT,
    PEAK,
    PER_M,
    PER_S,
    PLACE,
    PLACES,
    PROMISED,
    RETIMED,
    RIDERS,
    ROW,
    SEATS,
    SECOND,
    SECONDS,
    SITE,
    SITE_SHARE,
    SITES,
    TYPE,
    UPGRADE_SHARE,
    WALK,
    WALK_UNIT,
    WAS_AT,
    WAS_LINE,
    WIDTH,
)
from routing.solver.near import UNKNOWN, know_sites, weigh_block
from routing.solver.random import uniform

MOST_SITES = 30
"""Worksites per line: they are told apart by the bits of an int32."""


@inner
def find(g, s, r, tries, blink, dearest):
    """Find the cheapest seat of a rider on the lines in use; leaves it in `number`, cost inf if none.

    Lines are tried in the order of what they would roughly cost, until none is left that could be
    cheaper than the best found.
    """
    s.number[F_COST] = dearest
    s.number[F_LINE] = -1.0
    foresee(g, s, r)
    for _ in range(tries):
        x = cheapest(s.hope, s.now[LINE_COUNT])
        if x < 0 or s.hope[x] >= s.number[F_COST]:
            return
        line = np.int64(s.ledger[x, ACTIVE])
        row = np.int64(s.ledger[line, ROW])
        offset = way_to_site(s, s.reach[row, s.spot.shape[1] + g.rider[r, SITE]])
        least = s.hope[x]
        s.hope[x] = UNKNOWN
        own = moved(g, r, line)
        offset += own
        m = position_of(s.lines[line], g.sizes[PLACES] + g.rider[r, SITE])
        new_site = m < 0
        if new_site:
            m = site_position(g, s, r, line, least - offset, s.number[F_COST])
            if m < 0:
                continue
        first = -1
        for turn in range(1 + g.rider[r, END_OPTION] - g.rider[r, FIRST_OPTION]):
            o = g.rider[r, FIRST_OPTION] + turn - 1
            if turn == 0:
                first = o = likeliest(s.reach[row], g.option, g.least, g.rider[r, FIRST_OPTION], g.rider[r, END_OPTION])
            elif o == first:
                continue
            rough = s.reach[row, g.option[o, PLACE]] + offset + g.least[o]
            if rough < s.number[F_COST] and uniform(s.random) >= blink:
                try_line(g, s, r, o, line, own, m, new_site)


@inner
def likeliest(row, option, least, begin, end):
    """Return the option at which a seat would roughly cost least."""
    best = np.int64(begin)
    cost = np.inf
    for o in range(begin, end):
        rough = row[option[o, PLACE]] + least[o]
        if rough < cost:
            cost = rough
            best = np.int64(o)
    return best


@inner
def foresee(g, s, r):
    """Note for every line in use what a seat of a rider would roughly cost there."""
    full = g.sizes[DAY_CLASSES] == 1
    count = g.rider[r, COUNT]
    site = s.spot.shape[1] + g.rider[r, SITE]
    for x in range(s.now[LINE_COUNT]):
        line = np.int64(s.ledger[x, ACTIVE])
        least = np.float32(UNKNOWN)
        a = s.lines[line]
        peak = a[HEAD, PEAK] + count
        if a[HEAD, RIDERS] < g.sizes[MAX_RIDERS] and not (full and a[HEAD, SITES] == 1 and peak > g.sizes[MOST_SEATS]):
            index = np.int64(s.ledger[line, ROW])
            row = s.reach[index]
            know_sites(g, s, line)
            for o in range(g.rider[r, FIRST_OPTION], g.rider[r, END_OPTION]):
                place = np.int64(g.option[o, PLACE])
                if s.fresh[index, place // WIDTH] == 0:
                    weigh_block(g, s, line, place // WIDTH)
                rough = row[place] + np.float32(g.least[o])
                least = min(least, rough)
            # Where several lines cost the same, any may come first.
            least += np.float32(way_to_site(s, row[site]) + uniform(s.random) * g.prices[0, SECOND])
            if g.sizes[PROMISED]:
                least += np.float32(moved(g, r, line))
        s.hope[x] = least


@inlined
def moved(g, r, line):
    """Return what it costs that a line is not the one a rider was promised [fen]."""
    return g.worth[r, MOVED] if g.sizes[PROMISED] and g.rider[r, WAS_LINE] != line else 0.0


@inlined
def way_to_site(s, figure):
    """Return what the way to a worksite costs: known if the line goes there, else counted as a share."""
    return figure if figure >= 0.0 else -figure * s.number[SITE_SHARE]


@inner
def cheapest(hope, count):
    """Return the index of the least of the first figures, −1 where none is known."""
    best = -1
    least = np.float32(UNKNOWN)
    for x in range(count):
        if hope[x] < least:
            least = hope[x]
            best = x
    return best


@inlined
def try_line(g, s, r, option, line, own, m, new_site):
    """Try one line for a rider boarding at one place: where the line stops there, or where that roughly costs least.

    Parameters
    ----------
    own : float
        What the line itself costs the rider [fen].
    m : int
        Where the rider's worksite is, or comes.
    """
    a = s.lines[line]
    place = np.int64(g.option[option, PLACE])
    k = position_of(a, place)
    new_stop = k < 0
    if new_stop:
        if a[HEAD, LEN] + 1 + new_site > g.sizes[MAX_LEN]:
            return
        k = min(np.int64(s.spot[s.ledger[line, ROW], place]), m)
    elif k >= m and not new_site:
        return
    if k < m or new_stop:
        try_position(g, s, r, option, line, k, new_stop, m, new_site, own)
    if s.number[F_LINE] >= 0.0 and g.sizes[PROMISED] == 0:
        return
    # Where the cheapest position is forbidden, or breaks a promise that blocks know nothing of, another may not.
    for i in range(a[HEAD, LEN] if new_site else m, (a[HEAD, FIRST_SITE] if new_site else m) - 1, -1):
        for j in range(i if new_stop else min(k, i - 1), -1 if new_stop else k - 1, -1):
            try_position(g, s, r, option, line, j, new_stop, i, new_site, own)


@inner
def try_position(g, s, r, option, line, k, new_stop, m, new_site, own):
    """Try one position of a stop and one of a worksite, with a larger vehicle where it takes one."""
    a = s.lines[line]
    aboard = 0
    for i in range(max(0, k - new_stop), m):
        aboard = max(aboard, load_after(a, i, g.rider[r, DAYS], g.sizes[DAY_CLASSES]))
    need = aboard + g.rider[r, COUNT]
    if need > a[HEAD, PEAK]:
        upgrade = upgrade_cost(g.prices, a, need, s.costs[line, METRES], s.costs[line, SECONDS])
        if upgrade == np.inf:
            return
        own += upgrade * s.number[UPGRADE_SHARE]
    propose(g, s, a, r, option, line, k, new_stop, m, new_site, own)


@inlined
def position_of(a, key):
    """Return where a line visits a place or worksite, -1 if it does not."""
    for i in range(a[HEAD, LEN]):
        if a[KEY, i] == key:
            return i
    return -1


@inlined
def site_position(g, s, r, line, least_stop, dearest):
    """Return where a worksite that is new to a line costs least, -1 if it fits nowhere."""
    a = s.lines[line]
    n = a[HEAD, LEN]
    if a[HEAD, SITES] >= MOST_SITES or g.sizes[ONE_SITE] or g.sizes[MAX_LEN] <= n:
        return -1
    best = np.inf
    chosen = -1
    target = g.kerbs[g.sizes[PLACES] + g.rider[r, SITE], 0]
    for i in range(n, a[HEAD, FIRST_SITE] - 1, -1):
        cost = site_cost(g, s.lines, a, target, i)
        if cost < best and least_stop + s.number[SITE_SHARE] * cost < dearest and site_fits(g, a, r, target, i):
            best = cost
            chosen = i
    return chosen


@inlined
def propose(g, s, a, r, option, line, k, new_stop, m, new_site, cost):
    """Choose the kerbs of a proposal; keep it if every lane allows it and it is the cheapest so far."""
    count = g.rider[r, COUNT]
    place = g.option[option, PLACE]
    kerbs = (-1, -1)
    for lane in range(g.sizes[LANES]):
        best = np.inf
        chosen = -1
        given = a[LANE + lane * LANE_FIELDS + KERB, k] if not new_stop else -1
        window = (g.rider[r, OPENS_AT + 2 * lane], g.rider[r, OPENS_AT + 2 * lane + 1])
        promise = (g.rider[r, WAS_AT + lane] if g.rider[r, WAS_LINE] == line else FAR, g.worth[r, RETIMED])
        for kerb in range(g.kerbs.shape[1]):
            walk = g.option[option, WALK + lane * g.kerbs.shape[1] + kerb]
            if walk < 0 or (given >= 0 and kerb != given):
                continue
            stop = g.kerbs[place, kerb]
            effort = walk * WALK_UNIT * count
            bound = min(best, s.number[F_COST] - cost) - effort
            extra = join_cost(
                g,
                s,
                line,
                lane,
                stop,
                g.rider[r, SITE],
                count,
                window,
                promise,
                k,
                new_stop,
                m,
                new_site,
                bound,
            )
            extra += effort
            if extra < best:
                best = extra
                chosen = kerb
        cost += best
        if cost >= s.number[F_COST]:
            return
        kerbs = (kerbs[1], chosen)
    s.number[F_COST] = cost
    s.number[F_LINE] = line
    s.number[F_OPTION] = option
    s.number[F_STOP] = k
    s.number[F_NEW_STOP] = new_stop
    s.number[F_SITE] = m
    s.number[F_NEW_SITE] = new_site
    s.number[F_KERB] = kerbs[0] if g.sizes[LANES] == 2 else kerbs[1]
    s.number[F_KERB + 1] = kerbs[1]


@inlined
def load_after(a, i, days, classes):
    """Return the people aboard after a position, on the busiest of a rider's days."""
    if classes == 1:
        return a[DAY, i]
    most = 0
    for d in range(classes):
        if days >> d & 1:
            most = max(most, a[DAY + d, i])
    return most


@inner
def upgrade_cost(prices, a, need, metres, seconds):
    """Return what a vehicle with enough seats costs more than the present one; inf if there is none."""
    present = a[HEAD, TYPE]
    if prices[present, SEATS] >= need:
        return 0.0
    if shared(a):
        return np.inf
    best = np.inf
    for t in range(1, prices.shape[0]):
        if prices[t, SEATS] >= need:
            best = min(best, prices[t, FIXED] + prices[t, PER_M] * metres + prices[t, PER_S] * seconds)
    return best - prices[present, FIXED] - prices[present, PER_M] * metres - prices[present, PER_S] * seconds
