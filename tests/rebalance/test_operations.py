"""Trouble of a day: what stops, who gets another seat, and that nothing else moves."""

from dataclasses import replace
from typing import Any

import pytest

from routing.evaluate import Rule, evaluate
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.rebalance.operations import Response, respond, skip_stops
from routing.scenario import BreakVehicle, CloseStop, CloseWorksite, Modification, SlowRoads, apply
from tests.cases import town, town_plan, with_rules, without
from tests.drifting import departures, drifted
from tests.solver.towns import RULES, Town

PLAN = town_plan()


def answer(*happened: Modification, broken: str | None = None, problem: Problem | None = None) -> Response:
    given = problem or town()
    return respond(given, PLAN, departures(given, PLAN), happened, broken)


def fleet(**available: int) -> tuple[Any, ...]:
    return tuple(replace(item, available=available[item.vehicle_type_id]) for item in town().fleet)


def rest(plan: Plan, stopped: tuple[str, ...]) -> list[Any]:
    return [line for line in plan.lines if line.line_id not in stopped]


def test_where_nothing_happens_everything_runs_as_before() -> None:
    done = answer()
    assert (done.stopped, done.reseated, done.lost) == ((), (), ())
    assert done.after.plan.lines == PLAN.lines
    assert done.after.plan.blocks == PLAN.blocks
    assert done.after.changed == 0


def test_an_idle_vehicle_takes_over_and_nobody_notices() -> None:
    """A second small one stands in the yard."""
    done = answer(broken="1")
    assert done.stopped == ()
    assert done.after.changed == 0
    assert done.after.verdict.violations == ()
    assert [(b.block_id, b.vehicle_type_id) for b in done.after.plan.blocks] == [("1", "small"), ("2", "large")]


def test_without_an_idle_vehicle_the_broken_one_s_line_stops_and_no_other() -> None:
    done = answer(broken="1", problem=town(fleet=fleet(small=1, large=1)))
    assert done.stopped == ("a",)
    assert set(done.lost) == {"ann", "bob", "cai"}
    assert rest(done.after.plan, ()) == [PLAN.lines[1]]
    assert [v for v in done.after.verdict.violations if v.rule is not Rule.PIN] == []
    assert {(u.rider_id, u.direction) for u in done.after.plan.unserved} >= {
        (a.rider_id, a.direction) for a in PLAN.assignments if a.trip_id.startswith("a")
    }


def test_who_never_had_a_seat_is_given_none_today_and_who_lost_one_is() -> None:
    """Ann is new, and seats are free; an answer within seconds looks after those who had a seat this morning."""
    running = without(PLAN, "ann")
    given = town(fleet=fleet(small=1, large=1))
    calm = respond(given, running, departures(given, PLAN), [])
    assert calm.after.plan.assignments == running.assignments
    assert {u.rider_id for u in calm.after.plan.unserved} == {"ann", "fay"}
    broken = respond(given, running, departures(given, PLAN), [], "1")
    assert set(broken.reseated) | set(broken.lost) == {"bob", "cai"}
    assert "ann" not in {a.rider_id for a in broken.after.plan.assignments}


def test_a_larger_vehicle_may_take_over() -> None:
    done = answer(broken="1", problem=town(fleet=fleet(small=1, large=2)))
    assert done.stopped == ()
    assert {b.block_id: b.vehicle_type_id for b in done.after.plan.blocks} == {"1": "large", "2": "large"}
    assert {t.vehicle_type_id for _, t in done.after.plan.trips()} == {"large"}


def test_a_worksite_that_is_closed_stops_its_trips_and_touches_nobody_else() -> None:
    done = answer(CloseWorksite(worksite_id="south"))
    assert rest(done.after.plan, ()) == [PLAN.lines[0]]
    assert (done.reseated, done.lost) == ((), ())
    assert done.after.changed == 0
    assert done.after.verdict.violations == ()


def test_a_line_drives_past_a_closed_stop_and_its_riders_keep_their_times() -> None:
    """Cai boards where the trip used to halt second; who boarded before is seated elsewhere, or told."""
    done = answer(CloseStop(stop_id="gate_in"), CloseStop(stop_id="gate_out"))
    a, b = done.after.plan.lines
    a_in, a_out = a.trips
    assert b == PLAN.lines[1]
    assert a_in.stop_ids == ("market_in", "north")
    assert a_out.stop_ids == ("north", "market_out")
    assert done.stopped == ()
    assert set(done.reseated) | set(done.lost) == {"ann", "bob"}
    cai = [a for a in done.after.plan.assignments if a.rider_id == "cai"]
    assert [a.trip_id for a in cai] == ["a_in", "a_out"]


def test_a_trip_that_skips_a_stop_on_the_way_never_leaves_another_one_earlier() -> None:
    problem = apply(town(), [CloseStop(stop_id="market_in")])
    skipping = skip_stops(problem, PLAN)
    was, now = (
        {t.trip.trip_id: t for t in evaluate(problem, plan).schedule.trips}["a_in"] for plan in (PLAN, skipping)
    )
    assert now.trip.stop_ids == ("gate_in", "north")
    assert now.depart[0] >= was.depart[0]
    assert now.arrive[-1] == was.arrive[-1]
    assert {a.rider_id for a in PLAN.assignments} - {a.rider_id for a in skipping.assignments} == {"cai"}
    apart = with_rules(problem, same_line_both_ways=False)
    assert sum(a.rider_id == "cai" for a in skip_stops(apart, PLAN).assignments) == 1
    assert skip_stops(town(), PLAN) is PLAN


def test_a_line_whose_only_stop_is_closed_does_not_run() -> None:
    done = answer(CloseStop(stop_id="quay"))
    assert set(done.lost) == {"dan", "eve"}
    assert done.after.plan.lines == PLAN.lines[:1]


def test_roads_so_slow_that_rides_are_too_long_stop_what_is_late() -> None:
    done = answer(SlowRoads(factor=3.0))
    assert done.stopped == ("a", "b")
    assert done.after.plan.lines == ()
    assert len(done.lost) == 5


def test_a_vehicle_that_is_gone_without_a_block_is_given_up_where_fewest_ride() -> None:
    gone = BreakVehicle(vehicle_type_id="small", depot_id="yard")
    done = answer(gone, gone)
    assert len(done.stopped) == 1
    assert done.after.verdict.kpis.vehicles == 1


@pytest.mark.parametrize("seed", range(3))
def test_who_loses_a_line_gets_a_seat_that_is_free_and_nobody_else_is_changed(seed: int) -> None:
    """Every vehicle is on the road; whoever keeps the line keeps everything."""
    drift = drifted(Town(riders=60, depots=1, rules=RULES, seed=seed))
    kinds = [block.vehicle_type_id for block in drift.running.blocks]
    few = tuple(replace(item, available=kinds.count(item.vehicle_type_id)) for item in drift.old.fleet)
    problem = replace(drift.old, fleet=few)
    done = respond(problem, drift.running, departures(problem, drift.running), (), drift.running.blocks[0].block_id)
    assert done.after.verdict.violations == ()
    lines = {t.trip_id: line.line_id for line, t in drift.running.trips()}
    hurt = {a.rider_id for a in drift.running.assignments if lines[a.trip_id] in done.stopped}
    assert set(done.reseated) | set(done.lost) == hurt
    assert done.after.changed == len(hurt)


def test_a_pair_of_rules_that_only_bind_new_lines_does_not_stop_old_ones() -> None:
    done = answer(problem=with_rules(town(), min_load=5))
    assert done.stopped == ()
    assert evaluate(town(), done.after.plan).violations == ()
