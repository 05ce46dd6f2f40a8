"""Ruin and recreate under simulated annealing, in compiled chunks.

SISR: J. Christiaens and G. Vanden Berghe, Slack Induction by String Removals for Vehicle Routing
Problems, Transportation Science 54(2), 2020, doi:10.1287/trsc.2019.0914; here on riders rather than
visits, so that stops, lines, positions, kerbs and vehicle types are decided at each insertion.
"""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

from math import log

import numpy as np

from routing.solver.insertion import find
from routing.solver.kernel import entry, inner
from routing.solver.layout import (
    ACTIVE,
    BANK,
    BANKED,
    BEST_TOTAL,
    COST,
    F_COST,
    F_LINE,
    F_NEW_SITE,
    F_NEW_STOP,
    F_OPTION,
    FEASIBLE,
    HARD,
    HARD_TOTAL,
    HEAD,
    ITERATIONS,
    LINE_COUNT,
    LISTED,
    LOSS,
    REMOVED,
    SLOT,
    SOFT_TOTAL,
    Float64,
    Given,
    State,
)
from routing.solver.memory import activate, begin, enlist, keep_best, settle, take_back, take_seat, touch
from routing.solver.near import renew
from routing.solver.opening import apply_found, begin_line, find_opening
from routing.solver.random import below, uniform
from routing.solver.removal import dissolve, order_removed, ruin
from routing.solver.timing import recompute

KM_SHARED = 0.25
"""Share of iterations in which a new line's running cost is shared as its fixed cost is."""
STEER = 0.02
"""How fast the reach follows the mean number of lines and places tried per rider."""
CONSTRUCT, ANNEAL, FINISH, REPRICE = range(4)


@entry
def work(g: Given, s: State, task: int, iterations: int, temperature: float, options: Float64) -> None:
    """Do one task; all are compiled together, because each entry compiles everything below it anew.

    Parameters
    ----------
    task : int
        CONSTRUCT seats all who wait in the bank; ANNEAL runs iterations at one temperature [fen];
        FINISH closes the lines that may not stay and seats their riders on others; REPRICE counts
        costs anew after prices have changed, and starts the best from the present lines.
    options : ndarray of float64, shape (8,)
        Mean number of riders removed; longest string; share of ruins by whole stops; blink rate; lines
        and places tried per rider beside those served already; by how many times the price of leaving
        a rider out an insertion may exceed it; largest share at which a new line's fixed cost is
        counted; share of random orders of reinsertion.
    """
    if task == REPRICE:
        reprice(g, s)
        return
    rounds = iterations if task == ANNEAL else 1
    for _ in range(rounds):
        s.now[ITERATIONS] += 1
        soft = s.number[SOFT_TOTAL]
        hard = s.number[HARD_TOTAL]
        begin(s.now)
        share = options[6] * uniform(s.random)
        everyone = task != ANNEAL
        if task == ANNEAL:
            ruin(g, s, options[0], int(options[1]), options[2])
        if task == FINISH:
            close_losing(g, s)
            share = -1.0
        for x in range(s.now[BANKED] if everyone else min(s.now[BANKED], 2)):
            enlist(s.seat, s.now, np.int64(s.seat[x if everyone else below(s.random, s.now[BANKED]), BANK]))
        order_removed(g, s, options[7])
        recreate(g, s, options[3], int(options[4]), share, options[5])
        settle(s)
        if everyone:
            keep_best(s)
        elif s.number[SOFT_TOTAL] >= soft - temperature * log(uniform(s.random) + 1e-300):
            take_back(s, g.worth, soft, hard)
        elif s.number[HARD_TOTAL] < s.number[BEST_TOTAL] - 1e-6:
            keep_best(s)


@inner
def recreate(g, s, blink, tries, share, stretch_most):
    """Seat the listed riders one by one where they cost least; leave out those who cost more than that.

    A new line's fixed cost is counted as a share, since no rider alone would ever pay for it; a
    negative share opens none.
    """
    stretch = 1.0
    km_share = share if uniform(s.random) < KM_SHARED else 1.0
    if share >= 0.0:
        u = uniform(s.random)
        stretch = 1.0 + stretch_most * u * u
    for x in range(s.now[LISTED]):
        r = np.int64(s.seat[x, REMOVED])
        find(g, s, r, tries, blink, g.worth[r, LOSS] * stretch)
        opening = np.inf
        choice = (-1, -1, -1)
        if share >= 0.0 and s.now[LINE_COUNT] < s.ledger.shape[0]:
            opening, choice = find_opening(g, r, share, km_share)
        if min(opening, s.number[F_COST]) >= g.worth[r, LOSS] * stretch:
            continue
        if opening < s.number[F_COST]:
            line = np.int64(s.ledger[s.now[LINE_COUNT], ACTIVE])
            touch(s, line)
            activate(s.ledger, s.now, line)
            begin_line(g, s, r, line, choice)
            take_seat(s.seat, s.now, s.number, g.worth, r, line, np.int64(choice[0]))
            recompute(g, s, line)
            renew(g, s.lines[line], s.reach[line], s.reach[s.reach.shape[0] - 1])
            continue
        line = np.int64(s.number[F_LINE])
        touch(s, line)
        apply_found(g, s, r)
        take_seat(s.seat, s.now, s.number, g.worth, r, line, int(s.number[F_OPTION]))
        recompute(g, s, line)
        if s.number[F_NEW_STOP] or s.number[F_NEW_SITE]:
            renew(g, s.lines[line], s.reach[line], s.reach[s.reach.shape[0] - 1])


@inner
def reprice(g, s):
    """Derive all lines anew, dissolve those that may not be, and keep the rest as the best."""
    begin(s.now)
    for x in range(s.now[LINE_COUNT] - 1, -1, -1):
        line = np.int64(s.ledger[x, ACTIVE])
        touch(s, line)
        recompute(g, s, line)
        if s.lines[line, HEAD, FEASIBLE]:
            renew(g, s.lines[line], s.reach[line], s.reach[s.reach.shape[0] - 1])
        else:
            dissolve(g, s, line)
    settle(s)
    keep_best(s)


@inner
def close_losing(g, s):
    """Close the lines that have too few riders, or cost more than leaving their riders out."""
    for line in range(s.ledger.shape[0]):
        if s.ledger[line, SLOT] >= 0 and abs(s.costs[line, HARD] - s.costs[line, COST]) > 1e-6:
            touch(s, line)
            dissolve(g, s, line)
