"""Which places to keep so that every home has a choice within its walk, and few places do for many homes."""

from heapq import heapify, heappop, heappush
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from routing.jit import compiled

Bools: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float64]


@compiled
def _gain(place: int, start: Ints, home: Indices, worth: Floats, need: Indices, weight: float) -> float:
    """Return what a place adds for the homes that still need one."""
    total = 0.0
    for k in range(start[place], start[place + 1]):
        if need[home[k]] > 0:
            total += worth[k]
    return total * weight


@compiled
def _settle(place: int, start: Ints, home: Indices, need: Indices) -> None:
    """Count a chosen place for its homes."""
    for k in range(start[place], start[place + 1]):
        need[home[k]] -= 1


@compiled
def greedy_cover(start: Ints, home: Indices, worth: Floats, weight: Floats, need: Indices, chosen: Bools) -> None:
    """Choose places, the most useful first, until every home has as many as it needs or can get.

    The greedy rule for set multi-cover, within 1 + ln(homes) of the fewest places (doi:10.1145/285055.285059), made
    lazy: a place's gain never grows, so an old gain that still leads after an update is the true maximum.

    Parameters
    ----------
    start : int64 array (p + 1,)
        Place i serves the homes `home[start[i]:start[i + 1]]`.
    home : int32 array (k,)
    worth : float64 array (k,)
        What that service is worth: riders at the home, more when it is near.
    weight : float64 array (p,)
        What kind of place it is; above 1 for one to prefer.
    need : int32 array (h,)
        Places each home needs; counted down, below zero where it has more.
    chosen : bool array (p,)
        Places that stay whatever happens; the chosen ones are added.
    """
    heap = [(0.0, 0)]
    heap.pop()
    for place in range(len(weight)):
        if chosen[place]:
            _settle(place, start, home, need)
    for place in range(len(weight)):
        if not chosen[place]:
            gain = _gain(place, start, home, worth, need, weight[place])
            if gain > 0.0:
                heap.append((-gain, place))
    heapify(heap)
    while len(heap) > 0:
        _, place = heappop(heap)
        gain = _gain(place, start, home, worth, need, weight[place])
        if gain <= 0.0:
            continue
        if len(heap) > 0 and -gain > heap[0][0]:
            heappush(heap, (-gain, place))
            continue
        chosen[place] = True
        _settle(place, start, home, need)


def choose_places(
    place: Indices, home: Indices, metres: Indices, limit_m: Indices, riders: Floats, weight: Floats, main: Bools,
    must: Bools, per_home: int, slack_m: int,
) -> Bools:  # fmt: skip
    """Thin places out.

    Three rounds: a place hardly farther than the home's nearest one; one on a main road, where lines run fast; and
    `per_home` in all.

    Parameters
    ----------
    place, home, metres : arrays (k,)
        Walks from homes to places [m].
    limit_m : int32 array (h,)
        Each home's longest walk; longer ones do not count.
    riders : float64 array (h,)
    weight : float64 array (p,)
        Above 1 for a kind of place to prefer.
    main : bool array (p,)
        Places on main roads.
    must : bool array (p,)
        Places that stay.
    per_home : int
        Places within its walk that each home should have, where there are so many.
    slack_m : int
        A place at most this much farther than the nearest one is as good as the nearest.

    Returns
    -------
    bool array (p,)
    """
    near_enough = metres <= limit_m[home]
    place, home, metres = place[near_enough], home[near_enough], metres[near_enough]
    nearest = np.full(len(limit_m), np.iinfo(np.int32).max, dtype=np.int64)
    np.minimum.at(nearest, home, metres)
    worth = riders[home] * (1.5 - metres / np.maximum(limit_m[home], 1))
    rounds = ((metres <= nearest[home] + slack_m, 1), (main[place], 1), (np.ones(len(place), dtype=np.bool_), per_home))
    chosen = must.copy()
    for counts, wanted in rounds:
        order = np.flatnonzero(counts)
        order = order[np.lexsort((home[order], place[order]))]
        start = np.searchsorted(place[order], np.arange(len(weight) + 1)).astype(np.int64)
        need = np.full(len(limit_m), wanted, dtype=np.int32)
        greedy_cover(start, home[order].astype(np.int32), worth[order], weight, need, chosen)
    return chosen
