"""Why riders are left out, and the smallest change that would serve each: only what the judge has checked."""

from collections.abc import Sequence
from dataclasses import replace

from routing.explain.certain import certain_reason, open_line_despite
from routing.explain.finding import Finding
from routing.explain.insertion import search_lines
from routing.explain.missed import seat_missed
from routing.explain.remedy import Remedy, apply_remedy
from routing.explain.vicinity import PlanIndex
from routing.model.demand import Direction
from routing.model.plan import Plan, Reason, Unserved
from routing.model.problem import Problem
from routing.model.result import OnProgress, Progress

__all__ = ["Finding", "PlanIndex", "Remedy", "apply_remedy", "explain", "find_reason", "seat_missed"]

EFFORT = 40
"""Seats tried per rider; fewer where very many riders are left out."""
TOTAL_EFFORT = 10_000
LEAST_EFFORT = 4


def explain(problem: Problem, plan: Plan, *, limit: int = EFFORT, on_progress: OnProgress | None = None) -> Plan:
    """Give every rider who is left out a reason and a relaxation, both checked with the judge's rules.

    A rider who is left out in several directions of a paired service is explained as a whole;
    riders with the same home, worksite, shift, days and need share one explanation.

    Parameters
    ----------
    limit : int
        Most seats on existing lines that are tried per rider.
    on_progress : OnProgress or None
        Called after each rider.

    Returns
    -------
    Plan
        The same plan, its unserved entries replaced. The reason is ``unknown`` where nothing could be
        checked, or where the judge found a seat that costs no more than leaving: then the search
        missed it.
    """
    index = PlanIndex.of(problem, plan)
    asked: dict[str, list[Direction]] = {}
    for entry in plan.unserved:
        asked.setdefault(entry.rider_id, []).append(entry.direction)
    effort = max(LEAST_EFFORT, min(limit, TOTAL_EFFORT // max(1, len(asked))))
    known: dict[tuple[object, ...], tuple[Reason, Finding | None]] = {}
    answers: dict[tuple[str, Direction], tuple[Reason, Finding | None]] = {}
    for done, (rider_id, directions) in enumerate(asked.items()):
        for ways in _together(problem, directions):
            key = _likeness(problem, rider_id, ways)
            if key not in known:
                known[key] = find_reason(index, rider_id, ways, effort)
            answers |= {(rider_id, way): known[key] for way in ways}
        if on_progress is not None:
            text = f"{done + 1} of {len(asked)} riders left out"
            on_progress(Progress(phase="explain", done=(done + 1) / len(asked), text=text))
    return replace(plan, unserved=tuple(_explained(u, *answers[u.rider_id, u.direction]) for u in plan.unserved))


def find_reason(
    index: PlanIndex, rider_id: str, directions: tuple[Direction, ...], effort: int = EFFORT
) -> tuple[Reason, Finding | None]:
    """Return why a rider is left out, and the smallest change found that would help.

    Parameters
    ----------
    directions : tuple of Direction
        Those to be served together: on one line, from one place, where the service is paired.
    """
    problem = index.problem
    rider = problem.rider_index(rider_id)
    if rider is None or not _wants(problem, rider, directions):
        return Reason.UNKNOWN, None
    certain = certain_reason(problem, rider, directions)
    found = search_lines(index, rider, directions, effort)
    cheapest = next((f for f in found if f.kind == "price"), None)
    if cheapest is None:
        # A line that runs already beats one that strangers would have to open, unless no vehicle would do.
        if not found or certain in (None, Reason.NO_VEHICLE_LARGE_ENOUGH):
            own_line = open_line_despite(index, rider, directions, certain)
            found += [] if own_line is None else [own_line]
        cheapest = next((f for f in found if f.kind == "price"), None)
    best = cheapest or min(found, key=lambda f: f.share, default=None)
    if certain is not None and cheapest is None:
        return certain, best
    if cheapest is not None:
        # Where vehicles come first nobody is left out to save money: then the search missed the seat.
        too_dear = cheapest.extra_fen > 0 and not problem.costs.fewest_vehicles_first
        return (Reason.COSTS_MORE_THAN_LEAVING if too_dear else Reason.UNKNOWN), cheapest
    return _reason_of(found), best


def _reason_of(found: Sequence[Finding]) -> Reason:
    """Return what the findings together show, where no seat that keeps every rule was found."""
    kinds = {f.kind for f in found}
    shown = {
        "neighbours": Reason.TOO_FEW_NEIGHBOURS,
        "vehicles": Reason.NO_VEHICLE_LEFT,
        "money": Reason.BUDGET_SPENT,
    }
    return next((reason for kind, reason in shown.items() if kind in kinds), Reason.UNKNOWN)


def _wants(problem: Problem, rider: int, directions: tuple[Direction, ...]) -> bool:
    shift = problem.shift(problem.riders[rider].shift_id)
    return shift is not None and bool(directions) and set(directions) <= set(shift.directions)


def _together(problem: Problem, directions: list[Direction]) -> list[tuple[Direction, ...]]:
    """Return which directions are explained as one: all, where a rider goes home on the line that brought them."""
    ways = tuple(way for way in Direction if way in directions)
    return [ways] if problem.rules.same_line_both_ways else [(way,) for way in ways]


def _likeness(problem: Problem, rider_id: str, directions: tuple[Direction, ...]) -> tuple[object, ...]:
    """Return what two riders must share to share an explanation."""
    index = problem.rider_index(rider_id)
    if index is None:
        return rider_id, directions
    rider = problem.riders[index]
    stops, metres = problem.walks.row(index)
    wish = (rider.worksite_id, rider.shift_id, rider.days, rider.count, rider.need)
    return *wish, stops.tobytes(), metres.tobytes(), directions


def _explained(entry: Unserved, reason: Reason, finding: Finding | None) -> Unserved:
    relaxation = None if finding is None else finding.relaxation(entry.direction)
    return replace(entry, reason=reason, relaxation=relaxation)
