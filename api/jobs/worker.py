"""A worker: leases one job at a time, does its work in a child process, and writes its end exactly once."""

import multiprocessing
import platform
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from api.desk import Desk
from api.errors import ApiError, problem, problem_of
from api.jobs.child import BROKE, MADE, REFUSED, STOP, run_child
from api.jobs.chores import CHORES
from api.jobs.kind import Made
from api.jobs.submit import fetch_inputs
from api.store import jobs
from api.store.audit import Deed
from api.store.jobs import JobRecord
from api.store.plans import insert_plan
from api.store.scenarios import find_scenario
from api.store.states import JobState

POLL_S = 0.25
LOOK_S = 0.5
"""How often a worker writes progress and looks whether somebody asked to stop or to cancel."""
NOTED = ("banche", "numpy", "numba", "scipy", "ortools")
_FORK = multiprocessing.get_context("forkserver")


def versions() -> dict[str, str]:
    """Return what a result depends on beside its input."""
    return {"python": platform.python_version()} | {name: version(name) for name in NOTED}


@dataclass(slots=True, kw_only=True)
class Worker:
    """One worker; `leave` makes it give its job back and return."""

    desk: Desk
    leaving: threading.Event = field(default_factory=threading.Event)
    _done_at: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Work until told to leave."""
        _FORK.set_forkserver_preload(["api.jobs.child", "api.jobs.warm"])
        self.desk.log.info("worker started")
        while not self.leaving.is_set():
            try:
                self.do_chores()
                worked = self.work_once()
            except (SQLAlchemyError, ApiError) as error:  # a database that is away comes back
                self.desk.log.warning("store away", kind=type(error).__name__)
                worked = False
            if not worked:
                self.leaving.wait(POLL_S)
        self.desk.log.info("worker left")

    def leave(self) -> None:
        """Ask the worker to return soon."""
        self.leaving.set()

    def do_chores(self) -> None:
        """Do the chores whose time has come."""
        now = self.desk.clock()
        for chore in CHORES:
            if now - self._done_at.get(chore.name, 0) < chore.every_ms:
                continue
            self._done_at[chore.name] = now
            number = chore.do(self.desk)
            if number:
                self.desk.log.info("chore", name=chore.name, rows=number)

    def work_once(self) -> bool:
        """Lease a job and bring it to an end, or return False where there is none."""
        settings, now = self.desk.settings, self.desk.clock()
        job = self.desk.store.transact(
            lambda c: jobs.lease_job(c, lease_s=settings.lease_s, attempts=settings.attempts, now=now)
        )
        if job is None:
            return False
        log = self.desk.log.bind(job_id=job.job_id, kind=job.kind, trace_id=job.trace_id)
        log.info("job begun", attempt=job.attempts)
        with tempfile.TemporaryDirectory(prefix="banche-job-") as folder:
            try:
                fetch_inputs(self.desk.store, self.desk.sealer, job, Path(folder))
            except ApiError as error:
                self.end(job, JobState.FAILED, error=problem(error, job.trace_id))
                return True
            told = Shift(worker=self, job=job, folder=folder).work()
        log.info("job left", how=told)
        return True

    def end(self, job: JobRecord, state: JobState, **more: Any) -> bool:
        """Write a job's end, unless it is no longer ours."""
        now = self.desk.clock()

        def work(connection: Connection) -> bool:
            mine = jobs.still_mine(connection, job)
            if mine:
                jobs.end_job(connection, job, state, now=now, versions=versions(), **more)
            return mine

        return self.desk.store.transact(work)

    def settle(self, job: JobRecord, made: Made, *, stopped: bool) -> bool:
        """Write the result and the job's end in one transaction, unless the job is no longer ours."""
        now = self.desk.clock()
        deed = Deed(actor=job.created_by, at=now, trace_id=job.trace_id)

        def work(connection: Connection) -> bool:
            if not jobs.still_mine(connection, job):
                return False
            result: dict[str, Any] = {"summary": dict(made.summary), "files": sorted(made.files)}
            if made.plan is not None:
                scenario = find_scenario(connection, str(job.params["scenario"]))
                plan = insert_plan(
                    connection,
                    service=scenario.service,
                    scenario_id=scenario.scenario_id,
                    document=made.plan,
                    deed=deed,
                    job_id=job.job_id,
                )
                result["plan_id"] = plan.plan_id
            state = JobState.STOPPED if stopped else JobState.SUCCEEDED
            jobs.end_job(connection, job, state, now=now, result=result, files=made.files, versions=versions())
            return True

        return self.desk.store.transact(work)


@dataclass(slots=True, kw_only=True)
class Shift:
    """One job in one child process, watched until its end."""

    worker: Worker
    job: JobRecord
    folder: str
    _progress: Mapping[str, Any] | None = None
    _stopped: bool = False
    _looked: float = 0.0

    def work(self) -> str:
        """Do the job's work and return how it went, as a word for the log."""
        pipe, end = _FORK.Pipe()
        child = _FORK.Process(target=run_child, args=(end, dict(self.job.params), self.folder), daemon=True)
        child.start()
        end.close()
        try:
            return self._watch(pipe, child)
        finally:
            child.kill()
            child.join()
            pipe.close()

    def _watch(self, pipe: Pipe, child: BaseProcess) -> str:
        while True:
            over = None
            if pipe.poll(POLL_S):
                try:
                    over = self._hear(*pipe.recv())
                except EOFError:
                    over = self._broke(f"the process died with status {child.exitcode}")
            elif self.worker.leaving.is_set():
                self._transact(lambda c, now: jobs.give_back(c, self.job, counted=False, now=now))
                over = "given back"
            if over is None and time.monotonic() - self._looked >= LOOK_S:
                self._looked = time.monotonic()
                over = self._look(pipe)
            if over is not None:
                return over

    def _hear(self, word: str, said: Any) -> str | None:
        """Deal with what the child says; return a word where the work is over."""
        if word == MADE:
            return "done" if self.worker.settle(self.job, said, stopped=self._stopped) else "lost"
        if word == REFUSED:
            self.worker.end(self.job, JobState.FAILED, error={**said, "trace_id": self.job.trace_id})
            return "refused"
        if word == BROKE:
            return self._broke(said)
        self._progress = said
        return None

    def _look(self, pipe: Pipe) -> str | None:
        """Tell progress, keep the lease, and hear what was asked; return a word where the work is over."""
        lease_s, progress = self.worker.desk.settings.lease_s, self._progress

        def work(connection: Connection, now: int) -> JobRecord | None:
            if progress is not None and not jobs.note_progress(connection, self.job, progress, now):
                return None
            return jobs.renew_lease(connection, self.job, lease_s=lease_s, now=now)

        seen = self._transact(work)
        self._progress = None
        if seen is None:
            return "lost"
        if seen.cancel_asked:
            self.worker.end(self.job, JobState.CANCELLED)
            return "cancelled"
        if seen.stop_asked and not self._stopped:
            self._stopped = True
            pipe.send(STOP)
        return None

    def _broke(self, why: str) -> str:
        """Give a job whose process died another chance, or end it."""
        self.worker.desk.log.error("work broke", job_id=self.job.job_id, why=why)
        if self.job.attempts < self.worker.desk.settings.attempts:
            self._transact(lambda c, now: jobs.give_back(c, self.job, counted=True, now=now))
            return "broke"
        detail = "The work broke each time it was begun; the worker's log tells why."
        error = problem_of(status=500, code="internal", detail=detail, trace_id=self.job.trace_id)
        self.worker.end(self.job, JobState.FAILED, error=error)
        return "broke for good"

    def _transact(self, work: Any) -> Any:
        desk = self.worker.desk
        return desk.store.transact(lambda connection: work(connection, desk.clock()))
