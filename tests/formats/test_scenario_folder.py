"""A scenario folder is read as a whole; every fault of it is found at once and at its place."""

from pathlib import Path

import numpy as np
import pytest

from routing.errors import InputError
from routing.formats.codes import Code
from routing.formats.scenario_folder import find_faults, read_scenario
from routing.model.demand import Need
from routing.model.places import Location, StopStatus
from tests.formats.scenario_files import ScenarioFiles


def test_a_sound_folder_becomes_one_frozen_value(files: ScenarioFiles) -> None:
    scenario = read_scenario(files.folder)
    assert find_faults(files.folder) == ()
    assert (scenario.name, scenario.timezone, scenario.crs, scenario.drive_on) == (
        "小城",
        "Asia/Shanghai",
        "wgs84",
        "right",
    )
    assert scenario.osm == files.folder / "roads.osm.pbf"
    assert [w.name for w in scenario.worksites] == ["七贤岭软件园", "河口园区"]
    assert [(s.shift_id, s.start, s.end) for s in scenario.shifts] == [
        ("day", 30_600, 63_000),
        ("night", 72_000, 115_200),
    ]
    assert scenario.rules.max_walk_m == 700
    assert scenario.rules.max_ride_s == 90 * 60
    assert scenario.costs.ride == 1_550
    assert [s.status for s in scenario.stop_rows] == [StopStatus.ALLOWED, StopStatus.PINNED]


def test_defaults_of_columns_are_those_of_the_contract(files: ScenarioFiles) -> None:
    """An empty cell means Monday to Friday, one person, no need; an absent column means the same."""
    first, second, _ = read_scenario(files.folder).riders
    assert (first.days, first.count, first.need) == (0b0011111, 1, Need.NONE)
    assert (second.days, second.count, second.need) == (0b0010111, 3, Need.SHORT_WALK)
    files.write("riders.csv", "rider_id,home_lon,home_lat,worksite_id,shift_id\nR1,121.58,38.88,W1,day\n")
    (bare,) = read_scenario(files.folder).riders
    assert bare == first


def test_defaults_of_keys_are_those_of_the_contract(files: ScenarioFiles) -> None:
    files.write("scenario.toml", '[scenario]\ncrs = "wgs84"\n')
    scenario = read_scenario(files.folder)
    assert scenario.name == "scenario"  # the folder's
    assert (scenario.speed_factor, scenario.allow_ferries, scenario.synthetic) == (1.0, False, False)
    assert scenario.rules.max_ride_s == 110 * 60
    assert scenario.costs.unserved == 20_000


def test_a_type_may_stand_in_several_depots(files: ScenarioFiles) -> None:
    scenario = read_scenario(files.folder)
    assert [v.vehicle_type_id for v in scenario.vehicle_types] == ["bus19", "bus45"]
    assert [(f.vehicle_type_id, f.depot_id, f.available) for f in scenario.fleet] == [
        ("bus19", "D1", 4),
        ("bus45", "D1", 0),
        ("bus19", "D2", 2),
    ]
    assert scenario.vehicle_types[1].fixed_cost == 60_050


def test_the_table_of_stops_may_be_absent(files: ScenarioFiles) -> None:
    assert read_scenario(files.remove("stops.csv").folder).stop_rows == ()


def test_every_fault_of_every_file_is_raised_at_once(files: ScenarioFiles) -> None:
    files.replace("scenario.toml", "max_walk_m", "max_wlak_m")
    files.replace("riders.csv", "R1,121.58", "R1,12x").append("riders.csv", "R2,121.5,38.8,W9,dawn,,,\n")
    files.replace("shifts.csv", "08:30", "8h30").remove("depots.csv")
    with pytest.raises(InputError) as caught:
        read_scenario(files.folder)
    found = {(f.file, f.row, f.column, f.code) for f in caught.value.faults}
    assert found == {
        ("scenario.toml", 11, "rules.max_wlak_m", "unknown_key"),
        ("riders.csv", 2, "home_lon", "bad_number"),
        ("riders.csv", 5, "rider_id", "duplicate_id"),
        ("riders.csv", 5, "worksite_id", "unknown_id"),
        ("riders.csv", 5, "shift_id", "unknown_id"),
        ("shifts.csv", 2, "start", "bad_clock"),
        ("depots.csv", None, None, "missing_file"),
    }
    assert caught.value.exit_status == 2
    assert str(caught.value).count("\n") == 6


def test_each_fault_says_what_to_do(files: ScenarioFiles) -> None:
    files.write("riders.csv", "rider_id;home_lon\n1;2\n").replace("scenario.toml", "wgs84", "wgs-84")
    for fault in find_faults(files.folder):
        assert fault.cause
        assert fault.action[-1] in ".)"
        assert fault.code in set(Code)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    (fault,) = find_faults(tmp_path / "nowhere")
    assert (fault.code, fault.row, fault.column) == ("missing_folder", None, None)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text("")
    (fault,) = find_faults(path)
    assert fault.code == "missing_folder"
    assert "not a folder" in fault.cause


@pytest.mark.parametrize("table", ["riders", "worksites", "shifts", "fleet", "depots"])
def test_a_missing_table_is_one_fault_not_a_cascade(files: ScenarioFiles, table: str) -> None:
    """Ids that refer to a table which is not there are not called unknown."""
    fault = files.remove(f"{table}.csv").only_fault()
    assert (fault.file, fault.code) == (f"{table}.csv", "missing_file")


@pytest.mark.parametrize("table", ["riders", "worksites", "shifts", "fleet", "depots"])
def test_a_table_without_rows_is_told(files: ScenarioFiles, table: str) -> None:
    header = (files.folder / f"{table}.csv").read_text("utf-8").splitlines()[0]
    found = {(f.file, f.code) for f in find_faults(files.write(f"{table}.csv", f"{header}\n\n").folder)}
    assert (f"{table}.csv", "empty_table") in found


def test_an_empty_table_of_stops_is_no_fault(files: ScenarioFiles) -> None:
    assert find_faults(files.write("stops.csv", "stop_id,name,lon,lat\n").folder) == ()


def test_a_missing_extract_is_told(files: ScenarioFiles) -> None:
    fault = files.remove("roads.osm.pbf").only_fault()
    assert (fault.file, fault.column, fault.code) == ("scenario.toml", "network.osm", "missing_file")


def test_an_empty_extract_is_told(files: ScenarioFiles) -> None:
    fault = files.write("roads.osm.pbf", b"").only_fault()
    assert (fault.file, fault.code) == ("roads.osm.pbf", "empty_file")


def test_an_extract_of_an_unknown_format_is_told(files: ScenarioFiles) -> None:
    fault = files.replace("scenario.toml", "roads.osm.pbf", "roads.shp").only_fault()
    assert (fault.value, fault.code) == ("roads.shp", "unknown_extract_format")


@pytest.mark.parametrize("name", ["a.osm", "a.osm.bz2", "deep/a.osm.pbf"])
def test_an_extract_may_be_of_any_known_format_and_in_any_folder(files: ScenarioFiles, name: str) -> None:
    path = files.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    files.replace("scenario.toml", "roads.osm.pbf", name)
    assert read_scenario(files.folder).osm == path


def test_a_point_beyond_the_poles_is_swapped(files: ScenarioFiles) -> None:
    fault = files.replace("riders.csv", "121.58,38.88", "38.88,121.58").only_fault()
    assert (fault.row, fault.column, fault.code) == (2, "home_lat", "coordinates_swapped")


def test_a_point_that_would_fit_the_other_way_round_is_swapped(files: ScenarioFiles) -> None:
    """West of 90 degrees both orders are on the earth: only the worksites tell."""
    files.write("worksites.csv", "worksite_id,name,lon,lat\nW1,a,-8.61,41.15\nW2,b,-8.65,41.18\n")
    files.write("riders.csv", "rider_id,home_lon,home_lat,worksite_id,shift_id\nR1,41.1,-8.6,W1,day\n")
    files.write("depots.csv", "depot_id,name,lon,lat\nD1,a,-8.6,41.1\nD2,b,-8.7,41.2\n").remove("stops.csv")
    fault = files.only_fault()
    assert (fault.file, fault.row, fault.code) == ("riders.csv", 2, "coordinates_swapped")


@pytest.mark.parametrize(("lon", "lat"), [("200", "38.9"), ("121.5", "-200"), ("1e9", "1e9")])
def test_no_such_place_on_earth(files: ScenarioFiles, lon: str, lat: str) -> None:
    fault = files.replace("worksites.csv", "121.505,38.85", f"{lon},{lat}").only_fault()
    assert fault.code == "coordinate_out_of_range"


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity", "", "121,5", "1_2"])
def test_what_is_no_finite_number(files: ScenarioFiles, value: str) -> None:
    fault = files.replace("depots.csv", "121.55,38.95", f'"{value}",38.95').only_fault()
    assert fault.code == ("missing_value" if not value else "bad_number")
    assert (fault.row, fault.column, fault.value) == (3, "lon", value)


def test_null_island_is_far_away(files: ScenarioFiles) -> None:
    fault = files.replace("stops.csv", "121.56,38.872", "0,0").only_fault()
    assert (fault.file, fault.row, fault.code) == ("stops.csv", 3, "coordinate_far_away")


def test_one_wrong_worksite_does_not_accuse_everything_else(files: ScenarioFiles) -> None:
    files.append("worksites.csv", "W3,错,12.15,38.85\n")
    assert files.only_fault().row == 4


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_chinese_datums_are_impossible_in_europe(files: ScenarioFiles, crs: str) -> None:
    files.replace("scenario.toml", "wgs84", crs).remove("stops.csv")
    files.write("worksites.csv", "worksite_id,name,lon,lat\nW1,a,9.19,45.46\nW2,b,9.2,45.47\n")
    files.write("riders.csv", "rider_id,home_lon,home_lat,worksite_id,shift_id\nR1,9.1,45.4,W1,day\n")
    files.write("depots.csv", "depot_id,name,lon,lat\nD1,a,9.1,45.4\nD2,b,9.1,45.5\n")
    fault = files.only_fault()
    assert (fault.column, fault.value, fault.code) == ("scenario.crs", crs, "impossible_crs")


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_chinese_datums_are_possible_in_dalian(files: ScenarioFiles, crs: str) -> None:
    assert read_scenario(files.replace("scenario.toml", "wgs84", crs).folder).crs == crs


def test_a_group_larger_than_any_vehicle_that_is_there(files: ScenarioFiles) -> None:
    """The type of 45 seats does not count: none of it stands anywhere."""
    fault = files.replace("riders.csv", "1110100,3", "1110100,20").only_fault()
    assert (fault.row, fault.column, fault.value, fault.code) == (3, "count", "20", "no_vehicle_large_enough")


def test_a_minimum_load_that_no_vehicle_can_carry(files: ScenarioFiles) -> None:
    fault = files.replace("scenario.toml", "min_load = 10", "min_load = 20").only_fault()
    assert (fault.column, fault.code) == ("rules.min_load", "no_vehicle_large_enough")


def test_no_vehicle_at_all(files: ScenarioFiles) -> None:
    files.replace("fleet.csv", "19,4,", "19,0,").replace("fleet.csv", "19,2,", "19,0,")
    assert files.only_fault().code == "no_vehicles"


def test_a_fault_in_the_fleet_does_not_accuse_the_riders(files: ScenarioFiles) -> None:
    """The row that cannot be read may be the large vehicle."""
    files.replace("riders.csv", "1110100,3", "1110100,30").replace("fleet.csv", "bus45,45,0", "bus45,45,x")
    assert files.only_fault().file == "fleet.csv"


def test_a_shift_whose_trips_would_depart_before_midnight(files: ScenarioFiles) -> None:
    fault = files.replace("shifts.csv", "08:30", "01:30").only_fault()
    assert (fault.row, fault.column, fault.code) == (2, "start", "shift_too_early")
    assert find_faults(files.replace("shifts.csv", "01:30,17:30", "25:30,41:30").folder) == ()


def test_every_coordinate_is_converted_once(files: ScenarioFiles) -> None:
    scenario = read_scenario(files.replace("scenario.toml", "wgs84", "gcj02").folder)
    moved = scenario.moved(lambda lon, lat: (lon + 1.0, lat - 2.0))
    assert moved.crs == "wgs84"
    pairs = [(r.home, m.home) for r, m in zip(scenario.riders, moved.riders, strict=True)] + [
        (a.location, b.location)
        for before, after in (
            (scenario.worksites, moved.worksites),
            (scenario.depots, moved.depots),
            (scenario.stop_rows, moved.stop_rows),
        )
        for a, b in zip(before, after, strict=True)
    ]
    assert len(pairs) == 9
    for was, now in pairs:
        assert now == Location(lon=was.lon + 1.0, lat=was.lat - 2.0)


def test_coordinates_are_converted_as_arrays(files: ScenarioFiles) -> None:
    shapes = []

    def convert(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        shapes.append((lon.shape, lat.dtype))
        return lon, lat

    scenario = read_scenario(files.remove("stops.csv").folder)
    assert scenario.moved(convert) == scenario
    assert shapes == [((3,), np.float64), ((2,), np.float64), ((2,), np.float64)]
