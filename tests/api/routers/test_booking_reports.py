"""Seats, boardings, counts, waiting places and wishes over HTTP, from their refusing side."""

from pathlib import Path
from typing import Any

import pytest

from api.desk import Desk
from api.store.audit import read_audit
from tests.api.calls import Http
from tests.api.conftest import key
from tests.api.databases import copied
from tests.api.problems import refused
from tests.api.town_service import FRIDAY, INBOUND, SATURDAY, THURSDAY, open_town, put_up

DAY = THURSDAY.isoformat()
RECORD: dict[str, Any] = {"trip_id": "a_in", "service_date": DAY, "kind": "boarded"}
WAIT: dict[str, Any] = INBOUND | {"date": DAY}
WISH: dict[str, Any] = {"stop_id": "quay", "worksite_id": "north", "shift_id": "early"}
HOME = "/home"
SEATS = "/v1/trips/a_in/seats"
COUNTS = "/v1/counts"


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of a database on SQLite alone: the store's own tests cover both."""
    return copied(file, tmp_path)


@pytest.fixture
def town(http: Http, desk: Desk) -> Http:
    open_town(desk)
    return http


@pytest.mark.parametrize(
    ("path", "query", "pointers"),
    [
        (SEATS, {}, ["query:date"]),
        (SEATS, {"date": "thursday"}, ["query:date"]),
        (SEATS, {"date": DAY, "service": "a/b"}, ["query:service"]),
        (SEATS, {"date": DAY, "service": "village"}, ["/service"]),
        (COUNTS, {}, ["query:from", "query:to"]),
        (COUNTS, {"from": DAY}, ["query:to"]),
        (COUNTS, {"from": FRIDAY.isoformat(), "to": DAY}, ["query:to"]),
        (COUNTS, {"from": "2023-01-01", "to": "2023-04-03"}, ["query:to"]),
        (COUNTS, {"from": "0001-01-01", "to": "9999-12-31"}, ["query:to"]),
        (COUNTS, {"from": DAY, "to": DAY, "trip_id": ""}, ["query:trip_id"]),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    town: Http, path: str, query: dict[str, str], pointers: list[str]
) -> None:
    refused(town.get(path, params=query), 422, "invalid_request", *pointers)


def test_counts_of_as_many_days_as_allowed_are_told(town: Http) -> None:
    answer = town.get(COUNTS, params={"from": "2023-01-01", "to": "2023-04-02"})
    assert (answer.status_code, answer.json()) == (200, {"service": "town", "trips": []})


def test_seats_at_the_end_of_time_are_those_of_the_last_plan(town: Http) -> None:
    told = town.get(SEATS, params={"date": "9999-12-31"}).json()
    assert (told["runs"], told["seats_left"]) == (True, 1)


def test_seats_before_the_first_plan_are_nobodys(town: Http) -> None:
    refused(town.get(SEATS, params={"date": "2023-11-14"}), 404, "nothing_published")


@pytest.mark.parametrize(
    ("records", "pointers"),
    [
        ([], ["/records"]),
        ([RECORD | {"people": 0}], ["/records/0/people"]),
        ([RECORD | {"people": 501}], ["/records/0/people"]),
        ([RECORD, RECORD | {"kind": "slept"}], ["/records/1/kind"]),
        ([RECORD | {"service_date": "soon", "trip_id": ""}], ["/records/0/service_date", "/records/0/trip_id"]),
        ([RECORD | {"name": "Anna"}], ["/records/0/name"]),
        ([RECORD] * 2_001, ["/records"]),
    ],
)
def test_faults_of_records_are_told_and_nothing_is_written(
    town: Http, records: list[dict[str, Any]], pointers: list[str]
) -> None:
    refused(town.post("/v1/boardings", json={"records": records}), 422, "invalid_request", *pointers)
    assert town.get(COUNTS, params={"from": DAY, "to": DAY}).json()["trips"] == []


def test_records_sent_again_under_one_key_count_once(town: Http) -> None:
    for _ in range(3):
        answer = town.post("/v1/boardings", json={"records": [RECORD]}, headers={"Idempotency-Key": "k"})
        assert answer.json() == {"recorded": 1}
    (row,) = town.get(COUNTS, params={"from": DAY, "to": DAY}).json()["trips"]
    assert row["boarded"] == 1


@pytest.mark.parametrize(
    ("change", "status", "code", "pointers"),
    [
        ({"date": SATURDAY.isoformat()}, 422, "invalid_request", ["/dates/0"]),
        ({"date": "2023-11-14"}, 422, "invalid_request", ["/dates/0"]),
        ({"board_stop_id": "quay"}, 422, "invalid_request", ["/legs/0/board_stop_id"]),
        ({"count": 0}, 422, "invalid_request", ["/count"]),
        ({"dates": [DAY]}, 422, "invalid_request", ["/dates"]),
        ({"trip_id": "ghost"}, 409, "trip_gone", []),
        ({"service": "village"}, 422, "invalid_request", ["/service"]),
    ],
)
def test_a_wait_for_what_cannot_be_is_refused(
    town: Http, change: dict[str, Any], status: int, code: str, pointers: list[str]
) -> None:
    refused(town.post("/v1/waiting", json=WAIT | change), status, code, *pointers)


def test_a_place_that_is_not_there_is_neither_told_nor_left_nor_noted(town: Http, desk: Desk) -> None:
    refused(town.get("/v1/waiting/wait_none"), 404, "not_found")
    refused(town.delete("/v1/waiting/wait_none"), 404, "not_found")
    with desk.store.read() as connection:
        assert read_audit(connection, subject="wait_none") == ()


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"days": "0000000"}, ["/days"]),
        ({"days": "111110"}, ["/days"]),
        ({"days": "11111002"}, ["/days"]),
        ({"need": "wings"}, ["/need"]),
        ({"worksite_id": "moon"}, ["/worksite_id"]),
        ({"shift_id": "noon"}, ["/shift_id"]),
        ({"stop_id": "nowhere"}, ["/stop_id"]),
        ({"home": {"lon": 181, "lat": "x"}}, [f"{HOME}/{name}" for name in ("lon", "lat", "crs")]),
        ({"home": {"lon": 1, "lat": 1, "crs": "wgs84"}}, [""]),
        ({"stop_id": None}, [""]),
        ({"stop_id": None, "home": {"lon": -180, "lat": 0, "crs": "bd09"}}, ["/home"]),
    ],
)
def test_faults_of_a_wish_are_told_where_they_stand(town: Http, change: dict[str, Any], pointers: list[str]) -> None:
    refused(town.post("/v1/wishes", json=WISH | change), 422, "invalid_request", *pointers)


def test_a_wish_under_one_key_is_registered_once(town: Http) -> None:
    first, again = (town.post("/v1/wishes", json=WISH, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == f"/v1/wishes/{first.json()['wish_id']}"


def test_a_wish_that_is_not_there_is_neither_told_nor_withdrawn(town: Http) -> None:
    refused(town.get("/v1/wishes/wish_none"), 404, "not_found")
    refused(town.delete("/v1/wishes/wish_none"), 404, "not_found")


CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", SEATS, {"params": {"date": DAY}}),
    ("GET", COUNTS, {"params": {"from": DAY, "to": DAY}}),
    ("POST", "/v1/boardings", {"json": {"records": [RECORD]}}),
    ("POST", "/v1/waiting", {"json": WAIT}),
    ("GET", "/v1/waiting/wait_none", {}),
    ("DELETE", "/v1/waiting/wait_none", {}),
    ("POST", "/v1/wishes", {"json": WISH}),
    ("GET", "/v1/wishes/wish_none", {}),
    ("DELETE", "/v1/wishes/wish_none", {}),
    ("POST", "/v1/offers", {"json": WISH}),
]


def test_only_keys_for_booking_ask_or_report(town: Http, desk: Desk) -> None:
    for scope in ("plan:read", "plan:write", "pii:read"):
        weak = key(desk.store, scope)
        for method, path, more in CALLS:
            refused(town.request(method, path, headers=weak, **more), 403, "scope_missing")


def test_before_anything_is_published_nobody_asks_or_reports(http: Http, desk: Desk) -> None:
    asked = [call for call in CALLS if "_none" not in call[1]]
    for method, path, more in asked:
        refused(http.request(method, path, **more), 503, "not_ready")
    put_up(desk)
    for method, path, more in asked:
        refused(http.request(method, path, **more), 404, "nothing_published")
