"""Plan documents are written as the contract says, and come back as they were."""

import json
from pathlib import Path
from typing import Any

import pytest

from routing.formats.document import PlanDocument
from routing.formats.plan_json import json_bytes, plan_json, plan_mapping
from routing.formats.plan_reader import read_plan
from routing.model.units import format_clock


def test_a_document_comes_back_as_it_was(document: PlanDocument, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(plan_json(document))
    again = read_plan(path)
    assert again == document
    assert plan_json(again) == path.read_bytes()


def test_a_document_comes_back_over_http_too(document: PlanDocument) -> None:
    """A parsed body is read like a file."""
    assert read_plan(json.loads(plan_json(document))) == document


def test_keys_are_those_of_the_contract(document: PlanDocument) -> None:
    content = plan_mapping(document)
    keys = "api_version plan_id scenario lines stops assignments blocks unserved summary"
    assert set(keys.split()) <= set(content)
    line = content["lines"][0]
    trip = line["trips"][0]
    assert {"line_id", "name", "trips"} <= set(line)
    assert {"trip_id", "direction", "shift_ids", "vehicle_type_id", "stops"} <= set(trip)
    assert {"stop_id", "arrive", "depart", "board", "alight"} <= set(trip["stops"][0])
    assert {"stop_id", "place_id", "name", "lon", "lat"} <= set(content["stops"][0])
    assert {"block_id", "vehicle_type_id", "depot_id", "trip_ids"} <= set(content["blocks"][0])
    assert {"rider_id", "direction", "reason", "relaxation"} <= set(content["unserved"][0])
    seat = "rider_id direction trip_id board_stop_id alight_stop_id walk_m ride_s"
    assert set(seat.split()) <= set(content["assignments"][0])


def test_values_are_those_of_the_contract(document: PlanDocument) -> None:
    content = plan_mapping(document)
    directions = {trip["direction"] for line in content["lines"] for trip in line["trips"]}
    assert directions == {"inbound", "outbound"}
    assert [u["reason"] for u in content["unserved"]] == ["no_stop_in_walk", "unknown"]
    assert content["unserved"][0]["relaxation"]["kind"] == "walk"
    assert content["unserved"][1]["relaxation"] is None
    assert content["synthetic"] is True
    assert "OpenStreetMap" in content["attribution"]


def test_clock_times_pass_midnight(document: PlanDocument) -> None:
    """The night shift goes home at 32:00, not at 08:00 of the same day."""
    night = next(
        trip for line in plan_mapping(document)["lines"] for trip in line["trips"] if trip["trip_id"] == "L3-outbound"
    )
    assert night["stops"][0]["depart"] == "32:10:00"
    assert night["stops"][-1]["arrive"] > "32:30:00"


def test_chinese_is_written_as_such_and_items_stand_on_lines_of_their_own(document: PlanDocument) -> None:
    text = plan_json(document).decode()
    assert "星海广场" in text
    assert text.endswith("\n}\n")
    assert len(text.splitlines()) > len(document.plan.assignments)
    assert plan_json(document) == plan_json(document)


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"gap": float("nan")})


@pytest.mark.parametrize("content", [{}, {"a": []}, {"a": [1, {"b": "二"}], "c": {"d": None}, "e": "x\ny"}])
def test_the_layout_changes_nothing(content: dict[str, Any]) -> None:
    assert json.loads(json_bytes(content)) == content


def test_clock_text_of_a_call_is_the_schedule(document: PlanDocument) -> None:
    call = plan_mapping(document)["lines"][0]["trips"][0]["stops"][1]
    arrive = document.trips[0].calls[1].arrive
    assert arrive is not None
    assert call["arrive"] == format_clock(arrive)
