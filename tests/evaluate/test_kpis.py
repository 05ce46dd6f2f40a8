"""Key figures of the town, by hand, and at the extremes."""

from dataclasses import replace

import pytest

from routing.evaluate import evaluate
from routing.model.plan import Plan
from tests.cases import OUT, found, town, town_plan, with_rider, with_rules, with_trip, without


def test_the_key_figures_of_the_town() -> None:
    """Figures per rider count people and both directions: 12 rides of six people.

    Walks: 200 400 250 100 500 500 in, 210 390 260 100 500 500 out: 3,910 m over 12. Rides: 19,328 s over 12.
    Ride over direct drive is 1 but for ann and bob: 1,472 / 1,440 = 1.0222 in, 2,192 / 2,160 = 1.0148 out.
    Load factors: 3 of 4 seats twice, 3 of 8 twice: 0.5625.
    """
    kpis = evaluate(town(), town_plan()).kpis
    assert (kpis.riders, kpis.served, kpis.unserved) == (7, 6, 1)
    assert (kpis.lines, kpis.trips, kpis.vehicles, kpis.trips_per_vehicle) == (2, 4, 2, 2.0)
    assert kpis.mean_walk_m == pytest.approx(3_910 / 12, abs=0.001)
    assert kpis.p95_walk_m == 500
    assert kpis.mean_ride_s == pytest.approx(19_328 / 12, abs=0.001)
    assert kpis.p95_ride_s == 2_192
    assert kpis.p95_ride_ratio == pytest.approx(1.022)
    assert kpis.mean_load_factor == pytest.approx(0.5625, abs=0.001)
    assert kpis.riders_per_trip == 3
    assert kpis.service_km == 44.0
    assert kpis.deadhead_share == pytest.approx(28 / 72, abs=0.0001)


def test_served_means_both_ways() -> None:
    """Bob is brought but not taken home: six of seven were served, five are."""
    kpis = evaluate(town(), without(town_plan(), "bob", OUT)).kpis
    assert (kpis.served, kpis.unserved) == (5, 2)


def test_an_empty_plan_has_figures_too() -> None:
    kpis = evaluate(town(), Plan()).kpis
    assert (kpis.served, kpis.unserved, kpis.vehicles, kpis.trips) == (0, 7, 0, 0)
    assert kpis.mean_walk_m == kpis.p95_ride_s == kpis.mean_load_factor == kpis.deadhead_share == 0.0


def test_a_group_of_a_million_is_weighed_not_listed() -> None:
    """Eve stands for 10⁶ people who each walk 500 m: she is the mean and the 95th percentile."""
    crowd = with_rider(town(), "eve", count=1_000_000)
    verdict = evaluate(crowd, town_plan())
    assert verdict.kpis.riders == 1_000_005
    assert verdict.kpis.mean_walk_m == pytest.approx(500, abs=0.01)
    assert verdict.kpis.p95_walk_m == 500
    # Two seconds each to board: the trip stands for 23 days before it leaves, and says so instead of failing.
    assert ("seats", "b_in", 1_000_001, 8) in [(rule.value, *rest) for rule, *rest in found(crowd, town_plan())]


def test_a_ride_of_a_day_is_a_figure_like_any_other() -> None:
    """Roads a hundred times as slow: quay to south takes 33 h; every time rule breaks, nothing raises."""
    problem = town()
    slow = replace(
        problem, travel=tuple(replace(m, duration=m.duration * 100, distance=m.distance) for m in problem.travel)
    )
    verdict = evaluate(slow, town_plan())
    assert verdict.kpis.p95_ride_s > 86_400
    assert {"ride", "arrival_window", "block_overlap"} <= verdict.violations_by_rule().keys()


def test_a_trip_over_no_distance_has_a_ratio() -> None:
    """Dan's house, the quay and the worksite in one spot: a direct drive of 0 s does not divide by zero."""
    problem = town()
    still = replace(
        problem, travel=tuple(replace(m, duration=m.duration * 0, distance=m.distance) for m in problem.travel)
    )
    kpis = evaluate(
        with_rules(still, on_time=0.0), with_trip(town_plan(), "b_in", stop_ids=("quay", "hill", "south"))
    ).kpis
    assert kpis.p95_ride_ratio == 32.0
