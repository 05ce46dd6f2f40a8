"""timetable.csv has a row per trip and stop, and opens well in a spreadsheet program."""

import csv
import io
from dataclasses import replace

import pandas as pd
import pytest

from routing.formats.document import PlanDocument
from routing.formats.timetable_csv import COLUMNS, timetable_csv, timetable_rows
from routing.model.units import parse_clock


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_there_is_a_row_per_trip_and_stop(document: PlanDocument) -> None:
    rows = read(timetable_csv(document))
    assert len(rows) == sum(len(trip.calls) for trip in document.trips) == 22
    assert list(rows[0]) == list(COLUMNS)
    assert [row["sequence"] for row in rows[:4]] == ["1", "2", "3", "4"]


def test_rows_tell_times_and_people(document: PlanDocument) -> None:
    row = read(timetable_csv(document))[1]
    call = document.trips[0].calls[1]
    assert (row["stop_id"], row["place_id"], row["stop_name"]) == ("P2a", "P2", "黑石礁")
    assert parse_clock(row["arrive"]) == parse_clock(row["arrive_p50"]) == call.arrive
    assert parse_clock(row["arrive_p95"]) == call.arrive_p95
    assert (int(row["board"]), int(row["alight"]), int(row["load"])) == (5, 0, 10)
    assert (row["vehicle_type_id"], row["seats"], row["days"]) == ("bus19", "19", "1111100")


def test_half_of_the_days_are_earlier_and_a_twentieth_later(document: PlanDocument) -> None:
    for row in read(timetable_csv(document)):
        assert parse_clock(row["arrive_p50"]) <= parse_clock(row["arrive_p95"])


def test_a_spreadsheet_program_sees_chinese(document: PlanDocument) -> None:
    """Without the mark, such programs take UTF-8 for the local encoding."""
    assert timetable_csv(document).startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(io.BytesIO(timetable_csv(document)), dtype={"days": str})
    assert "泉水东" in set(frame["stop_name"])


@pytest.mark.parametrize("name", ["=1+1", "+86", "-x", "@sum", "\tx"])
def test_a_name_is_never_a_formula(document: PlanDocument, name: str) -> None:
    spoilt = replace(document, stops=tuple(replace(stop, name=name) for stop in document.stops))
    assert {row["stop_name"] for row in read(timetable_csv(spoilt))} == {f"'{name}"}


def test_what_a_foreign_document_does_not_say_is_empty(document: PlanDocument) -> None:
    trips = tuple(
        replace(t, calls=tuple(replace(c, arrive=None, arrive_p95=None, load=None) for c in t.calls))
        for t in document.trips
    )
    bare = replace(document, trips=trips, stops=(), vehicle_seats={})
    row = read(timetable_csv(bare))[0]
    assert (row["arrive"], row["arrive_p95"], row["load"], row["seats"], row["place_id"]) == ("",) * 5
    assert row["stop_name"] == "P1a"
    assert next(iter(timetable_rows(bare)))[COLUMNS.index("arrive")] is None
