"""What a violation carries, and how a verdict sums them up."""

import json

from routing.evaluate import Rule, Violation, evaluate, judge_trip
from routing.schedule import schedule_plan
from tests.cases import town, town_plan, with_rules


def test_a_violation_is_json_ready() -> None:
    violation = Violation(rule=Rule.WALK, subject="ann", value=810, limit=800, text="ann walks 810 m")
    expected = {"rule": "walk", "subject": "ann", "value": 810, "limit": 800, "text": "ann walks 810 m"}
    assert json.loads(json.dumps(violation.as_dict())) == expected


def test_every_violation_of_the_judge_is_json_ready_and_speaks() -> None:
    """Numbers are plain numbers, not numpy's, and every sentence names its subject."""
    strict = with_rules(
        town(), max_walk_m=99, max_ride_s=60, max_stops=2, min_load=9, max_detour=1.0, max_detour_free_s=0
    )
    violations = evaluate(strict, town_plan()).violations
    assert len({v.rule for v in violations}) == 5
    for violation in violations:
        assert violation.subject in violation.text
        json.dumps(violation.as_dict())


def test_violations_are_counted_by_rule_in_the_order_of_the_alphabet() -> None:
    strict = with_rules(town(), max_walk_m=300, min_load=4)
    counts = evaluate(strict, town_plan()).violations_by_rule()
    assert list(counts.items()) == [("min_load", 4), ("walk", 4)]


def test_the_summary_speaks_the_words_of_the_plan_document() -> None:
    summary = evaluate(town(), town_plan()).summary()
    assert summary["cost_fen"] == 105_930
    assert summary["violations"] == 0
    parts = summary["cost_parts"]
    assert isinstance(parts, dict)
    assert sum(parts.values()) == summary["cost_fen"]
    assert {"riders", "served", "unserved", "lines", "trips", "vehicles", "mean_walk_m", "p95_walk_m"} <= summary.keys()
    assert {"mean_ride_s", "p95_ride_s", "p95_ride_ratio", "mean_load_factor"} <= summary.keys()
    json.dumps(summary)


def test_a_trip_can_be_judged_alone() -> None:
    """What the judge says of a trip alone is what it says of that trip within the plan."""
    strict = with_rules(town(), max_walk_m=300, min_load=4)
    trips = schedule_plan(strict, town_plan()).trips
    alone = [violation for trip in trips for violation in judge_trip(strict, trip)]
    assert alone == list(evaluate(strict, town_plan()).violations)
