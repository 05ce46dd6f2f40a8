"""What could break a handler rather than be refused by it: broken archives, datums, numbers, keys for two calls."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from api.desk import Desk
from api.errors import ApiError
from api.routers.scenarios import service_of, unpack
from api.store.jobs import insert_job
from api.store.scenarios import insert_scenario, scenario_content
from tests.api.calls import Http
from tests.api.databases import copied
from tests.api.problems import refused
from tests.api.samples import DEED, FILES, SEALER, kept_scenario

ANNA: dict[str, Any] = {
    "home": {"lon": 121.65111, "lat": 38.923008},
    "crs": "wgs84",
    "worksite_id": "park",
    "shift_id": "day",
}
ZIP = {"content-type": "application/zip"}
HEAD = b'[scenario]\nname = "town"\n'


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of a database on SQLite alone: the store's own tests cover both."""
    return copied(file, tmp_path)


def archive(name: str = "scenario.toml", content: bytes = HEAD, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as opened:
        opened.writestr(name, content)
    return buffer.getvalue()


def spoilt(how: int) -> bytes:
    """Return an archive whose packed bytes are none of the method that it names."""
    packed = bytearray(archive(content=HEAD * 50, how=how))
    begin = 30 + len("scenario.toml")
    packed[begin : begin + 12] = b"\xff" * 12
    return bytes(packed)


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_whose_content_is_spoilt_is_refused(http: Http, how: int) -> None:
    told = refused(http.post("/v1/scenarios", content=spoilt(how), headers=ZIP), 422, "invalid_request", "")
    assert told["errors"][0]["code"] == "bad_archive"


def test_an_archive_with_a_name_in_no_encoding_is_refused(http: Http) -> None:
    broken = archive("é/scenario.toml").replace("é".encode(), b"\xc3\x28")
    refused(http.post("/v1/scenarios", content=broken, headers=ZIP), 422, "invalid_request", "")


def test_a_cut_archive_is_refused_wherever_it_is_cut() -> None:
    whole = archive(content=HEAD * 20)
    for end in range(0, len(whole), 7):
        with pytest.raises(ApiError) as error:
            unpack(whole[:end], 10_000)
        assert error.value.code == "invalid_request"


def test_an_archive_of_just_the_size_allowed_is_let_in() -> None:
    assert unpack(archive(), len(HEAD)) == {"scenario.toml": HEAD}
    with pytest.raises(ApiError) as error:
        unpack(archive(), len(HEAD) - 1)
    assert error.value.code == "too_large"


@pytest.mark.parametrize(("length", "fine"), [(1, True), (100, True), (101, False)])
def test_a_name_has_a_longest_length(length: int, *, fine: bool) -> None:
    files = {"scenario.toml": b'[scenario]\nname = "%s"\n' % (b"x" * length)}
    if fine:
        assert service_of(files) == "x" * length
    else:
        with pytest.raises(ApiError):
            service_of(files)


@pytest.mark.parametrize("content", ["application/zip; x=1", "application/zip"])
def test_parameters_of_a_media_type_do_not_matter(http: Http, content: str) -> None:
    assert http.post("/v1/scenarios", content=archive(), headers={"content-type": content}).status_code == 201


@pytest.mark.parametrize("home", [{"lon": -180, "lat": 0}, {"lon": 0, "lat": -90}])
def test_a_home_of_which_its_datum_makes_no_point_is_refused(http: Http, desk: Desk, home: dict[str, float]) -> None:
    desk.store.transact(kept_scenario)
    lost = ANNA | {"home": home, "crs": "bd09"}
    told = refused(http.put("/v1/riders/anna", json=lost), 422, "invalid_request", "/home")
    assert told["errors"][0]["code"] == "coordinate_out_of_range"
    riders = [ANNA | {"rider_id": "a"}, lost | {"rider_id": "b"}, lost | {"rider_id": "c"}]
    answer = http.post("/v1/riders", json={"riders": riders})
    refused(answer, 422, "invalid_request", "/riders/1/home", "/riders/2/home")
    refused(http.get("/v1/riders/a"), 404, "not_found")


@pytest.mark.parametrize("crs", ["wgs84", "gcj02"])
def test_the_edges_of_the_world_are_on_it(http: Http, desk: Desk, crs: str) -> None:
    desk.store.transact(kept_scenario)
    edge = ANNA | {"home": {"lon": -180, "lat": 90}, "crs": crs}
    assert http.put("/v1/riders/anna", json=edge).status_code == 200
    assert http.get("/v1/riders/anna").json()["home"] == {"lon": -180, "lat": 90}


def test_a_key_used_for_one_service_does_not_serve_for_another(http: Http, desk: Desk) -> None:
    """The service stands in the query; the bodies are the same."""
    desk.store.transact(kept_scenario)
    desk.store.transact(lambda c: insert_scenario(c, SEALER, "village", {"scenario.toml": b"v"}, DEED))
    once = {"Idempotency-Key": "k"}
    bulk = {"riders": [ANNA | {"rider_id": "anna"}]}
    assert http.post("/v1/riders?service=town", json=bulk, headers=once).json() == {"written": 1}
    refused(http.post("/v1/riders?service=village", json=bulk, headers=once), 422, "idempotency_key_reused")
    again = http.post("/v1/riders?service=town", json=bulk, headers=once)
    assert (again.json(), again.headers["idempotency-replayed"]) == ({"written": 1}, "true")
    refused(http.get("/v1/riders/anna?service=village"), 404, "not_found")


def test_a_stream_that_is_resumed_beyond_any_number_is_refused(http: Http, desk: Desk) -> None:
    job = desk.store.transact(lambda c: insert_job(c, kind="plan", params={}, input_digest="d", deed=DEED))
    path = f"/v1/jobs/{job.job_id}/events"
    for last in ("9" * 20, str(2**31)):
        refused(http.get(path, headers={"Last-Event-ID": last}), 400, "bad_header", "header:Last-Event-ID")
        refused(http.get(path, params={"after": last}), 422, "invalid_request", "query:after")
    refused(http.get(path, headers={"Last-Event-ID": "9" * 21}), 422, "invalid_request", "header:Last-Event-ID")
    refused(http.get(path, headers={"Last-Event-ID": "-1"}), 400, "bad_header", "header:Last-Event-ID")


def test_riders_can_be_put_into_a_scenario_that_begins_with_a_mark(http: Http, desk: Desk) -> None:
    marked = FILES | {"scenario.toml": b"\xef\xbb\xbf" + FILES["scenario.toml"]}
    desk.store.transact(lambda c: kept_scenario(c, marked))
    http.put("/v1/riders/anna", json=ANNA)
    answer = http.post("/v1/jobs", json={"kind": "plan", "scenario": "town", "riders": True})
    assert answer.status_code == 202, answer.text
    with desk.store.read() as connection:
        files = scenario_content(connection, desk.sealer, answer.json()["params"]["scenario"])
    assert files["riders.csv"].count(b"anna") == 1
