"""Webhooks: who is told of plans, jobs, lines and bookings."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints
from sqlalchemy.engine import Connection

from api.auth import PlanReader, PlanWriter
from api.clock import rfc3339
from api.desk import AtDesk
from api.idempotency import Answer, IdempotencyKey, answer_once
from api.shapes import Asked, Ident, Limit, Told, problems
from api.store.states import DeliveryState, WebhookState
from api.store.webhooks import (
    Delivery,
    Webhook,
    delete_webhook,
    find_webhook,
    insert_webhook,
    list_deliveries,
    list_webhooks,
    revive_delivery,
)
from api.webhooks import check_url

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], responses=problems(400, 401, 403, 422, 429, 503))

EventType = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z]{1,30}\.(\*|[a-z_]{1,30}))$")]


class Subscription(Asked):
    """Whom to tell of what."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000)] = Field(
        examples=["https://booking.example.com/banche"]
    )
    types: Annotated[list[EventType], Field(min_length=1, max_length=50)] = Field(
        default=["*"], description="Such as `plan.published`, `plan.*`, or `*` for everything."
    )


class ToldWebhook(Told):
    """A subscription."""

    webhook_id: str
    url: str
    types: list[str]
    state: WebhookState
    created_at: str


class ToldSecret(ToldWebhook):
    """A new subscription with its secret, which is told this once."""

    secret: str = Field(description="Key of the HMAC-SHA256 in `Banche-Signature`.")


class ToldWebhooks(Told):
    """Every subscription."""

    webhooks: list[ToldWebhook]


class ToldDelivery(Told):
    """One event on its way."""

    delivery_id: str
    event_id: str
    state: DeliveryState
    attempts: int
    next_at: str
    last_status: int | None
    last_error: str | None


class ToldDeliveries(Told):
    """Events on their way, the newest first."""

    deliveries: list[ToldDelivery]


def told(hook: Webhook) -> dict[str, Any]:
    """Return a subscription as callers are told."""
    return {
        "webhook_id": hook.webhook_id,
        "url": hook.url,
        "types": list(hook.types),
        "state": hook.state.value,
        "created_at": rfc3339(hook.created_at),
    }


def _told_delivery(delivery: Delivery) -> ToldDelivery:
    return ToldDelivery(
        delivery_id=delivery.delivery_id,
        event_id=delivery.event_id,
        state=delivery.state,
        attempts=delivery.attempts,
        next_at=rfc3339(delivery.next_at),
        last_status=delivery.last_status,
        last_error=delivery.last_error,
    )


@router.post("", status_code=201, response_model=ToldSecret, responses=problems(409, 413))
async def subscribe(
    asked: Subscription, request: Request, desk: AtDesk, caller: PlanWriter, _: IdempotencyKey = None
) -> Response:
    """Ask to be told; the secret that signs is answered this once."""
    check_url(asked.url, private=desk.settings.private_webhooks)

    def work(connection: Connection) -> Answer:
        secret = secrets.token_hex(32)
        hook = insert_webhook(
            connection, desk.sealer, url=asked.url, types=asked.types, secret=secret.encode(), deed=caller.deed
        )
        return Answer(
            status=201, body=told(hook) | {"secret": secret}, headers={"Location": f"/v1/webhooks/{hook.webhook_id}"}
        )

    return await answer_once(request, desk, caller, work)


@router.get("")
async def list_all(desk: AtDesk, _: PlanReader) -> ToldWebhooks:
    """List every subscription."""
    found = await desk.store.reading(list_webhooks)
    return ToldWebhooks(webhooks=[ToldWebhook(**told(hook)) for hook in found])


@router.get("/{webhook_id}", responses=problems(404))
async def show(webhook_id: Ident, desk: AtDesk, _: PlanReader) -> ToldWebhook:
    """Tell of a subscription."""
    return ToldWebhook(**told(await desk.store.reading(lambda c: find_webhook(c, webhook_id))))


@router.delete("/{webhook_id}", status_code=204, responses=problems(404))
async def unsubscribe(webhook_id: Ident, desk: AtDesk, caller: PlanWriter) -> Response:
    """End a subscription."""
    await desk.store.writing(lambda c: delete_webhook(c, webhook_id, caller.deed))
    return Response(status_code=204)


@router.get("/{webhook_id}/deliveries", responses=problems(404))
async def deliveries(
    webhook_id: Ident, desk: AtDesk, _: PlanReader, state: DeliveryState | None = None, limit: Limit = 100
) -> ToldDeliveries:
    """List what is or was on its way, such as what is `dead`."""

    def work(connection: Connection) -> tuple[Delivery, ...]:
        find_webhook(connection, webhook_id)
        return list_deliveries(connection, webhook_id, state=state, limit=limit)

    found = await desk.store.reading(work)
    return ToldDeliveries(deliveries=[_told_delivery(delivery) for delivery in found])


@router.post("/{webhook_id}/deliveries/{delivery_id}/retry", status_code=204, responses=problems(404, 409, 413))
async def retry(webhook_id: Ident, delivery_id: Ident, desk: AtDesk, caller: PlanWriter) -> Response:
    """Begin a dead delivery anew."""
    await desk.store.writing(lambda c: revive_delivery(c, webhook_id, delivery_id, caller.deed))
    return Response(status_code=204)
