"""The prices of riders under which the lines known so far promise most, near a centre.

The dual of the master program in a box (R. E. Marsten, W. W. Hogan and J. W. Blankenship, The boxstep method
for large-scale optimization, Operations Research 23(3), 1975, doi:10.1287/opre.23.3.389): without the box,
prices leap from one extreme to the next and no bound can be read off them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from routing.bound.asks import Float64
from routing.bound.columns import Column

LEAST_WIDTH_FEN = 200.0
"""Half the box of a price is at least this share of what its centre makes it."""


def best_prices(
    penalty: Float64, columns: Sequence[Column], centre: Float64, width: float, lines: float
) -> tuple[Float64, float]:
    """Return the prices in a box about a centre that promise the highest bound, and what they promise [fen].

    Parameters
    ----------
    penalty : ndarray of float64
        [fen] the most that each price may be.
    width : float
        Half the box, as a share of the centre.
    lines : float
        How many lines the bound pays for a fen of negative reduced cost.
    """
    riders = len(penalty)
    row = np.repeat(np.arange(len(columns)), [len(one.asks) + 1 for one in columns])
    column = np.array([ask for one in columns for ask in (*one.asks, riders)], np.int64)
    value = np.array([times for one in columns for times in (*one.asks.values(), -1)], np.float64)
    rows: Any = csr_array((value, (row, column)), shape=(len(columns), riders + 1))
    half = width * np.maximum(centre, LEAST_WIDTH_FEN)
    low, high = np.clip(centre - half, 0.0, penalty), np.minimum(centre + half, penalty)
    box: Any = np.column_stack([np.append(low, 0.0), np.append(high, np.inf)])
    gain = np.append(-np.ones(riders), lines)
    found = linprog(gain, A_ub=rows, b_ub=np.array([one.cost for one in columns]), bounds=box, method="highs")
    if found.x is None or found.fun is None:
        return centre, np.inf
    return np.clip(found.x[:riders], 0.0, penalty), -float(found.fun)
