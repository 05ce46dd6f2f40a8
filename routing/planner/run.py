"""Plans a prepared study: search, explanations, verdict."""

import os
from collections import Counter
from dataclasses import dataclass, replace

from routing.errors import NoPlanError
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
    if not plan.lines and study.problem.riders:
        raise _nobody_served(plan)
    return Outcome(plan=plan, evaluation=evaluate(study.problem, plan), search=replace(result, plan=plan))


def _nobody_served(plan: Plan) -> NoPlanError:
    """Say why no line opens for anyone, with the nearest relaxation that was checked."""
    reasons = Counter(unserved.reason for unserved in plan.unserved)
    reason, riders = reasons.most_common(1)[0]
    found = [u.relaxation for u in plan.unserved if u.reason is reason and u.relaxation is not None]
    cause = f"No line can be opened for anyone: {reason.replace('_', ' ')} ({riders} of {len(plan.unserved)} trips)."
    action = found[0].text if found else "Relax the rules of scenario.toml, or add riders."
    return NoPlanError("no_line_for_anyone", cause, action)
