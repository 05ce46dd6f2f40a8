"""Judges a plan document, own or foreign, against its scenario."""

from dataclasses import dataclass, replace
from pathlib import Path

from routing.evaluate import Evaluation, evaluate
from routing.formats.document import PlanDocument, describe_plan
from routing.formats.mismatches import find_mismatches
from routing.formats.plan_reader import read_plan
from routing.geo.stops import KeptStop
from routing.model.result import OnProgress
from routing.planner.deliver import origin_of
from routing.planner.prepare import Study, prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A document's plan, judged.

    Attributes
    ----------
    evaluation : Evaluation
        With a violation of the rule ``declared`` for each declared value that does not follow from the decisions.
    """

    study: Study
    document: PlanDocument
    evaluation: Evaluation

    def summary(self) -> dict[str, object]:
        """Return the derived summary, under the names of the plan document."""
        derived = describe_plan(self.study.problem, self.document.plan, self.evaluation, origin=origin_of(self.study))
        return dict(derived.summary)


def check_document(folder: Path, plan_file: Path, *, on_progress: OnProgress | None = None) -> Verdict:
    """Judge a plan document against a scenario folder.

    Raises
    ------
    InputError
        When the scenario or the document cannot be read.
    """
    document = read_plan(plan_file)
    study = prepare(folder, keep=kept_stops(document), on_progress=on_progress)
    evaluation = evaluate(study.problem, document.plan)
    declared = find_mismatches(study.problem, document, evaluation)
    evaluation = replace(evaluation, violations=evaluation.violations + declared)
    return Verdict(study=study, document=document, evaluation=evaluation)


def kept_stops(document: PlanDocument) -> tuple[KeptStop, ...]:
    """Return the stops of a document, to be candidates under their own ids."""
    return tuple(
        KeptStop(stop_id=s.stop_id, place_id=s.place_id, name=s.name, lon=s.location.lon, lat=s.location.lat)
        for s in document.stops
        if not s.worksite
    )
