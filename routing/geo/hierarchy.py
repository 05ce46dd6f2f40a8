"""A contraction hierarchy ready for queries: arcs sorted so that one sweep answers many targets."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.geo import contraction

Indices = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hierarchy:
    """Nodes by importance: place 0 is the most important; arrays are read-only.

    Attributes
    ----------
    place : int32 array (n,)
        Place of every node of the graph.
    up_first : int64 array (n + 1,)
        By place: arcs to more important places.
    up_to : int32 array (u,)
    up_weight : int64 array (u,)
    down_first : int64 array (n + 1,)
        By place: arcs from more important places.
    down_from : int32 array (d,)
    down_weight : int64 array (d,)
    """

    place: Indices
    up_first: Ints
    up_to: Indices
    up_weight: Ints
    down_first: Ints
    down_from: Indices
    down_weight: Ints

    def __post_init__(self) -> None:
        for name in self.__slots__:
            getattr(self, name).setflags(write=False)

    @property
    def order(self) -> Indices:
        """The nodes in the order of their contraction."""
        return np.argsort(self.place)[::-1].astype(np.int32)


def build_hierarchy(
    count: int, source: Indices, target: Indices, weight: Ints, order: Indices | None = None
) -> Hierarchy:
    """Contract a graph of `count` nodes.

    Parameters
    ----------
    count : int
    source, target : int32 arrays (a,)
        Ends of every arc. Of parallel arcs the lightest counts.
    weight : int64 array (a,)
        Positive.
    order : int32 array (n,), optional
        The order of contraction, usually that of another metric on the same graph, which saves most of the work.
    """
    room = 4
    while True:
        out, free_out = _lists(count, source, target, weight, room)
        into, free_in = _lists(count, target, source, weight, room)
        level = np.zeros(count, np.int64)
        work = (out, into, free_out, free_in, _space(count), _found(room), level)
        if order is None:
            chosen = np.empty(count, np.int32)
            done = contraction.contract_by_priority(*work, chosen)
        else:
            chosen = np.array(order, np.int32)
            done = contraction.contract_in_order(*work, chosen)
        if done:
            return _sorted(chosen, out, into)
        room *= 2


def _lists(
    count: int, node: Indices, other: Indices, weight: Ints, room: int
) -> tuple[tuple[Ints, Ints, Ints, Indices, Ints], Ints]:
    """Return one side of the graph as growable lists, and where their pool is free."""
    order = np.lexsort((weight, other, node))
    node, other, weight = node[order], other[order], weight[order]
    distinct = np.ones(node.size, np.bool_)
    distinct[1:] = (node[1:] != node[:-1]) | (other[1:] != other[:-1])
    distinct &= node != other
    node, other, weight = node[distinct], other[distinct], weight[distinct]
    size = np.bincount(node, minlength=count).astype(np.int64)
    to = np.empty(room * (node.size + count) + 64, np.int32)
    cost = np.empty(to.size, np.int64)
    to[: node.size] = other
    cost[: node.size] = weight
    return (np.cumsum(size) - size, size, size.copy(), to, cost), np.array([node.size], np.int64)


def _space(count: int) -> tuple[Ints, Ints, Ints, Ints, Ints, Indices]:
    """Return the scratch arrays of the witness search."""
    return (
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(1, np.int64),
        np.empty(contraction.HEAP_ROOM + 1, np.int64),
        np.empty(contraction.HEAP_ROOM + 1, np.int32),
    )


def _found(room: int) -> tuple[Indices, Indices, Ints]:
    size = room << 14
    return np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int64)


def _sorted(
    order: Indices, out: tuple[Ints, Ints, Ints, Indices, Ints], into: tuple[Ints, Ints, Ints, Indices, Ints]
) -> Hierarchy:
    place = np.empty(order.size, np.int32)
    place[order[::-1]] = np.arange(order.size, dtype=np.int32)
    up_first, up_to, up_weight = _by_place(order, place, out)
    down_first, down_from, down_weight = _by_place(order, place, into)
    return Hierarchy(
        place=place,
        up_first=up_first,
        up_to=up_to,
        up_weight=up_weight,
        down_first=down_first,
        down_from=down_from,
        down_weight=down_weight,
    )


def _by_place(
    order: Indices, place: Indices, lists: tuple[Ints, Ints, Ints, Indices, Ints]
) -> tuple[Ints, Indices, Ints]:
    """Lay the lists end to end, by place of their node."""
    begin, size, _, to, cost = lists
    nodes = order[::-1]
    sizes = size[nodes]
    first = np.r_[0, np.cumsum(sizes)].astype(np.int64)
    entry = np.arange(int(first[-1])) - np.repeat(first[:-1], sizes) + np.repeat(begin[nodes], sizes)
    return first, place[to[entry]], cost[entry]
