"""Wishes as rows."""

from dataclasses import replace

import pytest

from api.errors import ApiError
from api.store import Store
from api.store.states import WishState
from api.store.wishes import Wish, find_wish, insert_wish, withdraw_wish
from tests.api.conftest import NOON

WISH = Wish(
    wish_id="wish_1",
    service="town",
    key_id="key",
    rider_id="u-1",
    state=WishState.OPEN,
    sealed=b"sealed",
    stop_id=None,
    worksite_id="north",
    shift_id="early",
    days="1111100",
    missed={"kind": "walk", "amount": 60, "unit": "m"},
    created_at=NOON,
    changed_at=NOON,
)


def test_a_wish_reads_back_as_it_was_written(store: Store) -> None:
    with store.write() as connection:
        insert_wish(connection, WISH)
        insert_wish(connection, replace(WISH, wish_id="wish_2", sealed=None, stop_id="quay", missed={}))
    with store.read() as connection:
        assert find_wish(connection, "wish_1") == WISH
        assert find_wish(connection, "wish_2").stop_id == "quay"


def test_a_withdrawn_wish_is_forgotten_where_it_lives_and_stays_so(store: Store) -> None:
    gone = replace(WISH, state=WishState.WITHDRAWN, sealed=None, changed_at=NOON + 1)
    with store.write() as connection:
        insert_wish(connection, WISH)
        assert withdraw_wish(connection, "wish_1", NOON + 1) == gone
        assert withdraw_wish(connection, "wish_1", NOON + 2) == gone
        assert find_wish(connection, "wish_1") == gone


def test_an_unknown_wish_is_not_found(store: Store) -> None:
    with store.write() as connection:
        for work in (find_wish, lambda c, name: withdraw_wish(c, name, NOON)):
            with pytest.raises(ApiError) as refused:
                work(connection, "wish_none")
            assert refused.value.code == "not_found"
