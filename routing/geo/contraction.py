"""Contract a weighted directed graph into a hierarchy, node by node, in compiled code.

Contraction hierarchies: Geisberger, Sanders, Schultes and Vetter (2012), doi:10.1287/trsc.1110.0401. Weights are
int64 and are only added and compared, so they may pack two quantities (see `weights.py`).
"""

import numpy as np
import numpy.typing as npt

from routing.jit import compiled

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]

Lists = tuple[Ints, Ints, Ints, Indices, Ints]
"""One side of the shrinking graph: begin, size and room per node; neighbour and weight per entry.

Node v's list is the slice `begin[v]` to `begin[v] + size[v]` of one pool, with room to grow to `room[v]` entries.
When v is contracted its two lists hold exactly its arcs to and from the nodes that outlive it, and stay.
"""

Space = tuple[Ints, Ints, Ints, Ints, Ints, Indices]
"""Scratch: distance, stamp and target stamp per node; the last stamp; heap keys and nodes."""

Found = tuple[Indices, Indices, Ints]
"""Room for the shortcuts of one node: from, to, weight."""

INFINITY = 2**62
_POPS = 10
_POPS_PER_ARC = 4
HEAP_ROOM = 1 << 16


@compiled
def push(keys: Ints, nodes: Indices, size: int, key: int, node: int) -> int:
    """Add to a binary heap; return its new size."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if keys[parent] <= key:
            break
        keys[place] = keys[parent]
        nodes[place] = nodes[parent]
        place = parent
    keys[place] = key
    nodes[place] = node
    return size + 1


@compiled
def pop(keys: Ints, nodes: Indices, size: int) -> int:
    """Remove the top of a binary heap, which the caller has read; return its new size."""
    size -= 1
    key = keys[size]
    node = nodes[size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[place] = keys[child]
        nodes[place] = nodes[child]
        place = child
    keys[place] = key
    nodes[place] = node
    return size


@compiled
def _witness(source: int, banned: int, limit: int, wanted: int, pops: int, arcs: Lists, space: Space) -> None:
    """Search from `source` around `banned`; leave distances where the stamp is the last one.

    Gives up beyond `limit`, after `pops` nodes, or when all `wanted` targets are settled: a distance that is too
    long only costs a superfluous shortcut.
    """
    begin, size, _, to, weight = arcs
    dist, seen, is_target, counter, keys, nodes = space
    stamp = counter[0]
    heap = push(keys, nodes, 0, 0, source)
    dist[source] = 0
    seen[source] = stamp
    while heap > 0 and pops > 0:
        key = keys[0]
        node = nodes[0]
        heap = pop(keys, nodes, heap)
        if key > dist[node]:
            continue
        if key > limit:
            break
        pops -= 1
        if is_target[node] == stamp:
            wanted -= 1
            if wanted == 0:
                break
        for arc in range(begin[node], begin[node] + size[node]):
            other = to[arc]
            reach = key + weight[arc]
            if other == banned or reach > limit:
                continue
            if seen[other] != stamp or reach < dist[other]:
                dist[other] = reach
                seen[other] = stamp
                if heap < HEAP_ROOM:
                    heap = push(keys, nodes, heap, reach, other)


@compiled
def _needed(v: int, out: Lists, inn: Lists, space: Space, found: Found) -> int:
    """Write the shortcuts that contracting `v` needs into `found`; return their number, −1 when there is no room."""
    o_begin, o_size, _, o_to, o_weight = out
    i_begin, i_size, _, i_to, i_weight = inn
    dist, seen, is_target, counter, _, _ = space
    f_from, f_to, f_weight = found
    pops = _POPS + _POPS_PER_ARC * o_size[v]
    count = 0
    for i in range(i_begin[v], i_begin[v] + i_size[v]):
        u = i_to[i]
        counter[0] += 1
        stamp = counter[0]
        wanted = 0
        longest = 0
        for o in range(o_begin[v], o_begin[v] + o_size[v]):
            if o_to[o] != u:
                is_target[o_to[o]] = stamp
                wanted += 1
                longest = max(longest, o_weight[o])
        if wanted == 0:
            continue
        limit = i_weight[i] + longest
        _witness(u, v, limit, wanted, pops, out, space)
        for o in range(o_begin[v], o_begin[v] + o_size[v]):
            w = o_to[o]
            through = i_weight[i] + o_weight[o]
            if w != u and (seen[w] != stamp or dist[w] > through):
                if count == f_from.size:
                    return -1
                f_from[count] = u
                f_to[count] = w
                f_weight[count] = through
                count += 1
    return count


@compiled
def _insert(lists: Lists, free: Ints, node: int, other: int, weight: int) -> bool:
    """Add or shorten the entry of `other` in a node's list; False when the pool is full."""
    begin, size, room, to, cost = lists
    for place in range(begin[node], begin[node] + size[node]):
        if to[place] == other:
            cost[place] = min(cost[place], weight)
            return True
    if size[node] == room[node]:
        grown = 2 * room[node] + 2
        start = free[0]
        if start + grown > to.size:
            return False
        for k in range(size[node]):
            to[start + k] = to[begin[node] + k]
            cost[start + k] = cost[begin[node] + k]
        begin[node] = start
        room[node] = grown
        free[0] = start + grown
    to[begin[node] + size[node]] = other
    cost[begin[node] + size[node]] = weight
    size[node] += 1
    return True


@compiled
def _forget(lists: Lists, node: int, other: int) -> None:
    """Take `other` out of a node's list."""
    begin, size, _, to, cost = lists
    last = begin[node] + size[node] - 1
    for place in range(begin[node], last + 1):
        if to[place] == other:
            to[place] = to[last]
            cost[place] = cost[last]
            size[node] -= 1
            return


@compiled
def _contract(
    v: int, count: int, out: Lists, inn: Lists, free_out: Ints, free_in: Ints, found: Found, level: Ints
) -> bool:
    """Take `v` out of the graph and put `count` shortcuts in; False when a pool is full."""
    f_from, f_to, f_weight = found
    for i in range(inn[0][v], inn[0][v] + inn[1][v]):
        _forget(out, inn[3][i], v)
        level[inn[3][i]] = max(level[inn[3][i]], level[v] + 1)
    for o in range(out[0][v], out[0][v] + out[1][v]):
        _forget(inn, out[3][o], v)
        level[out[3][o]] = max(level[out[3][o]], level[v] + 1)
    for k in range(count):
        if not _insert(out, free_out, f_from[k], f_to[k], f_weight[k]):
            return False
        if not _insert(inn, free_in, f_to[k], f_from[k], f_weight[k]):
            return False
    return True


@compiled
def _priority(v: int, count: int, out: Lists, inn: Lists, level: Ints) -> int:
    """Rate a node: contract early what adds few shortcuts for the arcs it removes, and lies low."""
    return int(level[v] + count - out[1][v] - inn[1][v])


@compiled
def contract_by_priority(
    out: Lists, inn: Lists, free_out: Ints, free_in: Ints, space: Space, found: Found, level: Ints, order: Indices
) -> bool:
    """Contract all nodes, the least important first, and write their order; False when a pool is full.

    Priorities are brought up to date only when a node reaches the top of the queue.
    """
    count = order.size
    keys = np.empty(count + 1, np.int64)
    nodes = np.empty(count + 1, np.int32)
    heap = 0
    for v in range(count):
        heap = push(keys, nodes, heap, _priority(v, out[1][v] * inn[1][v], out, inn, level), v)
    done = 0
    while heap > 0:
        v = int(nodes[0])
        heap = pop(keys, nodes, heap)
        shortcuts = _needed(v, out, inn, space, found)
        if shortcuts < 0:
            return False
        priority = _priority(v, shortcuts, out, inn, level)
        if heap > 0 and priority > keys[0]:
            heap = push(keys, nodes, heap, priority, v)
            continue
        if not _contract(v, shortcuts, out, inn, free_out, free_in, found, level):
            return False
        order[done] = v
        done += 1
    return True


@compiled
def contract_in_order(
    out: Lists, inn: Lists, free_out: Ints, free_in: Ints, space: Space, found: Found, level: Ints, order: Indices
) -> bool:
    """Contract all nodes in a given order; False when a pool is full."""
    for v in order:
        shortcuts = _needed(v, out, inn, space, found)
        if shortcuts < 0 or not _contract(v, shortcuts, out, inn, free_out, free_in, found, level):
            return False
    return True
