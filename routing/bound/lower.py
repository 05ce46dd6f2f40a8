"""A lower bound on what any plan of a problem costs."""

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from routing.bound.asks import Ask, effort, read_asks
from routing.bound.closed import closed_form, vehicle_types
from routing.bound.contract import Bound, BoundPart, Stop
from routing.bound.generation import Generation, begin
from routing.bound.incumbent import plan_columns
from routing.bound.lane import MOST_GATES, make_lane
from routing.bound.sharing import classify
from routing.model.demand import Direction
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.result import OnProgress, Progress

ROUNDING_FEN = 3.0
"""What the judge may round off: half a fen on each of at most six parts of the cost."""


def lower_bound(
    problem: Problem,
    *,
    stop: Stop,
    plan: Plan | None = None,
    workers: int = 1,
    on_progress: OnProgress | None = None,
) -> Bound:
    """Return a cost that no plan of a problem undercuts.

    The closed form comes first, within seconds; column generation then raises it until `stop` ends it, where
    all riders of a direction work one shift (elsewhere the closed form stands).

    Parameters
    ----------
    stop : Stop
        When to stop; asked between pricings, a second or so apart.
    plan : Plan, optional
        A good plan, whose lines the columns start from; it need not keep any promise.
    workers : int
        Threads; more than one works on both directions at once.
    on_progress : callable, optional
        Called after each step, from the calling thread.

    Returns
    -------
    Bound
        The best bound proven; valid however early the work was stopped.
    """
    start = time.perf_counter()
    steps = 0

    def tell() -> None:
        if on_progress is not None:
            proven = max(closed, sum(lane.best for lane in lanes.values()) + apart)
            on_progress(_observed(stop.done(steps), steps, time.perf_counter() - start, proven))

    def over() -> bool:
        return stop.done(steps) >= 1

    over()
    asks = read_asks(problem)
    closed = closed_form(problem, asks)
    parts: tuple[BoundPart, ...] = (BoundPart(name="riders", value=closed),)
    method, rounds = "closed_form", 0
    lanes: dict[Direction, Generation] = {}
    apart = 0.0
    tell()
    lanes, apart = _lanes(problem, asks, plan, over)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        running = {direction: lane.run() for direction, lane in lanes.items()}
        while running and not over():
            values = list(pool.map(lambda steps_of: next(steps_of, None), running.values()))
            running = {d: r for (d, r), v in zip(running.items(), values, strict=True) if v is not None}
            steps += 1
            tell()
    generated = (
        *(BoundPart(name=direction.value, value=lane.best) for direction, lane in lanes.items()),
        BoundPart(name="near", value=apart),
    )
    if lanes and sum(part.value for part in generated) > closed:
        method, parts, rounds = "column_generation", generated, sum(lane.rounds for lane in lanes.values())
    parts = (*parts, BoundPart(name="rounding", value=-ROUNDING_FEN))
    return Bound(
        value=_rounded(sum(part.value for part in parts) + ROUNDING_FEN),
        method=method,
        parts=parts,
        rounds=rounds,
        runtime_s=time.perf_counter() - start,
    )


def _observed(done: float, steps: int, elapsed_s: float, proven: float) -> Progress:
    told = Progress(phase="bound", done=done, iterations=steps, elapsed_s=elapsed_s)
    return replace(told, bound_fen=_rounded(proven))


def closed_bound(problem: Problem) -> int:
    """Return the part of the bound [fen per day] that takes no search: known before any plan is."""
    return _rounded(closed_form(problem, read_asks(problem)))


def _rounded(proven: float) -> int:
    """Return a proven cost as a whole number of fen that the judge's rounding does not undercut."""
    return max(0, math.floor(proven - ROUNDING_FEN))


def _lanes(
    problem: Problem, asks: tuple[Ask, ...], plan: Plan | None, over: Callable[[], bool]
) -> tuple[dict[Direction, Generation], float]:
    """Return a column generation per direction, and the least cost [fen] of those who take no part in it.

    A vehicle serves the riders of one shift and direction on one trip only, those apart who are so near that
    it could fetch them and be back within the window; so one trip per direction pays for the vehicle, and
    each direction charges an equal part of it.
    """
    types = vehicle_types(problem)
    kinds = classify(problem, asks)
    directions = sorted({ask.direction for ask in asks})
    if not types or any(len({a.shift_id for a in asks if a.direction is d}) > 1 for d in directions):
        return {}, 0.0
    alone = 0.0
    chosen: dict[Direction, list[Ask]] = {d: [] for d in directions}
    for ask, kind in zip(asks, kinds, strict=True):
        if kind is not None and kind.apart:
            chosen[ask.direction].append(ask)
        else:
            alone += min(ask.penalty, float(effort(problem, ask).min(initial=ask.penalty)))
    lanes = {}
    for direction, group in chosen.items():
        if group:
            part = 1.0 / len(directions)
            rough, exact = (make_lane(problem, group, part, types, most_gates=most) for most in (0, MOST_GATES))
            columns, centre = plan_columns(problem, rough, plan) if plan is not None else ([], None)
            lanes[direction] = begin(
                problem, [rough, exact][: 1 + (len(exact.home) > len(rough.home))], columns, centre, over
            )
    return lanes, alone
