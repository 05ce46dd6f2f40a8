"""Candidate stops: where lines may halt, so that every home has a choice within its walk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from routing.geo.cover import choose_places
from routing.geo.kerbs import Kerb, Source, street_positions
from routing.geo.names import name_places
from routing.geo.network import RoadNetwork
from routing.geo.osm import OsmExtract
from routing.geo.places import PAIR_M, KerbPlace, across, beside_signed, group, is_signed, split
from routing.geo.points import RoadPoint
from routing.geo.profile import ROAD_CLASSES
from routing.geo.signs import KeptStop, TableStop, plan_kerbs, signed_kerbs
from routing.geo.sphere import LocalPlane, distance_m
from routing.geo.walking import WalkNetwork
from routing.model.places import StopStatus

__all__ = ["CandidateStop", "KeptStop", "TableStop", "candidate_stops"]

Floats: TypeAlias = npt.NDArray[np.float64]

PLACES_PER_HOME = 4
"""Places within its walk that each home should have, where the streets allow."""

SLACK_M = 200
"""A place at most this much farther than the nearest one [m] is as good as the nearest."""

SHORT_WALK_M = 250
"""The kerbs of two carriageways are one place when a walk this short [m] joins them."""

FORBIDDEN_M = 30.0
"""A forbidden row speaks of every place with a kerb within this distance [m]."""

SIGN_WEIGHT = 1.5
_CLASS_WEIGHT = {"primary": 1.1, "secondary": 1.2, "tertiary": 1.2, "residential": 0.8}
_MAIN = frozenset({"primary", "secondary", "tertiary"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateStop:
    """One kerb that the search may use.

    Attributes
    ----------
    stop_id : str
        Stable for an extract: ``n<node>`` a bus stop, ``w<way>.<tail node>.<head node>`` a kerb of a street, the
        table's or the plan's own id; with ``.r`` the kerb across the street from that stop.
    place_id : str
        Shared by the (at most two) kerbs of a place, which lie in opposite directions of travel.
    name : str
        What riders call the place.
    lon, lat : float
        Where riders wait [degrees, WGS-84].
    point : RoadPoint
        Where the bus halts.
    status : StopStatus
        Forbidden is only a stop of the plan to keep that the table forbids by now.
    source : {"bus_stop", "table", "kerb", "plan"}
    """

    stop_id: str
    place_id: str
    name: str
    lon: float
    lat: float
    point: RoadPoint
    status: StopStatus
    source: Source


def candidate_stops(
    network: RoadNetwork,
    extract: OsmExtract,
    *,
    homes_lon: npt.ArrayLike,
    homes_lat: npt.ArrayLike,
    walk: WalkNetwork,
    max_walk_m: npt.ArrayLike,
    riders: npt.ArrayLike = 1,
    table_stops: Sequence[TableStop] = (),
    keep: Sequence[KeptStop] = (),
    places_per_home: int = PLACES_PER_HOME,
    slack_m: int = SLACK_M,
) -> tuple[CandidateStop, ...]:
    """Choose where lines may halt.

    Candidates are the extract's bus stops, the rows of the stops table, and points along streets where a 12 m bus
    may halt. Both kerbs of a street, and bus stops of one name on opposite sides, are one place. Places are thinned
    out until each home keeps one hardly farther than its nearest, one on a main road, and `places_per_home` in all.

    Parameters
    ----------
    network : RoadNetwork
    extract : OsmExtract
        The one `network` and `walk` were built from.
    homes_lon, homes_lat : array_like, shape (h,)
        [degrees, WGS-84]
    walk : WalkNetwork
    max_walk_m : array_like of int
        Longest walk [m], for all homes or for each (h,).
    riders : array_like
        How many live at each home, for all or for each (h,).
    table_stops : sequence of TableStop
        Pinned ones stay; allowed ones compete, preferred like bus stops; forbidden ones remove their place.
    keep : sequence of KeptStop
        Stops of an existing plan: they come back under the same ids and names, thinned or not.
    places_per_home, slack_m : int

    Returns
    -------
    tuple of CandidateStop
        Sorted by place and stop. The ids, the kerbs and how they pair depend on the extract and the table alone;
        which of them are here depends on the homes.

    Raises
    ------
    InputError
        One ``stop_off_road`` per row or kept stop that no bus can halt at.
    """
    lon, lat = (np.asarray(value, dtype=np.float64).ravel() for value in (homes_lon, homes_lat))
    limit = np.broadcast_to(np.asarray(max_walk_m, dtype=np.int32), lon.shape)
    count = np.broadcast_to(np.asarray(riders, dtype=np.float64), lon.shape)
    kept, others = _survey(network, extract, lon, lat, int(limit.max(initial=0)), table_stops, keep)
    others = _split_unwalkable(network, walk, others)
    places = (*kept, *others)
    must = np.array([i < len(kept) or _pinned(place) for i, place in enumerate(places)], dtype=np.bool_)
    chosen = _thin(network, walk, places, must, lon, lat, limit, count, places_per_home, slack_m)
    known = frozenset(place.place_id for place in kept)
    return _finish(network, sorted((places[i] for i in np.flatnonzero(chosen)), key=lambda p: p.place_id), known)


def _survey(
    network: RoadNetwork,
    extract: OsmExtract,
    lon: Floats,
    lat: Floats,
    walk_m: int,
    table: Sequence[TableStop],
    keep: Sequence[KeptStop],
) -> tuple[tuple[KerbPlace, ...], tuple[KerbPlace, ...]]:
    """Return the places of the plan to keep, and all other places near the homes, without the forbidden."""
    graph = network.graph
    plane = LocalPlane(lon=float(np.mean(graph.node_lon)), lat=float(np.mean(graph.node_lat)))
    # Far enough beyond the walk that a place there pairs as it would without the horizon.
    radius = walk_m + 3.0 * PAIR_M
    points = [(stop.lon, stop.lat) for stop in keep]
    points += [(row.lon, row.lat) for row in table if row.status is StopStatus.PINNED]
    seen_lon, seen_lat = np.vstack((np.column_stack((lon, lat)), np.array(points).reshape(-1, 2))).T
    near = cKDTree(np.column_stack(plane.to_xy(seen_lon, seen_lat)))
    signed = signed_kerbs(network, extract, table, near, plane, radius)
    positions = street_positions(graph, extract, near, plane, radius)
    places = group(graph, signed, positions, plane, network.drive_on)
    forbidden = [row for row in table if row.status is StopStatus.FORBIDDEN]
    kept, places = _keep(network, places, keep, forbidden)
    places = tuple(place for place in places if not any(_speaks_of(row, place.kerbs) for row in forbidden))
    foreign = [place for place in kept if any(kerb.source == "plan" for kerb in place.kerbs)]
    signed_places = tuple(place for place in places if is_signed(place))
    streets = [place for place in places if not is_signed(place)]
    return kept, (*signed_places, *beside_signed(graph, foreign, streets, plane))


def _keep(
    network: RoadNetwork, places: Sequence[KerbPlace], keep: Sequence[KeptStop], forbidden: Sequence[TableStop]
) -> tuple[tuple[KerbPlace, ...], tuple[KerbPlace, ...]]:
    """Take the plan's stops out of the places, under the plan's ids and names, each with its kerb across."""
    if not keep:
        return (), tuple(places)
    home_of = {kerb.stop_id: place for place in places for kerb in place.kerbs}
    kerbs = plan_kerbs(network, keep, {kerb.stop_id: kerb for place in places for kerb in place.kerbs})
    taken = set(kerbs)
    kept = []
    for place_id in dict.fromkeys(stop.place_id for stop in keep):
        stops = [stop for stop in keep if stop.place_id == place_id]
        own = [_barred(kerbs[stop.stop_id], forbidden) for stop in stops]
        if len(own) == 1 and own[0].status is not StopStatus.FORBIDDEN:
            partner = _partner(network, own[0], home_of.get(own[0].stop_id), taken)
            if partner is not None:
                own.append(partner)
                taken.add(partner.stop_id)
        kept.append(KerbPlace(place_id=place_id, name=stops[0].name, kerbs=tuple(own)))
    rest = []
    for place in places:
        left = tuple(kerb for kerb in place.kerbs if kerb.stop_id not in taken)
        if left:
            rest.append(replace(place, kerbs=left))
    return tuple(kept), tuple(rest)


def _partner(network: RoadNetwork, kerb: Kerb, place: KerbPlace | None, taken: set[str]) -> Kerb | None:
    """Return the kerb across from a kept stop that the plan did not use."""
    if place is not None:
        return next((other for other in place.kerbs if other.stop_id not in taken), None)
    other = across(network.graph, kerb, network.drive_on)
    return None if other is None or other.stop_id in taken else other


def _barred(kerb: Kerb, forbidden: Sequence[TableStop]) -> Kerb:
    return replace(kerb, status=StopStatus.FORBIDDEN) if any(_speaks_of(row, (kerb,)) for row in forbidden) else kerb


def _speaks_of(row: TableStop, kerbs: Sequence[Kerb]) -> bool:
    return any(
        row.stop_id == kerb.stop_id or float(distance_m(row.lon, row.lat, kerb.lon, kerb.lat)) <= FORBIDDEN_M
        for kerb in kerbs
    )


def _pinned(place: KerbPlace) -> bool:
    return any(kerb.status is StopStatus.PINNED for kerb in place.kerbs)


def _split_unwalkable(network: RoadNetwork, walk: WalkNetwork, places: Sequence[KerbPlace]) -> tuple[KerbPlace, ...]:
    """Split the places of two carriageways that no short walk joins."""
    reverse = network.graph.reverse
    pairs = [place for place in places if len(place.kerbs) == 2 and reverse[place.kerbs[0].edge] != place.kerbs[1].edge]
    first, second = [place.kerbs[0] for place in pairs], [place.kerbs[1] for place in pairs]
    table = walk.reach(*_where(first), *_where(second), SHORT_WALK_M)
    joined = {pairs[i].place_id for i in table.origin[table.origin == table.target].tolist()}
    apart = {place.place_id for place in pairs} - joined
    return tuple(part for place in places for part in (split(place) if place.place_id in apart else (place,)))


def _where(kerbs: Sequence[Kerb]) -> tuple[Floats, Floats]:
    return np.array([kerb.lon for kerb in kerbs], dtype=float), np.array([kerb.lat for kerb in kerbs], dtype=float)


def _thin(
    network: RoadNetwork,
    walk: WalkNetwork,
    places: Sequence[KerbPlace],
    must: npt.NDArray[np.bool_],
    lon: Floats,
    lat: Floats,
    limit: npt.NDArray[np.int32],
    riders: Floats,
    per_home: int,
    slack_m: int,
) -> npt.NDArray[np.bool_]:
    """Tell which places stay."""
    kerbs = [kerb for place in places for kerb in place.kerbs]
    owner = np.repeat(np.arange(len(places)), [len(place.kerbs) for place in places]).astype(np.int32)
    table = walk.reach(lon, lat, *_where(kerbs), int(limit.max(initial=0)))
    # Rows come nearest first, so the first of each home and place is the walk to its nearer kerb.
    key = table.origin.astype(np.int64) * max(len(places), 1) + owner[table.target]
    _, first = np.unique(key, return_index=True)
    classes = [ROAD_CLASSES[network.graph.road_class[place.kerbs[0].edge]] for place in places]
    weight = np.array([_weight(place, name) for place, name in zip(places, classes, strict=True)], dtype=np.float64)
    main = np.array([name in _MAIN for name in classes], dtype=np.bool_)
    return choose_places(
        owner[table.target[first]], table.origin[first], table.metres[first], limit, riders, weight, main,
        must, per_home, slack_m,
    )  # fmt: skip


def _weight(place: KerbPlace, road_class: str) -> float:
    return SIGN_WEIGHT if is_signed(place) else _CLASS_WEIGHT.get(road_class, 1.0)


def _finish(network: RoadNetwork, places: Sequence[KerbPlace], kept: frozenset[str]) -> tuple[CandidateStop, ...]:
    """Name the places and put every kerb on the road."""
    names: Mapping[str, str] = name_places(network.graph, places, kept)
    stops: dict[str, CandidateStop] = {}
    for place in places:
        for kerb in place.kerbs:
            stops.setdefault(
                kerb.stop_id,
                CandidateStop(
                    stop_id=kerb.stop_id,
                    place_id=place.place_id,
                    name=names[place.place_id],
                    lon=kerb.lon,
                    lat=kerb.lat,
                    point=network.kerb_on_edge(kerb.edge, kerb.offset),
                    status=kerb.status,
                    source=kerb.source,
                ),
            )
    return tuple(stops.values())
