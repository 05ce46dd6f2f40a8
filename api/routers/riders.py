"""Demand in: riders as the booking system knows them; homes come in here and leave for ``pii:read`` alone."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field, StringConstraints
from sqlalchemy.engine import Connection

from api.auth import Caller, HomeReader, PlanWriter
from api.clock import rfc3339
from api.conditional import check_match, etag
from api.desk import AtDesk, Desk
from api.errors import ApiError, FieldFault
from api.idempotency import Answer, IdempotencyKey, answer_once
from api.published import board_of
from api.routers.plans import IfMatch
from api.service import service_of_call
from api.shapes import Asked, Degrees, Ident, Told, Whole, problems
from api.store.audit import note
from api.store.riders import RiderRecord, erase_rider, find_rider, upsert_riders
from api.suspicion import refusal as doubted
from api.suspicion import suspect
from routing.geo.datum import to_wgs84

router = APIRouter(prefix="/v1/riders", tags=["riders"], responses=problems(400, 401, 403, 422, 429, 503))

MOST_AT_ONCE = 20_000
Service = Annotated[Ident | None, Field(default=None, description="Needed only where there are several services.")]


class Home(Asked):
    """Where a rider lives, in the datum that the call states."""

    lon: Annotated[Degrees, Field(ge=-180, le=180, examples=[121.5342])]
    lat: Annotated[Degrees, Field(ge=-90, le=90, examples=[38.8612])]


class Demand(Asked):
    """What a rider asks for."""

    home: Home
    crs: Literal["wgs84", "gcj02", "bd09"] = Field(description="Datum of the home; there is no default.")
    crs_certain: bool = Field(default=False, description="Take the datum as stated, even where the roads doubt it.")
    worksite_id: Ident = Field(examples=["dsp"])
    shift_id: Ident = Field(examples=["day"])
    days: Annotated[str, StringConstraints(min_length=7, max_length=7, pattern=r"^[01]*1[01]*$")] = Field(
        default="1111100", description="Seven digits, Monday first."
    )
    count: Annotated[Whole, Field(ge=1, le=1_000)] = 1
    need: Literal["", "short_walk"] = Field(default="", description="A need, never its reason.")


class OneOfMany(Demand):
    """One rider of a bulk."""

    rider_id: Ident


class Bulk(Asked):
    """Many riders at once: all are written, or none."""

    riders: Annotated[list[OneOfMany], Field(min_length=1, max_length=MOST_AT_ONCE)]


class ToldVersion(Told):
    """A rider was written; the home is not told again."""

    rider_id: str
    version: int


class ToldBulk(Told):
    """How many riders were written."""

    written: int


class ToldRider(Told):
    """A rider's demand, home and all."""

    rider_id: str
    home: Home
    crs: str = "wgs84"
    worksite_id: str
    shift_id: str
    days: str
    count: int
    need: str
    version: int
    changed_at: str


@router.put("/{rider_id}", response_model=ToldVersion, responses=problems(404, 409, 412, 413))
async def put(
    rider_id: Ident,
    demand: Demand,
    request: Request,
    desk: AtDesk,
    caller: PlanWriter,
    service: Service = None,
    _: IfMatch = None,
) -> Response:
    """Write a rider's demand as a whole."""

    def work(connection: Connection) -> Answer:
        name = service_of_call(connection, service)
        if request.headers.get("If-Match") is not None:
            check_match(request, etag(find_rider(connection, desk.sealer, name, rider_id, lock=True).version))
        (record,) = _records(name, [(rider_id, demand)], at="/home")
        _doubt(desk, name, [demand], at="/crs")
        version = upsert_riders(connection, desk.sealer, [record], caller.deed)[rider_id]
        return Answer(body={"rider_id": rider_id, "version": version}, headers={"ETag": etag(version)})

    return await answer_once(request, desk, caller, work)


@router.post("", response_model=ToldBulk, responses=problems(404, 409, 413))
async def put_many(
    bulk: Bulk, request: Request, desk: AtDesk, caller: PlanWriter, service: Service = None, _: IdempotencyKey = None
) -> Response:
    """Write many riders at once."""
    _check_ids(bulk.riders)
    name = await desk.store.reading(lambda c: service_of_call(c, service))
    given = [(rider.rider_id, rider) for rider in bulk.riders]
    records = await asyncio.to_thread(_records, name, given, at="/riders/{}/home")
    await asyncio.to_thread(_doubt, desk, name, bulk.riders, at="/riders/{}/crs")

    def work(connection: Connection) -> Answer:
        return Answer(body={"written": len(upsert_riders(connection, desk.sealer, records, caller.deed))})

    return await answer_once(request, desk, caller, work)


@router.get("/{rider_id}", response_model=ToldRider, responses=problems(404))
async def show(rider_id: Ident, desk: AtDesk, caller: HomeReader, service: Service = None) -> Response:
    """Tell a rider's demand, home and all; every look is noted in the audit log."""
    rider = await desk.store.writing(lambda c: _looked_up(c, desk, caller, service, rider_id))
    body = {
        "rider_id": rider.rider_id,
        "home": {"lon": rider.lon, "lat": rider.lat},
        "crs": "wgs84",
        "changed_at": rfc3339(rider.changed_at),
    }
    body |= {name: getattr(rider, name) for name in ("worksite_id", "shift_id", "days", "count", "need", "version")}
    return JSONResponse(body, headers={"ETag": etag(rider.version)})


@router.delete("/{rider_id}", status_code=204, responses=problems(404, 409))
async def erase(rider_id: Ident, desk: AtDesk, caller: PlanWriter, service: Service = None) -> Response:
    """Forget a rider for good: demand, home and wishes; bookings stay as counts without a name."""
    await desk.store.writing(lambda c: erase_rider(c, desk.sealer, service_of_call(c, service), rider_id, caller.deed))
    return Response(status_code=204)


def _looked_up(connection: Connection, desk: Desk, caller: Caller, service: str | None, rider_id: str) -> RiderRecord:
    name = service_of_call(connection, service)
    rider = find_rider(connection, desk.sealer, name, rider_id)
    note(connection, caller.deed, "rider.read", rider_id)
    return rider


def _records(service: str, given: Sequence[tuple[str, Demand]], *, at: str) -> list[RiderRecord]:
    """Return riders with their homes in WGS-84.

    Raises
    ------
    ApiError
        ``invalid_request``, when a datum makes no point of a home; ``at`` is the pointer to the home of a number.
    """
    where: dict[str, list[int]] = {}
    for place, (_, demand) in enumerate(given):
        where.setdefault(demand.crs, []).append(place)
    lon, lat = np.zeros(len(given)), np.zeros(len(given))
    for crs, places in where.items():
        homes = [given[place][1].home for place in places]
        lon[places], lat[places] = to_wgs84([h.lon for h in homes], [h.lat for h in homes], crs)
    faults = [
        FieldFault(pointer=at.format(i), code="coordinate_out_of_range", detail=f"no point in {given[i][1].crs}")
        for i in np.flatnonzero((np.abs(lon) > 180) | (np.abs(lat) > 90)).tolist()
    ]
    if faults:
        raise ApiError("invalid_request", "A home is no point.", "Check its datum.", faults=faults)
    return [
        RiderRecord(
            service=service,
            rider_id=rider_id,
            lon=round(float(x), 6),
            lat=round(float(y), 6),
            worksite_id=demand.worksite_id,
            shift_id=demand.shift_id,
            days=demand.days,
            count=int(demand.count),
            need=demand.need,
        )
        for (rider_id, demand), x, y in zip(given, lon, lat, strict=True)
    ]


def _doubt(desk: Desk, service: str, given: Sequence[Demand], *, at: str) -> None:
    """Refuse homes that the roads of the service's published plan put into another datum.

    Raises
    ------
    ApiError
        ``invalid_request`` with ``suspected_datum``; ``at`` is the pointer to the datum of a number.
    """
    edition = board_of(desk).edition(service, dt.date.max)
    if edition is None:
        return
    where: dict[str, list[int]] = {}
    for place, demand in enumerate(given):
        if not demand.crs_certain:
            where.setdefault(demand.crs, []).append(place)
    found = []
    for crs, places in where.items():
        homes = [given[place].home for place in places]
        made = suspect(edition.index.walker, [h.lon for h in homes], [h.lat for h in homes], crs)
        found += [(at.format(places[one.place]), one) for one in made]
    if found:
        raise doubted(found)


def _check_ids(riders: Sequence[OneOfMany]) -> None:
    seen: dict[str, int] = {}
    faults: list[Any] = []
    for place, rider in enumerate(riders):
        if rider.rider_id in seen:
            detail = f"stands at /riders/{seen[rider.rider_id]} already"
            faults.append(FieldFault(pointer=f"/riders/{place}/rider_id", code="duplicate_id", detail=detail))
        seen.setdefault(rider.rider_id, place)
    if faults:
        raise ApiError("invalid_request", "Riders are named twice.", "Name each once.", faults=faults)
