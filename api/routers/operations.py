"""Is it alive, can it work, how is it doing."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from api.auth import AnyCaller
from api.desk import AtDesk
from api.errors import ApiError
from api.metrics import count_rows
from api.shapes import Told, problems
from api.store.migrate import newest, revision_of

router = APIRouter(tags=["operations"])
AS_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}}}


class Health(Told):
    """The process answers."""

    status: str = Field(examples=["ok"])
    version: str = Field(examples=["0.1.0"])


class Readiness(Told):
    """What the process needs in order to work is there."""

    status: str = Field(examples=["ready"])
    database: str = Field(examples=["sqlite"])
    revision: str = Field(examples=["0002"])


@router.get("/healthz")
async def healthz() -> Health:
    """Tell that the process answers."""
    return Health(status="ok", version=version("banche"))


@router.get("/readyz", responses=problems(503))
async def readyz(request: Request, desk: AtDesk) -> Readiness:
    """Tell whether the process can work: its database answers and has the newest schema, and it is not leaving."""
    try:
        revision = await desk.store.reading(revision_of)
    except SQLAlchemyError as error:
        raise ApiError("not_ready", "The database does not answer.", "Wait, or look at the database.") from error
    if revision != newest() or request.app.state.closing.is_set():
        raise ApiError("not_ready", "The process is leaving, or its database is of another version.", "Ask another.")
    return Readiness(status="ready", database=desk.store.dialect, revision=str(revision))


@router.get("/metrics", response_class=Response, responses={**AS_TEXT, **problems(401, 429)})
async def metrics(desk: AtDesk, _: AnyCaller) -> Response:
    """Tell Prometheus; any key will do."""
    counts = await desk.store.reading(count_rows)
    return Response(desk.metrics.text(iter(counts)), media_type=CONTENT_TYPE_LATEST)
