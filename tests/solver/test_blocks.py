"""Vehicles against brute force: no chaining of trips uses fewer, and none of as few runs less empty."""

import dataclasses
import itertools

import numpy as np
import pytest

from routing.evaluate import evaluate
from routing.model.demand import Direction, Shift
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.blocks import assign, chain
from routing.solver.lines import Run
from tests.solver.towns import TYPES, Town, draw


def random_runs(problem: Problem, count: int, seed: int) -> list[Run]:
    """Return runs between random stops at random times of a morning."""
    rng = np.random.default_rng(seed)
    runs = []
    for _ in range(count):
        begin = int(rng.integers(6 * 3600, 9 * 3600))
        first, last = (int(x) for x in rng.choice(len(problem.stops), 2, replace=False))
        runs.append(
            Run(
                direction=Direction.INBOUND,
                period=0,
                nodes=(first, last),
                begin=begin,
                end=begin + int(rng.integers(900, 3600)),
                departure=begin,
                earlier=0,
                later=0,
                seats=((0, first, last),),
            )
        )
    return runs


def fits(problem: Problem, one: Run, other: Run) -> bool:
    """Tell whether one vehicle can drive a run after another."""
    empty = int(problem.travel[other.period].duration[one.nodes[-1], other.nodes[0]])
    return one.end + empty + problem.rules.turnaround_s <= other.begin


def best_by_hand(problem: Problem, runs: list[Run]) -> tuple[int, float]:
    """Return the fewest vehicles and then the least empty running [fen] between trips, over all ways to chain."""
    kind = TYPES[0]
    pairs = [(i, j) for i, j in itertools.permutations(range(len(runs)), 2) if fits(problem, runs[i], runs[j])]

    def price(i: int, j: int) -> float:
        matrix = problem.travel[0]
        a, b = runs[i].nodes[-1], runs[j].nodes[0]
        return float(matrix.distance[a, b] * kind.distance_cost / 1000 + matrix.duration[a, b] * kind.time_cost / 3600)

    best = (len(runs), 0.0)
    for size in range(1, len(runs)):
        for chosen in itertools.combinations(pairs, size):
            if len({i for i, _ in chosen}) == size and len({j for _, j in chosen}) == size:
                best = min(best, (len(runs) - size, sum(itertools.starmap(price, chosen))))
    return best


@pytest.mark.parametrize("seed", range(8))
def test_chains_are_as_few_and_as_short_as_brute_force_finds(seed: int) -> None:
    """Five random trips, every way to chain them tried."""
    problem = draw(Town(seed=seed))
    runs = random_runs(problem, 5, seed)
    chains = chain(problem, runs, TYPES[0], [1] * len(runs))
    matrix, kind = problem.travel[0], TYPES[0]
    empty = sum(
        matrix.distance[runs[i].nodes[-1], runs[j].nodes[0]] * kind.distance_cost / 1000
        + matrix.duration[runs[i].nodes[-1], runs[j].nodes[0]] * kind.time_cost / 3600
        for c in chains
        for i, j in itertools.pairwise(c.runs)
    )
    vehicles, least = best_by_hand(problem, runs)
    assert len(chains) == vehicles
    assert empty == pytest.approx(least, abs=1.0)
    assert sorted(i for c in chains for i in c.runs) == list(range(len(runs)))
    assert all(fits(problem, runs[i], runs[j]) for c in chains for i, j in itertools.pairwise(c.runs))


def test_no_trips_need_no_vehicle() -> None:
    """Nothing in, nothing out."""
    problem = draw(Town())
    assert chain(problem, [], TYPES[0], []) == []
    assert assign(problem, [], [], TYPES) == []


def test_a_chain_takes_a_larger_vehicle_where_its_own_type_has_run_out() -> None:
    """Two chains for the only small vehicle: the other one drives a large vehicle."""
    problem = draw(Town(available=(1, 3), depots=1, seed=2))
    runs = random_runs(problem, 1, 2) * 2
    chains = chain(problem, runs, TYPES[0], [4, 4])
    slots = assign(problem, runs, chains, TYPES)
    assert sorted(TYPES[s.type_index].vehicle_type_id for s in slots if s is not None) == ["large", "small"]


def test_a_chain_that_needs_more_seats_than_the_small_vehicle_gets_a_large_one() -> None:
    """Seats bind whatever the cost."""
    problem = draw(Town(seed=2))
    runs = random_runs(problem, 1, 2)
    (slot,) = assign(problem, runs, chain(problem, runs, TYPES[1], [12]), TYPES)
    assert slot is not None
    assert TYPES[slot.type_index].seats >= 12


def test_where_vehicles_are_short_some_chain_goes_without() -> None:
    """Three trips at once and two vehicles: one trip is not driven."""
    problem = draw(Town(available=(1, 1), depots=1, seed=3))
    runs = random_runs(problem, 1, 3) * 3
    slots = assign(problem, runs, chain(problem, runs, TYPES[0], [1, 1, 1]), TYPES)
    assert sum(slot is None for slot in slots) == 1


def test_shifts_that_follow_each_other_share_vehicles() -> None:
    """The vehicle that brings the late shift is the one that takes the early shift home."""
    shifts = (Shift(shift_id="a", start=6 * 3600, end=14 * 3600), Shift(shift_id="b", start=16 * 3600, end=None))
    problem = draw(Town(riders=40, places=12, shifts=shifts, seed=4))
    plan = solve(problem, stop=MaxIterations(iterations=500)).plan
    assert len(plan.blocks) < len(plan.lines)
    assert evaluate(problem, plan).violations == ()


def test_a_fleet_of_one_is_kept() -> None:
    """The plan never uses more vehicles than there are, and closes lines for that."""
    problem = draw(Town(riders=60, places=20, available=(1, 0), depots=1, rules=ServiceRules(min_load=1), seed=5))
    plan = solve(problem, stop=MaxIterations(iterations=300)).plan
    assert len(plan.blocks) <= 1
    assert evaluate(problem, plan).violations == ()


def test_turnaround_is_kept_between_trips() -> None:
    """With a turnaround of a day no vehicle drives twice."""
    problem = draw(Town(seed=6))
    rested = dataclasses.replace(problem, rules=dataclasses.replace(problem.rules, turnaround_s=86_400))
    runs = random_runs(rested, 4, 6)
    assert len(chain(rested, runs, TYPES[0], [1] * 4)) == 4
