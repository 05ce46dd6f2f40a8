"""The open endpoints of the API, called through ASGI as a server would."""

import asyncio

import httpx
import pytest

from api.app import create_app


def get(path: str) -> httpx.Response:
    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://banche.test") as client:
            return await client.get(path)

    return asyncio.run(call())


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_open_endpoints_answer_without_a_key(path: str) -> None:
    response = get(path)
    assert response.status_code == 200
    assert response.json()["status"] in {"ok", "ready"}


def test_an_unknown_path_is_not_found() -> None:
    assert get("/v2").status_code == 404


def test_the_schema_lists_every_open_endpoint() -> None:
    assert {"/healthz", "/readyz"} <= get("/openapi.json").json()["paths"].keys()
