"""Writes what a rebalanced plan is delivered as: the files of a plan, and what changes for whom."""

from dataclasses import asdict, dataclass
from pathlib import Path

from routing.formats.changes_geojson import changes_geojson
from routing.formats.diff_json import describe_diff
from routing.formats.document import PlanDocument
from routing.formats.driver_sheets import driver_sheets_html
from routing.formats.letters import letters_html
from routing.formats.plan_json import json_bytes
from routing.model.problem import Problem
from routing.model.result import OnProgress
from routing.planner.deliver import deliver
from routing.planner.prepare import Study
from routing.planner.rebalancing import Rebalanced
from routing.rebalance.chain import Journey
from routing.rebalance.decisions import decide
from routing.rebalance.notices import notices
from routing.rebalance.sentences import tell
from routing.rebalance.steps import Stand, stand
from routing.rebalance.thin import thin_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What was written."""

    document: PlanDocument
    diff: dict[str, object]


def deliver_rebalance(
    study: Study, running: PlanDocument, done: Rebalanced, out: Path, *, on_progress: OnProgress | None = None
) -> Delivered:
    """Write the output folder of a rebalance; it is replaced as a whole, or not at all.

    Raises
    ------
    InputError
        When the folder exists and is not one of ours, or cannot be written.
    """
    problem = done.problem
    diff = describe_diff(done.diff, done.outcome.evaluation.changes) | {"from": running.plan_id}
    if done.journey is not None:
        diff["shadow_price_fen"] = done.journey.shadow_fen
    diff["thin_lines"] = [asdict(line) for line in thin_lines(problem, done.outcome.evaluation)]
    if problem.changes is not None:
        begin = stand(problem, problem.changes.running)
        found = decide(problem, begin, stand(problem, done.outcome.plan))
        diff["decisions"] = [asdict(decision) for decision in found]
    frontier = None if done.journey is None else describe_frontier(problem, done.journey)
    letters = letters_html(notices(problem, done.outcome.plan, done.diff), synthetic=study.scenario.synthetic)

    def more(folder: Path, document: PlanDocument) -> None:
        (folder / "diff.json").write_bytes(json_bytes(diff))
        (folder / "letters.html").write_bytes(letters)
        (folder / "drivers.html").write_bytes(driver_sheets_html(document))
        (folder / "changes.geojson").write_bytes(changes_geojson(running, document, done.diff))
        if frontier is not None:
            (folder / "frontier.json").write_bytes(json_bytes(frontier))

    document = deliver(study, done.outcome, out, on_progress=on_progress, more=more)
    return Delivered(document=document, diff=diff)


def describe_frontier(problem: Problem, journey: Journey) -> dict[str, object]:
    """Return the steps of a journey: each begins where the one before ended, and costs strictly fall."""
    return {
        "begin": _point(journey.begin),
        "steps": [
            {
                "number": number,
                "sentence": tell(problem, step),
                "line_ids": list(step.line_ids),
                "saving_fen": step.saving_fen,
                "riders_disturbed": step.disturbed,
                "decisions": [asdict(decision) for decision in decide(problem, step.before, step.after)],
                **_point(step.after),
            }
            for number, step in enumerate(journey.steps, start=1)
        ],
        "shadow_price_fen": journey.shadow_fen,
    }


def _point(at: Stand) -> dict[str, object]:
    return {
        "cost_fen": at.cost_fen,
        "changed_riders": at.changed,
        "vehicles": at.verdict.kpis.vehicles,
        "unserved": at.verdict.kpis.unserved,
        "violations": len(at.verdict.violations),
    }
