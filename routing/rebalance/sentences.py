"""One sentence for a step: what happens to which lines, and what it means for vehicles, riders and money."""

from collections.abc import Sequence

from routing.model.demand import Direction
from routing.model.problem import Problem
from routing.model.units import fen_to_yuan
from routing.rebalance.decisions import Decision, Kind, decide, walk_of
from routing.rebalance.steps import Step

SHOWN = 3
"""Decisions that a sentence names before it counts the rest."""


def tell(problem: Problem, step: Step) -> str:
    """Return a step as a sentence, such as: merge L012 into L031: 1 vehicle less, 9 riders change, ¥412 a day saved."""
    decisions = decide(problem, step.before, step.after)
    return f"{_what(step, decisions)}: {', '.join(_effects(problem, step))}"


def _what(step: Step, decisions: Sequence[Decision]) -> str:
    told = [_phrase(decision) for decision in decisions[:SHOWN]]
    if len(decisions) > SHOWN:
        rest = len(decisions) - SHOWN
        told.append(f"change {rest} more {'line' if rest == 1 else 'lines'}")
    return "; ".join(told) or f"seat riders of {', '.join(step.line_ids)} otherwise"


def _phrase(decision: Decision) -> str:
    others = ", ".join(decision.related)
    if decision.kind is Kind.MERGE:
        return f"merge {decision.line_id} into {others}"
    if decision.kind is Kind.SPLIT:
        return f"open {decision.line_id} out of {others}"
    return f"{decision.kind.value} {decision.line_id}"


def _effects(problem: Problem, step: Step) -> list[str]:
    before, after = step.before.verdict.kpis, step.after.verdict.kpis
    effects = []
    if before.vehicles != after.vehicles:
        effects.append(_more(after.vehicles - before.vehicles, "vehicle"))
    disturbed = step.disturbed
    who = f"{abs(disturbed)} {'rider changes' if abs(disturbed) == 1 else 'riders change'}"
    # A later step may give somebody back what an earlier one took.
    who += " no more" if disturbed < 0 else ""
    effects.append(who if disturbed else "nobody who stays changes")
    walks = _walks(problem, step)
    if walks:
        mean = round(sum(walks) / len(walks))
        riders = f"{len(walks)} walk" if len(walks) > 1 else "1 walks"
        effects.append(f"{riders} {abs(mean)} m {'further' if mean >= 0 else 'less'}")
    if before.unserved != after.unserved:
        effects.append(_more(after.unserved - before.unserved, "rider") + " left out")
    effects.append(f"¥{fen_to_yuan(step.saving_fen):,.0f} a day saved")
    return effects


def _walks(problem: Problem, step: Step) -> list[int]:
    """Return by how much the walk of each rider who is carried before and after changes [m]."""
    homes = [
        {a.rider_id: a.board_stop_id for a in at.plan.assignments if a.direction is Direction.INBOUND}
        | {a.rider_id: a.alight_stop_id for a in at.plan.assignments if a.direction is Direction.OUTBOUND}
        for at in (step.before, step.after)
    ]
    pairs = [
        (walk_of(problem, rider_id, homes[0][rider_id]), walk_of(problem, rider_id, stop))
        for rider_id, stop in sorted(homes[1].items())
        if rider_id in homes[0]
    ]
    return [now - was for was, now in pairs if was is not None and now is not None and now != was]


def _more(count: int, what: str) -> str:
    return f"{abs(count)} {what}{'' if abs(count) == 1 else 's'} {'more' if count > 0 else 'less'}"
