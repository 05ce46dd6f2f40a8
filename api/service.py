"""Which service a call is about: most installations run one, and need not name it."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.errors import ApiError, FieldFault, not_found
from api.store.schema import scenarios


def service_of_call(connection: Connection, named: str | None) -> str:
    """Return the service that a call names, or the only one there is.

    Raises
    ------
    ApiError
        ``not_found``, where there is none, or none of this name; ``invalid_request``, where one must be named.
    """
    query = sa.select(scenarios.c.service).distinct().order_by(scenarios.c.service)
    if named is not None:
        if connection.execute(query.where(scenarios.c.service == named)).first() is None:
            raise not_found("service", named)
        return named
    known = connection.execute(query.limit(2)).scalars().all()
    if not known:
        raise ApiError("not_found", "There is no service yet.", "Hand in a scenario with POST /v1/scenarios.")
    if len(known) > 1:
        fault = FieldFault(pointer="query:service", code="missing", detail="one of several services must be named")
        raise ApiError("invalid_request", "There are several services.", "Name one.", faults=[fault])
    return str(known[0])
