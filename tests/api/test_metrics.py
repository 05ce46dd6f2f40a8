"""What Prometheus is told."""

from prometheus_client.parser import text_string_to_metric_families

from api.desk import Desk
from api.metrics import COUNTED, Metrics, count_rows


def read(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    samples = [s for family in text_string_to_metric_families(text.decode()) for s in family.samples]
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for s in samples}


def test_requests_are_counted_by_template_and_status() -> None:
    metrics = Metrics()
    for status in (200, 200, 404):
        metrics.observe("GET", "/v1/jobs/{job_id}", status, 0.003)
    told = read(metrics.text(iter(())))
    path = ("path", "/v1/jobs/{job_id}")
    assert told["banche_requests_total", (("method", "GET"), path, ("status", "200"))] == 2
    assert told["banche_request_seconds_count", (path,)] == 3
    assert told["banche_request_seconds_bucket", (("le", "0.0025"), path)] == 0
    assert told["banche_request_seconds_bucket", (("le", "0.005"), path)] == 3


def test_states_without_rows_are_told_as_zero(desk: Desk) -> None:
    with desk.store.read() as connection:
        counts = count_rows(connection)
    assert len(counts) == sum(len(states) for _, _, states in COUNTED)
    assert {number for _, _, number in counts} == {0}
    told = read(desk.metrics.text(iter(counts)))
    assert told["banche_rows", (("state", "held"), ("table", "holds"))] == 0
