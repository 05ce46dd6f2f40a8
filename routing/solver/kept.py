"""What a running plan promised, in the arrays of the kernel: whose line was which, and what leaving it costs.

The lines that ran keep the first rows of a search's lines, one each: a rider is on her line of before if she is
in its row, whatever has become of its stops. What the lines found are called in the end is `routing.solver.naming`'s.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.evaluate.changes import Promise, directions_of, promised
from routing.model.demand import Direction
from routing.model.problem import Problem
from routing.solver.choices import Choice
from routing.solver.layout import FAR, LOSS, MOVED, RETIMED, WAS_AT, WAS_LINE, WORTH_FIELDS, Float64, Int32
from routing.solver.parts import Part

FORBIDDEN = 10_000_000
"""What a forbidden change costs [fen per person]: more than any plan could save by it."""
ELSEWHERE = -2
"""In the place of a line's row: one that another piece may keep, so that its riders change whatever they do here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The running lines of a part, by row.

    Attributes
    ----------
    trip_ids : tuple of str
        The published trip of each row in the part's first direction.
    riders : tuple of frozenset of int
        Riders of the problem to whom it was promised.
    closing : ndarray of int32
        What closing the line costs beside its riders' other lines [fen].
    must_run : ndarray of bool
        The line may not be closed.
    """

    trip_ids: tuple[str, ...] = ()
    riders: tuple[frozenset[int], ...] = ()
    closing: Int32
    must_run: np.ndarray

    def __len__(self) -> int:
        return len(self.trip_ids)


def kept_stops(problem: Problem, part: Part) -> Int32:
    """Return the stops at which the running lines of a part halt, as nodes, whether anybody walks there still or not.

    Driving past a stop moves the departures at all others of a line.
    """
    if problem.changes is None:
        return np.zeros(0, np.int32)
    trip_ids = set(kept_lines(problem, part).trip_ids)
    lines = {line.line_id for line, trip in problem.changes.running.trips() if trip.trip_id in trip_ids}
    nodes = {
        problem.node(stop_id)
        for line, trip in problem.changes.running.trips()
        if line.line_id in lines and trip.direction in part.directions
        for stop_id in trip.stop_ids
    }
    return np.array(sorted(n for n in nodes if n is not None and not problem.is_worksite(n)), np.int32)


def nothing_kept() -> Kept:
    """Return what is kept where nothing runs yet."""
    return Kept(closing=np.zeros(0, np.int32), must_run=np.zeros(0, bool))


def kept_lines(problem: Problem, part: Part) -> Kept:
    """Return the running lines whose riders are mostly in a part.

    Lines whose riders are spread over several pieces of a part belong to the one that holds most of them.
    """
    changes = problem.changes
    if changes is None:
        return nothing_kept()
    members = set(part.riders)
    held: dict[str, list[Promise]] = defaultdict(list)
    for promise in promised(problem):
        if promise.direction is part.directions[0]:
            held[promise.trip_id].append(promise)
    rows = {t: who for t, who in held.items() if 2 * sum(p.rider in members for p in who) > len(who)}
    closing, must_run = [], []
    for who in rows.values():
        people = sum(problem.riders[p.rider].count / directions_of(problem, p.rider) for p in who)
        price = people * len(part.directions) * (changes.costs.line_closed or 0)
        closing.append(min(round(price), FORBIDDEN))
        must_run.append(changes.must_run(who[0].line_id))
    return Kept(
        trip_ids=tuple(rows),
        riders=tuple(frozenset(p.rider for p in who) for who in rows.values()),
        closing=np.array(closing, np.int32),
        must_run=np.array(must_run, bool),
    )


def add_promises(problem: Problem, part: Part, kept: Kept, riders: Int32, worth: Float64) -> tuple[Int32, Float64]:
    """Return the riders' table and worths of a part with what was promised to them filled in."""
    worth = np.concatenate([worth, np.zeros((len(worth), WORTH_FIELDS - worth.shape[1]))], axis=1)
    riders[:, WAS_LINE] = -1
    riders[:, WAS_AT : WAS_AT + 2] = FAR
    changes = problem.changes
    if changes is None:
        return riders, worth
    row = {trip_id: x for x, trip_id in enumerate(kept.trip_ids)}
    index = {r: x for x, r in enumerate(part.riders)}
    for promise in promised(problem):
        if promise.rider not in index or promise.direction not in part.directions:
            continue
        x, lane = index[promise.rider], part.directions.index(promise.direction)
        share = problem.riders[promise.rider].count / directions_of(problem, promise.rider)
        costs = changes.costs
        pinned = problem.riders[promise.rider].rider_id in changes.pins.riders
        other = None if pinned or promise.line_id in changes.pins.lines else costs.other_line
        moved = share * (FORBIDDEN if other is None else other)
        worth[x, MOVED] += moved
        worth[x, LOSS] += moved * (2 if other is None else 1)
        worth[x, RETIMED] = share * (FORBIDDEN if pinned or costs.retimed is None else costs.retimed)
        if lane == 0:
            riders[x, WAS_LINE] = row.get(promise.trip_id, ELSEWHERE)
        if promise.departure is not None:
            inbound = promise.direction is Direction.INBOUND
            riders[x, WAS_AT + lane] = promise.departure if inbound else -promise.departure
    return riders, worth


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPromise:
    """The stop near home that a rider was promised in one direction.

    Attributes
    ----------
    node : int
        Of the problem.
    other_fen : int or None
        What another stop costs in this direction [fen per person], None where it is forbidden.
    """

    node: int
    other_fen: int | None


def stop_promises(problem: Problem) -> dict[tuple[int, Direction], StopPromise]:
    """Return the stop that each rider was promised in each direction."""
    changes = problem.changes
    found: dict[tuple[int, Direction], StopPromise] = {}
    for promise in promised(problem):
        node = problem.node(promise.stop_id)
        if changes is None or node is None:
            continue
        pins, rider_id = changes.pins, problem.riders[promise.rider].rider_id
        pinned = promise.stop_id in pins.stops or promise.line_id in pins.lines or rider_id in pins.riders
        price = changes.costs.other_stop
        other = None if pinned or price is None else price // directions_of(problem, promise.rider)
        found[promise.rider, promise.direction] = StopPromise(node=node, other_fen=other)
    return found


def other_stop_price(promise: StopPromise | None, stop: int) -> int | None:
    """Return what it costs that a rider uses a stop [fen per person], None where that is forbidden."""
    return 0 if promise is None or promise.node == stop else promise.other_fen


def bind_stops(problem: Problem, choices: Sequence[Choice]) -> list[Choice]:
    """Return the riders' choices with the stops they were promised among them, none else where that is forbidden."""
    bound = list(choices)
    of_rider: dict[int, list[StopPromise]] = defaultdict(list)
    for (rider, _), promise in stop_promises(problem).items():
        of_rider[rider].append(promise)
    for rider, promises in of_rider.items():
        stops, metres = problem.walks.row(rider)
        allowed = np.isin(stops, [p.node for p in promises])
        one_way_is_free = len(promises) < directions_of(problem, rider)
        if one_way_is_free or any(p.other_fen is not None for p in promises):
            allowed |= np.isin(stops, bound[rider].stops)
        bound[rider] = replace(bound[rider], stops=stops[allowed], metres=metres[allowed])
    return bound
