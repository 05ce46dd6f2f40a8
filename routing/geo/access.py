"""Which ways and nodes a bus may use, in which direction: OpenStreetMap's access tags, read for one vehicle."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from routing.geo.graph import (
    FLAG_BRIDGE,
    FLAG_FERRY,
    FLAG_LINK,
    FLAG_RESTRICTED,
    FLAG_ROUNDABOUT,
    FLAG_TUNNEL,
)
from routing.geo.profile import VehicleProfile, class_code, free_speed, parse_measure, parse_speed

Tags = dict[str, str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DENY = _words(
    "no private agricultural forestry agricultural;forestry delivery emergency military use_sidepath "
    "residents permit restricted"
)
_OPEN_CLASSES = _words(
    "motorway motorway_link trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link "
    "unclassified residential living_street service road busway"
)
_CLOSED_SERVICE = _words("driveway parking_aisle drive-through emergency_access alley parking private")
_NEVER = _words("construction proposed planned abandoned razed disused platform elevator bus_guideway")
_FORWARD_VALUES = frozenset({"yes", "true", "1"})
_BACKWARD_VALUES = frozenset({"-1", "reverse"})
_PASSABLE_BARRIERS = _words(
    "gate lift_gate swing_gate toll_booth border_control cattle_grid entrance sally_port kerb bus_trap "
    "height_restrictor no checkpoint spikes bump_gate arch speed_bump"
)
_CONTRAFLOW_LANES = frozenset({"opposite_lane", "opposite_track", "opposite"})
_TELLING_BASES = _words(
    "highway route area junction service oneway busway lanes layer bridge tunnel "
    "maxspeed maxlength maxwidth maxheight maxweight"
)
_CONDITIONAL_BASES = _words("access vehicle motor_vehicle psv bus oneway maxspeed maxweight maxheight")
_CONCERNS_BUS = _words("conditional forward backward bus psv")
_YES = frozenset({"yes", "true", "1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRule:
    """How one vehicle may use one way, along its node order and against it."""

    road_class: int
    forward: bool
    backward: bool
    forward_kmh: float
    backward_kmh: float
    forward_lanes: int
    backward_lanes: int
    layer: int
    flags: int


def way_rule(tags: Tags, vehicle: VehicleProfile) -> WayRule | None:
    """Return how the vehicle may use a way, None when it may not.

    Access is granted by the first of `vehicle.access_keys` that is tagged, a tag for one direction
    (`psv:backward`) before the tag for both; then by the road's class.
    """
    name = _class_name(tags)
    if name is None or _too_small(tags, vehicle):
        return None
    oneway = _oneway(tags, vehicle)
    forward = oneway >= 0 and _may_use(tags, name, vehicle, "forward")
    backward = oneway <= 0 and _may_use(tags, name, vehicle, "backward")
    if oneway and _contraflow(tags, vehicle):
        forward, backward = _may_use(tags, name, vehicle, "forward"), _may_use(tags, name, vehicle, "backward")
    if not (forward or backward):
        return None
    both = forward and backward
    return WayRule(
        road_class=class_code(name),
        forward=forward,
        backward=backward,
        forward_kmh=free_speed(name, _limit(tags, "forward")),
        backward_kmh=free_speed(name, _limit(tags, "backward")),
        forward_lanes=_lanes(tags, "forward", both=both),
        backward_lanes=_lanes(tags, "backward", both=both),
        layer=max(-9, min(9, _integer(tags.get("layer"), 0))),
        flags=_flags(tags, name, vehicle),
    )


def way_rules(ways: Iterable[Tags], vehicle: VehicleProfile) -> Iterator[WayRule | None]:
    """Yield `way_rule` of each way; ways that differ in names and the like only are judged once."""
    matters: dict[str, bool] = {}
    known: dict[tuple[tuple[str, str], ...], WayRule | None] = {}
    bases = _TELLING_BASES.union(vehicle.access_keys)
    for tags in ways:
        for key in tags.keys() - matters.keys():
            matters[key] = key.partition(":")[0] in bases
        telling = tuple(item for item in tags.items() if matters[item[0]])
        if telling not in known:
            known[telling] = way_rule(tags, vehicle)
        yield known[telling]


def blocks(tags: Tags, vehicle: VehicleProfile) -> bool:
    """Tell whether a node's barrier stops the vehicle; an access tag on the node outweighs the barrier's kind."""
    barrier = tags.get("barrier")
    if barrier is None:
        return False
    if _too_small(tags, vehicle):
        return True
    verdict = _verdict(tags, vehicle, "")
    return barrier not in _PASSABLE_BARRIERS if verdict is None else not verdict


def conditional_keys(tags: Tags) -> tuple[str, ...]:
    """Return the time-dependent tags that matter to a bus; they are reported, not applied."""
    found = []
    for key in tags:
        base, *rest = key.split(":")
        if rest[-1:] == ["conditional"] and base in _CONDITIONAL_BASES and _CONCERNS_BUS.issuperset(rest):
            found.append(key)
    return tuple(found)


def _class_name(tags: Tags) -> str | None:
    """Return the class whose speeds apply, None for what no vehicle drives on."""
    if tags.get("route") == "ferry":
        return "ferry"
    highway = tags.get("highway", "").split(";")[0].strip()
    if not highway or highway in _NEVER or tags.get("area") in _YES:
        return None
    return highway


def _oneway(tags: Tags, vehicle: VehicleProfile) -> int:
    """Return 1 along the node order, −1 against it, 0 both ways; the vehicle's own tag outweighs the general one."""
    values = [tags[f"oneway:{key}"] for key in vehicle.service_keys if f"oneway:{key}" in tags]
    values.append(tags.get("oneway", ""))
    value = values[0]
    if value in _FORWARD_VALUES or value == "reversible":
        return 1
    if value in _BACKWARD_VALUES:
        return -1
    implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") == "motorway"
    return int(implied and value != "no")


def _contraflow(tags: Tags, vehicle: VehicleProfile) -> bool:
    """Tell whether a bus lane runs against a one-way street."""
    if not {"bus", "psv"}.intersection(vehicle.access_keys):
        return False
    if any(tags.get(f"oneway:{key}") for key in vehicle.service_keys):
        return False
    if any(tags.get(key) in _CONTRAFLOW_LANES for key in ("busway", "busway:left", "busway:right", "busway:both")):
        return True
    against = "forward" if tags.get("oneway") in _BACKWARD_VALUES else "backward"
    lanes = [f"lanes:{key}:{against}" for key in vehicle.service_keys]
    return any(_integer(tags.get(key), 0) > 0 for key in lanes)


def _may_use(tags: Tags, name: str, vehicle: VehicleProfile, direction: str) -> bool:
    if name == "ferry" and not vehicle.ferries:
        return False
    if tags.get("oneway") == "reversible" and not _own_yes(tags, vehicle):
        return False
    verdict = _verdict(tags, vehicle, direction)
    if verdict is False:
        return False
    if name in _OPEN_CLASSES and not (name == "service" and tags.get("service") in _CLOSED_SERVICE):
        return True
    if name == "ferry":
        return bool(verdict)
    return _own_yes(tags, vehicle)


def _verdict(tags: Tags, vehicle: VehicleProfile, direction: str) -> bool | None:
    """Return whether the strongest access tag grants or denies, None when none is tagged."""
    for key in vehicle.access_keys:
        for variant in (f"{key}:{direction}", key):
            if variant in tags:
                return tags[variant].strip() not in _DENY
    return None


def _own_yes(tags: Tags, vehicle: VehicleProfile) -> bool:
    """Tell whether a tag names the vehicle's own class and grants access (a bus gate on a footway)."""
    own = next((tags[key] for key in vehicle.service_keys if key in tags), "no")
    return own in {"yes", "designated", "official", "permissive", "destination"}


def _too_small(tags: Tags, vehicle: VehicleProfile) -> bool:
    """Tell whether the vehicle exceeds a tagged limit; `maxweight:bus` outweighs `maxweight`."""
    for key, measure in vehicle.limits:
        variants = [f"{key}:{own}" for own in vehicle.service_keys] + [key]
        values = [tags[variant] for variant in variants if variant in tags][:1]
        values += [tags[f"{key}:physical"]] if f"{key}:physical" in tags else []
        limits = [parse_measure(value) for value in values]
        if any(limit is not None and limit < measure for limit in limits):
            return True
    return False


def _limit(tags: Tags, direction: str) -> float | None:
    """Return the speed limit of one direction [km/h], None where untagged."""
    keys = ("maxspeed:bus", "maxspeed:psv", f"maxspeed:{direction}", "maxspeed")
    limits = (parse_speed(tags[key]) for key in keys if key in tags)
    return next((limit for limit in limits if limit is not None), None)


def _lanes(tags: Tags, direction: str, *, both: bool) -> int:
    total = _integer(tags.get("lanes"), 2 if both else 1)
    share = max(1, total // 2) if both else total
    return max(1, min(9, _integer(tags.get(f"lanes:{direction}"), share)))


def _flags(tags: Tags, name: str, vehicle: VehicleProfile) -> int:
    restricted = next((tags[key] for key in vehicle.access_keys if key in tags), "")
    marks = (
        (FLAG_BRIDGE, tags.get("bridge", "no") != "no"),
        (FLAG_TUNNEL, tags.get("tunnel", "no") not in {"no", "building_passage"}),
        (FLAG_ROUNDABOUT, tags.get("junction") in {"roundabout", "circular"}),
        (FLAG_LINK, name.endswith("_link")),
        (FLAG_FERRY, name == "ferry"),
        (FLAG_RESTRICTED, restricted in {"destination", "customers"}),
    )
    return sum(flag for flag, holds in marks if holds)


def _integer(text: str | None, default: int) -> int:
    digits = (text or "").split(";")[0].split("|")[0].strip()
    return int(digits) if digits.lstrip("-").isdigit() and digits.isascii() else default
