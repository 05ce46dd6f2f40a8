"""Legs on dates become seats of the plan in force on each of them."""

import datetime as dt
from dataclasses import replace

import pytest

from api.desk import Desk
from api.errors import ApiError
from api.published import Board, board_of
from api.rides import Leg, day_of, query_again, resolve, weekdays
from tests.api.conftest import NOON
from tests.api.town_service import FRIDAY, INBOUND, OUTBOUND, SATURDAY, THURSDAY, edition, open_town, publish, put_up
from tests.cases import town, with_rider, with_rules
from tests.offers.asking import indexed

THERE, BACK = Leg(**INBOUND), Leg(**OUTBOUND)


def faults(board: Board, legs: list[Leg], dates: list[dt.date]) -> list[tuple[str, str]]:
    with pytest.raises(ApiError) as refused:
        resolve(board, "town", legs, dates, people=1, rider_id=None, now_ms=NOON)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def test_every_leg_on_every_date_is_a_span_of_its_segments(desk: Desk) -> None:
    plan_id = open_town(desk)
    rides = resolve(board_of(desk), "town", [THERE, BACK], [THURSDAY, FRIDAY], people=2, rider_id=None, now_ms=NOON)
    assert [(s.trip_id, s.service_date, s.first, s.end, s.seats) for s in rides.spans] == [
        ("a_in", THURSDAY, 0, 2, 2),
        ("a_out", THURSDAY, 0, 2, 2),
        ("a_in", FRIDAY, 0, 2, 2),
        ("a_out", FRIDAY, 0, 2, 2),
    ]
    assert {d.key for d in rides.days} == {(plan_id, t, d) for t in ("a_in", "a_out") for d in (THURSDAY, FRIDAY)}
    assert rides.lines == {"a_in": "a", "a_out": "a"}


def test_a_trip_on_a_date_keeps_seats_of_those_who_travel_that_day(desk: Desk) -> None:
    plan_id = open_town(desk, problem=with_rider(town(), "ann", days=0b0001000))
    put = board_of(desk).editions[plan_id]
    trip = put.index.trip("a_in")
    assert trip is not None
    assert [day_of(put, trip, day).kept for day in (THURSDAY, FRIDAY)] == [(2, 3), (1, 2)]


def test_each_date_is_of_the_plan_in_force_then(desk: Desk) -> None:
    first = open_town(desk)
    second = desk.store.transact(lambda connection: publish(connection, day=FRIDAY))
    put_up(desk, edition(second))
    rides = resolve(board_of(desk), "town", [THERE], [FRIDAY, THURSDAY], people=1, rider_id=None, now_ms=NOON)
    assert [span.plan_id for span in rides.spans] == [second, first]


def test_the_riders_own_seat_is_told_only_for_the_very_same_ride(desk: Desk) -> None:
    open_town(desk)

    def kept(leg: Leg, rider_id: str, people: int = 1) -> bool:
        rides = resolve(board_of(desk), "town", [leg], [THURSDAY], people=people, rider_id=rider_id, now_ms=NOON)
        return rides.spans[0].was_kept

    assert kept(THERE, "ann")
    assert not kept(THERE, "cai")
    assert not kept(THERE, "ann", people=2)
    assert not kept(replace(THERE, board_stop_id="market_in"), "ann")


def test_all_faults_are_told_together_and_once(desk: Desk) -> None:
    open_town(desk)
    wrong = replace(THERE, board_stop_id="quay")
    found = faults(board_of(desk), [wrong, BACK], [THURSDAY - dt.timedelta(days=9), SATURDAY, SATURDAY])
    assert found == [
        ("/dates/0", "date_past"),
        ("/dates/1", "not_running"),
        ("/legs/0/board_stop_id", "no_such_ride"),
        ("/dates/1", "not_running"),
    ]


def test_today_is_not_over_and_yesterday_is(desk: Desk) -> None:
    open_town(desk)
    today = board_of(desk).edition("town", THURSDAY)
    assert today is not None
    date = today.today(NOON)
    assert resolve(board_of(desk), "town", [THERE], [date], people=1, rider_id=None, now_ms=NOON).spans
    assert faults(board_of(desk), [THERE], [date - dt.timedelta(days=1)]) == [("/dates/0", "date_past")]


def test_weekdays_of_dates_are_a_mask() -> None:
    assert weekdays([THURSDAY, SATURDAY, THURSDAY]) == 0b0101000


@pytest.mark.parametrize(("leg", "stop"), [(THERE, "gate_in"), (BACK, "gate_out")])
def test_what_was_held_can_be_asked_for_again(leg: Leg, stop: str) -> None:
    query = query_again(indexed(), [leg], [THURSDAY], 2)
    assert query is not None
    assert (query.stop_id, query.worksite_id, query.shift_id, query.count) == (stop, "north", "early", 2)
    assert query.home is None


def test_what_the_plan_does_not_have_any_more_cannot_be_asked_for_again() -> None:
    assert query_again(indexed(), [replace(THERE, trip_id="ghost")], [THURSDAY], 1) is None
    assert query_again(indexed(), [replace(THERE, board_stop_id="ghost")], [THURSDAY], 1) is None
    late = indexed(with_rules(town(), on_time=0.999_999))
    assert query_again(late, [THERE], [THURSDAY], 1) is None
