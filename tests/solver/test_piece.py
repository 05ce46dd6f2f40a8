"""Several annealings in a row: when there are any, and that the best of all rounds is what counts."""

import numpy as np
import pytest

from routing.evaluate import evaluate
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.layout import MOST_VEHICLES, VEHICLES
from routing.solver.piece import LAST_ROUND, MOST_ROUNDS, PieceSearch
from tests.solver.states import searches
from tests.solver.towns import Town, draw

RULES = ServiceRules(min_load=1)
PROBLEM = draw(Town(riders=24, places=10, rules=RULES, seed=3))


def run(search: PieceSearch, chunks: int, iterations: int) -> list[float]:
    """Run a search in equal chunks; return the best cost after each."""
    costs = []
    for x in range(chunks):
        search.anneal(iterations, x / chunks)
        costs.append(search.cost)
    return costs


def test_a_long_search_of_a_small_town_has_many_rounds_and_a_short_one_has_one() -> None:
    """As many as there is time for, up to a limit."""
    (long,) = searches(PROBLEM)
    run(long, 200, 400)
    assert long.rounds == MOST_ROUNDS
    (short,) = searches(PROBLEM)
    run(short, 200, 2)
    assert short.rounds == 1


def test_the_best_of_all_rounds_never_gets_worse() -> None:
    """A round that begins anew leaves what the ones before it found."""
    (search,) = searches(PROBLEM)
    costs = run(search, 200, 400)
    assert costs == sorted(costs, reverse=True)
    search.finish()
    assert search.cost <= costs[-1] + 1e-6


def test_a_search_of_many_rounds_hands_back_the_lines_it_kept() -> None:
    """Asked in the middle of a round it answers with lines that carry what the best cost says."""
    (search,) = searches(PROBLEM)
    run(search, 100, 800)
    riders = [r for line in search.best() for r in line.riders]
    assert len(riders) == len(set(riders))
    assert set(riders) <= set(range(len(PROBLEM.riders)))


def test_the_last_round_begins_warm_from_the_best() -> None:
    """Its share of the time is fixed, and its temperature begins below the first one."""
    (search,) = searches(PROBLEM)
    run(search, 200, 400)
    begins = search._progress(1.0 - LAST_ROUND + 1e-9)
    assert 0.0 < begins < search._progress(0.999) <= 1.0


def test_rounds_try_one_vehicle_fewer_by_turns() -> None:
    """Each number is tried at once when it is new, then by turns, unless it is far too dear."""
    (search,) = searches(PROBLEM)
    search._tried = {5: 100.0}
    assert search._next_cap() == 4
    search._tried = {5: 100.0, 4: 103.0}
    caps = set()
    for number in range(4):
        search._round = number
        caps.add(search._next_cap())
    assert caps == {4, 5}
    search._tried = {5: 100.0, 4: 150.0}
    assert search._next_cap() == 5
    search._tried = {1: 100.0}
    assert search._next_cap() == 1


def test_a_capped_round_uses_no_more_vehicles_than_it_may() -> None:
    """The cap of the round holds for the lines in use after every chunk."""
    (search,) = searches(PROBLEM)
    for x in range(200):
        search.anneal(400, x / 200)
        assert search.state.now[VEHICLES] <= search.state.now[MOST_VEHICLES]


@pytest.mark.parametrize("seed", [1, 2])
def test_rounds_make_plans_that_keep_every_promise_whatever_the_workers(seed: int) -> None:
    """With enough iterations for all rounds: the same feasible plan on one thread and on two."""
    stop = MaxIterations(iterations=40_000)
    one, two = (solve(PROBLEM, stop=stop, seed=seed, workers=n).plan for n in (1, 2))
    assert one == two
    assert evaluate(PROBLEM, one).violations == ()


def test_stages_leave_rounds_to_the_whole_search() -> None:
    """A piece of a divided search cools once."""
    (search,) = searches(PROBLEM, several_rounds=False)
    costs = np.array(run(search, 100, 800))
    assert search.rounds == 1
    assert (np.diff(costs) <= 0).all()
