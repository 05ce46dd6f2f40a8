"""Wishes: one call for whoever finds no seat, so that the next planning knows of them."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy.engine import Connection

from api.auth import Booker
from api.desk import AtDesk
from api.idempotency import Answer, answer_once
from api.ids import new_id
from api.published import board_of, choose_service, edition_on
from api.routers.offers import AskedJourney, doubt, locate, refusal
from api.shapes import Ident, Told, problems
from api.store.audit import note
from api.store.outbox import emit
from api.store.states import WishState
from api.store.wishes import Wish, find_wish, insert_wish, withdraw_wish
from routing.errors import InputError
from routing.model.demand import parse_days
from routing.offers import Answer as Found
from routing.offers import Query
from routing.offers.search import find_offers

router = APIRouter(prefix="/v1/wishes", tags=["wishes"])


class AskedWish(AskedJourney):
    """Who would ride, and on which weekdays."""

    rider_id: Ident | None = Field(default=None, description="The booker's own id of the rider; no name.")
    days: Annotated[str, Field(pattern="^[01]*1[01]*$", min_length=7, max_length=7, description="Monday first.")] = (
        "1111100"
    )


class ToldWish(Told):
    """A wish; where its home is, is never told."""

    wish_id: str
    service: str
    rider_id: str | None
    state: str = Field(examples=["open"])
    stop_id: str | None
    worksite_id: str
    shift_id: str
    days: str
    missed: dict[str, Any] = Field(description="What was nearest when the wish was registered.")


@router.post("", status_code=201, response_model=ToldWish,
             responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503))  # fmt: skip
async def register(asked: AskedWish, request: Request, desk: AtDesk, caller: Booker) -> Response:
    """Register a wish; the home is kept encrypted."""
    board = board_of(desk)
    service = choose_service(board, asked.service)
    edition = edition_on(board, service, dt.date.max)
    if asked.home is not None:
        doubt(edition, asked.home)
    query = Query(
        home=None if asked.home is None else locate(asked.home),
        stop_id=asked.stop_id,
        worksite_id=asked.worksite_id,
        shift_id=asked.shift_id,
        days=parse_days(asked.days),
        need=asked.need,
        most=1,
    )
    try:
        found = find_offers(edition.index, query)
    except InputError as error:
        raise refusal(error) from error

    def work(connection: Connection) -> Answer:
        wish_id = new_id("wish")
        home = None
        if query.home is not None:
            plain = {"lon": query.home.lon, "lat": query.home.lat, "need": query.need.value}
            home = desk.sealer.seal_json(plain, f"wish/{wish_id}")
        wish = Wish(
            wish_id=wish_id,
            service=service,
            key_id=caller.key.key_id,
            rider_id=asked.rider_id,
            state=WishState.OPEN,
            sealed=home,
            stop_id=asked.stop_id,
            worksite_id=asked.worksite_id,
            shift_id=asked.shift_id,
            days=asked.days,
            missed=_nearest(found),
            created_at=caller.at,
            changed_at=caller.at,
        )
        insert_wish(connection, wish)
        note(connection, caller.deed, "wish.register", wish_id)
        emit(connection, "wish.registered", wish_id, {"service": service, "missed": wish.missed}, caller.at)
        return Answer(body=describe(wish), status=201, headers={"Location": f"/v1/wishes/{wish_id}"})

    return await answer_once(request, desk, caller, work)


@router.get("/{wish_id}", responses=problems(400, 401, 403, 404, 422, 429, 503))
async def read(wish_id: Ident, desk: AtDesk, _: Booker) -> ToldWish:
    """Tell a wish's state."""
    return ToldWish.model_validate(describe(await desk.store.reading(lambda c: find_wish(c, wish_id))))


@router.delete("/{wish_id}", responses=problems(400, 401, 403, 404, 422, 429, 503))
async def withdraw(wish_id: Ident, desk: AtDesk, caller: Booker) -> ToldWish:
    """Withdraw a wish; its home is forgotten."""

    def work(connection: Connection) -> Wish:
        gone = withdraw_wish(connection, wish_id, caller.at)
        note(connection, caller.deed, "wish.withdraw", wish_id)
        return gone

    return ToldWish.model_validate(describe(await desk.store.writing(work)))


def describe(wish: Wish) -> dict[str, Any]:
    """Return a wish as a JSON-ready mapping, without its home."""
    return {
        "wish_id": wish.wish_id,
        "service": wish.service,
        "rider_id": wish.rider_id,
        "state": wish.state.value,
        "stop_id": wish.stop_id,
        "worksite_id": wish.worksite_id,
        "shift_id": wish.shift_id,
        "days": wish.days,
        "missed": dict(wish.missed),
    }


def _nearest(found: Found) -> dict[str, Any]:
    """Return the nearest miss without anything that tells where somebody lives; empty where there was an offer."""
    if found.offers or not found.misses:
        return {}
    nearest = found.misses[0].relaxation
    return {"kind": nearest.kind, "amount": nearest.amount, "unit": nearest.unit}
