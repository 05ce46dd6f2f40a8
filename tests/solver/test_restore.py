"""Going back to the best lines: the ledgers, seats, bank and totals tell of them, and of nothing that came after."""

import numpy as np
import pytest

from routing.solver.anneal import ANNEAL, REPRICE, work
from routing.solver.encode import Encoded
from routing.solver.layout import (
    ACTIVE,
    AT_BANK,
    AT_LINE,
    AT_OPTION,
    BANK,
    BANKED,
    BEST_SLOT,
    BEST_TOTAL,
    HARD_TOTAL,
    HEAD,
    HOW,
    LINE_COUNT,
    LOSS,
    RIDERS,
    SLOT,
    SOFT_TOTAL,
    WHO,
    State,
)
from routing.solver.lines import found_lines
from routing.solver.piece import OPTIONS
from routing.solver.restore import restore_best, seat_lines
from routing.solver.state import new_state
from tests.solver.states import active, everyone_once, searched, sequence, vehicles
from tests.solver.towns import RELAY, RULES, Town, draw

TOWNS = {
    "roomy": Town(riders=30, rules=RULES, seed=11),
    "scarce": Town(riders=40, rules=RULES, unserved=2_000, seed=12),
    "relay": Town(riders=30, rules=RULES, shifts=RELAY, seed=13),
}


@pytest.fixture(params=TOWNS)
def hot(request: pytest.FixtureRequest) -> tuple[Encoded, State]:
    """Return a search that has run so hot that its present lines are not its best ones."""
    part, state = searched(TOWNS[request.param], 300)
    work(part.given, state, ANNEAL, 60, 1e9, OPTIONS)
    return part, state


def test_the_present_lines_are_the_best_ones_again(hot: tuple[Encoded, State]) -> None:
    part, state = hot
    best = sorted(np.flatnonzero(state.ledger[:, BEST_SLOT] >= 0).tolist())
    count = len(state.ledger)
    as_kept = {line: state.lines[2 * count + line].copy() for line in best}
    restore_best(part.given, state)
    assert sorted(active(state)) == best
    for line in best:
        assert np.array_equal(state.lines[line], as_kept[line])


def test_everyone_is_seated_or_waits_and_the_bank_knows_who(hot: tuple[Encoded, State]) -> None:
    part, state = hot
    restore_best(part.given, state)
    waiting = everyone_once(part, state)
    assert state.now[BANKED] == len(waiting)
    assert state.seat[: len(waiting), BANK].tolist() == waiting.tolist()
    assert state.seat[waiting, AT_BANK].tolist() == list(range(len(waiting)))
    assert (state.seat[waiting, AT_OPTION] == -1).all()


def test_seats_say_what_crews_say(hot: tuple[Encoded, State]) -> None:
    part, state = hot
    restore_best(part.given, state)
    for line in active(state):
        crew = state.crew[line, :, : state.lines[line, HEAD, RIDERS]]
        assert (state.seat[crew[WHO], AT_LINE] == line).all()
        assert state.seat[crew[WHO], AT_OPTION].tolist() == crew[HOW].tolist()
        assert (state.seat[crew[WHO], AT_BANK] == -1).all()


def test_the_ledger_lists_every_row_once_those_in_use_first(hot: tuple[Encoded, State]) -> None:
    part, state = hot
    restore_best(part.given, state)
    used, rows = int(state.now[LINE_COUNT]), state.ledger[:, ACTIVE]
    assert sorted(rows.tolist()) == list(range(len(rows)))
    assert [int(state.ledger[row, SLOT]) for row in rows] == [*range(used), *([-1] * (len(rows) - used))]


def test_the_total_is_that_of_the_best_and_is_what_lines_and_losses_add_up_to(hot: tuple[Encoded, State]) -> None:
    part, state = hot
    best = float(state.number[BEST_TOTAL])
    restore_best(part.given, state)
    assert state.number[HARD_TOTAL] == pytest.approx(best)
    assert state.number[BEST_TOTAL] == state.number[HARD_TOTAL]
    waiting = state.seat[:, AT_LINE] < 0
    assert part.given.worth[waiting, LOSS].sum() <= state.number[HARD_TOTAL] + 1e-6


def test_vehicles_are_whole_after_it(hot: tuple[Encoded, State]) -> None:
    part, state = hot
    restore_best(part.given, state)
    assert sum(map(len, vehicles(state))) == state.now[LINE_COUNT]


def test_twice_is_as_once(hot: tuple[Encoded, State]) -> None:
    part, state = hot
    restore_best(part.given, state)
    lines = [sequence(part, state, line) for line in active(state)]
    totals = state.number[[SOFT_TOTAL, HARD_TOTAL, BEST_TOTAL]].tolist()
    restore_best(part.given, state)
    assert [sequence(part, state, line) for line in active(state)] == lines
    assert state.number[[SOFT_TOTAL, HARD_TOTAL, BEST_TOTAL]].tolist() == totals


def test_what_can_be_read_back_does_not_change(hot: tuple[Encoded, State], request: pytest.FixtureRequest) -> None:
    part, state = hot
    problem = draw(TOWNS[request.node.callspec.params["hot"]])
    before = found_lines(problem, part, state)
    restore_best(part.given, state)
    work(part.given, state, REPRICE, 1, 0.0, OPTIONS)
    assert found_lines(problem, part, state) == before


def test_a_search_that_has_no_best_starts_from_nothing() -> None:
    part, _ = searched(TOWNS["roomy"], 0)
    state = new_state(part.given, 1)
    restore_best(part.given, state)
    assert state.now[LINE_COUNT] == 0
    assert state.now[BANKED] == len(part.part.riders)
    assert state.number[HARD_TOTAL] == pytest.approx(part.given.worth[:, LOSS].sum())


def test_lines_that_are_not_named_lose_their_riders_to_the_bank() -> None:
    part, state = searched(TOWNS["roomy"], 300)
    restore_best(part.given, state)
    first, *others = active(state)
    assert others, "one line alone would leave nobody to be banked"
    stays = set(state.crew[first, WHO, : state.lines[first, HEAD, RIDERS]].tolist())
    seat_lines(part.given, state, np.array([first]))
    assert active(state) == [first]
    assert set(everyone_once(part, state).tolist()) == set(range(len(part.part.riders))) - stays
