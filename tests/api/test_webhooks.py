"""Webhooks: signed, at least once, with patience, and never to an address of our own network."""

import hmac
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from api import webhooks as room
from api.desk import Desk
from api.errors import ApiError
from api.store.outbox import emit
from api.store.states import DeliveryState, WebhookState
from api.store.webhooks import BACK_OFF_MS, Webhook, insert_webhook, list_deliveries
from api.webhooks import check_url, deliver_some, public_address, sign
from tests.api.calls import Http
from tests.api.conftest import Watch
from tests.api.databases import copied
from tests.api.samples import DEED


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of SQLite alone: what is tested here is the same on any database."""
    return copied(file, tmp_path)


@dataclass
class Subscriber:
    """Somebody who listens on this machine, and answers as told."""

    url: str = ""
    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    listener = Subscriber()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.heard.append((dict(self.headers), body))
            self.send_response(listener.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    listener.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield listener
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def near(desk: Desk) -> Desk:
    """Return a desk that may call addresses of this machine."""
    return replace(desk, settings=replace(desk.settings, private_webhooks=True))


def subscribed(desk: Desk, url: str, *types: str) -> str:
    return desk.store.transact(
        lambda c: insert_webhook(c, desk.sealer, url=url, types=types or ("*",), secret=b"secret", deed=DEED)
    ).webhook_id


def happened(desk: Desk, kind: str = "plan.published") -> str:
    return desk.store.transact(lambda c: emit(c, kind, "plan_1", {"service": "town"}, desk.clock()))


def states(desk: Desk, webhook_id: str) -> list[tuple[DeliveryState, int, str | None]]:
    with desk.store.read() as connection:
        return [(d.state, d.attempts, d.last_error) for d in list_deliveries(connection, webhook_id)]


def test_an_event_is_delivered_once_signed_and_complete(near: Desk, subscriber: Subscriber) -> None:
    hook, event_id = subscribed(near, subscriber.url), happened(near)
    assert deliver_some(near) == 1
    assert deliver_some(near) == 0
    ((headers, body),) = subscriber.heard
    assert json.loads(body) == {
        "event_id": event_id,
        "type": "plan.published",
        "at": "2023-11-14T22:13:20.000Z",
        "subject": "plan_1",
        "data": {"service": "town"},
    }
    at, signature = (part.split("=")[1] for part in headers[room.SIGNATURE].split(","))
    signed = f"{at}.{headers[room.EVENT_ID]}.".encode() + body
    assert signature == hmac.new(b"secret", signed, sha256).hexdigest()
    assert states(near, hook) == [(DeliveryState.DELIVERED, 1, None)]


def test_a_signature_covers_time_event_and_body() -> None:
    first = sign(b"k", 1, "evt_1", b"{}")
    assert first.startswith("t=1,v1=")
    others = {sign(b"k", 2, "evt_1", b"{}"), sign(b"k", 1, "evt_2", b"{}"), sign(b"k", 1, "evt_1", b"[]")}
    assert len({first, sign(b"j", 1, "evt_1", b"{}")} | others) == 5


def test_only_what_was_asked_for_is_told(near: Desk, subscriber: Subscriber) -> None:
    subscribed(near, subscriber.url, "plan.*")
    for kind in ("job.succeeded", "plan.retired", "planet.born"):
        happened(near, kind)
    deliver_some(near)
    assert [json.loads(body)["type"] for _, body in subscriber.heard] == ["plan.retired"]


@pytest.mark.parametrize(
    ("types", "kind", "wanted"),
    [
        (("*",), "job.failed", True),
        (("plan.*",), "plan.approved", True),
        (("plan.*",), "planning.begun", False),
        (("plan.published", "job.failed"), "job.failed", True),
        (("plan.published",), "plan.retired", False),
    ],
)
def test_types_are_names_or_families(types: tuple[str, ...], kind: str, wanted: bool) -> None:
    hook = Webhook(webhook_id="h", url="u", types=types, state=WebhookState.ACTIVE, created_at=0)
    assert hook.wants(kind) is wanted


def test_a_failure_is_tried_again_with_patience_and_is_dead_in_the_end(
    near: Desk, subscriber: Subscriber, watch: Watch
) -> None:
    hook = subscribed(near, subscriber.url)
    happened(near)
    subscriber.status = 500
    for attempt, wait in enumerate(BACK_OFF_MS, start=1):
        assert deliver_some(near) == 1
        assert states(near, hook) == [(DeliveryState.PENDING, attempt, "answered 500")]
        watch.now += round(wait * 0.79)
        assert deliver_some(near) == 0
        watch.now += round(wait * 0.42)
    assert deliver_some(near) == 1
    assert states(near, hook)[0][0] is DeliveryState.DEAD
    watch.now += 10**9
    assert deliver_some(near) == 0


def test_a_dead_delivery_can_be_begun_anew(near: Desk, subscriber: Subscriber, watch: Watch, http: Http) -> None:
    hook = subscribed(near, subscriber.url)
    happened(near)
    subscriber.status = 404
    for _ in range(len(BACK_OFF_MS) + 1):
        deliver_some(near)
        watch.now += 10**8
    (dead,) = http.get(f"/v1/webhooks/{hook}/deliveries?state=dead").json()["deliveries"]
    subscriber.status = 200
    path = f"/v1/webhooks/{hook}/deliveries/{dead['delivery_id']}/retry"
    assert http.post(path).status_code == 204
    assert http.post(path).status_code == 404
    deliver_some(near)
    assert states(near, hook)[0][0] is DeliveryState.DELIVERED


def test_a_redirect_is_not_followed(near: Desk, subscriber: Subscriber) -> None:
    hook = subscribed(near, subscriber.url)
    happened(near)
    subscriber.status = 302
    deliver_some(near)
    assert states(near, hook) == [(DeliveryState.PENDING, 1, "answered 302")]


def test_nobody_listening_is_a_failure_like_any(near: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    hook = subscribed(near, url)
    happened(near)
    deliver_some(near)
    assert states(near, hook) == [(DeliveryState.PENDING, 1, "ConnectError")]


def test_a_name_that_leads_into_our_own_network_is_not_called(
    desk: Desk, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name was harmless when it was registered; now it leads to a private address."""
    hook = subscribed(desk, "https://booking.example.com/hook")
    happened(desk)
    monkeypatch.setattr(room.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("10.0.0.7", 443))])
    deliver_some(desk)
    assert states(desk, hook) == [(DeliveryState.PENDING, 1, "address: private address")]
    assert subscriber.heard == []


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::1"], ["169.254.169.254"], ["::ffff:10.0.0.1"], ["fe80::1%eth0"]],
)
def test_every_address_of_a_name_must_be_public(addresses: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(room.socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(OSError, match="private"):
        public_address("example.com", 443)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://",
        "https://user:pass@example.com/",
        "https://example.com/#x",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://192.168.1.1/",
        "nonsense",
    ],
)
def test_an_address_that_we_would_not_call_is_refused(url: str) -> None:
    with pytest.raises(ApiError) as refused:
        check_url(url, private=False)
    assert [fault.pointer for fault in refused.value.faults] == ["/url"]


def test_a_subscription_over_http_tells_its_secret_once(http: Http) -> None:
    asked = {"url": "https://booking.example.com/hook", "types": ["plan.*"]}
    made = http.post("/v1/webhooks", json=asked)
    assert (made.status_code, len(made.json()["secret"])) == (201, 64)
    (listed,) = http.get("/v1/webhooks").json()["webhooks"]
    assert "secret" not in listed
    assert listed == http.get(made.headers["location"]).json()
    assert (listed["types"], listed["state"]) == (["plan.*"], "active")
    assert http.delete(made.headers["location"]).status_code == 204
    assert http.get(made.headers["location"]).status_code == 404
    assert http.get(f"{made.headers['location']}/deliveries").status_code == 404


@pytest.mark.parametrize("body", [{"url": "http://x.com"}, {"url": "https://x.com", "types": ["Plan"]}, {"types": []}])
def test_a_subscription_that_makes_no_sense_is_refused(http: Http, body: dict[str, object]) -> None:
    assert http.post("/v1/webhooks", json=body).status_code == 422
