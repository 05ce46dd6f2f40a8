"""Race one peer: every encoding alone for the whole time, the best plan of all kept."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.peers.draft import Workshop
from benchmarks.peers.encode import encode
from benchmarks.peers.repair import fill, gather, left_out, mend
from benchmarks.peers.rostering import give_vehicles, write_plan
from benchmarks.peers.tasks import Encoding, Route, Task
from routing.evaluate import Evaluation, evaluate
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.units import FEN_PER_YUAN

Peer = Callable[[Task, float, int], list[Route]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one encoding came to.

    Attributes
    ----------
    runtime_s : float
        Wall-clock time [s] that the peer itself took.
    """

    encoding: Encoding
    plan: Plan
    evaluation: Evaluation
    runtime_s: float

    def summary(self) -> dict[str, object]:
        """Return the figures of the attempt, JSON-ready."""
        kpis = self.evaluation.kpis
        return {
            "cost_fen": self.evaluation.cost_fen,
            "served": kpis.served,
            "unserved": kpis.unserved,
            "lines": kpis.lines,
            "violations": len(self.evaluation.violations),
            "encoding": self.encoding.name,
            "consolidation_price_yuan": self.encoding.opening / FEN_PER_YUAN,
            "runtime_s": round(self.runtime_s, 2),
        }


def attempt(problem: Problem, encoding: Encoding, peer: Peer, seconds: float, seed: int) -> Attempt:
    """Let a peer solve one encoding within a time limit [s], shared among its tasks by their visits."""
    workshop = Workshop(problem=problem)
    tasks = encode(problem, encoding)
    visits = sum(len(task.visits) for task in tasks)
    begin = time.perf_counter()
    found = []
    for task in tasks:
        # What a task leaves of its share is the next ones'.
        left = max(0.0, seconds - (time.perf_counter() - begin))
        found.append((task, peer(task, left * len(task.visits) / visits, seed)))
        visits -= len(task.visits)
    runtime = time.perf_counter() - begin
    drafts = [draft for task, routes in found for draft in mend(workshop, task, routes)]
    drafts = gather(workshop, drafts)
    drafts = fill(workshop, drafts, left_out(workshop, drafts))
    # Where vehicles run short, some drafts are closed: their riders have another chance.
    drafts = list(give_vehicles(workshop, drafts).drafts)
    drafts = fill(workshop, drafts, left_out(workshop, drafts))
    plan = write_plan(workshop, give_vehicles(workshop, drafts))
    return Attempt(encoding=encoding, plan=plan, evaluation=evaluate(problem, plan), runtime_s=runtime)


def best_of(attempts: Sequence[Attempt]) -> Attempt:
    """Return the cheapest attempt without a violation, or else the one with the fewest."""
    return min(attempts, key=lambda a: (len(a.evaluation.violations), a.evaluation.cost_fen))
