"""Give every line a vehicle: chain the trips, keep to the vehicles there are, close what none is left for."""

from collections.abc import Sequence
from dataclasses import dataclass

from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.solver.blocks import Chain, Slot, assign, chain
from routing.solver.lines import FoundLine, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One vehicle's day: the runs as (line, run) indices into the lines, and the vehicle."""

    runs: tuple[tuple[int, int], ...]
    slot: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Lines that have vehicles, and who drives them."""

    lines: tuple[FoundLine, ...]
    duties: tuple[Duty, ...]
    closed: tuple[FoundLine, ...]


def available_types(problem: Problem) -> tuple[VehicleType, ...]:
    """Return the vehicle types of which at least one vehicle stands in a depot."""
    there = {item.vehicle_type_id for item in problem.fleet if item.available}
    return tuple(t for t in problem.vehicle_types if t.vehicle_type_id in there)


def roster(problem: Problem, lines: Sequence[FoundLine], types: Sequence[VehicleType]) -> Roster:
    """Chain the lines' trips into vehicles; where these are too few, close lines until they suffice."""
    kept = list(lines)
    closed: list[FoundLine] = []
    while True:
        chains, runs, names = _chains(problem, kept, types)
        given = assign(problem, runs, chains, types)
        without = [c for c, slot in zip(chains, given, strict=True) if slot is None]
        if not without:
            duties = tuple(
                Duty(runs=tuple(names[i] for i in c.runs), slot=slot)
                for c, slot in zip(chains, given, strict=True)
                if slot is not None
            )
            return Roster(lines=tuple(kept), duties=duties, closed=tuple(closed))
        dropped = {min((names[i][0] for i in c.runs), key=lambda x: len(kept[x].riders)) for c in without}
        closed += [kept[x] for x in sorted(dropped)]
        kept = [line for x, line in enumerate(kept) if x not in dropped]


def _chains(
    problem: Problem, lines: Sequence[FoundLine], types: Sequence[VehicleType]
) -> tuple[list[Chain], list[Run], list[tuple[int, int]]]:
    """Chain the runs type by type."""
    names = [(x, y) for x, line in enumerate(lines) for y in range(len(line.runs))]
    runs = [lines[x].runs[y] for x, y in names]
    chains = []
    for t, kind in enumerate(types):
        of = [i for i, (x, _) in enumerate(names) if lines[x].type_index == t]
        found = chain(problem, [runs[i] for i in of], kind, [lines[names[i][0]].peak for i in of])
        chains += [Chain(runs=tuple(of[i] for i in c.runs), seats=c.seats) for c in found]
    return chains, runs, names
