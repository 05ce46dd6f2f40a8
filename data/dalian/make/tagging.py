"""OSM tags of the drawn roads, and ways joined from roads that continue one another alike."""

from dataclasses import dataclass

import numpy as np

from data.dalian.make.carriage import Drawing, Road
from data.dalian.make.streets import Street

Tags = tuple[tuple[str, str], ...]
BUS_LANES = ("中山路", "西南路", "黄浦路", "华北路", "长江路")
LONGEST = 60  # nodes in one way
LOW_BRIDGES = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A tagged way; ``roads`` are the drawn roads it consists of, in order."""

    nodes: tuple[int, ...]
    tags: Tags
    roads: tuple[int, ...]


def tag_roads(drawing: Drawing, seed: int) -> list[Tags]:
    """Return the tags of every drawn road."""
    rng = np.random.default_rng([seed, 51])
    low = _low_clearances(drawing, rng)
    contraflow = _contraflow_streets(drawing, rng)
    tags = []
    for index, road in enumerate(drawing.roads):
        street = drawing.graph.streets[road.street]
        found = _base(street, road)
        found.update(_structure(drawing, road))
        if road.side in {"right", "left"} and street.name in BUS_LANES and street.level == 0:
            found["busway:right"] = "lane"
        if road.oneway and road.street in contraflow:
            found.update({"oneway:bus": "no", "busway": "opposite_lane"})
        if index in low:
            found["maxheight"] = low[index]
        tags.append(tuple(sorted(found.items())))
    return tags


def _base(street: Street, road: Road) -> dict[str, str]:
    inside = road.side in {"link", "round"}
    link = inside and street.kind in {"motorway", "trunk"}
    found = {"highway": f"{street.kind}_link" if link else street.kind, **_named(street, road)}
    if street.speed and not inside:
        found["maxspeed"] = str(street.speed)
    if road.oneway:
        found["oneway"] = "yes"
    if street.level <= 1 and not inside:
        found["lanes"] = str(street.lanes)
    if street.form == "grade":
        found["motorroad"] = "yes"
    elif street.level <= 1 and street.form != "ramp" and not inside:
        found["sidewalk"] = "right" if street.is_dual else "both"
    return found


def _named(street: Street, road: Road) -> dict[str, str]:
    if road.side == "round":
        return {"junction": "roundabout"}
    if not street.name or street.form == "ramp":
        return {}
    english = {"name:en": street.name_en} if street.name_en and street.level == 0 else {}
    return {"name": street.name, **english}


def _structure(drawing: Drawing, road: Road) -> dict[str, str]:
    street = drawing.graph.streets[road.street]
    if road.piece < 0:
        return {}
    piece = drawing.graph.pieces[road.piece]
    if piece.bridge or street.form == "bridge":
        return {"bridge": "yes", "layer": "1"}
    return {"tunnel": "yes", "layer": "-1"} if piece.tunnel else {}


def _low_clearances(drawing: Drawing, rng: np.random.Generator) -> dict[int, str]:
    """Return some small streets that a coach cannot pass, and some signs that it can."""
    small = [
        k for k, road in enumerate(drawing.roads)
        if drawing.graph.streets[road.street].level == 2 and not road.oneway
    ]  # fmt: skip
    chosen = rng.choice(np.array(small), size=2 * LOW_BRIDGES, replace=False).tolist()
    return {k: ("2.8" if n < LOW_BRIDGES else "4.5") for n, k in enumerate(chosen)}


def _contraflow_streets(drawing: Drawing, rng: np.random.Generator) -> set[int]:
    oneway = sorted({r.street for r in drawing.roads if r.oneway and drawing.graph.streets[r.street].level == 2})
    return {street for street in oneway if rng.uniform() < 0.06}


def join_ways(drawing: Drawing, tags: list[Tags], breaks: set[int]) -> list[Way]:
    """Return ways of consecutive roads with the same street, side and tags; none runs through a break."""
    groups: dict[tuple[int, str], list[int]] = {}
    for index, road in enumerate(drawing.roads):
        groups.setdefault((road.street, road.side), []).append(index)
    ways = []
    for (_, side), members in sorted(groups.items()):
        order = members[::-1] if side == "left" else members
        run: list[int] = []
        for index in order:
            if run and not _continues(drawing, tags, run, index, breaks):
                ways.append(_way(drawing, tags, run))
                run = []
            run.append(index)
        ways.append(_way(drawing, tags, run))
    return ways


def _continues(drawing: Drawing, tags: list[Tags], run: list[int], index: int, breaks: set[int]) -> bool:
    last, road = drawing.roads[run[-1]], drawing.roads[index]
    length = sum(len(drawing.roads[k].nodes) for k in run)
    return (
        last.nodes[-1] == road.nodes[0]
        and road.nodes[0] not in breaks
        and tags[run[-1]] == tags[index]
        and length + len(road.nodes) <= LONGEST
        and road.nodes[-1] != drawing.roads[run[0]].nodes[0]
    )


def _way(drawing: Drawing, tags: list[Tags], run: list[int]) -> Way:
    nodes = list(drawing.roads[run[0]].nodes)
    for index in run[1:]:
        nodes.extend(drawing.roads[index].nodes[1:])
    return Way(nodes=tuple(nodes), tags=tags[run[0]], roads=tuple(run))
