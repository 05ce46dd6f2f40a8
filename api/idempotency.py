"""A POST that is sent again is done once: effect and answer are written in one transaction."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request, Response
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from api.auth import Caller
from api.desk import Desk
from api.errors import MEDIA_TYPE, ApiError, FieldFault, problem
from api.store.answers import KeptAnswer, find_answer, keep_answer

HEADER = "Idempotency-Key"
LONGEST = 255
REPLAYED = "Idempotency-Replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a handler's work has to say; the body is a JSON object, never a list."""

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


T = TypeVar("T")
Work = Callable[[Connection], Answer]

IdempotencyKey = Annotated[
    str | None, Header(alias=HEADER, description="Sent again with the same request, it is done once.")
]
"""A parameter of every POST, so that the schema tells of it; `answer_once` reads the header itself."""


async def answer_once(request: Request, desk: Desk, caller: Caller, work: Work) -> Response:
    """Run work in a writing transaction and answer; with an ``Idempotency-Key`` exactly once.

    The work may be run again when the database asks for it, so it changes nothing but the database. What it
    refuses (an `ApiError`) is kept and answered again likewise.

    Raises
    ------
    ApiError
        What the work raises; ``idempotency_key_reused`` for another request under the same key; ``in_flight``
        while the first one is still being answered; ``bad_header``.
    """
    name = request.headers.get(HEADER)
    if name is None:
        return _response(await _written(desk, lambda connection: _kept(work(connection), "")))
    if not 0 < len(name) <= LONGEST or not name.isprintable():
        fault = FieldFault(pointer=f"header:{HEADER}", code="bad_header", detail="1 to 255 printable characters")
        raise ApiError("bad_header", f"{HEADER} cannot be used.", "Send a UUID.", faults=[fault])
    seen = sha256(
        f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body()
    ).hexdigest()
    flying: set[tuple[str, str]] = desk.shelf.setdefault("in_flight", set())
    ticket = (caller.key.key_id, name)
    if ticket in flying:
        action = "Ask again in a second."
        raise ApiError("in_flight", "This request is being answered.", action, headers={"Retry-After": "1"})
    flying.add(ticket)
    try:
        return await _once(desk, caller, ticket, seen, work)
    finally:
        flying.discard(ticket)


async def _once(desk: Desk, caller: Caller, ticket: tuple[str, str], seen: str, work: Work) -> Response:
    def attempt(connection: Connection) -> tuple[KeptAnswer, bool]:
        known = find_answer(connection, *ticket, caller.at)
        if known is not None:
            return known, True
        made = _kept(work(connection), seen)
        keep_answer(connection, *ticket, made, caller.at)
        return made, False

    try:
        answer, again = await _written(desk, attempt)
    except ApiError as refused:
        answer, again = await _written(desk, _remember(_refusal(refused, caller, seen), ticket, caller))
    if answer.request_digest != seen:
        raise ApiError(
            "idempotency_key_reused",
            f"Another request was answered under this {HEADER}.",
            "Send a new one with every new request.",
        )
    return _response(answer, again=again)


async def _written(desk: Desk, work: Callable[[Connection], T]) -> T:
    """Run work, and once more where somebody else wrote the same row in the meantime: then it is there to be read."""
    try:
        return await desk.store.writing(work)
    except IntegrityError:
        return await desk.store.writing(work)


def _remember(
    answer: KeptAnswer, ticket: tuple[str, str], caller: Caller
) -> Callable[[Connection], tuple[KeptAnswer, bool]]:
    def attempt(connection: Connection) -> tuple[KeptAnswer, bool]:
        known = find_answer(connection, *ticket, caller.at)
        if known is not None:
            return known, True
        if answer.status < 500 and answer.status != 429:  # what passes by itself is worth another try
            keep_answer(connection, *ticket, answer, caller.at)
        return answer, False

    return attempt


def _kept(answer: Answer, seen: str) -> KeptAnswer:
    body = json.dumps(answer.body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json"} | dict(answer.headers)
    return KeptAnswer(request_digest=seen, status=answer.status, headers=headers, body=body)


def _refusal(refused: ApiError, caller: Caller, seen: str) -> KeptAnswer:
    body = json.dumps(problem(refused, caller.trace_id), ensure_ascii=False).encode()
    headers = {"Content-Type": MEDIA_TYPE} | refused.headers
    return KeptAnswer(request_digest=seen, status=refused.status, headers=headers, body=body)


def _response(answer: KeptAnswer, *, again: bool = False) -> Response:
    headers = dict(answer.headers) | ({REPLAYED: "true"} if again else {})
    return Response(content=answer.body, status_code=answer.status, headers=headers)
