"""Lines that came out of a search with a broken promise run as published again."""

from dataclasses import replace

from routing.evaluate import Rule, evaluate
from routing.model.changes import ChangeCosts, Changes
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.rebalance.holding import hold_promises
from tests.cases import seats, town, town_plan, with_trip, without
from tests.drifting import departures

PLAN = town_plan()
EARLY = with_trip(PLAN, "a_in", departure=PLAN.lines[0].trips[0].departure - 570)


def running(fen: int | None) -> Problem:
    costs = ChangeCosts.flat(fen)
    return replace(town(), changes=Changes(running=PLAN, departures=departures(town(), PLAN), costs=costs))


def test_a_plan_that_breaks_nothing_comes_back_as_it_is() -> None:
    assert hold_promises(running(None), PLAN) is PLAN
    assert hold_promises(running(100), EARLY) is EARLY
    assert hold_promises(town(), EARLY) is EARLY


def test_a_line_that_leaves_earlier_runs_as_published_again() -> None:
    problem = running(None)
    assert {v.rule for v in evaluate(problem, EARLY).violations} == {Rule.FROZEN}
    held = hold_promises(problem, EARLY)
    assert evaluate(problem, held).violations == ()
    runs, ran = ({(t.trip_id, t.stop_ids, t.departure) for _, t in plan.trips()} for plan in (held, PLAN))
    assert runs == ran


def test_a_rider_who_was_left_out_comes_back_to_the_seat_that_was_promised() -> None:
    problem = running(None)
    held = hold_promises(problem, without(PLAN, "ann"))
    assert evaluate(problem, held).violations == ()
    assert set(held.assignments) == set(PLAN.assignments)


def test_who_joined_the_line_meanwhile_is_seated_anew_or_told() -> None:
    """Fay boarded on the hill, which line a has not published."""
    joined = with_trip(EARLY, "a_in", stop_ids=("gate_in", "market_in", "hill", "north"))
    joined = with_trip(joined, "a_out", stop_ids=("north", "hill", "market_out", "gate_out"))
    joined = Plan(
        lines=joined.lines,
        assignments=(*joined.assignments, *seats("fay", "a", "hill", "north")),
        blocks=joined.blocks,
    )
    problem = running(None)
    held = hold_promises(problem, joined)
    verdict = evaluate(problem, held)
    assert [v for v in verdict.violations if v.rule is Rule.FROZEN] == []
    assert [v for v in verdict.violations if v.rule is Rule.SERVED_OR_EXPLAINED] == []


def test_without_vehicles_nothing_is_made_worse() -> None:
    none = tuple(replace(item, available=0) for item in town().fleet)
    problem = replace(running(None), fleet=none)
    assert hold_promises(problem, EARLY) is EARLY
