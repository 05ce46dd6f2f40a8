"""One period's times on the network: packed weights, their hierarchy, and the labels of points."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.geo.contraction import INFINITY, Indices, Ints
from routing.geo.graph import DriveGraph
from routing.geo.hierarchy import Hierarchy
from routing.geo.points import RoadPoint
from routing.geo.search import fastest_states
from routing.geo.sweep import Labels, many_to_many
from routing.geo.turns import TurnGraph
from routing.geo.weights import LENGTH_BITS, part_weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stands:
    """Points spread out: one entry per point and edge.

    Attributes
    ----------
    point : int64 array (k,)
    edge : int64 array (k,)
    part : int64 array (k,)
        Packed weight from the edge's start to the point.
    count : int
        Number of points.
    """

    point: Ints
    edge: Ints
    part: Ints
    count: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Metric:
    """Weights of one period.

    Attributes
    ----------
    graph : DriveGraph
    turns : TurnGraph
    edges : int64 array (m,)
        Packed weight of every edge.
    arcs : int64 array (a,)
        Packed weight of every turn: driving the edge before it, and turning.
    hierarchy : Hierarchy
        Of the turn graph under these weights. Its node s stands for the start of state s's edge.
    """

    graph: DriveGraph
    turns: TurnGraph
    edges: Ints
    arcs: Ints
    hierarchy: Hierarchy

    def stands(self, points: Sequence[RoadPoint]) -> Stands:
        """Spread points out over their edges."""
        sizes = [len(point.edges) for point in points]
        edge = np.array([edge for point in points for edge in point.edges], np.int64)
        offset = np.array([offset for point in points for offset in point.offsets], np.float64)
        length = self.graph.length_m[edge]
        share = np.divide(offset, length, out=np.zeros_like(offset), where=length > 0.0).clip(0.0, 1.0)
        return Stands(
            point=np.repeat(np.arange(len(points)), sizes),
            edge=edge,
            part=part_weights(self.edges, edge, share),
            count=len(points),
        )

    def departures(self, stands: Stands) -> Labels:
        """Label the states that can follow each stand: the rest of its edge, then the turn."""
        turns = self.turns
        sizes = turns.first[stands.edge + 1] - turns.first[stands.edge]
        entry = np.repeat(np.arange(stands.edge.size), sizes)
        arc = np.arange(entry.size) - np.repeat(np.cumsum(sizes) - sizes, sizes) + turns.first[stands.edge[entry]]
        rest = self.edges[stands.edge] - stands.part
        weight = rest[entry] + (turns.cost_ms[arc].astype(np.int64) << LENGTH_BITS)
        return _labels(stands.point[entry], turns.target[arc], weight, stands.count)

    def arrivals(self, stands: Stands) -> Labels:
        """Label every state of each stand's edge: the way from the edge's start to the stand."""
        plain = self.graph.edge_count
        copies = self.turns.state_edge[plain:]
        by_edge = np.argsort(copies, kind="stable")
        low = np.searchsorted(copies[by_edge], stands.edge, side="left")
        sizes = np.searchsorted(copies[by_edge], stands.edge, side="right") - low
        entry = np.repeat(np.arange(stands.edge.size), sizes)
        rank = np.arange(entry.size) - np.repeat(np.cumsum(sizes) - sizes, sizes) + low[entry]
        every = np.r_[np.arange(stands.edge.size), entry]
        state = np.r_[stands.edge, by_edge[rank] + plain]
        return _labels(stands.point[every], state.astype(np.int32), stands.part[every], stands.count)

    def least(self, sources: Stands, targets: Stands, *, threads: int) -> Ints:
        """Return the packed weight of every pair's fastest way, int64 (s, t)."""
        best = many_to_many(self.hierarchy, self.departures(sources), self.arrivals(targets), threads=threads)
        row, column, weight = straight_ahead(sources, targets)
        np.minimum.at(best, (row, column), weight)
        return best

    def fastest(self, sources: Stands, targets: Stands) -> tuple[int, tuple[int, ...], int, int]:
        """Return one pair's fastest way: packed weight, edges in order, and the stands where it begins and ends."""
        row, column, weight = straight_ahead(sources, targets, by_stand=True)
        straight = int(weight.argmin()) if weight.size else -1
        away, home = self.departures(sources), self.arrivals(targets)
        best, states = fastest_states(
            self.turns.first, self.turns.target, self.arcs, away.node, away.weight, home.node, home.weight
        )
        if straight >= 0 and weight[straight] <= best:
            start = int(row[straight])
            return int(weight[straight]), (int(sources.edge[start]),), start, int(column[straight])
        edges = self.turns.state_edge[states]
        begin = min(range(sources.edge.size), key=lambda k: self._departure_cost(sources, k, int(states[0])))
        ends = np.flatnonzero(targets.edge == edges[-1])
        end = int(ends[targets.part[ends].argmin()])
        return int(best), (int(sources.edge[begin]), *edges.tolist()), begin, end

    def _departure_cost(self, stands: Stands, k: int, state: int) -> int:
        """Return what it costs to get from stand k to the start of a state; infinite when it does not follow."""
        edge = int(stands.edge[k])
        arcs = np.arange(self.turns.first[edge], self.turns.first[edge + 1])
        arcs = arcs[self.turns.target[arcs] == state]
        return int((self.arcs[arcs] - stands.part[k]).min()) if arcs.size else INFINITY


def straight_ahead(sources: Stands, targets: Stands, *, by_stand: bool = False) -> tuple[Ints, Ints, Ints]:
    """Return the pairs on one edge, target not behind source: source, target, packed weight.

    Source and target are numbers of points; of stands, with `by_stand`.
    """
    there: dict[int, list[tuple[int, int]]] = defaultdict(list)
    s_number = range(sources.edge.size) if by_stand else sources.point.tolist()
    t_number = range(targets.edge.size) if by_stand else targets.point.tolist()
    for point, edge, part in zip(t_number, targets.edge.tolist(), targets.part.tolist(), strict=True):
        there[edge].append((point, part))
    found = [
        (source, target, far - near)
        for source, edge, near in zip(s_number, sources.edge.tolist(), sources.part.tolist(), strict=True)
        for target, far in there.get(edge, ())
        if far >= near
    ]
    table = np.array(found, np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _labels(point: Ints, node: Indices, weight: Ints, count: int) -> Labels:
    order = np.argsort(point, kind="stable")
    first = np.searchsorted(point[order], np.arange(count + 1)).astype(np.int64)
    return Labels(first=first, node=node[order], weight=weight[order])
