"""The audit log: who did what to what, written in the transaction of the deed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.store.schema import audit_log

_NOTE = sa.insert(audit_log)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who acts, and in answer to which request.

    Attributes
    ----------
    actor : str
        A key's id, or ``cli`` or ``worker``.
    at : int
        [ms since the epoch].
    """

    actor: str
    at: int
    trace_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the log."""

    entry: int
    at: int
    actor: str
    action: str
    subject: str | None
    details: Mapping[str, Any]
    trace_id: str | None


def note(
    connection: Connection, deed: Deed, action: str, subject: str | None = None, /, **details: str | int | bool | None
) -> None:
    """Write one line; details never hold coordinates, names or needs."""
    row = {"at": deed.at, "actor": deed.actor, "action": action, "subject": subject, "details": details}
    connection.execute(_NOTE, row | {"trace_id": deed.trace_id})


def read_audit(
    connection: Connection, *, subject: str | None = None, before: int | None = None, limit: int = 100
) -> tuple[AuditEntry, ...]:
    """Return entries, the newest first."""
    query = sa.select(audit_log).order_by(audit_log.c.entry.desc()).limit(limit)
    if subject is not None:
        query = query.where(audit_log.c.subject == subject)
    if before is not None:
        query = query.where(audit_log.c.entry < before)
    return tuple(AuditEntry(**row._mapping) for row in connection.execute(query))
