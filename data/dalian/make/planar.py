"""Cut streets where they meet: a planar street graph of junctions and pieces between them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from data.dalian.make.plane import Points, cut, length_of, lengths_along, point_at
from data.dalian.make.streets import Street

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of one street between two junctions, drawn from tail to head."""

    tail: int
    head: int
    street: int
    points: Points
    bridge: bool = False
    tunnel: bool = False

    @property
    def length(self) -> float:
        """Length along the line [m]."""
        return length_of(self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetGraph:
    """Junction positions, the streets, and their pieces in street order."""

    nodes: Points
    streets: tuple[Street, ...]
    pieces: tuple[Piece, ...]

    def degree(self) -> Ints:
        """Return the number of piece ends at each junction."""
        ends = np.array([(piece.tail, piece.head) for piece in self.pieces], dtype=np.int64).ravel()
        return np.bincount(ends, minlength=len(self.nodes))


def reach_out(lines: list[Points], others: list[Points], reach: Floats) -> list[Points]:
    """Return lines whose loose ends are lengthened to the street ahead, where one is in reach [m]."""
    shapes = np.array([shapely.linestrings(line) for line in lines + others])
    rays = np.array([_ray(line, reach[i], end) for i, line in enumerate(lines) for end in (0, 1)])
    ray, hit = shapely.STRtree(shapes).query(rays, predicate="intersects")
    keep = hit != ray // 2
    ray, hit = ray[keep], hit[keep]
    meet = shapely.intersection(rays[ray], shapes[hit])
    start = np.array([shapely.Point(shapely.get_coordinates(r)[0]) for r in rays])
    away = np.asarray(shapely.distance(start[ray], meet))
    best: dict[int, tuple[float, int]] = {}
    for k, (r, d) in enumerate(zip(ray.tolist(), away.tolist(), strict=True)):
        if r not in best or (d, hit[k]) < best[r]:
            best[r] = (d, int(hit[k]))
    return [_grown(line, best.get(2 * i), best.get(2 * i + 1)) for i, line in enumerate(lines)]


def _ray(line: Points, reach: float, end: int) -> shapely.LineString:
    tip, before = (line[0], line[1]) if end == 0 else (line[-1], line[-2])
    step = (tip - before) / max(float(np.hypot(*(tip - before))), 1e-9)
    return shapely.LineString([tip, tip + step * reach])


def _grown(line: Points, front: tuple[float, int] | None, back: tuple[float, int] | None) -> Points:
    if front is not None:
        step = (line[0] - line[1]) / np.hypot(*(line[0] - line[1]))
        line = np.vstack([line[0] + step * (front[0] + 0.5), line])
    if back is not None:
        step = (line[-1] - line[-2]) / np.hypot(*(line[-1] - line[-2]))
        line = np.vstack([line, line[-1] + step * (back[0] + 0.5)])
    return line


def weave(streets: list[Street], merge: float) -> StreetGraph:
    """Return the graph of streets cut at every meeting point; meetings closer than ``merge`` become one."""
    owner, along, spots = _meetings(streets)
    label, nodes = _merge(spots, np.array([streets[o].rank for o in owner.tolist()]), merge)
    order = np.lexsort((label, along, owner))
    pieces: list[Piece] = []
    bounds = np.searchsorted(owner[order], np.arange(len(streets) + 1))
    for index, street in enumerate(streets):
        mine = order[bounds[index] : bounds[index + 1]]
        pieces.extend(_pieces(index, street, along[mine], label[mine], nodes))
    return StreetGraph(nodes=nodes, streets=tuple(streets), pieces=tuple(_without_twins(pieces, streets)))


def _meetings(streets: list[Street]) -> tuple[Ints, Floats, Points]:
    shapes = np.array([shapely.linestrings(street.points) for street in streets])
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    keep = one < two
    one, two = one[keep], two[keep]
    order = np.lexsort((two, one))
    one, two = one[order], two[order]
    meet = shapely.intersection(shapes[one], shapes[two])
    points, which = shapely.get_coordinates(shapely.extract_unique_points(meet), return_index=True)
    ends = np.vstack([street.points[[0, -1]] for street in streets])
    number = np.arange(len(streets))
    spots = np.vstack([points, points, ends])
    owner = np.concatenate([one[which], two[which], np.repeat(number, 2)])
    along = shapely.line_locate_point(shapes[owner], shapely.points(spots))
    return owner.astype(np.int64), along, spots


def _merge(spots: Points, rank: Ints, merge: float) -> tuple[Ints, Points]:
    pairs = cKDTree(spots).query_pairs(merge, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(spots), len(spots)))
    count, label = connected_components(links, directed=False)
    # the most important street of a cluster keeps its line; lesser ones bend to it
    best = np.full(count, 99)
    np.minimum.at(best, label, rank)
    leads = rank == best[label]
    total = np.zeros((count, 2))
    np.add.at(total, label[leads], spots[leads])
    weight = np.bincount(label[leads], minlength=count)[:, None]
    return label.astype(np.int64), np.round(total / weight, 2)


def _pieces(index: int, street: Street, along: Floats, label: Ints, nodes: Points) -> list[Piece]:
    line = lengths_along(street.points)
    found = []
    for k in range(len(along) - 1):
        tail, head = int(label[k]), int(label[k + 1])
        if tail == head and along[k + 1] - along[k] < 60.0:
            continue
        points = cut(street.points, line, float(along[k]), float(along[k + 1]))
        points[0], points[-1] = nodes[tail], nodes[head]
        if tail == head:
            continue
        found.append(Piece(tail=tail, head=head, street=index, points=tidy(points)))
    return found


def tidy(points: Points, tolerance: float = 1.2) -> Points:
    """Return the line with fewer points, within a tolerance [m], on a grid of 1 cm."""
    line = shapely.simplify(shapely.linestrings(points), tolerance)
    return np.round(shapely.get_coordinates(line), 2)


def _without_twins(pieces: list[Piece], streets: list[Street]) -> list[Piece]:
    """Drop the lesser of two pieces that join the same junctions at about the same length."""
    order = sorted(range(len(pieces)), key=lambda k: (streets[pieces[k].street].rank, k))
    seen: dict[tuple[int, int], float] = {}
    kept = set()
    for k in order:
        piece = pieces[k]
        ends = (min(piece.tail, piece.head), max(piece.tail, piece.head))
        if ends in seen and piece.length < 1.6 * seen[ends] + 40.0:
            continue
        seen.setdefault(ends, piece.length)
        kept.add(k)
    return [piece for k, piece in enumerate(pieces) if k in kept]


def prune(graph: StreetGraph, shortest: Floats) -> StreetGraph:
    """Return the graph without loose ends shorter than their street's limit [m], and without islands."""
    pieces = graph.pieces
    for _ in range(3):
        degree = StreetGraph(nodes=graph.nodes, streets=graph.streets, pieces=pieces).degree()
        pieces = tuple(
            piece
            for piece in pieces
            if min(degree[piece.tail], degree[piece.head]) > 1 or piece.length >= shortest[piece.street]
        )
    return StreetGraph(nodes=graph.nodes, streets=graph.streets, pieces=_mainland(len(graph.nodes), pieces))


def _mainland(count: int, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    tail = [piece.tail for piece in pieces]
    head = [piece.head for piece in pieces]
    _, label = connected_components(coo_array((np.ones(len(tail)), (tail, head)), shape=(count, count)))
    largest = int(np.argmax(np.bincount(label[tail], minlength=label.max() + 1)))
    return tuple(piece for piece in pieces if label[piece.tail] == largest)


def halfway(piece: Piece, share: float = 0.5) -> tuple[Points, Points]:
    """Return the position and heading at a share of a piece's length."""
    along = lengths_along(piece.points)
    return point_at(piece.points, along, float(along[-1]) * share)
