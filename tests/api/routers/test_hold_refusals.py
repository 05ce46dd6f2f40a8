"""Holds over HTTP, from their refusing side: versions, keys, states, faults of what is asked."""

from pathlib import Path
from typing import Any

import pytest

from api.clock import MINUTE_MS
from api.desk import Desk
from tests.api.calls import Http
from tests.api.conftest import Watch, key
from tests.api.databases import copied
from tests.api.problems import refused
from tests.api.town_service import FRIDAY, INBOUND, OUTBOUND, QUAY, THURSDAY, edition, iso, open_town, publish, put_up

ACTS = ("confirm", "release", "extend")
ASKED: dict[str, Any] = {"legs": [QUAY], "dates": iso(THURSDAY)}


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of a database on SQLite alone: the store's own tests cover both."""
    return copied(file, tmp_path)


@pytest.fixture
def held(http: Http, desk: Desk) -> str:
    """Return the path of a hold of a seat on line b."""
    open_town(desk)
    return str(http.post("/v1/holds", json=ASKED).headers["location"])


def left(http: Http, trip_id: str = "b_in") -> int:
    told = http.get(f"/v1/trips/{trip_id}/seats", params={"date": THURSDAY.isoformat()}).json()
    return int(told["seats_left"])


def state(http: Http, path: str) -> str:
    return str(http.get(path).json()["state"])


def test_a_new_hold_says_where_it_is_and_which_version(http: Http, desk: Desk) -> None:
    open_town(desk)
    answer = http.post("/v1/holds", json=ASKED)
    assert answer.headers["location"] == f"/v1/holds/{answer.json()['hold_id']}"
    again = http.get(answer.headers["location"])
    assert (again.headers["etag"], again.json()) == (answer.headers["etag"], answer.json())


FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"legs": "b_in"}, ["/legs"]),
    ({"legs": [QUAY] * 11}, ["/legs"]),
    ({"legs": [{}]}, ["/legs/0/trip_id", "/legs/0/board_stop_id", "/legs/0/alight_stop_id"]),
    ({"legs": [QUAY | {"trip_id": "a/b"}]}, ["/legs/0/trip_id"]),
    ({"legs": [QUAY, QUAY | {"seat": 3}]}, ["/legs/1/seat"]),
    ({"dates": []}, ["/dates"]),
    ({"dates": ["2023-11-31"]}, ["/dates/0"]),
    ({"dates": iso(THURSDAY) * 63}, ["/dates"]),
    ({"count": 0}, ["/count"]),
    ({"count": 201}, ["/count"]),
    ({"count": True}, ["/count"]),
    ({"count": "1"}, ["/count"]),
    ({"rider_id": ""}, ["/rider_id"]),
    ({"rider_id": "a\nb"}, ["/rider_id"]),
    ({"rider_id": "x" * 129}, ["/rider_id"]),
    ({"service": "village"}, ["/service"]),
]


def test_faults_of_a_hold_are_told_where_they_stand(http: Http, desk: Desk) -> None:
    open_town(desk)
    for change, pointers in FAULTS:
        refused(http.post("/v1/holds", json=ASKED | change), 422, "invalid_request", *pointers)
    assert left(http) == 5


def test_a_leg_or_date_that_is_named_twice_counts_once(http: Http, desk: Desk) -> None:
    open_town(desk)
    asked = {"legs": [QUAY, QUAY], "dates": iso(THURSDAY, THURSDAY)}
    assert len(http.post("/v1/holds", json=asked).json()["rides"]) == 1
    assert left(http) == 4


def test_a_group_takes_as_many_seats_and_one_more_is_refused(http: Http, desk: Desk) -> None:
    open_town(desk)
    told = refused(http.post("/v1/holds", json=ASKED | {"count": 6}), 409, "seats_gone")
    assert (told["trip_id"], told["service_date"]) == ("b_in", THURSDAY.isoformat())
    assert http.post("/v1/holds", json=ASKED | {"count": 5}).status_code == 201
    assert left(http) == 0


def test_what_the_refusal_of_a_lost_trip_tells(http: Http, desk: Desk) -> None:
    open_town(desk)
    legs = [QUAY, QUAY | {"trip_id": "ghost"}]
    told = refused(http.post("/v1/holds", json=ASKED | {"legs": legs}), 409, "trip_gone")
    assert (told["trip_id"], told["service_date"]) == ("ghost", THURSDAY.isoformat())
    assert left(http) == 5


def test_before_anything_is_published_nothing_is_held(http: Http) -> None:
    answer = http.post("/v1/holds", json=ASKED)
    refused(answer, 503, "not_ready")
    assert int(answer.headers["retry-after"]) > 0


def test_without_a_plan_in_force_nothing_is_held(http: Http, desk: Desk) -> None:
    put_up(desk)
    refused(http.post("/v1/holds", json=ASKED), 404, "nothing_published")


def test_a_service_must_be_named_where_there_are_several(http: Http, desk: Desk) -> None:
    town, village = desk.store.transact(lambda c: (publish(c), publish(c, "village")))
    put_up(desk, edition(town), edition(village, service="village"))
    told = refused(http.post("/v1/holds", json=ASKED), 422, "invalid_request", "/service")
    assert told["errors"][0]["code"] == "missing"
    assert http.post("/v1/holds", json=ASKED | {"service": "village"}).json()["service"] == "village"
    seats = {"date": THURSDAY.isoformat()}
    assert http.get("/v1/trips/b_in/seats", params=seats | {"service": "village"}).json()["seats_left"] == 4
    assert http.get("/v1/trips/b_in/seats", params=seats | {"service": "town"}).json()["seats_left"] == 5


@pytest.mark.parametrize("what", ACTS)
def test_an_act_on_no_hold_is_not_found(http: Http, desk: Desk, what: str) -> None:
    open_town(desk)
    refused(http.post(f"/v1/holds/hold_none/{what}"), 404, "not_found")


def test_only_keys_for_booking_act_on_holds(http: Http, desk: Desk, held: str) -> None:
    for scope in ("plan:read", "plan:write", "pii:read"):
        weak = key(desk.store, scope)
        refused(http.get(held, headers=weak), 403, "scope_missing")
        for what in ACTS:
            refused(http.post(f"{held}/{what}", headers=weak), 403, "scope_missing")
    assert http.get(held).json()["version"] == 1


@pytest.mark.parametrize("what", ACTS)
def test_an_act_on_an_older_version_is_refused_with_the_present_one(http: Http, held: str, what: str) -> None:
    answer = http.post(f"{held}/{what}", headers={"If-Match": '"0"'})
    refused(answer, 412, "stale_version")
    assert answer.headers["etag"] == '"1"'
    done = http.post(f"{held}/{what}", headers={"If-Match": '"1"'})
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')


@pytest.mark.parametrize("what", ACTS)
def test_an_act_under_one_key_is_done_once(http: Http, held: str, what: str) -> None:
    first, again = (http.post(f"{held}/{what}", headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert http.get(held).json()["version"] == 2


def test_confirming_or_releasing_again_changes_nothing(http: Http, held: str) -> None:
    confirmed = [http.post(f"{held}/confirm").json() for _ in range(2)]
    assert confirmed[0] == confirmed[1]
    released = [http.post(f"{held}/release").json() for _ in range(2)]
    assert released[0] == released[1]
    assert (released[0]["state"], left(http)) == ("released", 5)


def test_a_released_hold_can_be_neither_confirmed_nor_extended(http: Http, held: str) -> None:
    http.post(f"{held}/release")
    for what in ("confirm", "extend"):
        refused(http.post(f"{held}/{what}"), 409, "wrong_state")
    assert state(http, held) == "released"


def test_a_hold_is_extended_once_and_never_when_confirmed(http: Http, held: str) -> None:
    assert http.post(f"{held}/extend").json()["extended"] is True
    refused(http.post(f"{held}/extend"), 409, "wrong_state")
    http.post(f"{held}/confirm")
    refused(http.post(f"{held}/extend"), 409, "wrong_state")


@pytest.mark.parametrize("what", ["confirm", "extend"])
def test_a_hold_whose_time_is_over_is_gone_and_others_are_offered(
    http: Http, held: str, watch: Watch, what: str
) -> None:
    watch.now += 10 * MINUTE_MS
    told = refused(http.post(f"{held}/{what}"), 410, "hold_expired")
    assert [leg["trip_id"] for leg in told["offers"][0]["legs"] if leg["direction"] == "inbound"] == ["b_in"]


def test_releasing_what_is_over_only_gives_its_seat_back(http: Http, held: str, watch: Watch) -> None:
    watch.now += 10 * MINUTE_MS
    assert http.post(f"{held}/release").status_code == 200
    assert left(http) == 5


def test_a_refusal_for_lateness_is_repeated_under_its_key(http: Http, held: str, watch: Watch) -> None:
    watch.now += 10 * MINUTE_MS
    first, again = (http.post(f"{held}/confirm", headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, again.content) == (410, first.content)
    assert again.headers["content-type"] == "application/problem+json"


@pytest.mark.usefixtures("held")
def test_the_same_key_of_two_callers_is_two_keys(http: Http, desk: Desk) -> None:
    other = key(desk.store, "booking")
    once = {"Idempotency-Key": "k"}
    mine = http.post("/v1/holds", json=ASKED, headers=once).json()
    theirs = http.post("/v1/holds", json=ASKED, headers=other | once).json()
    assert mine["hold_id"] != theirs["hold_id"]
    assert left(http) == 2


@pytest.mark.parametrize("name", ["x" * 256, "", "a\tb"])
@pytest.mark.usefixtures("held")
def test_a_key_that_cannot_be_kept_holds_nothing(http: Http, name: str) -> None:
    answer = http.post("/v1/holds", json=ASKED, headers={"Idempotency-Key": name})
    refused(answer, 400, "bad_header", "header:Idempotency-Key")
    assert left(http) == 4


def test_a_body_that_is_no_hold_is_a_problem_and_no_bug(http: Http, desk: Desk) -> None:
    open_town(desk)
    for body in (b"", b"{", b"\xff", b"[]", b"null", b'{"legs": NaN}'):
        answer = http.post("/v1/holds", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in {400, 422}, body
        assert answer.headers["content-type"] == "application/problem+json"


def test_one_full_date_refuses_the_others(http: Http, desk: Desk) -> None:
    open_town(desk)
    http.post("/v1/holds", json=ASKED | {"count": 5})
    told = refused(http.post("/v1/holds", json=ASKED | {"dates": iso(FRIDAY, THURSDAY)}), 409, "seats_gone")
    assert told["service_date"] == THURSDAY.isoformat()
    friday = http.get("/v1/trips/b_in/seats", params={"date": FRIDAY.isoformat()}).json()
    assert friday["seats_left"] == 5


def test_every_fault_of_every_leg_is_told(http: Http, desk: Desk) -> None:
    open_town(desk)
    backwards = INBOUND | {"board_stop_id": "north", "alight_stop_id": "gate_in"}
    legs = [backwards, OUTBOUND, QUAY | {"board_stop_id": "moon"}]
    answer = http.post("/v1/holds", json={"legs": legs, "dates": iso(THURSDAY)})
    refused(answer, 422, "invalid_request", "/legs/0/alight_stop_id", "/legs/2/board_stop_id")
