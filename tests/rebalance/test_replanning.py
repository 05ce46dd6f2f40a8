"""Lines planned anew for those who lost theirs: everybody else keeps everything, nothing gets worse."""

from dataclasses import replace

import numpy as np
import pytest

from routing.model.rules import ServiceRules
from routing.rebalance.operations import Response, respond, told
from routing.rebalance.replanning import replan_lost
from routing.scenario import Redrive
from routing.solver import MaxIterations
from tests.drifting import Drift, departures, drifted
from tests.solver.towns import Town

STOP = MaxIterations(iterations=400)


@pytest.fixture(scope="module")
def drift() -> Drift:
    return drifted(Town(riders=50, places=14, depots=1, rules=ServiceRules(min_load=1), seed=3))


@pytest.fixture(scope="module")
def answer(drift: Drift) -> Response:
    """Return the answer to a road that is closed on the way of one line, with no short way round it."""
    line = max(drift.running.lines, key=lambda x: len(x.trips[0].stop_ids))
    first, second = (drift.old.node(stop_id) for stop_id in line.trips[0].stop_ids[:2])
    assert first is not None
    assert second is not None
    travel = []
    for matrix in drift.old.travel:
        duration = matrix.duration.copy()
        duration[first, second] = duration[second, first] = 9_000
        travel.append(replace(matrix, duration=duration))
    closed = Redrive(travel=tuple(travel))
    return respond(drift.old, drift.running, departures(drift.old, drift.running), [closed])


def test_a_line_that_cannot_run_stops_first(answer: Response) -> None:
    assert answer.stopped
    assert answer.lost


def test_those_who_lost_their_line_are_planned_for_and_nobody_else_is_touched(answer: Response) -> None:
    better = replan_lost(answer, STOP)
    seats = {(a.rider_id, a.direction): a for a in better.after.plan.assignments}
    kept = [a for a in answer.after.plan.assignments if a.rider_id not in answer.lost]
    assert all(seats[a.rider_id, a.direction] == a for a in kept)
    assert len(better.lost) < len(answer.lost)
    lines = {line.line_id: line for line in better.after.plan.lines}
    for line in answer.after.plan.lines:
        stops = [(t.trip_id, t.stop_ids, t.departure) for t in line.trips]
        assert [(t.trip_id, t.stop_ids, t.departure) for t in lines[line.line_id].trips] == stops
    faults = {(v.rule, v.subject) for v in answer.after.verdict.violations}
    assert {(v.rule, v.subject) for v in better.after.verdict.violations} <= faults


def test_what_is_told_is_against_the_plan_of_before(answer: Response) -> None:
    better = replan_lost(answer, STOP)
    assert better == told(answer.problem, better.after.plan)
    assert set(better.lost) | set(better.reseated) | set(better.retimed) >= set(better.lost)
    assert not set(better.lost) & set(better.reseated)
    assert not set(better.retimed) & (set(better.lost) | set(better.reseated))


def test_where_nobody_lost_anything_the_answer_stands(drift: Drift) -> None:
    calm = respond(drift.old, drift.running, departures(drift.old, drift.running), [])
    assert replan_lost(calm, STOP) is calm


def test_an_answer_that_no_search_can_better_stands(answer: Response) -> None:
    """No vehicle is left for a line more."""
    plan = answer.after.plan
    used = {
        kind: sum(b.vehicle_type_id == kind for b in plan.blocks) for kind in {b.vehicle_type_id for b in plan.blocks}
    }
    fleet = tuple(
        replace(item, available=used.pop(item.vehicle_type_id, 0) if item.available else 0)
        for item in answer.problem.fleet
    )
    poor = replace(answer, problem=replace(answer.problem, fleet=fleet))
    again = replan_lost(poor, STOP)
    assert again is poor or len(again.lost) < len(poor.lost)
    assert np.all([len(b.trip_ids) for b in again.after.plan.blocks])
