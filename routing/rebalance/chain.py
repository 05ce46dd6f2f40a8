"""Search at falling prices of change, each from where the last one led: the frontier, and the best within a limit.

One search at one price gives one point of the curve of cost against riders disturbed, and a noisy one. Each
point's difference is taken apart into steps instead, and only steps that the judge has seen to pay are taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from routing.model.changes import ChangeCosts, Changes
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.result import OnProgress, SearchResult
from routing.rebalance.holding import hold_promises
from routing.rebalance.steps import Stand, Step, descend, last_step, stand
from routing.solver import StoppingCriterion, solve
from routing.solver.contract import was_interrupted

FROZEN = 0.15
"""Share of the effort that goes into the plan that changes nobody: all others begin with it."""
SEARCHES = 8
"""Searches on the frontier after that."""
FIRST = 0.6
"""First price of a change, as a share of what a rider costs a day; the next one is half of it."""
LIMIT_FIRST = 0.008
"""The same for the one search that finds the price of a limit, times stayers per rider who may be changed."""
CHEAPEST = 10
"""Least price [fen per person and day]: at none at all, riders would be moved for nothing."""
DIVISIONS = 2
"""How often large parts are divided anew within one search of several."""


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
        What one more person who may be changed would save [fen per day], None where there is no limit.
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
    _searches: int = field(default=0, init=False)

    def travel(self) -> Journey:
        """Begin with the plan that changes nobody, and take the steps that pay, within the limit if there is one."""
        limit = self._changes.max_changed_riders
        frozen = self._priced(None)
        begin = stand(self.problem, hold_promises(frozen, self._search(frozen, self._changes.running, FROZEN)))
        if limit == 0:
            return self._journey(begin, (), None)
        if limit is None:
            return self._journey(*self._descend(begin), None)
        return self._within(begin, limit)

    @property
    def _changes(self) -> Changes:
        assert self.problem.changes is not None, "there is a running plan"
        return self.problem.changes

    def _descend(self, begin: Stand) -> tuple[Stand, tuple[Step, ...]]:
        """Search at falling prices, each from where the one before led."""
        price = FIRST * self._each(begin)
        steps: list[Step] = []
        now = begin
        for _ in range(self.searches):
            if self._interrupted:
                break
            target = self._search(self._priced(max(CHEAPEST, round(price))), now.plan, (1.0 - FROZEN) / self.searches)
            found = descend(self.problem, now, target, mend=not steps)
            begin, fresh = behind_mending(begin, found.steps)
            steps += fresh
            now = found.end(now)
            price /= 2.0
        return begin, tuple(steps)

    def _within(self, begin: Stand, limit: int) -> Journey:
        """Search once, at whatever price keeps the limit, and tell in steps what was found."""
        if self._interrupted:
            return self._journey(begin, (), None)
        stayers = 0 if begin.verdict.changes is None else begin.verdict.changes.stayers
        first = max(CHEAPEST, round(min(FIRST, LIMIT_FIRST * stayers / limit) * self._each(begin)))
        priced = self._priced(first, max_changed_riders=limit)
        target = stand(self.problem, self._search(priced, begin.plan, 1.0 - FROZEN))
        shadow = None if self._last is None else self._last.change_price_fen
        found = descend(self.problem, begin, target.plan, max_changed=limit, mend=True)
        now = found.end(begin)
        rest = last_step(now, target)
        steps = found.steps if rest is None or target.changed > limit else (*found.steps, rest)
        begin, steps = behind_mending(begin, steps)
        return self._journey(begin, steps, shadow)

    def _each(self, at: Stand) -> float:
        """Return what a rider costs a day [fen]."""
        return at.cost_fen / max(1, sum(rider.count for rider in self.problem.riders))

    def _priced(self, price: int | None, *, max_changed_riders: int | None = None) -> Problem:
        costs = ChangeCosts.flat(price, tolerance_s=self._changes.costs.tolerance_s)
        changes = replace(self._changes, costs=costs, max_changed_riders=max_changed_riders)
        return replace(self.problem, changes=changes)

    def _search(self, problem: Problem, incumbent: Plan, share: float) -> Plan:
        stop = self.stop_after(share)
        self._last = solve(
            problem,
            stop=stop,
            # Large parts are divided along other seams each time.
            seed=self.seed + self._searches,
            workers=self.workers,
            incumbent=incumbent,
            on_progress=self.on_progress,
            divisions=DIVISIONS,
        )
        self._searches += 1
        self._interrupted = self._interrupted or was_interrupted(stop)
        self._iterations += self._last.iterations
        self._runtime += self._last.runtime_s
        return self._last.plan

    def _journey(self, begin: Stand, steps: Sequence[Step], shadow: float | None) -> Journey:
        assert self._last is not None, "there was a search"
        end = steps[-1].after if steps else begin
        search = replace(
            self._last, plan=end.plan, seed=self.seed, iterations=self._iterations, runtime_s=self._runtime
        )
        return Journey(begin=begin, steps=tuple(steps), search=search, shadow_fen=shadow)


def behind_mending(begin: Stand, steps: Sequence[Step]) -> tuple[Stand, tuple[Step, ...]]:
    """Return where a journey begins and what its steps are: what must be mended at a cost is no choice."""
    mended = [x for x, step in enumerate(steps) if step.mends and step.saving_fen <= 0]
    if not mended:
        return begin, tuple(steps)
    return steps[mended[-1]].after, tuple(steps[mended[-1] + 1 :])
