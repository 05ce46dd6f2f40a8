"""Plans: their documents, and the life that they go through."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Request, Response
from pydantic import Field
from sqlalchemy.engine import Connection

from api.auth import Caller, PlanReader, PlanWriter
from api.clock import rfc3339
from api.conditional import check_match, etag, unchanged
from api.desk import AtDesk, Desk
from api.documents import CAREFUL, COMPARISONS, compared, difference, letter_of, parsed, written
from api.idempotency import Answer, IdempotencyKey, answer_once
from api.jobs.comparing import diff_of
from api.running import DEFAULT_ZONE, today
from api.shapes import Asked, Cursor, Ident, Limit, Told, cursor_of, problems, read_cursor
from api.store.outbox import emit
from api.store.plans import (
    PlanRecord,
    Publication,
    approve_plan,
    find_plan,
    in_force,
    list_plans,
    list_publications,
    move_plan,
    plan_bytes,
    publish_plan,
    retire_plan,
)
from api.store.states import PlanState
from routing.compare import LineChange
from routing.formats.document import PlanDocument

router = APIRouter(prefix="/v1/plans", tags=["plans"], responses=problems(400, 401, 403, 422, 429, 503))

IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag of the plan as it was read.")]
STEP = problems(404, 409, 412, 413)


class ToldPlan(Told):
    """What is known of a plan beside its document."""

    plan_id: str
    service: str
    scenario_id: str
    job_id: str | None
    digest: str = Field(description="The same for the same decisions, and only for them.")
    state: PlanState
    version: int
    summary: dict[str, Any]
    effective_from: list[dt.date] = Field(description="From when on it is in force, where it is published.")
    created_at: str
    changed_at: str


class ToldPlans(Told):
    """A page of plans, the newest first."""

    plans: list[ToldPlan]
    next: str | None


class Publishing(Asked):
    """When a plan comes into force."""

    effective_from: dt.date | None = Field(
        default=None, description="The first service date; today in the service's time zone.", examples=["2026-12-01"]
    )


def told(record: PlanRecord, published: tuple[Publication, ...] = ()) -> dict[str, Any]:
    """Return a plan's record as callers are told."""
    return {
        "plan_id": record.plan_id,
        "service": record.service,
        "scenario_id": record.scenario_id,
        "job_id": record.job_id,
        "digest": record.digest,
        "state": record.state.value,
        "version": record.version,
        "summary": dict(record.summary),
        "effective_from": [p.effective_from.isoformat() for p in published if p.plan_id == record.plan_id],
        "created_at": rfc3339(record.created_at),
        "changed_at": rfc3339(record.changed_at),
    }


@router.get("")
async def list_all(
    desk: AtDesk,
    _: PlanReader,
    state: PlanState | None = None,
    service: Ident | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> ToldPlans:
    """List plans, the newest first."""
    after = read_cursor(cursor)

    def work(connection: Connection) -> tuple[tuple[PlanRecord, ...], tuple[Publication, ...]]:
        found = list_plans(connection, service=service, state=state, after=after, limit=limit + 1)
        return found, list_publications(connection, service)

    found, published = await desk.store.reading(work)
    page = [ToldPlan(**told(record, published)) for record in found[:limit]]
    return ToldPlans(plans=page, next=cursor_of(page[-1].plan_id) if len(found) > limit else None)


async def _document(request: Request, desk: Desk, plan_id: str, kind: str) -> Response:
    """Answer with a plan in some format; documents never change, so their tag is their id."""
    letter = letter_of(kind)
    record = await desk.store.reading(lambda c: find_plan(c, plan_id))
    tag = etag(record.version) if kind == "json" else etag(f"{plan_id}.{kind}")
    headers = {"ETag": tag} | ({"X-Plan-State": record.state.value} if kind == "json" else {})
    if unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    content = await desk.store.reading(lambda c: plan_bytes(c, plan_id))
    if letter.write is not None:
        content = await request.app.state.apart.run(len(content), written, content, kind)
    if letter.attached:
        headers |= {"Content-Disposition": f'attachment; filename="{plan_id}.{letter.suffix}"'}
    return Response(content, media_type=letter.media_type, headers=headers | CAREFUL)


def _described(kind: str) -> dict[str, Any]:
    """Return the parameters of a handler that answers with a plan in some format."""
    content: dict[str, Any] = {letter_of(kind).media_type: {}}
    answers = {200: {"content": content}, 304: {"description": "Not modified"}, **problems(404)}
    return {"response_class": Response, "responses": answers}


@router.get("/{plan_id}.geojson", **_described("geojson"))
async def geojson(plan_id: Ident, request: Request, desk: AtDesk, _: PlanReader) -> Response:
    """Return lines and stops as GeoJSON."""
    return await _document(request, desk, plan_id, "geojson")


@router.get("/{plan_id}/gtfs.zip", **_described("gtfs"))
async def gtfs(plan_id: Ident, request: Request, desk: AtDesk, _: PlanReader) -> Response:
    """Return the plan as a GTFS feed."""
    return await _document(request, desk, plan_id, "gtfs")


@router.get("/{plan_id}.xlsx", **_described("xlsx"))
async def xlsx(plan_id: Ident, request: Request, desk: AtDesk, _: PlanReader) -> Response:
    """Return the plan as a workbook."""
    return await _document(request, desk, plan_id, "xlsx")


@router.get("/{plan_id}/letters.html", **_described("letters"))
async def letters(plan_id: Ident, request: Request, desk: AtDesk, _: PlanReader) -> Response:
    """Return a letter to every rider of the plan: line, stop and clock times, in Chinese and in English."""
    return await _document(request, desk, plan_id, "letters")


@router.get("/{plan_id}/state", responses=problems(404))
async def state_of(plan_id: Ident, response: Response, desk: AtDesk, _: PlanReader) -> ToldPlan:
    """Tell a plan's state and since when; its document is another matter."""
    record, published = await desk.store.reading(lambda c: (find_plan(c, plan_id), list_publications(c)))
    response.headers["ETag"] = etag(record.version)
    return ToldPlan(**told(record, published))


@router.get("/{plan_id}/diff/{other}", responses=problems(404))
async def diff(plan_id: Ident, other: Ident, request: Request, desk: AtDesk, _: PlanReader) -> dict[str, Any]:
    """Tell what changes from the first plan to the second: lines, and riders who feel it."""
    before, after = await desk.store.reading(lambda c: (plan_bytes(c, plan_id), plan_bytes(c, other)))
    size = len(before) + len(after)
    changes: dict[str, Any] = await request.app.state.apart.run(size, difference, before, after)
    return {"before": plan_id, "after": other} | changes


async def _comparison(request: Request, desk: Desk, plan_id: str, other: str, kind: str) -> Response:
    tag = etag(f"{plan_id}.{other}.{kind}")
    before, after = await desk.store.reading(lambda c: (plan_bytes(c, plan_id), plan_bytes(c, other)))
    if unchanged(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    content: bytes = await request.app.state.apart.run(len(before) + len(after), compared, before, after, kind)
    return Response(content, media_type=COMPARISONS[kind].media_type, headers={"ETag": tag, **CAREFUL})


@router.get("/{plan_id}/diff/{other}/letters.html", **_described("letters"))
async def diff_letters(plan_id: Ident, other: Ident, request: Request, desk: AtDesk, _: PlanReader) -> Response:
    """Return a letter to every rider who feels a change from the first plan to the second."""
    return await _comparison(request, desk, plan_id, other, "letters")


@router.get("/{plan_id}/diff/{other}/changes.geojson", **_described("geojson"))
async def diff_map(plan_id: Ident, other: Ident, request: Request, desk: AtDesk, _: PlanReader) -> Response:
    """Return the ways of the lines of both plans on one map."""
    return await _comparison(request, desk, plan_id, other, "geojson")


@router.get("/{plan_id}", **_described("json"))
async def show(plan_id: Ident, request: Request, desk: AtDesk, _: PlanReader) -> Response:
    """Return the plan's document."""
    return await _document(request, desk, plan_id, "json")


async def _step(request: Request, desk: Desk, caller: Caller, plan_id: str, step: Any) -> Response:
    """Take a plan one step on, unless somebody else has changed it since the caller read it."""

    def work(connection: Connection) -> Answer:
        record = find_plan(connection, plan_id, lock=True)
        check_match(request, etag(record.version))
        moved = step(connection, record)
        published = list_publications(connection, record.service)
        return Answer(body=told(moved, published), headers={"ETag": etag(moved.version)})

    return await answer_once(request, desk, caller, work)


@router.post("/{plan_id}/propose", response_model=ToldPlan, responses=STEP)
async def propose(
    plan_id: Ident, request: Request, desk: AtDesk, caller: PlanWriter, _: IfMatch = None, __: IdempotencyKey = None
) -> Response:
    """Propose a draft for approval."""
    return await _step(
        request, desk, caller, plan_id, lambda c, plan: move_plan(c, plan, PlanState.PROPOSED, caller.deed)
    )


@router.post("/{plan_id}/approve", response_model=ToldPlan, responses=STEP)
async def approve(
    plan_id: Ident, request: Request, desk: AtDesk, caller: PlanWriter, _: IfMatch = None, __: IdempotencyKey = None
) -> Response:
    """Approve a draft or proposal; where two persons are needed, not by whoever made it."""
    two = desk.settings.two_persons
    return await _step(
        request, desk, caller, plan_id, lambda c, plan: approve_plan(c, plan, caller.deed, two_persons=two)
    )


@router.post("/{plan_id}/publish", response_model=ToldPlan, responses=STEP)
async def publish(
    plan_id: Ident,
    request: Request,
    desk: AtDesk,
    caller: PlanWriter,
    asked: Annotated[Publishing | None, Body()] = None,
    _: IfMatch = None,
    __: IdempotencyKey = None,
) -> Response:
    """Put an approved plan in force from a date on; an older plan published again is the way back."""

    def step(connection: Connection, plan: PlanRecord) -> PlanRecord:
        document = parsed(plan_bytes(connection, plan_id))
        start = asked.effective_from if asked is not None else None
        start = start or today(caller.at, document.origin.timezone or DEFAULT_ZONE)
        before = in_force(list_publications(connection, plan.service), plan.service, start)
        moved = publish_plan(connection, plan, start, caller.deed)
        if before is not None and before.plan_id != plan_id:
            old = parsed(plan_bytes(connection, before.plan_id))
            tell_lines(connection, old, document, plan_id, start, caller.at)
        return moved

    return await _step(request, desk, caller, plan_id, step)


@router.post("/{plan_id}/retire", response_model=ToldPlan, responses=STEP)
async def retire(
    plan_id: Ident, request: Request, desk: AtDesk, caller: PlanWriter, _: IfMatch = None, __: IdempotencyKey = None
) -> Response:
    """Take a plan out of force, or give up a draft; what was in force before it is so again."""
    return await _step(request, desk, caller, plan_id, lambda c, plan: retire_plan(c, plan, caller.deed))


def tell_lines(
    connection: Connection, old: PlanDocument, new: PlanDocument, plan_id: str, start: dt.date, now: int
) -> None:
    """Tell subscribers of every line that changes from one plan in force to the next, as ``line.open`` and so on."""
    for line in diff_of(old, new).lines:
        if line.change is not LineChange.KEEP:
            told = {"plan_id": plan_id, "effective_from": start.isoformat(), "related": list(line.related)}
            emit(connection, f"line.{line.change.value}", line.line_id, told, now)
