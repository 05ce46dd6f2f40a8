"""Versions in ETag, If-Match and If-None-Match."""

import pytest
from starlette.requests import Request

from api.conditional import check_match, etag, unchanged
from api.errors import ApiError


def asked(**headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": pairs})


@pytest.mark.parametrize("header", ['"3"', 'W/"3"', '"1", "3"', "*"])
def test_what_the_caller_has_needs_no_second_telling(header: str) -> None:
    assert unchanged(asked(if_none_match=header), etag(3))


@pytest.mark.parametrize("headers", [{}, {"if_none_match": '"2"'}])
def test_news_are_told(headers: dict[str, str]) -> None:
    assert not unchanged(asked(**headers), etag(3))


@pytest.mark.parametrize("header", ['"3"', "*", '"2", "3"'])
def test_an_edit_of_what_was_read_is_let_through(header: str) -> None:
    check_match(asked(if_match=header), etag(3), needed=True)


def test_an_edit_of_something_older_is_refused_with_the_present_version() -> None:
    with pytest.raises(ApiError) as refused:
        check_match(asked(if_match='"2"'), etag(3))
    assert (refused.value.status, refused.value.headers) == (412, {"ETag": '"3"'})


def test_a_condition_may_be_needed() -> None:
    check_match(asked(), etag(3))
    with pytest.raises(ApiError) as refused:
        check_match(asked(), etag(3), needed=True)
    assert refused.value.status == 428
