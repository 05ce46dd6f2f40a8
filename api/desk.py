"""What a handler works with: the store, the clock, the keys; one desk per application, none global."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from api.clock import Clock, now_ms
from api.logs import Log, open_log
from api.metrics import Metrics
from api.sealing import Sealer, check_data_keys, open_sealer
from api.settings import Settings
from api.store import Store, open_store
from api.store.migrate import check_schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One application's belongings.

    Attributes
    ----------
    shelf : dict
        Where a room of the API keeps what it makes once per application, such as the index of the published
        plan, under its own name.
    """

    settings: Settings
    store: Store
    sealer: Sealer
    log: Log
    clock: Clock = now_ms
    metrics: Metrics = field(default_factory=Metrics)
    shelf: dict[str, Any] = field(default_factory=dict)


def open_desk(settings: Settings, *, clock: Clock = now_ms) -> Desk:
    """Open the store of the settings, whose schema must be the newest.

    Raises
    ------
    ApiError
        ``schema_outdated``, ``bad_database_url``, ``data_key_missing`` or ``data_key_wrong``.
    """
    sealer = open_sealer(settings)
    store = open_store(settings.db)
    try:
        check_schema(store)
        store.transact(lambda connection: check_data_keys(connection, sealer))
    except BaseException:
        store.close()
        raise
    return Desk(settings=settings, store=store, sealer=sealer, log=open_log(settings.log), clock=clock)


async def desk_of(request: Request) -> Desk:
    """Return the desk of the application that serves a request; a plain function would be run in a thread."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]
"""A handler's parameter of this type is given the application's desk."""
