"""Values that each make sense and cannot all hold: every fault names both parties, before any search begins."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

from routing.formats.codes import Code
from routing.formats.faults import FaultList
from routing.formats.scenario_toml import FILE, Head
from routing.formats.tables import Content
from routing.model.demand import Direction, Shift
from routing.model.fleet import VehicleType
from routing.model.places import Location
from routing.model.rules import RUN_TIME_MEMORY_S, ServiceRules
from routing.model.units import MINUTE_S, fen_to_yuan

_DEGREE_M = 111_000.0  # of latitude, at least
_FASTEST_M_PER_S = 33.0  # some 120 km/h: no bus is faster


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clash:
    """A contradiction, told at the key (section.key) that is the easier one to change."""

    key: str
    value: str
    cause: str
    action: str


def check_contradictions(content: Content, head: Head, faults: FaultList) -> None:
    """Note every pair of values that cannot both be kept by any plan that serves somebody.

    Only what is certain from the tables alone: nothing is noted that some road or rider could disprove.
    """
    if not content.riders:
        return
    fleet_file, _ = content.place_of("fleet", "")
    clashes = [*_vehicles(content, head), *_walks(head), *_trip_time(head.rules)]
    tables = {content.place_of(table, "")[0] for table in ("riders", "worksites", "shifts")}
    empty = any(fault.code == Code.EMPTY_WINDOW.value for fault in faults.found())
    if not empty and not any(faults.touch(file) for file in tables):  # a point with a fault could be the nearest home
        clashes += _windows(content, head.rules)
    if content.fleet and not faults.touch(fleet_file):  # the row with a fault could be the cheap vehicle
        clashes += _money(content, head, fleet_file)
    for clash in clashes:
        faults.add(
            Code.CONTRADICTION,
            clash.cause,
            clash.action,
            file=FILE,
            row=head.lines.get(clash.key),
            column=clash.key,
            value=clash.value,
        )


def _vehicles(content: Content, head: Head) -> Iterator[_Clash]:
    if head.budget.max_vehicles == 0:
        people = sum(rider.count for rider in content.riders)
        riders_file, _ = content.place_of("riders", "")
        yield _Clash(
            key="budget.max_vehicles",
            value="0",
            cause=f"no vehicle may run, while {people} people of {riders_file} ask for trips",
            action="Raise max_vehicles to 1 or more, or leave the key out for no limit.",
        )


def _money(content: Content, head: Head, fleet_file: str) -> Iterator[_Clash]:
    """Compare the money with the cheapest vehicle that could carry the least load, before it moves."""
    limit, rules = head.budget.max_cost_fen, head.rules
    present = {item.vehicle_type_id for item in content.fleet if item.available}
    usable = [v for v in content.vehicle_types if v.vehicle_type_id in present and v.seats >= rules.min_load]
    if limit is None or not usable:
        return
    cheapest = min(usable, key=lambda v: (v.fixed_cost, v.vehicle_type_id))
    if limit < cheapest.fixed_cost:
        yield _Clash(
            key="budget.max_cost_yuan_per_day",
            value=_yuan(limit),
            cause=f"the money does not pay for one vehicle: {_price(cheapest, rules, fleet_file)}",
            action=f"Raise max_cost_yuan_per_day above {_yuan(cheapest.fixed_cost)}, or enter a cheaper vehicle"
            + (f" or lower min_load = {rules.min_load}." if rules.min_load else "."),
        )


def _price(kind: VehicleType, rules: ServiceRules, fleet_file: str) -> str:
    seats = f" with the {rules.min_load} seats that min_load asks for" if rules.min_load else ""
    return (
        f"the cheapest{seats}, {kind.vehicle_type_id} of {fleet_file}, has "
        f"fixed_cost_yuan_per_day = {_yuan(kind.fixed_cost)}, before it moves"
    )


def _walks(head: Head) -> Iterator[_Clash]:
    rules, key = head.rules, "rules.max_walk_short_m"
    if key in head.lines and rules.max_walk_short_m > rules.max_walk_m:
        yield _Clash(
            key=key,
            value=str(rules.max_walk_short_m),
            cause=f"those who need a short walk are promised a longer one than max_walk_m = {rules.max_walk_m}",
            action=f"Lower max_walk_short_m to {rules.max_walk_m} or less, or raise max_walk_m.",
        )


def _trip_time(rules: ServiceRules) -> Iterator[_Clash]:
    """Compare the longest trip with the standing time that its least load takes to board."""
    if rules.max_trip_s is None:
        return
    people = max(1, rules.min_load)
    standing = rules.dwell_s(people, at_worksite=False)
    if rules.max_trip_s < standing:
        yield _Clash(
            key="rules.max_trip_min",
            value=f"{rules.max_trip_s / MINUTE_S:g}",
            cause=(
                f"a trip is over before its riders are aboard: the {people} that min_load asks for take {standing} s "
                f"by dwell_s_per_stop = {rules.dwell_s_per_stop} and dwell_s_per_rider = {rules.dwell_s_per_rider}"
            ),
            action="Raise max_trip_min, or lower min_load or the standing times.",
        )


def _windows(content: Content, rules: ServiceRules) -> Iterator[_Clash]:
    """Compare each arrival window with the margin that the promise to be on time needs on the shortest way of all."""
    quantile = NormalDist().inv_cdf(rules.on_time) if rules.on_time > 0 else 0.0
    if quantile <= 0 or rules.run_time_cv <= 0:
        return
    for shift in content.shifts:
        window, nearest = rules.window(shift, Direction.INBOUND), _nearest_m(content, shift, rules)
        if window is None or nearest is None:
            continue
        width = window[1] - window[0]
        longest = (width / (quantile * rules.run_time_cv)) ** 2 / RUN_TIME_MEMORY_S
        shortest = max(1.0, nearest / _FASTEST_M_PER_S)
        if longest < shortest:
            needed = math.ceil(quantile * rules.run_time_sd_s(shortest))
            yield _Clash(
                key="rules.on_time",
                value=f"{rules.on_time:g}",
                cause=(
                    f"the arrival window of shift {shift.shift_id} is {width} s wide (arrive_early_min less "
                    f"arrive_buffer_min); being on time on {rules.on_time:.1%} of days takes at least {needed} s, even "
                    f"from the nearest home, {nearest:.0f} m on board as the crow flies"
                ),
                action="Widen the window, lower on_time, or lower run_time_cv where observed runs are steadier.",
            )


def _nearest_m(content: Content, shift: Shift, rules: ServiceRules) -> float | None:
    """Return the shortest straight way [m] that any rider of a shift rides at least; None where nobody works it."""
    sites = {site.worksite_id: site.location for site in content.worksites}
    ways = [
        _apart_m(rider.home, sites[rider.worksite_id]) - rules.walk_limit_m(rider.need)
        for rider in content.riders
        if rider.shift_id == shift.shift_id and rider.worksite_id in sites
    ]
    return max(0.0, min(ways)) if ways else None


def _apart_m(a: Location, b: Location) -> float:
    # Degrees of a parallel shrink fastest at its poleward end: the shorter of both keeps this below the truth.
    shrink = math.cos(math.radians(max(abs(a.lat), abs(b.lat))))
    return _DEGREE_M * math.hypot((a.lon - b.lon) * shrink, a.lat - b.lat) * 0.99


def _yuan(fen: float) -> str:
    return f"{fen_to_yuan(fen):g}"
