"""Race one peer: every encoding alone for the whole time, the best plan of all kept."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
FILLED = 1.25
"""Load, as a multiple of the minimum, to which riders of lines too short are expected to fill others."""


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
        share = left * len(task.visits) / visits
        rounds = thin if encoding.thin else _once
        found.append((task, rounds(task, peer, share, seed, problem.rules.min_load)))
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


def thin(task: Task, peer: Peer, seconds: float, seed: int, min_load: int) -> list[Route]:
    """Solve a task twice, for half of the time each: the second time without the vehicles that too few would ride.

    No peer knows a minimum load; with fewer vehicles it must fill those it has, or leave visits out.
    """
    first = peer(task, seconds / 2, seed)
    loads = [int(task.people[route].sum()) for route in first]
    short = [load for load in loads if load < min_load]
    if not short:
        # Nothing to mend: the time left is another seed's, and its answer as good as the first.
        return peer(task, seconds / 2, seed + 1)
    order = sorted(range(len(task.seats)), key=lambda k: task.seats[k])
    used = Counter(next((k for k in order if task.seats[k] >= load), order[-1]) for load in loads if load >= min_load)
    used[order[0]] += sum(short) // max(1, round(FILLED * min_load))
    fewer = tuple(min(used[k], available) for k, available in enumerate(task.available))
    return peer(replace(task, available=fewer), seconds / 2, seed) if any(fewer) else first


def _once(task: Task, peer: Peer, seconds: float, seed: int, _: int) -> list[Route]:
    return peer(task, seconds, seed)


def best_of(attempts: Sequence[Attempt]) -> Attempt:
    """Return the cheapest attempt without a violation, or else the one with the fewest."""
    return min(attempts, key=lambda a: (len(a.evaluation.violations), a.evaluation.cost_fen))
