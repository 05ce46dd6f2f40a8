"""One fastest way on the edge graph, with the edges it takes: Dijkstra's algorithm, compiled."""

import numpy as np

from routing.geo.contraction import INFINITY, Indices, Ints, pop, push
from routing.jit import compiled


@compiled
def _grow(keys: Ints, nodes: Indices) -> tuple[Ints, Indices]:
    """Return the heap's arrays with twice the room."""
    more_keys = np.empty(2 * keys.size, np.int64)
    more_nodes = np.empty(2 * nodes.size, np.int32)
    more_keys[: keys.size] = keys
    more_nodes[: nodes.size] = nodes
    return more_keys, more_nodes


@compiled
def fastest_states(
    first: Ints,
    target: Indices,
    weight: Ints,
    from_node: Indices,
    from_weight: Ints,
    to_node: Indices,
    to_weight: Ints,
) -> tuple[int, Indices]:
    """Return the least weight from any start label to any end label, and the states on the way, ends included.

    Parameters
    ----------
    first, target, weight : int64, int32, int64 arrays
        The graph's arcs by source.
    from_node, from_weight, to_node, to_weight : arrays
        Labels: where the way may begin and end, and at what cost.
    """
    dist = np.full(first.size - 1, INFINITY, np.int64)
    parent = np.full(first.size - 1, -1, np.int32)
    goal = np.full(first.size - 1, INFINITY, np.int64)
    for k in range(to_node.size):
        goal[to_node[k]] = min(goal[to_node[k]], to_weight[k])
    keys = np.empty(1024, np.int64)
    nodes = np.empty(1024, np.int32)
    heap = 0
    for k in range(from_node.size):
        dist[from_node[k]] = min(dist[from_node[k]], from_weight[k])
        if heap == keys.size:
            keys, nodes = _grow(keys, nodes)
        heap = push(keys, nodes, heap, from_weight[k], int(from_node[k]))
    best = INFINITY
    last = -1
    while heap > 0 and keys[0] < best:
        key = keys[0]
        node = int(nodes[0])
        heap = pop(keys, nodes, heap)
        if key > dist[node]:
            continue
        if key + goal[node] < best:
            best = key + goal[node]
            last = node
        for arc in range(first[node], first[node + 1]):
            reach = key + weight[arc]
            other = int(target[arc])
            if reach < dist[other]:
                dist[other] = reach
                parent[other] = node
                if heap == keys.size:
                    keys, nodes = _grow(keys, nodes)
                heap = push(keys, nodes, heap, reach, other)
    return best, _trace(parent, last)


@compiled
def _trace(parent: Indices, last: int) -> Indices:
    """Return the states from the first to `last`."""
    count = 0
    node = last
    while node >= 0:
        count += 1
        node = parent[node]
    states = np.empty(count, np.int32)
    node = last
    while node >= 0:
        count -= 1
        states[count] = node
        node = parent[node]
    return states
