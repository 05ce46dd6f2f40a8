"""OSMnx as a neighbour: fetch roads by place, and exchange graphs with its plots and statistics.

OSMnx: Boeing (2025), "Modeling and Analyzing Urban Networks and Amenities with OSMnx", doi:10.1111/gean.70009.
It takes two seconds to import, so every function imports it when called.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
from shapely import LineString
from shapely.geometry import box

from routing.errors import RoadError
from routing.geo.graph import FLAG_BRIDGE, FLAG_ONEWAY, FLAG_ROUNDABOUT, FLAG_TUNNEL, DriveGraph
from routing.geo.network import RoadNetwork
from routing.geo.osm import OnProgress, OsmExtract
from routing.geo.profile import PERIODS, ROAD_CLASSES, period_speeds

if TYPE_CHECKING:
    import networkx as nx
    from shapely import MultiPolygon, Polygon

Place = str | tuple[float, float, float, float]
Element = dict[str, Any]

CREDIT = "© OpenStreetMap contributors, ODbL 1.0"

_QUERY = (
    "{settings};("
    'way["highway"](poly:{area!r});way["route"="ferry"](poly:{area!r});'
    'way["public_transport"="platform"](poly:{area!r});'
    ")->.ways;(.ways;>;"
    'node["highway"="bus_stop"](poly:{area!r});node["public_transport"](poly:{area!r});'
    'rel(bw.ways)["type"~"^restriction"];);out;'
)
_COPIED_TAGS = ("highway", "name", "ref", "maxspeed", "lanes", "bridge", "tunnel", "junction", "access", "service")


def fetch_roads(place: Place, path: Path, *, on_progress: OnProgress | None = None) -> None:
    """Download the roads, bus stops and turn restrictions of a place and write them to a file.

    OSMnx finds the place (Nominatim), divides large areas and minds the server's limits (Overpass).

    Parameters
    ----------
    place : str or tuple of float
        A name, such as `Ganjingzi, Dalian, China`, or (west, south, east, north) [degrees, WGS-84].
    path : Path
        `.osm.pbf`, `.osm` or `.osm.bz2`; replaced when it exists.
    on_progress : callable, optional
        Called with one sentence per stage.

    Raises
    ------
    RoadError
        `roads_fetch_failed` when there is no such place, no internet, or nothing in the answer.
    """
    say: OnProgress = on_progress or (lambda _: None)
    try:
        elements = _download(place, say)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise RoadError(
            "roads_fetch_failed",
            f"The roads of {place} could not be fetched: {error}.",
            "Check the name and the internet, or fetch an extract elsewhere and give its file.",
        ) from error
    if not any(element["type"] == "way" for element in elements):
        raise RoadError(
            "roads_fetch_failed",
            f"OpenStreetMap holds no road in {place}.",
            "Name a larger place, or give (west, south, east, north) in degrees.",
        )
    say(f"Writing {path.name} ({CREDIT})")
    _write(elements, path)


def _download(place: Place, say: OnProgress) -> list[Element]:
    """Return nodes, ways and relations, each once, in this order and by id."""
    import osmnx as ox  # noqa: PLC0415 - slow import

    # The two underscored functions are OSMnx's own way to its servers; a rewrite would only lose their manners.
    area: Polygon | MultiPolygon
    if isinstance(place, str):
        say(f"Looking {place} up")
        area = ox.geocode_to_gdf(place).union_all()
    else:
        area = box(*place)
    found: dict[tuple[int, int], Element] = {}
    rank = {"node": 0, "way": 1, "relation": 2}
    parts = ox._overpass._make_overpass_polygon_coord_strs(area)  # noqa: SLF001
    keeps = ox.settings.use_cache
    ox.settings.use_cache = False
    try:
        for number, part in enumerate(parts, start=1):
            say(f"Fetching part {number} of {len(parts)}")
            query = _QUERY.format(settings=ox._overpass._make_overpass_settings(), area=part)  # noqa: SLF001
            answer = ox._overpass._overpass_request(OrderedDict(data=query))  # noqa: SLF001
            found |= {(rank[element["type"]], element["id"]): element for element in answer["elements"]}
    finally:
        ox.settings.use_cache = keeps
    return [found[key] for key in sorted(found)]


def _write(elements: Iterable[Element], path: Path) -> None:
    """Write Overpass elements as an OSM file of the kind that the name's ending tells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as writer:
        for element in elements:
            tags = element.get("tags", {})
            if element["type"] == "node":
                where = (element["lon"], element["lat"])
                writer.add_node(osmium.osm.mutable.Node(id=element["id"], version=1, tags=tags, location=where))
            elif element["type"] == "way":
                nodes = element["nodes"]
                writer.add_way(osmium.osm.mutable.Way(id=element["id"], version=1, tags=tags, nodes=nodes))
            else:
                members = [(member["type"][0], member["ref"], member["role"]) for member in element["members"]]
                writer.add_relation(
                    osmium.osm.mutable.Relation(id=element["id"], version=1, tags=tags, members=members)
                )


def to_osmnx(network: RoadNetwork, period: int = PERIODS.index("off_peak")) -> "nx.MultiDiGraph":
    """Return the drive network as OSMnx knows graphs, for its plots, statistics and routing.

    Turn costs and restrictions have no place in such a graph: its shortest paths are optimistic.

    Parameters
    ----------
    network : RoadNetwork
    period : int
        Index into `PERIODS`, for `speed_kph` and `travel_time` [seconds].
    """
    import networkx as nx  # noqa: PLC0415 - only notebooks need it

    graph = network.graph
    result: nx.MultiDiGraph = nx.MultiDiGraph(crs="epsg:4326", simplified=True, credit=CREDIT)
    ends = np.sort(np.c_[graph.tail, graph.head], axis=1)
    once = (graph.reverse < 0) | (graph.reverse > np.arange(graph.edge_count))
    streets = np.bincount(ends[once].ravel(), minlength=graph.node_count).tolist()
    for node, lon, lat, meeting in zip(
        graph.node_id.tolist(), graph.node_lon.tolist(), graph.node_lat.tolist(), streets, strict=True
    ):
        result.add_node(node, x=lon, y=lat, street_count=meeting)
    kmh = period_speeds(graph.road_class, graph.free_kmh, period, network.speed_factor)
    for edge in range(graph.edge_count):
        tail, head = int(graph.node_id[graph.tail[edge]]), int(graph.node_id[graph.head[edge]])
        result.add_edge(tail, head, **_edge_attributes(graph, edge, float(kmh[edge])))
    return result


def _edge_attributes(graph: DriveGraph, edge: int, kmh: float) -> dict[str, Any]:
    length, flags = float(graph.length_m[edge]), int(graph.flags[edge])
    back = int(graph.reverse[edge])
    attributes = {
        "osmid": int(graph.way_id[graph.way[edge]]),
        "highway": ROAD_CLASSES[graph.road_class[edge]],
        "name": str(graph.way_name[graph.way[edge]]),
        "oneway": bool(flags & FLAG_ONEWAY),
        "reversed": 0 <= back < edge,
        "lanes": str(int(graph.lanes[edge])),
        "length": length,
        "speed_kph": kmh,
        "travel_time": length * 3.6 / kmh + float(graph.delay_s[edge]),
        "geometry": LineString(np.c_[graph.shape(edge)]),
        "drive_edge": edge,
    }
    marks = {"bridge": FLAG_BRIDGE, "tunnel": FLAG_TUNNEL}
    attributes |= {key: "yes" for key, flag in marks.items() if flags & flag}
    return attributes | ({"junction": "roundabout"} if flags & FLAG_ROUNDABOUT else {})


def from_osmnx(graph: "nx.MultiDiGraph") -> OsmExtract:
    """Return an OSMnx graph, simplified or not, as an extract to build a network from.

    Vertices between nodes get numbers below zero, which no published node has. Where OSMnx merged ways with
    different tags into one edge, an attribute is a list: the lowest number of `maxspeed` and `lanes` counts, and
    the first of any other. Turn restrictions and bus tags are not in such
    graphs, so a network built from an extract file is the better one.

    Raises
    ------
    RoadError
        `roads_bad_request` when the graph is projected: coordinates must be degrees.
    """
    if "4326" not in str(graph.graph.get("crs", "epsg:4326")):
        raise RoadError(
            "roads_bad_request",
            f"The graph's coordinates are in {graph.graph['crs']}, not in degrees.",
            "Give the graph before it was projected.",
        )
    position: dict[int, tuple[float, float]] = {
        int(node): (float(data["x"]), float(data["y"])) for node, data in graph.nodes(data=True)
    }
    ways: list[tuple[list[int], dict[str, str]]] = []
    below = count(min(0, *position) - 1, -1)
    seen: set[tuple[Any, ...]] = set()
    for tail, head, data in graph.edges(data=True):
        oneway = data.get("oneway", False) in {True, "yes", "True"}
        line = _line(position[tail], position[head], data)
        mark = (min(tail, head), max(tail, head), min(line, line[::-1]))
        if not oneway and mark in seen:
            continue
        seen.add(mark)
        inner = list(islice(below, len(line) - 2))
        position.update(zip(inner, line[1:-1], strict=True))
        ways.append(([int(tail), *inner, int(head)], _tags(data, oneway=oneway)))
    return _extract(position, ways)


def _line(start: tuple[float, float], end: tuple[float, float], data: dict[str, Any]) -> tuple[Any, ...]:
    """Return the vertices of an edge, in its own direction."""
    return tuple(data["geometry"].coords) if "geometry" in data else (start, end)


def _tags(data: dict[str, Any], *, oneway: bool) -> dict[str, str]:
    tags = {"oneway": "yes" if oneway else "no"}
    for key in _COPIED_TAGS:
        value = data.get(key)
        if isinstance(value, list):
            value = min(value, key=_number) if key in {"maxspeed", "lanes"} else value[0]
        if isinstance(value, str) and value:
            tags[key] = value
    return tags


def _number(text: str) -> float:
    digits = str(text).partition(" ")[0]
    return float(digits) if digits.replace(".", "", 1).isdigit() else float("inf")


def _extract(position: dict[int, tuple[float, float]], ways: list[tuple[list[int], dict[str, str]]]) -> OsmExtract:
    ids = np.array(sorted(position), np.int64)
    where = np.array([position[node] for node in ids.tolist()], np.float64).reshape(-1, 2)
    refs = np.array([node for nodes, _ in ways for node in nodes], np.int64)
    sizes = [len(nodes) for nodes, _ in ways]
    digest = hashlib.sha256(ids.tobytes() + where.tobytes() + refs.tobytes() + repr(ways).encode())
    return OsmExtract(
        node_id=ids,
        lon=where[:, 0].copy(),
        lat=where[:, 1].copy(),
        way_id=np.arange(1, len(ways) + 1, dtype=np.int64),
        way_tags=tuple(tags for _, tags in ways),
        way_start=np.r_[0, np.cumsum(sizes)].astype(np.int64),
        way_nodes=np.searchsorted(ids, refs).astype(np.int32),
        restrictions=(),
        node_tags={},
        digest=digest.hexdigest(),
    )
