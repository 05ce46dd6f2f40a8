"""Pins that hold nothing, and the smallest set of pins that cannot be kept."""

from dataclasses import replace
from typing import Any

import pytest

from routing.model.changes import Changes, Pins
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.rebalance.conflicts import conflict, unknown_pins
from tests.cases import town, town_plan, with_rules, with_stop
from tests.drifting import departures

PLAN = town_plan()


def pinned(problem: Problem, **pins: Any) -> Problem:
    held = Pins(**{kind: frozenset(names) for kind, names in pins.items()})
    return replace(problem, changes=Changes(running=PLAN, departures=departures(town(), PLAN), pins=held))


def test_pins_on_what_runs_are_known_and_can_be_kept() -> None:
    problem = pinned(town(), lines={"a", "b"}, trips={"a_in"}, stops={"quay"}, vehicle_types={"a"}, riders={"ann"})
    assert unknown_pins(problem) == []
    assert conflict(problem) == ()


@pytest.mark.parametrize("kind", ["lines", "trips", "stops", "vehicle_types", "riders"])
def test_a_pin_on_what_does_not_run_is_named(kind: str) -> None:
    assert unknown_pins(pinned(town(), **{kind: {"ghost"}})) == [(kind, "ghost")]


def test_a_pin_on_a_rider_without_a_seat_or_who_left_holds_nothing() -> None:
    assert unknown_pins(pinned(town(), riders={"fay"})) == [("riders", "fay")]
    left = replace(
        town(), riders=tuple(replace(r, rider_id="amy" if r.rider_id == "ann" else r.rider_id) for r in town().riders)
    )
    assert unknown_pins(pinned(left, riders={"ann"})) == [("riders", "ann")]


def test_without_a_running_plan_there_is_nothing_to_pin() -> None:
    assert unknown_pins(town()) == []
    assert conflict(town()) == ()


def test_too_few_vehicles_for_two_pinned_lines_name_both_and_not_the_third_pin() -> None:
    """One large vehicle that could drive either line at that hour."""
    fleet = tuple(replace(item, available=1 if item.vehicle_type_id == "large" else 0) for item in town().fleet)
    problem = pinned(town(fleet=fleet), lines={"a", "b"}, stops={"quay"})
    assert conflict(problem) == ("lines:a", "lines:b")
    assert conflict(pinned(town(fleet=fleet), lines={"b"})) == ()


def test_a_line_that_breaks_a_new_rule_conflicts_by_itself() -> None:
    problem = pinned(with_rules(town(), max_stops=2), lines={"b"}, trips={"a_in"})
    assert conflict(problem) == ("trips:a_in",)


def test_a_pinned_stop_that_is_forbidden_by_now_conflicts() -> None:
    problem = pinned(with_stop(town(), "quay", status=StopStatus.FORBIDDEN), stops={"quay"})
    assert conflict(problem) == ("stops:quay",)
