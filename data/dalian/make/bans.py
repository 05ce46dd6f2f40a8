"""Turn restrictions at the junctions of main roads, some lifted for buses."""

from dataclasses import dataclass

import numpy as np

from data.dalian.make.carriage import Drawing

WANTED = {"no_u_turn": 130, "no_left_turn": 90, "only_straight_on": 20, "no_right_turn": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """A restriction between drawn roads; ``via`` is a node, or a road when ``via_road`` is set."""

    kind: str
    start: int
    via: int
    end: int
    via_road: bool = False
    exempt: str = ""


def find_bans(drawing: Drawing, seed: int) -> list[Ban]:
    """Return restrictions that leave every street reachable: only at crossings with other ways round."""
    rng = np.random.default_rng([seed, 61])
    into, out = _by_corner(drawing)
    found = {kind: _limited(bans, WANTED[kind], rng) for kind, bans in (
        ("no_u_turn", _u_turns(drawing, into, out)),
        ("no_left_turn", _left_turns(drawing, into)),
        ("only_straight_on", _straight_on(drawing, into, out)),
        ("no_right_turn", _right_turns(drawing, into, out)),
    )}  # fmt: skip
    bans = []
    for kind in WANTED:
        for ban in found[kind]:
            luck = rng.uniform()
            exempt = "bus" if luck < 0.2 else "psv" if luck < 0.3 else ""
            bans.append(
                Ban(kind=ban.kind, start=ban.start, via=ban.via, end=ban.end, via_road=ban.via_road, exempt=exempt)
            )
    return bans


def _limited(bans: list[Ban], count: int, rng: np.random.Generator) -> list[Ban]:
    keep = sorted(rng.permutation(len(bans))[:count].tolist())
    return [bans[k] for k in keep]


def _by_corner(drawing: Drawing) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    into: dict[int, list[int]] = {}
    out: dict[int, list[int]] = {}
    for index, road in enumerate(drawing.roads):
        if drawing.graph.streets[road.street].form in {"grade", "ramp"}:
            continue
        out.setdefault(road.nodes[0], []).append(index)
        into.setdefault(road.nodes[-1], []).append(index)
    return into, out


def _rings(drawing: Drawing) -> list[tuple[int, ...]]:
    """Return the corner rings of junctions with three or more dual arms, each as its links in order."""
    start = {road.nodes[0]: k for k, road in enumerate(drawing.roads) if road.side == "link" and road.oneway}
    rings = []
    for node in sorted(drawing.corners):
        corners = drawing.corners[node]
        if len(corners) >= 3 and all(corner in start for corner in corners):
            rings.append(tuple(start[corner] for corner in corners))
    return rings


def _carriageway(drawing: Drawing, roads: list[int]) -> int | None:
    found = [k for k in roads if drawing.roads[k].side in {"right", "left"}]
    return found[0] if len(found) == 1 else None


def _u_turns(drawing: Drawing, into: dict[int, list[int]], out: dict[int, list[int]]) -> list[Ban]:
    """Return bans on turning round through the gap of a median (via way)."""
    bans = []
    for link, road in enumerate(drawing.roads):
        if road.side != "link" or road.oneway:
            continue
        for first, last in (road.nodes, road.nodes[::-1]):
            start = _carriageway(drawing, into.get(first, []))
            end = _carriageway(drawing, out.get(last, []))
            if start is not None and end is not None:
                bans.append(Ban(kind="no_u_turn", start=start, via=link, end=end, via_road=True))
    return bans


def _left_turns(drawing: Drawing, into: dict[int, list[int]]) -> list[Ban]:
    """Return bans on the second link of a ring after the first: left turns and U-turns of one arm."""
    bans = []
    for ring in _rings(drawing):
        if len(ring) != 4:
            continue
        for k, link in enumerate(ring):
            after = ring[(k + 1) % len(ring)]
            if _carriageway(drawing, into.get(drawing.roads[link].nodes[0], [])) is not None:
                via = drawing.roads[link].nodes[-1]
                bans.append(Ban(kind="no_left_turn", start=link, via=via, end=after))
                break
    return bans


def _straight_on(drawing: Drawing, into: dict[int, list[int]], out: dict[int, list[int]]) -> list[Ban]:
    """Return orders to keep straight on past a gap in the median."""
    bans = []
    for road in drawing.roads:
        if road.side != "link" or road.oneway:
            continue
        corner = road.nodes[0]
        start = _carriageway(drawing, into.get(corner, []))
        end = _carriageway(drawing, out.get(corner, []))
        if start is not None and end is not None:
            bans.append(Ban(kind="only_straight_on", start=start, via=corner, end=end))
    return bans


def _right_turns(drawing: Drawing, into: dict[int, list[int]], out: dict[int, list[int]]) -> list[Ban]:
    """Return bans on the right turn of a ring's arm into the next dual road."""
    bans = []
    for ring in _rings(drawing):
        corner = drawing.roads[ring[0]].nodes[0]
        start = _carriageway(drawing, into.get(corner, []))
        end = _carriageway(drawing, out.get(corner, []))
        if len(ring) == 4 and start is not None and end is not None:
            bans.append(Ban(kind="no_right_turn", start=start, via=corner, end=end))
    return bans
