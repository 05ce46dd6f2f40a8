"""What is older than anybody needs is forgotten, and nothing else."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.clock import DAY_MS
from api.desk import Desk
from api.jobs.chores import CHORES
from api.store import Store, jobs
from api.store.audit import note, read_audit
from api.store.outbox import emit
from api.store.plans import insert_plan, list_plans
from api.store.retention import forget_old
from api.store.schema import events, job_events
from api.store.schema import jobs as job_table
from api.store.seating import boardings, bookings, hold_seats, holds, waiting
from api.store.states import JobState
from tests.api.samples import DEED, NOW, document, kept_scenario

TODAY = dt.date(2023, 11, 14)
DAYS = 30
OLD, YOUNG = TODAY - dt.timedelta(days=DAYS + 1), TODAY - dt.timedelta(days=DAYS - 1)
RIDE: Mapping[str, Any] = {"board_stop_id": "a", "alight_stop_id": "b", "first_segment": 0, "end_segment": 1}
WHO: Mapping[str, Any] = {"service": "town", "key_id": "k", "rider_id": "anna"}


def ended(connection: Connection, age_days: int) -> str:
    made = jobs.insert_job(connection, kind="compare", params={}, input_digest="d", deed=DEED)
    jobs.end_job(connection, made, JobState.SUCCEEDED, now=NOW - age_days * DAY_MS)
    return made.job_id


def booked(connection: Connection, name: str, day: dt.date) -> None:
    """Write a confirmed hold with its booking, a boarding and a place on the waiting list on a day."""
    at = round(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1_000)
    made = {"created_at": at, "changed_at": at}
    trip = {"plan_id": "p", "trip_id": "t", "service_date": day}
    hold = {"hold_id": f"hold_{name}", "state": "confirmed", "created_at": at, "expires_at": at, "offer": {}}
    connection.execute(sa.insert(holds).values(**WHO, **hold))
    connection.execute(sa.insert(hold_seats).values(hold_id=f"hold_{name}", number=0, **trip, **RIDE))
    booking = {"booking_id": f"book_{name}", "hold_id": f"hold_{name}", "state": "boarded", "line_id": "L1"}
    connection.execute(sa.insert(bookings).values(**WHO, **booking, **trip, **RIDE, **made))
    seen = {"trip_id": "t", "service_date": day, "kind": "boarded", "at": at}
    connection.execute(sa.insert(boardings).values(service="town", key_id="k", **seen))
    place = {"waiting_id": f"wait_{name}", "state": "waiting"}
    connection.execute(sa.insert(waiting).values(**WHO, **place, **trip, **RIDE, **made))


def left(connection: Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_past_bookings_go_with_all_that_belongs_to_them(store: Store) -> None:
    with store.write() as connection:
        booked(connection, "old", OLD)
        booked(connection, "young", YOUNG)
        assert forget_old(connection, days=DAYS, now=NOW) == 4
        for table in (holds, hold_seats, bookings, boardings, waiting):
            assert left(connection, table) == 1, table.name
        assert connection.execute(sa.select(bookings.c.booking_id)).scalar_one() == "book_young"


def test_ended_jobs_go_unless_a_plan_came_of_them(store: Store) -> None:
    with store.write() as connection:
        scenario = kept_scenario(connection)
        gone, kept, young = ended(connection, DAYS + 1), ended(connection, DAYS + 1), ended(connection, DAYS - 1)
        insert_plan(
            connection, service="town", scenario_id=scenario.scenario_id, document=document(), deed=DEED, job_id=kept
        )
        waits = jobs.insert_job(connection, kind="compare", params={}, input_digest="d", deed=DEED).job_id
        connection.execute(sa.update(events).values(at=NOW))
        assert forget_old(connection, days=DAYS, now=NOW) == 1
        found = set(connection.execute(sa.select(job_table.c.job_id)).scalars())
        assert found == {kept, young, waits}
        told = set(connection.execute(sa.select(job_events.c.job_id)).scalars())
        assert gone not in told
        assert len(list_plans(connection)) == 1


def test_events_go_once_they_were_told(store: Store) -> None:
    with store.write() as connection:
        told = emit(connection, "plan.published", "plan_1", {}, NOW - 31 * DAY_MS)
        emit(connection, "plan.retired", "plan_1", {}, NOW - 31 * DAY_MS)
        connection.execute(sa.update(events).where(events.c.event_id == told).values(fanned_out_at=NOW))
        assert forget_old(connection, days=DAYS, now=NOW) == 1
        assert connection.execute(sa.select(events.c.type)).scalar_one() == "plan.retired"


def test_the_audit_log_stays(store: Store) -> None:
    with store.write() as connection:
        note(connection, DEED, "plan.publish", "plan_1")
        forget_old(connection, days=1, now=NOW + 10_000 * DAY_MS)
        assert len(read_audit(connection)) == 1


def test_no_days_keep_everything(store: Store) -> None:
    with store.write() as connection:
        booked(connection, "old", OLD)
        assert forget_old(connection, days=0, now=NOW) == 0


def test_a_second_time_there_is_nothing_left_to_forget(store: Store) -> None:
    with store.write() as connection:
        booked(connection, "old", OLD)
        assert forget_old(connection, days=DAYS, now=NOW) > 0
        assert forget_old(connection, days=DAYS, now=NOW) == 0


@pytest.mark.parametrize("name", ["forget_old", "forget_answers"])
def test_a_worker_forgets_every_hour(desk: Desk, name: str) -> None:
    (chore,) = [chore for chore in CHORES if chore.name == name]
    assert chore.every_ms == 3_600_000
    assert chore.do(desk) == 0
