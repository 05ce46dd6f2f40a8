"""Many-to-many queries on a hierarchy: upward searches, then one sweep down to the targets for many sources.

RPHAST: Delling, Goldberg and Werneck (2011), "Faster Batched Shortest Paths in Road Networks",
doi:10.4230/OASIcs.ATMOS.2011.52.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from routing.geo.contraction import INFINITY, Indices, Ints, pop, push
from routing.geo.hierarchy import Hierarchy
from routing.jit import compiled

LANES = 16
"""Sources that one sweep serves: as many int64 as two cache lines hold."""


Arcs = tuple[Ints, Indices, Ints]
"""Arcs by node: first, other end, weight. Points' labels have the same shape: first, node, weight."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labels:
    """Where each of several points enters or leaves the graph, and at what cost.

    Attributes
    ----------
    first : int64 array (p + 1,)
        Point i owns the labels `first[i]` to `first[i + 1]`.
    node : int32 array (k,)
    weight : int64 array (k,)
    """

    first: Ints
    node: Indices
    weight: Ints


def many_to_many(hierarchy: Hierarchy, sources: Labels, targets: Labels, *, threads: int = 1) -> Ints:
    """Return the least weight from every source to every target, int64 (s, t).

    Parameters
    ----------
    hierarchy : Hierarchy
    sources, targets : Labels
        A pair's weight is the least, over its labels, of source label + way + target label.
    threads : int
        Sources are shared out among so many.
    """
    s_count, t_count = sources.first.size - 1, targets.first.size - 1
    best = np.full((s_count, t_count), INFINITY, np.int64)
    s_place, t_place = hierarchy.place[sources.node], hierarchy.place[targets.node]
    nodes = _ancestors(hierarchy.down_first, hierarchy.down_from, t_place)
    local = np.full(hierarchy.place.size, -1, np.int32)
    local[nodes] = np.arange(nodes.size, dtype=np.int32)
    restricted = _restrict(nodes, local, hierarchy.down_first, hierarchy.down_from, hierarchy.down_weight)
    up = (hierarchy.up_first, hierarchy.up_to, hierarchy.up_weight)
    ends = (targets.first, local[t_place], targets.weight)

    def serve(begin: int, end: int) -> None:
        _serve(begin, end, up, (sources.first, s_place, sources.weight), local, restricted, ends, best)

    cuts = np.unique(np.linspace(0, s_count, threads + 1).astype(np.int64) // LANES * LANES).tolist()
    cuts = [*cuts[:-1], s_count] if len(cuts) > 1 else [0, s_count]
    if len(cuts) == 2:
        serve(0, s_count)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(serve, cuts[:-1], cuts[1:]))
    return best


@compiled
def _ancestors(first: Ints, above: Indices, places: Indices) -> Indices:
    """Return, in ascending order, every place from which one of `places` can be reached downwards."""
    marked = np.zeros(first.size - 1, np.bool_)
    stack = np.empty(first.size - 1, np.int32)
    height = 0
    count = 0
    for place in places:
        if not marked[place]:
            marked[place] = True
            stack[height] = place
            height += 1
        while height > 0:
            height -= 1
            node = stack[height]
            count += 1
            for arc in range(first[node], first[node + 1]):
                if not marked[above[arc]]:
                    marked[above[arc]] = True
                    stack[height] = above[arc]
                    height += 1
    nodes = np.empty(count, np.int32)
    count = 0
    for place in range(marked.size):
        if marked[place]:
            nodes[count] = place
            count += 1
    return nodes


@compiled
def _restrict(nodes: Indices, local: Indices, first: Ints, above: Indices, weight: Ints) -> Arcs:
    """Return the downward arcs among `nodes`, in their own numbering."""
    begin = np.zeros(nodes.size + 1, np.int64)
    for i in range(nodes.size):
        begin[i + 1] = begin[i] + first[nodes[i] + 1] - first[nodes[i]]
    from_ = np.empty(begin[-1], np.int32)
    cost = np.empty(begin[-1], np.int64)
    for i in range(nodes.size):
        place = begin[i]
        for arc in range(first[nodes[i]], first[nodes[i] + 1]):
            from_[place] = local[above[arc]]
            cost[place] = weight[arc]
            place += 1
    return begin, from_, cost


@compiled
def _climb(
    source: int, lane: int, up: Arcs, starts: Arcs, local: Indices, dist: Ints, reach: Ints, queue: Ints, at: Indices
) -> None:
    """Search upwards from one source and leave what it reaches in its lane of `dist`."""
    first, to, weight = up
    s_first, s_node, s_weight = starts
    size = 0
    for k in range(s_first[source], s_first[source + 1]):
        node = s_node[k]
        if reach[node] == INFINITY:
            size = push(queue, at, size, -node, node)
        reach[node] = min(reach[node], s_weight[k])
    while size > 0:
        node = at[0]
        size = pop(queue, at, size)
        cost = reach[node]
        reach[node] = INFINITY
        if local[node] >= 0:
            dist[local[node] * LANES + lane] = cost
        for arc in range(first[node], first[node + 1]):
            above = to[arc]
            if reach[above] == INFINITY:
                size = push(queue, at, size, -above, above)
            reach[above] = min(reach[above], cost + weight[arc])


@compiled
def _descend(restricted: Arcs, dist: Ints) -> None:
    """Relax every downward arc once, from the top, for all lanes at a time."""
    begin, from_, weight = restricted
    for node in range(begin.size - 1):
        mine = dist[node * LANES : node * LANES + LANES]
        for arc in range(begin[node], begin[node + 1]):
            theirs = dist[from_[arc] * LANES : from_[arc] * LANES + LANES]
            step = weight[arc]
            for lane in range(LANES):
                through = theirs[lane] + step
                mine[lane] = min(mine[lane], through)


@compiled
def _serve(
    begin: int, end: int, up: Arcs, starts: Arcs, local: Indices, restricted: Arcs, ends: Arcs, best: Ints
) -> None:
    """Fill the rows `begin` to `end` of the matrix."""
    t_first, t_local, t_weight = ends
    dist = np.empty((restricted[0].size - 1) * LANES, np.int64)
    reach = np.full(local.size, INFINITY, np.int64)
    queue = np.empty(local.size + 1, np.int64)
    at = np.empty(local.size + 1, np.int32)
    for base in range(begin, end, LANES):
        lanes = min(LANES, end - base)
        dist[:] = INFINITY
        for lane in range(lanes):
            _climb(base + lane, lane, up, starts, local, dist, reach, queue, at)
        _descend(restricted, dist)
        for target in range(t_first.size - 1):
            for k in range(t_first[target], t_first[target + 1]):
                row = t_local[k] * LANES
                for lane in range(lanes):
                    total = dist[row + lane] + t_weight[k]
                    best[base + lane, target] = min(best[base + lane, target], total)
