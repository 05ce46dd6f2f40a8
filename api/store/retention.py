"""Forgets what is older than anybody needs: ended jobs, told events, past bookings and boardings."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.clock import DAY_MS, SECOND_MS
from api.store.schema import events, jobs, plans
from api.store.seating import boardings, bookings, hold_seats, holds, waiting
from api.store.states import HoldState, JobState


def forget_old(connection: Connection, *, days: int, now: int) -> int:
    """Delete what ended more than some days ago, and return how many rows that were; 0 days keep everything.

    Plans, scenarios and the audit log stay: they are what decisions are explained with.
    """
    if not days:
        return 0
    before = now - days * DAY_MS
    last = dt.datetime.fromtimestamp(before / SECOND_MS, tz=dt.UTC).date()
    ended = jobs.c.state.not_in([JobState.QUEUED.value, JobState.RUNNING.value]) & (jobs.c.ended_at < before)
    # A job that made a plan is how the plan came to be: parameters, seed, versions.
    made_nothing = ~sa.exists().where(plans.c.job_id == jobs.c.job_id)
    ridden = sa.exists().where((hold_seats.c.hold_id == holds.c.hold_id) & (hold_seats.c.service_date >= last))
    booked = sa.exists().where(bookings.c.hold_id == holds.c.hold_id)
    waited = sa.exists().where(waiting.c.hold_id == holds.c.hold_id)
    closed = (holds.c.state != HoldState.HELD.value) & (holds.c.expires_at < before)
    deletions = (
        sa.delete(jobs).where(ended, made_nothing),
        sa.delete(events).where(events.c.at < before, events.c.fanned_out_at.is_not(None)),
        sa.delete(boardings).where(boardings.c.service_date < last),
        sa.delete(bookings).where(bookings.c.service_date < last),
        sa.delete(waiting).where(waiting.c.service_date < last),
        sa.delete(holds).where(closed, ~ridden, ~booked, ~waited),
    )
    return sum(connection.execute(deletion).rowcount for deletion in deletions)
