"""The commands that make and judge plans, run as a user would."""

import csv
import json
import zipfile
from pathlib import Path

import pytest

from routing.cli import main
from tests.town import Town, write_town

SUMMARY_KEYS = {
    "riders", "served", "unserved", "lines", "trips", "vehicles", "cost_fen", "cost_parts", "lower_bound_fen", "gap",
    "mean_walk_m", "p95_walk_m", "mean_ride_s", "p95_ride_s", "p95_ride_ratio", "mean_load_factor", "violations",
    "runtime_s", "seed",
}  # fmt: skip
COST_PARTS = {"vehicles", "distance", "time", "ride", "walk", "unserved"}


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    status = run(*arguments, "--json")
    return status, json.loads(capsys.readouterr().out)


def test_a_plan_is_delivered_as_five_files(planned: Path) -> None:
    names = {path.name for path in planned.iterdir()}
    assert {"plan.json", "lines.geojson", "gtfs.zip", "timetable.csv", "report.html"} <= names


def test_the_summary_has_every_key_of_the_contract(planned: Path) -> None:
    summary = json.loads((planned / "plan.json").read_text("utf-8"))["summary"]
    assert summary.keys() >= SUMMARY_KEYS
    assert summary["cost_parts"].keys() == COST_PARTS
    assert sum(summary["cost_parts"].values()) == summary["cost_fen"]
    assert summary["riders"] == summary["served"] + summary["unserved"] == Town().riders


def test_most_of_the_town_is_served_both_ways(planned: Path) -> None:
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    assert document["summary"]["served"] >= 0.9 * Town().riders
    for line in document["lines"]:
        assert {trip["direction"] for trip in line["trips"]} == {"inbound", "outbound"}


def test_every_trip_drives_on_a_vehicle(planned: Path) -> None:
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    trips = sorted(trip["trip_id"] for line in document["lines"] for trip in line["trips"])
    assert sorted(trip_id for block in document["blocks"] for trip_id in block["trip_ids"]) == trips


def test_check_finds_nothing_in_a_plan_of_ours(
    town_folder: Path, planned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, verdict = run_json(capsys, "check", str(town_folder), str(planned / "plan.json"))
    assert status == 0
    assert verdict["violations"] == 0, verdict["details"]
    assert verdict["violations_by_rule"] == {}


def test_check_derives_the_costs_that_the_plan_declares(
    town_folder: Path, planned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, verdict = run_json(capsys, "check", str(town_folder), str(planned / "plan.json"))
    declared = json.loads((planned / "plan.json").read_text("utf-8"))["summary"]
    assert verdict["cost_fen"] == declared["cost_fen"]


def doctor_plan(planned: Path, tmp_path: Path, change: str) -> Path:
    """Return a copy of the plan with one thing changed that a check must find."""
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    trip = document["lines"][0]["trips"][0]
    match change:
        case "drop a rider":
            document["assignments"].pop()
        case "unknown stop":
            trip["stops"][0]["stop_id"] = "nowhere"
        case "too small a vehicle is not there":
            trip["vehicle_type_id"] = "tandem"
        case "no vehicle":
            document["blocks"].pop()
        case "a later arrival than declared":
            trip["stops"][-1]["arrive"] = "11:11:11"
        case "a shorter walk than true":
            document["assignments"][0]["walk_m"] += 50
    path = tmp_path / "doctored.json"
    path.write_text(json.dumps(document), "utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("drop a rider", "served_or_explained"),
        ("unknown stop", "reference"),
        ("too small a vehicle is not there", "reference"),
        ("no vehicle", "block_cover"),
        ("a later arrival than declared", "declared"),
        ("a shorter walk than true", "declared"),
    ],
)
def test_check_catches_a_doctored_plan(
    town_folder: Path,
    planned: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: str,
    rule: str,
) -> None:
    path = doctor_plan(planned, tmp_path, change)
    status, verdict = run_json(capsys, "check", str(town_folder), str(path))
    assert status == 0
    assert rule in verdict["violations_by_rule"]


def test_the_timetable_lists_every_call(planned: Path) -> None:
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    with (planned / "timetable.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    calls = [(t["trip_id"], s["stop_id"]) for line in document["lines"] for t in line["trips"] for s in t["stops"]]
    assert sorted((row["trip_id"], row["stop_id"]) for row in rows) == sorted(calls)


def test_the_feed_holds_every_trip(planned: Path) -> None:
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    with zipfile.ZipFile(planned / "gtfs.zip") as feed:
        rows = list(csv.DictReader(feed.read("trips.txt").decode("utf-8-sig").splitlines()))
    assert len(rows) == document["summary"]["trips"]


def test_the_report_asks_nobody(planned: Path) -> None:
    text = (planned / "report.html").read_text("utf-8")
    assert "OpenStreetMap" in text
    for sign in ('src="http', "url(http", "@import", "fetch("):
        assert sign not in text


def test_the_map_names_every_line(planned: Path) -> None:
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    features = json.loads((planned / "lines.geojson").read_text("utf-8"))["features"]
    drawn = {f["properties"]["line_id"] for f in features if f["properties"].get("kind") == "trip"}
    assert drawn == {line["line_id"] for line in document["lines"]}


def test_a_folder_that_is_not_ours_is_not_replaced(town_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", "utf-8")
    assert run("plan", str(town_folder), "-o", str(tmp_path), "--time-limit", "0.5") == 2
    assert (tmp_path / "precious.txt").read_text("utf-8") == "mine"


def test_a_missing_scenario_is_bad_input(tmp_path: Path) -> None:
    assert run("plan", str(tmp_path / "nowhere"), "-o", str(tmp_path / "out")) == 2
    assert not (tmp_path / "out").exists()


def test_with_json_even_an_error_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, told = run_json(capsys, "plan", str(tmp_path / "nowhere"), "-o", str(tmp_path / "out"))
    assert status == 2
    assert told["faults"]


def test_the_walk_limit_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_town(tmp_path / "short", Town(max_walk_m=350))
    out = tmp_path / "out"
    status, summary = run_json(capsys, "plan", str(folder), "-o", str(out), "--time-limit", "1")
    assert status == 0
    walks = [a["walk_m"] for a in json.loads((out / "plan.json").read_text("utf-8"))["assignments"]]
    assert max(walks, default=0) <= 350
    assert summary["violations"] == 0


def test_unknown_options_are_a_usage_error() -> None:
    assert run("plan", "--frobnicate") == 2


@pytest.mark.parametrize("command", ["demo", "plan", "check", "compare", "export", "doctor", "synth"])
def test_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, "--help") == 0
    assert f"banche {command}" in capsys.readouterr().out


def test_a_bound_is_told_where_it_is_asked_for(
    town_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    status, summary = run_json(capsys, "plan", str(town_folder), "-o", str(out), "--time-limit", "1", "--bound")
    assert status == 0
    assert 0 < summary["lower_bound_fen"] <= summary["cost_fen"]  # type: ignore[operator]
    assert 0 <= summary["gap"] < 1  # type: ignore[operator]
    _, verdict = run_json(capsys, "check", str(town_folder), str(out / "plan.json"))
    assert verdict["violations"] == 0
    assert f"{summary['gap']:.1%} cheaper" in (out / "report.html").read_text("utf-8")


def test_numbers_that_the_search_cannot_hold_are_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A thousand million yuan a vehicle: each table is sound, and the sum would not be."""
    folder = write_town(tmp_path / "dear")
    fleet = (folder / "fleet.csv").read_text("utf-8").replace(",220,", ",1000000000,").replace(",320,", ",1000000000,")
    (folder / "fleet.csv").write_text(fleet, "utf-8")
    status, told = run_json(capsys, "plan", str(folder), "-o", str(tmp_path / "out"), "--time-limit", "0.5")
    assert status == 2
    assert [(f["column"], f["code"]) for f in told["faults"]] == [("vehicle_types", "out_of_bounds")]  # type: ignore[index,attr-defined]
    assert not (tmp_path / "out").exists()


def test_where_no_line_opens_for_anyone_the_rule_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three riders cannot fill a trip that opens at four."""
    folder = write_town(tmp_path / "lonely", Town(riders=3))
    status, told = run_json(capsys, "plan", str(folder), "-o", str(tmp_path / "out"), "--time-limit", "0.5")
    assert status == 4
    assert told["error"]["code"] == "no_line_for_anyone"
    assert "too few neighbours (3 of 3 people); the rule is min_load, rules.min_load = 4" in told["error"]["cause"]
    assert told["error"]["action"].startswith(
        "With rules.min_load = 2 instead of 4, lines for 2 people keep every rule"
    )
    assert told["error"]["rule"] == "min_load"
    assert not (tmp_path / "out").exists()
