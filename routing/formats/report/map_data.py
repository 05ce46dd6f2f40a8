"""Packs what the report's map draws: roads, lines with their trips, stops and worksites."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from routing.formats.colours import corridors, line_colours
from routing.formats.document import DocumentTrip, PlanDocument
from routing.formats.geojson import masked, people_at_stops, trip_path
from routing.formats.polyline import encode, simplified_all
from routing.model.plan import Line, Trip
from routing.model.units import METRES_PER_KM, format_clock

ROAD_TOLERANCE_M = 12.0
ROAD_LETTERS = 1_300_000
"""Roads take at most this many letters, the most important classes first, so that the report stays below 3 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A stretch of road, drawn behind the lines.

    Attributes
    ----------
    rank : int
        0 motorway and trunk, 1 primary, 2 secondary, 3 tertiary, 4 any lesser.
    lon, lat : sequence of float
        [degrees, WGS-84].
    """

    rank: int
    lon: Sequence[float]
    lat: Sequence[float]


def map_json(document: PlanDocument, backdrop: Sequence[Way]) -> str:
    """Return the map's content as JSON that may stand inside an HTML script element."""
    colours = line_colours(document)
    position = {stop.stop_id: i for i, stop in enumerate(document.stops)}
    trips: dict[str, list[dict[str, object]]] = {}
    for line, trip, more in document.rows():
        trips.setdefault(line.line_id, []).append(_trip(document, trip, more, position))
    board, alight = people_at_stops(document)
    content = {
        "roads": _roads(backdrop),
        "lines": [
            _line(line, colours[line.line_id], trips[line.line_id])
            for line in document.plan.lines
            if line.line_id in trips
        ],
        "stops": [
            {
                "name": stop.name,
                "lon": round(stop.location.lon, 6),
                "lat": round(stop.location.lat, 6),
                "site": stop.worksite,
                "people": masked(board[stop.stop_id] + alight[stop.stop_id]),
            }
            for stop in document.stops
        ],
        "corridors": [{"name": c.name, "colour": c.colour, "lines": len(c.line_ids)} for c in corridors(document)],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Within a script element, these three could end it or begin a comment.
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _line(line: Line, colour: str, trips: list[dict[str, object]]) -> dict[str, object]:
    return {"id": line.line_id, "name": line.name, "colour": colour, "trips": trips}


def _trip(document: PlanDocument, trip: Trip, more: DocumentTrip, position: dict[str, int]) -> dict[str, object]:
    arrival = more.calls[-1].arrive
    calls = [
        [position[call.stop_id], None if call.arrive is None else format_clock(call.arrive)[:5]]
        for call in more.calls
        if call.stop_id in position
    ]
    return {
        "inbound": trip.direction.value == "inbound",
        "shifts": list(trip.shift_ids),
        "departs": format_clock(trip.departure)[:5],
        "arrives": None if arrival is None else format_clock(arrival)[:5],
        "riders": more.riders,
        "seats": document.vehicle_seats.get(trip.vehicle_type_id),
        "km": None if more.distance_m is None else round(more.distance_m / METRES_PER_KM, 1),
        "calls": calls,
        "path": encode(trip_path(document, more)),
    }


def _roads(backdrop: Sequence[Way]) -> list[list[str]]:
    """Return encoded ways by rank, as many as there is room for."""
    ranks: list[list[str]] = [[], [], [], [], []]
    ways = sorted(backdrop, key=lambda way: way.rank)
    room = ROAD_LETTERS
    for way, path in zip(ways, simplified_all([(way.lon, way.lat) for way in ways], ROAD_TOLERANCE_M), strict=True):
        text = encode(path)
        room -= len(text) + 3
        if room < 0:
            break
        if len(path) > 1:
            ranks[min(max(way.rank, 0), len(ranks) - 1)].append(text)
    return ranks
