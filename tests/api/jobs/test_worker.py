"""Workers do each job once, hear what is asked of them, and lose nothing when they die."""

import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog

from api.desk import Desk
from api.jobs.comparing import CompareParams
from api.jobs.kind import Made
from api.jobs.planning import EvaluateParams, PlanParams
from api.jobs.worker import Worker, versions
from api.sealing import Sealer
from api.settings import Settings
from api.store import Store, jobs, open_store
from api.store.plans import find_plan, list_plans
from api.store.scenarios import insert_scenario
from api.store.schema import job_files
from api.store.states import JobState, PlanState
from tests.api.conftest import DATA_KEY
from tests.api.databases import cloned, without_settings
from tests.api.jobs.working import asked, seen, until, with_town, working
from tests.api.samples import DEED, FILES, SEALER, document, kept_plan


@pytest.fixture
def lite(file_store: Store) -> Desk:
    """Return a desk on SQLite alone, whose clock runs."""
    log = structlog.wrap_logger(structlog.testing.CapturingLogger(), processors=[])
    settings = Settings(db=str(file_store.engine.url), data_keys=DATA_KEY)
    return Desk(settings=settings, store=file_store, sealer=SEALER, log=log)


def compared(desk: Desk) -> CompareParams:
    """Return the parameters of a job that compares two small plans."""

    def keep(connection: sa.engine.Connection) -> list[str]:
        later = document("plan_later", departure="07:10:00")
        return [kept_plan(connection).plan_id, kept_plan(connection, later).plan_id]

    before, after = desk.store.transact(keep)
    return CompareParams(before=before, after=after)


def test_a_job_is_done_once_and_tells_what_computed_it(desk: Desk) -> None:
    job, worker = asked(desk, compared(desk)), Worker(desk=desk)
    assert worker.work_once()
    assert not worker.work_once()
    done = seen(desk, job)
    assert (done.state, done.error, done.attempts) == (JobState.SUCCEEDED, None, 1)
    assert done.versions == versions()
    assert done.result is not None
    assert done.result["files"] == ["diff.json"]
    assert (done.result["summary"]["stayers"], done.result["summary"]["changed"]) == (2, 1)
    with desk.store.read() as connection:
        packed = connection.execute(sa.select(job_files.c.content)).scalar_one()
    assert b"retime" in zlib.decompress(packed)


def test_a_scenario_with_faults_fails_with_every_one_of_them(lite: Desk) -> None:
    scenario = lite.store.transact(lambda c: insert_scenario(c, lite.sealer, "town", FILES, DEED))
    job = asked(lite, PlanParams(scenario=scenario.scenario_id))
    assert Worker(desk=lite).work_once()
    failed = seen(lite, job)
    assert failed.state is JobState.FAILED
    assert failed.error is not None
    assert {"missing_crs", "missing_file"} <= {fault["code"] for fault in failed.error["errors"]}
    assert failed.error["trace_id"] == "trace"
    with lite.store.read() as connection:
        assert list_plans(connection) == ()


def test_a_plan_can_be_made_again_and_judged(lite: Desk, tmp_path: Path) -> None:
    scenario = with_town(lite, tmp_path / "town")
    params = PlanParams(scenario=scenario, iterations=400, seed=7, workers=1)
    twice = [asked(lite, params), asked(lite, params.model_copy(update={"workers": 2}))]
    worker = Worker(desk=lite)
    assert worker.work_once()
    assert worker.work_once()
    ends = [seen(lite, job) for job in twice]
    assert [end.state for end in ends] == [JobState.SUCCEEDED] * 2
    assert ends[0].input_digest == ends[1].input_digest
    with lite.store.read() as connection:
        plans = [find_plan(connection, str((end.result or {})["plan_id"])) for end in ends]
    assert plans[0].digest == plans[1].digest
    assert {(plan.state, plan.service, plan.created_by) for plan in plans} == {(PlanState.DRAFT, "town", "key_maker")}
    judged = asked(lite, EvaluateParams(plan=plans[0].plan_id))
    assert judged.params["scenario"] == scenario
    assert worker.work_once()
    verdict = (seen(lite, judged).result or {})["summary"]
    assert (verdict["violations"], verdict["cost_fen"]) == (0, plans[0].summary["cost_fen"])


@pytest.fixture
def searching(lite: Desk, tmp_path: Path) -> Iterator[tuple[Desk, jobs.JobRecord]]:
    """Yield a desk and a job whose search would last an hour, and that has begun."""
    scenario = with_town(lite, tmp_path / "town")
    job = asked(lite, PlanParams(scenario=scenario, time_limit_s=3_600, workers=1))
    with working(lite):
        yield lite, until(lite, job, lambda found: (found.progress or {}).get("cost_fen") is not None)


def test_stopping_keeps_the_best_plan(searching: tuple[Desk, jobs.JobRecord]) -> None:
    desk, job = searching
    assert (job.progress or {})["phase"] == "search"
    desk.store.transact(lambda c: jobs.ask_to_stop(c, job, DEED))
    ended = until(desk, job, lambda found: found.state.ended)
    assert ended.state is JobState.STOPPED
    with desk.store.read() as connection:
        plan = find_plan(connection, str((ended.result or {})["plan_id"]))
    assert plan.summary["served"] > 0


def test_cancelling_leaves_nothing(searching: tuple[Desk, jobs.JobRecord]) -> None:
    desk, job = searching
    desk.store.transact(lambda c: jobs.ask_to_cancel(c, job, DEED))
    ended = until(desk, job, lambda found: found.state.ended)
    assert (ended.state, ended.result) == (JobState.CANCELLED, None)
    with desk.store.read() as connection:
        assert list_plans(connection) == ()


def test_a_worker_that_leaves_gives_its_job_back(lite: Desk, tmp_path: Path) -> None:
    scenario = with_town(lite, tmp_path / "town")
    job = asked(lite, PlanParams(scenario=scenario, time_limit_s=3_600, workers=1))
    with working(lite):
        until(lite, job, lambda found: found.state is JobState.RUNNING)
    back = seen(lite, job)
    assert (back.state, back.attempts, back.lease) == (JobState.QUEUED, 0, None)


def test_a_job_whose_lease_was_lost_is_not_settled(desk: Desk) -> None:
    """The work is done, but meanwhile another worker was given the job."""
    job, worker = asked(desk, compared(desk)), Worker(desk=desk)

    def lease(now: int) -> jobs.JobRecord:
        found = desk.store.transact(lambda c: jobs.lease_job(c, lease_s=1, attempts=9, now=now))
        assert found is not None
        return found

    first = lease(desk.clock())
    second = lease(desk.clock() + 5_000)
    assert not worker.settle(first, Made(summary={"who": "first"}), stopped=False)
    assert worker.settle(second, Made(summary={"who": "second"}), stopped=False)
    assert not worker.settle(second, Made(summary={"who": "again"}), stopped=False)
    assert (seen(desk, job).result or {})["summary"] == {"who": "second"}


def test_a_killed_workers_job_is_done_by_another_and_once(lite: Desk, server: str, tmp_path: Path) -> None:
    """A real worker process is killed in the middle of its work; its lease runs out, another one does the job."""
    url = cloned(server)
    environment = without_settings() | {
        "BANCHE_DB": url,
        "BANCHE_DATA_KEYS": DATA_KEY,
        "BANCHE_LEASE_S": "5",
        "BANCHE_ATTEMPTS": "50",
    }

    def started() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "from api.cli import main; main()", "worker"]
        return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)

    key = Sealer({"test": bytes(b"ABC" * 10 + b"AB")})
    mine = replace(lite, store=open_store(url), sealer=key)
    scenario = with_town(mine, tmp_path / "town")
    job = asked(mine, PlanParams(scenario=scenario, iterations=400, seed=7, workers=1))
    first = started()
    until(mine, job, lambda found: found.progress is not None)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    second = started()
    try:
        done = until(mine, job, lambda found: found.state.ended)
        assert done.state is JobState.SUCCEEDED
        assert done.attempts >= 2
        with mine.store.read() as connection:
            assert len(list_plans(connection)) == 1
            ends = [e for e in jobs.events_after(connection, job.job_id, 0) if e.data.get("state") == "succeeded"]
        assert len(ends) == 1
    finally:
        second.terminate()
        assert second.wait(60) == 0
        mine.store.close()
