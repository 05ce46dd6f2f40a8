"""Prices of change and pins: what makes sense, and what a line that must run is."""

from typing import Any

import pytest

from routing.model.changes import ChangeCosts, Changes, Pins
from tests.cases import town_plan


@pytest.mark.parametrize("field", ["other_stop", "other_line", "retimed", "line_closed", "tolerance_s"])
def test_a_negative_price_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="negative"):
        ChangeCosts(**{field: -1})


def test_a_flat_price_holds_for_stop_line_and_departure() -> None:
    assert ChangeCosts.flat(70).prices == (70, 70, 70, 0)
    assert ChangeCosts.flat(None).prices == (None, None, None, None)
    assert ChangeCosts.flat(5, tolerance_s=60).tolerance_s == 60


def test_pins_that_hold_nothing_are_none() -> None:
    assert not Pins()
    assert Pins(stops=frozenset({"gate"}))


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="max_changed_riders"):
        Changes(running=town_plan(), departures={}, max_changed_riders=-1)


@pytest.mark.parametrize(
    ("given", "must"),
    [
        ({}, False),
        ({"costs": ChangeCosts(other_line=None)}, True),
        ({"costs": ChangeCosts(line_closed=None)}, True),
        ({"costs": ChangeCosts(other_stop=None)}, False),
        ({"pins": Pins(lines=frozenset({"a"}))}, True),
        ({"pins": Pins(lines=frozenset({"b"}))}, False),
    ],
)
def test_a_line_must_run_where_closing_it_is_forbidden(given: dict[str, Any], must: bool) -> None:
    changes = Changes(running=town_plan(), departures={}, **given)
    assert changes.must_run("a") is must
    assert not changes.must_run("a line that never ran")
