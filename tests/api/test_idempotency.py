"""A POST that is sent again is done once and answered the same."""

import asyncio
import threading

import pytest
import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from api.app import create_app
from api.auth import PlanWriter
from api.desk import AtDesk, Desk
from api.errors import ApiError
from api.idempotency import Answer, answer_once
from api.ids import new_id
from api.store.schema import facts
from tests.api.calls import Http
from tests.api.conftest import Watch, key

GATE = threading.Event()


@pytest.fixture
def things(desk: Desk, http: Http) -> Http:
    """Serve an application with one call that makes a thing, and refuses names that begin with ``no``."""
    app, router = create_app(desk), APIRouter()

    @router.post("/v1/things/{name}")
    async def make(name: str, request: Request, desk: AtDesk, caller: PlanWriter) -> Response:
        def work(connection: Connection) -> Answer:
            if name.startswith("no"):
                raise ApiError("seats_gone", f"None left of {new_id('x')}.", "Ask for another.")
            if name.startswith("slow"):
                GATE.wait(10)
            connection.execute(sa.insert(facts).values(name=new_id("thing"), value=name))
            return Answer(status=201, body={"id": new_id("thing")}, headers={"ETag": '"1"'})

        return await answer_once(request, desk, caller, work)

    app.include_router(router)
    return Http(app, http.portal, dict(http.client.headers))


async def flying(desk: Desk) -> None:
    """Wait until a request is being answered at a desk."""
    while not desk.shelf.get("in_flight"):  # noqa: ASYNC110 - what is tested sets no event
        await asyncio.sleep(0.01)


def made(desk: Desk) -> int:
    with desk.store.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(facts)).scalar_one())


def test_without_a_key_each_request_counts(things: Http, desk: Desk) -> None:
    assert things.post("/v1/things/a").json() != things.post("/v1/things/a").json()
    assert made(desk) == 2


def test_the_same_request_again_gets_the_same_answer(things: Http, desk: Desk) -> None:
    first = things.post("/v1/things/a", headers={"Idempotency-Key": "k1"})
    again = things.post("/v1/things/a", headers={"Idempotency-Key": "k1"})
    assert (first.status_code, first.content, first.headers["etag"]) == (
        again.status_code,
        again.content,
        again.headers["etag"],
    )
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert made(desk) == 1


def test_a_refusal_is_answered_again_too(things: Http) -> None:
    first = things.post("/v1/things/none", headers={"Idempotency-Key": "k1"})
    again = things.post("/v1/things/none", headers={"Idempotency-Key": "k1"})
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "body"), [("/v1/things/b", b""), ("/v1/things/a", b"{}")])
def test_another_request_under_the_same_key_is_refused(things: Http, path: str, body: bytes) -> None:
    things.post("/v1/things/a", headers={"Idempotency-Key": "k1"})
    answer = things.post(path, content=body, headers={"Idempotency-Key": "k1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_two_callers_may_choose_the_same_key(things: Http, desk: Desk) -> None:
    things.post("/v1/things/a", headers={"Idempotency-Key": "k1"})
    things.post("/v1/things/a", headers={"Idempotency-Key": "k1"} | key(desk.store, "plan:write"))
    assert made(desk) == 2


def test_a_key_is_forgotten_after_a_day(things: Http, desk: Desk, watch: Watch) -> None:
    things.post("/v1/things/a", headers={"Idempotency-Key": "k1"})
    watch.now += 24 * 3_600_000
    things.post("/v1/things/a", headers={"Idempotency-Key": "k1"})
    assert made(desk) == 2


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_a_key_that_cannot_be_kept_is_refused(things: Http, name: str) -> None:
    answer = things.post("/v1/things/a", headers={"Idempotency-Key": name})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_header")


def test_a_request_that_is_still_being_answered_is_told_so(things: Http, desk: Desk) -> None:
    GATE.clear()

    async def both() -> tuple[int, int, str]:
        headers = {"Idempotency-Key": "k1"}
        first = asyncio.create_task(things.client.post("/v1/things/slow", headers=headers))
        await flying(desk)
        second = await things.client.post("/v1/things/slow", headers=headers)
        GATE.set()
        return (await first).status_code, second.status_code, second.json()["code"]

    assert things.portal.call(both) == (201, 409, "in_flight")
    assert made(desk) == 1


def test_two_processes_that_answer_at_the_same_time_do_it_once(things: Http, desk: Desk) -> None:
    """The second process does not see what is in flight in the first; the database does."""
    other = Desk(settings=desk.settings, store=desk.store, sealer=desk.sealer, log=desk.log, clock=desk.clock)
    twin_app = things.app
    GATE.clear()

    async def both() -> list[object]:
        headers = {"Idempotency-Key": "k1"}
        first = asyncio.create_task(things.client.post("/v1/things/slow", headers=headers))
        await flying(desk)
        twin_app.state.desk = other
        second = asyncio.create_task(things.client.post("/v1/things/slow", headers=headers))
        await flying(other)
        GATE.set()
        return [(answer.status_code, answer.content) for answer in (await first, await second)]

    answers = things.portal.call(both)
    assert answers[0] == answers[1]
    assert made(desk) == 1
