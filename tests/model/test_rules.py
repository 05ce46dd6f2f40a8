"""Promises and prices: limits as sentences promise them, and settings that cannot be meant."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.model.demand import Direction, Need, Shift
from routing.model.rules import CostRates, ServiceRules


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"max_walk_m": -1}, "max_walk_m is negative"),
        ({"dwell_s_per_rider": -2}, "dwell_s_per_rider is negative"),
        ({"max_trip_s": -1}, "max_trip_s is negative"),
        ({"site_dwell_s_per_stop": -1}, "site_dwell_s_per_stop is negative"),
        ({"site_dwell_s_per_rider": -3}, "site_dwell_s_per_rider is negative"),
        ({"max_detour": 0.9}, "at least 1"),
        ({"max_detour": math.nan}, "max_detour is nan, which is no number"),
        ({"max_detour": math.inf}, "max_detour is inf, which is no number"),
        ({"run_time_cv": math.nan}, "run_time_cv is nan"),
        ({"max_stops": 1}, "max_stops counts the worksite"),
        ({"arrive_buffer_s": 1_501}, "a window is empty"),
        ({"leave_buffer_s": 1_501}, "a window is empty"),
        ({"on_time": 1.0}, "share of days"),
        ({"walk_speed_m_per_h": 0}, "must be positive"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(change: dict[str, float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        ServiceRules(**change)  # type: ignore[arg-type]


def test_rules_at_their_edges_are_allowed() -> None:
    """No walk, no ride, no spread, a window of a moment, two stops, and no minimum."""
    rules = ServiceRules(
        max_walk_m=0, max_ride_s=0, run_time_cv=0.0, max_detour=1.0, max_stops=2, min_load=0, arrive_early_s=300
    )
    assert rules.ride_limit_s(100) == 0
    assert rules.run_time_sd_s(3_600) == 0.0


@pytest.mark.parametrize(("need", "limit"), [(Need.NONE, 800), (Need.SHORT_WALK, 300)])
def test_the_walk_limit_follows_the_need(need: Need, limit: int) -> None:
    assert ServiceRules().walk_limit_m(need) == limit


@pytest.mark.parametrize(
    ("direct_s", "limit"),
    [(0, 900), (600, 1_500), (1_125, 2_025), (1_126, 2_026), (3_000, 5_400), (3_666, 6_598), (5_000, 9_000)],
)
def test_the_detour_limit_is_the_larger_of_two(direct_s: int, limit: int) -> None:
    """Short rides get 15 free minutes, long ones the factor 1.8, rounded down; both meet at 1,125 s."""
    assert ServiceRules().detour_limit_s(direct_s) == limit


@given(direct=st.integers(0, 20_000))
def test_the_ride_limit_is_the_smaller_of_two_rules(direct: int) -> None:
    rules = ServiceRules()
    assert rules.ride_limit_s(direct) == min(rules.max_ride_s, rules.detour_limit_s(direct))
    assert rules.detour_limit_s(direct) <= rules.detour_limit_s(direct + 1)


def test_a_factor_that_floats_cannot_hold_is_not_cut_by_a_second() -> None:
    """1.1 times 10 s is 11 s, though the float product lies at 11.000000000000002 or below elsewhere."""
    assert ServiceRules(max_detour=1.1, max_detour_free_s=0).detour_limit_s(10) == 11
    assert ServiceRules(max_detour=1.15, max_detour_free_s=0).detour_limit_s(100) == 115


def test_the_spread_grows_with_the_root_of_time() -> None:
    """15 % over ten minutes is 90 s; four times the way doubles it."""
    rules = ServiceRules()
    assert rules.run_time_sd_s(600) == pytest.approx(90)
    assert rules.run_time_sd_s(2_400) == pytest.approx(180)
    assert rules.run_time_sd_s(-5) == 0.0


@pytest.mark.parametrize("price", ["ride", "walk", "unserved"])
def test_prices_are_not_negative(price: str) -> None:
    assert CostRates(**{price: 0})
    with pytest.raises(ValueError, match="a price is negative"):
        CostRates(**{price: -1})


@pytest.mark.parametrize(
    ("at_sites", "stop_s", "site_s"),
    [
        ({}, 38, 38),
        ({"site_dwell_s_per_stop": 0}, 38, 8),
        ({"site_dwell_s_per_rider": 0}, 38, 30),
        ({"site_dwell_s_per_stop": 154, "site_dwell_s_per_rider": 5}, 38, 174),
    ],
)
def test_worksites_may_have_standing_times_of_their_own(at_sites: dict[str, int], stop_s: int, site_s: int) -> None:
    """Four people at 30 s and 2 s each; zero is a time of its own, None is not."""
    rules = ServiceRules(**at_sites)  # type: ignore[arg-type]
    assert rules.dwell_s(4, at_worksite=False) == stop_s
    assert rules.dwell_s(4, at_worksite=True) == site_s


DAY = Shift(shift_id="day", start=30_000, end=60_000)


def test_a_shift_without_windows_has_those_of_the_rules() -> None:
    rules = ServiceRules()
    assert rules.window(DAY, Direction.INBOUND) == (28_500, 29_700)
    assert rules.window(DAY, Direction.OUTBOUND) == (60_300, 61_500)


def test_a_direction_that_a_shift_does_not_ask_for_has_no_window() -> None:
    assert ServiceRules().window(Shift(shift_id="in", start=30_000, end=None), Direction.OUTBOUND) is None
    assert ServiceRules().window(Shift(shift_id="out", start=None, end=60_000), Direction.INBOUND) is None


@pytest.mark.parametrize(
    ("own", "inbound", "outbound"),
    [
        ({"arrive_early_s": 600}, (29_400, 29_700), (60_300, 61_500)),
        ({"arrive_buffer_s": 0}, (28_500, 30_000), (60_300, 61_500)),
        ({"arrive_early_s": 154, "arrive_buffer_s": 154}, (29_846, 29_846), (60_300, 61_500)),
        ({"leave_buffer_s": 0}, (28_500, 29_700), (60_000, 61_500)),
        ({"leave_late_s": 300}, (28_500, 29_700), (60_300, 60_300)),
    ],
)
def test_a_shifts_own_bound_goes_before_the_rules(
    own: dict[str, int], inbound: tuple[int, int], outbound: tuple[int, int]
) -> None:
    """Bound by bound: what a shift leaves open, the rules decide; early = buffer is one instant."""
    shift = Shift(shift_id="day", start=30_000, end=60_000, **own)  # type: ignore[arg-type]
    assert ServiceRules().window(shift, Direction.INBOUND) == inbound
    assert ServiceRules().window(shift, Direction.OUTBOUND) == outbound
