"""Commuter lines on ready-made matrices: build a `Problem`, solve it, write what the judge reads."""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks._running import MONDAY, options, search, tell
from routing.evaluate import evaluate
from routing.model.demand import Rider, Shift
from routing.model.fleet import FleetItem, VehicleType
from routing.model.places import Depot, Location, Stop, Worksite
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.rules import CostRates, ServiceRules
from routing.model.travel import TravelMatrix, TravelPeriod, WalkTable
from routing.model.units import FEN_PER_YUAN

WALK_UNITS_PER_S = 10
"""Walks come in seconds, with decimals; at a walking speed of 10 m/s a metre is a tenth of one."""

RULES = ServiceRules(
    max_walk_m=1_000_000,
    max_ride_s=1_000_000,
    max_detour=1.5,
    max_detour_free_s=0,
    short_ride_s=2_700,
    max_stops=200,
    min_load=0,
    arrive_early_s=1_200,
    arrive_buffer_s=300,
    dwell_s_per_stop=20,
    dwell_s_per_rider=2,
    turnaround_s=86_400,
    on_time=0,
    same_line_both_ways=False,
    walk_speed_m_per_h=3_600 * WALK_UNITS_PER_S,
)
"""The instances' promises: 1.5 × the direct drive or 45 minutes, worksites within 15 minutes of one another."""

TYPES = tuple(
    VehicleType(vehicle_type_id=f"{seats}", seats=seats, fixed_cost=fixed, distance_cost=per_km, time_cost=0)
    for seats, fixed, per_km in ((19, 22_000, 220), (33, 27_000, 280), (45, 32_000, 330), (53, 35_000, 360))
)


def read_instance(path: Path) -> Problem:
    """Read an instance."""
    data = dict(np.load(path))
    stops, sites = int(data["n_stops"]), len(data["T"]) - int(data["n_stops"])
    where = [Location(lon=float(x) / 80_000 + 121.5, lat=float(y) / 111_000 + 39.0) for x, y in data["xy"]]
    riders = tuple(
        Rider(
            rider_id=f"{r}",
            home=where[
                int(data["stop_of"][r, np.argmin(np.where(data["stop_of"][r] >= 0, data["walk_s"][r], np.inf))])
            ],
            worksite_id=f"w{data['site'][r]}",
            shift_id=f"{data['shift'][r]}",
            days=MONDAY,
        )
        for r in range(len(data["site"]))
    )
    return Problem(
        name=Path(path).stem,
        riders=riders,
        worksites=tuple(Worksite(worksite_id=f"w{i}", name=f"w{i}", location=where[stops + i]) for i in range(sites)),
        shifts=tuple(
            Shift(shift_id=f"{i}", start=28_800 + 7_200 * i, end=None) for i in range(int(data["shift"].max()) + 1)
        ),
        stops=tuple(Stop(stop_id=f"{i}", place_id=f"{i}", name=f"{i}", location=where[i]) for i in range(stops)),
        depots=(Depot(depot_id="depot", name="depot", location=where[stops]),),
        vehicle_types=TYPES,
        fleet=tuple(FleetItem(vehicle_type_id=t.vehicle_type_id, depot_id="depot", available=10_000) for t in TYPES),
        rules=RULES,
        costs=CostRates(ride=600, walk=1_500, unserved=8_000),
        periods=(TravelPeriod(name="day"),),
        travel=(TravelMatrix(duration=_with_depot(data["T"]), distance=_with_depot(data["D"])),),
        walks=_walks(data["stop_of"], data["walk_s"]),
    )


def _with_depot(matrix: np.ndarray) -> np.ndarray:
    """Append a depot that is nowhere: no empty running."""
    return np.pad(matrix, (0, 1))


def _walks(stop_of: np.ndarray, walk_s: np.ndarray) -> WalkTable:
    rows, walks = [], []
    for stops, seconds in zip(stop_of, walk_s, strict=True):
        order = [i for i in np.argsort(seconds, kind="stable") if stops[i] >= 0]
        rows.append(stops[order])
        walks.append(np.rint(seconds[order] * WALK_UNITS_PER_S).astype(np.int32))
    return WalkTable(start=np.cumsum([0, *map(len, rows)]), stop=np.concatenate(rows), metres=np.concatenate(walks))


def write_solution(problem: Problem, plan: Plan, path: Path) -> None:
    """Write a plan as the judge of the instances reads it."""
    seats = defaultdict(list)
    for assignment in plan.assignments:
        seats[assignment.trip_id].append(assignment)
    lines = []
    for _, trip in plan.trips():
        at = {stop: i for i, stop in enumerate(trip.stop_ids)}
        riders = {a.rider_id: [at[a.board_stop_id], at[a.alight_stop_id]] for a in seats[trip.trip_id]}
        lines.append({"nodes": [problem.node(stop) for stop in trip.stop_ids], "riders": riders})
    path.write_text(json.dumps({"lines": lines}), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Solve an instance within a time limit, and print cost, lines and unserved riders as JSON."""
    given = options("lines", __doc__, time_limit=60).parse_args(argv)
    problem = read_instance(given.instance)
    result = search(problem, given)
    if given.output:
        write_solution(problem, result.plan, given.output)
    cost = evaluate(problem, result.plan).cost_fen / FEN_PER_YUAN
    tell({"cost": cost, "lines": len(result.plan.lines)}, result)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
