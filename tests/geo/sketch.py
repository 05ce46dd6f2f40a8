"""Draw a small town in metres and write it as an OSM file, so that tests read it as any extract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

from routing.geo.sphere import LocalPlane

PLANE = LocalPlane(lon=121.6, lat=38.9)

Tags = Mapping[str, str]
Member = tuple[str, str, int]


@dataclass(kw_only=True)
class Sketch:
    """A map in the making: x runs east, y north [m]."""

    nodes: dict[int, tuple[float, float]]
    node_tags: dict[int, Tags] = field(default_factory=dict)
    ways: list[tuple[int, Sequence[int], Tags]] = field(default_factory=list)
    relations: list[tuple[int, Sequence[Member], Tags]] = field(default_factory=list)

    def way(self, number: int, *refs: int, **tags: str) -> "Sketch":
        """Add a way; underscores in tag names stand for colons (`oneway_bus="no"`), twice for themselves."""
        named = {key.replace("__", "\0").replace("_", ":").replace("\0", "_"): value for key, value in tags.items()}
        self.ways.append((number, refs, {"highway": "residential", **named}))
        return self

    def restrict(self, kind: str, start: int, via: int | Sequence[int], end: int, **tags: str) -> "Sketch":
        """Add a turn restriction via a node (a number) or via ways (a list)."""
        between: list[Member] = [("node", "via", via)] if isinstance(via, int) else [("way", "via", w) for w in via]
        members = [("way", "from", start), *between, ("way", "to", end)]
        self.relations.append((900 + len(self.relations), members, {"restriction": kind, **tags}))
        return self

    def lonlat(self, x: float, y: float) -> tuple[float, float]:
        """Return the degrees of a place on the sketch."""
        lon, lat = PLANE.to_lonlat(x, y)
        return float(lon), float(lat)

    def text(self) -> str:
        """Return the map as OSM XML."""
        lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6" generator="sketch">']
        for node, (x, y) in self.nodes.items():
            lon, lat = self.lonlat(x, y)
            lines.append(f'<node id="{node}" version="1" lon="{lon:.7f}" lat="{lat:.7f}">')
            lines += [*_tags(self.node_tags.get(node, {})), "</node>"]
        for number, refs, tags in self.ways:
            lines += [f'<way id="{number}" version="1">', *(f'<nd ref="{ref}"/>' for ref in refs)]
            lines += [*_tags(tags), "</way>"]
        for number, members, tags in self.relations:
            lines.append(f'<relation id="{number}" version="1">')
            lines += [f'<member type="{kind}" role="{role}" ref="{ref}"/>' for kind, role, ref in members]
            lines += [*_tags({"type": "restriction", **tags}), "</relation>"]
        return "\n".join([*lines, "</osm>"])

    def write(self, folder: Path, name: str = "sketch.osm") -> Path:
        """Write the map and return where."""
        path = folder / name
        path.write_text(self.text(), encoding="utf-8")
        return path


def _tags(tags: Tags) -> list[str]:
    return [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]


def cross(size: float = 100.0) -> Sketch:
    """Return four arms that meet at node 1: 2 west, 3 east, 4 north, 5 south; no way yet."""
    return Sketch(nodes={1: (0, 0), 2: (-size, 0), 3: (size, 0), 4: (0, size), 5: (0, -size)})


def grid(columns: int, rows: int, spacing: float = 100.0) -> Sketch:
    """Return a grid of two-way streets: node 1 + column + columns × row, one way per row and per column."""
    nodes = {1 + c + columns * r: (c * spacing, r * spacing) for r in range(rows) for c in range(columns)}
    town = Sketch(nodes=nodes)
    for r in range(rows):
        town.way(100 + r, *(1 + c + columns * r for c in range(columns)), name=f"Row {r}")
    for c in range(columns):
        town.way(200 + c, *(1 + c + columns * r for r in range(rows)), name=f"Column {c}")
    return town
