"""Riders' demand: written whole, read with the right key alone, and forgotten when asked."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from api.errors import ApiError
from api.sealing import Sealer
from api.store import Store
from api.store.audit import read_audit
from api.store.riders import RiderRecord, erase_rider, find_rider, list_riders, upsert_riders
from api.store.seating import bookings, riders
from tests.api.samples import DEED, SEALER

ANNA = RiderRecord(
    service="town", rider_id="anna", lon=121.65111, lat=38.923008, worksite_id="park", shift_id="day", need="short_walk"
)


def test_a_rider_is_read_as_written_and_counts_versions(store: Store) -> None:
    with store.write() as connection:
        assert upsert_riders(connection, SEALER, [ANNA], DEED) == {"anna": 1}
        assert find_rider(connection, SEALER, "town", "anna") == replace(ANNA, changed_at=DEED.at)
        moved = replace(ANNA, lon=121.7, need="", days="1111111")
        assert upsert_riders(connection, SEALER, [moved], DEED) == {"anna": 2}
        assert find_rider(connection, SEALER, "town", "anna") == replace(moved, version=2, changed_at=DEED.at)


def test_many_riders_are_written_at_once_and_the_last_word_counts(store: Store) -> None:
    many = [replace(ANNA, rider_id=f"r{n:04}") for n in range(1_200)]
    with store.write() as connection:
        upsert_riders(connection, SEALER, many[:600], DEED)
        versions = upsert_riders(connection, SEALER, [*many, replace(many[0], count=3)], DEED)
        assert (versions["r0000"], versions["r0599"], versions["r0600"]) == (3, 2, 1)
        found = list_riders(connection, SEALER, "town")
        assert len(found) == 1_200
        assert found[0].count == 3
        assert upsert_riders(connection, SEALER, [], DEED) == {}


def test_neither_home_nor_need_can_be_read_in_the_table(store: Store) -> None:
    with store.write() as connection:
        upsert_riders(connection, SEALER, [ANNA], DEED)
        row = connection.execute(sa.select(riders)).one()
        assert b"121.6" not in row.sealed
        assert b"short_walk" not in row.sealed
        assert "short_walk" not in "".join(map(str, row))
        with pytest.raises(ApiError):
            find_rider(connection, Sealer({"test": b"1" * 32}), "town", "anna")


def test_a_home_in_another_riders_row_does_not_open(store: Store) -> None:
    with store.write() as connection:
        upsert_riders(connection, SEALER, [ANNA, replace(ANNA, rider_id="ben")], DEED)
        stolen = connection.execute(sa.select(riders.c.sealed).where(riders.c.rider_id == "anna")).scalar_one()
        connection.execute(sa.update(riders).where(riders.c.rider_id == "ben").values(sealed=stolen))
        with pytest.raises(ApiError) as refused:
            find_rider(connection, SEALER, "town", "ben")
    assert refused.value.code == "data_key_wrong"


def test_a_rider_who_is_erased_is_named_nowhere(store: Store) -> None:
    booking = {
        "booking_id": "book_1", "service": "town", "key_id": "k", "rider_id": "anna", "state": "confirmed",
        "plan_id": "p", "line_id": "L1", "trip_id": "t", "service_date": dt.date(2026, 11, 23),
        "board_stop_id": "a", "alight_stop_id": "b", "first_segment": 0, "end_segment": 1,
        "created_at": 0, "changed_at": 0,
    }  # fmt: skip
    with store.write() as connection:
        upsert_riders(connection, SEALER, [ANNA], DEED)
        connection.execute(sa.insert(bookings).values(**booking))
        erase_rider(connection, SEALER, "town", "anna", DEED)
        assert list_riders(connection, SEALER, "town") == ()
        assert connection.execute(sa.select(bookings.c.rider_id)).scalar_one() is None
        told = "".join(f"{entry.subject} {entry.details}" for entry in read_audit(connection))
        assert "anna" not in told
        with pytest.raises(ApiError) as refused:
            erase_rider(connection, SEALER, "town", "anna", DEED)
    assert refused.value.code == "not_found"
