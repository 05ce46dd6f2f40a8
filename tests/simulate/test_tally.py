"""Figures of runs that were made up, so that each can be counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from routing.schedule import schedule_plan
from routing.simulate.runs import Run
from routing.simulate.tally import sum_up
from routing.simulate.words import CROWDED
from tests.cases import town, town_plan, with_rules

TRIP = schedule_plan(town(), town_plan()).trips[0]


def made_up(days: int = 10) -> Run:
    """Return ten days of a trip with ten seats: late on two, five people but on one day ten."""
    late = np.arange(days) < 2
    people = np.full(days, 5)
    people[-1] = 10
    return Run(
        trip=TRIP,
        ran=np.ones(days, np.bool_),
        late=late,
        delay=np.where(late, 300.0, 0.0),
        on_time=np.where(late, 0, people),
        expected=people,
        boarded=people,
        peak=people,
        seats=10,
        promised=0.9,
    )


def test_shares_are_of_runs_and_of_people() -> None:
    found = sum_up(town(), [made_up()], days=10, seed=1, no_show=0.123456)
    assert (found.runs, found.on_time, found.on_time_promised) == (10, 0.8, 0.9)
    assert found.on_time_riders == pytest.approx(45 / 55, abs=1e-4)
    assert (found.load_factor, found.crowded, found.overfull, found.no_show) == (0.55, 0.1, 0.0, 0.1235)
    assert found.delay_p95_s == 300


def test_days_on_which_a_trip_does_not_run_do_not_count() -> None:
    run = made_up()
    half = replace(run, ran=np.arange(10) < 5)
    found = sum_up(town(), [half], days=10, seed=1, no_show=0.0)
    assert (found.runs, found.on_time, found.load_factor, found.crowded) == (5, 0.6, 0.5, 0.0)
    assert found.trips[0].runs == 5


def test_a_trip_that_never_runs_is_left_out() -> None:
    idle = replace(made_up(), ran=np.zeros(10, np.bool_))
    found = sum_up(town(), [idle, made_up()], days=10, seed=1, no_show=0.0)
    assert (found.runs, len(found.trips)) == (10, 1)


def test_crowded_begins_at_nine_tenths_of_the_seats() -> None:
    run = replace(made_up(), peak=np.array([8, 9, 10, 11, 0, 0, 0, 0, 0, 0]))
    found = sum_up(town(), [run], days=10, seed=1, no_show=0.0)
    assert CROWDED == 0.9
    assert (found.crowded, found.overfull) == (0.3, 0.1)


def test_the_worst_trip_is_the_one_least_on_time() -> None:
    always = replace(made_up(), late=np.zeros(10, np.bool_))
    never = replace(made_up(), late=np.ones(10, np.bool_))
    found = sum_up(town(), [always, never], days=10, seed=1, no_show=0.0)
    assert (found.worst_trip_on_time, found.on_time) == (0.0, 0.5)


def test_runs_below_the_minimum_load_are_counted() -> None:
    problem = with_rules(town(), min_load=6)
    assert sum_up(problem, [made_up()], days=10, seed=1, no_show=0.0).below_min_load == 0.9


@pytest.mark.parametrize("seats", [0, 5, 10])
def test_loads_are_shares_of_the_seats_of_the_vehicle(seats: int) -> None:
    """A vehicle of an unknown type counts as one seat, so that nothing is divided by zero."""
    found = sum_up(town(), [replace(made_up(), seats=seats)], days=10, seed=1, no_show=0.0)
    assert found.load_factor == pytest.approx(5.5 / max(1, seats))
    assert found.load_factor_p10 <= found.load_factor_p90
    assert found.trips[0].load_factor == found.load_factor
    assert found.trips[0].trip_id == TRIP.trip.trip_id
    assert found.trips[0].on_time == found.on_time
