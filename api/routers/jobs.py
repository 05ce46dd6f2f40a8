"""Work that takes its time: begin it, watch it, stop it, cancel it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import Field
from sqlalchemy.engine import Connection

from api.auth import Caller, PlanReader, PlanWriter
from api.clock import rfc3339
from api.conditional import etag, unchanged
from api.desk import AtDesk, Desk
from api.documents import CAREFUL
from api.errors import ApiError, FieldFault
from api.idempotency import Answer, IdempotencyKey, answer_once
from api.jobs.registry import AnyParams
from api.jobs.submit import submit
from api.shapes import Cursor, Ident, Limit, Told, cursor_of, problems, read_cursor
from api.store import jobs
from api.store.jobs import JobRecord
from api.store.states import JobState

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], responses=problems(400, 401, 403, 422, 429, 503))

RETRY_AFTER_S = 1
POLL_S = 0.3
QUIET_S = 15.0
"""How long a stream may say nothing before it says that it is still there."""
MOST_EVENTS = 2**31 - 1
"""No job has more; a larger number fits in no column."""

MEDIA_TYPES = {"json": "application/json", "geojson": "application/geo+json", "csv": "text/csv", "html": "text/html"}


class ToldJob(Told):
    """A job: what was asked, how far it is, what came of it."""

    job_id: str = Field(examples=["job_01KAH0M5T8W1Y2Z3A4B5C6D7E8"])
    kind: str = Field(examples=["plan"])
    state: JobState
    created_at: str = Field(description="RFC 3339.", examples=["2026-11-20T08:30:00.000Z"])
    started_at: str | None
    ended_at: str | None
    attempts: int
    stop_asked: bool
    cancel_asked: bool
    params: dict[str, Any] = Field(description="With these the same job can be begun again.")
    input_digest: str = Field(description="SHA-256 over parameters and inputs: the same input, the same digest.")
    versions: dict[str, str] | None = Field(description="What computed the result.")
    progress: dict[str, Any] | None = Field(
        description="`phase`, share `done`, `cost_fen` of the best so far; with `bound` also `bound_fen` and `gap`."
    )
    result: dict[str, Any] | None = Field(description="`summary`, the draft's `plan_id`, names of `files`.")
    error: dict[str, Any] | None = Field(description="A problem document, where the job failed.")


class ToldJobs(Told):
    """A page of jobs, the newest first."""

    jobs: list[ToldJob]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


def told(job: JobRecord) -> dict[str, Any]:
    """Return a job as callers are told."""
    times = {name: getattr(job, name) for name in ("created_at", "started_at", "ended_at")}
    hidden = {"lease", "lease_until", "version", "trace_id", "created_by"}
    shown = {name: value for name, value in asdict(job).items() if name not in hidden}
    return shown | {name: None if at is None else rfc3339(at) for name, at in times.items()}


def _headers(job: JobRecord) -> dict[str, str]:
    headers = {"ETag": etag(job.version), "Location": f"/v1/jobs/{job.job_id}"}
    return headers if job.state.ended else headers | {"Retry-After": str(RETRY_AFTER_S)}


def _answer(job: JobRecord, status: int) -> Answer:
    return Answer(status=status, body=told(job), headers=_headers(job))


@router.post("", status_code=202, response_model=ToldJob, responses=problems(404, 409, 413))
async def begin(
    request: Request, params: AnyParams, desk: AtDesk, caller: PlanWriter, _: IdempotencyKey = None
) -> Response:
    """Begin a job; `kind` chooses what it does. Its plan, if any, becomes a draft."""
    return await answer_once(request, desk, caller, lambda c: _answer(submit(c, desk.sealer, params, caller.deed), 202))


@router.get("", responses=problems(413))
async def list_jobs(
    desk: AtDesk, _: PlanReader, state: JobState | None = None, limit: Limit = 100, cursor: Cursor = None
) -> ToldJobs:
    """List jobs, the newest first."""
    after = read_cursor(cursor)
    found = await desk.store.reading(lambda c: jobs.list_jobs(c, state=state, after=after, limit=limit + 1))
    page = [ToldJob(**told(job)) for job in found[:limit]]
    return ToldJobs(jobs=page, next=cursor_of(page[-1].job_id) if len(found) > limit else None)


@router.get("/{job_id}", response_model=ToldJob, responses={304: {"description": "Not modified"}, **problems(404)})
async def show(job_id: Ident, request: Request, desk: AtDesk, _: PlanReader) -> Response:
    """Tell how far a job is; with `If-None-Match` only when there is news."""
    job = await desk.store.reading(lambda c: jobs.find_job(c, job_id))
    if unchanged(request, etag(job.version)):
        return Response(status_code=304, headers=_headers(job))
    return JSONResponse(told(job), headers=_headers(job))


@router.post("/{job_id}/stop", status_code=202, response_model=ToldJob, responses=problems(404, 409, 413))
async def stop(job_id: Ident, request: Request, desk: AtDesk, caller: PlanWriter, _: IdempotencyKey = None) -> Response:
    """Ask a job to end now and keep the best it has."""
    return await _asked(request, desk, caller, lambda c: jobs.ask_to_stop(c, _locked(c, job_id), caller.deed))


@router.delete("/{job_id}", status_code=202, response_model=ToldJob, responses=problems(404, 409, 413))
async def cancel(job_id: Ident, request: Request, desk: AtDesk, caller: PlanWriter) -> Response:
    """Cancel a job: whatever it has found is discarded."""
    return await _asked(request, desk, caller, lambda c: jobs.ask_to_cancel(c, _locked(c, job_id), caller.deed))


async def _asked(request: Request, desk: Desk, caller: Caller, ask: Any) -> Response:
    return await answer_once(request, desk, caller, lambda c: _answer(ask(c), 202))


def _locked(connection: Connection, job_id: str) -> JobRecord:
    return jobs.find_job(connection, job_id, lock=True)


@router.get("/{job_id}/files/{name}", response_class=Response, responses=problems(404))
async def file(job_id: Ident, name: Ident, desk: AtDesk, _: PlanReader) -> Response:
    """Return a file that a job has left beside its result, such as `diff.json`."""
    content = await desk.store.reading(lambda c: jobs.job_file(c, job_id, name))
    suffix = name.rsplit(".", 1)[-1]
    return Response(content, media_type=MEDIA_TYPES.get(suffix, "application/octet-stream"), headers=CAREFUL)


EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Events", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


@router.get("/{job_id}/events", response_class=StreamingResponse, responses={**EVENT_STREAM, **problems(404)})
async def events(
    job_id: Ident,
    request: Request,
    desk: AtDesk,
    _: PlanReader,
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
    after: Annotated[
        int | None, Query(ge=0, le=MOST_EVENTS, description="As `Last-Event-ID`, for a first request.")
    ] = None,
) -> Response:
    """Stream a job's events (SSE) until it ends; `Last-Event-ID` resumes where a stream broke off."""
    await desk.store.reading(lambda c: jobs.find_job(c, job_id))
    begin_at = _number(last, after)
    stream = _stream(request, desk, job_id, begin_at)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _number(last: str | None, after: int | None) -> int:
    if last is None:
        return after or 0
    if not last.isascii() or not last.isdigit() or int(last) > MOST_EVENTS:
        fault = FieldFault(pointer="header:Last-Event-ID", code="bad_header", detail="the id of an event: a number")
        raise ApiError("bad_header", "The stream cannot be resumed there.", "Send an id of ours.", faults=[fault])
    return int(last)


async def _stream(request: Request, desk: Desk, job_id: str, number: int) -> AsyncIterator[str]:
    yield f"retry: {RETRY_AFTER_S * 1_000}\n\n"
    quiet = 0.0
    while not request.app.state.closing.is_set():
        found = await desk.store.reading(lambda c, n=number: jobs.events_after(c, job_id, n))  # type: ignore[misc]
        for event in found:
            number, quiet = event.number, 0.0
            yield _event(event.number, event.type, {"at": rfc3339(event.at), **event.data})
            if event.type == "state" and JobState(event.data["state"]).ended:
                return
        await asyncio.sleep(POLL_S)
        quiet += POLL_S
        if quiet >= QUIET_S:
            quiet = 0.0
            yield ": still there\n\n"


def _event(number: int, kind: str, data: Mapping[str, Any]) -> str:
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
