"""The waiting list of trips on dates: who has waited longest is held a seat as soon as one is free."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy.engine import Connection

from api.auth import Booker
from api.clock import SECOND_MS
from api.desk import AtDesk
from api.idempotency import Answer, answer_once
from api.ids import new_id
from api.published import board_of, choose_service
from api.rides import Leg, resolve
from api.routers.holds import describe_ride
from api.routers.offers import People
from api.shapes import Asked, Ident, Told, problems
from api.store.audit import note
from api.store.holds import offer_seats
from api.store.seats import open_days
from api.store.states import WaitState
from api.store.waitlist import Place, get_place, join_waiting, leave_waiting

router = APIRouter(prefix="/v1/waiting", tags=["waiting"])


class AskedPlace(Asked):
    """Seats on one trip on one date."""

    service: Ident | None = None
    rider_id: Ident | None = Field(default=None, description="The booker's own id of the rider; no name.")
    trip_id: Ident
    board_stop_id: Ident
    alight_stop_id: Ident
    date: Annotated[dt.date, Field(examples=["2026-11-23"])]
    count: People = 1


class ToldPlace(Told):
    """A place on the list; once ``offered``, ``hold_id`` is the hold to confirm before it expires."""

    waiting_id: str
    service: str
    rider_id: str | None
    state: str = Field(examples=["waiting"])
    hold_id: str | None
    trip_id: str
    service_date: str
    board_stop_id: str
    alight_stop_id: str
    seats: int


@router.post("", status_code=201, response_model=ToldPlace,
             responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503))  # fmt: skip
async def join(asked: AskedPlace, request: Request, desk: AtDesk, caller: Booker) -> Response:
    """Wait for seats of a trip on a date; where they are free already, they are held at once."""
    board = board_of(desk)
    service = choose_service(board, asked.service)
    leg = Leg(trip_id=asked.trip_id, board_stop_id=asked.board_stop_id, alight_stop_id=asked.alight_stop_id)

    def work(connection: Connection) -> Answer:
        rides = resolve(board, service, [leg], [asked.date], people=asked.count, rider_id=None, now_ms=caller.at)
        open_days(connection, rides.days)
        place = Place(
            waiting_id=new_id("wait"),
            service=service,
            key_id=caller.key.key_id,
            rider_id=asked.rider_id,
            state=WaitState.WAITING,
            span=rides.spans[0],
            hold_id=None,
            created_at=caller.at,
        )
        join_waiting(connection, place)
        offer_seats(connection, {place.span.key}, now=caller.at, wait_ms=desk.settings.hold_s * SECOND_MS)
        note(connection, caller.deed, "waiting.join", place.waiting_id)
        made = get_place(connection, place.waiting_id)
        return Answer(body=describe(made), status=201, headers={"Location": f"/v1/waiting/{made.waiting_id}"})

    return await answer_once(request, desk, caller, work)


@router.get("/{waiting_id}", responses=problems(400, 401, 403, 404, 422, 429, 503))
async def read(waiting_id: Ident, desk: AtDesk, _: Booker) -> ToldPlace:
    """Tell whether a seat is held by now."""
    place = await desk.store.reading(lambda connection: get_place(connection, waiting_id))
    return ToldPlace.model_validate(describe(place))


@router.delete("/{waiting_id}", responses=problems(400, 401, 403, 404, 409, 422, 429, 503))
async def leave(waiting_id: Ident, desk: AtDesk, caller: Booker) -> ToldPlace:
    """Give up a place; leaving again changes nothing."""

    def work(connection: Connection) -> Place:
        note(connection, caller.deed, "waiting.leave", waiting_id)
        return leave_waiting(connection, waiting_id, caller.at)

    return ToldPlace.model_validate(describe(await desk.store.writing(work)))


def describe(place: Place) -> dict[str, Any]:
    """Return a place as a JSON-ready mapping."""
    return {
        "waiting_id": place.waiting_id,
        "service": place.service,
        "rider_id": place.rider_id,
        "state": place.state.value,
        "hold_id": place.hold_id,
        **describe_ride(place.span),
    }
