"""Group commit: what several callers write at the same time is made durable by one flush of the disk.

SQLite lets one writer in, and each of its commits waits for the disk; a queue of holds would go at the disk's pace, one
a flush. Whoever waits when a transaction begins is taken along in it, each in a savepoint, so that what one of them
refuses leaves the others alone. Nobody is answered before the commit. The technique is that of DeWitt et al. (1984),
doi:10.1145/602259.602261, section 5.2.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

T = TypeVar("T")
Work = Callable[[Connection], T]
"""Work inside one transaction; it may be run again, so it changes nothing but the database."""

MOST = 32
"""Work in one transaction at most, so that nobody waits for long."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work in the queue, and whom to tell."""

    work: Work[Any]
    told: Future[Any]

    def tell(self, outcome: "Outcome") -> None:
        """Hand over a result or an error."""
        if outcome.error is None:
            self.told.set_result(outcome.result)
        else:
            self.told.set_exception(outcome.error)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one piece of work."""

    result: Any = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The queue before one writer.

    Attributes
    ----------
    writer : Executor
        One thread.
    write : callable
        Opens a connection in a transaction that is committed at the end.
    transact : callable
        Runs one piece of work in a transaction of its own, again where the database asks for it.
    """

    writer: Executor
    write: Callable[[], AbstractContextManager[Connection]]
    transact: Callable[[Work[Any]], Any]
    _queue: deque[Waiting] = field(default_factory=deque)

    def add(self, work: Work[T]) -> "Future[T]":
        """Put work in the queue, and return what will tell how it went."""
        told: Future[T] = Future()
        self._queue.append(Waiting(work, told))
        self.writer.submit(self._serve)  # finds nothing to do where an earlier turn took the work along
        return told

    def _serve(self) -> None:
        turn: list[Waiting] = []
        while self._queue and len(turn) < MOST:
            waiting = self._queue.popleft()
            if waiting.told.set_running_or_notify_cancel():
                turn.append(waiting)
        for waiting, outcome in zip(turn, self._outcomes(turn), strict=True):
            waiting.tell(outcome)

    def _outcomes(self, turn: list[Waiting]) -> list[Outcome]:
        if len(turn) > 1:
            try:
                with self.write() as connection:
                    return [_attempt(connection, waiting.work) for waiting in turn]
            except DBAPIError:
                pass  # nothing of it is there: each for itself
        return [self._alone(waiting.work) for waiting in turn]

    def _alone(self, work: Work[Any]) -> Outcome:
        try:
            return Outcome(self.transact(work))
        except BaseException as error:  # noqa: BLE001 - told to whoever asked
            return Outcome(error=error)


def _attempt(connection: Connection, work: Work[Any]) -> Outcome:
    """Run work in a savepoint of the transaction.

    Raises
    ------
    DBAPIError
        Other than of integrity: the database may have ended the whole transaction.
    """
    try:
        with connection.begin_nested():
            return Outcome(work(connection))
    except DBAPIError as error:
        if not isinstance(error, IntegrityError):
            raise
        return Outcome(error=error)
    except BaseException as error:  # noqa: BLE001 - told to whoever asked
        return Outcome(error=error)
