"""Which lines share a vehicle: chains of trips, when each can begin, and how empty runs join them.

A vehicle is a chain of trips, and a trip may be put into any gap of any chain: lines and blocks are
searched together, after the integrated search that fleet minimisation needs. Only parts with one lane have
chains; lines that run both ways are chained exactly once they are found.
"""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

from routing.solver.kernel import inlined, inner
from routing.solver.layout import (
    AFTER,
    BACK_M,
    BACK_S,
    BEFORE,
    BEGIN,
    BEGIN_BY,
    DEPART,
    DIRTY,
    EARLY,
    FIRST,
    FREE_AT,
    HEAD,
    KIND,
    LANE,
    LAST,
    LATE,
    LEN,
    NEXT,
    NODE,
    PREV,
    PULL_IN_M,
    PULL_IN_S,
    PULL_OUT_M,
    PULL_OUT_S,
    THERE_S,
    TURN,
    TYPE,
    VEHICLES,
)


@inlined
def first_node(a):
    """Return the first node of a line in lane 0."""
    return a[LANE + NODE, 0]


@inlined
def last_node(a):
    """Return the last node of a line in lane 0."""
    return a[LANE + NODE, a[HEAD, LEN] - 1]


@inlined
def lasts(a):
    """Return how long a line holds its vehicle in lane 0 [s], from reaching its first place to leaving its last."""
    return a[LANE + DEPART, a[HEAD, LEN] - 1]


@inlined
def shared(a):
    """Tell whether a line shares its vehicle."""
    return a[HEAD, PREV] >= 0 or a[HEAD, NEXT] >= 0


@inlined
def empty_before(g, lines, a, lane, node):
    """Return the empty run (s, m) to a line that begins at a node: from the depot, or from the trip before."""
    if a[HEAD, PREV] < 0:
        return g.node[lane, node, PULL_OUT_S], g.node[lane, node, PULL_OUT_M]
    before = last_node(lines[a[HEAD, PREV]])
    return g.drive[lane, node, before, BACK_S], g.drive[lane, node, before, BACK_M]


@inlined
def empty_after(g, a, lane, node):
    """Return the empty run (s, m) of a line that ends at a node; that to a next trip belongs to the next."""
    if a[HEAD, NEXT] < 0:
        return g.node[lane, node, PULL_IN_S], g.node[lane, node, PULL_IN_M]
    return 0, 0


@inlined
def ready_at(g, lines, before, node):
    """Return when a vehicle can be at a node at the earliest after a trip [s]."""
    a = lines[before]
    return a[HEAD, EARLY] + lasts(a) + g.sizes[TURN] + g.drive[0, last_node(a), node, THERE_S]


@inlined
def leave_by(g, lines, after, node):
    """Return when a vehicle must leave a node at the latest to do a trip [s]."""
    a = lines[after]
    return a[HEAD, LATE] - g.sizes[TURN] - g.drive[0, node, first_node(a), THERE_S]


@inner
def time_chain(g, s, line):
    """Set when each trip of a vehicle can begin, forwards and backwards from one of them; tell whether all can."""
    lines = s.lines
    head = line
    while lines[head, HEAD, PREV] >= 0:
        head = lines[head, HEAD, PREV]
    tail = head
    x = head
    while x >= 0:
        a = lines[x]
        a[HEAD, EARLY] = a[HEAD, BEGIN]
        if a[HEAD, PREV] >= 0:
            a[HEAD, EARLY] = max(a[HEAD, BEGIN], ready_at(g, lines, a[HEAD, PREV], first_node(a)))
        tail = x
        x = a[HEAD, NEXT]
    possible = True
    x = tail
    while x >= 0:
        a = lines[x]
        a[HEAD, LATE] = a[HEAD, BEGIN + 1]
        if a[HEAD, NEXT] >= 0:
            a[HEAD, LATE] = min(a[HEAD, BEGIN + 1], leave_by(g, lines, a[HEAD, NEXT], last_node(a)) - lasts(a))
        possible = possible and a[HEAD, EARLY] <= a[HEAD, LATE]
        duty = s.duty[x]
        duty[FREE_AT] = a[HEAD, EARLY] + lasts(a) + g.sizes[TURN]
        duty[BEGIN_BY] = a[HEAD, LATE] - g.sizes[TURN]
        duty[FIRST] = first_node(a)
        duty[LAST] = last_node(a)
        duty[BEFORE] = a[HEAD, PREV]
        duty[AFTER] = a[HEAD, NEXT]
        duty[KIND] = a[HEAD, TYPE]
        s.ledger[x, DIRTY] = 1
        x = a[HEAD, PREV]
    return possible


@inlined
def link(s, line, before, after):
    """Put a line that has no neighbours yet between two of a vehicle, or at an end, or alone."""
    lines = s.lines
    lines[line, HEAD, PREV] = before
    lines[line, HEAD, NEXT] = after
    if before >= 0:
        lines[before, HEAD, NEXT] = line
    if after >= 0:
        lines[after, HEAD, PREV] = line
    if before < 0 and after < 0:
        s.now[VEHICLES] += 1


@inlined
def unlink(s, line):
    """Take a line out of its vehicle's day; its neighbours follow one another."""
    lines = s.lines
    before = lines[line, HEAD, PREV]
    after = lines[line, HEAD, NEXT]
    if before >= 0:
        lines[before, HEAD, NEXT] = after
    if after >= 0:
        lines[after, HEAD, PREV] = before
    if before < 0 and after < 0:
        s.now[VEHICLES] -= 1
    lines[line, HEAD, PREV] = -1
    lines[line, HEAD, NEXT] = -1
