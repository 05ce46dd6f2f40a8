"""Levers: each moves one limit, in the direction that lets more lines open, and shows it as a scenario writes it."""

from dataclasses import replace
from typing import Any

import pytest

from routing.evaluate import Rule
from routing.formats.scenario_toml import SECTIONS
from routing.model.budget import Budget
from routing.model.demand import Direction, Shift
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.planner.levers import Lever, levers
from tests.solver.towns import Town, draw

RULES = ServiceRules(min_load=4, max_trip_s=3_000, max_stops=5, one_worksite_per_trip=True, max_walk_m=500)
TIGHT = replace(draw(Town(rules=RULES, seed=2)), budget=Budget(max_vehicles=1, max_cost_fen=50_000))


def lever(key: str, problem: Problem = TIGHT) -> Lever:
    return next(found for found in levers(problem) if found.key == key)


@pytest.mark.parametrize(
    ("key", "steps", "before", "after"),
    [
        ("rules.max_walk_m", 120, "500", "620"),
        ("rules.max_walk_short_m", 7, "300", "307"),
        ("rules.max_detour_free_min", 3, "15", "18"),
        ("rules.max_trip_min", 10, "50", "60"),
        ("rules.arrive_early_min", 5, "25", "30"),
        ("rules.on_time", 50, "0.95", "0.9"),
        ("rules.max_stops", 2, "5", "7"),
        ("rules.min_load", 1, "4", "3"),
        ("fleet.seats", 6, "14 at most", "20 at most"),
        ("budget.max_vehicles", 1, "1", "2"),
        ("budget.max_cost_yuan_per_day", 25, "500", "525"),
        ("rules.same_line_both_ways", 1, "true", "false"),
        ("rules.one_worksite_per_trip", 1, "true", "false"),
    ],
)
def test_a_lever_shows_its_limit_before_and_after(key: str, steps: int, before: str, after: str) -> None:
    found = lever(key)
    assert found.shown(TIGHT) == before
    assert found.shown(found.moved(TIGHT, steps)) == after


def test_a_ride_that_is_long_enough_for_every_drive_is_no_lever() -> None:
    """Nobody is left out by a limit that no ride comes near."""
    assert "rules.max_ride_min" not in {found.key for found in levers(TIGHT)}
    short = replace(TIGHT, rules=replace(RULES, max_ride_s=600))
    found = lever("rules.max_ride_min", short)
    assert found.moved(short, 5).rules.max_ride_s == 900


@pytest.mark.parametrize("found", levers(TIGHT), ids=lambda found: found.key)
def test_a_lever_moves_one_thing_and_leaves_the_rest(found: Lever) -> None:
    """Every other lever shows the same limit as before, however far this one is moved."""
    moved = found.moved(TIGHT, found.most)
    assert moved != TIGHT
    others = [other for other in levers(TIGHT) if other.key != found.key]
    assert [other.shown(moved) for other in others] == [other.shown(TIGHT) for other in others]


@pytest.mark.parametrize("found", levers(TIGHT), ids=lambda found: found.key)
def test_a_lever_names_a_rule_of_the_judge_and_a_key_of_the_scenario(found: Lever) -> None:
    section, key = found.key.split(".")
    assert found.rule in {rule.value for rule in Rule}
    assert found.most > 0
    assert found.weight > 0
    assert section == "fleet" or key in SECTIONS[section]


def test_a_shifts_own_window_is_widened_with_the_rules() -> None:
    own = Shift(shift_id="day", start=8 * 3600, end=17 * 3600, arrive_early_s=600, arrive_buffer_s=600)
    problem = replace(TIGHT, shifts=(own,))
    wide = lever("rules.arrive_early_min", problem).moved(problem, 10)
    shift, before = wide.shifts[0], problem.rules.window(own, Direction.OUTBOUND)
    assert wide.rules.window(shift, Direction.INBOUND) == (own.start - 1_200, own.start - 600)  # type: ignore[operator]
    assert before is not None
    assert wide.rules.window(shift, Direction.OUTBOUND) == (before[0], before[1] + 600)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"budget": Budget()}, "budget.max_vehicles"),
        ({"budget": Budget()}, "budget.max_cost_yuan_per_day"),
        ({"rules": replace(RULES, max_trip_s=None)}, "rules.max_trip_min"),
        ({"rules": replace(RULES, min_load=1)}, "rules.min_load"),
        ({"rules": replace(RULES, on_time=0.0)}, "rules.on_time"),
        ({"rules": replace(RULES, one_worksite_per_trip=False)}, "rules.one_worksite_per_trip"),
        ({"fleet": (), "vehicle_types": ()}, "fleet.seats"),
        ({}, "fleet.count"),
    ],
)
def test_what_limits_nothing_is_no_lever(changes: dict[str, Any], key: str) -> None:
    assert key not in {found.key for found in levers(replace(TIGHT, **changes))}


def test_where_no_vehicle_stands_anywhere_one_of_each_type_can_be_supplied() -> None:
    bare = replace(TIGHT, fleet=())
    supplied = lever("fleet.count", bare).moved(bare, 1)
    assert [(item.vehicle_type_id, item.available) for item in supplied.fleet] == [("small", 1), ("large", 1)]
