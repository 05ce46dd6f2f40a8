"""The walking graph: streets between junctions, and at large roads one vertex per corner.

A large road divides its surroundings. Where k legs of large roads meet, the junction is split into k corners, one
per sector between neighbouring legs; a small street joins the corner whose sector it enters, each side of a large
road links the two corners that it passes, and stepping from a corner to the next crosses one leg at that leg's cost.
So a kerb on the far side of a large road is as far away as the nearest place to cross, and then the crossing.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from routing.geo.foot import foot_rules, is_crossing
from routing.geo.osm import OsmExtract
from routing.geo.sphere import distance_m

Bools: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float64]

LEFT, RIGHT = 0, 1
"""Sides of a street, seen along its geometry; both lead to the same vertices where the street is small."""

ISLAND_M = 1000.0
"""Ways that connect to less than this are islands, unless there is nothing larger: nobody is snapped to them."""

_CIRCLE = 8.0  # more than one turn in radians, so that node and angle sort as one number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkGraph:
    """Streets, their geometry, and the vertices and links between which people walk; arrays are read-only.

    Attributes
    ----------
    street_tail, street_head : int32 arrays (s, 2)
        Vertex at each end of a street, for its left and its right side; the same where the street is small.
    street_m : float64 array (s,) [m]
    large : bool array (s,)
        Whether the street's two sides are apart.
    shape_start : int64 array (s + 1,)
        Street i has the vertices `shape_start[i]` to `shape_start[i + 1]` of `lon` and `lat`, tail first.
    lon, lat : float64 arrays (k,) [degrees, WGS-84]
    link_start : int64 array (v + 1,)
        Vertex i reaches `link_vertex[link_start[i]:link_start[i + 1]]`.
    link_vertex : int32 array (m,)
    link_cm : int32 array (m,) [cm]
        What walking the link costs; crossings included. Every link has its twin in the other direction.
    """

    street_tail: Indices
    street_head: Indices
    street_m: Floats
    large: Bools
    shape_start: Ints
    lon: Floats
    lat: Floats
    link_start: Ints
    link_vertex: Indices
    link_cm: Indices

    @property
    def vertices(self) -> int:
        """Number of vertices."""
        return len(self.link_start) - 1


@dataclass(frozen=True, slots=True, eq=False)
class _Streets:
    """Pieces of ways between junctions: positions in `way_nodes`, both ends included."""

    first: Ints
    last: Ints
    walk: Bools
    cost_m: Indices
    metres: Floats


def build_walk_graph(extract: OsmExtract) -> WalkGraph:
    """Build the walking graph of an extract.

    Parameters
    ----------
    extract : OsmExtract
        As `read_osm` gives it.

    Returns
    -------
    WalkGraph
        Without islands; empty when nobody can walk anywhere.
    """
    streets = _cut(extract)
    tail, head, cross_a, cross_b, cross_m, vertices = _corners(extract, streets)
    walk = np.flatnonzero(streets.walk)
    tail, head, metres = tail[walk], head[walk], streets.metres[walk]
    kept = walk[_mainland(tail, head, metres, cross_a, cross_b, vertices)]
    keep = np.isin(walk, kept)
    tail, head, metres = tail[keep], head[keep], metres[keep]
    two = (tail[:, LEFT] != tail[:, RIGHT]) | (head[:, LEFT] != head[:, RIGHT])
    start = np.concatenate((tail[:, LEFT], tail[two, RIGHT], cross_a))
    end = np.concatenate((head[:, LEFT], head[two, RIGHT], cross_b))
    cm = np.rint(np.concatenate((metres, metres[two], cross_m)) * 100.0).astype(np.int32)
    both_a, both_b, both_cm = np.concatenate((start, end)), np.concatenate((end, start)), np.concatenate((cm, cm))
    order = np.lexsort((both_cm, both_b, both_a))
    size = streets.last[kept] - streets.first[kept] + 1
    shape_start = np.concatenate(([0], np.cumsum(size)))
    inside = np.arange(shape_start[-1]) - np.repeat(shape_start[:-1] - streets.first[kept], size)
    nodes = extract.way_nodes[inside]
    graph = WalkGraph(
        street_tail=tail.astype(np.int32),
        street_head=head.astype(np.int32),
        street_m=metres,
        large=streets.cost_m[kept] > 0,
        shape_start=shape_start,
        lon=extract.lon[nodes],
        lat=extract.lat[nodes],
        link_start=np.searchsorted(both_a[order], np.arange(vertices + 1)),
        link_vertex=both_b[order].astype(np.int32),
        link_cm=both_cm[order],
    )
    for name in WalkGraph.__slots__:
        getattr(graph, name).setflags(write=False)
    return graph


def _cut(extract: OsmExtract) -> _Streets:
    """Cut the walkable and the large ways at every node where they meet, end, or may be crossed."""
    walk, cost_m = foot_rules(extract.way_tags)
    size = np.diff(extract.way_start)
    way = np.repeat(np.arange(len(size)), size)
    nodes = extract.way_nodes
    used = (walk | (cost_m > 0))[way] & (nodes >= 0)
    joined = used[:-1] & used[1:] & (way[:-1] == way[1:])
    inner = np.zeros(len(nodes), dtype=np.bool_)
    inner[1:-1] = joined[:-1] & joined[1:]
    uses = np.bincount(nodes[used], weights=np.where(inner[used], 1.0, 2.0), minlength=len(extract.node_id))
    junction = uses > 1.5
    crossings = [index for index, tags in extract.node_tags.items() if is_crossing(tags)]
    junction[np.array(crossings, dtype=np.int64)] = True
    breaks = np.flatnonzero(~inner | junction[nodes])
    follows = np.concatenate(([0], np.cumsum(joined)))
    whole = follows[breaks[1:]] - follows[breaks[:-1]] == breaks[1:] - breaks[:-1]
    first, last = breaks[:-1][whole], breaks[1:][whole]
    step = np.zeros(len(nodes))
    a, b = nodes[:-1][joined], nodes[1:][joined]
    step[1:][joined] = distance_m(extract.lon[a], extract.lat[a], extract.lon[b], extract.lat[b])
    total = np.cumsum(step)
    owner = way[first]
    return _Streets(first, last, walk[owner], cost_m[owner], total[last] - total[first])


def _bearing(extract: OsmExtract, at: Ints, towards: Ints) -> Floats:
    """Return the directions [radians, counter-clockwise from east, in 0..2π] in which legs leave their junctions."""
    a, b = extract.way_nodes[at], extract.way_nodes[towards]
    east = (extract.lon[b] - extract.lon[a]) * np.cos(np.radians(extract.lat[a]))
    return np.mod(np.arctan2(extract.lat[b] - extract.lat[a], east), 2.0 * np.pi)


def _corners(extract: OsmExtract, streets: _Streets) -> tuple[Indices, Indices, Ints, Ints, Floats, int]:
    """Give every street end its vertex, and every leg of a large road its crossing.

    Returns
    -------
    tail, head : int arrays (s, 2)
        Vertex at each end of each street, by side.
    cross_a, cross_b, cross_m : arrays (c,)
        Pairs of corners with a crossing between them, and its cost [m].
    vertices : int
    """
    count = len(streets.first)
    at = np.concatenate((streets.first, streets.last))
    angle = _bearing(extract, at, np.concatenate((streets.first + 1, streets.last - 1)))
    _, node = np.unique(extract.way_nodes[at], return_inverse=True)
    junctions = int(node.max()) + 1 if count else 0
    large = np.tile(streets.cost_m > 0, 2)
    legs = np.bincount(node[large], minlength=junctions)
    base = np.concatenate(([0], np.cumsum(np.maximum(legs, 1))))
    key = node * _CIRCLE + angle
    large_leg = np.flatnonzero(large)
    large_leg = large_leg[np.argsort(key[large_leg], kind="stable")]
    first_leg = np.concatenate(([0], np.cumsum(legs)))[:-1]
    rank = np.searchsorted(key[large_leg], key, side="right") - 1
    rank[large_leg] = np.arange(len(large_leg))
    turn = np.maximum(legs, 1)[node]
    after = base[node] + np.mod(rank - first_leg[node], turn)  # the corner counter-clockwise of the leg
    before = np.where(large, base[node] + np.mod(rank - first_leg[node] - 1, turn), after)
    tail = np.stack((after[:count], before[:count]), axis=1)
    head = np.stack((before[count:], after[count:]), axis=1)  # a head's leg points backwards: left is clockwise
    open_to_cross = _open_to_cross(extract, at, node, large, legs)
    legs_crossed = large_leg[open_to_cross[node[large_leg]]]
    cost = np.tile(streets.cost_m, 2)[legs_crossed].astype(np.float64)
    return tail, head, before[legs_crossed], after[legs_crossed], cost, int(base[-1])


def _open_to_cross(extract: OsmExtract, at: Ints, node: Ints, large: Bools, legs: Ints) -> Bools:
    """Tell at which junctions people cross: where something joins, not where a large road merely goes on."""
    joins = np.bincount(node[~large], minlength=len(legs)) > 0
    marked = np.zeros(len(extract.node_id), dtype=np.bool_)
    marked[np.array([i for i, tags in extract.node_tags.items() if is_crossing(tags)], dtype=np.int64)] = True
    joins[node[marked[extract.way_nodes[at]]]] = True
    return np.asarray((legs >= 3) | ((legs == 2) & joins), dtype=np.bool_)


def _mainland(tail: Indices, head: Indices, metres: Floats, cross_a: Ints, cross_b: Ints, vertices: int) -> Bools:
    """Tell which streets hang together with at least `ISLAND_M` of others; else the largest piece."""
    if not len(tail):
        return np.zeros(0, dtype=np.bool_)
    start: Ints = np.concatenate((tail[:, LEFT], tail[:, RIGHT], cross_a)).astype(np.int64)
    end: Ints = np.concatenate((head[:, LEFT], head[:, RIGHT], cross_b)).astype(np.int64)
    graph = coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(vertices, vertices))
    pieces, label = connected_components(graph, directed=False)
    piece = label[tail[:, LEFT]]
    size = np.bincount(piece, weights=metres, minlength=pieces)
    return np.asarray(size[piece] >= min(ISLAND_M, float(size.max())), dtype=np.bool_)
