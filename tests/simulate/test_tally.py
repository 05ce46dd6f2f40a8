"""Runs added up by hand: shares of runs and of people, percentiles, and trips that never ran."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.model.problem import Problem
from routing.schedule import schedule_plan
from routing.simulate.runs import Run
from routing.simulate.tally import sum_up
from routing.simulate.words import CROWDED, Simulation
from tests.cases import town, town_plan, with_rules

TRIPS = {trip.trip.trip_id: trip for trip in schedule_plan(town(), town_plan()).trips}


def run(trip_id: str = "a_in", days: int = 4, **given_: Any) -> Run:
    """Return four days of a trip of four seats on which two people ride and nothing goes wrong."""
    fields: dict[str, Any] = {
        "ran": np.ones(days, bool),
        "late": np.zeros(days, bool),
        "delay": np.zeros(days),
        "expected": np.full(days, 2),
        "on_time": np.full(days, 2),
        "boarded": np.full(days, 2),
        "peak": np.full(days, 2),
    }
    kinds = {name: value.dtype for name, value in fields.items()}
    fields |= {"trip": TRIPS[trip_id], "seats": 4, "promised": 0.97} | given_
    return Run(**fields | {name: np.asarray(fields[name], kind) for name, kind in kinds.items()})


def tally(*runs: Run, problem: Problem | None = None, days: int = 4, no_show: float = 0.08) -> Simulation:
    return sum_up(problem or town(), runs, days=days, seed=5, no_show=no_show)


def test_days_of_which_nothing_is_wrong_are_all_on_time() -> None:
    found = tally(run())
    assert (found.runs, found.on_time, found.on_time_riders, found.worst_trip_on_time) == (4, 1.0, 1.0, 1.0)
    assert (found.load_factor, found.crowded, found.overfull, found.below_min_load) == (0.5, 0.0, 0.0, 0.0)
    assert (found.days, found.seed, found.no_show) == (4, 5, 0.08)


def test_ten_days_are_added_up_by_hand() -> None:
    """Ten seats; the first two days five minutes late, five people a day but ten on the last."""
    people = [5] * 9 + [10]
    days = run(days=10, seats=10, late=[1, 1] + [0] * 8, delay=[300, 300] + [0] * 8, promised=0.9, expected=people,
               on_time=[0, 0, *people[2:]], boarded=people, peak=people)  # fmt: skip
    found = tally(days, days=10, no_show=0.123456)
    assert (found.runs, found.on_time, found.on_time_promised) == (10, 0.8, 0.9)
    assert found.on_time_riders == pytest.approx(45 / 55, abs=1e-4)
    assert (found.load_factor, found.crowded, found.overfull, found.no_show) == (0.55, 0.1, 0.0, 0.1235)
    assert (found.delay_p95_s, found.below_min_load) == (300, 0.0)


def test_a_day_on_which_the_trip_did_not_run_counts_for_nothing() -> None:
    """The third day's lateness, delay, crowd and load belong to no run."""
    third = run(ran=[1, 1, 0, 1], late=[0, 0, 1, 0], delay=[0, 0, 9_999, 0], peak=[2, 2, 99, 2], boarded=[2, 2, 99, 2])
    found = tally(third)
    assert (found.runs, found.on_time, found.delay_p95_s, found.overfull) == (3, 1.0, 0, 0.0)
    assert (found.load_factor, found.crowded) == (0.5, 0.0)
    assert found.trips[0].runs == 3


def test_a_trip_that_never_ran_is_not_told_of() -> None:
    found = tally(run(), run("b_in", ran=np.zeros(4, bool), late=[1, 1, 1, 1]))
    assert [trip.trip_id for trip in found.trips] == ["a_in"]
    assert (found.runs, found.on_time) == (4, 1.0)


def test_the_share_on_time_is_of_runs_and_that_of_riders_of_people() -> None:
    """Half of one trip's runs are late with eight people each, the other trip's never with two each."""
    crowded = run("b_in", seats=8, late=[1, 1, 0, 0], expected=[8] * 4, on_time=[0, 0, 8, 8])
    found = tally(run(), crowded)
    assert found.on_time == 0.75
    assert found.on_time_riders == round((8 + 16) / (8 + 32), 4)
    assert found.worst_trip_on_time == 0.5
    assert tally(run(), run("b_in", late=[1] * 4)).worst_trip_on_time == 0.0


def test_the_promise_is_weighed_by_runs() -> None:
    found = tally(run(promised=1.0), run("b_in", promised=0.5, ran=[1, 0, 0, 0]))
    assert found.on_time_promised == 0.9


def test_loads_are_shares_of_each_trips_own_seats() -> None:
    found = tally(run(seats=2), run("b_in", seats=8))
    assert [trip.load_factor for trip in found.trips] == [1.0, 0.25]
    assert found.load_factor == 0.625
    assert found.load_factor_p10 == 0.25
    assert found.load_factor_p90 == 1.0


@pytest.mark.parametrize(
    ("peak", "crowded", "overfull"), [(8, 0.0, 0.0), (9, 1.0, 0.0), (10, 1.0, 0.0), (11, 1.0, 1.0)]
)
def test_nine_tenths_are_crowded_and_more_than_all_are_overfull(peak: int, crowded: float, overfull: float) -> None:
    found = tally(run(seats=10, peak=[peak] * 4))
    assert peak >= CROWDED * 10 or not found.crowded
    assert (found.crowded, found.overfull, found.trips[0].crowded) == (crowded, overfull, crowded)


def test_crowds_are_counted_run_by_run() -> None:
    """Of ten runs with ten seats three are crowded, and one of those overfull."""
    found = tally(run(days=10, seats=10, peak=[8, 9, 10, 11, 0, 0, 0, 0, 0, 0]), days=10)
    assert (found.crowded, found.overfull) == (0.3, 0.1)


@pytest.mark.parametrize(("seats", "load"), [(0, 2.0), (1, 2.0), (4, 0.5), (10, 0.2)])
def test_a_trip_without_a_known_vehicle_counts_as_one_seat(seats: int, load: float) -> None:
    found = tally(run(seats=seats))
    assert found.load_factor == found.load_factor_p10 == found.load_factor_p90 == found.trips[0].load_factor == load


def test_too_few_are_those_below_what_opens_a_trip() -> None:
    """Two people are enough in the town; where three are needed they are too few."""
    boarded = [0, 1, 2, 3]
    assert tally(run(boarded=boarded)).below_min_load == 0.5
    assert tally(run(boarded=boarded), problem=with_rules(town(), min_load=3)).below_min_load == 0.75


def test_delays_are_told_as_what_nineteen_of_twenty_keep() -> None:
    found = tally(run(days=101, delay=np.arange(101.0)), days=101)
    assert found.delay_p95_s == 95
    assert found.trips[0].delay_p95_s == 95
    assert found.trips[0].on_time == found.on_time


def test_no_run_at_all_promises_everything_and_carries_nobody() -> None:
    found = tally()
    assert (found.runs, found.on_time, found.on_time_riders, found.worst_trip_on_time) == (0, 1.0, 1.0, 1.0)
    assert (found.load_factor, found.delay_p95_s, found.trips) == (0.0, 0, ())


def test_trips_say_whose_they_are() -> None:
    found = tally(run("b_out"), run("a_in"))
    assert [(t.trip_id, t.line_id, t.direction.value) for t in found.trips] == [
        ("b_out", "b", "outbound"),
        ("a_in", "a", "inbound"),
    ]


@given(
    late=st.lists(st.booleans(), min_size=6, max_size=6),
    ran=st.lists(st.booleans(), min_size=6, max_size=6),
    boarded=st.lists(st.integers(0, 6), min_size=6, max_size=6),
)
def test_figures_of_trips_add_up_to_those_of_the_plan(late: list[bool], ran: list[bool], boarded: list[int]) -> None:
    runs = [
        run("a_in", days=6, late=late, ran=ran, boarded=boarded, peak=boarded),
        run("a_out", days=6, late=late[::-1], ran=ran[::-1], boarded=boarded[::-1], peak=boarded[::-1]),
    ]
    found = tally(*runs, days=6)
    assert found.runs == sum(trip.runs for trip in found.trips) == 2 * sum(ran)
    for name in ("on_time", "load_factor", "crowded", "below_min_load"):
        told = sum(getattr(trip, name) * trip.runs for trip in found.trips)
        assert getattr(found, name) * found.runs == pytest.approx(told, abs=2e-3) or not found.runs
    assert found.worst_trip_on_time <= found.on_time
    assert found.load_factor_p10 <= found.load_factor_p90


@given(st.lists(st.floats(-600, 3_600), min_size=1, max_size=30))
def test_later_runs_never_lower_the_delay_that_is_told(delays: list[float]) -> None:
    days = len(delays)
    told = tally(run(days=days, delay=delays), days=days).delay_p95_s
    later = tally(run(days=days, delay=[d + 60 for d in delays]), days=days).delay_p95_s
    assert min(delays) - 1 <= told <= max(delays) + 1
    assert abs(later - told - 60) <= 1
