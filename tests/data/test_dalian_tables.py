"""The committed tables: who rides, from where to where and when, with which fleet."""

import re
import tomllib
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial import cKDTree

from data.dalian.make.plane import Points, to_plane
from tests.data.conftest import DALIAN, Extract, read_table

Rows = list[dict[str, str]]


def homes(riders: Rows) -> Points:
    return to_plane(
        np.array([float(row["home_lon"]) for row in riders]), np.array([float(row["home_lat"]) for row in riders])
    )


@pytest.fixture(scope="module")
def communities() -> Rows:
    return read_table("communities.csv")


def test_riders_have_the_columns_of_the_contract(riders: Rows) -> None:
    assert list(riders[0]) == [
        "rider_id", "home_lon", "home_lat", "worksite_id", "shift_id", "days", "count", "need",
    ]  # fmt: skip


def test_seven_thousand_boardings_a_day(riders: Rows) -> None:
    assert sum(int(row["count"]) for row in riders) == 3_500
    assert len({row["rider_id"] for row in riders}) == len(riders)


def test_riders_name_worksites_and_shifts_that_exist(riders: Rows) -> None:
    assert {row["worksite_id"] for row in riders} == {row["worksite_id"] for row in read_table("worksites.csv")}
    assert {row["shift_id"] for row in riders} == {row["shift_id"] for row in read_table("shifts.csv")}


def test_most_come_daily_and_few_need_a_short_walk(riders: Rows) -> None:
    days = Counter(row["days"] for row in riders)
    assert all(re.fullmatch("[01]{5}00", text) for text in days)
    assert 0.80 < days["1111100"] / len(riders) < 0.95
    assert 0.01 < sum(row["need"] == "short_walk" for row in riders) / len(riders) < 0.02
    assert {row["need"] for row in riders} == {"", "short_walk"}


def test_eight_parks_three_depots_and_three_shifts() -> None:
    assert len(read_table("worksites.csv")) == 8
    assert len(read_table("depots.csv")) == 3
    shifts = read_table("shifts.csv")
    assert [(row["start"], row["end"]) for row in shifts] == [
        ("08:00", "17:00"),
        ("08:30", "17:30"),
        ("08:45", "17:45"),
    ]


def test_two_shifts_overlap_so_that_a_trip_may_serve_both() -> None:
    """Arrival within [start - 25, start - 5]: starts less than 20 minutes apart share part of the window."""
    starts = sorted(int(r["start"][:2]) * 60 + int(r["start"][3:]) for r in read_table("shifts.csv"))
    assert min(b - a for a, b in pairwise(starts)) < 20


def test_the_fleet_is_mixed_and_large_enough() -> None:
    fleet = read_table("fleet.csv")
    assert {int(row["seats"]) for row in fleet} == {19, 33, 45, 53}
    assert {row["depot_id"] for row in fleet} == {row["depot_id"] for row in read_table("depots.csv")}
    assert 160 <= sum(int(row["count"]) for row in fleet) <= 200
    assert sum(int(row["count"]) * int(row["seats"]) for row in fleet) > 1.3 * 3_500


def test_a_type_costs_the_same_in_every_depot() -> None:
    prices = {"seats", "fixed_cost_yuan_per_day", "cost_yuan_per_km", "cost_yuan_per_hour"}
    terms: dict[str, set[tuple[str, ...]]] = {}
    for row in read_table("fleet.csv"):
        terms.setdefault(row["vehicle_type_id"], set()).add(tuple(row[k] for k in row if k in prices))
    assert {len(found) for found in terms.values()} == {1}
    assert len({(r["vehicle_type_id"], r["depot_id"]) for r in read_table("fleet.csv")}) == 12


def test_the_settings_are_the_defaults_of_the_contract() -> None:
    settings = tomllib.loads((DALIAN / "scenario.toml").read_text("utf-8"))
    assert settings["scenario"] == {"name": "dalian", "timezone": "Asia/Shanghai", "crs": "wgs84", "synthetic": True}
    assert settings["network"] == {"osm": "roads.osm.pbf", "drive_on": "right"}
    assert settings["rules"]["max_ride_min"] == 110
    assert settings["rules"]["same_line_both_ways"] is True
    assert settings["costs"]["unserved_yuan_per_rider"] == 200


def test_about_170_communities_hold_all_riders(riders: Rows, communities: Rows) -> None:
    assert len(communities) == 170
    assert len({row["name"] for row in communities}) == 170
    assert sum(int(row["riders"]) for row in communities) == len(riders)


def test_every_home_is_in_its_community(riders: Rows, communities: Rows) -> None:
    centres = to_plane(
        np.array([float(row["lon"]) for row in communities]), np.array([float(row["lat"]) for row in communities])
    )
    assert np.max(cKDTree(centres).query(homes(riders))[0]) < 195.0


def test_every_home_is_within_reach_of_a_street(riders: Rows, extract: Extract) -> None:
    """Within 300 m of a node of a street where a bus may halt."""
    kinds = {"primary", "secondary", "tertiary", "unclassified", "residential"}
    nodes = sorted(
        {n for w in extract.drivable() if extract.way_tags[w]["highway"] in kinds for n in extract.way_nodes[w]}
    )
    distance = cKDTree(extract.plane(nodes)).query(homes(riders))[0]
    assert np.max(distance) <= 300.0
    assert np.median(distance) < 80.0


def test_the_far_corridors_are_served(riders: Rows) -> None:
    """As far as Lüshun, Shuishiying, Kaifaqu, Jinzhou and, few, Pulandian."""
    at = homes(riders)
    for (lon, lat), least, most in (
        ((121.264, 38.813), 50, 260),
        ((121.274, 38.856), 20, 150),
        ((121.795, 39.052), 60, 350),
        ((121.717, 39.100), 50, 260),
        ((121.967, 39.395), 15, 60),
    ):
        near = int((np.hypot(*(at - to_plane(lon, lat)).T) < 3_500.0).sum())
        assert least <= near <= most, (lon, lat, near)


def test_the_farthest_share_one_shift_and_skip_the_western_parks(riders: Rows) -> None:
    """So few people beyond Sanshilipu could not fill three lines, nor reach the west within the ride limit."""
    far = [row for row in riders if float(row["home_lat"]) > 39.205]
    assert far
    assert {row["shift_id"] for row in far} == {"day"}
    assert not {row["worksite_id"] for row in far} & {"longtou", "huangnichuan"}


def test_the_readme_says_synthetic_and_names_the_guesses() -> None:
    text = (DALIAN / "README.md").read_text("utf-8")
    assert "synthetic" in text.lower()
    assert "guess" in text
    assert "GLOBE" in text
    for name in (p.name for p in DALIAN.iterdir() if p.suffix in {".csv", ".toml", ".pbf"}):
        assert name in text, name
