"""The register of riders as the table of a scenario, in the scenario's own datum."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import ApiError
from api.jobs.riders_table import COLUMNS, with_riders
from api.store.riders import RiderRecord
from api.store.scenarios import without_rider
from routing.geo.datum import to_wgs84

ANNA = RiderRecord(service="town", rider_id="anna", lon=121.65, lat=38.92, worksite_id="park", shift_id="day")


def rows(crs: str, *riders: RiderRecord) -> list[dict[str, str]]:
    files = {"scenario.toml": f'[scenario]\ncrs = "{crs}"\n'.encode(), "riders.csv": b"old", "stops.csv": b"kept"}
    made = with_riders(files, riders)
    assert made["stops.csv"] == b"kept"
    return list(csv.DictReader(io.StringIO(made["riders.csv"].decode())))


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_homes_read_back_in_the_declared_datum(crs: str) -> None:
    (row,) = rows(crs, ANNA)
    lon, lat = to_wgs84([float(row["home_lon"])], [float(row["home_lat"])], crs)
    assert abs(float(lon[0]) - ANNA.lon) < 2e-6
    assert abs(float(lat[0]) - ANNA.lat) < 2e-6


def test_every_column_is_written_and_riders_are_sorted() -> None:
    made = rows("wgs84", replace(ANNA, rider_id="zoe", need="short_walk", count=3), ANNA)
    assert tuple(made[0]) == COLUMNS
    assert [row["rider_id"] for row in made] == ["anna", "zoe"]
    assert (made[1]["need"], made[1]["count"], made[1]["days"]) == ("short_walk", "3", "1111100")


def test_a_scenario_in_a_workbook_is_refused() -> None:
    with pytest.raises(ApiError) as refused:
        with_riders({"scenario.toml": b"", "scenario.xlsx": b"PK"}, [ANNA])
    assert "workbook" in refused.value.faults[0].detail


def test_no_riders_are_no_scenario() -> None:
    with pytest.raises(ApiError) as refused:
        with_riders({"scenario.toml": b"", "riders.csv": b""}, [])
    assert refused.value.faults[0].pointer == "/riders"


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), min_size=1
)


@given(st.lists(NAMES, max_size=6, unique=True), NAMES)
def test_taking_out_one_rider_leaves_every_other(names: list[str], gone: str) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["home_lon", "rider_id"])
    table.writerows([121.5, name] for name in names)
    after = without_rider(text.getvalue().encode(), gone)
    left = [row[1] for row in csv.reader(io.StringIO(after.decode()))][1:]
    assert left == [name for name in names if name != gone]
    if gone not in names:
        assert after == text.getvalue().encode()


@pytest.mark.parametrize("table", [b"", b"rider_id\n", b"name,home\nanna,1\n", b"rider_id\nben\n"])
def test_a_table_that_does_not_name_the_rider_is_left_alone(table: bytes) -> None:
    assert without_rider(table, "anna") == table


def test_a_mark_before_the_header_hides_nothing() -> None:
    assert b"anna" not in without_rider("\ufeffrider_id,home_lon\nanna,121.5\n".encode(), "anna")
