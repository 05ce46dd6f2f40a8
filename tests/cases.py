"""A town small enough to judge by hand: one straight road, two lines both ways, six riders and one left out.

The road, in minutes of morning driving (500 m each; evenings take half as long again)::

    yard   gate   market   quay   hill          north   south   barn
     −4      0       4      10     14             24      30     34
    depot  <── stops: gate and market have two kerbs ──> sites    depot

Line a: gate, market, north, for the early shift (08:00 to 17:00), a small vehicle from the yard.
Line b: quay, south, for the late shift (08:15 to 17:15), a large vehicle from the barn.
One second aboard or one metre on foot costs a rider 1 fen; a second of driving costs 1 fen (small) or 2 (large).
"""

from dataclasses import replace
from typing import Any

import numpy as np

from routing.evaluate import Rule, evaluate
from routing.model.demand import Direction, Need, Rider, Shift
from routing.model.fleet import FleetItem, VehicleType
from routing.model.places import Depot, Location, Stop, Worksite
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Trip, Unserved
from routing.model.problem import Problem
from routing.model.rules import CostRates, ServiceRules
from routing.model.travel import TravelMatrix, TravelPeriod, WalkTable
from routing.model.units import DAY_S, parse_clock

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
NOON = DAY_S // 2
STOPS = {"gate_in": 0, "gate_out": 0, "market_in": 4, "market_out": 4, "quay": 10, "hill": 14}
SITES = {"north": 24, "south": 30}
DEPOTS = {"yard": -4, "barn": 34}
WALKS = {
    "ann": {"gate_in": 200, "gate_out": 210, "market_in": 700, "market_out": 720},
    "bob": {"gate_out": 390, "gate_in": 400},
    "cai": {"market_in": 250, "market_out": 260, "gate_in": 900},
    "dan": {"quay": 100, "hill": 800},
    "eve": {"quay": 500, "hill": 600},
    "fay": {"hill": 1_200},
}
RULES = ServiceRules(max_ride_s=3_600, max_stops=4, min_load=2)
COSTS = CostRates(ride=3_600, walk=4_500, unserved=20_000)


def at(minute: float) -> Location:
    """Return the point of the road that lies so many minutes from the gate."""
    return Location(lon=121.5 + 0.0058 * minute, lat=38.9)


def place_of(stop_id: str) -> str:
    return stop_id.removesuffix("_in").removesuffix("_out")


def walk_table(walks: dict[str, dict[str, int]], stop_ids: list[str]) -> WalkTable:
    """Return the walks of riders, one row each, in the order of the mapping."""
    rows = [
        [(metres, stop_ids.index(s)) for s, metres in sorted(row.items(), key=lambda w: w[1])] for row in walks.values()
    ]
    flat = [walk for row in rows for walk in row]
    return WalkTable(
        start=np.cumsum([0, *map(len, rows)]),
        stop=np.array([stop for _, stop in flat], np.int32),
        metres=np.array([metres for metres, _ in flat], np.int32),
    )


def town_riders() -> tuple[Rider, ...]:
    """Return ann, bob (gate), cai (market) for north; dan and the couple eve (quay) for south; fay, far up the hill."""
    early: dict[str, Any] = {"worksite_id": "north", "shift_id": "early"}
    late: dict[str, Any] = {"worksite_id": "south", "shift_id": "late"}
    return (
        Rider(rider_id="ann", home=at(0), **early),
        Rider(rider_id="bob", home=at(0), **early),
        Rider(rider_id="cai", home=at(4), need=Need.SHORT_WALK, **early),
        Rider(rider_id="dan", home=at(10), **late),
        Rider(rider_id="eve", home=at(10), count=2, **late),
        Rider(rider_id="fay", home=at(15), **early),
    )


def town(**changes: Any) -> Problem:
    """Return the town, with some of its fields replaced."""
    minutes = np.array([*STOPS.values(), *SITES.values(), *DEPOTS.values()])
    apart = np.abs(minutes[:, None] - minutes[None, :])
    given: dict[str, Any] = {
        "name": "town",
        "riders": town_riders(),
        "worksites": tuple(Worksite(worksite_id=s, name=s.title(), location=at(x)) for s, x in SITES.items()),
        "shifts": (
            Shift(shift_id="early", start=parse_clock("08:00"), end=parse_clock("17:00")),
            Shift(shift_id="late", start=parse_clock("08:15"), end=parse_clock("17:15")),
        ),
        "stops": tuple(
            Stop(stop_id=s, place_id=place_of(s), name=place_of(s).title(), location=at(x)) for s, x in STOPS.items()
        ),
        "depots": tuple(Depot(depot_id=d, name=d.title(), location=at(x)) for d, x in DEPOTS.items()),
        "vehicle_types": (
            VehicleType(vehicle_type_id="small", seats=4, fixed_cost=10_000, distance_cost=200, time_cost=3_600),
            VehicleType(vehicle_type_id="large", seats=8, fixed_cost=16_000, distance_cost=300, time_cost=7_200),
        ),
        "fleet": (
            FleetItem(vehicle_type_id="small", depot_id="yard", available=2),
            FleetItem(vehicle_type_id="large", depot_id="barn", available=1),
        ),
        "rules": RULES,
        "costs": COSTS,
        "periods": (
            TravelPeriod(name="morning", spans=((0, NOON),)),
            TravelPeriod(name="evening", spans=((NOON, DAY_S),)),
        ),
        "travel": tuple(TravelMatrix(duration=apart * s, distance=apart * 500) for s in (60, 90)),
        "walks": walk_table(WALKS, list(STOPS)),
    }
    return Problem(**given | changes)


def town_lines() -> tuple[Line, Line]:
    """Return line a (gate, market, north) and line b (quay, south), each with a trip there and a trip back."""
    a: dict[str, Any] = {"shift_ids": ("early",), "vehicle_type_id": "small"}
    b: dict[str, Any] = {"shift_ids": ("late",), "vehicle_type_id": "large"}
    # Clock times by hand; a stop takes 30 s and 2 s per rider.
    # a_in : leaves gate 07:20:00, market 07:24:00 to 07:24:32, north 07:44:32 (allowed 07:35 to 07:55).
    # a_out: leaves north 17:10:00 (allowed 17:05 to 17:25), market 17:40:00 to 17:40:32, gate 17:46:32.
    # b_in : leaves quay 07:40:00, south 08:00:00 (allowed 07:50 to 08:10).
    # b_out: leaves south 17:25:00 (allowed 17:20 to 17:40), quay 17:55:00.
    a_in = Trip(
        trip_id="a_in", direction=IN, stop_ids=("gate_in", "market_in", "north"), departure=parse_clock("07:20"), **a
    )
    a_out = Trip(
        trip_id="a_out",
        direction=OUT,
        stop_ids=("north", "market_out", "gate_out"),
        departure=parse_clock("17:10"),
        **a,
    )
    b_in = Trip(trip_id="b_in", direction=IN, stop_ids=("quay", "south"), departure=parse_clock("07:40"), **b)
    b_out = Trip(trip_id="b_out", direction=OUT, stop_ids=("south", "quay"), departure=parse_clock("17:25"), **b)
    return Line(line_id="a", name="Gate", trips=(a_in, a_out)), Line(line_id="b", name="Quay", trips=(b_in, b_out))


def seats(rider_id: str, line_id: str, place: str, site: str) -> tuple[Assignment, Assignment]:
    """Return a rider's seats both ways on a line of the town."""
    kerbs = [f"{place}{side}" if f"{place}{side}" in STOPS else place for side in ("_in", "_out")]
    return (
        Assignment(
            rider_id=rider_id, direction=IN, trip_id=f"{line_id}_in", board_stop_id=kerbs[0], alight_stop_id=site
        ),
        Assignment(
            rider_id=rider_id, direction=OUT, trip_id=f"{line_id}_out", board_stop_id=site, alight_stop_id=kerbs[1]
        ),
    )


def left_out(rider_id: str, *directions: Direction) -> tuple[Unserved, ...]:
    """Return a rider's entries among the unserved, in both directions unless said."""
    return tuple(Unserved(rider_id=rider_id, direction=d, reason=Reason.UNKNOWN) for d in directions or (IN, OUT))


def town_plan() -> Plan:
    """Return a plan of the town that breaks no rule; fay is left out."""
    return Plan(
        lines=town_lines(),
        assignments=(
            *seats("ann", "a", "gate", "north"),
            *seats("bob", "a", "gate", "north"),
            *seats("cai", "a", "market", "north"),
            *seats("dan", "b", "quay", "south"),
            *seats("eve", "b", "quay", "south"),
        ),
        blocks=(
            Block(block_id="1", vehicle_type_id="small", depot_id="yard", trip_ids=("a_in", "a_out")),
            Block(block_id="2", vehicle_type_id="large", depot_id="barn", trip_ids=("b_in", "b_out")),
        ),
        unserved=left_out("fay"),
    )


def with_rules(problem: Problem, /, **changes: Any) -> Problem:
    return replace(problem, rules=replace(problem.rules, **changes))


def with_rider(problem: Problem, rider_id: str, /, **changes: Any) -> Problem:
    return replace(
        problem, riders=tuple(replace(r, **changes) if r.rider_id == rider_id else r for r in problem.riders)
    )


def with_stop(problem: Problem, stop_id: str, /, **changes: Any) -> Problem:
    return replace(problem, stops=tuple(replace(s, **changes) if s.stop_id == stop_id else s for s in problem.stops))


def with_trip(plan: Plan, trip_id: str, /, **changes: Any) -> Plan:
    lines = tuple(
        replace(line, trips=tuple(replace(t, **changes) if t.trip_id == trip_id else t for t in line.trips))
        for line in plan.lines
    )
    return replace(plan, lines=lines)


def with_seat(plan: Plan, rider_id: str, direction: Direction, /, **changes: Any) -> Plan:
    chosen = (rider_id, direction)
    changed = tuple(replace(a, **changes) if (a.rider_id, a.direction) == chosen else a for a in plan.assignments)
    return replace(plan, assignments=changed)


def without(plan: Plan, rider_id: str, *directions: Direction) -> Plan:
    """Take a rider's seats away (in both directions unless said) and list the rider as left out."""
    gone = directions or (IN, OUT)
    kept = tuple(a for a in plan.assignments if a.rider_id != rider_id or a.direction not in gone)
    return replace(plan, assignments=kept, unserved=plan.unserved + left_out(rider_id, *gone))


def with_block(plan: Plan, block_id: str, /, **changes: Any) -> Plan:
    return replace(plan, blocks=tuple(replace(b, **changes) if b.block_id == block_id else b for b in plan.blocks))


Found = tuple[Rule, str, float | None, float | None]


def found(problem: Problem, plan: Plan) -> list[Found]:
    """Return the judge's findings without their sentences: rule, subject, value and limit."""
    return [(v.rule, v.subject, v.value, v.limit) for v in evaluate(problem, plan).violations]
