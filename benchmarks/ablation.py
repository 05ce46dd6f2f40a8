"""What each part of the search is worth: the same instance with one thing changed, on seeds kept for this alone.

A variant names module attributes, or single elements of arrays, and the values that they take. Only
what is read when a search starts can be changed so: constants inside compiled code are frozen in it.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks._machine import describe
from benchmarks._suites import ROOT
from benchmarks.lines import read_instance
from benchmarks.record import RESULTS, lay_out
from routing.evaluate import evaluate
from routing.model.problem import Problem
from routing.planner.prepare import prepare
from routing.solver import MaxRuntime, solve

Changes = Mapping[str, object]
"""Values by place: ``package.module:NAME``, or ``package.module:NAME[3]`` for one element of an array."""

AS_SHIPPED = "as shipped"
VARIANTS: dict[str, Changes] = {
    AS_SHIPPED: {},
    "hotter start": {"routing.solver.piece:HOT": 0.3},
    "colder start": {"routing.solver.piece:HOT": 0.04},
    "whole to the end": {"routing.solver.search:STAGES": (1.0,)},
    "eight stops to choose from": {"routing.solver.choices:MOST_OPTIONS": 8},
}
"""What is compared; the first is what all others are measured against. Add a line per switch of the search."""

HELD_APART = 1_001
"""First seed: no parameter was ever tuned on it."""


@contextmanager
def changed(changes: Changes) -> Iterator[None]:
    """Give named places other values for a while.

    Raises
    ------
    AttributeError
        When a place does not exist: the search has moved on, and the variant with it.
    """
    before = []
    try:
        for place, value in changes.items():
            before.append((place, _get(place)))
            _set(place, value)
        yield
    finally:
        for place, value in reversed(before):
            _set(place, value)


def compare(
    problem: Problem, variants: Mapping[str, Changes], seeds: Sequence[int], time_limit: float, workers: int
) -> dict[str, dict[str, object]]:
    """Return per variant the cost of every seed [fen], their mean, and the mean difference to the first [%]."""
    costs: dict[str, list[int]] = {name: [] for name in variants}
    for seed in seeds:
        # Seed by seed, so that a slow spell of the machine falls on all variants alike.
        for name, changes in variants.items():
            with changed(changes):
                result = solve(problem, stop=MaxRuntime(seconds=time_limit), seed=seed, workers=workers)
            costs[name].append(evaluate(problem, result.plan).cost_fen)
            print(f"{name}, seed {seed}: {costs[name][-1]}", file=sys.stderr)
    base = next(iter(costs.values()))
    return {
        name: {
            "mean_cost_fen": round(statistics.fmean(found)),
            "difference_percent": round(100 * (statistics.fmean(found) / statistics.fmean(base) - 1), 3),
            "sd_percent": _spread(found, base),
            "cost_fen": found,
        }
        for name, found in costs.items()
    }


def main(argv: list[str] | None = None) -> int:
    """Run variants on one instance, and keep the table in benchmarks/results."""
    given = _parse(argv)
    path = given.instance
    problem = read_instance(path) if path.suffix == ".npz" else prepare(path).problem
    seeds = range(HELD_APART, HELD_APART + given.seeds)
    chosen = {AS_SHIPPED: VARIANTS[AS_SHIPPED]} | {name: VARIANTS[name] for name in given.variants or VARIANTS}
    table = compare(problem, chosen, seeds, given.time_limit, given.workers)
    record = {
        "suite": "ablation",
        "instance": path.stem,
        "recorded": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": describe(ROOT),
        "time_limit_s": given.time_limit,
        "workers": given.workers,
        "seeds": list(seeds),
        "variants": table,
    }
    output = given.output or RESULTS / f"ablation-{path.stem}.json"
    output.write_text(lay_out(record), encoding="utf-8")
    print(json.dumps({"file": output.name, "variants": table}, ensure_ascii=False))
    return 0


def _spread(found: Sequence[int], base: Sequence[int]) -> float:
    """Return the standard deviation over seeds of the difference to the first variant [%]."""
    differences = [100 * (cost / other - 1) for cost, other in zip(found, base, strict=True)]
    return round(statistics.stdev(differences), 3) if len(differences) > 1 else 0.0


def _split(place: str) -> tuple[Any, str, int | None]:
    module, _, name = place.partition(":")
    name, _, index = name.partition("[")
    return import_module(module), name, int(index.removesuffix("]")) if index else None


def _get(place: str) -> Any:
    module, name, index = _split(place)
    value = getattr(module, name)
    return value if index is None else value[index]


def _set(place: str, value: object) -> None:
    module, name, index = _split(place)
    if index is None:
        setattr(module, name, value)
    else:
        getattr(module, name)[index] = value


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks ablation", description=__doc__)
    parser.add_argument("instance", type=Path, help="a scenario folder, or an instance of matrices (.npz)")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, help="all by default")
    parser.add_argument("--seeds", type=int, default=5, help="how many, from the first one kept apart")
    parser.add_argument("--time-limit", type=float, default=20.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path)
    return parser.parse_args(argv)
