"""Simulated days against what is known without simulating: the judge's shares, planned loads, certain outcomes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import RoutingError
from routing.model.plan import Block, Plan
from routing.model.problem import Problem
from routing.simulate import Simulation, TripDays, simulate
from tests.cases import town, town_plan, with_rider, with_rules, with_trip

TIGHT = {"arrive_early_s": 1_500, "arrive_buffer_s": 840, "leave_buffer_s": 300, "on_time": 0.5}
"""Line a reaches north at 07:44:32; with 840 s of buffer the window ends 88 s later."""


def trip(found: Simulation, trip_id: str) -> TripDays:
    return next(t for t in found.trips if t.trip_id == trip_id)


def days(problem: Problem | None = None, plan: Plan | None = None, **given: Any) -> Simulation:
    return simulate(problem or town(), plan or town_plan(), **{"days": 400} | given)


def on_one_vehicle(problem: Problem, plan: Plan) -> tuple[Problem, Plan]:
    """Let one vehicle drive both lines in the morning, ready for b exactly when b begins.

    Line a ends at north at 07:45:02 or so, and b, of the same type then, leaves the quay 14 minutes away after it.
    """
    shared = with_rules(problem, turnaround_s=0)
    plan = with_trip(with_trip(plan, "b_in", vehicle_type_id="small"), "b_out", vehicle_type_id="small")
    plan = with_trip(plan, "b_in", departure=7 * 3_600 + 60 * 60 + 60)
    blocks = (
        Block(block_id="1", vehicle_type_id="small", depot_id="yard", trip_ids=("a_in", "b_in")),
        Block(block_id="2", vehicle_type_id="small", depot_id="yard", trip_ids=("a_out",)),
        Block(block_id="3", vehicle_type_id="small", depot_id="yard", trip_ids=("b_out",)),
    )
    return shared, replace(plan, blocks=blocks)


def test_the_same_seed_gives_the_same_days_and_another_seed_others() -> None:
    assert days(seed=3) == days(seed=3)
    assert days(seed=3) != days(seed=4)


def test_without_spread_every_trip_is_on_time_to_the_second() -> None:
    found = days(with_rules(town(), run_time_cv=0.0))
    assert (found.on_time, found.on_time_riders, found.worst_trip_on_time, found.delay_p95_s) == (1.0, 1.0, 1.0, 0)


def test_run_straight_through_trips_are_on_time_as_often_as_the_judge_says() -> None:
    """The same spread: with four thousand days, the share lies within three standard errors."""
    found = days(with_rules(town(), **TIGHT), days=4_000, wait=False)
    share = trip(found, "a_in").on_time_promised
    assert 0.6 < share < 0.9
    assert trip(found, "a_in").on_time == pytest.approx(share, abs=3 * (share * (1 - share) / 4_000) ** 0.5)


def test_waiting_for_departures_never_helps_to_be_on_time() -> None:
    """The same random days, with and without waiting: what is gained early is not kept."""
    problem = with_rules(town(), **TIGHT)
    waiting, through = (days(problem, wait=wait) for wait in (True, False))
    for patient in waiting.trips:
        assert patient.on_time <= trip(through, patient.trip_id).on_time
    assert waiting.on_time < through.on_time


def test_a_late_vehicle_begins_its_next_trip_late() -> None:
    """On a vehicle of its own b starts when planned; shared, it starts when a and the empty drive are done."""
    problem, plan = on_one_vehicle(with_rules(town(), run_time_cv=0.4), town_plan())
    own = replace(plan, blocks=())
    shared, apart = trip(days(problem, plan), "b_in"), trip(days(problem, own), "b_in")
    assert shared.delay_p95_s > apart.delay_p95_s
    assert shared.on_time < apart.on_time


def test_turnaround_is_needed_between_trips() -> None:
    problem, plan = on_one_vehicle(with_rules(town(), run_time_cv=0.0), town_plan())
    quick = trip(days(problem, plan), "b_in")
    slow = trip(days(with_rules(problem, turnaround_s=1_800), plan), "b_in")
    assert slow.delay_p95_s - quick.delay_p95_s > 1_000


def test_nobody_stays_away_or_everybody_does() -> None:
    full, empty = days(no_show=0.0), days(no_show=1.0)
    assert (full.no_show, empty.no_show) == (0.0, 1.0)
    assert full.load_factor == pytest.approx((3 / 4 + 3 / 4 + 3 / 8 + 3 / 8) / 4, abs=1e-4)
    assert (empty.load_factor, empty.below_min_load) == (0.0, 1.0)


def test_no_shows_thin_the_load_by_their_share() -> None:
    found = days(no_show=0.2, days=2_000)
    assert found.no_show == pytest.approx(0.2, abs=0.02)
    assert found.load_factor == pytest.approx(0.8 * days(no_show=0.0).load_factor, abs=0.02)


def test_who_stays_away_stays_away_in_both_directions() -> None:
    found = days(no_show=0.3)
    assert trip(found, "a_in").load_factor == trip(found, "a_out").load_factor


def test_a_run_with_nine_tenths_of_its_seats_taken_is_crowded() -> None:
    """Three of four seats are not; with the couple eve as a crowd of seven on eight seats and dan, all are."""
    assert days(no_show=0.0).crowded == 0.0
    crowd = days(with_rider(town(), "eve", count=7), no_show=0.0)
    assert (trip(crowd, "b_in").crowded, crowd.overfull) == (1.0, 0.0)


def test_a_run_with_more_people_than_seats_is_overfull() -> None:
    assert days(with_rider(town(), "eve", count=9), no_show=0.0).overfull == 0.5


def test_trips_run_only_on_days_when_somebody_travels() -> None:
    """Line b's riders travel on Mondays alone: one day in five."""
    problem = with_rider(with_rider(town(), "dan", days=1), "eve", days=1)
    found = days(problem, days=100)
    assert (trip(found, "a_in").runs, trip(found, "b_in").runs) == (100, 20)
    assert found.runs == 2 * 100 + 2 * 20


def test_a_plan_without_trips_promises_nothing_and_breaks_nothing() -> None:
    found = days(plan=Plan())
    assert (found.runs, found.on_time, found.on_time_riders, found.load_factor) == (0, 1.0, 1.0, 0.0)
    assert found.trips == ()


def test_the_summary_leaves_the_trips_out() -> None:
    summary = days().summary()
    assert "trips" not in summary
    assert summary["days"] == 400


@pytest.mark.parametrize("wrong", [{"days": 0}, {"no_show": 1.5}, {"no_show": -0.1}])
def test_what_cannot_be_simulated_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RoutingError) as caught:
        days(**wrong)
    assert caught.value.code == "bad_simulation"


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), cv=st.floats(0.0, 1.0), no_show=st.floats(0.0, 1.0), length=st.integers(1, 40))
def test_every_share_is_a_share(seed: int, cv: float, no_show: float, length: int) -> None:
    found = days(with_rules(town(), run_time_cv=cv), days=length, seed=seed, no_show=no_show)
    shares = ("on_time", "on_time_promised", "on_time_riders", "worst_trip_on_time", "no_show", "load_factor",
              "crowded", "overfull", "below_min_load")  # fmt: skip
    assert all(0.0 <= getattr(found, name) <= 1.0 for name in shares)
    assert found.worst_trip_on_time <= found.on_time
    assert found.load_factor_p10 <= found.load_factor_p90
    assert found.runs == sum(t.runs for t in found.trips) == 4 * length
