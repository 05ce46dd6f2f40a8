"""What changes from one plan to another: who is moved and by how much, which lines open, close, merge or split."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from routing.model.demand import Direction
from routing.model.plan import Assignment, Line, Plan, Trip

RETIME_S = 300
"""A departure that moves by more than this [s] is a change that riders feel."""


class LineChange(StrEnum):
    """What happens to a line."""

    OPEN = "open"
    CLOSE = "close"
    MERGE = "merge"
    SPLIT = "split"
    RETIME = "retime"
    RESIZE = "resize"
    REROUTE = "reroute"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDiff:
    """One line in both plans.

    Attributes
    ----------
    related : tuple of str
        The other lines of a merge or split: where a closed line's riders go, where an opened line's come from.
    """

    line_id: str
    change: LineChange
    related: tuple[str, ...]
    riders_before: int
    riders_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RiderDiff:
    """One rider whose service changes in one direction.

    Attributes
    ----------
    board_shift_s : int or None
        Later (+) or earlier (−) departure from the boarding stop [s], where both plans serve the rider.
    felt : bool
        Other stop, other line, departure moved by more than five minutes, or service lost or gained.
    """

    rider_id: str
    direction: Direction
    line_before: str | None
    line_after: str | None
    stop_before: str | None
    stop_after: str | None
    board_shift_s: int | None
    felt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDiff:
    """What changes between two plans; riders whose service is identical are not listed.

    Attributes
    ----------
    stayers : int
        Riders served by both plans.
    changed : int
        Stayers who feel a change in some direction.
    """

    lines: tuple[LineDiff, ...]
    riders: tuple[RiderDiff, ...]
    stayers: int
    changed: int
    lost: int
    gained: int

    @property
    def stability(self) -> float:
        """Share of stayers who keep stop, line and departure within five minutes."""
        return 1.0 - self.changed / self.stayers if self.stayers else 1.0

    def changes(self) -> dict[str, int]:
        """Return the number of lines per kind of change."""
        return dict(Counter(line.change.value for line in self.lines))


Departures = dict[tuple[str, str], int]
"""Clock time [s] at which a trip (first key) leaves a stop (second key)."""


def compare(before: Plan, after: Plan, departures_before: Departures, departures_after: Departures) -> PlanDiff:
    """Compare two plans of one service.

    Parameters
    ----------
    before, after : Plan
        The plans; riders and lines are matched by id.
    departures_before, departures_after : Departures
        When each trip leaves each of its stops [s], as in the plans' timetables.
    """
    was, now = _Seats.of(before, departures_before), _Seats.of(after, departures_after)
    keys = sorted(was.by_rider.keys() | now.by_rider.keys())
    riders = [_rider_diff(key, was, now) for key in keys]
    served_before, served_after = {k[0] for k in was.by_rider}, {k[0] for k in now.by_rider}
    stayers = served_before & served_after
    moved = {r.rider_id for r in riders if r.felt}
    return PlanDiff(
        lines=tuple(_line_diffs(before, after, was, now)),
        riders=tuple(r for r in riders if r.felt or r.board_shift_s),
        stayers=len(stayers),
        changed=len(stayers & moved),
        lost=len(served_before - served_after),
        gained=len(served_after - served_before),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seats:
    by_rider: dict[tuple[str, Direction], Assignment]
    line_of: dict[str, str]
    departures: Departures

    @classmethod
    def of(cls, plan: Plan, departures: Departures) -> "_Seats":
        line_of = {trip.trip_id: line.line_id for line, trip in plan.trips()}
        by_rider = {(a.rider_id, a.direction): a for a in plan.assignments}
        return cls(by_rider=by_rider, line_of=line_of, departures=departures)

    def line(self, seat: Assignment | None) -> str | None:
        return None if seat is None else self.line_of.get(seat.trip_id)

    def departure(self, seat: Assignment) -> int | None:
        return self.departures.get((seat.trip_id, seat.board_stop_id))

    def riders_of(self, line_ids: Iterable[str]) -> dict[str, set[str]]:
        riders: dict[str, set[str]] = {line_id: set() for line_id in line_ids}
        for seat in self.by_rider.values():
            line = self.line(seat)
            if line in riders:
                riders[line].add(seat.rider_id)
        return riders


def _home_stop(seat: Assignment | None) -> str | None:
    if seat is None:
        return None
    return seat.board_stop_id if seat.direction is Direction.INBOUND else seat.alight_stop_id


def _rider_diff(key: tuple[str, Direction], was: _Seats, now: _Seats) -> RiderDiff:
    before, after = was.by_rider.get(key), now.by_rider.get(key)
    shift, kept = None, False
    if before is not None and after is not None:
        left, leaves = was.departure(before), now.departure(after)
        shift = None if left is None or leaves is None else leaves - left
        same_place = _home_stop(before) == _home_stop(after) and was.line(before) == now.line(after)
        # A clock time that neither plan knows is no change; one that is lost is.
        kept = same_place and (left is None) == (leaves is None)
    return RiderDiff(
        rider_id=key[0],
        direction=key[1],
        line_before=was.line(before),
        line_after=now.line(after),
        stop_before=_home_stop(before),
        stop_after=_home_stop(after),
        board_shift_s=shift,
        felt=not kept or (shift is not None and abs(shift) > RETIME_S),
    )


def _line_diffs(before: Plan, after: Plan, was: _Seats, now: _Seats) -> list[LineDiff]:
    old, new = {x.line_id: x for x in before.lines}, {x.line_id: x for x in after.lines}
    riders_was, riders_now = was.riders_of(old), now.riders_of(new)
    goes_to, comes_from = _flows(was, now)
    diffs = []
    for line_id in sorted(old.keys() | new.keys()):
        if line_id not in new:
            related = goes_to[line_id] - {line_id}
            change = LineChange.MERGE if related else LineChange.CLOSE
        elif line_id not in old:
            related = comes_from[line_id] - {line_id}
            change = LineChange.SPLIT if related else LineChange.OPEN
        else:
            related = set()
            change = _kept_line_change(old[line_id], new[line_id])
        count_before, count_after = len(riders_was.get(line_id, ())), len(riders_now.get(line_id, ()))
        diffs.append(
            LineDiff(
                line_id=line_id,
                change=change,
                related=tuple(sorted(related)),
                riders_before=count_before,
                riders_after=count_after,
            )
        )
    return diffs


def _flows(was: _Seats, now: _Seats) -> tuple[defaultdict[str, set[str]], defaultdict[str, set[str]]]:
    goes_to: defaultdict[str, set[str]] = defaultdict(set)
    comes_from: defaultdict[str, set[str]] = defaultdict(set)
    for key in was.by_rider.keys() & now.by_rider.keys():
        old, new = was.line(was.by_rider[key]), now.line(now.by_rider[key])
        if old is not None and new is not None:
            goes_to[old].add(new)
            comes_from[new].add(old)
    return goes_to, comes_from


def _kept_line_change(old: Line, new: Line) -> LineChange:
    # A line may run several trips a day in one direction: they are compared as a collection.
    if _count(old, _route) != _count(new, _route):
        return LineChange.REROUTE
    if _count(old, lambda t: (*_route(t), t.vehicle_type_id)) != _count(new, lambda t: (*_route(t), t.vehicle_type_id)):
        return LineChange.RESIZE
    if _count(old, lambda t: (*_route(t), t.departure)) != _count(new, lambda t: (*_route(t), t.departure)):
        return LineChange.RETIME
    return LineChange.KEEP


def _route(trip: Trip) -> tuple[object, ...]:
    return trip.direction, trip.stop_ids


def _count(line: Line, key: Callable[[Trip], tuple[object, ...]]) -> Counter[tuple[object, ...]]:
    return Counter(key(trip) for trip in line.trips)
