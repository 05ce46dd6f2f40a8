"""Tasks say what the problem says: riders once each, limits that the judge keeps, costs that add up."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.peers.clusters import cluster_sites, way_through
from benchmarks.peers.encode import encode, split
from benchmarks.peers.inbound import inbound_only
from benchmarks.peers.tasks import ARRIVAL, Encoding, Task
from routing.model.demand import Direction, Shift
from routing.model.problem import Problem
from tests.benchmarks.peers.conftest import town
from tests.solver.towns import Town, draw

APART = Encoding(name="apart", share_between=0.0, share_haul=0.0)
ENCODINGS = [
    APART,
    replace(APART, name="dear stops", opening=2_000.0),
    replace(APART, name="together", near_s=2_000),
    replace(APART, name="mixed", mixed=True),
    replace(APART, name="small visits", chunk=0.2),
]


@pytest.fixture(params=ENCODINGS, ids=lambda e: e.name)
def encoding(request: pytest.FixtureRequest) -> Encoding:
    found = request.param
    assert isinstance(found, Encoding)
    return found


def test_everyone_is_in_one_visit_at_most(problem: Problem, encoding: Encoding) -> None:
    riders = [r for task in encode(problem, encoding) for visit in task.visits for r in visit.riders]
    assert len(riders) == len(set(riders))
    assert len(riders) >= 0.8 * len(problem.riders)


def test_visits_are_walked_to_and_stay_within_shift_and_worksites(problem: Problem, encoding: Encoding) -> None:
    for task in encode(problem, encoding):
        for visit in task.visits:
            for rider in visit.riders:
                facts = problem.riders[rider]
                walk = problem.walks.walk_m(rider, visit.stop)
                assert walk is not None
                assert walk <= problem.rules.walk_limit_m(facts.need)
                assert facts.shift_id == task.shift_id
                assert problem.node(facts.worksite_id) in task.sites
                assert not encoding.mixed or problem.node(facts.worksite_id) == visit.site


def test_boarding_when_a_visit_opens_keeps_every_ride_within_its_limit(problem: Problem, encoding: Encoding) -> None:
    for task in encode(problem, encoding):
        duration = problem.travel[problem.trip_period(Direction.INBOUND, (task.shift_id,))].duration
        for v, visit in enumerate(task.visits):
            leave = int(task.opens[v] + task.service[v])
            for rider in visit.riders:
                site = problem.node(problem.riders[rider].worksite_id) or 0
                later = 0 if encoding.mixed else way_through(duration, task.sites[: task.sites.index(site) + 1])
                limit = problem.rules.ride_limit_s(int(duration[visit.stop, site]))
                assert ARRIVAL + later - leave <= limit


def test_a_visit_can_reach_its_worksite_in_time(problem: Problem, encoding: Encoding) -> None:
    for task in encode(problem, encoding):
        for v, visit in enumerate(task.visits):
            duration = problem.travel[problem.trip_period(Direction.INBOUND, (task.shift_id,))].duration
            assert int(duration[visit.stop, visit.site]) <= visit.limit_s
            assert task.duration[1 + v, task.drops[v] if task.drops else task.end] >= duration[visit.stop, visit.site]


def test_seats_and_prizes_are_those_of_the_riders(problem: Problem, encoding: Encoding) -> None:
    for task in encode(problem, encoding):
        for v, visit in enumerate(task.visits):
            heads = sum(problem.riders[r].count for r in visit.riders)
            assert 0 <= task.people[v] <= heads
            assert task.prize[v] == heads * problem.costs.unserved


def trip_cost(problem: Problem, task: Task, kind: int, v: int) -> float:
    """Return what a vehicle pays the judge for one visit and the way to work, from and to the better depot."""
    matrix = problem.travel[problem.trip_period(Direction.INBOUND, (task.shift_id,))]
    facts, stop = problem.vehicle_types[kind], task.visits[v].stop
    ways = []
    for depot in problem.depots:
        yard = problem.depot_node(depot.depot_id) or 0
        nodes = (yard, stop, *task.sites, yard)
        metres = sum(int(matrix.distance[a, b]) for a, b in itertools.pairwise(nodes))
        seconds = sum(int(matrix.duration[a, b]) for a, b in itertools.pairwise(nodes)) + int(task.service[v])
        ways.append(facts.distance_cost * metres / 1_000 + facts.time_cost * seconds / 3_600)
    return min(ways)


def test_arcs_add_up_to_what_a_vehicle_costs(problem: Problem) -> None:
    for task in encode(problem, replace(APART, near_s=2_000)):
        for v, kind in itertools.product(range(len(task.visits)), range(len(problem.vehicle_types))):
            found = task.cost[kind, 0, 1 + v] + task.cost[kind, 1 + v, task.end]
            assert found == pytest.approx(trip_cost(problem, task, kind, v), abs=2)


def test_riders_time_makes_arcs_dearer(problem: Problem) -> None:
    plain, loaded = (encode(problem, e)[0] for e in (APART, replace(APART, share_between=0.4, share_haul=0.9)))
    assert (loaded.cost >= plain.cost).all()
    assert (loaded.cost[:, 1:-1, -1] > plain.cost[:, 1:-1, -1]).all()


def test_no_stop_after_a_worksite_where_loads_are_mixed(problem: Problem) -> None:
    for task in encode(problem, replace(APART, mixed=True)):
        n = len(task.visits)
        dearest = task.cost[:, : n + 1].max()
        assert (task.cost[:, n + 1 : -1, 1 : n + 1] > dearest).all()


def test_dear_stops_make_fewer_visits() -> None:
    problem = town(seed=5, riders=60)
    counts = [sum(len(t.visits) for t in encode(problem, replace(APART, opening=p, chunk=1.0))) for p in (0.0, 5_000.0)]
    assert counts[1] < counts[0]


def test_small_worksites_alone_are_joined() -> None:
    duration = np.array([[0, 60, 300], [60, 0, 240], [300, 240, 0]], np.int32)
    riders = {0: 100, 1: 100, 2: 5}
    assert cluster_sites(duration, riders, 0, 1_000) == [(0,), (1,), (2,)]
    assert cluster_sites(duration, riders, 100, 1_000) == [(0, 1), (2,)]
    assert cluster_sites(duration, riders, 250, 50) == [(0,), (1, 2)]
    assert cluster_sites(duration, riders, 400, 1_000) == [(0, 1, 2)]


@given(people=st.lists(st.integers(1, 5), min_size=1, max_size=40), cap=st.integers(5, 20))
def test_parts_of_a_visit_hold_everyone_and_stay_below_the_cap(people: list[int], cap: int) -> None:
    parts = split(range(len(people)), people, cap)
    assert [i for part in parts for i in part] == list(range(len(people)))
    assert max(sum(people[i] for i in part) for part in parts) <= cap
    assert len(parts) <= 2 * -(-sum(people) // cap) + 1


def test_only_the_way_to_work_is_left() -> None:
    both = draw(Town(riders=6))
    problem = inbound_only(both)
    assert all(shift.directions == (Direction.INBOUND,) for shift in problem.shifts)
    assert not problem.rules.same_line_both_ways
    assert problem.riders == both.riders
    assert problem.travel == both.travel


def test_a_shift_without_a_way_to_work_is_refused() -> None:
    home_only = Shift(shift_id="night", start=None, end=6 * 3600)
    with pytest.raises(ValueError, match="asks for no trip to work"):
        inbound_only(draw(Town(riders=4, shifts=(home_only,))))
