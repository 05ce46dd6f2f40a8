"""Stop selection and routing (Lewis, Sciortino): build a `Problem`, solve it, write what the judge reads.

Every address is a group that boards at one stop within the walking limit; routes end at stop 0, the school, last
at most 45 minutes with 15 s per stop and 5 s per rider, and carry 70; fewest buses first, then route seconds. See
R. Lewis and K. Smith-Miles, A heuristic algorithm for finding cost-effective solutions to real-world school bus
routing problems, Journal of Discrete Algorithms 52-53, 2018.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
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
from routing.model.units import DAY_S, HOUR_S

SEATS, MAX_ROUTE_S, DWELL_S_PER_STOP, DWELL_S_PER_RIDER = 70, 2_700, 15, 5
FINEST = 100
BELL = 30_000
NO_LIMIT = 10_000_000
SCHOOL, DEPOT, BUS = "0", "depot", "bus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """An instance as its file tells it.

    Attributes
    ----------
    places : tuple of Location
        Stops; the first is the school.
    homes : tuple of Location
        Addresses.
    riders : tuple of int
        People of each address.
    drive : ndarray of float64, shape (stops, stops)
        [s], asymmetric.
    walks : tuple of dict
        Per address: stop → (km, s) on foot.
    """

    name: str
    places: tuple[Location, ...]
    homes: tuple[Location, ...]
    riders: tuple[int, ...]
    drive: NDArray[np.float64]
    walks: tuple[dict[int, tuple[float, float]], ...]
    max_walk_km: float

    @property
    def units_per_s(self) -> int:
        """Units of time per second in which every drive is whole; hundredths at the finest, then rounded up."""
        return 1 if np.array_equal(self.drive, np.rint(self.drive)) else FINEST


def read_instance(path: Path) -> Instance:
    """Read a ``.bus`` file."""
    lines = path.read_text("latin-1").replace("\r", "").split("\n")
    head = lines[0].split(",")
    stops, addresses = int(head[0]), int(head[1])
    rows = [line.split(",") for line in lines[1 : 1 + stops + addresses]]
    where = tuple(Location(lat=float(row[1]), lon=float(row[2])) for row in rows)
    drive = np.zeros((stops, stops))
    walks: list[dict[int, tuple[float, float]]] = [{} for _ in range(addresses)]
    for line in lines[1 + stops + addresses :]:
        part = line.split(",")
        if part[0] == "d":
            drive[int(part[1]), int(part[2])] = float(part[4])
        elif part[0] == "w":
            walks[int(part[1])][int(part[2])] = float(part[3]), float(part[4])
    return Instance(
        name=path.stem,
        places=where[:stops],
        homes=where[stops:],
        riders=tuple(int(row[3]) for row in rows[stops:]),
        drive=drive,
        walks=tuple(walks),
        max_walk_km=float(head[5]),
    )


def as_problem(instance: Instance) -> Problem:
    """Return an instance as a problem, all of whose times are in the instance's units.

    The school is the only worksite, reached at one instant; no vehicle makes a second trip, and none has an empty
    drive, so that a trip's price, one fen per unit, is its route time.
    """
    scale = instance.units_per_s
    stops = range(1, len(instance.places))
    order = [*stops, 0]
    drive = np.pad(np.ceil(instance.drive * scale - 1e-6)[np.ix_(order, order)], (0, 1)).astype(np.int32)
    np.fill_diagonal(drive, 0)
    school = instance.places[0]
    bus = VehicleType(vehicle_type_id=BUS, seats=SEATS, fixed_cost=0, distance_cost=0, time_cost=HOUR_S)
    return Problem(
        name=instance.name,
        riders=tuple(
            Rider(rider_id=f"{a}", home=home, worksite_id=SCHOOL, shift_id=SCHOOL, days=MONDAY, count=count)
            for a, (home, count) in enumerate(zip(instance.homes, instance.riders, strict=True))
        ),
        worksites=(Worksite(worksite_id=SCHOOL, name="school", location=school),),
        shifts=(Shift(shift_id=SCHOOL, start=BELL * scale, end=None),),
        stops=tuple(Stop(stop_id=f"{i}", place_id=f"{i}", name=f"{i}", location=instance.places[i]) for i in stops),
        depots=(Depot(depot_id=DEPOT, name=DEPOT, location=school),),
        vehicle_types=(bus,),
        fleet=(FleetItem(vehicle_type_id=BUS, depot_id=DEPOT, available=len(instance.riders)),),
        rules=_rules(instance),
        costs=CostRates(ride=0, walk=0, unserved=MAX_ROUTE_S * scale, fewest_vehicles_first=True),
        periods=(TravelPeriod(name="day"),),
        travel=(TravelMatrix(duration=drive, distance=np.zeros_like(drive)),),
        walks=_walks(instance),
    )


def _rules(instance: Instance) -> ServiceRules:
    scale = instance.units_per_s
    return ServiceRules(
        max_walk_m=round(instance.max_walk_km * 1_000),
        max_ride_s=NO_LIMIT,
        short_ride_s=NO_LIMIT,
        max_trip_s=MAX_ROUTE_S * scale,
        max_stops=len(instance.places),
        min_load=0,
        arrive_early_s=0,
        arrive_buffer_s=0,
        dwell_s_per_stop=DWELL_S_PER_STOP * scale,
        dwell_s_per_rider=DWELL_S_PER_RIDER * scale,
        site_dwell_s_per_stop=0,
        site_dwell_s_per_rider=0,
        turnaround_s=DAY_S,
        on_time=0,
        same_line_both_ways=False,
    )


def _walks(instance: Instance) -> WalkTable:
    """Return the walks within the limit [m]; nobody boards at the school."""
    limit = round(instance.max_walk_km * 1_000)
    rows = [
        sorted(
            (min(limit, round(km * 1_000)), stop - 1)
            for stop, (km, _) in walks.items()
            if stop and km <= instance.max_walk_km + 1e-9
        )
        for walks in instance.walks
    ]
    flat = [walk for row in rows for walk in row]
    return WalkTable(
        start=np.cumsum([0, *map(len, rows)]),
        stop=np.array([stop for _, stop in flat], np.int32),
        metres=np.array([metres for metres, _ in flat], np.int32),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What a ``.sol`` file says.

    Attributes
    ----------
    routes : tuple
        Per bus the stops in driving order, the school left out, with the riders who board there.
    stop_of : tuple of int
        The stop of each address; the school where it is left out.
    """

    routes: tuple[tuple[tuple[int, int], ...], ...]
    stop_of: tuple[int, ...]

    def text(self) -> str:
        """Return the solution as the judge reads it."""
        routes = (" ".join(map(str, (len(r), *(n for visit in r for n in visit)))) for r in self.routes)
        return "\n".join([str(len(self.routes)), *routes, " ".join(map(str, self.stop_of))]) + "\n"


def as_solution(instance: Instance, plan: Plan) -> Solution:
    """Return the decisions of a plan in the instance's own words."""
    stop_of = [0] * len(instance.riders)
    aboard: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for seat in plan.assignments:
        address = int(seat.rider_id)
        stop_of[address] = int(seat.board_stop_id)
        aboard[seat.trip_id][seat.board_stop_id] += instance.riders[address]
    routes = (
        tuple((int(s), aboard[trip.trip_id][s]) for s in trip.stop_ids if aboard[trip.trip_id][s])
        for _, trip in plan.trips()
    )
    return Solution(routes=tuple(routes), stop_of=tuple(stop_of))


def measure(instance: Instance, solution: Solution) -> dict[str, float]:
    """Return buses, route seconds and rider seconds on foot, from the file's own numbers."""
    seconds = 0.0
    for route in solution.routes:
        nodes = [stop for stop, _ in route] + [0]
        seconds += sum(float(instance.drive[a, b]) for a, b in pairwise(nodes))
        seconds += DWELL_S_PER_STOP * len(route) + DWELL_S_PER_RIDER * sum(count for _, count in route)
    walk_s = sum(
        count * instance.walks[a][stop][1]
        for a, (count, stop) in enumerate(zip(instance.riders, solution.stop_of, strict=True))
        if stop
    )
    return {"buses": len(solution.routes), "route_seconds": round(seconds, 3), "walk_rider_seconds": round(walk_s)}


def main(argv: list[str] | None = None) -> int:
    """Solve an instance within a time limit, and print buses and route seconds as JSON."""
    given = options("lewis", __doc__, time_limit=60).parse_args(argv)
    instance = read_instance(given.instance)
    result = search(as_problem(instance), given)
    solution = as_solution(instance, result.plan)
    if given.output:
        given.output.write_text(solution.text(), encoding="utf-8")
    tell(measure(instance, solution), result)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
