"""Solve a problem: the whole way, as it would be told."""

import time
from collections.abc import Callable

from routing.evaluate import evaluate
from routing.model.demand import Direction
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.result import OnProgress, SearchResult
from routing.solver.budget import keep_budget
from routing.solver.choices import Choice, certain_reason, choose_stops
from routing.solver.contract import MaxRuntime, StoppingCriterion
from routing.solver.daily import may_overlap, repeat_daily
from routing.solver.decode import Certain, decode
from routing.solver.fixed import pinned_lines, pinned_seats
from routing.solver.fleet import available_types, roster
from routing.solver.incumbent import read_plan
from routing.solver.kept import bind_stops
from routing.solver.limit import keeps_limit, without_prices
from routing.solver.lines import FoundLine
from routing.solver.naming import keep_types, published_names
from routing.solver.parts import split
from routing.solver.range import check_range
from routing.solver.search import Search

DEFAULT_RUNTIME_S = 60.0


def solve(
    problem: Problem,
    *,
    stop: StoppingCriterion | None = None,
    seed: int = 1,
    workers: int = 1,
    incumbent: Plan | None = None,
    on_progress: OnProgress | None = None,
    on_plan: Callable[[Plan], None] | None = None,
    divisions: int | None = None,
) -> SearchResult:
    """Plan lines, trips, seats and vehicles for a problem.

    Parameters
    ----------
    stop : StoppingCriterion, optional
        When to stop; a minute where none is given.
    seed : int
        The same seed and iteration limit give the same plan, whatever the number of workers.
    workers : int
        Threads.
    incumbent : Plan, optional
        A plan to start from; the result costs no more than it where it keeps every promise.
    on_progress : callable, optional
        Called between chunks of the search, from the calling thread.
    on_plan : callable, optional
        Called likewise with the best plan so far, made as the last one is: at once when a first one
        stands, then every ten seconds, so that whoever keeps it loses no more if the process dies.
    divisions : int, optional
        How often large parts are divided anew, at most: each time costs about a second for some thousand riders,
        which a short search cannot spare.

    Returns
    -------
    SearchResult
        The best plan found; on KeyboardInterrupt or a stop request, the best so far.

    Raises
    ------
    InputError
        When a number of the problem is larger than the search can hold.
    """
    begin = time.perf_counter()
    check_range(problem)
    types = available_types(problem)
    choices = bind_stops(problem, choose_stops(problem))
    certain = _certain(problem, choices)
    type_ids = [kind.vehicle_type_id for kind in types]
    pinned = pinned_lines(problem, type_ids)
    parts = split(problem, _open(problem, certain))
    lines = read_plan(problem, parts, incumbent, types)
    stop = stop or MaxRuntime(seconds=DEFAULT_RUNTIME_S)
    # A price that only serves to keep a limit is no part of what is asked for.
    judged = without_prices(problem) if keeps_limit(problem) else problem

    def as_plan(found: list[FoundLine]) -> Plan:
        crew = roster(problem, [*keep_types(problem, found, type_ids), *pinned], types)
        names = published_names(problem, crew.lines, incumbent)
        plan = decode(problem, crew, types, certain, names, None if problem.changes is None else incumbent)
        plan = repeat_daily(problem, plan) if may_overlap(problem, found) else plan
        plan = keep_budget(problem, plan)
        return plan if incumbent is None else _cheaper(judged, incumbent, plan)

    search = Search(problem, parts, choices, types, stop, seed, on_progress, lines)
    search.divisions = divisions
    if on_plan is not None:
        search.on_lines = lambda found: on_plan(as_plan(found))
    status = search.run(workers)
    plan = as_plan(search.all_lines())
    return SearchResult(
        plan=plan,
        status=status,
        seed=seed,
        iterations=search.iterations,
        runtime_s=time.perf_counter() - begin,
        change_price_fen=None if search.limit is None else search.limit.shadow,
    )


def _cheaper(problem: Problem, incumbent: Plan, plan: Plan) -> Plan:
    """Return the incumbent if it keeps every promise and is better by what is asked, the cost or vehicles first.

    The search prices a line's vehicle before trips are chained, so the judge has the last word.
    """
    before = evaluate(problem, incumbent)
    return incumbent if before.feasible and before.objective < evaluate(problem, plan).objective else plan


def _certain(problem: Problem, choices: list[Choice]) -> Certain:
    certain: Certain = {}
    for index, rider in enumerate(problem.riders):
        shift = problem.shift(rider.shift_id)
        for direction in () if shift is None else shift.directions:
            reason = certain_reason(problem, index, choices[index], direction)
            if reason is not None:
                certain[index, direction] = reason
    return certain


def _open(problem: Problem, certain: Certain) -> dict[Direction, set[int]]:
    """Return per direction the riders who may be served in it by the search; both ways or not at all on one line."""
    closed = certain.keys() | pinned_seats(problem)
    return {d: {r for r in range(len(problem.riders)) if (r, d) not in closed} for d in Direction}
