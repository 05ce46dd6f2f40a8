"""Seats per segment and service date: taken and given back, never more than there are.

Who changes seats of a trip on a date locks its row of `trip_days` first, several in the order of their keys. On
SQLite the writer is alone anyway.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from api.store.seating import segment_seats, trip_days

Key = tuple[str, str, dt.date]
"""A plan, a trip and a service date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TripDay:
    """A trip on a date, as the plan has it.

    Attributes
    ----------
    kept : tuple of int
        Per segment, the seats of riders whom the plan itself seats on that weekday.
    """

    plan_id: str
    trip_id: str
    service_date: dt.date
    seats: int
    kept: tuple[int, ...]

    @property
    def key(self) -> Key:
        """What the row is locked by."""
        return self.plan_id, self.trip_id, self.service_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Seats on consecutive segments of a trip on a date: from ``first`` to before ``end``.

    Attributes
    ----------
    was_kept : bool
        Whether the seats are those that the plan keeps for the rider, rather than free ones.
    """

    plan_id: str
    trip_id: str
    service_date: dt.date
    board_stop_id: str
    alight_stop_id: str
    first: int
    end: int
    seats: int
    was_kept: bool = False

    @property
    def key(self) -> Key:
        """The trip and date."""
        return self.plan_id, self.trip_id, self.service_date

    @classmethod
    def from_row(cls, row: Row[Any], *, was_kept: bool = False) -> Self:
        """Return what the `ride` columns of a row say."""
        return cls(
            plan_id=row.plan_id,
            trip_id=row.trip_id,
            service_date=row.service_date,
            board_stop_id=row.board_stop_id,
            alight_stop_id=row.alight_stop_id,
            first=row.first_segment,
            end=row.end_segment,
            seats=row.seats,
            was_kept=was_kept,
        )

    @property
    def ride(self) -> dict[str, Any]:
        """The values of the `ride` columns."""
        return {
            "plan_id": self.plan_id,
            "trip_id": self.trip_id,
            "service_date": self.service_date,
            "board_stop_id": self.board_stop_id,
            "alight_stop_id": self.alight_stop_id,
            "first_segment": self.first,
            "end_segment": self.end,
            "seats": self.seats,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCount:
    """How full one segment is."""

    segment: int
    seats: int
    kept: int
    taken: int

    @property
    def left(self) -> int:
        """Free seats."""
        return self.seats - self.kept - self.taken


def lock_days(connection: Connection, keys: Iterable[Key], *, wait: bool = True) -> frozenset[Key]:
    """Lock trips on dates until the transaction ends, in the order of their keys.

    Returns
    -------
    frozenset of Key
        Those that are locked now. Missing are those whose rows nobody has made yet, and without ``wait`` those
        that somebody else has locked.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return frozenset()
    rows = connection.execute(_lock_query(len(wanted), wait), key_values(wanted))
    return frozenset((plan_id, trip_id, date) for plan_id, trip_id, date in rows)


def open_days(connection: Connection, days: Collection[TripDay]) -> frozenset[Key]:
    """Lock trips on dates; rows of those that nobody has asked a seat of before are made.

    Returns
    -------
    frozenset of Key
        Those that were made here, so that their counts are known without asking: nobody else has taken a seat yet.
    """
    wanted = {day.key: day for day in days}
    missing = [wanted[key] for key in sorted(wanted.keys() - lock_days(connection, wanted))]
    if not missing:
        return frozenset()
    rows = [
        {"plan_id": d.plan_id, "trip_id": d.trip_id, "service_date": d.service_date, "seats": d.seats} for d in missing
    ]
    lite = connection.dialect.name == "sqlite"
    made = frozenset(tuple(row) for row in connection.execute(_NEW_DAYS_LITE if lite else _NEW_DAYS, rows))
    _open_segments(connection, missing, lite=lite)
    if len(made) < len(missing):  # somebody else was faster; rows of ours are locked, as nobody can see them yet
        lock_days(connection, wanted)
    return made


def _open_segments(connection: Connection, days: Sequence[TripDay], *, lite: bool) -> None:
    keys = [{"plan_id": day.plan_id, "trip_id": day.trip_id, "service_date": day.service_date} for day in days]
    if lite:
        rows = [
            key | {"segment": segment, "seats": seats, "kept": kept}
            for key, day in zip(keys, days, strict=True)
            for segment, (seats, kept) in enumerate(_whole(day))
        ]
        connection.execute(_NEW_SEGMENTS_LITE, rows)
        return
    trips = []
    for key, day in zip(keys, days, strict=True):
        seats, kept = zip(*_whole(day), strict=True)
        trips.append(key | {"seats": list(seats), "kept": list(kept)})
    connection.execute(_NEW_SEGMENTS, trips)


def find_full(connection: Connection, spans: Sequence[Span], fresh: Collection[TripDay] = ()) -> Span | None:
    """Return a span for which there are not enough free seats, or None; its days must be locked.

    Parameters
    ----------
    fresh : collection of TripDay
        Those of which this transaction has made the rows and taken no seat; they are not counted again.
    """
    left = {day.key: [seats - kept for seats, kept in _whole(day)] for day in fresh}
    counts = count_seats(connection, {span.key for span in spans if not span.was_kept} - left.keys())
    left |= {key: [count.left for count in found] for key, found in counts.items()}
    for span in spans:
        if span.was_kept:
            continue
        here = left[span.key]
        if min(here[span.first : span.end]) < span.seats:
            return span
        for segment in range(span.first, span.end):
            here[segment] -= span.seats
    return None


def _whole(day: TripDay) -> list[tuple[int, int]]:
    """Return seats and kept seats of each segment of a day of which nobody has taken a seat."""
    # A plan that seats more people than there are seats breaks a rule, but must not break the counters.
    return [(max(day.seats, kept), kept) for kept in day.kept]


def take(connection: Connection, spans: Iterable[Span]) -> None:
    """Take the seats of spans whose days are locked and for which `find_full` has found room."""
    _change(connection, [(span, span.seats, -span.seats if span.was_kept else 0) for span in spans])


def give_back(connection: Connection, spans: Iterable[Span], *, keep: bool) -> None:
    """Give back seats that were taken; their days must be locked.

    Parameters
    ----------
    keep : bool
        Whether seats that the plan keeps for riders are kept for them again, as after a hold that came to nothing.
    """
    _change(connection, [(span, -span.seats, span.seats if keep and span.was_kept else 0) for span in spans])


def count_seats(connection: Connection, keys: Collection[Key]) -> Mapping[Key, tuple[SegmentCount, ...]]:
    """Return how full each segment of trips on dates is; those that nobody has asked a seat of are left out."""
    found: defaultdict[Key, list[SegmentCount]] = defaultdict(list)
    if keys:
        rows = connection.execute(_count_query(len(keys)), key_values(sorted(keys)))
        for plan_id, trip_id, date, segment, seats, kept, taken in rows:
            found[plan_id, trip_id, date].append(SegmentCount(segment=segment, seats=seats, kept=kept, taken=taken))
    return {key: tuple(counts) for key, counts in found.items()}


def any_of(table: sa.Table, number: int) -> sa.ColumnElement[bool]:
    """Return the condition that a row is of one of some trips on dates, which `key_values` names.

    Not ``IN`` over tuples: SQLite would read the whole table for it.
    """
    c = table.c
    each = (
        sa.and_(
            c.plan_id == sa.bindparam(f"plan_{i}"),
            c.trip_id == sa.bindparam(f"trip_{i}"),
            c.service_date == sa.bindparam(f"date_{i}"),
        )
        for i in range(number)
    )
    return sa.or_(sa.false(), *each)


def key_values(keys: Sequence[Key]) -> dict[str, object]:
    """Return the parameters of `any_of`."""
    values: dict[str, object] = {}
    for i, (plan_id, trip_id, date) in enumerate(keys):
        values[f"plan_{i}"], values[f"trip_{i}"], values[f"date_{i}"] = plan_id, trip_id, date
    return values


# Statements are put together once for each number of keys: that costs more than running them.


@lru_cache(maxsize=256)
def _lock_query(number: int, wait: bool) -> sa.Select[Any]:
    columns = (trip_days.c.plan_id, trip_days.c.trip_id, trip_days.c.service_date)
    query = sa.select(*columns).where(any_of(trip_days, number)).order_by(*columns)
    return query.with_for_update(skip_locked=not wait)  # SQLite has no such clause, and leaves it out


@lru_cache(maxsize=256)
def _count_query(number: int) -> sa.Select[Any]:
    c = segment_seats.c
    columns = (c.plan_id, c.trip_id, c.service_date, c.segment)
    return sa.select(*columns, c.seats, c.kept, c.taken).where(any_of(segment_seats, number)).order_by(*columns)


def _change(connection: Connection, changes: Sequence[tuple[Span, int, int]]) -> None:
    """Add people taken and kept (second and third of each) to the segments of spans."""
    if changes:
        connection.execute(
            _CHANGE,
            [
                {
                    "at_plan": span.plan_id,
                    "at_trip": span.trip_id,
                    "at_date": span.service_date,
                    "at_first": span.first,
                    "at_end": span.end,
                    "more_taken": taken,
                    "more_kept": kept,
                }
                for span, taken, kept in changes
            ],
        )


_CHANGE = (
    sa.update(segment_seats)
    .where(
        segment_seats.c.plan_id == sa.bindparam("at_plan"),
        segment_seats.c.trip_id == sa.bindparam("at_trip"),
        segment_seats.c.service_date == sa.bindparam("at_date"),
        segment_seats.c.segment >= sa.bindparam("at_first"),
        segment_seats.c.segment < sa.bindparam("at_end"),
    )
    .values(
        taken=segment_seats.c.taken + sa.bindparam("more_taken"),
        kept=segment_seats.c.kept + sa.bindparam("more_kept"),
    )
)

_KEY = (trip_days.c.plan_id, trip_days.c.trip_id, trip_days.c.service_date)
_NEW_DAYS = postgresql.insert(trip_days).on_conflict_do_nothing().returning(*_KEY)
_NEW_DAYS_LITE = sqlite.insert(trip_days).on_conflict_do_nothing().returning(*_KEY)
_NEW_SEGMENTS_LITE = sqlite.insert(segment_seats).on_conflict_do_nothing()
_NEW_SEGMENTS = sa.text(
    # One message a trip rather than one a segment: on PostgreSQL messages are what costs.
    """
    INSERT INTO segment_seats (plan_id, trip_id, service_date, segment, seats, kept, taken)
    SELECT :plan_id, :trip_id, :service_date, number - 1, seats, kept, 0
    FROM unnest(CAST(:seats AS integer[]), CAST(:kept AS integer[])) WITH ORDINALITY AS day (seats, kept, number)
    ON CONFLICT DO NOTHING
    """
)
