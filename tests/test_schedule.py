"""Clock times and loads of trips, by hand for the town and at the edges."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.model.demand import parse_days
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.units import DAY_S, parse_clock
from routing.schedule import TripSchedule, schedule_plan
from tests.cases import IN, town, town_plan, with_rider, with_rules, with_seat, with_trip


def trip(trip_id: str, problem: Problem | None = None, plan: Plan | None = None) -> TripSchedule:
    """Return the schedule of one trip of the town."""
    schedule = schedule_plan(problem or town(), plan or town_plan())
    return next(t for t in schedule.trips if t.trip.trip_id == trip_id)


def clocks(*texts: str) -> tuple[int, ...]:
    return tuple(map(parse_clock, texts))


def test_the_clock_of_a_trip_to_work() -> None:
    """Departure: the first stop is left. Two board there (34 s), one at the market (32 s), three leave (36 s)."""
    a_in = trip("a_in")
    assert a_in.arrive == clocks("07:19:26", "07:24:00", "07:44:32")
    assert a_in.depart == clocks("07:20:00", "07:24:32", "07:45:08")
    assert a_in.drive == (0, 240, 1_440)
    assert a_in.distance_m == 12_000


def test_the_clock_of_a_trip_home_runs_by_the_evenings_speeds() -> None:
    """North to market 20 min of the morning, 30 of the evening; market to gate 4 and 6."""
    a_out = trip("a_out")
    assert a_out.arrive == clocks("17:09:24", "17:40:00", "17:46:32")
    assert a_out.drive == (0, 1_800, 2_160)
    assert a_out.distance_m == 12_000


def test_the_period_is_that_of_the_earliest_shift_served() -> None:
    """Not that of the departure: all riders of one line shall ride by one timetable, whenever it is retimed."""
    assert trip("a_in").period == 0
    assert trip("a_out").period == 1
    assert trip("a_out", plan=with_trip(town_plan(), "a_out", departure=parse_clock("07:00"))).period == 1


def test_a_trip_past_midnight_takes_the_period_of_the_hour_on_the_wall() -> None:
    """A shift that ends at 24:30 is served in the small hours, by the morning's speeds."""
    problem = town()
    night = replace(problem, shifts=(replace(problem.shifts[0], end=parse_clock("24:30")), problem.shifts[1]))
    a_out = trip("a_out", night, with_trip(town_plan(), "a_out", departure=parse_clock("24:40")))
    assert a_out.period == 0
    assert a_out.arrive[-1] == parse_clock("25:04:32")


def test_loads_per_weekday() -> None:
    """Bob comes on Fridays and Saturdays, ann from Monday to Thursday, cai on workdays."""
    problem = with_rider(with_rider(town(), "bob", days=parse_days("0000110")), "ann", days=parse_days("1111000"))
    a_in = trip("a_in", problem)
    assert a_in.boarding[:, 0].tolist() == [1, 1, 1, 1, 1, 1, 0]
    assert a_in.load[:, 1].tolist() == [2, 2, 2, 2, 2, 1, 0]
    assert a_in.load[:, 2].tolist() == [0] * 7
    assert (a_in.peak_load, a_in.riders) == (2, 2)
    assert a_in.depart[0] - a_in.arrive[0] == 32


def test_dwell_is_that_of_the_busiest_day_at_each_stop() -> None:
    """One timetable for the week: it allows for the fullest day at every stop, though these may differ."""
    problem = with_rules(with_rider(town(), "eve", count=100), dwell_s_per_rider=3)
    b_in = trip("b_in", problem)
    assert b_in.depart[0] - b_in.arrive[0] == 30 + 3 * 101


def test_the_time_aboard_excludes_the_dwell_at_both_ends() -> None:
    a_in = trip("a_in")
    rides = {seat.assignment.rider_id: a_in.ride_s(seat) for seat in a_in.seats}
    assert rides == {"ann": 1_472, "bob": 1_472, "cai": 1_200}


def test_a_rider_counts_once_per_stop_and_people_count_all() -> None:
    """Eve is two people, dan one."""
    b_in = trip("b_in")
    assert (b_in.riders, b_in.peak_load, len(b_in.seats)) == (3, 3, 2)


def test_a_trip_without_riders_still_runs() -> None:
    b_in = trip("b_in", plan=replace(town_plan(), assignments=()))
    assert b_in.depart[0] - b_in.arrive[0] == 30
    assert (b_in.peak_load, b_in.riders) == (0, 0)


def test_a_stop_that_comes_twice_is_boarded_the_first_time() -> None:
    plan = with_trip(town_plan(), "b_in", stop_ids=("quay", "hill", "quay", "south"))
    b_in = trip("b_in", plan=plan)
    assert {seat.board for seat in b_in.seats} == {0}


def test_what_cannot_be_resolved_is_left_out_and_named() -> None:
    plan = with_seat(town_plan(), "ann", IN, rider_id="zoe")
    plan = with_seat(plan, "bob", IN, trip_id="ghost")
    schedule = schedule_plan(town(), with_trip(plan, "b_out", stop_ids=("south", "moon")))
    assert [t.trip.trip_id for t in schedule.trips] == ["a_in", "a_out", "b_in"]
    assert {(d.subject, d.text) for d in schedule.dangling} == {
        ("zoe", "is an unknown rider"),
        ("bob", "is assigned to the unknown trip ghost"),
        ("b_out", "visits the unknown stop moon"),
    }


def test_a_schedule_is_a_value() -> None:
    """Equal inputs give equal schedules, arrays of loads notwithstanding."""
    assert schedule_plan(town(), town_plan()) == schedule_plan(town(), town_plan())


@given(
    departure=st.integers(0, 2 * DAY_S),
    order=st.permutations(["gate_in", "market_in", "quay", "hill", "north"]),
    later=st.integers(0, DAY_S),
)
def test_clocks_never_run_backwards_and_move_as_one(departure: int, order: list[str], later: int) -> None:
    """Whatever the order of stops; and a later departure moves every clock of the trip by as much."""
    plan = with_trip(town_plan(), "a_in", stop_ids=tuple(order), departure=departure)
    a_in = trip("a_in", plan=plan)
    moments = [clock for pair in zip(a_in.arrive, a_in.depart, strict=True) for clock in pair]
    assert all(a <= b for a, b in pairwise(moments))
    moved = trip("a_in", plan=with_trip(plan, "a_in", departure=departure + later))
    assert [b - a for a, b in zip(a_in.arrive, moved.arrive, strict=True)] == [later] * 5
    assert a_in.depart[0] == departure


@given(days=st.integers(1, 127), count=st.integers(1, 10**6))
def test_those_who_board_alight(days: int, count: int) -> None:
    """On every weekday the load is never negative and ends at nobody."""
    problem = with_rider(town(), "cai", days=days, count=count)
    for schedule in schedule_plan(problem, town_plan()).trips:
        assert schedule.load.min() >= 0
        assert not schedule.load[:, -1].any()
        assert schedule.boarding.sum() == schedule.alighting.sum()


@pytest.mark.parametrize("field", ["stop_ids", "shift_ids"])
def test_a_trip_of_nothing_does_not_raise(field: str) -> None:
    """A trip without stops dangles; one without shifts runs, in the first period."""
    schedule = schedule_plan(town(), with_trip(town_plan(), "b_out", **{field: ()}))
    assert (len(schedule.trips) == 3) is (field == "stop_ids")


def test_worksites_may_take_another_standing_time() -> None:
    """154 s for everyone at once: north is left later inbound, and reached earlier outbound; stops are as before."""
    problem = with_rules(town(), site_dwell_s_per_stop=154, site_dwell_s_per_rider=0)
    for served, expected in ((town(), 36), (problem, 154)):
        a_in, a_out = trip("a_in", served), trip("a_out", served)
        assert a_in.depart[2] - a_in.arrive[2] == expected == a_out.depart[0] - a_out.arrive[0]
        assert a_in.depart[1] - a_in.arrive[1] == 32
        assert a_in.arrive == clocks("07:19:26", "07:24:00", "07:44:32")


def test_how_long_a_trip_is_under_way() -> None:
    """To work from 07:19:26 (the gate is reached) to 07:44:32; home from 17:10:00 to 17:47:06 (the gate is left)."""
    assert trip("a_in").duration_s == 25 * 60 + 6
    assert trip("a_out").duration_s == 37 * 60 + 6


@given(dwell=st.integers(0, 500), each=st.integers(0, 20), at_site=st.integers(0, 500))
def test_a_trip_and_its_mirror_are_under_way_equally_long(dwell: int, each: int, at_site: int) -> None:
    """The same riders on the same way at the same speeds, backwards: what is boarding there is alighting here."""
    problem = with_rules(
        town(), dwell_s_per_stop=dwell, dwell_s_per_rider=each, site_dwell_s_per_stop=at_site, site_dwell_s_per_rider=0
    )
    problem = replace(problem, travel=(problem.travel[0], problem.travel[0]))
    assert trip("a_in", problem).duration_s == trip("a_out", problem).duration_s


def test_the_days_of_a_trip_are_those_of_its_riders() -> None:
    problem = with_rider(with_rider(town(), "dan", days=parse_days("0000010")), "eve", days=parse_days("1000000"))
    assert trip("b_in", problem).days == (0, 5)
    assert trip("a_in", problem).days == (0, 1, 2, 3, 4)
    assert trip("b_in", plan=replace(town_plan(), assignments=())).days == ()
