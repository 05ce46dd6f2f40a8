"""The blocks between streets, as loops of street pieces walked with the block on the left."""

import math
from dataclasses import dataclass

import numpy as np

from data.dalian.make.planar import StreetGraph
from data.dalian.make.plane import Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One face of the street graph.

    Attributes
    ----------
    sides : tuple of (int, bool)
        Pieces around it counter-clockwise, and whether each is walked from tail to head.
    ring : ndarray, shape (n, 2)
        Its outline, first point not repeated [m].
    area : float
        [m2]
    centre : ndarray, shape (2,)
        Its centroid [m].
    """

    sides: tuple[tuple[int, bool], ...]
    ring: Points
    area: float
    centre: Points


def find_blocks(graph: StreetGraph, *, smallest: float, largest: float) -> list[Block]:
    """Return the faces with an area between the limits [m2], in order of their first piece."""
    follow = _successors(graph)
    seen: set[tuple[int, bool]] = set()
    blocks = []
    for start in sorted(follow):
        if start in seen:
            continue
        sides = []
        half = start
        while half not in seen:
            seen.add(half)
            sides.append(half)
            half = follow[half]
        ring = np.vstack([_walked(graph, piece, forward)[:-1] for piece, forward in sides])
        area, centre = _measure(ring)
        if smallest <= area <= largest and len(sides) >= 3:
            blocks.append(Block(sides=tuple(sides), ring=ring, area=area, centre=centre))
    return blocks


def _walked(graph: StreetGraph, piece: int, forward: bool) -> Points:
    points = graph.pieces[piece].points
    return points if forward else points[::-1]


def _successors(graph: StreetGraph) -> dict[tuple[int, bool], tuple[int, bool]]:
    """Return for each directed piece the next one that keeps the same block on the left."""
    leaving: dict[int, list[tuple[float, int, bool]]] = {}
    for index, piece in enumerate(graph.pieces):
        for forward in (True, False):
            points = _walked(graph, index, forward)
            step = points[1] - points[0]
            node = piece.tail if forward else piece.head
            leaving.setdefault(node, []).append((math.atan2(step[1], step[0]), index, forward))
    follow = {}
    for found in leaving.values():
        found.sort()
        for k, (_, index, forward) in enumerate(found):
            # arriving against (index, forward), leave by the next arm clockwise
            _, after, way = found[k - 1]
            follow[index, not forward] = (after, way)
    return follow


def _measure(ring: Points) -> tuple[float, Points]:
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    nx, ny = np.roll(x, -1), np.roll(y, -1)
    cross = x * ny - nx * y
    area = float(cross.sum()) / 2
    if abs(area) < 1.0:
        return 0.0, ring[0]
    centre = np.array([((x + nx) * cross).sum(), ((y + ny) * cross).sum()]) / (6 * area) + ring[0]
    return area, centre


def depth_from(ring: Points, at: Points, inward: Points) -> float:
    """Return how far a ray from a point of the outline runs until it leaves the block [m]."""
    start, end = ring, np.roll(ring, -1, axis=0)
    edge = end - start
    cross = inward[0] * edge[:, 1] - inward[1] * edge[:, 0]
    cross = np.where(np.abs(cross) < 1e-9, 1e-9, cross)
    gap = start - at
    reach = (gap[:, 0] * edge[:, 1] - gap[:, 1] * edge[:, 0]) / cross
    share = (gap[:, 0] * inward[1] - gap[:, 1] * inward[0]) / cross
    hits = reach[(share >= 0) & (share <= 1) & (reach > 5.0)]
    return float(hits.min()) if len(hits) else 0.0
