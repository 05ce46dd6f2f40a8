"""One stop per rider: nobody out of reach, dearer stops mean fewer, and small cases as good as the best choice."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.peers.consolidate import NOWHERE, choose_stops

Costs = NDArray[np.float64]


def costs(seed: int, riders: int = 7, stops: int = 6, reach: float = 0.6) -> Costs:
    rng = np.random.default_rng(seed)
    cost = rng.uniform(1, 500, (riders, stops))
    cost[rng.random(cost.shape) > reach] = 2 * NOWHERE
    return cost


def total(cost: Costs, chosen: NDArray[np.int64], opening: float) -> float:
    served = chosen >= 0
    return float(cost[served, chosen[served]].sum() + opening * len(set(chosen[served].tolist())))


def optimum(cost: Costs, opening: float) -> float:
    """Try every set of stops that reaches whoever can be reached."""
    rows = cost[(cost < NOWHERE).any(axis=1)]
    best = float("inf") if len(rows) else 0.0
    for size in range(1, cost.shape[1] + 1):
        for stops in itertools.combinations(range(cost.shape[1]), size):
            least = rows[:, stops].min(axis=1)
            if (least < NOWHERE).all():
                best = min(best, float(least.sum()) + opening * size)
    return best


@given(seed=st.integers(0, 10_000), opening=st.floats(0, 1_000))
def test_whoever_reaches_a_stop_has_one_and_nobody_else(seed: int, opening: float) -> None:
    cost = costs(seed, reach=0.3)
    chosen = choose_stops(cost, opening)
    reachable = (cost < NOWHERE).any(axis=1)
    assert ((chosen >= 0) == reachable).all()
    assert all(cost[r, s] < NOWHERE for r, s in enumerate(chosen) if s >= 0)


@given(seed=st.integers(0, 10_000), opening=st.floats(0, 1_000))
def test_riders_take_the_open_stop_that_suits_them_best(seed: int, opening: float) -> None:
    cost = costs(seed)
    chosen = choose_stops(cost, opening)
    used = sorted(set(chosen[chosen >= 0].tolist()))
    for rider, stop in enumerate(chosen):
        if stop >= 0:
            assert cost[rider, stop] == cost[rider, used].min()


@given(seed=st.integers(0, 10_000))
def test_free_stops_mean_the_best_stop_for_everyone(seed: int) -> None:
    cost = costs(seed)
    chosen = choose_stops(cost, 0.0)
    served = chosen >= 0
    assert np.array_equal(cost[served, chosen[served]], cost[served].min(axis=1))


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), opening=st.sampled_from([20.0, 150.0, 600.0]))
def test_never_far_from_the_best_choice(seed: int, opening: float) -> None:
    cost = costs(seed)
    assert optimum(cost, opening) - 1e-6 <= total(cost, choose_stops(cost, opening), opening)
    assert total(cost, choose_stops(cost, opening), opening) <= 1.5 * optimum(cost, opening) + 1e-6


def test_a_stop_that_serves_all_is_alone_when_stops_are_dear() -> None:
    cost = np.array([[1.0, 9.0, NOWHERE], [NOWHERE, 9.0, 1.0]])
    assert choose_stops(cost, 5.0).tolist() == [0, 2]
    assert choose_stops(cost, 50.0).tolist() == [1, 1]


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (0, 0)])
def test_nothing_to_choose(shape: tuple[int, int]) -> None:
    assert choose_stops(np.zeros(shape), 5.0).tolist() == [-1] * shape[0]
