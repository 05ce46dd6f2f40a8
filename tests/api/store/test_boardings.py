"""Boardings as rows, and the sums that planning learns from."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.store import Store
from api.store.boardings import Boarding, TripCounts, count_trips, record_boardings
from api.store.seating import boardings, bookings
from api.store.states import BoardingKind, BookingState
from tests.api.conftest import NOON
from tests.api.town_service import FRIDAY, THURSDAY, publish

BOARDED, ALIGHTED, NO_SHOW = BoardingKind.BOARDED, BoardingKind.ALIGHTED, BoardingKind.NO_SHOW


@pytest.fixture
def plan_id(store: Store) -> str:
    return store.transact(publish)


def book(connection: Connection, plan_id: str, booking_id: str, **given: Any) -> None:
    row = {
        "booking_id": booking_id, "service": "town", "key_id": "key", "state": BookingState.CONFIRMED,
        "plan_id": plan_id, "line_id": "a", "trip_id": "t1", "service_date": THURSDAY, "board_stop_id": "s0",
        "alight_stop_id": "s1", "first_segment": 0, "end_segment": 1, "seats": 1, "created_at": NOON,
        "changed_at": NOON,
    }  # fmt: skip
    connection.execute(sa.insert(bookings).values(row | given))


def record(connection: Connection, *records: Boarding) -> list[int]:
    return record_boardings(connection, "town", "key", records, NOON + 5)


def one(kind: BoardingKind = BOARDED, **given: Any) -> Boarding:
    return Boarding(**{"trip_id": "t1", "service_date": THURSDAY, "kind": kind} | given)


def counts(
    connection: Connection, first: dt.date = THURSDAY, last: dt.date = FRIDAY, **given: Any
) -> tuple[TripCounts, ...]:
    return count_trips(connection, "town", first, last, **given)


def state(connection: Connection, booking_id: str) -> tuple[str, int]:
    row = connection.execute(sa.select(bookings).where(bookings.c.booking_id == booking_id)).one()
    return row.state, row.version


def test_records_are_summed_by_trip_date_and_kind(store: Store) -> None:
    with store.write() as connection:
        assert record(connection, one(people=3), one(people=2), one(ALIGHTED), one(NO_SHOW), one(trip_id="t2")) == []
        assert counts(connection) == (
            TripCounts(trip_id="t1", service_date=THURSDAY, boarded=5, alighted=1, no_show=1),
            TripCounts(trip_id="t2", service_date=THURSDAY, boarded=1),
        )


def test_bookings_count_people_by_what_became_of_them(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        for number, kept in enumerate(BookingState):
            book(connection, plan_id, f"b{number}", state=kept, seats=10**number)
        (found,) = counts(connection)
    assert (found.booked, found.cancelled) == (1 + 100 + 1_000, 10)


def test_only_the_dates_service_and_trip_asked_for_are_counted(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        book(connection, plan_id, "b1")
        book(connection, plan_id, "b2", service_date=FRIDAY, trip_id="t2")
        book(connection, plan_id, "b3", service="harbour")
        assert [(c.trip_id, c.service_date, c.booked) for c in counts(connection)] == [
            ("t1", THURSDAY, 1),
            ("t2", FRIDAY, 1),
        ]
        assert [c.trip_id for c in counts(connection, last=THURSDAY)] == ["t1"]
        assert [c.trip_id for c in counts(connection, trip_id="t2")] == ["t2"]
        assert counts(connection, FRIDAY + dt.timedelta(days=1), FRIDAY + dt.timedelta(days=9)) == ()


@pytest.mark.parametrize(
    ("kind", "after"),
    [(BOARDED, ("boarded", 2)), (NO_SHOW, ("no_show", 2)), (ALIGHTED, ("confirmed", 1))],
)
def test_a_booking_becomes_what_its_record_tells(
    store: Store, plan_id: str, kind: BoardingKind, after: tuple[str, int]
) -> None:
    with store.write() as connection:
        book(connection, plan_id, "b1")
        record(connection, one(kind, booking_id="b1"))
        assert state(connection, "b1") == after


def test_a_cancelled_booking_stays_cancelled_though_somebody_boards_with_it(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        book(connection, plan_id, "b1", state=BookingState.CANCELLED)
        assert record(connection, one(booking_id="b1")) == []
        assert state(connection, "b1") == ("cancelled", 1)
        assert counts(connection)[0].boarded == 1


def test_who_is_reported_missing_and_boards_after_all_has_boarded(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        book(connection, plan_id, "b1")
        record(connection, one(NO_SHOW, booking_id="b1"))
        record(connection, one(booking_id="b1"))
        assert state(connection, "b1") == ("boarded", 3)


def test_records_of_other_trips_dates_or_services_name_no_booking(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        book(connection, plan_id, "b1")
        book(connection, plan_id, "b2", service="harbour")
        wrong = record(
            connection,
            one(booking_id="b1"),
            one(booking_id="b1", trip_id="t2"),
            one(booking_id="b1", service_date=FRIDAY),
            one(booking_id="b2"),
            one(booking_id="none"),
        )
        assert wrong == [1, 2, 3, 4]
        assert connection.execute(sa.select(sa.func.count()).select_from(boardings)).scalar_one() == 0
        assert state(connection, "b1") == ("confirmed", 1)
