"""review, run as a user would."""

import json
from pathlib import Path

import pytest

from tests.cli.test_planning import run, run_json


@pytest.fixture
def counts(planned: Path, tmp_path: Path) -> Path:
    """Return three bad days of one line and three good ones of the others."""
    lines = [line["line_id"] for line in json.loads((planned / "plan.json").read_text("utf-8"))["lines"]]
    rows = [f"2026-11-{day},{line},{2 if line == lines[0] else 25}" for day in (18, 19, 20) for line in lines]
    path = tmp_path / "counts.csv"
    path.write_text("\n".join(["date,line_id,booked", *rows]) + "\n", "utf-8")
    return path


def test_a_line_that_nobody_rides_is_proposed_to_be_suspended(
    planned: Path, counts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = run_json(capsys, "review", str(planned / "plan.json"), "--counts", str(counts))
    assert status == 0
    lines = told["lines"]
    assert isinstance(lines, list)
    assert [line["proposed"] for line in lines] == ["suspended"] + ["running"] * (len(lines) - 1)
    assert told["openings"] is not None


def test_the_report_names_the_limit(planned: Path, counts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("review", str(planned / "plan.json"), "--counts", str(counts), "--policy", "changchun") == 0
    assert "running → suspended: fewer than 60% of the seats" in capsys.readouterr().out


def test_a_policy_that_is_neither_preset_nor_file_is_refused(
    planned: Path, counts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["review", str(planned / "plan.json"), "--counts", str(counts), "--policy", "atlantis"]
    status, told = run_json(capsys, *arguments)
    assert status == 2
    assert told["error"]["code"] == "unknown_policy"  # type: ignore[index]
