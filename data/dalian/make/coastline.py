"""The shore as an OSM way, land on its left, as real extracts have it."""

import numpy as np

from data.dalian.make.carriage import Drawing
from data.dalian.make.plane import Points, to_plane
from data.dalian.make.tagging import Way

EDGE = to_plane(122.175, 39.465)  # beyond it the ring is the edge of the map, not a shore


def draw_coastline(drawing: Drawing, coast: Points) -> Way:
    """Return the shore from the north-western to the north-eastern edge of the map."""
    inside = (coast[:, 0] < EDGE[0]) & (coast[:, 1] < EDGE[1])
    # start the ring beyond the edge, so that no stretch of shore wraps around
    turn = int(np.argmin(inside))
    ring, inside = np.roll(coast, -turn, axis=0), np.roll(inside, -turn)
    change = np.flatnonzero(np.diff(inside.astype(np.int8), append=np.int8(0)))
    first, last = max(zip(change[::2].tolist(), change[1::2].tolist(), strict=True), key=lambda span: span[1] - span[0])
    nodes = tuple(drawing.add(at) for at in ring[first + 1 : last + 1])
    return Way(nodes=nodes, tags=(("natural", "coastline"),), roads=())
