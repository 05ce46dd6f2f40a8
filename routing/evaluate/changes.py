"""Rules and prices of change: which promises of the running plan a plan breaks, and for whom."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from routing.evaluate.findings import Rule, Violation
from routing.model.changes import ChangeCosts, Changes
from routing.model.demand import Direction
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.schedule import PlanSchedule

SUBJECT = "plan"


class Change(StrEnum):
    """What a rider may feel."""

    OTHER_STOP = "other_stop"
    OTHER_LINE = "other_line"
    RETIMED = "retimed"
    LINE_CLOSED = "line_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A seat that the running plan gives to a rider who still wants it.

    Attributes
    ----------
    rider : int
        Index in the problem.
    stop_id : str
        The stop near home.
    departure : int or None
        Clock time [s] of leaving the boarding stop, where one was published.
    """

    rider: int
    direction: Direction
    line_id: str
    trip_id: str
    stop_id: str
    departure: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTally:
    """How a plan departs from the running one.

    Attributes
    ----------
    stayers, changed : int
        People with a seat in the running plan who still travel, and those of them who feel a change.
    by_kind : mapping
        People per kind of change; one who feels two is counted under both.
    price_fen : int
        What these changes cost by their prices [fen per day]; the forbidden ones are not counted.
    """

    stayers: int
    changed: int
    by_kind: Mapping[str, int]
    price_fen: int


def promised(problem: Problem) -> tuple[Promise, ...]:
    """Return the promises that can still be meant; none where nothing runs.

    A rider who left, who works elsewhere or in another shift now, or who moved too far from the stop, is
    no stayer.
    """
    changes = problem.changes
    if changes is None:
        return ()
    trips = {trip.trip_id: (line, trip) for line, trip in changes.running.trips()}
    found = []
    for seat in changes.running.assignments:
        index = problem.rider_index(seat.rider_id)
        if index is None or seat.trip_id not in trips:
            continue
        line, trip = trips[seat.trip_id]
        rider = problem.riders[index]
        inbound = seat.direction is Direction.INBOUND
        home, site = seat.board_stop_id, seat.alight_stop_id
        home, site = (home, site) if inbound else (site, home)
        node = problem.node(home)
        walk = None if node is None else problem.walks.walk_m(index, node)
        within = walk is not None and walk <= problem.rules.walk_limit_m(rider.need)
        if within and site == rider.worksite_id and rider.shift_id in trip.shift_ids:
            departure = changes.departures.get((trip.trip_id, seat.board_stop_id))
            found.append(
                Promise(
                    rider=index,
                    direction=seat.direction,
                    line_id=line.line_id,
                    trip_id=trip.trip_id,
                    stop_id=home,
                    departure=departure,
                )
            )
    return tuple(found)


Broken = dict[tuple[int, Direction], frozenset[Change]]
"""Which kinds of change a rider feels in a direction; only those who feel any."""


def find_changes(problem: Problem, plan: Plan, schedule: PlanSchedule, promises: Sequence[Promise]) -> Broken:
    """Return who feels which change against what the running plan promised."""
    if problem.changes is None:
        return {}
    seats = {(seat.rider, trip.trip.direction): (trip, seat) for trip in schedule.trips for seat in trip.seats}
    lines = {line.line_id for line in plan.lines}
    broken: Broken = {}
    for promise in promises:
        key = promise.rider, promise.direction
        kinds = {Change.LINE_CLOSED} if promise.line_id not in lines else set()
        if key not in seats:
            kinds.add(Change.OTHER_LINE)
        else:
            trip, seat = seats[key]
            inbound = promise.direction is Direction.INBOUND
            stop_id = seat.assignment.board_stop_id if inbound else seat.assignment.alight_stop_id
            if stop_id != promise.stop_id:
                kinds.add(Change.OTHER_STOP)
            if trip.line.line_id != promise.line_id:
                kinds.add(Change.OTHER_LINE)
            elif promise.departure is not None:
                shift = abs(trip.depart[seat.board] - promise.departure)
                if shift > problem.changes.costs.tolerance_s:
                    kinds.add(Change.RETIMED)
        if kinds:
            broken[key] = frozenset(kinds)
    return broken


def tally(problem: Problem, broken: Broken, promises: Sequence[Promise]) -> ChangeTally | None:
    """Count who feels a change and what that costs; None where nothing runs."""
    if problem.changes is None:
        return None
    costs = problem.changes.costs
    kinds: dict[int, set[Change]] = {}
    price = Fraction(0)
    for (index, _), felt in broken.items():
        kinds.setdefault(index, set()).update(felt)
        fen = sum(price_of(costs, kind) or 0 for kind in felt)
        price += Fraction(fen * problem.riders[index].count, directions_of(problem, index))
    by_kind: Counter[str] = Counter()
    for index, felt_by in kinds.items():
        by_kind.update({kind.value: problem.riders[index].count for kind in felt_by})
    return ChangeTally(
        stayers=sum(problem.riders[index].count for index in {p.rider for p in promises}),
        changed=sum(problem.riders[index].count for index in kinds),
        by_kind=dict(sorted(by_kind.items())),
        price_fen=round(price),
    )


def price_of(costs: ChangeCosts, kind: Change) -> int | None:
    """Return the price of a kind of change [fen per person and day], None where it is forbidden."""
    return dict(zip(Change, (costs.other_stop, costs.other_line, costs.retimed, costs.line_closed), strict=True))[kind]


def directions_of(problem: Problem, rider: int) -> int:
    """Return in how many directions a rider asks for a trip."""
    shift = problem.shift(problem.riders[rider].shift_id)
    return 1 if shift is None else len(shift.directions)


def check_frozen(problem: Problem, broken: Broken) -> Iterator[Violation]:
    """Check that nobody feels a change whose price is infinite."""
    if problem.changes is None:
        return
    forbidden = {kind for kind in Change if price_of(problem.changes.costs, kind) is None}
    for (index, direction), kinds in broken.items():
        for kind in sorted(kinds & forbidden):
            rider_id = problem.riders[index].rider_id
            text = f"{rider_id} has {kind.value.replace('_', ' ')} {direction}, which nobody may"
            yield Violation(rule=Rule.FROZEN, subject=rider_id, text=text)


def check_change_budget(changes: Changes | None, count: ChangeTally | None) -> Iterator[Violation]:
    """Check that no more people feel a change than may."""
    if changes is None or count is None or changes.max_changed_riders is None:
        return
    if count.changed > changes.max_changed_riders:
        text = f"{count.changed} riders feel a change"
        limit = changes.max_changed_riders
        yield Violation(rule=Rule.CHANGE_BUDGET, subject=SUBJECT, value=count.changed, limit=limit, text=text)
