"""What a miss says must hold: give exactly so much, and a seat fits; give a little less, and none does."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from routing.model.demand import Need
from routing.model.problem import Problem
from routing.offers import Answer, NearMiss, OfferIndex
from routing.offers.search import find_offers
from tests.cases import town, with_rules
from tests.offers.asking import indexed, query

ASKERS = {
    "minute": st.integers(-20, 180).map(lambda tenth: tenth / 10),
    "site": st.sampled_from(["north", "south"]),
    "shift": st.sampled_from(["early", "late"]),
    "count": st.integers(1, 9),
    "need": st.sampled_from(list(Need)),
}
RELAXED = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.filter_too_much])


def answer(index: OfferIndex, asker: dict[str, Any]) -> Answer:
    given_ = {"worksite_id": asker["site"], "shift_id": asker["shift"], "count": asker["count"], "need": asker["need"]}
    return find_offers(index, query(asker["minute"], **given_))


def relaxed(problem: Problem, miss: NearMiss, asker: dict[str, Any], less: int = 0) -> Answer:
    """Return the answer after what the miss names has given, less a little."""
    amount = miss.relaxation.amount - less
    rules, index = problem.rules, indexed(problem)
    match miss.relaxation.kind:
        case "walk":
            limit = rules.walk_limit_m(asker["need"]) + amount
            index = indexed(with_rules(problem, max_walk_m=max(rules.max_walk_m, limit), max_walk_short_m=limit))
            if asker["need"] is Need.NONE:
                index = indexed(with_rules(problem, max_walk_m=limit))
        case "ride":
            index = indexed(with_rules(problem, max_ride_s=rules.max_ride_s + amount))
        case "seats":
            kinds = tuple(replace(kind, seats=kind.seats + amount) for kind in problem.vehicle_types)
            index = indexed(replace(problem, vehicle_types=kinds))
    return answer(index, asker)


@RELAXED
@given(asker=st.fixed_dictionaries(ASKERS), max_ride_s=st.sampled_from([1_300, 1_900, 2_150, 3_600]))
def test_what_a_miss_asks_for_is_enough_and_less_is_not(asker: dict[str, Any], max_ride_s: int) -> None:
    problem = with_rules(town(), max_ride_s=max_ride_s)
    told = answer(indexed(problem), asker)
    alone = [m for m in told.misses if m.relaxation.kind in {"walk", "ride", "seats"} and m.relaxation.also is None]
    assume(alone)
    for miss in alone:
        assert relaxed(problem, miss, asker).offers
        assert not relaxed(problem, miss, asker, less=1).offers


@RELAXED
@given(asker=st.fixed_dictionaries(ASKERS))
def test_another_shift_that_is_told_has_the_very_seat(asker: dict[str, Any]) -> None:
    index = indexed()
    told = answer(index, asker)
    shift = next((m for m in told.misses if m.relaxation.kind == "shift"), None)
    assume(shift is not None)
    assert shift is not None
    assert shift.shift_id != asker["shift"]
    assert shift.offer in answer(index, asker | {"shift": shift.shift_id}).offers


@RELAXED
@given(asker=st.fixed_dictionaries(ASKERS))
def test_there_are_offers_or_misses_and_never_both_nor_neither(asker: dict[str, Any]) -> None:
    told = answer(indexed(), asker)
    assert bool(told.offers) != bool(told.misses)
    kinds = [m.relaxation.kind for m in told.misses]
    assert len(kinds) == len(set(kinds))
    assert [m.share for m in told.misses] == sorted(m.share for m in told.misses)


@RELAXED
@given(asker=st.fixed_dictionaries(ASKERS), aboard=st.lists(st.integers(0, 12), min_size=10, max_size=10))
def test_seats_are_those_of_the_counts_that_are_given(asker: dict[str, Any], aboard: list[int]) -> None:
    """Whatever a booking system counts: each offered leg has as many seats as its fullest segment leaves."""
    index = indexed()
    taken = np.array(aboard)
    given_ = {"worksite_id": asker["site"], "shift_id": asker["shift"], "count": asker["count"], "need": asker["need"]}
    for offer in find_offers(index, query(asker["minute"], **given_), taken=taken).offers:
        for leg in offer.legs:
            trip = index.trip(leg.trip_id)
            assert trip is not None
            ends = (leg.stop_id, leg.worksite_id) if leg.trip_id.endswith("in") else (leg.worksite_id, leg.stop_id)
            span = trip.segments(*ends)
            assert span is not None
            assert leg.segments == tuple(max(0, trip.seats - people) for people in aboard[span[0] : span[1]])
            assert leg.seats_left == min(leg.segments) >= asker["count"]
