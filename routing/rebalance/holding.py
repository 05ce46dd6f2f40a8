"""Keep promises that may not be broken: lines that came out of a search with one broken run as they did before."""

from collections.abc import Collection
from dataclasses import replace

from routing.evaluate import Rule, evaluate
from routing.evaluate.changes import Promise, promised
from routing.explain import seat_missed
from routing.model.plan import Assignment, Plan, Reason, Unserved
from routing.model.problem import Problem
from routing.solver.recrew import recrew

KEPT = {Rule.FROZEN, Rule.PIN}


def hold_promises(problem: Problem, plan: Plan) -> Plan:
    """Return a plan that breaks fewer of the promises that may not be broken, as few as possible, or the same plan.

    A line may have dropped a stop that nobody can walk to any more, which moves the departures at all others. Such
    lines run as published again, with those of their riders who stay; riders who joined them are seated anew.
    """
    broken = {v.subject for v in evaluate(problem, plan).violations if v.rule in KEPT}
    if not broken or problem.changes is None:
        return plan
    promises = promised(problem)
    lines = {p.line_id for p in promises if problem.riders[p.rider].rider_id in broken or p.trip_id in broken}
    again = _as_published(problem, plan, promises, lines)
    driven = None if again is None else recrew(problem, again)
    if driven is None:
        return plan
    better = seat_missed(problem, driven)
    return min((plan, driven, better), key=lambda p: _rank(problem, p))


def _rank(problem: Problem, plan: Plan) -> tuple[int, ...]:
    verdict = evaluate(problem, plan)
    return (len(verdict.violations), *verdict.objective)


def _as_published(
    problem: Problem, plan: Plan, promises: Collection[Promise], line_ids: Collection[str]
) -> Plan | None:
    """Return the plan with some lines as they ran, without vehicles."""
    assert problem.changes is not None, "there is a running plan"
    running = problem.changes.running
    published = {line.line_id: line for line in running.lines if line.line_id in line_ids}
    names = {(problem.riders[p.rider].rider_id, p.direction) for p in promises if p.line_id in line_ids}
    trips = {trip.trip_id for line in published.values() for trip in line.trips}
    gone = {trip.trip_id for line, trip in plan.trips() if line.line_id in line_ids}
    kept: list[Assignment] = [
        a for a in plan.assignments if a.trip_id not in gone and (a.rider_id, a.direction) not in names
    ]
    kept += [a for a in running.assignments if a.trip_id in trips and (a.rider_id, a.direction) in names]
    seated = {(a.rider_id, a.direction) for a in kept}
    dropped = {(a.rider_id, a.direction) for a in plan.assignments} - seated
    waiting = [u for u in plan.unserved if (u.rider_id, u.direction) not in seated]
    waiting += [Unserved(rider_id=r, direction=d, reason=Reason.UNKNOWN) for r, d in sorted(dropped)]
    others = [line for line in plan.lines if line.line_id not in line_ids]
    used = {a.trip_id for a in kept}
    if any(trip.trip_id not in used for line in others for trip in line.trips):
        return None
    return replace(
        plan,
        lines=(*others, *published.values()),
        assignments=tuple(kept),
        blocks=(),
        unserved=tuple(waiting),
    )
