"""Counts behind offers: as the database has them, on the fullest date, remembered for a second."""

import asyncio
import datetime as dt

import numpy as np
import pytest

from api.counts import REMEMBERED, people_aboard, read_counts
from api.desk import Desk
from api.published import Edition, board_of
from tests.api.calls import Http
from tests.api.conftest import Watch
from tests.api.test_holds import BOTH, TO_QUAY, hold
from tests.api.town_service import FRIDAY, MARKET, THURSDAY, iso, open_town


@pytest.fixture
def published(desk: Desk) -> Edition:
    plan_id = open_town(desk)
    return board_of(desk).editions[plan_id]


def aboard(desk: Desk, published: Edition, *dates: dt.date) -> list[int]:
    return asyncio.run(people_aboard(desk, published, "north", "early", dates)).tolist()


def test_where_nobody_has_asked_the_plan_counts(desk: Desk, published: Edition) -> None:
    assert aboard(desk, published, THURSDAY) == published.index.taken(0b0001000).tolist()


def test_holds_are_counted_on_their_segments(desk: Desk, published: Edition, http: Http) -> None:
    hold(http, BOTH | {"legs": [MARKET]})
    with desk.store.read() as connection:
        counts = read_counts(connection, published, ["a_in", "a_out", "b_in", "b_out"], [THURSDAY])
    expected = published.index.taken(0b0001000).copy()
    expected[1] += 1
    assert counts.tolist() == expected.tolist()


def test_only_trips_that_are_asked_about_are_read(desk: Desk, published: Edition, http: Http) -> None:
    hold(http, TO_QUAY)
    assert aboard(desk, published, THURSDAY) == published.index.taken(0b0001000).tolist()


def test_the_fullest_date_counts_segment_by_segment(desk: Desk, published: Edition, http: Http) -> None:
    hold(http, BOTH | {"legs": [MARKET]})
    hold(http, BOTH | {"legs": [{"trip_id": "a_in", "board_stop_id": "gate_in", "alight_stop_id": "market_in"}],
                       "dates": iso(FRIDAY)})  # fmt: skip
    counts = aboard(desk, published, THURSDAY, FRIDAY)
    assert counts[:2] == [3, 4]


def test_counts_are_remembered_for_a_second(desk: Desk, published: Edition, http: Http, watch: Watch) -> None:
    before = aboard(desk, published, THURSDAY)
    hold(http)
    watch.now += 999
    assert aboard(desk, published, THURSDAY) == before
    watch.now += 1
    assert sum(aboard(desk, published, THURSDAY)) > sum(before)


def test_a_clock_that_is_set_back_makes_nothing_old_look_new(
    desk: Desk, published: Edition, watch: Watch, http: Http
) -> None:
    before = aboard(desk, published, THURSDAY)
    hold(http)
    watch.now -= 60_000
    assert aboard(desk, published, THURSDAY) != before


def test_memory_is_bounded(desk: Desk, published: Edition) -> None:
    for number in range(REMEMBERED + 5):
        aboard(desk, published, THURSDAY + dt.timedelta(days=number))
    assert len(desk.shelf["counts"]) == REMEMBERED


def test_counts_are_laid_out_as_the_index_has_them(desk: Desk, published: Edition) -> None:
    with desk.store.read() as connection:
        counts = read_counts(connection, published, ["a_in"], [THURSDAY])
    assert counts.shape == (published.index.load.shape[1],)
    assert counts.dtype == np.int64
