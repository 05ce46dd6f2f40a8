"""What drivers and gates report, and the counts that planning learns from."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.store.seating import boardings, bookings
from api.store.states import BoardingKind, BookingState

ENDS = {BoardingKind.BOARDED: BookingState.BOARDED, BoardingKind.NO_SHOW: BookingState.NO_SHOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Boarding:
    """One record: people who boarded, alighted or stayed away."""

    trip_id: str
    service_date: dt.date
    kind: BoardingKind
    people: int = 1
    stop_id: str | None = None
    booking_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TripCounts:
    """People of a trip on a date, as far as they are known.

    Attributes
    ----------
    booked : int
        With bookings that were not cancelled, those who boarded or stayed away among them.
    boarded, alighted, no_show : int
        As recorded.
    """

    trip_id: str
    service_date: dt.date
    booked: int = 0
    cancelled: int = 0
    boarded: int = 0
    alighted: int = 0
    no_show: int = 0


def record_boardings(
    connection: Connection, service: str, key_id: str, records: Sequence[Boarding], now: int
) -> list[int]:
    """Write records; bookings that they name become boarded or missed.

    Returns
    -------
    list of int
        Positions of records whose booking does not exist, or is not of that trip and date; nothing is written then.
    """
    named = {record.booking_id for record in records if record.booking_id is not None}
    known = {
        row.booking_id: (row.trip_id, row.service_date)
        for row in connection.execute(
            sa.select(bookings.c.booking_id, bookings.c.trip_id, bookings.c.service_date).where(
                bookings.c.service == service, bookings.c.booking_id.in_(sorted(named))
            )
        )
    }
    wrong = [
        place
        for place, record in enumerate(records)
        if record.booking_id is not None and known.get(record.booking_id) != (record.trip_id, record.service_date)
    ]
    if wrong:
        return wrong
    connection.execute(
        sa.insert(boardings),
        [
            {
                "service": service,
                "key_id": key_id,
                "trip_id": record.trip_id,
                "service_date": record.service_date,
                "stop_id": record.stop_id,
                "booking_id": record.booking_id,
                "kind": record.kind,
                "people": record.people,
                "at": now,
            }
            for record in records
        ],
    )
    for record in records:
        if record.booking_id is not None and record.kind in ENDS:
            connection.execute(
                sa.update(bookings)
                .where(bookings.c.booking_id == record.booking_id, bookings.c.state != BookingState.CANCELLED)
                .values(state=ENDS[record.kind], changed_at=now, version=bookings.c.version + 1)
            )
    return []


def count_trips(
    connection: Connection, service: str, first: dt.date, last: dt.date, trip_id: str | None = None
) -> tuple[TripCounts, ...]:
    """Return counts of every trip and date from a first to a last one of which anything is known."""
    found: defaultdict[tuple[dt.date, str], dict[str, int]] = defaultdict(dict)
    for table, word, people in ((bookings, "state", "seats"), (boardings, "kind", "people")):
        columns = (table.c.service_date, table.c.trip_id, table.c[word])
        query = (
            sa.select(*columns, sa.func.sum(table.c[people]))
            .where(table.c.service == service, table.c.service_date.between(first, last))
            .group_by(*columns)
        )
        if trip_id is not None:
            query = query.where(table.c.trip_id == trip_id)
        for date, trip, state, total in connection.execute(query):
            found[date, trip][f"{word}/{state}"] = int(total)
    return tuple(_counts(date, trip, sums) for (date, trip), sums in sorted(found.items()))


def _counts(date: dt.date, trip_id: str, sums: dict[str, int]) -> TripCounts:
    live = (BookingState.CONFIRMED, BookingState.BOARDED, BookingState.NO_SHOW)
    return TripCounts(
        trip_id=trip_id,
        service_date=date,
        booked=sum(sums.get(f"state/{state}", 0) for state in live),
        cancelled=sums.get(f"state/{BookingState.CANCELLED}", 0),
        boarded=sums.get(f"kind/{BoardingKind.BOARDED}", 0),
        alighted=sums.get(f"kind/{BoardingKind.ALIGHTED}", 0),
        no_show=sums.get(f"kind/{BoardingKind.NO_SHOW}", 0),
    )
