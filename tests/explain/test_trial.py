"""A rider aboard on trial: what the judge says anew, and how the clock gives way."""

from dataclasses import replace

import pytest

from routing.explain.options import find_options, usable_stops
from routing.explain.trial import Trial, try_option
from routing.explain.vicinity import PlanIndex
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.units import parse_clock
from tests.cases import IN, OUT, town_plan, with_rules, with_trip
from tests.explain.conftest import FayAt

HILL = {"hill": 100}


def first_trial(problem: Problem, plan: Plan | None = None) -> Trial:
    """Seat fay on the option that leads trips least astray."""
    index = PlanIndex.of(problem, plan or town_plan())
    options = find_options(index, problem.riders[5], (IN, OUT), usable_stops(problem, 5), 800)
    return try_option(index, index.problem, 5, min(options, key=lambda o: (o.detour_s, o.walk_m)))


def test_the_arrival_at_work_stays_and_the_start_gives_way(fay_at: FayAt) -> None:
    """The halt at the hill takes 32 s: a_in leaves the gate 32 s earlier and is at north when it was."""
    inbound, outbound = first_trial(fay_at(HILL)).trips
    assert inbound.trip.departure == parse_clock("07:19:28")
    assert inbound.arrive[-1] == parse_clock("07:44:32")
    assert outbound.trip.departure == parse_clock("17:10")
    assert outbound.arrive[-1] == parse_clock("17:47:04")


def test_those_aboard_keep_their_stops(fay_at: FayAt) -> None:
    """A halt before theirs moves their positions by one, and only that."""
    trial = first_trial(fay_at(HILL))
    for trip in trial.trips:
        for seat in trip.seats:
            assert trip.trip.stop_ids[seat.board] == seat.assignment.board_stop_id
            assert trip.trip.stop_ids[seat.alight] == seat.assignment.alight_stop_id
    assert [t.trip.stop_ids for t in trial.trips] == [
        ("gate_in", "market_in", "hill", "north"),
        ("north", "hill", "market_out", "gate_out"),
    ]


def test_no_broken_rule_is_a_matter_of_price(fay_at: FayAt) -> None:
    trial = first_trial(fay_at(HILL))
    assert (trial.kind, trial.amount) == ("price", 0)
    assert [s.board_stop_id for s in trial.seats] == ["hill", "north"]


def test_two_broken_rules_are_no_single_relaxation(fay_at: FayAt) -> None:
    """One stop and one seat too many: either alone would not do."""
    problem = with_rules(fay_at(HILL, count=2), max_stops=3)
    assert first_trial(problem).kind is None


def test_a_rule_that_was_broken_before_is_not_held_against_the_rider(fay_at: FayAt) -> None:
    """With a minimum load of six, line a breaks it with three riders, and less so with four."""
    assert first_trial(with_rules(fay_at(HILL), min_load=6)).kind == "price"


def test_the_amount_is_the_largest_excess(fay_at: FayAt) -> None:
    """Two kerbs of the market, 50 and 90 m too far: the promise must give by 90."""
    trial = first_trial(fay_at({"market_in": 850, "market_out": 890}))
    assert (trial.kind, trial.amount) == ("walk", 90)


def test_a_trip_that_would_be_late_is_retimed_to_the_middle_of_its_window(fay_at: FayAt) -> None:
    """a_in already ends at 07:53 on too few days; with fay it is moved where all windows leave most room: 07:45."""
    plan = with_trip(town_plan(), "a_in", departure=parse_clock("07:28:28"))
    problem = fay_at(HILL)
    trial = first_trial(with_rules(problem, on_time=0.9), plan)
    # Kept at 07:53 it would miss the window no more often than before, which is not held against her.
    assert trial.trips[0].arrive[-1] == parse_clock("07:53")
    harder = with_rules(fay_at(HILL, shift_id="late"), on_time=0.5)
    both = first_trial(harder)
    # For both shifts the windows leave 07:50 to 07:55, and 17:20 to 17:25: the trips move to the middle.
    assert both.trips[0].arrive[-1] == parse_clock("07:52:30")
    assert both.trips[1].depart[0] == parse_clock("17:22:30")
    assert both.kind == "price"


def test_windows_that_share_nothing_cannot_be_relaxed_away(fay_at: FayAt) -> None:
    """Late riders on line a at the early shift's clock: too few days in time, and no relaxation for that."""
    assert first_trial(fay_at(HILL, shift_id="late")).kind is None


@pytest.mark.parametrize("count", [1, 1_000_000])
def test_dwell_counts_the_whole_group(fay_at: FayAt, count: int) -> None:
    trial = first_trial(replace(fay_at(HILL, count=count)))
    inbound = trial.trips[0]
    assert inbound.depart[2] - inbound.arrive[2] == 30 + 2 * count
