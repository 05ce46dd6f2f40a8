"""Asking jobs to end over HTTP: in which states, by whom, and once under one key."""

from pathlib import Path

import pytest

from api.desk import Desk
from api.store import jobs
from api.store.states import JobState
from tests.api.calls import Http
from tests.api.conftest import NOON, key
from tests.api.databases import copied
from tests.api.problems import refused
from tests.api.samples import DEED


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of a database on SQLite alone: the store's own tests cover both."""
    return copied(file, tmp_path)


@pytest.fixture
def job(desk: Desk) -> str:
    """Return the path of a job that waits."""
    made = desk.store.transact(lambda c: jobs.insert_job(c, kind="plan", params={}, input_digest="d", deed=DEED))
    return f"/v1/jobs/{made.job_id}"


def run(desk: Desk, end: JobState | None = None) -> None:
    """Let a worker take the job, and end it where that is asked for."""
    leased = desk.store.transact(lambda c: jobs.lease_job(c, lease_s=60, attempts=3, now=NOON))
    assert leased is not None
    if end is not None:
        desk.store.transact(lambda c: jobs.end_job(c, leased, end, now=NOON))


@pytest.mark.parametrize("end", [JobState.SUCCEEDED, JobState.STOPPED, JobState.FAILED])
def test_a_job_that_has_ended_cannot_be_cancelled(http: Http, desk: Desk, job: str, end: JobState) -> None:
    run(desk, end)
    refused(http.delete(job), 409, "wrong_state")
    assert http.get(job).json()["state"] == end.value


@pytest.mark.parametrize(("end", "status"), [("succeeded", 202), ("stopped", 202), ("failed", 409), ("cancelled", 409)])
def test_stopping_is_refused_only_where_there_will_be_no_result(
    http: Http, desk: Desk, job: str, end: str, status: int
) -> None:
    run(desk, JobState(end))
    answer = http.post(f"{job}/stop")
    assert (answer.status_code, http.get(job).json()["stop_asked"]) == (status, False)


def test_only_a_job_that_goes_on_says_when_to_ask_again(http: Http, desk: Desk, job: str) -> None:
    assert http.get(job).headers["retry-after"] == "1"
    run(desk, JobState.SUCCEEDED)
    assert "retry-after" not in http.get(job).headers


def test_asking_twice_to_stop_is_one_change(http: Http, desk: Desk, job: str) -> None:
    run(desk)
    tags = [http.post(f"{job}/stop").headers["etag"] for _ in range(2)]
    assert tags[0] == tags[1] == http.get(job).headers["etag"]


def test_a_running_job_is_cancelled_when_its_worker_hears_of_it(http: Http, desk: Desk, job: str) -> None:
    run(desk)
    told = http.delete(job).json()
    assert (told["state"], told["cancel_asked"], told["ended_at"]) == ("running", True, None)


def test_an_answer_under_one_key_is_kept_though_the_job_goes_on(http: Http, desk: Desk, job: str) -> None:
    once = {"Idempotency-Key": "k"}
    first = http.post(f"{job}/stop", headers=once)
    run(desk, JobState.FAILED)
    again = http.post(f"{job}/stop", headers=once)
    assert (again.status_code, again.content) == (202, first.content)
    refused(http.post(f"{job}/stop"), 409, "wrong_state")


def test_what_is_not_there_is_not_found(http: Http, job: str) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("GET", "/events"), ("GET", "/files/x.json")):
        refused(http.request(method, f"/v1/jobs/job_none{path}"), 404, "not_found")
    refused(http.get(f"{job}/files/diff.json"), 404, "not_found")


def test_readers_look_and_writers_act(http: Http, desk: Desk, job: str) -> None:
    reader, writer = key(desk.store, "plan:read"), key(desk.store, "plan:write")
    for path in (job, "/v1/jobs", f"{job}/events", f"{job}/files/x"):
        refused(http.get(path, headers=writer), 403, "scope_missing")
    refused(http.post(f"{job}/stop", headers=reader), 403, "scope_missing")
    refused(http.delete(job, headers=reader), 403, "scope_missing")
    assert http.delete(job, headers=writer).json()["state"] == "cancelled"
