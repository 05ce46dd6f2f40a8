"""A plan cut down to what a change can touch is judged as the whole is."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.explain.remedy import Remedy, judge_remedy
from routing.explain.vicinity import ROUNDING_FEN, PlanIndex
from routing.model.budget import UNLIMITED, Budget
from routing.model.places import StopStatus
from tests.cases import OUT, seats, town, town_plan, with_block, with_rules, with_stop, with_trip, without


def test_a_line_alone_is_judged_with_its_riders_and_vehicle() -> None:
    """Line a, its block, its three riders and fay; the fleet is what line b leaves."""
    small, part = PlanIndex.of(town(), town_plan()).around({"a"}, {"fay"})
    assert [x.line_id for x in part.lines] == ["a"]
    assert [b.block_id for b in part.blocks] == ["1"]
    assert [r.rider_id for r in small.riders] == ["ann", "bob", "cai", "fay"]
    assert {(f.vehicle_type_id, f.available) for f in small.fleet} == {("small", 2), ("large", 0)}
    assert evaluate(small, part).feasible


def test_trips_that_share_a_vehicle_come_along_with_their_riders() -> None:
    """The small vehicle drives b_out as well: b's trip home is there, its trip to work is not."""
    plan = with_trip(town_plan(), "b_out", vehicle_type_id="small", departure=64_500)
    plan = with_block(with_block(plan, "1", trip_ids=("a_in", "b_out")), "2", trip_ids=("b_in",))
    _, part = PlanIndex.of(town(), plan).around({"a"}, ())
    assert [[t.trip_id for t in x.trips] for x in part.lines] == [["a_in", "a_out"], ["b_out"]]
    assert {a.rider_id for a in part.assignments} == {"ann", "bob", "cai", "dan", "eve"}


def test_a_pin_that_the_plan_keeps_is_not_missed_in_a_part_of_it() -> None:
    """The quay is pinned and on line b; looking at line a alone must not ask for it. The hill's pin stays."""
    problem = with_stop(with_stop(town(), "quay", status=StopStatus.PINNED), "hill", status=StopStatus.PINNED)
    index = PlanIndex.of(problem, town_plan())
    statuses = {s.stop_id: s.status for s in index.problem.stops}
    assert (statuses["quay"], statuses["hill"]) == (StopStatus.ALLOWED, StopStatus.PINNED)


@pytest.mark.parametrize(("available", "idle"), [(2, {"small": "yard"}), (1, {}), (0, {})])
def test_idle_vehicles_are_those_that_no_block_uses(available: int, idle: dict[str, str]) -> None:
    problem = town()
    fleet = (replace(problem.fleet[0], available=available), problem.fleet[1])
    assert PlanIndex.of(replace(problem, fleet=fleet), town_plan()).idle_vehicles() == idle


def test_those_who_wait_are_listed_by_stop_within_their_walk() -> None:
    index = PlanIndex.of(with_rules(town(), max_walk_m=700), without(town_plan(), "dan"))
    assert index.waiting == {("south", "late", 4): {3}}


def test_any_plan_can_be_indexed() -> None:
    """References that lead nowhere are passed over."""
    plan = with_trip(town_plan(), "a_in", stop_ids=("moon",))
    index = PlanIndex.of(town(), plan)
    assert "a_in" not in index.schedules
    small, part = index.around({"a", "ghost"}, {"zoe"})
    assert evaluate(small, part).violations


def test_the_budget_of_a_part_is_what_the_rest_leaves() -> None:
    """Line b's vehicle and its 42,688 fen are gone; the last fen of rounding are not counted on."""
    problem = town(budget=Budget(max_vehicles=3, max_cost_fen=70_000))
    small, part = PlanIndex.of(problem, town_plan()).around({"a"}, ())
    assert small.budget == Budget(max_vehicles=2, max_cost_fen=70_000 - 42_688 - ROUNDING_FEN)
    assert evaluate(small, part).feasible
    broke = town(budget=Budget(max_vehicles=0, max_cost_fen=0))
    assert PlanIndex.of(broke, town_plan()).around({"a"}, ())[0].budget == Budget(max_vehicles=0, max_cost_fen=0)


def test_a_part_of_a_plan_without_a_budget_has_none() -> None:
    assert PlanIndex.of(town(), town_plan()).around({"a"}, ())[0].budget == UNLIMITED


@settings(deadline=None)
@given(who=st.sampled_from(["ann", "bob", "cai", "dan", "eve"]), one_way=st.booleans())
def test_a_change_costs_and_breaks_in_the_part_what_it_does_in_the_whole(who: str, one_way: bool) -> None:
    """Any rider of the town left out and seated again, in both directions or in one."""
    problem = with_rules(town(), same_line_both_ways=False)
    plan = without(town_plan(), who, *([OUT] if one_way else []))
    line, place, site = (
        ("a", "market" if who == "cai" else "gate", "north") if who in "ann bob cai" else ("b", "quay", "south")
    )
    back = tuple(a for a in seats(who, line, place, site) if not one_way or a.direction is OUT)
    remedy = Remedy(assignments=back)
    small, part = PlanIndex.of(problem, plan).around({line}, {who})
    assert judge_remedy(small, part, remedy) == judge_remedy(problem, plan, remedy)
