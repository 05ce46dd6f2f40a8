"""Limits and proposals of a line's life, for any counts of people: what may follow what, and what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.lifecycle import PRESETS, DayCount, LineState, Policy, Threshold, review
from tests.formats.unhurried import UNHURRIED

C, P, R, W, S = LineState
COUNTS = st.lists(st.integers(0, 60), max_size=12)
SEATS = st.integers(1, 60)
THRESHOLDS = st.builds(Threshold, people=st.integers(0, 50), days=st.integers(1, 6), mean=st.booleans()) | st.builds(
    Threshold, share=st.integers(0, 100).map(lambda n: n / 100), days=st.integers(1, 6), mean=st.booleans()
)
FOLLOWS = {C: {C, P, R}, P: {P, R}, R: {R, W, S}, W: {W, R, S}, S: {S, C}}
"""What a state may turn into in one review."""


def booked(counts: list[int]) -> list[DayCount]:
    return [DayCount(booked=n) for n in counts]


@UNHURRIED
@given(limit=THRESHOLDS, counts=COUNTS, seats=SEATS)
def test_a_limit_is_never_reached_and_undercut_at_once(limit: Threshold, counts: list[int], seats: int) -> None:
    assert not (limit.is_reached(counts, seats) and limit.is_undercut(counts, seats))


@UNHURRIED
@given(limit=THRESHOLDS, counts=COUNTS, seats=SEATS)
def test_one_day_and_a_mean_are_on_either_side_of_a_limit(limit: Threshold, counts: list[int], seats: int) -> None:
    """With several days that each count there is a third case: some above and some below."""
    if len(counts) >= limit.days and (limit.mean or limit.days == 1):
        assert limit.is_reached(counts, seats) != limit.is_undercut(counts, seats)


@UNHURRIED
@given(limit=THRESHOLDS, counts=COUNTS, seats=SEATS)
def test_too_few_days_tell_nothing(limit: Threshold, counts: list[int], seats: int) -> None:
    few = counts[: limit.days - 1]
    assert not limit.is_reached(few, seats)
    assert not limit.is_undercut(few, seats)


@UNHURRIED
@given(limit=THRESHOLDS, counts=COUNTS, seats=SEATS, older=COUNTS, data=st.data())
def test_only_the_last_days_count_and_in_any_order(
    limit: Threshold, counts: list[int], seats: int, older: list[int], data: st.DataObject
) -> None:
    last = counts[-limit.days :]
    if len(last) == limit.days:
        mixed = older + data.draw(st.permutations(last))
        assert limit.is_reached(mixed, seats) == limit.is_reached(counts, seats)
        assert limit.is_undercut(mixed, seats) == limit.is_undercut(counts, seats)


@UNHURRIED
@given(limit=THRESHOLDS, counts=COUNTS, seats=SEATS, more=st.integers(0, 20))
def test_more_people_never_undo_what_is_reached(limit: Threshold, counts: list[int], seats: int, more: int) -> None:
    fuller = [n + more for n in counts]
    assert limit.is_reached(fuller, seats) or not limit.is_reached(counts, seats)
    assert limit.is_undercut(counts, seats) or not limit.is_undercut(fuller, seats)


@pytest.mark.parametrize(
    ("share", "seats", "people"), [(0.55, 20, 11), (0.07, 100, 7), (0.6, 35, 21), (0.3, 10, 3), (0.29, 100, 29)]
)
def test_a_share_that_is_a_whole_number_of_seats_is_that_number(share: float, seats: int, people: int) -> None:
    """55 % of 20 seats are 11 people, whatever the product of two floats says."""
    limit = Threshold(share=share)
    assert limit.is_reached([people], seats)
    assert not limit.is_undercut([people], seats)
    assert not limit.is_reached([people - 1], seats)
    assert limit.is_undercut([people - 1], seats)


def test_a_limit_of_nobody_is_always_reached_and_never_undercut() -> None:
    nobody = Threshold(people=0)
    assert nobody.is_reached([0], 40)
    assert not nobody.is_undercut([0], 40)


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (Threshold(people=20), "20 people"),
        (Threshold(people=5, days=3), "5 people on 3 days running"),
        (Threshold(people=10, days=30, mean=True), "10 people in the mean of 30 days"),
        (Threshold(share=0.6), "60% of the seats"),
        (Threshold(share=0.3, days=2), "30% of the seats on 2 days running"),
        (Threshold(people=7, mean=True), "7 people in the mean of 1 days"),
    ],
)
def test_a_limit_is_told_in_words(limit: Threshold, told: str) -> None:
    assert str(limit) == told


@UNHURRIED
@given(counts=COUNTS, seats=SEATS, state=st.sampled_from(LineState), preset=st.sampled_from(sorted(PRESETS)))
def test_a_state_turns_only_into_what_may_follow_it(
    counts: list[int], seats: int, state: LineState, preset: str
) -> None:
    found = review("L1", state, booked(counts), seats, PRESETS[preset])
    assert (found.line_id, found.state) == ("L1", state)
    assert found.proposed in FOLLOWS[state]
    assert (found.reason == "no limit is passed") == (found.proposed is state)


@UNHURRIED
@given(counts=COUNTS, seats=SEATS, state=st.sampled_from([C, P]), preset=st.sampled_from(sorted(PRESETS)))
def test_exactly_the_missing_people_open_a_line(counts: list[int], seats: int, state: LineState, preset: str) -> None:
    """One fewer would not do."""
    found = review("L1", state, booked(counts), seats, PRESETS[preset])
    if found.missing is None:
        assert found.proposed is not state
        return
    assert found.missing > 0
    latest = counts[-1] if counts else 0
    enough = review("L1", state, booked([latest + found.missing]), seats, PRESETS[preset])
    assert enough.proposed is R
    short = review("L1", state, booked([latest + found.missing - 1]), seats, PRESETS[preset])
    assert short.proposed is not R


@pytest.mark.parametrize("state", LineState)
@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_without_any_day_nothing_is_proposed(state: LineState, preset: str) -> None:
    assert review("L1", state, [], 40, PRESETS[preset]).proposed is state


@pytest.mark.parametrize("preset", ["hangzhou", "beijing", "shanghai"])
def test_a_city_that_publishes_no_rule_for_closing_closes_nothing(preset: str) -> None:
    assert review("L1", R, booked([0] * 40), 40, PRESETS[preset]).proposed is R
    assert review("L1", S, booked([99] * 40), 40, PRESETS[preset]).proposed is S


def test_the_gravest_of_two_changes_is_proposed() -> None:
    """Four people on three days are below the limit of watching, too."""
    both = Policy(name="x", open=(Threshold(people=9),), watch=(Threshold(people=8),), suspend=(Threshold(people=5),))
    assert review("L1", R, booked([4]), 40, both).proposed is S
    assert review("L1", R, booked([7]), 40, both).proposed is W
    assert review("L1", R, booked([8]), 40, both).proposed is R


def test_opening_comes_before_presale_and_the_cheaper_way_of_two_is_missing() -> None:
    policy = Policy(name="x", presale=(Threshold(people=5),), open=(Threshold(people=30), Threshold(share=0.5)))
    assert review("L1", C, booked([20]), 40, policy).proposed is R
    assert review("L1", C, booked([19]), 40, policy).proposed is P
    assert review("L1", C, booked([4]), 40, policy).missing == 16
    assert review("L1", C, booked([4]), 80, policy).missing == 26


def test_the_first_rule_that_holds_is_the_reason() -> None:
    policy = Policy(name="x", open=(Threshold(people=30), Threshold(share=0.5)))
    assert review("L1", C, booked([35]), 40, policy).reason == "at least 30 people"
    assert review("L1", C, booked([25]), 40, policy).reason == "at least 50% of the seats"


def test_a_day_without_a_count_takes_the_bookings() -> None:
    assert DayCount(booked=7).rode == 7
    assert DayCount(booked=7, boarded=0).rode == 0
    mixed = [DayCount(booked=30, boarded=4), DayCount(booked=4), DayCount(booked=30, boarded=4)]
    assert review("L1", R, mixed, 40, PRESETS["nanchang"]).proposed is S


def test_limits_in_people_and_in_shares_are_not_held_against_each_other() -> None:
    """Which of them is higher depends on the vehicle."""
    mixed = Policy(
        name="x", open=(Threshold(people=1),), watch=(Threshold(people=10),), recover=(Threshold(share=0.1),)
    )
    assert review("L1", W, booked([10]), 100, mixed).proposed is R
    with pytest.raises(ValueError, match="recover"):
        Policy(name="x", open=(Threshold(people=1),), watch=(Threshold(share=0.5),), recover=(Threshold(share=0.4),))
