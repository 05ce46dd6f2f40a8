"""The express lane: calls that are asked a thousand times for each other one skip what a framework does for every call.

FastAPI matches a route, opens stacks for files and dependencies, solves a tree of dependencies and reads the body twice
before a handler runs, which costs more than finding offers. A lane does the same for the plain case alone: a known
path, a JSON body, a key with the scope, a document without a fault. Whatever is unusual is handed on untouched, so that
there is one place that refuses, and one description of every call.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import Caller, Doorkeeper
from api.desk import Desk
from api.errors import MEDIA_TYPE, ApiError, problem

LONGEST = 65_536
"""Bodies beyond this many bytes take the ordinary way."""
BEARER = b"Bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A ``POST`` that is asked often.

    Attributes
    ----------
    path : str
        Without parameters.
    asked : TypeAdapter
        Of the document that the call takes, as its handler declares it.
    serve : callable
        The handler itself.
    """

    path: str
    scope: str
    asked: TypeAdapter[Any]
    serve: Callable[[Any, Request, Desk, Caller], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Express:
    """ASGI middleware before the framework's own."""

    app: ASGIApp
    desk: Desk
    keeper: Doorkeeper
    lanes: Mapping[str, Lane]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request here, or hand it on."""
        lane = self.lanes.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        secret = None if lane is None else _secret(scope)
        if lane is None or secret is None:
            await self.app(scope, receive, send)
            return
        messages = await _whole(receive)
        again = _again(messages, receive)
        key = await self.keeper.key_of(self.desk, secret)
        asked = _read(lane, messages)
        if key is None or asked is None or lane.scope not in key.scopes:
            await self.app(scope, again, send)
            return
        scope["route"] = lane
        now = self.desk.clock()
        try:
            self.keeper.take(key.key_id, self.desk.settings.rate_per_s, now)
            caller = Caller(key=key, trace_id=scope["state"]["trace_id"], at=now)
            answer = await lane.serve(asked, Request(scope, again), self.desk, caller)
        except ApiError as error:
            answer = refusal(error, scope["state"]["trace_id"])
        await answer(scope, receive, send)


def refusal(error: ApiError, trace_id: str | None) -> Response:
    """Return what a caller is told of an error."""
    document = problem(error, trace_id)
    return JSONResponse(document, status_code=error.status, headers=error.headers, media_type=MEDIA_TYPE)


def _secret(scope: Scope) -> str | None:
    """Return the key of a plain JSON request that is not large, or None."""
    given: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        given.setdefault(name, value)
    length, bearer = given.get(b"content-length", b""), given.get(b"authorization", b"")
    if given.get(b"content-type") != b"application/json" or not bearer.startswith(BEARER):
        return None
    return bearer[len(BEARER) :].decode("latin-1") if length.isdigit() and int(length) <= LONGEST else None


async def _whole(receive: Receive) -> list[Message]:
    """Return the messages of a body, whose length was declared, up to its end."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _again(messages: Iterable[Message], receive: Receive) -> Receive:
    """Return a receiver that gives messages again before what follows them."""
    given = iter(messages)

    async def again() -> MutableMapping[str, Any]:
        return next(given, None) or await receive()

    return again


def _read(lane: Lane, messages: Sequence[Message]) -> Any:
    """Return the document of a body, or None where it is not without fault."""
    if messages[-1]["type"] != "http.request":
        return None
    try:
        return lane.asked.validate_json(b"".join(message.get("body", b"") for message in messages))
    except ValidationError:
        return None
