"""Riders over HTTP: written whole, homes told to those alone who may see them, erased for good."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from pydantic import ValidationError

from api.desk import Desk
from api.jobs.planning import PlanParams
from api.jobs.riders_table import with_riders
from api.jobs.submit import submit
from api.routers.riders import Bulk
from api.store.audit import read_audit
from api.store.riders import RiderRecord
from api.store.scenarios import find_scenario, scenario_content
from tests.api.calls import Http
from tests.api.conftest import key
from tests.api.samples import DEED, FILES, SEALER, kept_scenario

ANNA: dict[str, Any] = {
    "home": {"lon": 121.65111, "lat": 38.923008},
    "crs": "wgs84",
    "worksite_id": "park",
    "shift_id": "day",
    "need": "short_walk",
}


@pytest.fixture(autouse=True)
def town(desk: Desk) -> None:
    desk.store.transact(kept_scenario)


def test_a_rider_is_written_and_the_home_is_not_told_back(http: Http) -> None:
    answer = http.put("/v1/riders/anna", json=ANNA)
    assert answer.json() == {"rider_id": "anna", "version": 1}
    assert answer.headers["etag"] == '"1"'
    assert http.put("/v1/riders/anna", json=ANNA).json()["version"] == 2


def test_a_home_is_told_to_pii_read_alone_and_the_look_is_noted(http: Http, desk: Desk) -> None:
    http.put("/v1/riders/anna", json=ANNA)
    for scopes in (("booking",), ("plan:read", "plan:write")):
        assert http.get("/v1/riders/anna", headers=key(desk.store, *scopes)).status_code == 403
    told = http.get("/v1/riders/anna", headers=key(desk.store, "pii:read")).json()
    assert (told["home"], told["need"], told["days"]) == (ANNA["home"], "short_walk", "1111100")
    with desk.store.read() as connection:
        entry = read_audit(connection)[0]
    assert (entry.action, entry.subject) == ("rider.read", "anna")


def test_a_home_in_a_chinese_datum_is_moved(http: Http) -> None:
    http.put("/v1/riders/anna", json=ANNA | {"crs": "gcj02"})
    home = http.get("/v1/riders/anna").json()["home"]
    assert 0.003 < ANNA["home"]["lon"] - home["lon"] < 0.007


def test_every_fault_is_told_at_once(http: Http) -> None:
    body = {"home": {"lon": 200, "lat": "38"}, "worksite_id": "park", "days": "0000000", "count": 0, "age": 30}
    answer = http.put("/v1/riders/anna", json=body)
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {
        "/home" + "/lon", "/home" + "/lat", "/crs", "/shift_id", "/days", "/count", "/age",
    }  # fmt: skip


def test_a_stale_edit_is_refused(http: Http) -> None:
    http.put("/v1/riders/anna", json=ANNA)
    http.put("/v1/riders/anna", json=ANNA)
    assert http.put("/v1/riders/anna", json=ANNA, headers={"If-Match": '"1"'}).status_code == 412
    assert http.put("/v1/riders/anna", json=ANNA, headers={"If-Match": '"2"'}).status_code == 200
    assert http.put("/v1/riders/ben", json=ANNA, headers={"If-Match": '"1"'}).status_code == 404


def test_a_rider_who_is_written_by_many_at_once_is_written_by_each(http: Http) -> None:
    async def all_at_once() -> list[int]:
        calls = [http.client.put("/v1/riders/anna", json=ANNA) for _ in range(2)]
        return [answer.status_code for answer in await asyncio.gather(*calls)]

    assert http.portal.call(all_at_once) == [200, 200]
    assert http.get("/v1/riders/anna").json()["version"] in {1, 2}


def test_an_erased_rider_is_gone(http: Http) -> None:
    http.put("/v1/riders/anna", json=ANNA)
    assert http.delete("/v1/riders/anna").status_code == 204
    assert http.get("/v1/riders/anna").status_code == 404
    assert http.delete("/v1/riders/anna").status_code == 404


def test_erasing_a_rider_takes_the_home_out_of_every_scenario(http: Http, desk: Desk) -> None:
    """The scenario's own table named r1 before anybody was registered."""
    assert http.delete("/v1/riders/r1").status_code == 204
    with desk.store.read() as connection:
        scenario = find_scenario(connection, "town")
        files = scenario_content(connection, desk.sealer, scenario.scenario_id)
    assert files["riders.csv"] == b"rider_id,home_lon,home_lat\n"
    assert files["roads.osm.pbf"] == FILES["roads.osm.pbf"]


def test_many_are_written_at_once_or_none(http: Http) -> None:
    riders = [ANNA | {"rider_id": f"r{n}"} for n in range(50)]
    assert http.post("/v1/riders", json={"riders": riders}).json() == {"written": 50}
    riders[7]["home"] = {"lon": 121.5, "lat": 99}
    riders[9]["count"] = 0
    answer = http.post("/v1/riders", json={"riders": riders})
    assert {f["pointer"] for f in answer.json()["errors"]} == {"/riders/7/home/lat", "/riders/9/count"}
    assert http.get("/v1/riders/r9").json()["version"] == 1


def test_a_rider_named_twice_in_a_bulk_is_told(http: Http) -> None:
    riders = [ANNA | {"rider_id": name} for name in ("a", "b", "a")]
    answer = http.post("/v1/riders", json={"riders": riders})
    assert answer.json()["errors"] == [
        {"pointer": "/riders/2/rider_id", "code": "duplicate_id", "detail": "stands at /riders/0 already"}
    ]


def test_a_service_must_be_named_where_there_are_several(http: Http, desk: Desk) -> None:
    from api.store.scenarios import insert_scenario

    desk.store.transact(lambda c: insert_scenario(c, SEALER, "village", {"scenario.toml": b"v"}, DEED))
    answer = http.put("/v1/riders/anna", json=ANNA)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query:service")
    assert http.put("/v1/riders/anna?service=village", json=ANNA).status_code == 200
    assert http.get("/v1/riders/anna?service=town").status_code == 404
    assert http.put("/v1/riders/anna?service=none", json=ANNA).status_code == 404


def test_a_job_may_take_the_riders_of_the_register(http: Http, desk: Desk) -> None:
    http.put("/v1/riders/anna", json=ANNA)
    params = PlanParams(scenario="town", riders=True)
    first = desk.store.transact(lambda c: submit(c, desk.sealer, params, DEED))
    again = desk.store.transact(lambda c: submit(c, desk.sealer, params, DEED))
    assert first.input_digest == again.input_digest
    http.put("/v1/riders/anna", json=ANNA | {"days": "1111111"})
    other = desk.store.transact(lambda c: submit(c, desk.sealer, params, DEED))
    assert other.input_digest != first.input_digest
    with desk.store.read() as connection:
        files = scenario_content(connection, desk.sealer, str(first.params["scenario"]))
    assert files["riders.csv"].decode().splitlines()[1] == "anna,121.651110,38.923008,park,day,1111100,1,short_walk"


def test_a_job_without_any_registered_rider_is_refused(http: Http) -> None:
    answer = http.post("/v1/jobs", json={"kind": "plan", "scenario": "town", "riders": True})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/riders")


def test_homes_go_back_into_the_datum_of_the_scenario() -> None:
    rider = RiderRecord(service="t", rider_id="a", lon=121.65, lat=38.92, worksite_id="p", shift_id="d")
    files = {"scenario.toml": b'[scenario]\ncrs = "gcj02"\n', "riders.csv": b""}
    row = with_riders(files, [rider])["riders.csv"].decode().splitlines()[1].split(",")
    assert 0.003 < float(row[1]) - 121.65 < 0.007


SCALARS = st.none() | st.booleans() | st.floats() | st.text(max_size=8)
MEMBERS = st.sampled_from(["rider_id", "home", "lon", "lat", "crs", "riders", "count"])
OBJECTS = st.dictionaries(MEMBERS, SCALARS | st.dictionaries(MEMBERS, SCALARS, max_size=3), max_size=5)


@profile(max_examples=80)
@given(SCALARS | OBJECTS | st.lists(SCALARS | OBJECTS, max_size=3))
def test_no_document_whatever_breaks_the_reading(body: object) -> None:
    with pytest.raises(ValidationError):
        Bulk.model_validate({"riders": body})
