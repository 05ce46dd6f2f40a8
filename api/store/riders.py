"""Riders' demand as the booking system tells it; homes and needs are sealed, each for its rider alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.errors import not_found
from api.sealing import Sealer, about_rider
from api.store.audit import Deed, note
from api.store.scenarios import forget_home
from api.store.seating import bookings, holds, riders, waiting, wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class RiderRecord:
    """One rider's demand.

    Attributes
    ----------
    lon, lat : float
        Home in WGS-84 [degrees].
    days : str
        Seven digits 0 or 1, Monday first.
    """

    service: str
    rider_id: str
    lon: float
    lat: float
    worksite_id: str
    shift_id: str
    days: str = "1111100"
    count: int = 1
    need: str = ""
    version: int = 1
    changed_at: int = 0


def upsert_riders(connection: Connection, sealer: Sealer, given: Sequence[RiderRecord], deed: Deed) -> dict[str, int]:
    """Write riders, each as a whole, and return every one's version by id; the service is the same for all."""
    if not given:
        return {}
    service = given[0].service
    known = _versions(connection, service, [rider.rider_id for rider in given])
    versions: dict[str, int] = {}
    fresh = []
    for rider in given:
        version = versions.get(rider.rider_id, known.get(rider.rider_id, 0)) + 1
        versions[rider.rider_id] = version
        row = _row(sealer, rider) | {"version": version, "changed_at": deed.at}
        if version == 1:
            fresh.append(row)
        else:
            connection.execute(sa.update(riders).where(_is(service, rider.rider_id)).values(**row))
    if fresh:
        connection.execute(sa.insert(riders), fresh)
    note(connection, deed, "riders.write", service, riders=len(versions))
    return versions


def _versions(connection: Connection, service: str, names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for begin in range(0, len(names), 500):
        some = riders.c.rider_id.in_(names[begin : begin + 500])
        query = sa.select(riders.c.rider_id, riders.c.version).where(riders.c.service == service, some)
        query = query.order_by(riders.c.rider_id).with_for_update()
        found |= {rider_id: version for rider_id, version in connection.execute(query)}  # noqa: C416 - rows are no pairs
    return found


def find_rider(
    connection: Connection, sealer: Sealer, service: str, rider_id: str, *, lock: bool = False
) -> RiderRecord:
    """Return a rider's demand, home and all.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    query = sa.select(riders).where(_is(service, rider_id))
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise not_found("rider", rider_id)
    return _record(sealer, row)


def list_riders(connection: Connection, sealer: Sealer, service: str) -> tuple[RiderRecord, ...]:
    """Return every rider of a service in the order of their ids."""
    query = sa.select(riders).where(riders.c.service == service).order_by(riders.c.rider_id)
    return tuple(_record(sealer, row) for row in connection.execute(query))


def erase_rider(connection: Connection, sealer: Sealer, service: str, rider_id: str, deed: Deed) -> None:
    """Forget a rider: demand, wishes and homes in scenarios are deleted, bookings stay as counts without a name.

    Raises
    ------
    ApiError
        ``not_found``, where nothing here names the rider.
    """
    found = connection.execute(sa.delete(riders).where(_is(service, rider_id))).rowcount
    found += connection.execute(
        sa.delete(wishes).where(wishes.c.service == service, wishes.c.rider_id == rider_id)
    ).rowcount
    for table in (holds, bookings, waiting):
        named = (table.c.service == service) & (table.c.rider_id == rider_id)
        found += connection.execute(sa.update(table).where(named).values(rider_id=None)).rowcount
    found += forget_home(connection, sealer, service, rider_id)
    if not found:
        raise not_found("rider", rider_id)
    # The entry must not keep what was to be forgotten: it counts rows and names nobody.
    note(connection, deed, "rider.erase", service, rows=found)


def _is(service: str, rider_id: str) -> sa.ColumnElement[bool]:
    return (riders.c.service == service) & (riders.c.rider_id == rider_id)


def _row(sealer: Sealer, rider: RiderRecord) -> dict[str, object]:
    sealed = sealer.seal_json(
        {"lon": rider.lon, "lat": rider.lat, "need": rider.need}, about_rider(rider.service, rider.rider_id)
    )
    return {
        "service": rider.service,
        "rider_id": rider.rider_id,
        "sealed": sealed,
        "worksite_id": rider.worksite_id,
        "shift_id": rider.shift_id,
        "days": rider.days,
        "count": rider.count,
    }


def _record(sealer: Sealer, row: sa.Row[tuple[object, ...]]) -> RiderRecord:
    values = dict(row._mapping)
    home = sealer.open_json(values.pop("sealed"), about_rider(row.service, row.rider_id))
    return RiderRecord(**values, **home)
