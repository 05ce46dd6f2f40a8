"""Allocate the changing arrays of a search over one part."""

import numpy as np

from routing.solver.encode import positions
from routing.solver.layout import (
    ACTIVE,
    AT_BANK,
    BANK,
    BANKED,
    BEST_TOTAL,
    CHAINED,
    COST_FIELDS,
    DUTY_FIELDS,
    HARD_TOTAL,
    HEAD,
    INDEX_FIELDS,
    LANE,
    LANE_FIELDS,
    LANES,
    LOSS,
    MAX_RIDERS,
    MOST_VEHICLES,
    NEXT,
    NOW_FIELDS,
    PLACES,
    PREV,
    ROW,
    SCRATCH_FIELDS,
    SEAT_FIELDS,
    SITE_SHARE,
    SOFT_TOTAL,
    SORT,
    SPARE,
    UPGRADE_SHARE,
    WIDTH,
    Given,
    State,
)


def new_state(given: Given, seed: int, room: int = 0) -> State:
    """Return an empty state: no line in use, every rider in the bank.

    There is room for a line per four riders, or per two where they may be short trips of few vehicles, and in
    small parts for one each.

    Parameters
    ----------
    room : int
        Lines that must fit in any case.
    seed : int
        Of the random numbers; states with different seeds differ from the first draw on.
    """
    riders = len(given.rider)
    share = 2 if given.sizes[CHAINED] else 4
    count = max(min(riders, max(64, riders // share)), room) + 1
    width = positions(given)
    fields = LANE + LANE_FIELDS * int(given.sizes[LANES])
    crew = int(given.sizes[MAX_RIDERS])
    ledger = np.full((count, INDEX_FIELDS), -1, np.int32)
    ledger[:, ACTIVE] = ledger[:, ROW] = np.arange(count)
    ledger[:, SPARE] = count + np.arange(count)
    padded = given.begin.shape[1]
    sites = len(given.kerbs) - int(given.sizes[PLACES])
    seat = np.full((riders, SEAT_FIELDS), -1, np.int32)
    seat[:, AT_BANK] = seat[:, BANK] = np.arange(riders)
    now = np.zeros(NOW_FIELDS, np.int64)
    now[BANKED] = riders
    now[MOST_VEHICLES] = count
    number = np.zeros(SORT + riders)
    number[SOFT_TOTAL] = number[HARD_TOTAL] = given.worth[:, LOSS].sum()
    number[BEST_TOTAL] = np.inf
    number[SITE_SHARE] = number[UPGRADE_SHARE] = 1.0
    lines = np.zeros((3 * count, fields, width), np.int32)
    lines[:, HEAD, [PREV, NEXT]] = -1
    return State(
        lines=lines,
        costs=np.zeros((3 * count, COST_FIELDS)),
        crew=np.zeros((3 * count, 2, crew), np.int32),
        reach=np.zeros((2 * count, padded + sites), np.float32),
        spot=np.zeros((2 * count, padded), np.int32),
        fresh=np.zeros((2 * count, padded // WIDTH + 1), np.uint8),
        ledger=ledger,
        seat=seat,
        scratch=np.zeros((max(crew + width, len(given.kerbs)), SCRATCH_FIELDS), np.int32),
        number=number,
        duty=np.full((count, DUTY_FIELDS), -1, np.int32),
        missed=np.zeros(riders),
        bound=np.zeros((int(given.sizes[LANES]) + 1, WIDTH), np.float32),
        hope=np.zeros(count, np.float32),
        now=now,
        random=_random_state(seed),
    )


def _random_state(seed: int) -> np.ndarray:
    """Spread a seed over 64 bits (SplitMix64), never zero."""
    mask = (1 << 64) - 1
    z = (seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return np.array([(z ^ (z >> 31)) or 1], np.uint64)
