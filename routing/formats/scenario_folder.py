"""Reads a scenario folder as a whole: one frozen value, or every fault at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routing.errors import Fault
from routing.formats.codes import Code
from routing.formats.contradictions import check_contradictions
from routing.formats.faults import FaultList
from routing.formats.scenario_toml import FILE, Head, read_head
from routing.formats.sheets import read_tables
from routing.formats.tables import TABLES, Content, StopRow, read_content
from routing.model.budget import Budget
from routing.model.demand import Direction, Rider, Shift
from routing.model.fleet import FleetItem, VehicleType
from routing.model.places import Depot, Location, Worksite
from routing.model.rules import CostRates, ServiceRules
from routing.model.units import format_clock

EXTRACT_SUFFIXES = (".osm.pbf", ".osm", ".osm.bz2")
Degrees = NDArray[np.float64]
Convert = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

_FAR_DEGREES = 3.0  # some 300 km from the middle of the worksites: no daily commute is as long
_BOUNDS = {
    Direction.INBOUND: ("arrive_buffer_min", "arrive_early_min"),
    Direction.OUTBOUND: ("leave_buffer_min", "leave_late_min"),
}
_BENT_BOX = (72.004, 0.8293, 137.8347, 55.8271)  # west, south, east, north of where GCJ-02 and BD-09 are in use


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a scenario folder holds.

    Attributes
    ----------
    crs : str
        Datum of every coordinate here: as declared after reading, ``wgs84`` after `moved`.
    synthetic : bool
        Whether riders or roads are made up.
    osm : Path
        Road extract; exists and is not empty.
    speed_factor : float
        Multiplies every guessed driving speed.
    rows : mapping
        File and row of each record by (table, id); says nothing about the scenario itself.
    """

    name: str
    timezone: str
    crs: str
    synthetic: bool
    osm: Path
    drive_on: str
    speed_factor: float
    allow_ferries: bool
    rules: ServiceRules
    costs: CostRates
    budget: Budget
    riders: tuple[Rider, ...]
    worksites: tuple[Worksite, ...]
    shifts: tuple[Shift, ...]
    depots: tuple[Depot, ...]
    vehicle_types: tuple[VehicleType, ...]
    fleet: tuple[FleetItem, ...]
    stop_rows: tuple[StopRow, ...]
    rows: Mapping[tuple[str, str], tuple[str, int | None]] = field(default_factory=dict, repr=False, compare=False)

    def place_of(self, table: str, record_id: str) -> tuple[str, int | None]:
        """Return the file and row of a record, for faults that come to light later."""
        return self.rows.get((table, record_id), (f"{table}.csv", None))

    def moved(self, convert: Convert) -> "Scenario":
        """Return the scenario with every coordinate converted to WGS-84.

        Parameters
        ----------
        convert : callable
            Takes and returns arrays of longitudes and latitudes [degrees], such as
            `routing.geo.datum.gcj02_to_wgs84`.
        """
        homes = _convert([r.home for r in self.riders], convert)
        sites = _convert([w.location for w in self.worksites], convert)
        yards = _convert([d.location for d in self.depots], convert)
        stops = _convert([s.location for s in self.stop_rows], convert)
        return replace(
            self,
            crs="wgs84",
            riders=tuple(replace(r, home=at) for r, at in zip(self.riders, homes, strict=True)),
            worksites=tuple(replace(w, location=at) for w, at in zip(self.worksites, sites, strict=True)),
            depots=tuple(replace(d, location=at) for d, at in zip(self.depots, yards, strict=True)),
            stop_rows=tuple(replace(s, location=at) for s, at in zip(self.stop_rows, stops, strict=True)),
        )


def read_scenario(folder: Path) -> Scenario:
    """Read a scenario folder.

    Parameters
    ----------
    folder : Path
        Holds ``scenario.toml``, the tables and the road extract.

    Returns
    -------
    Scenario
        Coordinates as declared; see `Scenario.moved`.

    Raises
    ------
    InputError
        With every fault of every file at once.
    """
    faults = FaultList()
    scenario = _read(folder, faults)
    faults.raise_if_any()
    assert scenario is not None
    return scenario


def find_faults(folder: Path) -> tuple[Fault, ...]:
    """Return every fault of a scenario folder; none where `read_scenario` would succeed."""
    faults = FaultList()
    _read(folder, faults)
    return faults.found()


def _read(folder: Path, faults: FaultList) -> Scenario | None:
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        cause = f"the scenario folder {what}"
        faults.add(Code.MISSING_FOLDER, cause, "Give the folder that holds scenario.toml.", file=str(folder))
        return None
    head = read_head(folder, faults)
    content = read_content(read_tables(folder, tuple(TABLES), faults), faults)
    _check_places(content, head, faults)
    if head is None:
        return None
    _check_extract(folder, head, faults)
    _check_vehicles(content, head, faults)
    _check_shifts(content, head, faults)
    check_contradictions(content, head, faults)
    if len(faults):
        return None
    return Scenario(
        name=head.name,
        timezone=head.timezone,
        crs=head.crs,
        synthetic=head.synthetic,
        osm=folder / head.osm,
        drive_on=head.drive_on,
        speed_factor=head.speed_factor,
        allow_ferries=head.allow_ferries,
        rules=head.rules,
        costs=head.costs,
        budget=head.budget,
        riders=content.riders,
        worksites=content.worksites,
        shifts=content.shifts,
        depots=content.depots,
        vehicle_types=content.vehicle_types,
        fleet=content.fleet,
        stop_rows=content.stops,
        rows={key: content.place_of(*key) for key in content.lines},
    )


def _check_extract(folder: Path, head: Head, faults: FaultList) -> None:
    path = folder / head.osm
    key = "network.osm"
    if not head.osm.endswith(EXTRACT_SUFFIXES):
        cause, action = "the road extract is of an unknown format", f"Use one of {', '.join(EXTRACT_SUFFIXES)}."
        faults.add(Code.UNKNOWN_EXTRACT_FORMAT, cause, action, file=FILE, column=key, value=head.osm)
    elif not path.is_file():
        action = "Put the extract into the scenario folder, or correct osm under [network]."
        faults.add(Code.MISSING_FILE, "there is no such road extract", action, file=FILE, column=key, value=head.osm)
    elif path.stat().st_size == 0:
        faults.add(Code.EMPTY_FILE, "the road extract is empty", "Download or make it again.", file=head.osm)


def _check_vehicles(content: Content, head: Head, faults: FaultList) -> None:
    """Check that there are vehicles, and one that can carry the least load and the largest group."""
    file, _ = content.place_of("fleet", "")
    if not content.fleet or faults.touch(file):
        return  # the row with the fault could be the large vehicle
    present = {item.vehicle_type_id for item in content.fleet if item.available}
    if not present:
        cause = "no vehicle stands in any depot: every count is 0"
        faults.add(Code.NO_VEHICLES, cause, "Give at least one row a count above 0.", file=file, column="count")
        return
    largest = max(kind.seats for kind in content.vehicle_types if kind.vehicle_type_id in present)
    if head.rules.min_load > largest:
        cause = f"no trip can ever open: the largest vehicle of {file} has {largest} seats"
        action = f"Lower min_load to {largest} or less, or add a larger vehicle."
        faults.add(
            Code.NO_VEHICLE_LARGE_ENOUGH, cause, action, file=FILE, column="rules.min_load", value=head.rules.min_load
        )
    for rider in content.riders:
        if rider.count > largest:
            file, row = content.place_of("riders", rider.rider_id)
            cause = f"the group does not fit: the largest vehicle has {largest} seats"
            action = "Split the group into several rows, or add a larger vehicle."
            code = Code.NO_VEHICLE_LARGE_ENOUGH
            faults.add(code, cause, action, file=file, row=row, column="count", value=str(rider.count))


def _check_shifts(content: Content, head: Head, faults: FaultList) -> None:
    """Check windows of shifts' own, and that no inbound trip could have to depart before the service day begins."""
    for shift in content.shifts:
        file, row = content.place_of("shifts", shift.shift_id)
        for way in shift.directions:
            bounds = head.rules.window(shift, way)
            if bounds is not None and bounds[0] > bounds[1]:
                buffer, bound = _BOUNDS[way]
                cause = f"the shift's window is empty: {buffer} is larger than {bound}, one of them that of [rules]"
                action = f"Make {bound} at least {buffer}."
                faults.add(Code.EMPTY_WINDOW, cause, action, file=file, row=row, column=bound)
        arrival = head.rules.window(shift, Direction.INBOUND)
        if arrival is not None and shift.start is not None and arrival[0] < head.rules.max_ride_s:
            least = shift.start - arrival[0] + head.rules.max_ride_s
            cause = "trips to this shift could depart before midnight, that is before the service day begins"
            action = f"Write the shift past 24:00 of the day before (a start of {format_clock(least)} is the earliest)."
            value = format_clock(shift.start)
            faults.add(Code.SHIFT_TOO_EARLY, cause, action, file=file, row=row, column="start", value=value)


def _located(content: Content) -> Iterator[tuple[str, str, str, Location]]:
    """Yield table, id, name of the latitude column, and location of every point."""
    for rider in content.riders:
        yield "riders", rider.rider_id, "home_lat", rider.home
    for site in content.worksites:
        yield "worksites", site.worksite_id, "lat", site.location
    for depot in content.depots:
        yield "depots", depot.depot_id, "lat", depot.location
    for stop in content.stops:
        yield "stops", stop.stop_id, "lat", stop.location


def _check_places(content: Content, head: Head | None, faults: FaultList) -> None:
    """Check every point against the middle of the worksites, and that middle against the datum."""
    if not content.worksites:
        return
    lon = float(np.median([w.location.lon for w in content.worksites]))
    lat = float(np.median([w.location.lat for w in content.worksites]))
    for table, record_id, column, at in _located(content):
        if _near(at.lon, at.lat, lon, lat):
            continue
        file, row = content.place_of(table, record_id)
        value = f"{at.lon}, {at.lat}"
        if _near(at.lat, at.lon, lon, lat):
            cause = "longitude and latitude seem to be exchanged: the other way round the point lies by the worksites"
            code, action = Code.COORDINATES_SWAPPED, "Exchange the two values (or those of the worksites)."
        else:
            cause = f"the point lies more than {_FAR_DEGREES:g} degrees from the worksites' middle ({lon:g}, {lat:g})"
            code, action = Code.COORDINATE_FAR_AWAY, "Correct the coordinates, or leave the row out."
        faults.add(code, cause, action, file=file, row=row, column=column, value=value)
    west, south, east, north = _BENT_BOX
    if head is not None and head.crs in {"gcj02", "bd09"} and not (west <= lon <= east and south <= lat <= north):
        cause = f"the worksites lie about ({lon:g}, {lat:g}), outside China, where this datum is not in use"
        action = 'Write crs = "wgs84", or correct the coordinates.'
        faults.add(Code.IMPOSSIBLE_CRS, cause, action, file=FILE, column="scenario.crs", value=head.crs)


def _near(lon: float, lat: float, middle_lon: float, middle_lat: float) -> bool:
    return max(abs(lon - middle_lon), abs(lat - middle_lat)) <= _FAR_DEGREES


def _convert(points: Sequence[Location], convert: Convert) -> list[Location]:
    if not points:
        return []
    lon, lat = convert(np.array([p.lon for p in points]), np.array([p.lat for p in points]))
    return [Location(lon=float(x), lat=float(y)) for x, y in zip(lon, lat, strict=True)]
