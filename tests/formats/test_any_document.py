"""Whatever a document holds, every format can say it, and says the same."""

import csv
import io
import json
import zipfile
from pathlib import Path

import gtfs_guru
import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.formats.colours import PALETTE, corridors, line_colours
from routing.formats.document import PlanDocument
from routing.formats.geojson import lines_geojson
from routing.formats.gtfs import ServiceDates, gtfs_zip
from routing.formats.plan_json import plan_json
from routing.formats.plan_reader import read_plan
from routing.formats.polyline import decode
from routing.formats.report.map_data import map_json
from routing.formats.timetable_csv import COLUMNS, timetable_csv
from routing.formats.xlsx import plan_xlsx
from tests.formats.documents import documents
from tests.formats.test_gtfs import DATES, MONDAY
from tests.formats.unhurried import UNHURRIED

FEW = settings(UNHURRIED, max_examples=25)


@FEW
@given(document=documents())
def test_it_comes_back_from_json(document: PlanDocument) -> None:
    content = plan_json(document)
    again = read_plan(json.loads(content))
    assert again == document
    assert plan_json(again) == content


@FEW
@given(document=documents())
def test_every_trip_and_stop_is_a_feature(document: PlanDocument) -> None:
    collection = json.loads(lines_geojson(document))
    ids = [feature["id"] for feature in collection["features"]]
    assert len(ids) == len(document.trips) + len(document.stops)
    for feature, trip in zip(collection["features"], document.trips, strict=False):
        assert feature["geometry"]["type"] == "LineString"
        if trip.path:
            assert tuple(map(tuple, feature["geometry"]["coordinates"])) == trip.path


@FEW
@given(document=documents())
def test_the_timetable_has_a_row_per_call(document: PlanDocument) -> None:
    rows = list(csv.reader(io.StringIO(timetable_csv(document).decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) - 1 == sum(len(trip.calls) for trip in document.trips)
    assert {len(row) for row in rows} == {len(COLUMNS)}


@FEW
@given(document=documents())
def test_the_workbook_can_be_opened(document: PlanDocument) -> None:
    book = openpyxl.load_workbook(io.BytesIO(plan_xlsx(document)))
    assert book["trips"].max_row == 1 + len(document.trips)
    assert book["unserved"].max_row == 1 + len(document.plan.unserved)
    names = [row[1] for row in book["lines"].iter_rows(min_row=2, values_only=True)]
    assert names == [line.name for line in document.plan.lines]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


@FEW
@given(document=documents().filter(lambda document: bool(document.trips)))
def test_the_feed_has_no_error(document: PlanDocument, tmp_path: Path) -> None:
    """Random places may be too far apart for a bus, which is a warning; the format itself must be sound."""
    feed = gtfs_zip(document, DATES)
    path = tmp_path / "gtfs.zip"
    path.write_bytes(feed)
    found = gtfs_guru.validate(str(path), country_code="CN", date=MONDAY.isoformat())
    assert found.errors() == []
    assert zipfile.ZipFile(io.BytesIO(feed)).testzip() is None


@FEW
@given(document=documents(), days=st.integers(0, 400))
def test_services_run_on_the_days_of_their_trips(document: PlanDocument, days: int) -> None:
    dates = ServiceDates(first=MONDAY, last=MONDAY.fromordinal(MONDAY.toordinal() + days))
    with zipfile.ZipFile(io.BytesIO(gtfs_zip(document, dates))) as archive:
        if not document.trips:
            assert "trips.txt" not in archive.namelist()
            return
        calendar = {
            row["service_id"]: "".join(list(row.values())[1:8])
            for row in csv.DictReader(io.StringIO(archive.read("calendar.txt").decode()))
        }
        rows = list(csv.DictReader(io.StringIO(archive.read("trips.txt").decode())))
    for row, trip in zip(rows, document.trips, strict=True):
        assert calendar[row["service_id"]] == f"{trip.days:07b}"[::-1]


@FEW
@given(document=documents())
def test_the_map_holds_every_line_and_stop(document: PlanDocument) -> None:
    text = map_json(document, [])
    assert not set("<>&") & set(text)
    content = json.loads(text)
    assert [line["name"] for line in content["lines"]] == [line.name for line in document.plan.lines]
    assert [stop["name"] for stop in content["stops"]] == [stop.name for stop in document.stops]
    packed = [trip for line in content["lines"] for trip in line["trips"]]
    for trip, more in zip(packed, document.trips, strict=True):
        assert len(trip["calls"]) == len(more.calls)
        assert not more.path or decode(trip["path"]) == more.path


@FEW
@given(document=documents())
def test_every_line_has_one_colour_and_one_corridor(document: PlanDocument) -> None:
    ids = [line.line_id for line in document.plan.lines]
    assert sorted(line_id for corridor in corridors(document) for line_id in corridor.line_ids) == sorted(ids)
    colours = line_colours(document)
    assert list(colours) == ids
    assert set(colours.values()) <= set(PALETTE)
