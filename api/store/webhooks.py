"""Subscribers, and the events on their way to them."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.clock import HOUR_MS, MINUTE_MS, SECOND_MS
from api.errors import not_found
from api.ids import new_id
from api.sealing import Sealer
from api.store.audit import Deed, note
from api.store.schema import deliveries, events, webhooks
from api.store.states import DeliveryState, WebhookState

BACK_OFF_MS = (
    10 * SECOND_MS,
    MINUTE_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
)
"""How long to wait after each failure; after one more the delivery is dead."""
CLAIM_MS = MINUTE_MS
"""How long one worker has a delivery for itself."""
EVERYTHING = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Who is told of what."""

    webhook_id: str
    url: str
    types: tuple[str, ...]
    state: WebhookState
    created_at: int

    def wants(self, kind: str) -> bool:
        """Tell whether an event such as ``plan.published`` is asked for, by name or as ``plan.*``."""
        return any(t in {EVERYTHING, kind} or (t.endswith(".*") and kind.startswith(t[:-1])) for t in self.types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one subscriber."""

    delivery_id: str
    webhook_id: str
    event_id: str
    state: DeliveryState
    attempts: int
    next_at: int
    last_status: int | None
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A delivery that one worker has for itself, with all that it takes to make it."""

    delivery_id: str
    attempts: int
    url: str
    secret: bytes
    event_id: str
    kind: str
    subject: str
    data: Mapping[str, Any]
    at: int


def insert_webhook(
    connection: Connection, sealer: Sealer, *, url: str, types: Sequence[str], secret: bytes, deed: Deed
) -> Webhook:
    """Keep a subscription; its secret is sealed."""
    webhook_id = new_id("hook")
    row = {
        "webhook_id": webhook_id,
        "url": url,
        "types": list(types),
        "state": WebhookState.ACTIVE.value,
        "created_at": deed.at,
    }
    sealed = sealer.seal(secret, f"webhook/{webhook_id}")
    connection.execute(sa.insert(webhooks).values(**row, secret=sealed, created_by=deed.actor))
    note(connection, deed, "webhook.create", webhook_id)
    return find_webhook(connection, webhook_id)


def find_webhook(connection: Connection, webhook_id: str) -> Webhook:
    """Return a subscription.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    row = connection.execute(sa.select(webhooks).where(webhooks.c.webhook_id == webhook_id)).one_or_none()
    if row is None:
        raise not_found("webhook", webhook_id)
    return _webhook(row)


def list_webhooks(connection: Connection) -> tuple[Webhook, ...]:
    """Return every subscription, the oldest first."""
    return tuple(_webhook(row) for row in connection.execute(sa.select(webhooks).order_by(webhooks.c.webhook_id)))


def delete_webhook(connection: Connection, webhook_id: str, deed: Deed) -> None:
    """End a subscription; what is on its way to it is dropped.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    if not connection.execute(sa.delete(webhooks).where(webhooks.c.webhook_id == webhook_id)).rowcount:
        raise not_found("webhook", webhook_id)
    note(connection, deed, "webhook.delete", webhook_id)


def fan_out(connection: Connection, now: int, limit: int = 200) -> int:
    """Put events that are new on their way to everybody who wants them, and return how many events there were."""
    query = (
        sa.select(events.c.event_id, events.c.type)
        .where(events.c.fanned_out_at.is_(None))
        .order_by(events.c.event_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    fresh = connection.execute(query).all()
    if not fresh:
        return 0
    hooks = [hook for hook in list_webhooks(connection) if hook.state is WebhookState.ACTIVE]
    rows = [
        {
            "delivery_id": new_id("dlv"),
            "webhook_id": hook.webhook_id,
            "event_id": event_id,
            "state": DeliveryState.PENDING.value,
            "next_at": now,
        }
        for event_id, kind in fresh
        for hook in hooks
        if hook.wants(kind)
    ]
    if rows:
        connection.execute(sa.insert(deliveries), rows)
    told = events.c.event_id.in_([event_id for event_id, _ in fresh])
    connection.execute(sa.update(events).where(told).values(fanned_out_at=now))
    return len(fresh)


def claim_deliveries(connection: Connection, sealer: Sealer, now: int, limit: int = 8) -> list[Parcel]:
    """Take deliveries whose time has come; nobody else gets them before a minute has passed."""
    query = (
        sa.select(deliveries.c.delivery_id)
        .where(deliveries.c.state == DeliveryState.PENDING.value, deliveries.c.next_at <= now)
        .order_by(deliveries.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    mine = connection.execute(query).scalars().all()
    if not mine:
        return []
    taken = deliveries.c.delivery_id.in_(mine)
    again = {"attempts": deliveries.c.attempts + 1, "next_at": now + CLAIM_MS}
    connection.execute(sa.update(deliveries).where(taken).values(**again))
    joined = (
        sa.select(deliveries.c.delivery_id, deliveries.c.attempts, webhooks.c.webhook_id, webhooks.c.url)
        .add_columns(webhooks.c.secret, events.c.event_id, events.c.type, events.c.subject, events.c.data, events.c.at)
        .join(webhooks, webhooks.c.webhook_id == deliveries.c.webhook_id)
        .join(events, events.c.event_id == deliveries.c.event_id)
        .where(taken)
        .order_by(deliveries.c.delivery_id)
    )
    return [
        Parcel(
            delivery_id=row.delivery_id,
            attempts=row.attempts,
            url=row.url,
            secret=sealer.open(row.secret, f"webhook/{row.webhook_id}"),
            event_id=row.event_id,
            kind=row.type,
            subject=row.subject,
            data=row.data,
            at=row.at,
        )
        for row in connection.execute(joined)
    ]


def settle_delivery(connection: Connection, parcel: Parcel, *, status: int | None, error: str | None, now: int) -> None:
    """Note how an attempt went: delivered, to be tried again later, or dead."""
    delivered = status is not None and 200 <= status < 300
    state, next_at = DeliveryState.DELIVERED, now
    if not delivered:
        dead = parcel.attempts > len(BACK_OFF_MS)
        state = DeliveryState.DEAD if dead else DeliveryState.PENDING
        wait = 0 if dead else BACK_OFF_MS[parcel.attempts - 1]
        next_at = now + round(wait * random.uniform(0.8, 1.2))  # noqa: S311 - only spreads the attempts
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.delivery_id == parcel.delivery_id)
        .values(state=state.value, next_at=next_at, last_status=status, last_error=error)
    )


def list_deliveries(
    connection: Connection, webhook_id: str, *, state: DeliveryState | None = None, limit: int = 100
) -> tuple[Delivery, ...]:
    """Return what is or was on its way to a subscriber, the newest first."""
    query = sa.select(deliveries).where(deliveries.c.webhook_id == webhook_id)
    if state is not None:
        query = query.where(deliveries.c.state == state.value)
    rows = connection.execute(query.order_by(deliveries.c.delivery_id.desc()).limit(limit))
    return tuple(Delivery(**{**row._mapping, "state": DeliveryState(row.state)}) for row in rows)


def revive_delivery(connection: Connection, webhook_id: str, delivery_id: str, deed: Deed) -> None:
    """Begin a dead delivery anew.

    Raises
    ------
    ApiError
        ``not_found``, where it is not dead, or not there.
    """
    dead = (deliveries.c.delivery_id == delivery_id) & (deliveries.c.webhook_id == webhook_id)
    dead &= deliveries.c.state == DeliveryState.DEAD.value
    anew = {"state": DeliveryState.PENDING.value, "attempts": 0, "next_at": deed.at}
    if not connection.execute(sa.update(deliveries).where(dead).values(**anew)).rowcount:
        raise not_found("dead delivery", delivery_id)
    note(connection, deed, "delivery.revive", delivery_id)


def _webhook(row: sa.Row[Any]) -> Webhook:
    return Webhook(
        webhook_id=row.webhook_id,
        url=row.url,
        types=tuple(row.types),
        state=WebhookState(row.state),
        created_at=row.created_at,
    )
