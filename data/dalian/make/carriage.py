"""Draw the street graph as roads: two carriageways where a street is dual, corners where they meet.

At a junction with two or more dual arms every sector between neighbouring arms has one corner; the
right-hand carriageway of an arm starts in the sector clockwise of it and the other one ends in the
sector counter-clockwise of it. One-way links run counter-clockwise from corner to corner across the
arms' mouths, which is how crossings of dual carriageways are drawn in a right-hand country.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from data.dalian.make.planar import Piece, StreetGraph
from data.dalian.make.plane import Points, heading_out, lengths_along, offset, point_at
from data.dalian.make.streets import Street

TAPER = 26.0  # length over which two carriageways become one [m]


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
        ``right`` or ``left`` carriageway (both drawn in driving direction), ``single``, ``link``
        across a junction, or ``round`` on a roundabout.
    oneway : bool
        Whether it may be driven in its own direction only.
    """

    nodes: tuple[int, ...]
    street: int
    piece: int
    side: str
    oneway: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One end of a piece at a junction, seen from the junction outwards."""

    piece: int
    at_tail: bool
    angle: float
    width: float
    dual: bool
    rank: int


Arms = dict[int, list[Arm]]


@dataclass(slots=True, kw_only=True)
class Drawing:
    """Nodes and roads as they will be written, before tags."""

    graph: StreetGraph
    arms: Arms
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    roads: list[Road] = field(default_factory=list)
    corners: dict[int, list[int]] = field(default_factory=dict)
    rounds: dict[int, float] = field(default_factory=dict)

    def add(self, at: Points) -> int:
        """Return the index of a new node."""
        self.x.append(round(float(at[0]), 2))
        self.y.append(round(float(at[1]), 2))
        return len(self.x) - 1

    def position(self, node: int) -> Points:
        """Return where a node is."""
        return np.array([self.x[node], self.y[node]])


def draw(graph: StreetGraph, arms: Arms, opens: set[int], oneway: set[int], rounds: dict[int, float]) -> Drawing:
    """Return the drawing.

    Parameters
    ----------
    graph : StreetGraph
        Centre lines.
    arms : dict
        The arms of every junction, from `junction_arms`.
    opens : set of int
        Junctions with a gap in the median of the dual street that passes.
    oneway : set of int
        Streets driven in their own direction only.
    rounds : dict of int to float
        Junctions drawn as roundabouts, with their radius [m].
    """
    drawing = Drawing(graph=graph, arms=arms, rounds=rounds)
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


def junction_arms(graph: StreetGraph) -> Arms:
    """Return the arms of every junction, counter-clockwise."""
    arms: Arms = {}
    for index, piece in enumerate(graph.pieces):
        street = graph.streets[piece.street]
        for at_tail in (True, False):
            points = piece.points if at_tail else piece.points[::-1]
            arms.setdefault(piece.tail if at_tail else piece.head, []).append(
                Arm(
                    piece=index,
                    at_tail=at_tail,
                    angle=heading_out(points, 30.0),
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
    after = [*dual[1:], dual[0]]
    if node in drawing.rounds:
        spots = [_on_circle(centre, arm, other, drawing.rounds[node]) for arm, other in zip(dual, after, strict=True)]
    else:
        spots = [_corner(centre, arm, other, count=len(dual)) for arm, other in zip(dual, after, strict=True)]
    corners = [drawing.add(spot) for spot in spots]
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
    node = pieces[dual[0].piece].tail if dual[0].at_tail else pieces[dual[0].piece].head
    for k in range(len(dual)):
        # who crosses the mouth of arm k comes from the arm clockwise of it
        street = pieces[dual[k - 1].piece].street
        arc = _arc(drawing, node, corners[k - 1], corners[k])
        side = "round" if node in drawing.rounds else "link"
        nodes = (corners[k - 1], *arc, corners[k])
        drawing.roads.append(Road(nodes=nodes, street=street, piece=-1, side=side, oneway=True))


def _on_circle(centre: Points, arm: Arm, after: Arm, radius: float) -> Points:
    middle = arm.angle + ((after.angle - arm.angle) % (2 * math.pi)) / 2
    return np.asarray(centre + radius * np.array([math.cos(middle), math.sin(middle)]))


def _arc(drawing: Drawing, node: int, start: int, end: int) -> tuple[int, ...]:
    """Add the nodes of a roundabout's arc between two corners."""
    if node not in drawing.rounds:
        return ()
    centre, radius = drawing.graph.nodes[node], drawing.rounds[node]
    one, two = drawing.position(start) - centre, drawing.position(end) - centre
    first = math.atan2(one[1], one[0])
    turn = (math.atan2(two[1], two[0]) - first) % (2 * math.pi)
    count = max(1, int(turn * radius / 18.0))
    angles = [first + turn * k / (count + 1) for k in range(1, count + 1)]
    return tuple(drawing.add(centre + radius * np.array([math.cos(a), math.sin(a)])) for a in angles)


def _corner(centre: Points, arm: Arm, after: Arm, *, count: int) -> Points:
    """Return the corner between an arm's left edge and the next arm's right edge."""
    one = np.array([math.cos(arm.angle), math.sin(arm.angle)])
    two = np.array([math.cos(after.angle), math.sin(after.angle)])
    left = np.array([-one[1], one[0]]) * arm.width
    right = np.array([two[1], -two[0]]) * after.width
    turn = float(one[0] * two[1] - one[1] * two[0])
    straight = abs(turn) < 0.35
    if straight and float(one @ two) < 0:
        return np.asarray(centre + (left + right) / 2)
    if straight:
        middle = one + two
        return np.asarray(centre + middle / np.hypot(*middle) * min(3.0 * arm.width, 26.0))
    gap = right - left
    reach = float(gap[0] * two[1] - gap[1] * two[0]) / turn
    limit = (2.2 if count > 2 else 1.5) * max(arm.width, after.width)
    at = left + one * reach
    length = float(np.hypot(*at))
    return np.asarray(centre + at * min(1.0, limit / max(length, 1e-9)))


def _carriageways(
    drawing: Drawing, index: int, piece: Piece, street: Street, out: tuple[int, int], into: tuple[int, int]
) -> None:
    """Add both one-way carriageways of a piece, each drawn in its driving direction."""
    width = street.half_width
    points = _tapered(piece, at_tail=out[0] == out[1], at_head=into[0] == into[1])
    points = _off_circle(points, drawing.rounds.get(piece.tail, 0.0))
    points = _off_circle(points[::-1], drawing.rounds.get(piece.head, 0.0))[::-1]
    right = offset(points, width)[1:-1]
    left = offset(points[::-1], width)[1:-1]
    # seen from the head, the right-hand carriageway arrives on that arm's left side
    forward = (out[0], *_shape(drawing, right), into[1])
    backward = (into[0], *_shape(drawing, left), out[1])
    for nodes, side in ((forward, "right"), (backward, "left")):
        drawing.roads.append(Road(nodes=nodes, street=piece.street, piece=index, side=side, oneway=True))


def _tapered(piece: Piece, *, at_tail: bool, at_head: bool) -> Points:
    """Return the piece with a point near an end where its carriageways become one, so that they part at once."""
    along = lengths_along(piece.points)
    where = [TAPER] * at_tail + [float(along[-1]) - TAPER] * at_head
    extra = [w for w in where if 0.0 < w < along[-1] and bool(np.all(np.abs(along - w) > 8.0))]
    points = piece.points
    for w in sorted(extra, reverse=True):
        points = np.insert(points, int(np.searchsorted(along, w)), point_at(piece.points, along, w)[0], axis=0)
    return points


def _off_circle(points: Points, radius: float) -> Points:
    """Return the line with no bends within a roundabout at its start, and one just outside it."""
    if radius == 0.0:
        return points
    along = lengths_along(points)
    where = min(radius + 38.0, float(along[-1]) * 0.6)
    return np.vstack([points[:1], point_at(points, along, where)[0], points[along > where + 4.0]])


def _shape(drawing: Drawing, points: Points) -> tuple[int, ...]:
    return tuple(drawing.add(at) for at in points)
