"""Shapes of documents: what is accepted, what is refused, and cursors that lead on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.errors import ApiError
from api.shapes import Asked, Degrees, Ident, Whole, cursor_of, problems, read_cursor


class Thing(Asked):
    count: Whole = 1
    lon: Degrees = 0.0
    thing_id: Ident = "x"


@pytest.mark.parametrize(
    "given_",
    [
        {"count": True},
        {"count": "1"},
        {"count": 1.5},
        {"lon": "121.5"},
        {"lon": False},
        {"lon": float("nan")},
        {"lon": float("inf")},
        {"thing_id": ""},
        {"thing_id": "a/b"},
        {"thing_id": "a\x00b"},
        {"thing_id": "x" * 129},
        {"thing_id": "a\nb"},
        {"thing_id": "a\x7fb"},
        {"colour": "red"},
    ],
)
def test_what_makes_no_sense_is_refused(given_: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Thing.model_validate(given_)


def test_what_makes_sense_is_taken() -> None:
    thing = Thing.model_validate({"count": 7.0, "lon": 121, "thing_id": "工会 1-河口"})
    assert (thing.count, thing.lon, thing.thing_id) == (7, 121.0, "工会 1-河口")


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=50))
def test_a_cursor_leads_back_to_where_it_was_made(last: str) -> None:
    assert read_cursor(cursor_of(last)) == last


@pytest.mark.parametrize("cursor", ["%%%", "a", "AA", "_w", "\x00"])
def test_a_cursor_of_somebody_elses_is_refused(cursor: str) -> None:
    with pytest.raises(ApiError) as refused:
        read_cursor(cursor)
    assert refused.value.code == "bad_cursor"


def test_no_cursor_is_the_beginning() -> None:
    assert read_cursor(None) is None


def test_problems_are_described_by_their_own_media_type() -> None:
    told = problems(404, 409)
    assert set(told) == {404, 409}
    assert all("application/problem+json" in answer["content"] for answer in told.values())
