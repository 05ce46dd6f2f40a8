"""Riders, shifts and their days: values that refuse nonsense with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.model.demand import WORKDAYS, Direction, Rider, Shift, format_days, parse_days
from routing.model.places import Location
from tests.cases import IN, OUT

HOME = Location(lon=121.5, lat=38.9)


@given(days=st.integers(1, 127))
def test_days_come_back_as_they_were(days: int) -> None:
    assert parse_days(format_days(days)) == days


def test_days_are_written_monday_first() -> None:
    assert parse_days("1000000") == 1
    assert parse_days("0000001") == 64
    assert parse_days("1111100") == WORKDAYS
    assert format_days(WORKDAYS) == "1111100"


@pytest.mark.parametrize("text", ["", "111110", "11111000", "1111102", "0000000", "mon-fri", "1,1,1,1"])
def test_days_that_are_no_seven_digits_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="seven digits 0 or 1, Monday first"):
        parse_days(text)


@pytest.mark.parametrize("days", [0, -1, 128])
def test_a_rider_travels_on_some_day(days: int) -> None:
    with pytest.raises(ValueError, match="rider r7 travels on no day"):
        Rider(rider_id="r7", home=HOME, worksite_id="w", shift_id="s", days=days)


@pytest.mark.parametrize("count", [0, -3])
def test_a_rider_counts_somebody(count: int) -> None:
    with pytest.raises(ValueError, match=f"counts {count} people; at least 1"):
        Rider(rider_id="r7", home=HOME, worksite_id="w", shift_id="s", count=count)


def test_a_rider_counts_no_more_than_sums_can_hold() -> None:
    """A billion is accepted, one more is a slip of the pen: 10²⁰ would pass 64 bits."""
    assert Rider(rider_id="r7", home=HOME, worksite_id="w", shift_id="s", count=10**9).count == 10**9
    for count in (10**9 + 1, 10**20):
        with pytest.raises(ValueError, match=f"counts {count} people; at most 1000000000"):
            Rider(rider_id="r7", home=HOME, worksite_id="w", shift_id="s", count=count)


def test_a_shift_has_a_start_or_an_end() -> None:
    with pytest.raises(ValueError, match="night has neither"):
        Shift(shift_id="night", start=None, end=None)


@pytest.mark.parametrize(("start", "end"), [(-1, None), (None, -60), (0, -1)])
def test_a_shift_begins_in_its_own_service_day(start: int | None, end: int | None) -> None:
    with pytest.raises(ValueError, match="before midnight"):
        Shift(shift_id="night", start=start, end=end)


@pytest.mark.parametrize("bound", ["arrive_early_s", "arrive_buffer_s", "leave_buffer_s", "leave_late_s"])
def test_a_shifts_own_window_reaches_no_further_than_its_anchor(bound: str) -> None:
    """Zero is the bound itself; a negative one would let riders come late."""
    bounds: dict[str, int] = {bound: 0}
    assert getattr(Shift(shift_id="s", start=1, end=2, **bounds), bound) == 0
    with pytest.raises(ValueError, match="shift s has a window with a negative bound"):
        Shift(shift_id="s", start=1, end=2, **{bound: -1})


@pytest.mark.parametrize(("start", "end", "directions"), [(0, 1, (IN, OUT)), (0, None, (IN,)), (None, 0, (OUT,))])
def test_a_shift_asks_for_the_directions_it_bounds(
    start: int | None, end: int | None, directions: tuple[Direction, ...]
) -> None:
    """Midnight is a bound like any other, though it is zero."""
    shift = Shift(shift_id="s", start=start, end=end)
    assert shift.directions == directions
    assert (shift.anchor(IN), shift.anchor(OUT)) == (start, end)


def test_a_shift_may_pass_midnight() -> None:
    assert Shift(shift_id="night", start=72_000, end=115_200).anchor(OUT) == 115_200
