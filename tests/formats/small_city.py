"""A small city by hand: three lines both ways, two worksites, a day and a night shift, Chinese names."""

import itertools

import numpy as np

from routing.evaluate import Evaluation
from routing.formats.document import Origin, PlanDocument, describe_plan
from routing.model.demand import WORKDAYS, Direction, Need, Rider, Shift
from routing.model.fleet import FleetItem, VehicleType
from routing.model.places import Depot, Location, Stop, Worksite
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Relaxation, Trip, Unserved
from routing.model.problem import Problem
from routing.model.result import SearchResult, Status
from routing.model.rules import CostRates, ServiceRules
from routing.model.travel import TravelMatrix, TravelPeriod, WalkTable
from routing.model.units import HOUR_S, MINUTE_S

METRES_PER_DEGREE = 111_320.0
BUS_M_PER_S = 8
EVERY_DAY = 0b1111111

PLACES = {  # place id: name, lon, lat
    "P1": ("星海广场", 121.580, 38.880),
    "P2": ("黑石礁", 121.560, 38.872),
    "P3": ("学苑广场", 121.545, 38.866),
    "P4": ("泉水东", 121.600, 38.990),
    "P5": ("华南广场", 121.590, 38.965),
    "P6": ("旅顺口", 121.380, 38.840),
    "P7": ("小平岛", 121.490, 38.835),
}
SITES = {"W1": ("七贤岭软件园", 121.520, 38.858), "W2": ("河口园区", 121.505, 38.850)}
LINES = {  # line id: name, places, sites, shift, vehicle type
    "L1": ("星海线", ("P1", "P2", "P3"), ("W1",), "day", "bus19"),
    "L2": ("泉水线", ("P4", "P5"), ("W1", "W2"), "day", "bus45"),
    "L3": ("旅顺 <夜> 线", ("P6", "P7"), ("W2",), "night", "bus19"),
}
RIDERS_PER_LINE = 15


def shifts() -> tuple[Shift, ...]:
    day = Shift(shift_id="day", start=8 * HOUR_S + 30 * MINUTE_S, end=17 * HOUR_S + 30 * MINUTE_S)
    return day, Shift(shift_id="night", start=20 * HOUR_S, end=32 * HOUR_S)


def kerb(place_id: str, direction: Direction) -> str:
    """Return the kerb of a place: ``a`` on the way to work, ``b`` on the way home."""
    return f"{place_id}{'a' if direction is Direction.INBOUND else 'b'}"


def make_stops() -> tuple[Stop, ...]:
    stops = []
    for place_id, (name, lon, lat) in PLACES.items():
        for direction, offset in ((Direction.INBOUND, 0.0), (Direction.OUTBOUND, 0.0002)):
            at = Location(lon=lon + offset, lat=lat + offset)
            stops.append(Stop(stop_id=kerb(place_id, direction), place_id=place_id, name=name, location=at))
    return tuple(stops)


def make_riders() -> tuple[Rider, ...]:
    riders = []
    for line_id, (_, places, sites, shift_id, _) in LINES.items():
        for i in range(RIDERS_PER_LINE):
            _, lon, lat = PLACES[places[i % len(places)]]
            riders.append(
                Rider(
                    rider_id=f"{line_id}-{i:02d}",
                    home=Location(lon=lon + 0.001, lat=lat + 0.001 * (i % 3)),
                    worksite_id=sites[i % len(sites)],
                    shift_id=shift_id,
                    days=EVERY_DAY if shift_id == "night" else WORKDAYS,
                    need=Need.NONE,
                )
            )
    lonely = Rider(
        rider_id="far", home=Location(lon=122.0, lat=39.4), worksite_id="W1", shift_id="day", need=Need.SHORT_WALK
    )
    return (*riders, lonely)


def metres(points: list[Location]) -> np.ndarray:
    """Return distances along a street grid [m]."""
    lon = np.array([p.lon for p in points]) * METRES_PER_DEGREE * 0.78
    lat = np.array([p.lat for p in points]) * METRES_PER_DEGREE
    return np.abs(lon[:, None] - lon) + np.abs(lat[:, None] - lat)


def walk_table(riders: tuple[Rider, ...], stops: tuple[Stop, ...]) -> WalkTable:
    away = metres([r.home for r in riders] + [s.location for s in stops])[: len(riders), len(riders) :]
    rows = [[(int(away[r, s]), s) for s in range(len(stops)) if away[r, s] < 1_000] for r in range(len(riders))]
    flat = [pair for row in rows for pair in sorted(row)]
    start = np.cumsum([0] + [len(row) for row in rows])
    walks = np.array([m for m, _ in flat], np.int32)
    return WalkTable(start=start, stop=np.array([s for _, s in flat], np.int32), metres=walks)


def make_problem() -> Problem:
    stops, riders = make_stops(), make_riders()
    sites = tuple(
        Worksite(worksite_id=k, name=name, location=Location(lon=x, lat=y)) for k, (name, x, y) in SITES.items()
    )
    depot = Depot(depot_id="D1", name="车库", location=Location(lon=121.53, lat=38.87))
    away = metres([s.location for s in stops] + [w.location for w in sites] + [depot.location])
    matrix = TravelMatrix(duration=(away / BUS_M_PER_S).round().astype(np.int32), distance=away.astype(np.int32))
    types = (
        VehicleType(vehicle_type_id="bus19", seats=19, fixed_cost=40_000, distance_cost=300, time_cost=4_000),
        VehicleType(vehicle_type_id="bus45", seats=45, fixed_cost=60_000, distance_cost=500, time_cost=5_000),
    )
    return Problem(
        name="小城",
        riders=riders,
        worksites=sites,
        shifts=shifts(),
        stops=stops,
        depots=(depot,),
        vehicle_types=types,
        fleet=tuple(FleetItem(vehicle_type_id=t.vehicle_type_id, depot_id="D1", available=3) for t in types),
        rules=ServiceRules(),
        costs=CostRates(),
        periods=(TravelPeriod(name="day"),),
        travel=(matrix,),
        walks=walk_table(riders, stops),
    )


def make_trip(problem: Problem, line_id: str, direction: Direction) -> Trip:
    """Return a trip that is at its worksites in the middle of the window."""
    _, places, sites, shift_id, type_id = LINES[line_id]
    inbound = direction is Direction.INBOUND
    calls = [kerb(place, direction) for place in places]
    stop_ids = (*calls, *sites) if inbound else (*reversed(sites), *reversed(calls))
    shift = problem.shift(shift_id)
    assert shift is not None
    anchor = shift.anchor(direction)
    assert anchor is not None
    nodes = [problem.node(s) for s in stop_ids]
    drive = sum(int(problem.travel[0].duration[a, b]) for a, b in itertools.pairwise(nodes))
    dwell = 30 * (len(nodes) - 1) + 2 * RIDERS_PER_LINE
    return Trip(
        trip_id=f"{line_id}-{direction.value}",
        direction=direction,
        shift_ids=(shift_id,),
        vehicle_type_id=type_id,
        stop_ids=stop_ids,
        departure=anchor - 12 * MINUTE_S - drive - dwell if inbound else anchor + 10 * MINUTE_S,
    )


def make_plan(problem: Problem) -> Plan:
    lines, assignments, blocks = [], [], []
    for line_id, (name, places, sites, _, type_id) in LINES.items():
        trips = tuple(make_trip(problem, line_id, direction) for direction in Direction)
        lines.append(Line(line_id=line_id, name=name, trips=trips))
        ids = tuple(trip.trip_id for trip in trips)
        blocks.append(Block(block_id=f"B{line_id}", vehicle_type_id=type_id, depot_id="D1", trip_ids=ids))
        for i, trip in itertools.product(range(RIDERS_PER_LINE), trips):
            home, site = kerb(places[i % len(places)], trip.direction), sites[i % len(sites)]
            ends = (home, site) if trip.direction is Direction.INBOUND else (site, home)
            assignments.append(
                Assignment(
                    rider_id=f"{line_id}-{i:02d}",
                    direction=trip.direction,
                    trip_id=trip.trip_id,
                    board_stop_id=ends[0],
                    alight_stop_id=ends[1],
                )
            )
    relaxation = Relaxation(kind="walk", amount=52_000, unit="m", text="walk 52 km further", board_stop_id="P4a")
    unserved = (
        Unserved(rider_id="far", direction=Direction.INBOUND, reason=Reason.NO_STOP_IN_WALK, relaxation=relaxation),
        Unserved(rider_id="far", direction=Direction.OUTBOUND, reason=Reason.UNKNOWN),
    )
    return Plan(lines=tuple(lines), assignments=tuple(assignments), blocks=tuple(blocks), unserved=unserved)


def make_run(plan: Plan) -> SearchResult:
    return SearchResult(
        plan=plan, status=Status.FINISHED, seed=7, iterations=1_000, runtime_s=1.25, lower_bound=100_000
    )


def make_document(problem: Problem, plan: Plan, evaluation: Evaluation) -> PlanDocument:
    """Publish the plan, with a way along the street grid for every trip."""

    def geometry(trip: Trip) -> tuple[list[float], list[float]]:
        at = {s.stop_id: s.location for s in problem.stops} | {w.worksite_id: w.location for w in problem.worksites}
        points = [at[stop_id] for stop_id in trip.stop_ids]
        corners = [(points[0].lon, points[0].lat)]
        for a, b in itertools.pairwise(points):
            corners += [(b.lon, a.lat), (b.lon, b.lat)]
        return [x for x, _ in corners], [y for _, y in corners]

    origin = Origin(scenario="小城", timezone="Asia/Shanghai", synthetic=True)
    return describe_plan(problem, plan, evaluation, origin=origin, run=make_run(plan), geometry=geometry)
