"""Ways on foot: shortcuts out of cul-de-sacs and bridges over expressways."""

import numpy as np
import shapely
from scipy.spatial import cKDTree

from data.dalian.make.carriage import Drawing
from data.dalian.make.plane import lengths_along, point_at, right_of
from data.dalian.make.tagging import Tags, Way

FOOTWAY: Tags = (("highway", "footway"), ("surface", "paving_stones"))
FOOTBRIDGE: Tags = (("bridge", "yes"), ("highway", "footway"), ("layer", "2"))
SHORTCUT_SHARE = 0.45
BRIDGE_SPACING = 700.0


def draw_footways(drawing: Drawing, seed: int) -> list[Way]:
    """Return the footways; they add no nodes but end on street nodes."""
    walkable = _walkable(drawing)
    return [*_shortcuts(drawing, walkable, seed), *_bridges(drawing, walkable)]


def _walkable(drawing: Drawing) -> list[int]:
    """Return nodes of small streets, on which a footway may end."""
    nodes: set[int] = set()
    for road in drawing.roads:
        street = drawing.graph.streets[road.street]
        if street.rank >= 4 and street.form == "single":
            nodes.update(road.nodes)
    return sorted(nodes)


def _shortcuts(drawing: Drawing, walkable: list[int], seed: int) -> list[Way]:
    rng = np.random.default_rng([seed, 81])
    degree = drawing.graph.degree()
    spots = np.array([drawing.position(node) for node in walkable])
    tree = cKDTree(spots)
    network = shapely.STRtree(_lines(drawing))
    ways = []
    for piece in drawing.graph.pieces:
        if drawing.graph.streets[piece.street].level != 3 or degree[piece.head] != 1:
            continue
        if rng.uniform() > SHORTCUT_SHARE:
            continue
        tip = drawing.corners[piece.head][0]
        at = drawing.position(tip)
        for k in np.atleast_1d(tree.query(at, k=6)[1]).tolist():
            step = spots[k] - at
            reach = float(np.hypot(*step))
            if not 12.0 < reach < 75.0:
                continue
            inner = shapely.linestrings([at + step * 0.04, at + step * 0.96])
            if len(network.query(inner, predicate="intersects")) == 0:
                ways.append(Way(nodes=(tip, walkable[k]), tags=FOOTWAY, roads=()))
                break
    return ways


def _lines(drawing: Drawing) -> np.typing.NDArray[np.object_]:
    """Return every drawn road as a line."""
    nodes = np.array([node for road in drawing.roads for node in road.nodes])
    which = np.repeat(np.arange(len(drawing.roads)), [len(road.nodes) for road in drawing.roads])
    lines: np.typing.NDArray[np.object_] = shapely.linestrings(
        np.column_stack([drawing.x, drawing.y])[nodes], indices=which
    )
    return lines


def _bridges(drawing: Drawing, walkable: list[int]) -> list[Way]:
    tree = cKDTree(np.array([drawing.position(node) for node in walkable]))
    ways = []
    for street in drawing.graph.streets:
        if street.form != "grade":
            continue
        along = lengths_along(street.points)
        for where in np.arange(BRIDGE_SPACING / 2, along[-1], BRIDGE_SPACING).tolist():
            at, heading = point_at(street.points, along, where)
            feet = [tree.query(at + right_of(heading) * side * 80.0) for side in (1.0, -1.0)]
            if all(distance < 70.0 for distance, _ in feet):
                nodes = tuple(walkable[int(k)] for _, k in feet)
                if nodes[0] != nodes[1]:
                    ways.append(Way(nodes=nodes, tags=FOOTBRIDGE, roads=()))
    return ways
