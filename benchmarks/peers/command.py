"""`python -m benchmarks peers SCENARIO`: the same inbound problem, matrices, core, seconds and judge for all."""

import argparse
import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.peers.inbound import read_problem
from benchmarks.peers.race import Attempt, attempt, best_of
from benchmarks.peers.tasks import Encoding
from routing.errors import RoutingError
from routing.evaluate import evaluate
from routing.model.problem import Problem
from routing.model.units import yuan_to_fen
from routing.solver import MaxRuntime, solve

PEERS = {"pyvrp": "pyvrp", "vroom": "pyvroom", "ortools": "ortools"}
"""Peers by name, with the distribution that each comes in."""

ENCODINGS = (
    Encoding(name="apart"),
    Encoding(name="apart, arcs without riders' time", share_between=0.0, share_haul=0.0),
    Encoding(name="small worksites together", near_s=800, small=100),
    Encoding(name="small worksites together, thinned", near_s=800, small=100, thin=True),
    Encoding(name="near worksites together", near_s=500),
    Encoding(name="mixed loads as shipments", mixed=True),
)
"""Ways to state the problem; every one is tried with every consolidation price."""

PRICES_YUAN = (0.0, 5.0, 10.0, 25.0)


def main(argv: list[str] | None = None) -> int:
    """Print one JSON object with the figures of every peer."""
    options = _parse(argv)
    try:
        problem = read_problem(options.scenario)
    except RoutingError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    wanted = {e.name: e for e in ENCODINGS if options.encodings is None or e.name in options.encodings}
    encodings = [
        replace(encoding, opening=yuan_to_fen(price))
        for encoding, price in itertools.product(wanted.values(), options.prices)
    ]
    figures = {"banche": race_banche(problem, options.time_limit, options.seed)}
    for name in options.peers:
        figures[name] = race_peer(problem, name, encodings, options)
    text = json.dumps(figures, ensure_ascii=False)
    print(text)
    if options.output:
        options.output.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


def race_banche(problem: Problem, seconds: float, seed: int) -> dict[str, object]:
    """Return the figures of our own search on one thread."""
    result = solve(problem, stop=MaxRuntime(seconds=seconds), seed=seed, workers=1)
    verdict = evaluate(problem, result.plan)
    return {
        "cost_fen": verdict.cost_fen,
        "served": verdict.kpis.served,
        "unserved": verdict.kpis.unserved,
        "lines": verdict.kpis.lines,
        "violations": len(verdict.violations),
        "runtime_s": round(result.runtime_s, 2),
        "version": _version("banche"),
    }


def race_peer(
    problem: Problem, name: str, encodings: Sequence[Encoding], options: argparse.Namespace
) -> dict[str, object]:
    """Return the figures of a peer's best encoding, and what every encoding came to."""
    # OR-Tools is given shipments as fixed ends only: its pickup and delivery came out far behind.
    fitting = [e for e in encodings if not (e.mixed and name == "ortools")]
    try:
        tried = [_try(problem, name, e, options.screen or options.time_limit, options.seed) for e in fitting]
        if options.screen:
            best = sorted(tried, key=lambda a: (len(a.evaluation.violations), a.evaluation.cost_fen))
            finalists = [a.encoding for a in best[: options.finalists]]
            tried += [_try(problem, name, e, options.time_limit, options.seed) for e in finalists]
    except ModuleNotFoundError as error:
        print(f"{name} is left out; `make peers` installs it ({error})", file=sys.stderr)
        return {"error": f"not installed: {PEERS[name]}"}
    if not tried:
        return {"error": "no encoding asked for fits this peer"}
    return best_of(tried).summary() | {"version": _version(PEERS[name]), "tried": [a.summary() for a in tried]}


def _try(problem: Problem, name: str, encoding: Encoding, seconds: float, seed: int) -> Attempt:
    peer = import_module(f"benchmarks.peers.with_{name}").solve
    found = attempt(problem, encoding, peer, seconds, seed)
    print(f"{name}: {json.dumps(found.summary(), ensure_ascii=False)}", file=sys.stderr)
    return found


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks peers", description=__doc__)
    parser.add_argument("scenario", type=Path, help="a scenario folder, or an instance of matrices (.npz)")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for banche, and for every encoding")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--prices", nargs="+", type=float, default=PRICES_YUAN, help="consolidation prices in yuan")
    parser.add_argument("--encodings", nargs="+", choices=[e.name for e in ENCODINGS], help="all by default")
    parser.add_argument("--screen", type=float, help="try every encoding this many seconds first …")
    parser.add_argument("--finalists", type=int, default=3, help="… and only the best so many for the whole time")
    parser.add_argument("-o", "--output", type=Path, help="write the object here too")
    return parser.parse_args(argv)
