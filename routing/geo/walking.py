"""Who can walk to which stop, along real ways and across large roads only where one can cross."""

from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from routing.errors import RoadError
from routing.geo.catchment import Catchments
from routing.geo.corners import LEFT, WalkGraph, build_walk_graph
from routing.geo.osm import OsmExtract
from routing.geo.sphere import LocalPlane
from routing.geo.walksearch import place_beside, reach_from

Ints: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float64]

_ROOM = 4_000_000  # rows of one batch of the search: 48 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkTable:
    """Who reaches what on foot, as compressed rows; arrays are read-only.

    Attributes
    ----------
    start : int64 array (o + 1,)
        Origin i reaches the targets `target[start[i]:start[i + 1]]`, nearest first, equal ones by index.
    target : int32 array (k,)
    metres : int32 array (k,) [m]
        Network walk, the way from the door to the street and the price of crossings included.
    origin_snap_m, target_snap_m : int32 arrays (o,), (t,) [m]
        Straight distance to the nearest walkable way, a part of every walk; above the limit nothing is reached.
    """

    start: Ints
    target: Indices
    metres: Indices
    origin_snap_m: Indices
    target_snap_m: Indices

    def __post_init__(self) -> None:
        for name in self.__slots__:
            getattr(self, name).setflags(write=False)

    def row(self, origin: int) -> tuple[Indices, Indices]:
        """Return the targets that an origin reaches, and the metres to each."""
        part = slice(int(self.start[origin]), int(self.start[origin + 1]))
        return self.target[part], self.metres[part]

    @property
    def origin(self) -> Indices:
        """The origin of each row entry, int32 (k,)."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))


@dataclass(frozen=True, slots=True, eq=False)
class _Beside:
    """Points beside streets: which side of which street, how far along and how far off [cm]."""

    lane: Ints  # street × 2 + side; street × 2 where both sides are one
    ends: Indices
    ends_cm: Indices
    offset_cm: Indices
    snap_cm: Indices
    snap_m: Indices


class WalkNetwork:
    """Ways that people walk, ready to be asked.

    Both directions of every way count, footways, paths and steps too; motorways never, trunk roads only with a
    footway. Crossing a large road costs extra metres and is possible at junctions and marked crossings only
    (see `corners`); a point beside a large road stands on its own side of it, so the kerb across costs the crossing.

    Parameters
    ----------
    graph : WalkGraph
        As `build_walk_graph` makes it.

    Raises
    ------
    RoadError
        ``roads_not_walkable`` when the graph is empty.
    """

    def __init__(self, graph: WalkGraph) -> None:
        if not len(graph.street_m):
            raise RoadError(
                "roads_not_walkable",
                "The road extract holds no way that people may walk.",
                "Cut the extract with all ways of highway=*, not only those for cars.",
            )
        self.graph = graph
        self._plane = LocalPlane(lon=float(np.mean(graph.lon)), lat=float(np.mean(graph.lat)))
        self._x, self._y = self._plane.to_xy(graph.lon, graph.lat)
        owner = np.repeat(np.arange(len(graph.street_m)), np.diff(graph.shape_start))
        lines: npt.NDArray[np.object_] = np.asarray(shapely.linestrings(self._x, self._y, indices=owner))
        self._tree = shapely.STRtree(lines)

    @classmethod
    def from_extract(cls, extract: OsmExtract) -> Self:
        """Build the walking network of an extract; raises as the class does."""
        return cls(build_walk_graph(extract))

    def distance_to_way(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Floats:
        """Return the straight distance [m] from each point (n,) to the nearest walkable way."""
        x, y = self._plane.to_xy(np.atleast_1d(lon), np.atleast_1d(lat))
        _, distance = self._tree.query_nearest(shapely.points(x, y), all_matches=False, return_distance=True)
        return np.asarray(distance, dtype=np.float64)

    def reach(
        self,
        origin_lon: npt.ArrayLike,
        origin_lat: npt.ArrayLike,
        target_lon: npt.ArrayLike,
        target_lat: npt.ArrayLike,
        limit_m: int,
    ) -> WalkTable:
        """Find who can walk where within a limit.

        Parameters
        ----------
        origin_lon, origin_lat : array_like, shape (o,)
            Homes [degrees, WGS-84], finite.
        target_lon, target_lat : array_like, shape (t,)
            Stops [degrees, WGS-84], at their kerbs: a few metres off the middle of the road, on their own side.
        limit_m : int
            Longest walk [m], inclusive.

        Returns
        -------
        WalkTable
        """
        origins, targets = self._beside(origin_lon, origin_lat), self._beside(target_lon, target_lat)
        swap = len(targets.lane) < len(origins.lane)
        near, far = (targets, origins) if swap else (origins, targets)
        source, found, metres = self._search(near, far, int(limit_m))
        origin, target = (found, source) if swap else (source, found)
        key = (origin.astype(np.int64) * (limit_m + 1) + metres) * max(len(targets.lane), 1) + target
        order = np.argsort(key, kind="stable")
        return WalkTable(
            start=np.concatenate(([0], np.cumsum(np.bincount(origin, minlength=len(origins.lane))))).astype(np.int64),
            target=target[order],
            metres=metres[order],
            origin_snap_m=origins.snap_m,
            target_snap_m=targets.snap_m,
        )

    def catchments(self, lon: npt.ArrayLike, lat: npt.ArrayLike, limit_m: int) -> Catchments:
        """Search from every stop once, so that walks of any home can be looked up.

        Parameters
        ----------
        lon, lat : array_like, shape (t,)
            Stops [degrees, WGS-84], at their kerbs.
        limit_m : int
            Longest walk [m], inclusive.

        Returns
        -------
        Catchments
            Its stops are numbered as given.
        """
        graph, stops = self.graph, self._beside(lon, lat)
        # Every vertex is a door of its own, and no street has targets: the search then tells what it walks where.
        itself, nothing = np.arange(graph.vertices + 1, dtype=np.int64), np.empty(0, dtype=np.int32)
        doors = (itself, itself[:-1].astype(np.int32), np.zeros(graph.vertices, dtype=np.int32))
        lanes = (np.zeros(2 * len(graph.street_m) + 1, dtype=np.int64), nothing, nothing, nothing)
        stop, vertex, cm = self._rows(stops, doors, lanes, int(limit_m) * 100 + 49, graph.vertices)
        start, order = _by(vertex, graph.vertices)
        lane_start, on_lane = _by(stops.lane, 2 * len(graph.street_m))
        return Catchments(
            origin=np.array([self._plane.lon, self._plane.lat]),
            shape_start=graph.shape_start,
            shape_x=self._x,
            shape_y=self._y,
            street_m=graph.street_m,
            street_tail=graph.street_tail,
            street_head=graph.street_head,
            large=graph.large,
            vertex_start=start,
            vertex_stop=stop[order],
            vertex_cm=cm[order],
            lane_start=lane_start,
            lane_stop=on_lane,
            lane_offset_cm=stops.offset_cm[on_lane],
            lane_snap_cm=stops.snap_cm[on_lane],
            limit_m=int(limit_m),
            stops=len(stops.lane),
        )

    def _beside(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> _Beside:
        """Snap points to the nearest streets."""
        x, y = self._plane.to_xy(np.atleast_1d(lon), np.atleast_1d(lat))
        street = self._tree.query_nearest(shapely.points(x, y), all_matches=False)[1].astype(np.int64)
        graph = self.graph
        share, off, side = place_beside(x, y, street, graph.shape_start, self._x, self._y)
        side[~graph.large[street]] = LEFT
        total = np.rint(graph.street_m[street] * 100.0).astype(np.int32)
        offset = np.rint(total * share).astype(np.int32)
        snap = np.rint(np.minimum(off, 1e7) * 100.0).astype(np.int32)
        return _Beside(
            lane=street * 2 + side,
            ends=np.stack((graph.street_tail[street, side], graph.street_head[street, side]), axis=1),
            ends_cm=np.stack((snap + offset, snap + total - offset), axis=1),
            offset_cm=offset,
            snap_cm=snap,
            snap_m=np.rint(off).astype(np.int32),
        )

    def _search(self, near: _Beside, far: _Beside, limit_m: int) -> tuple[Indices, Indices, Indices]:
        """Search from each of the fewer points; returns source, target and metres of every pair."""
        graph, count = self.graph, len(far.lane)
        doors, lanes = _by(far.ends.ravel(), graph.vertices), _by(far.lane, 2 * len(graph.street_m))
        door_cm = far.ends_cm.ravel()[doors[1]]
        source, target, cm = self._rows(
            near,
            (doors[0], doors[1] // 2, door_cm),
            (lanes[0], lanes[1], far.offset_cm[lanes[1]], far.snap_cm[lanes[1]]),
            limit_m * 100 + 49,
            count,
        )
        return source, target, (cm + 50) // 100

    def _rows(
        self,
        near: _Beside,
        doors: tuple[Ints, Indices, Indices],
        lanes: tuple[Ints, Indices, Indices, Indices],
        limit_cm: int,
        count: int,
    ) -> tuple[Indices, Indices, Indices]:
        """Search batch by batch; returns source, target and centimetres of every pair."""
        graph = self.graph
        room = max(min(_ROOM, len(near.lane) * count), count, 1)
        source, target, cm = (np.empty(room, dtype=np.int32) for _ in range(3))
        parts: list[tuple[Indices, Indices, Indices]] = []
        begin = 0
        while begin < len(near.lane):
            begin, rows = reach_from(
                begin, limit_cm,
                near.ends, near.ends_cm, near.lane, near.offset_cm, near.snap_cm,
                graph.link_start, graph.link_vertex, graph.link_cm,
                doors[0], doors[1], doors[2], lanes[0], lanes[1], lanes[2], lanes[3],
                count, source, target, cm,
            )  # fmt: skip
            parts.append((source[:rows].copy(), target[:rows].copy(), cm[:rows].copy()))
        if not parts:
            parts.append((source[:0], target[:0], cm[:0]))
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[return-value]


def _by(group: npt.NDArray[np.integer], groups: int) -> tuple[Ints, Indices]:
    """List the members of each group, as starts (groups + 1,) and members."""
    order = np.argsort(group, kind="stable").astype(np.int32)
    start = np.searchsorted(group[order], np.arange(groups + 1)).astype(np.int64)
    return start, order
