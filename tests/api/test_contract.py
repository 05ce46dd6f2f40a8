"""The paths, members and states that other people's scripts rely on are there."""

import re
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.desk import Desk
from api.store.states import JobState, PlanState
from tests.api.calls import Http
from tests.api.conftest import key
from tests.api.databases import copied
from tests.api.samples import kept_plan


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of SQLite alone: what is tested here is the same on any database."""
    return copied(file, tmp_path)


CALLS = [
    ("post", "/v1/jobs"),
    ("get", "/v1/jobs/{job_id}"),
    ("get", "/v1/jobs/{job_id}/events"),
    ("post", "/v1/jobs/{job_id}/stop"),
    ("delete", "/v1/jobs/{job_id}"),
    ("get", "/v1/plans"),
    ("get", "/v1/plans/{plan_id}"),
    ("get", "/v1/plans/{plan_id}.geojson"),
    ("get", "/v1/plans/{plan_id}/gtfs.zip"),
    ("post", "/v1/plans/{plan_id}/approve"),
    ("post", "/v1/plans/{plan_id}/publish"),
    ("post", "/v1/plans/{plan_id}/retire"),
    ("get", "/v1/plans/{plan_id}/diff/{other}"),
    ("put", "/v1/riders/{rider_id}"),
    ("delete", "/v1/riders/{rider_id}"),
    ("post", "/v1/webhooks"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
]


@pytest.fixture
def paths(desk: Desk) -> dict[str, Any]:
    return dict(create_app(desk).openapi()["paths"])


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_call_of_the_contract_is_there(paths: dict[str, Any], method: str, path: str) -> None:
    assert method in paths[path]


def test_every_post_that_changes_something_tells_of_its_idempotency_key(paths: dict[str, Any]) -> None:
    without = {"/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/retry"}  # done twice it is the same
    ours = ("/v1/jobs", "/v1/plans", "/v1/riders", "/v1/scenarios", "/v1/webhooks")
    for path, calls in paths.items():
        if "post" in calls and path.startswith(ours) and path not in without:
            names = {parameter["name"] for parameter in calls["post"].get("parameters", [])}
            assert "Idempotency-Key" in names, path


def test_the_states_are_those_of_the_field() -> None:
    assert [state.value for state in JobState] == [
        "queued", "running", "succeeded", "stopped", "failed", "cancelled",
    ]  # fmt: skip
    assert [state.value for state in PlanState] == ["draft", "proposed", "approved", "published", "retired"]


def test_a_document_has_every_member_of_the_contract(http: Http, desk: Desk) -> None:
    plan = desk.store.transact(kept_plan).plan_id
    document = http.get(f"/v1/plans/{plan}").json()
    members = {"api_version", "plan_id", "scenario", "lines", "stops", "assignments", "blocks", "unserved", "summary"}
    assert members <= set(document)
    assert document["plan_id"] == plan


def test_ids_say_what_they_name(http: Http, desk: Desk) -> None:
    plan = desk.store.transact(kept_plan)
    job = http.post("/v1/jobs", json={"kind": "evaluate", "plan": plan.plan_id}).json()
    hook = http.post("/v1/webhooks", json={"url": "https://booking.example.com/"}).json()
    ids = {"plan": plan.plan_id, "scn": plan.scenario_id, "job": job["job_id"], "hook": hook["webhook_id"]}
    for prefix, name in ids.items():
        word, _, ulid = name.partition("_")
        assert (word, len(ulid)) == (prefix, 26)


SCOPED = [
    ("GET", "/v1/plans", {"plan:read"}),
    ("GET", "/v1/jobs", {"plan:read"}),
    ("GET", "/v1/scenarios", {"plan:read"}),
    ("GET", "/v1/webhooks", {"plan:read"}),
    ("GET", "/v1/riders/anna", {"pii:read"}),
    ("DELETE", "/v1/riders/anna", {"plan:write"}),
    ("DELETE", "/v1/jobs/job_none", {"plan:write"}),
    ("DELETE", "/v1/webhooks/hook_none", {"plan:write"}),
    ("POST", "/v1/plans/plan_none/approve", {"plan:write"}),
    ("POST", "/v1/plans/plan_none/publish", {"plan:write"}),
    ("POST", "/v1/jobs/job_none/stop", {"plan:write"}),
    ("GET", "/metrics", {"plan:read", "plan:write", "booking", "pii:read"}),
]


@pytest.mark.parametrize(("method", "path", "let_in"), SCOPED)
def test_a_call_lets_in_the_scope_it_needs_and_no_other(
    http: Http, desk: Desk, method: str, path: str, let_in: set[str]
) -> None:
    for scope in ("plan:read", "plan:write", "booking", "pii:read"):
        answer = http.request(method, path, headers=key(desk.store, scope))
        assert (answer.status_code != 403) is (scope in let_in), scope


def test_no_key_but_one_for_homes_is_told_a_home(http: Http, desk: Desk) -> None:
    """Every GET of the schema is asked with every other scope; no answer holds the home."""
    desk.store.transact(kept_plan)
    demand = {"home": {"lon": 121.654321, "lat": 38.923456}, "crs": "wgs84", "worksite_id": "park", "shift_id": "day"}
    assert http.put("/v1/riders/anna", json=demand).status_code == 200
    weak = key(desk.store, "plan:read", "plan:write", "booking")
    assert "121.654321" in http.get("/v1/riders/anna").text
    for path, calls in http.app.openapi()["paths"].items():
        if "get" in calls:
            told = http.get(path.replace("{rider_id}", "anna").replace("{", "").replace("}", ""), headers=weak).text
            assert "121.654321" not in told, path


PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text("utf-8")
ROWS = re.findall(r"^\| `([A-Z]+) (/\S+)` \| (.+?) \|", PAGE, re.MULTILINE)
OURS = ("/v1/", "/healthz", "/readyz", "/metrics")


def test_the_page_tells_of_every_call_and_of_no_other(paths: dict[str, Any]) -> None:
    told = {(method.lower(), path) for method, path, _ in ROWS}
    there = {(method, path) for path, calls in paths.items() for method in calls}
    assert told <= there
    assert {(method, path) for method, path in there if path.startswith(OURS)} <= told


@pytest.mark.parametrize(("method", "path", "scope"), ROWS)
def test_the_scope_that_the_page_tells_is_the_one_that_is_asked(
    http: Http, desk: Desk, method: str, path: str, scope: str
) -> None:
    path = path.replace("{", "").replace("}", "")
    if scope == "none":
        assert http.request(method, path, headers={"Authorization": ""}).status_code == 200
        return
    word = scope.strip("`")
    rest = sorted({"plan:read", "plan:write", "booking", "pii:read"} - {word})
    assert http.request(method, path, headers={"Authorization": ""}).status_code == 401
    if word != "any":
        assert http.request(method, path, headers=key(desk.store, *rest)).status_code == 403
        assert http.request(method, path, headers=key(desk.store, word)).status_code != 403


def test_every_kind_of_job_is_on_the_page() -> None:
    from api.jobs.registry import KINDS

    told = set(re.findall(r"^\| `(\w+)` \|", PAGE.split("## Kinds of jobs")[1].split("\n## ")[0], re.MULTILINE))
    assert told == set(KINDS)


def test_the_pauses_of_webhooks_are_those_of_the_page() -> None:
    from api.store.webhooks import BACK_OFF_MS

    units = {"s": 1_000, "min": 60_000, "h": 3_600_000}
    line = PAGE.split("again after")[1].split(", then it is dead")[0]
    told = [int(number) * units[unit] for number, unit in re.findall(r"(\d+) (s|min|h)", line)]
    assert tuple(told) == BACK_OFF_MS


def test_the_python_of_the_page_can_be_compiled() -> None:
    program = PAGE.split("```python\n")[1].split("```")[0]
    assert compile(program, "api.md", "exec")
