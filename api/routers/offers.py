"""Offers: the best stop and trip for one new rider, from the plan in force, without planning anew."""

import datetime as dt
from typing import Annotated, Any, Self

from fastapi import APIRouter, Request, Response
from pydantic import Field, TypeAdapter, model_validator
from pydantic_core import to_json

from api.auth import Booker
from api.clock import MINUTE_MS, rfc3339
from api.counts import people_aboard
from api.desk import AtDesk
from api.errors import ApiError, FieldFault
from api.express import Lane
from api.published import Board, Edition, board_of, choose_service, edition_on
from api.rides import weekdays
from api.shapes import Asked, Degrees, Ident, Told, Whole, problems
from api.suspicion import check_home
from routing.errors import InputError
from routing.geo.datum import to_wgs84
from routing.model.demand import WORKDAYS, Need
from routing.model.places import Location
from routing.offers import Query
from routing.offers.document import describe_answer
from routing.offers.search import find_offers

router = APIRouter(prefix="/v1", tags=["offers"])

OFFER_MS = 5 * MINUTE_MS
"""How long an offer is worth acting upon: seats are counted when they are held, not when they are offered."""
MOST_DATES = 62

Dates = Annotated[
    list[dt.date],
    Field(min_length=1, max_length=MOST_DATES, description="Service dates.", examples=[["2026-11-23", "2026-11-24"]]),
]
People = Annotated[Whole, Field(ge=1, le=200, description="People who travel together.")]


class AskedHome(Asked):
    """Where the walk begins; used for this request alone, never kept or logged."""

    lon: Annotated[Degrees, Field(ge=-180, le=180, examples=[121.52])]
    lat: Annotated[Degrees, Field(ge=-90, le=90, examples=[38.87])]
    crs: Annotated[str, Field(pattern="^(wgs84|gcj02|bd09)$", description="Datum of the coordinates.")]
    crs_certain: bool = Field(default=False, description="Take the datum as stated, even where the roads doubt it.")


class AskedJourney(Asked):
    """Between where and where somebody travels: a home or a stop of the plan, and the work there and when."""

    service: Ident | None = Field(default=None, description="Needed only where several services are published.")
    home: AskedHome | None = None
    stop_id: Ident | None = Field(default=None, description="A stop of the plan, in place of a home.")
    worksite_id: Ident
    shift_id: Ident
    need: Need = Need.NONE

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.home is None) == (self.stop_id is None):
            raise ValueError("give a home or a stop, and not both")
        return self


class AskedOffers(AskedJourney):
    """Who looks for a seat, and on which dates."""

    dates: Dates | None = Field(default=None, description="Without dates: the seats that the plan leaves on workdays.")
    count: People = 1
    limit: Annotated[Whole, Field(ge=1, le=20)] = 5


class ToldLeg(Told):
    """One direction of an offer; clock times are of the service date and may pass 24:00:00."""

    direction: str = Field(examples=["inbound"])
    trip_id: str
    stop_id: str
    stop_name: str
    worksite_id: str
    walk_m: int | None = Field(description="Null where a stop was given.")
    depart: str = Field(examples=["07:24:00"])
    arrive: str = Field(examples=["08:10:30"])
    arrive_p95: str = Field(description="Reached by then on 95 % of days.")
    ride_s: int
    on_time: float = Field(description="Share of days on which the trip is not later than its window.")
    seats_left: int
    segments: list[int] = Field(description="Free seats on each segment of the ride.")


class ToldOffer(Told):
    """A seat on a line, in every direction that the rider needs."""

    line_id: str
    line_name: str
    place_id: str
    place_name: str
    seats_left: int
    effort_fen: int = Field(description="Time on foot and aboard, at the plan's prices; offers are ranked by it.")
    legs: list[ToldLeg]


class ToldMiss(Told):
    """What would have to give so that a seat fits, and the seat; register a wish to be told when it does."""

    kind: str = Field(examples=["walk"])
    amount: int
    unit: str = Field(examples=["m"])
    text: str
    also: dict[str, Any] | None
    shift_id: str | None
    stop_id: str | None
    offer: ToldOffer | None


class ToldOffers(Told):
    """Offers, best first; where there are none, the nearest misses."""

    service: str
    plan_id: str
    expires_at: str = Field(description="Ask again after this; only a hold keeps a seat.")
    offers: list[ToldOffer]
    misses: list[ToldMiss]


@router.post("/offers", response_model=ToldOffers, responses=problems(400, 401, 403, 404, 413, 422, 429, 503))
async def offers(asked: AskedOffers, request: Request, desk: AtDesk, caller: Booker) -> Response:  # noqa: ARG001 - as lanes call
    """Find the best stops and trips; nothing is kept, and the home is forgotten with the answer."""
    board = board_of(desk)
    service = choose_service(board, asked.service)
    day = min(asked.dates) if asked.dates else _some_day(caller.at, board, service)
    edition = edition_on(board, service, day)
    query = _query(asked)
    if asked.home is not None:
        doubt(edition, asked.home)
    try:
        if asked.dates:
            taken = await people_aboard(desk, edition, asked.dates)
            answer = find_offers(edition.index, query, taken=taken)
        else:
            answer = find_offers(edition.index, query)
    except InputError as error:
        raise refusal(error) from error
    told = {
        "service": service,
        "plan_id": edition.plan_id,
        "expires_at": rfc3339(caller.at + OFFER_MS),
        **describe_answer(answer),
    }
    return Response(to_json(told), media_type="application/json")


LANE = Lane(path="/v1/offers", scope="booking", asked=TypeAdapter(AskedOffers), serve=offers)


def _some_day(now_ms: int, board: Board, service: str) -> dt.date:
    """Return the day for which a request without dates is answered: today, or the first with a plan."""
    edition = board.edition(service, dt.date.max)
    return dt.datetime.fromtimestamp(now_ms / 1_000, dt.UTC).date() if edition is None else edition.today(now_ms)


def _query(asked: AskedOffers) -> Query:
    home = None
    if asked.home is not None:
        home = locate(asked.home)
    return Query(
        home=home,
        stop_id=asked.stop_id,
        worksite_id=asked.worksite_id,
        shift_id=asked.shift_id,
        days=weekdays(asked.dates) if asked.dates else WORKDAYS,
        count=asked.count,
        need=asked.need,
        most=asked.limit,
    )


def locate(home: AskedHome) -> Location:
    """Return a home in WGS-84.

    Raises
    ------
    ApiError
        ``invalid_request``, when its datum makes no point of it.
    """
    try:
        if home.crs == "wgs84":
            return Location(lon=home.lon, lat=home.lat)
        lon, lat = to_wgs84([home.lon], [home.lat], home.crs)
        return Location(lon=float(lon[0]), lat=float(lat[0]))
    except ValueError as error:
        fault = FieldFault(pointer="/home", code="coordinate_out_of_range", detail=f"no point in {home.crs}")
        raise ApiError("invalid_request", "The home is no point.", "Check its datum.", faults=[fault]) from error


def doubt(edition: Edition, home: AskedHome) -> None:
    """Refuse a home that the roads of a plan put into another datum.

    Raises
    ------
    ApiError
        ``invalid_request`` with ``suspected_datum``.
    """
    if not home.crs_certain:
        check_home(edition.index.walker, home.lon, home.lat, home.crs)


def refusal(error: InputError) -> ApiError:
    """Return faults of a query as those of the request; a home is never repeated."""
    faults = [FieldFault(pointer=f"/{f.column}", code=f.code, detail=f.cause) for f in error.faults]
    return ApiError("invalid_request", "The request has faults.", "Mend what errors[] lists.", faults=faults)
