"""Scenarios over HTTP: archives in, faults of archives told, homes never out."""

import io
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from api.app import create_app
from api.desk import Desk
from api.errors import ApiError
from api.routers.scenarios import service_of, unpack
from api.store.scenarios import scenario_content
from tests.api.calls import Http
from tests.api.databases import copied
from tests.api.samples import FILES


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of SQLite alone: what is tested here is the same on any database."""
    return copied(file, tmp_path)


ZIP = {"content-type": "application/zip"}


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return buffer.getvalue()


def handed_in(http: Http, files: dict[str, bytes]) -> object:
    return http.post("/v1/scenarios", content=archive(files), headers=ZIP)


def test_a_folder_is_handed_in_as_an_archive(http: Http, desk: Desk) -> None:
    answer = http.post("/v1/scenarios", content=archive(FILES), headers=ZIP)
    told = answer.json()
    assert (answer.status_code, told["service"]) == (201, "town")
    assert answer.headers["location"] == f"/v1/scenarios/{told['scenario_id']}"
    with desk.store.read() as connection:
        assert scenario_content(connection, desk.sealer, told["scenario_id"]) == FILES
    assert http.post("/v1/scenarios", content=archive(FILES), headers=ZIP).json() == told


def test_a_folder_inside_the_archive_is_found_and_clutter_left_out(http: Http, desk: Desk) -> None:
    clutter = {"__MACOSX/x/scenario.toml": b"", ".git/scenario.toml": b"", "notes.txt": b"x"}
    files = {f"exports/town/{name}": content for name, content in FILES.items()} | clutter
    told = http.post("/v1/scenarios", content=archive(files), headers=ZIP).json()
    with desk.store.read() as connection:
        assert set(scenario_content(connection, desk.sealer, told["scenario_id"])) == set(FILES)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PK",
        b"no archive",
        archive({"riders.csv": b"x"}),
        archive({"a/scenario.toml": b"x", "b/scenario.toml": b"x"}),
        archive({"scenario.toml": b"= nonsense"}),
        archive({"scenario.toml": b"\xff\xfe"}),
        archive({"scenario.toml": b"[scenario]\nname = 7\n"}),
        archive({"scenario.toml": b'[scenario]\nname = "a/b"\n'}),
        archive({"scenario.toml": b"scenario = 3\n"}),
        archive({"scenario.toml": b"a = " + b"[" * 20_000}),
        archive({"scenario.toml": b'[scenario]\nname = "x"\n'} | {f"{n}.csv": b"" for n in range(40)}),
    ],
)
def test_what_is_no_scenario_is_refused(http: Http, body: bytes) -> None:
    answer = http.post("/v1/scenarios", content=body, headers=ZIP)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_another_media_type_is_refused(http: Http) -> None:
    answer = http.post("/v1/scenarios", json={})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_an_archive_that_swells_is_refused_before_it_is_unpacked(http: Http, desk: Desk) -> None:
    small = replace(desk, settings=replace(desk.settings, max_upload_bytes=100_000))
    bomb = archive(FILES | {"stops.csv": bytes(10_000_000)})
    assert len(bomb) < 100_000
    answer = Http(create_app(small), http.portal, dict(http.client.headers)).post(
        "/v1/scenarios", content=bomb, headers=ZIP
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_scenarios_are_listed_and_shown_by_id_or_service(http: Http) -> None:
    made = [handed_in(http, FILES | {"stops.csv": bytes([n])}).json()["scenario_id"] for n in range(3)]  # type: ignore[attr-defined]
    first = http.get("/v1/scenarios?limit=2").json()
    rest = http.get(f"/v1/scenarios?cursor={first['next']}").json()
    assert [s["scenario_id"] for s in first["scenarios"] + rest["scenarios"]] == made[::-1]
    assert http.get("/v1/scenarios/town").json()["scenario_id"] == made[-1]
    assert http.get("/v1/scenarios/village").status_code == 404


@profile(max_examples=60)
@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_the_unpacking(body: bytes) -> None:
    with pytest.raises(ApiError):
        unpack(b"PK\x05\x06" + body, 10_000)


def changed(whole: bytes, at: int, *values: int) -> bytes:
    """Return an archive with other bytes from a place on, counted from the end where that is negative."""
    at %= len(whole)
    return whole[:at] + bytes(values) + whole[at + len(values) :]


STORED = archive({"scenario.toml": b"[scenario]"}, zipfile.ZIP_STORED)
"""An entry of 53 bytes, one of 59 in the directory, and the 22 bytes that end an archive."""
DIRECTORY = STORED.index(b"PK\x01\x02")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(changed(STORED, DIRECTORY - 1, 0), id="a wrong checksum"),
        pytest.param(changed(archive({"scenario.toml": b"[scenario]" * 9}), 45, 255, 255), id="damaged"),
        pytest.param(changed(STORED, DIRECTORY + 6, 255), id="of a version to come"),
        pytest.param(changed(STORED, DIRECTORY + 8, 1), id="a password"),
        pytest.param(changed(STORED, DIRECTORY + 10, 99), id="a method that nobody knows"),
        pytest.param(changed(STORED, DIRECTORY + 20, 200, 0, 0, 0, 200), id="longer than the archive"),
        pytest.param(changed(changed(STORED, DIRECTORY + 9, 8), DIRECTORY + 46, 255), id="a name that is no UTF-8"),
        pytest.param(changed(STORED, DIRECTORY + 28, 0, 0), id="no name"),
        pytest.param(changed(STORED, -6, 255), id="a directory behind its end"),
        pytest.param(archive(FILES, zipfile.ZIP_BZIP2), id="bzip2"),
        pytest.param(archive(FILES, zipfile.ZIP_LZMA), id="LZMA"),
        pytest.param(changed(archive(FILES, zipfile.ZIP_LZMA), 60, 255, 255, 255), id="LZMA, damaged"),
    ],
)
def test_an_archive_that_cannot_be_read_is_the_callers_fault(body: bytes) -> None:
    with pytest.raises(ApiError) as refused:
        unpack(body, 10_000)
    assert refused.value.code == "invalid_request"


@profile(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4), st.data())
def test_no_change_to_an_archive_breaks_the_unpacking(places: list[tuple[int, int]], data: st.DataObject) -> None:
    """Either the files are there, all as they were or not, or the caller is told."""
    method = data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))
    body = archive(FILES, method)
    for at, value in places:
        body = changed(body, at, value)
    with suppress(ApiError):
        assert unpack(body, 10_000)["scenario.toml"] == FILES["scenario.toml"]


def test_a_mark_before_the_text_is_no_fault() -> None:
    assert service_of({"scenario.toml": b'\xef\xbb\xbf[scenario]\nname = "town"\n'}) == "town"
