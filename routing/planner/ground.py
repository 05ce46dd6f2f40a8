"""A scenario on its roads: reads the extract, and finds the faults that only the ground can show."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import platformdirs

from routing.errors import Fault, InputError, RoadError
from routing.formats.scenario_folder import Scenario
from routing.formats.tables import StopRow
from routing.geo.datum import ASTRAY_M, Datum, datum_evidence, to_wgs84
from routing.geo.network import RoadNetwork, load_network
from routing.geo.osm import OsmExtract, read_osm
from routing.geo.profile import VehicleProfile
from routing.geo.stops import CandidateStop, KeptStop, TableStop, candidate_stops
from routing.geo.walking import WalkNetwork
from routing.model.places import Location
from routing.model.result import OnProgress, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """An extract as roads to drive and ways to walk."""

    extract: OsmExtract
    network: RoadNetwork
    walk: WalkNetwork


def road_cache() -> Path:
    """Return the folder where contracted roads are kept between runs."""
    return Path(platformdirs.user_cache_dir("banche")) / "roads"


def read_ground(scenario: Scenario, *, cache_dir: Path | None = None, on_progress: OnProgress | None = None) -> Ground:
    """Read a scenario's extract.

    Raises
    ------
    InputError
        When the extract cannot be read, is empty, or holds no connected roads.
    """

    def tell(text: str) -> None:
        if on_progress is not None:
            on_progress(Progress(phase="roads", done=0.5, text=text))

    try:
        network = load_network(
            scenario.osm,
            drive_on=scenario.drive_on,
            speed_factor=scenario.speed_factor,
            vehicle=replace(VehicleProfile(), ferries=scenario.allow_ferries),
            cache_dir=cache_dir or road_cache(),
            on_progress=tell,
        )
        extract = read_osm(scenario.osm)
        walk = WalkNetwork.from_extract(extract)
    except RoadError as error:
        fault = Fault(file=scenario.osm.name, code=error.code, cause=error.cause, action=error.action)
        raise InputError(fault) from error
    return Ground(extract=extract, network=network, walk=walk)


def move_to_wgs84(scenario: Scenario) -> Scenario:
    """Return a scenario with every coordinate in WGS-84."""
    return scenario.moved(partial(to_wgs84, crs=scenario.crs))


def find_ground_faults(declared: Scenario, ground: Ground) -> tuple[Fault, ...]:
    """Return the faults of a scenario that only its roads can show.

    Parameters
    ----------
    declared : Scenario
        As read, coordinates in the declared datum.
    """
    wrong = tuple(_datum_faults(declared, ground))
    if wrong:
        return wrong  # in the wrong datum every point is off the roads; one fault says it better
    scenario = move_to_wgs84(declared)
    return (*_home_faults(scenario, ground), *_site_faults(scenario, ground))


def _datum_faults(declared: Scenario, ground: Ground) -> Iterator[Fault]:
    points = [r.home for r in declared.riders] + [w.location for w in declared.worksites]
    lon, lat = _columns(points)
    evidence = datum_evidence(lon, lat, cast("Datum", declared.crs), ground.walk.distance_to_way)
    if evidence.verdict == "wrong":
        found, better = evidence.median_of(evidence.declared), evidence.median_of(evidence.best)
        lost, kept = evidence.astray_of(evidence.declared), evidence.astray_of(evidence.best)
        yield Fault(
            file="scenario.toml",
            column="scenario.crs",
            value=declared.crs,
            code="suspected_datum",
            cause=(
                f"Read as {declared.crs}, homes and worksites lie {found:.0f} m from the nearest way in the median, "
                f"{lost} of {evidence.points} beyond {ASTRAY_M:.0f} m; read as {evidence.best}, {better:.0f} m, "
                f"{kept} of them beyond."
            ),
            action=f'Write crs = "{evidence.best}", or check where the coordinates come from.',
        )


def _home_faults(scenario: Scenario, ground: Ground) -> Iterator[Fault]:
    if not scenario.riders:
        return
    lon, lat = _columns([r.home for r in scenario.riders])
    away = ground.walk.distance_to_way(lon, lat)
    for i in np.flatnonzero(away > scenario.rules.max_walk_m):
        rider = scenario.riders[int(i)]
        file, row = scenario.place_of("riders", rider.rider_id)
        yield Fault(
            file=file,
            row=row,
            column="home_lon",
            value=f"{rider.home.lon:.6f}, {rider.home.lat:.6f}",
            code="home_off_roads",
            cause=(
                f"The home of rider {rider.rider_id} lies {away[i]:.0f} m from any usable road, "
                f"further than the walk limit of {scenario.rules.max_walk_m} m."
            ),
            action="Correct the coordinates, enlarge the road extract, or leave the rider out.",
        )


def _site_faults(scenario: Scenario, ground: Ground) -> Iterator[Fault]:
    sites = [("worksites", w.worksite_id, w.location) for w in scenario.worksites]
    sites += [("depots", d.depot_id, d.location) for d in scenario.depots]
    for table, site_id, at in sites:
        yield from _snap_fault(scenario, table, site_id, at, ground.network.snap_site)


def _snap_fault(
    scenario: Scenario, table: str, name: str, at: Location, snap: Callable[[float, float], object]
) -> Iterator[Fault]:
    try:
        snap(at.lon, at.lat)
    except RoadError as error:
        file, row = scenario.place_of(table, name)
        yield Fault(
            file=file,
            row=row,
            column="lon",
            value=f"{at.lon:.6f}, {at.lat:.6f}",
            code="site_off_roads",
            cause=f"{name} cannot be reached by bus: {error.cause}",
            action="Correct the coordinates, or enlarge the road extract; an island needs allow_ferries = true.",
        )


def find_candidates(scenario: Scenario, ground: Ground, keep: Sequence[KeptStop]) -> tuple[CandidateStop, ...]:
    """Choose where lines may halt, the stops of a plan to keep among them.

    Raises
    ------
    InputError
        One fault per row of the stops table, or kept stop, that no bus can halt at.
    """
    lon, lat = _columns([r.home for r in scenario.riders])
    return candidate_stops(
        ground.network,
        ground.extract,
        homes_lon=lon,
        homes_lat=lat,
        walk=ground.walk,
        max_walk_m=np.array([scenario.rules.walk_limit_m(r.need) for r in scenario.riders], np.int32),
        riders=np.array([r.count for r in scenario.riders], np.int32),
        table_stops=[_table_stop(scenario, row) for row in scenario.stop_rows],
        keep=keep,
    )


def _table_stop(scenario: Scenario, row: StopRow) -> TableStop:
    _, line = scenario.place_of("stops", row.stop_id)
    at = row.location
    return TableStop(stop_id=row.stop_id, name=row.name, lon=at.lon, lat=at.lat, status=row.status, row=line)


def _columns(points: Sequence[Location]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    return np.array([p.lon for p in points]), np.array([p.lat for p in points])
