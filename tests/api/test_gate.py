"""The outermost layer, against applications that misbehave."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from api.desk import Desk
from api.errors import ApiError
from api.gate import Gate
from tests.api.databases import copied


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of SQLite alone: what is tested here is the same on any database."""
    return copied(file, tmp_path)


Told = tuple[list[Message], Desk]


def passed(
    desk: Desk, app: Any, *, headers: list[tuple[bytes, bytes]] | None = None, body: bytes = b""
) -> list[Message]:
    """Send one request through the gate to an application, and return what came back."""
    sent: list[Message] = []
    scope: Scope = {"type": "http", "method": "POST", "path": "/v1/x", "headers": headers or []}

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Gate(app, desk)(scope, receive, send))
    return sent


async def answering(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the protocol's
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["state"]["trace_id"].encode()})


async def failing(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the protocol's
    raise RuntimeError("home at 121.5")


async def failing_late(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the protocol's
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError("home at 121.5")


async def refusing(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the protocol's
    raise ApiError("store_busy", "Busy.", "Wait.")


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await answering(scope, receive, send)


def problem_of(sent: list[Message]) -> dict[str, Any]:
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return dict(json.loads(sent[1]["body"]))


def test_an_answer_carries_the_trace_id_that_the_application_saw(desk: Desk) -> None:
    sent = passed(desk, answering)
    assert dict(sent[0]["headers"])[b"x-trace-id"] == sent[1]["body"]


def test_a_failure_is_a_problem_that_tells_nothing(desk: Desk) -> None:
    told = problem_of(passed(desk, failing))
    assert (told["status"], told["code"]) == (500, "internal")
    assert "121.5" not in json.dumps(told)


def test_a_failure_after_the_answer_began_adds_nothing_to_it(desk: Desk) -> None:
    sent = passed(desk, failing_late)
    assert [message["type"] for message in sent] == ["http.response.start"]


def test_what_is_refused_outside_of_any_handler_is_a_problem_too(desk: Desk) -> None:
    assert problem_of(passed(desk, refusing))["code"] == "store_busy"


@pytest.mark.parametrize("declared", [b"99999999", b"3"])
def test_a_body_is_counted_whatever_it_declares(desk: Desk, declared: bytes) -> None:
    large = b"x" * (desk.settings.max_body_bytes + 1)
    told = problem_of(passed(desk, reading, headers=[(b"content-length", declared)], body=large))
    assert (told["status"], told["code"]) == (413, "too_large")


def test_a_body_that_fits_goes_through(desk: Desk) -> None:
    assert passed(desk, reading, headers=[(b"content-length", b"3")], body=b"abc")[0]["status"] == 200


def test_a_failure_is_counted(desk: Desk) -> None:
    passed(desk, failing)
    assert b'status="500"' in desk.metrics.text(iter(()))


def test_what_is_no_request_goes_through_untouched(desk: Desk) -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the protocol's
        seen.append(scope["type"])

    asyncio.run(Gate(app, desk)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
