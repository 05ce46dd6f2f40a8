"""Boardings and no-shows in, counts out."""

from typing import Any

import sqlalchemy as sa

from api.desk import Desk
from api.store.seating import bookings
from tests.api.calls import Http
from tests.api.test_holds import act, hold
from tests.api.town_service import FRIDAY, THURSDAY, open_town

RECORD = {"trip_id": "a_in", "service_date": THURSDAY.isoformat(), "kind": "boarded"}


def booking_ids(desk: Desk) -> dict[str, str]:
    with desk.store.read() as connection:
        return dict(connection.execute(sa.select(bookings.c.trip_id, bookings.c.booking_id)).all())


def counts(http: Http, **more: str) -> list[dict[str, Any]]:
    answer = http.get("/v1/counts", params={"from": THURSDAY.isoformat(), "to": FRIDAY.isoformat()} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()["trips"]


def record(http: Http, *records: dict[str, Any]) -> Any:
    return http.post("/v1/boardings", json={"records": list(records)})


def test_counts_tell_who_booked_boarded_and_stayed_away(http: Http, desk: Desk) -> None:
    open_town(desk)
    act(http, hold(http), "confirm")
    answer = record(http, RECORD | {"people": 2, "stop_id": "gate_in"}, RECORD | {"kind": "no_show"})
    assert (answer.status_code, answer.json()) == (201, {"recorded": 2})
    day = {"service_date": THURSDAY.isoformat(), "cancelled": 0, "alighted": 0}
    assert counts(http) == [
        day | {"trip_id": "a_in", "booked": 1, "boarded": 2, "no_show": 1},
        day | {"trip_id": "a_out", "booked": 1, "boarded": 0, "no_show": 0},
    ]
    assert [row["trip_id"] for row in counts(http, trip_id="a_out")] == ["a_out"]


def test_a_booking_that_is_named_becomes_boarded_or_missed(http: Http, desk: Desk) -> None:
    open_town(desk)
    act(http, hold(http), "confirm")
    ids = booking_ids(desk)
    missed = RECORD | {"trip_id": "a_out", "kind": "no_show", "booking_id": ids["a_out"]}
    assert record(http, RECORD | {"booking_id": ids["a_in"]}, missed).status_code == 201
    with desk.store.read() as connection:
        states = dict(connection.execute(sa.select(bookings.c.trip_id, bookings.c.state)).all())
    assert states == {"a_in": "boarded", "a_out": "no_show"}
    assert [row["booked"] for row in counts(http)] == [1, 1]


def test_cancelled_bookings_are_counted_apart(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    act(http, held, "confirm")
    act(http, held, "release")
    assert [(row["booked"], row["cancelled"]) for row in counts(http)] == [(0, 1), (0, 1)]


def test_a_ride_that_was_taken_is_not_cancelled_any_more(http: Http, desk: Desk) -> None:
    """Released after the way there: the way home alone is given back."""
    open_town(desk)
    held = hold(http)
    act(http, held, "confirm")
    record(http, RECORD | {"booking_id": booking_ids(desk)["a_in"]})
    act(http, held, "release")
    assert [(row["trip_id"], row["booked"], row["cancelled"]) for row in counts(http)] == [
        ("a_in", 1, 0),
        ("a_out", 0, 1),
    ]


def test_records_of_unknown_bookings_are_refused_all_at_once_and_none_is_written(http: Http, desk: Desk) -> None:
    open_town(desk)
    act(http, hold(http), "confirm")
    other_trip = RECORD | {"booking_id": booking_ids(desk)["a_out"]}
    answer = record(http, RECORD, other_trip, RECORD | {"booking_id": "booking_none"})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/records/1/booking_id", "/records/2/booking_id"]
    assert [row["boarded"] for row in counts(http)] == [0, 0]


def test_a_span_that_is_none_is_refused(http: Http, desk: Desk) -> None:
    open_town(desk)
    for last in ("2023-11-01", "2024-11-01"):
        answer = http.get("/v1/counts", params={"from": THURSDAY.isoformat(), "to": last})
        assert answer.status_code == 422
