"""Describes what changes from the running plan to another, under the names of the documents."""

from dataclasses import asdict

from routing.compare import PlanDiff
from routing.evaluate import ChangeTally


def describe_diff(diff: PlanDiff, changes: ChangeTally | None = None) -> dict[str, object]:
    """Return a PlanDiff under the names of ``banche compare``, with what the judge counted where that is known."""
    counted = {} if changes is None else {"counted": asdict(changes)}
    return asdict(diff) | {"stability": diff.stability, "changes": diff.changes()} | counted
