"""Foreign plan documents are read with what they have; what is wrong in them is told with a JSON pointer."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import Fault, InputError
from routing.evaluate import evaluate
from routing.formats.document import PlanDocument
from routing.formats.plan_json import plan_mapping
from routing.formats.plan_reader import read_plan
from routing.model.demand import WORKDAYS, Direction
from routing.model.plan import Plan, Reason, Relaxation
from routing.model.problem import Problem
from tests.formats.unhurried import UNHURRIED

MINIMAL: dict[str, Any] = {
    "lines": [
        {
            "line_id": "L1",
            "trips": [
                {
                    "trip_id": "T1",
                    "direction": "inbound",
                    "shift_ids": ["day"],
                    "vehicle_type_id": "bus19",
                    "stops": [{"stop_id": "P1a", "depart": "07:30"}, {"stop_id": "W1"}],
                }
            ],
        }
    ],
    "assignments": [
        {"rider_id": "R1", "direction": "inbound", "trip_id": "T1", "board_stop_id": "P1a", "alight_stop_id": "W1"}
    ],
}


def faults_of(source: Path | dict[str, Any]) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        read_plan(source)
    return caught.value.faults


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the minimal document with one member, given by its pointer, set or (for ...) taken away."""
    document = copy.deepcopy(MINIMAL)
    *parents, last = path.strip("/").split("/")
    place: Any = document
    for key in parents:
        place = place[int(key) if isinstance(place, list) else key]
    if value is ...:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return document


def test_a_minimal_foreign_document_is_read() -> None:
    """Blocks, stops, summary, names, arrivals and loads may all be missing."""
    document = read_plan(MINIMAL)
    (line,) = document.plan.lines
    (trip,) = line.trips
    assert (line.name, trip.departure, trip.stop_ids) == ("L1", 27_000, ("P1a", "W1"))
    assert document.plan.assignments[0].direction is Direction.INBOUND
    assert (document.plan.blocks, document.plan.unserved, document.stops, document.summary) == ((), (), (), {})
    assert (document.trips[0].days, document.trips[0].riders, document.trips[0].path) == (WORKDAYS, 0, ())
    assert document.declared == {"lines", "assignments"}
    assert document.plan_id.startswith("plan_")


def test_unknown_keys_are_ignored() -> None:
    document = changed("/lines/0/trips/0/colour", "red")
    document |= {"x_vendor": {"a": 1}, "summary": {"riders": 1, "x": [1]}}
    assert read_plan(document).plan == read_plan(MINIMAL).plan


def test_null_is_the_same_as_absent() -> None:
    document = changed("/lines/0/trips/0/stops/1/arrive", None)
    document |= {"blocks": None, "unserved": None, "summary": None, "plan_id": None, "stops": None}
    assert read_plan(document) == read_plan(MINIMAL)


def test_a_foreign_reason_is_not_repeated_as_if_it_were_checked() -> None:
    unserved = [{"rider_id": "R9", "direction": "outbound", "reason": "too lazy", "relaxation": "ask again"}]
    (missing,) = read_plan(MINIMAL | {"unserved": unserved}).plan.unserved
    assert missing.reason is Reason.UNKNOWN
    assert missing.relaxation is not None
    assert missing.relaxation.text == "ask again"


def test_stops_say_whether_they_are_worksites() -> None:
    stops = [
        {"stop_id": "W1", "place_id": "W1", "name": "园区", "lon": 121.5, "lat": 38.9},
        {"stop_id": "P1a", "place_id": "P1", "lon": 121, "lat": 38},
        {"stop_id": "P2", "place_id": "P2", "lon": 121, "lat": 38, "kind": "stop"},
    ]
    document = read_plan(MINIMAL | {"stops": stops})
    assert [stop.worksite for stop in document.stops] == [True, False, False]
    assert document.stops[1].name == "P1a"


@pytest.mark.parametrize("version", ["v1", "1", 1, "1.4", None])
def test_this_version_is_read(version: object) -> None:
    assert read_plan(MINIMAL | {"api_version": version}).plan == read_plan(MINIMAL).plan


def test_another_version_is_refused() -> None:
    (fault,) = faults_of(MINIMAL | {"api_version": "v2"})
    assert (fault.column, fault.value, fault.code) == ("/api_version", "v2", "unsupported_version")


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/lines", ..., "missing_value"),
        ("/assignments", ..., "missing_value"),
        ("/lines", {"L1": []}, "wrong_type"),
        ("/lines/0", "L1", "wrong_type"),
        ("/lines/0/line_id", ..., "missing_value"),
        ("/lines/0/line_id", 1, "wrong_type"),
        ("/lines/0/trips/0/trip_id", "", "missing_value"),
        ("/lines/0/trips/0/direction", "to work", "bad_choice"),
        ("/lines/0/trips/0/direction", ..., "missing_value"),
        ("/lines/0/trips/0/vehicle_type_id", ..., "missing_value"),
        ("/lines/0/trips/0/shift_ids", "day", "wrong_type"),
        ("/lines/0/trips/0/shift_ids", [1], "wrong_type"),
        ("/lines/0/trips/0/days", "Mo-Fr", "bad_days"),
        ("/lines/0/trips/0/distance_m", "far", "wrong_type"),
        ("/lines/0/trips/0/path", "_", "bad_polyline"),
        ("/lines/0/trips/0/stops", [], "missing_value"),
        ("/lines/0/trips/0/stops/1/stop_id", ..., "missing_value"),
        ("/lines/0/trips/0/stops/1/arrive", "8h", "bad_clock"),
        ("/lines/0/trips/0/stops/1/arrive", 29_000, "bad_clock"),
        ("/lines/0/trips/0/stops/1/board", 1.5, "wrong_type"),
        ("/lines/0/trips/0/stops/1/board", True, "wrong_type"),
        ("/lines/0/trips/0/stops/1/board", float("nan"), "wrong_type"),
        ("/assignments/0/rider_id", ..., "missing_value"),
        ("/assignments/0/direction", "IN", "bad_choice"),
        ("/assignments/0/walk_m", "10", "wrong_type"),
    ],
)
def test_a_fault_is_told_with_its_pointer(pointer: str, value: object, code: str) -> None:
    (fault,) = faults_of(changed(pointer, value))
    assert (fault.column, fault.code) == (pointer, code)


def test_a_trip_without_a_departure_cannot_be_scheduled() -> None:
    (fault,) = faults_of(changed("/lines/0/trips/0/stops/0/depart", ...))
    assert (fault.column, fault.code) == ("/lines/0/trips/0/stops/0/depart", "missing_value")


@pytest.mark.parametrize(
    ("stop", "column"),
    [
        ({"stop_id": "S", "lon": 200, "lat": 0}, "/stops/0/lon"),
        ({"stop_id": "S", "lon": 20, "lat": float("nan")}, "/stops/0/lat"),
        ({"stop_id": "S", "lon": 20}, "/stops/0/lat"),
        ({"stop_id": "S", "lon": "20", "lat": 1}, "/stops/0/lon"),
        ({"lon": 20, "lat": 1}, "/stops/0/stop_id"),
    ],
)
def test_a_stop_without_a_place_on_earth_is_told(stop: dict[str, object], column: str) -> None:
    (fault,) = faults_of(MINIMAL | {"stops": [stop]})
    assert fault.column == column


def test_every_fault_is_told_at_once() -> None:
    document = changed("/lines/0/trips/0/direction", "sideways")
    document["assignments"][0] = {"rider_id": 5}
    found = {fault.column for fault in faults_of(document)}
    assert found == {
        "/lines/0/trips/0/direction",
        "/assignments/0/direction",
        "/assignments/0/rider_id",
        "/assignments/0/trip_id",
        "/assignments/0/board_stop_id",
        "/assignments/0/alight_stop_id",
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"{", "unreadable_json"),
        (b"[]", "unreadable_json"),
        (b"null", "unreadable_json"),
        (b"[" * 100_000, "unreadable_json"),
        ('{"scenario": "大连"}'.encode("gbk"), "wrong_encoding"),
    ],
)
def test_a_file_that_is_no_document_is_told(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    (fault,) = faults_of(path)
    assert (fault.file, fault.code) == ("plan.json", code)


def test_broken_json_tells_its_line(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{\n"lines": [\n}\n')
    (fault,) = faults_of(path)
    assert fault.row == 3


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "plan.json")
    assert fault.code == "missing_file"


def test_a_foreign_document_can_be_judged(problem: Problem, document: PlanDocument, plan: Plan) -> None:
    """With decisions alone, the judge finds the same cost as with everything declared."""
    content = plan_mapping(document)
    for key in ("summary", "stops", "vehicle_types", "unserved"):
        del content[key]
    for line in content["lines"]:
        for trip in line["trips"]:
            trip["stops"] = [{"stop_id": s["stop_id"], "depart": s["depart"]} for s in trip["stops"]]
    foreign = evaluate(problem, read_plan(json.loads(json.dumps(content))).plan)
    assert foreign.cost_fen == evaluate(problem, plan).cost_fen


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["lines", "trips", "stops", "assignments", "line_id", "direction", "depart", "summary"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@UNHURRIED
@given(content=st.dictionaries(st.sampled_from(["lines", "assignments", "stops", "blocks", "summary"]), JSON_VALUES))
def test_any_json_object_is_a_document_or_a_list_of_faults(content: dict[str, Any]) -> None:
    try:
        document = read_plan(content)
    except InputError:
        return
    assert len(document.trips) == len(list(document.plan.trips()))


def test_a_second_change_that_a_relaxation_needs_is_read() -> None:
    also = {"kind": "neighbours", "amount": 2, "unit": "riders", "text": "2 more riders", "also": {"kind": "walk"}}
    relaxation = {"kind": "vehicles", "amount": 1, "unit": "vehicles", "text": "one more", "also": also}
    unserved = [{"rider_id": "R9", "direction": "outbound", "reason": "no_vehicle_left", "relaxation": relaxation}]
    (missing,) = read_plan(MINIMAL | {"unserved": unserved}).plan.unserved
    assert missing.relaxation is not None
    assert missing.relaxation.also == Relaxation(
        kind="neighbours", amount=2, unit="riders", text="2 more riders"
    )  # a third one there is not
