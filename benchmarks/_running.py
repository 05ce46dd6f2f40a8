"""What every adapter of a public instance does alike: its options, the search, the figures as one JSON object."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from routing.model.problem import Problem
from routing.model.result import SearchResult
from routing.solver import MaxRuntime, solve

MONDAY = 0b0000001
"""Days of riders who travel once: their vehicles have a week before they are wanted again."""


def options(name: str, about: str | None, *, time_limit: float) -> argparse.ArgumentParser:
    """Return a parser with the options that all adapters share."""
    parser = argparse.ArgumentParser(prog=f"benchmarks {name}", description=about)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--time-limit", type=float, default=time_limit, help="seconds of search")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, help="write the solution here, as the judge reads it")
    return parser


def search(problem: Problem, given: argparse.Namespace) -> SearchResult:
    """Solve a problem as the options ask."""
    return solve(problem, stop=MaxRuntime(seconds=given.time_limit), seed=given.seed, workers=given.workers)


def tell(figures: Mapping[str, object], result: SearchResult) -> None:
    """Print figures of an instance, and how the search went, as one JSON object."""
    search_figures = {"unserved": len(result.plan.unserved), "iterations": result.iterations}
    print(json.dumps({**figures, **search_figures, "runtime_s": round(result.runtime_s, 2)}))
