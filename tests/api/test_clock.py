"""Instants are milliseconds inside and RFC 3339 outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.clock import from_rfc3339, now_ms, rfc3339


def test_an_instant_is_written_in_utc() -> None:
    assert rfc3339(1_700_000_000_123) == "2023-11-14T22:13:20.123Z"


def test_an_offset_is_understood() -> None:
    assert from_rfc3339("2023-11-15T06:13:20.123+08:00") == 1_700_000_000_123


@pytest.mark.parametrize("text", ["2023-11-15T06:13:20", "noon", ""])
def test_a_text_without_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset|Invalid"):
        from_rfc3339(text)


@given(st.integers(0, 4_000_000_000_000))
def test_an_instant_reads_back(at: int) -> None:
    assert from_rfc3339(rfc3339(at)) == at


def test_now_does_not_stand_still() -> None:
    assert now_ms() > 1_700_000_000_000
