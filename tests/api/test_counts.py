"""Counts behind offers: as the database has them, on the fullest date, remembered for a second."""

import asyncio
import datetime as dt

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

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
    return asyncio.run(people_aboard(desk, published, dates)).tolist()


def test_where_nobody_has_asked_the_plan_counts(desk: Desk, published: Edition) -> None:
    assert aboard(desk, published, THURSDAY) == published.index.taken(0b0001000).tolist()


def test_holds_are_counted_on_their_segments(desk: Desk, published: Edition, http: Http) -> None:
    hold(http, BOTH | {"legs": [MARKET]})
    with desk.store.read() as connection:
        counts = read_counts(connection, published, ["a_in", "a_out", "b_in", "b_out"], [THURSDAY])
    expected = published.index.taken(0b0001000).copy()
    expected[1] += 1
    assert counts.tolist() == expected.tolist()


def test_every_trip_of_the_date_is_read(desk: Desk, published: Edition, http: Http) -> None:
    hold(http, TO_QUAY)
    before = published.index.taken(0b0001000)
    assert sum(aboard(desk, published, THURSDAY)) == sum(before.tolist()) + 1


def test_other_trips_are_as_the_plan_seats_them(desk: Desk, published: Edition, http: Http) -> None:
    hold(http, TO_QUAY)
    with desk.store.read() as connection:
        counts = read_counts(connection, published, ["a_in"], [THURSDAY])
    assert counts.tolist() == published.index.taken(0b0001000).tolist()


def test_who_asks_while_somebody_else_is_asking_waits_for_the_same_answer(desk: Desk, published: Edition) -> None:
    asked: list[object] = []
    sa.event.listen(desk.store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    async def many() -> list[list[int]]:
        days = ([THURSDAY], [FRIDAY], [THURSDAY, FRIDAY], [FRIDAY, THURSDAY, THURSDAY])
        found = await asyncio.gather(*(people_aboard(desk, published, dates) for dates in days))
        return [counts.tolist() for counts in found]

    thursday, friday, both, again = asyncio.run(many())
    assert both == again == [max(pair) for pair in zip(thursday, friday, strict=True)]
    assert len([statement for statement in asked if "segment_seats" in str(statement)]) == 2


def test_who_goes_away_does_not_take_the_answer_from_others(desk: Desk, published: Edition) -> None:
    async def two() -> list[int]:
        first = asyncio.ensure_future(people_aboard(desk, published, [THURSDAY]))
        second = asyncio.ensure_future(people_aboard(desk, published, [THURSDAY]))
        await asyncio.sleep(0)
        first.cancel()
        counts = await second
        assert first.cancelled()
        return counts.tolist()

    assert asyncio.run(two()) == published.index.taken(0b0001000).tolist()


def test_a_failure_is_not_remembered(desk: Desk, published: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    with monkeypatch.context() as away:
        away.setattr("api.counts.read_days", broken)
        with pytest.raises(OperationalError):
            aboard(desk, published, THURSDAY)
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
