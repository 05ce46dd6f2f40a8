"""Reads scenario.toml: names, datum, extract, promises to riders and prices."""

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from routing.formats.cells import MOST_MINUTES
from routing.formats.codes import Code
from routing.formats.faults import FaultList, nearest
from routing.formats.text import parse_toml, read_text
from routing.model.budget import Budget
from routing.model.rules import CostRates, ServiceRules
from routing.model.units import METRES_PER_KM, minutes_to_s, yuan_to_fen

FILE = "scenario.toml"
CRS = ("wgs84", "gcj02", "bd09")
SIDES = ("right", "left")
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What scenario.toml says.

    Attributes
    ----------
    crs : str
        Datum of every coordinate in the folder's tables: ``wgs84``, ``gcj02`` or ``bd09``.
    synthetic : bool
        Whether the riders or the roads are made up; shown wherever the plan is.
    osm : str
        File name of the road extract, relative to the folder.
    speed_factor : float
        Multiplies every guessed driving speed.
    allow_ferries : bool
        Whether buses may take ferries.
    lines : mapping
        Line of every section and key that is written, by dotted name.
    """

    name: str
    timezone: str
    crs: str
    synthetic: bool
    osm: str
    drive_on: str
    speed_factor: float
    allow_ferries: bool
    rules: ServiceRules
    costs: CostRates
    budget: Budget
    lines: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """How a TOML key becomes a value: its kind, its least value, and the conversion to internal units."""

    field: str
    kind: type
    least: float = 0
    most: float = _LARGEST
    convert: Callable[[Any], Any] = lambda value: value


def _m_per_h(km_per_h: float) -> int:
    return round(km_per_h * METRES_PER_KM)


def _minutes(field: str) -> _Key:
    return _Key(field=field, kind=float, most=MOST_MINUTES, convert=minutes_to_s)


def _whole(field: str, least: int = 0) -> _Key:
    return _Key(field=field, kind=int, least=least)


def _yuan(field: str) -> _Key:
    return _Key(field=field, kind=float, convert=yuan_to_fen)


_SCENARIO = {
    "name": _Key(field="name", kind=str),
    "timezone": _Key(field="timezone", kind=str),
    "crs": _Key(field="crs", kind=str),
    "synthetic": _Key(field="synthetic", kind=bool),
}
_NETWORK = {
    "osm": _Key(field="osm", kind=str),
    "drive_on": _Key(field="drive_on", kind=str),
    "speed_factor": _Key(field="speed_factor", kind=float, least=0.1, most=10, convert=float),
    "allow_ferries": _Key(field="allow_ferries", kind=bool),
}
_RULES = {
    "max_walk_m": _whole("max_walk_m"),
    "max_walk_short_m": _whole("max_walk_short_m"),
    "max_ride_min": _minutes("max_ride_s"),
    "max_detour": _Key(field="max_detour", kind=float, least=1, convert=float),
    "max_detour_free_min": _minutes("max_detour_free_s"),
    "short_ride_min": _minutes("short_ride_s"),
    "max_trip_min": _minutes("max_trip_s"),
    "max_stops": _whole("max_stops", least=2),
    "min_load": _whole("min_load"),
    "arrive_early_min": _minutes("arrive_early_s"),
    "arrive_buffer_min": _minutes("arrive_buffer_s"),
    "leave_buffer_min": _minutes("leave_buffer_s"),
    "leave_late_min": _minutes("leave_late_s"),
    "dwell_s_per_stop": _whole("dwell_s_per_stop"),
    "dwell_s_per_rider": _whole("dwell_s_per_rider"),
    "site_dwell_s_per_stop": _whole("site_dwell_s_per_stop"),
    "site_dwell_s_per_rider": _whole("site_dwell_s_per_rider"),
    "turnaround_min": _minutes("turnaround_s"),
    "on_time": _Key(field="on_time", kind=float, most=0.999_999, convert=float),
    "run_time_cv": _Key(field="run_time_cv", kind=float, most=2, convert=float),
    "same_line_both_ways": _Key(field="same_line_both_ways", kind=bool),
    "one_worksite_per_trip": _Key(field="one_worksite_per_trip", kind=bool),
    "walk_speed_km_per_h": _Key(field="walk_speed_m_per_h", kind=float, least=0.1, most=20, convert=_m_per_h),
}
_COSTS = {
    "ride_yuan_per_rider_hour": _yuan("ride"),
    "walk_yuan_per_rider_hour": _yuan("walk"),
    "unserved_yuan_per_rider": _yuan("unserved"),
    "fewest_vehicles_first": _Key(field="fewest_vehicles_first", kind=bool),
}
_BUDGET = {
    "max_vehicles": _whole("max_vehicles"),
    "max_cost_yuan_per_day": _Key(field="max_cost_fen", kind=float, most=10**9, convert=yuan_to_fen),
}
SECTIONS: Mapping[str, Mapping[str, _Key]] = {
    "scenario": _SCENARIO,
    "network": _NETWORK,
    "rules": _RULES,
    "costs": _COSTS,
    "budget": _BUDGET,
}


def read_head(folder: Path, faults: FaultList) -> Head | None:
    """Return what scenario.toml of a folder says; None, with a fault, where it cannot be parsed.

    A key with a fault is given its default, so that later checks have something to work with.
    """
    path = folder / FILE
    if not path.is_file():
        cause = "the scenario folder has no scenario.toml"
        faults.add(Code.MISSING_FILE, cause, "Add it; docs/reference/files.md lists its keys.", file=FILE)
        return None
    text = read_text(path, faults)
    document = None if text is None else _parse(text, faults)
    if text is None or document is None:
        return None
    reader = _SectionReader(text, faults)
    values = {name: reader.read(name, document.get(name, {})) for name in SECTIONS}
    for name in document:
        if name not in SECTIONS:
            reader.unknown(name, name, tuple(SECTIONS))
    return _head(folder, values, reader)


def _parse(text: str, faults: FaultList) -> dict[str, Any] | None:
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        faults.add(
            Code.UNREADABLE_TOML,
            f"this is not valid TOML: {error}",
            "Correct the line; texts stand in quotation marks.",
            file=FILE,
            row=int(place.group(1)) if place else None,
        )
        return None


def _head(folder: Path, values: Mapping[str, Mapping[str, Any]], reader: "_SectionReader") -> Head:
    scenario, network = values["scenario"], values["network"]
    drive_on = network.get("drive_on", "right")
    if drive_on not in SIDES:
        cause = f"drive_on is unknown.{nearest(drive_on, SIDES)}"
        reader.fault(Code.BAD_CHOICE, cause, "Use right or left.", "network.drive_on", drive_on)
    timezone = scenario.get("timezone", "Asia/Shanghai")
    if not _zone_exists(timezone):
        cause, action = "there is no such time zone", "Use a name of the IANA database, such as Asia/Shanghai."
        reader.fault(Code.UNKNOWN_TIMEZONE, cause, action, "scenario.timezone", timezone)
    return Head(
        name=scenario.get("name", "").strip() or folder.resolve().name,
        timezone=timezone,
        crs=_crs(scenario, reader),
        synthetic=scenario.get("synthetic", False),
        osm=network.get("osm", "roads.osm.pbf"),
        drive_on=drive_on,
        speed_factor=network.get("speed_factor", 1.0),
        allow_ferries=network.get("allow_ferries", False),
        rules=_rules(values["rules"], reader),
        costs=CostRates(**values["costs"]),
        budget=Budget(**values["budget"]),
        lines=reader.lines,
    )


def _crs(scenario: Mapping[str, Any], reader: "_SectionReader") -> str:
    written = scenario.get("crs")
    action = 'Write crs = "wgs84" (GPS, OpenStreetMap), "gcj02" (Amap, Tencent) or "bd09" (Baidu).'
    if written is None:
        if "scenario.crs" not in reader.faulty:
            cause = "the datum of the coordinates is not declared, and there is no default"
            reader.fault(Code.MISSING_CRS, cause, action, "scenario.crs", None)
        return ""
    if written not in CRS:
        reader.fault(Code.UNKNOWN_CRS, f"crs is unknown.{nearest(written, CRS)}", action, "scenario.crs", written)
        return ""
    return str(written)


def _rules(values: Mapping[str, Any], reader: "_SectionReader") -> ServiceRules:
    default = ServiceRules()
    values = dict(values)
    for buffer, bound in (("arrive_buffer", "arrive_early"), ("leave_buffer", "leave_late")):
        least = values.get(f"{buffer}_s", getattr(default, f"{buffer}_s"))
        most = values.get(f"{bound}_s", getattr(default, f"{bound}_s"))
        if least > most:
            cause = f"the window is empty: {buffer}_min is larger than {bound}_min"
            action = f"Make {bound}_min at least {buffer}_min."
            reader.fault(Code.EMPTY_WINDOW, cause, action, f"rules.{bound}_min", None)
            values[f"{buffer}_s"], values[f"{bound}_s"] = most, least
    return ServiceRules(**values)


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return not _zones_installed()
    return True


def _zones_installed() -> bool:
    # A machine without a time zone database cannot tell; then every name is believed.
    try:
        ZoneInfo("Asia/Shanghai")
    except (ZoneInfoNotFoundError, OSError):
        return False
    return True


class _SectionReader:
    """Checks the keys of one section after another, and notes faults with their lines."""

    def __init__(self, text: str, faults: FaultList) -> None:
        self.lines = _key_lines(text)
        self._faults = faults
        self.faulty: set[str] = set()

    def fault(self, code: Code, cause: str, action: str, key: str, value: object) -> None:
        self.faulty.add(key)
        self._faults.add(code, cause, action, file=FILE, row=self.lines.get(key), column=key, value=value)

    def unknown(self, key: str, name: str, known: tuple[str, ...]) -> None:
        self.fault(
            Code.UNKNOWN_KEY, f"the key is unknown.{nearest(name, known)}", f"Use one of {', '.join(known)}.", key, None
        )

    def read(self, section: str, content: object) -> dict[str, Any]:
        """Return the converted values of a section by field name; keys with faults are left out."""
        if not isinstance(content, dict):
            cause, action = f"{section} must be a section", f"Write [{section}] on a line of its own, keys below it."
            self.fault(Code.WRONG_TYPE, cause, action, section, content)
            return {}
        keys = SECTIONS[section]
        values = {}
        for name, written in content.items():
            if name not in keys:
                self.unknown(f"{section}.{name}", name, tuple(keys))
                continue
            value = self._value(f"{section}.{name}", keys[name], written)
            if value is not None:
                values[keys[name].field] = keys[name].convert(value)
        return values

    def _value(self, name: str, key: _Key, written: object) -> object:
        kinds = {
            str: "a text in quotation marks",
            bool: "true or false",
            int: "a whole number",
            float: "a number",
        }
        if not _is_a(written, key.kind):
            cause = f"the value must be {kinds[key.kind]}"
            self.fault(Code.WRONG_TYPE, cause, "Correct the value.", name, written)
            return None
        if isinstance(written, int | float) and not isinstance(written, bool):
            if not (math.isfinite(written) and key.least <= written <= key.most):
                cause = f"the value is not between {key.least:g} and {key.most:g}"
                self.fault(Code.OUT_OF_RANGE, cause, "Correct the value.", name, written)
                return None
            return int(written) if key.kind is int else written
        return written


def _is_a(value: object, kind: type) -> bool:
    if kind in {int, float}:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole or (isinstance(value, float) and (kind is float or value.is_integer()))
    return isinstance(value, kind)


def _key_lines(text: str) -> dict[str, int]:
    """Return the line of every section and key, by dotted name."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if head := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            section = head.group(1)
            lines.setdefault(section, number)
        elif key := re.match(r"""\s*["']?([\w.-]+)["']?\s*=""", line):
            name = f"{section}.{key.group(1)}" if section else key.group(1)
            lines.setdefault(name, number)
    return lines
