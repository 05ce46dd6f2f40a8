"""`python -m benchmarks api`: prints one JSON object with what was measured on each database."""

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._machine import describe
from benchmarks.api.fight import fight, roomy_trip
from benchmarks.api.rates import flood, hold_requests, offer_requests, pace
from benchmarks.api.stage import Stage, database, set_stage

ROOT = Path(__file__).parents[2]


def main(argv: list[str] | None = None) -> int:
    """Measure; a plan of the scenario must be there, as `make demo` leaves it."""
    parser = argparse.ArgumentParser(prog="benchmarks api", description=__doc__)
    parser.add_argument("--scenario", type=Path, default=ROOT / "data" / "dalian")
    parser.add_argument("--plan", type=Path, default=ROOT / "out" / "demo" / "plan.json")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each load")
    parser.add_argument("--rounds", type=int, default=500, help="of the fight; 0 for none")
    parser.add_argument("--bookers", type=int, default=200)
    parser.add_argument("--fight-seconds", type=float, default=7_200.0, help="no round begins later")
    parser.add_argument("--hold-s", type=int, default=20, help="how long holds last in the fight")
    parser.add_argument("-o", "--output", type=Path, help="write the object here too")
    given = parser.parse_args(argv)
    kinds = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    result: dict[str, Any] = {"machine": describe(ROOT), **{kind: measure(kind, given) for kind in kinds}}
    print(json.dumps(result))
    if given.output:
        given.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(kind: str, given: argparse.Namespace) -> dict[str, Any]:
    """Measure offers, holds and the fight on one database."""
    with tempfile.TemporaryDirectory(prefix="banche-load-") as folder, database(kind, Path(folder)) as url:
        stage = set_stage(url, given.scenario, given.plan, given.hold_s)
        try:
            if given.rounds:
                roomy_trip(stage.document)  # better told now than after the loads
            stage.start("server")
            figures: dict[str, Any] = {"first_ready_s": round(stage.wait_ready(), 1)}
            for name, figure in _rates(stage, given):
                figures[name] = figure
                print(kind, name, json.dumps(figure), file=sys.stderr, flush=True)
            if given.rounds:
                stage.start("sweeper")
                tally = fight(
                    stage,
                    rounds=given.rounds,
                    bookers=given.bookers,
                    kill_share=0.3,
                    seconds=given.fight_seconds,
                )
                figures["fight"] = tally.as_dict()
        finally:
            stage.close()
    return figures


def _rates(stage: Stage, given: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    if not given.seconds:
        return
    homes = _homes(given.scenario)
    flood(stage, offer_requests(homes, seed=9), 2.0)  # the first answers compile
    yield "offers", flood(stage, offer_requests(homes), given.seconds)
    yield "offers_at_500", pace(stage, offer_requests(homes, seed=2), given.seconds, 500.0)
    yield "holds", flood(stage, hold_requests(stage.document), given.seconds)


def _homes(scenario: Path) -> list[dict[str, Any]]:
    with (scenario / "riders.csv").open(encoding="utf-8", newline="") as file:
        return [
            {
                "lon": float(row["home_lon"]),
                "lat": float(row["home_lat"]),
                "worksite_id": row["worksite_id"],
                "shift_id": row["shift_id"],
            }
            for row in csv.DictReader(file)
        ]
