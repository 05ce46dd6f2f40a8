"""Rules of a trip: seats, minimum load, stops; each broken by the smallest change."""

from dataclasses import replace

import pytest

from routing.evaluate import Rule, evaluate
from routing.model.demand import WORKDAYS, parse_days
from routing.model.fleet import VehicleType
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.model.units import parse_clock
from tests.cases import (
    IN,
    OUT,
    found,
    town,
    town_plan,
    with_rider,
    with_rules,
    with_seat,
    with_stop,
    with_trip,
    without,
)


def with_small_seats(problem: Problem, count: int) -> Problem:
    """Give the small vehicle another number of seats."""
    types = tuple(replace(v, seats=count) if v.vehicle_type_id == "small" else v for v in problem.vehicle_types)
    return replace(problem, vehicle_types=types)


def test_everyone_has_a_seat() -> None:
    """Line a carries ann, bob and cai: three seats are enough both ways, two are not."""
    assert found(with_small_seats(town(), 3), town_plan()) == []
    assert found(with_small_seats(town(), 2), town_plan()) == [
        (Rule.SEATS, "a_in", 3, 2),
        (Rule.SEATS, "a_out", 3, 2),
    ]


def test_seats_hold_on_every_weekday() -> None:
    """Ann rides Monday to Wednesday, bob Thursday and Friday: two seats will do, until ann adds the Thursday."""
    problem = with_rider(with_small_seats(town(), 2), "bob", days=parse_days("0001100"))
    taking_turns = with_rider(problem, "ann", days=parse_days("1110000"))
    assert found(taking_turns, town_plan()) == []
    thursdays = with_rider(problem, "ann", days=parse_days("1111000"))
    assert found(thursdays, town_plan()) == [(Rule.SEATS, "a_in", 3, 2), (Rule.SEATS, "a_out", 3, 2)]


def test_a_group_takes_a_seat_each() -> None:
    """Five people count as ann: seven ride on four seats."""
    assert found(with_rider(town(), "ann", count=5), town_plan()) == [
        (Rule.SEATS, "a_in", 7, 4),
        (Rule.SEATS, "a_out", 7, 4),
    ]


def test_a_seat_is_free_again_once_its_rider_has_alighted() -> None:
    """Ann and bob leave at north before dan and eve board for south: four seats serve five people."""
    problem = with_rules(town(), same_line_both_ways=False, on_time=0.0, min_load=0)
    problem = with_rider(with_rider(problem, "dan", worksite_id="south"), "cai", worksite_id="south")
    plan = with_trip(town_plan(), "a_in", stop_ids=("gate_in", "north", "market_in", "south"))
    plan = with_seat(plan, "cai", IN, alight_stop_id="south")
    sized = with_small_seats(problem, 2)
    assert not [f for f in found(sized, plan) if f[0] is Rule.SEATS and f[1] == "a_in"]
    assert [f for f in found(with_small_seats(problem, 1), plan) if f[1] == "a_in" and f[0] is Rule.SEATS] == [
        (Rule.SEATS, "a_in", 2, 1)
    ]


@pytest.mark.parametrize(
    ("limit", "broken"),
    [
        (None, []),
        (2_226, []),
        (2_225, [("a_out", 2_226)]),
        (1_505, [("a_in", 1_506), ("a_out", 2_226), ("b_out", 1_836)]),
    ],
)
def test_a_trip_is_under_way_no_longer_than_allowed(limit: int | None, broken: list[tuple[str, int]]) -> None:
    """a_in 25:06, a_out 37:06, b_in 20:36, b_out 30:36, dwell at the home end included."""
    assert found(with_rules(town(), max_trip_s=limit), town_plan()) == [
        (Rule.TRIP_TIME, trip_id, value, limit) for trip_id, value in broken
    ]


def test_riders_of_two_worksites_share_a_trip_only_where_they_may() -> None:
    """Line a goes on to south with cai: fine, unless every trip is for one worksite."""
    problem = with_rules(with_rider(town(), "cai", worksite_id="south"), same_line_both_ways=False, on_time=0.0)
    plan = with_trip(town_plan(), "a_in", stop_ids=("gate_in", "market_in", "north", "south"))
    plan = with_seat(plan, "cai", IN, alight_stop_id="south")
    plan = without(plan, "cai", OUT)
    assert found(problem, plan) == []
    apart = with_rules(problem, one_worksite_per_trip=True)
    assert found(apart, plan) == [(Rule.ONE_WORKSITE, "a_in", 2, 1)]
    assert "north, south" in evaluate(apart, plan).violations[0].text


def test_a_call_where_nobody_alights_is_no_second_worksite() -> None:
    problem = with_rules(town(), one_worksite_per_trip=True, on_time=0.0)
    assert found(problem, town_plan()) == []
    assert found(problem, with_trip(town_plan(), "a_in", stop_ids=("gate_in", "market_in", "north", "south"))) == []


def test_a_trip_opens_for_enough_riders() -> None:
    """Both lines carry three people; eve counts twice."""
    assert found(with_rules(town(), min_load=3), town_plan()) == []
    assert found(with_rules(town(), min_load=4), town_plan()) == [
        (Rule.MIN_LOAD, trip_id, 3, 4) for trip_id in ("a_in", "a_out", "b_in", "b_out")
    ]


def test_the_minimum_load_is_counted_on_the_busiest_weekday() -> None:
    """Bob comes on Saturdays only: never three at once, though three are on the list."""
    problem = with_rider(with_rules(town(), min_load=3), "bob", days=parse_days("0000010"))
    assert found(problem, town_plan()) == [(Rule.MIN_LOAD, "a_in", 2, 3), (Rule.MIN_LOAD, "a_out", 2, 3)]
    everyday = with_rider(problem, "bob", days=WORKDAYS | parse_days("0000010"))
    assert found(everyday, town_plan()) == []


def test_a_trip_without_riders_is_not_opened() -> None:
    plan = without(without(town_plan(), "dan"), "eve")
    assert found(town(), plan) == [(Rule.MIN_LOAD, "b_in", 0, 2), (Rule.MIN_LOAD, "b_out", 0, 2)]


@pytest.mark.parametrize(("limit", "broken"), [(3, []), (2, ["a_in", "a_out"])])
def test_stops_per_trip_count_the_worksite(limit: int, broken: list[str]) -> None:
    assert found(with_rules(town(), max_stops=limit), town_plan()) == [
        (Rule.STOPS_PER_TRIP, trip_id, 3, limit) for trip_id in broken
    ]


def test_a_stop_comes_once_in_a_trip() -> None:
    """A second call at the quay, and a start that allows for the nine minutes it costs, break that one rule."""
    plan = with_trip(town_plan(), "b_in", stop_ids=("quay", "hill", "south"))
    assert found(town(), plan) == []
    longer = {"stop_ids": ("quay", "hill", "quay", "south"), "departure": parse_clock("07:31")}
    twice = with_trip(plan, "b_in", **longer)
    assert found(town(), twice) == [(Rule.REPEATED_STOP, "b_in", None, None)]


def test_no_bus_halts_at_a_forbidden_kerb() -> None:
    """The other kerb of the same place may still be used."""
    problem = with_stop(town(), "market_in", status=StopStatus.FORBIDDEN)
    assert found(problem, town_plan()) == [(Rule.STOP_STATUS, "market_in", None, None)]


def test_a_pinned_stop_keeps_its_place_served() -> None:
    """The hill is within dan's walk, so pinning it asks for a halt; eve, aboard as well, is nearer still."""
    problem = with_stop(town(), "hill", status=StopStatus.PINNED)
    assert found(problem, town_plan()) == [(Rule.PINNED_STOP, "hill", None, None)]
    plan = with_trip(town_plan(), "b_in", stop_ids=("quay", "hill", "south"))
    assert found(problem, plan) == []


def test_a_pinned_stop_is_kept_by_the_other_kerb_of_its_place() -> None:
    """Pinning one kerb of the gate asks for the gate; a plan that drops one direction's kerb still serves it."""
    problem = with_rules(with_stop(town(), "gate_out", status=StopStatus.PINNED), same_line_both_ways=False)
    plan = town_plan()
    for rider_id in ("ann", "bob"):
        plan = without(plan, rider_id, OUT)
    plan = with_trip(plan, "a_out", stop_ids=("north", "market_out"))
    assert found(with_rules(problem, min_load=1), plan) == []


def test_a_pinned_stop_that_no_served_rider_can_walk_to_binds_nobody() -> None:
    """Once dan and eve are left out, fay is the nearest to the hill, and she is not served."""
    problem = with_stop(town(), "hill", status=StopStatus.PINNED)
    plan = without(without(town_plan(), "dan"), "eve")
    empty = replace(plan, lines=plan.lines[:1], blocks=plan.blocks[:1])
    assert found(problem, empty) == []


def test_an_unknown_vehicle_type_takes_the_trip_out_of_the_schedule() -> None:
    """Nothing is raised: the trip dangles, and those aboard are neither served nor explained."""
    broken = found(town(), with_trip(town_plan(), "b_in", vehicle_type_id="tram"))
    assert (Rule.REFERENCE, "b_in", None, None) in broken
    assert (Rule.SERVED_OR_EXPLAINED, "dan", None, None) in broken


def test_a_vehicle_type_without_a_seat_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="0 seats; at least 1"):
        VehicleType(vehicle_type_id="cart", seats=0, fixed_cost=0, distance_cost=0, time_cost=0)
