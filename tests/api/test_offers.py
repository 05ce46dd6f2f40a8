"""Offers over HTTP: from the plan in force, with seats of the dates asked for, and nothing of a home kept."""

import datetime as dt
import json
from typing import Any

import pytest

from api.desk import Desk
from api.published import Board
from routing.geo.datum import wgs84_to_gcj02
from tests.api.calls import Http, serving
from tests.api.conftest import Watch, key
from tests.api.town_service import (
    FRIDAY,
    INBOUND,
    OUTBOUND,
    SATURDAY,
    THURSDAY,
    WEDNESDAY,
    edition,
    iso,
    open_town,
    publish,
    put_up,
)
from tests.cases import at, town, town_plan, with_rider

AT_GATE = {"lon": at(1).lon, "lat": at(1).lat, "crs": "wgs84"}
HOME = "/home"
ASKED = {"home": AT_GATE, "worksite_id": "north", "shift_id": "early"}


def faults(answer: Any) -> set[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]}


def test_an_offer_names_stop_trip_times_and_seats(http: Http, desk: Desk) -> None:
    plan_id = open_town(desk)
    answer = http.post("/v1/offers", json=ASKED | {"dates": iso(THURSDAY)})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["service"], told["plan_id"], told["misses"]) == ("town", plan_id, [])
    (offer,) = told["offers"]
    there, back = offer["legs"]
    assert (there["trip_id"], there["stop_id"], there["depart"], there["walk_m"]) == (
        "a_in",
        "gate_in",
        "07:20:00",
        500,
    )
    assert (back["trip_id"], back["arrive"], offer["seats_left"]) == ("a_out", "17:46:32", 1)
    assert told["expires_at"] > "2023-11-14T22:13:20"


def test_seats_held_are_seen_by_later_offers(http: Http, desk: Desk, watch: Watch) -> None:
    """Offers count seats that are at most a second old."""
    open_town(desk)
    asked = ASKED | {"dates": iso(THURSDAY)}
    assert len(http.post("/v1/offers", json=asked).json()["offers"]) == 1
    assert http.post("/v1/holds", json={"legs": [INBOUND, OUTBOUND], "dates": iso(THURSDAY)}).status_code == 201
    watch.now += 1_000
    told = http.post("/v1/offers", json=asked).json()
    assert told["offers"] == []
    assert told["misses"][0]["kind"] == "seats"
    assert len(http.post("/v1/offers", json=ASKED | {"dates": iso(FRIDAY)}).json()["offers"]) == 1


def test_the_fullest_of_the_dates_counts(http: Http, desk: Desk) -> None:
    open_town(desk, problem=with_rider(town(), "ann", days=0b0001000))
    seats = [
        http.post("/v1/offers", json=ASKED | {"dates": iso(*dates)}).json()["offers"][0]["seats_left"]
        for dates in ((THURSDAY,), (FRIDAY,), (THURSDAY, FRIDAY))
    ]
    assert seats == [1, 2, 1]


def test_a_day_on_which_a_trip_does_not_run_has_no_offer(http: Http, desk: Desk) -> None:
    open_town(desk)
    assert http.post("/v1/offers", json=ASKED | {"dates": iso(SATURDAY)}).json()["offers"] == []


def test_without_dates_the_plan_itself_answers(http: Http, desk: Desk) -> None:
    open_town(desk)
    assert http.post("/v1/offers", json=ASKED).json()["offers"][0]["seats_left"] == 1


def test_coordinates_are_read_in_the_datum_that_is_declared(http: Http, desk: Desk) -> None:
    """GCJ-02 lies some 500 m off WGS-84 in Dalian: read wrongly, the walk would differ."""
    open_town(desk)
    lon, lat = wgs84_to_gcj02([AT_GATE["lon"]], [AT_GATE["lat"]])
    moved = {"lon": float(lon[0]), "lat": float(lat[0]), "crs": "gcj02"}
    walks = [
        http.post("/v1/offers", json=ASKED | {"home": home}).json()["offers"][0]["legs"][0]["walk_m"]
        for home in (AT_GATE, moved)
    ]
    assert walks[0] == pytest.approx(walks[1], abs=1)


def test_a_stop_may_stand_for_the_home(http: Http, desk: Desk) -> None:
    open_town(desk)
    asked = {"stop_id": "market_in", "worksite_id": "north", "shift_id": "early"}
    (offer,) = http.post("/v1/offers", json=asked).json()["offers"]
    assert offer["place_id"] == "market"
    assert offer["legs"][0]["walk_m"] is None


def test_where_nothing_fits_the_miss_and_its_seat_are_told(http: Http, desk: Desk) -> None:
    open_town(desk)
    far = {"lon": at(2).lon, "lat": at(2).lat, "crs": "wgs84"}
    told = http.post("/v1/offers", json=ASKED | {"home": far}).json()
    assert told["offers"] == []
    walk = next(miss for miss in told["misses"] if miss["kind"] == "walk")
    assert (walk["amount"], walk["unit"], walk["offer"]["line_id"]) == (200, "m", "a")


def test_every_fault_is_told_at_once_with_its_pointer(http: Http, desk: Desk) -> None:
    open_town(desk)
    answer = http.post("/v1/offers", json=ASKED | {"worksite_id": "west", "shift_id": "night"})
    assert faults(answer) == {("/worksite_id", "unknown_id"), ("/shift_id", "unknown_id")}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"home": None}, ""),
        ({"stop_id": "market_in"}, ""),
        ({"colour": "red"}, "/colour"),
        ({"count": True}, "/count"),
        ({"count": 0}, "/count"),
        ({"dates": []}, "/dates"),
        ({"dates": ["yesterday"]}, "/dates/0"),
        ({"home": {"lon": 121.5, "lat": 38.9}}, f"{HOME}/crs"),
        ({"home": AT_GATE | {"crs": "mars"}}, f"{HOME}/crs"),
        ({"home": AT_GATE | {"lon": 300}}, f"{HOME}/lon"),
    ],
)
def test_what_makes_no_sense_is_refused(http: Http, desk: Desk, change: dict[str, Any], pointer: str) -> None:
    open_town(desk)
    answer = http.post("/v1/offers", json=ASKED | change)
    assert pointer in {place for place, _ in faults(answer)}


def test_a_home_off_every_way_is_refused_without_being_repeated(http: Http, desk: Desk) -> None:
    open_town(desk)
    answer = http.post("/v1/offers", json=ASKED | {"home": AT_GATE | {"lat": 38.512345}})
    assert faults(answer) == {("/home", "home_off_roads")}
    assert "38.512345" not in answer.text


def test_nothing_of_a_home_is_logged_or_kept(http: Http, desk: Desk) -> None:
    open_town(desk)
    http.post("/v1/offers", json=ASKED | {"home": AT_GATE | {"lat": 38.901234}})
    assert "38.901234" not in json.dumps([str(call) for call in desk.log._logger.calls])


def test_only_keys_for_booking_are_let_in(desk: Desk, http: Http) -> None:
    open_town(desk)
    with serving(http.app, key(desk.store, "plan:read")) as other:
        assert other.post("/v1/offers", json=ASKED).status_code == 403


def test_before_anything_is_published_nothing_is_offered(http: Http, desk: Desk) -> None:
    desk.shelf["published"] = Board(complete=True)
    answer = http.post("/v1/offers", json=ASKED)
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_published")


def test_before_its_first_day_a_plan_offers_nothing(http: Http, desk: Desk) -> None:
    plan_id = desk.store.transact(lambda connection: publish(connection, day=FRIDAY))
    put_up(desk, edition(plan_id))
    codes = [http.post("/v1/offers", json=ASKED | {"dates": iso(day)}).status_code for day in (THURSDAY, FRIDAY)]
    assert codes == [404, 200]


def test_a_date_is_answered_from_the_plan_in_force_then(http: Http, desk: Desk) -> None:
    """From Friday on, another plan: its trips leave five minutes later."""
    first = open_town(desk)
    later = town_plan()
    lines = tuple(
        type(line)(line_id=line.line_id, name=line.name, trips=tuple(
            type(t)(**{f: getattr(t, f) for f in t.__slots__} | {"departure": t.departure + 300}) for t in line.trips
        ))
        for line in later.lines
    )  # fmt: skip
    second = desk.store.transact(lambda connection: publish(connection, day=FRIDAY))
    put_up(
        desk, edition(second, plan=type(later)(**{f: getattr(later, f) for f in later.__slots__} | {"lines": lines}))
    )
    told = [http.post("/v1/offers", json=ASKED | {"dates": iso(day)}).json() for day in (THURSDAY, FRIDAY)]
    assert [t["plan_id"] for t in told] == [first, second]
    assert [t["offers"][0]["legs"][0]["depart"] for t in told] == ["07:20:00", "07:25:00"]


def test_with_several_services_one_must_be_named(http: Http, desk: Desk) -> None:
    open_town(desk)
    plan_id = desk.store.transact(lambda connection: publish(connection, service="harbour"))
    put_up(desk, edition(plan_id, service="harbour"))
    assert faults(http.post("/v1/offers", json=ASKED)) == {("/service", "missing")}
    assert faults(http.post("/v1/offers", json=ASKED | {"service": "moon"})) == {("/service", "unknown_id")}
    assert http.post("/v1/offers", json=ASKED | {"service": "harbour"}).json()["plan_id"] == plan_id


def test_the_day_is_that_of_the_services_time_zone(desk: Desk, watch: Watch) -> None:
    """22:13 UTC of the 14th is the 15th in Shanghai."""
    plan_id = open_town(desk)
    assert desk.shelf["published"].editions[plan_id].today(watch.now) == WEDNESDAY
    assert dt.datetime.fromtimestamp(watch.now / 1_000, dt.UTC).date() == WEDNESDAY - dt.timedelta(days=1)
