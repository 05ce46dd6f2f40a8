"""Clock times, money and minutes: there and back, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.model.units import LATEST_CLOCK_S, fen_to_yuan, format_clock, minutes_to_s, parse_clock, yuan_to_fen


@given(seconds=st.integers(0, LATEST_CLOCK_S - 1))
def test_a_clock_time_comes_back_as_it_was(seconds: int) -> None:
    assert parse_clock(format_clock(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00", 0),
        ("8:05", 29_100),
        ("08:05:09", 29_109),
        ("24:30", 88_200),
        ("71:59:59", 259_199),
        (" 07:00 ", 25_200),
    ],
)
def test_clock_times_that_people_write(text: str, seconds: int) -> None:
    assert parse_clock(text) == seconds


@pytest.mark.parametrize("text", ["", "8", "8.30", "08:60", "08:30:60", "72:00", "99:00", "-1:00", "noon", "08:30 am"])
def test_what_is_no_clock_time_is_named_in_the_refusal(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}'"):
        parse_clock(text)


def test_a_time_before_midnight_is_shown_with_its_sign() -> None:
    assert format_clock(-90) == "-00:01:30"
    assert format_clock(90_061) == "25:01:01"


@given(fen=st.integers(-(10**12), 10**12))
def test_money_comes_back_to_the_fen(fen: int) -> None:
    assert yuan_to_fen(fen_to_yuan(fen)) == fen


@pytest.mark.parametrize(("yuan", "fen"), [(2.5, 250), (0.07, 7), (19.99, 1_999), (1.005, 100)])
def test_yuan_become_whole_fen(yuan: float, fen: int) -> None:
    """Also where the float lies a little beside the written amount."""
    assert yuan_to_fen(yuan) == fen


def test_minutes_become_whole_seconds() -> None:
    assert [minutes_to_s(m) for m in (0, 1.5, 110, 0.008)] == [0, 90, 6_600, 0]
