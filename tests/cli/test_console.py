"""What the command line shows: one line per observation, figures in the reader's units, errors in full."""

import json

import pytest
import typer

from routing.cli import console
from routing.cli.console import LOG_EVERY_S, ProgressLine, describe, leaving, print_json, print_summary, report_error
from routing.errors import Fault, InputError, NoPlanError, RoadError
from routing.model.result import Progress

SUMMARY = {
    "served": 3_457,
    "riders": 3_500,
    "lines": 139,
    "trips": 278,
    "vehicles": 139,
    "cost_fen": 17_225_800,
    "mean_walk_m": 262.6,
    "p95_walk_m": 604.0,
    "mean_ride_s": 2_640.0,
    "p95_ride_s": 5_280.0,
    "mean_load_factor": 0.694,
    "violations": 0,
}
FAULT = Fault(file="riders.csv", row=7, column="days", value="x", code="bad_days", cause="no days", action="Write 7.")


def test_an_observation_is_told_in_the_readers_units() -> None:
    line = describe(Progress(phase="search", done=0.25, cost_fen=1_234_500, lines=9, unserved=2, iterations=12_000))
    assert line == "search · 25% · ¥12,345 a day · 9 lines · 2 unserved · 12,000 iterations"


def test_what_is_not_known_is_not_told() -> None:
    assert describe(Progress(phase="matrices", done=0.0, text="am_peak")) == "travel times · am_peak"


def test_an_unknown_phase_keeps_its_name() -> None:
    assert describe(Progress(phase="polishing", done=1.0)) == "polishing · 100%"


def test_a_log_gets_a_line_per_phase_and_then_one_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, LOG_EVERY_S + 0.5, LOG_EVERY_S + 0.6])
    monkeypatch.setattr(console.time, "monotonic", lambda: next(clock))
    with ProgressLine(quiet=False) as show:
        show(Progress(phase="search", done=0.1))
        show(Progress(phase="search", done=0.2))  # too soon after the first
        show(Progress(phase="search", done=0.3))
        show(Progress(phase="files", done=0.0))
    assert capsys.readouterr().err.splitlines() == ["search · 10%", "search · 30%", "files"]


def test_with_json_in_a_pipe_nothing_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLine(quiet=True) as show:
        show(Progress(phase="search", done=0.1))
    assert capsys.readouterr().err == ""


def test_json_is_one_object_with_chinese_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "软件园"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"name": "软件园"}
    assert "软件园" in out


def test_the_summary_tells_people_money_and_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(SUMMARY)
    told = capsys.readouterr().out
    assert "served 3,457 of 3,500 riders on 139 lines, 278 trips, 139 vehicles" in told
    assert "¥172,258 a day (¥49.83 a rider)" in told
    assert "ride 44 min (p95 88)" in told
    assert "0 violations" in told


def test_a_plan_that_serves_nobody_has_no_price_per_rider_to_divide_by(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(SUMMARY | {"served": 0, "gap": None})
    assert "served 0 of" in capsys.readouterr().out


def test_every_fault_stands_on_its_own_line(capsys: pytest.CaptureFixture[str]) -> None:
    report_error(InputError(FAULT, FAULT), as_json=False)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [str(FAULT), str(FAULT), "2 faults in all"]


def test_one_fault_is_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    report_error(InputError(FAULT), as_json=False)
    assert capsys.readouterr().err.splitlines() == [str(FAULT)]


def test_an_error_without_faults_is_told_with_code_and_action(capsys: pytest.CaptureFixture[str]) -> None:
    report_error(RoadError("roads_empty", "No road.", "Cut the extract again."), as_json=False)
    assert capsys.readouterr().err.strip() == "No road. [roads_empty] Cut the extract again."


def test_as_json_an_error_carries_its_faults(capsys: pytest.CaptureFixture[str]) -> None:
    report_error(InputError(FAULT), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["error"]["code"] == "bad_days"
    assert told["faults"] == [FAULT.as_dict()]


def test_as_json_an_error_without_faults_has_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    report_error(NoPlanError("no_line_for_anyone", "No line.", "Relax."), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told == {"error": {"code": "no_line_for_anyone", "cause": "No line.", "action": "Relax."}, "faults": []}


def test_a_commands_value_is_its_exit_status() -> None:
    with pytest.raises(typer.Exit) as left:
        leaving(lambda: 2)()
    assert left.value.exit_code == 2


def test_a_command_that_returns_nothing_to_complain_of_does_not_leave() -> None:
    assert leaving(lambda: 0)() is None


def test_a_bound_is_told_in_yuan_and_as_what_could_be_saved(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(SUMMARY | {"lower_bound_fen": 15_503_220, "gap": 0.1})
    assert "no plan costs less than ¥155,032 a day: at most 10.0% can be saved" in capsys.readouterr().out


def test_without_a_bound_nothing_is_said_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(SUMMARY | {"lower_bound_fen": None, "gap": None})
    assert "no plan costs less" not in capsys.readouterr().out
