"""How far a plan can be from the best: a short search, then a lower bound, and the gap between the two."""

import argparse
import json
from pathlib import Path

from benchmarks.lines import read_instance
from routing.bound import lower_bound
from routing.evaluate import evaluate
from routing.model.problem import Problem
from routing.model.units import FEN_PER_YUAN
from routing.planner.prepare import prepare
from routing.solver import MaxRuntime, solve

SEARCH_SHARE = 1 / 4
"""Share of the time that goes into a plan to start from; the rest goes into the bound."""


def read_problem(path: Path) -> Problem:
    """Return the problem of an instance of `lines` or of a scenario folder."""
    return prepare(path).problem if path.is_dir() else read_instance(path)


def main(argv: list[str] | None = None) -> int:
    """Print cost, lower bound and gap as JSON; costs in yuan."""
    parser = argparse.ArgumentParser(prog="benchmarks bound", description=__doc__)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--time-limit", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(argv)
    problem = read_problem(options.instance)
    search = SEARCH_SHARE * options.time_limit
    plan = solve(problem, stop=MaxRuntime(seconds=search), seed=options.seed, workers=options.workers).plan
    rest = MaxRuntime(seconds=options.time_limit - search)
    bound = lower_bound(problem, stop=rest, plan=plan, workers=options.workers)
    cost = evaluate(problem, plan).cost_fen
    figures = {
        "cost": cost / FEN_PER_YUAN,
        "lower_bound": bound.value / FEN_PER_YUAN,
        "gap": round((cost - bound.value) / cost, 4) if cost else None,
        "method": bound.method,
        "seconds": round(bound.runtime_s, 2),
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
