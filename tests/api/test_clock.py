"""Instants are milliseconds inside and RFC 3339 outside."""

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.clock import DAY_MS, now_ms, rfc3339

LAST = 253_402_300_799_999
"""The end of the year 9999."""


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_is_written_in_utc(at: int, told: str) -> None:
    assert rfc3339(at) == told


@example(LAST)
@given(st.integers(0, LAST))
def test_an_instant_reads_back_to_the_millisecond(at: int) -> None:
    read = dt.datetime.fromisoformat(rfc3339(at)) - dt.datetime.fromtimestamp(0, dt.UTC)
    assert read // dt.timedelta(milliseconds=1) == at


@given(st.integers(0, LAST - DAY_MS), st.integers(1, DAY_MS))
def test_texts_sort_as_their_instants_do(at: int, later: int) -> None:
    assert rfc3339(at) < rfc3339(at + later)


def test_now_does_not_stand_still() -> None:
    assert now_ms() > 1_700_000_000_000
