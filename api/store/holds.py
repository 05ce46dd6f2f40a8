"""Holds: seats that are kept for minutes, until they are confirmed, released or expired.

Rows are locked in one order, so that nobody waits in a ring: first a hold that its owner names, then trips on dates;
whoever has days locked touches only holds that nobody else has locked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from api.errors import ApiError, not_found
from api.ids import new_id
from api.store.outbox import emit
from api.store.seating import bookings, hold_seats, holds
from api.store.seats import Key, Span, TripDay, any_of, find_full, give_back, key_values, lock_days, open_days, take
from api.store.states import BookingState, HoldState
from api.store.waitlist import find_served, mark_offered, settle_waiting

# Statements are put together once: that costs more than running them.
_INSERT_HOLD, _INSERT_SEATS, _INSERT_BOOKINGS = sa.insert(holds), sa.insert(hold_seats), sa.insert(bookings)
_FIND = sa.select(holds).where(holds.c.hold_id == sa.bindparam("at_hold"))
_LOCK = _FIND.with_for_update()
_SEATS = sa.select(hold_seats).where(hold_seats.c.hold_id == sa.bindparam("at_hold")).order_by(hold_seats.c.number)
_CHANGE = sa.update(holds).where(holds.c.hold_id == sa.bindparam("at_hold"))
SWEPT = 100
"""Holds that are expired in one transaction at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Seats kept for somebody; instants are milliseconds since the epoch.

    Attributes
    ----------
    offer : mapping
        What was offered and is needed to offer it again: never a home.
    """

    hold_id: str
    service: str
    key_id: str
    rider_id: str | None
    state: HoldState
    created_at: int
    expires_at: int
    extended: bool
    version: int
    offer: Mapping[str, Any]
    spans: tuple[Span, ...]


class HoldExpiredError(Exception):
    """The hold's time is over; carries it, so that its seats can be offered again."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold.hold_id)
        self.hold = hold


def make_hold(connection: Connection, hold: Hold, days: Sequence[TripDay], *, now: int, wait_ms: int) -> Hold:
    """Keep the seats of a new hold, all or none.

    Parameters
    ----------
    days : sequence of TripDay
        The trips on dates of its spans, as the plan has them.
    wait_ms : int
        How long holds for the waiting list last.

    Raises
    ------
    ApiError
        ``seats_gone``, with the trip and date of which too few are left.
    """
    made_here = open_days(connection, days)
    spans = _claim_kept(connection, hold)
    full = find_full(connection, spans, [day for day in days if day.key in made_here])
    if full is not None and expire_holds(connection, now, wait_ms=wait_ms, on=full.key):
        full = find_full(connection, spans)
    if full is not None:
        raise ApiError(
            "seats_gone",
            f"Trip {full.trip_id} on {full.service_date.isoformat()} has fewer than {full.seats} seats left.",
            "Ask for offers again, or join the waiting list.",
            more={"trip_id": full.trip_id, "service_date": full.service_date.isoformat()},
        )
    take(connection, spans)
    made = replace(hold, spans=spans)
    insert_hold(connection, made)
    return made


def insert_hold(connection: Connection, hold: Hold) -> None:
    """Write the rows of a hold whose seats are taken."""
    connection.execute(
        _INSERT_HOLD,
        {
            "hold_id": hold.hold_id,
            "service": hold.service,
            "key_id": hold.key_id,
            "rider_id": hold.rider_id,
            "state": hold.state,
            "created_at": hold.created_at,
            "expires_at": hold.expires_at,
            "offer": dict(hold.offer),
        },
    )
    connection.execute(
        _INSERT_SEATS,
        [{"hold_id": hold.hold_id, "number": i, **_columns(span)} for i, span in enumerate(hold.spans)],
    )


def get_hold(connection: Connection, hold_id: str, *, lock: bool = False) -> Hold:
    """Return a hold, its row locked where that is asked for.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    row = connection.execute(_LOCK if lock else _FIND, {"at_hold": hold_id}).one_or_none()
    if row is None:
        raise not_found("hold", hold_id)
    return _hold(connection, row)


def confirm_hold(connection: Connection, hold_id: str, now: int) -> Hold:
    """Turn a hold into bookings, one per trip and date; confirming again changes nothing.

    Raises
    ------
    HoldExpiredError
    ApiError
        ``not_found``; ``wrong_state`` for a hold that was released.
    """
    hold = _open(connection, hold_id, now, also=HoldState.CONFIRMED)
    if hold.state is HoldState.CONFIRMED:
        return hold
    connection.execute(
        _INSERT_BOOKINGS,
        [
            {
                "booking_id": new_id("booking"),
                "service": hold.service,
                "key_id": hold.key_id,
                "hold_id": hold.hold_id,
                "rider_id": hold.rider_id,
                "state": BookingState.CONFIRMED,
                "line_id": str(hold.offer.get("lines", {}).get(span.trip_id, "")),
                "created_at": now,
                "changed_at": now,
                **_columns(span),
            }
            for span in hold.spans
        ],
    )
    made = _settle(connection, hold, HoldState.CONFIRMED, now)
    emit(connection, "booking.confirmed", hold_id, {"hold_id": hold_id, "rider_id": hold.rider_id}, now)
    return made


def release_hold(connection: Connection, hold_id: str, *, now: int, wait_ms: int) -> Hold:
    """Give a hold's seats back, or cancel the bookings it became; releasing again changes nothing.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    hold = get_hold(connection, hold_id, lock=True)
    if hold.state in {HoldState.RELEASED, HoldState.EXPIRED}:
        return hold
    spans, booked = hold.spans, hold.state is HoldState.CONFIRMED
    lock_days(connection, [span.key for span in spans])
    if booked:
        spans = _cancel_bookings(connection, hold, now)
    made = _settle(connection, hold, HoldState.RELEASED, now)
    # A rider who cancels a booking gives up the seat that the plan keeps, for that date.
    give_back(connection, spans, keep=not booked)
    offer_seats(connection, {span.key for span in spans}, now=now, wait_ms=wait_ms)
    if booked:
        emit(connection, "booking.cancelled", hold_id, {"hold_id": hold_id, "rider_id": hold.rider_id}, now)
    return made


def extend_hold(connection: Connection, hold_id: str, *, now: int, more_ms: int) -> Hold:
    """Let a hold last longer, once.

    Raises
    ------
    HoldExpiredError
    ApiError
        ``not_found``; ``wrong_state`` where it was extended before, or is no hold any more.
    """
    hold = _open(connection, hold_id, now)
    if hold.extended:
        raise ApiError("wrong_state", "The hold was extended before.", "Confirm it, or hold again later.")
    changed = replace(hold, extended=True, expires_at=hold.expires_at + more_ms, version=hold.version + 1)
    changes = {"extended": True, "expires_at": changed.expires_at, "version": changed.version}
    connection.execute(_CHANGE, changes | {"at_hold": hold_id})
    return changed


def expire_holds(connection: Connection, now: int, *, wait_ms: int, on: Key | None = None) -> int:
    """End holds whose time is over, give their seats back and offer them to those who wait.

    Parameters
    ----------
    on : Key or None
        Only those with seats of a trip on a date, which the transaction has locked; holds that would need a lock
        that somebody else has are left to the next time.

    Returns
    -------
    int
        How many holds ended.
    """
    query = sa.select(holds).where(holds.c.state == HoldState.HELD, holds.c.expires_at <= now)
    if on is not None:
        plan_id, trip_id, date = on
        seats = sa.select(hold_seats.c.hold_id).where(
            hold_seats.c.plan_id == plan_id, hold_seats.c.trip_id == trip_id, hold_seats.c.service_date == date
        )
        query = query.where(holds.c.hold_id.in_(seats))
    query = query.order_by(holds.c.expires_at).limit(SWEPT).with_for_update(skip_locked=True)
    ended, freed = 0, set[Key]()
    for row in connection.execute(query).all():
        hold = _hold(connection, row)
        keys = {span.key for span in hold.spans}
        if lock_days(connection, keys, wait=False) != keys:
            continue
        _settle(connection, hold, HoldState.EXPIRED, now)
        give_back(connection, hold.spans, keep=True)
        ended, freed = ended + 1, freed | keys
    offer_seats(connection, freed, now=now, wait_ms=wait_ms)
    return ended


def offer_seats(connection: Connection, keys: set[Key], *, now: int, wait_ms: int) -> None:
    """Hold freed seats for those who have waited longest; the days must be locked."""
    for place in find_served(connection, sorted(keys)):
        hold = Hold(
            hold_id=new_id("hold"),
            service=place.service,
            key_id=place.key_id,
            rider_id=place.rider_id,
            state=HoldState.HELD,
            created_at=now,
            expires_at=now + wait_ms,
            extended=False,
            version=1,
            offer={"waiting_id": place.waiting_id},
            spans=(place.span,),
        )
        take(connection, hold.spans)
        insert_hold(connection, hold)
        mark_offered(connection, place.waiting_id, hold.hold_id, now)
        told = {"waiting_id": place.waiting_id, "hold_id": hold.hold_id, "rider_id": place.rider_id}
        emit(connection, "waiting.offered", place.waiting_id, told, now)


def _open(connection: Connection, hold_id: str, now: int, also: HoldState = HoldState.HELD) -> Hold:
    """Return a hold that can still be acted upon, its row locked."""
    hold = get_hold(connection, hold_id, lock=True)
    if hold.state is HoldState.EXPIRED or (hold.state is HoldState.HELD and hold.expires_at <= now):
        raise HoldExpiredError(hold)
    if hold.state not in {HoldState.HELD, also}:
        raise ApiError("wrong_state", f"The hold is {hold.state.value}.", "Ask for offers, and hold again.")
    return hold


def _settle(connection: Connection, hold: Hold, state: HoldState, now: int) -> Hold:
    changes = {"state": state, "ended_at": now, "version": hold.version + 1}
    connection.execute(_CHANGE, changes | {"at_hold": hold.hold_id})
    if "waiting_id" in hold.offer:
        settle_waiting(connection, hold.hold_id, state, now)
    return replace(hold, state=state, version=hold.version + 1)


def _cancel_bookings(connection: Connection, hold: Hold, now: int) -> tuple[Span, ...]:
    """Cancel what of a hold's bookings is still to be ridden, and return its seats."""
    states = (BookingState.CONFIRMED, BookingState.DISPLACED)
    confirmed = sa.and_(bookings.c.hold_id == hold.hold_id, bookings.c.state.in_(states))
    rows = connection.execute(sa.select(bookings).where(confirmed).with_for_update()).all()
    connection.execute(
        sa.update(bookings)
        .where(confirmed)
        .values(state=BookingState.CANCELLED, changed_at=now, version=bookings.c.version + 1)
    )
    return tuple(_span(row) for row in rows)


def _claim_kept(connection: Connection, hold: Hold) -> tuple[Span, ...]:
    """Return the spans, those marked as kept by the plan only where the rider has not used that seat before."""
    kept = [span for span in hold.spans if span.was_kept]
    if not kept or hold.rider_id is None:
        return tuple(replace(span, was_kept=False) for span in hold.spans)
    columns = (hold_seats.c.plan_id, hold_seats.c.trip_id, hold_seats.c.service_date)
    keys = sorted({span.key for span in kept})
    ended = (HoldState.EXPIRED, HoldState.RELEASED)
    booked = sa.exists().where(bookings.c.hold_id == holds.c.hold_id)
    used = connection.execute(
        sa.select(*columns)
        .join(holds, holds.c.hold_id == hold_seats.c.hold_id)
        .where(
            holds.c.service == hold.service,
            holds.c.rider_id == hold.rider_id,
            hold_seats.c.was_kept,
            any_of(hold_seats, len(keys)),
            sa.or_(holds.c.state.not_in(ended), booked),
        ),
        key_values(keys),
    )
    gone = {tuple(row) for row in used}
    return tuple(replace(span, was_kept=span.was_kept and span.key not in gone) for span in hold.spans)


def _columns(span: Span) -> dict[str, Any]:
    return span.ride | {"was_kept": span.was_kept}


def _span(row: Row[Any]) -> Span:
    return Span.from_row(row, was_kept=row.was_kept)


def _hold(connection: Connection, row: Row[Any]) -> Hold:
    seats = connection.execute(_SEATS, {"at_hold": row.hold_id})
    return Hold(
        hold_id=row.hold_id,
        service=row.service,
        key_id=row.key_id,
        rider_id=row.rider_id,
        state=HoldState(row.state),
        created_at=row.created_at,
        expires_at=row.expires_at,
        extended=row.extended,
        version=row.version,
        offer=row.offer,
        spans=tuple(_span(seat) for seat in seats),
    )
