"""Reviews of lines: what the store has counted by line and day, a policy, and the states that are proposed."""

import csv
import datetime as dt
import json
import threading
from pathlib import Path
from typing import Any, get_args

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from api.desk import Desk
from api.errors import ApiError
from api.jobs.kind import Made, Task
from api.jobs.registry import read_params
from api.jobs.reviewing import (
    AskedPolicy,
    Preset,
    ReviewParams,
    count_lines,
    fetch,
    resolve,
    run_review,
)
from api.jobs.worker import Worker
from api.store import Store
from api.store.boardings import Boarding, record_boardings
from api.store.plans import approve_plan, find_plan, insert_plan, publish_plan
from api.store.seating import bookings
from api.store.states import BoardingKind, BookingState, JobState
from routing.lifecycle import PRESETS, LineState
from routing.planner.reviewing import find_policy
from tests.api.calls import Http
from tests.api.conftest import NOON
from tests.api.jobs.working import asked, seen
from tests.api.problems import refused
from tests.api.samples import DEED, call, document, kept_scenario
from tests.api.town_service import WEDNESDAY

TUESDAY, MONDAY, SUNDAY = (WEDNESDAY - dt.timedelta(days=i) for i in (1, 2, 3))
LONG_AGO = WEDNESDAY - dt.timedelta(days=60)


def both_ways() -> dict[str, Any]:
    """Return the small plan with a second line that has a trip each way."""
    content = document("plan_both")
    ways = []
    for direction, stops in (("inbound", ("a", "park")), ("outbound", ("park", "a"))):
        calls = [call(stop, clock) for stop, clock in zip(stops, ("07:30:00", "08:00:00"), strict=True)]
        ways.append(
            {
                "trip_id": f"L2-{direction[:2]}",
                "direction": direction,
                "shift_ids": ["day"],
                "vehicle_type_id": "bus",
                "days": "1111100",
                "stops": calls,
            }
        )
    return content | {"lines": [*content["lines"], {"line_id": "L2", "name": "Line 2", "trips": ways}]}


def published(store: Store, day: dt.date = LONG_AGO) -> str:
    def work(connection: sa.engine.Connection) -> str:
        scenario = kept_scenario(connection)
        made = insert_plan(
            connection, service="town", scenario_id=scenario.scenario_id, document=both_ways(), deed=DEED
        )
        approved = approve_plan(connection, find_plan(connection, made.plan_id), DEED, two_persons=False)
        publish_plan(connection, approved, day, DEED)
        return made.plan_id

    return store.transact(work)


def book(store: Store, plan_id: str, trip_id: str, day: dt.date, seats: int, state: str = "confirmed") -> None:
    row = {
        "booking_id": f"booking_{trip_id}_{day}_{state}",
        "service": "town",
        "key_id": "key_app",
        "hold_id": None,
        "rider_id": None,
        "state": BookingState(state),
        "plan_id": plan_id,
        "line_id": trip_id[:2],
        "trip_id": trip_id,
        "service_date": day,
        "board_stop_id": "a",
        "alight_stop_id": "park",
        "first_segment": 0,
        "end_segment": 1,
        "seats": seats,
        "created_at": NOON,
        "changed_at": NOON,
    }
    store.transact(lambda c: c.execute(sa.insert(bookings).values(row)))


def record(store: Store, trip_id: str, day: dt.date, people: int, kind: str = "boarded") -> None:
    told = Boarding(trip_id=trip_id, service_date=day, kind=BoardingKind(kind), people=people)
    assert store.transact(lambda c: record_boardings(c, "town", "key_gate", [told], NOON)) == []


def counted(store: Store, first: dt.date = LONG_AGO, last: dt.date = TUESDAY) -> dict[str, Any]:
    with store.read() as connection:
        return dict(count_lines(connection, "town", first, last))


def test_people_are_counted_by_line_and_day_on_both_databases(store: Store) -> None:
    plan_id = published(store)
    book(store, plan_id, "L1-in", MONDAY, 7)
    book(store, plan_id, "L1-in", MONDAY, 5, "cancelled")
    book(store, plan_id, "L1-in", TUESDAY, 4)
    record(store, "L1-in", TUESDAY, 3)
    assert counted(store) == {
        "L1": {MONDAY: (7, None), TUESDAY: (4, 3)},
        "L2": {MONDAY: (0, None), TUESDAY: (0, None)},
    }
    assert set(counted(store, TUESDAY)["L1"]) == {TUESDAY}


def test_who_rides_both_ways_is_one_person_and_the_fuller_way_counts(file_store: Store) -> None:
    plan_id = published(file_store)
    book(file_store, plan_id, "L2-in", MONDAY, 6)
    book(file_store, plan_id, "L2-ou", MONDAY, 9)
    record(file_store, "L2-in", MONDAY, 5)
    assert counted(file_store)["L2"] == {MONDAY: (9, 9)}


def test_where_only_those_who_stayed_away_are_told_the_others_rode(file_store: Store) -> None:
    plan_id = published(file_store)
    book(file_store, plan_id, "L1-in", MONDAY, 6)
    record(file_store, "L1-in", MONDAY, 2, "no_show")
    assert counted(file_store)["L1"] == {MONDAY: (6, 4)}


def test_a_day_off_is_no_empty_day(file_store: Store) -> None:
    """On Sunday nothing runs, whatever somebody recorded; on a holiday nobody is counted on any line."""
    plan_id = published(file_store)
    book(file_store, plan_id, "L1-in", SUNDAY, 6)
    book(file_store, plan_id, "L1-in", TUESDAY, 6)
    assert set(counted(file_store)["L1"]) == {TUESDAY}


def test_days_before_the_plan_and_trips_of_nobody_are_left_out(file_store: Store) -> None:
    plan_id = published(file_store, TUESDAY)
    book(file_store, plan_id, "L1-in", MONDAY, 6)
    book(file_store, plan_id, "L9-in", TUESDAY, 6)
    assert counted(file_store) == {"L1": {TUESDAY: (0, None)}, "L2": {TUESDAY: (0, None)}}


def resolved(store: Store, **given: Any) -> ReviewParams:
    with store.read() as connection:
        return resolve(connection, ReviewParams(**given), NOON)


def reviewed(store: Store, folder: Path, **given: Any) -> Made:
    """Do a review's work in this process."""
    params = resolved(store, **given)
    assert read_params(params.model_dump(mode="json")) == params
    with store.read() as connection:
        fetch(connection, params, folder)
    (folder / "plan.json").write_text(json.dumps(both_ways()), "utf-8")
    return run_review(Task(params=params, folder=folder, stop=threading.Event(), tell=lambda _: None))


def test_what_is_left_out_becomes_the_plan_in_force_and_yesterday(file_store: Store) -> None:
    plan_id = published(file_store)
    params = resolved(file_store)
    assert (params.plan, params.scenario, params.until, params.days) == (plan_id, "town", TUESDAY, 62)
    assert resolved(file_store, scenario="town", until=MONDAY).until == MONDAY


def test_lines_that_the_plan_does_not_have_are_all_told(file_store: Store) -> None:
    published(file_store)
    with pytest.raises(ApiError) as refusal:
        resolved(file_store, states={"L1": "watch", "L8": "watch", "L9": "running"})
    assert [fault.pointer for fault in refusal.value.faults] == ["/states/L8", "/states/L9"]


def test_three_thin_days_suspend_a_line_and_the_other_is_watched(file_store: Store, tmp_path: Path) -> None:
    """Nanchang: fewer than 5 on 3 days running suspend, fewer than 10 are watched."""
    plan_id = published(file_store)
    for days, people in ((1, 4), (2, 3), (5, 4)):
        book(file_store, plan_id, "L1-in", WEDNESDAY - dt.timedelta(days=days), people)
        book(file_store, plan_id, "L2-in", WEDNESDAY - dt.timedelta(days=days), 8)
    made = reviewed(file_store, tmp_path)
    assert made.summary["states"] == {"L1": "suspended", "L2": "watch"}
    assert [(c["line_id"], c["reason"]) for c in made.summary["changes"]] == [
        ("L1", "fewer than 5 people on 3 days running"),
        ("L2", "fewer than 10 people"),
    ]
    rows = list(csv.DictReader(made.files["counts.csv"].decode().splitlines()))
    assert len(rows) == 6
    assert rows[0] == {"date": "2023-11-10", "line_id": "L1", "booked": "4", "boarded": "", "state": "running"}
    assert [line["line_id"] for line in json.loads(made.files["review.json"])["lines"]] == ["L1", "L2"]


def test_where_a_line_stands_matters_even_where_nobody_was_counted(file_store: Store, tmp_path: Path) -> None:
    published(file_store)
    made = reviewed(file_store, tmp_path, states={"L1": "suspended"})
    assert made.summary["states"] == {"L1": "suspended", "L2": "running"}
    assert made.summary["changes"] == []


def test_own_rules_are_taken(file_store: Store, tmp_path: Path) -> None:
    plan_id = published(file_store)
    book(file_store, plan_id, "L1-in", TUESDAY, 2)
    rules = {"name": 'ours "1"', "open": [{"share": 0.5}], "suspend": [{"share": 0.9, "days": 1, "mean": True}]}
    made = reviewed(file_store, tmp_path, policy=rules)
    assert made.summary["states"] == {"L1": "suspended", "L2": "suspended"}


def test_own_rules_reach_the_planner_as_they_were_written(tmp_path: Path) -> None:
    policy = AskedPolicy.model_validate(
        {"open": [{"people": 20}, {"share": 0.6, "days": 3}], "watch": [{"people": 9, "days": 5, "mean": True}]}
    )
    (tmp_path / "policy.toml").write_text(policy.toml(), "utf-8")
    read = find_policy(str(tmp_path / "policy.toml"))
    assert (read.name, len(read.open), read.open[1].days, read.watch[0].mean) == ("own", 2, 3, True)


@pytest.mark.parametrize(
    "policy",
    [
        "paris",
        {},
        {"open": []},
        {"open": [{}]},
        {"open": [{"people": 5, "share": 0.5}]},
        {"open": [{"people": 5, "days": 0}]},
        {"open": [{"people": 5}], "close": []},
        {"open": [{"people": 5}], "watch": [{"people": 10}], "recover": [{"people": 8}]},
    ],
)
def test_rules_that_make_no_sense_are_refused_at_the_door(policy: Any) -> None:
    with pytest.raises(ValidationError):
        ReviewParams(policy=policy)


def test_the_presets_are_those_of_the_planner() -> None:
    assert set(get_args(Preset)) == set(PRESETS)


def test_a_review_by_http_is_followed_by_the_next(http: Http, desk: Desk) -> None:
    plan_id = published(desk.store)
    book(desk.store, plan_id, "L1-in", TUESDAY, 8)
    answer = http.post("/v1/jobs", json={"kind": "review", "policy": "nanchang"})
    assert answer.status_code == 202, answer.text
    worker = Worker(desk=desk)
    assert worker.work_once()
    done = http.get(answer.headers["location"]).json()
    assert (done["state"], done["result"]["files"]) == ("succeeded", ["counts.csv", "review.json"])
    assert done["result"]["summary"]["states"] == {"L1": "watch", "L2": "watch"}
    told = http.get(f"{answer.headers['location']}/files/counts.csv")
    assert told.text.startswith("date,line_id,booked,boarded,state")
    assert told.headers["content-type"].startswith("text/csv")
    again = asked(desk, ReviewParams(follow=True, states={"L2": LineState.RUNNING}))
    assert again.params["states"] == {"L1": "watch", "L2": "running"}
    assert worker.work_once()
    ended = seen(desk, again)
    assert (ended.state, (ended.result or {})["summary"]["changes"][0]["line_id"]) == (JobState.SUCCEEDED, "L2")


def test_where_nothing_is_published_there_is_nothing_to_review(http: Http) -> None:
    refused(http.post("/v1/jobs", json={"kind": "review"}), 404, "nothing_published")
