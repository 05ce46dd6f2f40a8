"""Jobs that compare plans."""

from dataclasses import asdict
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.jobs.kind import JobKind, JobParams, Made, Task
from api.shapes import Ident
from routing.compare import PlanDiff, compare
from routing.formats.document import PlanDocument
from routing.formats.plan_json import json_bytes
from routing.formats.plan_reader import read_plan


class CompareParams(JobParams):
    """Tell what changes from one plan to another."""

    plan_members: ClassVar[tuple[str, ...]] = ("before", "after")
    needs_scenario: ClassVar[bool] = False

    kind: Literal["compare"] = "compare"
    before: Ident = Field(description="A plan's id.")
    after: Ident = Field(description="Another plan's id.")


def diff_of(before: PlanDocument, after: PlanDocument) -> PlanDiff:
    """Compare two documents."""
    return compare(before.plan, after.plan, before.departures(), after.departures())


def diff_mapping(diff: PlanDiff) -> dict[str, Any]:
    """Return a comparison as a JSON-ready mapping, as `banche compare --json` prints it."""
    return asdict(diff) | {"stability": diff.stability, "changes": diff.changes()}


def run_compare(task: Task) -> Made:
    """Compare two plan documents."""
    told = diff_mapping(diff_of(read_plan(task.plan("before")), read_plan(task.plan("after"))))
    summary = {name: told[name] for name in ("stability", "changes", "stayers", "changed", "lost", "gained")}
    return Made(summary=summary, files={"diff.json": json_bytes(told)})


KINDS = (JobKind(params=CompareParams, run=run_compare),)
