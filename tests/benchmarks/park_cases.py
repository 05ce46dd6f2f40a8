"""Multi-school instances and buses, made by hand or drawn, as plans."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.park import BUS, DEPOT, Instance
from routing.model.demand import Direction
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Trip, Unserved
from routing.model.problem import Problem
from routing.schedule import TripSchedule, schedule_plan

Row = tuple[int, float, float, int, int]


def write_folder(folder: Path, schools: Sequence[Row], stops: Sequence[Row]) -> Path:
    """Write an instance as its authors do: tabs, a byte order mark, lines that end as on Windows."""
    folder.mkdir(exist_ok=True)
    for name, head, rows in (
        ("Schools", "ID\tX\tY\tAMEARLY\tAMLATE", schools),
        ("Stops", "ID\tX_COORD\tY_COORD\tEP_ID\tSTUDENT_COUNT", stops),
    ):
        lines = [f"{head}\t", *("\t".join(map(str, row)) + "\t" for row in rows), ""]
        (folder / f"{name}.txt").write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    return folder


def as_plan(instance: Instance, problem: Problem, buses: Sequence[Sequence[int]]) -> Plan:
    """Return buses as a plan: a trip begins where the bus is empty, and leaves as early as it may and can.

    A bus whose trips cannot be in time leaves when the first school of the trip would have it.
    """
    lines: list[Line] = []
    blocks, seats = [], []
    for number, nodes in enumerate(buses):
        ready, last = -(10**9), -1
        trips = []
        for index, calls in enumerate(pieces(instance, nodes)):
            name = f"b{number} t{index}"
            trip, own = _trip(instance, name, calls)
            free = _schedule(problem, trip, own)
            empty = 0 if last < 0 else int(problem.travel[0].duration[last, free.nodes[0]])
            earliest, latest = _leeway(problem, free)
            moved = max(earliest, ready + empty - free.arrive[0])
            trip = replace(trip, departure=trip.departure + (moved if moved <= latest else earliest))
            final = _schedule(problem, trip, own)
            ready, last = final.depart[-1], final.nodes[-1]
            trips.append(trip)
            seats += own
        lines += [Line(line_id=t.trip_id, name=t.trip_id, trips=(t,)) for t in trips]
        names = tuple(t.trip_id for t in trips)
        blocks.append(Block(block_id=f"b{number}", vehicle_type_id=BUS, depot_id=DEPOT, trip_ids=names))
    seated = {s.rider_id for s in seats}
    left = tuple(
        Unserved(rider_id=f"{p.stop_id}", direction=Direction.INBOUND, reason=Reason.UNKNOWN)
        for p in instance.pickups
        if f"{p.stop_id}" not in seated
    )
    return Plan(lines=tuple(lines), assignments=tuple(seats), blocks=tuple(blocks), unserved=left)


def pieces(instance: Instance, nodes: Sequence[int]) -> list[list[int]]:
    """Return the stretches of a bus's day between empty and empty."""
    school_of = {p.stop_id: p.school_id for p in instance.pickups}
    found: list[list[int]] = [[]]
    waiting: set[int] = set()
    for node in nodes:
        found[-1].append(node)
        waiting = waiting | {school_of[node]} if node in school_of else waiting - {node}
        if not waiting:
            found.append([])
    return [piece for piece in found if piece]


def _trip(instance: Instance, name: str, calls: Sequence[int]) -> tuple[Trip, list[Assignment]]:
    school_of = {p.stop_id: p.school_id for p in instance.pickups}
    seats = [
        Assignment(
            rider_id=f"{node}",
            direction=Direction.INBOUND,
            trip_id=name,
            board_stop_id=f"{node}",
            alight_stop_id=f"{school_of[node]}",
        )
        for node in calls
        if node in school_of
    ]
    trip = Trip(
        trip_id=name,
        direction=Direction.INBOUND,
        shift_ids=tuple(sorted({s.alight_stop_id for s in seats})),
        vehicle_type_id=BUS,
        stop_ids=tuple(map(str, calls)),
        departure=0,
    )
    return trip, seats


def _schedule(problem: Problem, trip: Trip, seats: list[Assignment]) -> TripSchedule:
    plan = Plan(lines=(Line(line_id="", name="", trips=(trip,)),), assignments=tuple(seats))
    return schedule_plan(problem, plan).trips[0]


def _leeway(problem: Problem, schedule: TripSchedule) -> tuple[int, int]:
    """Return how much later a trip must leave at least, and at most, for the windows of its schools."""
    earliest, latest = -(10**9), 10**9
    for seat in schedule.seats:
        shift = problem.shift(problem.riders[seat.rider].shift_id)
        assert shift is not None
        bounds = problem.rules.window(shift, Direction.INBOUND)
        assert bounds is not None
        clock = schedule.arrive[seat.alight]
        earliest, latest = max(earliest, bounds[0] - clock), min(latest, bounds[1] - clock)
    return earliest, latest
