"""Writes a plan document as JSON, the same bytes for the same document."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from routing.formats.document import ATTRIBUTION, DocumentCall, DocumentTrip, PlanDocument
from routing.formats.polyline import encode
from routing.model.demand import format_days
from routing.model.plan import Line, Relaxation, Trip
from routing.model.units import format_clock

API_VERSION = "v1"


def plan_json(document: PlanDocument) -> bytes:
    """Return a plan document as UTF-8 JSON."""
    return json_bytes(plan_mapping(document))


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """Return an object as UTF-8 JSON: a line per key, and a line per item of a list, so that files can be compared.

    Raises
    ------
    ValueError
        When a number is not finite, which JSON cannot say.
    """
    members = ",\n".join(f"{_compact(key)}: {_member(value)}" for key, value in content.items())
    return f"{{\n{members}\n}}\n".encode()


def _member(value: object) -> str:
    if isinstance(value, list) and value:
        return "[\n " + ",\n ".join(_compact(item) for item in value) + "\n]"
    return _compact(value)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def plan_mapping(document: PlanDocument) -> dict[str, Any]:
    """Return a plan document as JSON-ready mappings and lists."""
    plan = document.plan
    trips = {more.trip_id: more for more in document.trips}
    return {
        "api_version": API_VERSION,
        "plan_id": document.plan_id,
        "scenario": document.origin.scenario,
        "timezone": document.origin.timezone,
        "synthetic": document.origin.synthetic,
        "attribution": ATTRIBUTION,
        "summary": dict(document.summary),
        "vehicle_types": [
            {"vehicle_type_id": type_id, "seats": seats} for type_id, seats in sorted(document.vehicle_seats.items())
        ],
        "lines": [_line(line, trips) for line in plan.lines],
        "stops": [
            {
                "stop_id": stop.stop_id,
                "place_id": stop.place_id,
                "name": stop.name,
                "lon": stop.location.lon,
                "lat": stop.location.lat,
                "kind": "worksite" if stop.worksite else "stop",
            }
            for stop in document.stops
        ],
        "blocks": [
            {
                "block_id": block.block_id,
                "vehicle_type_id": block.vehicle_type_id,
                "depot_id": block.depot_id,
                "trip_ids": list(block.trip_ids),
            }
            for block in plan.blocks
        ],
        "unserved": [
            {
                "rider_id": missing.rider_id,
                "direction": missing.direction.value,
                "reason": missing.reason.value,
                "relaxation": _relaxation(missing.relaxation),
            }
            for missing in plan.unserved
        ],
        "assignments": _assignments(document),
    }


def _assignments(document: PlanDocument) -> list[dict[str, Any]]:
    return [
        {
            "rider_id": seat.rider_id,
            "direction": seat.direction.value,
            "trip_id": seat.trip_id,
            "board_stop_id": seat.board_stop_id,
            "alight_stop_id": seat.alight_stop_id,
            "walk_m": more.walk_m,
            "ride_s": more.ride_s,
        }
        for seat, more in zip(document.plan.assignments, document.seats, strict=True)
    ]


def _line(line: Line, trips: Mapping[str, DocumentTrip]) -> dict[str, Any]:
    content = [_trip(trip, trips[trip.trip_id]) for trip in line.trips]
    return {"line_id": line.line_id, "name": line.name, "trips": content}


def _trip(trip: Trip, more: DocumentTrip) -> dict[str, Any]:
    content: dict[str, Any] = {
        "trip_id": trip.trip_id,
        "direction": trip.direction.value,
        "shift_ids": list(trip.shift_ids),
        "vehicle_type_id": trip.vehicle_type_id,
        "days": format_days(more.days),
        "riders": more.riders,
        "distance_m": more.distance_m,
        "stops": [_call(call) for call in more.calls],
    }
    if more.path:
        content["path"] = encode(more.path)
    return content


def _call(call: DocumentCall) -> dict[str, Any]:
    return {
        "stop_id": call.stop_id,
        "arrive": _clock(call.arrive),
        "depart": _clock(call.depart),
        "arrive_p95": _clock(call.arrive_p95),
        "board": call.board,
        "alight": call.alight,
        "load": call.load,
    }


def _clock(seconds: int | None) -> str | None:
    return None if seconds is None else format_clock(seconds)


def _relaxation(relaxation: Relaxation | None) -> dict[str, Any] | None:
    return None if relaxation is None else asdict(relaxation)
