"""Kerbs where a 12 m bus may halt: points on directed road edges, seen from the pavement."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from routing.geo.foot import is_crossing
from routing.geo.graph import (
    FLAG_BRIDGE,
    FLAG_FERRY,
    FLAG_LINK,
    FLAG_RESTRICTED,
    FLAG_ROUNDABOUT,
    FLAG_TUNNEL,
    DriveGraph,
)
from routing.geo.osm import OsmExtract
from routing.geo.profile import ROAD_CLASSES
from routing.geo.sphere import LocalPlane
from routing.model.places import StopStatus

Bools: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Source: TypeAlias = Literal["bus_stop", "table", "kerb", "plan"]

HALTING_CLASSES = frozenset({"residential", "unclassified", "tertiary", "secondary", "primary"})
"""Classes of road on which a kerb may become a stop though no sign says so."""

BUS_M = 12.0
CLEAR_M = 15.0
"""A halting bus stays this far from junctions, signals and marked crossings [m]."""

SPACING_M = 250.0
"""Kerbs along one street lie about this far apart [m]."""

PAVEMENT_M = 4.0
"""Riders wait this far from the middle of the carriageway [m], on the side where the bus halts."""

_NO_HALT = FLAG_BRIDGE | FLAG_TUNNEL | FLAG_ROUNDABOUT | FLAG_LINK | FLAG_FERRY | FLAG_RESTRICTED
_SHIFTS_M = (0.0, 15.0, -15.0, 30.0, -30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kerb:
    """One kerb at which a bus may halt.

    Attributes
    ----------
    stop_id : str
        Stable: from the extract, the stops table or an existing plan.
    edge : int
        Directed drive edge.
    offset : float
        Metres from the edge's start.
    lon, lat : float
        Where riders wait [degrees, WGS-84].
    heading : float
        Direction of travel [radians, counter-clockwise from east].
    name : str
        Of the sign or the street; may be empty.
    """

    stop_id: str
    edge: int
    offset: float
    lon: float
    lat: float
    heading: float
    name: str
    source: Source
    status: StopStatus = StopStatus.ALLOWED


def locate(graph: DriveGraph, edge: npt.ArrayLike, offset: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Find points on edges.

    Parameters
    ----------
    edge : array_like of int, shape (k,)
    offset : array_like of float, shape (k,)
        Metres from the start of each edge, 0 to its length.

    Returns
    -------
    tuple of ndarray
        Longitude, latitude [degrees] and direction of travel [radians, counter-clockwise from east], each (k,).
    """
    edges = np.atleast_1d(np.asarray(edge, dtype=np.int64))
    size = graph.shape_start[edges + 1] - graph.shape_start[edges]
    end = np.cumsum(size)
    first, last = end - size, end - 1
    part = np.arange(int(size.sum())) - np.repeat(first - graph.shape_start[edges], size)
    lon, lat = graph.shape_lon[part], graph.shape_lat[part]
    scale = np.cos(np.radians(lat))
    steps = np.hypot(np.diff(lon) * scale[:-1], np.diff(lat))
    along = np.concatenate(([0.0], np.cumsum(steps)))[: len(lon)]
    share = np.clip(np.asarray(offset, dtype=np.float64) / np.maximum(graph.length_m[edges], 1e-9), 0.0, 1.0)
    want = along[first] + share * (along[last] - along[first])
    low = np.clip(np.searchsorted(along, want, side="right") - 1, first, last - 1)
    beyond = np.clip((want - along[low]) / np.maximum(steps[low], 1e-15), 0.0, 1.0)
    east, north = lon[low + 1] - lon[low], lat[low + 1] - lat[low]
    return lon[low] + beyond * east, lat[low] + beyond * north, np.arctan2(north, east * scale[low])


def pavement(lon: Floats, lat: Floats, heading: Floats, drive_on: str) -> tuple[Floats, Floats]:
    """Step from the middle of the road to where riders wait, on the driving side; degrees in and out."""
    plane = LocalPlane(lon=0.0, lat=0.0)
    turn = -np.pi / 2 if drive_on == "right" else np.pi / 2
    east, north = plane.to_lonlat(PAVEMENT_M * np.cos(heading + turn), PAVEMENT_M * np.sin(heading + turn))
    return lon + east / np.cos(np.radians(lat)), lat + north


def may_halt(graph: DriveGraph) -> Bools:
    """Tell on which directed edges (m,) a kerb may become a stop though no sign says so."""
    classes = np.array([name in HALTING_CLASSES for name in ROAD_CLASSES])
    long_enough = graph.length_m >= BUS_M + 2.0 * CLEAR_M
    return np.asarray(classes[graph.road_class] & ((graph.flags & _NO_HALT) == 0) & long_enough, dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class StreetPositions:
    """Points along streets where a bus may halt.

    Attributes
    ----------
    edge : int64 array (k,)
        One edge per street, that of the lower number; the kerb across is on its `reverse`, where it has one.
    offset : float64 array (k,) [m]
    number : int64 array (k,)
        0 where the street has one position, else 1, 2, … along it.
    """

    edge: Ints
    offset: Floats
    number: Ints


def street_positions(
    graph: DriveGraph, extract: OsmExtract, near: cKDTree, plane: LocalPlane, radius_m: float
) -> StreetPositions:
    """Choose points along streets where a bus may halt, clear of junctions, signals and crossings.

    Parameters
    ----------
    near : cKDTree
        Homes, on `plane`; positions farther than `radius_m` from all of them are left out.

    Returns
    -------
    StreetPositions
    """
    halt = may_halt(graph)
    canonical = halt & ((graph.reverse < 0) | (np.arange(graph.edge_count) < graph.reverse))
    edges = np.flatnonzero(canonical)
    margin = CLEAR_M + BUS_M / 2.0
    usable = graph.length_m[edges] - 2.0 * margin
    count = np.maximum(np.rint(usable / SPACING_M).astype(np.int64), 1)
    edge = np.repeat(edges, count)
    rank = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    offset = margin + (rank + 0.5) / np.repeat(count, count) * np.repeat(usable, count)
    lon, lat, _ = locate(graph, edge, offset)
    number = np.where(np.repeat(count, count) > 1, rank + 1, 0)
    close = np.isfinite(near.query(np.column_stack(plane.to_xy(lon, lat)), distance_upper_bound=radius_m)[0])
    edge, offset, number = edge[close], offset[close], number[close]
    clear = _shift_clear(graph, extract, plane, edge, offset, margin)
    kept = np.isfinite(clear)
    return StreetPositions(edge[kept], clear[kept], number[kept])


def _shift_clear(
    graph: DriveGraph, extract: OsmExtract, plane: LocalPlane, edge: Ints, offset: Floats, margin: float
) -> Floats:
    """Move positions a little, away from signals and crossings within the edge; NaN where that fails."""
    marked = np.array([i for i, tags in extract.node_tags.items() if is_crossing(tags)], dtype=np.int64)
    if not len(marked) or not len(edge):
        return offset
    tree = cKDTree(np.column_stack(plane.to_xy(extract.lon[marked], extract.lat[marked])))
    result = np.full(len(edge), np.nan)
    for shift in _SHIFTS_M:
        trial = offset + shift
        lon, lat, _ = locate(graph, edge, trial)
        clear = tree.query(np.column_stack(plane.to_xy(lon, lat)))[0] >= CLEAR_M
        inside = (trial >= margin) & (trial <= graph.length_m[edge] - margin)
        result = np.where(np.isnan(result) & clear & (inside | (shift == 0.0)), trial, result)
    return result


def edge_labels(graph: DriveGraph, edges: Ints) -> list[str]:
    """Name directed edges by what the extract calls them: ``w<way>.<tail node>.<head node>``.

    Where one way joins the same two junctions twice (a ring), the second edge ends in ``~2``.
    """
    way, tail, head = graph.way_id[graph.way], graph.node_id[graph.tail], graph.node_id[graph.head]
    order = np.lexsort((np.arange(graph.edge_count), head, tail, way))
    same = np.zeros(graph.edge_count, dtype=np.int64)
    ranked = np.column_stack((way, tail, head))[order]
    repeats = np.all(ranked[1:] == ranked[:-1], axis=1)
    for place in np.flatnonzero(repeats).tolist():
        same[order[place + 1]] = same[order[place]] + 1
    columns = zip(*(column[edges].tolist() for column in (way, tail, head, same)), strict=True)
    return [f"w{w}.{t}.{h}" + (f"~{again + 1}" if again else "") for w, t, h, again in columns]
