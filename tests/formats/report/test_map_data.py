"""What the map is given: roads thinned by class, lines by trip, stops with masked counts."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from routing.formats.colours import corridors, line_colours
from routing.formats.document import PlanDocument
from routing.formats.polyline import decode
from routing.formats.report import Way
from routing.formats.report import map_data as packing
from routing.formats.report.map_data import map_json


def packed(document: PlanDocument, backdrop: Sequence[Way] = ()) -> dict[str, Any]:
    content = json.loads(map_json(document, backdrop))
    assert isinstance(content, dict)
    return content


def road(rank: int, at: float = 0.0, points: int = 2) -> Way:
    """Return a zigzag that cannot be simplified."""
    return Way(
        rank=rank,
        lon=[121.5 + at + 0.001 * i for i in range(points)],
        lat=[38.9 + 0.001 * (i % 2) for i in range(points)],
    )


def test_roads_are_sorted_into_their_classes(document: PlanDocument) -> None:
    roads = packed(document, [road(3), road(0), road(3, 0.1), road(4)])["roads"]
    assert [len(rank) for rank in roads] == [1, 0, 0, 2, 1]


@pytest.mark.parametrize(("rank", "shown"), [(-1, 0), (0, 0), (4, 4), (9, 4)])
def test_unknown_classes_are_the_nearest_known(document: PlanDocument, rank: int, shown: int) -> None:
    roads = packed(document, [road(rank)])["roads"]
    assert [len(ways) for ways in roads].index(1) == shown


def test_a_road_is_drawn_where_it_is(document: PlanDocument) -> None:
    (text,) = packed(document, [road(1, points=3)])["roads"][1]
    assert decode(text) == ((121.5, 38.9), (121.501, 38.901), (121.502, 38.9))


def test_bends_smaller_than_a_pixel_are_left_out(document: PlanDocument) -> None:
    straight = Way(rank=0, lon=[121.5, 121.51, 121.52], lat=[38.9, 38.90003, 38.9])
    (text,) = packed(document, [straight])["roads"][0]
    assert decode(text) == ((121.5, 38.9), (121.52, 38.9))


def test_a_road_of_one_point_is_no_road(document: PlanDocument) -> None:
    dot = Way(rank=2, lon=[121.5, 121.5000001], lat=[38.9, 38.9])
    assert packed(document, [dot])["roads"] == [[], [], [], [], []]


def test_important_roads_come_first_when_there_is_no_room(
    document: PlanDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    backdrop = [road(4, 0.001 * i) for i in range(50)] + [road(1, 0.001 * i) for i in range(5)]
    monkeypatch.setattr(packing, "ROAD_LETTERS", 300)
    roads = packed(document, backdrop)["roads"]
    assert len(roads[1]) == 5
    assert 0 < len(roads[4]) < 50
    assert sum(len(text) + 3 for rank in roads for text in rank) <= 300


def test_lines_have_the_colours_of_their_corridors(document: PlanDocument) -> None:
    content = packed(document)
    assert {line["id"]: line["colour"] for line in content["lines"]} == line_colours(document)
    assert [(c["name"], c["colour"], c["lines"]) for c in content["corridors"]] == [
        (c.name, c.colour, len(c.line_ids)) for c in corridors(document)
    ]


def test_a_trip_tells_what_is_shown_when_it_is_touched(document: PlanDocument) -> None:
    night = next(line for line in packed(document)["lines"] if line["id"] == "L3")
    home = next(trip for trip in night["trips"] if not trip["inbound"])
    assert (home["departs"], home["riders"], home["seats"], home["shifts"]) == ("32:10", 15, 19, ["night"])
    assert home["arrives"] > "32:30"
    metres = next(trip.distance_m for trip in document.trips if trip.trip_id == "L3-outbound")
    assert metres is not None
    assert home["km"] == pytest.approx(metres / 1_000, abs=0.05)
    assert len(home["calls"]) == 3


def test_calls_tell_clock_times_without_seconds(document: PlanDocument) -> None:
    for line in packed(document)["lines"]:
        for trip in line["trips"]:
            assert all(len(clock) == 5 and clock[2] == ":" for _, clock in trip["calls"])


def test_a_foreign_trip_without_times_or_length_is_drawn_all_the_same(document: PlanDocument) -> None:
    trips = tuple(
        replace(t, distance_m=None, path=(), calls=tuple(replace(c, arrive=None) for c in t.calls))
        for t in document.trips
    )
    trip = packed(replace(document, trips=trips, vehicle_seats={}))["lines"][0]["trips"][0]
    assert (trip["arrives"], trip["km"], trip["seats"]) == (None, None, None)
    assert [clock for _, clock in trip["calls"]] == [None] * 4
    assert len(decode(trip["path"])) == 4


def test_a_stop_that_is_not_listed_is_not_drawn(document: PlanDocument) -> None:
    fewer = replace(document, stops=tuple(stop for stop in document.stops if stop.stop_id != "P1a"))
    content = packed(fewer)
    assert len(content["lines"][0]["trips"][0]["calls"]) == 3
    assert max(i for line in content["lines"] for trip in line["trips"] for i, _ in trip["calls"]) < len(
        content["stops"]
    )


def test_a_line_without_trips_is_not_drawn(document: PlanDocument) -> None:
    empty = replace(document.plan.lines[0], line_id="L0", trips=())
    content = packed(replace(document, plan=replace(document.plan, lines=(empty, *document.plan.lines))))
    assert [line["id"] for line in content["lines"]] == ["L1", "L2", "L3"]


@pytest.mark.parametrize("name", ["</script>", "<!--", "]]>", "&lt;", "\u2028", "'\"\\"])
def test_a_name_cannot_end_the_script_it_stands_in(document: PlanDocument, name: str) -> None:
    spoilt = replace(document, stops=tuple(replace(stop, name=name) for stop in document.stops))
    text = map_json(spoilt, [])
    assert not set("<>&") & set(text)
    assert {stop["name"] for stop in json.loads(text)["stops"]} == {name}
