"""Holds as rows: what each step writes, and that a step that fails writes nothing."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.errors import ApiError
from api.store import Store
from api.store.holds import (
    SWEPT,
    Hold,
    HoldExpiredError,
    confirm_hold,
    expire_holds,
    extend_hold,
    get_hold,
    make_hold,
    release_hold,
)
from api.store.schema import events
from api.store.seating import bookings, hold_seats, holds, segment_seats
from api.store.seats import TripDay
from api.store.states import BookingState, HoldState
from tests.api.conftest import NOON
from tests.api.town_service import FRIDAY, LIFE_MS, THURSDAY, asked_hold, publish, span


@pytest.fixture
def plan_id(store: Store) -> str:
    return store.transact(publish)


def asked(plan_id: str, *, dates: tuple = (THURSDAY,), people: int = 1, rider_id: str | None = None) -> Hold:
    """Return a hold from the first to the last of three stops, on each of some dates."""
    return asked_hold(*(span(plan_id, seats=people, date=date) for date in dates), rider_id=rider_id)


def put(connection: Connection, hold: Hold, now: int = NOON, seats: int = 4) -> Hold:
    days = {
        span.key: TripDay(
            plan_id=span.plan_id, trip_id=span.trip_id, service_date=span.service_date, seats=seats, kept=(1, 2)
        )
        for span in hold.spans
    }
    return make_hold(connection, hold, list(days.values()), now=now, wait_ms=LIFE_MS)


def taken(store: Store) -> list[int]:
    with store.read() as connection:
        query = sa.select(segment_seats.c.taken).order_by(segment_seats.c.service_date, segment_seats.c.segment)
        return list(connection.execute(query).scalars())


def rows(store: Store, table: sa.Table) -> int:
    with store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_hold_reads_back_as_it_was_made(store: Store, plan_id: str) -> None:
    made = store.transact(lambda c: put(c, asked(plan_id, dates=(FRIDAY, THURSDAY), people=2, rider_id="u-1")))
    with store.read() as connection:
        assert get_hold(connection, made.hold_id) == made
    assert taken(store) == [2, 2, 2, 2]


def test_an_unknown_hold_is_not_found(store: Store) -> None:
    with store.read() as connection, pytest.raises(ApiError) as refused:
        get_hold(connection, "hold_none")
    assert refused.value.code == "not_found"


def test_a_hold_that_is_refused_leaves_nothing_behind(store: Store, plan_id: str) -> None:
    """Friday is full: Thursday's seats are not taken either."""
    store.transact(lambda c: put(c, asked(plan_id, dates=(FRIDAY,), people=2)))
    with pytest.raises(ApiError) as refused:
        store.transact(lambda c: put(c, asked(plan_id, dates=(THURSDAY, FRIDAY))))
    assert refused.value.more["service_date"] == FRIDAY.isoformat()
    assert taken(store) == [2, 2]
    assert (rows(store, holds), rows(store, hold_seats)) == (1, 1)


def test_each_ride_becomes_a_booking_on_its_line(store: Store, plan_id: str) -> None:
    made = store.transact(lambda c: put(c, asked(plan_id, dates=(THURSDAY, FRIDAY), people=2, rider_id="u-1")))
    confirmed = store.transact(lambda c: confirm_hold(c, made.hold_id, NOON + 1))
    assert (confirmed.state, confirmed.version) == (HoldState.CONFIRMED, 2)
    with store.read() as connection:
        found = connection.execute(sa.select(bookings).order_by(bookings.c.service_date)).all()
    assert [(b.service_date, b.line_id, b.seats, b.state, b.created_at) for b in found] == [
        (date, "line 1", 2, BookingState.CONFIRMED, NOON + 1) for date in (THURSDAY, FRIDAY)
    ]


@pytest.mark.parametrize("late", [0, 1, 10**6])
def test_at_its_last_moment_a_hold_can_be_confirmed_and_after_it_not(store: Store, plan_id: str, late: int) -> None:
    made = store.transact(lambda c: put(c, asked(plan_id)))
    with pytest.raises(HoldExpiredError) as expired:
        store.transact(lambda c: confirm_hold(c, made.hold_id, NOON + LIFE_MS + late))
    assert expired.value.hold.spans == made.spans
    store.transact(lambda c: confirm_hold(c, made.hold_id, NOON + LIFE_MS - 1))
    assert rows(store, bookings) == 1


def test_an_expired_hold_stays_expired(store: Store, plan_id: str) -> None:
    made = store.transact(lambda c: put(c, asked(plan_id)))
    assert store.transact(lambda c: expire_holds(c, NOON + LIFE_MS, wait_ms=LIFE_MS)) == 1
    for step in (confirm_hold, lambda c, name, now: extend_hold(c, name, now=now, more_ms=LIFE_MS)):
        with pytest.raises(HoldExpiredError):
            store.transact(lambda c, step=step: step(c, made.hold_id, NOON))
    released = store.transact(lambda c: release_hold(c, made.hold_id, now=NOON, wait_ms=LIFE_MS))
    assert released.state is HoldState.EXPIRED
    assert taken(store) == [0, 0]


def test_an_extended_hold_outlives_its_first_time_but_not_its_second(store: Store, plan_id: str) -> None:
    made = store.transact(lambda c: put(c, asked(plan_id)))
    extended = store.transact(lambda c: extend_hold(c, made.hold_id, now=NOON, more_ms=LIFE_MS))
    assert (extended.expires_at, extended.extended) == (NOON + 2 * LIFE_MS, True)
    assert store.transact(lambda c: expire_holds(c, NOON + LIFE_MS, wait_ms=LIFE_MS)) == 0
    assert store.transact(lambda c: expire_holds(c, NOON + 2 * LIFE_MS, wait_ms=LIFE_MS)) == 1


def test_a_confirmed_hold_is_not_extended(store: Store, plan_id: str) -> None:
    made = store.transact(lambda c: put(c, asked(plan_id)))
    store.transact(lambda c: confirm_hold(c, made.hold_id, NOON))
    with pytest.raises(ApiError) as refused:
        store.transact(lambda c: extend_hold(c, made.hold_id, now=NOON, more_ms=LIFE_MS))
    assert refused.value.code == "wrong_state"


def test_a_step_that_fails_later_is_undone_as_a_whole(store: Store, plan_id: str) -> None:
    """The answer cannot be written: neither is the booking."""
    made = store.transact(lambda c: put(c, asked(plan_id)))
    told = rows(store, events)

    def work(connection: Connection) -> None:
        confirm_hold(connection, made.hold_id, NOON)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.transact(work)
    with store.read() as connection:
        assert get_hold(connection, made.hold_id).state is HoldState.HELD
    assert (rows(store, bookings), rows(store, events)) == (0, told)


def test_many_holds_are_swept_in_turns_the_oldest_first(store: Store, plan_id: str) -> None:
    def many(connection: Connection) -> None:
        for number in range(SWEPT + 3):
            hold = replace(asked(plan_id), expires_at=NOON + number + 1)
            put(connection, hold, seats=SWEPT + 10)

    store.transact(many)
    assert store.transact(lambda c: expire_holds(c, NOON + 2, wait_ms=LIFE_MS)) == 2
    later = NOON + 10 * LIFE_MS
    assert [store.transact(lambda c: expire_holds(c, later, wait_ms=LIFE_MS)) for _ in range(3)] == [SWEPT, 1, 0]
    assert taken(store) == [0, 0]


def test_only_holds_with_seats_on_a_day_are_swept_for_it(store: Store, plan_id: str) -> None:
    first = store.transact(lambda c: put(c, asked(plan_id)))
    store.transact(lambda c: put(c, asked(plan_id, dates=(FRIDAY,))))
    key = (plan_id, "t1", THURSDAY)
    assert store.transact(lambda c: expire_holds(c, NOON + LIFE_MS, wait_ms=LIFE_MS, on=key)) == 1
    with store.read() as connection:
        assert get_hold(connection, first.hold_id).state is HoldState.EXPIRED
    assert taken(store) == [0, 0, 1, 1]


def test_who_finds_a_full_trip_ends_the_holds_that_are_over(store: Store, plan_id: str) -> None:
    store.transact(lambda c: put(c, asked(plan_id, people=2)))
    store.transact(lambda c: put(c, asked(plan_id, people=2), now=NOON + LIFE_MS))
    assert taken(store) == [2, 2]


def test_events_tell_ids_and_no_stops(store: Store, plan_id: str) -> None:
    made = store.transact(lambda c: put(c, asked(plan_id, rider_id="u-1")))
    store.transact(lambda c: confirm_hold(c, made.hold_id, NOON))
    store.transact(lambda c: release_hold(c, made.hold_id, now=NOON, wait_ms=LIFE_MS))
    with store.read() as connection:
        told = connection.execute(sa.select(events).where(events.c.subject == made.hold_id)).all()
    assert [event.type for event in told] == ["booking.confirmed", "booking.cancelled"]
    assert [event.data for event in told] == [{"hold_id": made.hold_id, "rider_id": "u-1"}] * 2
