"""What is pinned does not move: each kind of pin, kept and broken."""

from dataclasses import replace

import pytest

from routing.evaluate import Rule, evaluate
from routing.model.changes import ChangeCosts, Changes, Pins
from routing.model.plan import Plan
from tests.cases import town, town_plan, with_trip, without
from tests.drifting import departures
from tests.evaluate.test_changes import moved

PLAN = town_plan()
LATER = with_trip(PLAN, "a_in", departure=PLAN.lines[0].trips[0].departure + 1)
LARGER = with_trip(PLAN, "a_in", vehicle_type_id="large")
SHORTER = with_trip(PLAN, "a_in", stop_ids=("gate_in", "north"))
WALKS_ELSEWHERE = moved(PLAN, "ann", "a", "market", "north")
CLOSED = replace(PLAN, lines=PLAN.lines[1:], blocks=PLAN.blocks[1:])
RENAMED = replace(PLAN, lines=(replace(PLAN.lines[0], line_id="z"), PLAN.lines[1]))


def pinned(plan: Plan, **pins: str) -> list[str]:
    """Return the subjects of broken pins."""
    held = Pins(**{field: frozenset({name}) for field, name in pins.items()})
    changes = Changes(running=PLAN, departures=departures(town(), PLAN), costs=ChangeCosts.flat(0), pins=held)
    problem = replace(town(), changes=changes)
    return [v.subject for v in evaluate(problem, plan).violations if v.rule is Rule.PIN]


@pytest.mark.parametrize(
    ("kind", "name"),
    [("lines", "a"), ("trips", "a_in"), ("stops", "gate_in"), ("vehicle_types", "a"), ("riders", "ann")],
)
def test_the_running_plan_keeps_every_pin(kind: str, name: str) -> None:
    assert pinned(PLAN, **{kind: name}) == []


@pytest.mark.parametrize(
    ("plan", "kind", "name", "subjects"),
    [
        (LATER, "lines", "a", ["a_in"]),
        (LATER, "lines", "b", []),
        (LATER, "trips", "a_in", ["a_in"]),
        (LATER, "trips", "a_out", []),
        (LATER, "vehicle_types", "a", []),
        (LATER, "riders", "ann", []),
        (LARGER, "lines", "a", ["a_in"]),
        (LARGER, "vehicle_types", "a", ["a_in"]),
        (LARGER, "vehicle_types", "b", []),
        (SHORTER, "trips", "a_in", ["a_in"]),
        (WALKS_ELSEWHERE, "riders", "ann", ["ann", "ann"]),
        (WALKS_ELSEWHERE, "riders", "bob", []),
        (WALKS_ELSEWHERE, "stops", "gate_in", ["ann"]),
        (WALKS_ELSEWHERE, "stops", "gate_out", ["ann"]),
        (WALKS_ELSEWHERE, "stops", "market_in", []),
        (WALKS_ELSEWHERE, "lines", "a", ["ann", "ann"]),
        (without(PLAN, "ann"), "riders", "ann", ["ann", "ann"]),
        (without(PLAN, "ann"), "lines", "a", ["ann", "ann"]),
        (without(PLAN, "ann"), "trips", "a_in", []),
        (CLOSED, "trips", "a_in", ["a_in"]),
        (CLOSED, "vehicle_types", "a", []),
        (RENAMED, "trips", "a_in", ["a_in"]),
    ],
)
def test_what_moves_in_spite_of_a_pin_is_told(plan: Plan, kind: str, name: str, subjects: list[str]) -> None:
    assert pinned(plan, **{kind: name}) == subjects


def test_the_sentence_tells_what_moved() -> None:
    changes = Changes(running=PLAN, departures={}, pins=Pins(trips=frozenset({"a_in"})))
    (broken,) = (v for v in evaluate(replace(town(), changes=changes), LATER).violations if v.rule is Rule.PIN)
    assert broken.text == "the pinned trip a_in leaves at another time"
