"""What a planner is told about a change: decisions on lines, why, and what every rider who loses something gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from routing.compare import LineChange, LineDiff, RiderDiff, compare
from routing.model.demand import Direction
from routing.model.plan import Line
from routing.model.problem import Problem
from routing.model.units import MINUTE_S
from routing.rebalance.steps import Stand
from routing.schedule import TripSchedule


class Kind(StrEnum):
    """What is decided about a line."""

    OPEN = "open"
    CLOSE = "close"
    MERGE = "merge"
    SPLIT = "split"
    EXTEND = "extend"
    SHORTEN = "shorten"
    REROUTE = "reroute"
    RESIZE = "resize"
    RETIME = "retime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """What a rider has instead of what changes for them, in one direction.

    Attributes
    ----------
    line_after, stop_after : str or None
        None where the rider is no longer carried.
    walk_before_m, walk_after_m : int or None
        Between home and stop [m].
    board_shift_s : int or None
        Later (+) or earlier (−) departure from the boarding stop [s].
    """

    rider_id: str
    direction: Direction
    line_before: str | None
    line_after: str | None
    stop_before: str | None
    stop_after: str | None
    walk_before_m: int | None
    walk_after_m: int | None
    board_shift_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision on one line.

    Attributes
    ----------
    related : tuple of str
        Where a closed line's riders go, where an opened line's come from.
    riders : int
        Riders of the line, before or after, who feel a change.
    reason : str
        What speaks for it, in figures of the two plans.
    alternatives : tuple of Alternative
        One for each rider of the line before who feels a change.
    """

    kind: Kind
    line_id: str
    name: str
    related: tuple[str, ...]
    riders: int
    reason: str
    alternatives: tuple[Alternative, ...]


def departures_of(schedules: Mapping[str, TripSchedule]) -> dict[tuple[str, str], int]:
    """Return when each trip leaves each of its stops [s]."""
    return {
        (trip_id, stop_id): clock
        for trip_id, trip in schedules.items()
        for stop_id, clock in zip(trip.trip.stop_ids, trip.depart, strict=True)
    }


def by_trip(at: Stand) -> dict[str, TripSchedule]:
    """Return a plan's timetables by trip."""
    return {trip.trip.trip_id: trip for trip in at.verdict.schedule.trips}


def decide(problem: Problem, before: Stand, after: Stand) -> tuple[Decision, ...]:
    """Name what happens to each line from one plan to another of the same problem."""
    times = by_trip(before), by_trip(after)
    diff = compare(before.plan, after.plan, departures_of(times[0]), departures_of(times[1]))
    felt = [rider for rider in diff.riders if rider.felt]
    lines = {line.line_id: line for line in before.plan.lines}, {line.line_id: line for line in after.plan.lines}
    decisions = []
    for line in diff.lines:
        old, new = lines[0].get(line.line_id), lines[1].get(line.line_id)
        kind = _kind(problem, line, old, new)
        if kind is None:
            continue
        touched = {r.rider_id for r in felt if line.line_id in (r.line_before, r.line_after)}
        decisions.append(
            Decision(
                kind=kind,
                line_id=line.line_id,
                name=(old or new or Line(line_id="", name="", trips=())).name,
                related=line.related,
                riders=len(touched),
                reason=_reason(problem, kind, line, old, new, times),
                alternatives=tuple(_alternative(problem, r) for r in felt if r.line_before == line.line_id),
            )
        )
    return tuple(sorted(decisions, key=lambda d: (list(Kind).index(d.kind), d.line_id)))


def _kind(problem: Problem, diff: LineDiff, old: Line | None, new: Line | None) -> Kind | None:
    if diff.change is LineChange.KEEP:
        return None
    if diff.change is not LineChange.REROUTE or old is None or new is None:
        return Kind(diff.change.value)
    was, now = _places(problem, old), _places(problem, new)
    if was < now:
        return Kind.EXTEND
    return Kind.SHORTEN if now < was else Kind.REROUTE


def _places(problem: Problem, line: Line) -> set[str]:
    nodes = (problem.node(stop_id) for trip in line.trips for stop_id in trip.stop_ids)
    return {problem.place_id(node) for node in nodes if node is not None}


def _reason(
    problem: Problem,
    kind: Kind,
    diff: LineDiff,
    old: Line | None,
    new: Line | None,
    times: tuple[Mapping[str, TripSchedule], Mapping[str, TripSchedule]],
) -> str:
    """Return the figures that a decision rests on."""
    others = ", ".join(diff.related)
    if kind in {Kind.CLOSE, Kind.MERGE}:
        held = f"carries {_busiest(old, times[0])} people on {_seats(problem, old)} seats"
        return f"{held}; those who are carried on ride on {others}" if others else held
    if kind in {Kind.OPEN, Kind.SPLIT}:
        held = f"carries {_busiest(new, times[1])} people on {_seats(problem, new)} seats"
        return f"{held}, some of them from {others}" if others else held
    assert old is not None, "a line that opens was told"
    assert new is not None, "a line that closes was told"
    if kind is Kind.RESIZE:
        seats = f"{_seats(problem, new)} seats in the place of {_seats(problem, old)}"
        return f"carries {_busiest(new, times[1])} people; {seats}"
    if kind is Kind.RETIME:
        clocks = {trip.trip_id: trip.departure for trip in old.trips}
        shifts = [
            t.departure - clocks[t.trip_id] for t in new.trips if clocks.get(t.trip_id, t.departure) != t.departure
        ]
        moved = ", ".join(f"{abs(s) / MINUTE_S:.0f} min {'later' if s > 0 else 'earlier'}" for s in shifts)
        return f"leaves {moved or 'at another time'}"
    was, now = _places(problem, old), _places(problem, new)
    told = [f"halts at {', '.join(_names(problem, now - was))} as well"] if now - was else []
    told += [f"halts no more at {', '.join(_names(problem, was - now))}"] if was - now else []
    return " and ".join(told) or "halts in another order or on the other side"


def _names(problem: Problem, places: set[str]) -> list[str]:
    known = {stop.place_id: stop.name for stop in problem.stops} | {w.worksite_id: w.name for w in problem.worksites}
    return sorted(known[place] for place in places)


def _busiest(line: Line | None, schedules: Mapping[str, TripSchedule]) -> int:
    trips = () if line is None else line.trips
    return max((schedules[t.trip_id].riders for t in trips if t.trip_id in schedules), default=0)


def _seats(problem: Problem, line: Line | None) -> int:
    kinds = (problem.vehicle_type(t.vehicle_type_id) for t in (() if line is None else line.trips))
    return max((kind.seats for kind in kinds if kind is not None), default=0)


def _alternative(problem: Problem, diff: RiderDiff) -> Alternative:
    return Alternative(
        rider_id=diff.rider_id,
        direction=diff.direction,
        line_before=diff.line_before,
        line_after=diff.line_after,
        stop_before=diff.stop_before,
        stop_after=diff.stop_after,
        walk_before_m=walk_of(problem, diff.rider_id, diff.stop_before),
        walk_after_m=walk_of(problem, diff.rider_id, diff.stop_after),
        board_shift_s=diff.board_shift_s,
    )


def walk_of(problem: Problem, rider_id: str, stop_id: str | None) -> int | None:
    """Return a rider's walk to a stop [m], None where either is unknown."""
    rider = problem.rider_index(rider_id)
    node = None if stop_id is None else problem.node(stop_id)
    return None if rider is None or node is None else problem.walks.walk_m(rider, node)
