"""Tables of riders, seats, holds, bookings and the waiting list.

A seat is counted per segment of a trip and service date: segment ``i`` leads from the trip's stop ``i`` to
stop ``i + 1``, and a rider from stop ``a`` to stop ``b`` takes the segments ``a … b − 1``. `trip_days` is the
row to lock (``FOR UPDATE``; SQLite's writer is alone anyway) before `segment_seats` of that trip and date are
changed; several trip days are locked in the order of their keys, so that nobody waits for anybody in a ring.
The CHECK on `segment_seats` has the last word: no code can oversell.
"""

import sqlalchemy as sa

from api.store.columns import Json, Serial, count, flag, ident, instant, known, metadata, ride, state
from api.store.states import BoardingKind, BookingState, HoldState, WaitState, WishState

riders = sa.Table(
    "riders",
    metadata,
    ident("service", key=True),
    ident("rider_id", key=True),
    sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="Home and need, encrypted, bound to the rider."),
    ident("worksite_id"),
    ident("shift_id"),
    sa.Column("days", sa.String(7), nullable=False),
    count("count", 1),
    count("version", 1),
    instant("changed_at"),
    comment="Demand as the booking system last told it.",
)

trip_days = sa.Table(
    "trip_days",
    metadata,
    ident("plan_id", sa.ForeignKey("plans.plan_id"), key=True),
    ident("trip_id", key=True),
    sa.Column("service_date", sa.Date(), primary_key=True),
    count("seats"),
    flag("cancelled"),
    comment="A trip on a date, made when its first seat is asked for; locked while seats change.",
)

segment_seats = sa.Table(
    "segment_seats",
    metadata,
    ident("plan_id", key=True),
    ident("trip_id", key=True),
    sa.Column("service_date", sa.Date(), primary_key=True),
    sa.Column("segment", sa.Integer(), primary_key=True, autoincrement=False),
    count("seats"),
    count("kept"),
    count("taken"),
    sa.ForeignKeyConstraint(
        ["plan_id", "trip_id", "service_date"],
        ["trip_days.plan_id", "trip_days.trip_id", "trip_days.service_date"],
        ondelete="CASCADE",
    ),
    sa.CheckConstraint("taken >= 0 AND kept >= 0 AND taken + kept <= seats", name="not_oversold"),
    comment="`kept` for riders whom the plan itself seats and who have not booked, `taken` by holds and bookings.",
)

holds = sa.Table(
    "holds",
    metadata,
    ident("hold_id", key=True),
    ident("service"),
    ident("key_id"),
    ident("rider_id", null=True),
    state("state", HoldState),
    instant("created_at"),
    instant("expires_at"),
    flag("extended"),
    instant("ended_at", null=True),
    count("version", 1),
    sa.Column("offer", Json, nullable=False, comment="What was offered: never a home."),
    known("state", HoldState),
    sa.Index("ix_holds_state", "state", "expires_at"),
    sa.Index("ix_holds_rider", "service", "rider_id"),
)

hold_seats = sa.Table(
    "hold_seats",
    metadata,
    ident("hold_id", sa.ForeignKey("holds.hold_id", ondelete="CASCADE"), key=True),
    sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
    *ride(),
    flag("was_kept"),
    sa.Index("ix_hold_seats_trip", "plan_id", "trip_id", "service_date"),
    comment="One trip on one date each; `end_segment` is the first one not ridden any more.",
)

bookings = sa.Table(
    "bookings",
    metadata,
    ident("booking_id", key=True),
    ident("service"),
    ident("key_id"),
    ident("hold_id", sa.ForeignKey("holds.hold_id"), null=True),
    ident("rider_id", null=True),
    state("state", BookingState),
    ident("line_id"),
    *ride(),
    flag("was_kept"),
    instant("created_at"),
    instant("changed_at"),
    count("version", 1),
    known("state", BookingState),
    sa.Index("ix_bookings_trip", "plan_id", "trip_id", "service_date"),
    sa.Index("ix_bookings_rider", "service", "rider_id", "service_date"),
    sa.Index("ix_bookings_hold", "hold_id"),
)

waiting = sa.Table(
    "waiting",
    metadata,
    ident("waiting_id", key=True),
    ident("service"),
    ident("key_id"),
    ident("rider_id", null=True),
    state("state", WaitState),
    *ride(),
    ident("hold_id", sa.ForeignKey("holds.hold_id"), null=True),
    instant("created_at"),
    instant("changed_at"),
    known("state", WaitState),
    sa.Index("ix_waiting_trip", "plan_id", "trip_id", "service_date", "state"),
    comment="First come, first served by id; `hold_id` is the seat that was held when one came free.",
)

wishes = sa.Table(
    "wishes",
    metadata,
    ident("wish_id", key=True),
    ident("service"),
    ident("key_id"),
    ident("rider_id", null=True),
    state("state", WishState),
    sa.Column("sealed", sa.LargeBinary(), nullable=True, comment="Home, encrypted; null where a stop was named."),
    ident("stop_id", null=True),
    ident("worksite_id"),
    ident("shift_id"),
    sa.Column("days", sa.String(7), nullable=False),
    sa.Column("missed", Json, nullable=False, comment="The nearest miss: what would have to give."),
    instant("created_at"),
    instant("changed_at"),
    known("state", WishState),
    sa.Index("ix_wishes_service", "service", "state"),
)

boardings = sa.Table(
    "boardings",
    metadata,
    sa.Column("entry", Serial, primary_key=True, autoincrement=True),
    ident("service"),
    ident("key_id"),
    ident("trip_id"),
    sa.Column("service_date", sa.Date(), nullable=False),
    ident("stop_id", null=True),
    ident("booking_id", null=True),
    state("kind", BoardingKind),
    count("people", 1),
    instant("at"),
    known("kind", BoardingKind),
    sa.Index("ix_boardings_trip", "trip_id", "service_date"),
)
