"""lines.geojson is GeoJSON as RFC 7946 has it, and tells on nobody."""

import json
from dataclasses import replace
from typing import Any

import geopandas
import pytest

from routing.formats.document import PlanDocument
from routing.formats.geojson import LEAST_PEOPLE, lines_geojson, masked, people_at_stops, trip_path


@pytest.fixture(scope="module")
def collection(document: PlanDocument) -> dict[str, Any]:
    content = json.loads(lines_geojson(document))
    assert isinstance(content, dict)
    return content


def test_it_is_a_feature_collection_with_credit_and_label(collection: dict[str, Any]) -> None:
    assert collection["type"] == "FeatureCollection"
    assert "© OpenStreetMap contributors" in collection["attribution"]
    assert collection["synthetic"] is True
    assert "crs" not in collection  # RFC 7946 knows one datum only


def test_every_trip_is_a_line_string_and_every_stop_a_point(collection: dict[str, Any], document: PlanDocument) -> None:
    kinds = [(f["properties"]["kind"], f["geometry"]["type"]) for f in collection["features"]]
    assert kinds.count(("trip", "LineString")) == len(document.trips)
    assert kinds.count(("stop", "Point")) == 14
    assert kinds.count(("worksite", "Point")) == 2
    assert len(kinds) == len(document.trips) + 16


def test_positions_are_longitude_then_latitude(collection: dict[str, Any]) -> None:
    for feature in collection["features"]:
        coordinates = feature["geometry"]["coordinates"]
        points = coordinates if feature["geometry"]["type"] == "LineString" else [coordinates]
        assert all(121 < lon < 122 and 38 < lat < 40 for lon, lat in points)


def test_ids_are_unique(collection: dict[str, Any]) -> None:
    ids = [feature["id"] for feature in collection["features"]]
    assert len(ids) == len(set(ids))


def test_a_trip_tells_its_line_its_times_and_its_load(collection: dict[str, Any]) -> None:
    trip = next(f["properties"] for f in collection["features"] if f["id"] == "L3-outbound")
    assert trip["line_name"] == "旅顺 <夜> 线"
    assert (trip["direction"], trip["departure"], trip["days"]) == ("outbound", "32:10:00", "1111111")
    assert (trip["riders"], trip["seats"], trip["load_factor"]) == (15, 19, 0.789)
    assert trip["stroke"].startswith("#")


def test_small_numbers_of_people_at_a_stop_are_hidden(collection: dict[str, Any], document: PlanDocument) -> None:
    """Who boards alone at a stop lives near it."""
    assert [masked(n) for n in (0, 1, LEAST_PEOPLE - 1, LEAST_PEOPLE, 50)] == [0, None, None, LEAST_PEOPLE, 50]
    lonely = tuple(replace(t, calls=tuple(replace(c, board=1, alight=0) for c in t.calls)) for t in document.trips[:1])
    spoilt = replace(document, trips=lonely + document.trips[1:])
    stop_id = lonely[0].calls[0].stop_id
    found = json.loads(lines_geojson(spoilt))["features"]
    assert next(f for f in found if f["id"] == f"stop:{stop_id}")["properties"]["board"] is None
    open_numbers = [f["properties"]["board"] for f in collection["features"] if f["properties"]["kind"] != "trip"]
    assert {n for n in open_numbers if n is not None and 0 < n < LEAST_PEOPLE} == set()


def test_people_at_stops_are_those_of_all_trips(document: PlanDocument) -> None:
    board, alight = people_at_stops(document)
    assert board.total() == alight.total() == 90
    assert (board["W1"], alight["W1"]) == (23, 23)


def test_a_way_that_is_unknown_is_drawn_from_stop_to_stop(document: PlanDocument) -> None:
    bare = replace(document, trips=tuple(replace(trip, path=()) for trip in document.trips))
    path = trip_path(bare, bare.trips[0])
    assert len(path) == len(bare.trips[0].calls)
    assert len(trip_path(document, document.trips[0])) > len(path)


def test_a_trip_without_any_known_place_has_no_geometry(document: PlanDocument) -> None:
    lost = replace(document, stops=(), trips=tuple(replace(trip, path=()) for trip in document.trips))
    assert {f["geometry"] for f in json.loads(lines_geojson(lost))["features"]} == {None}


def test_nobody_is_named(document: PlanDocument) -> None:
    text = lines_geojson(document).decode()
    assert not any(seat.rider_id in text for seat in document.plan.assignments)


def test_others_can_read_it(document: PlanDocument) -> None:
    frame = geopandas.read_file(lines_geojson(document).decode())
    assert len(frame) == 22
    assert frame.crs.to_epsg() == 4326
