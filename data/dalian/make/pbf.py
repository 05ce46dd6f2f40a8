"""Write the drawing as an .osm.pbf whose bytes depend on nothing but its content."""

from pathlib import Path

import numpy as np
import osmium
from osmium.io import File, Header
from osmium.osm.mutable import Node, Relation
from osmium.osm.mutable import Way as OsmWay

from data.dalian.make.bans import Ban
from data.dalian.make.carriage import Drawing
from data.dalian.make.plane import to_degrees
from data.dalian.make.tagging import Tags, Way

# uncompressed blocks: deflate's output differs between versions of zlib
FORMAT = "pbf,pbf_compression=none,add_metadata=false"


def write_pbf(path: Path, drawing: Drawing, node_tags: dict[int, Tags], ways: list[Way], bans: list[Ban]) -> None:
    """Write nodes that a way or a tag uses, ways, and turn restrictions, in that order."""
    path.unlink(missing_ok=True)
    used = sorted({node for way in ways for node in way.nodes} | set(node_tags))
    number = {node: k for k, node in enumerate(used, start=1)}
    place = to_degrees(np.column_stack([drawing.x, drawing.y])[used])
    header = Header()
    header.set("generator", "banche synthetic Dalian")
    writer = osmium.SimpleWriter(File(str(path), FORMAT), 4 * 1024 * 1024, header)
    try:
        for node, (lon, lat) in zip(used, place.tolist(), strict=True):
            tags = dict(node_tags.get(node, ()))
            writer.add_node(Node(id=number[node], location=(lon, lat), tags=tags))
        way_of_road = {}
        for k, way in enumerate(ways, start=1):
            way_of_road.update(dict.fromkeys(way.roads, k))
            writer.add_way(OsmWay(id=k, nodes=[number[node] for node in way.nodes], tags=dict(way.tags)))
        for k, ban in enumerate(bans, start=1):
            writer.add_relation(_relation(k, ban, number, way_of_road))
    finally:
        writer.close()


def _relation(identity: int, ban: Ban, number: dict[int, int], way_of_road: dict[int, int]) -> Relation:
    tags = {"type": "restriction", "restriction": ban.kind}
    if ban.exempt:
        tags["except"] = ban.exempt
    via = ("w", way_of_road[ban.via], "via") if ban.via_road else ("n", number[ban.via], "via")
    members = [("w", way_of_road[ban.start], "from"), via, ("w", way_of_road[ban.end], "to")]
    return Relation(id=identity, tags=tags, members=members)
