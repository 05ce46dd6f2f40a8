"""Places: the kerbs that riders know by one name, at most one per direction of travel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from routing.geo.graph import DriveGraph
from routing.geo.kerbs import Kerb, StreetPositions, edge_labels, locate, pavement
from routing.geo.sphere import LocalPlane
from routing.model.places import StopStatus

Ints: TypeAlias = npt.NDArray[np.int64]

PAIR_M = 120.0
"""Kerbs farther apart than this [m] are two places, whatever their names."""

NAMELESS_PAIR_M = 60.0
"""The same for two bus stops of which one has no name."""

SAME_STOP_M = 100.0
"""A kerb this near a signed stop of its street [m] adds nothing."""

_OPPOSITE = np.cos(np.radians(120.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class KerbPlace:
    """One or two kerbs under one name; two run in opposite directions.

    Attributes
    ----------
    place_id : str
        ``p-`` and the id of its first kerb, or as an existing plan has it.
    name : str
        Of the sign or the plan; empty while nobody named it.
    kerbs : tuple of Kerb
    """

    place_id: str
    name: str
    kerbs: tuple[Kerb, ...]


def make_place(kerbs: Sequence[Kerb]) -> KerbPlace:
    """Make a place of one or two kerbs, signed ones first."""
    ordered = tuple(sorted(kerbs, key=lambda kerb: (kerb.source == "kerb", kerb.stop_id)))
    signed = [kerb.name for kerb in ordered if kerb.source != "kerb" and kerb.name]
    return KerbPlace(place_id=f"p-{ordered[0].stop_id}", name=signed[0] if signed else "", kerbs=ordered)


def is_signed(place: KerbPlace) -> bool:
    """Tell whether a sign, the table or a plan names the place, and not only its street."""
    return any(kerb.source != "kerb" for kerb in place.kerbs)


def street_kerbs(
    graph: DriveGraph, edges: Ints, offsets: npt.NDArray[np.float64], numbers: Ints, drive_on: str
) -> tuple[Kerb, ...]:
    """Make kerbs of positions on directed edges."""
    lon, lat, heading = locate(graph, edges, offsets)
    lon, lat = pavement(lon, lat, heading, drive_on)
    labels = edge_labels(graph, edges)
    names = graph.way_name[graph.way[edges]].tolist()
    rows = zip(
        labels,
        numbers.tolist(),
        edges.tolist(),
        offsets.tolist(),
        lon.tolist(),
        lat.tolist(),
        heading.tolist(),
        names,
        strict=True,
    )
    return tuple(
        Kerb(
            stop_id=f"{label}.{number}" if number else label,
            edge=edge,
            offset=offset,
            lon=x,
            lat=y,
            heading=angle,
            name=name,
            source="kerb",
        )
        for label, number, edge, offset, x, y, angle, name in rows
    )


def across(graph: DriveGraph, kerb: Kerb, drive_on: str) -> Kerb | None:
    """Return the kerb on the other side of a two-way street; None on a one-way street."""
    back = int(graph.reverse[kerb.edge])
    if back < 0:
        return None
    edge, offset = np.array([back]), np.array([float(graph.length_m[back]) - kerb.offset])
    lon, lat, heading = locate(graph, edge, offset)
    lon, lat = pavement(lon, lat, heading, drive_on)
    return replace(
        kerb,
        stop_id=f"{kerb.stop_id}.r",
        edge=back,
        offset=float(offset[0]),
        lon=float(lon[0]),
        lat=float(lat[0]),
        heading=float(heading[0]),
        source="kerb",
        status=StopStatus.ALLOWED,
    )


def group(
    graph: DriveGraph, signed: Sequence[Kerb], positions: StreetPositions, plane: LocalPlane, drive_on: str
) -> tuple[KerbPlace, ...]:
    """Group kerbs into places.

    Signed stops (of the extract, the table) of one name on opposite sides pair first, then signed stops on one-way
    streets with a kerb of the other carriageway, then the carriageways' kerbs with each other. A signed stop alone
    on a two-way street gains the kerb across. Kerbs of a street beside a signed stop of the same street are dropped.
    """
    oneway = graph.reverse[positions.edge] < 0
    single = street_kerbs(graph, positions.edge[oneway], positions.offset[oneway], positions.number[oneway], drive_on)
    kerbs = (*signed, *single)
    partner = _pair(graph, kerbs, len(signed), plane, drive_on)
    places = []
    for index, kerb in enumerate(kerbs):
        other = partner.get(index)
        if other is None:
            opposite = across(graph, kerb, drive_on) if index < len(signed) else None
            places.append(make_place([kerb] if opposite is None else [kerb, opposite]))
        elif index < other:
            places.append(make_place([kerb, kerbs[other]]))
    two_way = ~oneway
    edges, offsets, numbers = positions.edge[two_way], positions.offset[two_way], positions.number[two_way]
    there = street_kerbs(graph, edges, offsets, numbers, drive_on)
    back_edges = graph.reverse[edges].astype(np.int64)
    back = street_kerbs(graph, back_edges, graph.length_m[back_edges] - offsets, numbers, drive_on)
    places += [make_place(pair) for pair in zip(there, back, strict=True)]
    with_sign = [place for place in places if is_signed(place)]
    return (*with_sign, *beside_signed(graph, with_sign, [place for place in places if not is_signed(place)], plane))


def _pair(graph: DriveGraph, kerbs: Sequence[Kerb], signed: int, plane: LocalPlane, drive_on: str) -> dict[int, int]:
    """Pair kerbs of opposite directions, the nearest of the most telling kind first."""
    if len(kerbs) < 2:
        return {}
    x, y = plane.to_xy([kerb.lon for kerb in kerbs], [kerb.lat for kerb in kerbs])
    a, b = cKDTree(np.column_stack((x, y))).query_pairs(PAIR_M, output_type="ndarray").T
    a, b = np.minimum(a, b), np.maximum(a, b)
    heading = np.array([kerb.heading for kerb in kerbs])
    edge = np.array([kerb.edge for kerb in kerbs])
    metres = np.hypot(x[b] - x[a], y[b] - y[a])
    cross = np.cos(heading[a]) * (y[b] - y[a]) - np.sin(heading[a]) * (x[b] - x[a])
    beside = graph.reverse[edge[a]] == edge[b]
    facing = beside | ((cross > 0.0) == (drive_on == "right"))
    kept = (np.cos(heading[a] - heading[b]) < _OPPOSITE) & facing
    street = graph.way_name[graph.way[edge]]
    sign = np.array([kerb.name for kerb in kerbs])
    both, one = b < signed, (a < signed) & (b >= signed)
    blank = (sign[a] == "") | (sign[b] == "")
    alike = np.where(
        both, (sign[a] == sign[b]) & ~blank | (blank & (metres <= NAMELESS_PAIR_M)), street[a] == street[b]
    )
    alike &= both | (graph.reverse[edge[a]] < 0)  # a sign on a two-way street gains the kerb across instead
    found = np.flatnonzero(kept & alike)
    tier = np.where(both, 0, np.where(one, 1, 2))
    partner: dict[int, int] = {}
    for k in found[np.lexsort((b[found], a[found], metres[found], tier[found]))].tolist():
        first, second = int(a[k]), int(b[k])
        if first not in partner and second not in partner:
            partner[first], partner[second] = second, first
    return partner


def beside_signed(
    graph: DriveGraph, signed: Sequence[KerbPlace], places: Sequence[KerbPlace], plane: LocalPlane
) -> tuple[KerbPlace, ...]:
    """Return the places that do not lie beside a signed stop of their own street."""
    signs = [kerb for place in signed for kerb in place.kerbs]
    if not signs or not places:
        return tuple(places)
    tree = cKDTree(np.column_stack(plane.to_xy([kerb.lon for kerb in signs], [kerb.lat for kerb in signs])))
    sign_street = graph.way_name[graph.way[[kerb.edge for kerb in signs]]]
    street = graph.way_name[graph.way[[place.kerbs[0].edge for place in places]]]
    points = np.column_stack(
        plane.to_xy([place.kerbs[0].lon for place in places], [place.kerbs[0].lat for place in places])
    )
    near = tree.query_ball_point(points, SAME_STOP_M)
    rows = zip(places, street, near, strict=True)
    return tuple(place for place, name, ids in rows if not (ids and np.any(sign_street[ids] == name)))


def split(place: KerbPlace) -> tuple[KerbPlace, ...]:
    """Make a place of each kerb, where no walk joins them."""
    return tuple(make_place([kerb]) for kerb in place.kerbs)
