"""compare and export, run as a user would."""

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from routing.cli import main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)


def test_a_plan_does_not_differ_from_itself(planned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    plan = str(planned / "plan.json")
    assert run("compare", plan, plan, "--json") == 0
    diff = json.loads(capsys.readouterr().out)
    assert (diff["changed"], diff["lost"], diff["gained"], diff["stability"]) == (0, 0, 0, 1.0)
    assert {line["change"] for line in diff["lines"]} == {"keep"}


def test_a_closed_line_is_told(planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    gone = document["lines"].pop(0)
    trips = {trip["trip_id"] for trip in gone["trips"]}
    left = {a["rider_id"] for a in document["assignments"] if a["trip_id"] in trips}
    document["assignments"] = [a for a in document["assignments"] if a["trip_id"] not in trips]
    after = tmp_path / "after.json"
    after.write_text(json.dumps(document), "utf-8")
    capsys.readouterr()
    assert run("compare", str(planned / "plan.json"), str(after), "--json") == 0
    diff = json.loads(capsys.readouterr().out)
    assert diff["lost"] == len(left)
    assert {line["line_id"] for line in diff["lines"] if line["change"] == "close"} == {gone["line_id"]}


def test_a_feed_is_exported(planned: Path, tmp_path: Path) -> None:
    assert run("export", str(planned / "plan.json"), "--gtfs", "-o", str(tmp_path / "gtfs.zip")) == 0
    with zipfile.ZipFile(tmp_path / "gtfs.zip") as feed:
        assert {"stops.txt", "trips.txt", "stop_times.txt", "calendar.txt"} <= set(feed.namelist())


def test_a_map_is_exported_as_it_was_delivered(planned: Path, tmp_path: Path) -> None:
    assert run("export", str(planned / "plan.json"), "--geojson", "-o", str(tmp_path / "lines.geojson")) == 0
    assert json.loads((tmp_path / "lines.geojson").read_text("utf-8")) == json.loads(
        (planned / "lines.geojson").read_text("utf-8")
    )


def test_a_workbook_is_exported(planned: Path, tmp_path: Path) -> None:
    assert run("export", str(planned / "plan.json"), "--xlsx", "-o", str(tmp_path / "plan.xlsx")) == 0
    workbook = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert {"lines", "trips", "timetable", "assignments"} <= set(workbook.sheetnames)


@pytest.mark.parametrize("flags", [[], ["--gtfs", "--xlsx"]])
def test_exactly_one_format_is_asked_for(planned: Path, tmp_path: Path, flags: list[str]) -> None:
    assert run("export", str(planned / "plan.json"), *flags, "-o", str(tmp_path / "x")) == 2


def test_a_broken_document_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{", "utf-8")
    assert run("export", str(tmp_path / "plan.json"), "--gtfs", "-o", str(tmp_path / "x.zip")) == 2
