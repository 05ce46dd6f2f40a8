"""Where things are: locations, stops and the places they belong to, worksites, depots."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A point on the earth in WGS-84.

    Attributes
    ----------
    lon, lat : float
        [degrees], −180…180 and −90…90.
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (-180.0 <= self.lon <= 180.0 and -90.0 <= self.lat <= 90.0):
            raise ValueError(f"({self.lon}, {self.lat}) is no longitude and latitude in degrees")


class StopStatus(StrEnum):
    """What the planner allows at a stop."""

    ALLOWED = "allowed"
    PINNED = "pinned"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What riders know by name; has at most one stop per direction of travel along its street."""

    place_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One kerb of a place, where a bus halts (GTFS stop; the place is its parent station)."""

    stop_id: str
    place_id: str
    name: str
    location: Location
    status: StopStatus = StopStatus.ALLOWED


@dataclass(frozen=True, slots=True, kw_only=True)
class Worksite:
    """A work park (单位/园区); a stop and a place of its own, under its own id."""

    worksite_id: str
    name: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A yard where vehicles start and end their day."""

    depot_id: str
    name: str
    location: Location
