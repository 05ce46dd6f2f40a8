"""The prices of riders and seats under which the lines known so far promise most, near a centre.

The dual of the master program in a box (R. E. Marsten, W. W. Hogan and J. W. Blankenship, The boxstep method
for large-scale optimization, Operations Research 23(3), 1975, doi:10.1287/opre.23.3.389): without the box,
prices leap from one extreme to the next and no bound can be read off them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from routing.bound.asks import Float64
from routing.bound.columns import Column
from routing.bound.lane import Lane

LEAST_WIDTH_FEN = 20.0
"""Half the box of a price is at least this share of what its centre makes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices of riders (asks) and of a seat by vehicle type [fen]."""

    riders: Float64
    seats: Float64


def best_prices(lane: Lane, columns: Sequence[Column], centre: Prices, width: float, lines: float) -> Prices:
    """Return the prices in a box about a centre that promise the highest bound.

    Parameters
    ----------
    width : float
        Half the box, as a share of the centre.
    lines : float
        How many lines the bound pays for a fen of negative reduced cost.
    """
    if not columns:
        return Prices(riders=np.minimum((1 + width) * centre.riders, lane.penalty), seats=centre.seats)
    riders, kinds = len(lane.asks), len(lane.types)
    entries = [
        (row, column, value)
        for row, one in enumerate(columns)
        for column, value in (
            *((ask, float(times)) for ask, times in one.asks.items()),
            (riders + one.kind, lane.types[one.kind].seats - one.load),
            (riders + kinds, -1.0),
        )
    ]
    row, column, value = (np.array(x) for x in zip(*entries, strict=True))
    size = riders + kinds + 1
    gain = np.concatenate([-np.ones(riders), np.zeros(kinds), [lines]])
    half = np.concatenate([width * np.maximum(centre.riders, 200.0), width * centre.seats + LEAST_WIDTH_FEN])
    middle = np.concatenate([centre.riders, centre.seats])
    most = np.concatenate([lane.penalty, np.full(kinds, np.inf)])
    low = np.append(np.clip(middle - half, 0.0, most), 0.0)
    high = np.append(np.minimum(middle + half, most), np.inf)
    rows: Any = csr_array((value, (row, column)), shape=(len(columns), size))
    limits = np.array([one.cost for one in columns])
    box: Any = np.column_stack([low, high])
    found = linprog(gain, A_ub=rows, b_ub=limits, bounds=box, method="highs")
    if found.x is None:
        return centre
    riders_prices = np.clip(found.x[:riders], 0.0, lane.penalty)
    return Prices(riders=riders_prices, seats=np.maximum(found.x[riders : riders + kinds], 0.0))
