"""Subscriptions over HTTP: addresses that are none, scopes, keys, deliveries of whom."""

from pathlib import Path

import pytest

from api.desk import Desk
from api.store.outbox import emit
from api.store.webhooks import fan_out, insert_webhook, list_deliveries
from api.webhooks import deliver_some
from tests.api.calls import Http
from tests.api.conftest import NOON, key
from tests.api.databases import copied
from tests.api.problems import refused
from tests.api.samples import DEED

ASKED: dict[str, object] = {"url": "https://booking.example.com/hook"}


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of a database on SQLite alone: the store's own tests cover both."""
    return copied(file, tmp_path)


@pytest.mark.parametrize(
    "address",
    [
        "https://",
        "https://[::1",
        "https://[x]/",
        "https://a\u2100b/",
        "https://x.com:99999/",
        "https://x.com:port/",
        "https://10.0.0.1/",
        "https://user@x.com/",
        "ftp://x.com/",
        "x.com",
    ],
)
def test_what_is_no_public_address_is_refused(http: Http, address: str) -> None:
    told = refused(http.post("/v1/webhooks", json={"url": address}), 422, "invalid_request", "/url")
    assert told["errors"][0]["code"] == "bad_url"
    assert http.get("/v1/webhooks").json() == {"webhooks": []}


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"url": ""}, ["/url"]),
        ({"url": "https://x.com/" + "x" * 2_000}, ["/url"]),
        ({"types": []}, ["/types"]),
        ({"types": ["*"] * 51}, ["/types"]),
        ({"types": ["plan.*", "plan.", "*.published"]}, ["/types/1", "/types/2"]),
        ({"secret": "mine"}, ["/secret"]),
    ],
)
def test_faults_of_a_subscription_are_told(http: Http, change: dict[str, object], pointers: list[str]) -> None:
    refused(http.post("/v1/webhooks", json=ASKED | change), 422, "invalid_request", *pointers)


def test_a_subscription_under_one_key_is_made_once_and_its_secret_told_again(http: Http) -> None:
    """Whoever lost the answer can have it again: the secret is part of it."""
    first, again = (http.post("/v1/webhooks", json=ASKED, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    assert len(http.get("/v1/webhooks").json()["webhooks"]) == 1


def test_each_call_needs_its_scope(http: Http, desk: Desk) -> None:
    path = http.post("/v1/webhooks", json=ASKED).headers["location"]
    reader, writer = key(desk.store, "plan:read"), key(desk.store, "plan:write")
    for told in ("/v1/webhooks", path, f"{path}/deliveries"):
        refused(http.get(told, headers=writer), 403, "scope_missing")
        assert http.get(told, headers=reader).status_code == 200
    refused(http.post("/v1/webhooks", json=ASKED, headers=reader), 403, "scope_missing")
    refused(http.post(f"{path}/deliveries/dlv_none/retry", headers=reader), 403, "scope_missing")
    refused(http.delete(path, headers=reader), 403, "scope_missing")
    assert http.delete(path, headers=writer).status_code == 204


def test_a_subscription_that_has_ended_is_gone_for_every_call(http: Http) -> None:
    path = http.post("/v1/webhooks", json=ASKED).headers["location"]
    assert http.delete(path).status_code == 204
    refused(http.delete(path), 404, "not_found")
    refused(http.get(path), 404, "not_found")
    refused(http.get(f"{path}/deliveries"), 404, "not_found")
    refused(http.post(f"{path}/deliveries/dlv_none/retry"), 404, "not_found")


def test_deliveries_are_told_by_state_and_only_dead_ones_are_begun_anew(http: Http, desk: Desk) -> None:
    path = http.post("/v1/webhooks", json=ASKED).headers["location"]
    event = desk.store.transact(lambda c: emit(c, "plan.published", "plan_1", {}, NOON))
    desk.store.transact(lambda c: fan_out(c, NOON))
    (delivery,) = http.get(f"{path}/deliveries?state=pending").json()["deliveries"]
    assert (delivery["event_id"], delivery["attempts"], delivery["last_status"]) == (event, 0, None)
    assert http.get(f"{path}/deliveries?state=dead").json() == {"deliveries": []}
    refused(http.post(f"{path}/deliveries/{delivery['delivery_id']}/retry"), 404, "not_found")
    refused(http.get(f"{path}/deliveries?state=lost"), 422, "invalid_request", "query:state")
    refused(http.get(f"{path}/deliveries?limit=0"), 422, "invalid_request", "query:limit")


@pytest.mark.parametrize("address", [f"https://{'x' * 64}.example.com/", "https://x.com:99999/", "https://[::1"])
def test_an_address_that_cannot_even_be_looked_up_is_a_failure_like_any(desk: Desk, address: str) -> None:
    """Kept before such addresses were refused, it must not stop what is on its way to others."""
    hook = desk.store.transact(
        lambda c: insert_webhook(c, desk.sealer, url=address, types=["*"], secret=b"s", deed=DEED)
    )
    desk.store.transact(lambda c: emit(c, "plan.published", "plan_1", {}, NOON))
    assert deliver_some(desk) == 1
    with desk.store.read() as connection:
        (delivery,) = list_deliveries(connection, hook.webhook_id)
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("pending", 1, None)
    assert delivery.last_error
    assert delivery.next_at < NOON + 13_000
