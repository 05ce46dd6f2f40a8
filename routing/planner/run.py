"""Plans a prepared study: search, explanations, verdict."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from routing.bound import Bound, closed_bound, lower_bound
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
    gauge = Gauge(on_progress=on_progress)
    if bound is not None and on_progress is not None:
        gauge.bound_fen = closed_bound(problem)
    watch = Watch(study=study, seed=seed, on_progress=gauge.tell, on_outcome=on_outcome)
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
    plan = _explained(study, plan, gauge.tell)
    verdict = evaluate(problem, plan)
    gauge.cost_fen = verdict.cost_fen
    found = (
        None if bound is None else lower_bound(problem, stop=bound, plan=plan, workers=threads, on_progress=gauge.tell)
    )
    search = replace(result, plan=plan, lower_bound=None if found is None else found.value)
    return Outcome(plan=plan, evaluation=verdict, search=search, bound=found)


@dataclass(kw_only=True)
class Gauge:
    """Tells with every observation what the best plan so far costs, and how much cheaper any plan could be."""

    on_progress: OnProgress | None
    cost_fen: int | None = None
    bound_fen: int | None = None

    def tell(self, progress: Progress) -> None:
        """Pass an observation on with what is known from those before."""
        if progress.cost_fen is not None:
            self.cost_fen = progress.cost_fen
        if progress.bound_fen is not None:
            self.bound_fen = max(progress.bound_fen, self.bound_fen or 0)
        if self.on_progress is not None:
            known = replace(progress, cost_fen=self.cost_fen, bound_fen=self.bound_fen, gap=self.gap)
            self.on_progress(known)

    @property
    def gap(self) -> float | None:
        """Share of the cost that a better plan could save at most; a cost below the bound is no plan's yet."""
        if self.cost_fen is None or self.bound_fen is None or not 0 < self.bound_fen <= self.cost_fen:
            return None
        return (self.cost_fen - self.bound_fen) / self.cost_fen


def _explained(study: Study, plan: Plan, on_progress: OnProgress) -> Plan:
    """Explain who is left out; a plan that waits for its explanations is kept without them when interrupted."""
    if plan.unserved:
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
