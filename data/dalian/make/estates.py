"""Streets inside the blocks: gates, cul-de-sacs, estate loops, village lanes, factory yards."""

import itertools
from dataclasses import dataclass, field

import numpy as np
import shapely

from data.dalian.make.faces import Block, depth_from
from data.dalian.make.planar import Piece, StreetGraph, tidy
from data.dalian.make.plane import Points, cut, lengths_along, point_at
from data.dalian.make.raster import Floats, cells
from data.dalian.make.streets import Street
from data.dalian.make.terrain import TEXTURES, Terrain

KEEP_OFF = 26.0  # gates keep this far from junctions [m]
FLIGHT = 75.0  # blocks with inner streets have their centre this far from expressways [m]
LANE_FLIGHT = 60.0  # and their lanes keep this far [m]
# share of blocks with inner streets, and the block area from which an estate has a loop road [m2]
SHARE = {"dense": 0.22, "mixed": 0.28, "superblock": 0.40, "industrial": 0.20, "village": 0.14}
LOOP_AREA = {"dense": 24_000.0, "mixed": 22_000.0, "superblock": 20_000.0, "industrial": 60_000.0, "village": 90_000.0}
KIND = {
    "dense": "living_street",
    "mixed": "living_street",
    "superblock": "living_street",
    "industrial": "service",
    "village": "residential",
}


@dataclass(slots=True, kw_only=True)
class Growth:
    """New junctions and pieces, and the gates where pieces of the graph must be split."""

    graph: StreetGraph
    rng: np.random.Generator
    flight: Floats
    drawn: list[shapely.LineString] = field(default_factory=list)
    nodes: list[Points] = field(default_factory=list)
    streets: list[Street] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    gates: dict[int, list[tuple[float, int]]] = field(default_factory=dict)

    def node(self, at: Points) -> int:
        """Return the index of a new junction."""
        self.nodes.append(np.round(at, 2))
        return len(self.graph.nodes) + len(self.nodes) - 1

    def place(self, node: int) -> Points:
        """Return where a junction of the growth is."""
        return self.nodes[node - len(self.graph.nodes)]

    def street(self, texture: str, kind: str) -> int:
        """Return the index of a new inner street."""
        self.streets.append(
            Street(points=np.zeros((0, 2)), kind=kind, speed=0, level=3, texture=texture)
        )  # fmt: skip
        return len(self.graph.streets) + len(self.streets) - 1

    def piece(self, tail: int, head: int, street: int, inner: Points | None = None) -> None:
        """Add a piece between two junctions of the growth."""
        ends = [self.place(tail), self.place(head)]
        points = np.vstack([ends[0], inner, ends[1]]) if inner is not None and len(inner) else np.array(ends)
        step = np.hypot(*np.diff(points, axis=0).T)
        keep = np.concatenate([[True], step[:-1] > 0.5, [True]])
        if len(points) > 2 and step[-1] < 0.5:
            keep[-2] = False
        self.pieces.append(Piece(tail=tail, head=head, street=street, points=np.round(points[keep], 2)))
        self.drawn.append(shapely.LineString(points))

    def free(self, one: Points, two: Points) -> bool:
        """Return whether a lane may run here: across no other lane of the block, and off the expressways."""
        spots = one + np.linspace(0.05, 1.0, 6)[:, None] * (two - one)
        if self.flight[cells(spots)].min() < LANE_FLIGHT:
            return False
        lane = shapely.LineString([spots[0], two + 0.06 * (two - one)])
        return not any(lane.intersects(other) for other in self.drawn)

    def gate(self, side: tuple[int, bool], share: float) -> tuple[int, Points] | None:
        """Open a gate on a side of a block; return its junction and the way in, or None when too near another."""
        piece = self.graph.pieces[side[0]]
        along = lengths_along(piece.points)
        where = float(along[-1]) * (share if side[1] else 1 - share)
        taken = self.gates.setdefault(side[0], [])
        if not KEEP_OFF < where < along[-1] - KEEP_OFF or any(abs(where - w) < 24.0 for w, _ in taken):
            return None
        at, heading = point_at(piece.points, along, where)
        inward = np.array([-heading[1], heading[0]]) * (1.0 if side[1] else -1.0)
        node = self.node(at)
        taken.append((where, node))
        return node, inward


def grow_estates(graph: StreetGraph, blocks: list[Block], terrain: Terrain, flight: Floats, seed: int) -> StreetGraph:
    """Return the graph with streets inside its blocks; ``flight`` is the distance to an expressway [m]."""
    growth = Growth(graph=graph, rng=np.random.default_rng([seed, 31]), flight=flight)
    centres = np.array([block.centre for block in blocks])
    textures = terrain.texture[cells(centres)]
    free = flight[cells(centres)] > FLIGHT
    dry = terrain.built[cells(centres)]
    for block, texture, clear in zip(blocks, textures.tolist(), (free & dry).tolist(), strict=True):
        if clear:
            _fill(growth, block, TEXTURES[texture])
    return _spliced(growth)


def _fill(growth: Growth, block: Block, texture: str) -> None:
    rng = growth.rng
    growth.drawn.clear()
    if rng.uniform() > SHARE[texture]:
        return
    sides = _gate_sides(growth.graph, block)
    if not sides:
        return
    if block.area > LOOP_AREA[texture]:
        _loop(growth, block, sides, texture)
    elif rng.uniform() < 0.22:
        _stub(growth, block, sides, texture, branches=False)
        _stub(growth, block, sides[1:], texture, branches=False)
    else:
        _stub(growth, block, sides, texture, branches=rng.uniform() < 0.30)


def _gate_sides(graph: StreetGraph, block: Block) -> list[tuple[int, bool]]:
    """Return sides a gate may open on: small streets first, then the long ones."""
    fit = []
    for side in block.sides:
        piece = graph.pieces[side[0]]
        street = graph.streets[piece.street]
        if piece.length > 2.4 * KEEP_OFF and street.form not in {"ramp", "bridge", "grade"}:
            fit.append((street.rank < 5, -piece.length, side))
    return [side for _, _, side in sorted(fit)]


def _stub(growth: Growth, block: Block, sides: list[tuple[int, bool]], texture: str, *, branches: bool) -> None:
    """Add a cul-de-sac, with side lanes at its end where there is room."""
    if not sides:
        return
    rng = growth.rng
    share = float(rng.uniform(0.32, 0.68))
    turn = float(rng.normal(0.0, 0.12))
    found = growth.gate(sides[0], share)
    if found is None:
        return
    gate, inward = found
    inward = np.array([inward[0] - turn * inward[1], inward[1] + turn * inward[0]])
    inward /= np.hypot(*inward)
    depth = depth_from(block.ring, growth.place(gate), inward)
    reach = depth * float(rng.uniform(0.45, 0.72))
    tip = growth.place(gate) + inward * reach
    if reach < 24.0 or not growth.free(growth.place(gate), tip):
        _close(growth, sides[0], gate)
        return
    street = growth.street(texture, KIND[texture])
    end = growth.node(tip)
    growth.piece(gate, end, street, _bow(growth, gate, end))
    if branches:
        for side in (1.0, -1.0):
            _branch(growth, block, end, np.array([-inward[1], inward[0]]) * side, texture)


def _branch(growth: Growth, block: Block, end: int, aside: Points, texture: str) -> None:
    room = depth_from(block.ring, growth.place(end), aside)
    tip = growth.place(end) + aside * room * float(growth.rng.uniform(0.4, 0.65))
    if room > 45.0 and growth.free(growth.place(end), tip):
        growth.piece(end, growth.node(tip), growth.street(texture, "service"))


def _bow(growth: Growth, tail: int, head: int) -> Points:
    """Return a middle point that bends a lane a little."""
    one, two = growth.place(tail), growth.place(head)
    step = two - one
    return ((one + two) / 2 + np.array([-step[1], step[0]]) * float(growth.rng.normal(0.0, 0.05)))[None, :]


def _close(growth: Growth, side: tuple[int, bool], gate: int) -> None:
    """Take back the gate opened last."""
    growth.gates[side[0]] = [found for found in growth.gates[side[0]] if found[1] != gate]
    growth.nodes.pop()


def _loop(growth: Growth, block: Block, sides: list[tuple[int, bool]], texture: str) -> None:
    """Add an estate's loop road with two or three gates and a few lanes inside it."""
    inset = shapely.Polygon(block.ring).buffer(-0.20 * block.area**0.5, join_style="round", quad_segs=2)
    if inset.geom_type != "Polygon" or inset.area < 4_000.0:
        _stub(growth, block, sides, texture, branches=True)
        return
    ring = tidy(shapely.get_coordinates(inset.exterior), 9.0)
    if growth.flight[cells(block.ring)].min() < LANE_FLIGHT:
        return
    along = lengths_along(ring)
    line = shapely.linestrings(ring)
    doors: list[tuple[float, int | None]] = []
    for side in sides[: 3 if block.area > 45_000.0 else 2]:
        found = growth.gate(side, float(growth.rng.uniform(0.35, 0.65)))
        if found is None:
            continue
        where = float(shapely.line_locate_point(line, shapely.points(growth.place(found[0]))))
        if any(abs(where - other) < 22.0 for other, _ in doors):
            _close(growth, side, found[0])
            continue
        doors.append((where, found[0]))
    if not doors:
        return
    doors += [(float(w), None) for w in np.arange(20.0, along[-1] - 15.0, 62.0) if _clear(float(w), doors)]
    _close_loop(growth, ring, along, sorted(doors, key=lambda door: door[0]), texture)


def _clear(where: float, doors: list[tuple[float, int | None]]) -> bool:
    return all(abs(where - other) > 26.0 for other, _ in doors)


def _close_loop(
    growth: Growth, ring: Points, along: Floats, doors: list[tuple[float, int | None]], texture: str
) -> None:
    street = growth.street(texture, KIND[texture])
    growth.drawn.append(shapely.LineString(ring))
    knots = []
    for where, gate in doors:
        at, _ = point_at(ring, along, where)
        if gate is None and growth.rng.uniform() > 0.45:
            continue
        knot = growth.node(at)
        knots.append((where, knot))
        if gate is not None:
            growth.piece(gate, knot, street)
            continue
        # a lane leads towards the middle, whichever way round the outline was drawn
        middle = ring.mean(axis=0) - at
        tip = at + middle / np.hypot(*middle) * min(0.62 * float(np.hypot(*middle)), 46.0)
        if growth.free(at, tip):
            growth.piece(knot, growth.node(tip), growth.street(texture, "service"))
    for (a, tail), (b, head) in itertools.pairwise(knots):
        growth.piece(tail, head, street, cut(ring, along, a, b)[1:-1])
    (first, head), (last, tail) = knots[0], knots[-1]
    if tail == head:
        middle = (first + float(along[-1]) / 2) % float(along[-1])
        last, tail = middle, growth.node(point_at(ring, along, middle)[0])
        low, high = min(first, last), max(first, last)
        growth.piece(*((head, tail) if first < last else (tail, head)), street, cut(ring, along, low, high)[1:-1])
        (first, head), (last, tail) = sorted([(first, head), (last, tail)])
    if tail != head:
        around = np.vstack([cut(ring, along, last, float(along[-1]))[1:], cut(ring, along, 0.0, first)[1:-1]])
        growth.piece(tail, head, street, around)


def _spliced(growth: Growth) -> StreetGraph:
    """Return one graph with pieces split at their gates."""
    graph = growth.graph
    pieces: list[Piece] = []
    for index, piece in enumerate(graph.pieces):
        gates = sorted(growth.gates.get(index, []))
        along = lengths_along(piece.points)
        stops = [(0.0, piece.tail), *gates, (float(along[-1]), piece.head)]
        for (a, tail), (b, head) in itertools.pairwise(stops):
            points = np.round(cut(piece.points, along, a, b), 2) if gates else piece.points
            pieces.append(
                Piece(
                    tail=tail, head=head, street=piece.street, points=points, bridge=piece.bridge, tunnel=piece.tunnel
                )
            )
    nodes = np.vstack([graph.nodes, np.array(growth.nodes)]) if growth.nodes else graph.nodes
    return StreetGraph(
        nodes=nodes, streets=(*graph.streets, *growth.streets), pieces=(*pieces, *growth.pieces)
    )  # fmt: skip
