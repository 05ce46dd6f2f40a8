"""What time it is, as one function that tests can put another in the place of."""

import datetime as dt
import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns milliseconds since 1970-01-01T00:00Z."""

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
_EPOCH = dt.datetime.fromtimestamp(0, tz=dt.UTC)


def now_ms() -> int:
    """Return the present [ms since the epoch]."""
    return time.time_ns() // 1_000_000


def rfc3339(at_ms: int) -> str:
    """Return an instant [ms since the epoch] as RFC 3339 in UTC, such as ``2026-11-20T08:30:00.000Z``."""
    at = _EPOCH + dt.timedelta(milliseconds=at_ms)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
