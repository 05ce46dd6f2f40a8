"""What stands beside and on the roads: signals, pedestrian crossings, bus stops by name."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from data.dalian.make.carriage import Drawing, Road
from data.dalian.make.planar import Piece
from data.dalian.make.plane import Points, lengths_along, point_at, right_of
from data.dalian.make.tagging import Tags

STOP_LINE = 12.0  # signals stand this far before the corner [m]
STOP_SPACING = 520.0
BUS_SHARE = 0.30  # of the collectors that a city bus serves
KERB = 5.0  # a stop's distance from the line of its lane [m]
SIGNAL: Tags = (("crossing", "traffic_signals"), ("highway", "traffic_signals"))
CROSSING: Tags = (("crossing", "uncontrolled"), ("highway", "crossing"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BusStop:
    """A stop beside the right-hand kerb of a road."""

    node: int
    name: str


def add_signals(drawing: Drawing, signals: frozenset[int]) -> dict[int, Tags]:
    """Put signals at the stop lines of controlled junctions; return the tags of the nodes."""
    tags: dict[int, Tags] = {}
    stop_lines: set[int] = set()
    for node in sorted(signals):
        corners = drawing.corners[node]
        if len(corners) == 1:
            tags[corners[0]] = SIGNAL
        else:
            stop_lines.update(corners)
    for index, road in enumerate(drawing.roads):
        if road.side in {"right", "left"} and road.nodes[-1] in stop_lines:
            line = _before_end(drawing, road)
            if line is not None:
                tags[line] = SIGNAL
                drawing.roads[index] = replace(road, nodes=(*road.nodes[:-1], line, road.nodes[-1]))
    return tags


def _before_end(drawing: Drawing, road: Road) -> int | None:
    last, end = drawing.position(road.nodes[-2]), drawing.position(road.nodes[-1])
    length = float(np.hypot(*(end - last)))
    if length < 8.0:
        return None
    return drawing.add(end + (last - end) / length * min(STOP_LINE, length / 2))


def add_crossings(drawing: Drawing, seed: int) -> dict[int, Tags]:
    """Put zebra crossings on collectors; return the tags of the nodes."""
    rng = np.random.default_rng([seed, 71])
    tags: dict[int, Tags] = {}
    for index, road in enumerate(drawing.roads):
        street = drawing.graph.streets[road.street]
        if street.kind != "tertiary" or rng.uniform() > 0.22:
            continue
        node = _before_end(drawing, road)
        if node is not None:
            tags[node] = CROSSING
            drawing.roads[index] = replace(road, nodes=(*road.nodes[:-1], node, road.nodes[-1]))
    return tags


class StopNames:
    """Names for bus stops: the estate beside it, else the street and the one it crosses."""

    def __init__(self, drawing: Drawing, estates: Points, names: list[str]) -> None:
        self._tree = cKDTree(estates)
        self._names = names
        self._used: dict[str, int] = {}
        self._crossing = _crossing_names(drawing)
        named = [p for p in drawing.graph.pieces if drawing.graph.streets[p.street].name and p.length < 600.0]
        self._streets = [drawing.graph.streets[p.street].name for p in named]
        self._near = cKDTree(np.array([p.points[len(p.points) // 2] for p in named]))

    def at(self, place: Points, street: str, junction: int) -> str:
        """Return a name no other stop has."""
        wishes = []
        distance, nearest = self._tree.query(place)
        if distance < 320.0:
            wishes.append(self._names[int(nearest)])
        others = sorted(self._crossing.get(junction, set()) - {street, ""})
        wishes += others + [f"{street}{other}" for other in others]
        close = np.atleast_1d(self._near.query(place, k=12)[1]).tolist()
        wishes += [self._streets[k] for k in close if self._streets[k] != street]
        for wish in wishes:
            if wish not in self._used:
                self._used[wish] = 1
                return wish
        base = wishes[0] if wishes else street or "新村"
        self._used[base] = self._used.get(base, 0) + 1
        name = f"{base}{_ordinal(self._used[base])}站"
        self._used[name] = 1
        return name


def _ordinal(number: int) -> str:
    digits = "零一二三四五六七八九"
    if number < 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def _crossing_names(drawing: Drawing) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for piece in drawing.graph.pieces:
        street = drawing.graph.streets[piece.street]
        if street.name and street.level <= 1 and street.form not in {"ramp", "grade"}:
            found.setdefault(piece.tail, set()).add(street.name)
            found.setdefault(piece.head, set()).add(street.name)
    return found


def add_stops(drawing: Drawing, names: StopNames, seed: int) -> list[BusStop]:
    """Put bus stops in pairs along every main road and collector, each beside its right-hand kerb."""
    stops: list[BusStop] = []
    since: dict[int, float] = {}
    served = _served(drawing, np.random.default_rng([seed, 72]))
    for piece in drawing.graph.pieces:
        on_square = {piece.tail, piece.head} & set(drawing.rounds)
        if piece.street not in served or piece.bridge or (on_square and piece.length < 360.0):
            continue
        so_far = since.get(piece.street, STOP_SPACING * 0.6) + piece.length
        if so_far >= STOP_SPACING and piece.length >= 75.0:
            stops.extend(_pair(drawing, piece, names))
            so_far = 0.0
        since[piece.street] = so_far
    return stops


def _served(drawing: Drawing, rng: np.random.Generator) -> set[int]:
    """Return the streets with city buses: every main road, the wide collectors, some of the others."""
    found = set()
    for index, street in enumerate(drawing.graph.streets):
        luck = rng.uniform()
        main = street.kind in {"primary", "secondary"} and street.form in {"dual", "single"}
        if main or (street.kind == "tertiary" and (luck < BUS_SHARE or street.level == 0)):
            found.add(index)
    return found


def _pair(drawing: Drawing, piece: Piece, names: StopNames) -> list[BusStop]:
    street = drawing.graph.streets[piece.street]
    along = lengths_along(piece.points)
    aside = (street.half_width if street.is_dual else 0.0) + KERB
    gap = min(22.0, piece.length * 0.15)
    middle, _ = point_at(piece.points, along, piece.length / 2)
    name = names.at(middle, street.name, piece.head)
    found = []
    # each stop lies before the other in its own direction, so that buses do not block one another
    for where, side in ((piece.length / 2 + gap, 1.0), (piece.length / 2 - gap, -1.0)):
        at, heading = point_at(piece.points, along, where)
        found.append(BusStop(node=drawing.add(at + right_of(heading) * side * aside), name=name))
    return found


def stop_tags(stop: BusStop) -> Tags:
    """Return the OSM tags of a stop."""
    return (("bus", "yes"), ("highway", "bus_stop"), ("name", stop.name), ("public_transport", "platform"))
