"""Seats as rows: made when first asked for, taken and given back exactly, locked in one order, found by index."""

import datetime as dt
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection

from api.store import Store
from api.store.seating import hold_seats, segment_seats, trip_days, waiting
from api.store.seats import (
    Key,
    SegmentCount,
    TripDay,
    any_of,
    count_seats,
    find_full,
    give_back,
    key_values,
    lock_days,
    open_days,
    take,
)
from tests.api.town_service import FRIDAY, THURSDAY, publish, span

KEPT = (1, 2, 0)


@pytest.fixture
def plan_id(store: Store) -> str:
    return store.transact(publish)


def day(plan_id: str, trip_id: str = "t1", date: dt.date = THURSDAY, seats: int = 5) -> TripDay:
    return TripDay(plan_id=plan_id, trip_id=trip_id, service_date=date, seats=seats, kept=KEPT)


def left(connection: Connection, key: Key) -> list[int]:
    return [count.left for count in count_seats(connection, [key])[key]]


def test_rows_are_made_once_with_what_the_plan_keeps(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        for _ in range(2):
            open_days(connection, [day(plan_id)])
        key = day(plan_id).key
        assert count_seats(connection, [key]) == {
            key: tuple(SegmentCount(segment=i, seats=5, kept=kept, taken=0) for i, kept in enumerate(KEPT))
        }
        assert connection.execute(sa.select(sa.func.count()).select_from(trip_days)).scalar_one() == 1


def test_days_that_were_made_here_are_told_and_need_no_count(store: Store, plan_id: str) -> None:
    """Of a fresh day the plan says what is free; it must be what the rows say."""
    thursday, friday = day(plan_id), day(plan_id, date=FRIDAY)
    with store.write() as connection:
        assert open_days(connection, [thursday]) == {thursday.key}
        assert open_days(connection, [thursday, friday]) == {friday.key}
        assert open_days(connection, [thursday, friday]) == frozenset()
        for people in range(1, 6):
            ride = span(plan_id, 0, 3, seats=people, date=FRIDAY)
            assert find_full(connection, [ride], [friday]) == find_full(connection, [ride])
        rides = [span(plan_id, 0, 3, seats=3), span(plan_id, 0, 3, seats=4, date=FRIDAY)]
        assert find_full(connection, rides, [friday]) == rides[1]


def test_an_overbooked_day_has_no_seat_and_breaks_no_counter(store: Store, plan_id: str) -> None:
    """The plan seats two people on one seat: rows hold, fresh or counted, and nobody else fits."""
    full = day(plan_id, seats=1)
    with store.write() as connection:
        open_days(connection, [full])
        assert left(connection, full.key) == [0, 0, 1]
        ride = span(plan_id, 0, 1)
        assert find_full(connection, [ride], [full]) == find_full(connection, [ride]) == ride
        assert find_full(connection, [span(plan_id, 2, 3)], [full]) is None


def test_rows_that_are_there_are_left_as_they_are(store: Store, plan_id: str) -> None:
    """Somebody has taken a seat: opening the day again, along with another, forgets nothing."""
    with store.write() as connection:
        open_days(connection, [day(plan_id)])
        take(connection, [span(plan_id, 0, 3)])
        open_days(connection, [day(plan_id, date=FRIDAY), day(plan_id)])
        assert left(connection, day(plan_id).key) == [3, 2, 4]
        assert left(connection, day(plan_id, date=FRIDAY).key) == [4, 3, 5]


def test_seats_are_taken_on_their_segments_and_given_back(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        open_days(connection, [day(plan_id)])
        ride = span(plan_id, 1, 3, seats=2)
        take(connection, [ride])
        assert left(connection, ride.key) == [4, 1, 3]
        give_back(connection, [ride], keep=False)
        assert left(connection, ride.key) == [4, 3, 5]


def test_a_kept_seat_changes_hands_and_may_be_kept_again(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        open_days(connection, [day(plan_id)])
        own = replace(span(plan_id, 0, 2), was_kept=True)
        take(connection, [own])
        assert [(c.kept, c.taken) for c in count_seats(connection, [own.key])[own.key]] == [(0, 1), (1, 1), (0, 0)]
        give_back(connection, [own], keep=True)
        assert left(connection, own.key) == [4, 3, 5]
        take(connection, [own])
        give_back(connection, [own], keep=False)
        assert left(connection, own.key) == [5, 4, 5]


def test_spans_of_one_hold_are_counted_together(store: Store, plan_id: str) -> None:
    """Three seats are left on the middle segment: two rides of two people do not fit, though each would."""
    with store.write() as connection:
        open_days(connection, [day(plan_id)])
        first, second = span(plan_id, 0, 2, seats=2), span(plan_id, 1, 3, seats=2)
        assert find_full(connection, [first]) is None
        assert find_full(connection, [first, second]) == second


def test_a_kept_seat_needs_no_free_one(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        open_days(connection, [day(plan_id, seats=2)])
        ride = span(plan_id, 0, 2)
        assert find_full(connection, [ride]) == ride
        assert find_full(connection, [replace(ride, was_kept=True)]) is None


def test_only_days_that_are_there_can_be_locked(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        open_days(connection, [day(plan_id)])
        keys = {day(plan_id).key, day(plan_id, date=FRIDAY).key}
        assert lock_days(connection, keys) == {day(plan_id).key}
        assert lock_days(connection, []) == frozenset()


def test_who_does_not_wait_passes_over_days_that_somebody_has_locked(store: Store, plan_id: str) -> None:
    """SQLite has one writer, so that nobody can hold a lock beside it."""
    keys = [day(plan_id, trip).key for trip in ("t1", "t2")]
    with store.write() as connection:
        open_days(connection, [day(plan_id, "t1"), day(plan_id, "t2")])
    if store.dialect == "sqlite":
        with store.write() as mine:
            assert lock_days(mine, keys, wait=False) == set(keys)
        return
    with store.write() as mine, store.write() as theirs:
        assert lock_days(mine, keys[:1]) == {keys[0]}
        assert lock_days(theirs, keys, wait=False) == {keys[1]}


def test_days_are_opened_by_many_at_once(store: Store, plan_id: str) -> None:
    """In either order, with a seat each: all seats are counted."""
    days = [day(plan_id, trip, seats=20) for trip in ("t1", "t2")]
    failed: list[BaseException] = []

    def work(number: int) -> None:
        def one(connection: Connection) -> None:
            open_days(connection, days if number % 2 else days[::-1])
            take(connection, [span(plan_id, 0, 3, trip_id=d.trip_id) for d in days])

        try:
            store.transact(one)
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with store.read() as connection:
        assert {count.taken for d in days for count in count_seats(connection, [d.key])[d.key]} == {8}


def test_the_last_word_is_the_databases(store: Store, plan_id: str) -> None:
    """Taking without asking: the transaction fails as a whole."""
    with store.write() as connection:
        open_days(connection, [day(plan_id)])
    with pytest.raises(sa.exc.IntegrityError), store.write() as connection:
        take(connection, [span(plan_id, 0, 1), span(plan_id, 0, 3, seats=4)])
    with store.read() as connection:
        assert left(connection, day(plan_id).key) == [4, 3, 5]


@pytest.mark.parametrize("table", [trip_days, segment_seats, hold_seats, waiting], ids=lambda table: table.name)
def test_rows_of_several_days_are_found_by_an_index(file_store: Store, table: sa.Table) -> None:
    """An ``IN`` over tuples made SQLite read the whole table."""
    keys = [("p", trip, date) for trip in ("t1", "t2") for date in (THURSDAY, FRIDAY)]
    query = sa.select(table.c.trip_id).where(any_of(table, len(keys)))
    text = str(query.compile(dialect=sqlite.dialect(paramstyle="named")))
    values = {
        name: value.isoformat() if isinstance(value, dt.date) else value for name, value in key_values(keys).items()
    }
    with file_store.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    assert any("SEARCH" in row[3] for row in plan)
    assert not any(row[3].startswith("SCAN") for row in plan)
