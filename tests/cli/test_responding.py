"""A day's trouble, letters and pins, run as a user would: none of them searches."""

import json
from pathlib import Path

import pytest

from tests.cli.test_planning import run, run_json

FILES = {"plan.json", "diff.json", "letters.html", "report.html", "gtfs.zip"}


def respond(
    capsys: pytest.CaptureFixture[str], scenario: Path, plan: Path, out: Path, *options: str
) -> tuple[int, dict[str, object]]:
    return run_json(capsys, "rebalance", str(scenario), "--from", str(plan), "-o", str(out), *options)


def test_an_idle_vehicle_takes_over_a_broken_one_and_nobody_is_changed(
    town_folder: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, plan = tmp_path / "today", planned / "plan.json"
    block = json.loads(plan.read_text("utf-8"))["blocks"][0]["block_id"]
    status, told = respond(capsys, town_folder, plan, out, "--broken-vehicle", block)
    assert status == 0
    assert told["violations"] == 0
    assert told["diff"]["changed"] == 0  # type: ignore[index]
    assert {path.name for path in out.iterdir()} >= FILES


def test_a_closed_worksite_empties_the_day(
    town_folder: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is the town's only one."""
    status, told = respond(capsys, town_folder, planned / "plan.json", tmp_path / "today", "--closed-worksite", "park")
    assert status == 0
    assert (told["lines"], told["riders"]) == (0, 0)


def test_a_closed_stop_is_no_longer_called_at_and_the_answer_is_told(
    town_folder: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = json.loads((planned / "plan.json").read_text("utf-8"))
    stop = plan["lines"][0]["trips"][0]["stops"][0]["stop_id"]
    arguments = ["--from", str(planned / "plan.json"), "-o", str(tmp_path / "today"), "--closed-stop", stop]
    assert run("rebalance", str(town_folder), *arguments) == 0
    assert "lines that do not run:" in capsys.readouterr().out
    after = json.loads((tmp_path / "today" / "plan.json").read_text("utf-8"))
    called = {s["stop_id"] for line in after["lines"] for trip in line["trips"] for s in trip["stops"]}
    assert stop not in called
    assert called


def test_nobody_halts_on_a_closed_road_and_whoever_leaves_earlier_gets_a_letter(
    town_folder: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The street that leads to the only worksite."""
    out, plan = tmp_path / "today", planned / "plan.json"
    arguments = ["rebalance", str(town_folder), "--from", str(plan), "-o", str(out), "--closed-road", "5 Street"]
    assert run(*arguments) == 0
    told = capsys.readouterr().out
    assert "lines that do not run:" in told
    assert "riders who lost their seat:" in told
    names = {stop["stop_id"]: stop["name"] for stop in json.loads((out / "plan.json").read_text("utf-8"))["stops"]}
    assert names
    assert not any(name == "5 Street" for name in names.values())
    diff = json.loads((out / "diff.json").read_text("utf-8"))
    assert diff["thin_lines"] == []
    letters = (out / "letters.html").read_text("utf-8").count("<article>")
    felt = {rider["rider_id"] for rider in diff["riders"]}
    assert letters <= len(felt)


def test_ids_that_do_not_exist_are_named_one_by_one(
    town_folder: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--broken-vehicle", "X1", "--closed-stop", "X2", "--closed-worksite", "X3", "--closed-road", "X4"]
    status, told = respond(capsys, town_folder, planned / "plan.json", tmp_path / "today", *options)
    assert status == 2
    assert [(f["file"], f["value"]) for f in told["faults"]] == [  # type: ignore[attr-defined,index]
        ("--broken-vehicle", "X1"),
        ("--closed-stop", "X2"),
        ("--closed-worksite", "X3"),
        ("--closed-road", "X4"),
    ]


def test_pins_on_what_does_not_run_are_named_one_by_one(
    town_folder: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--pin", "line:X1", "--pin", "rider:X2", "--time-limit", "0.5"]
    status, told = respond(capsys, town_folder, planned / "plan.json", tmp_path / "next", *options)
    assert status == 2
    assert [(f["code"], f["value"]) for f in told["faults"]] == [  # type: ignore[attr-defined,index]
        ("unknown_pin", "lines:X1"),
        ("unknown_pin", "riders:X2"),
    ]


@pytest.mark.parametrize("pin", ["L001", "bus:1", "line:"])
def test_a_pin_of_no_kind_is_refused(
    pin: str, town_folder: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--from", str(planned / "plan.json"), "-o", str(tmp_path / "next"), "--pin", pin]
    assert run("rebalance", str(town_folder), *arguments) == 2
    assert "is no pin" in capsys.readouterr().err


def test_letters_are_exported(planned: Path, tmp_path: Path) -> None:
    assert run("export", str(planned / "plan.json"), "--letters", "-o", str(tmp_path / "letters.html")) == 0
    page = (tmp_path / "letters.html").read_text("utf-8")
    riders = {a["rider_id"] for a in json.loads((planned / "plan.json").read_text("utf-8"))["assignments"]}
    assert page.count("<article>") == len(riders) > 0
