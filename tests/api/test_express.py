"""The express lane answers what the ordinary way would, and hands on what is unusual."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from api.app import create_app
from api.desk import Desk
from api.express import LONGEST, Express
from api.routers import LANES
from tests.api.calls import Http
from tests.api.conftest import Watch, key
from tests.api.databases import copied
from tests.api.town_service import QUAY, THURSDAY, iso, open_town

OFFERS = {"stop_id": "quay", "worksite_id": "south", "shift_id": "late", "dates": iso(THURSDAY)}
HOME = {"home": {"lon": 121.6, "lat": 38.9, "crs": "wgs84"}, "worksite_id": "north", "shift_id": "early"}
HOLDS = {"legs": [QUAY], "dates": iso(THURSDAY)}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of SQLite alone: what is tested here is the same on any database."""
    return copied(file, tmp_path)


class Ways:
    """The same application with its lane and without, at one desk, and how often the ordinary way was taken."""

    def __init__(self, http: Http, desk: Desk) -> None:
        self.ordinary = 0
        self.fast = Http(self._counting(create_app(desk)), http.portal, dict(http.client.headers))
        slow = create_app(desk)
        for middleware in slow.user_middleware:
            if middleware.cls is Express:
                middleware.kwargs["lanes"] = {}
        self.slow = Http(slow, http.portal, dict(http.client.headers))

    def _counting(self, app: FastAPI) -> FastAPI:
        handle = app.router.app

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            self.ordinary += 1
            await handle(scope, receive, send)

        app.router.middleware_stack = counted
        return app

    def both(self, path: str, content: bytes, headers: dict[str, str] | None = None) -> tuple[Any, Any]:
        """Return status, headers and document of both ways, but for what differs from request to request."""
        found = []
        for http in (self.fast, self.slow):
            answer = http.post(path, content=content, headers=headers or JSON)
            told = answer.json()
            for name in ("trace_id", "hold_id", "expires_at"):
                told.pop(name, None)
            kept = {n: v for n, v in answer.headers.items() if n not in {"x-trace-id", "content-length", "location"}}
            found.append((answer.status_code, kept, told))
        return found[0], found[1]


@pytest.fixture
def ways(http: Http, desk: Desk) -> Ways:
    open_town(desk)
    return Ways(http, desk)


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("/v1/offers", OFFERS, 200),
        ("/v1/offers", {name: value for name, value in OFFERS.items() if name != "dates"}, 200),
        ("/v1/offers", OFFERS | {"count": 7.0, "limit": 2, "need": "short_walk"}, 200),
        ("/v1/offers", OFFERS | {"stop_id": "nowhere"}, 422),
        ("/v1/offers", OFFERS | {"service": "none"}, 422),
        ("/v1/holds", HOLDS, 201),
        ("/v1/holds", HOLDS | {"rider_id": "班车"}, 201),
        ("/v1/holds", HOLDS | {"count": 50}, 409),
        ("/v1/holds", HOLDS | {"legs": [QUAY | {"trip_id": "gone"}]}, 409),
        ("/v1/holds", HOLDS | {"dates": ["2020-01-01"]}, 422),
    ],
)
def test_a_plain_request_takes_the_lane_and_is_answered_alike(
    ways: Ways, path: str, asked: dict[str, Any], status: int
) -> None:
    fast, slow = ways.both(path, json.dumps(asked).encode())
    assert fast == slow
    assert fast[0] == status
    assert ways.ordinary == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"worksite_id": NaN}',
        json.dumps(OFFERS | {"more": 1}).encode(),
        json.dumps(OFFERS | {"count": "7"}).encode(),
        json.dumps(OFFERS | {"count": True}).encode(),
        json.dumps(OFFERS | {"dates": ["2023-02-30"]}).encode(),
        json.dumps(OFFERS | HOME).encode(),
        json.dumps(HOME | {"home": {"lon": 181, "lat": 0, "crs": "wgs84"}}).encode(),
        json.dumps(OFFERS | {"worksite_id": "\ud800"}).encode(),
    ],
)
def test_a_fault_is_told_by_the_ordinary_way(ways: Ways, content: bytes) -> None:
    fast, slow = ways.both("/v1/offers", content)
    assert fast == slow
    assert fast[0] in {400, 422}
    assert ways.ordinary == 1


@pytest.mark.parametrize(
    "headers",
    [
        JSON | {"Authorization": ""},
        JSON | {"Authorization": "Basic eDp5"},
        JSON | {"Authorization": "Bearer none"},
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": "text/plain"},
    ],
)
def test_whatever_is_unusual_takes_the_ordinary_way(ways: Ways, headers: dict[str, str]) -> None:
    fast, slow = ways.both("/v1/offers", json.dumps(OFFERS).encode(), headers)
    assert fast == slow
    assert ways.ordinary == 1


def test_a_large_body_takes_the_ordinary_way(ways: Ways) -> None:
    content = json.dumps(OFFERS).encode()
    fast, slow = ways.both("/v1/offers", content + b" " * (LONGEST - len(content)))
    assert (fast, ways.ordinary) == (slow, 0)
    fast, slow = ways.both("/v1/offers", content + b" " * LONGEST)
    assert (fast, fast[0], ways.ordinary) == (slow, 200, 1)


def test_a_key_without_the_scope_takes_the_ordinary_way(ways: Ways, desk: Desk) -> None:
    headers = JSON | key(desk.store, "plan:read")
    fast, slow = ways.both("/v1/offers", json.dumps(OFFERS).encode(), headers)
    assert fast == slow
    assert (fast[0], fast[2]["code"], ways.ordinary) == (403, "scope_missing", 1)


def test_a_repeated_request_is_answered_the_same_on_the_lane(ways: Ways) -> None:
    headers = JSON | {"Idempotency-Key": "one"}
    first, again = (ways.fast.post("/v1/holds", json=HOLDS, headers=headers) for _ in range(2))
    other = ways.slow.post("/v1/holds", json=HOLDS, headers=headers)
    assert first.status_code == 201
    assert first.content == again.content == other.content
    assert "Idempotency-Replayed" in again.headers
    reused = ways.fast.post("/v1/holds", json=HOLDS | {"count": 2}, headers=headers)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert ways.ordinary == 0


def test_requests_are_counted_and_limited_on_the_lane(ways: Ways, desk: Desk, watch: Watch) -> None:
    before = desk.settings.rate_per_s
    object.__setattr__(desk.settings, "rate_per_s", 1)
    seen = [ways.fast.post("/v1/offers", json=OFFERS) for _ in range(3)]
    assert [answer.status_code for answer in seen] == [200, 200, 429]
    assert seen[2].headers["Retry-After"] == "1"
    assert seen[2].json()["code"] == "too_many_requests"
    watch.now += 1_000
    assert ways.fast.post("/v1/offers", json=OFFERS).status_code == 200
    object.__setattr__(desk.settings, "rate_per_s", before)
    assert b'banche_requests_total{method="POST",path="/v1/offers",status="429"} 1.0' in desk.metrics.text(iter(()))


def test_a_lane_is_the_very_handler_that_the_schema_describes(http: Http) -> None:
    described = http.get("/openapi.json").json()["paths"]
    routes = {route.path: route for router in create_app_routers() for route in router.routes}
    for lane in LANES:
        assert "post" in described[lane.path]
        assert routes[lane.path].endpoint is lane.serve
        assert routes[lane.path].endpoint.__annotations__["asked"] is lane.asked._type


def create_app_routers() -> tuple[Any, ...]:
    from api.routers import ROUTERS

    return ROUTERS
