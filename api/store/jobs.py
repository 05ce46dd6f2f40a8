"""Jobs and their leases: whoever holds the lease, and nobody else, may write a job to its end."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.clock import SECOND_MS
from api.errors import ApiError, not_found
from api.ids import new_id
from api.store.audit import Deed, note
from api.store.outbox import emit
from api.store.schema import job_events, job_files, jobs
from api.store.states import JobState


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One job.

    Attributes
    ----------
    params : mapping
        As checked at the door, with names resolved to ids: the same parameters are the same work.
    input_digest : str
        Over parameters and the content of every input that they name.
    lease : str or None
        Whose turn it is; changes with every attempt.
    version : int
        Counts every change that a caller can see; the job's ETag.
    """

    job_id: str
    kind: str
    state: JobState
    params: Mapping[str, Any]
    input_digest: str
    created_at: int
    created_by: str
    started_at: int | None
    ended_at: int | None
    lease: str | None
    lease_until: int | None
    attempts: int
    stop_asked: bool
    cancel_asked: bool
    version: int
    progress: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    versions: Mapping[str, str] | None
    trace_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """What happened to a job; numbers count up from 1 without a gap."""

    number: int
    at: int
    type: str
    data: Mapping[str, Any]


def insert_job(
    connection: Connection, *, kind: str, params: Mapping[str, Any], input_digest: str, deed: Deed
) -> JobRecord:
    """Queue a job."""
    job_id = new_id("job")
    connection.execute(
        sa.insert(jobs).values(
            job_id=job_id,
            kind=kind,
            state=JobState.QUEUED.value,
            params=dict(params),
            input_digest=input_digest,
            created_at=deed.at,
            created_by=deed.actor,
            trace_id=deed.trace_id,
        )
    )
    note(connection, deed, "job.create", job_id, kind=kind)
    _tell(connection, job_id, "state", {"state": JobState.QUEUED.value}, deed.at)
    return find_job(connection, job_id)


def find_job(connection: Connection, job_id: str, *, lock: bool = False) -> JobRecord:
    """Return a job.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    query = sa.select(jobs).where(jobs.c.job_id == job_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise not_found("job", job_id)
    return _record(row)


def list_jobs(
    connection: Connection, *, state: JobState | None = None, after: str | None = None, limit: int = 100
) -> tuple[JobRecord, ...]:
    """Return jobs, the newest first; ``after`` is the id of the last one already told."""
    query = sa.select(jobs).order_by(jobs.c.job_id.desc()).limit(limit)
    if state is not None:
        query = query.where(jobs.c.state == state.value)
    if after is not None:
        query = query.where(jobs.c.job_id < after)
    return tuple(_record(row) for row in connection.execute(query))


def lease_job(connection: Connection, *, lease_s: int, attempts: int, now: int) -> JobRecord | None:
    """Take the oldest job that nobody works on, or None; jobs whose worker fell silent come back here.

    A job that was begun too often ends as failed, one that was to be cancelled as cancelled.
    """
    silent = (jobs.c.state == JobState.RUNNING.value) & (jobs.c.lease_until < now)
    query = (
        sa.select(jobs)
        .where((jobs.c.state == JobState.QUEUED.value) | silent)
        .order_by(jobs.c.job_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    while (row := connection.execute(query).one_or_none()) is not None:
        job = _record(row)
        if job.cancel_asked:
            end_job(connection, job, JobState.CANCELLED, now=now)
        elif job.attempts >= attempts:
            end_job(connection, job, JobState.FAILED, now=now, error=_worn_out(job))
        else:
            return _lease(connection, job, lease_s, now)
    return None


def _lease(connection: Connection, job: JobRecord, lease_s: int, now: int) -> JobRecord:
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.job_id == job.job_id)
        .values(
            state=JobState.RUNNING.value,
            lease=new_id("lease"),
            lease_until=now + lease_s * SECOND_MS,
            attempts=job.attempts + 1,
            started_at=job.started_at or now,
            version=job.version + 1,
        )
    )
    _tell(connection, job.job_id, "state", {"state": JobState.RUNNING.value, "attempt": job.attempts + 1}, now)
    return find_job(connection, job.job_id)


def _worn_out(job: JobRecord) -> dict[str, Any]:
    return {
        "type": "urn:banche:error:worker_lost",
        "title": "Internal Server Error",
        "status": 500,
        "code": "worker_lost",
        "detail": f"The job was begun {job.attempts} times, and each time its worker died.",
        "errors": [],
    }


def renew_lease(connection: Connection, job: JobRecord, *, lease_s: int, now: int) -> JobRecord | None:
    """Keep a job for longer and return it as it stands, or None where it is no longer ours."""
    kept = connection.execute(sa.update(jobs).where(_mine(job)).values(lease_until=now + lease_s * SECOND_MS)).rowcount
    return find_job(connection, job.job_id) if kept else None


def note_progress(connection: Connection, job: JobRecord, progress: Mapping[str, Any], now: int) -> bool:
    """Tell how far a job is; False where it is no longer ours."""
    seen = {"progress": dict(progress), "version": jobs.c.version + 1}
    if not connection.execute(sa.update(jobs).where(_mine(job)).values(**seen)).rowcount:
        return False
    _tell(connection, job.job_id, "progress", progress, now)
    return True


def still_mine(connection: Connection, job: JobRecord) -> bool:
    """Tell, under a lock, whether a job may be written to its end by the holder of this lease."""
    query = sa.select(jobs.c.job_id).where(_mine(job)).with_for_update()
    return connection.execute(query).one_or_none() is not None


def give_back(connection: Connection, job: JobRecord, *, counted: bool, now: int) -> None:
    """Let another worker have a job that could not be finished; ``counted`` where the job may be to blame."""
    back = {
        "state": JobState.QUEUED.value,
        "lease": None,
        "lease_until": None,
        "attempts": job.attempts if counted else job.attempts - 1,
        "version": jobs.c.version + 1,
    }
    if connection.execute(sa.update(jobs).where(_mine(job)).values(**back)).rowcount:
        _tell(connection, job.job_id, "state", {"state": JobState.QUEUED.value}, now)


def end_job(
    connection: Connection,
    job: JobRecord,
    state: JobState,
    *,
    now: int,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
    files: Mapping[str, bytes] | None = None,
    versions: Mapping[str, str] | None = None,
) -> None:
    """Write a job's end; the caller holds the row's lock and has asked `still_mine` where a lease matters."""
    assert state.ended, "a job ends in one of the last four states"
    ends = {"state": state.value, "ended_at": now, "lease": None, "lease_until": None, "version": jobs.c.version + 1}
    told = {"result": result, "error": error, "versions": versions}
    connection.execute(sa.update(jobs).where(jobs.c.job_id == job.job_id).values(**ends, **_without_none(told)))
    for name, content in (files or {}).items():
        row = {"job_id": job.job_id, "name": name, "content": zlib.compress(content)}
        connection.execute(sa.insert(job_files).values(**row))
    _tell(connection, job.job_id, "state", {"state": state.value} | _without_none({"result": result}), now)
    emit(connection, f"job.{state.value}", job.job_id, {"kind": job.kind}, now)


def ask_to_stop(connection: Connection, job: JobRecord, deed: Deed) -> JobRecord:
    """Ask for the best result so far; a job that has ended stays as it is.

    Raises
    ------
    ApiError
        ``wrong_state``, where the job was not stopped but ended otherwise without a result.
    """
    if job.state in {JobState.FAILED, JobState.CANCELLED}:
        raise ApiError("wrong_state", f"The job has {job.state.value}; there is no result.", "Begin another one.")
    return _ask(connection, job, deed, "stop_asked")


def ask_to_cancel(connection: Connection, job: JobRecord, deed: Deed) -> JobRecord:
    """Ask to drop a job: one that waits is cancelled at once, one that runs as soon as its worker hears of it.

    Raises
    ------
    ApiError
        ``wrong_state``, where the job has ended otherwise.
    """
    if job.state is JobState.CANCELLED:
        return job
    if job.state.ended:
        raise ApiError("wrong_state", f"The job has {job.state.value} already.", "Retire its plan instead.")
    asked = _ask(connection, job, deed, "cancel_asked")
    if job.state is JobState.QUEUED:
        end_job(connection, asked, JobState.CANCELLED, now=deed.at)
    return find_job(connection, job.job_id)


def _ask(connection: Connection, job: JobRecord, deed: Deed, wish: str) -> JobRecord:
    if not job.state.ended and not getattr(job, wish):
        asked = {wish: True, "version": jobs.c.version + 1}
        connection.execute(sa.update(jobs).where(jobs.c.job_id == job.job_id).values(**asked))
        note(connection, deed, f"job.{wish}", job.job_id)
    return find_job(connection, job.job_id)


def events_after(connection: Connection, job_id: str, number: int, limit: int = 500) -> tuple[JobEvent, ...]:
    """Return what happened after an event, in order."""
    query = (
        sa.select(job_events.c.number, job_events.c.at, job_events.c.type, job_events.c.data)
        .where(job_events.c.job_id == job_id, job_events.c.number > number)
        .order_by(job_events.c.number)
        .limit(limit)
    )
    return tuple(JobEvent(**row._mapping) for row in connection.execute(query))


def job_file(connection: Connection, job_id: str, name: str) -> bytes:
    """Return a file that a job has left beside its result.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    query = sa.select(job_files.c.content).where(job_files.c.job_id == job_id, job_files.c.name == name)
    packed = connection.execute(query).scalar_one_or_none()
    if packed is None:
        raise not_found("file of a job", f"{job_id}/{name}")
    return zlib.decompress(packed)


def _tell(connection: Connection, job_id: str, kind: str, data: Mapping[str, Any], now: int) -> None:
    last = sa.select(sa.func.coalesce(sa.func.max(job_events.c.number), 0) + 1).where(job_events.c.job_id == job_id)
    row = {"job_id": job_id, "number": last.scalar_subquery(), "at": now, "type": kind, "data": dict(data)}
    connection.execute(sa.insert(job_events).values(**row))


def _mine(job: JobRecord) -> sa.ColumnElement[bool]:
    return (jobs.c.job_id == job.job_id) & (jobs.c.state == JobState.RUNNING.value) & (jobs.c.lease == job.lease)


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _record(row: sa.Row[Any]) -> JobRecord:
    return JobRecord(**{**row._mapping, "state": JobState(row.state)})
