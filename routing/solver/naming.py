"""What lines are called: one that ran keeps its id, its name and its trips' ids where most of its riders go on."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from routing.evaluate.changes import promised
from routing.model.changes import Changes
from routing.model.demand import Direction
from routing.model.plan import Line, Plan
from routing.model.problem import Problem
from routing.solver.lines import FoundLine

PINNED = 1_000_000
"""As many riders a pinned one weighs: where one goes on, the line's name goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A line that runs, or one pair of its trips, under the names riders know."""

    line_id: str
    name: str
    trip_ids: Mapping[Direction, str]


Weight = Callable[[Any], int]


def match(
    before: Sequence[Collection[Hashable]], after: Sequence[Collection[Hashable]], weight: Weight = lambda _: 1
) -> list[int]:
    """Return for each group of the second sequence the group of the first it goes on from, −1 for none.

    Groups are matched one to one so that the members who stay in theirs weigh as much as possible.
    """
    if not before or not after:
        return [-1] * len(after)
    where: dict[Hashable, list[int]] = defaultdict(list)
    for x, group in enumerate(before):
        for member in group:
            where[member].append(x)
    shared = np.zeros((len(before), len(after)))
    for y, group in enumerate(after):
        for member in group:
            for x in where.get(member, ()):
                shared[x, y] += weight(member)
    found = [-1] * len(after)
    for old, new in zip(*linear_sum_assignment(-shared), strict=True):
        if shared[old, new] > 0:
            found[int(new)] = int(old)
    return found


def published_names(
    problem: Problem, lines: Sequence[FoundLine], incumbent: Plan | None = None
) -> list[Published | None]:
    """Return for each line found the one whose name it keeps, None for a new one.

    Parameters
    ----------
    incumbent : Plan or None
        The plan that the search began with: lines that it opened beside the running ones keep their names as well.
    """
    changes = problem.changes
    if changes is None:
        return [None] * len(lines)
    free = [line for line in lines if line.pinned is None]
    names = iter(_searched(problem, changes, free, incumbent))
    return [next(names) if line.pinned is None else _pinned(line.pinned, line.runs[0].direction) for line in lines]


def _pinned(pinned: tuple[str, str, str], direction: Direction) -> Published:
    line_id, name, trip_id = pinned
    return Published(line_id=line_id, name=name, trip_ids={direction: trip_id})


def _searched(
    problem: Problem, changes: Changes, lines: Sequence[FoundLine], incumbent: Plan | None
) -> list[Published | None]:
    """Name the lines of the search."""
    units = [unit for line in changes.running.lines for unit in _units(problem, line)]
    riders: dict[str, set[tuple[int, Direction]]] = defaultdict(set)
    for promise in promised(problem):
        riders[promise.trip_id].add((promise.rider, promise.direction))
    after = [{(r, run.direction) for run in line.runs for r, _, _ in run.seats} for line in lines]
    found = _named(problem, units, riders, after)
    if incumbent is not None:
        ran = {line.line_id for line in changes.running.lines}
        opened = [unit for line in incumbent.lines if line.line_id not in ran for unit in _units(problem, line)]
        for seat in incumbent.assignments:
            index = problem.rider_index(seat.rider_id)
            if index is not None:
                riders[seat.trip_id].add((index, seat.direction))
        new = [x for x, name in enumerate(found) if name is None]
        for x, name in zip(new, _named(problem, opened, riders, [after[x] for x in new]), strict=True):
            found[x] = name
    return found


def _named(
    problem: Problem,
    units: Sequence[Published],
    riders: Mapping[str, Collection[tuple[int, Direction]]],
    after: Sequence[Collection[tuple[int, Direction]]],
) -> list[Published | None]:
    before = [{seat for trip_id in unit.trip_ids.values() for seat in riders.get(trip_id, ())} for unit in units]
    held = frozenset() if problem.changes is None else problem.changes.pins.riders

    def weight(seat: tuple[int, Direction]) -> int:
        rider = problem.riders[seat[0]]
        return rider.count * (PINNED if rider.rider_id in held else 1)

    return [None if x < 0 else units[x] for x in match(before, after, weight)]


def keep_types(problem: Problem, lines: Sequence[FoundLine], type_ids: Sequence[str]) -> list[FoundLine]:
    """Return the lines, those whose vehicle type is pinned with the type that drives them now."""
    changes = problem.changes
    if changes is None or not changes.pins.vehicle_types:
        return list(lines)
    kind = {trip.trip_id: trip.vehicle_type_id for _, trip in changes.running.trips()}
    kept = []
    for line, name in zip(lines, published_names(problem, lines), strict=True):
        held = None if name is None or name.line_id not in changes.pins.vehicle_types else name.trip_ids
        was = next((kind[t] for t in held.values() if t in kind), None) if held else None
        known = was is not None and was in type_ids
        kept.append(replace(line, keeps_type=True, type_index=type_ids.index(was)) if known and was else line)
    return kept


def _units(problem: Problem, line: Line) -> list[Published]:
    """Return a line's trips as the search plans them: in pairs there and back, or one by one."""
    ways = [[trip.trip_id for trip in line.trips if trip.direction is way] for way in Direction]
    if not problem.rules.same_line_both_ways:
        return [
            Published(line_id=line.line_id, name=line.name, trip_ids={way: trip_id})
            for way, trip_ids in zip(Direction, ways, strict=True)
            for trip_id in trip_ids
        ]
    return [
        Published(
            line_id=line.line_id,
            name=line.name,
            trip_ids={way: t for way, t in zip(Direction, pair, strict=True) if t is not None},
        )
        for pair in zip_longest(*ways)
    ]


def fresh_ids(prefix: str, taken: Collection[str], count: int) -> list[str]:
    """Return so many ids of three digits that are not taken."""
    found: list[str] = []
    number = 0
    while len(found) < count:
        number += 1
        name = f"{prefix}{number:03d}"
        if name not in taken:
            found.append(name)
    return found
