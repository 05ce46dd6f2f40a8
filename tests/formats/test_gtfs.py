"""The feed passes both validators, and says what the plan says."""

import csv
import datetime as dt
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import gtfs_guru
import pytest

from routing.errors import InputError
from routing.formats.document import PlanDocument
from routing.formats.gtfs import Publisher, ServiceDates, gtfs_zip
from routing.formats.plan_json import plan_mapping
from routing.formats.plan_reader import read_plan

MONDAY = dt.date(2026, 11, 23)
DATES = ServiceDates(first=MONDAY, last=MONDAY + dt.timedelta(days=181))
NEW_YEAR = frozenset({dt.date(2027, 1, 1)})
SUNDAY = dt.date(2027, 1, 3)

Tables = dict[str, list[dict[str, str]]]


def unzip(feed: bytes) -> Tables:
    with zipfile.ZipFile(io.BytesIO(feed)) as archive:
        return {
            name.removesuffix(".txt"): list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))
            for name in archive.namelist()
        }


def notices(feed: bytes, folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Return severity and code of everything that either validator has to say, on the feed's first day."""
    path = folder / "gtfs.zip"
    path.write_bytes(feed)
    guru = gtfs_guru.validate(str(path), country_code="CN", date=MONDAY.isoformat())
    module = "import sys; from gtfs_validator.cli import main; sys.exit(main())"
    asked = ["-i", str(path), "--stdout", "-c", "cn", "-d", MONDAY.isoformat(), "-svu"]
    ran = subprocess.run([sys.executable, "-c", module, *asked], capture_output=True, text=True, check=True, cwd=folder)
    found = json.loads(ran.stdout)["notices"]
    return {
        "gtfs-guru": [(n.severity, n.code) for n in guru.notices],
        "gtfs-validator": [(n["severity"], n["code"]) for n in found],
    }


@pytest.fixture(scope="module")
def feed(document: PlanDocument) -> bytes:
    return gtfs_zip(document, DATES)


@pytest.fixture(scope="module")
def tables(feed: bytes) -> Tables:
    return unzip(feed)


def test_a_feed_lasts_half_a_year_from_its_first_day() -> None:
    dates = ServiceDates.half_year(dt.date(2026, 3, 1))
    assert (dates.first, dates.last) == (dt.date(2026, 3, 1), dt.date(2026, 8, 30))
    today = dt.datetime.now(tz=dt.UTC).date()
    assert today <= ServiceDates.half_year().first <= today + dt.timedelta(days=1)


def test_both_validators_have_nothing_to_say(feed: bytes, tmp_path: Path) -> None:
    """Not even a warning, and both do see faults: a stop time before the one before it is an error to each."""
    assert notices(feed, tmp_path) == {"gtfs-guru": [], "gtfs-validator": []}


def test_both_validators_would_see_an_error(document: PlanDocument, tmp_path: Path) -> None:
    first = document.trips[0]
    early = replace(first.calls[2], arrive=60, depart=60)
    spoilt = replace(first, calls=(*first.calls[:2], early, *first.calls[3:]))
    found = notices(gtfs_zip(replace(document, trips=(spoilt, *document.trips[1:])), DATES), tmp_path)
    assert all("ERROR" in {severity for severity, _ in said} for said in found.values())


def test_validators_accept_a_feed_with_holidays_and_without_ways(document: PlanDocument, tmp_path: Path) -> None:
    bare = replace(document, trips=tuple(replace(trip, path=()) for trip in document.trips))
    dates = replace(DATES, closed=NEW_YEAR, adjusted={SUNDAY: 0})
    feed = gtfs_zip(bare, dates, Publisher(name="Union of the Park", url="https://example.org/bus", language="zh"))
    assert "shapes" not in unzip(feed)
    found = notices(feed, tmp_path)
    assert {severity for said in found.values() for severity, _ in said} <= {"WARNING", "INFO"}


def test_the_bytes_depend_on_the_document_alone(document: PlanDocument, feed: bytes) -> None:
    assert gtfs_zip(document, DATES) == feed
    assert gtfs_zip(read_plan(json.loads(json.dumps(plan_mapping(document)))), DATES) == feed


def test_lines_are_routes_and_trips_keep_line_block_and_direction(tables: Tables, document: PlanDocument) -> None:
    assert [(r["route_id"], r["route_long_name"]) for r in tables["routes"]] == [
        (line.line_id, line.name) for line in document.plan.lines
    ]
    by_id = {row["trip_id"]: row for row in tables["trips"]}
    for line, trip, _ in document.rows():
        row = by_id[trip.trip_id]
        assert row["route_id"] == line.line_id
        assert row["block_id"] == f"B{line.line_id}"
        assert row["direction_id"] == ("1" if trip.direction == "inbound" else "0")
        assert row["shape_id"] == trip.trip_id
    assert by_id["L1-inbound"]["trip_headsign"] == "七贤岭软件园"


def test_stop_times_pass_midnight(tables: Tables) -> None:
    night = [row for row in tables["stop_times"] if row["trip_id"] == "L3-outbound"]
    assert night[0]["departure_time"] == "32:10:00"
    assert [row["stop_sequence"] for row in night] == ["1", "2", "3"]


def test_riders_board_at_stops_and_alight_at_worksites(tables: Tables) -> None:
    sites = {"W1", "W2"}
    for row in tables["stop_times"]:
        boards = (row["stop_id"] in sites) == row["trip_id"].endswith("outbound")
        assert (row["pickup_type"], row["drop_off_type"]) == (("0", "1") if boards else ("1", "0"))


def test_a_place_is_the_parent_station_of_its_two_kerbs(tables: Tables) -> None:
    stops = {row["stop_id"]: row for row in tables["stops"]}
    assert stops["P1a"]["parent_station"] == stops["P1b"]["parent_station"] == "place-P1"
    assert stops["place-P1"]["location_type"] == "1"
    assert stops["place-P1"]["stop_name"] == stops["P1a"]["stop_name"] == "星海广场"
    assert (stops["W1"]["parent_station"], stops["W1"]["location_type"]) == ("", "0")


def test_services_are_the_patterns_of_weekdays(tables: Tables) -> None:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    found = {row["service_id"]: "".join(row[day] for day in days) for row in tables["calendar"]}
    assert found == {"days-1111100": "1111100", "days-1111111": "1111111"}
    assert {(row["start_date"], row["end_date"]) for row in tables["calendar"]} == {("20261123", "20270523")}
    used = {row["trip_id"]: row["service_id"] for row in tables["trips"]}
    assert used["L3-inbound"] == "days-1111111"
    assert "calendar_dates" not in tables


def test_holidays_and_adjusted_workdays_become_exceptions(document: PlanDocument) -> None:
    """On a Sunday worked like a Monday, the weekday service runs too; the daily one runs anyway."""
    dates = replace(DATES, closed=NEW_YEAR | {dt.date(2030, 1, 1)}, adjusted={SUNDAY: 0})
    rows = unzip(gtfs_zip(document, dates))["calendar_dates"]
    assert {(r["service_id"], r["date"], r["exception_type"]) for r in rows} == {
        ("days-1111100", "20270101", "2"),
        ("days-1111111", "20270101", "2"),
        ("days-1111100", "20270103", "1"),
    }


def test_shapes_are_the_ways(tables: Tables, document: PlanDocument) -> None:
    points = [row for row in tables["shapes"] if row["shape_id"] == "L2-inbound"]
    path = next(trip.path for trip in document.trips if trip.trip_id == "L2-inbound")
    assert [(float(p["shape_pt_lon"]), float(p["shape_pt_lat"])) for p in points] == list(path)


def test_openstreetmap_is_credited(tables: Tables) -> None:
    (row,) = tables["attributions"]
    assert "OpenStreetMap" in row["organization_name"]


def test_the_publisher_is_told(document: PlanDocument, tables: Tables) -> None:
    assert tables["agency"][0]["agency_name"] == "小城 Commuter Shuttles"
    assert tables["agency"][0]["agency_timezone"] == "Asia/Shanghai"
    named = unzip(gtfs_zip(document, DATES, Publisher(name="工会班车", url="https://example.com", language="zh")))
    assert named["feed_info"][0]["feed_publisher_name"] == "工会班车"
    assert named["agency"][0]["agency_url"] == "https://example.com"


def test_nobody_is_named(tables: Tables, document: PlanDocument) -> None:
    text = json.dumps(tables)
    assert not any(seat.rider_id in text for seat in document.plan.assignments)


@pytest.mark.parametrize("call", [{"arrive": -30}, {"arrive": None, "depart": None}])
def test_a_call_that_gtfs_cannot_say_is_refused(document: PlanDocument, call: dict[str, int | None]) -> None:
    first = document.trips[0]
    spoilt = replace(first, calls=(replace(first.calls[0], **call), *first.calls[1:]))
    with pytest.raises(InputError) as caught:
        gtfs_zip(replace(document, trips=(spoilt, *document.trips[1:])), DATES)
    assert [fault.code for fault in caught.value.faults] == ["bad_clock"]


def test_every_stop_without_a_position_is_told_once(document: PlanDocument) -> None:
    with pytest.raises(InputError) as caught:
        gtfs_zip(replace(document, stops=document.stops[:-1]), DATES)
    assert [(fault.value, fault.code) for fault in caught.value.faults] == [("W2", "unknown_id")]


def test_dates_are_checked() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        ServiceDates(first=MONDAY, last=MONDAY - dt.timedelta(days=1))
    with pytest.raises(ValueError, match="Monday"):
        ServiceDates(first=MONDAY, last=MONDAY, adjusted={MONDAY: 7})
