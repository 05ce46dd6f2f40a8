"""Run a suite for several seeds, let the scripts beside the data judge, and keep the figures.

`python -m benchmarks record SUITE` writes `benchmarks/results/SUITE.json`, from which
`python -m benchmarks report` makes the tables and plots of docs/benchmarks.md.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks._machine import describe
from benchmarks._suites import BENCH, ROOT, Case, Suite, suites

RESULTS = ROOT / "benchmarks" / "results"
Figures = dict[str, object]


def main(argv: list[str] | None = None) -> int:
    """Record a suite, and print a line per run on stderr; 1 where a run failed or a judge refused a solution."""
    given = _parse(argv)
    known = suites(given.bench)
    if given.suite not in known:
        print(f"no suite {given.suite}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    suite = known[given.suite]
    if given.cases:
        suite = replace(suite, cases=tuple(case for case in suite.cases if case.name in given.cases))
    if not suite.cases:
        print(f"no instances of {given.suite} in {given.bench}", file=sys.stderr)
        return 2
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    record = run_suite(suite, seeds, given.time_limit or suite.time_limit, given.workers)
    path = given.output or RESULTS / f"{given.name or suite.name}.json"
    path.write_text(lay_out(record), encoding="utf-8")
    print(json.dumps({"file": path.name, "cases": record["cases"]}, ensure_ascii=False))
    return 0 if record["clean"] else 1


def run_suite(suite: Suite, seeds: Sequence[int], time_limit: float, workers: int) -> Figures:
    """Run every case with every seed, and return the record: what, where, when, each run, mean and spread."""
    runs = []
    for case in suite.cases:
        for seed in seeds:
            run = run_case(case, seed, time_limit, workers)
            runs.append({"case": case.name, "seed": seed} | run)
            print(f"{case.name} seed {seed}: {json.dumps(run.get('figures'))}", file=sys.stderr)
    return {
        "suite": suite.name,
        "recorded": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": describe(ROOT),
        "command": _command_line(suite.cases[0], "SEED", time_limit, workers),
        "time_limit_s": time_limit,
        "workers": workers,
        "seeds": list(seeds),
        "clean": all(run["clean"] for run in runs),
        "cases": {c.name: summarise([r for r in runs if r["case"] == c.name], c.figures) for c in suite.cases},
        "runs": runs,
    }


def run_case(case: Case, seed: int, time_limit: float, workers: int) -> Figures:
    """Run one case with one seed; the judge's figures count where there is a judge, the command's own otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        solution = Path(folder) / f"solution{case.suffix}"
        written = ("-o", str(solution)) if case.suffix else ()
        command = [sys.executable, *_arguments(case, str(seed), time_limit, workers), *written]
        begin = time.perf_counter()
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
        wall = time.perf_counter() - begin
        if told.returncode != 0:
            return {"clean": False, "error": told.stderr.strip().splitlines()[-1:], "wall_s": round(wall, 2)}
        printed = json.loads(told.stdout)
        verdict = _judge(case, solution)
    found = printed if verdict is None else verdict
    figures = {figure: value for figure in case.figures if (value := _dig(found, figure)) is not None}
    clean = verdict is None or bool(verdict.get("feasible"))
    return {"clean": clean, "figures": figures, "wall_s": round(wall, 2), "printed": printed, "judged": verdict}


def summarise(runs: Sequence[Figures], figures: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return mean, least, most and standard deviation over the runs of a case, for every figure that was told."""
    found = {}
    for figure in figures:
        values = [float(v) for run in runs if (v := _dig(run, f"figures/{figure}", "/")) is not None]
        if values:
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            found[figure] = {
                "mean": round(statistics.fmean(values), 3),
                "min": min(values),
                "max": max(values),
                "sd": round(spread, 3),
                "runs": len(values),
            }
    return found


def lay_out(record: Figures) -> str:
    """Return a record as JSON that reads and compares well: a line per member, and per run."""

    def text(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    def member(value: object) -> str:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return "[\n  " + ",\n  ".join(map(text, value)) + "\n ]"
        return text(value)

    return "{\n" + ",\n".join(f" {text(key)}: {member(value)}" for key, value in record.items()) + "\n}\n"


def _judge(case: Case, solution: Path) -> Figures | None:
    """Return what the judge of a case prints; None where there is no judge."""
    if not case.judge or not Path(case.judge[0]).exists():
        return None
    command = [sys.executable, *(part.format(solution=solution) for part in case.judge)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    verdict = json.loads(told.stdout)
    assert isinstance(verdict, dict)
    return verdict


def _dig(found: object, path: str, separator: str = ".") -> float | None:
    """Return the number at a path of keys; None where there is none."""
    if isinstance(found, dict) and path in found:
        value = found[path]
        return value if isinstance(value, int | float) else None
    head, _, rest = path.partition(separator)
    return _dig(found[head], rest, separator) if rest and isinstance(found, dict) and head in found else None


def _arguments(case: Case, seed: str, time_limit: float, workers: int) -> list[str]:
    arguments = ["-m", "benchmarks", *case.command, "--time-limit", f"{time_limit:g}", "--seed", seed]
    return arguments + (["--workers", str(workers)] if case.workers else [])


def _command_line(case: Case, seed: str, time_limit: float, workers: int) -> str:
    """Return the command as a reader would type it, instances by their names alone."""
    words = _arguments(case, seed, time_limit, workers)
    return " ".join(["python", *(Path(word).name if "/" in word else word for word in words)])


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks record", description=__doc__)
    parser.add_argument("suite", help="what to run: " + ", ".join(suites()))
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--time-limit", type=float, help="seconds of search; each suite has its own by default")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--cases", nargs="+", help="only these cases of the suite")
    parser.add_argument("--name", help="name of the record, where one suite is recorded in several ways")
    parser.add_argument("--bench", type=Path, default=BENCH, help="folder of instances and judges")
    parser.add_argument("-o", "--output", type=Path)
    return parser.parse_args(argv)
