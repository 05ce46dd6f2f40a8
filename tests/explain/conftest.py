"""Applying a finding to the whole plan, as the property of all findings asks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from routing.evaluate import evaluate
from routing.explain import Finding, PlanIndex, apply_remedy, find_reason
from routing.explain.remedy import beyond
from routing.model.demand import Direction
from routing.model.plan import Plan, Reason
from routing.model.problem import Problem
from tests.cases import STOPS, WALKS, town, walk_table

Explained = Callable[..., tuple[Reason, Finding | None]]
FayAt = Callable[..., Problem]


@pytest.fixture(scope="session")
def explained() -> Explained:
    """Find the reason of one rider, and hold whatever is found to its word in the whole problem."""

    def find(
        problem: Problem, plan: Plan, rider_id: str = "fay", ways: tuple[Direction, ...] = tuple(Direction)
    ) -> tuple[Reason, Finding | None]:
        reason, finding = find_reason(PlanIndex.of(problem, plan), rider_id, ways)
        if finding is not None:
            before = evaluate(problem, plan)
            after = evaluate(*apply_remedy(problem, plan, finding.remedy))
            assert beyond(before.violations, after.violations) == []
            served = {
                (a.rider_id, a.direction)
                for trip in after.schedule.trips
                for seat in trip.seats
                for a in [seat.assignment]
            }
            assert {(rider_id, way) for way in ways} <= served
            if not finding.remedy.copies:
                assert finding.extra_fen == after.cost_fen - before.cost_fen
        return reason, finding

    return find


@pytest.fixture(scope="session")
def fay_at() -> FayAt:
    """Return the town with fay living elsewhere: her walks [m] by stop, and other fields of hers."""

    def move(walks: dict[str, int], problem: Problem | None = None, **fields: Any) -> Problem:
        base = problem or town()
        riders = tuple(replace(r, **fields) if r.rider_id == "fay" else r for r in base.riders)
        return replace(base, riders=riders, walks=walk_table({**WALKS, "fay": walks}, list(STOPS)))

    return move
