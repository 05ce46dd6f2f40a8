"""Subscribers and deliveries in the store: who is told, when it is tried again, and when it is given up."""

import pytest
import sqlalchemy as sa

from api.clock import MINUTE_MS
from api.errors import ApiError
from api.store import Store
from api.store.audit import read_audit
from api.store.outbox import emit
from api.store.schema import deliveries, events, webhooks
from api.store.states import DeliveryState, WebhookState
from api.store.webhooks import (
    BACK_OFF_MS,
    CLAIM_MS,
    Parcel,
    Webhook,
    claim_deliveries,
    delete_webhook,
    fan_out,
    find_webhook,
    insert_webhook,
    list_deliveries,
    list_webhooks,
    revive_delivery,
    settle_delivery,
)
from tests.api.samples import DEED, NOW, SEALER


def subscribe(store: Store, *types: str, secret: bytes = b"s3cret") -> Webhook:
    return store.transact(
        lambda c: insert_webhook(
            c, SEALER, url="https://hooks.example.com/x", types=types or ("*",), secret=secret, deed=DEED
        )
    )


def tell(store: Store, *kinds: str, now: int = NOW) -> list[str]:
    return store.transact(lambda c: [emit(c, kind, "plan_1", {"n": i}, now) for i, kind in enumerate(kinds)])


def spread(store: Store, now: int = NOW) -> int:
    return store.transact(lambda c: fan_out(c, now))


def claim(store: Store, now: int = NOW, limit: int = 8) -> list[Parcel]:
    return store.transact(lambda c: claim_deliveries(c, SEALER, now, limit))


def settle(store: Store, parcel: Parcel, status: int | None, now: int = NOW, error: str | None = None) -> None:
    store.transact(lambda c: settle_delivery(c, parcel, status=status, error=error, now=now))


def state(store: Store, hook: Webhook) -> list[DeliveryState]:
    with store.read() as connection:
        return [delivery.state for delivery in list_deliveries(connection, hook.webhook_id)]


def test_a_subscription_reads_back_and_its_secret_is_sealed(file_store: Store) -> None:
    hook = subscribe(file_store, "plan.*", "job.failed")
    assert (hook.types, hook.state, hook.created_at) == (("plan.*", "job.failed"), WebhookState.ACTIVE, NOW)
    with file_store.read() as connection:
        assert find_webhook(connection, hook.webhook_id) == hook
        row = connection.execute(sa.select(webhooks)).one()
        assert read_audit(connection)[0].action == "webhook.create"
    assert b"s3cret" not in row.secret
    assert row.created_by == DEED.actor


def test_subscriptions_are_listed_the_oldest_first(file_store: Store) -> None:
    made = [subscribe(file_store), subscribe(file_store), subscribe(file_store)]
    with file_store.read() as connection:
        assert list_webhooks(connection) == tuple(made)


def test_each_event_goes_to_everybody_who_wants_it_and_to_nobody_else(file_store: Store) -> None:
    plans, failures = subscribe(file_store, "plan.*"), subscribe(file_store, "job.failed")
    published, failed, _ = tell(file_store, "plan.published", "job.failed", "job.succeeded")
    assert spread(file_store) == 3
    with file_store.read() as connection:
        assert [d.event_id for d in list_deliveries(connection, plans.webhook_id)] == [published]
        assert [d.event_id for d in list_deliveries(connection, failures.webhook_id)] == [failed]


def test_an_event_is_put_on_its_way_once(file_store: Store) -> None:
    hook = subscribe(file_store)
    tell(file_store, "plan.published")
    assert [spread(file_store), spread(file_store)] == [1, 0]
    assert len(state(file_store, hook)) == 1


def test_who_subscribes_later_is_not_told_what_happened_before(file_store: Store) -> None:
    tell(file_store, "plan.published")
    assert spread(file_store) == 1
    late = subscribe(file_store)
    assert spread(file_store) == 0
    assert state(file_store, late) == []
    with file_store.read() as connection:
        assert connection.execute(sa.select(events.c.fanned_out_at)).scalar_one() == NOW


def test_a_subscriber_who_was_disabled_is_not_told(file_store: Store) -> None:
    hook, other = subscribe(file_store), subscribe(file_store)
    with file_store.write() as connection:
        off = sa.update(webhooks).where(webhooks.c.webhook_id == hook.webhook_id)
        connection.execute(off.values(state=WebhookState.DISABLED.value))
    tell(file_store, "plan.published")
    spread(file_store)
    assert (state(file_store, hook), state(file_store, other)) == ([], [DeliveryState.PENDING])


def test_many_events_are_put_on_their_way_in_turns_the_oldest_first(file_store: Store) -> None:
    hook = subscribe(file_store)
    made = tell(file_store, *["plan.published"] * 5)
    assert file_store.transact(lambda c: fan_out(c, NOW, limit=3)) == 3
    with file_store.read() as connection:
        assert {d.event_id for d in list_deliveries(connection, hook.webhook_id)} == set(made[:3])
    assert spread(file_store) == 2


def test_a_parcel_holds_all_that_it_takes_to_deliver_it(file_store: Store) -> None:
    hook = subscribe(file_store, secret=b"\x00\xff key")
    (event,) = tell(file_store, "plan.published", now=NOW - 5)
    spread(file_store)
    (parcel,) = claim(file_store)
    assert (parcel.url, parcel.secret, parcel.attempts) == (hook.url, b"\x00\xff key", 1)
    assert (parcel.event_id, parcel.kind, parcel.subject) == (event, "plan.published", "plan_1")
    assert (parcel.data, parcel.at) == ({"n": 0}, NOW - 5)


def test_what_one_worker_has_nobody_else_gets_within_a_minute(file_store: Store) -> None:
    subscribe(file_store)
    tell(file_store, "plan.published")
    spread(file_store)
    (first,) = claim(file_store)
    assert claim(file_store, NOW + CLAIM_MS - 1) == []
    (again,) = claim(file_store, NOW + CLAIM_MS)
    assert (again.delivery_id, again.attempts) == (first.delivery_id, 2)


def test_a_worker_takes_no_more_than_it_asks_for(file_store: Store) -> None:
    subscribe(file_store)
    tell(file_store, *["plan.published"] * 5)
    spread(file_store)
    taken = [len(claim(file_store, limit=2)) for _ in range(4)]
    assert taken == [2, 2, 1, 0]


@pytest.mark.parametrize("status", [200, 204, 299])
def test_success_ends_a_delivery(file_store: Store, status: int) -> None:
    hook = subscribe(file_store)
    tell(file_store, "plan.published")
    spread(file_store)
    (parcel,) = claim(file_store)
    settle(file_store, parcel, status)
    assert state(file_store, hook) == [DeliveryState.DELIVERED]
    assert claim(file_store, NOW + 10 * CLAIM_MS) == []


@pytest.mark.parametrize("status", [199, 300, 404, 500, None])
def test_anything_else_is_tried_again_after_a_while(file_store: Store, status: int | None) -> None:
    hook = subscribe(file_store)
    tell(file_store, "plan.published")
    spread(file_store)
    (parcel,) = claim(file_store)
    settle(file_store, parcel, status, error="no answer")
    with file_store.read() as connection:
        (delivery,) = list_deliveries(connection, hook.webhook_id)
    assert (delivery.state, delivery.last_status, delivery.last_error) == (DeliveryState.PENDING, status, "no answer")
    assert 0.8 * BACK_OFF_MS[0] <= delivery.next_at - NOW <= 1.2 * BACK_OFF_MS[0]


def exhausted(store: Store) -> tuple[Webhook, str]:
    """Return a subscriber and a delivery to it that was tried as often as it may be."""
    hook = subscribe(store)
    tell(store, "plan.published")
    spread(store)
    now, waits = NOW, []
    while found := claim(store, now):
        settle(store, found[0], 500, now)
        with store.read() as connection:
            (delivery,) = list_deliveries(connection, hook.webhook_id)
        waits.append(delivery.next_at - now)
        now = delivery.next_at
    assert len(waits) == len(BACK_OFF_MS) + 1
    for wait, planned in zip(waits, (*BACK_OFF_MS, 0), strict=True):
        assert 0.8 * planned <= wait <= 1.2 * planned
    return hook, delivery.delivery_id


def test_after_the_last_pause_a_delivery_is_dead(file_store: Store) -> None:
    hook, _ = exhausted(file_store)
    assert state(file_store, hook) == [DeliveryState.DEAD]
    assert claim(file_store, NOW + 10**10) == []


def test_a_dead_delivery_begins_anew_with_all_its_attempts(file_store: Store) -> None:
    hook, delivery_id = exhausted(file_store)
    file_store.transact(lambda c: revive_delivery(c, hook.webhook_id, delivery_id, DEED))
    (parcel,) = claim(file_store)
    assert (parcel.delivery_id, parcel.attempts) == (delivery_id, 1)
    with file_store.read() as connection:
        entry = read_audit(connection)[0]
    assert (entry.action, entry.subject) == ("delivery.revive", delivery_id)


def test_only_what_is_dead_and_the_subscribers_own_is_begun_anew(file_store: Store) -> None:
    _, dead = exhausted(file_store)
    other = subscribe(file_store)
    tell(file_store, "plan.published")
    spread(file_store)
    with file_store.read() as connection:
        (pending,) = list_deliveries(connection, other.webhook_id)
    for delivery_id in (dead, pending.delivery_id, "dlv_none"):
        with pytest.raises(ApiError) as error, file_store.write() as connection:
            revive_delivery(connection, other.webhook_id, delivery_id, DEED)
        assert error.value.code == "not_found"


def test_deliveries_are_listed_by_state_the_newest_first(file_store: Store) -> None:
    hook = subscribe(file_store)
    tell(file_store, *["plan.published"] * 3)
    spread(file_store)
    settle(file_store, claim(file_store, limit=1)[0], 200)
    with file_store.read() as connection:
        every = list_deliveries(connection, hook.webhook_id)
        assert [d.delivery_id for d in every] == sorted((d.delivery_id for d in every), reverse=True)
        assert list_deliveries(connection, hook.webhook_id, limit=2) == every[:2]
        assert len(list_deliveries(connection, hook.webhook_id, state=DeliveryState.DELIVERED)) == 1
        assert len(list_deliveries(connection, hook.webhook_id, state=DeliveryState.PENDING)) == 2
        assert list_deliveries(connection, "hook_none") == ()


def test_the_end_of_a_subscription_drops_what_was_on_its_way(file_store: Store) -> None:
    hook, other = subscribe(file_store), subscribe(file_store)
    tell(file_store, "plan.published")
    spread(file_store)
    file_store.transact(lambda c: delete_webhook(c, hook.webhook_id, DEED))
    with file_store.read() as connection:
        rows = connection.execute(sa.select(deliveries.c.webhook_id)).scalars().all()
        assert read_audit(connection)[0].action == "webhook.delete"
    assert rows == [other.webhook_id]
    assert len(claim(file_store, NOW + MINUTE_MS)) == 1


def test_a_subscription_that_is_not_there_cannot_be_found_or_ended(file_store: Store) -> None:
    with pytest.raises(ApiError) as error, file_store.write() as connection:
        delete_webhook(connection, "hook_none", DEED)
    assert error.value.code == "not_found"
    with pytest.raises(ApiError) as error, file_store.read() as connection:
        find_webhook(connection, "hook_none")
    assert error.value.status == 404
