"""Trips on dates: seats left, boardings and no-shows in, counts out."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy.engine import Connection

from api.auth import Booker
from api.desk import AtDesk
from api.errors import ApiError, FieldFault, not_found
from api.idempotency import Answer, answer_once
from api.published import board_of, choose_service, edition_on
from api.rides import day_of
from api.shapes import Asked, Ident, Told, Whole, problems
from api.store.audit import note
from api.store.boardings import Boarding, count_trips, record_boardings
from api.store.seats import SegmentCount, count_seats
from api.store.states import BoardingKind
from routing.model.units import format_clock

router = APIRouter(prefix="/v1", tags=["trips"])
READ = problems(400, 401, 403, 404, 422, 429, 503)
MOST_DAYS = 92

Date = Annotated[dt.date, Query(alias="date", description="Service date.", examples=["2026-11-23"])]
Service = Annotated[Ident | None, Query(description="Needed only where several services are published.")]


class ToldSegment(Told):
    """From one stop of a trip to the next."""

    from_stop_id: str
    to_stop_id: str
    depart: str
    seats: int
    kept: int = Field(description="Of riders whom the plan itself seats and who have not booked.")
    taken: int = Field(description="By holds and bookings.")
    left: int


class ToldSeats(Told):
    """Seats of a trip on a date."""

    plan_id: str
    trip_id: str
    line_id: str
    service_date: str
    runs: bool
    seats: int
    seats_left: int = Field(description="For somebody who rides all the way.")
    segments: list[ToldSegment]


class AskedBoarding(Asked):
    """People who boarded, alighted or stayed away."""

    trip_id: Ident
    service_date: dt.date
    kind: BoardingKind
    people: Annotated[Whole, Field(ge=1, le=500)] = 1
    stop_id: Ident | None = None
    booking_id: Ident | None = None


class AskedBoardings(Asked):
    """Records of one or more trips; all are written, or none."""

    service: Ident | None = None
    records: Annotated[list[AskedBoarding], Field(min_length=1, max_length=2_000)]


class ToldRecorded(Told):
    """How many records were written."""

    recorded: int


class ToldTripCounts(Told):
    """People of a trip on a date."""

    trip_id: str
    service_date: str
    booked: int
    cancelled: int
    boarded: int
    alighted: int
    no_show: int


class ToldCounts(Told):
    """Counts, by date and trip."""

    service: str
    trips: list[ToldTripCounts]


@router.get("/trips/{trip_id}/seats", responses=READ)
async def seats(trip_id: Ident, date: Date, desk: AtDesk, _: Booker, service: Service = None) -> ToldSeats:
    """Tell how many seats of a trip are left on a date, segment by segment."""
    board = board_of(desk)
    edition = edition_on(board, choose_service(board, service), date)
    trip = edition.index.trip(trip_id)
    if trip is None:
        raise not_found("trip", trip_id)
    day = day_of(edition, trip, date)
    found = await desk.store.reading(lambda connection: count_seats(connection, [day.key]))
    counts = found.get(day.key) or tuple(
        SegmentCount(segment=i, seats=max(day.seats, kept), kept=kept, taken=0) for i, kept in enumerate(day.kept)
    )
    return ToldSeats(
        plan_id=edition.plan_id,
        trip_id=trip_id,
        line_id=trip.line_id,
        service_date=date.isoformat(),
        runs=date.weekday() in trip.days,
        seats=trip.seats,
        seats_left=min((count.left for count in counts), default=0),
        segments=[
            ToldSegment(
                from_stop_id=trip.stop_ids[count.segment],
                to_stop_id=trip.stop_ids[count.segment + 1],
                depart=format_clock(trip.depart[count.segment]),
                seats=count.seats,
                kept=count.kept,
                taken=count.taken,
                left=count.left,
            )
            for count in counts
        ],
    )


@router.post("/boardings", status_code=201, response_model=ToldRecorded,
             responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503))  # fmt: skip
async def boardings(asked: AskedBoardings, request: Request, desk: AtDesk, caller: Booker) -> Response:
    """Record who boarded, alighted or stayed away; bookings that are named become boarded or missed."""
    service = choose_service(board_of(desk), asked.service)
    records = [Boarding(**record.model_dump()) for record in asked.records]

    def work(connection: Connection) -> Answer:
        wrong = record_boardings(connection, service, caller.key.key_id, records, caller.at)
        if wrong:
            detail = "no booking of this trip and date"
            faults = [FieldFault(pointer=f"/records/{i}/booking_id", code="unknown_id", detail=detail) for i in wrong]
            raise ApiError("invalid_request", "Bookings are not known.", "Mend what errors[] lists.", faults=faults)
        note(connection, caller.deed, "boardings.record", service, records=len(records))
        return Answer(body={"recorded": len(records)}, status=201)

    return await answer_once(request, desk, caller, work)


@router.get("/counts", responses=READ)
async def counts(
    desk: AtDesk,
    _: Booker,
    first: Annotated[dt.date, Query(alias="from", examples=["2026-11-23"])],
    last: Annotated[dt.date, Query(alias="to", examples=["2026-11-27"])],
    service: Service = None,
    trip_id: Ident | None = None,
) -> ToldCounts:
    """Tell people booked, boarded and missing by trip and date, for planning and settlement."""
    if not 0 <= (last - first).days < MOST_DAYS:
        fault = FieldFault(pointer="query:to", code="out_of_range", detail=f"from `from` on, {MOST_DAYS} days at most")
        raise ApiError("invalid_request", "The dates make no span.", "Mend what errors[] lists.", faults=[fault])
    chosen = choose_service(board_of(desk), service)
    found = await desk.store.reading(lambda connection: count_trips(connection, chosen, first, last, trip_id))
    rows: list[dict[str, Any]] = [
        {name: getattr(row, name) for name in row.__slots__} | {"service_date": row.service_date.isoformat()}
        for row in found
    ]
    return ToldCounts(service=chosen, trips=[ToldTripCounts.model_validate(row) for row in rows])
