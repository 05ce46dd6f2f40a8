"""Rebalances: a running plan, what may change, and the draft and letters that come of it."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import ValidationError

from api.desk import Desk
from api.errors import ApiError
from api.jobs.planning import PlanParams
from api.jobs.rebalancing import AskedPins, AskedPrices, RebalanceParams, resolve
from api.jobs.registry import read_params
from api.jobs.submit import submit
from api.jobs.worker import Worker
from api.settings import Settings
from api.store import Store, open_store
from api.store.jobs import job_file
from api.store.plans import approve_plan, find_plan, plan_bytes, publish_plan
from api.store.riders import RiderRecord, upsert_riders
from api.store.scenarios import insert_scenario, scenario_content
from api.store.states import JobState, PlanState
from routing.model.changes import DEFAULT_COSTS, ChangeCosts, Pins
from tests.api.conftest import DATA_KEY, NOON
from tests.api.databases import copied
from tests.api.jobs.working import asked, seen, town_files
from tests.api.samples import DEED, SEALER
from tests.api.town_service import WEDNESDAY, publish

FILES = {"diff.json", "letters.html", "drivers.html", "changes.geojson"}


@pytest.mark.parametrize(
    "params",
    [
        RebalanceParams(),
        RebalanceParams(plan="plan_1", frontier=True, max_changed_riders=9, iterations=100),
        RebalanceParams(prices=AskedPrices(other_line=None, retimed=0), pins=AskedPins(lines=["L1"], riders=["r1"])),
    ],
)
def test_parameters_come_back_from_the_store_as_they_were(params: RebalanceParams) -> None:
    assert read_params(params.model_dump(mode="json")) == params


def test_prices_and_pins_are_those_of_the_planner() -> None:
    assert ChangeCosts(**AskedPrices().model_dump()) == DEFAULT_COSTS
    assert set(AskedPins.model_fields) == set(Pins.__dataclass_fields__)


@pytest.mark.parametrize(
    "given",
    [
        {"max_changed_riders": -1},
        {"prices": {"other_stop": -1}},
        {"prices": {"other_stop": 1.5}},
        {"prices": {"colour": 1}},
        {"pins": {"lines": "L1"}},
        {"pins": {"line": ["L1"]}},
        {"bound": True},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RebalanceParams.model_validate(given)


def test_the_plan_that_is_not_named_is_the_one_in_force(store: Store) -> None:
    plan_id = store.transact(publish)
    with store.read() as connection:
        assert resolve(connection, RebalanceParams(), NOON).plan == plan_id
        assert resolve(connection, RebalanceParams(scenario="town"), NOON).plan == plan_id
        assert resolve(connection, RebalanceParams(plan="plan_other"), NOON).plan == "plan_other"


def test_where_nothing_runs_nothing_can_be_rebalanced(file_store: Store) -> None:
    with pytest.raises(ApiError) as refused:
        file_store.transact(lambda c: submit(c, SEALER, RebalanceParams(), DEED))
    assert refused.value.code == "nothing_published"


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the town's files before and after three riders left and two joined."""
    before = town_files(tmp_path_factory.mktemp("files") / "town")
    rows = before["riders.csv"].decode().splitlines()
    new = [rows[1].replace("r000", "n001"), rows[5].replace("r004", "n002")]
    return before, before | {"riders.csv": ("\n".join([*rows[:10], *rows[13:], *new]) + "\n").encode()}


@pytest.fixture(scope="module")
def running(
    file: Path, tmp_path_factory: pytest.TempPathFactory, drifted: tuple[dict[str, bytes], dict[str, bytes]]
) -> Iterator[tuple[Desk, Worker, str]]:
    """Yield a desk and a worker of a town whose published plan has been left behind by its riders."""
    log = structlog.wrap_logger(structlog.testing.CapturingLogger(), processors=[])
    store = open_store(copied(file, tmp_path_factory.mktemp("running")))
    settings = Settings(db=str(store.engine.url), data_keys=DATA_KEY)
    desk = Desk(settings=settings, store=store, sealer=SEALER, log=log)
    worker = Worker(desk=desk)
    scenarios = [store.transact(lambda c, f=files: insert_scenario(c, SEALER, "town", f, DEED)) for files in drifted]
    job = asked(desk, PlanParams(scenario=scenarios[0].scenario_id, iterations=400, workers=1))
    assert worker.work_once()
    plan_id = str((seen(desk, job).result or {})["plan_id"])

    def put_in_force(connection: Any) -> None:
        approved = approve_plan(connection, find_plan(connection, plan_id), DEED, two_persons=False)
        publish_plan(connection, approved, WEDNESDAY, DEED)

    store.transact(put_in_force)
    yield desk, worker, plan_id
    store.close()


def work(running: tuple[Desk, Worker, str], **given: Any) -> tuple[Any, dict[str, Any]]:
    desk, worker, _ = running
    job = asked(desk, RebalanceParams(iterations=300, workers=1, **given))
    assert worker.work_once()
    ended = seen(desk, job)
    return ended, dict(ended.result or {})


def content(desk: Desk, job: Any, name: str) -> str:
    with desk.store.read() as connection:
        return job_file(connection, job.job_id, name).decode()


def test_a_town_that_drifted_is_followed_with_letters_and_steps(running: tuple[Desk, Worker, str]) -> None:
    desk, _, plan_id = running
    job, result = work(running, scenario="town", frontier=True)
    assert (job.state, job.error) == (JobState.SUCCEEDED, None)
    assert set(result["files"]) == FILES | {"frontier.json"}
    changes = result["summary"]["changes"]
    assert changes["stayers"] == 45
    assert changes["lost"] >= 0
    with desk.store.read() as connection:
        made = find_plan(connection, result["plan_id"])
        document = json.loads(plan_bytes(connection, made.plan_id))
    assert (made.state, made.service, made.job_id) == (PlanState.DRAFT, "town", job.job_id)
    told = {a["rider_id"] for a in document["assignments"]} | {u["rider_id"] for u in document["unserved"]}
    assert {"n001", "n002"} <= told
    assert "r010" not in told
    diff = json.loads(content(desk, job, "diff.json"))
    assert (diff["from"], diff["changed"]) == (plan_id, changes["changed"])
    frontier = json.loads(content(desk, job, "frontier.json"))
    assert [s["sentence"] for s in frontier["steps"]] == [s["sentence"] for s in result["summary"]["frontier"]["steps"]]
    assert all("decisions" not in step for step in result["summary"]["frontier"]["steps"])
    assert "n001" in content(desk, job, "letters.html")


def test_a_limit_of_nobody_changes_nobody_and_the_same_seed_gives_the_same(running: tuple[Desk, Worker, str]) -> None:
    desk, _, _ = running
    ends = [work(running, scenario="town", max_changed_riders=0) for _ in range(2)]
    assert [result["summary"]["changes"]["changed"] for _, result in ends] == [0, 0]
    with desk.store.read() as connection:
        digests = {find_plan(connection, result["plan_id"]).digest for _, result in ends}
    assert len(digests) == 1
    assert ends[0][0].input_digest == ends[1][0].input_digest


def test_the_riders_of_the_register_are_followed(running: tuple[Desk, Worker, str]) -> None:
    desk, _, plan_id = running
    with desk.store.read() as connection:
        scenario_id = find_plan(connection, plan_id).scenario_id
    rows = town_rows(desk, scenario_id)[:20]
    desk.store.transact(lambda c: upsert_riders(c, SEALER, rows, DEED))
    job, result = work(running, riders=True)
    assert job.state is JobState.SUCCEEDED, job.error
    assert result["summary"]["riders"] == 20
    assert result["summary"]["changes"]["lost"] >= 28, "48 were in the plan"


def town_rows(desk: Desk, scenario_id: str) -> list[RiderRecord]:
    """Return the riders of a scenario as the register keeps them."""
    with desk.store.read() as connection:
        table = scenario_content(connection, SEALER, scenario_id)["riders.csv"].decode()
    return [
        RiderRecord(
            service="town",
            rider_id=row["rider_id"],
            lon=float(row["home_lon"]),
            lat=float(row["home_lat"]),
            worksite_id=row["worksite_id"],
            shift_id=row["shift_id"],
        )
        for row in csv.DictReader(table.splitlines())
    ]


def test_pins_on_nothing_are_told_at_the_door_of_the_caller(running: tuple[Desk, Worker, str]) -> None:
    job, result = work(running, pins=AskedPins(lines=["L999"], riders=["nobody"]))
    assert (job.state, result) == (JobState.FAILED, {})
    assert [(f["pointer"], f["code"]) for f in job.error["errors"]] == [("/pins", "unknown_pin")] * 2
