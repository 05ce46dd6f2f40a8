"""Wishes: registered in one call, their homes sealed and forgotten when withdrawn."""

from typing import Any

import sqlalchemy as sa

from api.desk import Desk
from api.store.seating import wishes
from tests.api.calls import Http
from tests.api.town_service import open_town
from tests.cases import at

HOME = {"lon": at(2).lon, "lat": 38.900123, "crs": "wgs84"}
WISH = {"home": HOME, "worksite_id": "north", "shift_id": "early", "rider_id": "u-9"}


def register(http: Http, **more: Any) -> Any:
    return http.post("/v1/wishes", json=WISH | more)


def test_a_wish_is_kept_with_what_was_nearest(http: Http, desk: Desk) -> None:
    """Two minutes of driving from either stop: 1,000 m and 14 m off the road, where 800 m are promised."""
    open_town(desk)
    answer = register(http)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["state"], told["missed"]) == ("open", {"kind": "walk", "amount": 214, "unit": "m"})
    assert http.get(answer.headers["Location"]).json() == told


def test_where_there_is_an_offer_nothing_was_missed(http: Http, desk: Desk) -> None:
    open_town(desk)
    near = {"lon": at(1).lon, "lat": 38.9, "crs": "wgs84"}
    assert register(http, home=near).json()["missed"] == {}


def test_a_home_is_sealed_for_its_wish_and_never_told(http: Http, desk: Desk) -> None:
    open_town(desk)
    answer = register(http)
    assert "38.9001" not in answer.text
    with desk.store.read() as connection:
        row = connection.execute(sa.select(wishes)).one()
    assert b"38.9" not in row.sealed
    opened = desk.sealer.open_json(row.sealed, f"wish/{row.wish_id}")
    assert (opened["lat"], opened["need"]) == (38.900123, "")


def test_a_withdrawn_wish_forgets_its_home(http: Http, desk: Desk) -> None:
    open_town(desk)
    path = register(http).headers["Location"]
    assert [http.delete(path).json()["state"] for _ in range(2)] == ["withdrawn", "withdrawn"]
    with desk.store.read() as connection:
        assert connection.execute(sa.select(wishes.c.sealed)).scalar_one() is None


def test_a_wish_may_name_a_stop(http: Http, desk: Desk) -> None:
    open_town(desk)
    answer = http.post("/v1/wishes", json={"stop_id": "quay", "worksite_id": "north", "shift_id": "early"})
    assert (answer.status_code, answer.json()["stop_id"]) == (201, "quay")


def test_faults_of_a_wish_are_told(http: Http, desk: Desk) -> None:
    open_town(desk)
    assert register(http, worksite_id="moon").json()["errors"][0]["pointer"] == "/worksite_id"
    assert register(http, days="0000000").status_code == 422
    assert register(http, stop_id="quay").status_code == 422
    assert http.get("/v1/wishes/wish_none").status_code == 404
