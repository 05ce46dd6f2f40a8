"""One trip on many days: clocks, people and lateness, against what can be known without chance."""

from typing import Any

import numpy as np
import pytest

from routing.model.problem import Problem
from routing.schedule import TripSchedule, schedule_plan
from routing.simulate.runs import Run, drive
from routing.simulate.tally import sum_up
from tests.cases import town, town_plan, with_rider, with_rules

DAYS = 200
CALENDAR = np.resize(np.arange(5), DAYS)


def schedule(problem: Problem, trip_id: str) -> TripSchedule:
    return next(t for t in schedule_plan(problem, town_plan()).trips if t.trip.trip_id == trip_id)


def run(
    problem: Problem, trip_id: str = "a_in", *, ready: float = -np.inf, before: str | None = None, **given: Any
) -> tuple[Run, np.ndarray]:
    showing = np.ones((len(problem.riders), DAYS), np.int64) * np.array([[r.count] for r in problem.riders])
    return drive(
        problem,
        schedule(problem, trip_id),
        None if before is None else schedule(problem, before),
        np.full(DAYS, ready),
        given.pop("showing", showing),
        CALENDAR,
        np.random.default_rng(7),
        **{"wait": True} | given,
    )


def steady(**rules: Any) -> Problem:
    return with_rules(town(), run_time_cv=0.0, **rules)


def test_without_spread_the_vehicle_keeps_the_timetable() -> None:
    problem = steady()
    made, done = run(problem)
    assert made.delay.tolist() == [0.0] * DAYS
    assert set(done.tolist()) == {float(schedule(problem, "a_in").depart[-1])}
    assert not made.late.any()


@pytest.mark.parametrize("late_s", [60, 600])
def test_a_vehicle_that_comes_late_is_late_by_as_much(late_s: int) -> None:
    problem = steady()
    start = schedule(problem, "a_in").arrive[0]
    made, _ = run(problem, ready=start + late_s)
    assert made.delay.tolist() == [float(late_s)] * DAYS


def test_a_vehicle_that_comes_early_waits_for_its_first_departure() -> None:
    problem = steady()
    made, _ = run(problem, ready=float(schedule(problem, "a_in").arrive[0] - 900))
    assert made.delay.max() == 0.0


def test_lateness_is_measured_against_the_end_of_the_window() -> None:
    """Line a is planned at north at 07:44:32, and may be there until 07:55: 628 s are to spare."""
    problem = steady()
    start = schedule(problem, "a_in").arrive[0]
    for late_s, late in ((628, False), (630, True)):
        made, _ = run(problem, ready=start + late_s)
        assert bool(made.late.all()) is late
        assert made.on_time.tolist() == [0 if late else 3] * DAYS


def test_the_empty_drive_and_the_turnaround_come_before_the_next_trip() -> None:
    """From north at minute 24 to the quay at minute 10, a minute of driving each, and eight minutes to turn."""
    problem = steady(turnaround_s=480)
    ready = float(schedule(problem, "b_in").arrive[0] - 14 * 60 - 480)
    on_time, _ = run(problem, "b_in", ready=ready, before="a_in")
    behind, _ = run(problem, "b_in", ready=ready + 100, before="a_in")
    assert (on_time.delay.max(), behind.delay.max()) == (0.0, 100.0)


def test_running_through_an_early_vehicle_stays_early() -> None:
    problem = with_rules(town(), run_time_cv=0.5)
    through, _ = run(problem, wait=False)
    waiting, _ = run(problem, wait=True)
    assert through.delay.min() < 0
    assert np.all(waiting.delay >= through.delay - 1e-6)


def test_people_aboard_are_those_who_turn_up() -> None:
    problem = steady()
    showing = np.zeros((len(problem.riders), DAYS), np.int64)
    showing[0, : DAYS // 2] = 1  # ann, on the first half of the days
    made, _ = run(problem, showing=showing)
    assert made.boarded.tolist() == [1] * (DAYS // 2) + [0] * (DAYS // 2)
    assert made.peak.tolist() == made.boarded.tolist()


def test_on_days_when_nobody_is_expected_the_trip_does_not_run() -> None:
    problem = with_rules(town(), run_time_cv=0.0)
    for rider_id in ("ann", "bob", "cai"):
        problem = with_rider(problem, rider_id, days=0b0000001)
    made, done = run(problem, ready=3.0)
    assert made.ran.tolist() == (CALENDAR == 0).tolist()
    assert set(done[CALENDAR != 0].tolist()) == {3.0}


def test_the_spread_of_the_clock_is_the_rules() -> None:
    """Without waiting, the deviation at the worksite is that of the whole drive."""
    problem = with_rules(town(), run_time_cv=0.3)
    trip = schedule(problem, "a_in")
    made, _ = run(problem, wait=False)
    assert made.delay.std() == pytest.approx(problem.rules.run_time_sd_s(trip.drive[-1]), rel=0.15)
    assert abs(made.delay.mean()) < 3 * made.delay.std() / DAYS**0.5


def test_figures_of_trips_add_up_to_those_of_the_plan() -> None:
    problem = with_rules(town(), run_time_cv=0.4)
    runs = [run(problem, trip_id)[0] for trip_id in ("a_in", "b_in")]
    whole = sum_up(problem, runs, days=DAYS, seed=7, no_show=0.0)
    assert whole.runs == 2 * DAYS
    assert whole.on_time == pytest.approx(sum(t.on_time for t in whole.trips) / 2, abs=1e-4)
    assert whole.load_factor == pytest.approx((3 / 4 + 3 / 8) / 2, abs=1e-4)
    assert whole.worst_trip_on_time == min(t.on_time for t in whole.trips)


def test_nothing_that_ran_is_no_reason_to_fail() -> None:
    whole = sum_up(town(), [], days=DAYS, seed=7, no_show=0.0)
    assert (whole.runs, whole.on_time, whole.delay_p95_s, whole.trips) == (0, 1.0, 0, ())
