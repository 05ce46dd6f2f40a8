"""Bookings for which the plan in force has no ride: the planner's list of what a switch has cost."""

import datetime as dt

from fastapi import APIRouter
from pydantic import Field

from api.auth import PlanReader
from api.desk import AtDesk
from api.shapes import Cursor, Ident, Limit, Told, cursor_of, problems, read_cursor
from api.store.carrying import list_displaced

router = APIRouter(prefix="/v1/displaced", tags=["bookings"])


class ToldDisplaced(Told):
    """A booking, and the ride of the earlier plan that it was made for."""

    booking_id: str
    hold_id: str | None
    rider_id: str | None
    service_date: dt.date
    plan_id: str = Field(description="The plan that it was booked on.")
    line_id: str
    trip_id: str
    board_stop_id: str
    alight_stop_id: str
    seats: int


class ToldAllDisplaced(Told):
    """A page of displaced bookings."""

    bookings: list[ToldDisplaced]
    next: str | None


@router.get("", responses=problems(400, 401, 403, 422, 429, 503))
async def list_all(
    desk: AtDesk, caller: PlanReader, service: Ident | None = None, limit: Limit = 100, cursor: Cursor = None
) -> ToldAllDisplaced:
    """List confirmed bookings that lost their ride when another plan came into force, from yesterday on."""
    after = read_cursor(cursor)
    # Whatever the time zone, today's are among them.
    first = dt.datetime.fromtimestamp(caller.at / 1_000, dt.UTC).date() - dt.timedelta(days=1)
    found = await desk.store.reading(lambda c: list_displaced(c, service, first, after=after, limit=limit + 1))
    page = [
        ToldDisplaced(
            booking_id=booked.booking_id,
            hold_id=booked.hold_id,
            rider_id=booked.rider_id,
            service_date=booked.span.service_date,
            plan_id=booked.span.plan_id,
            line_id=booked.line_id,
            trip_id=booked.span.trip_id,
            board_stop_id=booked.span.board_stop_id,
            alight_stop_id=booked.span.alight_stop_id,
            seats=booked.span.seats,
        )
        for booked in found[:limit]
    ]
    return ToldAllDisplaced(bookings=page, next=cursor_of(page[-1].booking_id) if len(found) > limit else None)
