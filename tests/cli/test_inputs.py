"""doctor, synth and roads, run as a user would."""

import json
from pathlib import Path

import pytest

from routing.cli import main
from routing.geo.datum import wgs84_to_bd09, wgs84_to_gcj02
from tests.town import Town, roads_xml, write_town


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)


def faults_of(capsys: pytest.CaptureFixture[str], folder: Path) -> list[dict[str, object]]:
    capsys.readouterr()
    status = run("doctor", str(folder), "--json")
    faults = json.loads(capsys.readouterr().out)["faults"]
    assert status == (2 if faults else 0)
    return list(faults)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_sound_town_has_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults_of(capsys, write_town(tmp_path / "town")) == []


def test_every_fault_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_town(tmp_path / "town")
    replace(folder / "riders.csv", "r003", "r002")
    replace(folder / "riders.csv", "park", "perk")
    replace(folder / "shifts.csv", "08:30", "8 o'clock")
    replace(folder / "scenario.toml", "max_walk_m = 800", 'max_walk_m = "far"')
    faults = faults_of(capsys, folder)
    assert {"riders.csv", "shifts.csv", "scenario.toml"} <= {f["file"] for f in faults}
    assert {"duplicate_id", "unknown_id", "bad_clock", "wrong_type"} <= {f["code"] for f in faults}
    assert all(f["action"] for f in faults)


def test_plan_refuses_what_the_doctor_finds(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    (folder / "depots.csv").unlink()
    assert run("plan", str(folder), "-o", str(tmp_path / "out")) == 2
    assert not (tmp_path / "out").exists()


def test_a_home_far_from_any_road_is_named_with_its_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_town(tmp_path / "town")
    rows = (folder / "riders.csv").read_text("utf-8").splitlines()
    rows[5] = "r004,121.40,38.81,park,day"
    (folder / "riders.csv").write_text("\n".join(rows), "utf-8")
    [fault] = faults_of(capsys, folder)
    assert (fault["file"], fault["row"], fault["code"]) == ("riders.csv", 6, "home_off_roads")


def test_a_worksite_on_an_island_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_town(tmp_path / "town")
    island = (
        '<node id="9001" version="1" lon="121.60" lat="38.81"/><node id="9002" version="1" lon="121.602" lat="38.81"/>'
        '<way id="900" version="1"><nd ref="9001"/><nd ref="9002"/><tag k="highway" v="residential"/></way></osm>'
    )
    (folder / "roads.osm").write_text(roads_xml().replace("</osm>", island), "utf-8")
    (folder / "worksites.csv").write_text("worksite_id,name,lon,lat\npark,软件园,121.601,38.81\n", "utf-8")
    [fault] = faults_of(capsys, folder)
    assert (fault["file"], fault["row"], fault["code"]) == ("worksites.csv", 2, "site_off_roads")


@pytest.mark.parametrize("content", [b"", b"not an extract", b'<?xml version="1.0"?><osm version="0.6"></osm>'])
def test_a_bad_extract_is_a_fault_of_the_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    folder = write_town(tmp_path / "town")
    (folder / "roads.osm").write_bytes(content)
    [fault] = faults_of(capsys, folder)
    assert fault["file"] == "roads.osm"


@pytest.mark.parametrize("shift", [wgs84_to_gcj02, wgs84_to_bd09])
def test_coordinates_in_another_datum_are_suspected(tmp_path: Path, shift, capsys) -> None:  # noqa: ANN001
    # Every home stands right at a street, so that another datum must fall off the grid.
    folder = write_town(tmp_path / "town")
    head, *rows = (folder / "riders.csv").read_text("utf-8").splitlines()
    moved = []
    for number, row in enumerate(rows):
        rider, _, _, site, hours = row.split(",")
        lon, lat = 121.50 + 0.0030 * (number % 9), 38.80 + 0.0023 * (number % 8 + 0.37)
        x, y = shift(lon, lat)
        moved.append(f"{rider},{float(x):.6f},{float(y):.6f},{site},{hours}")
    (folder / "riders.csv").write_text("\n".join([head, *moved]), "utf-8")
    faults = faults_of(capsys, folder)
    assert [f["code"] for f in faults] == ["suspected_datum"]


@pytest.mark.parametrize(("crs", "code"), [("", "unknown_crs"), ("epsg:4326", "unknown_crs")])
def test_an_impossible_datum_is_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], crs: str, code: str
) -> None:
    folder = write_town(tmp_path / "town", Town(crs=crs))
    assert code in {f["code"] for f in faults_of(capsys, folder)}


def test_synth_makes_a_scenario_without_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extract = tmp_path / "grid.osm"
    extract.write_text(roads_xml(), "utf-8")
    assert run("synth", str(extract), "-o", str(tmp_path / "synth"), "--riders", "40", "--seed", "3") == 0
    assert "roads · Reading grid.osm" in capsys.readouterr().err
    assert faults_of(capsys, tmp_path / "synth") == []


def test_roads_can_be_built_ahead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extract = tmp_path / "grid.osm"
    extract.write_text(roads_xml(), "utf-8")
    assert run("roads", "build", str(extract)) == 0
    told = capsys.readouterr()
    assert "cached" in told.out
    assert "roads · " in told.err


def test_an_extract_that_is_none_ends_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extract = tmp_path / "empty.osm"
    extract.write_text('<?xml version="1.0"?><osm version="0.6"></osm>', "utf-8")
    assert run("roads", "build", str(extract)) == 3
    assert run("synth", str(extract), "-o", str(tmp_path / "synth")) == 3
    assert not (tmp_path / "synth").exists()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("riders", ["0", "-1", "100001", "many"])
def test_synth_refuses_a_number_of_riders_that_makes_no_sense(tmp_path: Path, riders: str) -> None:
    extract = tmp_path / "grid.osm"
    extract.write_text(roads_xml(), "utf-8")
    assert run("synth", str(extract), "-o", str(tmp_path / "synth"), "--riders", riders) == 2
    assert not (tmp_path / "synth").exists()


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("Dalian, China", "Dalian, China"),
        ("121.5,38.8,121.6,38.9", (121.5, 38.8, 121.6, 38.9)),
        (" 121.5, 38.8, 121.6, 38.9 ", (121.5, 38.8, 121.6, 38.9)),
        ("121.5,38.8,121.6", "121.5,38.8,121.6"),
        ("1,2,3,4,5", "1,2,3,4,5"),
        ("121.5,38.8,121.6,north", "121.5,38.8,121.6,north"),
    ],
)
def test_roads_are_fetched_for_a_name_or_a_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str, asked: object
) -> None:
    fetched: list[tuple[object, Path]] = []
    monkeypatch.setattr("routing.geo.osmnx_bridge.fetch_roads", lambda where, out: fetched.append((where, out)))
    assert run("roads", "fetch", place, "-o", str(tmp_path / "x.osm")) == 0
    assert fetched == [(asked, tmp_path / "x.osm")]
    assert "OpenStreetMap" in capsys.readouterr().out
