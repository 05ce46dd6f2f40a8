"""Writes a plan as GeoJSON (RFC 7946, WGS-84): one line string per trip, one point per stop."""

from collections import Counter
from typing import Any

from routing.formats.colours import line_colours
from routing.formats.document import ATTRIBUTION, DocumentStop, DocumentTrip, PlanDocument
from routing.formats.plan_json import json_bytes
from routing.formats.polyline import DIGITS, Path
from routing.model.demand import format_days
from routing.model.plan import Line, Trip
from routing.model.units import format_clock

LEAST_PEOPLE = 5
"""Fewer people at one stop are not counted out on a map: it would tell where somebody lives."""


def lines_geojson(document: PlanDocument) -> bytes:
    """Return trips and stops as a GeoJSON feature collection.

    A trip whose way is unknown is drawn straight from stop to stop. Credit, datum and label are
    foreign members of the collection.
    """
    colours = line_colours(document)
    stops = {stop.stop_id: stop for stop in document.stops}
    features = [
        _trip_feature(document, line, trip, more, colours[line.line_id], _way(more, stops))
        for line, trip, more in document.rows()
    ]
    board, alight = people_at_stops(document)
    features += [_stop_feature(stop, board[stop.stop_id], alight[stop.stop_id]) for stop in document.stops]
    return json_bytes(
        {
            "type": "FeatureCollection",
            "attribution": ATTRIBUTION,
            "synthetic": document.origin.synthetic,
            "plan_id": document.plan_id,
            "scenario": document.origin.scenario,
            "features": features,
        }
    )


def trip_path(document: PlanDocument, more: DocumentTrip) -> Path:
    """Return the way of a trip, straight from stop to stop where it is unknown."""
    return _way(more, {stop.stop_id: stop for stop in document.stops})


def _way(more: DocumentTrip, stops: dict[str, DocumentStop]) -> Path:
    if more.path:
        return more.path
    found = [stops[call.stop_id].location for call in more.calls if call.stop_id in stops]
    return tuple((round(at.lon, DIGITS), round(at.lat, DIGITS)) for at in found)


def _trip_feature(
    document: PlanDocument, line: Line, trip: Trip, more: DocumentTrip, colour: str, way: Path
) -> dict[str, Any]:
    seats = document.vehicle_seats.get(trip.vehicle_type_id)
    arrival = more.calls[-1].arrive
    properties = {
        "kind": "trip",
        "line_id": line.line_id,
        "line_name": line.name,
        "trip_id": trip.trip_id,
        "direction": trip.direction.value,
        "shift_ids": list(trip.shift_ids),
        "vehicle_type_id": trip.vehicle_type_id,
        "seats": seats,
        "riders": more.riders,
        "load_factor": round(more.riders / seats, 3) if seats else None,
        "departure": format_clock(trip.departure),
        "arrival": None if arrival is None else format_clock(arrival),
        "days": format_days(more.days),
        "distance_m": more.distance_m,
        "stop_ids": list(trip.stop_ids),
        "stroke": colour,
    }
    # A line string needs two positions; a trip whose stops are not listed has no place on a map.
    geometry = {"type": "LineString", "coordinates": [list(p) for p in way]} if len(way) > 1 else None
    return {"type": "Feature", "id": trip.trip_id, "geometry": geometry, "properties": properties}


def people_at_stops(document: PlanDocument) -> tuple[Counter[str], Counter[str]]:
    """Return how many people board and alight at each stop in one day, by stop id."""
    board: Counter[str] = Counter()
    alight: Counter[str] = Counter()
    for more in document.trips:
        for call in more.calls:
            board[call.stop_id] += call.board or 0
            alight[call.stop_id] += call.alight or 0
    return board, alight


def _stop_feature(stop: DocumentStop, board: int, alight: int) -> dict[str, Any]:
    properties = {
        "kind": "worksite" if stop.worksite else "stop",
        "stop_id": stop.stop_id,
        "place_id": stop.place_id,
        "name": stop.name,
        "board": masked(board),
        "alight": masked(alight),
    }
    point = {"type": "Point", "coordinates": [round(stop.location.lon, 6), round(stop.location.lat, 6)]}
    return {"type": "Feature", "id": f"stop:{stop.stop_id}", "geometry": point, "properties": properties}


def masked(people: int) -> int | None:
    """Return a number of people, or None where it is so small that it would tell on somebody."""
    return people if people == 0 or people >= LEAST_PEOPLE else None
