"""Whatever is sent, the API answers as its schema says: no 5xx, no status or shape that is not documented."""

import io
import zipfile
from typing import Any

import pytest
import schemathesis
import structlog
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ensure_resource_availability,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
    use_after_free,
)

from api.app import create_app
from api.desk import Desk
from api.settings import Settings
from api.store import Store
from api.store.keys import SCOPES
from tests.api.calls import serving
from tests.api.conftest import DATA_KEY, Watch, key
from tests.api.samples import SEALER, kept_plan
from tests.api.town_service import open_town

EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    allow_header_conformance,
    ensure_resource_availability,
    ignored_auth,
    missing_required_header,
    unsupported_method,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    use_after_free,
]
LOOSE = {"POST /v1/plans/{plan_id}/publish", "POST /v1/scenarios"}
"""Where a body may be left out, nothing sent in its place is no fault; no schema tells one archive from another."""


def archive(files: dict[str, bytes]) -> bytes:
    """Return an archive of a scenario that has a name, whatever else is in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("scenario.toml", '[scenario]\nname = "town"\ncrs = "wgs84"\n')
        for name, content in files.items():
            opened.writestr(name, content)
    return packed.getvalue()


FILES = st.dictionaries(st.sampled_from(["riders.csv", "all.xlsx", "a/b.csv", "../up.csv", "stops.csv"]), st.binary())
schemathesis.openapi.media_type("application/zip", st.one_of(st.binary(), FILES.map(archive)))


@pytest.fixture
def app(file_store: Store) -> FastAPI:
    log = structlog.wrap_logger(structlog.testing.CapturingLogger(), processors=[])
    limits = Settings(db="sqlite:///x", data_keys=DATA_KEY, rate_per_s=0, failures_per_s=0)
    desk = Desk(settings=limits, store=file_store, sealer=SEALER, log=log, clock=Watch())
    file_store.transact(kept_plan)
    open_town(desk)
    return create_app(desk)


def send_some(operation: Any, headers: dict[str, str], checks: list[Any]) -> None:
    """Send a call some requests, sensible ones and others."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def call(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers, checks=checks)

    call()


def test_every_call_keeps_its_schema_whatever_is_sent(app: FastAPI) -> None:
    schema = schemathesis.openapi.from_dict(app.openapi())
    schema.app = app
    headers = key(app.state.desk.store, *SCOPES)
    tried = []
    for found in schema.get_all_operations():
        operation = found.ok()
        tried.append(operation.label)
        checks = CHECKS if operation.label in LOOSE else [*CHECKS, negative_data_rejection]

        send_some(operation, headers, checks)
    assert len(tried) >= 25
    assert any("/v1/jobs" in label for label in tried)
    assert any("/v1/holds" in label for label in tried)
    assert set(tried) >= LOOSE


def test_without_a_key_every_call_but_the_open_ones_is_refused(app: FastAPI) -> None:
    open_paths = {"/healthz", "/readyz", "/openapi.json"}
    with serving(app) as http:
        for path, calls in app.openapi()["paths"].items():
            for method in calls:
                answer = http.request(method.upper(), path.replace("{", "").replace("}", ""))
                assert (answer.status_code == 401) is (path not in open_paths), (method, path)


def test_every_call_documents_what_it_may_answer(app: FastAPI) -> None:
    for path, calls in app.openapi()["paths"].items():
        for method, call in calls.items():
            if path.startswith("/v1"):
                assert {"400", "401", "403", "422", "429"} <= set(call["responses"]), (method, path)
            assert call["summary"], (method, path)
            assert call.get("description"), (method, path)


def test_every_shape_is_closed_for_writing(app: FastAPI) -> None:
    """What callers write refuses unknown members; what they are told may grow."""
    shapes = app.openapi()["components"]["schemas"]
    written = {
        content["schema"].get("$ref", "").split("/")[-1]
        for calls in app.openapi()["paths"].values()
        for call in calls.values()
        for content in call.get("requestBody", {}).get("content", {}).values()
    } - {""}
    assert len(written) >= 3
    assert [name for name in written if shapes[name].get("additionalProperties") is not False] == []
