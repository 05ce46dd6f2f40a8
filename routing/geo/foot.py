"""Which ways people may walk, and which roads are so large that crossing them costs."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

WALKABLE = frozenset(
    [
        "primary",
        "primary_link",
        "secondary",
        "secondary_link",
        "tertiary",
        "tertiary_link",
        "unclassified",
        "residential",
        "living_street",
        "service",
        "pedestrian",
        "road",
        "track",
        "footway",
        "path",
        "steps",
        "corridor",
        "platform",
    ]
)
"""`highway` values that people may walk unless a tag forbids it."""

ONLY_WITH_FOOTWAY = frozenset({"trunk", "trunk_link", "cycleway", "bridleway", "busway"})
"""`highway` values that people may walk only where `foot` or `sidewalk` says so. Motorways never."""

CROSSING_M = 40
"""What crossing a large two-way road costs [m walked]: half a minute at the kerb or at a red light."""

CARRIAGEWAY_M = 25
"""What crossing one carriageway of a divided or one-way large road costs [m walked]."""

_ALLOWED = frozenset({"yes", "designated", "permissive", "official"})
_FORBIDDEN = frozenset({"no", "private", "delivery", "agricultural", "forestry", "military"})
_SIDEWALK = frozenset({"yes", "both", "left", "right", "separate"})
_ALWAYS_LARGE = frozenset({"trunk", "primary"})
_MAYBE_LARGE = _ALWAYS_LARGE | {"secondary", "tertiary"}
_ONEWAY = frozenset({"yes", "1", "true", "-1", "reverse"})


def may_walk(tags: Mapping[str, str]) -> bool:
    """Tell whether people may walk along a way, in either direction.

    `foot` outranks `access`; a private way of an estate is closed, as passers-by find it. A way whose walkers are
    sent to a parallel footway (`foot=use_sidepath`) counts as walkable where it is a road, since extracts often
    lack the parallel one.
    """
    highway = tags.get("highway", "")
    if tags.get("public_transport") == "platform" and not highway:
        highway = "platform"
    foot = tags.get("foot")
    if foot == "use_sidepath":
        return highway in WALKABLE
    if foot in _FORBIDDEN:
        return False
    allowed = foot in _ALLOWED
    if not allowed and tags.get("access") in _FORBIDDEN:
        return False
    if highway in ONLY_WITH_FOOTWAY:
        sides = {tags.get(f"sidewalk{suffix}") for suffix in ("", ":both", ":left", ":right")}
        return allowed or not sides.isdisjoint(_SIDEWALK)
    return highway in WALKABLE


def crossing_cost_m(tags: Mapping[str, str]) -> int:
    """Return what it costs to cross a road [m walked]; zero for one that people cross without a thought.

    Large are trunk and primary roads, unless tagged with a single lane per direction, and any secondary or tertiary
    road with four lanes, or with three on one carriageway. Bridges and tunnels are not crossed on their own level.
    """
    highway = tags.get("highway", "")
    if highway not in _MAYBE_LARGE or tags.get("tunnel", "no") != "no" or tags.get("bridge", "no") != "no":
        return 0
    oneway = tags.get("oneway") in _ONEWAY or tags.get("junction") == "roundabout"
    lanes = _lanes(tags.get("lanes"))
    if lanes is None:
        large = highway in _ALWAYS_LARGE
    elif highway in _ALWAYS_LARGE:
        large = lanes >= (2 if oneway else 3)
    else:
        large = lanes >= (3 if oneway else 4)
    if not large:
        return 0
    return CARRIAGEWAY_M if oneway else CROSSING_M


def foot_rules(way_tags: Sequence[Mapping[str, str]]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int32]]:
    """Return, for every way, whether people may walk it, and what crossing it costs [m]; shapes (w,) and (w,)."""
    walk = np.fromiter((may_walk(tags) for tags in way_tags), dtype=np.bool_, count=len(way_tags))
    cost = np.fromiter((crossing_cost_m(tags) for tags in way_tags), dtype=np.int32, count=len(way_tags))
    return walk, cost


def is_crossing(tags: Mapping[str, str]) -> bool:
    """Tell whether a node is a place to cross, though no other way meets there."""
    return tags.get("highway") in {"crossing", "traffic_signals"} or tags.get("crossing", "no") not in {"no", ""}


def _lanes(text: str | None) -> int | None:
    """Read `lanes`, which mappers also write as `2;3` or `3 lanes`."""
    found = re.match(r"\s*(\d+)", text or "")
    return int(found[1]) if found else None
