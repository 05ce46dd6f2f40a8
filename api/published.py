"""Published plans ready to be asked: which is in force on a date, and its index of offers.

An index takes seconds to make, in a process of its own, so that requests go on meanwhile; until it is there, dates
keep the plan whose index is. Nothing waits for a lock: a board is replaced as a whole.
"""

import asyncio
import datetime as dt
import multiprocessing
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from api.desk import Desk
from api.editions import edition_folder, edition_name, find_edition, keep_edition
from api.errors import ApiError, FieldFault
from api.sealing import Sealer
from api.store.plans import Publication, find_plan, in_force, list_publications, plan_bytes
from api.store.scenarios import find_scenario, scenario_content
from routing.errors import RoutingError
from routing.offers.index import OfferIndex

LOOK_EVERY_S = 1.0
SHELF = "published"
"""Where the desk keeps the board."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A published plan, ready to be asked.

    Attributes
    ----------
    seated : mapping
        Rider and trip → stops of boarding and alighting, and people: the seats that the plan itself gives.
    crs : str
        Datum that the plan's scenario declares for its tables.
    """

    plan_id: str
    service: str
    timezone: str
    crs: str
    index: OfferIndex
    seated: Mapping[tuple[str, str], tuple[str, str, int]]

    def today(self, now_ms: int) -> dt.date:
        """Return the date in the service's time zone."""
        return dt.datetime.fromtimestamp(now_ms / 1_000, ZoneInfo(self.timezone)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything published, as of the last look.

    Attributes
    ----------
    publications : tuple of Publication
        In the order in which they were made, those without an edition left out.
    complete : bool
        Whether there is an edition of everything that was published and can be used.
    """

    publications: tuple[Publication, ...] = ()
    editions: Mapping[str, Edition] = field(default_factory=dict)
    complete: bool = False

    @property
    def services(self) -> tuple[str, ...]:
        """Services with a published plan."""
        return tuple(sorted({publication.service for publication in self.publications}))

    def edition(self, service: str, day: dt.date) -> Edition | None:
        """Return what is in force on a service date, or None."""
        found = in_force(self.publications, service, day)
        return None if found is None else self.editions[found.plan_id]


def board_of(desk: Desk) -> Board:
    """Return the present board."""
    board: Board = desk.shelf.get(SHELF) or Board()
    return board


def choose_service(board: Board, asked: str | None) -> str:
    """Return the service that a request is about; where there is only one, it need not be named.

    Raises
    ------
    ApiError
        ``not_ready`` while plans are being made ready; ``nothing_published``; ``invalid_request`` where the service
        is unknown or must be named.
    """
    if not board.complete and (not board.services or (asked is not None and asked not in board.services)):
        action = "Try again in a few seconds."
        raise ApiError("not_ready", "The published plan is being made ready.", action, headers={"Retry-After": "2"})
    if not board.services:
        raise ApiError("nothing_published", "No plan is published.", "Publish one.")
    if asked is None and len(board.services) == 1:
        return board.services[0]
    if asked not in board.services:
        detail = "one of the published services" if asked else "there are several services: name one"
        fault = FieldFault(pointer="/service", code="unknown_id" if asked else "missing", detail=detail)
        raise ApiError("invalid_request", "The service is not known.", "Mend what errors[] lists.", faults=[fault])
    return asked


def edition_on(board: Board, service: str, day: dt.date) -> Edition:
    """Return what is in force on a service date.

    Raises
    ------
    ApiError
        ``nothing_published``, when no plan is in force then.
    """
    found = board.edition(service, day)
    if found is None:
        cause = f"No plan of {service} is in force on {day.isoformat()}."
        raise ApiError("nothing_published", cause, "Ask for a later date, or publish a plan for it.")
    return found


async def watch_published(desk: Desk) -> None:
    """Look for publications as long as the application runs, and make ready what is new."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=leave_with_parent) as pool:
        failed: set[str] = set()
        while True:
            try:
                await refresh(desk, pool, failed)
            except SQLAlchemyError as error:
                desk.log.warning("publications_unread", kind=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)


def leave_with_parent() -> None:
    """Let this process end when the one that started it is gone, however it went; a pool's would wait for ever."""

    def follow() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


async def refresh(desk: Desk, pool: Executor | None, failed: set[str], load: "Load | None" = None) -> None:
    """Bring the board up to date.

    Parameters
    ----------
    pool : Executor or None
        Where indexes are made; the event loop's threads where None.
    failed : set of str
        Plans whose index cannot be made; they are told once, and left out.
    """
    published = await desk.store.reading(list_publications)
    known = board_of(desk).editions
    editions = {p.plan_id: known[p.plan_id] for p in published if p.plan_id in known}
    # Those first that are at hand: whoever starts again must not wait for a plan that is new.
    for make in (None, load or make_edition):
        for plan_id in [p.plan_id for p in published if p.plan_id not in editions and p.plan_id not in failed]:
            bundle = await desk.store.reading(partial(read_bundle, sealer=desk.sealer, plan_id=plan_id))
            try:
                found = await _edition_of(desk.sealer, bundle, pool, make)
            except RoutingError as error:
                failed.add(plan_id)
                desk.log.warning("publication_unusable", plan_id=plan_id, code=error.code)
                continue
            if found is not None:
                editions[plan_id] = found
                _put_up(desk, published, editions, failed)
        _put_up(desk, published, editions, failed)


def _put_up(desk: Desk, published: tuple[Publication, ...], editions: dict[str, Edition], failed: set[str]) -> None:
    ready = tuple(p for p in published if p.plan_id in editions)
    complete = all(p.plan_id in editions or p.plan_id in failed for p in published)
    before: Board | None = desk.shelf.get(SHELF)
    if before is None or (before.publications, before.complete) != (ready, complete):
        desk.shelf[SHELF] = Board(publications=ready, editions=dict(editions), complete=complete)


async def _edition_of(sealer: Sealer, bundle: "Bundle", pool: Executor | None, make: "Load | None") -> Edition | None:
    """Return an edition that was kept on disk, or make and keep it; without a maker, None where none was kept."""
    loop, folder = asyncio.get_running_loop(), edition_folder()
    name = edition_name(bundle.document, bundle.scenario_digest)
    kept = await loop.run_in_executor(None, find_edition, folder, name, sealer)
    if isinstance(kept, Edition):
        return kept
    if make is None:
        return None
    made = await loop.run_in_executor(pool, make, bundle)
    await loop.run_in_executor(None, keep_edition, folder, name, sealer, made)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A plan's document and the files of its scenario, as the store has them."""

    plan_id: str
    service: str
    document: bytes
    scenario_digest: str
    files: Mapping[str, bytes] = field(repr=False)


Load = Callable[[Bundle], Edition]


def read_bundle(connection: Connection, sealer: Sealer, plan_id: str) -> Bundle:
    """Read what an edition is made of.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    record = find_plan(connection, plan_id)
    return Bundle(
        plan_id=plan_id,
        service=record.service,
        document=plan_bytes(connection, plan_id),
        scenario_digest=find_scenario(connection, record.scenario_id).digest,
        files=scenario_content(connection, sealer, record.scenario_id),
    )


def make_edition(bundle: Bundle) -> Edition:
    """Make a plan ready to be asked; takes seconds.

    Raises
    ------
    RoutingError
        When the scenario or the plan cannot be used.
    """
    from routing.planner.offering import open_service  # noqa: PLC0415 - heavy: the door never imports it

    with tempfile.TemporaryDirectory(prefix="banche-") as folder:
        scenario, plan_file = Path(folder) / "scenario", Path(folder) / "plan.json"
        scenario.mkdir()
        for name, content in bundle.files.items():
            (scenario / name).write_bytes(content)
        plan_file.write_bytes(bundle.document)
        service = open_service(scenario, plan_file)
        index = service.index()
    counts = {rider.rider_id: rider.count for rider in service.study.problem.riders}
    return Edition(
        plan_id=bundle.plan_id,
        service=bundle.service,
        timezone=service.study.scenario.timezone,
        crs=service.crs,
        index=index,
        seated={
            (a.rider_id, a.trip_id): (a.board_stop_id, a.alight_stop_id, counts[a.rider_id])
            for a in service.plan.assignments
        },
    )
