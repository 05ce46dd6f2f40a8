"""The load test's own parts: its dates, its questions, its client, and the trip that is fought for."""

import asyncio
import datetime as dt
import itertools
import json
from collections.abc import Awaitable, Callable

import pytest

from benchmarks.api import rates
from benchmarks.api.command import main
from benchmarks.api.fight import LAST_SEATS, Tally, _wish, roomy_trip
from benchmarks.api.rates import hold_requests, offer_requests, weekday_after
from benchmarks.api.wire import Wire, dump

HOMES = [{"lon": 121.5, "lat": 38.9, "worksite_id": "north", "shift_id": "early"}]
Reply = Callable[[bytes], bytes | None]


def trip(trip_id: str, kind: str, *loads: int) -> dict[str, object]:
    stops = [{"stop_id": f"{trip_id}-{i}", "load": load} for i, load in enumerate(loads)]
    return {"trip_id": trip_id, "vehicle_type_id": kind, "stops": stops}


DOCUMENT = {
    "vehicle_types": [{"vehicle_type_id": "small", "seats": 19}, {"vehicle_type_id": "large", "seats": 45}],
    "lines": [
        {"trips": [trip("a-in", "small", 3, 0), trip("a-out", "small", 3, 0)]},
        {"trips": [trip("b-in", "large", 12, 20, 0), trip("b-out", "large", 30, 0)]},
    ],
}


def test_workdays_follow_one_another_and_none_comes_twice() -> None:
    days = [weekday_after(number) for number in range(30)]
    assert len(set(days)) == 30
    assert days == sorted(days)
    assert all(day.weekday() < 5 for day in days)
    assert days[0] >= dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)


def test_the_same_seed_asks_the_same_questions() -> None:
    first, again, other = (list(itertools.islice(offer_requests(HOMES, seed), 5)) for seed in (1, 1, 2))
    assert first == again != other
    for path, body in first:
        asked = json.loads(body)
        assert path == "/v1/offers"
        assert abs(asked["home"]["lon"] - 121.5) <= 5e-4
        assert len(asked["dates"]) == 1


def test_holds_ask_for_both_ways_of_a_line() -> None:
    for path, body in itertools.islice(hold_requests(DOCUMENT), 10):
        asked = json.loads(body)
        assert path == "/v1/holds"
        lines = {leg["trip_id"].split("-")[0] for leg in asked["legs"]}
        assert (len(asked["legs"]), len(lines)) == (2, 1)


def test_the_roomiest_trip_is_fought_for_from_end_to_end() -> None:
    best = roomy_trip(DOCUMENT)
    assert (best["trip_id"], best["room"]) == ("b-in", 25)
    assert best["room"] >= LAST_SEATS
    assert _wish(best, dt.date(2026, 11, 23), 5) == {
        "legs": [{"trip_id": "b-in", "board_stop_id": "b-in-0", "alight_stop_id": "b-in-2"}],
        "dates": ["2026-11-23"],
        "count": 5,
    }


def test_where_no_trip_has_room_there_is_no_fight() -> None:
    with pytest.raises(LookupError, match="20 seats left; give --plan"):
        roomy_trip(DOCUMENT | {"vehicle_types": [{"vehicle_type_id": k, "seats": 19} for k in ("small", "large")]})


def test_a_tally_is_json() -> None:
    tally = Tally(rounds=2)
    tally.kills["server"] += 1
    assert json.loads(json.dumps(tally.as_dict()))["kills"] == {"server": 1}


def served(replies: list[Reply], use: Callable[[Wire], Awaitable[object]]) -> object:
    """Let a client use a server that answers its connections' requests one after the other; None closes."""
    left, handling = iter(replies), set[asyncio.Task[None]]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handling.add(task)
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except EOFError:
                break
            length = next(int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length"))
            answer = next(left)(head + await reader.readexactly(length))
            if answer is None:
                break
            writer.write(answer)
            await writer.drain()
        writer.close()

    async def run() -> object:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        wire = Wire(server.sockets[0].getsockname()[1], "secret")
        try:
            return await use(wire)
        finally:
            wire.close()
            server.close()
            await asyncio.gather(*handling)

    return asyncio.run(run())


def reply(status: int, **body: object) -> Reply:
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\nX-Y: z\r\n\r\n".encode()
    return lambda _: head + content


def test_one_connection_carries_several_calls() -> None:
    seen: list[bytes] = []

    def look(request: bytes) -> bytes | None:
        seen.append(request)
        return reply(200, n=len(seen))(request)

    async def use(wire: Wire) -> list[tuple[int, bytes]]:
        return [await wire.call("POST", "/v1/x", dump({"a": 1}), "key-1"), await wire.call("GET", "/v1/y")]

    assert served([look, look], use) == [(200, b'{"n": 1}'), (200, b'{"n": 2}')]
    assert b"Idempotency-Key: key-1" in seen[0]
    assert b"Authorization: Bearer secret" in seen[0]
    assert seen[0].endswith(b'{"a":1}')
    assert b"Idempotency-Key" not in seen[1]


def test_a_client_insists_under_one_key_until_it_is_answered() -> None:
    """The server goes away, is busy, still starts, and answers at last."""
    keys: list[bytes] = []

    def noted(answer: Reply) -> Reply:
        def look(request: bytes) -> bytes | None:
            keys.append(next(x for x in request.split(b"\r\n") if x.startswith(b"Idempotency-Key")))
            return answer(request)

        return look

    replies = [
        noted(lambda _: None),
        noted(reply(503, code="not_ready")),
        noted(reply(409, code="in_flight")),
        noted(reply(409, code="seats_gone")),
    ]
    status, body = served(replies, lambda wire: wire.insist("/v1/holds", b"{}", "k"))  # type: ignore[misc]
    assert (status, json.loads(body)["code"]) == (409, "seats_gone")
    assert len(keys) == 4
    assert len(set(keys)) == 1


def test_patience_ends() -> None:
    replies = [reply(503, code="store_busy")] * 50
    with pytest.raises(TimeoutError):
        served(replies, lambda wire: wire.insist("/v1/holds", b"{}", "k", patience_s=0.2))


def test_options_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--database", "oracle"])
    assert stopped.value.code == 2
    assert "oracle" in capsys.readouterr().err
    assert rates.CONNECTIONS > 1
