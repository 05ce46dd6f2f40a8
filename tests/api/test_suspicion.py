"""Homes in another datum than the one stated: refused with evidence, and never where the datum is right."""

import io
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.desk import Desk
from api.suspicion import HOME, check_scenario, suspect
from routing.geo.datum import DATUMS, bd09_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from routing.geo.sphere import LocalPlane
from tests.api.calls import Http
from tests.api.problems import refused
from tests.api.samples import kept_scenario
from tests.api.town_service import open_town
from tests.cases import at

WRITE = {"wgs84": lambda lon, lat: (np.asarray(lon), np.asarray(lat)), "gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}
PLANE = LocalPlane(lon=121.52, lat=38.87)
BLOCK_M = 310.0


class Grid:
    """A city of square blocks."""

    def distance_to_way(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return metres to the nearest of its streets."""
        x, y = PLANE.to_xy(np.atleast_1d(lon), np.atleast_1d(lat))
        off = np.stack([np.abs((v + BLOCK_M / 2) % BLOCK_M - BLOCK_M / 2) for v in (x, y)])
        return np.asarray(off.min(axis=0), np.float64)


class Coast:
    """One road along the sea: whoever lives there lives beside it."""

    def distance_to_way(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return metres north or south of it."""
        _, y = PLANE.to_xy(np.atleast_1d(lon), np.atleast_1d(lat))
        return np.abs(y)


def homes(number: int, seed: int = 1) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return homes within 25 m of the streets of the grid, in WGS-84."""
    draw = np.random.default_rng(seed)
    along, off = draw.uniform(-3_000, 3_000, number), draw.uniform(-25, 25, number)
    street = draw.integers(-8, 8, number) * BLOCK_M + off
    return PLANE.to_lonlat(along, street)


@pytest.mark.parametrize("written", DATUMS)
@pytest.mark.parametrize("declared", DATUMS)
def test_many_homes_tell_their_datum_in_dense_streets(written: str, declared: str) -> None:
    lon, lat = WRITE[written](*homes(150))
    found = suspect(Grid(), lon, lat, declared)
    if written == declared:
        assert found == []
        return
    (made,) = found
    assert (made.place, made.declared, made.suspected, made.points) == (0, declared, written, 150)
    assert made.median_m[written] < 20 < made.median_m[declared]
    assert f"read as {written}, {made.median_m[written]} m from the nearest way in the median" in made.detail


@settings(max_examples=40, deadline=None)
@given(number=st.integers(1, 60), seed=st.integers(0, 10_000), datum=st.sampled_from(DATUMS))
def test_homes_in_the_datum_that_was_stated_are_never_suspected(number: int, seed: int, datum: str) -> None:
    lon, lat = WRITE[datum](*homes(number, seed))
    assert suspect(Grid(), lon, lat, datum) == []


def test_a_single_home_is_suspected_far_from_every_way_alone() -> None:
    """BD-09 lies about 740 m north of WGS-84 there, GCJ-02 about 200 m: too near to tell from one home."""
    lon, lat = PLANE.to_lonlat(np.array([100.0]), np.array([0.0]))
    (made,) = suspect(Coast(), *wgs84_to_bd09(lon, lat), "wgs84")
    assert (made.suspected, made.points, made.median_m["bd09"], made.beyond["wgs84"]) == ("bd09", 1, 0, 1)
    assert "of 1 beyond" not in made.detail
    assert suspect(Coast(), *wgs84_to_gcj02(lon, lat), "wgs84") == []


def test_a_lonely_home_that_no_datum_puts_beside_a_way_is_taken() -> None:
    lon, lat = PLANE.to_lonlat(np.array([0.0]), np.array([5_000.0]))
    assert suspect(Coast(), lon, lat, "wgs84") == []


def test_in_a_large_table_a_sample_tells_and_no_place_is_told() -> None:
    lon, lat = wgs84_to_gcj02(*homes(9_000))
    (made,) = suspect(Grid(), lon, lat, "wgs84")
    assert made.points == 2_000
    assert "121." not in str(made.as_dict("/riders/0/crs"))
    assert made.as_dict("/x")["pointer"] == "/x"


# Over HTTP, on the one road of the town, which runs due east.

HERE = at(1)
BD = tuple(float(v[0]) for v in wgs84_to_bd09([HERE.lon], [HERE.lat]))
WRONG: dict[str, Any] = {"lon": BD[0], "lat": BD[1], "crs": "wgs84"}
WORK = {"worksite_id": "north", "shift_id": "early"}


def rider(lon: float, lat: float, **more: Any) -> dict[str, Any]:
    return {"home": {"lon": lon, "lat": lat}, "crs": "wgs84", **WORK, **more}


def test_a_rider_in_the_wrong_datum_is_refused_with_evidence(http: Http, desk: Desk) -> None:
    open_town(desk)
    told = refused(http.put("/v1/riders/anna", json=rider(*BD)), 422, "invalid_request", "/crs")
    assert told["errors"][0]["code"] == "suspected_datum"
    (evidence,) = told["evidence"]
    assert (evidence["declared"], evidence["suspected"], evidence["median_m"]["bd09"]) == ("wgs84", "bd09", 0)
    assert evidence["median_m"]["wgs84"] > 700
    assert http.put("/v1/riders/anna", json=rider(*BD, crs="bd09")).status_code == 200
    assert http.put("/v1/riders/anna", json=rider(*BD, crs_certain=True)).status_code == 200


def test_without_a_published_plan_there_is_nothing_to_hold_homes_against(http: Http, desk: Desk) -> None:
    desk.store.transact(kept_scenario)
    assert http.put("/v1/riders/anna", json=rider(*BD)).status_code == 200


def test_a_bulk_in_the_wrong_datum_is_refused_as_a_whole_and_nothing_written(http: Http, desk: Desk) -> None:
    open_town(desk)
    points = [at(minute / 4) for minute in range(40)]
    lon, lat = wgs84_to_gcj02([p.lon for p in points], [p.lat for p in points])
    many = [rider(float(x), float(y), rider_id=f"r{i}") for i, (x, y) in enumerate(zip(lon, lat, strict=True))]
    told = refused(http.post("/v1/riders", json={"riders": many}), 422, "invalid_request", "/riders/0/crs")
    assert told["evidence"][0]["suspected"] == "gcj02"
    assert told["evidence"][0]["points"] == 40
    assert http.get("/v1/riders/r0").status_code == 404
    for one in many:
        one["crs"] = "gcj02"
    assert http.post("/v1/riders", json={"riders": many}).json() == {"written": 40}


def test_a_few_strays_of_a_bulk_are_pointed_at_one_by_one(http: Http, desk: Desk) -> None:
    open_town(desk)
    right = [rider(at(i).lon, at(i).lat, rider_id=f"r{i}") for i in range(6)]
    right[4]["home"] = right[1]["home"] = {"lon": BD[0], "lat": BD[1]}
    told = refused(
        http.post("/v1/riders", json={"riders": right}), 422, "invalid_request", "/riders/1/crs", "/riders/4/crs"
    )
    assert [evidence["points"] for evidence in told["evidence"]] == [1, 1]


@pytest.mark.parametrize("path", ["/v1/offers", "/v1/wishes"])
def test_who_looks_for_a_ride_from_the_wrong_datum_is_told(http: Http, desk: Desk, path: str) -> None:
    open_town(desk)
    refused(http.post(path, json={"home": WRONG, **WORK}), 422, "invalid_request", f"{HOME}/crs")
    assert http.post(path, json={"home": WRONG | {"crs": "bd09"}, **WORK}).is_success
    assert http.post(path, json={"home": WRONG | {"crs_certain": True}, **WORK}).json().get("code") != "suspected_datum"


def packed(rows: str, crs: str = "wgs84") -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("scenario.toml", f'[scenario]\nname = "town"\ncrs = "{crs}"\n')
        made.writestr("riders.csv", "rider_id,home_lon,home_lat\n" + rows)
    return archive.getvalue()


def test_a_scenario_in_the_wrong_datum_is_refused_at_the_door(http: Http, desk: Desk) -> None:
    open_town(desk)
    points = [at(minute / 4) for minute in range(40)]
    lon, lat = wgs84_to_bd09([p.lon for p in points], [p.lat for p in points])
    rows = "".join(f"r{i},{x:.6f},{y:.6f}\n" for i, (x, y) in enumerate(zip(lon, lat, strict=True)))
    zipped = {"Content-Type": "application/zip"}
    answer = http.post("/v1/scenarios", content=packed(rows), headers=zipped)
    told = refused(answer, 422, "invalid_request", "scenario.toml#scenario.crs")
    assert told["evidence"][0]["suspected"] == "bd09"
    assert http.post("/v1/scenarios", content=packed(rows, "bd09"), headers=zipped).status_code == 201


@pytest.mark.parametrize(
    ("rows", "crs"),
    [("r1,east,north\n", "wgs84"), ("r1\n", "wgs84"), ("r1,nan,38.9\n" * 30, "wgs84"), ("r1,500,38\n" * 30, "wgs84"),
     ("r1,121.5,38.2\n" * 30, "mercator"), ("", "wgs84"), ('r1,"121.5\n', "wgs84")],
)  # fmt: skip
def test_a_table_that_cannot_be_read_is_left_to_the_job(rows: str, crs: str) -> None:
    files = {
        "scenario.toml": f'[scenario]\nname = "town"\ncrs = "{crs}"\n'.encode(),
        "riders.csv": f"rider_id,home_lon,home_lat\n{rows}".encode(),
    }
    check_scenario(Coast(), files)
    check_scenario(Coast(), {"scenario.toml": b"[scenario", "riders.csv": b"\xff"})


def test_the_way_back_is_the_one_of_the_planner() -> None:
    lon, lat = bd09_to_wgs84([BD[0]], [BD[1]])
    assert (float(lon[0]), float(lat[0])) == pytest.approx((HERE.lon, HERE.lat), abs=1e-8)
