"""Which plan runs: what date it is where the buses drive, and what is in force on it."""

import datetime as dt
import json
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from api.clock import SECOND_MS
from api.errors import ApiError, FieldFault
from api.store.plans import PlanRecord, find_plan, in_force, list_publications, plan_bytes

DEFAULT_ZONE = "Asia/Shanghai"


def today(at: int, zone: str) -> dt.date:
    """Return the date in a time zone at an instant [ms since the epoch].

    Raises
    ------
    ApiError
        ``invalid_request``, where the zone is unknown.
    """
    try:
        return dt.datetime.fromtimestamp(at / SECOND_MS, tz=ZoneInfo(zone)).date()
    except (KeyError, ValueError, OSError) as error:
        raise ApiError("invalid_request", f"The time zone {zone} is unknown.", "Correct the scenario.") from error


def zone_of(connection: Connection, plan_id: str) -> str:
    """Return the time zone that a plan's document names, or the usual one."""
    return str(json.loads(plan_bytes(connection, plan_id)).get("timezone") or DEFAULT_ZONE)


def running_plan(connection: Connection, service: str | None, at: int) -> PlanRecord:
    """Return the plan in force at an instant [ms since the epoch].

    Parameters
    ----------
    service : str or None
        None where there is only one with a published plan.

    Raises
    ------
    ApiError
        ``nothing_published``; ``invalid_request``, where one of several services must be named.
    """
    published = list_publications(connection, service)
    services = {publication.service for publication in published}
    if len(services) > 1:
        fault = FieldFault(pointer="/scenario", code="missing", detail="one of several services must be named")
        raise ApiError("invalid_request", "Plans of several services run.", "Name one.", faults=[fault])
    for name in services:
        day = today(at, zone_of(connection, published[-1].plan_id))
        found = in_force(published, name, day)
        if found is not None:
            return find_plan(connection, found.plan_id)
    raise ApiError("nothing_published", "No plan is in force today.", "Publish one, or name the plan.")
