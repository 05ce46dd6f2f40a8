"""At a switch of plans: bookings, holds and places on the waiting list are carried to the plan that is in force.

A server does it as soon as it knows the new plan, some bookings at a time, so that nobody waits for long; several
servers may do it at once. What cannot be carried is told, and tried again whenever plans change.
"""

import asyncio
import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from api.clock import SECOND_MS
from api.counts import read_counts
from api.desk import Desk
from api.errors import ApiError
from api.published import LOOK_EVERY_S, Board, Edition, board_of
from api.rides import day_of
from api.store import carrying as rows
from api.store.audit import Deed, note
from api.store.carrying import Booked
from api.store.holds import expire_holds, get_hold, offer_seats
from api.store.outbox import emit
from api.store.plans import Publication, in_force, list_publications, plan_bytes
from api.store.seats import Span, TripDay, find_full, give_back, lock_days, open_days, take
from api.successor import OldPlan, OldRide, alternatives, departure, read_old, successors
from routing.model.changes import FELT_S
from routing.model.units import format_clock

BATCH = 25
"""Bookings carried in one transaction: bookers of their trips wait for no more."""
AGAIN_S = 60.0
"""How often is looked for what a server that did not know the new plan yet has booked meanwhile."""
ACTOR = "carrying"


async def carry_bookings(desk: Desk) -> None:
    """Carry bookings whenever the plans in force change, as long as the application runs."""
    leaving, at = threading.Event(), 0.0
    seen: tuple[Publication, ...] = ()
    try:
        while True:
            board = board_of(desk)
            if board.complete and (board.publications != seen or time.monotonic() - at >= AGAIN_S):
                try:
                    await asyncio.to_thread(carry, desk, board, leaving)
                    seen, at = board.publications, time.monotonic()
                except (SQLAlchemyError, ApiError) as error:
                    desk.log.warning("bookings_not_carried", kind=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        leaving.set()


def carry(desk: Desk, board: Board, leaving: threading.Event | None = None) -> Counter[str]:
    """Carry whatever can be carried, and return how many were ``moved``, ``displaced``, ``restored``, and so on."""
    tally: Counter[str] = Counter()
    leaving = leaving or threading.Event()
    for service in board.services:
        tally += Carrier(desk=desk, board=board, service=service, leaving=leaving).carry()
    if tally:
        desk.log.info("bookings_carried", **tally)
    return tally


@dataclass(slots=True, kw_only=True)
class Carrier:
    """Carries the bookings of one service."""

    desk: Desk
    board: Board
    service: str
    leaving: threading.Event
    tally: Counter[str] = field(default_factory=Counter)
    _old: dict[str, OldPlan] = field(default_factory=dict)

    def carry(self) -> Counter[str]:
        """Carry bookings, holds and places of every date from today on."""
        latest = self.board.edition(self.service, dt.date.max)
        if latest is None:
            return self.tally
        first = latest.today(self.desk.clock())
        with self.desk.store.read() as connection:
            asked = rows.plan_days(connection, self.service, first)
            published = list_publications(connection, self.service)
        for plan_id, day in sorted(asked):
            edition, current = self.board.edition(self.service, day), in_force(published, self.service, day)
            # A board may be a second behind: nothing is carried back to a plan that another server has left.
            if edition is None or current is None or current.plan_id != edition.plan_id:
                continue
            if plan_id == edition.plan_id:
                self._bookings(plan_id, day, edition, back=True)
                continue
            self._bookings(plan_id, day, edition, back=False)
            self._once(lambda c, p=plan_id, d=day, e=edition: self._holds(c, p, d, e))
            self._once(lambda c, p=plan_id, d=day, e=edition: self._waiting(c, p, d, e))
        return self.tally

    def _once(self, work: Any) -> Any:
        """Run work in a transaction; what it counts stands only once it is committed."""

        def counted(connection: Connection) -> tuple[Any, Counter[str]]:
            before, self.tally = self.tally, Counter()
            try:
                result = work(connection)
                if self.tally:
                    deed = Deed(actor=ACTOR, at=self.desk.clock(), trace_id=None)
                    note(connection, deed, "bookings.carry", self.service, **self.tally)
                return result, self.tally
            finally:
                self.tally = before

        if self.leaving.is_set():
            return None
        result, told = self.desk.store.transact(counted)
        self.tally += told
        return result

    def _bookings(self, plan_id: str, day: dt.date, edition: Edition, *, back: bool) -> None:
        after: str | None = ""
        while after is not None:
            start = after

            def work(connection: Connection, start: str = start) -> str | None:
                found, following = rows.lock_bookings(
                    connection, plan_id, day, after=start, limit=BATCH, displaced_only=back
                )
                if back:
                    for booked in found:
                        rows.restore(connection, booked, self.desk.clock())
                        self.tally["restored"] += 1
                else:
                    self._some(connection, edition, found)
                return following

            after = self._once(work)

    def _some(self, connection: Connection, edition: Edition, found: Sequence[Booked]) -> None:
        """Carry some bookings that are locked."""
        choices = [self._choices(connection, edition, booked.span, booked.rider_id) for booked in found]
        self._lock(connection, edition, [b.span for b in found], [span for _, spans in choices for span in spans])
        for booked, (old, spans) in zip(found, choices, strict=True):
            to = self._first_free(connection, spans, booked.rider_id)
            if to is not None:
                self._move(connection, edition, booked, old, to)
            elif not booked.displaced:
                self._displace(connection, edition, booked, old)

    def _move(self, connection: Connection, edition: Edition, booked: Booked, old: OldRide | None, to: Span) -> None:
        trip, now = edition.index.trip(to.trip_id), self.desk.clock()
        rows.move_booking(connection, booked, to, "" if trip is None else trip.line_id, now)
        self.tally["moved"] += 1
        leaves = departure(edition, to)
        felt = old is None or leaves is None or abs(leaves - old.depart) > FELT_S
        if felt or booked.displaced or _ride(booked.span) != _ride(to):
            told = _told(booked, edition) | {"before": _ride(booked.span), "after": _ride(to)}
            told["after"]["depart"] = None if leaves is None else format_clock(leaves)
            emit(connection, "booking.moved", booked.booking_id, told, now)

    def _displace(self, connection: Connection, edition: Edition, booked: Booked, old: OldRide | None) -> None:
        now, day = self.desk.clock(), booked.span.service_date
        rows.displace(connection, booked, now)
        self.tally["displaced"] += 1
        offers: list[dict[str, Any]] = []
        if old is not None:
            names = [trip.trip_id for trip in edition.index.trips]
            taken = read_counts(connection, edition, names, [day])
            offers = alternatives(edition, old, day, booked.span.seats, taken)
        told = _told(booked, edition) | {"before": _ride(booked.span), "offers": offers}
        emit(connection, "booking.displaced", booked.booking_id, told, now)

    def _holds(self, connection: Connection, plan_id: str, day: dt.date, edition: Edition) -> None:
        """Carry holds that are not confirmed yet; one that cannot be is over, and confirming it answers with offers."""
        now = self.desk.clock()
        for hold_id in rows.lock_held(connection, self.service, plan_id, day):
            hold = get_hold(connection, hold_id)
            stale = [span for span in hold.spans if (span.plan_id, span.service_date) == (plan_id, day)]
            choices = [self._choices(connection, edition, span, hold.rider_id)[1] for span in stale]
            self._lock(connection, edition, stale, [span for spans in choices for span in spans])
            moves = []
            for span, spans in zip(stale, choices, strict=True):
                to = self._first_free(connection, spans, hold.rider_id)
                if to is None:
                    break
                take(connection, [to])
                moves.append((span, to))
            if len(moves) < len(stale):
                give_back(connection, [to for _, to in moves], keep=True)
                rows.end_hold_at(connection, hold_id, now)
                self.tally["holds ended"] += 1
                continue
            give_back(connection, stale, keep=True)
            for span, to in moves:
                rows.move_hold_seat(connection, hold_id, span, to)
            self.tally["holds moved"] += 1
        expire_holds(connection, now, wait_ms=self.desk.settings.hold_s * SECOND_MS)

    def _waiting(self, connection: Connection, plan_id: str, day: dt.date, edition: Edition) -> None:
        now, to_offer = self.desk.clock(), []
        for waiting_id, span in rows.waiting_on(connection, plan_id, day):
            spans = self._choices(connection, edition, span, None)[1]
            rows.move_place(connection, waiting_id, spans[0] if spans else None, now)
            self.tally["waiting moved" if spans else "waiting ended"] += 1
            to_offer += spans[:1]
        self._lock(connection, edition, [], to_offer)
        wait_ms = self.desk.settings.hold_s * SECOND_MS
        offer_seats(connection, rows.keys_of(to_offer), now=now, wait_ms=wait_ms)

    def _choices(
        self, connection: Connection, edition: Edition, span: Span, rider_id: str | None
    ) -> tuple[OldRide | None, list[Span]]:
        if span.plan_id not in self._old:
            self._old[span.plan_id] = read_old(plan_bytes(connection, span.plan_id))
        old = self._old[span.plan_id].ride(span)
        return old, [] if old is None else successors(edition, old, span, rider_id)

    @staticmethod
    def _lock(connection: Connection, edition: Edition, old: Sequence[Span], new: Sequence[Span]) -> None:
        days: dict[Any, TripDay] = {}
        for span in new:
            trip = edition.index.trip(span.trip_id)
            assert trip is not None, "it was found there"
            days[span.key] = day_of(edition, trip, span.service_date)
        lock_days(connection, rows.keys_of(old) | days.keys())
        open_days(connection, list(days.values()))

    def _first_free(self, connection: Connection, spans: Sequence[Span], rider_id: str | None) -> Span | None:
        for span in spans:
            kept = span.was_kept and rider_id is not None
            kept = kept and not rows.kept_seat_used(connection, self.service, str(rider_id), span.key)
            tried = replace(span, was_kept=kept)
            if find_full(connection, [tried]) is None:
                return tried
        return None


def _told(booked: Booked, edition: Edition) -> dict[str, Any]:
    return {
        "hold_id": booked.hold_id,
        "rider_id": booked.rider_id,
        "service_date": booked.span.service_date.isoformat(),
        "seats": booked.span.seats,
        "plan_id": edition.plan_id,
    }


def _ride(span: Span) -> dict[str, Any]:
    return {"trip_id": span.trip_id, "board_stop_id": span.board_stop_id, "alight_stop_id": span.alight_stop_id}
