"""Decide at which junctions the median opens, where signals stand, and which streets are one-way."""

from dataclasses import dataclass

import numpy as np

from data.dalian.make.carriage import Arm, Arms
from data.dalian.make.facts import Locality
from data.dalian.make.planar import StreetGraph
from data.dalian.make.plane import lengths_along

ROUNDABOUTS = {"中山广场": 92.0, "马栏广场": 58.0, "金州": 52.0}  # radius [m]
ONE_WAY_SHARE = {"dense": 0.34, "mixed": 0.12, "superblock": 0.04}
OPEN_SHARE = 0.25  # of the small side streets of a dual road


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Junctions with a gap in the median, junctions with signals, one-way streets (by index)."""

    opens: frozenset[int]
    signals: frozenset[int]
    oneway: frozenset[int]


def find_roundabouts(graph: StreetGraph, places: tuple[Locality, ...]) -> dict[int, float]:
    """Return the junctions that are roundabouts, with their radius [m]."""
    found = {}
    for place in places:
        if place.name in ROUNDABOUTS:
            nearest = int(np.argmin(np.hypot(*(graph.nodes - place.at).T)))
            found[nearest] = ROUNDABOUTS[place.name]
    return found


def control(graph: StreetGraph, arms_of: Arms, rounds: dict[int, float], seed: int) -> Control:
    """Return how the junctions of the graph are controlled; roundabouts need no signals."""
    rng = np.random.default_rng([seed, 41])
    opens, signals = set(), set()
    for node, arms in sorted(arms_of.items()):
        forms = {graph.streets[graph.pieces[arm.piece].street].form for arm in arms}
        if node in rounds or forms & {"grade", "bridge"}:
            continue
        luck = float(rng.uniform())
        if _is_open(arms, luck):
            opens.add(node)
        if _has_signals(arms, luck, opened=node in opens, ramps=_ramps(graph, arms)):
            signals.add(node)
    return Control(opens=frozenset(opens), signals=frozenset(signals), oneway=frozenset(_one_way(graph, rng)))


def _ramps(graph: StreetGraph, arms: list[Arm]) -> bool:
    return any(graph.streets[graph.pieces[arm.piece].street].form == "ramp" for arm in arms)


def _is_open(arms: list[Arm], luck: float) -> bool:
    dual = sum(arm.dual for arm in arms)
    side = [arm.rank for arm in arms if not arm.dual]
    if dual != 2 or not side:
        return False
    return min(side) <= 4 or luck < OPEN_SHARE


def _has_signals(arms: list[Arm], luck: float, *, opened: bool, ramps: bool) -> bool:
    dual = sum(arm.dual for arm in arms)
    if dual >= 3 or ramps:
        return True
    if opened:
        return min(arm.rank for arm in arms if not arm.dual) <= 4
    main = sum(arm.rank <= 4 for arm in arms)
    return dual == 0 and main >= 3 and luck < 0.7


def _one_way(graph: StreetGraph, rng: np.random.Generator) -> set[int]:
    chosen = set()
    for index, street in enumerate(graph.streets):
        if street.level != 2 or len(street.points) < 2:
            continue
        length = float(lengths_along(street.points)[-1])
        if length > 250.0 and rng.uniform() < ONE_WAY_SHARE.get(street.texture, 0.0):
            chosen.add(index)
    return chosen
