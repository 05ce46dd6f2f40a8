"""The drive graph: one array entry per directed road edge a bus may use."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

FLAG_ONEWAY = 1
"""The street carries buses in this direction only."""
FLAG_BRIDGE = 2
FLAG_TUNNEL = 4
FLAG_ROUNDABOUT = 8
FLAG_LINK = 16
"""A ramp or slip road (`*_link`)."""
FLAG_FERRY = 32
FLAG_RESTRICTED = 64
"""Access for destination or customers only."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DriveGraph:
    """Directed edges between junctions, in one strongly connected whole; arrays are read-only.

    Attributes
    ----------
    node_id : int64 array (n,)
        OSM ids of the junctions.
    node_lon, node_lat : float64 arrays (n,) [degrees, WGS-84]
    tail, head : int32 arrays (m,)
        Junction index at which each edge begins and ends.
    length_m : float64 array (m,) [metres]
        Along the great circle from vertex to vertex.
    reverse : int32 array (m,)
        The edge of the same street in the other direction, −1 where there is none.
    way : int32 array (m,)
        Index into `way_id` and `way_name`.
    road_class : int8 array (m,)
        Index into `profile.ROAD_CLASSES`.
    free_kmh : float64 array (m,) [km/h]
        A bus's speed on an empty road; the tagged limit caps it.
    delay_s : float64 array (m,) [seconds]
        Signals, crossings and barriers passed along the edge.
    lanes : int8 array (m,)
        Lanes in this direction, 1 where untagged.
    layer : int8 array (m,)
    flags : uint8 array (m,)
        Sum of the `FLAG_…` that hold.
    shape_start : int64 array (m + 1,)
        Edge e has the vertices `shape_start[e]` to `shape_start[e + 1]`.
    shape_lon, shape_lat : float64 arrays (k,) [degrees, WGS-84]
        Vertices in the direction of travel, both ends included.
    way_id : int64 array (w,)
    way_name : str array (w,)
        Name or number of the street; empty where untagged.
    """

    node_id: npt.NDArray[np.int64]
    node_lon: npt.NDArray[np.float64]
    node_lat: npt.NDArray[np.float64]
    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    length_m: npt.NDArray[np.float64]
    reverse: npt.NDArray[np.int32]
    way: npt.NDArray[np.int32]
    road_class: npt.NDArray[np.int8]
    free_kmh: npt.NDArray[np.float64]
    delay_s: npt.NDArray[np.float64]
    lanes: npt.NDArray[np.int8]
    layer: npt.NDArray[np.int8]
    flags: npt.NDArray[np.uint8]
    shape_start: npt.NDArray[np.int64]
    shape_lon: npt.NDArray[np.float64]
    shape_lat: npt.NDArray[np.float64]
    way_id: npt.NDArray[np.int64]
    way_name: npt.NDArray[np.str_]

    def __post_init__(self) -> None:
        for field in fields(self):
            getattr(self, field.name).setflags(write=False)

    @property
    def edge_count(self) -> int:
        """Number of directed edges."""
        return int(self.tail.size)

    @property
    def node_count(self) -> int:
        """Number of junctions."""
        return int(self.node_id.size)

    def shape(self, edge: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the longitudes and latitudes of an edge's vertices, in the direction of travel."""
        part = slice(int(self.shape_start[edge]), int(self.shape_start[edge + 1]))
        return self.shape_lon[part], self.shape_lat[part]


def select_edges(graph: DriveGraph, edges: npt.NDArray[np.int64]) -> DriveGraph:
    """Return the graph of some edges only, numbered in the order given, with the junctions and ways they use."""
    node, ends = np.unique(np.r_[graph.tail[edges], graph.head[edges]], return_inverse=True)
    way, new_way = np.unique(graph.way[edges], return_inverse=True)
    number = np.full(graph.edge_count + 1, -1, np.int32)
    number[edges] = np.arange(edges.size, dtype=np.int32)
    sizes = np.diff(graph.shape_start)[edges]
    start = np.r_[0, np.cumsum(sizes)]
    vertex = np.arange(int(start[-1])) - np.repeat(start[:-1], sizes) + np.repeat(graph.shape_start[edges], sizes)
    return DriveGraph(
        node_id=graph.node_id[node],
        node_lon=graph.node_lon[node],
        node_lat=graph.node_lat[node],
        tail=ends[: edges.size].astype(np.int32),
        head=ends[edges.size :].astype(np.int32),
        length_m=graph.length_m[edges],
        reverse=number[graph.reverse[edges]],
        way=new_way.astype(np.int32),
        road_class=graph.road_class[edges],
        free_kmh=graph.free_kmh[edges],
        delay_s=graph.delay_s[edges],
        lanes=graph.lanes[edges],
        layer=graph.layer[edges],
        flags=graph.flags[edges],
        shape_start=start,
        shape_lon=graph.shape_lon[vertex],
        shape_lat=graph.shape_lat[vertex],
        way_id=graph.way_id[way],
        way_name=graph.way_name[way],
    )
