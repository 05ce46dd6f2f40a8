"""What the first start of a version costs, and every later one: compiled code made, then loaded from the disk."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks._machine import describe
from benchmarks._suites import BENCH, ROOT
from benchmarks.lines import read_instance
from benchmarks.record import lay_out
from routing.geo.warmup import warm_up
from routing.model.problem import Problem
from routing.planner.prepare import prepare
from routing.solver import MaxIterations, solve

ITERATIONS = 300
ENGINES = ("solver", "roads")


def main(argv: list[str] | None = None) -> int:
    """Print seconds of the processor per engine as one JSON object.

    ``first_s`` and ``later_s`` are of the whole process, imports included, without and with compiled code on the
    disk; ``compile_s`` is their difference, and ``load_s`` what a later start takes beyond imports and reading.
    """
    parser = argparse.ArgumentParser(prog="benchmarks start", description=__doc__)
    parser.add_argument("--instance", type=Path, default=BENCH / "lines" / "S.npz")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--repeat", type=int, default=3, help="later starts; the quickest counts")
    parser.add_argument("--once", choices=ENGINES, help="start one engine in this process, and tell what it took")
    parser.add_argument("-o", "--output", type=Path, help="write the object here too, with the machine")
    given = parser.parse_args(argv)
    if given.once:
        print(json.dumps(once(given.once, given.instance)))
        return 0
    figures = {engine: compare(engine, given.instance, given.repeat) for engine in given.engines}
    print(json.dumps(figures))
    if given.output:
        recorded = datetime.now(UTC).isoformat(timespec="seconds")
        record = {"recorded": recorded, "machine": describe(ROOT), "instance": given.instance.stem, "engines": figures}
        given.output.write_text(lay_out(record), encoding="utf-8")
    return 0


def once(engine: str, instance: Path) -> dict[str, float]:
    """Start an engine in this process: a short search, or a network of two streets.

    Returns
    -------
    dict
        Seconds of the processor, all threads together: of the process so far, and of the engine alone.
    """
    start: Callable[[], object] = warm_up if engine == "roads" else partial(search, _read(instance))
    before = time.process_time()
    start()
    now = time.process_time()
    return {"process_s": round(now, 2), "engine_s": round(now - before, 2)}


def search(problem: Problem) -> int:
    """Search for a few iterations; return how many were run."""
    return solve(problem, stop=MaxIterations(iterations=ITERATIONS)).iterations


def compare(engine: str, instance: Path, repeat: int) -> dict[str, float]:
    """Start an engine in processes of its own, once with an empty cache, then with what that left there."""
    with tempfile.TemporaryDirectory() as cache:
        first = _process(engine, instance, cache)
        later = [_process(engine, instance, cache) for _ in range(repeat)]
    process_s = min(told["process_s"] for told in later)
    return {
        "first_s": first["process_s"],
        "later_s": process_s,
        "compile_s": round(first["process_s"] - process_s, 2),
        "load_s": min(told["engine_s"] for told in later),
    }


def _process(engine: str, instance: Path, cache: str) -> dict[str, float]:
    command = (sys.executable, "-m", "benchmarks", "start", "--once", engine, "--instance", str(instance.resolve()))
    room = {**os.environ, "NUMBA_CACHE_DIR": cache}
    told = subprocess.run(command, cwd=ROOT, env=room, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603
    return dict(json.loads(told))


def _read(path: Path) -> Problem:
    return prepare(path).problem if path.is_dir() else read_instance(path)


if __name__ == "__main__":
    sys.exit(main())
