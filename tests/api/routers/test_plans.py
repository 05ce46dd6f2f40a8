"""Plans over HTTP: documents in every format, steps guarded by versions, what is in force."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from api.app import create_app
from api.desk import Desk
from api.running import today
from api.store.audit import Deed
from api.store.keys import find_key
from api.store.schema import events
from tests.api.calls import Http, serving
from tests.api.conftest import key
from tests.api.samples import document, kept_plan


@pytest.fixture
def plan(desk: Desk) -> str:
    return desk.store.transact(kept_plan).plan_id


def stepped(http: Http, plan: str, *steps: str) -> dict[str, Any]:
    for step in steps:
        answer = http.post(f"/v1/plans/{plan}/{step}")
        assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_document_is_the_same_as_in_a_file(http: Http, plan: str) -> None:
    answer = http.get(f"/v1/plans/{plan}")
    assert answer.json() == document() | {"plan_id": plan, "digest": "plan_0123"}
    assert answer.headers["x-plan-state"] == "draft"
    assert http.get(f"/v1/plans/{plan}", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_a_map_is_geojson_in_wgs84(http: Http, plan: str) -> None:
    answer = http.get(f"/v1/plans/{plan}.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    told = answer.json()
    assert told["type"] == "FeatureCollection"
    assert told["plan_id"] == plan
    assert {feature["geometry"]["type"] for feature in told["features"]} == {"LineString", "Point"}


def test_a_feed_is_a_zip_with_the_tables_of_gtfs(http: Http, plan: str) -> None:
    answer = http.get(f"/v1/plans/{plan}/gtfs.zip")
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"} <= set(names)
    assert answer.headers["content-disposition"].endswith('.gtfs.zip"')


def test_a_workbook_opens(http: Http, plan: str) -> None:
    answer = http.get(f"/v1/plans/{plan}.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book["trips"].max_row == 2


@pytest.mark.parametrize("path", ["", ".geojson", ".xlsx", "/gtfs.zip", "/state", "/diff/plan_none"])
def test_a_plan_that_is_not_there_is_told(http: Http, path: str) -> None:
    answer = http.get(f"/v1/plans/plan_none{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_plan_lives_from_draft_to_retired_and_back(http: Http, plan: str) -> None:
    told = stepped(http, plan, "propose", "approve", "publish")
    assert (told["state"], told["version"]) == ("published", 4)
    assert len(told["effective_from"]) == 1
    assert stepped(http, plan, "retire")["effective_from"] == []
    assert stepped(http, plan, "publish")["state"] == "published"


def test_publishing_may_wait_for_a_date(http: Http, plan: str) -> None:
    stepped(http, plan, "approve")
    answer = http.post(f"/v1/plans/{plan}/publish", json={"effective_from": "2026-12-01"})
    assert answer.json()["effective_from"] == ["2026-12-01"]
    assert http.get(f"/v1/plans/{plan}/state").json()["effective_from"] == ["2026-12-01"]


@pytest.mark.parametrize("body", [{"effective_from": "soon"}, {"from": "2026-12-01"}, {"effective_from": 7.5}])
def test_a_date_that_is_none_is_refused(http: Http, plan: str, body: dict[str, object]) -> None:
    stepped(http, plan, "approve")
    assert http.post(f"/v1/plans/{plan}/publish", json=body).status_code == 422


def test_a_step_too_far_is_refused(http: Http, plan: str) -> None:
    answer = http.post(f"/v1/plans/{plan}/publish")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_a_stale_edit_is_refused_with_the_present_version(http: Http, plan: str) -> None:
    tag = http.get(f"/v1/plans/{plan}").headers["etag"]
    assert http.post(f"/v1/plans/{plan}/propose", headers={"If-Match": tag}).status_code == 200
    answer = http.post(f"/v1/plans/{plan}/approve", headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["code"], answer.headers["etag"]) == (412, "stale_version", '"2"')
    assert http.post(f"/v1/plans/{plan}/approve", headers={"If-Match": '"2"'}).status_code == 200


def test_a_step_that_is_sent_again_is_made_once(http: Http, plan: str) -> None:
    headers = {"Idempotency-Key": "k", "If-Match": '"1"'}
    first, again = (http.post(f"/v1/plans/{plan}/propose", headers=headers) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content) == (200, first.content)


def test_two_persons_approve_where_that_is_asked_for(desk: Desk) -> None:
    strict = replace(desk, settings=replace(desk.settings, two_persons=True))
    maker, other = key(desk.store, "plan:write"), key(desk.store, "plan:write", "plan:read")
    with desk.store.read() as connection:
        record = find_key(connection, maker["Authorization"].removeprefix("Bearer "))
    assert record is not None
    plan = desk.store.transact(lambda c: kept_plan(c, deed=Deed(actor=record.key_id, at=0))).plan_id
    with serving(create_app(strict)) as guarded:
        answer = guarded.post(f"/v1/plans/{plan}/approve", headers=maker)
        assert (answer.status_code, answer.json()["code"]) == (409, "own_approval")
        assert guarded.post(f"/v1/plans/{plan}/approve", headers=other).status_code == 200


def test_the_difference_of_two_plans_is_told_at_once(http: Http, desk: Desk, plan: str) -> None:
    later = desk.store.transact(lambda c: kept_plan(c, document("plan_2", departure="07:10:00"))).plan_id
    told = http.get(f"/v1/plans/{plan}/diff/{later}").json()
    assert (told["before"], told["after"], told["changes"]) == (plan, later, {"retime": 1})
    assert [(r["rider_id"], r["board_shift_s"], r["felt"]) for r in told["riders"]] == [("r1", -1_200, True)]
    assert http.get(f"/v1/plans/{plan}/diff/{plan}").json()["riders"] == []


def lines_told(desk: Desk) -> list[tuple[str, str, dict[str, Any]]]:
    with desk.store.read() as connection:
        query = sa.select(events.c.type, events.c.subject, events.c.data).order_by(events.c.event_id)
        return [(row.type, row.subject, row.data) for row in connection.execute(query) if row.type.startswith("line.")]


def test_subscribers_hear_which_lines_change_from_when_on(http: Http, desk: Desk, plan: str) -> None:
    later = document("plan_2", departure="07:10:00")
    later["lines"].append({"line_id": "L2", "name": "Line 2", "trips": []})
    second = desk.store.transact(lambda c: kept_plan(c, later)).plan_id
    for name in (plan, second):
        stepped(http, name, "approve")
    http.post(f"/v1/plans/{plan}/publish", json={"effective_from": "2026-11-23"})
    assert lines_told(desk) == []
    http.post(f"/v1/plans/{second}/publish", json={"effective_from": "2026-12-01"})
    told = {(kind, line): data for kind, line, data in lines_told(desk)}
    assert told["line.retime", "L1"] == {"plan_id": second, "effective_from": "2026-12-01", "related": []}
    http.post(f"/v1/plans/{second}/publish", json={"effective_from": "2026-12-08"})
    assert len(lines_told(desk)) == len(told)


def test_plans_are_listed_by_state_and_page(http: Http, desk: Desk, plan: str) -> None:
    other = desk.store.transact(kept_plan).plan_id
    stepped(http, other, "propose")
    assert [p["plan_id"] for p in http.get("/v1/plans?state=draft").json()["plans"]] == [plan]
    first = http.get("/v1/plans?limit=1").json()
    assert first["plans"][0]["plan_id"] == other
    assert first["plans"][0]["summary"]["lines"] == 1
    assert http.get(f"/v1/plans?limit=1&cursor={first['next']}").json()["plans"][0]["plan_id"] == plan
    assert http.get("/v1/plans?service=village").json() == {"plans": [], "next": None}


def test_each_call_needs_its_scope(http: Http, desk: Desk, plan: str) -> None:
    booker, reader = key(desk.store, "booking", "pii:read"), key(desk.store, "plan:read")
    assert http.get(f"/v1/plans/{plan}", headers=booker).status_code == 403
    assert http.get(f"/v1/plans/{plan}", headers=reader).status_code == 200
    assert http.post(f"/v1/plans/{plan}/approve", headers=reader).status_code == 403


def test_today_is_the_day_of_the_service_not_of_the_server() -> None:
    """At 22:13 in London it is tomorrow in Dalian."""
    assert today(1_700_000_000_000, "Europe/London").isoformat() == "2023-11-14"
    assert today(1_700_000_000_000, "Asia/Shanghai").isoformat() == "2023-11-15"


def test_no_answer_is_a_bare_list(http: Http, plan: str) -> None:
    stepped(http, plan, "approve")
    for path in ("/v1/plans", "/v1/jobs", "/v1/scenarios", "/v1/webhooks", f"/v1/plans/{plan}/state"):
        assert isinstance(json.loads(http.get(path).text), dict)


@pytest.fixture
def later(desk: Desk) -> str:
    """Keep a plan that leaves twenty minutes earlier, and return its id."""
    return desk.store.transact(lambda c: kept_plan(c, document("plan_later", departure="07:10:00"))).plan_id


def test_letters_of_a_plan_are_a_page_that_loads_nothing(http: Http, plan: str) -> None:
    answer = http.get(f"/v1/plans/{plan}/letters.html")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.text.count("<article>") == 2
    assert (
        http.get(f"/v1/plans/{plan}/letters.html", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    )


def test_letters_of_a_change_go_to_those_who_feel_it(http: Http, plan: str, later: str) -> None:
    """The first stop is left twenty minutes earlier, the second at the same time: one rider of two is written to."""
    path = f"/v1/plans/{plan}/diff/{later}/letters.html"
    answer = http.get(path)
    assert (answer.status_code, answer.text.count("<article>")) == (200, 1)
    assert "You leave 20 min earlier." in answer.text
    assert http.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    back = http.get(f"/v1/plans/{later}/diff/{plan}/letters.html")
    assert "You leave 20 min later." in back.text


def test_a_map_of_a_change_holds_both_sides(http: Http, plan: str, later: str) -> None:
    answer = http.get(f"/v1/plans/{plan}/diff/{later}/changes.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    assert {feature["properties"]["side"] for feature in answer.json()["features"]} == {"before", "after"}


@pytest.mark.parametrize("what", ["letters.html", "changes.geojson"])
def test_a_change_to_or_from_a_plan_that_is_not_there_is_told(http: Http, plan: str, what: str) -> None:
    for path in (f"/v1/plans/{plan}/diff/plan_none/{what}", f"/v1/plans/plan_none/diff/{plan}/{what}"):
        assert (http.get(path).status_code, http.get(path).json()["code"]) == (404, "not_found")
