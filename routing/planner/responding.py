"""Answers a day's trouble on a running plan: a vehicle breaks down, a stop, a worksite or a road closes."""

import time
from dataclasses import dataclass, replace

from routing.errors import Fault, InputError
from routing.explain import explain
from routing.formats.document import PlanDocument
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.result import SearchResult, Status
from routing.planner.closures import close_roads, find_road
from routing.planner.prepare import Study
from routing.planner.rebalancing import Rebalanced, diff_of, published_departures
from routing.planner.run import Outcome
from routing.rebalance.operations import EFFORT, Response, respond
from routing.rebalance.replanning import replan_lost
from routing.rebalance.steps import stand
from routing.scenario import CloseStop, CloseWorksite, Modification
from routing.solver import MaxRuntime, StoppingCriterion

REPLAN_S = 5.0
"""How long lines are searched for those who lost theirs to a closed road [s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What happened.

    Attributes
    ----------
    broken : str or None
        Block whose vehicle is out of order.
    closed_roads : tuple of str
        By name, number, or the id of a way in the extract.
    """

    broken: str | None = None
    closed_stops: tuple[str, ...] = ()
    closed_worksites: tuple[str, ...] = ()
    closed_roads: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.broken or self.closed_stops or self.closed_worksites or self.closed_roads)


def respond_study(
    study: Study, running: PlanDocument, trouble: Trouble, *, stop: StoppingCriterion | None = None
) -> tuple[Study, Rebalanced, Response]:
    """Return what runs today: the study after what happened, and the plan with its verdict.

    Parameters
    ----------
    stop : StoppingCriterion, optional
        When the search for lines that go round closed roads ends; a few seconds where none is given.

    Raises
    ------
    InputError
        With every id that does not exist.
    """
    begin = time.perf_counter()
    faults = _unknown(study, running, trouble)
    if faults:
        raise InputError(*faults)
    happened: list[Modification] = [
        *(CloseStop(stop_id=name) for name in trouble.closed_stops),
        *(CloseWorksite(worksite_id=name) for name in trouble.closed_worksites),
    ]
    departures = published_departures(study.problem, running)
    if trouble.closed_roads:
        detour = close_roads(study, trouble.closed_roads)
        study, happened = detour.study, [*happened, *detour.modifications]
    answer = respond(study.problem, running.plan, departures, happened, trouble.broken)
    if trouble.closed_roads:
        answer = replan_lost(answer, stop or MaxRuntime(seconds=REPLAN_S))
    plan = _explained(answer.problem, running.plan, answer.after.plan)
    search = SearchResult(
        plan=plan, status=Status.FINISHED, seed=0, iterations=0, runtime_s=time.perf_counter() - begin
    )
    after = answer.after if plan is answer.after.plan else stand(answer.problem, plan)
    outcome = Outcome(plan=plan, evaluation=after.verdict, search=search)
    done = Rebalanced(problem=answer.problem, outcome=outcome, diff=diff_of(answer.problem, plan))
    return replace(study, problem=answer.problem), done, replace(answer, after=after)


def _explained(problem: Problem, before: Plan, after: Plan) -> Plan:
    """Explain those who had a seat before and have none today; whoever waited before has a reason, or is told none."""
    had = {(a.rider_id, a.direction) for a in before.assignments}
    known = {(u.rider_id, u.direction): u for u in before.unserved}
    fresh = tuple(u for u in after.unserved if (u.rider_id, u.direction) in had)
    if not fresh:
        return after
    told = explain(problem, replace(after, unserved=fresh), limit=EFFORT).unserved
    waited = (u for u in after.unserved if (u.rider_id, u.direction) not in had)
    return replace(after, unserved=(*(known.get((u.rider_id, u.direction), u) for u in waited), *told))


def _unknown(study: Study, running: PlanDocument, trouble: Trouble) -> list[Fault]:
    problem = study.problem
    blocks = {block.block_id for block in running.plan.blocks}
    stops = {stop.stop_id for stop in problem.stops}
    sites = {site.worksite_id for site in problem.worksites}
    roads = {name for name in trouble.closed_roads if find_road(study.ground.network, name).any()}
    asked = [
        ("--broken-vehicle", () if trouble.broken is None else (trouble.broken,), blocks, "block of the running plan"),
        ("--closed-stop", trouble.closed_stops, stops, "stop"),
        ("--closed-worksite", trouble.closed_worksites, sites, "worksite"),
        ("--closed-road", trouble.closed_roads, roads, "road: no street of this name or number, no way of this id"),
    ]
    return [
        Fault(
            file=option,
            value=name,
            code="unknown_id",
            cause=f"There is no such {what}.",
            action="Give an id of the scenario and its running plan.",
        )
        for option, names, known, what in asked
        for name in names
        if name not in known
    ]
