"""Holds over HTTP: seats kept, confirmed, released, extended and lost; counted per segment and date."""

from typing import Any

import pytest
import sqlalchemy as sa

from api.clock import MINUTE_MS
from api.desk import Desk
from api.jobs.chores import CHORES
from api.store.schema import audit_log, events
from api.store.seating import bookings, segment_seats
from tests.api.calls import Http, serving
from tests.api.conftest import Watch, key
from tests.api.town_service import (
    FRIDAY,
    INBOUND,
    MARKET,
    OUTBOUND,
    QUAY,
    SATURDAY,
    THURSDAY,
    WEDNESDAY,
    edition,
    iso,
    open_town,
    publish,
    put_up,
)
from tests.cases import town, with_rider

BOTH = {"legs": [INBOUND, OUTBOUND], "dates": iso(THURSDAY)}
TO_QUAY = {"legs": [QUAY], "dates": iso(THURSDAY)}
"""Line b has eight seats; dan and eve's two take three."""


def hold(http: Http, asked: dict[str, Any] = BOTH, **more: Any) -> dict[str, Any]:
    answer = http.post("/v1/holds", json=asked | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def act(http: Http, held: dict[str, Any], what: str, **more: Any) -> Any:
    return http.post(f"/v1/holds/{held['hold_id']}/{what}", **more)


def left(http: Http, trip_id: str = "a_in", date: Any = THURSDAY) -> list[int]:
    answer = http.get(f"/v1/trips/{trip_id}/seats", params={"date": date.isoformat()})
    assert answer.status_code == 200, answer.text
    return [segment["left"] for segment in answer.json()["segments"]]


def sweep(desk: Desk) -> int:
    return next(chore for chore in CHORES if chore.name == "expire_holds").do(desk)


def test_a_hold_takes_its_seats_on_its_segments_and_date_alone(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    assert (held["state"], held["extended"], held["version"]) == ("held", False, 1)
    assert {(ride["trip_id"], ride["seats"]) for ride in held["rides"]} == {("a_in", 1), ("a_out", 1)}
    assert (left(http, "a_in"), left(http, "a_out")) == ([1, 0], [0, 1])
    assert (left(http, "a_in", FRIDAY), left(http, "b_in")) == ([2, 1], [5])


def test_a_hold_lasts_ten_minutes(http: Http, desk: Desk, watch: Watch) -> None:
    open_town(desk)
    held = hold(http)
    watch.now += 10 * MINUTE_MS - 1
    assert http.get(f"/v1/holds/{held['hold_id']}").json()["state"] == "held"
    watch.now += 1
    assert http.get(f"/v1/holds/{held['hold_id']}").json()["state"] == "expired"
    assert held["expires_at"] == "2023-11-14T22:23:20.000Z"


def test_seats_that_are_gone_are_refused_and_nothing_is_half_taken(http: Http, desk: Desk) -> None:
    """Seats remain from the gate to the market, none beyond: the whole hold is refused."""
    open_town(desk)
    hold(http, legs=[MARKET])
    answer = http.post("/v1/holds", json=BOTH | {"dates": iso(FRIDAY, THURSDAY)})
    assert (answer.status_code, answer.json()["code"]) == (409, "seats_gone")
    assert (answer.json()["trip_id"], answer.json()["service_date"]) == ("a_in", THURSDAY.isoformat())
    assert (left(http, "a_in"), left(http, "a_in", FRIDAY), left(http, "a_out", FRIDAY)) == ([2, 0], [2, 1], [1, 2])


def test_a_short_ride_leaves_the_rest_of_the_trip_free(http: Http, desk: Desk) -> None:
    open_town(desk)
    hold(http, legs=[{"trip_id": "a_in", "board_stop_id": "gate_in", "alight_stop_id": "market_in"}], count=2)
    assert left(http) == [0, 1]


def test_several_people_and_dates_are_held_together(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http, TO_QUAY, dates=iso(FRIDAY, THURSDAY, FRIDAY), count=5)
    assert [ride["service_date"] for ride in held["rides"]] == iso(FRIDAY, THURSDAY)
    assert (left(http, "b_in"), left(http, "b_in", FRIDAY)) == ([0], [0])


def test_a_confirmed_hold_becomes_bookings_and_does_not_expire(http: Http, desk: Desk, watch: Watch) -> None:
    open_town(desk)
    held = hold(http, rider_id="u-17")
    confirmed = act(http, held, "confirm")
    assert (confirmed.status_code, confirmed.json()["state"], confirmed.headers["ETag"]) == (200, "confirmed", '"2"')
    watch.now += 60 * MINUTE_MS
    assert sweep(desk) == 0
    assert left(http) == [1, 0]
    with desk.store.read() as connection:
        rows = connection.execute(sa.select(bookings).order_by(bookings.c.trip_id)).all()
    assert [(r.trip_id, r.line_id, r.state, r.rider_id) for r in rows] == [
        ("a_in", "a", "confirmed", "u-17"),
        ("a_out", "a", "confirmed", "u-17"),
    ]


def test_confirming_again_changes_nothing(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    assert act(http, held, "confirm").json() == act(http, held, "confirm").json()
    with desk.store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(bookings)).scalar_one() == 2


def test_a_released_hold_gives_its_seats_back_once(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    for _ in range(2):
        assert act(http, held, "release").json()["state"] == "released"
    assert left(http) == [2, 1]
    refused = act(http, held, "confirm")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")


def test_releasing_a_confirmed_hold_cancels_its_bookings(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    act(http, held, "confirm")
    assert act(http, held, "release").json()["state"] == "released"
    assert left(http) == [2, 1]
    with desk.store.read() as connection:
        assert set(connection.execute(sa.select(bookings.c.state)).scalars()) == {"cancelled"}
        told = connection.execute(sa.select(events.c.type).where(events.c.type.like("booking%"))).scalars().all()
    assert told == ["booking.confirmed", "booking.cancelled"]


def test_a_hold_is_extended_once(http: Http, desk: Desk, watch: Watch) -> None:
    open_town(desk)
    held = hold(http)
    extended = act(http, held, "extend")
    assert (extended.status_code, extended.json()["expires_at"]) == (200, "2023-11-14T22:33:20.000Z")
    assert act(http, held, "extend").json()["code"] == "wrong_state"
    watch.now += 15 * MINUTE_MS
    assert act(http, held, "confirm").status_code == 200


def test_an_expired_hold_is_gone_and_answered_with_a_new_offer(http: Http, desk: Desk, watch: Watch) -> None:
    open_town(desk)
    held = hold(http)
    watch.now += 10 * MINUTE_MS
    sweep(desk)
    for what in ("confirm", "extend"):
        refused = act(http, held, what)
        assert (refused.status_code, refused.json()["code"]) == (410, "hold_expired")
        (offer,) = refused.json()["offers"]
        assert (offer["line_id"], offer["legs"][0]["stop_id"], offer["seats_left"]) == ("a", "gate_in", 1)


def test_an_expired_hold_without_free_seats_has_no_new_offer(http: Http, desk: Desk, watch: Watch) -> None:
    open_town(desk)
    held = hold(http)
    watch.now += 10 * MINUTE_MS
    act(http, hold(http), "confirm")
    assert act(http, held, "confirm").json()["offers"] == []


def test_seats_of_holds_whose_time_is_over_are_free_before_anybody_sweeps(http: Http, desk: Desk, watch: Watch) -> None:
    open_town(desk)
    first = hold(http)
    assert http.post("/v1/holds", json=BOTH).status_code == 409
    watch.now += 10 * MINUTE_MS
    hold(http)
    assert http.get(f"/v1/holds/{first['hold_id']}").json()["state"] == "expired"
    assert left(http) == [1, 0]


def test_sweeping_expires_what_is_over_and_nothing_else(http: Http, desk: Desk, watch: Watch) -> None:
    open_town(desk)
    hold(http)
    watch.now += 5 * MINUTE_MS
    hold(http, TO_QUAY)
    watch.now += 5 * MINUTE_MS
    assert (sweep(desk), sweep(desk)) == (1, 0)
    assert (left(http), left(http, "b_in")) == ([2, 1], [4])


def test_a_repeated_hold_is_answered_the_same_and_held_once(http: Http, desk: Desk) -> None:
    open_town(desk)
    first, again = (http.post("/v1/holds", json=TO_QUAY, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert left(http, "b_in") == [4]


def test_a_refusal_is_repeated_too_even_when_seats_are_free_by_then(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    refused = http.post("/v1/holds", json=BOTH, headers={"Idempotency-Key": "k1"})
    act(http, held, "release")
    again = http.post("/v1/holds", json=BOTH, headers={"Idempotency-Key": "k1"})
    assert (refused.status_code, refused.content) == (again.status_code, again.content) == (409, refused.content)


def test_the_same_key_for_another_hold_is_refused(http: Http, desk: Desk) -> None:
    open_town(desk)
    http.post("/v1/holds", json=TO_QUAY, headers={"Idempotency-Key": "k1"})
    other = http.post("/v1/holds", json=TO_QUAY | {"count": 2}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_an_edit_of_a_hold_that_changed_meanwhile_is_refused(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    act(http, held, "extend")
    refused = act(http, held, "confirm", headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (412, "stale_version")
    assert act(http, held, "confirm", headers={"If-Match": '"2"'}).status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"dates": iso(WEDNESDAY.replace(day=14))}, "/dates/0", "date_past"),
        ({"dates": iso(THURSDAY, SATURDAY)}, "/dates/1", "not_running"),
        ({"legs": [INBOUND | {"board_stop_id": "quay"}]}, "/legs/0/board_stop_id", "no_such_ride"),
        ({"legs": [INBOUND | {"alight_stop_id": "gate_in"}]}, "/legs/0/alight_stop_id", "no_such_ride"),
        ({"legs": []}, "/legs", "too_short"),
        ({"home": {}}, "/home", "extra_forbidden"),
    ],
)
def test_a_ride_that_is_not_possible_is_refused(
    http: Http, desk: Desk, change: dict[str, Any], pointer: str, code: str
) -> None:
    open_town(desk)
    answer = http.post("/v1/holds", json=BOTH | change)
    assert answer.status_code == 422
    assert (pointer, code) in {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]}


def test_a_trip_that_the_plan_has_not_is_gone(http: Http, desk: Desk) -> None:
    open_town(desk)
    answer = http.post("/v1/holds", json=BOTH | {"legs": [INBOUND | {"trip_id": "c_in"}]})
    assert (answer.status_code, answer.json()["code"]) == (409, "trip_gone")


def test_too_many_rides_at_once_are_refused(http: Http, desk: Desk) -> None:
    open_town(desk)
    dates = [THURSDAY.replace(year=2024 + i // 12, month=1 + i % 12, day=2) for i in range(60)]
    legs = [INBOUND, OUTBOUND, MARKET, QUAY]
    assert http.post("/v1/holds", json={"legs": legs, "dates": iso(*dates)}).status_code == 413


def test_an_unknown_hold_is_not_found(http: Http, desk: Desk) -> None:
    open_town(desk)
    assert http.get("/v1/holds/hold_none").status_code == 404
    assert http.post("/v1/holds/hold_none/confirm").status_code == 404


def test_a_rider_whom_the_plan_seats_books_that_seat_and_not_another(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http, rider_id="ann")
    assert left(http) == [2, 1]
    act(http, held, "release")
    assert left(http) == [2, 1]
    act(http, hold(http, rider_id="ann"), "confirm")
    assert left(http) == [2, 1]


def test_the_kept_seat_is_there_once_a_second_ride_takes_a_free_one(http: Http, desk: Desk) -> None:
    open_town(desk)
    hold(http, rider_id="ann")
    hold(http, rider_id="ann")
    assert left(http) == [1, 0]


def test_a_rider_who_cancels_gives_the_kept_seat_up_for_that_date(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http, rider_id="ann")
    act(http, held, "confirm")
    act(http, held, "release")
    assert (left(http), left(http, "a_in", FRIDAY)) == ([3, 2], [2, 1])
    act(http, hold(http, rider_id="ann"), "confirm")
    assert left(http) == [2, 1]


def test_a_plan_that_seats_too_many_breaks_no_counter(http: Http, desk: Desk) -> None:
    open_town(desk, problem=with_rider(town(), "ann", count=9))
    assert http.post("/v1/holds", json=BOTH).json()["code"] == "seats_gone"
    assert left(http) == [0, 0]


def test_holds_of_a_plan_that_was_replaced_can_still_be_confirmed(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http)
    second = desk.store.transact(publish)
    put_up(desk, edition(second))
    assert act(http, held, "confirm").status_code == 200
    assert left(http) == [2, 1]


def test_confirming_and_releasing_are_noted_without_names_of_riders(http: Http, desk: Desk) -> None:
    open_town(desk)
    held = hold(http, rider_id="u-17")
    act(http, held, "confirm")
    act(http, held, "release")
    with desk.store.read() as connection:
        rows = connection.execute(sa.select(audit_log).where(audit_log.c.subject == held["hold_id"])).all()
    assert [row.action for row in rows] == ["hold.confirm", "hold.release"]
    assert "u-17" not in str(rows)


def test_only_keys_for_booking_may_hold(desk: Desk, http: Http) -> None:
    open_town(desk)
    with serving(http.app, key(desk.store, "plan:read", "plan:write")) as other:
        assert other.post("/v1/holds", json=BOTH).status_code == 403


def test_seats_are_told_segment_by_segment(http: Http, desk: Desk) -> None:
    open_town(desk)
    hold(http)
    told = http.get("/v1/trips/a_in/seats", params={"date": THURSDAY.isoformat()}).json()
    assert (told["runs"], told["seats"], told["seats_left"], told["line_id"]) == (True, 4, 0, "a")
    assert [(s["from_stop_id"], s["depart"], s["kept"], s["taken"]) for s in told["segments"]] == [
        ("gate_in", "07:20:00", 2, 1),
        ("market_in", "07:24:32", 3, 1),
    ]
    assert not http.get("/v1/trips/a_in/seats", params={"date": SATURDAY.isoformat()}).json()["runs"]
    assert http.get("/v1/trips/ghost/seats", params={"date": THURSDAY.isoformat()}).status_code == 404


def test_the_database_itself_refuses_to_oversell(http: Http, desk: Desk) -> None:
    """Whatever the code does: the counter has a limit of its own."""
    open_town(desk)
    hold(http)
    with pytest.raises(sa.exc.IntegrityError), desk.store.write() as connection:
        connection.execute(sa.update(segment_seats).values(taken=segment_seats.c.seats + 1))
