"""Writes a plan as a workbook: lines, trips, timetable, assignments, blocks, unserved."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence

import openpyxl
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from routing.formats.document import ATTRIBUTION, PlanDocument
from routing.formats.timetable_csv import COLUMNS, timetable_rows
from routing.formats.zipped import zip_bytes
from routing.model.demand import format_days
from routing.model.plan import Relaxation
from routing.model.units import format_clock

_HEAD = PatternFill("solid", fgColor="1F3A4D")
_LARGEST_WIDTH, _SAMPLE = 48, 200
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # XML cannot say them


def plan_xlsx(document: PlanDocument) -> bytes:
    """Return a workbook with one table per sheet, the same bytes for the same document."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, columns, rows in (
        ("lines", _LINES, _line_rows(document)),
        ("trips", _TRIPS, _trip_rows(document)),
        ("timetable", COLUMNS, timetable_rows(document)),
        ("assignments", _ASSIGNMENTS, _assignment_rows(document)),
        ("blocks", _BLOCKS, _block_rows(document)),
        ("unserved", _UNSERVED, _unserved_rows(document)),
        ("summary", ("key", "value"), _summary_rows(document)),
    ):
        _add_sheet(book.create_sheet(title), columns, list(rows))
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_clock(buffer.getvalue())


_LINES = ("line_id", "name", "trips", "first_stop", "last_stop", "riders", "distance_m")
_TRIPS = (
    "line_id",
    "line_name",
    "trip_id",
    "direction",
    "shift_ids",
    "days",
    "vehicle_type_id",
    "seats",
    "stops",
    "departure",
    "arrival",
    "riders",
    "load_factor",
    "distance_m",
    "block_id",
)
_ASSIGNMENTS = ("rider_id", "direction", "trip_id", "board_stop_id", "alight_stop_id", "walk_m", "ride_s")
_BLOCKS = ("block_id", "vehicle_type_id", "depot_id", "sequence", "trip_id")
_UNSERVED = ("rider_id", "direction", "reason", "relaxation", "amount", "unit", "text")


def _line_rows(document: PlanDocument) -> Iterator[Sequence[object]]:
    names = {stop.stop_id: stop.name for stop in document.stops}
    trips = {more.trip_id: more for more in document.trips}
    for line in document.plan.lines:
        own = [trips[trip.trip_id] for trip in line.trips]
        ends = (own[0].calls[0].stop_id, own[0].calls[-1].stop_id) if own else ("", "")
        first, last = (names.get(stop_id, stop_id) for stop_id in ends)
        metres = sum(more.distance_m or 0 for more in own)
        yield line.line_id, line.name, len(own), first, last, sum(more.riders for more in own), metres


def _trip_rows(document: PlanDocument) -> Iterator[Sequence[object]]:
    blocks = {trip_id: block.block_id for block in document.plan.blocks for trip_id in block.trip_ids}
    for line, trip, more in document.rows():
        seats = document.vehicle_seats.get(trip.vehicle_type_id)
        arrival = more.calls[-1].arrive
        yield (
            line.line_id,
            line.name,
            trip.trip_id,
            trip.direction.value,
            ", ".join(trip.shift_ids),
            format_days(more.days),
            trip.vehicle_type_id,
            seats,
            len(more.calls),
            format_clock(trip.departure),
            None if arrival is None else format_clock(arrival),
            more.riders,
            round(more.riders / seats, 3) if seats else None,
            more.distance_m,
            blocks.get(trip.trip_id),
        )


def _assignment_rows(document: PlanDocument) -> Iterator[Sequence[object]]:
    for seat, more in zip(document.plan.assignments, document.seats, strict=True):
        ids = (seat.rider_id, seat.direction.value, seat.trip_id, seat.board_stop_id, seat.alight_stop_id)
        yield *ids, more.walk_m, more.ride_s


def _block_rows(document: PlanDocument) -> Iterator[Sequence[object]]:
    for block in document.plan.blocks:
        for sequence, trip_id in enumerate(block.trip_ids, start=1):
            yield block.block_id, block.vehicle_type_id, block.depot_id, sequence, trip_id


def _unserved_rows(document: PlanDocument) -> Iterator[Sequence[object]]:
    for missing in document.plan.unserved:
        relaxation = missing.relaxation
        more = (None,) * 4 if relaxation is None else _relaxation_cells(relaxation)
        yield missing.rider_id, missing.direction.value, missing.reason.value, *more


def _relaxation_cells(relaxation: Relaxation) -> tuple[object, ...]:
    return relaxation.kind, relaxation.amount, relaxation.unit, relaxation.text


def _summary_rows(document: PlanDocument) -> Iterator[Sequence[object]]:
    yield "plan_id", document.plan_id
    yield "scenario", document.origin.scenario
    yield "synthetic", document.origin.synthetic
    yield "attribution", ATTRIBUTION
    for key, value in document.summary.items():
        if isinstance(value, Mapping):
            yield from ((f"{key}.{name}", part) for name, part in value.items())
        else:
            yield key, value


def _add_sheet(sheet: Worksheet, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    sheet.append(list(columns))
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
    for row in rows:
        sheet.append([_CONTROL.sub("", value) if isinstance(value, str) else value for value in row])
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            if cell.data_type == "f":
                cell.data_type = "s"  # a name that begins like a formula stays a name
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for position, column in enumerate(columns):
        widest = max((_width(row[position]) for row in rows[:_SAMPLE]), default=0)
        width = min(_LARGEST_WIDTH, max(len(column), widest) + 2)
        sheet.column_dimensions[get_column_letter(position + 1)].width = width


def _width(value: object) -> int:
    # A Chinese character is as wide as two Latin ones.
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in str(value))


def _without_clock(workbook: bytes) -> bytes:
    """Return the workbook with one fixed time for its making, and for every file within it."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        files = {name: archive.read(name) for name in sorted(archive.namelist(), key=_content_types_first)}
    core = "docProps/core.xml"
    files[core] = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", files[core])
    return zip_bytes(files)


def _content_types_first(name: str) -> tuple[bool, str]:
    return name != "[Content_Types].xml", name
