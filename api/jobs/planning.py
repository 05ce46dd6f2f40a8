"""Jobs that make and judge plans of a scenario."""

from typing import ClassVar, Literal

from pydantic import Field

from api.jobs.kind import Effort, JobKind, JobParams, Made, Task
from api.shapes import Ident


class PlanParams(Effort):
    """Plan a scenario from nothing."""

    kind: Literal["plan"] = "plan"
    scenario: Ident = Field(description="A scenario's id, or a service's name.", examples=["dalian"])
    bound: bool = Field(default=False, description="Prove a lower bound on the cost of every plan, too.")


class EvaluateParams(JobParams):
    """Judge a plan: violations, costs, key figures, on its own scenario or on another."""

    plan_members: ClassVar[tuple[str, ...]] = ("plan",)

    kind: Literal["evaluate"] = "evaluate"
    plan: Ident = Field(description="The plan's id.")


def run_plan(task: Task) -> Made:
    """Search for the cheapest plan; being told to stop keeps the best one."""
    from api.jobs.effort import until  # noqa: PLC0415 - heavy: the door never imports it
    from routing.formats.plan_json import plan_mapping  # noqa: PLC0415
    from routing.planner.deliver import describe  # noqa: PLC0415
    from routing.planner.prepare import prepare  # noqa: PLC0415
    from routing.planner.run import plan_study  # noqa: PLC0415

    params: PlanParams = task.params
    study = prepare(task.scenario, on_progress=task.tell)
    outcome = plan_study(
        study,
        stop=until(params, task.stop),
        seed=params.seed,
        workers=params.workers,
        bound=until(params, task.stop) if params.bound else None,
        on_progress=task.tell,
    )
    document = plan_mapping(describe(study, outcome))
    return Made(summary=document["summary"], plan=document)


def run_evaluate(task: Task) -> Made:
    """Judge a plan document."""
    from routing.planner.check import check_document  # noqa: PLC0415 - heavy: the door never imports it

    verdict = check_document(task.scenario, task.plan("plan"), on_progress=task.tell)
    found = verdict.evaluation
    details = {
        "violations_by_rule": found.violations_by_rule(),
        "details": [violation.as_dict() for violation in found.violations],
    }
    return Made(summary=verdict.summary() | details)


KINDS = (JobKind(params=PlanParams, run=run_plan), JobKind(params=EvaluateParams, run=run_evaluate))
