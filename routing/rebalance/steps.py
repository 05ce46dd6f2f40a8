"""From one plan towards another in steps that each stand by themselves and are each judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from routing.evaluate import Evaluation, Rule, evaluate
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.rebalance.components import Component, exchange, find_components

NOBODY = 1e9
"""Worth [fen] of disturbing nobody: above whatever disturbing somebody could save."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A plan and the judge's verdict on it."""

    plan: Plan
    verdict: Evaluation

    @property
    def cost_fen(self) -> int:
        """Cost of a day [fen], without the prices of change."""
        return self.verdict.cost_fen

    @property
    def changed(self) -> int:
        """People who feel a change against the running plan."""
        return 0 if self.verdict.changes is None else self.verdict.changes.changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change that a planner can accept or refuse.

    Attributes
    ----------
    line_ids : tuple of str
        Lines that it touches.
    before, after : Stand
        What it begins from and leads to.
    """

    line_ids: tuple[str, ...]
    before: Stand
    after: Stand

    @property
    def saving_fen(self) -> int:
        """What a day costs less [fen]."""
        return self.before.cost_fen - self.after.cost_fen

    @property
    def mends(self) -> bool:
        """Tell whether fewer promises to all riders are broken by it, such as too few riders on a line."""
        return len(_faults(self.after)) < len(_faults(self.before))

    @property
    def disturbed(self) -> int:
        """People who feel a change by it and did not before."""
        return self.after.changed - self.before.changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Descent:
    """What steps towards a plan came to.

    Attributes
    ----------
    beyond : float or None
        The most that a step saved per person disturbed [fen] among those that the budget had no room for.
    """

    steps: tuple[Step, ...]
    beyond: float | None = None

    def end(self, begin: Stand) -> Stand:
        """Return where the steps lead from a beginning."""
        return self.steps[-1].after if self.steps else begin


def stand(problem: Problem, plan: Plan) -> Stand:
    """Return a plan with its verdict."""
    return Stand(plan=plan, verdict=evaluate(problem, plan))


def descend(
    problem: Problem, begin: Stand, target: Plan, *, max_changed: int | None = None, mend: bool = False
) -> Descent:
    """Apply the independent parts of a difference one by one, those first that save most per person disturbed.

    A step is kept where the judge finds nothing wrong that was not wrong before, a day costs less, and no more
    people feel a change than may.

    Parameters
    ----------
    problem : Problem
        With the running plan in its changes.
    target : Plan
        Of the same problem.
    mend : bool
        Take steps as well that cost more, where they mend what is wrong in the beginning.
    """
    now = begin
    tried = [(c, _try(problem, begin, target, c, mend)) for c in find_components(begin.plan, target)]
    able = [(c, step) for c, step in tried if step is not None]
    steps: list[Step] = []
    beyond: float | None = None
    for component, first in sorted(able, key=lambda pair: -worth(pair[1])):
        step = first if now is begin else _try(problem, now, target, component, mend)
        if step is None:
            continue
        if max_changed is not None and step.after.changed > max_changed:
            beyond = max(beyond or 0.0, worth(step))
            continue
        steps.append(step)
        now = step.after
    return Descent(steps=tuple(steps), beyond=beyond)


def last_step(now: Stand, target: Stand) -> Step | None:
    """Return the step over all that is left between two plans, None where it does not pay or breaks something.

    Parts that do not pay alone may do so together: one gives up the vehicle that another one takes.
    """
    lines = sorted({name for part in find_components(now.plan, target.plan) for name in part.line_ids})
    step = Step(line_ids=tuple(lines), before=now, after=target)
    pays = step.saving_fen > 0 or step.mends
    return step if lines and pays and _faults(target) <= _faults(now) else None


def accept(problem: Problem, begin: Stand, steps: Sequence[Step]) -> tuple[Stand, tuple[Step, ...]]:
    """Take some steps of a journey and leave others out.

    A step stands by itself where it shares no line with a step before it that is left out; the judge tells.

    Returns
    -------
    tuple
        Where the steps that could be taken lead to, and those that could not, because they build on one left out.
    """
    now = begin
    refused = []
    for step in steps:
        plan = exchange(problem, now.plan, step.after.plan, step.line_ids)
        after = None if plan is None else stand(problem, plan)
        if after is None or not _faults(after) <= _faults(now) or find_components(now.plan, after.plan) == ():
            refused.append(step)
        else:
            now = after
    return now, tuple(refused)


def worth(step: Step) -> float:
    """Return what a step saves per person disturbed [fen]; one that mends or disturbs nobody comes before others."""
    if step.mends:
        return 2 * NOBODY + step.saving_fen
    return step.saving_fen / step.disturbed if step.disturbed > 0 else NOBODY + step.saving_fen


def _try(problem: Problem, now: Stand, target: Plan, component: Component, mend: bool) -> Step | None:
    """Return the step of one component, None where it does not pay or breaks something."""
    plan = exchange(problem, now.plan, target, component.line_ids)
    if plan is None:
        return None
    step = Step(line_ids=component.line_ids, before=now, after=stand(problem, plan))
    pays = step.saving_fen > 0 or (mend and step.mends)
    return step if pays and _faults(step.after) <= _faults(now) else None


def _faults(at: Stand) -> set[tuple[str, str]]:
    """Return what is wrong with a plan; how many people feel a change is looked at apart."""
    return {(v.rule.value, v.subject) for v in at.verdict.violations if v.rule is not Rule.CHANGE_BUDGET}
