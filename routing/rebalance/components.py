"""The difference of two plans as groups of lines that can be changed one group at a time."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace

from routing.model.demand import Direction
from routing.model.plan import Assignment, Line, Plan
from routing.model.problem import Problem
from routing.solver.recrew import recrew


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Lines that only change together, because riders move between them.

    Attributes
    ----------
    line_ids : tuple of str
        Lines of either plan, sorted.
    """

    line_ids: tuple[str, ...]


Key = tuple[str, Direction]


def find_components(before: Plan, after: Plan) -> tuple[Component, ...]:
    """Return the groups of lines in which two plans of the same problem differ.

    The lines of a rider who moves from one line to another are in one group; a line whose own trips or
    seats change is in some group. Vehicles are no difference: they are given out anew for every plan.
    """
    lines_before, lines_after = _Lines.of(before), _Lines.of(after)
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for key in lines_before.by_rider.keys() | lines_after.by_rider.keys():
        old, new = lines_before.by_rider.get(key), lines_after.by_rider.get(key)
        if old is not None and new is not None and old != new:
            parent[root(old)] = root(new)
    every = lines_before.content.keys() | lines_after.content.keys()
    changed = {name for name in every if lines_before.content.get(name) != lines_after.content.get(name)}
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(changed):
        groups[root(name)].append(name)
    return tuple(sorted((Component(line_ids=tuple(names)) for names in groups.values()), key=lambda c: c.line_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """Which line each rider has in each direction, and what each line is, vehicles apart."""

    by_rider: dict[Key, str]
    content: dict[str, tuple[object, ...]]

    @classmethod
    def of(cls, plan: Plan) -> "_Lines":
        line_of = {trip.trip_id: line.line_id for line, trip in plan.trips()}
        seats: dict[str, set[Assignment]] = defaultdict(set)
        for seat in plan.assignments:
            if seat.trip_id in line_of:
                seats[line_of[seat.trip_id]].add(seat)
        content: dict[str, tuple[object, ...]] = {
            line.line_id: (_trips(line), frozenset(seats[line.line_id])) for line in plan.lines
        }
        by_rider = {(s.rider_id, s.direction): line_of[s.trip_id] for s in plan.assignments if s.trip_id in line_of}
        return cls(by_rider=by_rider, content=content)


def _trips(line: Line) -> frozenset[tuple[object, ...]]:
    return frozenset((t.trip_id, t.direction, t.stop_ids, t.departure) for t in line.trips)


def exchange(problem: Problem, plan: Plan, other: Plan, line_ids: Collection[str]) -> Plan | None:
    """Return a plan in which some lines are as in another plan, with vehicles given out anew.

    None where there are too few vehicles.
    """
    chosen = set(line_ids)
    replaced = {line.line_id: line for line in other.lines if line.line_id in chosen}
    lines = [replaced.pop(line.line_id, None) if line.line_id in chosen else line for line in plan.lines]
    kept = (*(line for line in lines if line is not None), *replaced.values())
    seats = (*_seats(plan, chosen, inside=False), *_seats(other, chosen, inside=True))
    seated = {(seat.rider_id, seat.direction) for seat in seats}
    waiting = {(u.rider_id, u.direction): u for u in (*other.unserved, *plan.unserved)}
    mixed = replace(
        plan,
        lines=kept,
        assignments=seats,
        blocks=(),
        unserved=tuple(u for key, u in sorted(waiting.items()) if key not in seated),
    )
    return recrew(problem, mixed)


def _seats(plan: Plan, line_ids: Collection[str], *, inside: bool) -> tuple[Assignment, ...]:
    of = {trip.trip_id for line, trip in plan.trips() if (line.line_id in line_ids) == inside}
    return tuple(seat for seat in plan.assignments if seat.trip_id in of)
