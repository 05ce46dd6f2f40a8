"""How the cost falls with time: one search, watched."""

import argparse
import json
from pathlib import Path

from benchmarks.lines import read_instance
from routing.evaluate import evaluate
from routing.model.result import Progress
from routing.planner.prepare import prepare
from routing.solver import MaxRuntime, solve


def main(argv: list[str] | None = None) -> int:
    """Print the cost of the plan [fen], and [seconds, fen] at every improvement that was told, as JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks trace", description=__doc__)
    parser.add_argument("instance", type=Path, help="a scenario folder, or an instance of matrices (.npz)")
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args(argv)
    path = given.instance
    problem = read_instance(path) if path.suffix == ".npz" else prepare(path).problem
    points: list[tuple[float, int]] = []

    def watch(progress: Progress) -> None:
        note(points, progress)

    stop = MaxRuntime(seconds=given.time_limit)
    result = solve(problem, stop=stop, seed=given.seed, workers=given.workers, on_progress=watch)
    cost = evaluate(problem, result.plan).cost_fen
    print(json.dumps({"cost_fen": cost, "runtime_s": round(result.runtime_s, 2), "trace": points}))
    return 0


def note(points: list[tuple[float, int]], progress: Progress) -> None:
    """Keep a report of the search where it tells of a lower cost than any before."""
    cost = progress.cost_fen if progress.phase == "search" else None
    if cost is not None and (not points or cost < points[-1][1]):
        points.append((round(progress.elapsed_s, 2), cost))
