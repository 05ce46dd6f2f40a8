"""Seconds lost on the way at signals, crossings and barriers, from the tags of nodes."""

import numpy as np
import numpy.typing as npt

from routing.geo.osm import OsmExtract
from routing.geo.profile import VehicleProfile

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_HIGHWAY_DELAYS = {"stop": 4.0, "give_way": 2.0, "mini_roundabout": 2.0, "toll_gantry": 0.0}
_BARRIER_DELAYS = {"toll_booth": 15.0, "lift_gate": 10.0, "gate": 10.0, "swing_gate": 15.0, "border_control": 300.0}
_LEVEL_CROSSING_S = 10.0
_ZEBRA_S = 1.5
_PEDESTRIAN_SIGNAL_S = 5.0
_CALMING_S = 2.0


def node_delay(tags: dict[str, str], signal_s: float) -> float:
    """Return the mean delay of passing a node [seconds]."""
    highway = tags.get("highway", "")
    if highway == "traffic_signals":
        return _PEDESTRIAN_SIGNAL_S if "crossing" in tags.get("traffic_signals", "") else signal_s
    if highway == "crossing" or "crossing" in tags:
        lights = tags.get("crossing") == "traffic_signals"
        return _PEDESTRIAN_SIGNAL_S if lights else _ZEBRA_S if tags.get("crossing") != "no" else 0.0
    if tags.get("railway") == "level_crossing":
        return _LEVEL_CROSSING_S
    if tags.get("traffic_calming") not in {None, "no"}:
        return _CALMING_S
    return _HIGHWAY_DELAYS.get(highway, _BARRIER_DELAYS.get(tags.get("barrier", ""), 0.0))


def edge_delays(extract: OsmExtract, vehicle: VehicleProfile, vertex: Ints, shape_start: Ints) -> Floats:
    """Return what the inner vertices of each edge cost [seconds].

    A signal, stop or give-way sign between junctions counts in the direction whose junction it is nearer to,
    since it is drawn at the stop line.

    Parameters
    ----------
    extract : OsmExtract
    vehicle : VehicleProfile
    vertex : int64 array (k,)
        Node index of every vertex of every edge.
    shape_start : int64 array (m + 1,)
    """
    delay, directed = node_delays(extract, vehicle)
    sizes = np.diff(shape_start)
    edge = np.repeat(np.arange(sizes.size), sizes)
    within = np.arange(vertex.size) - shape_start[:-1][edge]
    inner = (within > 0) & (within < sizes[edge] - 1)
    towards_end = 2 * within >= sizes[edge] - 1
    counts = inner & (~directed[vertex] | towards_end)
    lost: Floats = np.bincount(edge[counts], weights=delay[vertex[counts]], minlength=sizes.size).astype(np.float64)
    return lost


def node_delays(extract: OsmExtract, vehicle: VehicleProfile) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return each node's delay [seconds], and whether it holds one direction of travel only."""
    delay = np.zeros(extract.node_id.size)
    directed = np.zeros(extract.node_id.size, np.bool_)
    for index, tags in extract.node_tags.items():
        delay[index] = node_delay(tags, vehicle.turns.signal_s)
        directed[index] = tags.get("highway") in {"traffic_signals", "stop", "give_way"}
    return delay, directed
