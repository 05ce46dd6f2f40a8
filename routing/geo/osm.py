"""Read an OpenStreetMap extract into plain arrays: the ways, their nodes, tags and turn restrictions."""

import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium

from routing.errors import RoadError

OnProgress = Callable[[str], None]
"""Receives one sentence per stage of a long build."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

_NODE_KEYS = ("highway", "public_transport", "barrier", "crossing", "traffic_signals", "traffic_calming", "railway")
_RAILWAY_VALUES = frozenset({"level_crossing", "crossing", "station", "halt", "subway_entrance"})
_STOP_VALUES = frozenset({"platform", "stop_position", "stop", "station"})
_UNITS_PER_DEGREE = 1e7
_UNDEFINED = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRestriction:
    """One turn that a restriction relation forbids (`no_…`) or makes the only one (`only_…`).

    A relation with several `from` or `to` members, or one for several kinds of vehicle, becomes several of these.

    Attributes
    ----------
    from_way, to_way : int
        OSM way ids.
    via : tuple of int
        One OSM node id; or, with `via_is_way`, the OSM way ids between, in order.
    kind : str
        `no_left_turn`, `only_straight_on`, … as tagged.
    except_ : tuple of str
        Vehicle classes that the restriction spares (`bus`, `psv`, …).
    conditional : bool
        True when it holds at certain times only.
    vehicle : str
        The class of the tag's suffix, `restriction:bus` → `bus`; empty for all vehicles.
    """

    from_way: int
    via: tuple[int, ...]
    to_way: int
    kind: str
    except_: tuple[str, ...] = ()
    conditional: bool = False
    via_is_way: bool = False
    vehicle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OsmExtract:
    """What banche uses of an extract; arrays are read-only.

    Attributes
    ----------
    node_id : int64 array (n,)
        OSM ids in ascending order: every node of a kept way that the file holds, and stand-alone bus stops.
    lon, lat : float64 array (n,) [degrees, WGS-84]
    way_id : int64 array (w,)
        Every way with `highway=*`, every ferry and every platform, in file order.
    way_tags : tuple of dict (w,)
    way_start : int64 array (w + 1,)
        Way i owns `way_nodes[way_start[i]:way_start[i + 1]]`.
    way_nodes : int32 array (k,)
        Index into the nodes, −1 where the extract does not hold the node.
    restrictions : tuple of TurnRestriction
    node_tags : dict of int to dict
        Node index → tags, of nodes that say something about driving, walking or stopping.
    digest : str
        SHA-256 of the file, hexadecimal.
    malformed_restrictions : int
        Restriction relations that lack a member or have one of the wrong type.
    """

    node_id: Ints
    lon: Floats
    lat: Floats
    way_id: Ints
    way_tags: tuple[dict[str, str], ...]
    way_start: Ints
    way_nodes: Indices
    restrictions: tuple[TurnRestriction, ...]
    node_tags: dict[int, dict[str, str]]
    digest: str
    malformed_restrictions: int = 0

    def __post_init__(self) -> None:
        for array in (self.node_id, self.lon, self.lat, self.way_id, self.way_start, self.way_nodes):
            array.setflags(write=False)


def read_osm(path: Path, *, on_progress: OnProgress | None = None) -> OsmExtract:
    """Read `.osm.pbf`, `.osm` or `.osm.bz2`.

    Parameters
    ----------
    path : Path
        The extract; © OpenStreetMap contributors, ODbL 1.0.
    on_progress : callable, optional
        Called with one sentence per stage.

    Raises
    ------
    RoadError
        `roads_unreadable` when there is no such file or it is not OSM data; `roads_empty` when it holds no road.
    """
    say = on_progress or _silent
    try:
        say(f"Reading {path.name}")
        digest = file_digest(path)
        way_id, way_tags, way_start, refs = _read_ways(path)
        restrictions, malformed = _read_restrictions(path)
        tagged = _read_tagged_nodes(path)
        located_id, lon, lat = _read_locations(path, negative=bool((refs < 0).any()))
    except (OSError, RuntimeError, ValueError) as error:
        raise RoadError(
            "roads_unreadable",
            f"The road extract {path} cannot be read: {error}.",
            "Give an .osm.pbf, .osm or .osm.bz2 file; fetch it again if it was cut short.",
        ) from error
    place = _positions(located_id, refs)
    if not (place >= 0).any():
        raise RoadError(
            "roads_empty",
            f"The road extract {path} holds no road.",
            "Cut the extract around the homes and worksites, with its nodes (osmium extract does).",
        )
    tagged_place = _positions(located_id, np.array(list(tagged), np.int64))
    standalone = np.array([_is_stop(tags) for tags in tagged.values()], np.bool_)
    keep = np.zeros(located_id.size + 1, np.bool_)  # the last entry stands for place −1
    keep[place] = True
    keep[tagged_place[standalone]] = True
    keep[-1] = False
    number = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
    return OsmExtract(
        node_id=located_id[keep[:-1]],
        lon=lon[keep[:-1]],
        lat=lat[keep[:-1]],
        way_id=way_id,
        way_tags=way_tags,
        way_start=way_start,
        way_nodes=number[place],
        restrictions=restrictions,
        node_tags={
            index: tags
            for index, tags in zip(number[tagged_place].tolist(), tagged.values(), strict=True)
            if index >= 0
        },
        digest=digest,
        malformed_restrictions=malformed,
    )


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _silent(_: str) -> None:
    """Report nothing."""


def _objects(path: Path, entity: osmium.osm.osm_entity_bits, *keys: str) -> Iterator[Any]:
    """Iterate the objects of one kind that carry one of the keys; all of the kind, without keys."""
    objects = osmium.FileProcessor(path, entity)
    yield from objects.with_filter(osmium.filter.KeyFilter(*keys)) if keys else objects


def _tags(thing: Any) -> dict[str, str]:
    return {sys.intern(tag.k): sys.intern(tag.v) for tag in thing.tags}


def _is_kept_way(tags: dict[str, str]) -> bool:
    return "highway" in tags or tags.get("route") == "ferry" or tags.get("public_transport") == "platform"


def _is_stop(tags: dict[str, str]) -> bool:
    return tags.get("highway") in {"bus_stop", "platform"} or tags.get("public_transport") in _STOP_VALUES


def _read_ways(path: Path) -> tuple[Ints, tuple[dict[str, str], ...], Ints, Ints]:
    """Return way ids, tags, starts and the OSM ids of their nodes."""
    ids: list[int] = []
    tags: list[dict[str, str]] = []
    sizes: list[int] = [0]
    refs: list[int] = []
    for way in _objects(path, osmium.osm.WAY, "highway", "route", "public_transport"):
        found = _tags(way)
        if _is_kept_way(found):
            ids.append(way.id)
            tags.append(found)
            refs.extend([node.ref for node in way.nodes])
            sizes.append(len(refs))
    return np.array(ids, np.int64), tuple(tags), np.array(sizes, np.int64), np.array(refs, np.int64)


def _read_restrictions(path: Path) -> tuple[tuple[TurnRestriction, ...], int]:
    found: list[TurnRestriction] = []
    malformed = 0
    for relation in _objects(path, osmium.osm.RELATION, "type"):
        tags = _tags(relation)
        if tags["type"].partition(":")[0] == "restriction":
            members = [(member.role, member.type, member.ref) for member in relation.members]
            parsed = list(_restrictions_of(tags, members))
            malformed += not parsed
            found += parsed
    return tuple(found), malformed


def _restrictions_of(tags: dict[str, str], members: list[tuple[str, str, int]]) -> Iterator[TurnRestriction]:
    """Split one relation into single turns; yields nothing when it is malformed."""
    from_ways = [ref for role, kind, ref in members if role == "from" and kind == "w"]
    to_ways = [ref for role, kind, ref in members if role == "to" and kind == "w"]
    via = [(kind, ref) for role, kind, ref in members if role == "via"]
    via_is_way = bool(via) and all(kind == "w" for kind, _ in via)
    if not via or not (via_is_way or (len(via) == 1 and via[0][0] == "n")):
        return
    spared = tuple(part.strip() for part in tags.get("except", "").split(";") if part.strip())
    old_style = tags["type"].partition(":")[2]
    for key, value in tags.items():
        base, _, suffix = key.partition(":")
        if base != "restriction":
            continue
        parts = [part for part in suffix.split(":") if part]
        conditional = "conditional" in parts or "day_on" in tags or "hour_on" in tags
        vehicle = next((part for part in parts if part != "conditional"), old_style)
        for from_way, to_way in product(from_ways, to_ways):
            yield TurnRestriction(
                from_way=from_way,
                via=tuple(ref for _, ref in via),
                to_way=to_way,
                kind=value.partition("@")[0].strip(),
                except_=spared,
                conditional=conditional,
                via_is_way=via_is_way,
                vehicle=vehicle,
            )


def _read_tagged_nodes(path: Path) -> dict[int, dict[str, str]]:
    """Return the tags of nodes that say something about driving, walking or stopping."""
    found: dict[int, dict[str, str]] = {}
    for node in _objects(path, osmium.osm.NODE, *_NODE_KEYS):
        tags = _tags(node)
        telling = any(key in tags for key in _NODE_KEYS if key != "railway")
        if telling or tags.get("railway") in _RAILWAY_VALUES:
            found[node.id] = tags
    return found


def _read_locations(path: Path, *, negative: bool) -> tuple[Ints, Floats, Floats]:
    """Return ids (ascending, unique), longitudes and latitudes of all nodes of the file.

    Osmium writes its location index into a scratch file of (id, x, y) records, which NumPy reads whole:
    no Python object per node. Its index has no room for the negative ids of unpublished edits.
    """
    if negative:
        nodes = sorted({node.id: (node.lon, node.lat) for node in _objects(path, osmium.osm.NODE)}.items())
        return (
            np.array([node for node, _ in nodes], np.int64),
            np.array([lon for _, (lon, _) in nodes], np.float64),
            np.array([lat for _, (_, lat) in nodes], np.float64),
        )
    record = np.dtype([("id", "<u8"), ("x", "<i4"), ("y", "<i4")])
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "nodes"
        table = osmium.index.create_map(f"sparse_file_array,{scratch}")
        handler = osmium.NodeLocationsForWays(table)
        handler.apply_nodes_to_ways = False
        osmium.apply(osmium.io.Reader(str(path), osmium.osm.NODE), handler)
        rows = np.fromfile(scratch, dtype=record)
        del handler, table
    rows = rows[(rows["x"] != _UNDEFINED) & (rows["y"] != _UNDEFINED) & (rows["id"] != 0)]
    _, first = np.unique(rows["id"], return_index=True)
    rows = rows[first]
    return (
        rows["id"].astype(np.int64),
        rows["x"] / _UNITS_PER_DEGREE,
        rows["y"] / _UNITS_PER_DEGREE,
    )


def _positions(sorted_ids: Ints, ids: Ints) -> Indices:
    """Return where each id stands in `sorted_ids`, −1 where it does not."""
    if not sorted_ids.size:
        return np.full(ids.size, -1, np.int32)
    place = np.minimum(np.searchsorted(sorted_ids, ids), sorted_ids.size - 1)
    return np.where(sorted_ids[place] == ids, place, -1).astype(np.int32)
