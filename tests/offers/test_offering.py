"""Seats of rides, weights of options, and how an offer is put together; seats under any counts of a booking system."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.model.demand import WORKDAYS
from routing.offers.index import OfferIndex
from routing.offers.offering import build_offer, efforts, free_seats, running, seats_lacking, seats_left
from routing.offers.search import find_offers
from routing.offers.words import Answer, NearMiss
from tests.cases import town, town_plan, with_rider, with_rules
from tests.offers.asking import ask, indexed, query

INDEX = indexed()
POSITIONS = INDEX.load.shape[1]
COUNTS = st.lists(st.integers(0, 9), min_size=POSITIONS, max_size=POSITIONS).map(lambda c: np.array(c, np.int64))
HALTS = [halt for tables in INDEX.options.values() for table in tables for option in table.halts for halt in option]


def answer(taken: np.ndarray, minute: float = 1, **given_: int) -> Answer:
    return find_offers(INDEX, query(minute, **given_), taken=taken)


def miss(found: Answer, kind: str) -> NearMiss:
    return next(m for m in found.misses if m.relaxation.kind == kind)


def halts(place: int = 0) -> tuple:
    """Return the halts of line a at the gate (0) or at the market (1)."""
    return INDEX.options["north", "early"][0].halts[place]


def test_free_seats_are_counted_segment_by_segment_and_never_below_zero() -> None:
    there, back = halts()
    taken = np.array([1, 9, 0, 4, 3, 0, 0, 0, 0, 0])
    assert free_seats(INDEX, there, taken) == (3, 0)
    assert free_seats(INDEX, back, taken) == (0, 1)
    assert seats_left(INDEX, halts(), taken) == 0


def test_the_scarcest_leg_decides() -> None:
    taken = np.array([0, 1, 0, 0, 2, 0, 0, 0, 0, 0])
    assert seats_left(INDEX, halts(), taken) == 2
    assert seats_left(INDEX, halts(1), taken) == 3


def test_effort_is_time_aboard_and_on_foot_at_the_plans_prices() -> None:
    """A second aboard and a metre on foot cost 1 fen each in the town."""
    (table,) = INDEX.options["north", "early"]
    on_foot = np.array([[100, 200], [300, 400]], np.int32)
    rides = [sum(h.ride_s for h in option) for option in table.halts]
    assert efforts(INDEX, table, on_foot, np.array([0, 1])).tolist() == [rides[0] + 300, rides[1] + 700]
    assert efforts(INDEX, table, on_foot, np.array([1])).tolist() == [rides[1] + 700]


def test_an_offer_carries_what_was_counted() -> None:
    taken = np.zeros(POSITIONS, np.int64)
    offer = build_offer(INDEX, query(1), halts(), np.array([500, 500], np.int32), 1_234.6, taken)
    assert (offer.line_id, offer.line_name, offer.place_id, offer.effort_fen) == ("a", "Gate", "gate", 1_235)
    assert (offer.seats_left, [leg.walk_m for leg in offer.legs]) == (4, [500, 500])
    assert [leg.stop_name for leg in offer.legs] == ["Gate", "Gate"] == [offer.place_name] * 2


def test_where_a_stop_was_chosen_no_walk_is_told() -> None:
    taken = np.zeros(POSITIONS, np.int64)
    offer = build_offer(INDEX, query(None, stop_id="gate_in"), halts(), np.array([0, 0], np.int32), 0.0, taken)
    assert {leg.walk_m for leg in offer.legs} == {None}


def test_prices_of_the_scenario_decide_between_walking_and_riding() -> None:
    """Whoever lives near the gate rides longer and walks less, and the other way round."""
    problem = with_rules(with_rider(town(), "ann", days=1), max_walk_m=1_500)
    index = indexed(problem)
    (table,) = index.options["north", "early"]
    near_gate, near_market = np.array([[400, 400], [1_600, 1_600]]), np.array([[1_600, 1_600], [400, 400]])
    rows = np.array([0, 1])
    assert efforts(index, table, near_gate, rows).argmin() == 0
    assert efforts(index, table, near_market, rows).argmin() == 1


@settings(deadline=None)
@given(taken=COUNTS)
def test_free_seats_are_those_of_the_vehicle_that_nobody_has(taken: np.ndarray) -> None:
    for halt in HALTS:
        trip = INDEX.trips[halt.trip]
        free = free_seats(INDEX, halt, taken)
        assert len(free) == halt.alight - halt.board > 0
        for segment, seats in enumerate(free, start=trip.first + halt.board):
            assert seats == max(0, trip.seats - int(taken[segment]))


@settings(deadline=None)
@given(taken=COUNTS)
def test_the_scarcest_segment_of_either_way_decides(taken: np.ndarray) -> None:
    for tables in INDEX.options.values():
        for option in itertools.chain.from_iterable(table.halts for table in tables):
            scarcest = min(seats for halt in option for seats in free_seats(INDEX, halt, taken))
            assert seats_left(INDEX, option, taken) == scarcest


@settings(deadline=None)
@given(taken=COUNTS, count=st.integers(1, 6))
def test_an_offer_has_seats_for_all_who_ask_and_says_how_many(taken: np.ndarray, count: int) -> None:
    found = answer(taken, count=count)
    for offer in found.offers:
        assert offer.seats_left >= count
        assert offer.seats_left == min(min(leg.segments) for leg in offer.legs)
    assert bool(found.offers) is not bool(found.misses)


@settings(deadline=None)
@given(taken=COUNTS, where=st.integers(0, POSITIONS - 1), count=st.integers(1, 4))
def test_a_booking_more_opens_no_offer(taken: np.ndarray, where: int, count: int) -> None:
    more = taken + (np.arange(POSITIONS) == where)
    places = [{offer.place_id for offer in answer(t, count=count).offers} for t in (taken, more)]
    assert places[1] <= places[0]


@settings(deadline=None)
@given(taken=COUNTS, count=st.integers(1, 5))
def test_what_one_more_may_have_those_fewer_may_have_too(taken: np.ndarray, count: int) -> None:
    few, many = ({offer.place_id for offer in answer(taken, count=c).offers} for c in (count, count + 1))
    assert many <= few


@settings(deadline=None)
@given(taken=COUNTS, count=st.integers(1, 4))
def test_with_the_seats_that_are_said_to_lack_the_line_would_fit(taken: np.ndarray, count: int) -> None:
    """Told amounts are checked: with so many seats more on every trip there is an offer, with one fewer none."""
    found = answer(taken, count=count)
    amounts = [m.relaxation.amount for m in found.misses if m.relaxation.kind == "seats" and not m.relaxation.also]
    for amount in amounts:
        offers = [
            find_offers(_with_seats(more), query(1, count=count), taken=taken).offers for more in (amount, amount - 1)
        ]
        assert offers[0]
        assert not offers[1]


def _with_seats(more: int) -> OfferIndex:
    return replace(INDEX, trips=tuple(replace(trip, seats=trip.seats + more) for trip in INDEX.trips))


def test_an_overbooked_trip_lacks_the_seats_of_those_who_stand_as_well() -> None:
    """Six people hold the small vehicle's four seats: one more rider needs three seats more, not one."""
    found = answer(np.full(POSITIONS, 6))
    assert miss(found, "seats").relaxation.amount == 3


@settings(deadline=None)
@given(taken=COUNTS, count=st.integers(1, 6))
def test_seats_lack_where_too_few_are_left_and_only_there(taken: np.ndarray, count: int) -> None:
    for place in range(2):
        option = halts(place)
        lacking = seats_lacking(INDEX, option, taken, count)
        assert (lacking > 0) is (seats_left(INDEX, option, taken) < count)
        if seats_left(INDEX, option, taken):
            assert lacking == count - seats_left(INDEX, option, taken)


@pytest.mark.parametrize(
    ("days", "fits"), [(0b0000001, True), (WORKDAYS, True), (0b0100000, False), (0b1000001, False), (0b0100001, False)]
)
def test_an_option_runs_on_days_on_which_every_trip_of_it_does(days: int, fits: bool) -> None:
    (table,) = INDEX.options["north", "early"]
    assert running(table, days).tolist() == [fits] * len(table.halts)


@pytest.mark.parametrize(("free", "place"), [("walk", "market"), ("ride", "gate")])
def test_what_costs_nothing_is_not_spared(free: str, place: str) -> None:
    """From a home between them: with walking free the last stop before work is best, with riding free the nearest."""
    nothing: dict[str, Any] = {free: 0}
    problem = with_rules(town(), max_walk_m=1_300)
    offers = ask(1.5, indexed(replace(problem, costs=replace(problem.costs, **nothing)))).offers
    assert offers[0].place_id == place
    assert len(offers) == 2


def test_a_walk_at_the_very_limit_is_offered_and_a_metre_more_is_a_miss() -> None:
    """A home half a kilometre out of the gate: the promise is moved instead of the home."""
    for limit, offered in ((500, True), (499, False)):
        found = ask(-1, indexed(with_rules(town(), max_walk_m=limit)))
        assert bool(found.offers) is offered
        if not offered:
            assert miss(found, "walk").relaxation.amount == 1


def test_a_group_that_shares_the_vehicle_counts_its_people() -> None:
    """Where bob are two, the last seat from the market on is gone."""
    assert ask(0).offers[0].legs[0].segments == (2, 1)
    full = ask(0, indexed(with_rider(town(), "bob", count=2)))
    assert full.offers == ()
    assert miss(full, "seats").relaxation.amount == 1


def test_offers_come_from_the_plan_that_was_indexed() -> None:
    only_b = replace(town_plan(), lines=town_plan().lines[1:], assignments=town_plan().assignments[6:])
    only_b = replace(only_b, blocks=town_plan().blocks[1:])
    assert ask(1, indexed(town(), only_b)).offers == ()
    assert ask(10, indexed(town(), only_b), worksite_id="south", shift_id="late").offers[0].line_id == "b"
