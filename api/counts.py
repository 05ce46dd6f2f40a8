"""How full trips are on dates, remembered for a second: what offers are made from; holds count in the database."""

import datetime as dt
from collections import OrderedDict
from collections.abc import Sequence

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

Known = OrderedDict[tuple[str, str, str, tuple[dt.date, ...]], tuple[int, People]]


async def people_aboard(
    desk: Desk, edition: Edition, worksite_id: str, shift_id: str, dates: Sequence[dt.date]
) -> People:
    """Return people aboard on the fullest of some dates, laid out as the index counts them, int64 (p,).

    Counts of trips that serve the worksite and shift, at most a second old; elsewhere what the plan seats.
    """
    known: Known = desk.shelf.setdefault(SHELF, OrderedDict())
    key = (edition.plan_id, worksite_id, shift_id, tuple(sorted(set(dates))))
    found, now = known.get(key), desk.clock()
    if found is not None and 0 <= now - found[0] < REMEMBERED_MS:
        return found[1]
    trips = _trips_of(edition, worksite_id, shift_id)
    counts = await desk.store.reading(lambda connection: read_counts(connection, edition, trips, key[3]))
    known[key] = (now, counts)
    known.move_to_end(key)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
    return counts


def read_counts(connection: Connection, edition: Edition, trip_ids: Sequence[str], dates: Sequence[dt.date]) -> People:
    """Return people aboard on the fullest of some dates as the database has them now, int64 (p,)."""
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
    for trip_id, date, segment, people in rows:
        trip = index.trip(trip_id)
        if trip is not None:
            by_date[date][trip.first + segment] = people
    return np.asarray(np.max(np.stack(list(by_date.values())), axis=0), np.int64)


def _trips_of(edition: Edition, worksite_id: str, shift_id: str) -> list[str]:
    index = edition.index
    tables = index.options.get((worksite_id, shift_id), ())
    numbers = {halt.trip for table in tables for option in table.halts for halt in option}
    return [index.trips[number].trip_id for number in sorted(numbers)]
