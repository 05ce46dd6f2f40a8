"""Vehicles for a plan that stands: the same clock times, every trip driven once, within the fleet."""

from dataclasses import replace

import pytest

from routing.evaluate import evaluate
from routing.solver import MaxIterations, solve
from routing.solver.recrew import recrew
from tests.cases import found, town, town_plan, with_trip
from tests.solver.towns import RELAY, RULES, Town, draw

PLAN = town_plan()


def test_a_plan_without_vehicles_gets_them_back() -> None:
    again = recrew(town(), replace(PLAN, blocks=()))
    assert again is not None
    assert found(town(), again) == []
    assert {b.trip_ids for b in again.blocks} == {b.trip_ids for b in PLAN.blocks}


@pytest.mark.parametrize("seed", range(3))
def test_it_costs_no_more_than_what_the_search_gave_out(seed: int) -> None:
    problem = draw(Town(riders=50, places=12, shifts=RELAY, rules=RULES, seed=seed))
    plan = solve(problem, stop=MaxIterations(iterations=300)).plan
    again = recrew(problem, plan)
    assert again is not None
    assert evaluate(problem, again).violations == evaluate(problem, plan).violations == ()
    assert len(again.blocks) <= len(plan.blocks)
    assert [(t.stop_ids, t.departure) for _, t in again.trips()] == [(t.stop_ids, t.departure) for _, t in plan.trips()]


def test_too_small_a_vehicle_is_exchanged() -> None:
    """Bus a was meant for four; eve and dan's line has a large one, which is the only one."""
    cheap = with_trip(with_trip(PLAN, "b_in", vehicle_type_id="small"), "b_out", vehicle_type_id="small")
    again = recrew(town(), cheap)
    assert again is not None
    assert found(town(), again) == []


def test_where_vehicles_run_short_there_is_no_answer() -> None:
    fleet = tuple(replace(item, available=1 if item.vehicle_type_id == "small" else 0) for item in town().fleet)
    assert recrew(town(fleet=fleet), PLAN) is None


def test_without_any_vehicle_there_is_no_answer_either() -> None:
    none = tuple(replace(item, available=0) for item in town().fleet)
    assert recrew(town(fleet=none), PLAN) is None


def test_a_trip_that_cannot_be_read_makes_no_plan() -> None:
    assert recrew(town(), with_trip(PLAN, "a_in", stop_ids=("nowhere",))) is None
