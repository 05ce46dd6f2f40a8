"""The application as a whole: what answers without a key, problems, trace ids, sizes, limits."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import Field

from api.app import create_app
from api.auth import BURST_S, REMEMBERED_MS, PlanWriter
from api.desk import Desk
from api.shapes import Asked, Whole
from api.store.keys import list_keys, revoke_key
from tests.api.calls import Http
from tests.api.conftest import Watch, key


class Order(Asked):
    seats: Whole = Field(ge=1)
    note: str = ""


def with_orders(desk: Desk) -> FastAPI:
    """Return an application with one call more, to see what every call has in common."""
    app, router = create_app(desk), APIRouter()

    @router.post("/v1/orders")
    async def order(order: Order, _: PlanWriter) -> dict[str, int]:
        if order.note == "boom":
            raise RuntimeError("unforeseen")
        return {"seats": order.seats}

    app.include_router(router)
    return app


@pytest.fixture
def orders(desk: Desk, http: Http) -> Http:
    return beside(http, with_orders(desk))


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(body), 100):
        yield body[begin : begin + 100]


def beside(http: Http, app: FastAPI) -> Http:
    """Return a client of another application with the same key."""
    return Http(app, http.portal, dict(http.client.headers))


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json"])
def test_open_endpoints_answer_without_a_key(http: Http, path: str) -> None:
    del http.client.headers["Authorization"]
    assert http.get(path).status_code == 200


def test_a_ready_process_names_its_database_and_schema(http: Http, desk: Desk) -> None:
    assert http.get("/readyz").json() == {
        "status": "ready",
        "database": desk.store.dialect,
        "revision": "0002",
    }


def test_a_leaving_process_is_not_ready(http: Http) -> None:
    http.app.state.closing.set()
    answer = http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")


def test_metrics_need_a_key_and_count_what_was_answered(http: Http) -> None:
    http.get("/healthz")
    text = http.get("/metrics").text
    assert 'banche_requests_total{method="GET",path="/healthz",status="200"} 1.0' in text
    assert 'banche_rows{state="queued",table="jobs"} 0.0' in text
    assert http.get("/metrics", headers={"Authorization": "Bearer none"}).status_code == 401


def test_an_unknown_path_is_a_problem(http: Http) -> None:
    answer = http.get("/v2")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_a_wrong_method_is_a_problem_that_names_the_right_one(http: Http) -> None:
    answer = http.delete("/healthz")
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, "method_not_allowed", "GET")


def test_every_fault_of_a_body_is_told_at_once_with_its_pointer(orders: Http) -> None:
    answer = orders.post("/v1/orders", json={"seats": True, "colour": "red"})
    assert answer.status_code == 422
    faults = {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}
    assert faults == {"/seats": "value_error", "/colour": "extra_forbidden"}


@pytest.mark.parametrize(("seats", "status"), [(1, 200), (1.0, 200), (0, 422), ("1", 422), (None, 422), (1.5, 422)])
def test_a_whole_number_is_a_number(orders: Http, seats: object, status: int) -> None:
    assert orders.post("/v1/orders", json={"seats": seats}).status_code == status


def test_a_body_that_is_no_json_is_400(orders: Http) -> None:
    answer = orders.post("/v1/orders", content=b"{seats", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_json")


def test_what_nobody_foresaw_is_a_problem_without_details(orders: Http) -> None:
    answer = orders.post("/v1/orders", json={"seats": 1, "note": "boom"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "unforeseen" not in answer.text


def test_a_trace_id_is_taken_from_the_caller_and_given_back(http: Http) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = http.get("/v2", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert answer.headers["x-trace-id"] == answer.json()["trace_id"] == trace
    assert len(http.get("/v2", headers={"traceparent": "nonsense"}).headers["x-trace-id"]) == 32


def test_a_body_beyond_the_limit_is_refused_whether_it_declares_its_size_or_not(desk: Desk, http: Http) -> None:
    small = replace(desk, settings=replace(desk.settings, max_body_bytes=1_024))
    http = beside(http, with_orders(small))
    body = b'{"seats": 1, "note": "' + b"x" * 2_000 + b'"}'
    for content in (body, pieces(body)):
        answer = http.post("/v1/orders", content=content, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_key_that_is_missing_wrong_or_too_weak_is_refused(orders: Http, desk: Desk) -> None:
    reader = key(desk.store, "plan:read")
    for headers, status, code in (
        ({"Authorization": ""}, 401, "key_missing"),
        ({"Authorization": "Basic abc"}, 401, "key_missing"),
        ({"Authorization": "Bearer banche_none"}, 401, "key_invalid"),
        (reader, 403, "scope_missing"),
    ):
        answer = orders.post("/v1/orders", json={"seats": 1}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert ("www-authenticate" in answer.headers) == (status == 401)


def test_a_revoked_key_stops_working_within_seconds(http: Http, desk: Desk, watch: Watch) -> None:
    assert http.get("/metrics").status_code == 200
    with desk.store.write() as connection:
        for key in list_keys(connection):
            revoke_key(connection, key.key_id, watch.now)
    watch.now += REMEMBERED_MS
    assert http.get("/metrics").status_code == 401


def test_a_key_has_a_limit_that_refills(desk: Desk, http: Http, watch: Watch) -> None:
    slow = replace(desk, settings=replace(desk.settings, rate_per_s=2))
    http = beside(http, create_app(slow))
    statuses = [http.get("/metrics").status_code for _ in range(2 * BURST_S + 1)]
    assert statuses == [200] * (2 * BURST_S) + [429]
    assert http.get("/metrics").headers["retry-after"] == "1"
    watch.now += 1_000
    assert [http.get("/metrics").status_code for _ in range(3)] == [200, 200, 429]


def test_guessing_keys_is_slowed_down(desk: Desk, http: Http) -> None:
    slow = replace(desk, settings=replace(desk.settings, failures_per_s=1))
    http = beside(http, create_app(slow))
    codes = [http.get("/metrics", headers={"Authorization": f"Bearer {i}"}).status_code for i in range(4)]
    assert codes == [401, 401, 429, 429]


def test_the_schema_documents_keys_and_problems(http: Http) -> None:
    document = http.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert {"type", "title", "status", "code", "errors"} <= set(
        document["components"]["schemas"]["ToldProblem"]["properties"]
    )
