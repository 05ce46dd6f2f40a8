"""Planning as a job: what is told while it runs, and what comes of it."""

import json
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.desk import Desk
from api.jobs.kind import Task
from api.jobs.planning import PlanParams, run_plan
from api.store import jobs
from routing.model.result import Progress
from tests.api.calls import Http
from tests.api.conftest import NOON
from tests.api.samples import kept_scenario
from tests.town import Town, write_town


def told_while_planning(folder: Path, **given: Any) -> tuple[list[Progress], dict[str, Any]]:
    told: list[Progress] = []
    write_town(folder / "scenario", Town(riders=20))
    params = PlanParams(scenario="town", iterations=200, workers=1, **given)
    made = run_plan(Task(params=params, folder=folder, stop=threading.Event(), tell=told.append))
    return told, dict(made.summary)


def test_bound_and_gap_are_told_from_the_search_on_and_end_as_the_result_says(tmp_path: Path) -> None:
    told, summary = told_while_planning(tmp_path, bound=True)
    searched = [p for p in told if p.phase == "search"]
    assert searched
    assert all(p.bound_fen is not None and p.bound_fen > 0 for p in searched)
    bounds = [p.bound_fen for p in told if p.bound_fen is not None]
    assert bounds == sorted(bounds)
    last = [p for p in told if p.phase == "bound"][-1]
    assert (last.cost_fen, last.bound_fen) == (summary["cost_fen"], summary["lower_bound_fen"])
    assert last.gap is not None
    assert abs(last.gap - summary["gap"]) < 1e-4
    assert "gap" in json.dumps(asdict(last), allow_nan=False)


def test_without_a_bound_none_is_told(tmp_path: Path) -> None:
    told, summary = told_while_planning(tmp_path)
    assert {(p.bound_fen, p.gap) for p in told} == {(None, None)}
    assert summary["lower_bound_fen"] is None


def test_whoever_polls_or_listens_hears_of_bound_and_gap(http: Http, desk: Desk) -> None:
    desk.store.transact(kept_scenario)
    path = http.post("/v1/jobs", json={"kind": "plan", "scenario": "town", "bound": True}).headers["location"]
    job = desk.store.transact(lambda c: jobs.lease_job(c, lease_s=60, attempts=3, now=NOON))
    assert job is not None
    before = http.get(path).headers["etag"]
    seen = Progress(phase="search", done=0.5, cost_fen=80_000, bound_fen=60_000, gap=0.25)
    assert desk.store.transact(lambda c: jobs.note_progress(c, job, asdict(seen), NOON))
    answer = http.get(path, headers={"If-None-Match": before})
    assert answer.status_code == 200
    told = answer.json()["progress"]
    assert (told["cost_fen"], told["bound_fen"], told["gap"]) == (80_000, 60_000, 0.25)
    assert http.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    desk.store.transact(lambda c: jobs.end_job(c, job, jobs.JobState.SUCCEEDED, now=NOON, result={}))
    stream = http.get(f"{path}/events").text
    number = next(line[4:] for line in stream.splitlines()[::-1] if line.startswith("id: ") and int(line[4:]) == 3)
    assert '"gap": 0.25' in stream
    assert '"gap": 0.25' not in http.get(f"{path}/events", headers={"Last-Event-ID": number}).text
