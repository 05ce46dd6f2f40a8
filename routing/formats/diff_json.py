"""Writes what changes from the running plan to another, and the steps of a frontier, as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from routing.compare import PlanDiff
from routing.evaluate import ChangeTally


def describe_diff(diff: PlanDiff, changes: ChangeTally | None = None) -> dict[str, object]:
    """Return a PlanDiff under the names of ``banche compare``, with what the judge counted where that is known."""
    counted = {} if changes is None else {"counted": asdict(changes)}
    return asdict(diff) | {"stability": diff.stability, "changes": diff.changes()} | counted


def json_bytes(content: Mapping[str, object] | Sequence[object]) -> bytes:
    """Return JSON as UTF-8, with a line of its own for each member."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
