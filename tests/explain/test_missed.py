"""Seats that a search missed are taken, where that saves money and breaks nothing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.explain import seat_missed
from routing.explain.remedy import beyond
from routing.model.plan import Plan
from routing.model.units import parse_clock
from tests.cases import OUT, found, left_out, town, town_plan, with_rules, without
from tests.explain.conftest import FayAt

NAMES = ["ann", "bob", "cai", "dan", "eve"]


@pytest.mark.parametrize("who", NAMES)
def test_whoever_is_left_out_by_mistake_comes_back(who: str) -> None:
    """Alone, and at no more than the plan cost before the mistake (eve and dan find the hill cheaper)."""
    mended = seat_missed(town(), without(town_plan(), who))
    assert {u.rider_id for u in mended.unserved} == {"fay"}
    assert found(town(), mended) == []
    assert evaluate(town(), mended).cost_fen <= evaluate(town(), town_plan()).cost_fen


def test_two_who_want_the_same_line_come_back_one_after_the_other() -> None:
    mended = seat_missed(town(), without(without(town_plan(), "ann"), "cai"))
    assert {u.rider_id for u in mended.unserved} == {"fay"}
    assert found(town(), mended) == []


def test_nobody_is_seated_against_a_rule() -> None:
    """Line a's vehicle seats three once; the fourth stays out, whatever leaving costs."""
    problem = town()
    types = tuple(replace(v, seats=min(v.seats, 3)) for v in problem.vehicle_types)
    full = replace(problem, vehicle_types=types)
    plan = town_plan()
    assert seat_missed(full, plan) == plan


def test_nobody_is_seated_at_a_loss(fay_at: FayAt) -> None:
    """The halt at the hill costs 19.60 yuan, leaving fay 1 yuan."""
    problem = fay_at({"hill": 100})
    cheap = replace(problem, costs=replace(problem.costs, unserved=100))
    assert seat_missed(cheap, town_plan()) == town_plan()
    assert seat_missed(problem, town_plan()).unserved == ()
    everyone = replace(cheap, costs=replace(cheap.costs, fewest_vehicles_first=True))
    assert seat_missed(everyone, town_plan()).unserved == ()


def test_a_plan_without_gaps_comes_back_as_it_is() -> None:
    assert seat_missed(town(), town_plan()) == town_plan()
    assert seat_missed(town(), Plan()) == Plan()


def test_one_direction_is_mended_alone_where_lines_are_not_paired() -> None:
    problem = with_rules(town(), same_line_both_ways=False)
    mended = seat_missed(problem, without(town_plan(), "bob", OUT))
    assert mended.unserved == left_out("fay")


def test_an_unknown_rider_is_passed_over() -> None:
    plan = replace(town_plan(), unserved=(*left_out("zoe"), *left_out("fay")))
    assert seat_missed(town(), plan) == plan


@settings(deadline=None)
@given(
    gone=st.sets(st.sampled_from(NAMES), min_size=1),
    max_stops=st.integers(2, 4),
    turnaround=st.sampled_from([480, parse_clock("09:24:00")]),
    price=st.sampled_from([0, 3_000, 20_000]),
)
def test_the_plan_never_gets_worse(gone: set[str], max_stops: int, turnaround: int, price: int) -> None:
    """Whoever is left out under whatever rules: the cost falls or stays, and no rule breaks anew."""
    problem = with_rules(town(), max_stops=max_stops, turnaround_s=turnaround, min_load=0)
    problem = replace(problem, costs=replace(problem.costs, unserved=price))
    plan = town_plan()
    for who in gone:
        plan = without(plan, who)
    before, after = evaluate(problem, plan), evaluate(problem, seat_missed(problem, plan))
    assert after.cost_fen <= before.cost_fen
    assert beyond(before.violations, after.violations) == []
