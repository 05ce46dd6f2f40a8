"""scenario.toml: every key, its unit and its range; every fault with its line."""

from dataclasses import fields

import pytest

from routing.formats.scenario_folder import find_faults, read_scenario
from routing.formats.scenario_toml import SECTIONS
from routing.model.budget import Budget
from routing.model.rules import CostRates, ServiceRules
from tests.formats.scenario_files import ScenarioFiles

HEAD = '[scenario]\ncrs = "wgs84"\n'


@pytest.mark.parametrize(("section", "model"), [("rules", ServiceRules), ("costs", CostRates), ("budget", Budget)])
def test_every_rule_and_price_can_be_set(section: str, model: type) -> None:
    """A rule that only the code knows could not be defended before riders."""
    assert sorted(key.field for key in SECTIONS[section].values()) == sorted(field.name for field in fields(model))


@pytest.mark.parametrize(
    ("written", "field", "value"),
    [
        ("max_walk_m = 500", "max_walk_m", 500),
        ("max_walk_m = 500.0", "max_walk_m", 500),
        ("max_ride_min = 60", "max_ride_s", 3_600),
        ("max_ride_min = 60.5", "max_ride_s", 3_630),
        ("max_detour = 2", "max_detour", 2.0),
        ("turnaround_min = 0", "turnaround_s", 0),
        ("dwell_s_per_rider = 3", "dwell_s_per_rider", 3),
        ("same_line_both_ways = false", "same_line_both_ways", False),
        ("walk_speed_km_per_h = 4.8", "walk_speed_m_per_h", 4_800),
        ("on_time = 0.9", "on_time", 0.9),
        ("max_trip_min = 45", "max_trip_s", 2_700),
        ("max_stops = 5", "max_trip_s", None),
        ("site_dwell_s_per_stop = 0", "site_dwell_s_per_stop", 0),
        ("site_dwell_s_per_rider = 4", "site_dwell_s_per_rider", 4),
        ("one_worksite_per_trip = true", "one_worksite_per_trip", True),
    ],
)
def test_rules_are_converted_to_internal_units(files: ScenarioFiles, written: str, field: str, value: object) -> None:
    files.write("scenario.toml", f"{HEAD}[rules]\n{written}\n")
    found = getattr(read_scenario(files.folder).rules, field)
    assert (found, type(found)) == (value, type(value))


def test_prices_are_converted_to_whole_fen(files: ScenarioFiles) -> None:
    files.write("scenario.toml", f"{HEAD}[costs]\nride_yuan_per_rider_hour = 0.29\nunserved_yuan_per_rider = 1e3\n")
    costs = read_scenario(files.folder).costs
    assert (costs.ride, costs.walk, costs.unserved) == (29, 2_400, 100_000)


def test_vehicles_may_be_weighed_before_costs(files: ScenarioFiles) -> None:
    assert not read_scenario(files.folder).costs.fewest_vehicles_first
    files.write("scenario.toml", f"{HEAD}[costs]\nfewest_vehicles_first = true\n")
    assert read_scenario(files.folder).costs == CostRates(fewest_vehicles_first=True)


def test_a_budget_is_read_in_vehicles_and_fen(files: ScenarioFiles) -> None:
    """Each limit stands by itself; none is the default."""
    assert read_scenario(files.folder).budget == Budget()
    files.write("scenario.toml", f"{HEAD}[budget]\nmax_vehicles = 12\nmax_cost_yuan_per_day = 9999.99\n")
    assert read_scenario(files.folder).budget == Budget(max_vehicles=12, max_cost_fen=999_999)
    files.write("scenario.toml", f"{HEAD}[budget]\nmax_vehicles = 1\n")
    assert read_scenario(files.folder).budget == Budget(max_vehicles=1)


@pytest.mark.parametrize(
    ("line", "key", "code"),
    [
        ("max_vehicles = -1", "max_vehicles", "out_of_range"),
        ("max_vehicles = 2.5", "max_vehicles", "wrong_type"),
        ('max_cost_yuan_per_day = "much"', "max_cost_yuan_per_day", "wrong_type"),
        ("max_cost_yuan_per_day = nan", "max_cost_yuan_per_day", "out_of_range"),
        ("max_cost_yuan = 10", "max_cost_yuan", "unknown_key"),
    ],
)
def test_a_bad_budget_is_told_with_its_line(files: ScenarioFiles, line: str, key: str, code: str) -> None:
    fault = files.write("scenario.toml", f"{HEAD}[budget]\n{line}\n").only_fault()
    assert (fault.file, fault.row, fault.column, fault.code) == ("scenario.toml", 4, f"budget.{key}", code)


def test_network_keys_are_read(files: ScenarioFiles) -> None:
    text = f'{HEAD}synthetic = true\n[network]\ndrive_on = "left"\nspeed_factor = 0.8\nallow_ferries = true\n'
    scenario = read_scenario(files.write("scenario.toml", text).folder)
    assert (scenario.drive_on, scenario.speed_factor, scenario.allow_ferries, scenario.synthetic) == (
        "left",
        0.8,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("line", "key", "code"),
    [
        ('max_walk_m = "800"', "rules.max_walk_m", "wrong_type"),
        ("max_walk_m = true", "rules.max_walk_m", "wrong_type"),
        ("max_walk_m = 800.5", "rules.max_walk_m", "wrong_type"),
        ("max_walk_m = -1", "rules.max_walk_m", "out_of_range"),
        ("max_ride_min = nan", "rules.max_ride_min", "out_of_range"),
        ("max_ride_min = inf", "rules.max_ride_min", "out_of_range"),
        ("max_ride_min = [60]", "rules.max_ride_min", "wrong_type"),
        ("max_detour = 0.5", "rules.max_detour", "out_of_range"),
        ("max_stops = 1", "rules.max_stops", "out_of_range"),
        ("on_time = 1", "rules.on_time", "out_of_range"),
        ("on_time = 95", "rules.on_time", "out_of_range"),
        ("same_line_both_ways = 1", "rules.same_line_both_ways", "wrong_type"),
        ("arrive_early_min = 3", "rules.arrive_early_min", "empty_window"),
        ("leave_buffer_min = 30", "rules.leave_late_min", "empty_window"),
        ("max_wait_min = 5", "rules.max_wait_min", "unknown_key"),
        ("max_trip_min = -1", "rules.max_trip_min", "out_of_range"),
        ("site_dwell_s_per_rider = 1.5", "rules.site_dwell_s_per_rider", "wrong_type"),
        ("one_worksite_per_trip = 1", "rules.one_worksite_per_trip", "wrong_type"),
    ],
)
def test_a_bad_rule_is_told_with_its_key(files: ScenarioFiles, line: str, key: str, code: str) -> None:
    fault = files.write("scenario.toml", f"{HEAD}[rules]\n# a comment\n{line}\n").only_fault()
    assert (fault.file, fault.column, fault.code) == ("scenario.toml", key, code)
    if code != "empty_window":  # there, the faulty bound may be the default
        assert fault.row == 5


def test_a_misspelt_key_gets_a_suggestion(files: ScenarioFiles) -> None:
    fault = files.write("scenario.toml", f"{HEAD}[rules]\nmax_walk = 800\n").only_fault()
    assert "Did you mean 'max_walk_m" in fault.cause


def test_an_unknown_section_gets_a_suggestion(files: ScenarioFiles) -> None:
    fault = files.write("scenario.toml", f"{HEAD}[cost]\nride_yuan_per_rider_hour = 1\n").only_fault()
    assert (fault.row, fault.column, fault.code) == (3, "cost", "unknown_key")
    assert "Did you mean 'costs'" in fault.cause


def test_a_key_in_the_place_of_a_section_is_told(files: ScenarioFiles) -> None:
    fault = files.write("scenario.toml", f"rules = 5\n{HEAD}").only_fault()
    assert (fault.row, fault.column, fault.code) == (1, "rules", "wrong_type")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[scenario]\nname = "x"\n', "missing_crs"),
        ("", "empty_file"),
        ('[scenario]\ncrs = "WGS-84"\n', "unknown_crs"),
        ('[scenario]\ncrs = "epsg:4326"\n', "unknown_crs"),
        ("[scenario]\ncrs = 4326\n", "wrong_type"),
        (f'{HEAD}timezone = "Asia/Dalian"\n', "unknown_timezone"),
        (f'{HEAD}timezone = "Asia"\n', "unknown_timezone"),
        (f'{HEAD}timezone = "../x"\n', "unknown_timezone"),
        (f'{HEAD}[network]\ndrive_on = "rigth"\n', "bad_choice"),
        (f"{HEAD}[network]\nspeed_factor = 0\n", "out_of_range"),
        (f"{HEAD}[scenario]\n", "unreadable_toml"),
        (f"{HEAD}name = Dalian\n", "unreadable_toml"),
        (f"{HEAD}name = {'[' * 20_000}\n", "unreadable_toml"),
    ],
)
def test_a_bad_head_is_one_fault(files: ScenarioFiles, text: str, code: str) -> None:
    assert files.write("scenario.toml", text).only_fault().code == code


def test_a_missing_crs_says_which_there_are(files: ScenarioFiles) -> None:
    fault = files.replace("scenario.toml", 'crs = "wgs84"', "").only_fault()
    assert fault.column == "scenario.crs"
    assert all(name in fault.action for name in ("wgs84", "gcj02", "bd09"))


def test_broken_toml_tells_its_line_and_the_tables_are_still_read(files: ScenarioFiles) -> None:
    files.write("scenario.toml", f"{HEAD}[rules\n").replace("riders.csv", "R3,121.60", "R3,abc")
    found = {(f.file, f.row, f.code) for f in find_faults(files.folder)}
    assert found == {("scenario.toml", 3, "unreadable_toml"), ("riders.csv", 4, "bad_number")}


def test_a_missing_scenario_file_is_told_and_the_tables_are_still_read(files: ScenarioFiles) -> None:
    files.remove("scenario.toml").replace("shifts.csv", "20:00", "8pm")
    found = {(f.file, f.code) for f in find_faults(files.folder)}
    assert found == {("scenario.toml", "missing_file"), ("shifts.csv", "bad_clock")}
