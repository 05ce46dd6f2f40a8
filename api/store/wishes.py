"""Wishes for rides that no published plan offers: demand that the next planning can see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.errors import not_found
from api.store.seating import wishes
from api.store.states import WishState


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody's wish.

    Attributes
    ----------
    sealed : bytes or None
        The home, encrypted and bound to the wish; None where a stop was named.
    missed : mapping
        What was nearest when it was registered, without coordinates.
    """

    wish_id: str
    service: str
    key_id: str
    rider_id: str | None
    state: WishState
    sealed: bytes | None
    stop_id: str | None
    worksite_id: str
    shift_id: str
    days: str
    missed: Mapping[str, Any]
    created_at: int
    changed_at: int


def insert_wish(connection: Connection, wish: Wish) -> None:
    """Write a new wish."""
    row = {name: getattr(wish, name) for name in wish.__slots__}
    connection.execute(sa.insert(wishes).values(row | {"missed": dict(wish.missed)}))


def find_wish(connection: Connection, wish_id: str) -> Wish:
    """Return a wish.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    row = connection.execute(sa.select(wishes).where(wishes.c.wish_id == wish_id)).one_or_none()
    if row is None:
        raise not_found("wish", wish_id)
    return Wish(**{**row._mapping, "state": WishState(row.state)})


def withdraw_wish(connection: Connection, wish_id: str, now: int) -> Wish:
    """Withdraw a wish and forget where its home is; again changes nothing.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    wish = find_wish(connection, wish_id)
    if wish.state is WishState.WITHDRAWN:
        return wish
    gone = {"state": WishState.WITHDRAWN, "sealed": None, "changed_at": now}
    connection.execute(sa.update(wishes).where(wishes.c.wish_id == wish_id).values(gone))
    return replace(wish, **gone)  # type: ignore[arg-type]
