"""Plans, progress and results: plain values under stable names."""

import dataclasses

import pytest

from routing.model.plan import Plan, Reason, Relaxation, Unserved
from routing.model.result import Progress, SearchResult, Status
from tests.cases import IN, town_plan


def test_trips_come_with_their_line_in_order() -> None:
    told = [(line.line_id, trip.trip_id) for line, trip in town_plan().trips()]
    assert told == [("a", "a_in"), ("a", "a_out"), ("b", "b_in"), ("b", "b_out")]
    assert list(Plan().trips()) == []


def test_a_plan_is_a_value() -> None:
    """Equal by content, usable as a key, and not to be written into."""
    assert town_plan() == town_plan()
    assert hash(town_plan()) == hash(town_plan())
    with pytest.raises(dataclasses.FrozenInstanceError):
        town_plan().lines = ()  # type: ignore[misc]


def test_reasons_are_written_as_the_plan_document_writes_them() -> None:
    assert {r.value for r in Reason} == {
        "no_stop_in_walk",
        "ride_too_long",
        "too_few_neighbours",
        "no_vehicle_large_enough",
        "no_vehicle_left",
        "budget_spent",
        "costs_more_than_leaving",
        "unknown",
    }


def test_a_relaxation_may_name_no_trip() -> None:
    relaxation = Relaxation(kind="neighbours", amount=3, unit="riders", text="3 more riders would open a line.")
    entry = Unserved(rider_id="fay", direction=IN, reason=Reason.TOO_FEW_NEIGHBOURS, relaxation=relaxation)
    assert entry.relaxation is not None
    assert entry.relaxation.trip_id is None


def test_progress_needs_a_phase_and_a_share_only() -> None:
    assert Progress(phase="roads", done=0.5).cost_fen is None


def test_a_search_may_know_no_bound() -> None:
    result = SearchResult(plan=Plan(), status=Status("finished"), seed=1, iterations=0, runtime_s=0.0)
    assert result.lower_bound is None
    assert Status.INTERRUPTED.value == "interrupted"
