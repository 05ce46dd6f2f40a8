"""Lines in the making: when they may run, what they promise, which worksite comes first, what they cost."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.peers.draft import MOST_ORDERS, Draft, Workshop
from benchmarks.peers.inbound import inbound_only
from routing.model.demand import Shift
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.model.travel import TravelMatrix, WalkTable
from routing.model.units import HOUR_S
from tests.benchmarks.peers.conftest import town
from tests.solver.towns import Town, draw

DAY = Shift(shift_id="day", start=8 * HOUR_S, end=17 * HOUR_S)
CERTAIN = ServiceRules(min_load=1, on_time=0.0, dwell_s_per_stop=30, dwell_s_per_rider=2)


def workshop(riders: int = 12, **given_: Any) -> Workshop:
    """Return a workshop of a town of one shift, by default with running times that never vary."""
    facts = {"riders": riders, "places": 4, "shifts": (DAY,), "rules": CERTAIN, "seed": 3}
    return Workshop(problem=inbound_only(draw(Town(**(facts | given_)))))


def driving(shop: Workshop, seconds: int) -> Workshop:
    """Return the same workshop where every drive takes as long, and every stop is a hundred metres from every home."""
    problem = shop.problem
    size, riders, stops = len(problem.travel[0].duration), len(problem.riders), len(problem.stops)
    matrix = np.full((size, size), seconds, np.int32)
    np.fill_diagonal(matrix, 0)
    travel = TravelMatrix(duration=matrix, distance=matrix)
    walks = WalkTable(
        start=np.arange(riders + 1) * stops,
        stop=np.tile(np.arange(stops), riders),
        metres=np.full(riders * stops, 100),
    )
    return Workshop(problem=replace(problem, travel=(travel,) * len(problem.travel), walks=walks))


def sites_of(problem: Problem) -> list[int]:
    return [problem.node(site.worksite_id) or 0 for site in problem.worksites]


def draft(shop: Workshop, *stops: int, riders: int = 12, sites: tuple[int, ...] | None = None) -> Draft:
    """Return a line over some stops, the riders dealt out in turn; by default to all their worksites."""
    board = {rider: stops[rider % len(stops)] for rider in range(riders)}
    tail = sites if sites is not None else tuple(sorted({int(shop.site[r]) for r in board}))
    return Draft(shift_id="day", stops=stops, sites=tail, board=board)


def test_a_clock_adds_drives_and_stands_up() -> None:
    """Three minutes a drive; at stop 0 six people board, six at stop 1, all alight at one worksite."""
    shop = driving(workshop(sites=1), 180)
    timing = shop.time(draft(shop, 0, 1))
    board, alight = 30 + 2 * 6, 30 + 2 * 12
    assert timing.arrive == (0, board + 180, 2 * (board + 180))
    assert timing.depart == (board, 2 * board + 180, 2 * (board + 180) + alight)
    assert set(timing.ride_s.values()) == {180, 180 + board + 180}
    assert (timing.metres, timing.peak, timing.late) == (360, 12, {})


def test_a_line_may_run_when_it_arrives_within_the_window() -> None:
    shop = driving(workshop(sites=1), 600)
    timing, rules = shop.time(draft(shop, 0)), shop.problem.rules
    opens, closes = rules.window(DAY, shop.problem.shifts[0].directions[0]) or (0, 0)
    assert (timing.opens + timing.arrive[-1], timing.closes + timing.arrive[-1]) == (opens, closes)


def test_a_promise_to_be_on_time_closes_the_window_earlier() -> None:
    """The more days on time are promised, the earlier a line must run; its opening does not move."""
    found = []
    for share in (0.0, 0.5, 0.9, 0.99):
        shop = driving(workshop(sites=1, rules=replace(CERTAIN, on_time=share)), 1_200)
        found.append(shop.time(draft(shop, 0)))
    assert len({timing.opens for timing in found}) == 1
    closes = [timing.closes for timing in found]
    assert closes[0] == closes[1] > closes[2] > closes[3]


def test_worksites_too_far_apart_leave_no_time_to_run() -> None:
    shop = driving(workshop(), 2 * HOUR_S)
    timing = shop.time(draft(shop, 0))
    assert timing.opens > timing.closes
    assert not shop.sound(timing, draft(shop, 0))


def test_a_day_aboard_is_late_and_overflows_nothing() -> None:
    shop = driving(workshop(sites=1), 24 * HOUR_S)
    timing = shop.time(draft(shop, 0, 1))
    assert max(timing.ride_s.values()) > 48 * HOUR_S
    limit = shop.problem.rules.ride_limit_s(24 * HOUR_S)
    assert timing.late == {rider: ride - limit for rider, ride in timing.ride_s.items()}
    assert timing.metres == 2 * 24 * HOUR_S


def test_people_who_never_travel_together_need_fewer_seats() -> None:
    problem = workshop(sites=1, riders=4).problem
    days = (0b0000001, 0b0000010, 0b0000100, 0b0000001)
    riders = tuple(replace(r, days=d, count=3) for r, d in zip(problem.riders, days, strict=True))
    shop = Workshop(problem=replace(problem, riders=riders))
    assert shop.time(draft(shop, 0, riders=4)).peak == 6


def test_nobody_is_walked_further_than_promised_or_to_a_forbidden_stop() -> None:
    problem = town(short_walks=0.5)
    forbidden = replace(problem.stops[0], status=StopStatus.FORBIDDEN)
    shop = Workshop(problem=replace(problem, stops=(forbidden, *problem.stops[1:])))
    assert any(shop.walks)
    for rider, walks in zip(shop.problem.riders, shop.walks, strict=True):
        assert 0 not in walks
        assert all(metres <= problem.rules.walk_limit_m(rider.need) for metres in walks.values())


@pytest.mark.parametrize(
    ("rule", "kept", "broken"),
    [("max_stops", 3, 2), ("max_trip_s", 1_000_000, 60), ("one_worksite_per_trip", False, True)],
)
def test_a_sound_line_keeps_every_rule(rule: str, kept: object, broken: object) -> None:
    """One stop and two worksites: each rule alone makes the line unsound."""
    for value, sound in ((kept, True), (broken, False)):
        shop = driving(workshop(rules=replace(CERTAIN, **{rule: value})), 60)  # type: ignore[arg-type]
        line = draft(shop, 0)
        assert shop.sound(shop.time(line), line) is sound


def test_more_people_than_seats_are_unsound() -> None:
    shop = driving(workshop(riders=15, sites=1), 60)
    assert shop.seats == 14
    for riders, sound in ((14, True), (15, False)):
        line = draft(shop, 0, riders=riders)
        assert shop.sound(shop.time(line), line) is sound


def test_a_line_calls_at_the_worksites_of_its_riders_and_nowhere_else() -> None:
    shop = workshop(sites=3, riders=20)
    every = sites_of(shop.problem)
    ordered = shop.order_sites(draft(shop, 0, riders=20, sites=(every[0],)))
    assert sorted(ordered.sites) == sorted({int(site) for site in shop.site})
    alone = [r for r in range(20) if int(shop.site[r]) == every[1]]
    only = Draft(shift_id="day", stops=(0,), sites=tuple(every), board=dict.fromkeys(alone, 0))
    assert shop.order_sites(only).sites == (every[1],)


@given(seed=st.integers(0, 30))
def test_no_other_order_of_worksites_is_better(seed: int) -> None:
    shop = workshop(sites=3, riders=9, seed=seed)
    best = shop.order_sites(draft(shop, 0, 1, riders=9))
    strain = shop._strain(best)
    assert all(
        strain <= shop._strain(replace(best, sites=tuple(order))) for order in itertools.permutations(best.sites)
    )


def test_of_many_worksites_the_order_is_kept() -> None:
    """Beyond so many that every order could be tried, worksites stay as they come."""
    shop = workshop(sites=MOST_ORDERS + 2, riders=60)
    wanted = tuple(reversed(sites_of(shop.problem)))
    assert shop.order_sites(draft(shop, 0, riders=60, sites=wanted)).sites == wanted


def test_a_line_without_a_vehicle_that_seats_it_costs_beyond_measure() -> None:
    shop = driving(workshop(sites=1, riders=15), 60)
    line = draft(shop, 0, riders=15)
    assert shop.cost(line, shop.time(line)) == float("inf")
    small = draft(shop, 0, riders=6)
    none = Workshop(problem=replace(shop.problem, fleet=tuple(replace(i, available=0) for i in shop.problem.fleet)))
    assert shop.cost(small, shop.time(small)) < float("inf") == none.cost(small, none.time(small))


def test_a_line_that_grows_costs_more() -> None:
    """Each rider more rides, walks and stands; where the small vehicle is full, the large one is dearer."""
    shop = driving(workshop(sites=1), 300)
    paid = [shop.cost(line, shop.time(line)) for line in (draft(shop, 0, riders=n) for n in range(1, 13))]
    assert paid == sorted(paid)
    steps = np.diff(paid)
    assert int(steps.argmax()) == 5, "the seventh rider needs the large vehicle"
