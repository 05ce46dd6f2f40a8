"""Scenarios: handed in as a ZIP archive of their folder, checked by a job when they are planned."""

import asyncio
import datetime as dt
import io
import tomllib
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.auth import PlanReader, PlanWriter
from api.clock import rfc3339
from api.desk import AtDesk
from api.errors import ApiError, FieldFault
from api.idempotency import Answer, IdempotencyKey, answer_once
from api.published import board_of
from api.shapes import Cursor, Ident, Limit, Told, cursor_of, problems, read_cursor
from api.store.scenarios import ScenarioRecord, find_scenario, insert_scenario, list_scenarios
from api.suspicion import check_scenario
from routing.formats.text import parse_toml

router = APIRouter(prefix="/v1/scenarios", tags=["scenarios"], responses=problems(400, 401, 403, 422, 429, 503))

HEAD = "scenario.toml"
MOST_FILES = 32
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What archivers write unless told otherwise; other methods unpack whole pieces at once, whatever size they claim."""
BROKEN = (
    zipfile.BadZipFile,  # no archive, or other content than its checksum says
    zlib.error,  # damaged
    EOFError,  # cut short
    ValueError,  # a directory that begins before the archive, or a name that is no UTF-8
    RuntimeError,  # a password; its child NotImplementedError: a version of the format that is still to come
)
"""What `zipfile` raises for an archive that cannot be read."""
ARCHIVE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class ToldScenario(Told):
    """A scenario as it was handed in."""

    scenario_id: str
    service: str = Field(description="The scenario's name, the same from version to version.", examples=["dalian"])
    digest: str = Field(description="SHA-256 over all files.")
    created_at: str


class ToldScenarios(Told):
    """A page of scenarios, the newest first."""

    scenarios: list[ToldScenario]
    next: str | None


def told(record: ScenarioRecord) -> dict[str, Any]:
    """Return a scenario as callers are told."""
    return {
        "scenario_id": record.scenario_id,
        "service": record.service,
        "digest": record.digest,
        "created_at": rfc3339(record.created_at),
    }


@router.post("", status_code=201, response_model=ToldScenario, openapi_extra=ARCHIVE, responses=problems(409, 413, 415))
async def hand_in(request: Request, desk: AtDesk, caller: PlanWriter, _: IdempotencyKey = None) -> Response:
    """Hand in a scenario's folder as a ZIP archive; the same files again are the same scenario."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/zip":
        raise ApiError("unsupported_media_type", "A scenario is an archive.", "Send application/zip.")
    files = unpack(await request.body(), desk.settings.max_upload_bytes)
    service = service_of(files)
    running = board_of(desk).edition(service, dt.date.max)
    if running is not None:
        await asyncio.to_thread(check_scenario, running.index.walker, files)

    def work(connection: Any) -> Answer:
        record = insert_scenario(connection, desk.sealer, service, files, caller.deed)
        return Answer(status=201, body=told(record), headers={"Location": f"/v1/scenarios/{record.scenario_id}"})

    return await answer_once(request, desk, caller, work)


@router.get("")
async def list_all(desk: AtDesk, _: PlanReader, limit: Limit = 100, cursor: Cursor = None) -> ToldScenarios:
    """List scenarios, the newest first."""
    after = read_cursor(cursor)
    found = await desk.store.reading(lambda c: list_scenarios(c, after=after, limit=limit + 1))
    page = [ToldScenario(**told(record)) for record in found[:limit]]
    return ToldScenarios(scenarios=page, next=cursor_of(page[-1].scenario_id) if len(found) > limit else None)


@router.get("/{scenario_id}", responses=problems(404))
async def show(scenario_id: Ident, desk: AtDesk, _: PlanReader) -> ToldScenario:
    """Tell of a scenario, by its id or by its service's name for the newest."""
    return ToldScenario(**told(await desk.store.reading(lambda c: find_scenario(c, scenario_id))))


def unpack(archive: bytes, most: int) -> dict[str, bytes]:
    """Return the files of an archive by name, wherever in it their folder lies.

    Raises
    ------
    ApiError
        ``invalid_request`` with every fault; ``too_large``, where it would unpack to more than allowed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = [e for e in opened.infolist() if not e.filename.endswith("/") and not _hidden(e.filename)]
            if not all(e.filename for e in entries):
                raise _refused("An entry of the archive has no name.")
            heads = [e for e in entries if PurePosixPath(e.filename).name == HEAD]
            if len(heads) != 1:
                raise _refused(f"The archive holds {len(heads)} files {HEAD}, not one.")
            folder = PurePosixPath(heads[0].filename).parent
            inside = [e for e in entries if PurePosixPath(e.filename).parent == folder]
            if len(inside) > MOST_FILES:
                raise _refused(f"The folder holds {len(inside)} files; at most {MOST_FILES} make sense.")
            if any(e.compress_type not in METHODS for e in inside):
                raise _refused("The archive is packed by another method than Deflate.")
            if sum(e.file_size for e in inside) > most:
                raise ApiError(
                    "too_large", "The archive unpacks to more than is allowed.", "Leave out what is not read."
                )
            return {PurePosixPath(e.filename).name: opened.read(e) for e in inside}
    except BROKEN as error:
        raise _refused("The body is no ZIP archive, or a broken one.") from error


def service_of(files: dict[str, bytes]) -> str:
    """Return the name that a scenario gives itself.

    Raises
    ------
    ApiError
        ``invalid_request``.
    """
    try:
        name = parse_toml(files[HEAD].decode("utf-8-sig")).get("scenario", {}).get("name")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise _refused(f"{HEAD} cannot be read.") from error
    if not isinstance(name, str) or not 0 < len(name) <= 100 or not name.isprintable() or "/" in name:
        raise _refused(f"{HEAD} gives the scenario no name that can be used.")
    return name


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__")) for part in PurePosixPath(name).parts)


def _refused(cause: str) -> ApiError:
    fault = FieldFault(pointer="", code="bad_archive", detail=cause)
    return ApiError("invalid_request", cause, "Send the scenario's folder as a ZIP archive.", faults=[fault])
