"""The map of before and after: which side a line stands on, and what happens to it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from routing.compare import LineChange, PlanDiff, compare
from routing.formats.changes_geojson import COLOURS, changes_geojson
from routing.formats.document import PlanDocument


def features(before: PlanDocument, after: PlanDocument) -> list[dict[str, Any]]:
    diff: PlanDiff = compare(before.plan, after.plan, before.departures(), after.departures())
    content = json.loads(changes_geojson(before, after, diff))
    assert content["type"] == "FeatureCollection"
    assert content["attribution"]
    return [feature["properties"] for feature in content["features"]]


def without_first_line(document: PlanDocument) -> PlanDocument:
    gone = {trip.trip_id for trip in document.plan.lines[0].trips}
    plan = replace(
        document.plan,
        lines=document.plan.lines[1:],
        assignments=tuple(a for a in document.plan.assignments if a.trip_id not in gone),
    )
    return replace(document, plan=plan, trips=tuple(t for t in document.trips if t.trip_id not in gone))


def test_lines_that_stay_come_once_and_grey(document: PlanDocument) -> None:
    told = features(document, document)
    assert told
    assert {(f["side"], f["change"], f["stroke"]) for f in told} == {("after", "keep", "#999999")}


@pytest.mark.parametrize("closes", [True, False])
def test_a_line_of_one_side_stands_on_that_side(document: PlanDocument, closes: bool) -> None:
    fewer = without_first_line(document)
    told = features(document, fewer) if closes else features(fewer, document)
    (only,) = (f for f in told if f["line_id"] == document.plan.lines[0].line_id)
    assert (only["side"], only["change"]) == (("before", "close") if closes else ("after", "open"))


def test_a_line_that_changes_stands_on_both_sides(document: PlanDocument) -> None:
    line = document.plan.lines[0]
    trips = tuple(replace(trip, departure=trip.departure + 60) for trip in line.trips)
    later = replace(document, plan=replace(document.plan, lines=(replace(line, trips=trips), *document.plan.lines[1:])))
    told = [f for f in features(document, later) if f["line_id"] == line.line_id]
    assert [(f["side"], f["change"]) for f in told] == [("before", "retime"), ("after", "retime")]


def test_few_riders_are_not_counted_out(document: PlanDocument) -> None:
    assert all(f["riders"] is None or f["riders"] == 0 or f["riders"] >= 5 for f in features(document, document))


def test_every_change_has_a_colour_of_its_own() -> None:
    assert set(COLOURS) == set(LineChange)
    assert len(set(COLOURS.values())) == len(COLOURS)
