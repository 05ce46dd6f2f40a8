"""Holds and bookings: seats kept for minutes, then confirmed, released or lost to the clock."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field, TypeAdapter
from sqlalchemy.engine import Connection

from api.auth import Booker, Caller
from api.clock import SECOND_MS, rfc3339
from api.conditional import check_match, etag
from api.counts import read_counts
from api.desk import AtDesk, Desk
from api.errors import ApiError
from api.express import Lane
from api.idempotency import Answer, answer_once
from api.ids import new_id
from api.published import Board, board_of, choose_service
from api.rides import Leg, query_again, resolve
from api.routers.offers import Dates, People
from api.shapes import Asked, Ident, Told, problems
from api.store.audit import note
from api.store.holds import Hold, HoldExpiredError, confirm_hold, extend_hold, get_hold, make_hold, release_hold
from api.store.seats import Span
from api.store.states import HoldState
from routing.offers.document import describe_offer
from routing.offers.search import find_offers

router = APIRouter(prefix="/v1/holds", tags=["holds"])

ASKED = problems(400, 401, 403, 404, 409, 412, 413, 422, 429, 503)
ENDED = problems(400, 401, 403, 404, 409, 410, 412, 422, 429, 503)
MOST_RIDES = 200
"""Legs times dates of one hold."""


class AskedLeg(Asked):
    """One trip of an offer."""

    trip_id: Ident
    board_stop_id: Ident
    alight_stop_id: Ident


class AskedHold(Asked):
    """Seats on some trips, on each of some dates, all or none."""

    service: Ident | None = Field(default=None, description="Needed only where several services are published.")
    rider_id: Ident | None = Field(default=None, description="The booker's own id of the rider; no name.")
    legs: Annotated[list[AskedLeg], Field(min_length=1, max_length=10)]
    dates: Dates
    count: People = 1


class ToldRide(Told):
    """Seats on one trip on one date."""

    trip_id: str
    service_date: str
    board_stop_id: str
    alight_stop_id: str
    seats: int


class ToldHold(Told):
    """Seats kept until ``expires_at``; confirmed, they are bookings."""

    hold_id: str = Field(examples=["hold_01JD2V9M3X4Z5Y6W7V8U9T0S1R"])
    service: str
    rider_id: str | None
    state: str = Field(examples=["held"], description="held, confirmed, released or expired")
    expires_at: str
    extended: bool
    version: int
    rides: list[ToldRide]


@router.post("", status_code=201, response_model=ToldHold, responses=ASKED)
async def create(asked: AskedHold, request: Request, desk: AtDesk, caller: Booker) -> Response:
    """Keep seats for ten minutes (``BANCHE_HOLD_S``), all of them or none."""
    board = board_of(desk)
    service = choose_service(board, asked.service)
    legs = legs_of(asked.legs)
    check_size(len(legs) * len(asked.dates))
    hold_ms = desk.settings.hold_s * SECOND_MS

    def work(connection: Connection) -> Answer:
        rides = resolve(
            board, service, legs, asked.dates, people=asked.count, rider_id=asked.rider_id, now_ms=caller.at
        )
        hold = Hold(
            hold_id=new_id("hold"),
            service=service,
            key_id=caller.key.key_id,
            rider_id=asked.rider_id,
            state=HoldState.HELD,
            created_at=caller.at,
            expires_at=caller.at + hold_ms,
            extended=False,
            version=1,
            offer={"lines": dict(rides.lines)},
            spans=rides.spans,
        )
        made = make_hold(connection, hold, rides.days, now=caller.at, wait_ms=hold_ms)
        return told(made, status=201)

    return await answer_once(request, desk, caller, work)


LANE = Lane(path="/v1/holds", scope="booking", asked=TypeAdapter(AskedHold), serve=create)


@router.get("/{hold_id}", responses=problems(400, 401, 403, 404, 422, 429, 503))
async def read(hold_id: Ident, response: Response, desk: AtDesk, caller: Booker) -> ToldHold:
    """Tell a hold's state; one whose time is over is told as expired."""
    hold = await desk.store.reading(lambda connection: get_hold(connection, hold_id))
    described = describe(hold)
    if hold.state is HoldState.HELD and hold.expires_at <= caller.at:
        described["state"] = HoldState.EXPIRED.value
    response.headers["ETag"] = etag(hold.version)
    return ToldHold.model_validate(described)


@router.post("/{hold_id}/confirm", response_model=ToldHold, responses=ENDED)
async def confirm(hold_id: Ident, request: Request, desk: AtDesk, caller: Booker) -> Response:
    """Turn a hold into bookings. Once its time is over: 410, with new offers where there are seats."""

    def work(connection: Connection) -> Answer:
        _match(connection, request, hold_id)
        made = confirm_hold(connection, hold_id, caller.at)
        note(connection, caller.deed, "hold.confirm", hold_id)
        return told(made)

    return await _act(request, desk, caller, work)


@router.post("/{hold_id}/release", response_model=ToldHold, responses=ENDED)
async def release(hold_id: Ident, request: Request, desk: AtDesk, caller: Booker) -> Response:
    """Give a hold's seats back, or cancel the bookings it became; who waits for them is held a seat."""
    wait_ms = desk.settings.hold_s * SECOND_MS

    def work(connection: Connection) -> Answer:
        _match(connection, request, hold_id)
        made = release_hold(connection, hold_id, now=caller.at, wait_ms=wait_ms)
        note(connection, caller.deed, "hold.release", hold_id)
        return told(made)

    return await _act(request, desk, caller, work)


@router.post("/{hold_id}/extend", response_model=ToldHold, responses=ENDED)
async def extend(hold_id: Ident, request: Request, desk: AtDesk, caller: Booker) -> Response:
    """Let a hold last as long again, once."""
    more_ms = desk.settings.hold_s * SECOND_MS

    def work(connection: Connection) -> Answer:
        _match(connection, request, hold_id)
        return told(extend_hold(connection, hold_id, now=caller.at, more_ms=more_ms))

    return await _act(request, desk, caller, work)


def legs_of(asked: list[AskedLeg]) -> list[Leg]:
    """Return legs as asked, each once."""
    legs = (Leg(trip_id=a.trip_id, board_stop_id=a.board_stop_id, alight_stop_id=a.alight_stop_id) for a in asked)
    return list(dict.fromkeys(legs))


def check_size(rides: int) -> None:
    """Refuse what would lock too much at once.

    Raises
    ------
    ApiError
        ``too_large``.
    """
    if rides > MOST_RIDES:
        raise ApiError("too_large", f"{rides} rides are more than {MOST_RIDES}.", "Hold fewer dates at a time.")


def told(hold: Hold, *, status: int = 200) -> Answer:
    """Return the answer that tells a hold."""
    headers = {"ETag": etag(hold.version)} | ({"Location": f"/v1/holds/{hold.hold_id}"} if status == 201 else {})
    return Answer(body=describe(hold), status=status, headers=headers)


def describe(hold: Hold) -> dict[str, Any]:
    """Return a hold as a JSON-ready mapping."""
    return {
        "hold_id": hold.hold_id,
        "service": hold.service,
        "rider_id": hold.rider_id,
        "state": hold.state.value,
        "expires_at": rfc3339(hold.expires_at),
        "extended": hold.extended,
        "version": hold.version,
        "rides": [describe_ride(span) for span in hold.spans],
    }


def describe_ride(span: Span) -> dict[str, Any]:
    """Return one ride as a JSON-ready mapping."""
    return {
        "trip_id": span.trip_id,
        "service_date": span.service_date.isoformat(),
        "board_stop_id": span.board_stop_id,
        "alight_stop_id": span.alight_stop_id,
        "seats": span.seats,
    }


def _match(connection: Connection, request: Request, hold_id: str) -> None:
    if "If-Match" in request.headers:
        check_match(request, etag(get_hold(connection, hold_id).version))


async def _act(request: Request, desk: Desk, caller: Caller, work: Callable[[Connection], Answer]) -> Response:
    board = board_of(desk)

    def attempt(connection: Connection) -> Answer:
        try:
            return work(connection)
        except HoldExpiredError as expired:
            raise _expired(connection, board, expired.hold) from expired

    return await answer_once(request, desk, caller, attempt)


def _expired(connection: Connection, board: Board, hold: Hold) -> ApiError:
    """Return the refusal of an expired hold, with offers at the same stop."""
    first = hold.spans[0]
    edition = board.edition(hold.service, first.service_date)
    offers: list[dict[str, Any]] = []
    if edition is not None:
        dates = sorted({span.service_date for span in hold.spans})
        trips = dict.fromkeys(span.trip_id for span in hold.spans)
        ends = {span.trip_id: (span.board_stop_id, span.alight_stop_id) for span in hold.spans}
        legs = [Leg(trip_id=t, board_stop_id=ends[t][0], alight_stop_id=ends[t][1]) for t in trips]
        query = query_again(edition.index, legs, dates, first.seats)
        if query is not None:
            names = [trip.trip_id for trip in edition.index.trips]
            taken = read_counts(connection, edition, names, dates)
            offers = [describe_offer(offer) for offer in find_offers(edition.index, query, taken=taken).offers]
    return ApiError(
        "hold_expired",
        "The hold's time is over.",
        "Hold again: offers[] tells what is free." if offers else "Ask for offers again.",
        more={"offers": offers},
    )
