"""The waiting list: first come, first served, as soon as seats are free, by whatever way they become so."""

from typing import Any

import sqlalchemy as sa

from api.clock import MINUTE_MS
from api.desk import Desk
from api.store.schema import events
from tests.api.calls import Http
from tests.api.conftest import Watch
from tests.api.test_holds import BOTH, act, hold, left, sweep
from tests.api.town_service import INBOUND, SATURDAY, THURSDAY, iso, open_town

WISH = INBOUND | {"date": THURSDAY.isoformat()}


def wait(http: Http, **more: Any) -> dict[str, Any]:
    answer = http.post("/v1/waiting", json=WISH | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def look(http: Http, place: dict[str, Any]) -> dict[str, Any]:
    return http.get(f"/v1/waiting/{place['waiting_id']}").json()


def test_who_waits_is_held_a_seat_when_one_is_released(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    place = wait(http, rider_id="u-1")
    assert (place["state"], place["hold_id"]) == ("waiting", None)
    act(http, held, "release")
    place = look(http, place)
    assert place["state"] == "offered"
    offered = http.get(f"/v1/holds/{place['hold_id']}").json()
    assert (offered["state"], offered["rider_id"], offered["expires_at"]) == ("held", "u-1", held["expires_at"])
    assert left(http) == [1, 0]
    with desk.store.read() as connection:
        told = connection.execute(sa.select(events).where(events.c.type == "waiting.offered")).one()
    assert told.data == {"waiting_id": place["waiting_id"], "hold_id": place["hold_id"], "rider_id": "u-1"}


def test_confirming_the_offered_seat_ends_the_wait(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    place = wait(http)
    act(http, held, "release")
    act(http, look(http, place), "confirm")
    assert look(http, place)["state"] == "accepted"


def test_a_seat_that_is_not_taken_up_goes_to_the_next(http: Http, desk: Desk, watch: Watch) -> None:
    open_town(desk)
    held = hold(http)
    first, second = wait(http), wait(http)
    act(http, held, "release")
    assert (look(http, first)["state"], look(http, second)["state"]) == ("offered", "waiting")
    watch.now += 10 * MINUTE_MS
    assert sweep(desk) == 1
    assert (look(http, first)["state"], look(http, second)["state"]) == ("expired", "offered")
    act(http, look(http, second), "release")
    assert look(http, second)["state"] == "cancelled"


def test_who_waits_goes_before_who_asks_when_time_is_over(http: Http, desk: Desk, watch: Watch) -> None:
    """The hold ends while nobody sweeps: the next request for the seat finds it given to the list."""
    open_town(desk)
    hold(http)
    place = wait(http)
    watch.now += 10 * MINUTE_MS
    assert http.post("/v1/holds", json=BOTH).json()["code"] == "seats_gone"
    watch.now += 1
    assert look(http, place)["state"] in {"offered", "waiting"}


def test_the_longest_waiting_who_fits_is_served(http: Http, desk: Desk) -> None:
    """One seat comes free: the group of two that has waited longer does not fit, and keeps its place."""
    open_town(desk)
    held = hold(http)
    group, single = wait(http, count=2), wait(http)
    act(http, held, "release")
    assert (look(http, group)["state"], look(http, single)["state"]) == ("waiting", "offered")


def test_where_seats_are_free_already_one_is_held_at_once(http: Http, desk: Desk) -> None:
    open_town(desk)
    assert wait(http)["state"] == "offered"
    assert left(http) == [1, 0]


def test_leaving_gives_the_place_up(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    place = wait(http)
    path = f"/v1/waiting/{place['waiting_id']}"
    assert [http.delete(path).json()["state"] for _ in range(2)] == ["cancelled", "cancelled"]
    act(http, held, "release")
    assert look(http, place)["state"] == "cancelled"
    assert left(http) == [2, 1]


def test_a_place_with_a_seat_held_cannot_be_left_but_its_hold_released(http: Http, desk: Desk) -> None:
    open_town(desk)
    place = wait(http)
    refused = http.delete(f"/v1/waiting/{place['waiting_id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert place["hold_id"] in refused.json()["detail"]


def test_waiting_twice_under_one_key_is_one_place(http: Http, desk: Desk) -> None:
    open_town(desk)
    hold(http)
    first, again = (http.post("/v1/waiting", json=WISH, headers={"Idempotency-Key": "w1"}) for _ in range(2))
    assert first.json() == again.json()


def test_nobody_waits_for_what_does_not_run(http: Http, desk: Desk) -> None:
    open_town(desk)
    answer = http.post("/v1/waiting", json=WISH | {"date": iso(SATURDAY)[0]})
    assert answer.status_code == 422
    assert http.get("/v1/waiting/wait_none").status_code == 404
