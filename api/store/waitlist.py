"""The waiting list: who has waited longest is held a seat as soon as one is free."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from api.errors import ApiError, not_found
from api.store.seating import waiting
from api.store.seats import Key, Span, any_of, count_seats, key_values
from api.store.states import HoldState, WaitState

ENDS = {
    HoldState.CONFIRMED: WaitState.ACCEPTED,
    HoldState.RELEASED: WaitState.CANCELLED,
    HoldState.EXPIRED: WaitState.EXPIRED,
}
"""What becomes of a place on the list when the hold made for it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somebody's place on the waiting list of a trip on a date.

    Attributes
    ----------
    hold_id : str or None
        The hold that was made for it, once a seat was free.
    """

    waiting_id: str
    service: str
    key_id: str
    rider_id: str | None
    state: WaitState
    span: Span
    hold_id: str | None
    created_at: int


def join_waiting(connection: Connection, place: Place) -> None:
    """Write a new place, behind all others."""
    connection.execute(
        sa.insert(waiting).values(
            waiting_id=place.waiting_id,
            service=place.service,
            key_id=place.key_id,
            rider_id=place.rider_id,
            state=place.state,
            created_at=place.created_at,
            changed_at=place.created_at,
            **place.span.ride,
        )
    )


def get_place(connection: Connection, waiting_id: str) -> Place:
    """Return a place.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    row = connection.execute(sa.select(waiting).where(waiting.c.waiting_id == waiting_id)).one_or_none()
    if row is None:
        raise not_found("place on the waiting list", waiting_id)
    return _place(row)


def leave_waiting(connection: Connection, waiting_id: str, now: int) -> Place:
    """Give up a place; leaving again changes nothing.

    Raises
    ------
    ApiError
        ``not_found``; ``wrong_state`` once a seat is held for it: the hold is what can be released then.
    """
    place = get_place(connection, waiting_id)
    if place.state is WaitState.OFFERED:
        raise ApiError("wrong_state", "A seat is held for this place.", f"Confirm or release {place.hold_id}.")
    if place.state is not WaitState.WAITING:
        return place
    done = connection.execute(
        sa.update(waiting)
        .where(waiting.c.waiting_id == waiting_id, waiting.c.state == WaitState.WAITING)
        .values(state=WaitState.CANCELLED, changed_at=now)
    )
    return replace(place, state=WaitState.CANCELLED) if done.rowcount else leave_waiting(connection, waiting_id, now)


def find_served(connection: Connection, keys: Sequence[Key]) -> list[Place]:
    """Return who has waited longest for trips on dates that the transaction has locked, as far as seats are free."""
    if not keys:
        return []
    rows = connection.execute(
        sa.select(waiting)
        .where(waiting.c.state == WaitState.WAITING, any_of(waiting, len(keys)))
        .order_by(waiting.c.waiting_id)
        .with_for_update(skip_locked=True),
        key_values(keys),
    ).all()
    places = [_place(row) for row in rows]
    counts = count_seats(connection, {place.span.key for place in places})
    left = {key: [count.left for count in found] for key, found in counts.items()}
    served = []
    for place in places:
        span = place.span
        here = left.get(span.key, [])[span.first : span.end]
        if len(here) == span.end - span.first and min(here) >= span.seats:
            left[span.key][span.first : span.end] = [free - span.seats for free in here]
            served.append(place)
    return served


def mark_offered(connection: Connection, waiting_id: str, hold_id: str, now: int) -> None:
    """Note the hold that was made for a place."""
    connection.execute(
        sa.update(waiting)
        .where(waiting.c.waiting_id == waiting_id)
        .values(state=WaitState.OFFERED, hold_id=hold_id, changed_at=now)
    )


def settle_waiting(connection: Connection, hold_id: str, ended: HoldState, now: int) -> None:
    """Note what became of the hold that was made for a place, if it was made for one."""
    connection.execute(
        sa.update(waiting)
        .where(waiting.c.hold_id == hold_id, waiting.c.state == WaitState.OFFERED)
        .values(state=ENDS[ended], changed_at=now)
    )


def _place(row: Row[Any]) -> Place:
    return Place(
        waiting_id=row.waiting_id,
        service=row.service,
        key_id=row.key_id,
        rider_id=row.rider_id,
        state=WaitState(row.state),
        hold_id=row.hold_id,
        created_at=row.created_at,
        span=Span.from_row(row),
    )
