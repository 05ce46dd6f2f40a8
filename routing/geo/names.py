"""What riders call a place: its sign's name, or its street and the street that crosses nearby."""

from collections.abc import Sequence

import numpy as np

from routing.geo.graph import DriveGraph
from routing.geo.places import KerbPlace


def name_places(graph: DriveGraph, places: Sequence[KerbPlace], kept: frozenset[str] = frozenset()) -> dict[str, str]:
    """Name places so that no two are called alike.

    A name that a sign or the table gives stays, numbered only if another place has it too; else the street with the
    nearer crossing street, the street alone, the crossing street alone, or the coordinates.

    Parameters
    ----------
    places : sequence of KerbPlace
        In the order in which equal names are numbered; those that carry a name come first.
    kept : frozenset of str
        Ids of places whose names riders know from an existing plan: they stay as they are.

    Returns
    -------
    dict of str to str
        Place id to name.
    """
    streets = _StreetNames(graph)
    names = {place.place_id: place.name for place in places if place.place_id in kept}
    used = dict.fromkeys(names.values(), 1)
    for place in sorted(places, key=lambda place: not place.name):
        if place.place_id in names:
            continue
        name = place.name or streets.describe(place)
        used[name] = used.get(name, 0) + 1
        while used[name] > 1 and f"{name} ({used[name]})" in used:
            used[name] += 1
        unique = name if used[name] == 1 else f"{name} ({used[name]})"
        used.setdefault(unique, 1)
        names[place.place_id] = unique
    return names


class _StreetNames:
    """Names of streets and of those that meet them."""

    def __init__(self, graph: DriveGraph) -> None:
        self._graph = graph
        ends = np.concatenate((graph.tail, graph.head))
        self._leg = np.argsort(ends, kind="stable")
        self._start = np.searchsorted(ends[self._leg], np.arange(graph.node_count + 1))

    def describe(self, place: KerbPlace) -> str:
        """Return the name of a place that no sign names."""
        kerb, graph = place.kerbs[0], self._graph
        own = str(graph.way_name[graph.way[kerb.edge]])
        ends = [int(graph.tail[kerb.edge]), int(graph.head[kerb.edge])]
        if kerb.offset > float(graph.length_m[kerb.edge]) / 2.0:
            ends.reverse()
        crossing = next((name for node in ends for name in self._meeting(node, own)), "")
        parts = [part for part in (own, crossing) if part]
        return " / ".join(parts) or f"near {kerb.lat:.4f}, {kerb.lon:.4f}"

    def _meeting(self, node: int, own: str) -> list[str]:
        """Return the names of other streets at a junction, in alphabetical order."""
        graph = self._graph
        edges = self._leg[self._start[node] : self._start[node + 1]] % graph.edge_count
        return sorted({str(name) for name in graph.way_name[graph.way[edges]]} - {own, ""})
