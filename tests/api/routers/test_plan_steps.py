"""Steps of a plan over HTTP: which are refused, what a version guards, and what a key does once."""

from pathlib import Path
from typing import Any

import pytest

from api.desk import Desk
from api.store.audit import read_audit
from tests.api.calls import Http
from tests.api.conftest import key
from tests.api.databases import copied
from tests.api.problems import refused
from tests.api.samples import document, kept_plan

STEPS = ("propose", "approve", "publish", "retire")


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of a database on SQLite alone: the store's own tests cover both."""
    return copied(file, tmp_path)


@pytest.fixture
def plan(desk: Desk) -> str:
    return desk.store.transact(kept_plan).plan_id


def step(http: Http, plan: str, what: str, **more: Any) -> Any:
    return http.post(f"/v1/plans/{plan}/{what}", **more)


def go(http: Http, plan: str, *steps: str) -> None:
    for what in steps:
        assert step(http, plan, what).status_code == 200


@pytest.mark.parametrize(
    ("before", "what"),
    [
        ((), "publish"),
        (("propose",), "propose"),
        (("propose",), "publish"),
        (("approve",), "propose"),
        (("approve",), "approve"),
        (("approve", "publish"), "propose"),
        (("approve", "publish"), "approve"),
        (("retire",), "propose"),
        (("retire",), "approve"),
        (("retire",), "publish"),
        (("retire",), "retire"),
    ],
)
def test_a_step_that_leads_nowhere_is_refused_and_changes_nothing(
    http: Http, plan: str, before: tuple[str, ...], what: str
) -> None:
    go(http, plan, *before)
    told = http.get(f"/v1/plans/{plan}/state").json()
    refused(step(http, plan, what), 409, "wrong_state")
    assert http.get(f"/v1/plans/{plan}/state").json() == told


@pytest.mark.parametrize("what", STEPS)
def test_a_step_of_no_plan_is_not_found(http: Http, what: str) -> None:
    refused(step(http, "plan_none", what), 404, "not_found")


def test_only_keys_that_write_plans_take_steps(http: Http, desk: Desk, plan: str) -> None:
    for scope in ("plan:read", "booking", "pii:read"):
        weak = key(desk.store, scope)
        for what in STEPS:
            refused(step(http, plan, what, headers=weak), 403, "scope_missing")
    assert http.get(f"/v1/plans/{plan}/state").json()["state"] == "draft"


def test_only_keys_that_read_plans_are_shown_any(http: Http, desk: Desk, plan: str) -> None:
    for scope in ("plan:write", "booking", "pii:read"):
        weak = key(desk.store, scope)
        for path in ("", ".geojson", ".xlsx", "/gtfs.zip", "/state", "/diff/plan_none"):
            refused(http.get(f"/v1/plans/{plan}{path}", headers=weak), 403, "scope_missing")


@pytest.mark.parametrize("what", ["propose", "approve", "retire"])
def test_a_step_from_an_older_version_is_refused_with_the_present_one(http: Http, plan: str, what: str) -> None:
    answer = step(http, plan, what, headers={"If-Match": '"7"'})
    refused(answer, 412, "stale_version")
    assert answer.headers["etag"] == '"1"'
    taken = step(http, plan, what, headers={"If-Match": '"1"'})
    assert (taken.status_code, taken.headers["etag"], taken.json()["version"]) == (200, '"2"', 2)


@pytest.mark.parametrize("tag", ["*", 'W/"1"', '"9", "1"'])
def test_a_step_from_any_of_several_versions_is_taken(http: Http, plan: str, tag: str) -> None:
    assert step(http, plan, "propose", headers={"If-Match": tag}).status_code == 200


def test_a_version_is_looked_at_before_the_state(http: Http, plan: str) -> None:
    """Whoever has read something older is told so, rather than that the step is wrong."""
    go(http, plan, "retire")
    refused(step(http, plan, "approve", headers={"If-Match": '"1"'}), 412, "stale_version")


def test_the_tag_of_the_state_is_the_one_that_guards_a_step(http: Http, plan: str) -> None:
    go(http, plan, "propose")
    tag = http.get(f"/v1/plans/{plan}/state").headers["etag"]
    assert tag == http.get(f"/v1/plans/{plan}").headers["etag"]
    assert step(http, plan, "approve", headers={"If-Match": tag}).status_code == 200
    refused(step(http, plan, "retire", headers={"If-Match": tag}), 412, "stale_version")


@pytest.mark.parametrize("path", [".geojson", ".xlsx", "/gtfs.zip"])
def test_exports_keep_their_tag_whatever_becomes_of_the_plan(http: Http, plan: str, path: str) -> None:
    first = http.get(f"/v1/plans/{plan}{path}")
    go(http, plan, "approve")
    again = http.get(f"/v1/plans/{plan}{path}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_document_is_told_anew_once_its_state_has_changed(http: Http, plan: str) -> None:
    tag = {"If-None-Match": http.get(f"/v1/plans/{plan}").headers["etag"]}
    assert http.get(f"/v1/plans/{plan}", headers=tag).status_code == 304
    go(http, plan, "propose")
    news = http.get(f"/v1/plans/{plan}", headers=tag)
    assert (news.status_code, news.headers["x-plan-state"]) == (200, "proposed")


@pytest.mark.parametrize("what", ["propose", "approve", "retire"])
def test_a_step_under_one_key_is_taken_once_and_told_twice(http: Http, desk: Desk, plan: str, what: str) -> None:
    first, again = (step(http, plan, what, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert (again.headers["etag"], again.headers["idempotency-replayed"]) == ('"2"', "true")
    with desk.store.read() as connection:
        assert len(read_audit(connection, subject=plan)) == 2


def test_one_key_does_not_serve_for_two_steps(http: Http, plan: str) -> None:
    step(http, plan, "propose", headers={"Idempotency-Key": "k"})
    refused(step(http, plan, "approve", headers={"Idempotency-Key": "k"}), 422, "idempotency_key_reused")
    assert http.get(f"/v1/plans/{plan}/state").json()["state"] == "proposed"


def test_publishing_another_date_under_the_same_key_is_refused(http: Http, plan: str) -> None:
    go(http, plan, "approve")
    for status, day in ((200, "2026-12-01"), (422, "2026-12-02")):
        answer = step(http, plan, "publish", json={"effective_from": day}, headers={"Idempotency-Key": "k"})
        assert answer.status_code == status
    assert http.get(f"/v1/plans/{plan}/state").json()["effective_from"] == ["2026-12-01"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"effective_from": "2026-02-30"}, "date_from_datetime_parsing"),
        ({"effective_from": "26-01-01"}, "date_from_datetime_parsing"),
        ({"effective_from": True}, "date_type"),
    ],
)
def test_a_day_that_does_not_exist_is_told_where_it_stands(
    http: Http, plan: str, body: dict[str, object], code: str
) -> None:
    go(http, plan, "approve")
    told = refused(step(http, plan, "publish", json=body), 422, "invalid_request", "/effective_from")
    assert told["errors"][0]["code"] == code


def test_what_publishing_does_not_know_is_refused(http: Http, plan: str) -> None:
    go(http, plan, "approve")
    told = refused(step(http, plan, "publish", json={"until": "2027-01-01"}), 422, "invalid_request", "/until")
    assert told["errors"][0]["code"] == "extra_forbidden"


def test_a_plan_whose_zone_is_unknown_cannot_be_published_today_but_on_a_date(http: Http, desk: Desk) -> None:
    lost = desk.store.transact(lambda c: kept_plan(c, document() | {"timezone": "Asia/Atlantis"})).plan_id
    go(http, lost, "approve")
    refused(step(http, lost, "publish"), 422, "invalid_request")
    assert step(http, lost, "publish", json={"effective_from": "2026-12-01"}).status_code == 200


def test_publishing_again_moves_nothing_but_adds_a_date(http: Http, plan: str) -> None:
    go(http, plan, "approve")
    for day in ("2026-12-01", "2026-11-01"):
        step(http, plan, "publish", json={"effective_from": day})
    assert http.get(f"/v1/plans/{plan}/state").json()["effective_from"] == ["2026-12-01", "2026-11-01"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("state=lost", "query:state"),
        ("limit=0", "query:limit"),
        ("limit=501", "query:limit"),
        ("limit=few", "query:limit"),
        ("service=a%2Fb", "query:service"),
        ("service=", "query:service"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(http: Http, query: str, pointer: str) -> None:
    refused(http.get(f"/v1/plans?{query}"), 422, "invalid_request", pointer)


@pytest.mark.parametrize("cursor", ["%25", "a", "_w", "AA"])
def test_a_cursor_that_is_none_of_ours_is_refused(http: Http, cursor: str) -> None:
    """No base64, a lone digit, no UTF-8, a zero byte."""
    refused(http.get(f"/v1/plans?cursor={cursor}"), 400, "bad_cursor")


def test_a_diff_needs_both_plans(http: Http, plan: str) -> None:
    refused(http.get(f"/v1/plans/{plan}/diff/plan_none"), 404, "not_found")
    refused(http.get(f"/v1/plans/plan_none/diff/{plan}"), 404, "not_found")
