"""What it costs to halt once more, shared by those who board there.

Every stop of a line but the worksites is reached over some way, no shorter than that from the nearest other node.
This *lead* is taken out of all ways and charged to whoever boards at the stop: any shares will do that add up to
no more than the lead, whoever boards. The best are those of the dual of the uncapacitated facility location
problem, in which everybody walks to an open stop (D. Erlenkotter, A dual-based procedure for uncapacitated
facility location, Operations Research 26(6), 1978, doi:10.1287/opre.26.6.992); a linear program finds them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from routing.bound.asks import Ask, Float64
from routing.model.travel import Int32


def lead_in(metres: Int32, stops: Int32, sites: list[int]) -> tuple[Int32, Int32]:
    """Return the lead of each node [m], and the ways without that of the node they end at, outwards.

    Parameters
    ----------
    metres : ndarray of int32, shape (n, n)
        Shortest ways outwards, from the worksites.
    stops : ndarray of int32
        Nodes at which lines halt.
    sites : list of int
        Nodes at which they may end.
    """
    lead = np.zeros(len(metres), np.int32)
    among = metres[np.ix_(np.concatenate([stops, sites]), stops)].astype(np.int32)
    among[np.arange(len(stops)), np.arange(len(stops))] = np.iinfo(np.int32).max
    lead[stops] = among.min(axis=0)
    onward = metres - lead[None, :]
    np.fill_diagonal(onward, 0)
    return lead, onward


def share_stops(asks: Sequence[Ask], seconds: Int32, rate: Float64, lead: Int32, per_metre: float) -> Float64:
    """Return the part [m] of a stop's lead that each who boards there pays for, one entry per ask and stop.

    Parameters
    ----------
    seconds : ndarray of int32, shape (n, n)
        Shortest ways outwards.
    rate : ndarray of float64
        [fen per s] of riding, by ask.
    per_metre : float
        [fen] of driving, at which the shares are the best.
    """
    start = np.cumsum([0, *(len(a.stop) for a in asks)])
    rider, stop = np.repeat(np.arange(len(asks)), np.diff(start)), np.concatenate([a.stop for a in asks])
    nodes, number = np.unique(stop, return_inverse=True)
    own = np.concatenate([a.walk + rate[i] * seconds[a.site, a.stop] for i, a in enumerate(asks)])
    equal: Float64 = lead[stop] / np.bincount(number)[number]
    entries, riders = len(stop), len(asks)
    if per_metre <= 0:
        return equal
    # Variables: the shares [fen], then what each rider pays at least; a rider pays no more than any stop would cost.
    each = np.arange(entries)
    row = np.concatenate([each, each, entries + number])
    column = np.concatenate([each, entries + rider, each])
    value = np.concatenate([np.full(entries, -1.0), np.ones(entries), np.ones(entries)])
    rows: Any = csr_array((value, (row, column)), shape=(entries + len(nodes), entries + riders))
    limits = np.concatenate([own, per_metre * lead[nodes]])
    found = linprog(np.repeat([0.0, -1.0], [entries, riders]), A_ub=rows, b_ub=limits, bounds=(0, None), method="highs")
    if found.x is None:
        return equal
    shares = np.maximum(found.x[:entries], 0.0) / per_metre
    total = np.bincount(number, weights=shares)
    return np.asarray(shares * np.minimum(1.0, lead[nodes] / np.maximum(total, 1e-9))[number] * (1 - 1e-12))
