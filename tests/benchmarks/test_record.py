"""Recording: commands run, judges asked, figures added up; failures are told, not swallowed."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import record
from benchmarks.__main__ import main as dispatch
from benchmarks._machine import describe, versions
from benchmarks._suites import ROOT, Case, Suite, suites
from benchmarks.record import lay_out, run_case, run_suite, summarise
from benchmarks.trace import note
from routing.model.result import Progress
from tests.benchmarks.judges import BENCH, needs_bench


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Make a command that prints its seed as cost and writes it as solution, and a judge that adds a half."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "__init__.py").write_text("", "utf-8")
    (folder / "__main__.py").write_text(
        "import json, sys\n"
        "given = sys.argv[1:]\n"
        "seed = int(given[given.index('--seed') + 1])\n"
        "if seed == 13:\n    sys.exit('no luck')\n"
        "open(given[given.index('-o') + 1], 'w').write(str(seed))\n"
        "limit = given[given.index('--time-limit') + 1]\n"
        "print(json.dumps({'cost': seed, 'limit': limit, 'deep': {'er': 2 * seed}}))\n",
        "utf-8",
    )
    judge = tmp_path / "judge.py"
    judge.write_text(
        "import json, sys\nseed = int(open(sys.argv[1]).read())\n"
        "print(json.dumps({'feasible': seed != 7, 'cost': seed + 0.5}))\n",
        "utf-8",
    )
    monkeypatch.setattr(record, "ROOT", tmp_path)
    return Case(name="one", command=("echo",), suffix=".txt", judge=(str(judge), "{solution}"), figures=("cost",))


def test_the_judges_figures_count(echo: Case) -> None:
    run = run_case(echo, 3, 2.5, 1)
    assert run["figures"] == {"cost": 3.5}
    assert run["printed"] == {"cost": 3, "limit": "2.5", "deep": {"er": 6}}
    assert run["clean"]


def test_without_a_judge_the_commands_own_figures_count(echo: Case) -> None:
    own = Case(name="own", command=echo.command, suffix=".txt", figures=("cost", "deep.er", "absent"))
    run = run_case(own, 3, 1, 1)
    assert run["figures"] == {"cost": 3, "deep.er": 6}
    assert run["judged"] is None


def test_a_refused_solution_and_a_failed_run_are_not_clean(echo: Case) -> None:
    assert not run_case(echo, 7, 1, 1)["clean"]
    failed = run_case(echo, 13, 1, 1)
    assert not failed["clean"]
    assert failed["error"] == ["no luck"]


def test_a_record_tells_each_run_and_their_spread(echo: Case) -> None:
    found = run_suite(Suite(name="tiny", cases=(echo,)), [1, 2, 6], 1.0, 1)
    assert found["cases"] == {"one": {"cost": {"mean": 3.5, "min": 1.5, "max": 6.5, "sd": 2.646, "runs": 3}}}
    assert [(run["case"], run["seed"]) for run in found["runs"]] == [("one", 1), ("one", 2), ("one", 6)]  # type: ignore[attr-defined,index]
    assert found["clean"]
    assert found["command"] == "python -m benchmarks echo --time-limit 1 --seed SEED"


def test_one_failure_spoils_a_record_and_is_left_out_of_its_mean(echo: Case) -> None:
    found = run_suite(Suite(name="tiny", cases=(echo,)), [2, 13], 1.0, 1)
    assert not found["clean"]
    assert found["cases"]["one"]["cost"]["runs"] == 1  # type: ignore[index]


def test_one_run_has_no_spread() -> None:
    assert summarise([{"figures": {"cost": 4}}], ["cost", "other"]) == {
        "cost": {"mean": 4.0, "min": 4.0, "max": 4.0, "sd": 0.0, "runs": 1}
    }


def test_figures_with_dots_in_their_names_are_added_up() -> None:
    runs = [{"figures": {"vroom.cost_fen": 4}}, {"figures": {"vroom.cost_fen": 8}}]
    assert summarise(runs, ["vroom.cost_fen"])["vroom.cost_fen"]["mean"] == 6


def test_a_record_is_laid_out_a_line_per_run() -> None:
    whole = {"suite": "x", "seeds": [1, 2], "runs": [{"seed": 1}, {"seed": 2}], "none": []}
    text = lay_out(whole)
    assert json.loads(text) == whole
    assert text.count("\n") == 9


def test_every_suite_names_commands_of_this_package() -> None:
    for suite in suites().values():
        for case in suite.cases:
            name = case.command[0]
            assert (ROOT / "benchmarks" / f"{name}.py").exists() or (
                ROOT / "benchmarks" / name / "__init__.py"
            ).exists()
            assert case.figures


@needs_bench
def test_the_public_instances_are_found() -> None:
    known = suites(BENCH)
    assert len(known["lewis"].cases) >= 6
    assert len(known["park-mixed-2700"].cases) == len(known["park-single-5400"].cases) >= 12
    judges = {case.judge[0] for suite in known.values() for case in suite.cases if case.judge}
    assert all(Path(path).exists() for path in judges)
    assert len(judges) == 3


@needs_bench
def test_a_real_suite_is_recorded_and_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lewis.json"
    limits = ("--seeds", "1", "--time-limit", "0.2")
    assert dispatch(["record", "lewis", "--cases", "Porthcawl", *limits, "-o", str(path)]) == 0
    found = json.loads(path.read_text("utf-8"))
    assert found["runs"][0]["judged"]["feasible"]
    assert found["cases"]["Porthcawl"]["buses"]["mean"] >= 1
    assert json.loads(capsys.readouterr().out)["file"] == "lewis.json"


def test_unknown_suites_and_missing_instances_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["record", "nonsense"]) == 2
    assert "lines-S" in capsys.readouterr().err
    assert dispatch(["record", "lewis", "--bench", str(tmp_path)]) == 2
    assert "no instances of lewis" in capsys.readouterr().err


def test_the_machine_is_described() -> None:
    found = describe(ROOT)
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert set(versions(["numpy", "no-such-distribution"])) == {"numpy"}
    assert describe(Path("/"))["commit"] is None


def test_a_trace_keeps_improvements_alone() -> None:
    points: list[tuple[float, int]] = []
    told = [("search", 1.0, 90), ("search", 2.0, 95), ("roads", 2.5, 10), ("search", 3.0, None), ("search", 4.0, 80)]
    for phase, elapsed, cost in told:
        note(points, Progress(phase=phase, done=0.5, elapsed_s=elapsed, cost_fen=cost))
    assert points == [(1.0, 90), (4.0, 80)]


@needs_bench
def test_a_search_is_traced(capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["trace", str(BENCH / "lines" / "S.npz"), "--time-limit", "0.7"]) == 0
    found = json.loads(capsys.readouterr().out)
    costs = [cost for _, cost in found["trace"]]
    assert costs == sorted(costs, reverse=True)
    assert len(set(costs)) == len(costs) >= 1
    assert found["cost_fen"] > 0
