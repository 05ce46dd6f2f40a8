"""Every peer's solution becomes a plan without violations; the command prints one object for all of them."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import main as dispatch
from benchmarks.peers import command
from benchmarks.peers.encode import encode
from benchmarks.peers.inbound import read_problem
from benchmarks.peers.race import attempt, best_of, thin
from benchmarks.peers.tasks import Encoding, Route, Task
from routing.evaluate import evaluate
from routing.model.problem import Problem
from tests.benchmarks.peers.conftest import town
from tests.town import write_town

FIGURES = {"cost_fen", "served", "unserved", "lines", "violations", "encoding", "consolidation_price_yuan", "runtime_s"}
APART = Encoding(name="apart", opening=500.0)
MIXED = Encoding(name="mixed", mixed=True, opening=500.0)
THIN = Encoding(name="thinned", opening=500.0, near_s=2_000, thin=True)
SECONDS = 0.6


def one_by_one(task: Task, seconds: float, seed: int) -> list[Route]:
    """Route every visit alone, as the simplest peer there is."""
    assert seconds >= 0
    assert seed == 1
    return [[v] for v in range(len(task.visits))]


def check_routes(task: Task, routes: list[Route]) -> None:
    """Check what a peer must keep by its own rules: each visit once, and room for everyone."""
    visits = [v for route in routes for v in route]
    assert len(visits) == len(set(visits)) > 0
    assert set(visits) <= set(range(len(task.visits)))
    if not task.drops:
        assert all(task.people[route].sum() <= max(task.seats) for route in routes)
        assert all(len(route) <= task.most_visits for route in routes)


@pytest.mark.parametrize("encoding", [APART, MIXED, THIN], ids=lambda e: e.name)
@pytest.mark.parametrize("name", ["pyvrp", "vroom"])
def test_a_peers_solution_becomes_a_plan_without_violations(problem: Problem, name: str, encoding: Encoding) -> None:
    pytest.importorskip(name)
    from importlib import import_module

    solve = import_module(f"benchmarks.peers.with_{name}").solve
    for task in encode(problem, encoding):
        check_routes(task, solve(task, 0.1, 1))
    found = attempt(problem, encoding, solve, SECONDS, 1)
    assert found.evaluation.violations == ()
    assert found.evaluation.kpis.served > 0.5 * found.evaluation.kpis.riders
    assert evaluate(problem, found.plan).cost_fen == found.summary()["cost_fen"]


def test_or_tools_becomes_a_plan_without_violations(problem: Problem) -> None:
    from benchmarks.peers.with_ortools import solve

    for task in encode(problem, APART):
        check_routes(task, solve(task, 0.1, 1))
    found = attempt(problem, APART, solve, SECONDS, 1)
    assert found.evaluation.violations == ()
    assert found.evaluation.kpis.served > 0.5 * found.evaluation.kpis.riders


@pytest.mark.parametrize("name", ["pyvrp", "vroom", "ortools"])
def test_a_peer_that_may_cut_corners_does_better_than_one_stop_per_line(problem: Problem, name: str) -> None:
    if name != "ortools":
        pytest.importorskip(name)
    from importlib import import_module

    solve = import_module(f"benchmarks.peers.with_{name}").solve
    routed = attempt(problem, APART, solve, SECONDS, 1)
    alone = attempt(problem, APART, one_by_one, SECONDS, 1)
    assert routed.evaluation.cost_fen < alone.evaluation.cost_fen


def test_the_best_attempt_breaks_least_and_then_costs_least(problem: Problem) -> None:
    attempts = [attempt(problem, e, one_by_one, SECONDS, 1) for e in (APART, MIXED)]
    best = best_of(attempts)
    assert best.evaluation.cost_fen == min(a.evaluation.cost_fen for a in attempts)
    assert set(best.summary()) == FIGURES


def test_the_whole_time_is_shared_by_visits(problem: Problem) -> None:
    given: list[tuple[int, float]] = []

    def note(task: Task, seconds: float, _: int) -> list[Route]:
        given.append((len(task.visits), seconds))
        return []

    attempt(problem, APART, note, 100.0, 1)
    # Peers that answer at once leave their time to the next ones, so shares only grow.
    assert all(seconds >= 99.0 * visits / sum(v for v, _ in given) for visits, seconds in given)
    assert given[-1][1] <= 100.0


def test_thinning_takes_away_the_vehicles_of_lines_too_short(problem: Problem) -> None:
    given: list[Task] = []

    def note(task: Task, seconds: float, _: int) -> list[Route]:
        given.append(task)
        return one_by_one(task, seconds, 1)

    task = max(encode(problem, APART), key=lambda t: len(t.visits))
    most = int(task.people.max())
    long, short = [n for n in task.people.tolist() if n == most], [n for n in task.people.tolist() if n < most]
    assert short
    thin(task, note, 10.0, 1, min_load=most)
    before, after = given
    assert before is task
    assert sum(after.available) <= len(long) + sum(short) // most < sum(before.available)
    assert all(x <= y for x, y in zip(after.available, before.available, strict=True))


def test_nothing_is_thinned_where_all_lines_are_full(problem: Problem) -> None:
    given: list[tuple[float, int]] = []

    def note(task: Task, seconds: float, seed: int) -> list[Route]:
        given.append((seconds, seed))
        return [list(range(len(task.visits)))]

    task = encode(problem, APART)[0]
    assert thin(task, note, 10.0, 7, min_load=1) == [list(range(len(task.visits)))]
    assert given == [(5.0, 7), (5.0, 8)]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[dict[str, dict[str, object]], str]:
    assert dispatch(["peers", *arguments, "--time-limit", "0.3", "--prices", "5"]) == 0
    captured = capsys.readouterr()
    return json.loads(captured.out), captured.err


def test_one_object_for_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "read_problem", lambda _: town())
    out = tmp_path / "out.json"
    found, _ = run(capsys, "anything", "--encodings", "apart", "-o", str(out))
    assert set(found) == {"banche", "pyvrp", "vroom", "ortools"}
    assert FIGURES - {"encoding", "consolidation_price_yuan"} <= set(found["banche"])
    assert found["banche"]["violations"] == 0
    assert set(found["ortools"]) >= FIGURES | {"version", "tried"}
    assert json.loads(out.read_text("utf-8")) == found


def test_a_missing_peer_is_an_error_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "read_problem", lambda _: town())
    monkeypatch.setitem(sys.modules, "pyvrp", None)
    found, told = run(capsys, "anything", "--encodings", "apart", "--peers", "pyvrp", "ortools")
    assert found["pyvrp"] == {"error": "not installed: pyvrp"}
    assert "make peers" in told
    assert "cost_fen" in found["ortools"]


def test_only_the_finalists_have_the_whole_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "read_problem", lambda _: town())
    found, _ = run(capsys, "anything", "--peers", "ortools", "--screen", "0.1", "--finalists", "2")
    tried = found["ortools"]["tried"]
    assert isinstance(tried, list)
    fitting = [e for e in command.ENCODINGS if not e.mixed]
    assert len(tried) == len(fitting) + 2
    assert found["ortools"]["cost_fen"] == min(t["cost_fen"] for t in tried)


def test_a_scenario_folder_that_is_none_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["peers", str(tmp_path)]) == 2
    assert capsys.readouterr().out == ""


def test_scenario_folders_and_instances_are_read(tmp_path: Path) -> None:
    problem = read_problem(write_town(tmp_path / "town"))
    assert {shift.end for shift in problem.shifts} == {None}
    path = tmp_path / "tiny.npz"
    stops = np.array([[0, 1], [1, -1]])
    np.savez(
        path,
        n_stops=2,
        T=np.full((3, 3), 600) - 600 * np.eye(3, dtype=int),
        D=np.full((3, 3), 6_000) - 6_000 * np.eye(3, dtype=int),
        xy=np.zeros((3, 2)),
        stop_of=stops,
        walk_s=np.array([[60.0, 90.0], [30.0, np.inf]]),
        site=np.array([0, 0]),
        shift=np.array([0, 0]),
    )
    assert len(read_problem(path).riders) == 2
