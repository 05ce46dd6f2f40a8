"""What a worker does now and then, whatever jobs there are; a new chore is added to the list here."""

from collections.abc import Callable
from dataclasses import dataclass

from api.clock import HOUR_MS, SECOND_MS
from api.desk import Desk
from api.store.answers import forget_answers
from api.store.holds import expire_holds
from api.store.retention import forget_old
from api.webhooks import deliver_some


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """A piece of housekeeping; two workers may do it at the same time.

    Attributes
    ----------
    every_ms : int
        How long a worker waits between two times.
    do : callable
        Returns how many rows it dealt with, which is logged where it is not 0.
    """

    name: str
    every_ms: int
    do: Callable[[Desk], int]


def _forget_answers(desk: Desk) -> int:
    return desk.store.transact(lambda connection: forget_answers(connection, desk.clock()))


def _expire_holds(desk: Desk) -> int:
    wait_ms = desk.settings.hold_s * SECOND_MS
    return desk.store.transact(lambda connection: expire_holds(connection, desk.clock(), wait_ms=wait_ms))


def _forget_old(desk: Desk) -> int:
    days = desk.settings.retention_days
    return desk.store.transact(lambda connection: forget_old(connection, days=days, now=desk.clock()))


CHORES: tuple[Chore, ...] = (
    Chore(name="forget_answers", every_ms=HOUR_MS, do=_forget_answers),
    Chore(name="expire_holds", every_ms=5 * SECOND_MS, do=_expire_holds),
    Chore(name="forget_old", every_ms=HOUR_MS, do=_forget_old),
    Chore(name="deliver_webhooks", every_ms=SECOND_MS, do=deliver_some),
)
