"""Who feels a change, what it costs, and when that is forbidden: each kind alone, by hand."""

from dataclasses import replace
from typing import Any

import pytest

from routing.evaluate import Rule, evaluate
from routing.evaluate.changes import promised
from routing.model.changes import ChangeCosts, Changes
from routing.model.plan import Plan
from routing.model.problem import Problem
from tests.cases import IN, OUT, found, seats, town, town_plan, with_rider, with_rules, with_seat, with_trip, without
from tests.drifting import departures

PLAN = town_plan()
COSTS = ChangeCosts(other_stop=100, other_line=300, retimed=40, line_closed=7)


def running(costs: ChangeCosts = COSTS, problem: Problem | None = None, **more: Any) -> Problem:
    """Return the town in which the plan of the town runs."""
    changes = Changes(running=PLAN, departures=departures(town(), PLAN), costs=costs, **more)
    return replace(problem or town(), changes=changes)


def felt(problem: Problem, plan: Plan) -> tuple[int, dict[str, int], int]:
    """Return people changed, people by kind, and the price."""
    count = evaluate(problem, plan).changes
    assert count is not None
    return count.changed, dict(count.by_kind), count.price_fen


def moved(plan: Plan, rider_id: str, line_id: str, place: str, site: str) -> Plan:
    """Give a rider other seats."""
    kept = tuple(a for a in plan.assignments if a.rider_id != rider_id)
    return replace(plan, assignments=(*kept, *seats(rider_id, line_id, place, site)))


def test_where_nothing_runs_nothing_is_counted() -> None:
    verdict = evaluate(town(), PLAN)
    assert verdict.changes is None
    assert "changes" not in verdict.summary()
    assert verdict.objective == (verdict.cost_fen,)


def test_the_running_plan_itself_changes_nobody() -> None:
    """All six people who ride stay; eve is two."""
    verdict = evaluate(running(), PLAN)
    assert verdict.changes is not None
    assert (verdict.changes.stayers, verdict.changes.changed, verdict.changes.price_fen) == (6, 0, 0)
    assert verdict.violations == ()
    assert verdict.summary()["changes"] == {"stayers": 6, "changed": 0, "by_kind": {}, "price_fen": 0}


def test_another_stop_in_both_directions_is_paid_once() -> None:
    assert felt(running(), moved(PLAN, "ann", "a", "market", "north")) == (1, {"other_stop": 1}, 100)


def test_another_stop_in_one_direction_is_paid_half() -> None:
    plan = with_seat(PLAN, "ann", IN, board_stop_id="market_in")
    assert felt(running(), plan) == (1, {"other_stop": 1}, 50)


def test_who_is_left_out_has_lost_the_line_and_pays_for_it_as_another() -> None:
    assert felt(running(), without(PLAN, "bob")) == (1, {"other_line": 1}, 300)


def test_the_price_counts_people() -> None:
    """Eve stands for two."""
    assert felt(running(), without(PLAN, "eve")) == (2, {"other_line": 2}, 600)


@pytest.mark.parametrize(("later", "people"), [(300, 0), (301, 3), (-300, 0), (-301, 3)])
def test_a_departure_may_move_by_the_tolerance_and_no_further(later: int, people: int) -> None:
    """Everyone on line a, in one direction of two."""
    trip = PLAN.lines[0].trips[0]
    changed, by_kind, price = felt(running(), with_trip(PLAN, "a_in", departure=trip.departure + later))
    assert (changed, by_kind.get("retimed", 0), price) == (people, people, people * 40 // 2)


def test_who_changes_the_line_gets_another_timetable_with_it() -> None:
    """Its departures were promised to others: no time there is a change apart."""
    # The couple has a seat on line a for the ride: what matters is that it is not theirs.
    plan = moved(PLAN, "eve", "a", "gate", "north")
    for departure in (PLAN.lines[0].trips[0].departure, PLAN.lines[1].trips[0].departure):
        changed, by_kind, _ = felt(running(), with_trip(plan, "a_in", departure=departure))
        assert by_kind["other_line"] == by_kind["other_stop"] == 2
        assert by_kind.get("retimed", 0) == changed - 2


def test_a_departure_that_was_not_published_was_not_promised() -> None:
    problem = replace(town(), changes=Changes(running=PLAN, departures={}, costs=COSTS))
    assert felt(problem, with_trip(PLAN, "a_in", departure=0)) == (0, {}, 0)


def test_who_is_on_a_line_that_closes_pays_for_that_as_well() -> None:
    plan = replace(PLAN, lines=PLAN.lines[:1], blocks=PLAN.blocks[:1])
    assert felt(running(), plan) == (3, {"line_closed": 3, "other_line": 3}, 3 * 307)


def test_the_objective_adds_the_price_to_the_cost_and_the_cost_does_not_know_it() -> None:
    plan = moved(PLAN, "ann", "a", "market", "north")
    priced, plain = evaluate(running(), plan), evaluate(town(), plan)
    assert priced.cost_fen == plain.cost_fen
    assert priced.objective == (plain.cost_fen + 100,)


def test_riders_who_left_or_work_elsewhere_or_moved_away_are_promised_nothing() -> None:
    everyone = promised(running())
    assert len(everyone) == 2 * 5
    gone = with_rider(running(), "ann", rider_id="amy")
    elsewhere = with_rider(running(), "ann", worksite_id="south")
    otherwise = with_rider(running(), "ann", shift_id="late")
    for problem in (gone, elsewhere, otherwise):
        assert {problem.riders[p.rider].rider_id for p in promised(problem)} == {"bob", "cai", "dan", "eve"}
    # Nobody walks further than is promised by now: bob would have to walk 390 m.
    short = running(problem=with_rules(town(), max_walk_m=380))
    assert {short.riders[p.rider].rider_id for p in promised(short)} == {"ann", "cai", "dan"}


@pytest.mark.parametrize(
    ("field", "plan"),
    [
        ("other_stop", moved(PLAN, "ann", "a", "market", "north")),
        ("other_line", without(PLAN, "ann")),
        ("retimed", with_trip(PLAN, "b_out", departure=PLAN.lines[1].trips[1].departure + 900)),
        ("line_closed", replace(PLAN, lines=PLAN.lines[:1], blocks=PLAN.blocks[:1])),
    ],
)
def test_what_is_forbidden_is_a_violation_and_only_then(field: str, plan: Plan) -> None:
    free = running(ChangeCosts.flat(0))
    frozen = running(ChangeCosts(**{"other_stop": 0, "other_line": 0, "retimed": 0, "line_closed": 0} | {field: None}))
    assert Rule.FROZEN not in {v.rule for v in evaluate(free, plan).violations}
    assert Rule.FROZEN in {v.rule for v in evaluate(frozen, plan).violations}
    assert Rule.FROZEN not in {v.rule for v in evaluate(frozen, PLAN).violations}


def test_the_limit_counts_people() -> None:
    plan = without(PLAN, "eve")
    assert (Rule.CHANGE_BUDGET, "plan", 2, 1) in found(running(max_changed_riders=1), plan)
    assert Rule.CHANGE_BUDGET not in {v.rule for v in evaluate(running(max_changed_riders=2), plan).violations}


def test_a_line_that_must_run_needs_no_riders_to_open() -> None:
    """Bob and cai left, and ann alone would open no line."""
    few = tuple(r for r in town().riders if r.rider_id not in {"bob", "cai"})
    problem = town(riders=few, walks=rows_of(few))
    plan = replace(PLAN, assignments=tuple(a for a in PLAN.assignments if a.rider_id not in {"bob", "cai"}))
    rules = {v.rule for v in evaluate(problem, plan).violations}
    assert Rule.MIN_LOAD in rules
    assert Rule.MIN_LOAD in {v.rule for v in evaluate(running(problem=problem), plan).violations}
    frozen = running(ChangeCosts.flat(None), problem)
    assert evaluate(frozen, plan).violations == ()


def rows_of(riders: tuple[Any, ...]) -> Any:
    """Return the walks of some of the town's riders."""
    from tests.cases import STOPS, WALKS, walk_table

    return walk_table({r.rider_id: WALKS[r.rider_id] for r in riders}, list(STOPS))


def test_a_rider_who_is_carried_one_way_only_feels_the_other() -> None:
    assert felt(running(), without(PLAN, "ann", OUT)) == (1, {"other_line": 1}, 150)
