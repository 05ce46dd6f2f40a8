"""rebalance, run as a user would on a town that has drifted."""

import json
from pathlib import Path

import pytest

from tests.cli.test_planning import run, run_json
from tests.town import write_town

FILES = {"plan.json", "lines.geojson", "gtfs.zip", "timetable.csv", "report.html", "diff.json", "letters.html"} | {
    "drivers.html",
    "changes.geojson",
}


@pytest.fixture(scope="module")
def drifted(town_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the planned town with three riders gone and two new ones."""
    folder = write_town(tmp_path_factory.mktemp("drifted") / "town")
    rows = (town_folder / "riders.csv").read_text("utf-8").splitlines()
    new = [rows[1].replace("r000", "n001"), rows[5].replace("r004", "n002")]
    (folder / "riders.csv").write_text("\n".join([*rows[:10], *rows[13:], *new]) + "\n", "utf-8")
    return folder


def rebalance(
    capsys: pytest.CaptureFixture[str], scenario: Path, plan: Path, out: Path, *options: str
) -> tuple[int, dict[str, object]]:
    arguments = ["rebalance", str(scenario), "--from", str(plan), "-o", str(out), "--time-limit", "1", *options]
    return run_json(capsys, *arguments)


def test_nobody_who_stays_is_changed_at_an_infinite_price(
    drifted: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "next"
    status, told = rebalance(capsys, drifted, planned / "plan.json", out, "--change-price", "inf")
    assert status == 0
    assert told["violations"] == 0
    assert told["diff"]["changed"] == 0  # type: ignore[index]
    assert {path.name for path in out.iterdir()} >= FILES
    _, diff = run_json(capsys, "compare", str(planned / "plan.json"), str(out / "plan.json"))
    assert diff["changed"] == 0
    document = json.loads((out / "plan.json").read_text("utf-8"))
    accounted = {a["rider_id"] for a in document["assignments"]} | {u["rider_id"] for u in document["unserved"]}
    assert {"n001", "n002"} <= accounted


def test_who_joins_gets_a_free_seat_of_a_pinned_line_that_runs_on_as_it_is(
    drifted: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two new ones live next door to riders of before, and three have left."""
    plan = json.loads((planned / "plan.json").read_text("utf-8"))
    pins = [option for line in plan["lines"] for option in ("--pin", f"line:{line['line_id']}")]
    status, told = rebalance(capsys, drifted, planned / "plan.json", tmp_path / "next", *pins)
    assert status == 0
    assert told["diff"]["changed"] == 0  # type: ignore[index]
    after = json.loads((tmp_path / "next" / "plan.json").read_text("utf-8"))

    def stops(document: dict[str, list[dict[str, list[dict[str, list[dict[str, str]]]]]]]) -> dict[str, list[str]]:
        return {t["trip_id"]: [s["stop_id"] for s in t["stops"]] for x in document["lines"] for t in x["trips"]}  # type: ignore[index,misc]

    was, now = stops(plan), stops(after)
    assert was.items() <= now.items()
    new = {seat["rider_id"] for seat in after["assignments"] if seat["trip_id"] in was} & {"n001", "n002"}
    assert new
    assert told["violations"] == 0


def test_lines_that_leavers_have_thinned_are_told_where_nobody_may_change(
    town_folder: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Opening takes four riders, and one line is left with a single one of its own."""
    plan = json.loads((planned / "plan.json").read_text("utf-8"))
    trips = {trip["trip_id"] for trip in plan["lines"][0]["trips"]}
    on_it = sorted({seat["rider_id"] for seat in plan["assignments"] if seat["trip_id"] in trips})
    folder = write_town(tmp_path / "town")
    rows = (town_folder / "riders.csv").read_text("utf-8").splitlines()
    kept = [row for row in rows if row.split(",")[0] not in on_it[1:]]
    (folder / "riders.csv").write_text("\n".join(kept) + "\n", "utf-8")
    arguments = ["--from", str(planned / "plan.json"), "-o", str(tmp_path / "next"), "--time-limit", "0.5"]
    assert run("rebalance", str(folder), *arguments, "--change-price", "inf") == 0
    diff = json.loads((tmp_path / "next" / "diff.json").read_text("utf-8"))
    line_id = plan["lines"][0]["line_id"]
    thin = {line["line_id"]: (line["riders"], line["needed"]) for line in diff["thin_lines"]}
    assert thin[line_id] == (1, 4)
    assert f"fewer than the 4 riders that open one: {line_id} (1)" in capsys.readouterr().out


def test_a_frontier_begins_with_nobody_changed_and_falls(
    drifted: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "next"
    status, told = rebalance(capsys, drifted, planned / "plan.json", out, "--frontier")
    frontier = json.loads((out / "frontier.json").read_text("utf-8"))
    assert status == 0
    assert frontier["begin"]["changed_riders"] == 0
    costs = [frontier["begin"]["cost_fen"], *(step["cost_fen"] for step in frontier["steps"])]
    assert costs == sorted(set(costs), reverse=True)
    assert costs[-1] == told["cost_fen"]
    assert all(step["violations"] == 0 and step["sentence"] for step in frontier["steps"])


def test_a_limit_is_kept_and_the_plan_is_clean_for_whoever_checks_it(
    drifted: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "next"
    status, told = rebalance(capsys, drifted, planned / "plan.json", out, "--max-changed-riders", "2")
    assert status == 0
    assert told["diff"]["changed"] <= 2  # type: ignore[index,operator]
    assert told["diff"]["counted"]["changed"] == told["diff"]["changed"]  # type: ignore[index]
    _, verdict = run_json(capsys, "check", str(drifted), str(out / "plan.json"))
    assert verdict["cost_fen"] == told["cost_fen"]


def test_the_report_on_the_terminal_tells_who_changes(
    drifted: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--from", str(planned / "plan.json"), "-o", str(tmp_path / "next"), "--time-limit", "0.5"]
    assert run("rebalance", str(drifted), *arguments) == 0
    told = capsys.readouterr().out
    assert "feel a change" in told
    assert "lines:" in told


def test_a_plan_of_another_scenario_is_refused_with_every_reason(
    drifted: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads((planned / "plan.json").read_text("utf-8"))
    for seat in document["assignments"]:
        seat["rider_id"] = "x" + seat["rider_id"]
    document["lines"][0]["trips"][0]["vehicle_type_id"] = "tandem"
    document["lines"][0]["trips"][0]["shift_ids"] = ["night"]
    foreign = tmp_path / "foreign.json"
    foreign.write_text(json.dumps(document), "utf-8")
    status, told = rebalance(capsys, drifted, foreign, tmp_path / "next")
    assert status == 2
    assert [f["code"] for f in told["faults"]] == ["other_scenario", "unknown_id", "unknown_id"]  # type: ignore[index,attr-defined]
    assert not (tmp_path / "next").exists()


@pytest.mark.parametrize("price", ["-1", "nothing", "nan"])
def test_a_price_that_is_none_is_refused(
    price: str, drifted: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--from", str(planned / "plan.json"), "-o", str(tmp_path / "next"), f"--change-price={price}"]
    assert run("rebalance", str(drifted), *arguments) == 2
    assert "is no price" in capsys.readouterr().err
