"""Small random problems for the solver's tests: coordinates on a grid, matrices closed to shortest paths."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse.csgraph import shortest_path

from routing.model.budget import UNLIMITED, Budget
from routing.model.demand import WORKDAYS, Need, Rider, Shift
from routing.model.fleet import FleetItem, VehicleType
from routing.model.places import Depot, Location, Stop, StopStatus, Worksite
from routing.model.problem import Problem
from routing.model.rules import CostRates, ServiceRules
from routing.model.travel import TravelMatrix, TravelPeriod, WalkTable
from routing.model.units import DAY_S

DAY_SHIFT = Shift(shift_id="day", start=8 * 3600, end=17 * 3600)
RELAY = tuple(Shift(shift_id=f"s{i}", start=(14 + 2 * i) * 1_800, end=None) for i in range(4))
"""Shifts an hour apart that ask for one direction: a vehicle has the time for a trip to each."""
RELAY_HOME = tuple(replace(s, start=None, end=s.start) for s in RELAY)
RELAY_BOTH = tuple(replace(s, end=(s.start or 0) + 9 * 3_600) for s in RELAY)
TYPES = (
    VehicleType(vehicle_type_id="small", seats=6, fixed_cost=15_000, distance_cost=200, time_cost=3_000),
    VehicleType(vehicle_type_id="large", seats=14, fixed_cost=25_000, distance_cost=300, time_cost=3_500),
)


RULES = ServiceRules(min_load=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """What a random problem is drawn from."""

    riders: int = 20
    places: int = 10
    sites: int = 2
    shifts: tuple[Shift, ...] = (DAY_SHIFT,)
    rules: ServiceRules = RULES
    types: tuple[VehicleType, ...] = TYPES
    available: tuple[int, ...] = (20, 20)
    depots: int = 2
    mixed_days: bool = False
    counts: int = 1
    short_walks: float = 0.0
    pinned: int = 0
    seed: int = 0
    unserved: int = 20_000
    fewest: bool = False
    budget: Budget = UNLIMITED


def draw(town: Town) -> Problem:
    """Return the problem of a town; the same town gives the same problem."""
    rng = np.random.default_rng(town.seed)
    stops = _stops(town, rng)
    sites = rng.uniform(-3_000, 3_000, (town.sites, 2)) + np.array([9_000, 0])
    depots = rng.uniform(-6_000, 6_000, (town.depots, 2))
    where = np.concatenate([[xy for _, xy in stops], sites, depots])
    homes = np.array([stops[i][1] for i in rng.integers(len(stops), size=town.riders)])
    homes = homes + rng.normal(0, 250, homes.shape)
    walks = np.hypot(*(homes[:, None] - where[None, : len(stops)]).transpose(2, 0, 1))
    riders = tuple(_rider(town, rng, i, xy) for i, xy in enumerate(homes))
    periods = (TravelPeriod(name="am", spans=((0, DAY_S // 2),)), TravelPeriod(name="pm", spans=((DAY_S // 2, DAY_S),)))
    return Problem(
        name=f"town {town.seed}",
        riders=riders,
        worksites=tuple(Worksite(worksite_id=f"w{i}", name=f"W{i}", location=_at(xy)) for i, xy in enumerate(sites)),
        shifts=town.shifts,
        stops=tuple(
            Stop(
                stop_id=f"s{i}",
                place_id=place,
                name=place,
                location=_at(xy),
                status=StopStatus.PINNED if i < town.pinned else StopStatus.ALLOWED,
            )
            for i, (place, xy) in enumerate(stops)
        ),
        depots=tuple(Depot(depot_id=f"d{i}", name=f"D{i}", location=_at(xy)) for i, xy in enumerate(depots)),
        vehicle_types=town.types,
        fleet=tuple(
            FleetItem(vehicle_type_id=kind.vehicle_type_id, depot_id=f"d{i}", available=n)
            for kind, n in zip(town.types, town.available, strict=True)
            for i in range(town.depots)
        ),
        rules=town.rules,
        costs=CostRates(unserved=town.unserved, fewest_vehicles_first=town.fewest),
        budget=town.budget,
        periods=periods,
        travel=tuple(_matrix(where, rng, slow) for slow in (1.0, 1.3)),
        walks=_walks(walks),
    )


def _stops(town: Town, rng: np.random.Generator) -> list[tuple[str, np.ndarray]]:
    """Give most places a kerb on either side of the street, and some only one."""
    stops = []
    for place in range(town.places):
        xy = rng.uniform(-6_000, 6_000, 2)
        stops += [(f"p{place}", xy + rng.normal(0, 30, 2)) for _ in range(1 + int(rng.random() < 0.6))]
    return stops


def _at(xy: np.ndarray) -> Location:
    return Location(lon=121.5 + float(xy[0]) / 85_000, lat=38.9 + float(xy[1]) / 111_000)


def _rider(town: Town, rng: np.random.Generator, i: int, xy: np.ndarray) -> Rider:
    return Rider(
        rider_id=f"r{i}",
        home=_at(xy),
        worksite_id=f"w{rng.integers(town.sites)}",
        shift_id=town.shifts[int(rng.integers(len(town.shifts)))].shift_id,
        days=int(rng.integers(1, 128)) if town.mixed_days else WORKDAYS,
        count=int(rng.integers(1, town.counts + 1)),
        need=Need.SHORT_WALK if rng.random() < town.short_walks else Need.NONE,
    )


def _matrix(where: np.ndarray, rng: np.random.Generator, slow: float) -> TravelMatrix:
    """Return noisy, asymmetric driving that is closed to shortest paths, and metres to match."""
    straight = np.hypot(*(where[:, None] - where[None]).transpose(2, 0, 1))
    noisy = np.ceil(slow * straight / 11 * rng.uniform(1.0, 1.5, straight.shape)) + 1
    np.fill_diagonal(noisy, 0)
    seconds = shortest_path(noisy, method="FW").astype(np.int32)
    return TravelMatrix(duration=seconds, distance=(seconds * 10).astype(np.int32))


def _walks(walks: np.ndarray) -> WalkTable:
    """Keep walks somewhat beyond any limit, as the planner does for its explanations."""
    rows, metres = [], []
    for row in walks:
        near = np.argsort(row, kind="stable")
        near = near[row[near] <= 1_600]
        rows.append(near)
        metres.append(np.rint(row[near]))
    return WalkTable(start=np.cumsum([0, *map(len, rows)]), stop=np.concatenate(rows), metres=np.concatenate(metres))
