"""Levers moved by any number of steps: each only ever loosens, by as much as it says, and never spoils a problem."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.model.budget import Budget
from routing.model.demand import Direction
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.planner import nobody
from routing.planner.levers import Lever, levers
from routing.planner.nobody import Opening, Way
from tests.cases import left_out, town, town_plan, with_rules
from tests.solver.towns import Town, draw

RULES = ServiceRules(min_load=3, max_trip_s=4_000, max_stops=6, one_worksite_per_trip=True, max_ride_s=1_200)
TIGHT = replace(draw(Town(riders=8, rules=RULES, seed=8)), budget=Budget(max_vehicles=1, max_cost_fen=40_000))
LEVERS = levers(TIGHT)
ONE_STEP = {
    "walk": 1,
    "ride": 60,
    "detour": 60,
    "trip_time": 60,
    "stops_per_trip": 1,
    "min_load": -1,
    "on_time": -0.001,
}
"""What one step does to the rule of the lever's key [m, s, stops, riders, share]."""
FIELDS = {
    "rules.max_walk_m": "max_walk_m",
    "rules.max_walk_short_m": "max_walk_short_m",
    "rules.max_ride_min": "max_ride_s",
    "rules.max_detour_free_min": "max_detour_free_s",
    "rules.max_trip_min": "max_trip_s",
    "rules.max_stops": "max_stops",
    "rules.min_load": "min_load",
    "rules.on_time": "on_time",
}

any_lever = st.sampled_from(LEVERS)


@st.composite
def steps_of(draw_: st.DrawFn, most: int = 2) -> tuple[Lever, list[int]]:
    """Draw a lever and some numbers of steps that it can be moved by."""
    lever = draw_(any_lever)
    return lever, sorted(draw_(st.lists(st.integers(0, lever.most), min_size=most, max_size=most)))


def test_every_limit_of_a_tight_problem_has_a_lever() -> None:
    assert set(FIELDS) < {lever.key for lever in LEVERS}
    assert len({lever.key for lever in LEVERS}) == len(LEVERS)


@given(steps_of())
def test_a_lever_moves_its_rule_by_so_many_steps(drawn: tuple[Lever, list[int]]) -> None:
    lever, (steps, _) = drawn
    if lever.key not in FIELDS:
        return
    before, after = (getattr(p.rules, FIELDS[lever.key]) for p in (TIGHT, lever.moved(TIGHT, steps)))
    assert after == pytest.approx(max(0, before + ONE_STEP[lever.rule] * steps))


@given(any_lever)
def test_no_step_is_no_change(lever: Lever) -> None:
    assert lever.shown(lever.moved(TIGHT, 0)) == lever.shown(TIGHT)
    if lever.key not in ("rules.same_line_both_ways", "rules.one_worksite_per_trip"):
        assert lever.moved(TIGHT, 0) == TIGHT


@given(steps_of())
def test_steps_are_counted_from_the_limit_that_the_lever_was_made_for(drawn: tuple[Lever, list[int]]) -> None:
    """Moved again, a lever of rules and budgets ends where the last number of steps says, not at the sum of both."""
    lever, (few, many) = drawn
    if lever.rule in ("arrival_window", "seats", "fleet"):
        return
    assert lever.moved(lever.moved(TIGHT, many), few) == lever.moved(TIGHT, few)


@settings(max_examples=60, deadline=None)
@given(steps_of())
def test_what_keeps_every_rule_keeps_every_rule_with_a_looser_one(drawn: tuple[Lever, list[int]]) -> None:
    """The town's plan, on whose problem the same levers are found, is no worse for any lever."""
    lever, steps = drawn
    ground = with_rules(town(), max_trip_s=4_000, max_ride_s=3_000)
    ground = replace(ground, budget=Budget(max_vehicles=2, max_cost_fen=200_000))
    own = next((found for found in levers(ground) if found.key == lever.key), None)
    assert evaluate(ground, town_plan()).feasible
    if own is not None:
        for more in steps:
            assert evaluate(own.moved(ground, min(more, own.most)), town_plan()).feasible


@given(steps_of())
def test_windows_open_at_both_ends_and_never_at_the_buffer(drawn: tuple[Lever, list[int]]) -> None:
    _, (few, many) = drawn
    lever = next(found for found in LEVERS if found.rule == "arrival_window")
    for direction in Direction:
        narrow, wide = (_window(lever.moved(TIGHT, min(s, lever.most)), direction) for s in (few, many))
        assert wide[0] <= narrow[0]
        assert wide[1] >= narrow[1]
    first = _window(TIGHT, Direction.INBOUND)
    assert _window(lever.moved(TIGHT, 10), Direction.INBOUND) == (first[0] - 600, first[1])
    last = _window(TIGHT, Direction.OUTBOUND)
    assert _window(lever.moved(TIGHT, 10), Direction.OUTBOUND) == (last[0], last[1] + 600)


def _window(problem: Problem, direction: Direction) -> tuple[int, int]:
    window = problem.rules.window(problem.shifts[0], direction)
    assert window is not None
    return window


def test_larger_vehicles_are_the_largest_ones_alone() -> None:
    lever = next(found for found in LEVERS if found.rule == "seats")
    assert [kind.seats for kind in lever.moved(TIGHT, 10).vehicle_types] == [6, 24]


def test_a_vehicle_is_supplied_only_where_some_depot_could_hold_it() -> None:
    bare = replace(TIGHT, fleet=(), depots=(), travel=tuple(_without_depots(TIGHT)))
    assert "fleet" not in {lever.rule for lever in levers(bare)}


def _without_depots(problem: Problem) -> list[Any]:
    kept = problem.node_count - len(problem.depots)
    return [replace(m, duration=m.duration[:kept, :kept], distance=m.distance[:kept, :kept]) for m in problem.travel]


@pytest.mark.parametrize(("share", "steps"), [(0.0, 0), (0.5, 500), (0.999, 999)])
def test_a_share_of_days_can_be_moved_to_nothing_and_no_further(share: float, steps: int) -> None:
    problem = with_rules(TIGHT, on_time=share)
    found = [lever for lever in levers(problem) if lever.rule == "on_time"]
    assert [lever.most for lever in found] == ([steps] if steps else [])
    assert all(lever.moved(problem, steps).rules.on_time == 0.0 for lever in found)


def test_a_way_weighs_what_its_moves_weigh_together_and_moves_them_all() -> None:
    walk, load = (next(found for found in LEVERS if found.rule == rule) for rule in ("walk", "min_load"))
    verdict = Opening(plan=Plan(), verdict=evaluate(TIGHT, Plan()))
    way = Way(moves=((walk, 80), (load, 1)), opening=verdict)
    assert way.weight == pytest.approx(80 / RULES.max_walk_m + 1 / RULES.min_load)
    moved = way.moved(TIGHT).rules
    assert (moved.max_walk_m, moved.min_load) == (RULES.max_walk_m + 80, RULES.min_load - 1)


@pytest.mark.parametrize("limit", [2, 5])
def test_a_sample_is_of_those_who_live_nearest_in_the_largest_shift_of_a_site(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """North's early shift is four people, south's late one three: of the four the nearest are looked at."""
    monkeypatch.setattr(nobody, "SAMPLE", limit)
    sample = nobody._sample(town())
    names = ["ann", "cai"] if limit == 2 else ["ann", "bob", "cai", "fay"]
    assert [rider.rider_id for rider in sample.riders] == names
    for index, name in enumerate(names):
        own = town().walks.row(town().rider_index(name) or 0)
        assert [part.tolist() for part in sample.walks.row(index)] == [part.tolist() for part in own]


def test_each_line_of_a_plan_is_judged_alone_and_with_the_others() -> None:
    whole, *alone = nobody._parts(town(), town_plan())
    assert {seat.rider_id for seat in whole.assignments} == {"ann", "bob", "cai", "dan", "eve"}
    assert [[line.line_id for line in part.lines] for part in alone] == [["a"], ["b"]]
    for part in (whole, *alone):
        assert evaluate(town(), part).feasible
    assert set(left_out("ann")) <= set(alone[1].unserved)
