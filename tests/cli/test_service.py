"""offers and simulate, run as a user would on a planned town."""

import json
from pathlib import Path

import pytest

from routing.cli import main
from routing.geo.datum import wgs84_to_gcj02
from tests.town import Town, position, write_town

HOME = position(2.3, 3.4)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)


def ask(capsys: pytest.CaptureFixture[str], folder: Path, planned: Path, *more: str) -> dict[str, object]:
    capsys.readouterr()
    plan = str(planned / "plan.json")
    status = run("offers", str(folder), plan, "--worksite", "park", "--shift", "day", *more, "--json")
    found = json.loads(capsys.readouterr().out)
    assert status == 0, found
    return found


def home(lon: float, lat: float) -> tuple[str, str]:
    return "--home", f"{lon:.7f},{lat:.7f}"


def test_a_new_rider_is_offered_both_ways(town_folder: Path, planned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = ask(capsys, town_folder, planned, *home(*HOME))
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    assert found["plan_id"] == document["plan_id"]
    trips = {t["trip_id"]: t for line in document["lines"] for t in line["trips"]}
    assert found["offers"]
    for offer in found["offers"]:
        assert [leg["direction"] for leg in offer["legs"]] == ["inbound", "outbound"]
        for leg in offer["legs"]:
            calls = {call["stop_id"]: call for call in trips[leg["trip_id"]]["stops"]}
            there = leg["direction"] == "inbound"
            board, alight = (leg["stop_id"], "park") if there else ("park", leg["stop_id"])
            assert (leg["depart"], leg["arrive"]) == (calls[board]["depart"], calls[alight]["arrive"])
            assert 0 <= leg["walk_m"] <= 800
            assert leg["seats_left"] == min(leg["segments"]) >= 1


def test_coordinates_are_read_in_the_datum_of_the_scenario(
    town_folder: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same home in the same plan, both told in GCJ-02: the same offers."""
    folder = write_town(tmp_path / "gcj", Town(crs="gcj02"))
    for name, lon_at in (("riders", 1), ("worksites", 2), ("depots", 2)):
        table = folder / f"{name}.csv"
        head, *rows = table.read_text("utf-8").splitlines()
        moved = [row.split(",") for row in rows]
        for cells in moved:
            lon, lat = wgs84_to_gcj02([float(cells[lon_at])], [float(cells[lon_at + 1])])
            cells[lon_at : lon_at + 2] = [f"{lon[0]:.7f}", f"{lat[0]:.7f}"]
        table.write_text("\n".join([head, *(",".join(cells) for cells in moved)]) + "\n", "utf-8")
    lon, lat = wgs84_to_gcj02([HOME[0]], [HOME[1]])
    ours = ask(capsys, town_folder, planned, *home(*HOME))
    theirs = ask(capsys, folder, planned, *home(float(lon[0]), float(lat[0])))
    assert theirs["offers"] == ours["offers"]


def test_where_nothing_fits_the_nearest_miss_is_told(
    town_folder: Path, planned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ask(capsys, town_folder, planned, *home(*HOME), "--count", "44")
    assert found["offers"] == []
    assert {"kind", "amount", "unit", "text", "also", "shift_id", "stop_id", "offer"} <= found["misses"][0].keys()


def test_a_stop_may_be_given_instead_of_a_home(
    town_folder: Path, planned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    stop_id = document["lines"][0]["trips"][0]["stops"][0]["stop_id"]
    found = ask(capsys, town_folder, planned, "--stop", stop_id, "--most", "1")
    assert len(found["offers"]) <= 1
    assert {leg["walk_m"] for offer in found["offers"] for leg in offer["legs"]} <= {None}


def test_answers_read_well_without_json(town_folder: Path, planned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = str(planned / "plan.json")
    options = ("--worksite", "park", "--shift", "day", *home(*HOME))
    capsys.readouterr()
    assert run("offers", str(town_folder), plan, *options) == 0
    told = capsys.readouterr().out
    assert "1. line" in told
    assert "to work" in told
    assert run("offers", str(town_folder), plan, *options, "--count", "44") == 0
    assert "no seat fits" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["somewhere", "121.5", "200,38.8", "1,2,3"])
def test_a_home_that_is_no_point_is_refused(text: str, town_folder: Path, planned: Path) -> None:
    plan = str(planned / "plan.json")
    assert run("offers", str(town_folder), plan, "--home", text, "--worksite", "park", "--shift", "day") == 2


def test_days_that_are_none_are_refused(town_folder: Path, planned: Path) -> None:
    options = ("--worksite", "park", "--shift", "day", *home(*HOME), "--days", "weekly")
    assert run("offers", str(town_folder), str(planned / "plan.json"), *options) == 2


def test_an_unknown_worksite_is_bad_input(town_folder: Path, planned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    options = ("--worksite", "moon", "--shift", "day", *home(*HOME), "--json")
    assert run("offers", str(town_folder), str(planned / "plan.json"), *options) == 2
    assert json.loads(capsys.readouterr().out)["faults"][0]["code"] == "unknown_id"


def test_days_of_a_plan_are_simulated(town_folder: Path, planned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    plan = str(planned / "plan.json")
    assert run("simulate", str(town_folder), plan, "--days", "40", "--no-show", "0.1", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    assert {t["trip_id"] for t in found["trips"]} == {t["trip_id"] for x in document["lines"] for t in x["trips"]}
    assert found["days"] == 40
    assert found["on_time_promised"] >= 0.95
    assert 0.02 < found["no_show"] < 0.2
    assert found["overfull"] == 0.0


def test_a_simulation_reads_well_without_json(
    town_folder: Path, planned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run("simulate", str(town_folder), str(planned / "plan.json"), "--days", "5") == 0
    told = capsys.readouterr().out
    assert "on time" in told
    assert "least on time" in told
