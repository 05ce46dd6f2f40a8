"""Search at falling prices of change, each from where the last one led: the frontier, and the best within a limit.

One search at one price gives one point of the curve of cost against riders disturbed, and a noisy one. Each
point's difference is taken apart into steps instead, and only steps that the judge has seen to pay are taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from routing.model.changes import ChangeCosts
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.result import OnProgress, SearchResult
from routing.rebalance.holding import hold_promises
from routing.rebalance.steps import Stand, Step, descend, stand
from routing.solver import StoppingCriterion, solve
from routing.solver.contract import was_interrupted

DEAREST = 1_600
"""First price of a change [fen per person and day]; the next one is half of it."""
SEARCHES = 9
"""Searches in all, the first of which changes nobody."""
CHEAPEST = 10
"""Least price: at none at all, riders would be moved for nothing."""
BACK = 1.5
"""By how much the price rises after a search that changed more riders than may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """From a running plan to a better one.

    Attributes
    ----------
    begin : Stand
        Nobody changed who need not be: leavers gone, joiners seated where the running lines allow it.
    steps : tuple of Step
        Each from where the one before ended; costs strictly fall.
    shadow_fen : float or None
        What one more person who may be changed would save [fen per day], None where the limit does not bind.
    """

    begin: Stand
    steps: tuple[Step, ...]
    search: SearchResult
    shadow_fen: float | None = None

    @property
    def end(self) -> Stand:
        """Where it ends."""
        return self.steps[-1].after if self.steps else self.begin


StopAfter = Callable[[float], StoppingCriterion]
"""Gives for a share of the whole effort when one search ends."""


@dataclass(kw_only=True)
class Chain:
    """The searches of one journey.

    Attributes
    ----------
    problem : Problem
        With the running plan and the limit in its changes; its prices are those the judge holds against the end.
    stop_after : callable
        See `StopAfter`.
    """

    problem: Problem
    stop_after: StopAfter
    seed: int = 1
    workers: int = 1
    on_progress: OnProgress | None = None
    searches: int = SEARCHES
    _interrupted: bool = field(default=False, init=False)
    _last: SearchResult | None = field(default=None, init=False)
    _iterations: int = field(default=0, init=False)
    _runtime: float = field(default=0.0, init=False)

    def travel(self) -> Journey:
        """Search at falling prices, then at prices around the limit, and take the steps that pay."""
        changes = self.problem.changes
        assert changes is not None, "there is a running plan"
        limit = changes.max_changed_riders
        frozen = replace(self.problem, changes=replace(changes, costs=ChangeCosts.flat(None)))
        begin = now = stand(self.problem, hold_promises(frozen, self._search(None, changes.running)))
        steps: list[Step] = []
        shadow: float | None = None
        price = float(DEAREST)
        for _ in range(self.searches - 1 if limit != 0 else 0):
            target = self._search(max(CHEAPEST, round(price)), now.plan)
            price = self._next_price(price, target, limit)
            descent = descend(self.problem, now, target, max_changed=limit, mend=not steps)
            now = descent.end(now)
            mended = [x for x, step in enumerate(descent.steps) if step.mends and step.saving_fen <= 0]
            if mended:
                # What must be mended at a cost is no choice: the frontier begins behind it.
                begin = descent.steps[mended[-1]].after
            steps += descent.steps[mended[-1] + 1 if mended else 0 :]
            shadow = shadow if descent.beyond is None else descent.beyond
            if self._interrupted:
                break
        assert self._last is not None, "there was a search"
        search = replace(self._last, plan=now.plan, iterations=self._iterations, runtime_s=self._runtime)
        return Journey(begin=begin, steps=tuple(steps), search=search, shadow_fen=shadow)

    def _next_price(self, price: float, target: Plan, limit: int | None) -> float:
        """Return the price of the next search: half, or more again where the last one changed more than may be."""
        too_many = limit is not None and stand(self.problem, target).changed > limit
        return price * BACK if too_many else price / 2.0

    def _search(self, price: int | None, incumbent: Plan) -> Plan:
        changes = self.problem.changes
        assert changes is not None, "there is a running plan"
        costs = ChangeCosts.flat(price, tolerance_s=changes.costs.tolerance_s)
        at_price = replace(self.problem, changes=replace(changes, costs=costs, max_changed_riders=None))
        stop = self.stop_after(1.0 / self.searches)
        self._last = solve(
            at_price,
            stop=stop,
            seed=self.seed,
            workers=self.workers,
            incumbent=incumbent,
            on_progress=self.on_progress,
        )
        self._interrupted = self._interrupted or was_interrupted(stop)
        self._iterations += self._last.iterations
        self._runtime += self._last.runtime_s
        return self._last.plan
