"""Writes a plan's timetable as CSV: one row per trip and stop."""

import csv
import io
from collections.abc import Iterator

from routing.formats.document import PlanDocument
from routing.model.demand import format_days
from routing.model.units import format_clock

COLUMNS = (
    "line_id",
    "line_name",
    "trip_id",
    "direction",
    "days",
    "vehicle_type_id",
    "seats",
    "sequence",
    "stop_id",
    "place_id",
    "stop_name",
    "arrive",
    "depart",
    "arrive_p50",
    "arrive_p95",
    "board",
    "alight",
    "load",
)
"""``arrive_p50`` and ``arrive_p95``: the trip is there by then on 50 and 95 % of days; half the days are the plan's."""


def timetable_rows(document: PlanDocument) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the timetable, in the order of `COLUMNS`; None where the document does not say."""
    stops = {stop.stop_id: stop for stop in document.stops}
    for line, trip, more in document.rows():
        seats = document.vehicle_seats.get(trip.vehicle_type_id)
        head = (line.line_id, line.name, trip.trip_id, trip.direction.value, format_days(more.days))
        for sequence, call in enumerate(more.calls, start=1):
            stop = stops.get(call.stop_id)
            place = (call.stop_id, stop.place_id if stop else None, stop.name if stop else call.stop_id)
            clocks = (call.arrive, call.depart, call.arrive, call.arrive_p95)
            times = tuple(None if clock is None else format_clock(clock) for clock in clocks)
            people = (call.board, call.alight, call.load)
            yield (*head, trip.vehicle_type_id, seats, sequence, *place, *times, *people)


def timetable_csv(document: PlanDocument) -> bytes:
    """Return the timetable as UTF-8 CSV with a byte order mark, without which spreadsheet programs garble Chinese."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(tuple(_safe(cell) for cell in row) for row in timetable_rows(document))
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _safe(cell: object) -> object:
    # A spreadsheet program would run a name that begins like a formula.
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t"} else cell
