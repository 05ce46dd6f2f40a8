"""Jobs over HTTP: begun, watched by tag or as a stream, stopped, cancelled."""

import json
from typing import Any

import pytest

from api.desk import Desk
from api.store import jobs
from api.store.states import JobState
from tests.api.calls import Http
from tests.api.conftest import NOON, key
from tests.api.samples import DEED, document, kept_plan


@pytest.fixture
def pair(desk: Desk) -> dict[str, str]:
    """Return a request to compare two plans."""

    def keep(connection: Any) -> list[str]:
        return [kept_plan(connection).plan_id, kept_plan(connection, document("plan_2")).plan_id]

    before, after = desk.store.transact(keep)
    return {"kind": "compare", "before": before, "after": after}


def begun(http: Http, body: dict[str, Any]) -> str:
    answer = http.post("/v1/jobs", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job_id"])


def lease(desk: Desk) -> jobs.JobRecord:
    found = desk.store.transact(lambda c: jobs.lease_job(c, lease_s=60, attempts=3, now=NOON))
    assert found is not None
    return found


def test_a_job_is_accepted_and_says_where_to_look(http: Http, pair: dict[str, str]) -> None:
    answer = http.post("/v1/jobs", json=pair)
    job = answer.json()
    assert (answer.status_code, job["state"], job["kind"]) == (202, "queued", "compare")
    assert answer.headers["location"] == f"/v1/jobs/{job['job_id']}"
    assert answer.headers["retry-after"] == "1"
    assert "lease" not in job
    assert len(job["input_digest"]) == 64


def test_the_same_request_again_is_the_same_job(http: Http, pair: dict[str, str]) -> None:
    once = [http.post("/v1/jobs", json=pair, headers={"Idempotency-Key": "k"}).json()["job_id"] for _ in range(2)]
    assert once[0] == once[1]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "sing"}, ""),
        ({}, ""),
        ({"kind": "plan"}, "/plan/scenario"),
        ({"kind": "plan", "scenario": "town", "seed": -1}, "/plan/seed"),
        ({"kind": "plan", "scenario": "town", "seed": True}, "/plan/seed"),
        ({"kind": "plan", "scenario": "town", "time_limit_s": 0}, "/plan/time_limit_s"),
        ({"kind": "plan", "scenario": "town", "colour": "red"}, "/plan/colour"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(http: Http, body: dict[str, Any], pointer: str) -> None:
    answer = http.post("/v1/jobs", json=body)
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_a_plan_or_scenario_that_is_not_there_is_told(http: Http) -> None:
    for body in ({"kind": "plan", "scenario": "none"}, {"kind": "compare", "before": "plan_1", "after": "plan_2"}):
        assert http.post("/v1/jobs", json=body).status_code == 404


def test_polling_with_a_tag_costs_nothing_until_there_is_news(http: Http, desk: Desk, pair: dict[str, str]) -> None:
    path = f"/v1/jobs/{begun(http, pair)}"
    first = http.get(path)
    tag = {"If-None-Match": first.headers["etag"]}
    assert http.get(path, headers=tag).status_code == 304
    job = lease(desk)
    desk.store.transact(lambda c: jobs.note_progress(c, job, {"phase": "search", "cost_fen": 7}, NOON))
    news = http.get(path, headers=tag)
    assert (news.status_code, news.json()["state"]) == (200, "running")
    assert news.json()["progress"] == {"phase": "search", "cost_fen": 7}
    assert news.json()["started_at"].endswith("Z")


def events(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "id" in lines:
            found.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
    return found


def test_a_stream_tells_everything_and_ends_with_the_job(http: Http, desk: Desk, pair: dict[str, str]) -> None:
    job_id = begun(http, pair)
    job = lease(desk)
    desk.store.transact(lambda c: jobs.note_progress(c, job, {"phase": "search", "done": 0.5}, NOON))
    desk.store.transact(lambda c: jobs.end_job(c, job, JobState.SUCCEEDED, now=NOON, result={"summary": {"x": 1}}))
    answer = http.get(f"/v1/jobs/{job_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = events(answer.text)
    assert [(number, kind) for number, kind, _ in told] == [(1, "state"), (2, "state"), (3, "progress"), (4, "state")]
    assert told[-1][2]["result"] == {"summary": {"x": 1}}


@pytest.mark.parametrize("how", ["header", "query"])
def test_a_broken_stream_is_resumed_where_it_broke(http: Http, desk: Desk, pair: dict[str, str], how: str) -> None:
    path = f"/v1/jobs/{begun(http, pair)}/events"
    job = lease(desk)
    desk.store.transact(lambda c: jobs.end_job(c, job, JobState.FAILED, now=NOON, error={"code": "x"}))
    answer = http.get(path, headers={"Last-Event-ID": "2"}) if how == "header" else http.get(path + "?after=2")
    assert [number for number, _, _ in events(answer.text)] == [3]


def test_a_stream_ends_when_the_server_leaves(http: Http, pair: dict[str, str]) -> None:
    job_id = begun(http, pair)
    http.app.state.closing.set()
    assert events(http.get(f"/v1/jobs/{job_id}/events").text) == []


def test_a_stream_cannot_begin_at_nonsense_or_for_no_job(http: Http, pair: dict[str, str]) -> None:
    path = f"/v1/jobs/{begun(http, pair)}/events"
    answer = http.get(path, headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_header")
    assert http.get("/v1/jobs/job_none/events").status_code == 404


def test_a_waiting_job_is_cancelled_at_once(http: Http, pair: dict[str, str]) -> None:
    path = f"/v1/jobs/{begun(http, pair)}"
    answer = http.delete(path)
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert http.delete(path).status_code == 202
    stopped = http.post(f"{path}/stop")
    assert (stopped.status_code, stopped.json()["code"]) == (409, "wrong_state")


def test_a_running_job_hears_that_it_is_to_stop(http: Http, desk: Desk, pair: dict[str, str]) -> None:
    job_id = begun(http, pair)
    lease(desk)
    assert http.post(f"/v1/jobs/{job_id}/stop").json()["stop_asked"] is True
    assert http.get(f"/v1/jobs/{job_id}").json()["state"] == "running"


def test_jobs_are_listed_page_by_page(http: Http, pair: dict[str, str]) -> None:
    made = [begun(http, pair) for _ in range(3)]
    first = http.get("/v1/jobs?limit=2").json()
    rest = http.get(f"/v1/jobs?limit=2&cursor={first['next']}").json()
    assert [job["job_id"] for job in first["jobs"] + rest["jobs"]] == made[::-1]
    assert rest["next"] is None
    assert http.get("/v1/jobs?state=running").json()["jobs"] == []
    assert http.get("/v1/jobs?limit=501").status_code == 422
    assert http.get("/v1/jobs?cursor=%25").json()["code"] == "bad_cursor"


def test_a_file_of_a_job_is_given_out(http: Http, desk: Desk, pair: dict[str, str]) -> None:
    job_id = begun(http, pair)
    job = lease(desk)
    files = {"diff.json": b'{"lines": []}'}
    desk.store.transact(lambda c: jobs.end_job(c, job, JobState.SUCCEEDED, now=NOON, result={}, files=files))
    assert http.get(f"/v1/jobs/{job_id}/files/diff.json").json() == {"lines": []}
    assert http.get(f"/v1/jobs/{job_id}/files/none.json").status_code == 404


def test_each_call_needs_its_scope(http: Http, desk: Desk, pair: dict[str, str]) -> None:
    job_id = begun(http, pair)
    booker, reader = key(desk.store, "booking"), key(desk.store, "plan:read")
    assert http.get(f"/v1/jobs/{job_id}", headers=booker).status_code == 403
    assert http.get(f"/v1/jobs/{job_id}", headers=reader).status_code == 200
    assert http.delete(f"/v1/jobs/{job_id}", headers=reader).status_code == 403
    assert http.post("/v1/jobs", json=pair, headers=reader).status_code == 403


def test_what_was_done_is_in_the_audit_log(http: Http, desk: Desk, pair: dict[str, str]) -> None:
    from api.store.audit import read_audit

    job_id = begun(http, pair)
    http.delete(f"/v1/jobs/{job_id}")
    with desk.store.read() as connection:
        actions = [entry.action for entry in read_audit(connection, subject=job_id)]
    assert actions == ["job.cancel_asked", "job.create"]
    assert DEED.actor not in actions
