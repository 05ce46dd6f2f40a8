"""The bound against plans: no plan that keeps every promise costs less, whatever the problem is made of."""

from dataclasses import replace

import pytest

from routing.bound import closed_bound, lower_bound
from routing.evaluate import evaluate
from routing.model.demand import Shift
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from tests.cases import town, town_plan
from tests.solver.towns import DAY_SHIFT, Town, draw

INBOUND_ONLY = Shift(shift_id="in", start=8 * 3600, end=None)
LATER = Shift(shift_id="later", start=8 * 3600 + 2400, end=17 * 3600 + 2400)
FREE = ServiceRules(min_load=1, same_line_both_ways=False, max_ride_s=3_600)

TOWNS = {
    "plain": Town(),
    "inbound": Town(shifts=(INBOUND_ONLY,), rules=FREE),
    "two shifts": Town(shifts=(DAY_SHIFT, LATER), rules=FREE, riders=30),
    "weekdays": Town(mixed_days=True, counts=3),
    "pinned, short walks": Town(pinned=1, short_walks=0.3),
    "dear to leave out": Town(unserved=100_000, riders=40),
    "few vehicles": Town(available=(1, 1)),
}


def budget(rounds: int = 3) -> MaxIterations:
    return MaxIterations(iterations=rounds)


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("seed", range(3))
def test_no_plan_found_costs_less(name: str, seed: int) -> None:
    problem = draw(replace(TOWNS[name], seed=seed))
    judged = evaluate(problem, solve(problem, stop=MaxIterations(iterations=3_000), seed=seed).plan)
    assert judged.feasible
    assert 0 < lower_bound(problem, stop=budget()).value <= judged.cost_fen


def test_the_town_by_hand() -> None:
    verdict = evaluate(town(), town_plan())
    assert 0 < lower_bound(town(), stop=budget()).value <= verdict.cost_fen


def nobody() -> Problem:
    problem = town()
    walks = replace(
        problem.walks, start=problem.walks.start[:1], stop=problem.walks.stop[:0], metres=problem.walks.metres[:0]
    )
    return replace(problem, riders=(), walks=walks)


def test_where_nobody_travels_nothing_must_be_paid() -> None:
    bound = lower_bound(nobody(), stop=budget())
    assert bound.value == 0


def test_without_vehicles_everybody_is_left_out() -> None:
    problem = replace(town(), fleet=())
    people = sum(r.count for r in problem.riders)
    assert lower_bound(problem, stop=budget()).value == problem.costs.unserved * people - 3


def test_the_parts_add_up_to_the_value() -> None:
    bound = lower_bound(town(), stop=budget())
    assert bound.value <= sum(part.value for part in bound.parts) < bound.value + 1


@pytest.mark.parametrize("name", TOWNS)
def test_what_takes_no_search_is_never_more_than_the_bound_and_progress_ends_at_it(name: str) -> None:
    problem = draw(TOWNS[name])
    told: list[int | None] = []
    found = lower_bound(problem, stop=budget(), on_progress=lambda progress: told.append(progress.bound_fen))
    assert told[0] == closed_bound(problem) <= found.value
    assert told[-1] == found.value
    assert told == sorted(told, key=lambda value: value or 0)
