"""What following a drifting demand costs: plans that change few riders against one made from scratch in the same time.

A tenth of the riders leave and as many join. The running plan is one of the riders before; after that the
same time goes into a plan from scratch, one that changes nobody, and one per limit on the riders changed.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from routing.evaluate import evaluate
from routing.formats.document import describe_plan
from routing.model.problem import Problem
from routing.planner.check import kept_stops
from routing.planner.prepare import prepare
from routing.planner.rebalancing import Rebalanced, Wish, rebalance_study
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
    """Print costs and riders changed as one JSON object; costs in fen."""
    parser = argparse.ArgumentParser(prog="benchmarks rebalance", description=__doc__)
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--churn", type=float, default=0.1, help="share of the riders who leave, and who join")
    parser.add_argument("--limits", default="0,0.05,0.1", help="shares of the stayers who may feel a change")
    parser.add_argument("--time-limit", type=float, default=60, help="seconds of CPU per plan")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(argv)

    def stop_after(share: float) -> StoppingCriterion:
        return MaxCpu(options.time_limit * share)

    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before", Path(folder) / "after"
        summary = drift(options.scenario, before, after, share=options.churn, seed=options.seed)
        study = prepare(before)
        old = solve(study.problem, stop=stop_after(1.0), seed=options.seed, workers=options.workers).plan
        running = describe_plan(study.problem, old, evaluate(study.problem, old))
        study = prepare(after, keep=kept_stops(running))
        scratch = solve(study.problem, stop=stop_after(1.0), seed=options.seed, workers=options.workers).plan
        points = []
        for share in map(float, options.limits.split(",")):
            wish = Wish(max_changed_riders=round(share * summary.stay))
            done = rebalance_study(
                study, running, wish, stop_after=stop_after, seed=options.seed, workers=options.workers
            )
            points.append(_point(study.problem, done, share))
    cost = evaluate(study.problem, scratch).cost_fen
    for point in points:
        point["above_scratch"] = round(int(str(point["cost_fen"])) / cost - 1.0, 5)
    print(json.dumps({"churn": options.churn, "scratch_fen": cost, "points": points}))
    return 0


def _point(problem: Problem, done: Rebalanced, share: float) -> dict[str, object]:
    plan, verdict = done.outcome.plan, done.outcome.evaluation
    count = verdict.changes
    return {
        "limit": share,
        "cost_fen": verdict.cost_fen,
        "stayers": None if count is None else count.stayers,
        "changed": None if count is None else count.changed,
        "by_kind": {} if count is None else dict(count.by_kind),
        "violations": len(verdict.violations),
        "violations_as_a_new_plan": evaluate(problem, plan).violations_by_rule(),
        "unserved": verdict.kpis.unserved,
        "steps": 0 if done.journey is None else len(done.journey.steps),
        "shadow_fen": None if done.journey is None else done.journey.shadow_fen,
        "runtime_s": round(done.outcome.search.runtime_s, 1),
    }


if __name__ == "__main__":
    raise SystemExit(main())
