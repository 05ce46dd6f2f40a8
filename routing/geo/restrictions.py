"""Turn restrictions of an extract, resolved to sequences of directed edges."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from routing.geo.graph import DriveGraph
from routing.geo.osm import OsmExtract, TurnRestriction
from routing.geo.profile import VehicleProfile

Sequence_ = tuple[int, ...]

_SECTORS = {"left": (-175.0, -20.0), "right": (20.0, 175.0), "straight": (-45.0, 45.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRules:
    """What may not, or must, follow a sequence of edges.

    Attributes
    ----------
    banned : dict of tuple to set
        After these edges (one, or the approach and the via edges) none of the set may follow.
    only : dict of tuple to set
        After these edges nothing but the set may follow.
    warnings : tuple of str
    """

    banned: dict[Sequence_, frozenset[int]]
    only: dict[Sequence_, frozenset[int]]
    warnings: tuple[str, ...] = ()

    def allows(self, history: Sequence_, edge: int) -> bool:
        """Tell whether an edge may follow a history, whose every ending counts."""
        for begin in range(len(history)):
            ending = history[begin:]
            if edge in self.banned.get(ending, ()) or edge not in self.only.get(ending, (edge,)):
                return False
        return True

    def prefixes(self) -> frozenset[Sequence_]:
        """Return the histories of two or more edges that some rule must remember."""
        long = (rule for rule in (*self.banned, *self.only) if len(rule) > 1)
        return frozenset(rule[:size] for rule in long for size in range(2, len(rule) + 1))


def edge_bearings(graph: DriveGraph) -> tuple[np.ndarray, np.ndarray]:
    """Return each edge's compass bearing at its start and at its end [degrees]."""
    start, end = graph.shape_start[:-1], graph.shape_start[1:] - 1
    return _bearing(graph, start, start + 1), _bearing(graph, end - 1, end)


def _bearing(graph: DriveGraph, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    lon, lat = graph.shape_lon, graph.shape_lat
    east = (lon[b] - lon[a]) * np.cos(np.radians((lat[a] + lat[b]) / 2))
    return np.asarray(np.degrees(np.arctan2(east, lat[b] - lat[a])))


@dataclass(slots=True)
class _Resolver:
    """Finds edges by OSM way and junction."""

    graph: DriveGraph
    edges_of_way: dict[int, list[int]]
    junction: dict[int, int]
    skipped: int = 0
    conditional: int = 0
    banned: dict[Sequence_, set[int]] = field(default_factory=lambda: defaultdict(set))
    only: dict[Sequence_, set[int]] = field(default_factory=lambda: defaultdict(set))

    def arriving(self, way: int, node: int) -> list[int]:
        return [edge for edge in self.edges_of_way.get(way, ()) if self.graph.head[edge] == node]

    def leaving(self, way: int, node: int) -> list[int]:
        return [edge for edge in self.edges_of_way.get(way, ()) if self.graph.tail[edge] == node]


def resolve_restrictions(extract: OsmExtract, graph: DriveGraph, vehicle: VehicleProfile) -> TurnRules:
    """Translate restriction relations into rules on edges.

    `except=bus` and the like spare the vehicle; a restriction for another class of vehicle does not concern it.
    Conditional ones are counted in the warnings and not applied, as are those that do not fit the network.
    """
    named = {way for rule in extract.restrictions for way in (rule.from_way, rule.to_way)}
    named |= {way for rule in extract.restrictions if rule.via_is_way for way in rule.via}
    mentioned = np.flatnonzero(np.isin(graph.way_id, np.fromiter(named, np.int64, len(named)))[graph.way])
    edges_of_way: dict[int, list[int]] = defaultdict(list)
    for edge, way in zip(mentioned.tolist(), graph.way_id[graph.way[mentioned]].tolist(), strict=True):
        edges_of_way[way].append(edge)
    junction = {node: index for index, node in enumerate(graph.node_id.tolist())} if named else {}
    resolver = _Resolver(graph, dict(edges_of_way), junction)
    bearings = edge_bearings(graph)
    for rule in extract.restrictions:
        if _concerns(rule, vehicle):
            _resolve(rule, resolver, bearings)
    skipped = resolver.skipped + extract.malformed_restrictions
    notes = (
        (resolver.conditional, "turn restrictions hold at certain times only and are not applied."),
        (skipped, "turn restrictions do not fit the roads a bus may use and are not applied."),
    )
    return TurnRules(
        banned={key: frozenset(value) for key, value in resolver.banned.items()},
        only={key: frozenset(value) for key, value in resolver.only.items()},
        warnings=tuple(f"{count} {text}" for count, text in notes if count),
    )


def _concerns(rule: TurnRestriction, vehicle: VehicleProfile) -> bool:
    if rule.vehicle and rule.vehicle not in vehicle.access_keys:
        return False
    return not set(rule.except_).intersection(vehicle.access_keys)


def _resolve(rule: TurnRestriction, resolver: _Resolver, bearings: tuple[np.ndarray, np.ndarray]) -> None:
    if rule.conditional:
        resolver.conditional += 1
        return
    sequences = list(_via_ways(rule, resolver)) if rule.via_is_way else list(_via_node(rule, resolver))
    if len(sequences) > 1:
        sequences = _fitting(rule.kind, sequences, bearings)
    target = {"no": resolver.banned, "only": resolver.only}.get(rule.kind.partition("_")[0])
    if not sequences or target is None:
        resolver.skipped += 1
        return
    for *history, last in sequences:
        target[tuple(history)].add(last)


def _via_node(rule: TurnRestriction, resolver: _Resolver) -> Iterable[Sequence_]:
    node = resolver.junction.get(rule.via[0], -1)
    for arriving in resolver.arriving(rule.from_way, node):
        for leaving in resolver.leaving(rule.to_way, node):
            turns_back = resolver.graph.reverse[arriving] == leaving
            if turns_back == (rule.kind == "no_u_turn" and rule.from_way == rule.to_way):
                yield (arriving, leaving)


def _via_ways(rule: TurnRestriction, resolver: _Resolver) -> Iterable[Sequence_]:
    """Walk from every end of the first way along the via ways, edge by edge, to the last way."""
    graph = resolver.graph
    via = [edge for way in rule.via for edge in resolver.edges_of_way.get(way, ())]
    for first in resolver.edges_of_way.get(rule.from_way, ()):
        stack: list[Sequence_] = [(first, edge) for edge in via if graph.tail[edge] == graph.head[first]]
        while stack:
            path = stack.pop()
            end = graph.head[path[-1]]
            visited = {int(graph.tail[edge]) for edge in path}
            if {int(graph.way_id[graph.way[edge]]) for edge in path[1:]} == set(rule.via):
                last = [edge for edge in resolver.leaving(rule.to_way, int(end)) if edge != graph.reverse[path[-1]]]
                yield from ((*path, edge) for edge in last)
            if int(end) not in visited:
                stack += [(*path, edge) for edge in via if graph.tail[edge] == end and edge != graph.reverse[path[-1]]]


def _fitting(kind: str, sequences: list[Sequence_], bearings: tuple[np.ndarray, np.ndarray]) -> list[Sequence_]:
    """Keep the turns that go where the restriction's name says, when a way passes through the junction."""
    sector = next((bounds for word, bounds in _SECTORS.items() if word in kind), None)
    if sector is None:
        return sequences
    start, end = bearings
    turn = [float((start[path[-1]] - end[path[0]] + 540.0) % 360.0 - 180.0) for path in sequences]
    return [path for path, angle in zip(sequences, turn, strict=True) if sector[0] <= angle <= sector[1]]
