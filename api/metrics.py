"""What Prometheus is told; every application has a registry of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy.engine import Connection

from api.store.schema import deliveries, jobs
from api.store.seating import bookings, holds
from api.store.states import BookingState, DeliveryState, HoldState, JobState

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
COUNTED = (
    ("jobs", jobs.c.state, JobState),
    ("holds", holds.c.state, HoldState),
    ("bookings", bookings.c.state, BookingState),
    ("deliveries", deliveries.c.state, DeliveryState),
)


def _registry() -> CollectorRegistry:
    return CollectorRegistry(auto_describe=True)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counters and histograms of one application."""

    registry: CollectorRegistry = field(default_factory=_registry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    rows: Gauge = field(init=False)
    _children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        made = {
            "requests": Counter(
                "banche_requests_total", "Requests answered.", ("method", "path", "status"), registry=self.registry
            ),
            "seconds": Histogram(
                "banche_request_seconds", "Time to answer [s].", ("path",), buckets=SECONDS, registry=self.registry
            ),
            "rows": Gauge("banche_rows", "Rows by table and state.", ("table", "state"), registry=self.registry),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def observe(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one answered request; ``path`` is the template, such as ``/v1/jobs/{job_id}``."""
        known = self._children.get((method, path, status))
        if known is None:  # finding a child by its labels costs more than counting
            known = (self.requests.labels(method, path, str(status)), self.seconds.labels(path))
            self._children[method, path, status] = known
        known[0].inc()
        known[1].observe(seconds)

    def text(self, counts: Iterator[tuple[str, str, int]]) -> bytes:
        """Return everything in Prometheus' text format, with the rows counted just now."""
        for table, state, number in counts:
            self.rows.labels(table, state).set(number)
        return generate_latest(self.registry)


def count_rows(connection: Connection) -> list[tuple[str, str, int]]:
    """Return table, state and number of rows, zeros among them."""
    found: list[tuple[str, str, int]] = []
    for table, column, states in COUNTED:
        query = sa.select(column, sa.func.count()).group_by(column)
        counts = {row[0]: row[1] for row in connection.execute(query)}
        found += [(table, state.value, counts.get(state.value, 0)) for state in states]
    return found
