"""The kernel against plain recomputation: what lines add up to, what the judge counts, what is restored."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.model.demand import Direction, Shift
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.anneal import ANNEAL, CONSTRUCT, work
from routing.solver.choices import choose_stops
from routing.solver.encode import Encoded, encode
from routing.solver.layout import (
    ACTIVE,
    AT_LINE,
    BANKED,
    COST,
    FEASIBLE,
    HARD,
    HARD_TOTAL,
    HEAD,
    LANE,
    LEN,
    LINE_COUNT,
    LOSS,
    NODE,
    RIDERS,
    SOFT,
    SOFT_TOTAL,
    WHO,
    State,
)
from routing.solver.lines import found_lines
from routing.solver.parts import split
from routing.solver.piece import OPTIONS, start
from routing.solver.restore import restore_best
from routing.solver.state import new_state
from tests.solver.towns import Town, draw

SHIFTS = (Shift(shift_id="a", start=28_800, end=61_200), Shift(shift_id="b", start=29_400, end=62_100))
RULES = ServiceRules(min_load=1, on_time=0.9)


def searched(town: Town, iterations: int, temperature: float = 3_000.0) -> tuple[Encoded, State]:
    """Return the first part of a town after a short search."""
    problem = draw(town)
    choices = choose_stops(problem)
    some = {r for r, c in enumerate(choices) if len(c.stops)}
    part = split(problem, dict.fromkeys(Direction, some))[0]
    encoded = encode(problem, part, choices, problem.vehicle_types)
    state = new_state(encoded.given, town.seed)
    work(encoded.given, state, CONSTRUCT, 1, 0.0, OPTIONS)
    work(encoded.given, state, ANNEAL, iterations, temperature, OPTIONS)
    return encoded, state


def active(state: State) -> np.ndarray:
    """Return the lines in use."""
    return state.ledger[: state.now[LINE_COUNT], ACTIVE]


kinds = st.builds(
    Town,
    riders=st.integers(2, 40),
    places=st.integers(2, 12),
    sites=st.integers(1, 3),
    shifts=st.sampled_from([SHIFTS, SHIFTS[:1]]),
    rules=st.just(RULES),
    mixed_days=st.booleans(),
    counts=st.sampled_from([1, 4]),
    seed=st.integers(0, 1_000),
)


@settings(max_examples=25, deadline=None)
@given(kinds, st.integers(1, 200))
def test_the_totals_are_those_of_the_lines_and_of_the_bank(town: Town, iterations: int) -> None:
    """Accepting and taking back thousands of changes leaves no cost behind."""
    encoded, state = searched(town, iterations)
    waiting = encoded.given.worth[state.seat[:, AT_LINE] < 0, LOSS].sum()
    assert state.number[SOFT_TOTAL] == pytest.approx(waiting + state.costs[active(state), SOFT].sum())
    assert state.number[HARD_TOTAL] == pytest.approx(waiting + state.costs[active(state), HARD].sum())


@settings(max_examples=25, deadline=None)
@given(kinds, st.integers(1, 200))
def test_every_line_of_every_state_is_feasible_and_every_rider_is_somewhere_once(town: Town, iterations: int) -> None:
    """O(1) feasibility never lets a bad insertion through, and no rider is lost or doubled."""
    encoded, state = searched(town, iterations)
    assert all(state.lines[line, HEAD, FEASIBLE] for line in active(state))
    crews = [state.crew[line, WHO, : state.lines[line, HEAD, RIDERS]] for line in active(state)]
    carried = np.concatenate(crews) if crews else np.zeros(0, int)
    assert len(set(carried.tolist())) == len(carried)
    assert len(carried) + state.now[BANKED] == len(encoded.part.riders)


@settings(max_examples=15, deadline=None)
@given(kinds)
def test_restoring_the_best_gives_the_best(town: Town) -> None:
    """The stored lines add up to the best cost that was reported."""
    encoded, state = searched(town, 100)
    best = state.number[2]
    restore_best(encoded.given, state)
    assert state.number[HARD_TOTAL] == pytest.approx(best)


@pytest.mark.parametrize("seed", range(6))
def test_the_search_counts_a_line_as_the_judge_does(seed: int) -> None:
    """Vehicles, kilometres, hours, rides and walks: cost by cost the same, fen by fen, but for rounding.

    With one shift and both ways on one line, every line is one vehicle from its nearest depot, so
    that the search's price of a line is exact where there is only one depot.
    """
    town = Town(riders=30, places=12, depots=1, shifts=SHIFTS[:1], rules=RULES, mixed_days=bool(seed % 2), seed=seed)
    problem = draw(town)
    result = solve(problem, stop=MaxIterations(iterations=500), seed=seed)
    choices = choose_stops(problem)
    some = {r for r, c in enumerate(choices) if len(c.stops)}
    part = split(problem, dict.fromkeys(Direction, some))[0]
    verdict = evaluate(problem, result.plan)
    search = start(problem, part, _lines(problem, part, result.plan), choices, problem.vehicle_types, seed)
    assert len(result.plan.blocks) == len(result.plan.lines)
    served = verdict.cost_fen - verdict.cost_parts.unserved
    assert search.state.costs[active(search.state), COST].sum() == pytest.approx(served, abs=12)


def _lines(problem, part, plan):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    from routing.solver.incumbent import read_plan

    return read_plan(problem, (part,), plan, problem.vehicle_types)[0]


def test_lines_read_back_drive_the_same_sequence() -> None:
    """Adopting the lines a search found gives the same lines again, node by node."""
    problem = draw(Town(riders=30, places=12, shifts=SHIFTS, rules=RULES, seed=3))
    choices = choose_stops(problem)
    some = {r for r, c in enumerate(choices) if len(c.stops)}
    part = split(problem, dict.fromkeys(Direction, some))[0]
    first = start(problem, part, [], choices, problem.vehicle_types, 1)
    first.anneal(200, 0.5)
    found = first.best()
    again = start(problem, part, found, choices, problem.vehicle_types, 2).best()
    assert {line.runs for line in again} == {line.runs for line in found}


def test_one_lane_and_two_lanes_use_their_own_fields() -> None:
    """A line that runs both ways visits its places once per lane, each on a kerb of its own direction."""
    encoded, state = searched(Town(riders=20, places=8, shifts=SHIFTS[:1], rules=RULES, seed=8), 200)
    assert encoded.given.drive.shape[0] == 2
    for line in active(state):
        n = state.lines[line, HEAD, LEN]
        nodes = [state.lines[line, LANE + 10 * lane + NODE, :n] for lane in range(2)]
        places = [[problem_place(encoded, int(x)) for x in row] for row in nodes]
        assert places[0] == places[1]


def problem_place(encoded: Encoded, node: int) -> int:
    """Return the row of the kerb table that holds a node."""
    return int(np.argwhere(encoded.given.kerbs == node)[0, 0])


def test_found_lines_keep_their_windows() -> None:
    """The departure chosen lies within the span in which every window is kept."""
    encoded, state = searched(Town(riders=30, places=12, shifts=SHIFTS, rules=RULES, seed=9), 300)
    problem = draw(Town(riders=30, places=12, shifts=SHIFTS, rules=RULES, seed=9))
    for line in found_lines(problem, encoded, state):
        assert all(run.earlier >= 0 and run.later >= 0 and run.begin <= run.departure <= run.end for run in line.runs)
