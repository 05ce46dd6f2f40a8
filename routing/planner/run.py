"""Plans a prepared study: search, explanations, verdict."""

import os
from dataclasses import dataclass, replace

from routing.evaluate import Evaluation, evaluate
from routing.explain import explain, seat_missed
from routing.model.plan import Plan
from routing.model.result import OnProgress, Progress, SearchResult
from routing.planner.prepare import Study
from routing.solver import MaxRuntime, StoppingCriterion, solve

DEFAULT_TIME_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A plan with its verdict, and how it was found."""

    plan: Plan
    evaluation: Evaluation
    search: SearchResult


def plan_study(
    study: Study,
    *,
    stop: StoppingCriterion | None = None,
    seed: int = 1,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Outcome:
    """Search for the cheapest plan that keeps every promise, and explain who is left out.

    Parameters
    ----------
    stop : StoppingCriterion or None
        When to end the search; after a minute by default.
    workers : int or None
        Threads of the search; one per core by default.

    Raises
    ------
    NoPlanError
        When no line can be opened for anyone.
    """
    result = solve(
        study.problem,
        stop=stop or MaxRuntime(seconds=DEFAULT_TIME_LIMIT_S),
        seed=seed,
        workers=workers or os.cpu_count() or 1,
        on_progress=on_progress,
    )
    if on_progress is not None and result.plan.unserved:
        on_progress(Progress(phase="explain", done=0.0, text=f"{len(result.plan.unserved)} seats not found"))
    plan = explain(study.problem, seat_missed(study.problem, result.plan), on_progress=on_progress)
    return Outcome(plan=plan, evaluation=evaluate(study.problem, plan), search=replace(result, plan=plan))
