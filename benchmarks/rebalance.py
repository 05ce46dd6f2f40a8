"""What following a drifting demand costs: plans that change few riders against one made from scratch in the same time.

A tenth of the riders leave and as many join. The running plan is one of the riders before; after that the
same time of the processor goes into a plan from scratch and into one per limit on the riders changed, 0 for one that
changes nobody. ``cpu_s`` is everything that a plan took, judging its steps included.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from routing.evaluate import evaluate
from routing.evaluate.changes import promised
from routing.formats.document import describe_plan
from routing.model.problem import Problem
from routing.planner.check import kept_stops
from routing.planner.prepare import prepare
from routing.planner.rebalancing import Rebalanced, Wish, rebalance_study, with_changes
from routing.solver import StoppingCriterion, solve
from routing.synth.drift import drift


class MaxCpu:
    """Stop after some CPU time of the process: ratios then hold on a loaded machine too."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._begin: float | None = None

    def done(self, iterations: int) -> float:  # noqa: ARG002 - the protocol's
        """Return the share of the time that has passed."""
        now = time.process_time()
        self._begin = now if self._begin is None else self._begin
        return min(1.0, (now - self._begin) / self._seconds)


def main(argv: list[str] | None = None) -> int:
    """Print costs and riders changed as one JSON object, and each point as it comes on stderr; costs in fen."""
    parser = argparse.ArgumentParser(prog="benchmarks rebalance", description=__doc__)
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--churn", type=float, default=0.1, help="share of the riders who leave, and who join")
    parser.add_argument("--limits", default="0,0.05,0.1", help="shares of the stayers who may feel a change")
    parser.add_argument("--time-limit", type=float, default=60, help="seconds of CPU per plan")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--frontier", action="store_true", help="follow the frontier as well")
    options = parser.parse_args(argv)

    def stop_after(share: float) -> StoppingCriterion:
        return MaxCpu(options.time_limit * share)

    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before", Path(folder) / "after"
        drift(options.scenario, before, after, share=options.churn, seed=options.seed)
        study = prepare(before)
        old = solve(study.problem, stop=stop_after(1.0), seed=options.seed, workers=options.workers).plan
        running = describe_plan(study.problem, old, evaluate(study.problem, old))
        study = prepare(after, keep=kept_stops(running))
        cpu = time.process_time()
        scratch = solve(study.problem, stop=stop_after(1.0), seed=options.seed, workers=options.workers).plan
        cost, spent = evaluate(study.problem, scratch).cost_fen, time.process_time() - cpu
        points = []
        given = with_changes(study.problem, running, Wish())
        stayers = sum(given.riders[index].count for index in {p.rider for p in promised(given)})
        shares: list[float | None] = [float(share) for share in options.limits.split(",") if share]
        for share in shares + [None] * options.frontier:
            wish = Wish(max_changed_riders=None if share is None else int(share * stayers), frontier=share is None)
            cpu, wall = time.process_time(), time.perf_counter()
            done = rebalance_study(
                study, running, wish, stop_after=stop_after, seed=options.seed, workers=options.workers
            )
            took = {"cpu_s": round(time.process_time() - cpu, 1), "wall_s": round(time.perf_counter() - wall, 1)}
            points.append(_point(study.problem, done, share, cost) | took)
            print(json.dumps(points[-1]), file=sys.stderr, flush=True)
    told = {"churn": options.churn, "seed": options.seed, "scratch_fen": cost, "scratch_cpu_s": round(spent, 1)}
    print(json.dumps(told | {"points": points}))
    return 0


def _point(problem: Problem, done: Rebalanced, share: float | None, scratch: int) -> dict[str, object]:
    plan, verdict = done.outcome.plan, done.outcome.evaluation
    count = verdict.changes
    return {
        "limit": share,
        "cost_fen": verdict.cost_fen,
        "above_scratch": round(verdict.cost_fen / scratch - 1.0, 5),
        "stayers": None if count is None else count.stayers,
        "changed": None if count is None else count.changed,
        "by_kind": {} if count is None else dict(count.by_kind),
        "violations": len(verdict.violations),
        "violations_as_a_new_plan": evaluate(problem, plan).violations_by_rule(),
        "unserved": verdict.kpis.unserved,
        "steps": [] if done.journey is None else [(s.after.changed, s.after.cost_fen) for s in done.journey.steps],
        "every_step_saves": done.journey is None or all(s.saving_fen > 0 for s in done.journey.steps),
        "shadow_fen": None if done.journey is None else done.journey.shadow_fen,
        "runtime_s": round(done.outcome.search.runtime_s, 1),
    }


if __name__ == "__main__":
    raise SystemExit(main())
