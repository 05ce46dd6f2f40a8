"""Places in blocks: their order along the city, padded tables, and what is known of each line's blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.solver.anneal import ANNEAL, CONSTRUCT, REPRICE, work
from routing.solver.layout import ACTIVE, KEY, LEN, LINE_COUNT, PLACES, ROW, SPARE, WIDTH, State
from routing.solver.layout import HEAD as HEAD_ROW
from routing.solver.piece import OPTIONS
from routing.solver.places import along_curve
from routing.solver.state import new_state
from tests.solver.states import encoded
from tests.solver.towns import RELAY, Town, draw


@pytest.mark.parametrize("seed", range(5))
def test_the_order_along_the_curve_keeps_every_stop_and_keeps_neighbours_together(seed: int) -> None:
    problem = draw(Town(riders=30, places=60, seed=seed))
    stops = np.random.default_rng(seed).permutation(len(problem.stops))
    order = along_curve(problem, stops)
    assert sorted(order.tolist()) == sorted(stops.tolist())
    at = np.array([(problem.stops[s].location.lon, problem.stops[s].location.lat) for s in order])
    shuffled = np.array([(problem.stops[s].location.lon, problem.stops[s].location.lat) for s in stops])
    steps = np.linalg.norm(np.diff(at, axis=0), axis=1).sum()
    assert steps < 0.5 * np.linalg.norm(np.diff(shuffled, axis=0), axis=1).sum()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_does_not_depend_on_the_order_given(seed: int) -> None:
    problem = draw(Town(riders=30, places=40, seed=seed))
    stops = np.arange(len(problem.stops))
    assert along_curve(problem, stops).tolist() == along_curve(problem, stops).tolist()
    corners = {(s.location.lon, s.location.lat) for s in problem.stops}
    if len(corners) == len(stops):
        assert along_curve(problem, stops[::-1]).tolist() == along_curve(problem, stops).tolist()


def test_a_single_stop_is_an_order_of_its_own() -> None:
    problem = draw(Town(riders=3, places=2, seed=1))
    assert along_curve(problem, np.array([1])).tolist() == [1]


@pytest.mark.parametrize("places", [2, 15, 16, 17, 40])
def test_tables_have_whole_blocks_whatever_the_number_of_places(places: int) -> None:
    given_ = encoded(draw(Town(riders=60, places=places, seed=2))).given
    blocks = given_.near.shape[2]
    assert given_.near.shape[3:] == (4, WIDTH)
    assert given_.begin.shape[1] == given_.limit.shape[2] == blocks * WIDTH
    assert 0 <= blocks * WIDTH - given_.sizes[PLACES] < WIDTH
    state = new_state(given_, 1)
    assert state.fresh.shape[1] == blocks + 1
    assert state.reach.shape[1] == blocks * WIDTH + len(given_.kerbs) - given_.sizes[PLACES]


def rows_are_shared_out(state: State) -> bool:
    """Tell whether every row belongs to one line or is spare, and none to two."""
    rows = np.concatenate([state.ledger[:, ROW], state.ledger[:, SPARE]])
    return sorted(rows.tolist()) == list(range(len(state.reach)))


@settings(max_examples=25, deadline=None)
@given(
    st.builds(
        Town,
        riders=st.integers(2, 60),
        places=st.integers(2, 40),
        sites=st.integers(1, 3),
        shifts=st.sampled_from([Town().shifts, RELAY]),
        seed=st.integers(0, 999),
    ),
    st.integers(0, 400),
)
def test_rows_of_lines_change_hands_and_none_is_lost(town: Town, iterations: int) -> None:
    """An iteration that is taken back gives every line the row back that tells the truth about it."""
    part = encoded(draw(town))
    state = new_state(part.given, town.seed)
    work(part.given, state, CONSTRUCT, 1, 0.0, OPTIONS)
    work(part.given, state, ANNEAL, iterations, 2_000.0, OPTIONS)
    assert rows_are_shared_out(state)
    for x in range(int(state.now[LINE_COUNT])):
        line = int(state.ledger[x, ACTIVE])
        row, length = int(state.ledger[line, ROW]), int(state.lines[line, HEAD_ROW, LEN])
        known = np.repeat(state.fresh[row, :-1], WIDTH) > 0
        assert (state.spot[row][known] <= length).all()
        halts = [int(k) for k in state.lines[line, KEY, :length] if k < part.given.sizes[PLACES]]
        assert all(state.reach[row, p] < 1e6 for p in halts if known[p])


def test_new_prices_leave_nothing_known_of_any_line() -> None:
    part = encoded(draw(Town(riders=40, places=30, seed=5)))
    state = new_state(part.given, 1)
    work(part.given, state, CONSTRUCT, 1, 0.0, OPTIONS)
    used = state.ledger[state.ledger[: state.now[LINE_COUNT], ACTIVE], ROW]
    assert state.fresh[used].any()
    work(part.given, state, REPRICE, 1, 0.0, OPTIONS)
    used = state.ledger[state.ledger[: state.now[LINE_COUNT], ACTIVE], ROW]
    assert not state.fresh[used].any()
