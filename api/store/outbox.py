"""Events for subscribers, written in the transaction of what they tell."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.ids import new_id
from api.store.schema import events

_EMIT = sa.insert(events)


def emit(connection: Connection, kind: str, subject: str, data: Mapping[str, Any], now: int) -> str:
    """Write an event such as ``plan.published`` and return its id; data never hold homes."""
    event_id = new_id("evt")
    row = {"event_id": event_id, "type": kind, "subject": subject, "data": dict(data), "at": now}
    connection.execute(_EMIT, row)
    return event_id
