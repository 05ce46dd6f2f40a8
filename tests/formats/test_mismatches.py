"""A doctored document is caught: every declared value is compared with what its decisions imply."""

import copy
import json
from typing import Any

import pytest

from routing.evaluate import evaluate
from routing.evaluate.findings import Rule, Violation
from routing.formats.document import PlanDocument
from routing.formats.mismatches import find_mismatches
from routing.formats.plan_json import plan_json
from routing.formats.plan_reader import read_plan
from routing.model.problem import Problem


def doctored(document: PlanDocument, pointer: str, value: object) -> dict[str, Any]:
    content: dict[str, Any] = copy.deepcopy(json.loads(plan_json(document)))
    *parents, last = pointer.split("/")
    place: Any = content
    for key in parents:
        place = place[int(key) if isinstance(place, list) else key]
    place[last] = value(place[last]) if callable(value) else value
    return content


def mismatches(problem: Problem, content: dict[str, Any]) -> tuple[Violation, ...]:
    document = read_plan(content)
    return find_mismatches(problem, document, evaluate(problem, document.plan))


def test_an_honest_document_has_none(problem: Problem, document: PlanDocument) -> None:
    assert mismatches(problem, json.loads(plan_json(document))) == ()


TRIP = "lines/1/trips/0"  # two stops, then two worksites


@pytest.mark.parametrize(
    ("pointer", "value", "subject"),
    [
        (f"{TRIP}/stops/1/arrive", "06:00:00", "L2-inbound"),
        (f"{TRIP}/stops/1/depart", "12:00:00", "L2-inbound"),
        (f"{TRIP}/stops/3/arrive", "08:29:00", "L2-inbound"),
        (f"{TRIP}/stops/0/board", 3, "L2-inbound"),
        (f"{TRIP}/stops/2/alight", lambda n: n + 1, "L2-inbound"),
        (f"{TRIP}/stops/1/load", 45, "L2-inbound"),
        (f"{TRIP}/distance_m", lambda m: m - 500, "L2-inbound"),
        ("assignments/0/walk_m", lambda m: m + 2, None),
        ("assignments/0/ride_s", lambda s: s - 60, None),
        ("stops/0/lon", lambda x: x + 0.001, "P1a"),
        ("stops/0/lat", lambda x: x - 0.001, "P1a"),
        ("stops/0/place_id", "P7", "P1a"),
        ("summary/cost_fen", lambda fen: fen - 10_000, "summary"),
        ("summary/cost_parts/ride", 0, "summary"),
        ("summary/served", 46, "summary"),
        ("summary/vehicles", 2, "summary"),
        ("summary/mean_walk_m", lambda m: m - 5, "summary"),
        ("summary/p95_ride_s", lambda s: s - 5, "summary"),
        ("summary/mean_load_factor", 0.99, "summary"),
        ("summary/p95_ride_ratio", 1.0, "summary"),
        ("summary/violations", 3, "summary"),
        ("summary/riders", "46", "summary"),
        ("summary/riders", True, "summary"),
        ("summary/cost_fen", float("nan"), "summary"),
        ("summary/gap", 0.01, "summary"),
        ("summary/lower_bound_fen", 10**9, "summary"),
    ],
)
def test_a_doctored_value_is_caught(
    problem: Problem, document: PlanDocument, pointer: str, value: object, subject: str | None
) -> None:
    found = mismatches(problem, doctored(document, pointer, value))
    assert found
    assert {violation.rule for violation in found} == {Rule.DECLARED}
    assert {violation.subject for violation in found} == {subject or document.plan.assignments[0].rider_id}
    assert all(violation.text for violation in found)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("assignments/0/walk_m", lambda m: m + 1),
        ("assignments/0/ride_s", lambda s: s - 1),
        ("summary/mean_walk_m", round),
        ("summary/cost_fen", lambda fen: fen + 2),
        ("stops/0/lon", lambda x: round(x, 6)),
        (f"{TRIP}/stops/0/arrive", None),
        (f"{TRIP}/stops/1/board", None),
        ("summary", None),
        ("stops/0/place_id", None),
    ],
)
def test_rounding_and_silence_are_no_mismatch(
    problem: Problem, document: PlanDocument, pointer: str, value: object
) -> None:
    assert mismatches(problem, doctored(document, pointer, value)) == ()


def test_the_dwell_at_the_ends_may_be_left_out(problem: Problem, document: PlanDocument) -> None:
    """Foreign plans often say that a trip arrives at its first stop when it departs, and the other way at its last."""
    content = json.loads(plan_json(document))
    for line in content["lines"]:
        for trip in line["trips"]:
            trip["stops"][0]["arrive"] = trip["stops"][0]["depart"]
            trip["stops"][-1]["depart"] = trip["stops"][-1]["arrive"]
    assert mismatches(problem, content) == ()


def test_a_moved_departure_moves_every_time_of_the_trip(problem: Problem, document: PlanDocument) -> None:
    """The departure is a decision: whoever changes it alone declares wrong times at every later stop."""
    content = doctored(document, f"{TRIP}/stops/0/depart", "06:30:00")
    texts = [violation.text for violation in mismatches(problem, content) if violation.subject == "L2-inbound"]
    assert len(texts) == 7  # arrivals at four stops, departures from three


def test_what_cannot_be_resolved_is_left_to_the_judge(problem: Problem, document: PlanDocument) -> None:
    content = doctored(document, f"{TRIP}/stops/1/stop_id", "nowhere")
    del content["summary"]
    found = mismatches(problem, content)
    assert {violation.subject for violation in found} <= {"L2-inbound"}
    content = doctored(document, "assignments/0/rider_id", "nobody")
    del content["summary"]
    assert {v.subject for v in mismatches(problem, content)} == {document.plan.assignments[0].trip_id}


def test_an_unknown_stop_is_not_compared(problem: Problem, document: PlanDocument) -> None:
    content = json.loads(plan_json(document))
    content["stops"].append({"stop_id": "X", "place_id": "X", "name": "X", "lon": 0, "lat": 0})
    assert mismatches(problem, content) == ()
