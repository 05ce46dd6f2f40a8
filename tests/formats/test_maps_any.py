"""Maps of any plan document, and of any two: GeoJSON by the standard, that agrees with the plan and tells on nobody."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from routing.compare import PlanDiff, compare
from routing.formats.changes_geojson import COLOURS, changes_geojson
from routing.formats.document import PlanDocument
from routing.formats.geojson import LEAST_PEOPLE, lines_geojson, masked, people_at_stops, trip_path
from routing.model.demand import Direction
from tests.formats.documents import documents
from tests.formats.unhurried import UNHURRIED

FEW = settings(UNHURRIED, max_examples=25)


def read(content: bytes) -> list[dict[str, Any]]:
    """Return the features of a collection, each of which is what RFC 7946 asks for."""
    collection = json.loads(content)
    assert collection["type"] == "FeatureCollection"
    features: list[dict[str, Any]] = collection["features"]
    for feature in features:
        assert feature["type"] == "Feature"
        assert feature.keys() >= {"geometry", "properties"}
        geometry = feature["geometry"]
        if geometry is not None and geometry["type"] == "LineString":
            assert len(geometry["coordinates"]) >= 2
            assert all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in geometry["coordinates"])
    return features


def difference(before: PlanDocument, after: PlanDocument) -> PlanDiff:
    return compare(before.plan, after.plan, before.departures(), after.departures())


def map_of(before: PlanDocument, after: PlanDocument) -> list[dict[str, Any]]:
    return read(changes_geojson(before, after, difference(before, after)))


@FEW
@given(document=documents())
def test_a_map_has_every_trip_and_every_stop_once(document: PlanDocument) -> None:
    features = read(lines_geojson(document))
    assert [f["id"] for f in features] == [t.trip_id for t in document.trips] + [
        f"stop:{s.stop_id}" for s in document.stops
    ]
    kinds = [f["properties"]["kind"] for f in features[len(document.trips) :]]
    assert kinds == ["worksite" if stop.worksite else "stop" for stop in document.stops]


@FEW
@given(document=documents())
def test_a_trip_on_the_map_is_the_trip_of_the_plan(document: PlanDocument) -> None:
    features = read(lines_geojson(document))
    for (line, trip, more), feature in zip(document.rows(), features, strict=False):
        told = feature["properties"]
        assert (told["line_id"], told["line_name"], told["trip_id"]) == (line.line_id, line.name, trip.trip_id)
        assert tuple(told["stop_ids"]) == trip.stop_ids
        seats = document.vehicle_seats.get(trip.vehicle_type_id)
        assert told["seats"] == seats
        assert told["load_factor"] == (None if seats is None else round(more.riders / seats, 3))
        assert tuple(map(tuple, feature["geometry"]["coordinates"])) == trip_path(document, more)


@FEW
@given(document=documents())
def test_no_small_number_of_people_at_a_stop_is_on_the_map(document: PlanDocument) -> None:
    board, alight = people_at_stops(document)
    for feature in read(lines_geojson(document))[len(document.trips) :]:
        told = feature["properties"]
        for side, people in (("board", board), ("alight", alight)):
            assert told[side] == masked(people[told["stop_id"]])
            assert told[side] is None or told[side] == 0 or told[side] >= LEAST_PEOPLE


@FEW
@given(document=documents())
def test_lines_of_one_colour_of_a_line_are_all_of_its_trips(document: PlanDocument) -> None:
    strokes: dict[str, set[str]] = {}
    for feature in read(lines_geojson(document))[: len(document.trips)]:
        strokes.setdefault(feature["properties"]["line_id"], set()).add(feature["properties"]["stroke"])
    assert all(len(found) == 1 for found in strokes.values())


@FEW
@given(before=documents(), after=documents())
def test_a_map_of_changes_has_the_ways_to_work_of_both_plans(before: PlanDocument, after: PlanDocument) -> None:
    told = {line.line_id: line for line in difference(before, after).lines}
    wanted = [
        (side, line.line_id, trip.trip_id)
        for side, document in (("before", before), ("after", after))
        for line, trip, _ in document.rows()
        if trip.direction is Direction.INBOUND and (side == "after" or told[line.line_id].change.value != "keep")
    ]
    features = map_of(before, after)
    assert [tuple(f["properties"][k] for k in ("side", "line_id", "trip_id")) for f in features] == wanted
    for feature in features:
        line = told[feature["properties"]["line_id"]]
        assert feature["properties"]["change"] == line.change.value
        assert feature["properties"]["stroke"] == COLOURS[line.change]
        assert feature["properties"]["related"] == list(line.related)


@FEW
@given(before=documents(), after=documents())
def test_a_map_of_changes_counts_no_few_riders_and_names_none(before: PlanDocument, after: PlanDocument) -> None:
    told = {line.line_id: line for line in difference(before, after).lines}
    for feature in map_of(before, after):
        properties = feature["properties"]
        line = told[properties["line_id"]]
        people = line.riders_before if properties["side"] == "before" else line.riders_after
        assert properties["riders"] == masked(people)
        assert "rider_id" not in properties


@pytest.mark.parametrize("synthetic", [True, False])
def test_made_up_people_are_labelled_on_both_maps(document: PlanDocument, synthetic: bool) -> None:
    told = replace(document, origin=replace(document.origin, synthetic=synthetic))
    assert json.loads(lines_geojson(told))["synthetic"] is synthetic
    assert json.loads(changes_geojson(told, told, difference(told, told)))["synthetic"] is synthetic


def test_a_plan_changed_to_nothing_is_drawn_as_it_was(document: PlanDocument) -> None:
    empty = replace(document, plan=replace(document.plan, lines=(), assignments=(), blocks=()), trips=(), seats=())
    found = map_of(document, empty)
    assert {(f["properties"]["side"], f["properties"]["change"]) for f in found} == {("before", "close")}
    assert len(found) == len(document.plan.lines)
    assert {(f["properties"]["side"], f["properties"]["change"]) for f in map_of(empty, document)} == {
        ("after", "open")
    }
    assert map_of(empty, empty) == []


def test_a_line_that_the_comparison_does_not_know_is_not_drawn(document: PlanDocument) -> None:
    whole = difference(document, document)
    part = replace(whole, lines=whole.lines[1:])
    drawn = {f["properties"]["line_id"] for f in read(changes_geojson(document, document, part))}
    assert drawn == {line.line_id for line in part.lines}
