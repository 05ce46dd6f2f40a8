"""Ruin and recreate under simulated annealing, in compiled chunks.

SISR: J. Christiaens and G. Vanden Berghe, Slack Induction by String Removals for Vehicle Routing
Problems, Transportation Science 54(2), 2020, doi:10.1287/trsc.2019.0914; here on riders rather than
visits, so that stops, lines, positions, kerbs and vehicle types are decided at each insertion.

Fewest vehicles by absence counters: the same article, and Y. Nagata and O. Bräysy, A powerful route
minimization heuristic for the vehicle routing problem with time windows, Operations Research Letters 37(5),
2009, doi:10.1016/j.orl.2009.04.006.
"""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

from math import log

import numpy as np

from routing.solver.chains import shared, time_chain
from routing.solver.insertion import find, moved
from routing.solver.kernel import entry, inner
from routing.solver.layout import (
    ACTIVE,
    BANK,
    BANKED,
    BEST_TOTAL,
    CHAINED,
    COST,
    COUNT,
    F_COST,
    F_LINE,
    F_NEW_SITE,
    F_NEW_STOP,
    F_OPTION,
    FEASIBLE,
    FLOOR,
    HARD,
    HARD_TOTAL,
    HEAD,
    ITERATIONS,
    LEAST_VEHICLES,
    LEAST_WAITING,
    LINE_COUNT,
    LISTED,
    LOSS,
    MIN_LOAD,
    MISSED,
    MOST_VEHICLES,
    MUST_RUN,
    O_COST,
    O_OPTION,
    PEOPLE,
    PREV,
    REMOVED,
    SITE_SHARE,
    SLOT,
    SOFT,
    SOFT_TOTAL,
    TOUCHED,
    TOUCHED_LINE,
    UPGRADE_SHARE,
    VEHICLES,
    Float64,
    Given,
    State,
)
from routing.solver.memory import activate, begin, enlist, keep_best, settle, take_back, take_seat, touch
from routing.solver.near import forget
from routing.solver.opening import apply_found, begin_line, find_opening, free_line
from routing.solver.random import below, uniform
from routing.solver.removal import dissolve, follow, leave_vehicle, order_removed, ruin, scrap
from routing.solver.timing import recompute

KM_SHARED = 0.25
"""Share of iterations in which a new line's running cost is shared as its fixed cost is."""
WHATEVER = 1e9
"""Stretch of the price of leaving a rider out at which everybody is seated who can be."""
CONSTRUCT, ANNEAL, FLEET, FINISH, REPRICE = range(5)


@entry
def work(g: Given, s: State, task: int, iterations: int, temperature: float, options: Float64) -> None:
    """Do one task; all are compiled together, because each entry compiles everything below it anew.

    Parameters
    ----------
    task : int
        CONSTRUCT seats all who wait in the bank, whatever it costs; ANNEAL runs iterations at one
        temperature [fen]; FLEET does so to need fewer vehicles, until the least number is reached;
        FINISH closes the lines that may not stay and seats their riders on others; REPRICE counts
        costs anew after prices have changed, gives up vehicles beyond the most there may be, and starts
        the best from the present lines.
    options : ndarray of float64, shape (11,)
        Mean number of riders removed; longest string; share of ruins by whole stops; blink rate; lines
        and places tried per rider beside those served already; by how many times the price of leaving
        a rider out an insertion may exceed it; largest share at which a new line's fixed cost is
        counted; share of random orders of reinsertion; share of ruins that begin with a whole line; share of
        iterations in which a worksite that is new to a line, and in which a larger vehicle, is counted as a
        share.
    """
    if task == REPRICE:
        reprice(g, s)
        return
    everyone = task != ANNEAL and task != FLEET  # noqa: PLR1714 - compiled code has no sets here
    rounds = 1 if everyone else iterations
    stretch_most = options[5] if task == ANNEAL or task == FINISH else WHATEVER  # noqa: PLR1714, SIM109 - the same
    for _ in range(rounds):
        s.now[ITERATIONS] += 1
        soft = s.number[SOFT_TOTAL]
        hard = s.number[HARD_TOTAL]
        vehicles = s.now[VEHICLES]
        begin(s.now)
        share = options[6] * uniform(s.random)
        # Above this total [fen] the iteration will be taken back: known before, so that it can end early.
        most = soft - temperature * log(uniform(s.random) + 1e-300) if task == ANNEAL else np.inf
        if not everyone:
            ruin(g, s, options[0], int(options[1]), options[2], options[8])
        if task == FINISH:
            close_losing(g, s)
            share = -1.0
        waiting = s.now[BANKED] if everyone else min(s.now[BANKED], 10 if task == FLEET else 2)
        for x in range(waiting):
            enlist(s.seat, s.now, np.int64(s.seat[x if everyone else below(s.random, s.now[BANKED]), BANK]))
        order_removed(g, s, options[7])
        chances = (options[9], options[10])
        recreate(g, s, options[3], int(options[4]), share, stretch_most, chances, most)
        settle(s)
        if everyone:
            keep_best(s)
        elif task == FLEET:
            if not have_fewer(g, s, soft, hard, vehicles, temperature):
                break
        elif s.number[SOFT_TOTAL] >= most:
            take_back(g, s, soft, hard, vehicles)
        elif s.number[HARD_TOTAL] < s.number[BEST_TOTAL] - 1e-6:
            keep_best(s)


@inner
def have_fewer(g, s, soft, hard, vehicles, temperature):
    """Accept or take back an iteration that aims at fewer vehicles; tell whether to go on.

    Plans are compared by how often those who wait now had to wait before, and at a tie by cost. When
    no more people wait than ever at best, the vehicle is scrapped whose riders waited least.
    """
    sum_now = waited(s)
    sum_before = s.number[MISSED]
    for x in range(s.now[BANKED]):
        s.missed[s.seat[x, BANK]] += 1.0
    better = s.number[SOFT_TOTAL] < soft - temperature * log(uniform(s.random) + 1e-300)
    if sum_now > sum_before or (sum_now == sum_before and not better):
        take_back(g, s, soft, hard, vehicles)
    elif people_waiting(g, s) <= s.now[LEAST_WAITING]:
        s.now[LEAST_WAITING] = people_waiting(g, s)
        keep_best(s)
        s.now[MOST_VEHICLES] = s.now[VEHICLES] - 1
        if s.now[MOST_VEHICLES] < s.now[LEAST_VEHICLES]:
            return False
        begin(s.now)
        scrap(g, s)
        settle(s)
    s.number[MISSED] = waited(s)
    return True


@inner
def waited(s):
    """Return how often those who wait now had to wait so far."""
    total = 0.0
    for x in range(s.now[BANKED]):
        total += s.missed[s.seat[x, BANK]]
    return total


@inner
def people_waiting(g, s):
    """Return how many people wait in the bank."""
    total = 0
    for x in range(s.now[BANKED]):
        total += g.rider[s.seat[x, BANK], COUNT]
    return total


@inner
def recreate(g, s, blink, tries, share, stretch_most, chances, most):
    """Seat the listed riders one by one where they cost least; leave out those who cost more than that.

    A new line's fixed cost is counted as a share, since no rider alone would ever pay for it; a
    negative share opens none. Ends as soon as the total cannot stay below `most` [fen] any more.
    """
    stretch = 1.0
    km_share = share if uniform(s.random) < KM_SHARED else 1.0
    if share >= 0.0:
        u = uniform(s.random)
        stretch = 1.0 + stretch_most * u * u
    # What one rider alone would never pay for counts as a share at times: a worksite more, a larger vehicle.
    s.number[SITE_SHARE] = uniform(s.random) if uniform(s.random) < chances[0] and share >= 0.0 else 1.0
    s.number[UPGRADE_SHARE] = uniform(s.random) if uniform(s.random) < chances[1] and share >= 0.0 else 1.0
    saved = 0.0
    for x in range(s.now[LISTED]):
        saved += savable(g, np.int64(s.seat[x, REMOVED]))
    for x in range(s.now[LISTED]):
        if s.number[SOFT_TOTAL] + touched_cost(s) - saved >= most:
            return
        r = np.int64(s.seat[x, REMOVED])
        saved -= savable(g, r)
        find(g, s, r, tries, blink, g.worth[r, LOSS] * stretch)
        s.number[O_COST] = np.inf
        if share >= 0.0 and s.now[LINE_COUNT] < s.ledger.shape[0]:
            find_opening(g, s, r, share, km_share)
            s.number[O_COST] += moved(g, r, free_line(g, s, r))
        if min(s.number[O_COST], s.number[F_COST]) >= g.worth[r, LOSS] * stretch:
            continue
        if s.number[O_COST] < s.number[F_COST]:
            line = free_line(g, s, r)
            touch(s, line)
            activate(s.ledger, s.now, line)
            begin_line(g, s, r, line)
            take_seat(s.seat, s.now, s.number, g.worth, r, line, np.int64(s.number[O_OPTION]))
            recompute(g, s, line)
            if g.sizes[CHAINED] and s.lines[line, HEAD, PREV] >= 0:
                recompute(g, s, np.int64(s.lines[line, HEAD, PREV]))
            follow(g, s, line)
            forget(s, line)
            continue
        line = np.int64(s.number[F_LINE])
        touch(s, line)
        apply_found(g, s, r)
        take_seat(s.seat, s.now, s.number, g.worth, r, line, int(s.number[F_OPTION]))
        recompute(g, s, line)
        follow(g, s, line)
        if s.number[F_NEW_STOP] or s.number[F_NEW_SITE]:
            forget(s, line)


@inner
def savable(g, r):
    """Return what seating a waiting rider saves at most [fen]."""
    return max(0.0, g.worth[r, LOSS] - g.worth[r, FLOOR])


@inner
def touched_cost(s):
    """Return what the lines touched in this iteration cost [fen]."""
    total = 0.0
    for x in range(s.now[TOUCHED]):
        line = s.ledger[x, TOUCHED_LINE]
        if s.ledger[line, SLOT] >= 0:
            total += s.costs[line, SOFT]
    return total


@inner
def reprice(g, s):
    """Derive all lines anew, dissolve those that may not be, and keep the rest as the best.

    A vehicle's trips are driven apart where they no longer fit together, and lines whose riders are fewest
    are given up while there are more vehicles than there may be.
    """
    begin(s.now)
    for x in range(s.now[LINE_COUNT] - 1, -1, -1):
        line = np.int64(s.ledger[x, ACTIVE])
        touch(s, line)
        recompute(g, s, line)
    for x in range(s.now[LINE_COUNT] - 1, -1, -1):
        line = np.int64(s.ledger[x, ACTIVE])
        recompute(g, s, line)
        if s.lines[line, HEAD, FEASIBLE] == 0 and shared(s.lines[line]):
            leave_vehicle(g, s, line)
        if s.lines[line, HEAD, FEASIBLE] == 0:
            dissolve(g, s, line)
    if g.sizes[CHAINED]:
        for x in range(s.now[LINE_COUNT]):
            line = np.int64(s.ledger[x, ACTIVE])
            if not time_chain(g, s, line):
                leave_vehicle(g, s, line)
    while s.now[VEHICLES] > max(0, s.now[MOST_VEHICLES]):
        scrap(g, s)
    for x in range(s.now[LINE_COUNT]):
        forget(s, np.int64(s.ledger[x, ACTIVE]))
    settle(s)
    keep_best(s)


@inner
def close_losing(g, s):
    """Close the lines that have too few riders, or cost more than leaving their riders out.

    The next trip of a vehicle takes over what the first one paid for it, and may have to close in its turn.
    """
    closed = True
    while closed:
        closed = False
        for line in range(s.ledger.shape[0]):
            if s.ledger[line, SLOT] < 0 or s.ledger[line, MUST_RUN] > 0:
                continue
            if s.lines[line, HEAD, PEOPLE] < g.sizes[MIN_LOAD] or s.costs[line, HARD] < s.costs[line, COST] - 1e-6:
                touch(s, line)
                dissolve(g, s, line)
                closed = True
