"""Turn drafts into a plan: the same exact chaining of trips and choice of depots that banche's own lines get."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.peers.draft import Draft, Timing, Workshop
from routing.model.demand import Direction
from routing.model.fleet import VehicleType
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Trip, Unserved
from routing.model.problem import Problem
from routing.solver.blocks import Chain, Slot, assign, chain
from routing.solver.lines import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Drafts that have vehicles, and per vehicle which of them it drives, in order."""

    drafts: tuple[Draft, ...]
    days: tuple[tuple[Slot, tuple[int, ...]], ...]


def give_vehicles(workshop: Workshop, drafts: Sequence[Draft]) -> Roster:
    """Chain drafts into vehicles' days; where there are too few vehicles, close the drafts with the fewest riders."""
    problem = workshop.problem
    types = [t for t in problem.vehicle_types if any(i.vehicle_type_id == t.vehicle_type_id for i in problem.fleet)]
    kept = list(drafts)
    while True:
        timings = [workshop.time(draft) for draft in kept]
        runs = [_run(workshop, *pair) for pair in zip(kept, timings, strict=True)]
        chains = _chains(problem, runs, [timing.peak for timing in timings], types)
        slots = assign(problem, runs, chains, types)
        pairs = list(zip(chains, slots, strict=True))
        closed = {min(c.runs, key=lambda i: len(runs[i].seats)) for c, slot in pairs if slot is None}
        if not closed:
            return Roster(drafts=tuple(kept), days=tuple((slot, c.runs) for c, slot in pairs if slot is not None))
        kept = [draft for i, draft in enumerate(kept) if i not in closed]


def write_plan(workshop: Workshop, roster: Roster) -> Plan:
    """Return the plan of a roster; whoever it does not carry is listed as unserved."""
    problem = workshop.problem
    kinds = {i: problem.vehicle_types[slot.type_index] for slot, members in roster.days for i in members}
    lines, assignments = [], []
    for i, draft in enumerate(roster.drafts):
        names = {node: _name(problem, node) for node in (*draft.stops, *draft.sites)}
        timing = workshop.time(draft)
        trip = Trip(
            trip_id=f"T{i + 1:03d}-in",
            direction=Direction.INBOUND,
            shift_ids=(draft.shift_id,),
            vehicle_type_id=kinds[i].vehicle_type_id,
            stop_ids=tuple(names.values()),
            departure=_begin(timing) + timing.depart[0],
        )
        lines.append(Line(line_id=f"L{i + 1:03d}", name=f"L{i + 1:03d}", trips=(trip,)))
        assignments += [
            Assignment(
                rider_id=problem.riders[rider].rider_id,
                direction=Direction.INBOUND,
                trip_id=trip.trip_id,
                board_stop_id=names[stop],
                alight_stop_id=problem.riders[rider].worksite_id,
            )
            for rider, stop in sorted(draft.board.items())
        ]
    blocks = tuple(
        Block(
            block_id=f"B{x + 1:03d}",
            vehicle_type_id=problem.vehicle_types[slot.type_index].vehicle_type_id,
            depot_id=slot.depot_id,
            trip_ids=tuple(f"T{i + 1:03d}-in" for i in members),
        )
        for x, (slot, members) in enumerate(roster.days)
    )
    served = {assignment.rider_id for assignment in assignments}
    unserved = tuple(
        Unserved(rider_id=rider.rider_id, direction=Direction.INBOUND, reason=Reason.UNKNOWN)
        for rider in problem.riders
        if rider.rider_id not in served
    )
    return Plan(lines=tuple(lines), assignments=tuple(assignments), blocks=blocks, unserved=unserved)


def _chains(problem: Problem, runs: list[Run], peaks: list[int], types: Sequence[VehicleType]) -> list[Chain]:
    """Chain runs that need vehicles of the same size."""
    by_size = sorted(range(len(types)), key=lambda k: (types[k].seats, types[k].fixed_cost))
    fits = [next(k for k in by_size if types[k].seats >= peak) for peak in peaks]
    chains = []
    for k, kind in enumerate(types):
        of = [i for i, fit in enumerate(fits) if fit == k]
        found = chain(problem, [runs[i] for i in of], kind, [peaks[i] for i in of])
        chains += [Chain(runs=tuple(of[i] for i in c.runs), seats=c.seats) for c in found]
    return chains


def _run(workshop: Workshop, draft: Draft, timing: Timing) -> Run:
    begin = _begin(timing)
    return Run(
        direction=Direction.INBOUND,
        period=workshop.period(draft.shift_id),
        nodes=(*draft.stops, *draft.sites),
        begin=begin,
        end=begin + timing.depart[-1],
        departure=begin + timing.depart[0],
        earlier=begin - timing.opens,
        later=timing.closes - begin,
        seats=tuple((rider, stop, int(workshop.site[rider])) for rider, stop in sorted(draft.board.items())),
    )


def _begin(timing: Timing) -> int:
    """Return the clock time [s] at which the first stop is reached: the middle of what is allowed."""
    return (timing.opens + timing.closes) // 2


def _name(problem: Problem, node: int) -> str:
    if problem.is_worksite(node):
        return problem.worksites[node - len(problem.stops)].worksite_id
    return problem.stops[node].stop_id
