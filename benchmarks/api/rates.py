"""How many offers and holds a second, and how long each takes, from a second process."""

import asyncio
import datetime as dt
import random
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.api.stage import Stage
from benchmarks.api.wire import Wire, dump

CONNECTIONS = 16
Request = tuple[str, bytes]


def weekday_after(days: int) -> dt.date:
    """Return the workday that lies so many workdays ahead."""
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    found = -1
    while True:
        found += day.weekday() < 5
        if found == days:
            return day
        day += dt.timedelta(days=1)


def offer_requests(homes: list[dict[str, Any]], seed: int = 1) -> Iterator[Request]:
    """Yield questions of random riders of the scenario, each on one of the next ten workdays, their homes moved."""
    rng = random.Random(seed)  # noqa: S311 - a repeatable load
    dates = [weekday_after(i).isoformat() for i in range(10)]
    while True:
        rider = rng.choice(homes)
        home = {"lon": rider["lon"] + rng.uniform(-5e-4, 5e-4), "lat": rider["lat"] + rng.uniform(-5e-4, 5e-4)}
        body = {
            "home": home | {"crs": "wgs84"},
            "worksite_id": rider["worksite_id"],
            "shift_id": rider["shift_id"],
            "dates": [rng.choice(dates)],
        }
        yield "/v1/offers", dump(body)


def hold_requests(document: dict[str, Any], seed: int = 1) -> Iterator[Request]:
    """Yield holds of one seat both ways on random lines and far workdays, so that seats do not run out."""
    rng = random.Random(seed)  # noqa: S311 - a repeatable load
    dates = [weekday_after(i).isoformat() for i in range(250)]
    lines = [line["trips"] for line in document["lines"] if len(line["trips"]) == 2]
    while True:
        legs = []
        for trip in rng.choice(lines):
            stops = [call["stop_id"] for call in trip["stops"]]
            legs.append({"trip_id": trip["trip_id"], "board_stop_id": stops[0], "alight_stop_id": stops[-1]})
        yield "/v1/holds", dump({"legs": legs, "dates": [rng.choice(dates)]})


def flood(stage: Stage, requests: Iterator[Request], seconds: float) -> dict[str, Any]:
    """Ask as fast as answers come, on several connections at once."""
    return asyncio.run(_flood(stage, requests, seconds))


def pace(stage: Stage, requests: Iterator[Request], seconds: float, rate: float) -> dict[str, Any]:
    """Ask at a steady rate, whether answers come or not, and tell how long they took from when they were due."""
    return asyncio.run(_pace(stage, requests, seconds, rate))


async def _flood(stage: Stage, requests: Iterator[Request], seconds: float) -> dict[str, Any]:
    statuses: dict[int, int] = {}
    begin, cpu = time.perf_counter(), stage.cpu_s()

    async def ask() -> None:
        wire = Wire(stage.port, stage.secret)
        while time.perf_counter() - begin < seconds:
            path, body = next(requests)
            status, _ = await wire.call("POST", path, body)
            statuses[status] = statuses.get(status, 0) + 1
        wire.close()

    await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    elapsed, spent = time.perf_counter() - begin, stage.cpu_s() - cpu
    total = sum(statuses.values())
    return {
        "requests": total,
        "statuses": statuses,
        "per_s": round(total / elapsed, 1),
        "server_cpu_s": round(spent, 2),
        "per_server_cpu_s": round(total / max(spent, 1e-9), 1),
    }


async def _pace(stage: Stage, requests: Iterator[Request], seconds: float, rate: float) -> dict[str, Any]:
    idle: asyncio.LifoQueue[Wire] = asyncio.LifoQueue()
    for _ in range(8 * CONNECTIONS):
        idle.put_nowait(Wire(stage.port, stage.secret))
    waits: list[float] = []
    wrong = 0

    async def ask(due: float, request: Request) -> None:
        nonlocal wrong
        wire = await idle.get()
        status, _ = await wire.call("POST", *request)
        waits.append(time.perf_counter() - due)
        wrong += status >= 500
        idle.put_nowait(wire)

    begin, tasks = time.perf_counter(), []
    for number in range(int(seconds * rate)):
        due = begin + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(due, next(requests))))
    await asyncio.gather(*tasks)
    p50, p95, p99 = (float(value) for value in np.percentile(waits, (50, 95, 99)))
    return {
        "asked_per_s": rate,
        "requests": len(waits),
        "failed": wrong,
        "p50_ms": round(p50 * 1_000, 2),
        "p95_ms": round(p95 * 1_000, 2),
        "p99_ms": round(p99 * 1_000, 2),
    }
