"""Puts the web application together."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from api.apart import Apart
from api.auth import Doorkeeper
from api.carrying import carry_bookings
from api.desk import Desk
from api.errors import ApiError, FieldFault
from api.examples import add_examples
from api.express import Express, refusal
from api.gate import Gate
from api.published import watch_published
from api.routers import LANES, ROUTERS
from api.shapes import ToldProblem

BACKGROUND: tuple[Callable[[Desk], Coroutine[Any, Any, None]], ...] = (watch_published, carry_bookings)
"""What runs beside the requests as long as the application does."""

HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 406: "not_acceptable", 415: "unsupported_media_type"}


def create_app(desk: Desk) -> FastAPI:
    """Return a new application at a desk, which the caller closes; nothing is shared between two of them."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(run(desk)) for run in BACKGROUND]
        yield
        app.state.closing.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        app.state.apart.close()

    app = FastAPI(
        title="banche", version=version("banche"), summary="Custom commuter shuttles.", lifespan=lifespan, docs_url=None
    )
    app.state.desk = desk
    app.state.doorkeeper = Doorkeeper()
    app.state.closing = threading.Event()
    app.state.apart = Apart()
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(ApiError, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_input)
    app.add_exception_handler(HTTPException, _refuse_http)
    lanes = {lane.path: lane for lane in LANES}
    app.add_middleware(Express, desk=desk, keeper=app.state.doorkeeper, lanes=lanes)
    app.add_middleware(Gate, desk=desk)  # outermost
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign] # FastAPI's documented way
    return app


def _answer(request: Request, error: ApiError) -> Response:
    return refusal(error, getattr(request.state, "trace_id", None))


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return _answer(request, error)


async def _refuse_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(fault["type"] == "json_invalid" for fault in found):
        return _answer(request, ApiError("unreadable_json", "The body is no JSON.", "Send one JSON object."))
    faults = [FieldFault(pointer=_pointer(f["loc"]), code=str(f["type"]), detail=str(f["msg"])) for f in found]
    action = "Mend what errors[] lists."
    return _answer(request, ApiError("invalid_request", "The request has faults.", action, faults=faults))


async def _refuse_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, ApiError):  # raised while FastAPI read the body
        return _answer(request, error.__cause__)
    code = HTTP_CODES.get(error.status_code, "unreadable_json")
    told = ApiError(code, f"{error.detail}.", "", headers=error.headers)
    return _answer(request, told)


def _pointer(place: tuple[str | int, ...]) -> str:
    """Return a JSON pointer into the body, or the name of a parameter after where it stands."""
    where, *path = place
    if where != "body":
        return f"{where}:{'/'.join(map(str, path))}"
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        schema = ToldProblem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts = document.setdefault("components", {}).setdefault("schemas", {})
        parts.update(schema.pop("$defs", {}))
        parts["ToldProblem"] = schema
        add_examples(document)
        app.openapi_schema = document
    return app.openapi_schema
