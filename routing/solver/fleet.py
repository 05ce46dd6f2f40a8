"""Give every line a vehicle: chain the trips, keep to the vehicles there are, close what none is left for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.solver.blocks import Chain, Slot, assign, chain
from routing.solver.lines import FoundLine, Run

STEP = 0.15
"""Share of the fixed cost by which a type becomes dearer when twice as many are wanted as there are."""


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


def may_be_scarce(problem: Problem) -> bool:
    """Tell whether so many lines might open that vehicles of some type run short."""
    people = sum(rider.count for rider in problem.riders)
    most = min(len(problem.riders), people // max(1, problem.rules.min_load))
    return any(there < most for there in _available(problem).values())


def reprice(
    problem: Problem, lines: Sequence[FoundLine], types: Sequence[VehicleType], surcharges: Sequence[float]
) -> list[float]:
    """Return new surcharges [fen] per vehicle: up where the lines want more than there are, down where fewer.

    One step of a subgradient method on the limits of the fleet; a line for which no small vehicle is left
    is driven by a larger one, and must be planned at its price.
    """
    there = _available(problem)
    prices = []
    for kind, wanted, before in zip(types, _wanted(problem, lines, types), surcharges, strict=True):
        available = there[kind.vehicle_type_id]
        prices.append(max(0.0, before + STEP * kind.fixed_cost * min(2.0, (wanted - available) / available)))
    return prices


def _wanted(problem: Problem, lines: Sequence[FoundLine], types: Sequence[VehicleType]) -> list[int]:
    """Return how many vehicles of each type the lines would use, were there enough."""
    chains, _, names = _chains(problem, lines, types)
    used = [0] * len(types)
    for c in chains:
        used[lines[names[c.runs[0]][0]].type_index] += 1
    return used


def _available(problem: Problem) -> Counter[str]:
    there: Counter[str] = Counter()
    for item in problem.fleet:
        if item.available:
            there[item.vehicle_type_id] += item.available
    return there


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
        for c in found:
            members = tuple(of[i] for i in c.runs)
            kept = any(lines[names[i][0]].keeps_type for i in members)
            chains.append(Chain(runs=members, seats=c.seats, only=t if kept else None))
    return chains, runs, names
