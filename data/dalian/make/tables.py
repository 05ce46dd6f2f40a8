"""Write the scenario's tables and settings."""

import csv
from collections.abc import Iterable
from pathlib import Path

from data.dalian.make.facts import Locality
from data.dalian.make.people import Community, Rider
from data.dalian.make.plane import Points, to_degrees

WORKSITE_IDS = ("dsp", "tengfei", "qixianling", "network", "haihui", "hekou", "huangnichuan", "longtou")
DEPOT_IDS = ("gaoxin", "ganjingzi", "jinzhou")
SHIFT_TIMES = (("early", "08:00", "17:00"), ("day", "08:30", "17:30"), ("late", "08:45", "17:45"))
# vehicle_type_id, seats, yuan a day, yuan a km, yuan an hour, vehicles in each depot: all guesses
FLEET = (
    ("c19", 19, 300, 1.9, 30, (22, 12, 6)),
    ("c33", 33, 360, 2.5, 30, (30, 20, 12)),
    ("c45", 45, 430, 3.1, 30, (26, 18, 12)),
    ("c53", 53, 480, 3.5, 30, (10, 8, 6)),
)
SCENARIO = """\
# Synthetic: made by `python -m data.dalian.make`; see README.md.
[scenario]
name = "dalian"
timezone = "Asia/Shanghai"
crs = "wgs84"
synthetic = true

[network]
osm = "roads.osm.pbf"
drive_on = "right"

[rules]
max_walk_m = 800
max_walk_short_m = 300
max_ride_min = 110
max_detour = 1.8
max_detour_free_min = 15
max_stops = 14
min_load = 12
arrive_early_min = 25
arrive_buffer_min = 5
leave_buffer_min = 5
leave_late_min = 25
dwell_s_per_stop = 30
dwell_s_per_rider = 2
turnaround_min = 8
on_time = 0.95
same_line_both_ways = true

[costs]
ride_yuan_per_rider_hour = 12
walk_yuan_per_rider_hour = 24
unserved_yuan_per_rider = 200
"""


def write_tables(folder: Path, places: tuple[Locality, ...], communities: list[Community], riders: list[Rider]) -> None:
    """Write everything but the roads into a scenario folder."""
    sites = [place for place in places if place.kind == "worksite"]
    depots = [place for place in places if place.kind == "depot"]
    site_id = {site.name: key for site, key in zip(sites, WORKSITE_IDS, strict=True)}
    (folder / "scenario.toml").write_text(SCENARIO, encoding="utf-8", newline="\n")
    _write(folder / "worksites.csv", ("worksite_id", "name", "lon", "lat"), _located(sites, WORKSITE_IDS))
    _write(folder / "depots.csv", ("depot_id", "name", "lon", "lat"), _located(depots, DEPOT_IDS))
    _write(folder / "shifts.csv", ("shift_id", "start", "end"), SHIFT_TIMES)
    _write_fleet(folder / "fleet.csv")
    _write(
        folder / "riders.csv",
        ("rider_id", "home_lon", "home_lat", "worksite_id", "shift_id", "days", "count", "need"),
        (
            (f"r{k:04d}", _degree(r.lon), _degree(r.lat), site_id[r.worksite], r.shift, r.days, 1, r.need)
            for k, r in enumerate(riders, start=1)
        ),
    )
    _write(
        folder / "communities.csv",
        ("community_id", "name", "lon", "lat", "riders"),
        (
            (f"c{k:03d}", one.name, *map(_degree, _place(one.centre)), one.riders)
            for k, one in enumerate(communities, start=1)
        ),
    )


def _write_fleet(path: Path) -> None:
    head = ("vehicle_type_id", "seats", "count", "fixed_cost_yuan_per_day", "cost_yuan_per_km",
            "cost_yuan_per_hour", "depot_id")  # fmt: skip
    rows = [
        (key, seats, count, day, km, hour, depot)
        for key, seats, day, km, hour, counts in FLEET
        for depot, count in zip(DEPOT_IDS, counts, strict=True)
    ]
    _write(path, head, rows)


def _located(places: list[Locality], keys: tuple[str, ...]) -> Iterable[tuple[object, ...]]:
    for place, key in zip(places, keys, strict=True):
        yield (key, place.name, *map(_degree, _place(place.at)))


def _place(at: Points) -> list[float]:
    found: list[float] = to_degrees(at[None, :], 6)[0].tolist()
    return found


def _degree(value: float) -> str:
    return f"{value:.6f}"


def _write(path: Path, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
