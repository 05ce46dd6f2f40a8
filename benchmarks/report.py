"""Write the tables and plots of docs/benchmarks.md from the records in benchmarks/results.

The page's words are written by hand; what stands between two markers is written here, and a test
compares it with the records.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks._chart import draw_traces
from benchmarks._suites import ROOT
from benchmarks.record import RESULTS

PAGE = ROOT / "docs" / "benchmarks.md"
CHART = ROOT / "docs" / "images" / "time-to-quality.png"
MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
PEERS = {"pyvrp": "PyVRP", "vroom": "VROOM", "ortools": "OR-Tools"}
Records = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is asked of a figure; less is better.

    Attributes
    ----------
    records : tuple of str
        Records whose cases are added up.
    floor, aim : float or None
        What must and what should be reached.
    """

    name: str
    records: tuple[str, ...]
    figure: str
    floor: float
    aim: float | None = None


TARGETS = (
    Target(name="lines S, 60 s: cost", records=("lines-S",), figure="cost", floor=5_850, aim=5_815),
    Target(name="lines S, 5 s: cost", records=("lines-S-5s",), figure="cost", floor=5_920, aim=5_840),
    Target(name="lines M, 60 s, one core: cost", records=("lines-M",), figure="cost", floor=73_100, aim=70_400),
    Target(name="lines M, 60 s, two cores: cost", records=("lines-M-2",), figure="cost", floor=72_300, aim=69_500),
    Target(name="lewis, six instances, 10 s: buses", records=("lewis",), figure="buses", floor=26),
    Target(name="lewis, 10 s: `route_seconds`", records=("lewis",), figure="route_seconds", floor=30_300, aim=30_266),
    Target(name="lewis, 1 s: `route_seconds`", records=("lewis-1s",), figure="route_seconds", floor=30_700),
    Target(
        name="park, single load, 2,700 s ride: buses",
        records=("park-single-2700",),
        figure="buses",
        floor=945,
        aim=937,
    ),
    Target(
        name="park, single load, 5,400 s ride: buses",
        records=("park-single-5400",),
        figure="buses",
        floor=768,
        aim=759,
    ),
    Target(
        name="park, mixed load, both ride limits: buses",
        records=("park-mixed-2700", "park-mixed-5400"),
        figure="buses",
        floor=1_610,
        aim=1_480,
    ),
)


def main(argv: list[str] | None = None) -> int:
    """Write page and plot anew; with --check, tell whether the page is what the records say."""
    parser = argparse.ArgumentParser(prog="benchmarks report", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--chart", type=Path, default=CHART)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 where the page is out of date")
    given = parser.parse_args(argv)
    records = read_records(given.results)
    before = given.page.read_text("utf-8")
    after = fill_page(before, records)
    if given.check:
        return int(before != after)
    given.page.write_text(after, encoding="utf-8")
    if "traces" in records:
        draw_traces(records["traces"], given.chart)
    print(json.dumps({"page": given.page.name, "records": sorted(records)}))
    return 0


def read_records(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the records of `record` and `ablation` by name; other results are not theirs."""
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
    return {name: record for name, record in found.items() if "suite" in record}


def fill_page(page: str, records: Records) -> str:
    """Return a page whose marked tables say what the records say.

    Raises
    ------
    KeyError
        When the page marks a table that nobody makes.
    """
    return MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]](records)}\n{found[3]}", page)


def table_of_targets(records: Records) -> str:
    """Return what was asked and what was reached."""
    rows = [_target_row(target, records) for target in TARGETS]
    rows += [_peer_row(name, records) for name in ("demo", "porto")]
    return table(("figure, less is better", "asked", "aim", "reached: mean (least–most, seeds)", "verdict"), rows)


def table_of_cases(records: Records) -> str:
    """Return every case of every record with a judge, instance by instance."""
    rows = []
    for name, record in records.items():
        if record["suite"] in {"ablation", "traces"} or record["suite"].startswith("peers"):
            continue
        for case, figures in record["cases"].items():
            told = ", ".join(f"{figure} {_mean(facts)}" for figure, facts in figures.items())
            rows.append((name, case, told))
    return table(("record", "instance", "mean (least–most)"), rows)


def table_of_peers(records: Records) -> str:
    """Return every peer's best attempt beside banche."""
    rows = []
    for record in (r for r in records.values() if r["suite"].startswith("peers")):
        for run in record["runs"]:
            for name, facts in run.get("printed", {}).items():
                if "cost_fen" not in facts:
                    rows.append((run["case"], f"{run['seed']}", PEERS.get(name, name), facts["error"], "", "", "", ""))
                    continue
                how = f"{facts['encoding']}, {facts['consolidation_price_yuan']:g} CNY" if "encoding" in facts else "–"
                cost, left = f"{facts['cost_fen'] / 100:,.0f}", f"{facts['unserved']}"
                rows.append(
                    (
                        run["case"],
                        f"{run['seed']}",
                        PEERS.get(name, name),
                        cost,
                        left,
                        f"{facts['lines']}",
                        how,
                        f"{facts['runtime_s']:.0f} s",
                    )
                )
    return table(
        ("scenario", "seed", "solver", "CNY a day", "unserved", "lines", "best encoding, stop price", "time"), rows
    )


def table_of_ablations(records: Records) -> str:
    """Return what each variant of the search costs against the one that is shipped."""
    rows = [
        (
            record["instance"],
            name,
            f"{facts['difference_percent']:+.2f} %",
            f"{facts['sd_percent']:.2f} %",
            f"{len(record['seeds'])} × {record['time_limit_s']:g} s",
        )
        for record in records.values()
        if record["suite"] == "ablation"
        for name, facts in record["variants"].items()
    ]
    return table(("instance", "variant", "cost against as shipped", "spread over seeds", "runs"), rows)


def table_of_records(records: Records) -> str:
    """Return how, when and on what each record was made."""
    rows = []
    for name, record in records.items():
        machine = record["machine"]
        where = f"{machine['cores']} cores {machine['processor']}, {machine['memory_gib']} GiB"
        versions = ", ".join(f"{k} {v}" for k, v in machine["versions"].items() if k != "banche")
        command = record.get("command", f"python -m benchmarks ablation {record.get('instance')}")
        rows.append((name, f"`{command}`", record["recorded"][:10], f"{machine['commit']}", where,
                     f"Python {machine['python']}, {versions}"))  # fmt: skip
    return table(("record", "command", "on", "commit", "machine", "versions"), rows)


def picture_of_traces(records: Records) -> str:
    """Return the plot of cost over time, once traces are recorded."""
    if "traces" not in records:
        return "Nothing is recorded yet."
    seconds = records["traces"]["time_limit_s"]
    return f"![cost above the best seen, over {seconds:g} seconds, for each seed](images/{CHART.name})"


TABLES: dict[str, Callable[[Records], str]] = {
    "targets": table_of_targets,
    "cases": table_of_cases,
    "peers": table_of_peers,
    "traces": picture_of_traces,
    "ablations": table_of_ablations,
    "records": table_of_records,
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, or a sentence where there is no row."""
    lines = [" | ".join(row) for row in rows]
    if not lines:
        return "Nothing is recorded yet."
    return "\n".join(f"| {line} |" for line in (" | ".join(head), "|".join(["---"] * len(head)), *lines))


def verdict(value: float, floor: float, aim: float | None) -> str:
    """Return how a figure stands to what was asked; less is better."""
    if aim is not None and value <= aim:
        return "aim reached"
    if value <= floor:
        return "reached" if aim is None else f"reached; {100 * (value / aim - 1):.1f} % above the aim"
    return f"**missed by {100 * (value / floor - 1):.1f} %**"


def _target_row(target: Target, records: Records) -> tuple[str, ...]:
    asked, aim = f"{target.floor:,g}", "" if target.aim is None else f"{target.aim:,g}"
    if not all(name in records for name in target.records):
        return target.name, asked, aim, "not recorded yet", ""
    cases = [case.get(target.figure) for name in target.records for case in records[name]["cases"].values()]
    if not cases or None in cases:
        return target.name, asked, aim, "a run failed", "**missed**"
    mean, least, most = (sum(case[key] for case in cases) for key in ("mean", "min", "max"))
    seeds = min(case["runs"] for case in cases)
    reached = f"{mean:,.1f} ({least:,.0f}–{most:,.0f}, {seeds})"
    return target.name, asked, aim, reached, verdict(mean, target.floor, target.aim)


def _peer_row(name: str, records: Records) -> tuple[str, ...]:
    """Return how much cheaper banche is than the best peer; the verdict is on cost over peer's cost."""
    words = f"{name}, 60 s: cost over the best peer's"
    record = records.get(f"peers-{name}")
    if record is None:
        return words, "85 %", "70 %", "not recorded yet", ""
    shares = []
    for run in record["runs"]:
        told = run.get("printed", {})
        costs = [told[peer]["cost_fen"] for peer in PEERS if "cost_fen" in told.get(peer, {})]
        if costs and "cost_fen" in told.get("banche", {}):
            shares.append(100 * told["banche"]["cost_fen"] / min(costs))
    if not shares:
        return words, "85 %", "70 %", "a run failed", "**missed**"
    mean = sum(shares) / len(shares)
    reached = f"{mean:.1f} % ({min(shares):.1f}–{max(shares):.1f}, {len(shares)})"
    return words, "85 %", "70 %", reached, verdict(mean, 85, 70)


def _mean(facts: Mapping[str, float]) -> str:
    same = facts["min"] == facts["max"]
    return f"{facts['mean']:,g}" if same else f"{facts['mean']:,.1f} ({facts['min']:,g}–{facts['max']:,g})"


if __name__ == "__main__":
    sys.exit(main())
