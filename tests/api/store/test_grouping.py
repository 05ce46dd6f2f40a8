"""Group commit on SQLite: what waits together is written together, and what one refuses leaves the others alone."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from api.errors import ApiError
from api.store import Store
from api.store.grouping import MOST
from api.store.schema import facts


def put(name: str) -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        connection.execute(sa.insert(facts).values(name=name, value="1"))
        return name

    return work


def names(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted(connection.execute(sa.select(facts.c.name)).scalars())


def commits(store: Store) -> list[object]:
    """Return a list that grows with every commit of the store."""
    seen: list[object] = []
    sa.event.listen(store.engine, "commit", seen.append)
    return seen


def together(store: Store, *works: Callable[[Connection], Any]) -> list[Any]:
    """Ask for work that all waits while another writer is busy; return results and errors."""

    async def ask() -> list[Any]:
        with store.write():  # nobody else may write
            asked = [asyncio.ensure_future(store.writing(work)) for work in (lambda _: None, *works)]
            await asyncio.sleep(0.05)  # the first is begun, and waits for the writer; the others queue behind it
        return (await asyncio.gather(*asked, return_exceptions=True))[1:]

    return asyncio.run(ask())


def test_what_waits_is_written_in_one_transaction(file_store: Store) -> None:
    seen = commits(file_store)
    assert together(file_store, *[put(f"n{i:02}") for i in range(20)]) == [f"n{i:02}" for i in range(20)]
    assert names(file_store) == [f"n{i:02}" for i in range(20)]
    assert len(seen) == 3  # of whoever was busy, of the first, of the rest


def test_nobody_waits_for_more_than_a_group(file_store: Store) -> None:
    seen = commits(file_store)
    together(file_store, *[put(f"n{i:03}") for i in range(2 * MOST + 1)])
    assert len(names(file_store)) == 2 * MOST + 1
    assert len(seen) == 5


def test_what_one_refuses_leaves_the_others_alone(file_store: Store) -> None:
    """The second writes and then refuses, the fourth writes what is there: neither leaves a trace."""

    def refuse(connection: Connection) -> None:
        put("half")(connection)
        raise ApiError("seats_gone", "No.", "Never.")

    first, second, third, fourth, fifth = together(file_store, put("a"), refuse, put("b"), put("a"), put("c"))
    assert (first, third, fifth) == ("a", "b", "c")
    assert isinstance(second, ApiError)
    assert isinstance(fourth, IntegrityError)
    assert names(file_store) == ["a", "b", "c"]


def test_each_sees_what_those_before_it_have_written(file_store: Store) -> None:
    def count(connection: Connection) -> int:
        return int(connection.execute(sa.select(sa.func.count()).select_from(facts)).scalar_one())

    assert together(file_store, put("a"), count, put("b"), count) == ["a", 1, "b", 2]


def test_a_transaction_that_the_database_has_ended_is_begun_anew_one_by_one(file_store: Store) -> None:
    """SQLite ends a whole transaction when its disk is full: nothing before it may be lost, nothing come twice."""
    tries: list[int] = []

    def break_down(connection: Connection) -> None:
        tries.append(1)
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("SELECT broken")

    first, second, third = together(file_store, put("a"), break_down, put("b"))
    assert (first, third) == ("a", "b")
    assert isinstance(second, OperationalError)
    assert len(tries) == 2
    assert names(file_store) == ["a", "b"]


def test_a_commit_that_fails_answers_nobody_as_if_it_had_not(file_store: Store) -> None:
    failing = [True]

    def refuse_to_commit(connection: Connection) -> None:
        if failing and connection.in_transaction() and _rows(connection) > 1:
            failing.clear()
            raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    sa.event.listen(file_store.engine, "commit", refuse_to_commit)
    assert together(file_store, put("a"), put("b"), put("c")) == ["a", "b", "c"]
    assert failing == []
    assert names(file_store) == ["a", "b", "c"]


def _rows(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT count(*) FROM facts").scalar_one())


def test_whoever_goes_away_before_their_turn_writes_nothing(file_store: Store) -> None:
    async def ask() -> None:
        with file_store.write():
            first = asyncio.ensure_future(file_store.writing(put("a")))
            await asyncio.sleep(0.05)
            second, third = (asyncio.ensure_future(file_store.writing(put(name))) for name in ("b", "c"))
            await asyncio.sleep(0)
            second.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(first, third)
        with pytest.raises(asyncio.CancelledError):
            await second

    asyncio.run(ask())
    assert names(file_store) == ["a", "c"]


def test_work_of_many_threads_is_done_once_each(file_store: Store) -> None:
    def many(prefix: str) -> None:
        async def ask() -> None:
            await asyncio.gather(*(file_store.writing(put(f"{prefix}{i}")) for i in range(25)))

        asyncio.run(ask())

    threads = [threading.Thread(target=many, args=(prefix,)) for prefix in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(file_store)) == 75
