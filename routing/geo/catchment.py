"""Walking catchments of a fixed set of stops: searched once, then asked for any home in microseconds.

A bounded search from every stop notes what it walks to each vertex within the limit. A home's walk to a stop is then
the least, over the two ends of the home's own street, of the way to that end and the noted rest: exactly what
`WalkNetwork.reach` finds, since every link has its twin and distances are whole centimetres.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from routing.geo.sphere import LocalPlane
from routing.geo.walksearch import FAR, place_beside
from routing.jit import compiled

Ints: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

OUT_OF_REACH = FAR
"""Metres told of a stop that lies beyond the limit [m]."""

_CM = 100.0
_ROUNDING_CM = 49  # a walk is rounded to whole metres, so half a metre beyond the limit is still within


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catchments:
    """Who can walk to which of some stops, for homes that are not known beforehand; arrays are read-only.

    Attributes
    ----------
    origin : float64 array (2,) [degrees]
        Longitude and latitude of the plane's origin.
    shape_start, shape_x, shape_y : int64 (s + 1,), float64 (k,), float64 (k,) [m]
        Vertices of the streets on the plane.
    street_m : float64 array (s,) [m]
    street_tail, street_head : int32 arrays (s, 2)
        Vertex at each end of a street, for its left and its right side.
    large : bool array (s,)
        Whether a street's two sides are apart.
    vertex_start, vertex_stop, vertex_cm : int64 (v + 1,), int32 (k,), int32 (k,) [cm]
        Per vertex, the stops within the limit and what it walks to each, the stop's own door included.
    lane_start, lane_stop, lane_offset_cm, lane_snap_cm : arrays
        Per side of a street, the stops on it: how far along and how far off [cm].
    limit_m : int
        Longest walk known [m], inclusive.
    stops : int
        Number of stops.
    """

    origin: Floats
    shape_start: Ints
    shape_x: Floats
    shape_y: Floats
    street_m: Floats
    street_tail: Indices
    street_head: Indices
    large: Bools
    vertex_start: Ints
    vertex_stop: Indices
    vertex_cm: Indices
    lane_start: Ints
    lane_stop: Indices
    lane_offset_cm: Indices
    lane_snap_cm: Indices
    limit_m: int
    stops: int
    _plane: LocalPlane = field(init=False, repr=False)
    _tree: shapely.STRtree = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name, None)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        owner = np.repeat(np.arange(len(self.street_m)), np.diff(self.shape_start))
        lines: npt.NDArray[np.object_] = np.asarray(shapely.linestrings(self.shape_x, self.shape_y, indices=owner))
        object.__setattr__(self, "_plane", LocalPlane(lon=float(self.origin[0]), lat=float(self.origin[1])))
        object.__setattr__(self, "_tree", shapely.STRtree(lines))

    def __reduce__(self) -> tuple[Callable[[], "Catchments"], tuple[()]]:
        """Be made anew when read back: arrays that can be written are another type to compiled code."""
        return partial(Catchments, **{item.name: getattr(self, item.name) for item in fields(self) if item.init}), ()

    def walks(self, lon: float, lat: float) -> Indices:
        """Return the walk from a point [degrees, WGS-84] to every stop [m], int32 (stops,).

        `OUT_OF_REACH` stands for a stop beyond the limit. The way from the door to the street and the price of
        crossings are included, as `WalkNetwork.reach` counts them.
        """
        x, y = (float(value) for value in self._plane.to_xy(lon, lat))
        street = int(self._tree.query_nearest(shapely.Point(x, y), all_matches=False)[0])
        return walks_from(
            x, y, street,
            self.shape_start, self.shape_x, self.shape_y, self.street_m, self.large, self.street_tail, self.street_head,
            self.vertex_start, self.vertex_stop, self.vertex_cm,
            self.lane_start, self.lane_stop, self.lane_offset_cm, self.lane_snap_cm,
            self.limit_m * 100 + _ROUNDING_CM, self.stops,
        )  # fmt: skip

    def off_street_m(self, lon: float, lat: float) -> float:
        """Return the straight distance [m] from a point to the nearest walkable way."""
        x, y = (float(value) for value in self._plane.to_xy(lon, lat))
        _, distance = self._tree.query_nearest(shapely.Point(x, y), all_matches=False, return_distance=True)
        return float(distance[0])

    def distance_to_way(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Floats:
        """Return the straight distance [m] from each point (n,) to the nearest walkable way."""
        x, y = self._plane.to_xy(np.atleast_1d(lon), np.atleast_1d(lat))
        _, distance = self._tree.query_nearest(shapely.points(x, y), all_matches=False, return_distance=True)
        return np.asarray(distance, dtype=np.float64)


@compiled
def walks_from(
    x: float, y: float, street: int,
    shape_start: Ints, shape_x: Floats, shape_y: Floats, street_m: Floats, large: Bools, tail: Indices, head: Indices,
    vertex_start: Ints, vertex_stop: Indices, vertex_cm: Indices,
    lane_start: Ints, lane_stop: Indices, lane_offset_cm: Indices, lane_snap_cm: Indices,
    limit_cm: int, stops: int,
) -> Indices:  # fmt: skip
    """Return the walk [m] from a point beside a street to every stop; parameters as in `Catchments`."""
    xs, ys, streets = np.full(1, x), np.full(1, y), np.full(1, street)
    share, distance, sides = place_beside(xs, ys, streets, shape_start, shape_x, shape_y)
    side = sides[0] if large[street] else 0
    total = np.int64(np.rint(street_m[street] * _CM))
    offset = np.int64(np.rint(total * share[0]))
    snap = np.int64(np.rint(min(distance[0], 1e7) * _CM))
    best = np.full(stops, FAR, dtype=np.int32)
    lane = 2 * street + side
    for k in range(lane_start[lane], lane_start[lane + 1]):
        cm = snap + lane_snap_cm[k] + abs(offset - lane_offset_cm[k])
        best[lane_stop[k]] = min(best[lane_stop[k]], cm)
    for vertex, begun in ((tail[street, side], snap + offset), (head[street, side], snap + total - offset)):
        for k in range(vertex_start[vertex], vertex_start[vertex + 1]):
            cm = begun + vertex_cm[k]
            best[vertex_stop[k]] = min(best[vertex_stop[k]], cm)
    for stop in range(stops):
        best[stop] = (best[stop] + 50) // 100 if best[stop] <= limit_cm else FAR
    return best
