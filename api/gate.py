"""The outermost layer: trace ids, sizes, times, the access log, and a problem document for what nobody foresaw."""

import json
import re
import secrets
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.desk import Desk
from api.errors import MEDIA_TYPE, ApiError, problem, problem_of
from api.logs import where_it_broke

TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
UPLOADS = ("/v1/scenarios",)
"""Paths whose bodies may be as large as an upload."""


@dataclass(frozen=True, slots=True)
class Gate:
    """ASGI middleware around everything."""

    app: ASGIApp
    desk: Desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        passage = Passage(trace_id=_trace_id(scope), begin=time.perf_counter())
        scope.setdefault("state", {})["trace_id"] = passage.trace_id

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                passage.status = message["status"]
                message["headers"] = [*message["headers"], (b"x-trace-id", passage.trace_id.encode())]
            await send(message)

        settings = self.desk.settings
        uploads = scope["path"].startswith(UPLOADS)
        most = settings.max_upload_bytes if uploads else settings.max_body_bytes
        try:
            await self.app(scope, _counting(scope, receive, most), answer)
        except ApiError as refused:
            await _tell(answer, refused.status, problem(refused, passage.trace_id), passage)
        except Exception as error:  # noqa: BLE001 - nobody foresaw it
            self.desk.log.error("unforeseen", trace_id=passage.trace_id, where=where_it_broke(error))  # noqa: TRY400 - a traceback shows too much
            document = problem_of(
                status=500, code="internal", detail="This is a bug of ours.", trace_id=passage.trace_id
            )
            await _tell(answer, 500, document, passage)
        finally:
            self._note(scope, passage)

    def _note(self, scope: Scope, passage: "Passage") -> None:
        path = getattr(scope.get("route"), "path", "unknown")
        seconds = time.perf_counter() - passage.begin
        self.desk.metrics.observe(scope["method"], path, passage.status, seconds)
        self.desk.log.info(
            "request",
            trace_id=passage.trace_id,
            method=scope["method"],
            path=path,
            status=passage.status,
            ms=round(seconds * 1_000, 2),
        )


@dataclass(slots=True)
class Passage:
    """One request on its way through."""

    trace_id: str
    begin: float
    status: int = 0


async def _tell(send: Send, status: int, document: dict[str, Any], passage: Passage) -> None:
    if passage.status:
        return  # the answer has begun; all that is left is to end it
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _trace_id(scope: Scope) -> str:
    """Return the trace id that the caller gave (W3C Trace Context), or a new one."""
    for name, value in scope["headers"]:
        if name == b"traceparent" and (found := TRACEPARENT.fullmatch(value)):
            return found.group(1).decode()
    return secrets.token_hex(16)


def _counting(scope: Scope, receive: Receive, most: int) -> Receive:
    """Return a receiver that refuses bodies beyond a size, declared or not."""
    counted = 0
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")

    async def counting() -> MutableMapping[str, Any]:
        nonlocal counted
        if declared.isdigit() and int(declared) > most:
            raise _too_large(most)
        message = await receive()
        counted += len(message.get("body", b""))
        if counted > most:
            raise _too_large(most)
        return message

    return counting


def _too_large(most: int) -> ApiError:
    return ApiError(
        "too_large", f"The body is larger than {most} bytes.", "Send less at a time.", headers={"Connection": "close"}
    )
