"""Write a made-up scenario as the folder that every command reads."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from routing.formats.tables import TABLES
from routing.synth.town import Spot

Row: TypeAlias = tuple[object, ...]

FLEET = (
    ("bus19", 19, 380, 2.2, 45),
    ("bus33", 33, 520, 2.9, 48),
    ("bus45", 45, 620, 3.5, 52),
    ("bus53", 53, 700, 3.9, 55),
)
"""Id, seats, yuan per day, per km and per hour: guesses in the range of charter tariffs."""

SHIFTS = (("S0815", "08:15", "17:15"), ("S0830", "08:30", "17:30"), ("S0900", "09:00", "18:00"))
"""Id, start and end; the windows of the first two overlap, so that one trip may carry both."""

COLUMNS = {"shifts": TABLES["shifts"].required}
"""Header of a table of which not every column is written."""

MAX_WALK_M = 800
MAX_WALK_SHORT_M = 300

_FILL = 0.5  # vehicles enough for everyone even if each type alone ran half empty

_TOML = """\
# Synthetic: homes, work parks, shifts, depots and tariffs are made up; no person is described.
# Roads: © OpenStreetMap contributors, ODbL 1.0.
[scenario]
name = {name}
timezone = {timezone}
crs = "wgs84"
synthetic = true

[network]
osm = {osm}
drive_on = "right"

[rules]
max_walk_m = {max_walk}
max_walk_short_m = {max_walk_short}
max_ride_min = 110
max_detour = 1.8
max_detour_free_min = 15
max_stops = 14
min_load = {min_load}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One row of riders.csv; worksite and shift are positions in their tables."""

    lon: float
    lat: float
    worksite: int
    shift: int
    days: str
    need: str


def write_folder(
    folder: Path,
    *,
    name: str,
    timezone: str,
    osm: str,
    people: Sequence[Person],
    parks: Sequence[Spot],
    depots: Sequence[Spot],
) -> None:
    """Write scenario.toml and the tables into an existing folder; the extract `osm` is the caller's."""
    text = _TOML.format(
        name=_quoted(name),
        timezone=_quoted(timezone),
        osm=_quoted(osm),
        max_walk=MAX_WALK_M,
        max_walk_short=MAX_WALK_SHORT_M,
        min_load=max(1, min(12, len(people) // 40)),
    )
    (folder / "scenario.toml").write_text(text, encoding="utf-8", newline="\n")
    for table, rows in (
        ("riders", _rider_rows(people)),
        ("worksites", _site_rows("W", "Work park", parks)),
        ("depots", _site_rows("D", "Depot", depots)),
        ("shifts", SHIFTS),
        ("fleet", _fleet_rows(len(people), len(depots))),
    ):
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS.get(table, TABLES[table].required + TABLES[table].optional))
            writer.writerows(rows)


def _rider_rows(people: Sequence[Person]) -> Iterable[Row]:
    width = len(str(len(people)))
    for i, p in enumerate(people, start=1):
        home = f"{p.lon:.6f}", f"{p.lat:.6f}"
        yield f"r{i:0{width}d}", *home, f"W{p.worksite + 1}", SHIFTS[p.shift][0], p.days, 1, p.need


def _site_rows(prefix: str, what: str, spots: Sequence[Spot]) -> Iterable[Row]:
    for i, spot in enumerate(spots, start=1):
        name = f"{what} {i}" + (f", {spot.street}" if spot.street else "")
        yield f"{prefix}{i}", name, f"{spot.lon:.6f}", f"{spot.lat:.6f}"


def _fleet_rows(riders: int, depots: int) -> Iterable[Row]:
    for kind, seats, *costs in FLEET:
        for depot in range(1, depots + 1):
            yield kind, seats, -(-riders // int(seats * _FILL * depots)) + 2, *costs, f"D{depot}"


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    plain = "".join(" " if ord(letter) < 32 or ord(letter) == 127 else letter for letter in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
