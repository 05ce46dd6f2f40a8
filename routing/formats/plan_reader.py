"""Reads a plan document, own or foreign: strict about what is needed, tolerant of what is not there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from routing.formats.codes import Code
from routing.formats.document import (
    DocumentCall,
    DocumentSeat,
    DocumentStop,
    DocumentTrip,
    Origin,
    PlanDocument,
    plan_digest,
)
from routing.formats.faults import FaultList
from routing.formats.json_cursor import Cursor
from routing.formats.polyline import Path as Way
from routing.formats.polyline import decode
from routing.formats.text import read_text
from routing.model.demand import WORKDAYS, Direction, parse_days
from routing.model.places import Location
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Relaxation, Trip, Unserved

_DIRECTIONS = tuple(direction.value for direction in Direction)
_EXPECTED = "Give the plan document that `banche plan` or the API writes."


def read_plan(source: Path | Mapping[str, Any]) -> PlanDocument:
    """Read a plan document.

    Only ``lines`` with their trips, stops and first departures, and ``assignments`` are needed; unknown keys are
    ignored. Whether ids exist and promises are kept is not asked here but by the judge.

    Parameters
    ----------
    source : Path or mapping
        A JSON file, or its parsed content.

    Raises
    ------
    InputError
        With every fault at once; the column of a fault is its JSON pointer.
    """
    faults = FaultList()
    file = source.name if isinstance(source, Path) else "plan"
    content = _parse(source, faults) if isinstance(source, Path) else source
    faults.raise_if_any()
    document = _document(Cursor(content or {}, "", file, faults), content or {})
    faults.raise_if_any()
    return document


def _parse(path: Path, faults: FaultList) -> dict[str, Any] | None:
    if not path.is_file():
        faults.add(Code.MISSING_FILE, "there is no such plan document", _EXPECTED, file=str(path))
        return None
    text = read_text(path, faults)
    if text is None:
        return None
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        cause = f"this is not valid JSON: {error.msg}"
        faults.add(Code.UNREADABLE_JSON, cause, _EXPECTED, file=path.name, row=error.lineno)
        return None
    except RecursionError:
        faults.add(Code.UNREADABLE_JSON, "the JSON is nested too deeply", _EXPECTED, file=path.name)
        return None
    if not isinstance(content, dict):
        faults.add(Code.UNREADABLE_JSON, "the JSON is not one object", _EXPECTED, file=path.name)
        return None
    return content


def _document(root: Cursor, content: Mapping[str, Any]) -> PlanDocument:
    version = content.get("api_version")
    if version is not None and str(version).removeprefix("v").split(".")[0] != "1":
        action = "Use a version of banche that reads it, or write the document as v1."
        root.fault(Code.UNSUPPORTED_VERSION, "the document is of another version", action, "api_version", version)
    for key in ("lines", "assignments"):
        if key not in content:
            root.fault(Code.MISSING_VALUE, f"the document has no {key}", f"Add {key}, as a list.", key)
    lines, trips = _lines(root)
    assignments = [(_assignment(item), _seat(item)) for item in root.objects("assignments")]
    kept = [(a, s) for a, s in assignments if a is not None]
    plan = Plan(
        lines=lines,
        assignments=tuple(a for a, _ in kept),
        blocks=tuple(_block(item) for item in root.objects("blocks")),
        unserved=tuple(u for item in root.objects("unserved") if (u := _unserved(item)) is not None),
    )
    return PlanDocument(
        plan_id=root.text_or("plan_id", plan_digest(plan)),
        origin=Origin(
            scenario=root.text_or("scenario", "unnamed"),
            timezone=root.text_or("timezone", "Asia/Shanghai"),
            synthetic=content.get("synthetic") is True,
        ),
        plan=plan,
        stops=tuple(_stop(item) for item in root.objects("stops")),
        trips=trips,
        seats=tuple(s for _, s in kept),
        vehicle_seats=_vehicle_seats(root),
        summary=_summary(root),
        declared=frozenset(key for key, value in content.items() if value is not None),
    )


def _lines(root: Cursor) -> tuple[tuple[Line, ...], tuple[DocumentTrip, ...]]:
    lines, more = [], []
    for item in root.objects("lines"):
        pairs = [pair for trip in item.objects("trips") if (pair := _trip(trip)) is not None]
        line_id = item.text("line_id")
        lines.append(Line(line_id=line_id, name=item.text_or("name", line_id), trips=tuple(t for t, _ in pairs)))
        more += [m for _, m in pairs]
    return tuple(lines), tuple(more)


def _trip(item: Cursor) -> tuple[Trip, DocumentTrip] | None:
    calls = tuple(_call(call) for call in item.objects("stops"))
    direction = item.one_of("direction", Direction, _DIRECTIONS)
    departure = calls[0].depart if calls else None
    if not calls:
        item.fault(Code.MISSING_VALUE, "the trip has no stops", "List its stops in order.", "stops")
    elif departure is None:
        cause, action = "the first stop has no departure", "Give the clock time at which the vehicle leaves it."
        item.fault(Code.MISSING_VALUE, cause, action, "stops/0/depart")
    trip_id, vehicle_type_id = item.text("trip_id"), item.text("vehicle_type_id")
    if direction is None or departure is None:
        return None
    trip = Trip(
        trip_id=trip_id,
        direction=direction,
        shift_ids=item.texts("shift_ids"),
        vehicle_type_id=vehicle_type_id,
        stop_ids=tuple(call.stop_id for call in calls),
        departure=departure,
    )
    riders = item.whole("riders")
    more = DocumentTrip(
        trip_id=trip_id,
        calls=calls,
        riders=sum(call.board or 0 for call in calls) if riders is None else riders,
        days=_days(item),
        distance_m=item.whole("distance_m"),
        path=_path(item),
    )
    return trip, more


def _days(item: Cursor) -> int:
    found = item.text_or("days", "")
    if not found:
        return WORKDAYS
    try:
        return parse_days(found)
    except ValueError:
        cause = "days is not seven digits 0 or 1, Monday first, with at least one 1"
        item.fault(Code.BAD_DAYS, cause, "Write for instance 1111100.", "days", found)
        return WORKDAYS


def _path(item: Cursor) -> Way:
    try:
        return decode(item.text_or("path", ""))
    except ValueError as error:
        action = "Leave the path out, or encode it as a polyline of precision 5."
        item.fault(Code.BAD_POLYLINE, str(error), action, "path")
        return ()


def _call(item: Cursor) -> DocumentCall:
    return DocumentCall(
        stop_id=item.text("stop_id"),
        arrive=item.clock("arrive"),
        depart=item.clock("depart"),
        arrive_p95=item.clock("arrive_p95"),
        board=item.whole("board"),
        alight=item.whole("alight"),
        load=item.whole("load"),
    )


def _stop(item: Cursor) -> DocumentStop:
    stop_id = item.text("stop_id")
    place_id = item.text_or("place_id", stop_id)
    kind = item.text_or("kind", "worksite" if stop_id == place_id else "stop")
    return DocumentStop(
        stop_id=stop_id,
        place_id=place_id,
        name=item.text_or("name", stop_id),
        location=Location(lon=item.degrees("lon", 180), lat=item.degrees("lat", 90)),
        worksite=kind == "worksite",
    )


def _assignment(item: Cursor) -> Assignment | None:
    direction = item.one_of("direction", Direction, _DIRECTIONS)
    rider_id, trip_id = item.text("rider_id"), item.text("trip_id")
    board, alight = item.text("board_stop_id"), item.text("alight_stop_id")
    if direction is None:
        return None
    return Assignment(
        rider_id=rider_id, direction=direction, trip_id=trip_id, board_stop_id=board, alight_stop_id=alight
    )


def _seat(item: Cursor) -> DocumentSeat:
    return DocumentSeat(walk_m=item.whole("walk_m"), ride_s=item.whole("ride_s"))


def _block(item: Cursor) -> Block:
    return Block(
        block_id=item.text("block_id"),
        vehicle_type_id=item.text("vehicle_type_id"),
        depot_id=item.text("depot_id"),
        trip_ids=item.texts("trip_ids"),
    )


def _unserved(item: Cursor) -> Unserved | None:
    direction = item.one_of("direction", Direction, _DIRECTIONS)
    rider_id, written = item.text("rider_id"), item.text_or("reason", Reason.UNKNOWN)
    # A reason that banche did not check is no reason it may repeat.
    reason = Reason(written) if written in set(Reason) else Reason.UNKNOWN
    if direction is None:
        return None
    return Unserved(rider_id=rider_id, direction=direction, reason=reason, relaxation=_relaxation(item))


def _relaxation(item: Cursor, member: str = "relaxation") -> Relaxation | None:
    found = item.get(member)
    if found is None:
        return None
    if isinstance(found, str):
        return Relaxation(kind="unknown", amount=0, unit="", text=found)
    inner = item.inner(member)
    return Relaxation(
        kind=inner.text_or("kind", "unknown"),
        amount=inner.whole("amount") or 0,
        unit=inner.text_or("unit", ""),
        text=inner.text_or("text", ""),
        trip_id=inner.text_or("trip_id", "") or None,
        board_stop_id=inner.text_or("board_stop_id", "") or None,
        also=_relaxation(inner, "also") if member == "relaxation" else None,
    )


def _vehicle_seats(root: Cursor) -> dict[str, int]:
    pairs = [(item.text("vehicle_type_id"), item.whole("seats")) for item in root.objects("vehicle_types")]
    return {type_id: seats for type_id, seats in pairs if seats is not None and seats > 0}


def _summary(root: Cursor) -> dict[str, Any]:
    return {} if root.get("summary") is None else dict(root.inner("summary").content)
