"""Choose one stop per rider before routing, as solvers without stop choice must have it.

An uncapacitated facility location: opening a stop has a price, walking and riding directly have
theirs. Greedy opening by the largest saving, then closing what does not pay (A. A. Kuehn and M. J.
Hamburger, A heuristic program for locating warehouses, Management Science 9(4), 1963,
doi:10.1287/mnsc.9.4.643).
"""

import numpy as np
from numpy.typing import NDArray

NOWHERE = 1e12
"""Cost [fen] of a rider at a stop out of reach: beyond any price."""


def choose_stops(cost: NDArray[np.float64], opening: float) -> NDArray[np.int64]:
    """Return for each rider the column of one stop; −1 for a rider who has none.

    Parameters
    ----------
    cost : ndarray of float64, shape (riders, stops)
        What serving a rider from a stop costs [fen]; `NOWHERE` or more where that is impossible.
    opening : float
        Price of a stop [fen].
    """
    reachable = (cost < NOWHERE).any(axis=1)
    rows = np.minimum(cost[reachable], NOWHERE)
    is_open = _close(rows, _open(rows, opening), opening)
    chosen = np.full(len(cost), -1, np.int64)
    columns = np.flatnonzero(is_open)
    if len(columns):
        chosen[reachable] = columns[rows[:, columns].argmin(axis=1)]
    return chosen


def _open(rows: NDArray[np.float64], opening: float) -> NDArray[np.bool_]:
    """Open the stop that saves most, again and again while one saves more than it costs."""
    is_open = np.zeros(rows.shape[1], bool)
    best = np.full(len(rows), NOWHERE)
    while len(rows):
        saving = np.maximum(best[:, None] - rows, 0.0).sum(axis=0)
        saving[is_open] = -1.0
        stop = int(saving.argmax())
        if saving[stop] <= opening:
            break
        is_open[stop] = True
        best = np.minimum(best, rows[:, stop])
    return is_open


def _close(rows: NDArray[np.float64], is_open: NDArray[np.bool_], opening: float) -> NDArray[np.bool_]:
    """Close stops, the least used first, whose riders reach others for less than the opening price."""
    is_open = is_open.copy()
    columns = np.flatnonzero(is_open)
    used = np.bincount(rows[:, columns].argmin(axis=1), minlength=len(columns)) if len(columns) else columns
    for stop in columns[np.argsort(used, kind="stable")]:
        others = np.flatnonzero(is_open)
        others = others[others != stop]
        if len(others):
            without = rows[:, others].min(axis=1)
            extra = np.maximum(without - rows[:, stop], 0.0)
            riding = rows[:, stop] <= without
            if extra[riding].sum() <= opening:
                is_open[stop] = False
    return is_open
