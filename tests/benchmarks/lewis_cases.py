"""Instances and solutions of stop selection, made by hand or read from records, as plans."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.lewis import BUS, DEPOT, SCHOOL, Instance, Solution, as_problem
from routing.model.demand import Direction
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Trip, Unserved
from routing.model.problem import Problem

Walks = Mapping[tuple[int, int], tuple[float, float]]


def write_bus(
    path: Path, drive: Sequence[Sequence[float]], riders: Sequence[int], walks: Walks, *, max_walk_km: float = 1.0
) -> Path:
    """Write an instance whose stops lie on a street, and whose lines end as those of the records do."""
    head = f"{len(drive)},{len(riders)},{len(walks)},K,1,{max_walk_km},StopBearingsNotUsed"
    rows = [f"s,{35.9 + i / 100},14.5,Qrendi, Triq {i}" if i else "s,35.9,14.5,École" for i in range(len(drive))]
    rows += [f"a,{35.9 + a / 100},14.51,{count},Address {a}" for a, count in enumerate(riders)]
    rows += [f"d,{a},{b},1.5,{seconds}" for a, row in enumerate(drive) for b, seconds in enumerate(row)]
    rows += [f"w,{a},{s},{km},{seconds}" for (a, s), (km, seconds) in walks.items()]
    path.write_bytes("\r\n".join([head, *rows, ""]).encode("latin-1"))
    return path


def parse(text: str, addresses: int) -> Solution:
    """Return the solution that a text holds."""
    numbers = iter(map(int, text.split()))
    routes = tuple(tuple((next(numbers), next(numbers)) for _ in range(next(numbers))) for _ in range(next(numbers)))
    return Solution(routes=routes, stop_of=tuple(next(numbers) for _ in range(addresses)))


def as_plan(instance: Instance, solution: Solution) -> Plan:
    """Return a solution as a plan, each address aboard one of the buses that visit its stop."""
    bus_of = share_out(instance, solution)
    problem = as_problem(instance)
    trips = [
        Trip(
            trip_id=f"t{bus}",
            direction=Direction.INBOUND,
            shift_ids=(SCHOOL,),
            vehicle_type_id=BUS,
            stop_ids=(*(f"{stop}" for stop, _ in route), SCHOOL),
            departure=departure(problem, route),
        )
        for bus, route in enumerate(solution.routes)
    ]
    seats = tuple(
        Assignment(
            rider_id=f"{address}",
            direction=Direction.INBOUND,
            trip_id=f"t{bus}",
            board_stop_id=f"{solution.stop_of[address]}",
            alight_stop_id=SCHOOL,
        )
        for address, bus in sorted(bus_of.items())
    )
    return Plan(
        lines=tuple(Line(line_id=t.trip_id, name=t.trip_id, trips=(t,)) for t in trips),
        assignments=seats,
        blocks=tuple(
            Block(block_id=t.trip_id, vehicle_type_id=BUS, depot_id=DEPOT, trip_ids=(t.trip_id,)) for t in trips
        ),
        unserved=tuple(
            Unserved(rider_id=f"{a}", direction=Direction.INBOUND, reason=Reason.UNKNOWN)
            for a in range(len(instance.riders))
            if a not in bus_of
        ),
    )


def departure(problem: Problem, route: Sequence[tuple[int, int]]) -> int:
    """Return when to leave the first stop, to be at the school at the bell."""
    nodes = [stop - 1 for stop, _ in route] + [len(problem.stops)]
    drive = sum(int(problem.travel[0].duration[a, b]) for a, b in pairwise(nodes))
    dwell = sum(problem.rules.dwell_s(people, at_worksite=False) for _, people in route[1:])
    return (problem.shifts[0].start or 0) - drive - dwell


def share_out(instance: Instance, solution: Solution) -> dict[int, int]:
    """Return the bus of each address that has a stop; a record's riders never part from their address."""
    waiting: defaultdict[int, list[int]] = defaultdict(list)
    for address, stop in enumerate(solution.stop_of):
        waiting[stop].append(address)
    waiting.pop(0, None)
    bus_of: dict[int, int] = {}
    for stop, addresses in waiting.items():
        room = {bus: count for bus, route in enumerate(solution.routes) for s, count in route if s == stop}
        addresses.sort(key=lambda a: -instance.riders[a])
        shared = fill(room, [instance.riders[a] for a in addresses])
        assert shared is not None, f"stop {stop} parts an address"
        bus_of |= dict(zip(addresses, shared, strict=True))
    return bus_of


def fill(room: dict[int, int], groups: Sequence[int]) -> list[int] | None:
    """Return a bus for each group, largest first, that fills every bus exactly; None where there is no way."""
    if not groups:
        return None if any(room.values()) else []
    for bus, left in room.items():
        rest = fill({**room, bus: left - groups[0]}, groups[1:]) if left >= groups[0] else None
        if rest is not None:
            return [bus, *rest]
    return None
