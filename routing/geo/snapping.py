"""From a point on the map to the road: the right kerb for a stop, both directions for a site."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from routing.errors import RoadError
from routing.geo.graph import (
    FLAG_BRIDGE,
    FLAG_FERRY,
    FLAG_LINK,
    FLAG_ROUNDABOUT,
    FLAG_TUNNEL,
    DriveGraph,
)
from routing.geo.points import RoadPoint
from routing.geo.profile import class_code
from routing.geo.sphere import LocalPlane, distance_m

_NO_HALT_FLAGS = FLAG_BRIDGE | FLAG_TUNNEL | FLAG_LINK | FLAG_ROUNDABOUT | FLAG_FERRY
_NO_HALT_CLASSES = tuple(class_code(name) for name in ("motorway", "motorway_link", "trunk", "trunk_link", "ferry"))
_SMALL_CLASSES = tuple(
    class_code(name)
    for name in ("unclassified", "residential", "living_street", "service", "road", "pedestrian", "other")
)
_JUNCTION_CLEARANCE_M = 10.0
_ON_THE_ROAD_M = 1.0
_FIRST_REACH_M = 50.0


def halting_edges(graph: DriveGraph) -> npt.NDArray[np.bool_]:
    """Mark the edges where a bus may halt: no motorway, trunk, bridge, tunnel, ramp, roundabout or ferry."""
    closed = np.isin(graph.road_class, _NO_HALT_CLASSES) | ((graph.flags & _NO_HALT_FLAGS) > 0)
    return np.asarray(~closed, np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    """The nearest point of a street: `edge` is the street's first direction, `side` +1 where the query lies left."""

    edge: int
    offset: float
    distance: float
    lon: float
    lat: float
    side: int


class Snapper:
    """Finds streets near points.

    Parameters
    ----------
    graph : DriveGraph
    drive_on : str
        `right` or `left`.
    """

    def __init__(self, graph: DriveGraph, drive_on: str) -> None:
        self._graph = graph
        self._left_hand = drive_on == "left"
        self._plane = LocalPlane(lon=float(graph.node_lon.mean()), lat=float(graph.node_lat.mean()))
        x, y = self._plane.to_xy(graph.shape_lon, graph.shape_lat)
        number = np.arange(graph.edge_count)
        self._streets = np.flatnonzero((graph.reverse < 0) | (graph.reverse > number))
        sizes = np.diff(graph.shape_start)[self._streets]
        start = np.cumsum(sizes) - sizes
        vertex = np.arange(int(sizes.sum())) - np.repeat(start - graph.shape_start[self._streets], sizes)
        self._lines = shapely.linestrings(
            np.c_[x[vertex], y[vertex]], indices=np.repeat(np.arange(self._streets.size), sizes)
        )
        self._tree = shapely.STRtree(self._lines)
        self._halting = halting_edges(graph)
        self._small = np.isin(graph.road_class, _SMALL_CLASSES)

    def kerbs(self, lon: float, lat: float, *, radius_m: float, limit: int) -> tuple[RoadPoint, ...]:
        """Return up to `limit` kerbs within the radius, nearest first."""
        found: list[RoadPoint] = []
        hits = self._hits(lon, lat, radius_m)
        for hit in hits:
            if not self._halting[hit.edge] or self._behind_large_road(lon, lat, hit, hits):
                continue
            found += [self._kerb(lon, lat, hit, edge) for edge in self._boarding_edges(hit)]
        found.sort(key=lambda point: (point.distance_m, point.edges))
        return tuple(found[:limit])

    def site(self, lon: float, lat: float, *, radius_m: float) -> RoadPoint:
        """Return the nearest point where a bus may halt, on both directions of its street.

        Raises
        ------
        RoadError
            `roads_out_of_reach` when there is none within the radius.
        """
        reach, hit = min(_FIRST_REACH_M, radius_m), None
        while hit is None:
            hit = next((hit for hit in self._hits(lon, lat, reach) if self._halting[hit.edge]), None)
            if reach >= radius_m:
                break
            reach = min(4.0 * reach, radius_m)
        if hit is None:
            raise RoadError(
                "roads_out_of_reach",
                f"No road where a bus may halt lies within {radius_m:.0f} m of {lon:.6f}, {lat:.6f}.",
                "Check the point and its datum (crs), or give an extract that covers it.",
            )
        back = int(self._graph.reverse[hit.edge])
        length = float(self._graph.length_m[hit.edge])
        return RoadPoint(
            edges=(hit.edge,) if back < 0 else (hit.edge, back),
            offsets=(hit.offset,) if back < 0 else (hit.offset, length - hit.offset),
            lon=hit.lon,
            lat=hit.lat,
            distance_m=hit.distance,
        )

    def _hits(self, lon: float, lat: float, radius_m: float) -> list[_Hit]:
        """Return the nearest point of every street within the radius, nearest street first."""
        x, y = self._plane.to_xy(lon, lat)
        here = shapely.Point(float(x), float(y))
        # The plane's east-west scale is off by up to 1 % at a region's edge: look a little further, then measure.
        near = np.sort(self._tree.query(here, predicate="dwithin", distance=1.02 * radius_m))
        lines = self._lines[near]
        share = np.nan_to_num(shapely.line_locate_point(lines, here, normalized=True))  # nan: a street without length
        foot = shapely.line_interpolate_point(lines, share, normalized=True)
        foot_lon, foot_lat = self._plane.to_lonlat(shapely.get_x(foot), shapely.get_y(foot))
        far = distance_m(lon, lat, foot_lon, foot_lat)
        side = _sides(lines, share, float(x), float(y))
        edge = self._streets[near]
        offset = share * self._graph.length_m[edge]
        hits = [
            _Hit(
                edge=int(edge[i]),
                offset=float(offset[i]),
                distance=float(far[i]),
                lon=float(foot_lon[i]),
                lat=float(foot_lat[i]),
                side=int(side[i]),
            )
            for i in range(edge.size)
            if far[i] <= radius_m
        ]
        return sorted(hits, key=lambda hit: (hit.distance, hit.edge))

    def _boarding_edges(self, hit: _Hit) -> list[int]:
        """Return the directions of a street whose door side faces the point."""
        back = int(self._graph.reverse[hit.edge])
        if back < 0:
            return [hit.edge]
        if self._small[hit.edge] or hit.distance < _ON_THE_ROAD_M or hit.side == 0:
            return [hit.edge, back]
        return [hit.edge if (hit.side > 0) == self._left_hand else back]

    def _behind_large_road(self, lon: float, lat: float, hit: _Hit, hits: list[_Hit]) -> bool:
        """Tell whether one would have to cross a larger road to reach the kerb, as between two carriageways."""
        x, y = self._plane.to_xy(np.array([lon, hit.lon]), np.array([lat, hit.lat]))
        # Stop short of the kerb itself, or a street would bar its own crossings' kerbs.
        walk = shapely.LineString(np.c_[x, y] if hit.distance == 0 else _shortened(x, y, hit.distance))
        nearer = [other.edge for other in hits if other.distance < hit.distance and not self._small[other.edge]]
        places = np.searchsorted(self._streets, nearer)
        return bool(shapely.intersects(self._lines[places], walk).any())

    def _kerb(self, lon: float, lat: float, hit: _Hit, edge: int) -> RoadPoint:
        """Return the kerb of one direction, moved clear of the junctions."""
        length = float(self._graph.length_m[edge])
        offset = hit.offset if edge == hit.edge else length - hit.offset
        clear = min(_JUNCTION_CLEARANCE_M, length / 2)
        moved = min(max(offset, clear), length - clear)
        if moved == offset:
            return RoadPoint(edges=(edge,), offsets=(offset,), lon=hit.lon, lat=hit.lat, distance_m=hit.distance)
        kerb_lon, kerb_lat = point_on_edge(self._graph, edge, moved)
        far = float(distance_m(lon, lat, kerb_lon, kerb_lat))
        return RoadPoint(edges=(edge,), offsets=(moved,), lon=kerb_lon, lat=kerb_lat, distance_m=far)


def point_on_edge(graph: DriveGraph, edge: int, offset_m: float) -> tuple[float, float]:
    """Return the longitude and latitude `offset_m` metres from an edge's start."""
    lon, lat = graph.shape(edge)
    along = np.r_[0.0, np.cumsum(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]))]
    return float(np.interp(offset_m, along, lon)), float(np.interp(offset_m, along, lat))


def part_of_edge(
    graph: DriveGraph, edge: int, begin_m: float, end_m: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the vertices of an edge between two offsets [metres], both ends included."""
    lon, lat = graph.shape(edge)
    along = np.r_[0.0, np.cumsum(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]))]
    inner = (along > begin_m) & (along < end_m)
    at = np.r_[begin_m, along[inner], end_m]
    return np.asarray(np.interp(at, along, lon)), np.asarray(np.interp(at, along, lat))


def _sides(lines: npt.NDArray[np.object_], share: npt.NDArray[np.float64], x: float, y: float) -> npt.NDArray[np.int64]:
    """Return +1 where the point lies left of a line at its foot, −1 where right, 0 where it lies on it."""
    step = np.minimum(0.5, shapely.length(lines) / 4) / np.maximum(shapely.length(lines), 1e-9)
    behind = shapely.line_interpolate_point(lines, np.maximum(share - step, 0.0), normalized=True)
    ahead = shapely.line_interpolate_point(lines, np.minimum(share + step, 1.0), normalized=True)
    from_x, from_y = shapely.get_x(behind), shapely.get_y(behind)
    cross = (shapely.get_x(ahead) - from_x) * (y - from_y) - (shapely.get_y(ahead) - from_y) * (x - from_x)
    return np.asarray(np.sign(np.where(np.abs(cross) < 1e-9, 0.0, cross)), np.int64)


def _shortened(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], length: float) -> npt.NDArray[np.float64]:
    """Return the line's two ends, the second drawn half a metre back."""
    share = max(0.0, 1.0 - 0.5 / length)
    return np.array([[x[0], y[0]], [x[0] + share * (x[1] - x[0]), y[0] + share * (y[1] - y[0])]])
