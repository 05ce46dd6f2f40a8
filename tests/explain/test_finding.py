"""Findings as they stand in a plan document."""

import pytest

from routing.explain.finding import UNITS, Finding, dearer
from routing.explain.remedy import Remedy
from tests.cases import IN, OUT, seats


def finding(kind: str, *, opens: bool = False) -> Finding:
    own = seats("ann", "a", "gate", "north")
    return Finding(kind=kind, amount=7, share=0.1, text="So.", seats=own, remedy=Remedy(), opens=opens)


@pytest.mark.parametrize(("kind", "unit"), list(UNITS.items()))
def test_every_kind_has_its_unit(kind: str, unit: str) -> None:
    told = finding(kind).relaxation(IN)
    assert (told.kind, told.amount, told.unit, told.text) == (kind, 7, unit, "So.")


def test_each_direction_names_its_own_trip_and_stop() -> None:
    told = [finding("walk").relaxation(way) for way in (IN, OUT)]
    assert [(r.trip_id, r.board_stop_id) for r in told] == [("a_in", "gate_in"), ("a_out", "north")]


def test_a_trip_that_does_not_run_yet_is_not_named() -> None:
    told = finding("neighbours", opens=True).relaxation(IN)
    assert (told.trip_id, told.board_stop_id) == (None, "gate_in")


@pytest.mark.parametrize(
    ("fen", "text"), [(1, "0.01 yuan a day more"), (-123_456, "1,234.56 yuan a day less"), (0, "0.00 yuan a day less")]
)
def test_money_is_told_in_yuan(fen: int, text: str) -> None:
    assert dearer(fen) == text
