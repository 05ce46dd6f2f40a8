"""States of lines under a policy: each change, its days, and that lines do not flap."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.lifecycle import PRESETS, DayCount, LineState, Policy, Review, Threshold, review

C, P, R, W, S = LineState
NANCHANG = PRESETS["nanchang"]


def days(*people: int, boarded: bool = False) -> list[DayCount]:
    return [DayCount(booked=0, boarded=n) if boarded else DayCount(booked=n) for n in people]


def proposed(state: LineState, people: list[DayCount], policy: Policy = NANCHANG, seats: int = 40) -> LineState:
    return review("L1", state, people, seats, policy).proposed


@pytest.mark.parametrize(
    ("state", "people", "becomes"),
    [
        (C, (19,), C),
        (C, (20,), R),
        (R, (10, 10, 10), R),
        (R, (30, 9), W),
        (R, (4, 4), W),
        (R, (4, 4, 4), S),
        (R, (9, 9, 9, 9), W),
        (R, (9, 9, 9, 9, 9), S),
        (W, (11, 12, 12), W),
        (W, (12, 12, 12), R),
        (W, (4, 4, 4), S),
        (S, (19,), S),
        (S, (25,), C),
    ],
)
def test_nanchang_s_published_rules(state: LineState, people: tuple[int, ...], becomes: LineState) -> None:
    assert proposed(state, days(*people)) is becomes


def test_a_mean_over_a_month_suspends_even_where_single_days_are_fine() -> None:
    month = [4, 15] * 15
    assert sum(month) / 30 < 10
    assert proposed(R, days(*month)) is S
    assert proposed(R, days(*month[1:])) is R


@pytest.mark.parametrize(
    ("preset", "state", "people", "becomes"),
    [
        ("hangzhou", C, 12, P),
        ("hangzhou", C, 24, R),
        ("hangzhou", P, 23, P),
        ("changchun", R, 23, S),
        ("changchun", R, 24, R),
        ("beijing", C, 12, R),
        ("shanghai", C, 15, P),
        ("shanghai", P, 20, R),
    ],
)
def test_other_cities_rules_on_forty_seats(preset: str, state: LineState, people: int, becomes: LineState) -> None:
    assert proposed(state, days(people), PRESETS[preset]) is becomes


def test_opening_looks_at_bookings_and_closing_at_who_rode() -> None:
    booked_only = [DayCount(booked=30, boarded=2)] * 3
    assert proposed(R, booked_only) is S
    assert proposed(C, booked_only) is R
    assert proposed(R, [DayCount(booked=30)] * 3) is R


@pytest.mark.parametrize(("people", "missing"), [((), 20), ((13,), 7), ((3, 19), 1)])
def test_how_many_are_missing_is_told_while_a_line_does_not_run(people: tuple[int, ...], missing: int) -> None:
    assert review("L1", C, days(*people), 40, NANCHANG).missing == missing
    assert review("L1", R, days(*people), 40, NANCHANG).missing is None


def test_a_share_that_is_no_whole_number_of_seats_is_rounded_up() -> None:
    found = review("L1", C, days(10), 19, PRESETS["hangzhou"])
    assert found == Review(line_id="L1", state=C, proposed=P, reason="at least 30% of the seats")
    assert review("L1", P, days(10), 19, PRESETS["hangzhou"]).missing == 2


def test_the_reason_is_the_limit_that_was_passed() -> None:
    assert review("L1", R, days(4, 4, 4), 40, NANCHANG).reason == "fewer than 5 people on 3 days running"
    assert review("L1", R, days(12), 40, NANCHANG).reason == "no limit is passed"
    month = review("L1", R, days(*[4, 15] * 15), 40, NANCHANG)
    assert month.reason == "fewer than 10 people in the mean of 30 days"


@settings(deadline=None)
@given(people=st.lists(st.integers(0, 40), min_size=1, max_size=12), preset=st.sampled_from(sorted(PRESETS)))
def test_lines_do_not_flap(people: list[int], preset: str) -> None:
    """The counts that change a running line's state do not change it back at once, nor those that mend it break it."""
    policy = PRESETS[preset]
    if proposed(R, days(*people), policy) is W:
        assert proposed(W, days(*people), policy) is W
    if proposed(W, days(*people), policy) is R:
        assert proposed(R, days(*people), policy) is R


@pytest.mark.parametrize(
    "wrong",
    [{}, {"people": 5, "share": 0.5}, {"people": 5, "days": 0}, {"people": -1}, {"share": 1.5}],
)
def test_a_limit_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="threshold"):
        Threshold(**wrong)


def test_a_policy_under_which_lines_would_flap_is_refused() -> None:
    with pytest.raises(ValueError, match="recover"):
        Policy(name="x", open=(Threshold(people=1),), watch=(Threshold(people=10),), recover=(Threshold(people=9),))
    with pytest.raises(ValueError, match="opens"):
        Policy(name="x")
