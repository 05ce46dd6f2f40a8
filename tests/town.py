"""A small invented town as a scenario folder, so that the whole way can be tested on any machine."""

from dataclasses import dataclass
from pathlib import Path

ROWS, COLUMNS = 9, 16
SPACING_LON, SPACING_LAT = 0.0030, 0.0023  # about 260 m each way
WEST, SOUTH = 121.50, 38.80

TOML = """
[scenario]
name = "town"
synthetic = true
crs = "{crs}"
[network]
osm = "roads.osm"
[rules]
max_walk_m = {max_walk_m}
min_load = 4
max_stops = 8
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """What may differ between two towns; the defaults make a scenario without a fault."""

    crs: str = "wgs84"
    max_walk_m: int = 800
    riders: int = 48


def node_id(row: int, column: int) -> int:
    return 1 + row * COLUMNS + column


def position(row: float, column: float) -> tuple[float, float]:
    return WEST + column * SPACING_LON, SOUTH + row * SPACING_LAT


def roads_xml() -> str:
    """Streets on a grid: every fourth one a secondary road with two lanes, the others residential."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
    for row in range(ROWS):
        for column in range(COLUMNS):
            lon, lat = position(row, column)
            lines.append(f'<node id="{node_id(row, column)}" version="1" lon="{lon:.7f}" lat="{lat:.7f}"/>')
    streets = [(f"{row} Street", row, [node_id(row, c) for c in range(COLUMNS)]) for row in range(ROWS)]
    streets += [(f"{c} Avenue", c, [node_id(r, c) for r in range(ROWS)]) for c in range(COLUMNS)]
    for way, (name, number, nodes) in enumerate(streets, start=1):
        kind = "secondary" if number % 4 == 0 else "residential"
        refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
        tags = f'<tag k="highway" v="{kind}"/><tag k="name" v="{name}"/>'
        lines.append(f'<way id="{way}" version="1">{refs}{tags}</way>')
    return "\n".join([*lines, "</osm>"])


def write_town(folder: Path, town: Town | None = None) -> Path:
    """Write a scenario of one worksite in the east and homes all over the west."""
    town = town or Town()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "roads.osm").write_text(roads_xml(), "utf-8")
    (folder / "scenario.toml").write_text(TOML.format(crs=town.crs, max_walk_m=town.max_walk_m), "utf-8")
    site, depot = position(4.1, COLUMNS - 2), position(0.1, 1)
    tables = {
        "worksites": ["worksite_id,name,lon,lat", f"park,软件园,{site[0]:.6f},{site[1]:.6f}"],
        "shifts": ["shift_id,start,end", "day,08:30,17:30", "late,09:00,18:00"],
        "depots": ["depot_id,name,lon,lat", f"yard,Yard,{depot[0]:.6f},{depot[1]:.6f}"],
        "fleet": [
            "vehicle_type_id,seats,count,fixed_cost_yuan_per_day,cost_yuan_per_km,cost_yuan_per_hour,depot_id",
            "small,19,10,220,2.2,40,yard",
            "large,45,6,320,3.3,40,yard",
        ],
        "riders": ["rider_id,home_lon,home_lat,worksite_id,shift_id", *_riders(town.riders)],
    }
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def _riders(count: int) -> list[str]:
    rows = []
    for i in range(count):
        lon, lat = position((i * 7 % (ROWS - 1)) + 0.3, (i * 5 % (COLUMNS // 2)) + 0.4)
        rows.append(f"r{i:03d},{lon:.6f},{lat:.6f},park,{'day' if i % 3 else 'late'}")
    return rows
