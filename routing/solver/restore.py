"""Set the lines of a search back to the best ones it has seen."""

import numpy as np

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
    HARD,
    HARD_TOTAL,
    HEAD,
    HOW,
    LINE_COUNT,
    LOSS,
    PREV,
    RIDERS,
    ROW,
    SLOT,
    SOFT,
    SOFT_TOTAL,
    VEHICLES,
    WHO,
    Given,
    State,
)


def restore_best(given: Given, state: State) -> None:
    """Make the best lines the present ones; a search that has no best yet starts from nothing."""
    count = len(state.ledger)
    best = state.ledger[:, BEST_SLOT] >= 0
    used = np.flatnonzero(best)
    state.lines[used] = state.lines[2 * count + used]
    state.costs[used] = state.costs[2 * count + used]
    state.crew[used] = state.crew[2 * count + used]
    state.fresh[state.ledger[used, ROW]] = 0
    seat_lines(given, state, used)


def seat_lines(given: Given, state: State, used: np.ndarray) -> None:
    """Make some lines the only ones in use, seat their riders, and bank everyone else."""
    state.ledger[:, ACTIVE] = np.concatenate([used, np.setdiff1d(np.arange(len(state.ledger)), used)])
    state.ledger[:, SLOT] = -1
    state.ledger[used, SLOT] = np.arange(len(used))
    state.now[LINE_COUNT] = len(used)
    state.now[VEHICLES] = state.now[BEST_VEHICLES] = (state.lines[used, HEAD, PREV] < 0).sum()
    state.seat[:, [AT_LINE, AT_OPTION, AT_BANK]] = -1
    for line in used:
        crew = state.crew[line, :, : state.lines[line, HEAD, RIDERS]]
        state.seat[crew[WHO], AT_LINE] = line
        state.seat[crew[WHO], AT_OPTION] = crew[HOW]
    waiting = np.flatnonzero(state.seat[:, AT_LINE] < 0)
    state.seat[waiting, AT_BANK] = np.arange(len(waiting))
    state.seat[: len(waiting), BANK] = waiting
    state.now[BANKED] = len(waiting)
    loss = given.worth[waiting, LOSS].sum()
    state.number[SOFT_TOTAL] = loss + state.costs[used, SOFT].sum()
    state.number[HARD_TOTAL] = state.number[BEST_TOTAL] = loss + state.costs[used, HARD].sum()
