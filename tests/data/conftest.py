"""The committed scenario, read once: its roads through pyosmium alone, its tables through csv."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
import pytest

from data.dalian.make.plane import Points, to_plane

DALIAN = Path(__file__).parents[2] / "data" / "dalian"


@dataclass
class Extract:
    """Nodes, ways and restrictions of an extract, by id."""

    place: dict[int, tuple[float, float]] = field(default_factory=dict)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    way_nodes: dict[int, list[int]] = field(default_factory=dict)
    way_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    restrictions: list[tuple[dict[str, str], list[tuple[str, int, str]]]] = field(default_factory=list)

    def drivable(self) -> Iterator[int]:
        """Yield the ids of ways for motor vehicles."""
        for way, tags in self.way_tags.items():
            if tags.get("highway", "footway") != "footway":
                yield way

    def plane(self, nodes: list[int]) -> Points:
        """Return where nodes are, in the plane [m]."""
        lon, lat = zip(*(self.place[node] for node in nodes), strict=True)
        return to_plane(np.array(lon), np.array(lat))


def read_extract(path: Path) -> Extract:
    extract = Extract()
    for thing in osmium.FileProcessor(str(path)):
        if not isinstance(thing, osmium.osm.Node | osmium.osm.Way | osmium.osm.Relation):
            continue
        tags = dict(thing.tags)
        if isinstance(thing, osmium.osm.Node):
            extract.place[thing.id] = (thing.lon, thing.lat)
            if tags:
                extract.node_tags[thing.id] = tags
        elif isinstance(thing, osmium.osm.Way):
            extract.way_nodes[thing.id] = [node.ref for node in thing.nodes]
            extract.way_tags[thing.id] = tags
        else:
            extract.restrictions.append((tags, [(m.type, m.ref, m.role) for m in thing.members]))
    return extract


def read_table(name: str) -> list[dict[str, str]]:
    with (DALIAN / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="session")
def extract() -> Extract:
    return read_extract(DALIAN / "roads.osm.pbf")


@pytest.fixture(scope="session")
def riders() -> list[dict[str, str]]:
    return read_table("riders.csv")
