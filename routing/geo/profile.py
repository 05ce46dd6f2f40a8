"""The vehicle and its speeds: what a bus measures, where it may drive, how fast it is at which hour."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PERIODS = ("early", "am_peak", "off_peak", "pm_peak")
"""Speed buckets of the day; see `period_of` for their hours."""

_PERIOD_STARTS = (
    (0, 0),
    (6 * 3600 + 1800, 1),
    (9 * 3600 + 1800, 2),
    (16 * 3600 + 1800, 3),
    (19 * 3600 + 1800, 2),
    (20 * 3600 + 1800, 0),
)

_CLASS_TABLE: dict[str, tuple[float, tuple[float, float, float, float]]] = {
    # km/h of a bus on an empty road, signals apart; factors for early, am_peak, off_peak, pm_peak.
    # Educated guesses: calibrate with `speed_factor`, or learn them from observed runs.
    "motorway": (85.0, (1.0, 0.80, 0.95, 0.78)),
    "motorway_link": (50.0, (1.0, 0.75, 0.92, 0.72)),
    "trunk": (70.0, (1.0, 0.72, 0.90, 0.70)),
    "trunk_link": (42.0, (1.0, 0.70, 0.90, 0.68)),
    "primary": (48.0, (1.0, 0.66, 0.85, 0.64)),
    "primary_link": (36.0, (1.0, 0.66, 0.85, 0.64)),
    "secondary": (42.0, (1.0, 0.68, 0.86, 0.66)),
    "secondary_link": (32.0, (1.0, 0.68, 0.86, 0.66)),
    "tertiary": (35.0, (1.0, 0.74, 0.88, 0.72)),
    "tertiary_link": (28.0, (1.0, 0.74, 0.88, 0.72)),
    "unclassified": (30.0, (1.0, 0.80, 0.90, 0.78)),
    "residential": (24.0, (1.0, 0.85, 0.92, 0.84)),
    "living_street": (12.0, (1.0, 0.95, 0.97, 0.95)),
    "service": (14.0, (1.0, 0.92, 0.96, 0.92)),
    "road": (24.0, (1.0, 0.80, 0.90, 0.78)),
    "busway": (40.0, (1.0, 0.95, 1.0, 0.95)),
    "pedestrian": (8.0, (1.0, 0.95, 0.95, 0.95)),
    "other": (10.0, (1.0, 1.0, 1.0, 1.0)),
    "ferry": (12.0, (1.0, 1.0, 1.0, 1.0)),
}

ROAD_CLASSES = tuple(_CLASS_TABLE)
"""Names of the values of `DriveGraph.road_class`."""

_CLASS_CODE = {name: code for code, name in enumerate(ROAD_CLASSES)}
_FREE_KMH = np.array([kmh for kmh, _ in _CLASS_TABLE.values()])
_PERIOD_FACTOR = np.array([factors for _, factors in _CLASS_TABLE.values()])
_MIN_KMH = 3.0
_KMH_PER_MPH = 1.609344
_IMPLICIT_KMH = {
    "urban": 50.0,
    "rural": 80.0,
    "trunk": 90.0,
    "motorway": 100.0,
    "living_street": 10.0,
    "walk": 7.0,
    "bicycle_road": 30.0,
    "zone30": 30.0,
    "zone:30": 30.0,
    "zone20": 20.0,
    "zone:20": 20.0,
}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCosts:
    """Seconds that a junction costs a bus, by what it does there.

    Attributes
    ----------
    near_s : float
        Turning towards the kerb (right, where one drives on the right).
    far_s : float
        Turning across oncoming traffic.
    sharp_s : float
        Added to a turn of more than 120 degrees.
    u_turn_s : float
        Turning round in the street: a 12 m bus needs a wide junction and patience.
    dead_end_s : float
        Turning round where there is no other way on.
    signal_s : float
        Mean wait at traffic lights.
    give_way_s : float
        Entering a larger road from a smaller one without lights.
    """

    near_s: float = 3.0
    far_s: float = 7.0
    sharp_s: float = 4.0
    u_turn_s: float = 240.0
    dead_end_s: float = 0.0
    signal_s: float = 12.0
    give_way_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleProfile:
    """A class of vehicles that may use the same roads; the default is a 12 m bus in public service.

    Attributes
    ----------
    name : str
    length_m, width_m, height_m : float [metres]
    weight_t : float [tonnes]
        Laden. Roads with a lower limit are closed to it.
    access_keys : tuple of str
        Tags that grant or deny access, the strongest first.
    ferries : bool
        Whether it may board ferries; off unless asked for.
    turns : TurnCosts
    """

    name: str = "bus_12m"
    length_m: float = 12.0
    width_m: float = 2.55
    height_m: float = 3.4
    weight_t: float = 18.0
    access_keys: tuple[str, ...] = ("bus", "psv", "motor_vehicle", "vehicle", "access")
    ferries: bool = False
    turns: TurnCosts = TurnCosts()

    @property
    def limits(self) -> tuple[tuple[str, float], ...]:
        """Limit tags and what this vehicle measures against them."""
        return (
            ("maxlength", self.length_m),
            ("maxwidth", self.width_m),
            ("maxheight", self.height_m),
            ("maxweight", self.weight_t),
        )

    @property
    def service_keys(self) -> tuple[str, ...]:
        """The access keys that name this vehicle's own class, such as `bus` and `psv`."""
        return tuple(key for key in self.access_keys if key not in {"motor_vehicle", "vehicle", "access"})


def period_of(clock_s: int) -> int:
    """Return the index into `PERIODS` for seconds since midnight, which may pass 86 400.

    early 20:30-06:30, am_peak 06:30-09:30, off_peak 09:30-16:30 and 19:30-20:30, pm_peak 16:30-19:30.
    """
    clock = clock_s % 86_400
    return next(period for start, period in reversed(_PERIOD_STARTS) if clock >= start)


def class_code(name: str) -> int:
    """Return the code of a road class, that of `other` for a name that has none."""
    return _CLASS_CODE.get(name, _CLASS_CODE["other"])


def free_speed(name: str, limit_kmh: float | None) -> float:
    """Return a bus's speed on an empty road of a class [km/h]; a limit caps it."""
    kmh = float(_FREE_KMH[class_code(name)])
    return kmh if limit_kmh is None else max(_MIN_KMH, min(kmh, limit_kmh))


def period_speeds(
    road_class: npt.NDArray[np.int8], free_kmh: npt.NDArray[np.float64], period: int, speed_factor: float
) -> npt.NDArray[np.float64]:
    """Return each edge's speed in a period [km/h]: free speed × the class's factor × the calibration factor."""
    speeds = free_kmh * _PERIOD_FACTOR[road_class, period] * speed_factor
    return np.asarray(np.maximum(speeds, _MIN_KMH), np.float64)


def parse_speed(text: str) -> float | None:
    """Return a `maxspeed` value in km/h; None for `none`, `signals` and what cannot be read."""
    value = text.partition(";")[0].strip().lower()
    match = _NUMBER.fullmatch(value)
    if match:
        factor = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": _KMH_PER_MPH}.get(match[2].strip())
        return None if factor is None or float(match[1]) <= 0 else float(match[1]) * factor
    return _IMPLICIT_KMH.get(value.partition(":")[2] or value)


def parse_measure(text: str) -> float | None:
    """Return a length in metres or a weight in tonnes; None for `none`, `default` and what cannot be read."""
    value = text.partition(";")[0].strip().lower().replace(",", ".")
    feet = re.fullmatch(r"(\d+)\s*(?:'|ft)\s*(?:(\d+)\s*(?:\"|in)?)?", value)
    if feet:
        return int(feet[1]) * 0.3048 + int(feet[2] or 0) * 0.0254
    match = _NUMBER.fullmatch(value)
    if not match:
        return None
    factor = {"": 1.0, "m": 1.0, "t": 1.0, "cm": 0.01, "kg": 0.001, "lbs": 0.000453592, "st": 0.907185}.get(
        match[2].strip()
    )
    return None if factor is None else float(match[1]) * factor
