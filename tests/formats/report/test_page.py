"""The report is one file that loads nothing, names nobody, and says what the judge says."""

import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest

from routing.evaluate import Evaluation, evaluate
from routing.formats.document import PlanDocument, describe_plan
from routing.formats.polyline import decode
from routing.formats.report import Way, report_html
from routing.formats.report import map_data as packing
from routing.formats.report.map_data import map_json
from routing.model.plan import Plan, Reason, Relaxation, Unserved
from routing.model.problem import Problem
from routing.model.units import format_clock

BACKDROP = [
    Way(rank=4, lon=[121.50, 121.51], lat=[38.85, 38.86]),
    Way(rank=0, lon=[121.40, 121.50, 121.60], lat=[38.84, 38.87, 38.99]),
    Way(rank=9, lon=[121.50, 121.52], lat=[38.85, 38.86]),
    Way(rank=1, lon=[121.50], lat=[38.85]),
]
VOID = {"meta", "input", "br", "line"}


class Reader(HTMLParser):
    """Collects elements, attributes and visible text, and checks that elements are nested soundly."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count an element and remember what is open."""
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that the innermost element is the one that closes."""
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count an element that closes itself."""
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Keep what a person sees."""
        if not self.open or self.open[-1] not in {"style", "script"}:
            self.text.append(data.strip())


def parse(page: bytes) -> Reader:
    reader = Reader()
    reader.feed(page.decode())
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def page(problem: Problem, document: PlanDocument, evaluation: Evaluation) -> bytes:
    return report_html(problem, document, evaluation, BACKDROP)


def content_of(page: bytes) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="content">(.*?)</script>', page.decode(), re.DOTALL)
    assert found
    content = json.loads(found.group(1))
    assert isinstance(content, dict)
    return content


def test_it_is_sound_html(page: bytes) -> None:
    reader = parse(page)
    assert (reader.tags["html"], reader.tags["h1"], reader.tags["canvas"], reader.tags["svg"]) == (1, 1, 1, 3)
    assert "$" not in re.sub(r"<script.*?</script>", "", page.decode(), flags=re.DOTALL)


def test_nothing_is_loaded_from_elsewhere(page: bytes) -> None:
    reader = parse(page)
    loading = {"src", "href", "srcset", "action", "data", "poster", "background", "xlink:href"}
    assert [a for a in reader.attributes if a[1] in loading] == []
    assert not set(reader.tags) & {"link", "img", "iframe", "object", "embed", "base", "video", "audio"}
    text = page.decode()
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttpRequest|WebSocket|import\(", text)
    policy = next(v for _, name, v in reader.attributes if name == "content" and "default-src" in v)
    assert policy.startswith("default-src 'none'")


def test_nobody_is_named(page: bytes, problem: Problem) -> None:
    text = page.decode()
    assert [rider.rider_id for rider in problem.riders[:-1] if rider.rider_id in text] == []
    assert '"far"' not in text
    assert ">far<" not in text


def test_no_home_is_shown(page: bytes, document: PlanDocument) -> None:
    """Points on the map are stops and worksites; nothing else has a position."""
    content = content_of(page)
    assert set(content) == {"roads", "lines", "stops", "corridors"}
    assert {(stop["lon"], stop["lat"]) for stop in content["stops"]} == {
        (round(stop.location.lon, 6), round(stop.location.lat, 6)) for stop in document.stops
    }


def test_openstreetmap_is_credited_on_the_map_and_in_the_footer(page: bytes) -> None:
    text = " ".join(parse(page).text)
    assert text.count("© OpenStreetMap contributors, ODbL 1.0") == 2


def test_key_figures_are_the_judges(page: bytes, evaluation: Evaluation) -> None:
    text = " ".join(parse(page).text)
    kpis = evaluation.kpis
    for figure in (
        f"{kpis.served / kpis.riders:.1%}",
        f"{kpis.served} of {kpis.riders}",
        f"{kpis.mean_walk_m:.0f} m",
        f"{kpis.mean_ride_s / 60:.0f} min",
        f"{kpis.mean_load_factor:.0%}",
        f"¥{evaluation.cost_fen / 100:,.0f} a day",
        "every rule checked",
        "no plan is more than 67.8% cheaper",
    ):
        assert figure in text, figure


def test_the_label_synthetic_is_shown_only_where_it_is_true(
    page: bytes, problem: Problem, document: PlanDocument, evaluation: Evaluation
) -> None:
    real = report_html(problem, replace(document, origin=replace(document.origin, synthetic=False)), evaluation)
    assert b"Synthetic." in page
    assert b"Synthetic." not in real


def test_names_cannot_break_out_of_the_page(problem: Problem, plan: Plan, evaluation: Evaluation) -> None:
    """A line, a stop or a scenario may be called anything, also a script."""
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&\"'"
    stops = tuple(replace(stop, name=evil) for stop in problem.stops)
    spoilt = replace(problem, stops=stops)
    lines = tuple(replace(line, name=evil, line_id=f"{evil}{i}") for i, line in enumerate(plan.lines))
    spoilt_plan = replace(plan, lines=lines)
    verdict = evaluate(spoilt, spoilt_plan)
    document = describe_plan(spoilt, spoilt_plan, verdict)
    document = replace(document, origin=replace(document.origin, scenario=evil))
    page = report_html(spoilt, document, verdict)
    reader = parse(page)
    assert reader.tags["script"] == 2
    assert reader.tags["img"] == 0
    assert content_of(page)["lines"][0]["name"] == evil
    assert evaluation.feasible


def test_chinese_names_are_written_and_have_fonts(page: bytes) -> None:
    text = page.decode()
    assert "星海广场" in text
    assert '<meta charset="utf-8">' in text
    for font in ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC"):
        assert font in text


def test_every_trip_has_a_row(page: bytes, document: PlanDocument) -> None:
    rows = re.findall(r'<tr data-line="(.*?)">(.*?)</tr>', page.decode())
    assert [line_id for line_id, _ in rows] == [line.line_id for line, _, _ in document.rows()]
    assert "旅顺 &lt;夜&gt; 线" in rows[-1][1]
    assert "32:10" in rows[-1][1]
    assert "79%" in rows[-1][1]


def test_the_map_holds_roads_lines_and_stops(page: bytes, document: PlanDocument) -> None:
    content = content_of(page)
    assert [len(rank) for rank in content["roads"]] == [1, 0, 0, 0, 2]
    assert decode(content["roads"][0][0])[0] == (121.4, 38.84)
    assert [line["id"] for line in content["lines"]] == ["L1", "L2", "L3"]
    trip = content["lines"][0]["trips"][0]
    departs = format_clock(document.plan.lines[0].trips[0].departure)[:5]
    assert decode(trip["path"]) == document.trips[0].path
    assert (trip["inbound"], trip["riders"], trip["seats"], trip["departs"]) == (True, 15, 19, departs)
    names = [content["stops"][i]["name"] for i, _ in trip["calls"]]
    assert names == ["星海广场", "黑石礁", "学苑广场", "七贤岭软件园"]
    assert sum(stop["site"] for stop in content["stops"]) == 2


def test_few_people_at_a_stop_are_not_counted_out_on_the_map(document: PlanDocument) -> None:
    trips = tuple(replace(t, calls=tuple(replace(c, board=2, alight=0) for c in t.calls)) for t in document.trips)
    content = json.loads(map_json(replace(document, trips=trips), []))
    assert {stop["people"] for stop in content["stops"] if not stop["site"]} == {None}


def test_minor_roads_give_way_when_there_are_too_many(document: PlanDocument, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "ROAD_LETTERS", 40)
    content = json.loads(map_json(document, BACKDROP))
    assert [len(rank) for rank in content["roads"]] == [1, 0, 0, 0, 0]


def test_riders_left_out_are_grouped_with_reason_and_remedy(page: bytes) -> None:
    text = " ".join(parse(page).text)
    assert "no stop within the walk limit 七贤岭软件园 day to work 1 walk: 52,000 m (1)" in re.sub(r"\s+", " ", text)
    assert "unknown: no reason could be proved" in text


def test_one_reason_both_ways_is_one_row(problem: Problem, plan: Plan) -> None:
    relaxation = Relaxation(kind="walk", amount=90, unit="m", text="")
    both = tuple(
        Unserved(rider_id="far", direction=missing.direction, reason=Reason.RIDE_TOO_LONG, relaxation=relaxation)
        for missing in plan.unserved
    )
    text = _text(problem, replace(plan, unserved=both))
    assert "every ride would be too long 七贤岭软件园 day both ways 1 walk: 90 m (1)" in text


def test_nobody_left_out_is_said_so(problem: Problem, plan: Plan) -> None:
    assert "Nobody: every rider has a seat" in _text(problem, replace(plan, unserved=()))


def test_broken_promises_are_counted_by_rule(problem: Problem, plan: Plan, page: bytes) -> None:
    assert b'class="violations"' not in page
    strict = replace(problem, rules=replace(problem.rules, max_walk_m=150))
    text = _text(strict, plan)
    count = evaluate(strict, plan).violations_by_rule()["walk"]
    assert count > 0
    assert f"walk {count} " in text
    assert "banche check lists" in text


def test_parameters_are_shown_with_units(page: bytes) -> None:
    text = re.sub(r"\s+", " ", " ".join(parse(page).text))
    for part in ("max walk, m 800", "max ride, min 110", "same line both ways yes", "bus19, 19 seats 3 vehicles"):
        assert part in text
    assert "walk speed, km/h 4.5" in text


def test_an_empty_plan_has_a_report_too(problem: Problem) -> None:
    assert "0.0%" in _text(problem, Plan())


def test_it_stays_small(problem: Problem, document: PlanDocument, evaluation: Evaluation) -> None:
    """However many roads there are, the page stays below 3 MB."""
    many = [
        Way(rank=i % 5, lon=[121 + i * 1e-5 + j * 7e-4 for j in range(4)], lat=[39, 39.001, 39, 39.002])
        for i in range(60_000)
    ]
    page = report_html(problem, document, evaluation, many)
    assert 1_000_000 < len(page) < 3_000_000


def test_the_same_plan_makes_the_same_page(
    page: bytes, problem: Problem, document: PlanDocument, evaluation: Evaluation
) -> None:
    assert report_html(problem, document, evaluation, BACKDROP) == page


def test_the_parts_of_the_page_are_in_the_package() -> None:
    parts = {part.name for part in files("routing.formats.report").iterdir()}
    assert {"page.html.tmpl", "page.css", "page.js"} <= parts


def _text(problem: Problem, plan: Plan) -> str:
    verdict = evaluate(problem, plan)
    page = report_html(problem, describe_plan(problem, plan, verdict), verdict)
    return re.sub(r"\s+", " ", " ".join(parse(page).text))
