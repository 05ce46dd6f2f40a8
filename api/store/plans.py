"""Plans, whose documents never change, and the states that they go through."""

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.errors import ApiError, not_found
from api.ids import new_id
from api.store.audit import Deed, note
from api.store.outbox import emit
from api.store.schema import approvals, plans, publications
from api.store.states import PlanState

STEPS: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.DRAFT: frozenset(),
    PlanState.PROPOSED: frozenset({PlanState.DRAFT}),
    PlanState.APPROVED: frozenset({PlanState.DRAFT, PlanState.PROPOSED}),
    # Published again: from another day on, or, once retired, as the way back.
    PlanState.PUBLISHED: frozenset({PlanState.APPROVED, PlanState.PUBLISHED, PlanState.RETIRED}),
    PlanState.RETIRED: frozenset({PlanState.DRAFT, PlanState.PROPOSED, PlanState.APPROVED, PlanState.PUBLISHED}),
}
"""From which states each state can be reached."""

_HEAD = [column for column in plans.c if column.name != "document"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """What is known of a plan beside its document.

    Attributes
    ----------
    digest : str
        The same for the same decisions, and only for them.
    version : int
        Counts changes of state; the plan's ETag.
    """

    plan_id: str
    service: str
    scenario_id: str
    job_id: str | None
    digest: str
    state: PlanState
    version: int
    summary: Mapping[str, Any]
    created_at: int
    created_by: str
    changed_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A plan in force from a date on, until a later one."""

    publication: int
    service: str
    plan_id: str
    effective_from: dt.date
    published_at: int
    published_by: str
    withdrawn_at: int | None


def insert_plan(
    connection: Connection,
    *,
    service: str,
    scenario_id: str,
    document: Mapping[str, Any],
    deed: Deed,
    job_id: str | None = None,
) -> PlanRecord:
    """Keep a plan document as a draft under an id of ours, its own staying with it as ``digest``."""
    plan_id = new_id("plan")
    digest = str(document["plan_id"])
    summary = dict(document.get("summary") or {})
    whole = {**document, "plan_id": plan_id, "digest": digest}
    row = {
        "plan_id": plan_id,
        "service": service,
        "scenario_id": scenario_id,
        "job_id": job_id,
        "digest": digest,
        "state": PlanState.DRAFT.value,
        "version": 1,
        "summary": summary,
        "created_at": deed.at,
        "created_by": deed.actor,
        "changed_at": deed.at,
    }
    packed = zlib.compress(json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())
    connection.execute(sa.insert(plans).values(**row, document=packed))
    note(connection, deed, "plan.create", plan_id, digest=digest)
    return PlanRecord(**{**row, "state": PlanState.DRAFT})  # type: ignore[arg-type]


def find_plan(connection: Connection, plan_id: str, *, lock: bool = False) -> PlanRecord:
    """Return a plan's record.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    query = sa.select(*_HEAD).where(plans.c.plan_id == plan_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise not_found("plan", plan_id)
    return _record(row)


def plan_bytes(connection: Connection, plan_id: str) -> bytes:
    """Return a plan's document as JSON.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    packed = connection.execute(sa.select(plans.c.document).where(plans.c.plan_id == plan_id)).scalar_one_or_none()
    if packed is None:
        raise not_found("plan", plan_id)
    return zlib.decompress(packed)


def list_plans(
    connection: Connection,
    *,
    service: str | None = None,
    state: PlanState | None = None,
    after: str | None = None,
    limit: int = 100,
) -> tuple[PlanRecord, ...]:
    """Return plans, the newest first; ``after`` is the id of the last one already told."""
    query = sa.select(*_HEAD).order_by(plans.c.plan_id.desc()).limit(limit)
    if service is not None:
        query = query.where(plans.c.service == service)
    if state is not None:
        query = query.where(plans.c.state == state.value)
    if after is not None:
        query = query.where(plans.c.plan_id < after)
    return tuple(_record(row) for row in connection.execute(query))


def move_plan(connection: Connection, record: PlanRecord, to: PlanState, deed: Deed) -> PlanRecord:
    """Take a plan, read under a lock, to another state.

    Raises
    ------
    ApiError
        ``wrong_state``, when no step leads there.
    """
    if record.state not in STEPS[to]:
        action = f"It must be {' or '.join(sorted(state.value for state in STEPS[to]))}."
        raise ApiError("wrong_state", f"The plan is {record.state.value} and cannot become {to.value}.", action)
    changed = {"state": to.value, "version": record.version + 1, "changed_at": deed.at}
    connection.execute(sa.update(plans).where(plans.c.plan_id == record.plan_id).values(**changed))
    note(connection, deed, f"plan.{to.value}", record.plan_id)
    emit(connection, f"plan.{to.value}", record.plan_id, {"service": record.service}, deed.at)
    return find_plan(connection, record.plan_id)


def approve_plan(connection: Connection, record: PlanRecord, deed: Deed, *, two_persons: bool) -> PlanRecord:
    """Approve a plan.

    Raises
    ------
    ApiError
        ``wrong_state``; ``own_approval`` where two persons are needed and its maker asks.
    """
    if two_persons and deed.actor == record.created_by:
        raise ApiError("own_approval", "Whoever made a plan may not approve it.", "Let another key approve.")
    moved = move_plan(connection, record, PlanState.APPROVED, deed)
    connection.execute(sa.insert(approvals).values(plan_id=record.plan_id, key_id=deed.actor, at=deed.at))
    return moved


def publish_plan(connection: Connection, record: PlanRecord, effective_from: dt.date, deed: Deed) -> PlanRecord:
    """Put a plan in force from a date on; an older one published again is the way back.

    Raises
    ------
    ApiError
        ``wrong_state``.
    """
    approved = connection.execute(sa.select(approvals.c.at).where(approvals.c.plan_id == record.plan_id)).first()
    if record.state is PlanState.RETIRED and approved is None:
        raise ApiError("wrong_state", "The plan was given up before it was approved.", "Plan it again.")
    moved = move_plan(connection, record, PlanState.PUBLISHED, deed)
    connection.execute(
        sa.insert(publications).values(
            service=record.service,
            plan_id=record.plan_id,
            effective_from=effective_from,
            published_at=deed.at,
            published_by=deed.actor,
        )
    )
    return moved


def retire_plan(connection: Connection, record: PlanRecord, deed: Deed) -> PlanRecord:
    """Take a plan out of force, or give up a draft; whatever was in force before it is so again.

    Raises
    ------
    ApiError
        ``wrong_state``.
    """
    moved = move_plan(connection, record, PlanState.RETIRED, deed)
    mine = (publications.c.plan_id == record.plan_id) & publications.c.withdrawn_at.is_(None)
    connection.execute(sa.update(publications).where(mine).values(withdrawn_at=deed.at))
    return moved


def list_publications(connection: Connection, service: str | None = None) -> tuple[Publication, ...]:
    """Return the publications that were not withdrawn, in the order in which they were made."""
    query = sa.select(publications).where(publications.c.withdrawn_at.is_(None)).order_by(publications.c.publication)
    if service is not None:
        query = query.where(publications.c.service == service)
    return tuple(Publication(**row._mapping) for row in connection.execute(query))


def in_force(published: Iterable[Publication], service: str, day: dt.date) -> Publication | None:
    """Return what is in force on a service date: the latest start up to it, of those the last decision."""
    started = [p for p in published if p.service == service and p.effective_from <= day and p.withdrawn_at is None]
    return max(started, key=lambda p: (p.effective_from, p.publication), default=None)


def _record(row: sa.Row[Any]) -> PlanRecord:
    return PlanRecord(**{**row._mapping, "state": PlanState(row.state)})
