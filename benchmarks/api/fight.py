"""Two hundred bookers fight for the last twenty seats of a trip, while server and worker are killed at random."""

import asyncio
import datetime as dt
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from api.store.seating import bookings, hold_seats, holds, segment_seats
from api.store.states import BookingState, HoldState
from benchmarks.api.rates import weekday_after
from benchmarks.api.stage import Stage
from benchmarks.api.wire import Wire, dump

CONNECTIONS = 40
LAST_SEATS = 20


@dataclass(kw_only=True)
class Tally:
    """What bookers saw, and what was found in the database afterwards."""

    rounds: int = 0
    confirmed: int = 0
    refused: int = 0
    expired: int = 0
    released: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    oversold: int = 0
    lost: int = 0
    unequal: int = 0
    miscounted: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the tally as a JSON-ready mapping."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"kills": dict(self.kills)}


def fight(stage: Stage, *, rounds: int, bookers: int, kill_share: float, seconds: float, seed: int = 1) -> Tally:
    """Fight for some rounds, each over another date, or until the time is over.

    Parameters
    ----------
    kill_share : float
        Share of rounds in which the server is killed and started again; the worker likewise.
    """
    return asyncio.run(_fight(stage, rounds, bookers, kill_share, seconds, random.Random(seed)))  # noqa: S311


async def _fight(
    stage: Stage, rounds: int, bookers: int, kill_share: float, seconds: float, rng: random.Random
) -> Tally:
    tally, begin = Tally(), time.perf_counter()
    trip = roomy_trip(stage.document)
    wires = [Wire(stage.port, stage.secret) for _ in range(CONNECTIONS)]
    for number in range(rounds):
        if time.perf_counter() - begin > seconds:
            break
        date = weekday_after(number)
        await _fill(wires[0], trip, date)
        killer = asyncio.create_task(_kill(stage, tally, kill_share, rng))
        free: asyncio.Queue[Wire] = asyncio.Queue()
        for wire in wires:
            free.put_nowait(wire)
        seen = await asyncio.gather(*(_book(free, trip, date, tally, rng.random()) for _ in range(bookers)))
        await killer
        _audit(stage, trip["trip_id"], date, [hold_id for hold_id in seen if hold_id], tally)
        tally.rounds += 1
        print(json.dumps(tally.as_dict()), file=sys.stderr, flush=True)
    for wire in wires:
        wire.close()
    return tally


async def _kill(stage: Stage, tally: Tally, share: float, rng: random.Random) -> None:
    for name in ("server", "sweeper"):
        if rng.random() < share:
            await asyncio.sleep(rng.uniform(0.0, 0.5))
            stage.kill(name)
            tally.kills[name] += 1
            stage.start(name)


async def _book(
    free: asyncio.Queue[Wire], trip: dict[str, Any], date: dt.date, tally: Tally, mood: float
) -> str | None:
    """Hold, then confirm, release or forget; returns the hold that must be found confirmed."""
    wire = await free.get()
    try:
        body, key = dump(_wish(trip, date)), uuid4().hex
        status, answer = await wire.insist("/v1/holds", body, key)
        again = await wire.insist("/v1/holds", body, key)
        tally.unequal += again != (status, answer)
        if status != 201:
            tally.refused += 1
            return None
        hold_id = json.loads(answer)["hold_id"]
        if mood < 0.1:  # forgets
            return None
        key = uuid4().hex
        status, answer = await wire.insist(f"/v1/holds/{hold_id}/confirm", b"", key)
        tally.unequal += await wire.insist(f"/v1/holds/{hold_id}/confirm", b"", key) != (status, answer)
        if status != 200:
            tally.expired += status == 410
            return None
        if mood < 0.2:  # thinks better of it
            await wire.insist(f"/v1/holds/{hold_id}/release", b"", uuid4().hex)
            tally.released += 1
            return None
        tally.confirmed += 1
        return str(hold_id)
    finally:
        free.put_nowait(wire)


def _audit(stage: Stage, trip_id: str, date: dt.date, confirmed: Sequence[str], tally: Tally) -> None:
    """Count the seats of a trip from holds and bookings, and compare them with the counters and what bookers saw."""
    live = (HoldState.HELD, HoldState.CONFIRMED)
    with stage.store.write() as connection:
        counters = connection.execute(
            sa.select(segment_seats).where(segment_seats.c.trip_id == trip_id, segment_seats.c.service_date == date)
        ).all()
        rides = connection.execute(
            sa.select(hold_seats.c.first_segment, hold_seats.c.end_segment, hold_seats.c.seats)
            .join(holds, holds.c.hold_id == hold_seats.c.hold_id)
            .where(hold_seats.c.trip_id == trip_id, hold_seats.c.service_date == date, holds.c.state.in_(live))
        ).all()
        booked = connection.execute(
            sa.select(bookings.c.hold_id).where(
                bookings.c.trip_id == trip_id,
                bookings.c.service_date == date,
                bookings.c.state == BookingState.CONFIRMED,
            )
        ).scalars()
        tally.lost += len(set(confirmed) - set(booked))
    for row in counters:
        people = sum(seats for first, end, seats in rides if first <= row.segment < end)
        tally.oversold += people + row.kept > row.seats
        tally.miscounted += people != row.taken


def roomy_trip(document: dict[str, Any]) -> dict[str, Any]:
    """Return the trip with most seats free all the way.

    Raises
    ------
    LookupError
        If no trip has as many left as are fought for.
    """
    seats = {kind["vehicle_type_id"]: kind["seats"] for kind in document["vehicle_types"]}

    def room(trip: dict[str, Any]) -> int:
        return int(seats[trip["vehicle_type_id"]]) - max(int(call["load"]) for call in trip["stops"])

    trips = [trip for line in document["lines"] for trip in line["trips"]]
    best = max(trips, key=room)
    if room(best) < LAST_SEATS:
        raise LookupError(f"no trip has {LAST_SEATS} seats left; give --plan one of a second, or --rounds 0")
    return best | {"room": room(best)}


def _wish(trip: dict[str, Any], date: dt.date, count: int = 1) -> dict[str, Any]:
    stops = [call["stop_id"] for call in trip["stops"]]
    leg = {"trip_id": trip["trip_id"], "board_stop_id": stops[0], "alight_stop_id": stops[-1]}
    return {"legs": [leg], "dates": [date.isoformat()], "count": count}


async def _fill(wire: Wire, trip: dict[str, Any], date: dt.date) -> None:
    """Book all but the last seats."""
    if trip["room"] > LAST_SEATS:
        body = dump(_wish(trip, date, trip["room"] - LAST_SEATS))
        status, answer = await wire.insist("/v1/holds", body, uuid4().hex)
        if status != 201:
            raise RuntimeError(answer)
        await wire.insist(f"/v1/holds/{json.loads(answer)['hold_id']}/confirm", b"", uuid4().hex)
