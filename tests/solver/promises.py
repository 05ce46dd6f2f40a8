"""A compiled probe into the kernel for the tests: what insertions promise, and what they cost then."""
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: ANN001, ANN201, ANN202

from pathlib import Path

import numpy as np

from routing import solver
from routing.jit import compiled, internal
from routing.solver.insertion import find, foresee, position_of, try_position
from routing.solver.layout import (
    ACTIVE,
    AT_LINE,
    COST,
    END_OPTION,
    F_COST,
    F_LINE,
    F_OPTION,
    FEASIBLE,
    FIRST_OPTION,
    FIRST_SITE,
    HEAD,
    LEN,
    LINE_COUNT,
    MAX_LEN,
    O_AFTER,
    O_BEFORE,
    O_COST,
    O_OPTION,
    ONE_SITE,
    PLACE,
    PLACES,
    PREV,
    SITE,
    TYPE,
)
from routing.solver.memory import activate, begin, settle, take_seat, touch
from routing.solver.near import forget
from routing.solver.opening import apply_found, begin_line, find_opening
from routing.solver.removal import follow
from routing.solver.timing import recompute

JOINED, OPENED, GAP = range(3)
"""What was done with a rider: a seat on a line, a vehicle of its own, a trip in the gap of a vehicle's day."""
FOUND, LEAST, PROMISED, PAID, DONE, FITS, SAME_TYPE = range(7)
"""Columns of the notes: see `seat_everyone`."""


def _compiled(function):
    """Compile and keep the machine code beside that of this version of the solver, which it contains."""
    return compiled(function, Path(solver.__file__).parent)


@internal
def try_everywhere(g, s, r, option, line):
    """Try all positions of a stop and of a worksite on one line."""
    a = s.lines[line]
    n = a[HEAD, LEN]
    at = position_of(a, g.option[option, PLACE])
    site = position_of(a, g.sizes[PLACES] + g.rider[r, SITE])
    if (site < 0 and g.sizes[ONE_SITE]) or n + (at < 0) + (site < 0) > g.sizes[MAX_LEN]:
        return
    for m in range(site if site >= 0 else a[HEAD, FIRST_SITE], (site if site >= 0 else n) + 1):
        for k in range(m + 1):
            if at < 0 or (k == at and at < m):
                try_position(g, s, r, option, line, k, at < 0, m, site < 0, 0.0)


@_compiled
def seat_everyone(g, s, rough, exact, notes):  # noqa: PLR0915 - one entry, compiled once
    """Seat all riders one by one where it costs least, and note what each seat was said to cost, and did.

    Parameters
    ----------
    rough, exact : ndarray of float64, shape (riders, lines)
        Filled with what a seat on each line was thought to cost, and the cheapest proposal there; nan elsewhere.
    notes : ndarray of float64, shape (riders, 7)
        The cheapest seat found, the least of the exact ones, the promise that was taken, by how much all lines
        cost more then, what was done, whether all lines kept the rules, and whether the type stayed.
    """
    for r in range(g.rider.shape[0]):
        begin(s.now)
        foresee(g, s, r)
        notes[r, LEAST] = np.inf
        for x in range(s.now[LINE_COUNT]):
            line = np.int64(s.ledger[x, ACTIVE])
            rough[r, line] = s.hope[x]
            exact[r, line] = np.inf
            for o in range(g.rider[r, FIRST_OPTION], g.rider[r, END_OPTION]):
                s.number[F_COST] = np.inf
                try_everywhere(g, s, r, o, line)
                exact[r, line] = min(exact[r, line], s.number[F_COST])
            notes[r, LEAST] = min(notes[r, LEAST], exact[r, line])
        find(g, s, r, 1_000_000, 0.0, np.inf)
        find_opening(g, s, r, 1.0, 1.0)
        notes[r, FOUND] = s.number[F_COST]
        promise = min(s.number[F_COST], s.number[O_COST])
        notes[r, PROMISED] = promise
        if promise == np.inf:
            continue
        before = 0.0
        for x in range(s.now[LINE_COUNT]):
            before += s.costs[s.ledger[x, ACTIVE], COST]
        if s.number[O_COST] < s.number[F_COST]:
            gap = s.number[O_BEFORE] >= 0 or s.number[O_AFTER] >= 0
            notes[r, DONE] = GAP if gap else OPENED
            notes[r, SAME_TYPE] = 1.0
            line = np.int64(s.ledger[s.now[LINE_COUNT], ACTIVE])
            touch(s, line)
            activate(s.ledger, s.now, line)
            begin_line(g, s, r, line)
            take_seat(s.seat, s.now, s.number, g.worth, r, line, np.int64(s.number[O_OPTION]))
            recompute(g, s, line)
            if s.lines[line, HEAD, PREV] >= 0:
                recompute(g, s, np.int64(s.lines[line, HEAD, PREV]))
            follow(g, s, line)
        else:
            notes[r, DONE] = JOINED
            line = np.int64(s.number[F_LINE])
            kind = s.lines[line, HEAD, TYPE]
            touch(s, line)
            apply_found(g, s, r)
            take_seat(s.seat, s.now, s.number, g.worth, r, line, np.int64(s.number[F_OPTION]))
            recompute(g, s, line)
            follow(g, s, line)
            notes[r, SAME_TYPE] = s.lines[line, HEAD, TYPE] == kind
        settle(s)
        after = 0.0
        notes[r, FITS] = 1.0
        for x in range(s.now[LINE_COUNT]):
            other = np.int64(s.ledger[x, ACTIVE])
            forget(s, other)
            after += s.costs[other, COST]
            if s.lines[other, HEAD, FEASIBLE] == 0:
                notes[r, FITS] = 0.0
        notes[r, PAID] = after - before
        assert s.seat[r, AT_LINE] == line
