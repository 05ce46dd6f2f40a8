"""Draw the street graph as roads: two carriageways where a street is dual, corners where they meet.

At a junction with two or more dual arms every sector between neighbouring arms has one corner; the
right-hand carriageway of an arm starts in the sector clockwise of it and the other one ends in the
sector counter-clockwise of it. One-way links run counter-clockwise from corner to corner across the
arms' mouths, which is how crossings of dual carriageways are drawn in a right-hand country.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from data.dalian.make.plane import Points, lengths_along, offset, point_at
from data.dalian.make.planar import Piece, StreetGraph
from data.dalian.make.streets import Street


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """One drawn way between two junction corners.

    Attributes
    ----------
    nodes : tuple of int
        Indices into the drawing's nodes.
    street, piece : int
        Where it comes from; piece is -1 for the links inside a junction.
    side : str
        ``right`` or ``left`` carriageway (both drawn in driving direction), ``single`` or ``link``.
    oneway : bool
        Whether it may be driven in its own direction only.
    """

    nodes: tuple[int, ...]
    street: int
    piece: int
    side: str
    oneway: bool


@dataclass(slots=True, kw_only=True)
class Drawing:
    """Nodes and roads as they will be written, before tags."""

    graph: StreetGraph
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    roads: list[Road] = field(default_factory=list)
    corners: dict[int, list[int]] = field(default_factory=dict)

    def add(self, at: Points) -> int:
        """Return the index of a new node."""
        self.x.append(round(float(at[0]), 2))
        self.y.append(round(float(at[1]), 2))
        return len(self.x) - 1

    def position(self, node: int) -> Points:
        """Return where a node is."""
        return np.array([self.x[node], self.y[node]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One end of a piece at a junction, seen from the junction outwards."""

    piece: int
    at_tail: bool
    angle: float
    width: float
    dual: bool
    rank: int


def draw(graph: StreetGraph, opens: set[int], oneway: set[int]) -> Drawing:
    """Return the drawing; ``opens`` names junctions with a gap in the median, ``oneway`` streets."""
    drawing = Drawing(graph=graph)
    arms = junction_arms(graph)
    start: dict[tuple[int, bool], tuple[int, int]] = {}
    for node in sorted(arms):
        _junction(drawing, node, arms[node], start, opened=node in opens)
    for index, piece in enumerate(graph.pieces):
        street = graph.streets[piece.street]
        out, into = start[index, True], start[index, False]
        if street.is_dual:
            _carriageways(drawing, index, piece, street, out, into)
        else:
            nodes = (out[0], *_shape(drawing, piece.points[1:-1]), into[0])
            way = street.form == "ramp" or piece.street in oneway
            drawing.roads.append(Road(nodes=nodes, street=piece.street, piece=index, side="single", oneway=way))
    return drawing


def junction_arms(graph: StreetGraph) -> dict[int, list[Arm]]:
    """Return the arms of every junction, counter-clockwise."""
    arms: dict[int, list[Arm]] = {}
    for index, piece in enumerate(graph.pieces):
        street = graph.streets[piece.street]
        for at_tail in (True, False):
            points = piece.points if at_tail else piece.points[::-1]
            ahead, _ = point_at(points, lengths_along(points), min(30.0, piece.length))
            step = ahead - points[0]
            arms.setdefault(piece.tail if at_tail else piece.head, []).append(
                Arm(
                    piece=index,
                    at_tail=at_tail,
                    angle=math.atan2(step[1], step[0]),
                    width=street.half_width,
                    dual=street.is_dual,
                    rank=street.rank,
                )
            )
    for found in arms.values():
        found.sort(key=lambda arm: (arm.angle, arm.piece, arm.at_tail))
    return arms


def _junction(
    drawing: Drawing, node: int, arms: list[Arm], start: dict[tuple[int, bool], tuple[int, int]], *, opened: bool
) -> None:
    """Make the corners of one junction; note for each arm where it starts (right, left)."""
    centre = drawing.graph.nodes[node]
    dual = [arm for arm in arms if arm.dual]
    if len(dual) < 2:
        corner = drawing.add(centre)
        drawing.corners[node] = [corner]
        for arm in arms:
            start[arm.piece, arm.at_tail] = (corner, corner)
        return
    corners = [
        drawing.add(_corner(centre, arm, dual[(k + 1) % len(dual)], count=len(dual))) for k, arm in enumerate(dual)
    ]
    drawing.corners[node] = corners
    for k, arm in enumerate(dual):
        # outwards on the right, inwards on the left
        start[arm.piece, arm.at_tail] = (corners[k - 1], corners[k])
    for arm in arms:
        if not arm.dual:
            sector = sum(1 for other in dual if other.angle <= arm.angle) - 1
            start[arm.piece, arm.at_tail] = (corners[sector], corners[sector])
    _links(drawing, corners, dual, opened=opened)


def _links(drawing: Drawing, corners: list[int], dual: list[Arm], *, opened: bool) -> None:
    pieces = drawing.graph.pieces
    if len(dual) == 2:
        if opened:
            street = pieces[dual[0].piece].street
            drawing.roads.append(
                Road(nodes=(corners[1], corners[0]), street=street, piece=-1, side="link", oneway=False)
            )
        return
    for k, arm in enumerate(dual):
        street = pieces[_across(dual, k)].street
        ends = (corners[k - 1], corners[k])
        del arm
        drawing.roads.append(Road(nodes=ends, street=street, piece=-1, side="link", oneway=True))


def _across(dual: list[Arm], k: int) -> int:
    """Return the piece whose street a link across arm k belongs to: the neighbour it continues."""
    return dual[k - 1].piece


def _corner(centre: Points, arm: Arm, after: Arm, *, count: int) -> Points:
    """Return the corner between an arm's left edge and the next arm's right edge."""
    one = np.array([math.cos(arm.angle), math.sin(arm.angle)])
    two = np.array([math.cos(after.angle), math.sin(after.angle)])
    left = np.array([-one[1], one[0]]) * arm.width
    right = np.array([two[1], -two[0]]) * after.width
    turn = float(one[0] * two[1] - one[1] * two[0])
    straight = abs(turn) < 0.35
    if straight and float(one @ two) < 0:
        return centre + (left + right) / 2
    if straight:
        middle = one + two
        return centre + middle / np.hypot(*middle) * min(3.0 * arm.width, 26.0)
    gap = right - left
    reach = float(gap[0] * two[1] - gap[1] * two[0]) / turn
    limit = (2.2 if count > 2 else 1.5) * max(arm.width, after.width)
    at = left + one * reach
    length = float(np.hypot(*at))
    return centre + at * min(1.0, limit / max(length, 1e-9))


def _carriageways(
    drawing: Drawing, index: int, piece: Piece, street: Street, out: tuple[int, int], into: tuple[int, int]
) -> None:
    """Add both one-way carriageways of a piece, each drawn in its driving direction."""
    width = street.half_width
    right = offset(piece.points, width)[1:-1]
    left = offset(piece.points[::-1], width)[1:-1]
    # seen from the head, the right-hand carriageway arrives on that arm's left side
    forward = (out[0], *_shape(drawing, right), into[1])
    backward = (into[0], *_shape(drawing, left), out[1])
    for nodes, side in ((forward, "right"), (backward, "left")):
        drawing.roads.append(Road(nodes=nodes, street=piece.street, piece=index, side=side, oneway=True))


def _shape(drawing: Drawing, points: Points) -> tuple[int, ...]:
    return tuple(drawing.add(at) for at in points)
