"""Plan the lines that cannot run today anew for their riders, with everything that runs frozen."""

from dataclasses import replace

from routing.model.changes import ChangeCosts, Changes, Pins
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.rebalance.operations import Response, told
from routing.solver import StoppingCriterion, solve

FOR_A_DAY = 100
"""Price of a change [fen] for riders whose line is planned anew: where all else is equal they keep what they had."""


def replan_lost(answer: Response, stop: StoppingCriterion, *, seed: int = 1) -> Response:
    """Return an answer in which the search has planned lines for those who lost their seat; the same where it cannot.

    Everybody who has a seat in the answer keeps it: their lines are pinned.
    """
    changes = answer.problem.changes
    if not answer.lost or changes is None:
        return answer
    plan = answer.after.plan
    known = _known(answer.problem, changes.running, set(answer.stopped))
    runs = replace(plan, lines=(*plan.lines, *known.lines), assignments=(*plan.assignments, *known.assignments))
    held = Changes(
        running=runs,
        departures=changes.departures,
        costs=ChangeCosts.flat(FOR_A_DAY, tolerance_s=changes.costs.tolerance_s),
        pins=Pins(lines=frozenset(line.line_id for line in plan.lines)),
    )
    problem = replace(answer.problem, changes=held)
    found = solve(problem, stop=stop, seed=seed, incumbent=runs).plan
    better = told(answer.problem, found)
    if better.after.verdict.kpis.unserved < answer.after.verdict.kpis.unserved and _as_good(better, answer):
        return better
    return answer


def _known(problem: Problem, running: Plan, stopped: set[str]) -> Plan:
    """Return the lines that stopped, with those of their riders who still travel."""
    trips = {trip.trip_id for line, trip in running.trips() if line.line_id in stopped}
    return Plan(
        lines=tuple(line for line in running.lines if line.line_id in stopped),
        assignments=tuple(
            seat
            for seat in running.assignments
            if seat.trip_id in trips and problem.rider_index(seat.rider_id) is not None
        ),
    )


def _as_good(answer: Response, before: Response) -> bool:
    """Tell whether nothing is wrong that was not wrong before."""
    faults, known = ({(v.rule, v.subject) for v in each.after.verdict.violations} for each in (answer, before))
    return faults <= known
