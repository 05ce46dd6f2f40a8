"""Answers kept by idempotency key, so that a repeated request gets the same one."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.clock import DAY_MS
from api.store.schema import answers

KEPT_MS = DAY_MS

_AT = sa.and_(answers.c.key_id == sa.bindparam("at_key"), answers.c.idempotency_key == sa.bindparam("at_name"))
_FIND, _FORGET, _KEEP = sa.select(answers).where(_AT), sa.delete(answers).where(_AT), sa.insert(answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What was answered to a request, told apart by the digest of its method, path, query and body."""

    request_digest: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def find_answer(connection: Connection, key_id: str, idempotency_key: str, now: int) -> KeptAnswer | None:
    """Return what was answered within the last day, or None; an older answer is forgotten."""
    at = {"at_key": key_id, "at_name": idempotency_key}
    row = connection.execute(_FIND, at).one_or_none()
    if row is None:
        return None
    if row.created_at + KEPT_MS <= now:
        connection.execute(_FORGET, at)
        return None
    return KeptAnswer(request_digest=row.request_digest, status=row.status, headers=row.headers, body=row.body)


def keep_answer(connection: Connection, key_id: str, idempotency_key: str, answer: KeptAnswer, now: int) -> None:
    """Keep an answer.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        When another request with the same key was answered in the meantime.
    """
    connection.execute(
        _KEEP,
        {
            "key_id": key_id,
            "idempotency_key": idempotency_key,
            "request_digest": answer.request_digest,
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": answer.body,
            "created_at": now,
        },
    )


def forget_answers(connection: Connection, now: int) -> int:
    """Delete answers older than a day and return how many there were."""
    return connection.execute(sa.delete(answers).where(answers.c.created_at + KEPT_MS <= now)).rowcount
