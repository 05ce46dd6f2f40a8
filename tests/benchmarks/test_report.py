"""The page says what the records say: tables, verdicts, plot; and the committed page is up to date."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benchmarks import report
from benchmarks.__main__ import main as dispatch
from benchmarks.report import PAGE, TABLES, TARGETS, fill_page, read_records, table, verdict

MACHINE = {
    "cores": 2,
    "processor": "chip",
    "memory_gib": 8,
    "python": "3.11.7",
    "versions": {"numba": "1"},
    "commit": "abc",
}


def record(suite: str, **members: Any) -> dict[str, Any]:
    facts = {"recorded": "2026-11-20T10:00:00+00:00", "machine": MACHINE, "time_limit_s": 60.0, "seeds": [1, 2]}
    return {"suite": suite, **facts, "command": f"python -m benchmarks {suite}", "cases": {}, "runs": [], **members}


def case(mean: float, least: float, most: float, **others: float) -> dict[str, Any]:
    one = {"mean": mean, "min": least, "max": most, "sd": 1.0, "runs": 2}
    return {"cost": one, **{k: one | {"mean": v, "min": v, "max": v} for k, v in others.items()}}


PEERS = {
    "banche": {"cost_fen": 700_000, "unserved": 1, "lines": 10, "runtime_s": 60.2},
    "pyvrp": {
        "cost_fen": 1_000_000,
        "unserved": 2,
        "lines": 14,
        "runtime_s": 60.0,
        "encoding": "apart",
        "consolidation_price_yuan": 5.0,
    },
    "vroom": {"error": "not installed: pyvroom"},
}
TRACE = [[1.0, 500], [2.0, 450], [9.0, 400]]
RECORDS = {
    "lines-S": record("lines-S", cases={"S": case(5_840, 5_830, 5_850, lines=12)}),
    "lines-M": record("lines-M", cases={"M": case(80_410, 80_000, 81_000)}),
    "peers-demo": record("peers-demo", runs=[{"case": "demo", "seed": 1, "printed": PEERS}]),
    "ablation-S": record(
        "ablation", instance="S", variants={"as shipped": {"difference_percent": 0.0, "sd_percent": 0.0}}
    ),
    "traces": record("traces", runs=[{"case": "S", "seed": s, "printed": {"trace": TRACE}} for s in (1, 2)]),
}


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]


def test_the_committed_page_says_what_the_committed_records_say() -> None:
    assert dispatch(["report", "--check"]) == 0


def test_the_page_marks_every_table_once() -> None:
    marked = [name for _, name, _ in report.MARKED.findall(PAGE.read_text("utf-8"))]
    assert sorted(marked) == sorted(TABLES)


@pytest.mark.parametrize(
    ("value", "floor", "aim", "words"),
    [
        (90, 100, 95, "aim reached"),
        (95, 100, 95, "aim reached"),
        (99, 100, 90, "reached; 10.0 % above the aim"),
        (100, 100, None, "reached"),
        (110, 100, 90, "**missed by 10.0 %**"),
    ],
)
def test_a_verdict_is_honest(value: float, floor: float, aim: float | None, words: str) -> None:
    assert verdict(value, floor, aim) == words


def test_what_was_asked_stands_beside_what_was_reached() -> None:
    found = {row[0]: row[1:] for row in rows(TABLES["targets"](RECORDS))}
    assert len(found) == len(TARGETS) + 2
    asked = found["lines S, 60 s: cost"]
    assert asked == ["5,850", "5,815", "5,840.0 (5,830–5,850, 2)", "reached; 0.4 % above the aim"]
    assert found["lines M, 60 s, one core: cost"][3] == "**missed by 10.0 %**"
    assert found["lewis, 1 s: `route_seconds`"][2] == "not recorded yet"


def test_instances_are_added_up() -> None:
    cases = {"a": case(0, 0, 0, buses=12), "b": case(0, 0, 0, buses=14)}
    found = {row[0]: row[1:] for row in rows(TABLES["targets"]({"lewis": record("lewis", cases=cases)}))}
    assert found["lewis, six instances, 10 s: buses"][2:] == ["26.0 (26–26, 2)", "reached"]
    assert found["lewis, 10 s: `route_seconds`"][2:] == ["a run failed", "**missed**"]


def test_the_best_peer_is_what_counts() -> None:
    found = {row[0]: row[1:] for row in rows(TABLES["targets"](RECORDS))}
    assert found["demo, 60 s: cost over the best peer's"] == ["85 %", "70 %", "70.0 % (70.0–70.0, 1)", "aim reached"]


def test_peers_are_told_with_their_encodings_and_missing_ones_as_missing() -> None:
    found = rows(TABLES["peers"](RECORDS))
    assert found[0] == ["demo", "1", "banche", "7,000", "1", "10", "–", "60 s"]
    assert found[1] == ["demo", "1", "PyVRP", "10,000", "2", "14", "apart, 5 CNY", "60 s"]
    assert found[2][2:4] == ["VROOM", "not installed: pyvroom"]


def test_every_instance_variant_and_record_has_its_row() -> None:
    assert rows(TABLES["cases"](RECORDS)) == [
        ["lines-S", "S", "cost 5,840.0 (5,830–5,850), lines 12"],
        ["lines-M", "M", "cost 80,410.0 (80,000–81,000)"],
    ]
    assert rows(TABLES["ablations"](RECORDS)) == [["S", "as shipped", "+0.00 %", "0.00 %", "2 × 60 s"]]
    assert [row[0] for row in rows(TABLES["records"](RECORDS))] == list(RECORDS)
    assert "Python 3.11.7, numba 1" in TABLES["records"](RECORDS)


@pytest.mark.parametrize("name", sorted(set(TABLES) - {"targets"}))
def test_nothing_recorded_is_said_in_words(name: str) -> None:
    assert TABLES[name]({}) == "Nothing is recorded yet."
    assert table(("a",), []) == "Nothing is recorded yet."


def test_only_marked_text_is_written_anew() -> None:
    page = "before\n<!-- table: cases -->\nold\n<!-- end of table -->\nafter\n"
    filled = fill_page(page, RECORDS)
    assert filled.startswith("before\n<!-- table: cases -->\n| record |")
    assert filled.endswith("<!-- end of table -->\nafter\n")
    assert "old" not in filled
    assert fill_page(filled, RECORDS) == filled


def test_a_table_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        fill_page("<!-- table: nonsense -->\n<!-- end of table -->", {})


def test_page_and_plot_are_written_from_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, facts in RECORDS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(facts), "utf-8")
    (tmp_path / "other.json").write_text('{"machine": "no record of ours"}', "utf-8")
    page, chart = tmp_path / "page.md", tmp_path / "chart.png"
    page.write_text(PAGE.read_text("utf-8"), "utf-8")
    where = ("--results", str(tmp_path), "--page", str(page), "--chart", str(chart))
    assert dispatch(["report", *where, "--check"]) == 1
    assert dispatch(["report", *where]) == 0
    assert json.loads(capsys.readouterr().out)["records"] == sorted(RECORDS)
    assert dispatch(["report", *where, "--check"]) == 0
    assert set(read_records(tmp_path)) == set(RECORDS)
    assert "images/time-to-quality.png" in page.read_text("utf-8")
    with Image.open(chart) as picture:
        assert min(picture.size) >= 400
    assert chart.stat().st_size < 100_000
