"""A scenario folder without a fault, to spoil in tests."""

from pathlib import Path

from routing.errors import Fault
from routing.formats.scenario_folder import find_faults

SCENARIO_TOML = """\
[scenario]
name = "小城"
timezone = "Asia/Shanghai"
crs = "wgs84"

[network]
osm = "roads.osm.pbf"
drive_on = "right"

[rules]
max_walk_m = 700
max_ride_min = 90
min_load = 10

[costs]
ride_yuan_per_rider_hour = 15.5
"""
SCENARIO_TABLES = {
    "riders": "rider_id,home_lon,home_lat,worksite_id,shift_id,days,count,need\n"
    "R1,121.58,38.88,W1,day,,,\n"
    "R2,121.56,38.87,W1,day,1110100,3,short_walk\n"
    "R3,121.60,38.99,W2,night,1111111,1,\n",
    "worksites": "worksite_id,name,lon,lat\nW1,七贤岭软件园,121.52,38.858\nW2,河口园区,121.505,38.85\n",
    "shifts": "shift_id,start,end\nday,08:30,17:30\nnight,20:00,32:00\n",
    "fleet": "vehicle_type_id,seats,count,fixed_cost_yuan_per_day,cost_yuan_per_km,cost_yuan_per_hour,depot_id\n"
    "bus19,19,4,400,3,40,D1\n"
    "bus45,45,0,600.5,5,50,D1\n"
    "bus19,19,2,400,3,40,D2\n",
    "depots": "depot_id,name,lon,lat\nD1,车库,121.53,38.87\nD2,北库,121.55,38.95\n",
    "stops": "stop_id,name,lon,lat,status\nS1,星海广场,121.58,38.88,\nS2,黑石礁,121.56,38.872,pinned\n",
}


class ScenarioFiles:
    """A scenario folder to spoil: every method writes one change and returns the folder's owner."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "scenario.toml").write_text(SCENARIO_TOML, "utf-8")
        (folder / "roads.osm.pbf").write_bytes(b"not read here")
        for name, text in SCENARIO_TABLES.items():
            (folder / f"{name}.csv").write_text(text, "utf-8")

    def write(self, file: str, content: str | bytes) -> "ScenarioFiles":
        """Put a file in the place of another."""
        raw = content if isinstance(content, bytes) else content.encode()
        (self.folder / file).write_bytes(raw)
        return self

    def replace(self, file: str, old: str, new: str) -> "ScenarioFiles":
        """Replace the first occurrence of a text, which must be there."""
        text = (self.folder / file).read_text("utf-8")
        assert old in text, f"{file} holds no {old!r}"
        return self.write(file, text.replace(old, new, 1))

    def append(self, file: str, text: str) -> "ScenarioFiles":
        """Add a text at the end of a file."""
        return self.write(file, (self.folder / file).read_text("utf-8") + text)

    def remove(self, file: str) -> "ScenarioFiles":
        """Take a file away."""
        (self.folder / file).unlink()
        return self

    def only_fault(self) -> Fault:
        """Return the fault of a folder that must have exactly one."""
        faults = find_faults(self.folder)
        assert len(faults) == 1, "\n".join(map(str, faults)) or "no fault was found"
        return faults[0]
