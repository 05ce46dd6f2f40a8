"""Riders, seats, holds, bookings, waiting list."""

import sqlalchemy as sa
from alembic import op

from api.store.columns import Json, Serial

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables, those first that others refer to."""
    _create_boardings_to_holds()
    _create_riders_to_wishes()
    _create_bookings()
    _create_hold_seats()
    _create_waiting()
    _create_trip_days_to_segment_seats()


def downgrade() -> None:
    """Drop the tables."""
    for name in (
        "segment_seats",
        "trip_days",
        "waiting",
        "hold_seats",
        "bookings",
        "wishes",
        "riders",
        "holds",
        "boardings",
    ):
        op.drop_table(name)


def _create_boardings_to_holds() -> None:
    op.create_table(
        "boardings",
        sa.Column("entry", Serial, autoincrement=True, nullable=False),
        sa.Column("service", sa.String(length=128), nullable=False),
        sa.Column("key_id", sa.String(length=128), nullable=False),
        sa.Column("trip_id", sa.String(length=128), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("stop_id", sa.String(length=128), nullable=True),
        sa.Column("booking_id", sa.String(length=128), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("people", sa.Integer(), server_default="1", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('boarded', 'alighted', 'no_show')", name=op.f("ck_boardings_kind_known")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_boardings")),
    )
    op.create_index("ix_boardings_trip", "boardings", ["trip_id", "service_date"], unique=False)
    op.create_table(
        "holds",
        sa.Column("hold_id", sa.String(length=128), nullable=False),
        sa.Column("service", sa.String(length=128), nullable=False),
        sa.Column("key_id", sa.String(length=128), nullable=False),
        sa.Column("rider_id", sa.String(length=128), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("extended", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("offer", Json, nullable=False, comment="What was offered: never a home."),
        sa.CheckConstraint("state IN ('held', 'confirmed', 'released', 'expired')", name=op.f("ck_holds_state_known")),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_rider", "holds", ["service", "rider_id"], unique=False)
    op.create_index("ix_holds_state", "holds", ["state", "expires_at"], unique=False)


def _create_riders_to_wishes() -> None:
    op.create_table(
        "riders",
        sa.Column("service", sa.String(length=128), nullable=False),
        sa.Column("rider_id", sa.String(length=128), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="Home and need, encrypted, bound to the rider."),
        sa.Column("worksite_id", sa.String(length=128), nullable=False),
        sa.Column("shift_id", sa.String(length=128), nullable=False),
        sa.Column("days", sa.String(length=7), nullable=False),
        sa.Column("count", sa.Integer(), server_default="1", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("service", "rider_id", name=op.f("pk_riders")),
        comment="Demand as the booking system last told it.",
    )
    op.create_table(
        "wishes",
        sa.Column("wish_id", sa.String(length=128), nullable=False),
        sa.Column("service", sa.String(length=128), nullable=False),
        sa.Column("key_id", sa.String(length=128), nullable=False),
        sa.Column("rider_id", sa.String(length=128), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True, comment="Home, encrypted; null where a stop was named."),
        sa.Column("stop_id", sa.String(length=128), nullable=True),
        sa.Column("worksite_id", sa.String(length=128), nullable=False),
        sa.Column("shift_id", sa.String(length=128), nullable=False),
        sa.Column("days", sa.String(length=7), nullable=False),
        sa.Column("missed", Json, nullable=False, comment="The nearest miss: what would have to give."),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'served', 'withdrawn')", name=op.f("ck_wishes_state_known")),
        sa.PrimaryKeyConstraint("wish_id", name=op.f("pk_wishes")),
    )
    op.create_index("ix_wishes_service", "wishes", ["service", "state"], unique=False)


def _create_bookings() -> None:
    op.create_table(
        "bookings",
        sa.Column("booking_id", sa.String(length=128), nullable=False),
        sa.Column("service", sa.String(length=128), nullable=False),
        sa.Column("key_id", sa.String(length=128), nullable=False),
        sa.Column("hold_id", sa.String(length=128), nullable=True),
        sa.Column("rider_id", sa.String(length=128), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=128), nullable=False),
        sa.Column("line_id", sa.String(length=128), nullable=False),
        sa.Column("trip_id", sa.String(length=128), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("board_stop_id", sa.String(length=128), nullable=False),
        sa.Column("alight_stop_id", sa.String(length=128), nullable=False),
        sa.Column("first_segment", sa.Integer(), server_default="0", nullable=False),
        sa.Column("end_segment", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seats", sa.Integer(), server_default="1", nullable=False),
        sa.Column("was_kept", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "state IN ('confirmed', 'cancelled', 'boarded', 'no_show', 'displaced')",
            name=op.f("ck_bookings_state_known"),
        ),
        sa.CheckConstraint(
            "first_segment >= 0 AND end_segment > first_segment AND seats > 0", name=op.f("ck_bookings_rides")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.hold_id"], name=op.f("fk_bookings_hold_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_bookings")),
    )
    op.create_index("ix_bookings_hold", "bookings", ["hold_id"], unique=False)
    op.create_index("ix_bookings_rider", "bookings", ["service", "rider_id", "service_date"], unique=False)
    op.create_index("ix_bookings_trip", "bookings", ["plan_id", "trip_id", "service_date"], unique=False)


def _create_hold_seats() -> None:
    op.create_table(
        "hold_seats",
        sa.Column("hold_id", sa.String(length=128), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("plan_id", sa.String(length=128), nullable=False),
        sa.Column("trip_id", sa.String(length=128), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("board_stop_id", sa.String(length=128), nullable=False),
        sa.Column("alight_stop_id", sa.String(length=128), nullable=False),
        sa.Column("first_segment", sa.Integer(), server_default="0", nullable=False),
        sa.Column("end_segment", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seats", sa.Integer(), server_default="1", nullable=False),
        sa.Column("was_kept", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "first_segment >= 0 AND end_segment > first_segment AND seats > 0", name=op.f("ck_hold_seats_rides")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.hold_id"], name=op.f("fk_hold_seats_hold_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hold_id", "number", name=op.f("pk_hold_seats")),
        comment="One trip on one date each; `end_segment` is the first one not ridden any more.",
    )
    op.create_index("ix_hold_seats_trip", "hold_seats", ["plan_id", "trip_id", "service_date"], unique=False)


def _create_waiting() -> None:
    op.create_table(
        "waiting",
        sa.Column("waiting_id", sa.String(length=128), nullable=False),
        sa.Column("service", sa.String(length=128), nullable=False),
        sa.Column("key_id", sa.String(length=128), nullable=False),
        sa.Column("rider_id", sa.String(length=128), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=128), nullable=False),
        sa.Column("trip_id", sa.String(length=128), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("board_stop_id", sa.String(length=128), nullable=False),
        sa.Column("alight_stop_id", sa.String(length=128), nullable=False),
        sa.Column("first_segment", sa.Integer(), server_default="0", nullable=False),
        sa.Column("end_segment", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seats", sa.Integer(), server_default="1", nullable=False),
        sa.Column("hold_id", sa.String(length=128), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'accepted', 'expired', 'cancelled')", name=op.f("ck_waiting_state_known")
        ),
        sa.CheckConstraint(
            "first_segment >= 0 AND end_segment > first_segment AND seats > 0", name=op.f("ck_waiting_rides")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.hold_id"], name=op.f("fk_waiting_hold_id")),
        sa.PrimaryKeyConstraint("waiting_id", name=op.f("pk_waiting")),
        comment="First come, first served by id; `hold_id` is the seat that was held when one came free.",
    )
    op.create_index("ix_waiting_trip", "waiting", ["plan_id", "trip_id", "service_date", "state"], unique=False)


def _create_trip_days_to_segment_seats() -> None:
    op.create_table(
        "trip_days",
        sa.Column("plan_id", sa.String(length=128), nullable=False),
        sa.Column("trip_id", sa.String(length=128), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("seats", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name=op.f("fk_trip_days_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "trip_id", "service_date", name=op.f("pk_trip_days")),
        comment="A trip on a date, made when its first seat is asked for; locked while seats change.",
    )
    op.create_table(
        "segment_seats",
        sa.Column("plan_id", sa.String(length=128), nullable=False),
        sa.Column("trip_id", sa.String(length=128), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("segment", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seats", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kept", sa.Integer(), server_default="0", nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "taken >= 0 AND kept >= 0 AND taken + kept <= seats", name=op.f("ck_segment_seats_not_oversold")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id", "trip_id", "service_date"],
            ["trip_days.plan_id", "trip_days.trip_id", "trip_days.service_date"],
            name=op.f("fk_segment_seats_plan_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id", "trip_id", "service_date", "segment", name=op.f("pk_segment_seats")),
        comment="`kept` for riders whom the plan itself seats and who have not booked, `taken` by holds and bookings.",
    )
