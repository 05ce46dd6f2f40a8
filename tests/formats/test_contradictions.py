"""Contradictory values are told before any search, all at once, each naming the other party."""

from pathlib import Path

import pytest

from routing.errors import Fault
from routing.formats.scenario_folder import find_faults
from tests.formats.scenario_files import ScenarioFiles


@pytest.fixture
def files(tmp_path: Path) -> ScenarioFiles:
    return ScenarioFiles(tmp_path / "s")


def with_rules(files: ScenarioFiles, *rules: str) -> ScenarioFiles:
    return files.replace("scenario.toml", "[rules]\n", "[rules]\n" + "".join(f"{rule}\n" for rule in rules))


def with_budget(files: ScenarioFiles, *keys: str) -> ScenarioFiles:
    return files.append("scenario.toml", "[budget]\n" + "".join(f"{key}\n" for key in keys))


def line_of(files: ScenarioFiles, key: str) -> int:
    lines = (files.folder / "scenario.toml").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(key))


def the_clash(files: ScenarioFiles, section: str, key: str) -> Fault:
    """Return the only fault, which must stand at a key of scenario.toml, in its line."""
    fault = files.only_fault()
    assert (fault.file, fault.column, fault.code) == ("scenario.toml", f"{section}.{key}", "contradiction")
    assert fault.row == line_of(files, key)
    return fault


def test_no_vehicle_at_all_names_those_who_ask(files: ScenarioFiles) -> None:
    fault = the_clash(with_budget(files, "max_vehicles = 0"), "budget", "max_vehicles")
    assert fault.value == "0"
    assert "5 people of riders.csv" in fault.cause
    assert "1 or more" in fault.action


def test_one_vehicle_is_no_contradiction(files: ScenarioFiles) -> None:
    assert find_faults(with_budget(files, "max_vehicles = 1").folder) == ()


def test_money_below_the_cheapest_vehicle_names_the_vehicle_and_its_price(files: ScenarioFiles) -> None:
    fault = the_clash(with_budget(files, "max_cost_yuan_per_day = 399.99"), "budget", "max_cost_yuan_per_day")
    assert fault.value == "399.99"
    assert "bus19 of fleet.csv, has fixed_cost_yuan_per_day = 400" in fault.cause
    assert "min_load" in fault.cause
    assert "above 400" in fault.action


def test_money_for_one_vehicle_is_no_contradiction(files: ScenarioFiles) -> None:
    assert find_faults(with_budget(files, "max_cost_yuan_per_day = 400").folder) == ()


def test_a_cheaper_vehicle_that_cannot_carry_the_least_load_is_no_way_out(files: ScenarioFiles) -> None:
    files.append("fleet.csv", "van9,9,5,100,2,30,D1\n")
    fault = the_clash(with_budget(files, "max_cost_yuan_per_day = 200"), "budget", "max_cost_yuan_per_day")
    assert "bus19" in fault.cause
    assert "min_load = 10" in fault.action
    files.replace("scenario.toml", "min_load = 10", "min_load = 9")
    assert find_faults(files.folder) == ()


def test_a_cheaper_vehicle_that_stands_nowhere_is_no_way_out(files: ScenarioFiles) -> None:
    files.append("fleet.csv", "mini,12,0,100,2,30,D1\n")
    the_clash(with_budget(files, "max_cost_yuan_per_day = 200"), "budget", "max_cost_yuan_per_day")


def test_a_short_walk_longer_than_the_walk_names_it(files: ScenarioFiles) -> None:
    fault = the_clash(with_rules(files, "max_walk_short_m = 701"), "rules", "max_walk_short_m")
    assert "max_walk_m = 700" in fault.cause
    assert "700 or less" in fault.action


@pytest.mark.parametrize("rules", [("max_walk_short_m = 700",), ()])
def test_equal_walks_and_a_default_that_is_not_written_are_no_contradiction(
    files: ScenarioFiles, rules: tuple[str, ...]
) -> None:
    """Who writes max_walk_m = 200 and nothing else has contradicted nobody: the shorter limit holds for all."""
    if not rules:
        files.replace("scenario.toml", "max_walk_m = 700", "max_walk_m = 200")
    assert find_faults(with_rules(files, *rules).folder) == ()


def test_a_trip_that_ends_before_everyone_is_aboard_names_the_standing_times(files: ScenarioFiles) -> None:
    """Ten riders take 30 + 2 × 10 s to board."""
    fault = the_clash(with_rules(files, "max_trip_min = 0.8"), "rules", "max_trip_min")
    assert fault.value == "0.8"
    assert "the 10 that min_load asks for take 50 s" in fault.cause
    assert "dwell_s_per_rider = 2" in fault.cause


def test_a_trip_that_ends_when_everyone_is_aboard_is_no_contradiction(files: ScenarioFiles) -> None:
    files.replace("scenario.toml", "max_ride_min = 90", "max_trip_min = 0.84\nmax_ride_min = 90")  # 50.4 s
    assert find_faults(files.folder) == ()


def test_a_window_too_narrow_to_be_on_time_names_both(files: ScenarioFiles) -> None:
    """An instant of arrival cannot be met on 95 of 100 days by anything that drives."""
    with_rules(files, "on_time = 0.95", "arrive_early_min = 5", "arrive_buffer_min = 5")
    faults = find_faults(files.folder)
    assert {fault.column for fault in faults} == {"rules.on_time"}
    assert [fault.code for fault in faults] == ["contradiction"] * 2
    assert "shift day is 0 s wide (arrive_early_min less arrive_buffer_min)" in faults[0].cause
    assert "shift night" in faults[1].cause


@pytest.mark.parametrize("rule", ["on_time = 0.5", "on_time = 0.0", "run_time_cv = 0"])
def test_an_instant_can_be_met_where_nothing_is_promised_or_nothing_varies(files: ScenarioFiles, rule: str) -> None:
    with_rules(files, rule, "arrive_early_min = 5", "arrive_buffer_min = 5")
    assert find_faults(files.folder) == ()


def test_the_window_of_a_shifts_own_is_the_one_that_counts(files: ScenarioFiles) -> None:
    files.write(
        "shifts.csv",
        "shift_id,start,end,arrive_early_min,arrive_buffer_min\nday,08:30,17:30,5,5\nnight,20:00,32:00,,\n",
    )
    fault = files.only_fault()
    assert "shift day" in fault.cause


def test_the_nearer_the_homes_the_narrower_a_window_may_be(files: ScenarioFiles) -> None:
    """From 3.4 km a minute's margin is needed, from 16.6 km two minutes and a quarter."""
    with_rules(files, "on_time = 0.95", "arrive_early_min = 8", "arrive_buffer_min = 5")
    assert find_faults(files.folder) == ()
    files.replace("scenario.toml", "arrive_early_min = 8", "arrive_early_min = 7")
    assert "shift night is 120 s wide" in files.only_fault().cause
    files.replace("scenario.toml", "arrive_early_min = 7", "arrive_early_min = 6")
    assert len(find_faults(files.folder)) == 2


def test_contradictions_are_told_at_once_with_every_other_fault(files: ScenarioFiles) -> None:
    with_rules(files, "max_walk_short_m = 900", "max_trip_min = 0.5", "max_wlak_m = 5")
    with_budget(files, "max_vehicles = 0", "max_cost_yuan_per_day = 1")
    found = [(fault.column, fault.code) for fault in find_faults(files.folder)]
    assert sorted(found) == [
        ("budget.max_cost_yuan_per_day", "contradiction"),
        ("budget.max_vehicles", "contradiction"),
        ("rules.max_trip_min", "contradiction"),
        ("rules.max_walk_short_m", "contradiction"),
        ("rules.max_wlak_m", "unknown_key"),
    ]


def test_what_a_fault_could_have_caused_is_not_told_as_a_contradiction(files: ScenarioFiles) -> None:
    """The row that cannot be read may be the cheap vehicle, or the near home."""
    with_budget(files, "max_cost_yuan_per_day = 1")
    files.append("fleet.csv", "free,40,five,0,0,0,D1\n")
    assert [fault.column for fault in find_faults(files.folder)] == ["count"]
