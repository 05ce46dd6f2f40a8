"""The fleet's limits: types that run short become dearer, and no plan uses vehicles that are not there."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.evaluate import Rule, evaluate
from routing.model.demand import Direction
from routing.model.fleet import FleetItem
from routing.model.problem import Problem
from routing.solver import MaxIterations, solve
from routing.solver.fleet import STEP, available_types, may_be_scarce, reprice
from routing.solver.lines import FoundLine, Run
from tests.solver.towns import TYPES, Town, draw


def lines_of(problem: Problem, type_index: int, count: int) -> list[FoundLine]:
    """Return lines that all drive at the same time, so that each needs a vehicle of its own."""
    run = Run(
        direction=Direction.INBOUND,
        period=0,
        nodes=(0, len(problem.stops)),
        begin=7 * 3600,
        end=8 * 3600,
        departure=7 * 3600 + 30,
        earlier=0,
        later=0,
        seats=((0, 0, len(problem.stops)),),
    )
    line = FoundLine(runs=(run,), shift_ids=("day",), riders=(0,), type_index=type_index, peak=1)
    return [line] * count


def test_a_type_wanted_as_often_as_it_is_there_keeps_its_price() -> None:
    problem = draw(Town(available=(4, 4), depots=1))
    wanted = lines_of(problem, 0, 4) + lines_of(problem, 1, 4)
    assert reprice(problem, wanted, TYPES, [700.0, 0.0]) == [700.0, 0.0]


def test_a_type_wanted_twice_as_often_becomes_dearer_by_the_step() -> None:
    problem = draw(Town(available=(4, 4), depots=1))
    wanted = lines_of(problem, 0, 8) + lines_of(problem, 1, 4)
    assert reprice(problem, wanted, TYPES, [0.0, 0.0]) == [STEP * TYPES[0].fixed_cost, 0.0]


def test_a_surcharge_falls_when_vehicles_stand_idle_but_never_below_nothing() -> None:
    problem = draw(Town(available=(4, 4), depots=1))
    fallen = reprice(problem, lines_of(problem, 1, 4), TYPES, [10_000.0, 0.0])
    assert fallen == [10_000.0 - STEP * TYPES[0].fixed_cost, 0.0]
    assert reprice(problem, [], TYPES, [1.0, 1.0]) == [0.0, 0.0]


@given(wanted=st.integers(0, 400))
def test_no_single_step_doubles_a_price(wanted: int) -> None:
    """However few vehicles there are, the search must be able to follow."""
    problem = draw(Town(available=(1, 4), riders=3, depots=1))
    [small, _] = reprice(problem, lines_of(problem, 0, wanted), TYPES, [0.0, 0.0])
    assert 0.0 <= small <= 2 * STEP * TYPES[0].fixed_cost


@pytest.mark.parametrize(("available", "scarce"), [((20, 20), False), ((19, 20), True), ((20, 1), True)])
def test_a_fleet_is_scarce_when_more_lines_might_open_than_a_type_has_vehicles(
    available: tuple[int, int], scarce: bool
) -> None:
    """Twenty riders and a least load of one may open twenty lines."""
    assert may_be_scarce(draw(Town(riders=20, available=available, depots=1))) is scarce


def test_a_type_without_vehicles_is_not_offered() -> None:
    assert [t.vehicle_type_id for t in available_types(draw(Town(available=(0, 3))))] == ["large"]


def test_vehicles_of_a_type_in_several_depots_count_together() -> None:
    problem = draw(Town(available=(2, 4)))
    split = tuple(
        FleetItem(vehicle_type_id=item.vehicle_type_id, depot_id=depot.depot_id, available=1)
        for item in problem.fleet
        for depot in problem.depots
    )
    spread = replace(problem, fleet=split)
    there = sum(item.available for item in spread.fleet if item.vehicle_type_id == "small")
    exactly = lines_of(spread, 0, there)
    assert reprice(spread, exactly, TYPES, [5.0, 0.0])[0] == 5.0


@settings(max_examples=8, deadline=None)
@given(small=st.integers(0, 3), large=st.integers(0, 3), seed=st.integers(0, 50))
def test_no_plan_uses_vehicles_that_are_not_there(small: int, large: int, seed: int) -> None:
    """Also where lines must be given up for it: their riders are listed as left out."""
    if small + large == 0:
        large = 1
    problem = draw(Town(riders=24, available=(small, large), depots=1, seed=seed))
    plan = solve(problem, stop=MaxIterations(iterations=400), seed=seed).plan
    verdict = evaluate(problem, plan)
    assert Rule.FLEET not in {v.rule for v in verdict.violations}
    assert verdict.violations == ()


def test_scarce_small_vehicles_lead_to_fuller_large_ones() -> None:
    """With one small vehicle there are fewer lines than with plenty, and each carries more."""
    plenty = draw(Town(riders=40, available=(40, 40), seed=5))
    few = draw(Town(riders=40, available=(1, 40), seed=5))
    stop = MaxIterations(iterations=6_000)
    lines_plenty = len(solve(plenty, stop=stop, seed=1).plan.lines)
    lines_few = len(solve(few, stop=stop, seed=1).plan.lines)
    assert lines_few <= lines_plenty
