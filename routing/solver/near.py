"""What it would roughly cost each line to go out of its way to each place: a filter for insertions."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

import numpy as np

from routing.solver.kernel import inner
from routing.solver.layout import DWELL_STOP, FROM, HEAD, KEY, LANE, LEG_S, LEN, NODE, ON, REACH, RIDE, TO

UNKNOWN = 1e9
LEAST = np.float32(1.0)


@inner
def lower(g, a, row, first, last):
    """Lower a line's detours [fen] by those of the legs to some positions, and mark the places it serves.

    A detour costs driving, standing, and the time of those aboard. Position 0 stands for starting
    earlier. What a leg that is gone once offered may stay: the detours are a lower bound, roughly,
    which `renew` makes tight again.
    """
    near = g.near
    zero = np.float32(0.0)
    stand = np.float32(g.sizes[DWELL_STOP])
    second = np.float32(g.prices[0, REACH])
    ride = np.float32(g.prices[0, RIDE])
    weight = second
    for i in range(first, min(last + 1, a[HEAD, LEN])):
        here = a[LANE + NODE, i]
        if i == 0:
            for p in range(row.size):
                v = near[TO, here, p]
                v = ((max(zero, v)) + stand) * weight + LEAST
                row[p] = min(row[p], v)
        else:
            before = a[LANE + NODE, i - 1]
            leg = np.float32(a[LANE + LEG_S, i])
            weight = second + ride * np.float32(a[ON, i - 1])
            for p in range(row.size):
                v = near[FROM, before, p] + near[TO, here, p] - leg
                v = ((max(zero, v)) + stand) * weight + LEAST
                row[p] = min(row[p], v)
    for i in range(a[HEAD, LEN]):
        if a[KEY, i] < row.size:
            row[a[KEY, i]] = np.float32(0.0)


@inner
def renew(g, a, row):
    """Compute a line's detours [fen] to all places afresh, in lane 0."""
    for p in range(row.size):
        row[p] = np.float32(UNKNOWN)
    n = np.int64(a[HEAD, LEN])
    lower(g, a, row, n - n, n)
