"""Gives every line the colour of its corridor: lines that come from about the same direction look alike."""

import itertools
import math
from dataclasses import dataclass

from routing.formats.document import DocumentTrip, PlanDocument
from routing.model.demand import Direction
from routing.model.places import Location
from routing.model.plan import Trip

PALETTE = ("#0b6e99", "#c2410c", "#15803d", "#a21caf", "#b45309", "#1d4ed8", "#be123c", "#0f766e")
"""Dark enough that white text on them is read with ease (contrast of at least 4.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """Lines from about the same direction.

    Attributes
    ----------
    name : str
        The stop of theirs that lies furthest from the worksites.
    """

    name: str
    colour: str
    line_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bearing:
    line_id: str
    degrees: float
    reach_m: float
    name: str


def corridors(document: PlanDocument) -> tuple[Corridor, ...]:
    """Group the lines by the bearing of their stops from the middle of the worksites, in groups of equal size."""
    bearings = sorted(_bearings(document), key=lambda b: (b.degrees, b.line_id))
    if not bearings:
        return ()
    # Begin after the widest empty sector, so that no group spans it.
    gaps = [(b.degrees - bearings[i - 1].degrees) % 360 for i, b in enumerate(bearings)]
    start = max(range(len(gaps)), key=lambda i: (gaps[i], -i))
    turned = bearings[start:] + bearings[:start]
    count = min(len(PALETTE), len(turned))
    bounds = [round(i * len(turned) / count) for i in range(count + 1)]
    groups = [turned[a:b] for a, b in itertools.pairwise(bounds)]
    return tuple(
        Corridor(
            name=max(group, key=lambda b: (b.reach_m, b.name)).name,
            colour=PALETTE[i],
            line_ids=tuple(b.line_id for b in group),
        )
        for i, group in enumerate(groups)
    )


def line_colours(document: PlanDocument) -> dict[str, str]:
    """Return the colour of every line as ``#rrggbb``."""
    found = {line_id: corridor.colour for corridor in corridors(document) for line_id in corridor.line_ids}
    return {line.line_id: found.get(line.line_id, PALETTE[0]) for line in document.plan.lines}


def _bearings(document: PlanDocument) -> list[_Bearing]:
    stops = {stop.stop_id: stop for stop in document.stops}
    sites = [stop.location for stop in document.stops if stop.worksite]
    if not sites:
        return []
    middle = Location(lon=sum(s.lon for s in sites) / len(sites), lat=sum(s.lat for s in sites) / len(sites))
    found: dict[str, _Bearing] = {}
    for line, trip, more in document.rows():
        stop = stops.get(_far_end(trip, more))
        if stop is not None and line.line_id not in found:
            east, north = _offset_m(middle, stop.location)
            found[line.line_id] = _Bearing(
                line_id=line.line_id,
                degrees=math.degrees(math.atan2(east, north)) % 360,
                reach_m=math.hypot(east, north),
                name=stop.name,
            )
    return list(found.values())


def _far_end(trip: Trip, more: DocumentTrip) -> str:
    return more.calls[0 if trip.direction is Direction.INBOUND else -1].stop_id


def _offset_m(origin: Location, at: Location) -> tuple[float, float]:
    north = (at.lat - origin.lat) * 111_320.0
    return (at.lon - origin.lon) * 111_320.0 * math.cos(math.radians(origin.lat)), north
