"""Which lines are in use, who waits in the bank, and how an iteration is taken back or kept as the best."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

import numpy as np

from routing.solver.chains import time_chain
from routing.solver.kernel import inlined, inner
from routing.solver.layout import (
    ACTIVE,
    AT_BANK,
    AT_LINE,
    AT_OPTION,
    BANK,
    BANKED,
    BEST_SLOT,
    BEST_TOTAL,
    BEST_VEHICLES,
    CHAINED,
    COST_FIELDS,
    DIRTY,
    HARD,
    HARD_TOTAL,
    HEAD,
    HEAD_FIELDS,
    HOW,
    IMPROVED,
    ITERATIONS,
    LEN,
    LINE_COUNT,
    LISTED,
    LOSS,
    MARK,
    REMOVED,
    RIDERS,
    ROW,
    SLOT,
    SOFT,
    SOFT_TOTAL,
    SPARE,
    STAMP,
    STAMPED,
    TOUCHED,
    TOUCHED_LINE,
    VEHICLES,
    WAS_ACTIVE,
    WHO,
)
from routing.solver.near import forget


@inner
def activate(index, now, line):
    """Put a line into use; the free lines are the tail of the list."""
    head = now[LINE_COUNT]
    for x in range(head, index.shape[0]):
        if index[x, ACTIVE] == line:
            index[x, ACTIVE] = index[head, ACTIVE]
            break
    index[head, ACTIVE] = line
    index[line, SLOT] = head
    now[LINE_COUNT] = head + 1


@inner
def retire(index, now, line):
    """Take a line out of use."""
    last = now[LINE_COUNT] - 1
    x = index[line, SLOT]
    other = index[last, ACTIVE]
    index[x, ACTIVE] = other
    index[other, SLOT] = x
    index[last, ACTIVE] = line
    index[line, SLOT] = -1
    now[LINE_COUNT] = last


@inner
def bank(seat, now, number, worth, r):
    """Put a rider into the bank of those without a line."""
    seat[r, AT_LINE] = -1
    if seat[r, AT_BANK] < 0:
        seat[r, AT_BANK] = now[BANKED]
        seat[now[BANKED], BANK] = r
        now[BANKED] += 1
        number[SOFT_TOTAL] += worth[r, LOSS]
        number[HARD_TOTAL] += worth[r, LOSS]


@inner
def take_seat(seat, now, number, worth, r, line, option):
    """Take a rider out of the bank onto a line."""
    x = seat[r, AT_BANK]
    if x >= 0:
        last = now[BANKED] - 1
        other = seat[last, BANK]
        seat[x, BANK] = other
        seat[other, AT_BANK] = x
        seat[r, AT_BANK] = -1
        now[BANKED] = last
        number[SOFT_TOTAL] -= worth[r, LOSS]
        number[HARD_TOTAL] -= worth[r, LOSS]
    seat[r, AT_LINE] = line
    seat[r, AT_OPTION] = option


@inner
def enlist(seat, now, r):
    """Put a rider on the list of those to seat in this iteration, once."""
    if seat[r, MARK] != now[STAMP]:
        seat[r, MARK] = now[STAMP]
        seat[now[LISTED], REMOVED] = r
        now[LISTED] += 1


@inner
def begin(now):
    """Start an iteration with clean lists."""
    now[STAMP] += 1
    now[TOUCHED] = 0
    now[LISTED] = 0


@inner
def copy_line(s, source, target):
    """Copy what is known of a line from one row of the stores to another."""
    width = max(s.lines[source, HEAD, LEN], HEAD_FIELDS)
    for f in range(s.lines.shape[1]):
        for i in range(width):
            s.lines[target, f, i] = s.lines[source, f, i]
    for c in range(COST_FIELDS):
        s.costs[target, c] = s.costs[source, c]
    for x in range(s.lines[source, HEAD, RIDERS]):
        s.crew[target, WHO, x] = s.crew[source, WHO, x]
        s.crew[target, HOW, x] = s.crew[source, HOW, x]


@inlined
def swap_rows(ledger, line, x):
    """Exchange what is known of a line for the x-th spare row."""
    row = ledger[line, ROW]
    ledger[line, ROW] = ledger[x, SPARE]
    ledger[x, SPARE] = row


@inner
def touch(s, line):
    """Save a line before its first change in this iteration, and take its cost out of the totals."""
    if s.ledger[line, STAMPED] == s.now[STAMP]:
        return
    x = s.now[TOUCHED]
    s.ledger[line, STAMPED] = s.now[STAMP]
    s.ledger[line, DIRTY] = 1
    s.ledger[x, TOUCHED_LINE] = line
    s.ledger[x, WAS_ACTIVE] = s.ledger[line, SLOT] >= 0
    s.now[TOUCHED] = x + 1
    if s.ledger[line, SLOT] >= 0:
        count = s.ledger.shape[0]
        copy_line(s, line, count + x)
        swap_rows(s.ledger, line, x)
        forget(s, line)
        s.number[SOFT_TOTAL] -= s.costs[line, SOFT]
        s.number[HARD_TOTAL] -= s.costs[line, HARD]


@inner
def settle(s):
    """Add the costs of the touched lines back to the totals."""
    for x in range(s.now[TOUCHED]):
        line = s.ledger[x, TOUCHED_LINE]
        if s.ledger[line, SLOT] >= 0:
            s.number[SOFT_TOTAL] += s.costs[line, SOFT]
            s.number[HARD_TOTAL] += s.costs[line, HARD]


@inner
def take_back(g, s, soft_total, hard_total, vehicles):
    """Restore all touched lines, the bank and the totals."""
    count = s.ledger.shape[0]
    for x in range(s.now[TOUCHED]):
        line = np.int64(s.ledger[x, TOUCHED_LINE])
        if s.ledger[line, SLOT] >= 0:
            for i in range(s.lines[line, HEAD, RIDERS]):
                bank(s.seat, s.now, s.number, g.worth, np.int64(s.crew[line, WHO, i]))
            retire(s.ledger, s.now, line)
    for x in range(s.now[TOUCHED]):
        line = np.int64(s.ledger[x, TOUCHED_LINE])
        if s.ledger[x, WAS_ACTIVE]:
            copy_line(s, count + x, line)
            swap_rows(s.ledger, line, x)
            activate(s.ledger, s.now, line)
            for i in range(s.lines[line, HEAD, RIDERS]):
                r, option = np.int64(s.crew[line, WHO, i]), np.int64(s.crew[line, HOW, i])
                take_seat(s.seat, s.now, s.number, g.worth, r, line, option)
    if g.sizes[CHAINED]:
        for x in range(s.now[TOUCHED]):
            if s.ledger[x, WAS_ACTIVE]:
                time_chain(g, s, np.int64(s.ledger[x, TOUCHED_LINE]))
    s.number[SOFT_TOTAL] = soft_total
    s.number[HARD_TOTAL] = hard_total
    s.now[VEHICLES] = vehicles


@inner
def keep_best(s):
    """Store the present lines as the best; only those changed since the last time are copied."""
    s.number[BEST_TOTAL] = s.number[HARD_TOTAL]
    s.now[IMPROVED] = s.now[ITERATIONS]
    s.now[BEST_VEHICLES] = s.now[VEHICLES]
    count = s.ledger.shape[0]
    for line in range(count):
        if s.ledger[line, DIRTY]:
            s.ledger[line, DIRTY] = 0
            s.ledger[line, BEST_SLOT] = s.ledger[line, SLOT]
            if s.ledger[line, SLOT] >= 0:
                copy_line(s, line, 2 * count + line)
