"""How full trips are on dates, remembered for a second: what offers are made from; holds count in the database."""

import asyncio
import datetime as dt
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from api.desk import Desk
from api.published import Edition
from api.store.seating import segment_seats

People = NDArray[np.int64]
REMEMBERED_MS = 1_000
REMEMBERED = 256
SHELF = "counts"

Known = OrderedDict[tuple[str, dt.date], tuple[int, "asyncio.Future[Mapping[dt.date, People]]"]]
"""Plan and date → when it was asked for, and what tells it and the dates that were asked for along with it."""


async def people_aboard(desk: Desk, edition: Edition, dates: Sequence[dt.date]) -> People:
    """Return people aboard on the fullest of some dates, laid out as the index counts them, int64 (p,).

    At most a second old. Whoever asks for a date that somebody else is asking for waits for the same answer.
    """
    known: Known = desk.shelf.setdefault(SHELF, OrderedDict())
    wanted, now = sorted(set(dates)), desk.clock()
    missing = [date for date in wanted if not _remembered(known.get((edition.plan_id, date)), now)]
    if missing:
        trips = [trip.trip_id for trip in edition.index.trips]
        read = partial(read_days, edition=edition, trip_ids=trips, dates=missing)
        asked: asyncio.Future[Mapping[dt.date, People]] = asyncio.ensure_future(desk.store.reading(read))
        for date in missing:
            known[edition.plan_id, date] = (now, asked)
            known.move_to_end((edition.plan_id, date))
    told = [known[edition.plan_id, date][1] for date in wanted]
    while len(known) > REMEMBERED:
        known.popitem(last=False)
    # Who goes away does not take the answer from the others.
    found = [(await asyncio.shield(future))[date] for date, future in zip(wanted, told, strict=True)]
    return found[0] if len(found) == 1 else np.maximum.reduce(found)


def _remembered(kept: "tuple[int, asyncio.Future[Mapping[dt.date, People]]] | None", now: int) -> bool:
    if kept is None or not 0 <= now - kept[0] < REMEMBERED_MS:
        return False
    future = kept[1]
    return not future.done() or not (future.cancelled() or future.exception())


def read_counts(connection: Connection, edition: Edition, trip_ids: Sequence[str], dates: Sequence[dt.date]) -> People:
    """Return people aboard on the fullest of some dates as the database has them now, int64 (p,)."""
    days = read_days(connection, edition=edition, trip_ids=trip_ids, dates=dates)
    return np.asarray(np.maximum.reduce(list(days.values())), np.int64)


def read_days(
    connection: Connection, *, edition: Edition, trip_ids: Sequence[str], dates: Sequence[dt.date]
) -> dict[dt.date, People]:
    """Return people aboard on each of some dates as the database has them now, int64 (p,).

    Of trips that are not named, and of those that nobody has asked a seat of: as the plan seats them.
    """
    index = edition.index
    by_date = {date: index.load[date.weekday()].copy() for date in dates}
    aboard = segment_seats.c.kept + segment_seats.c.taken
    rows = connection.execute(
        sa.select(segment_seats.c.trip_id, segment_seats.c.service_date, segment_seats.c.segment, aboard).where(
            segment_seats.c.plan_id == edition.plan_id,
            segment_seats.c.trip_id.in_(trip_ids),
            segment_seats.c.service_date.in_(dates),
        )
    )
    first = {trip.trip_id: trip.first for trip in index.trips}
    for trip_id, date, segment, people in rows:
        if trip_id in first:
            by_date[date][first[trip_id] + segment] = people
    return by_date
