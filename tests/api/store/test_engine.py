"""Transactions: whole or not at all, many at a time, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from api.errors import ApiError
from api.store import Store, engine, open_store
from api.store.engine import ATTEMPTS, driver_url
from api.store.schema import facts


def put(connection: Connection, name: str, value: str) -> None:
    connection.execute(sa.insert(facts).values(name=name, value=value))


def names(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted(connection.execute(sa.select(facts.c.name)).scalars())


def test_work_that_fails_leaves_nothing(store: Store) -> None:
    def work(connection: Connection) -> None:
        put(connection, "a", "1")
        raise ApiError("not_found", "No.", "Never.")

    with pytest.raises(ApiError):
        store.transact(work)
    assert names(store) == []


def test_a_wrong_reference_is_refused_by_either_database(store: Store) -> None:
    from api.store.schema import approvals

    with pytest.raises(IntegrityError):
        store.transact(lambda c: c.execute(sa.insert(approvals).values(plan_id="none", key_id="k", at=0)))


def test_an_error_never_tells_what_a_row_held(store: Store) -> None:
    put_twice = lambda c: (put(c, "a", "121.5"), put(c, "a", "121.5"))  # noqa: E731
    with pytest.raises(IntegrityError) as refused:
        store.transact(put_twice)
    assert "121.5" not in str(refused.value)


def test_counters_lose_nothing_among_threads(store: Store) -> None:
    store.transact(lambda c: put(c, "counter", "0"))

    def count_up(_: int) -> None:
        def work(connection: Connection) -> None:
            query = sa.select(facts.c.value).where(facts.c.name == "counter").with_for_update()
            value = int(connection.execute(query).scalar_one())
            connection.execute(sa.update(facts).values(value=str(value + 1)))

        store.transact(work)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(100)))
    with store.read() as connection:
        assert connection.execute(sa.select(facts.c.value)).scalar_one() == "100"


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    store.transact(lambda c: put(c, "a", "1"))
    with store.write() as connection:
        put(connection, "b", "2")
        assert names(store) == ["a"]
    assert names(store) == ["a", "b"]


def test_two_that_lock_in_a_ring_both_come_through(store: Store) -> None:
    """PostgreSQL ends one of the two; it is run again. SQLite lets one in after the other."""
    store.transact(lambda c: (put(c, "a", "0"), put(c, "b", "0")))
    meeting = threading.Barrier(2, timeout=0.5)

    def lock(first: str, second: str) -> None:
        def work(connection: Connection) -> None:
            for name in (first, second):
                connection.execute(sa.update(facts).where(facts.c.name == name).values(value=first))
                with suppress(threading.BrokenBarrierError):
                    meeting.wait()

        store.transact(work)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(lock, "a", "b"), pool.submit(lock, "b", "a")]:
            done.result()
    with store.read() as connection:
        assert len(set(connection.execute(sa.select(facts.c.value)).scalars())) == 1


def test_work_is_given_up_after_some_attempts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.time, "sleep", lambda _: None)
    tried = []

    def work(_: Connection) -> None:
        tried.append(1)
        raise OperationalError("UPDATE", {}, RuntimeError("database is locked"))

    with pytest.raises(ApiError) as refused:
        store.transact(work)
    assert refused.value.code == "store_busy"
    assert len(tried) == ATTEMPTS


@pytest.mark.parametrize("url", ["mysql://a/b", "sqlite://", "sqlite:///:memory:", "nonsense", ""])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(ApiError) as refused:
        open_store(url)
    assert refused.value.code == "bad_database_url"


def test_a_url_may_leave_the_driver_out() -> None:
    assert driver_url("postgres://u@h/d").drivername == "postgresql+psycopg"
    assert driver_url("postgresql://u@h/d").drivername == "postgresql+psycopg"


def test_sqlite_survives_a_power_cut_and_checks_references(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'deep' / 'a.db'}")
    with store.read() as connection:
        told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert told == ["wal", 2]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    store.close()
