"""The switch from one plan to the next: no booking, hold or place on the waiting list is lost, none counted twice."""

import asyncio
import datetime as dt
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import BACKGROUND, create_app
from api.carrying import carry, carry_bookings
from api.clock import MINUTE_MS
from api.desk import Desk
from api.published import board_of
from api.sealing import Sealer
from api.settings import Settings
from api.store import Store, open_store
from api.store.audit import read_audit
from api.store.keys import SCOPES
from api.store.plans import approve_plan, find_plan, insert_plan, publish_plan, retire_plan
from api.store.schema import events
from api.store.seating import bookings, hold_seats, holds, segment_seats
from api.store.states import BookingState, HoldState
from routing.evaluate import evaluate
from routing.formats.document import describe_plan
from routing.formats.plan_json import plan_mapping
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.units import MINUTE_S
from tests.api.calls import Http, serving
from tests.api.conftest import DATA_KEY, NOON, Watch, key
from tests.api.databases import copied
from tests.api.problems import refused
from tests.api.samples import DEED, kept_scenario
from tests.api.town_service import (
    FRIDAY,
    INBOUND,
    MARKET,
    OUTBOUND,
    QUAY,
    THURSDAY,
    WEDNESDAY,
    edition,
    iso,
    put_up,
)
from tests.cases import town, town_plan, with_seat, with_trip, without

BOTH = [INBOUND, OUTBOUND]


def open_plan(desk: Desk, plan: Plan | None = None, day: dt.date = WEDNESDAY, problem: Problem | None = None) -> str:
    """Publish a plan of the town whose document is its own, and put it up."""
    problem, plan = problem or town(), plan or town_plan()
    document = plan_mapping(describe_plan(problem, plan, evaluate(problem, plan)))

    def work(connection: Any) -> str:
        scenario = kept_scenario(connection)
        made = insert_plan(connection, service="town", scenario_id=scenario.scenario_id, document=document, deed=DEED)
        approved = approve_plan(connection, find_plan(connection, made.plan_id), DEED, two_persons=False)
        publish_plan(connection, approved, day, DEED)
        return made.plan_id

    plan_id = desk.store.transact(work)
    put_up(desk, edition(plan_id, problem, plan))
    return plan_id


def renamed(plan: Plan, line_id: str = "a") -> Plan:
    """Return the plan with other ids for the trips of a line."""
    lines = tuple(
        replace(line, trips=tuple(replace(t, trip_id=f"{t.trip_id}_new") for t in line.trips))
        if line.line_id == line_id
        else line
        for line in plan.lines
    )
    seats = tuple(
        replace(a, trip_id=f"{a.trip_id}_new") if a.trip_id.startswith(line_id) else a for a in plan.assignments
    )
    blocks = tuple(
        replace(b, trip_ids=tuple(f"{t}_new" if t.startswith(line_id) else t for t in b.trip_ids)) for b in plan.blocks
    )
    return replace(plan, lines=lines, assignments=seats, blocks=blocks)


def closed(plan: Plan, line_id: str = "a") -> Plan:
    """Return the plan without a line and its riders."""
    for rider_id in sorted({a.rider_id for a in plan.assignments if a.trip_id.startswith(line_id)}):
        plan = without(plan, rider_id)
    return replace(
        plan,
        lines=tuple(line for line in plan.lines if line.line_id != line_id),
        blocks=tuple(b for b in plan.blocks if not b.trip_ids[0].startswith(line_id)),
    )


def book(http: Http, *legs: dict[str, str], dates: Any = (THURSDAY,), confirm: bool = True, **more: Any) -> str:
    """Hold, confirm, and return the hold's id."""
    held = http.post("/v1/holds", json={"legs": list(legs), "dates": iso(*dates), **more})
    assert held.status_code == 201, held.text
    hold_id = str(held.json()["hold_id"])
    if confirm:
        assert http.post(f"/v1/holds/{hold_id}/confirm").status_code == 200
    return hold_id


def carried(desk: Desk) -> Counter[str]:
    return carry(desk, board_of(desk))


def rides(http: Http, hold_id: str) -> list[tuple[str, str]]:
    return [(r["trip_id"], r["board_stop_id"]) for r in http.get(f"/v1/holds/{hold_id}").json()["rides"]]


def left(http: Http, trip_id: str = "a_in", date: dt.date = THURSDAY) -> list[int]:
    told = http.get(f"/v1/trips/{trip_id}/seats", params={"date": date.isoformat()}).json()
    return [segment["left"] for segment in told["segments"]]


def told(desk: Desk, kind: str) -> list[dict[str, Any]]:
    with desk.store.read() as connection:
        query = sa.select(events.c.data).where(events.c.type == kind).order_by(events.c.event_id)
        return [dict(data) for data in connection.execute(query).scalars()]


def states(desk: Desk) -> list[tuple[str, str, str]]:
    c = bookings.c
    with desk.store.read() as connection:
        query = sa.select(c.trip_id, c.plan_id, c.state).order_by(c.service_date, c.trip_id)
        return [(row.trip_id, row.plan_id, row.state) for row in connection.execute(query)]


def check_counters(store: Store) -> None:
    """Count seats anew from bookings and holds, and compare them with the counters of every plan."""
    live = (BookingState.CONFIRMED, BookingState.DISPLACED)
    with store.read() as connection:
        taken: Counter[tuple[str, str, dt.date, int]] = Counter()
        held = sa.select(hold_seats).join(holds, holds.c.hold_id == hold_seats.c.hold_id)
        found = connection.execute(sa.select(bookings).where(bookings.c.state.in_(live))).all()
        found += connection.execute(held.where(holds.c.state == HoldState.HELD)).all()  # type: ignore[arg-type]
        for row in found:
            for segment in range(row.first_segment, row.end_segment):
                taken[row.plan_id, row.trip_id, row.service_date, segment] += row.seats
        counted = connection.execute(sa.select(segment_seats)).all()
    assert {(r.plan_id, r.trip_id, r.service_date, r.segment): r.taken for r in counted if r.taken} == dict(taken)


def test_bookings_go_with_the_plan_and_seats_are_counted_there(http: Http, desk: Desk) -> None:
    first = open_plan(desk)
    hold_id = book(http, *BOTH, dates=(THURSDAY, FRIDAY))
    second = open_plan(desk, day=FRIDAY)
    assert carried(desk) == {"moved": 2}
    assert states(desk) == [
        ("a_in", first, "confirmed"),
        ("a_out", first, "confirmed"),
        ("a_in", second, "confirmed"),
        ("a_out", second, "confirmed"),
    ]
    assert (left(http), left(http, date=FRIDAY)) == ([1, 0], [1, 0])
    assert told(desk, "booking.moved") == [], "nobody feels anything"
    check_counters(desk.store)
    assert carried(desk) == {}
    assert http.post(f"/v1/holds/{hold_id}/release").status_code == 200
    assert (left(http), left(http, date=FRIDAY)) == ([2, 1], [2, 1])
    check_counters(desk.store)


def test_trips_under_another_name_are_found_and_told(http: Http, desk: Desk) -> None:
    open_plan(desk)
    hold_id = book(http, INBOUND, rider_id="u-17")
    second = open_plan(desk, renamed(town_plan()))
    assert carried(desk) == {"moved": 1}
    assert rides(http, hold_id) == [("a_in_new", "gate_in")]
    (moved,) = told(desk, "booking.moved")
    assert moved["before"] == {"trip_id": "a_in", "board_stop_id": "gate_in", "alight_stop_id": "north"}
    assert moved["after"] == moved["before"] | {"trip_id": "a_in_new", "depart": "07:20:00"}
    assert (moved["rider_id"], moved["hold_id"], moved["plan_id"]) == ("u-17", hold_id, second)


def test_a_trip_that_leaves_much_later_is_told_and_a_little_later_is_not(http: Http, desk: Desk) -> None:
    open_plan(desk)
    book(http, QUAY)
    leaves = next(t.departure for _, t in town_plan().trips() if t.trip_id == "b_in")
    open_plan(desk, with_trip(town_plan(), "b_in", departure=leaves + 4 * MINUTE_S))
    assert carried(desk) == {"moved": 1}
    assert told(desk, "booking.moved") == []
    open_plan(desk, with_trip(town_plan(), "b_in", departure=leaves - 2 * MINUTE_S))
    assert carried(desk) == {"moved": 1}
    assert [moved["after"]["depart"] for moved in told(desk, "booking.moved")] == ["07:38:00"]


def test_a_rider_whom_the_new_plan_seats_elsewhere_goes_there_on_the_seat_it_keeps(http: Http, desk: Desk) -> None:
    """Ann's booking was her own seat at the gate; from now on the plan picks her up at the market."""
    open_plan(desk)
    hold_id = book(http, INBOUND, rider_id="ann")
    assert left(http) == [2, 1]
    open_plan(desk, with_seat(town_plan(), "ann", INBOUND_WAY, board_stop_id="market_in"))
    assert carried(desk) == {"moved": 1}
    assert rides(http, hold_id) == [("a_in", "market_in")]
    assert left(http) == [3, 1]
    check_counters(desk.store)


def test_a_seat_that_the_plan_keeps_is_not_used_twice(http: Http, desk: Desk) -> None:
    open_plan(desk)
    book(http, INBOUND, rider_id="ann")
    open_plan(desk)
    book(http, INBOUND, rider_id="ann")
    assert carried(desk) == {"moved": 1}
    assert left(http) == [1, 0]
    check_counters(desk.store)


def test_where_the_line_is_closed_the_booking_is_displaced_listed_and_offered_another(http: Http, desk: Desk) -> None:
    first = open_plan(desk)
    hold_id = book(http, QUAY, rider_id="u-17", count=2)
    second = open_plan(desk, closed(town_plan(), "b"), day=THURSDAY)
    assert carried(desk) == {"displaced": 1}
    (gone,) = told(desk, "booking.displaced")
    assert (gone["before"]["trip_id"], gone["plan_id"], gone["seats"], gone["offers"]) == ("b_in", second, 2, [])
    (row,) = http.get("/v1/displaced").json()["bookings"]
    assert row == {
        "booking_id": row["booking_id"],
        "hold_id": hold_id,
        "rider_id": "u-17",
        "service_date": THURSDAY.isoformat(),
        "plan_id": first,
        "line_id": "b",
        "trip_id": "b_in",
        "board_stop_id": "quay",
        "alight_stop_id": "south",
        "seats": 2,
    }
    assert carried(desk) == {}, "told once"
    with desk.store.read() as connection:
        assert [e.details for e in read_audit(connection) if e.action == "bookings.carry"] == [{"displaced": 1}]


def test_offers_to_a_displaced_rider_begin_at_the_old_stop(http: Http, desk: Desk) -> None:
    """Whoever got on at the market walks to the gate, 2,000 m further on the old road; a nearer one is offered."""
    open_plan(desk)
    book(http, MARKET)
    shorter = with_trip(town_plan(), "a_in", stop_ids=("gate_in", "north"))
    open_plan(desk, without(with_trip(shorter, "a_out", stop_ids=("north", "gate_out")), "cai"), problem=near_town())
    assert carried(desk) == {"displaced": 1}
    (gone,) = told(desk, "booking.displaced")
    assert [leg["stop_id"] for offer in gone["offers"] for leg in offer["legs"]] == ["gate_in", "gate_out"]


def near_town() -> Problem:
    """Return the town with a promise of long walks, so that the gate can be reached from the market."""
    return replace(town(), rules=replace(town().rules, max_walk_m=2_500))


def test_a_displaced_booking_comes_back_with_its_plan(http: Http, desk: Desk) -> None:
    first = open_plan(desk)
    book(http, QUAY, count=5)
    second = open_plan(desk, closed(town_plan(), "b"))
    assert carried(desk) == {"displaced": 1}
    check_counters(desk.store)
    desk.store.transact(lambda c: retire_plan(c, find_plan(c, second, lock=True), DEED))
    put_up(desk)
    assert left(http, "b_in") == [0], "its seats were never given away"
    assert carried(desk) == {"restored": 1}
    assert states(desk) == [("b_in", first, "confirmed")]
    assert len(told(desk, "booking.restored")) == 1
    assert http.get("/v1/displaced").json() == {"bookings": [], "next": None}


def test_who_finds_no_seat_is_carried_once_there_is_one(http: Http, desk: Desk) -> None:
    open_plan(desk)
    book(http, QUAY, count=5)
    second = open_plan(desk)
    other = book(http, QUAY, count=3)
    assert carried(desk) == {"displaced": 1}
    assert http.post(f"/v1/holds/{other}/release").status_code == 200
    assert carried(desk) == {"moved": 1}
    assert ("b_in", second, "confirmed") in states(desk)
    assert len(told(desk, "booking.moved")) == 1, "whoever was displaced is told"
    check_counters(desk.store)


def test_a_displaced_booking_can_be_given_up(http: Http, desk: Desk) -> None:
    open_plan(desk)
    hold_id = book(http, QUAY)
    open_plan(desk, closed(town_plan(), "b"))
    carried(desk)
    assert http.post(f"/v1/holds/{hold_id}/release").json()["state"] == "released"
    assert [state for _, _, state in states(desk)] == ["cancelled"]
    assert http.get("/v1/displaced").json()["bookings"] == []
    check_counters(desk.store)


def test_bookings_of_the_past_and_of_days_before_the_switch_stay(http: Http, desk: Desk, watch: Watch) -> None:
    open_plan(desk)
    book(http, QUAY, dates=(WEDNESDAY, THURSDAY))
    open_plan(desk, closed(town_plan(), "b"), day=FRIDAY)
    assert carried(desk) == {}
    watch.now += 36 * 60 * MINUTE_MS
    open_plan(desk, closed(town_plan(), "b"), day=WEDNESDAY)
    assert carried(desk) == {"displaced": 1}
    assert [state for _, _, state in states(desk)] == ["confirmed", "displaced"]


def test_a_hold_goes_with_the_plan_and_is_confirmed_there(http: Http, desk: Desk) -> None:
    open_plan(desk)
    hold_id = book(http, *BOTH, confirm=False)
    second = open_plan(desk, renamed(town_plan()))
    assert carried(desk) == {"holds moved": 1}
    assert http.post(f"/v1/holds/{hold_id}/confirm").status_code == 200
    assert states(desk) == [("a_in_new", second, "confirmed"), ("a_out_new", second, "confirmed")]
    check_counters(desk.store)


def test_a_hold_whose_ride_is_gone_is_over_and_gives_everything_back(http: Http, desk: Desk) -> None:
    open_plan(desk)
    hold_id = book(http, *BOTH, QUAY, confirm=False)
    open_plan(desk, closed(town_plan(), "b"))
    assert carried(desk) == {"holds ended": 1}
    refused(http.post(f"/v1/holds/{hold_id}/confirm"), 410, "hold_expired")
    assert left(http) == [2, 1]
    check_counters(desk.store)


def test_who_waits_waits_for_the_new_trip_or_hears_that_there_is_none(http: Http, desk: Desk) -> None:
    open_plan(desk)
    book(http, *BOTH)
    asked = {"date": THURSDAY.isoformat()}
    places = [http.post("/v1/waiting", json=ride | asked | {"count": n}).json() for ride, n in ((MARKET, 1), (QUAY, 6))]
    assert [place["state"] for place in places] == ["waiting", "waiting"]
    open_plan(desk, closed(renamed(town_plan()), "b"))
    tally = carried(desk)
    assert (tally["waiting moved"], tally["waiting ended"]) == (1, 1)
    now = [http.get(f"/v1/waiting/{place['waiting_id']}").json() for place in places]
    assert [(place["state"], place["trip_id"]) for place in now] == [("waiting", "a_in_new"), ("expired", "b_in")]
    assert [event["waiting_id"] for event in told(desk, "waiting.ended")] == [places[1]["waiting_id"]]


def test_a_board_that_is_behind_carries_nothing_back(http: Http, desk: Desk) -> None:
    """Another server has carried the bookings already; this one has not looked yet."""
    open_plan(desk)
    book(http, INBOUND)
    behind = board_of(desk)
    open_plan(desk)
    assert carried(desk) == {"moved": 1}
    assert carry(desk, behind) == {}


def test_a_server_that_leaves_carries_no_more(http: Http, desk: Desk) -> None:
    open_plan(desk)
    book(http, INBOUND)
    open_plan(desk)
    leaving = threading.Event()
    leaving.set()
    assert carry(desk, board_of(desk), leaving) == {}


def test_two_servers_and_a_booker_at_once_move_each_booking_once(http: Http, desk: Desk) -> None:
    open_plan(desk)
    for day in (THURSDAY, FRIDAY):
        for _ in range(2):
            book(http, QUAY, dates=(day,))
    open_plan(desk)
    board = board_of(desk)
    with ThreadPoolExecutor(3) as pool:
        servers = [pool.submit(carry, desk, board) for _ in range(2)]
        pool.submit(book, http, QUAY, dates=(THURSDAY,)).result()
        tally = sum((server.result() for server in servers), Counter[str]())
    # What one server had locked, the other may have left to the next time.
    tally += carried(desk)
    assert tally == {"moved": 4}
    check_counters(desk.store)


def test_the_list_comes_page_by_page(http: Http, desk: Desk) -> None:
    open_plan(desk)
    for _ in range(3):
        book(http, QUAY)
    open_plan(desk, closed(town_plan(), "b"))
    carried(desk)
    page = http.get("/v1/displaced", params={"limit": 2, "service": "town"}).json()
    rest = http.get("/v1/displaced", params={"limit": 2, "cursor": page["next"]}).json()
    ids = [row["booking_id"] for row in page["bookings"] + rest["bookings"]]
    assert (len(set(ids)), rest["next"]) == (3, None)
    assert http.get("/v1/displaced", params={"service": "village"}).json()["bookings"] == []


def test_it_is_done_beside_the_requests() -> None:
    assert carry_bookings in BACKGROUND


LEGS = (INBOUND, OUTBOUND, MARKET, QUAY)
PLANS = (
    town_plan(),
    renamed(town_plan()),
    closed(town_plan(), "b"),
    closed(renamed(town_plan()), "b"),
    with_seat(town_plan(), "ann", town_plan().assignments[0].direction, board_stop_id="market_in"),
)
INBOUND_WAY = town_plan().assignments[0].direction
ASKED = st.tuples(st.sampled_from(LEGS), st.sampled_from([None, "ann", "dan", "u-1"]), st.integers(1, 2), st.booleans())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(ASKED, st.sampled_from(PLANS)), min_size=3, max_size=9))
def test_whatever_is_booked_and_published_nothing_is_lost_or_counted_twice(
    file: Path, tmp_path: Path, course: list[Any]
) -> None:
    store = open_store(copied(file, tmp_path))
    log = structlog.wrap_logger(structlog.testing.CapturingLogger(), processors=[])
    desk = Desk(
        settings=Settings(db="sqlite:///x", data_keys=DATA_KEY, rate_per_s=0),
        store=store,
        sealer=Sealer({"test": b"0" * 32}),
        log=log,
        clock=lambda: NOON,
    )
    made = 0
    with serving(create_app(desk), key(store, *SCOPES)) as http:
        current = open_plan(desk)
        for step in course:
            if isinstance(step, Plan):
                current = open_plan(desk, step)
                carried(desk)
            else:
                leg, rider_id, count, confirm = step
                body = {"legs": [leg], "dates": iso(THURSDAY), "rider_id": rider_id, "count": count}
                held = http.post("/v1/holds", json=body)
                assert held.status_code in {201, 409}
                if held.status_code == 201 and confirm:
                    assert http.post(f"/v1/holds/{held.json()['hold_id']}/confirm").status_code == 200
                    made += 1
            check_counters(store)
    found = states(desk)
    assert len(found) == made
    assert all(plan_id == current or state == "displaced" for _, plan_id, state in found)
    store.close()


def test_the_task_carries_when_plans_change_and_ends_with_the_application(http: Http, desk: Desk) -> None:
    open_plan(desk)
    book(http, INBOUND)
    second = open_plan(desk)

    async def some_time() -> None:
        task = asyncio.create_task(carry_bookings(desk))
        for _ in range(200):
            if states(desk) == [("a_in", second, "confirmed")]:
                break
            await asyncio.sleep(0.05)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(some_time())
    assert states(desk) == [("a_in", second, "confirmed")]
