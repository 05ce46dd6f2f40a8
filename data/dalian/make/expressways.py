"""Expressways meet the city by ramps alone: interchanges, overpasses and their pieces."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from data.dalian.make import raster
from data.dalian.make.planar import Piece, StreetGraph, tidy
from data.dalian.make.plane import Points, cut, lengths_along, point_at, right_of
from data.dalian.make.streets import Street
from data.dalian.make.terrain import Ground

RAMP = {"trunk": 330.0, "motorway": 430.0}
SPACING = {"trunk": 1250.0, "motorway": 3000.0}
TERMINAL = 46.0  # distance of a ramp's foot from the expressway [m]
OVERPASS = 42.0  # half the length of a bridge over a street [m]
SNAP = 3.0
END_SNAP = 30.0  # where an expressway ends, the street it joins may have moved a little in weaving


@dataclass(frozen=True, slots=True, kw_only=True)
class Interchange:
    """Where an expressway and a main road meet, and the four ramps between them."""

    expressway: int
    along: float
    name: str
    ramps: tuple[Street, ...]
    stations: tuple[float, float]


def find_interchanges(corridors: list[Street]) -> list[Interchange]:
    """Return the interchanges of every expressway, in order along it."""
    surface = [street for street in corridors if street.form in {"dual", "single"}]
    found = []
    for index, street in enumerate(corridors):
        if street.form != "grade":
            continue
        last = -1e9
        total = float(lengths_along(street.points)[-1])
        reach = RAMP[street.kind] + 60.0
        for where, other in sorted(_crossings(street, surface), key=lambda pair: pair[0]):
            if where - last < SPACING[street.kind] or not reach < where < total - reach:
                continue
            ramps = _ramps(street, where, surface[other], corridors)
            if len(ramps) >= 2:
                last = where
                span = RAMP[street.kind]
                found.append(
                    Interchange(
                        expressway=index, along=where, name=surface[other].name, ramps=tuple(ramps),
                        stations=(where - span, where + span),
                    )
                )  # fmt: skip
    return found


def _crossings(street: Street, others: list[Street]) -> list[tuple[float, int]]:
    line = shapely.linestrings(street.points)
    found: list[tuple[float, int]] = []
    for index, other in enumerate(others):
        meet = shapely.intersection(line, shapely.linestrings(other.points))
        spots = shapely.points(shapely.get_coordinates(shapely.extract_unique_points(meet)))
        found.extend((float(where), index) for where in np.asarray(shapely.line_locate_point(line, spots)))
    return found


def _ramps(street: Street, where: float, other: Street, corridors: list[Street]) -> list[Street]:
    along = lengths_along(street.points)
    centre, heading = point_at(street.points, along, where)
    span = RAMP[street.kind]
    found = []
    for side in (1.0, -1.0):
        foot = _foot(other, centre, right_of(heading) * side)
        if foot is None:
            continue
        for end in (-1.0, 1.0):
            bend = _bend(street, along, where, end * span, side, foot)
            outward = end * side < 0  # before the crossing on the right: traffic leaves the expressway
            line = bend if outward else bend[::-1]
            ramp = Street(
                points=line, kind=f"{street.kind}_link", lanes=1, speed=40, form="ramp", name=f"{street.name}匝道"
            )
            if not _blocked(ramp, street, other, corridors):
                found.append(ramp)
    return found


def _foot(other: Street, centre: Points, side: Points) -> Points | None:
    """Return where the other road is TERMINAL metres beside the expressway, on the given side."""
    aside = (other.points - centre) @ side
    near = np.hypot(*(other.points - centre).T) < 400.0
    for k in np.argsort(np.hypot(*(other.points - centre).T), kind="stable").tolist():
        if not near[k] or k + 1 >= len(aside):
            continue
        low, high = aside[k], aside[k + 1]
        if (low - TERMINAL) * (high - TERMINAL) <= 0 and low != high:
            share = (TERMINAL - low) / (high - low)
            return np.asarray(other.points[k] + share * (other.points[k + 1] - other.points[k]))
    return None


def _bend(street: Street, along: Points, where: float, span: float, side: float, foot: Points) -> Points:
    """Return the ramp's line from the expressway's centre line to just past its foot."""
    points = []
    for share, aside in ((1.0, 0.0), (0.82, 15.5), (0.62, 25.0), (0.40, 36.0), (0.22, 42.0)):
        at, heading = point_at(street.points, along, where + span * share)
        points.append(at + right_of(heading) * side * aside)
    inward = foot - points[-1]
    points.append(foot + inward / np.hypot(*inward) * 0.8)
    return np.array(points)


def _blocked(ramp: Street, street: Street, other: Street, corridors: list[Street]) -> bool:
    line = shapely.linestrings(ramp.points)
    return any(
        shapely.intersects(line, shapely.linestrings(third.points))
        for third in corridors
        if third is not street and third is not other
    )


def add_expressways(
    graph: StreetGraph, expressways: list[Street], interchanges: list[Interchange], ground: Ground
) -> StreetGraph:
    """Return the graph with expressways joined to it at their ends and at the heads of their ramps."""
    nodes = list(graph.nodes)
    streets = [*graph.streets, *expressways]
    pieces = list(graph.pieces)
    tree = cKDTree(graph.nodes)
    added: list[Points] = []
    plan = [_stations(street, graph, expressways, interchanges, ground) for street in expressways]
    for index, street in enumerate(expressways):
        along = lengths_along(street.points)
        ids = []
        for where, _, _ in plan[index]:
            spot = np.round(point_at(street.points, along, where)[0], 2)
            reach = END_SNAP if where in {0.0, plan[index][-1][0]} else SNAP
            ids.append(_identify(spot, reach, tree, nodes, added))
        for k in range(len(ids) - 1):
            line = cut(street.points, along, plan[index][k][0], plan[index][k + 1][0])
            line[0], line[-1] = nodes[ids[k]], nodes[ids[k + 1]]
            pieces.append(
                Piece(
                    tail=ids[k], head=ids[k + 1], street=len(graph.streets) + index, points=tidy(line),
                    bridge=plan[index][k][1], tunnel=plan[index][k][2],
                )
            )  # fmt: skip
    return StreetGraph(nodes=np.array(nodes), streets=tuple(streets), pieces=tuple(pieces))


def _identify(spot: Points, reach: float, tree: cKDTree, nodes: list[Points], added: list[Points]) -> int:
    distance, nearest = tree.query(spot)
    if distance < reach:
        return int(nearest)
    first = tree.n
    for k, other in enumerate(added):
        if np.hypot(*(other - spot)) < SNAP:
            return first + k
    added.append(spot)
    nodes.append(spot)
    return len(nodes) - 1


def _stations(
    street: Street, graph: StreetGraph, expressways: list[Street], interchanges: list[Interchange], ground: Ground
) -> list[tuple[float, bool, bool]]:
    """Return (distance, bridge from here on, tunnel from here on) in order along an expressway."""
    line = shapely.LineString(street.points)
    total = float(lengths_along(street.points)[-1])
    stops = {0.0, total}
    for interchange in interchanges:
        for ramp in interchange.ramps:
            for tip in (ramp.points[0], ramp.points[-1]):
                spot = shapely.points(tip)
                if shapely.distance(line, spot) < SNAP:
                    stops.add(float(shapely.line_locate_point(line, spot)))
    for other in expressways:
        for tip in (other.points[0], other.points[-1]):
            if other is not street and shapely.distance(line, shapely.points(tip)) < SNAP:
                stops.add(float(shapely.line_locate_point(line, shapely.points(tip))))
    bridges = _bridges(line, total, graph)
    tunnels = [span for span in _tunnels(street, ground) if not any(_meet(span, other) for other in bridges)]
    spans = [edge for span in (*bridges, *tunnels) for edge in span]
    cuts = sorted({*stops, *(edge for edge in spans if all(abs(edge - stop) > SNAP for stop in stops))})
    middle = [(a + b) / 2 for a, b in zip(cuts, [*cuts[1:], total], strict=True)]
    return [(cut, _within(m, bridges), _within(m, tunnels)) for cut, m in zip(cuts, middle, strict=True)]


def _within(where: float, spans: list[tuple[float, float]]) -> bool:
    return any(low < where < high for low, high in spans)


def _meet(one: tuple[float, float], two: tuple[float, float]) -> bool:
    return one[0] < two[1] + SNAP and two[0] < one[1] + SNAP


def _tunnels(street: Street, ground: Ground) -> list[tuple[float, float]]:
    """Return the stretches under hills, ends included [m]."""
    along = lengths_along(street.points)
    under = np.concatenate([[False], ground.hill[raster.cells(street.points)][1:-1], [False]])
    change = np.flatnonzero(np.diff(under.astype(np.int8)))
    spans = [(float(along[a + 1]), float(along[b])) for a, b in zip(change[::2], change[1::2], strict=True)]
    return [(low, high) for low, high in spans if high - low > 150.0]


def _bridges(line: shapely.LineString, total: float, graph: StreetGraph) -> list[tuple[float, float]]:
    lines = np.array([shapely.linestrings(p.points) for p in graph.pieces if graph.streets[p.street].form != "ramp"])
    near = shapely.STRtree(lines).query(line, predicate="intersects")
    spots = shapely.get_coordinates(shapely.extract_unique_points(shapely.intersection(lines[near], line)))
    at = np.sort([float(line.project(shapely.Point(spot))) for spot in spots])
    spans: list[tuple[float, float]] = []
    for where in at.tolist():
        low, high = where - OVERPASS, where + OVERPASS
        if low < 30.0 or high > total - 30.0:
            continue
        if spans and low < spans[-1][1] + 60.0:
            spans[-1] = (spans[-1][0], high)
        else:
            spans.append((low, high))
    return spans
