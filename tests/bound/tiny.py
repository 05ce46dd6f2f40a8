"""Problems small enough to solve to proven optimality: a handful of riders, stops and worksites on a plane."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.csgraph import shortest_path

from routing.model.demand import Rider, Shift
from routing.model.fleet import FleetItem, VehicleType
from routing.model.places import Depot, Location, Stop, Worksite
from routing.model.problem import Problem
from routing.model.rules import CostRates, ServiceRules
from routing.model.travel import TravelMatrix, TravelPeriod, WalkTable

MORNING = Shift(shift_id="day", start=8 * 3600, end=None)
BOTH_WAYS = Shift(shift_id="day", start=8 * 3600, end=17 * 3600)
EARLY = Shift(shift_id="early", start=8 * 3600 - 2_700, end=None)
KINDS = (
    VehicleType(vehicle_type_id="van", seats=2, fixed_cost=3_000, distance_cost=1_000, time_cost=0),
    VehicleType(vehicle_type_id="bus", seats=4, fixed_cost=5_000, distance_cost=1_000, time_cost=3_600),
)
RULES = ServiceRules(
    max_walk_m=1_000, min_load=1, on_time=0, same_line_both_ways=False, dwell_s_per_stop=20, walk_speed_m_per_h=3_600
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiny:
    """What a tiny problem is drawn from; distances in metres, a second for every ten."""

    riders: int = 5
    stops: int = 4
    sites: int = 2
    shifts: tuple[Shift, ...] = (MORNING,)
    rules: ServiceRules = RULES
    counts: int = 1
    spread: float = 1_500.0
    away: float = 3_000.0
    unserved: int = 6_000
    seed: int = 0


def draw_tiny(tiny: Tiny) -> Problem:
    """Return the problem of a draw; the same draw gives the same problem. The depot is nowhere: no way to it counts."""
    rng = np.random.default_rng(tiny.seed)
    stops = rng.uniform(-tiny.spread, tiny.spread, (tiny.stops, 2))
    sites = rng.uniform(-500, 500, (tiny.sites, 2)) + np.array([tiny.away, 0])
    homes = stops[rng.integers(tiny.stops, size=tiny.riders)] + rng.normal(0, 200, (tiny.riders, 2))
    where = np.concatenate([stops, sites])
    noisy = np.hypot(*(where[:, None] - where[None]).transpose(2, 0, 1)) * rng.uniform(1, 1.4, (len(where),) * 2)
    np.fill_diagonal(noisy, 0)
    seconds = shortest_path(np.ceil(noisy / 10), method="FW").astype(np.int32)
    metres = np.rint(noisy / 10).astype(np.int32)  # of the fastest way: need not be closed
    matrix = TravelMatrix(duration=np.pad(seconds, (0, 1)), distance=np.pad(metres, (0, 1)))
    walks = np.hypot(*(homes[:, None] - stops[None]).transpose(2, 0, 1)).astype(np.int32)
    order = np.argsort(walks, axis=1, kind="stable")
    return Problem(
        name=f"tiny {tiny.seed}",
        riders=tuple(_rider(tiny, rng, i) for i in range(tiny.riders)),
        worksites=tuple(Worksite(worksite_id=f"w{i}", name=f"w{i}", location=HERE) for i in range(tiny.sites)),
        shifts=tiny.shifts,
        stops=tuple(Stop(stop_id=f"s{i}", place_id=f"s{i}", name=f"s{i}", location=HERE) for i in range(tiny.stops)),
        depots=(Depot(depot_id="yard", name="yard", location=HERE),),
        vehicle_types=KINDS,
        fleet=tuple(FleetItem(vehicle_type_id=k.vehicle_type_id, depot_id="yard", available=9) for k in KINDS),
        rules=tiny.rules,
        costs=CostRates(ride=3_600, walk=3_600, unserved=tiny.unserved),
        periods=(TravelPeriod(name="day"),),
        travel=(matrix,),
        walks=WalkTable(
            start=np.arange(tiny.riders + 1) * tiny.stops,
            stop=order.ravel().astype(np.int32),
            metres=np.take_along_axis(walks, order, axis=1).ravel(),
        ),
    )


HERE = Location(lon=121.5, lat=38.9)


def _rider(tiny: Tiny, rng: np.random.Generator, i: int) -> Rider:
    given: dict[str, Any] = {
        "worksite_id": f"w{rng.integers(tiny.sites)}",
        "shift_id": tiny.shifts[int(rng.integers(len(tiny.shifts)))].shift_id,
        "count": int(rng.integers(1, tiny.counts + 1)),
    }
    return Rider(rider_id=f"r{i}", home=HERE, **given)
