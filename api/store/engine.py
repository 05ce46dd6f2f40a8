"""Opens a database, and runs work in transactions: many readers, and writers that never half-write."""

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from api.errors import ApiError
from api.store.grouping import Group, T, Work

ATTEMPTS = 6
BUSY_MS = 20_000
POOL = 16
RETRIED = {"40001", "40P01", "55P03"}
"""SQLSTATEs of serialization failures, deadlocks and locks not to be had: run the transaction again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A database and the threads that speak to it.

    Attributes
    ----------
    engine : Engine
        For reading; `writer` begins its transactions as writers on SQLite.
    """

    engine: Engine
    writer: Engine
    _alone: AbstractContextManager[Any]
    _readers: ThreadPoolExecutor = field(repr=False)
    _writers: ThreadPoolExecutor = field(repr=False)
    _group: Group | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        grouped = Group(writer=self._writers, write=self.write, transact=self.transact)
        object.__setattr__(self, "_group", grouped if self.dialect == "sqlite" else None)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that only reads."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that is committed at the end, or rolled back on an error."""
        # SQLite lets one writer in and makes the others poll; a queue in this process is fair, and faster.
        with self._alone, self.writer.begin() as connection:
            yield connection

    def transact(self, work: Work[T]) -> T:
        """Run work in a writing transaction, again where the database asks for it.

        Raises
        ------
        ApiError
            ``store_busy``, when it could not be run for too long.
        """
        for attempt in range(ATTEMPTS):
            try:
                with self.write() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not _may_retry(error):
                    raise
                time.sleep(random.uniform(0.0, 0.01 * 2**attempt))  # noqa: S311 - only spreads the attempts
        raise ApiError("store_busy", "The database is busy or away.", "Try again in a few seconds.")

    async def reading(self, work: Work[T]) -> T:
        """Run work that only reads in a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def writing(self, work: Work[T]) -> T:
        """Run work in a writing transaction in a thread of its own, on SQLite along with others; see `transact`."""
        if self._group is not None:
            return await asyncio.wrap_future(self._group.add(work))
        return await asyncio.get_running_loop().run_in_executor(self._writers, self.transact, work)

    def _read(self, work: Work[T]) -> T:
        with self.read() as connection:
            return work(connection)

    def close(self) -> None:
        """Let every thread and connection go."""
        self._readers.shutdown()
        self._writers.shutdown()
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open a database by its URL, such as ``sqlite:////data/banche.db`` or ``postgresql://user@host/banche``.

    Raises
    ------
    ApiError
        ``bad_database_url``, when it is neither of the two.
    """
    engine = sa.create_engine(
        driver_url(url),
        pool_size=POOL,
        max_overflow=POOL,
        pool_timeout=BUSY_MS / 1_000,
        hide_parameters=True,  # errors are logged, and must not tell what a row held
    )
    lite = engine.dialect.name == "sqlite"
    if lite:
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return Store(
        engine=engine,
        writer=engine.execution_options(banche_writes=True),
        _alone=threading.Lock() if lite else nullcontext(),
        _readers=ThreadPoolExecutor(max_workers=4 if lite else POOL // 2, thread_name_prefix="read"),
        _writers=ThreadPoolExecutor(max_workers=1 if lite else POOL, thread_name_prefix="write"),
    )


def driver_url(url: str) -> sa.URL:
    """Return the URL with the driver that banche brings along.

    Raises
    ------
    ApiError
        ``bad_database_url``, when it is neither SQLite's nor PostgreSQL's.
    """
    try:
        made = sa.make_url(url)
    except ArgumentError as error:
        raise _bad_url() from error
    kind = made.get_backend_name()
    if kind == "sqlite" and made.database not in {None, "", ":memory:"}:
        Path(str(made.database)).parent.mkdir(parents=True, exist_ok=True)
        return made.set(drivername="sqlite")
    if kind in {"postgresql", "postgres"}:
        return made.set(drivername="postgresql+psycopg")
    raise _bad_url()


def _bad_url() -> ApiError:
    return ApiError(
        "bad_database_url",
        "The database URL is neither SQLite's nor PostgreSQL's.",
        "Write sqlite:////folder/file.db or postgresql://user@host/name.",
    )


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not by the driver's guesses
    cursor = connection.cursor()
    # FULL: a commit that was answered survives a power cut, which the WAL's default of NORMAL does not promise.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("banche_writes", False)
    # A writer that begins as a reader could find, at its first write, that another was faster.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _may_retry(error: DBAPIError) -> bool:
    """Tell whether a transaction failed by chance and left no trace."""
    if getattr(error.orig, "sqlstate", None) in RETRIED:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)
