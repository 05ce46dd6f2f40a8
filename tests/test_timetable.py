"""The timetable of the town, row by row, and what its percentiles mean."""

from dataclasses import replace
from itertools import groupby

from routing.model.plan import Plan
from routing.model.units import format_clock
from routing.schedule import schedule_plan
from routing.timetable import Call, stop_name, timetable
from tests.cases import town, town_plan, with_rules


def rows(plan: Plan | None = None, **rules: float) -> tuple[Call, ...]:
    problem = with_rules(town(), **rules)
    return timetable(problem, schedule_plan(problem, plan or town_plan()))


def test_the_calls_of_a_trip_to_work() -> None:
    told = [
        (c.sequence, c.stop_id, c.stop_name, format_clock(c.arrive), format_clock(c.depart), c.board, c.alight, c.load)
        for c in rows()
        if c.trip_id == "a_in"
    ]
    assert told == [
        (1, "gate_in", "Gate", "07:19:26", "07:20:00", 2, 0, 2),
        (2, "market_in", "Market", "07:24:00", "07:24:32", 1, 0, 3),
        (3, "north", "North", "07:44:32", "07:45:08", 0, 3, 0),
    ]


def test_trips_come_in_the_order_of_the_plan_each_in_one_piece() -> None:
    assert [trip_id for trip_id, _ in groupby(rows(), key=lambda c: c.trip_id)] == ["a_in", "a_out", "b_in", "b_out"]
    assert [c.line_id for c in rows()] == ["a"] * 6 + ["b"] * 4


def test_the_95th_percentile_grows_with_the_drive() -> None:
    """At north after 1,440 s of driving the deviation is 0.15 √(1,440 · 600) = 139.4 s; 1.6449 times that is 229 s."""
    calls = [c for c in rows() if c.trip_id == "a_in"]
    assert [c.arrive_p95 - c.arrive for c in calls] == [0, 94, 229]


def test_without_spread_the_plan_is_kept_to_the_second() -> None:
    assert all(c.arrive_p95 == c.arrive for c in rows(run_time_cv=0.0))


def test_an_empty_plan_has_an_empty_timetable() -> None:
    assert rows(Plan()) == ()


def test_worksites_are_named_like_stops() -> None:
    """Nodes number the stops first, then the worksites; riders read a name for either."""
    problem = town()
    assert [stop_name(problem, node) for node in range(8)] == [
        "Gate",
        "Gate",
        "Market",
        "Market",
        "Quay",
        "Hill",
        "North",
        "South",
    ]


def test_people_are_counted_on_the_busiest_day_at_each_stop() -> None:
    """Without riders the calls remain, with nobody."""
    plan = replace(town_plan(), assignments=())
    assert {(c.board, c.alight, c.load) for c in rows(plan)} == {(0, 0, 0)}
