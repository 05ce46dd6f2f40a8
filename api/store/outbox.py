"""Events for subscribers, written in the transaction of what they tell."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.ids import new_id
from api.store.schema import events


def emit(connection: Connection, kind: str, subject: str, data: Mapping[str, Any], now: int) -> str:
    """Write an event such as ``plan.published`` and return its id; data never hold homes."""
    event_id = new_id("evt")
    connection.execute(sa.insert(events).values(event_id=event_id, type=kind, subject=subject, data=dict(data), at=now))
    return event_id
