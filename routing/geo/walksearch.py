"""Compiled searches on the walking graph: where points lie beside streets, and who is within reach of whom.

Distances are integer centimetres, so that sums do not depend on the order in which they are made.
"""

from heapq import heappop, heappush
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from routing.jit import compiled

Ints: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float64]

FAR = 2_000_000_000
"""Distance of what was not reached [cm]."""

_VERTEX_BITS = 32
_VERTEX_MASK = (1 << _VERTEX_BITS) - 1


@compiled
def _foot_of(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> tuple[float, float, float]:
    """Return how far along a segment the nearest point lies, its distance, and the signed distance to the line."""
    dx, dy = bx - ax, by - ay
    length = np.hypot(dx, dy)
    if length == 0.0:
        return 0.0, np.hypot(px - ax, py - ay), 0.0
    along = min(max(((px - ax) * dx + (py - ay) * dy) / length, 0.0), length)
    nearest = np.hypot(px - ax - along * dx / length, py - ay - along * dy / length)
    return along, nearest, (dx * (py - ay) - dy * (px - ax)) / length


@compiled
def place_beside(
    x: Floats, y: Floats, street: Ints, shape_start: Ints, shape_x: Floats, shape_y: Floats
) -> tuple[Floats, Floats, Indices]:
    """Place points beside given streets.

    Parameters
    ----------
    x, y : float64 arrays (n,) [m]
        The points, on the plane of the shapes.
    street : int64 array (n,)
        The street beside which each point lies.
    shape_start, shape_x, shape_y : arrays
        Vertices of the streets [m].

    Returns
    -------
    share : float64 array (n,)
        How far along the street, 0 at its tail and 1 at its head.
    distance : float64 array (n,) [m]
        From the point to the street.
    side : int32 array (n,)
        0 left, 1 right of the street. At a bend, the side of the leg whose line is farther off decides.
    """
    share, distance = np.empty(len(x)), np.empty(len(x))
    side = np.empty(len(x), dtype=np.int32)
    for i in range(len(x)):
        total, best, best_along, best_off = 0.0, 1e18, 0.0, 0.0
        for k in range(shape_start[street[i]], shape_start[street[i] + 1] - 1):
            along, near, off = _foot_of(x[i], y[i], shape_x[k], shape_y[k], shape_x[k + 1], shape_y[k + 1])
            if near < best - 1e-6 or (near < best + 1e-6 and abs(off) > abs(best_off)):
                best, best_along, best_off = near, total + along, off
            total += np.hypot(shape_x[k + 1] - shape_x[k], shape_y[k + 1] - shape_y[k])
        share[i] = best_along / total if total > 0.0 else 0.0
        distance[i] = best
        side[i] = 0 if best_off >= 0.0 else 1
    return share, distance, side


@compiled
def _meet(vertex: int, cm: int, door_start: Ints, door_target: Indices, door_cm: Indices, best: Indices,
          found: Indices, count: int, limit_cm: int) -> int:  # fmt: skip
    """Note the targets that open on a vertex; returns how many were found so far."""
    for k in range(door_start[vertex], door_start[vertex + 1]):
        total, target = cm + door_cm[k], door_target[k]
        if total <= limit_cm and total < best[target]:
            if best[target] == FAR:
                found[count] = target
                count += 1
            best[target] = total
    return count


@compiled
def _walk_from(ends: Indices, ends_cm: Indices, link_start: Ints, link_vertex: Indices, link_cm: Indices,
               door_start: Ints, door_target: Indices, door_cm: Indices, reached: Indices, touched: Indices,
               best: Indices, found: Indices, count: int, limit_cm: int) -> int:  # fmt: skip
    """Search from the two ends of one point's street until the limit; returns how many targets were found."""
    heap = [0]
    heap.pop()
    marks = 0
    for side in range(2):
        if ends_cm[side] <= limit_cm and ends_cm[side] < reached[ends[side]]:
            if reached[ends[side]] == FAR:
                touched[marks] = ends[side]
                marks += 1
            reached[ends[side]] = ends_cm[side]
            heappush(heap, (int(ends_cm[side]) << _VERTEX_BITS) | int(ends[side]))
    while len(heap) > 0:
        packed = heappop(heap)
        cm, vertex = packed >> _VERTEX_BITS, packed & _VERTEX_MASK
        if cm > reached[vertex]:
            continue
        count = _meet(vertex, cm, door_start, door_target, door_cm, best, found, count, limit_cm)
        for k in range(link_start[vertex], link_start[vertex + 1]):
            ahead, onward = cm + link_cm[k], link_vertex[k]
            if ahead <= limit_cm and ahead < reached[onward]:
                if reached[onward] == FAR:
                    touched[marks] = onward
                    marks += 1
                reached[onward] = ahead
                heappush(heap, (int(ahead) << _VERTEX_BITS) | int(onward))
    for k in range(marks):
        reached[touched[k]] = FAR
    return count


@compiled
def _along_the_street(lane: int, offset_cm: int, snap_cm: int, lane_start: Ints, lane_target: Indices,
                      lane_offset_cm: Indices, lane_snap_cm: Indices, best: Indices, found: Indices, count: int,
                      limit_cm: int) -> int:  # fmt: skip
    """Note the targets on the same side of the same street, which need not be reached through its ends."""
    for k in range(lane_start[lane], lane_start[lane + 1]):
        total, target = snap_cm + lane_snap_cm[k] + abs(offset_cm - lane_offset_cm[k]), lane_target[k]
        if total <= limit_cm and total < best[target]:
            if best[target] == FAR:
                found[count] = target
                count += 1
            best[target] = total
    return count


@compiled
def reach_from(
    begin: int, limit_cm: int,
    ends: Indices, ends_cm: Indices, lane: Ints, offset_cm: Indices, snap_cm: Indices,
    link_start: Ints, link_vertex: Indices, link_cm: Indices,
    door_start: Ints, door_target: Indices, door_cm: Indices,
    lane_start: Ints, lane_target: Indices, lane_offset_cm: Indices, lane_snap_cm: Indices,
    targets: int, out_source: Indices, out_target: Indices, out_cm: Indices,
) -> tuple[int, int]:  # fmt: skip
    """Find every target within the limit of each source, from source `begin` on, while the output has room.

    Bounded Dijkstra (doi:10.1007/BF01386390) with a binary heap.

    Parameters
    ----------
    ends, ends_cm : int32 arrays (n, 2)
        Vertices at the ends of each source's street, and what it walks to them [cm].
    lane, offset_cm, snap_cm : arrays (n,)
        The side of a street each source stands on, how far along, and how far off [cm].
    link_start, link_vertex, link_cm : arrays
        The walking graph.
    door_start, door_target, door_cm : arrays
        Per vertex, the targets whose streets end there, and what it walks from there to them.
    lane_start, lane_target, lane_offset_cm, lane_snap_cm : arrays
        Per side of a street, the targets on it.
    targets : int
        How many targets there are.
    out_source, out_target, out_cm : int32 arrays (room,)
        Written from the front.

    Returns
    -------
    tuple of int
        The first source that was not searched, and how many rows were written.
    """
    reached = np.full(len(link_start) - 1, FAR, dtype=np.int32)
    touched = np.empty(len(link_start) - 1, dtype=np.int32)
    best, found = np.full(targets, FAR, dtype=np.int32), np.empty(targets, dtype=np.int32)
    rows, source = 0, begin
    while source < len(lane) and rows + targets <= len(out_cm):
        if snap_cm[source] <= limit_cm:
            count = _along_the_street(lane[source], offset_cm[source], snap_cm[source], lane_start, lane_target,
                                      lane_offset_cm, lane_snap_cm, best, found, 0, limit_cm)  # fmt: skip
            count = _walk_from(ends[source], ends_cm[source], link_start, link_vertex, link_cm, door_start, door_target,
                               door_cm, reached, touched, best, found, count, limit_cm)  # fmt: skip
            for k in range(count):
                out_source[rows], out_target[rows], out_cm[rows] = source, found[k], best[found[k]]
                best[found[k]] = FAR
                rows += 1
        source += 1
    return source, rows
