"""What riders ask for: who, in which direction, from which stops, and the least that each must cost."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.bound.asks import Ask, busiest_day, effort, read_asks, trip_periods
from routing.bound.closed import charges, closed_form, vehicle_types
from routing.model.demand import Direction
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.model.travel import WalkTable
from routing.model.units import parse_clock
from tests.bound.exact import every_run
from tests.bound.tiny import BOTH_WAYS, EARLY, MORNING, RULES, Tiny, draw_tiny
from tests.cases import IN, OUT, town, with_rider, with_rules, with_stop


def ask_of(rider_id: str, direction: Direction = IN, problem: Problem | None = None) -> Ask:
    problem = problem or town()
    index = problem.rider_index(rider_id)
    return next(a for a in read_asks(problem) if a.rider == index and a.direction is direction)


def test_everybody_asks_once_in_each_direction_of_the_shift() -> None:
    asked = [(ask.rider, ask.direction) for ask in read_asks(town())]
    assert sorted(asked) == sorted(itertools.product(range(6), (IN, OUT)))


def test_who_only_comes_asks_for_no_way_home() -> None:
    problem = draw_tiny(Tiny(shifts=(MORNING,)))
    assert {ask.direction for ask in read_asks(problem)} == {IN}


def test_only_stops_within_the_walk_of_the_need_are_asked_for() -> None:
    """Ann may walk 800 m; cai, who needs a short walk, 300."""
    stops = [s.stop_id for s in town().stops]
    assert sorted(stops[s] for s in ask_of("ann").stop) == ["gate_in", "gate_out", "market_in", "market_out"]
    assert sorted(stops[s] for s in ask_of("cai").stop) == ["market_in", "market_out"]
    assert len(ask_of("fay").stop) == 0


def test_a_forbidden_stop_is_asked_for_by_nobody() -> None:
    closed = with_stop(town(), "quay", status=StopStatus.FORBIDDEN)
    quay = town().node("quay")
    assert quay in ask_of("dan").stop
    assert all(quay not in ask.stop for ask in read_asks(closed))


def test_rides_are_the_drives_of_their_own_time_of_day() -> None:
    """Market to north is 20 minutes in the morning, 30 in the evening."""
    at = {ask.direction: dict(zip(ask.stop.tolist(), ask.ride.tolist(), strict=True)) for ask in read_asks(town())[:2]}
    market = town().node("market_in")
    assert at[IN][market] == 20 * 60
    assert at[OUT][market] == 30 * 60


@pytest.mark.parametrize(("limit", "open_"), [(24 * 60, 4), (24 * 60 - 1, 2), (20 * 60 - 1, 0)])
def test_a_stop_from_which_every_ride_is_too_long_is_not_asked_for(limit: int, open_: int) -> None:
    assert len(ask_of("ann", IN, with_rules(town(), max_ride_s=limit)).stop) == open_
    assert len(ask_of("ann", IN, with_rules(town(), max_trip_s=limit)).stop) == open_


def test_a_group_asks_as_one_and_weighs_as_many() -> None:
    dan, eve = ask_of("dan"), ask_of("eve")
    assert (dan.people, eve.people) == (1, 2)
    assert eve.penalty == 2 * dan.penalty == 20_000
    at = {int(s): i for i, s in enumerate(eve.stop)}
    quay = at[town().node("quay") or 0]
    # 500 m at 4500 m/h and 4500 fen/h, 20 minutes at 3600 fen/h, for two.
    assert effort(town(), eve)[quay] == pytest.approx(2 * (500 + 1_200))


def test_the_day_on_which_most_people_travel_counts() -> None:
    assert busiest_day(town()) == 0
    fridays = with_rider(town(), "ann", days=1 << 4)
    assert busiest_day(fridays) == 4
    sundays = with_rider(town(), "eve", days=1 << 6, count=9)
    assert busiest_day(sundays) == 6
    assert ask_of("ann", IN, sundays).counted is False
    assert ask_of("eve", IN, sundays).counted is True


def test_who_does_not_travel_on_the_counted_day_pays_for_no_seat() -> None:
    problem = with_rider(town(), "eve", days=1 << 6, count=3)
    asks = read_asks(problem)
    for ask, charge in zip(asks, charges(problem, asks), strict=True):
        own = effort(problem, ask).min(initial=np.inf)
        assert bool(charge > own) is (ask.counted and len(ask.stop) > 0)


def test_the_periods_of_a_shift_are_those_of_every_shift_that_may_share_its_trip() -> None:
    noon = replace(town().shifts[1], start=parse_clock("13:00"), end=None)
    problem = town(shifts=(town().shifts[0], noon), riders=town().riders[:3], walks=_first_walks(3))
    assert trip_periods(problem, IN, "early") == (0,)
    assert trip_periods(problem, IN, "late") == (0, 1)
    assert trip_periods(problem, OUT, "late") == ()


def _first_walks(riders: int) -> WalkTable:
    walks = town().walks
    end = walks.start[riders]
    return replace(walks, start=walks.start[: riders + 1], stop=walks.stop[:end], metres=walks.metres[:end])


def test_types_that_stand_nowhere_are_no_types() -> None:
    problem = town(fleet=tuple(replace(f, available=0) if f.vehicle_type_id == "large" else f for f in town().fleet))
    assert [kind.vehicle_type_id for kind in vehicle_types(problem)] == ["small"]


def test_where_no_vehicle_takes_the_group_it_is_charged_without_end_and_left_out() -> None:
    problem = with_rider(town(), "eve", count=9)
    asks = read_asks(problem)
    eve = problem.rider_index("eve")
    assert [c for a, c in zip(asks, charges(problem, asks), strict=True) if a.rider == eve] == [np.inf, np.inf]
    assert np.isfinite(closed_form(problem, asks))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), counts=st.integers(1, 2), both=st.booleans(), early=st.booleans())
def test_no_trip_there_is_serves_a_rider_for_less_than_the_charge_of_the_ride(
    seed: int, counts: int, both: bool, early: bool
) -> None:
    """Against every trip there can be: what an ask says of ride, metres and effort is the least of them."""
    shift = BOTH_WAYS if both else MORNING
    shifts = (shift, EARLY) if early and not both else (shift,)
    problem = draw_tiny(Tiny(riders=3, stops=3, shifts=shifts, counts=counts, seed=seed))
    asks = {(ask.rider, ask.direction): ask for ask in read_asks(problem)}
    matrix = problem.travel[0]
    for run in every_run(problem):
        for rider, stop in run.riders:
            ask = asks[rider, run.direction]
            at = dict(zip(ask.stop.tolist(), range(len(ask.stop)), strict=True))
            assert stop in at
            ends = run.nodes.index(stop), run.nodes.index(ask.site)
            legs = list(itertools.pairwise(run.nodes))[min(ends) : max(ends)]
            assert ask.ride[at[stop]] <= sum(int(matrix.duration[leg]) for leg in legs)
            assert ask.metres[at[stop]] <= sum(int(matrix.distance[leg]) for leg in legs)
        alone = sum(float(effort(problem, asks[r, run.direction]).min()) for r, _ in run.riders)
        assert alone <= run.cost + 1e-6


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), price=st.integers(0, 20_000), more=st.integers(0, 20_000))
def test_a_higher_price_of_leaving_out_never_lowers_the_bound_nor_raises_it_by_more(
    seed: int, price: int, more: int
) -> None:
    def bound(unserved: int) -> float:
        problem = draw_tiny(Tiny(riders=6, rules=replace(RULES, min_load=2), unserved=unserved, seed=seed))
        return closed_form(problem, read_asks(problem))

    assert bound(price) - 1e-6 <= bound(price + more) <= bound(price) + 6 * more + 1e-6
    assert bound(0) == 0.0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_one_line_both_ways_can_only_raise_the_bound(seed: int) -> None:
    apart = draw_tiny(Tiny(riders=6, shifts=(BOTH_WAYS,), seed=seed))
    together = with_rules(apart, same_line_both_ways=True)
    assert closed_form(apart, read_asks(apart)) <= closed_form(together, read_asks(together)) + 1e-6
