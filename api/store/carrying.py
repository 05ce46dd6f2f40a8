"""Seats of a plan that is not in force on their date any more: found, moved to the plan that is, or told as displaced.

Rows are locked as in `api.store.holds`: holds first, then trips on dates; holds that somebody else has locked are left
to the next time.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from api.store.outbox import emit
from api.store.seating import bookings, hold_seats, holds, waiting
from api.store.seats import Key, Span, give_back, take
from api.store.states import BookingState, HoldState, WaitState

TO_RIDE = (BookingState.CONFIRMED, BookingState.DISPLACED)
"""Bookings that are still to be ridden, if there is a trip for them."""
PlanDay = tuple[str, dt.date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """One booking as it is carried."""

    booking_id: str
    hold_id: str | None
    rider_id: str | None
    displaced: bool
    line_id: str
    span: Span


def plan_days(connection: Connection, service: str, first: dt.date) -> frozenset[PlanDay]:
    """Return plans and dates from a first one on of which anybody has a seat, or waits for one."""
    asked = (
        sa.select(bookings.c.plan_id, bookings.c.service_date).where(
            bookings.c.service == service, bookings.c.service_date >= first, bookings.c.state.in_(TO_RIDE)
        ),
        sa.select(hold_seats.c.plan_id, hold_seats.c.service_date)
        .join(holds, holds.c.hold_id == hold_seats.c.hold_id)
        .where(holds.c.service == service, holds.c.state == HoldState.HELD, hold_seats.c.service_date >= first),
        sa.select(waiting.c.plan_id, waiting.c.service_date).where(
            waiting.c.service == service, waiting.c.state == WaitState.WAITING, waiting.c.service_date >= first
        ),
    )
    return frozenset((plan_id, day) for query in asked for plan_id, day in connection.execute(query.distinct()))


def lock_bookings(
    connection: Connection, plan_id: str, day: dt.date, *, after: str, limit: int, displaced_only: bool = False
) -> tuple[tuple[Booked, ...], str | None]:
    """Lock some bookings of a plan on a date with the holds they came from.

    Returns
    -------
    tuple
        The bookings; and the id from which to go on, None where these were the last.
    """
    c = bookings.c
    states = (BookingState.DISPLACED,) if displaced_only else TO_RIDE
    some = (c.plan_id == plan_id) & (c.service_date == day) & c.state.in_(states)
    found = connection.execute(
        sa.select(c.booking_id, c.hold_id).where(some, c.booking_id > after).order_by(c.booking_id).limit(limit)
    ).all()
    named = sorted({row.hold_id for row in found if row.hold_id is not None})
    mine = set(connection.execute(_lock_holds(holds.c.hold_id.in_(named))).scalars()) if named else set[str]()
    free = [row.booking_id for row in found if row.hold_id is None or row.hold_id in mine]
    rows = connection.execute(sa.select(bookings).where(c.booking_id.in_(free), some).with_for_update()).all()
    made = sorted((_booked(row) for row in rows), key=lambda booked: booked.booking_id)
    return tuple(made), found[-1].booking_id if len(found) == limit else None


def lock_held(connection: Connection, service: str, plan_id: str, day: dt.date) -> tuple[str, ...]:
    """Lock holds with a seat of a plan on a date that are neither confirmed nor over, and return their ids."""
    here = sa.select(hold_seats.c.hold_id).where(hold_seats.c.plan_id == plan_id, hold_seats.c.service_date == day)
    held = (holds.c.service == service) & (holds.c.state == HoldState.HELD) & holds.c.hold_id.in_(here)
    return tuple(connection.execute(_lock_holds(held)).scalars())


def kept_seat_used(connection: Connection, service: str, rider_id: str, key: Key) -> bool:
    """Tell whether a rider has used, or given up, the seat that a plan keeps for them on a trip and date."""
    plan_id, trip_id, day = key
    booked = sa.select(bookings.c.booking_id).where(
        bookings.c.service == service,
        bookings.c.rider_id == rider_id,
        bookings.c.service_date == day,
        bookings.c.plan_id == plan_id,
        bookings.c.trip_id == trip_id,
        bookings.c.was_kept,
    )
    held = (
        sa.select(holds.c.hold_id)
        .join(hold_seats, hold_seats.c.hold_id == holds.c.hold_id)
        .where(
            holds.c.service == service,
            holds.c.rider_id == rider_id,
            holds.c.state == HoldState.HELD,
            hold_seats.c.was_kept,
            hold_seats.c.plan_id == plan_id,
            hold_seats.c.trip_id == trip_id,
            hold_seats.c.service_date == day,
        )
    )
    return any(connection.execute(query.limit(1)).first() is not None for query in (booked, held))


def move_booking(connection: Connection, booked: Booked, to: Span, line_id: str, now: int) -> None:
    """Give a booking a seat of another plan, for which there is room, and its old one back; days must be locked."""
    take(connection, [to])
    give_back(connection, [booked.span], keep=True)
    values = to.ride | {"was_kept": to.was_kept, "line_id": line_id, "state": BookingState.CONFIRMED}
    _change(connection, booked, values, now)
    if booked.hold_id is not None:
        move_hold_seat(connection, booked.hold_id, booked.span, to)


def move_hold_seat(connection: Connection, hold_id: str, old: Span, to: Span) -> None:
    """Let a hold tell another ride; counters are changed apart."""
    c = hold_seats.c
    same = (c.hold_id == hold_id) & (c.plan_id == old.plan_id) & (c.trip_id == old.trip_id)
    same &= (c.service_date == old.service_date) & (c.board_stop_id == old.board_stop_id)
    connection.execute(sa.update(hold_seats).where(same).values(**to.ride, was_kept=to.was_kept))


def displace(connection: Connection, booked: Booked, now: int) -> None:
    """Note that the plan in force has no ride for a booking; its old seat stays taken, should that plan come back."""
    _change(connection, booked, {"state": BookingState.DISPLACED}, now)


def restore(connection: Connection, booked: Booked, now: int) -> None:
    """Note that a booking's own plan is in force again."""
    _change(connection, booked, {"state": BookingState.CONFIRMED}, now)
    told = {"hold_id": booked.hold_id, "rider_id": booked.rider_id}
    emit(connection, "booking.restored", booked.booking_id, told, now)


def end_hold_at(connection: Connection, hold_id: str, now: int) -> None:
    """Let a hold's time be over; `expire_holds` ends it."""
    connection.execute(
        sa.update(holds).where(holds.c.hold_id == hold_id).values(expires_at=now, version=holds.c.version + 1)
    )


def waiting_on(connection: Connection, plan_id: str, day: dt.date) -> tuple[tuple[str, Span], ...]:
    """Return places on the waiting list of a plan on a date, locked, those first that have waited longest."""
    c = waiting.c
    query = (
        sa.select(waiting)
        .where(c.plan_id == plan_id, c.service_date == day, c.state == WaitState.WAITING)
        .order_by(c.waiting_id)
        .with_for_update(skip_locked=True)
    )
    return tuple((row.waiting_id, Span.from_row(row)) for row in connection.execute(query).all())


def move_place(connection: Connection, waiting_id: str, to: Span | None, now: int) -> None:
    """Let somebody wait for another ride, or end the waiting where there is none."""
    values: dict[str, Any] = {"changed_at": now}
    if to is None:
        values["state"] = WaitState.EXPIRED
        emit(connection, "waiting.ended", waiting_id, {"waiting_id": waiting_id}, now)
    else:
        values |= to.ride
    connection.execute(sa.update(waiting).where(waiting.c.waiting_id == waiting_id).values(**values))


def list_displaced(
    connection: Connection, service: str | None, first: dt.date, *, after: str | None, limit: int
) -> tuple[Booked, ...]:
    """Return displaced bookings from a date on, in the order of their ids."""
    query = sa.select(bookings).where(bookings.c.state == BookingState.DISPLACED, bookings.c.service_date >= first)
    if service is not None:
        query = query.where(bookings.c.service == service)
    if after is not None:
        query = query.where(bookings.c.booking_id > after)
    rows: Sequence[Row[Any]] = connection.execute(query.order_by(bookings.c.booking_id).limit(limit)).all()
    return tuple(map(_booked, rows))


def keys_of(spans: Collection[Span]) -> set[Key]:
    """Return the trips on dates of spans."""
    return {span.key for span in spans}


def _lock_holds(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(holds.c.hold_id).where(condition).order_by(holds.c.hold_id).with_for_update(skip_locked=True)


def _change(connection: Connection, booked: Booked, values: dict[str, Any], now: int) -> None:
    connection.execute(
        sa.update(bookings)
        .where(bookings.c.booking_id == booked.booking_id)
        .values(**values, changed_at=now, version=bookings.c.version + 1)
    )


def _booked(row: Row[Any]) -> Booked:
    return Booked(
        booking_id=row.booking_id,
        hold_id=row.hold_id,
        rider_id=row.rider_id,
        displaced=row.state == BookingState.DISPLACED,
        line_id=row.line_id,
        span=Span.from_row(row, was_kept=row.was_kept),
    )
