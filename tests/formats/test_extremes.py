"""The extremes at the door: what no search could hold is a fault with its place, what it can hold is read exactly."""

from pathlib import Path

import pytest

from routing.formats.scenario_folder import find_faults, read_scenario
from tests.formats.scenario_files import ScenarioFiles


@pytest.fixture
def files(tmp_path: Path) -> ScenarioFiles:
    return ScenarioFiles(tmp_path / "s")


def test_a_row_of_a_million_riders_is_read_where_a_vehicle_seats_them(files: ScenarioFiles) -> None:
    files.replace("riders.csv", "R2,121.56,38.87,W1,day,1110100,3,", "R2,121.56,38.87,W1,day,1110100,1000000,")
    fault = files.only_fault()
    assert (fault.file, fault.row, fault.column, fault.value) == ("riders.csv", 3, "count", "1000000")
    assert fault.code == "no_vehicle_large_enough"
    files.append("fleet.csv", "train,1000000,1,9,9,9,D1\n")
    assert sum(rider.count for rider in read_scenario(files.folder).riders) == 1_000_002


@pytest.mark.parametrize("count", ["1000000001", "1e10", "99999999999999999999", "-1", "inf"])
def test_a_count_beyond_reason_is_told_with_its_row(files: ScenarioFiles, count: str) -> None:
    files.replace("riders.csv", "R2,121.56,38.87,W1,day,1110100,3,", f"R2,121.56,38.87,W1,day,1110100,{count},")
    fault = files.only_fault()
    assert (fault.file, fault.row, fault.column, fault.code) == ("riders.csv", 3, "count", "bad_count")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_ride_min", "4321"),
        ("max_walk_m", "1000001"),
        ("min_load", "99999999999"),
        ("max_stops", "9223372036854775808"),
        ("dwell_s_per_stop", "1e18"),
        ("turnaround_min", "inf"),
        ("max_detour", "1e300"),
        ("walk_speed_km_per_h", "0.0"),
    ],
)
def test_a_rule_beyond_reason_is_told_with_its_key(files: ScenarioFiles, key: str, value: str) -> None:
    text = "".join(
        line
        for line in (files.folder / "scenario.toml").read_text("utf-8").splitlines(keepends=True)
        if not line.startswith(key)
    )
    files.write("scenario.toml", text.replace("[rules]\n", f"[rules]\n{key} = {value}\n"))
    fault = files.only_fault()
    assert (fault.column, fault.code) == (f"rules.{key}", "out_of_range")


def test_rides_of_a_day_are_read_in_seconds(files: ScenarioFiles) -> None:
    """A shift that begins the next morning leaves room for a ride of 24 hours."""
    files.replace("scenario.toml", "max_ride_min = 90", "max_ride_min = 1440")
    early = find_faults(files.folder)
    assert {fault.code for fault in early} == {"shift_too_early"}
    files.write("shifts.csv", "shift_id,start,end\nday,32:30,41:30\nnight,44:00,56:00\n")
    scenario = read_scenario(files.folder)
    assert scenario.rules.max_ride_s == 86_400
    assert [shift.start for shift in scenario.shifts] == [117_000, 158_400]


@pytest.mark.parametrize("clock", ["72:00", "99:59", "100:00"])
def test_a_clock_beyond_three_days_is_told(files: ScenarioFiles, clock: str) -> None:
    files.replace("shifts.csv", "32:00", clock)
    assert files.only_fault().code == "bad_clock"


@pytest.mark.parametrize("table", ["riders", "worksites", "shifts", "fleet", "depots"])
def test_a_table_without_rows_is_a_fault(files: ScenarioFiles, table: str) -> None:
    header = (files.folder / f"{table}.csv").read_text("utf-8").splitlines()[0]
    files.write(f"{table}.csv", header + "\n")
    assert "empty_table" in {fault.code for fault in find_faults(files.folder) if fault.file == f"{table}.csv"}


@pytest.mark.parametrize("cost", ["1e10", "1e300", "inf", "-1"])
def test_a_price_beyond_reason_is_told(files: ScenarioFiles, cost: str) -> None:
    files.replace("fleet.csv", "bus19,19,4,400,", f"bus19,19,4,{cost},")
    assert {fault.code for fault in find_faults(files.folder)} <= {
        "out_of_range", "bad_number", "conflicting_vehicle_type",
    }  # fmt: skip
    assert find_faults(files.folder)[0].row == 2
