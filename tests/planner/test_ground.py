"""Faults that only the ground can show, and the roads a scenario stands on."""

from dataclasses import replace
from pathlib import Path

import pytest

from routing.errors import InputError
from routing.formats.scenario_folder import read_scenario
from routing.geo.datum import wgs84_to_bd09
from routing.model.places import Location
from routing.planner.ground import find_candidates, find_ground_faults, move_to_wgs84, read_ground, road_cache
from routing.planner.prepare import Study
from tests.town import position, write_town


def test_a_sound_scenario_has_no_fault_on_the_ground(folder: Path, study: Study) -> None:
    assert find_ground_faults(read_scenario(folder), study.ground) == ()


def test_every_home_off_the_roads_is_named_with_its_row(folder: Path, study: Study) -> None:
    scenario = read_scenario(folder)
    far = Location(lon=121.40, lat=38.81)
    moved = tuple(replace(r, home=far) if r.rider_id in {"r003", "r010"} else r for r in scenario.riders)
    faults = find_ground_faults(replace(scenario, riders=moved), study.ground)
    assert [(f.file, f.row, f.code) for f in faults] == [
        ("riders.csv", 5, "home_off_roads"),
        ("riders.csv", 12, "home_off_roads"),
    ]
    assert all("walk limit of 800 m" in f.cause for f in faults)


@pytest.mark.parametrize("table", ["worksites", "depots"])
def test_a_site_off_the_roads_is_named(folder: Path, study: Study, table: str) -> None:
    scenario = read_scenario(folder)
    far = Location(lon=121.40, lat=38.81)
    lost = replace(scenario, **{table: tuple(replace(site, location=far) for site in getattr(scenario, table))})
    [fault] = find_ground_faults(lost, study.ground)
    assert (fault.file, fault.row, fault.code) == (f"{table}.csv", 2, "site_off_roads")
    assert "121.4" in str(fault.value)


def test_in_the_wrong_datum_one_fault_says_it_all(folder: Path, study: Study) -> None:
    """Every home would be off the roads as well; a list of fifty faults would hide the cause."""
    scenario = read_scenario(folder)
    riders = []
    for number, rider in enumerate(scenario.riders):
        lon, lat = position(number % 8 + 0.37, number % 9)
        x, y = wgs84_to_bd09(lon, lat)
        riders.append(replace(rider, home=Location(lon=float(x), lat=float(y))))
    [fault] = find_ground_faults(replace(scenario, riders=tuple(riders)), study.ground)
    assert (fault.file, fault.column, fault.code) == ("scenario.toml", "scenario.crs", "suspected_datum")
    assert 'crs = "bd09"' in fault.action


def test_moving_to_wgs84_leaves_wgs84_as_it_is(folder: Path) -> None:
    scenario = read_scenario(folder)
    moved = move_to_wgs84(scenario)
    assert [r.home for r in moved.riders] == [r.home for r in scenario.riders]
    assert moved.crs == "wgs84"


def test_moving_takes_every_kind_of_point_along(folder: Path) -> None:
    scenario = replace(read_scenario(folder), crs="gcj02")
    moved = move_to_wgs84(scenario)
    for before, after in (
        (scenario.riders[0].home, moved.riders[0].home),
        (scenario.worksites[0].location, moved.worksites[0].location),
        (scenario.depots[0].location, moved.depots[0].location),
    ):
        shift_m = 111_195 * ((after.lon - before.lon) ** 2 + (after.lat - before.lat) ** 2) ** 0.5
        assert 300 < shift_m < 800


def test_an_unreadable_extract_is_a_fault_of_its_file(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    (folder / "roads.osm").write_text("<osm", "utf-8")
    with pytest.raises(InputError) as refused:
        read_ground(read_scenario(folder), cache_dir=tmp_path)
    assert [fault.file for fault in refused.value.faults] == ["roads.osm"]


def test_the_road_cache_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert road_cache() == tmp_path / "banche" / "roads"


def test_riders_with_a_short_walk_have_candidates_within_it(folder: Path, study: Study) -> None:
    scenario = move_to_wgs84(read_scenario(folder))
    strict = replace(scenario, rules=replace(scenario.rules, max_walk_m=300))
    few = find_candidates(strict, study.ground, ())
    reach = study.ground.walk.reach(
        [r.home.lon for r in scenario.riders],
        [r.home.lat for r in scenario.riders],
        [c.lon for c in few],
        [c.lat for c in few],
        300,
    )
    assert (reach.start[1:] > reach.start[:-1]).mean() > 0.8
