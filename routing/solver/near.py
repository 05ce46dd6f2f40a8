"""By how much each line would have to go out of its way to each place: a filter for insertions."""

import numpy as np

from routing.solver.kernel import inner  # machine code of routing.jit
from routing.solver.layout import FROM, HEAD, KEY, LANE, LEG_S, LEN, NODE, TO

UNKNOWN = 1e9


@inner
def lower(near, a, row, first, last):
    """Lower a line's detours [s] by those of the legs to some positions, and mark the places it serves.

    Position 0 stands for starting earlier. What a leg that is gone once offered may stay: the
    detours are a lower bound, which `renew` makes tight again.
    """
    one = np.float32(1.0)
    for i in range(first, min(last + 1, a[HEAD, LEN])):
        here = a[LANE + NODE, i]
        if i == 0:
            for p in range(row.size):
                v = near[TO, here, p]
                v = v if v > one else one
                row[p] = v if v < row[p] else row[p]
        else:
            before = a[LANE + NODE, i - 1]
            leg = np.float32(a[LANE + LEG_S, i])
            for p in range(row.size):
                v = near[FROM, before, p] + near[TO, here, p] - leg
                v = v if v > one else one
                row[p] = v if v < row[p] else row[p]
    for i in range(a[HEAD, LEN]):
        if a[KEY, i] < row.size:
            row[a[KEY, i]] = np.float32(0.0)


@inner
def renew(near, a, row):
    """Compute a line's detours [s] to all places afresh, in lane 0."""
    for p in range(row.size):
        row[p] = np.float32(UNKNOWN)
    n = np.int64(a[HEAD, LEN])
    lower(near, a, row, n - n, n)
