"""The demonstration: the embedded scenario in the store and a plan of it in force, made once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import demo
from api.desk import Desk
from api.errors import problem_of
from api.jobs.kind import Made
from api.store import jobs
from api.store.jobs import list_jobs
from api.store.plans import find_plan, list_plans, list_publications
from api.store.scenarios import find_scenario, scenario_content
from api.store.states import JobState, PlanState
from routing.errors import RoutingError
from tests.api.databases import copied
from tests.api.samples import document


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of SQLite alone: what is tested here is the same on any database."""
    return copied(file, tmp_path)


class Quick:
    """A worker that makes every plan at once, or none."""

    error: dict[str, Any] | None = None

    def __init__(self, *, desk: Desk) -> None:
        self.desk = desk

    def work_once(self) -> bool:
        from api.jobs.worker import Worker

        job = self.desk.store.transact(lambda c: jobs.lease_job(c, lease_s=60, attempts=1, now=self.desk.clock()))
        if job is None:
            return False
        worker = Worker(desk=self.desk)
        if self.error is not None:
            return worker.end(job, JobState.FAILED, error=self.error)
        made = Made(summary={"lines": 1}, plan=document())
        return worker.settle(job, made, stopped=False)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(demo, "Worker", Quick)
    yield
    Quick.error = None


def test_a_plan_is_made_once_and_published(desk: Desk) -> None:
    demo.ensure_demo(desk)
    demo.ensure_demo(desk)
    with desk.store.read() as connection:
        (published,) = list_publications(connection, "dalian")
        assert find_plan(connection, published.plan_id).state is PlanState.PUBLISHED
        assert len(list_plans(connection)) == 1
        (job,) = list_jobs(connection)
    assert (job.kind, job.created_by, job.params["time_limit_s"]) == ("plan", "demo", demo.SEARCH_S)


def test_the_scenario_is_the_embedded_one_whole(desk: Desk) -> None:
    demo.ensure_demo(desk)
    with desk.store.read() as connection:
        scenario = find_scenario(connection, "dalian")
        files = scenario_content(connection, desk.sealer, scenario.scenario_id)
    needed = {"scenario.toml", "riders.csv", "worksites.csv", "shifts.csv", "fleet.csv", "depots.csv", "roads.osm.pbf"}
    assert needed <= set(files)
    assert files["riders.csv"].startswith(b"rider_id,home_lon")
    assert not [name for name in files if name.endswith((".py", ".md"))]


def test_where_no_plan_comes_about_the_reason_is_told(desk: Desk) -> None:
    Quick.error = problem_of(status=422, code="roads_empty", detail="No road.")
    with pytest.raises(RoutingError) as refused:
        demo.ensure_demo(desk)
    assert (refused.value.code, refused.value.cause) == ("roads_empty", "No road.")
    with desk.store.read() as connection:
        assert list_publications(connection) == ()
