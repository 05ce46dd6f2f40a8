"""Offers on the hand-made town: who is offered what, by hand and against the judge."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import InputError
from routing.evaluate import Rule, evaluate
from routing.model.demand import Direction, Need, Rider
from routing.model.plan import Assignment
from routing.model.problem import Problem
from routing.model.units import format_clock
from routing.offers.search import BEYOND, find_offers
from tests.cases import IN, OUT, STOPS, WALKS, seats, town, town_plan, walk_table, with_rider, with_rules, without
from tests.offers.asking import RoadWalker, ask, home, indexed, query

OWN_RULES = {Rule.WALK, Rule.RIDE, Rule.DETOUR, Rule.SEATS, Rule.ASSIGNMENT, Rule.SAME_LINE, Rule.REFERENCE}


def faults(caught: pytest.ExceptionInfo[InputError]) -> list[tuple[str | None, str]]:
    return [(fault.column, fault.code) for fault in caught.value.faults]


def test_a_neighbour_of_the_gate_is_offered_the_gate_both_ways() -> None:
    """Times by hand: a_in leaves the gate at 07:20, reaches north at 07:44:32; a_out leaves north at 17:10."""
    (offer,) = ask(1).offers
    assert (offer.line_id, offer.place_id) == ("a", "gate")
    there, back = offer.legs
    assert (there.direction, there.trip_id, there.stop_id, there.walk_m) == (IN, "a_in", "gate_in", 500)
    assert [format_clock(t) for t in (there.depart, there.arrive)] == ["07:20:00", "07:44:32"]
    assert there.ride_s == there.arrive - there.depart == 24 * 60 + 32
    assert (back.direction, back.trip_id, back.stop_id) == (OUT, "a_out", "gate_out")
    assert [format_clock(t) for t in (back.depart, back.arrive)] == ["17:10:00", "17:46:32"]


def test_seats_are_counted_on_every_segment_of_the_ride() -> None:
    """Of four seats, ann and bob take two from the gate, cai a third from the market."""
    there, back = ask(1).offers[0].legs
    assert (there.segments, back.segments) == ((2, 1), (1, 2))
    assert (there.seats_left, ask(1).offers[0].seats_left) == (1, 1)


def test_the_effort_is_what_the_rider_adds_to_the_objective() -> None:
    """One second aboard and one metre on foot cost 1 fen each."""
    (offer,) = ask(1).offers
    assert offer.effort_fen == sum(leg.ride_s + (leg.walk_m or 0) for leg in offer.legs)


def test_the_least_effort_comes_first() -> None:
    """From minute 2.9 the gate is 1,450 m away and the market 550 m; with longer walks allowed, both are offered."""
    answer = ask(2.9, indexed(with_rules(town(), max_walk_m=1_500)))
    assert [offer.place_id for offer in answer.offers] == ["market", "gate"]
    assert answer.offers[0].effort_fen < answer.offers[1].effort_fen


def test_no_more_offers_are_made_than_asked_for() -> None:
    index = indexed(with_rules(town(), max_walk_m=1_500))
    assert len(ask(2.9, index, most=1).offers) == 1


def test_on_time_is_the_judges_share_and_late_arrivals_are_told() -> None:
    there = ask(1).offers[0].legs[0]
    assert 0.95 <= there.on_time <= 1.0
    assert there.arrive < there.arrive_p95


def test_a_trip_that_is_late_too_often_is_not_offered() -> None:
    strict = indexed(with_rules(town(), on_time=0.999_999))
    assert ask(1, strict).offers == ()


def test_only_days_asked_for_count() -> None:
    """Where ann and bob travel on Mondays alone, other days have more room."""
    problem = with_rider(with_rider(town(), "ann", days=1), "bob", days=1)
    monday, tuesday = (ask(1, indexed(problem), days=1 << day).offers[0].seats_left for day in (0, 1))
    assert (monday, tuesday) == (1, 3)


def test_a_trip_is_not_offered_for_days_on_which_it_does_not_run() -> None:
    """Nobody of the town travels on a Saturday."""
    saturday = 1 << 5
    assert ask(1, days=saturday).offers == ()
    assert {miss.relaxation.kind for miss in ask(1, days=saturday).misses} == {"neighbours"}
    problem = with_rider(town(), "cai", days=0b0111111)
    assert ask(1, indexed(problem), days=saturday).offers[0].seats_left == 3


def test_counts_of_a_booking_system_replace_those_of_the_plan() -> None:
    index = indexed()
    empty = np.zeros(index.load.shape[1], np.int64)
    assert find_offers(index, query(1), taken=empty).offers[0].seats_left == 4
    full = empty + 4
    assert find_offers(index, query(1), taken=full).offers == ()


def test_an_overbooked_trip_has_no_seats_rather_than_less() -> None:
    """Nine people for four seats: a tenth would need six seats more."""
    index = indexed()
    answer = find_offers(index, query(1), taken=np.full(index.load.shape[1], 9, np.int64))
    miss = next(miss for miss in answer.misses if miss.relaxation.kind == "seats")
    assert miss.relaxation.amount == 6
    assert miss.offer is not None
    assert miss.offer.seats_left == 0


def test_a_short_walk_is_kept_for_those_who_need_one() -> None:
    assert ask(0.5, need=Need.SHORT_WALK).offers[0].legs[0].walk_m == 250
    assert ask(1, need=Need.SHORT_WALK).offers == ()


def test_a_chosen_stop_needs_no_home_and_offers_its_place_alone() -> None:
    answer = ask(None, stop_id="market_in")
    assert [offer.place_id for offer in answer.offers] == ["market"]
    assert {leg.walk_m for leg in answer.offers[0].legs} == {None}


def test_directions_are_offered_apart_where_lines_need_not_run_both_ways() -> None:
    answer = ask(1, indexed(with_rules(town(), same_line_both_ways=False)))
    assert [[leg.direction for leg in offer.legs] for offer in answer.offers] == [[IN], [OUT]]


def test_riders_of_one_worksite_stay_among_themselves_where_that_is_asked_for() -> None:
    """With cai working in the south, line a carries both worksites' riders: nobody new may join."""
    shared = with_rules(with_rider(town(), "cai", worksite_id="south"), one_worksite_per_trip=True)
    assert ask(1, indexed(shared)).offers == ()
    assert ask(1, indexed(with_rules(town(), one_worksite_per_trip=True))).offers != ()


def test_the_plan_is_not_retimed_for_a_new_rider() -> None:
    """The published clock is a promise to those aboard."""
    index = indexed()
    offer = ask(1, index).offers[0]
    published = {trip.trip_id: trip for trip in index.trips}
    for leg in offer.legs:
        assert leg.depart in published[leg.trip_id].depart
        assert leg.arrive in published[leg.trip_id].arrive


def test_every_fault_of_a_query_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        ask(None, worksite_id="west", shift_id="night", count=0, days=0)
    assert faults(caught) == [
        ("worksite_id", "unknown_id"),
        ("shift_id", "unknown_id"),
        ("home", "missing_value"),
        ("count", "bad_count"),
        ("days", "bad_days"),
    ]


def test_a_stop_that_the_plan_does_not_serve_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        ask(None, stop_id="airport")
    assert faults(caught) == [("stop_id", "unknown_id")]


def test_a_home_far_off_every_way_is_refused_as_a_plan_would() -> None:
    off = replace(home(1), lat=38.95)
    with pytest.raises(InputError) as caught:
        find_offers(indexed(), replace(query(), home=off))
    assert faults(caught) == [("home", "home_off_roads")]


def test_a_home_on_a_way_but_far_from_stops_is_no_fault() -> None:
    assert ask(60).offers == ()


def test_a_plan_of_another_scenario_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        indexed(
            with_rules(town(), max_walk_m=800), replace(town_plan(), assignments=seats("zoe", "a", "gate", "north"))
        )
    assert {fault.code for fault in caught.value.faults} == {"unknown_id"}


def with_newcomer(problem: Problem, newcomer: Rider) -> Problem:
    """Return the problem with one more rider, whose walks are the walker's."""
    walker = RoadWalker([s.location.lon for s in problem.stops], [], 2 * problem.rules.max_walk_m)
    walks = walker.walks(newcomer.home.lon, newcomer.home.lat).tolist()
    row = {stop_id: walks[i] for i, stop_id in enumerate(STOPS) if walks[i] < BEYOND}
    rows = {rider.rider_id: WALKS[rider.rider_id] for rider in problem.riders} | {"new": row}
    return replace(problem, riders=(*problem.riders, newcomer), walks=walk_table(rows, list(STOPS)))


@settings(deadline=None, max_examples=150)
@given(
    minute=st.integers(-20, 160).map(lambda tenth: tenth / 10),
    site=st.sampled_from(["north", "south"]),
    shift=st.sampled_from(["early", "late"]),
    count=st.integers(1, 6),
    need=st.sampled_from(list(Need)),
    days=st.integers(1, 127),
    gone=st.sampled_from([(), ("ann",), ("ann", "cai"), ("dan", "eve")]),
    max_ride_s=st.sampled_from([1_250, 1_500, 2_100, 3_600]),
)
def test_offers_are_exactly_the_seats_that_the_judge_accepts(
    minute: float, site: str, shift: str, count: int, need: Need, days: int, gone: tuple[str, ...], max_ride_s: int
) -> None:
    """Every pair of kerbs of a line is tried as a seat; the judge's word on it must be the index's.

    The dwell of the newcomers is taken out, since a published timetable is not made anew for them.
    """
    problem = with_rules(town(), max_ride_s=max_ride_s, dwell_s_per_rider=0, min_load=0)
    plan = without(town_plan(), *gone[:1]) if gone else town_plan()
    for rider_id in gone[1:]:
        plan = without(plan, rider_id)
    newcomer = Rider(
        rider_id="new", home=home(minute), worksite_id=site, shift_id=shift, count=count, need=need, days=days
    )
    wider = with_newcomer(problem, newcomer)
    accepted = set()
    runs = {t.trip_id: sum(1 << day for day in t.days) for t in indexed(problem, plan).trips}
    for line in plan.lines:
        there, back = line.trips
        if days & ~(runs[there.trip_id] & runs[back.trip_id]):
            continue
        for near in there.stop_ids[:-1]:
            for far in back.stop_ids[1:]:
                pair = tuple(
                    Assignment(rider_id="new", direction=d, trip_id=t, board_stop_id=b, alight_stop_id=a)
                    for d, t, b, a in (
                        (Direction.INBOUND, there.trip_id, near, site),
                        (Direction.OUTBOUND, back.trip_id, site, far),
                    )
                )
                verdict = evaluate(wider, replace(plan, assignments=(*plan.assignments, *pair)))
                hers = {"new", there.trip_id, back.trip_id}
                if not any(v.subject in hers and v.rule in OWN_RULES for v in verdict.violations):
                    accepted.add((line.line_id, near, far))
    asked = {"worksite_id": site, "shift_id": shift, "count": count, "need": need, "days": days}
    answer = ask(minute, indexed(problem, plan), most=99, **asked)
    assert {(o.line_id, o.legs[0].stop_id, o.legs[1].stop_id) for o in answer.offers} == accepted
    assert bool(answer.misses) == (not accepted)
