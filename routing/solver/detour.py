"""What one lane of a line pays, and whether it may, when a rider joins: O(1) per place in the sequence.

A proposal is a stop position `k` and a worksite position `m`. The rider's stop is at k already, or is
put before position k (`new_stop`); the worksite likewise. With both new and k = m the stop goes
before the worksite. A worksite always has a stop before it, so m > 0.
"""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

from math import ceil, floor, sqrt

import numpy as np

from routing.solver.chains import empty_before, first_node, lasts, leave_by, ready_at
from routing.solver.keeping import retiming
from routing.solver.kernel import inlined
from routing.solver.layout import (
    ARRIVE,
    BACK_M,
    BACK_S,
    CHAINED,
    CLOSES,
    COUNT,
    DEPART,
    DRIVEN,
    DWELL_RIDER,
    DWELL_STOP,
    FAR,
    FIRST_SITE,
    HEAD,
    KEY,
    LANE,
    LANE_FIELDS,
    LANES,
    LEG_M,
    LEG_S,
    LEN,
    LIMIT,
    MAX_TRIP,
    NEXT,
    NODE,
    ON,
    ONE_SITE,
    OPENS,
    OPENS_AT,
    ORD,
    PER_M,
    PER_S,
    PLACES,
    PREV,
    PROMISED,
    PULL_IN_M,
    PULL_IN_S,
    REVERSED,
    RIDE,
    SITE_RIDER,
    SITE_SHARE,
    SITE_STOP,
    SLACK,
    SPREAD,
    THERE_M,
    THERE_S,
    TYPE,
)


@inlined
def join_cost(g, s, line, lane, stop, site, count, window, promise, k, new_stop, m, new_site, bound):
    """Return the extra cost [fen] of a proposal in one lane, walks apart; inf where it is forbidden or too dear.

    Parameters
    ----------
    stop, site : int
        Node of the stop, index of the worksite.
    window : tuple of int
        The rider's own window at the worksite in this lane.
    promise : (int, float)
        When the rider was to leave on this line [s], `FAR` where that was not promised, and what another departure
        costs [fen].
    """
    lines, a = s.lines, s.lines[line]
    base = LANE + lane * LANE_FIELDS
    target = g.kerbs[g.kerbs.shape[0] - (g.node.shape[2] - LIMIT) + site, 0]
    s_stop, m_stop, s_empty, m_empty = stop_detour(g, lines, a, lane, stop, target, k, new_stop, m, new_site)
    grow = g.sizes[DWELL_RIDER] * count
    later_stop = s_stop + grow + (g.sizes[DWELL_STOP] if new_stop else 0)
    later_site = g.sizes[SITE_RIDER] * count
    s_site, m_site = 0, 0
    if new_site:
        s_site, m_site, s_tail, m_tail = site_detour(g, lines, a, lane, target, m)
        s_empty += s_tail
        m_empty += m_tail
        later_site += s_site + g.sizes[SITE_STOP]
    ride = own_ride(g.drive, a, lane, stop, target, k, new_stop, m, new_site)
    t = a[HEAD, TYPE]
    through = (a[ON, k - 1] if k > 0 else 0) * later_stop + (a[ON, m - 1] if new_site else a[ON, m]) * later_site
    cost = g.prices[t, PER_M] * (m_stop + m_site + m_empty) + (through + ride * count) * g.prices[0, RIDE]
    cost += g.prices[t, PER_S] * (later_stop + later_site + s_empty)
    if new_site:
        alone = s_site + g.sizes[SITE_STOP]
        extra = g.prices[t, PER_M] * m_site + g.prices[t, PER_S] * alone + a[ON, m - 1] * alone * g.prices[0, RIDE]
        cost -= (1.0 - s.number[SITE_SHARE]) * max(0.0, extra)
    too_long = ride > g.node[lane, stop, LIMIT + site]
    if cost >= bound or too_long or not others_agree(a, base, k, new_stop, m, new_site, later_stop, later_site):
        return np.inf
    end = a[base + ARRIVE, a[HEAD, LEN] - 1] + later_stop
    if new_site and m == a[HEAD, LEN]:
        end += a[base + DEPART, m - 1] - a[base + ARRIVE, m - 1] + s_site
    elif m < a[HEAD, LEN] - 1 or new_site:
        end += later_site
    if end > g.sizes[MAX_TRIP]:
        return np.inf
    arrive = a[base + DEPART, m - 1] + g.drive[lane, target, a[base + NODE, m - 1], BACK_S] if new_site else 0
    shift = later_stop, later_site, s_stop, s_site
    reverse = g.sizes[REVERSED + lane] != 0
    opens, closes = windows(a, base, window, g.prices[0, SPREAD], reverse, k, new_stop, m, new_site, shift, arrive)
    if g.sizes[CHAINED]:
        if a[HEAD, PREV] >= 0:
            first = stop if new_stop and k == 0 else a[base + NODE, 0]
            opens = max(opens, ready_at(g, lines, a[HEAD, PREV], first))
        if a[HEAD, NEXT] >= 0:
            last = target if new_site and m == a[HEAD, LEN] else a[base + NODE, a[HEAD, LEN] - 1]
            closes = min(closes, leave_by(g, lines, a[HEAD, NEXT], last) - lasts(a) - later_stop - later_site)
    if opens > closes:
        return np.inf
    if g.sizes[PROMISED] and not g.sizes[CHAINED]:
        later = (later_stop, later_site, grow, arrive)
        cost += broken_promises(g, s, line, lane, stop, promise, k, new_stop, m, new_site, later, (opens, closes))
    return cost


@inlined
def stop_detour(g, lines, a, lane, stop, target, k, new_stop, m, new_site):
    """Return extra driving (s, m) of a stop, and the change of the empty run to the first stop (s, m)."""
    if not new_stop:
        return 0, 0, 0, 0
    drive = g.drive
    base = LANE + lane * LANE_FIELDS
    next_to_site = new_site and m == k
    after = target if next_to_site else a[base + NODE, k]
    seconds = drive[lane, stop, after, THERE_S]
    metres = drive[lane, stop, after, THERE_M]
    if k == 0:
        was_s, was_m = empty_before(g, lines, a, lane, a[base + NODE, 0])
        empty_s, empty_m = empty_before(g, lines, a, lane, stop)
        return seconds, metres, empty_s - was_s, empty_m - was_m
    before = a[base + NODE, k - 1]
    seconds += drive[lane, stop, before, BACK_S]
    metres += drive[lane, stop, before, BACK_M]
    if next_to_site:
        return seconds - drive[lane, target, before, BACK_S], metres - drive[lane, target, before, BACK_M], 0, 0
    return seconds - a[base + LEG_S, k], metres - a[base + LEG_M, k], 0, 0


@inlined
def site_detour(g, lines, a, lane, target, m):
    """Return extra driving (s, m) of a new worksite, and the change of the empty run after it (s, m)."""
    base = LANE + lane * LANE_FIELDS
    drive = g.drive
    before = a[base + NODE, m - 1]
    seconds = drive[lane, target, before, BACK_S]
    metres = drive[lane, target, before, BACK_M]
    if m == a[HEAD, LEN]:
        after = a[HEAD, NEXT]
        if after >= 0:
            then = first_node(lines[after])
            empty_s = drive[lane, target, then, THERE_S] - drive[lane, before, then, THERE_S]
            return seconds, metres, empty_s, drive[lane, target, then, THERE_M] - drive[lane, before, then, THERE_M]
        empty_s = g.node[lane, target, PULL_IN_S] - g.node[lane, before, PULL_IN_S]
        empty_m = g.node[lane, target, PULL_IN_M] - g.node[lane, before, PULL_IN_M]
        return seconds, metres, empty_s, empty_m
    seconds += drive[lane, target, a[base + NODE, m], THERE_S] - a[base + LEG_S, m]
    metres += drive[lane, target, a[base + NODE, m], THERE_M] - a[base + LEG_M, m]
    return seconds, metres, 0, 0


@inlined
def site_cost(g, lines, a, target, m):
    """Return what putting a worksite before position m costs at least, the stop apart [fen]."""
    t = a[HEAD, TYPE]
    total = 0.0
    for lane in range(g.sizes[LANES]):
        seconds, metres, empty_s, empty_m = site_detour(g, lines, a, lane, target, m)
        later = seconds + g.sizes[SITE_STOP]
        total += g.prices[t, PER_M] * (metres + empty_m) + g.prices[t, PER_S] * (later + empty_s)
        total += a[ON, m - 1] * later * g.prices[0, RIDE]
    return total


@inlined
def site_fits(g, a, r, target, m):
    """Tell whether a worksite may come before position m; a stop more would only make everything later.

    It may not where somebody aboard would ride too long, or where a worksite would be reached too late after one
    before it, whenever the line begins.
    """
    n = a[HEAD, LEN]
    for lane in range(g.sizes[LANES]):
        base = LANE + lane * LANE_FIELDS
        go = g.drive[lane, target, a[base + NODE, m - 1], BACK_S]
        later = go + g.sizes[SITE_STOP] + g.sizes[SITE_RIDER] * g.rider[r, COUNT]
        if m < n:
            later += g.drive[lane, target, a[base + NODE, m], THERE_S] - a[base + LEG_S, m]
            if later > a[base + SLACK, m]:
                return False
        begin = -FAR
        for j in range(a[HEAD, FIRST_SITE], n + 1):
            if j == m:
                clock = a[base + DEPART, m - 1] + go
                begin = max(begin, g.rider[r, OPENS_AT + 2 * lane] - clock)
                if begin > g.rider[r, OPENS_AT + 2 * lane + 1] - clock:
                    return False
            if j < n and a[ORD, j] >= 0:
                clock = a[base + ARRIVE, j] + (later if j >= m else 0)
                begin = max(begin, a[base + OPENS, j] - clock)
                if begin > a[base + CLOSES, j] - clock:
                    return False
    return True


@inlined
def site_cost_of(g, lines, a, site):
    """Return what a worksite costs a line at least [fen]: the ride on from the first one, or the way there."""
    key = g.sizes[PLACES] + site
    first = a[HEAD, FIRST_SITE]
    least = 1e9
    for m in range(first, a[HEAD, LEN] + 1):
        if m < a[HEAD, LEN] and a[KEY, m] == key:
            total = 0.0
            for lane in range(g.sizes[LANES]):
                base = LANE + lane * LANE_FIELDS
                total += (a[base + ARRIVE, m] - a[base + ARRIVE, first]) * g.prices[0, RIDE]
            return total
        if g.sizes[ONE_SITE] == 0:
            least = min(least, site_cost(g, lines, a, g.kerbs[key, 0], m))
    return -max(1.0, least)


@inlined
def own_ride(drive, a, lane, stop, target, k, new_stop, m, new_site):
    """Return the ride [s] of the rider who joins."""
    base = LANE + lane * LANE_FIELDS
    if new_site and new_stop and m == k:
        return drive[lane, stop, target, THERE_S]
    if new_site:
        end = drive[lane, target, a[base + NODE, m - 1], BACK_S] + a[base + DEPART, m - 1]
    else:
        end = a[base + ARRIVE, m]
    if new_stop:
        return drive[lane, stop, a[base + NODE, k], THERE_S] + end - a[base + ARRIVE, k]
    return end - a[base + DEPART, k]


@inlined
def broken_promises(g, s, line, lane, stop, promise, k, new_stop, m, new_site, later, window):
    """Return what it costs that a proposal moves departures, the rider's own included [fen].

    Parameters
    ----------
    later : tuple of int
        How much later everything is after the stop and after the worksite, how much of it the rider's boarding
        takes, and the arrival at a new worksite [s].
    window : tuple of int
        When the lane may begin [s].
    """
    a = s.lines[line]
    base = LANE + lane * LANE_FIELDS
    later_stop, later_site, grow, arrive = later
    if g.sizes[REVERSED + lane]:
        leaves = later_stop + (arrive if new_site else a[base + ARRIVE, m])
    elif not new_stop:
        leaves = grow + a[base + DEPART, k]
    else:
        leaves = grow + g.sizes[DWELL_STOP]
        if k > 0:
            leaves += a[base + DEPART, k - 1] + g.drive[lane, stop, a[base + NODE, k - 1], BACK_S]
    joins = (promise[0] - leaves if promise[0] < FAR else FAR, promise[1])
    shift = (k, later_stop, m if new_site else m + 1, later_site)
    return retiming(g, s, line, lane, window, shift, joins)


@inlined
def others_agree(a, base, k, new_stop, m, new_site, later_stop, later_site):
    """Tell whether nobody aboard rides too long; may refuse what would just be possible, never the reverse.

    Those who ride through an existing position are among those on either leg next to it, so the
    larger slack of the two legs is on the safe side.
    """
    n = a[HEAD, LEN]
    slack = FAR
    if new_site:
        if m < n:
            slack = a[base + SLACK, m]
    elif m < n - 1:
        slack = max(a[base + SLACK, m], a[base + SLACK, m + 1])
    both = later_stop if k > 0 else 0
    if slack < FAR:
        if later_site + both > slack:
            return False
        both += later_site
    if k == 0:
        return True
    if k == n:
        return True
    if new_stop:
        return a[base + SLACK, k] >= both
    return max(a[base + SLACK, k], a[base + SLACK, k + 1] if k + 1 < n else FAR) >= both


@inlined
def windows(a, base, window, deviation, reverse, k, new_stop, m, new_site, shift, arrive):
    """Return the first and last clock time of the first arrival that keep all windows, the rider's own included.

    Parameters
    ----------
    shift : tuple of int
        How much later everything is after the stop and after the worksite, dwell included, and
        how much of that is driving [s].
    arrive : int
        Arrival at a new worksite, were there no new stop [s].
    """
    n = a[HEAD, LEN]
    total = a[base + DRIVEN, n - 1] + shift[2] + shift[3]
    first_late = k if new_stop else k + 1
    opens = -FAR
    closes = FAR
    for j in range(a[HEAD, FIRST_SITE], n + 1):
        own = j == m and not new_site
        if j == n:
            if not new_site:
                break
            clock = arrive + shift[0]
            # Dwell is in the clock and not in the driving: take the leg from the driving's own sum.
            driven = a[base + DRIVEN, m - 1] + (arrive - a[base + DEPART, m - 1]) + shift[2]
            low, high = window
        elif a[ORD, j] < 0:
            continue
        else:
            after_site = j >= m if new_site else j > m
            clock = a[base + ARRIVE, j] + (shift[0] if j >= first_late else 0) + (shift[1] if after_site else 0)
            driven = a[base + DRIVEN, j] + (shift[2] if j >= first_late else 0) + (shift[3] if after_site else 0)
            low = max(a[base + OPENS, j], window[0]) if own else a[base + OPENS, j]
            high = min(a[base + CLOSES, j], window[1]) if own else a[base + CLOSES, j]
        margin = deviation * sqrt(float(max(0, total - driven if reverse else driven)))
        opens = max(opens, ceil(low + margin if reverse else low + 0.0) - clock)
        closes = min(closes, floor(high + 0.0 if reverse else high - margin) - clock)
    return opens, closes
