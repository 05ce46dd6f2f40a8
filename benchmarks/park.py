"""Multi-school bus services with blocks (Park, Tae, Kim): build a `Problem`, solve it, write what the judge reads.

A vehicle is a chain of trips; every stop is one group for one school. Two published readings: ``mixed``, where
schools share trips and open a window (J. Park, H. Tae and B.-I. Kim, A post-improvement procedure for the mixed load
school bus routing problem, European Journal of Operational Research 217(1), 2012),
and ``single``, one school a trip and a fixed bell (D. Bertsimas, A. Delarue and S. Martin, Optimizing schools' start
time and bus routes, PNAS 116(13), 2019). Fewest buses first, then seconds of driving.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._running import MONDAY, options, search, tell
from routing.model.demand import Rider, Shift
from routing.model.fleet import FleetItem, VehicleType
from routing.model.places import Depot, Location, Stop, Worksite
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.rules import CostRates, ServiceRules
from routing.model.travel import TravelMatrix, TravelPeriod, WalkTable
from routing.model.units import FEN_PER_YUAN, HOUR_S, METRES_PER_KM, MINUTE_S

SEATS = 66
FEET_PER_S = 20 * 5_280 / HOUR_S
FEET_PER_DEGREE = 364_000
DEPOT_AT = (105_600.0, 105_600.0)
UNITS_PER_S = 10
"""All times of the problem are tenths of a second: standing times have one decimal."""
UNSERVED = 10_000 * FEN_PER_YUAN
DEPOT, BUS = "depot", "bus"


class Reading(StrEnum):
    """How the instances are read."""

    MIXED = "mixed"
    SINGLE = "single"


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school and the clock times [s] between which it opens for riders."""

    school_id: int
    at: tuple[float, float]
    early: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """A stop, whose riders go to one school; coordinates in feet."""

    stop_id: int
    at: tuple[float, float]
    school_id: int
    riders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """An instance as its two files tell it."""

    name: str
    schools: tuple[School, ...]
    pickups: tuple[Pickup, ...]


def read_instance(folder: Path) -> Instance:
    """Read ``Schools.txt`` and ``Stops.txt`` of a folder."""
    schools = (
        School(school_id=int(i), at=(float(x), float(y)), early=_clock(early), late=_clock(late))
        for i, x, y, early, late in _rows(folder / "Schools.txt")
    )
    pickups = (
        Pickup(stop_id=int(i), at=(float(x), float(y)), school_id=int(school), riders=int(riders))
        for i, x, y, school, riders in _rows(folder / "Stops.txt")
    )
    return Instance(name=folder.name, schools=tuple(schools), pickups=tuple(pickups))


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text("utf-8-sig").split("\n")[1:]
    return [line.split("\t")[:5] for line in lines if line.strip()]


def _clock(hhmm: str) -> int:
    hour, minute = divmod(int(hhmm), 100)
    return hour * HOUR_S + minute * MINUTE_S


def as_problem(instance: Instance, *, ride_limit_s: float, reading: Reading) -> Problem:
    """Return an instance as a problem, all of whose times are tenths of a second.

    Distances are seconds of driving, in tenths too, so that the price of distance, one fen per unit, counts the
    depot's legs, which take no time that matters.
    """
    travel = _travel(instance)
    bus = VehicleType(vehicle_type_id=BUS, seats=SEATS, fixed_cost=0, distance_cost=METRES_PER_KM, time_cost=0)
    return Problem(
        name=instance.name,
        riders=tuple(
            Rider(
                rider_id=f"{p.stop_id}",
                home=_location(p.at),
                worksite_id=f"{p.school_id}",
                shift_id=f"{p.school_id}",
                days=MONDAY,
                count=p.riders,
            )
            for p in instance.pickups
        ),
        worksites=tuple(
            Worksite(worksite_id=f"{s.school_id}", name=f"{s.school_id}", location=_location(s.at))
            for s in instance.schools
        ),
        shifts=tuple(_shift(school, reading) for school in instance.schools),
        stops=tuple(
            Stop(stop_id=f"{p.stop_id}", place_id=f"{p.stop_id}", name=f"{p.stop_id}", location=_location(p.at))
            for p in instance.pickups
        ),
        depots=(Depot(depot_id=DEPOT, name=DEPOT, location=_location(DEPOT_AT)),),
        vehicle_types=(bus,),
        fleet=(FleetItem(vehicle_type_id=BUS, depot_id=DEPOT, available=len(instance.pickups)),),
        rules=_rules(len(instance.pickups) + len(instance.schools), ride_limit_s, reading),
        costs=CostRates(ride=0, walk=0, unserved=UNSERVED, fewest_vehicles_first=True),
        periods=(TravelPeriod(name="day"),),
        travel=(travel,),
        walks=WalkTable(
            start=np.arange(len(instance.pickups) + 1),
            stop=np.arange(len(instance.pickups), dtype=np.int32),
            metres=np.zeros(len(instance.pickups), np.int32),
        ),
    )


def _travel(instance: Instance) -> TravelMatrix:
    """Return drives at 20 mph along both axes; those of the depot, the last node, take distance and no time."""
    at = [p.at for p in instance.pickups] + [s.at for s in instance.schools] + [DEPOT_AT]
    drive = np.rint(_seconds(np.array(at), np.array(at)) * UNITS_PER_S).astype(np.int32)
    duration = drive.copy()
    duration[-1] = duration[:, -1] = 0
    return TravelMatrix(duration=duration, distance=drive)


def _seconds(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the seconds [s] of driving between points, shape (ones, others)."""
    feet = np.abs(one[:, None] - other[None, :]).sum(axis=2)
    return np.asarray(feet / FEET_PER_S)


def _shift(school: School, reading: Reading) -> Shift:
    """Return a school's hours: it is reached within its own window, or at the instant that the rules ask for."""
    if reading is Reading.SINGLE:
        return Shift(shift_id=f"{school.school_id}", start=school.early * UNITS_PER_S, end=None)
    width = (school.late - school.early) * UNITS_PER_S
    return Shift(shift_id=f"{school.school_id}", start=school.late * UNITS_PER_S, end=None, arrive_early_s=width)


def _rules(nodes: int, ride_limit_s: float, reading: Reading) -> ServiceRules:
    at_school, each = (1_544, 0) if reading is Reading.SINGLE else (290, 19)
    ahead = at_school if reading is Reading.SINGLE else 0  # there everybody is off the bus exactly at the bell
    limit = round(ride_limit_s * UNITS_PER_S)
    return ServiceRules(
        max_ride_s=limit,
        short_ride_s=limit,
        max_stops=nodes,
        min_load=0,
        arrive_early_s=ahead,
        arrive_buffer_s=ahead,
        dwell_s_per_stop=190,
        dwell_s_per_rider=26,
        site_dwell_s_per_stop=at_school,
        site_dwell_s_per_rider=each,
        one_worksite_per_trip=reading is Reading.SINGLE,
        turnaround_s=0,
        on_time=0,
        same_line_both_ways=False,
    )


def _location(at: tuple[float, float]) -> Location:
    """Return a point near the equator, where a degree is equally long both ways."""
    return Location(lon=at[0] / FEET_PER_DEGREE, lat=at[1] / FEET_PER_DEGREE)


def as_buses(plan: Plan) -> list[list[int]]:
    """Return per vehicle the stops and schools in visiting order."""
    calls = {trip.trip_id: [int(stop_id) for stop_id in trip.stop_ids] for _, trip in plan.trips()}
    return [[node for trip_id in block.trip_ids for node in calls[trip_id]] for block in plan.blocks]


def measure(instance: Instance, buses: list[list[int]]) -> dict[str, int]:
    """Return buses and seconds of driving, from the depot to the depot, from the files' own numbers."""
    at = {p.stop_id: p.at for p in instance.pickups} | {s.school_id: s.at for s in instance.schools}
    seconds = 0.0
    for nodes in buses:
        way = [DEPOT_AT, *(at[node] for node in nodes), DEPOT_AT]
        seconds += sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairwise(way)) / FEET_PER_S
    return {"buses": len(buses), "drive_seconds": round(seconds)}


def main(argv: list[str] | None = None) -> int:
    """Solve an instance within a time limit, and print buses and seconds of driving as JSON."""
    parser = options("park", __doc__, time_limit=600)
    parser.add_argument("--ride-limit", type=float, default=2_700, help="longest ride [s]")
    parser.add_argument("--reading", type=Reading, choices=list(Reading), required=True)
    given = parser.parse_args(argv)
    instance = read_instance(given.instance)
    result = search(as_problem(instance, ride_limit_s=given.ride_limit, reading=given.reading), given)
    buses = as_buses(result.plan)
    if given.output:
        given.output.write_text(json.dumps({"buses": buses}), encoding="utf-8")
    tell(measure(instance, buses), result)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
