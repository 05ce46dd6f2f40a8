"""Plans a prepared study: search, explanations, verdict."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from routing.bound import Bound, lower_bound
from routing.evaluate import Evaluation, evaluate
from routing.explain import explain, seat_missed
from routing.model.plan import Plan
from routing.model.result import OnProgress, Progress, SearchResult, Status
from routing.planner.nobody import serve_somebody
from routing.planner.prepare import Study
from routing.solver import MaxRuntime, StoppingCriterion, solve

DEFAULT_TIME_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A plan with its verdict, and how it was found; the bound where one was asked for."""

    plan: Plan
    evaluation: Evaluation
    search: SearchResult
    bound: Bound | None = None


OnOutcome = Callable[[Outcome], None]


def plan_study(
    study: Study,
    *,
    stop: StoppingCriterion | None = None,
    seed: int = 1,
    workers: int | None = None,
    bound: StoppingCriterion | None = None,
    on_progress: OnProgress | None = None,
    on_outcome: OnOutcome | None = None,
) -> Outcome:
    """Search for the cheapest plan that keeps every promise, explain who is left out, and bound the cost from below.

    Parameters
    ----------
    stop : StoppingCriterion or None
        When to end the search; after a minute by default.
    workers : int or None
        Threads of the search; one per core by default.
    bound : StoppingCriterion or None
        When to end the work on a lower bound; none is computed by default.
    on_outcome : callable or None
        Given every ten seconds of the search what the judge says of the best plan so far, where that
        has become better, its search having the status ``running``; and the plan found in the end,
        before it is explained and bounded.

    Raises
    ------
    NoPlanError
        When no line can be opened for anyone, with the rule and the nearest relaxation.
    """
    problem, threads = study.problem, workers or os.cpu_count() or 1
    watch = Watch(study=study, seed=seed, on_progress=on_progress, on_outcome=on_outcome)
    result = solve(
        problem,
        stop=stop or MaxRuntime(seconds=DEFAULT_TIME_LIMIT_S),
        seed=seed,
        workers=threads,
        on_progress=watch.observe,
        on_plan=None if on_outcome is None else watch.judge,
    )
    if on_outcome is not None:
        watch.settle(result)
    plan = result.plan
    if not plan.lines and problem.riders and result.status is Status.FINISHED:
        watch.observe(Progress(phase="explain", done=0.0, text="no line opens: looking for what stands in the way"))
        plan = serve_somebody(problem)
    plan = _explained(study, plan, on_progress)
    found = (
        None if bound is None else lower_bound(problem, stop=bound, plan=plan, workers=threads, on_progress=on_progress)
    )
    search = replace(result, plan=plan, lower_bound=None if found is None else found.value)
    return Outcome(plan=plan, evaluation=evaluate(problem, plan), search=search, bound=found)


def _explained(study: Study, plan: Plan, on_progress: OnProgress | None) -> Plan:
    """Explain who is left out; a plan that waits for its explanations is kept without them when interrupted."""
    if on_progress is not None and plan.unserved:
        on_progress(Progress(phase="explain", done=0.0, text=f"{len(plan.unserved)} seats not found"))
    try:
        return explain(study.problem, seat_missed(study.problem, plan), on_progress=on_progress)
    except KeyboardInterrupt:
        return plan


@dataclass(kw_only=True)
class Watch:
    """Judges the plans of a search that still runs, and hands on each that is better than those before."""

    study: Study
    seed: int
    on_progress: OnProgress | None
    on_outcome: OnOutcome | None
    _iterations: int = 0
    _begin: float = field(default_factory=time.perf_counter)
    _best: tuple[int, ...] | None = None

    def observe(self, progress: Progress) -> None:
        """Pass an observation on, and remember how far the search is."""
        self._iterations = progress.iterations
        if self.on_progress is not None:
            self.on_progress(progress)

    def judge(self, plan: Plan) -> None:
        """Judge the best plan so far: fewer broken promises first, then what is asked."""
        seconds = time.perf_counter() - self._begin
        self.settle(
            SearchResult(
                plan=plan, status=Status.RUNNING, seed=self.seed, iterations=self._iterations, runtime_s=seconds
            )
        )

    def settle(self, search: SearchResult) -> None:
        """Judge what a search hands over, and pass it on where nothing before was better."""
        verdict = evaluate(self.study.problem, search.plan)
        rank = (len(verdict.violations), *verdict.objective)
        worse = self._best is not None and (
            rank > self._best if search.status is not Status.RUNNING else rank >= self._best
        )
        if search.plan.lines and not worse and self.on_outcome is not None:
            self._best = rank
            self.on_outcome(Outcome(plan=search.plan, evaluation=verdict, search=search))
