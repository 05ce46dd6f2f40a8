"""The cells of every table: what is accepted, and the fault of what is not."""

import pytest

from routing.formats.cells import parse_number
from routing.formats.scenario_folder import find_faults, read_scenario
from routing.model.demand import Shift
from routing.model.units import HOUR_S
from tests.formats.scenario_files import SCENARIO_TABLES, ScenarioFiles


@pytest.mark.parametrize(
    ("old", "new", "column", "code"),
    [
        ("R1,", ",", "rider_id", "missing_value"),
        ("R1,", "R2,", "rider_id", "duplicate_id"),
        ("W1,day,,,", ",day,,,", "worksite_id", "missing_value"),
        ("W1,day,,,", "W7,day,,,", "worksite_id", "unknown_id"),
        ("W1,day,,,", "w1,day,,,", "worksite_id", "unknown_id"),
        ("W1,day,,,", "W1,dusk,,,", "shift_id", "unknown_id"),
        ("W1,day,,,", "W1,day,1111,,", "days", "bad_days"),
        ("W1,day,,,", "W1,day,0000000,,", "days", "bad_days"),
        ("W1,day,,,", "W1,day,1112100,,", "days", "bad_days"),
        ("W1,day,,,", "W1,day,Mo-Fr,,", "days", "bad_days"),
        ("W1,day,,,", "W1,day,,0,", "count", "bad_count"),
        ("W1,day,,,", "W1,day,,-2,", "count", "bad_count"),
        ("W1,day,,,", "W1,day,,1.5,", "count", "bad_count"),
        ("W1,day,,,", "W1,day,,two,", "count", "bad_count"),
        ("W1,day,,,", "W1,day,,1e99,", "count", "bad_count"),
        ("W1,day,,,", "W1,day,,,short walk", "need", "bad_choice"),
    ],
)
def test_a_bad_rider_is_told(files: ScenarioFiles, old: str, new: str, column: str, code: str) -> None:
    fault = files.replace("riders.csv", old, new).only_fault()
    row = 3 if code == "duplicate_id" else 2
    assert (fault.file, fault.row, fault.column, fault.code) == ("riders.csv", row, column, code)


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "code"),
    [
        ("day,08:30,17:30", "day,,", 2, "start", "shift_without_window"),
        ("day,08:30,17:30", "day,8.30,17:30", 2, "start", "bad_clock"),
        ("day,08:30,17:30", "day,08:30,17:60", 2, "end", "bad_clock"),
        ("day,08:30,17:30", "day,08:30,99:00", 2, "end", "bad_clock"),
        ("day,08:30,17:30", "day,08:30,08:30", 2, "end", "shift_ends_before_start"),
        ("night,20:00,32:00", "night,20:00,08:00", 3, "end", "shift_ends_before_start"),
        ("night,20:00,32:00", "day,20:00,32:00", 3, "shift_id", "duplicate_id"),
    ],
)
def test_a_bad_shift_is_told(files: ScenarioFiles, old: str, new: str, row: int, column: str, code: str) -> None:
    files.replace("shifts.csv", old, new)
    found = {(f.row, f.column, f.code) for f in find_faults(files.folder) if f.file == "shifts.csv"}
    assert found == {(row, column, code)}


def test_a_shift_with_a_fault_is_still_a_known_shift(files: ScenarioFiles) -> None:
    """Otherwise one bad clock time would make a fault of every rider."""
    assert files.replace("shifts.csv", "08:30", "half past eight").only_fault().file == "shifts.csv"


@pytest.mark.parametrize(("start", "end"), [("08:30", ""), ("", "17:30")])
def test_a_shift_may_ask_for_one_direction(files: ScenarioFiles, start: str, end: str) -> None:
    files.replace("shifts.csv", "day,08:30,17:30", f"day,{start},{end}")
    shift = read_scenario(files.folder).shifts[0]
    assert len(shift.directions) == 1


@pytest.mark.parametrize(
    ("old", "new", "column", "code"),
    [
        ("bus45,45", "bus45,0", "seats", "bad_count"),
        ("bus45,45", "bus45,4.5", "seats", "bad_count"),
        ("bus45,45", ",45", "vehicle_type_id", "missing_value"),
        ("bus45,45,0", "bus45,45,-1", "count", "bad_count"),
        ("600.5,5,50", "-1,5,50", "fixed_cost_yuan_per_day", "out_of_range"),
        ("600.5,5,50", "600.5,free,50", "cost_yuan_per_km", "bad_number"),
        ("600.5,5,50", "600.5,5,", "cost_yuan_per_hour", "missing_value"),
        ("50,D1", "50,D9", "depot_id", "unknown_id"),
    ],
)
def test_a_bad_vehicle_is_told(files: ScenarioFiles, old: str, new: str, column: str, code: str) -> None:
    fault = files.replace("fleet.csv", old, new).only_fault()
    assert (fault.file, fault.row, fault.column, fault.code) == ("fleet.csv", 3, column, code)


def test_a_type_with_other_seats_in_another_depot_is_told(files: ScenarioFiles) -> None:
    fault = files.replace("fleet.csv", "bus19,19,2", "bus19,20,2").only_fault()
    assert (fault.row, fault.code) == (4, "conflicting_vehicle_type")
    assert "row 2" in fault.cause


def test_a_type_twice_in_one_depot_is_told(files: ScenarioFiles) -> None:
    fault = files.replace("fleet.csv", "400,3,40,D2", "400,3,40,D1").only_fault()
    assert (fault.row, fault.code) == (4, "duplicate_id")


def test_a_stop_may_not_bear_the_id_of_a_worksite(files: ScenarioFiles) -> None:
    """Worksites are stops too, in the plan document and in GTFS."""
    fault = files.replace("stops.csv", "S2", "W2").only_fault()
    assert (fault.file, fault.row, fault.column, fault.code) == ("stops.csv", 3, "stop_id", "duplicate_id")


def test_an_unknown_status_gets_a_suggestion(files: ScenarioFiles) -> None:
    fault = files.replace("stops.csv", "pinned", "pined").only_fault()
    assert (fault.column, fault.value, fault.code) == ("status", "pined", "bad_choice")
    assert "Did you mean 'pinned'" in fault.cause


@pytest.mark.parametrize("table", ["worksites", "depots", "stops"])
def test_a_place_without_a_name_is_told(files: ScenarioFiles, table: str) -> None:
    rows = SCENARIO_TABLES[table].splitlines()
    cells = rows[1].split(",")
    cells[1] = " "
    fault = files.write(f"{table}.csv", "\n".join([rows[0], ",".join(cells), *rows[2:]])).only_fault()
    assert (fault.file, fault.row, fault.column, fault.code) == (f"{table}.csv", 2, "name", "missing_value")


def test_all_faults_of_one_row_are_told(files: ScenarioFiles) -> None:
    files.replace("riders.csv", "R1,121.58,38.88,W1,day,,,", "R1,x,y,W9,dusk,9,0,none")
    assert [f.column for f in find_faults(files.folder)] == [
        "home_lon",
        "home_lat",
        "worksite_id",
        "shift_id",
        "days",
        "count",
        "need",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1.0), ("-1.5e3", -1500.0), ("１２", 12.0), ("1_000", None), ("nan", None), ("inf", None), ("", None)],
)
def test_a_number_is_finite_and_plain(text: str, value: float | None) -> None:
    assert parse_number(text) == value


OWN = "shift_id,start,end,arrive_early_min,arrive_buffer_min,leave_buffer_min,leave_late_min\n"


def test_a_shift_may_have_windows_of_its_own(files: ScenarioFiles) -> None:
    """In minutes, with decimals; an empty cell leaves the bound to the rules."""
    files.write("shifts.csv", f"{OWN}day,08:30,17:30,10,2.5,,40\nnight,20:00,32:00,,,,\n")
    day, night = read_scenario(files.folder).shifts
    assert (day.arrive_early_s, day.arrive_buffer_s, day.leave_buffer_s, day.leave_late_s) == (600, 150, None, 2_400)
    assert night == Shift(shift_id="night", start=20 * HOUR_S, end=32 * HOUR_S)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ("ten,,,", "arrive_early_min", "bad_number"),
        (",-1,,", "arrive_buffer_min", "out_of_range"),
        (",,nan,", "leave_buffer_min", "bad_number"),
        (",,,5000", "leave_late_min", "out_of_range"),
        ("4,,,", "arrive_early_min", "empty_window"),
        (",26,,", "arrive_early_min", "empty_window"),
        (",,26,", "leave_late_min", "empty_window"),
        (",,10,9", "leave_late_min", "empty_window"),
        ("430,,,", "start", "shift_too_early"),
    ],
)
def test_a_bad_window_is_told_with_its_row(files: ScenarioFiles, cells: str, column: str, code: str) -> None:
    """Windows are checked with the rules they complete: 5 to 25 min. Seven hours before 08:30 it is night."""
    fault = files.write("shifts.csv", f"{OWN}day,08:30,17:30,{cells}\nnight,20:00,32:00,,,,\n").only_fault()
    assert (fault.file, fault.row, fault.column, fault.code) == ("shifts.csv", 2, column, code)


def test_a_misspelt_window_is_not_read_over(files: ScenarioFiles) -> None:
    files.write("shifts.csv", "shift_id,start,end,Arrive Early Min\nday,08:30,17:30,10\nnight,20:00,32:00,\n")
    assert files.only_fault().code == "misspelt_column"
