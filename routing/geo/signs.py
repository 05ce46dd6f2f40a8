"""Kerbs that somebody has named: bus stops of the extract, rows of the stops table, stops of an existing plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from routing.errors import Fault, InputError
from routing.geo.kerbs import Kerb, Source, locate, pavement
from routing.geo.network import RoadNetwork
from routing.geo.osm import OsmExtract
from routing.geo.sphere import LocalPlane, distance_m
from routing.model.places import StopStatus

Bools: TypeAlias = npt.NDArray[np.bool_]

SIGN_REACH_M = 40.0
"""A bus stop farther than this from a road where a bus may halt [m] is none of ours (a tram's, a yard's)."""

ROW_REACH_M = 80.0
"""A row of the stops table, or a plan's stop, farther than this from such a road [m] is a fault."""

_AS_NEAR_M = 1.0

SAME_SIGN_M = 40.0
"""Two signs of one direction within this distance [m] are one stop, mapped twice or a long bay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStop:
    """One row of stops.csv, in WGS-84; `row` is its line in the file."""

    stop_id: str
    name: str
    lon: float
    lat: float
    status: StopStatus = StopStatus.ALLOWED
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStop:
    """A stop of an existing plan, in WGS-84; worksites are none."""

    stop_id: str
    place_id: str
    name: str
    lon: float
    lat: float


def is_bus_stop(tags: Mapping[str, str]) -> bool:
    """Tell whether a node is a stop of buses, not of trams or trains alone."""
    if tags.get("highway") == "bus_stop":
        return tags.get("bus") != "no"
    return tags.get("public_transport") == "platform" and tags.get("bus") == "yes"


def signed_kerbs(
    network: RoadNetwork,
    extract: OsmExtract,
    table: Sequence[TableStop],
    near: cKDTree,
    plane: LocalPlane,
    radius_m: float,
) -> tuple[Kerb, ...]:
    """Find the kerbs of the stops table and of the extract's bus stops near the homes.

    A row of the table stands for the bus stop it lies at. Of two signs in one direction the first stays.

    Raises
    ------
    InputError
        One ``stop_off_road`` per row that no bus can halt at.
    """
    rows, faults = [], []
    for stop in table:
        if stop.status is not StopStatus.FORBIDDEN:
            kerb = kerb_at(network, stop.stop_id, stop.name, stop.lon, stop.lat, "table", ROW_REACH_M)
            if kerb is None:
                faults.append(_off_road("stops.csv", stop.row, stop.stop_id))
            else:
                rows.append(replace(kerb, status=stop.status))
    if faults:
        raise InputError(*faults)
    index = [i for i, tags in sorted(extract.node_tags.items()) if is_bus_stop(tags)]
    xy = np.column_stack(plane.to_xy(extract.lon[index], extract.lat[index]))
    close = np.isfinite(near.query(xy, distance_upper_bound=radius_m)[0])
    for i in np.array(index, dtype=np.int64)[close].tolist():
        name = extract.node_tags[i].get("name", "")
        lon, lat = float(extract.lon[i]), float(extract.lat[i])
        kerb = kerb_at(network, f"n{extract.node_id[i]}", name, lon, lat, "bus_stop", SIGN_REACH_M)
        if kerb is not None:
            rows.append(kerb)
    return _once(rows)


def kerb_at(
    network: RoadNetwork, stop_id: str, name: str, lon: float, lat: float, source: Source, reach_m: float
) -> Kerb | None:
    """Return the kerb where a bus halts for a point; None where no bus can.

    Of the kerbs that are equally near (both sides of a small street) the one on the point's side is meant. Riders
    wait at the point itself when it lies on the driving side of the road, else on the pavement of that side.
    """
    points = network.snap_kerb(lon, lat, radius_m=reach_m)
    nearest = [point for point in points if point.distance_m <= points[0].distance_m + _AS_NEAR_M]
    if not nearest:
        return None
    edges, offsets = [point.edges[0] for point in nearest], [point.offsets[0] for point in nearest]
    on_lon, on_lat, heading = locate(network.graph, edges, offsets)
    east, north = (lon - on_lon) * np.cos(np.radians(lat)), lat - on_lat
    leftness = np.cos(heading) * north - np.sin(heading) * east
    off_m = distance_m(lon, lat, on_lon, on_lat)
    beside = (off_m >= _AS_NEAR_M) & ((leftness < 0.0) == (network.drive_on == "right"))
    best = int(np.argmax(beside))
    if not beside[best]:
        side_lon, side_lat = pavement(on_lon, on_lat, heading, network.drive_on)
        lon, lat = float(side_lon[best]), float(side_lat[best])
    return Kerb(
        stop_id=stop_id,
        edge=edges[best],
        offset=offsets[best],
        lon=lon,
        lat=lat,
        heading=float(heading[best]),
        name=name,
        source=source,
    )


def plan_kerbs(network: RoadNetwork, keep: Sequence[KeptStop], known: Mapping[str, Kerb]) -> dict[str, Kerb]:
    """Find the kerbs of an existing plan's stops again.

    A known stop near its old coordinates is taken as it is; any other is snapped at its coordinates.

    Parameters
    ----------
    known : mapping
        Every candidate by stop id.

    Raises
    ------
    InputError
        One ``stop_off_road`` per stop that the roads no longer reach.
    """
    found, faults = {}, []
    for stop in keep:
        kerb = known.get(stop.stop_id)
        if kerb is None or float(distance_m(kerb.lon, kerb.lat, stop.lon, stop.lat)) > ROW_REACH_M:
            kerb = kerb_at(network, stop.stop_id, stop.name, stop.lon, stop.lat, "plan", ROW_REACH_M)
        if kerb is None:
            faults.append(_off_road("plan.json", None, stop.stop_id))
        else:
            found[stop.stop_id] = kerb
    if faults:
        raise InputError(*faults)
    return found


def _off_road(file: str, row: int | None, stop_id: str) -> Fault:
    return Fault(
        file=file,
        row=row,
        column="stop_id",
        value=stop_id,
        code="stop_off_road",
        cause=f"No road where a bus may halt lies within {ROW_REACH_M:.0f} m of the stop.",
        action="Correct its coordinates or its datum, forbid it, or take a newer road extract.",
    )


def _once(kerbs: Sequence[Kerb]) -> tuple[Kerb, ...]:
    """Keep the first of several signs that stand for one stop."""
    kept: list[Kerb] = []
    by_edge: dict[int, list[Kerb]] = {}
    for kerb in kerbs:
        rivals = by_edge.setdefault(kerb.edge, [])
        if all(abs(rival.offset - kerb.offset) > SAME_SIGN_M or _both_table(rival, kerb) for rival in rivals):
            rivals.append(kerb)
            kept.append(kerb)
    return tuple(kept)


def _both_table(one: Kerb, other: Kerb) -> bool:
    return one.source == other.source == "table"
