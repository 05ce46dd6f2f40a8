"""Roads that are closed: what goes round them, what can no longer be reached, and which are meant by a name."""

import itertools

import numpy as np
import pytest

from routing.errors import InputError
from routing.evaluate import evaluate
from routing.formats.document import PlanDocument, describe_plan
from routing.model.places import StopStatus
from routing.planner.closures import BLOCKED_S, close_roads, find_road
from routing.planner.prepare import Study
from routing.planner.rebalancing import published_departures
from routing.planner.responding import Trouble, respond_study
from routing.scenario import apply
from routing.solver import MaxIterations, solve
from tests.town import COLUMNS


@pytest.fixture(scope="module")
def running(study: Study) -> PlanDocument:
    plan = solve(study.problem, stop=MaxIterations(iterations=1_500)).plan
    return describe_plan(study.problem, plan, evaluate(study.problem, plan))


def test_a_road_is_found_by_its_name_however_it_is_written_and_by_its_way(study: Study) -> None:
    network = study.ground.network
    by_name = find_road(network, "4 Street")
    # The fifth way of the extract; the grid's streets carry traffic both ways.
    assert by_name.sum() == 2 * (COLUMNS - 1)
    assert np.array_equal(by_name, find_road(network, "  4 STREET "))
    assert np.array_equal(by_name, find_road(network, "5"))
    assert {network.edge_name(int(edge)) for edge in np.flatnonzero(by_name)} == {"4 Street"}


@pytest.mark.parametrize("name", ["", "   ", "4", "Nowhere Lane", "999"])
def test_other_names_mean_no_other_road(study: Study, name: str) -> None:
    """A number means a way: the fourth one is the street of row 3."""
    found = find_road(study.ground.network, name)
    names = {study.ground.network.edge_name(int(edge)) for edge in np.flatnonzero(found)}
    assert names == ({"3 Street"} if name == "4" else set())


def test_drives_never_become_shorter_and_go_round_what_is_closed(study: Study) -> None:
    detour = close_roads(study, ["4 Street"])
    after = apply(study.problem, detour.modifications)
    network = detour.study.ground.network
    closed = find_road(network, "4 Street")
    open_stops = [x for x, stop in enumerate(after.stops) if stop.status is not StopStatus.FORBIDDEN]
    longer = 0
    for x, (was, now) in enumerate(zip(study.problem.travel, after.travel, strict=True)):
        assert (now.duration >= was.duration).all()
        longer += int((now.duration > was.duration).sum())
        pairs = [(a, b) for a in open_stops[:6] for b in open_stops[-6:] if a != b]
        for a, b in pairs:
            path = network.path(study.points[a], study.points[b], study.road_period(x))
            assert path.duration_s == now.duration[a, b] < BLOCKED_S
            assert not closed[list(path.edges)].any()
    assert longer > 0


def test_nobody_halts_on_a_closed_road_and_everything_else_stays_open(study: Study) -> None:
    detour = close_roads(study, ["4 Street", "8 Avenue"])
    closed = find_road(study.ground.network, "4 Street") | find_road(study.ground.network, "8 Avenue")
    after = apply(study.problem, detour.modifications)
    lost = 0
    for before, stop, point in zip(study.problem.stops, after.stops, study.points, strict=False):
        on_it = bool(closed[list(point.edges)].any())
        assert (stop.status is StopStatus.FORBIDDEN) == (on_it or before.status is StopStatus.FORBIDDEN)
        lost += on_it
    assert 0 < lost < len(after.stops)


def test_what_lies_behind_closed_roads_alone_cannot_be_reached(study: Study) -> None:
    """The corner block is cut off: its two streets are closed where they leave it."""
    detour = close_roads(study, [f"{row} Street" for row in range(9)])
    after = apply(study.problem, detour.modifications)
    assert all(stop.status is StopStatus.FORBIDDEN for stop in after.stops)


def test_the_answer_goes_round_and_only_riders_of_longer_ways_feel_it(study: Study, running: PlanDocument) -> None:
    trouble = Trouble(closed_roads=("4 Street",))
    after, done, answer = respond_study(study, running, trouble, stop=MaxIterations(iterations=300))
    problem = after.problem
    assert problem.changes is not None
    forbidden = {s.stop_id for s in problem.stops if s.status is StopStatus.FORBIDDEN}
    called = {stop_id for _, trip in done.outcome.plan.trips() for stop_id in trip.stop_ids}
    assert not called & forbidden
    assert answer.after.plan == done.outcome.plan
    touched = {*answer.reseated, *answer.lost, *answer.retimed}
    before = published_departures(study.problem, running)
    for trip in done.outcome.evaluation.schedule.trips:
        for seat in trip.seats:
            rider_id = problem.riders[seat.rider].rider_id
            was = before.get((trip.trip.trip_id, seat.assignment.board_stop_id))
            if rider_id not in touched and was is not None:
                assert abs(trip.depart[seat.board] - was) <= problem.changes.costs.tolerance_s
    assert len(answer.lost) < len({a.rider_id for a in running.plan.assignments})


def test_a_road_that_nobody_drives_on_changes_nothing(study: Study, running: PlanDocument) -> None:
    used: set[int] = set()
    network = study.ground.network
    for _, trip in running.plan.trips():
        nodes = [study.problem.node(stop_id) for stop_id in trip.stop_ids]
        for a, b in itertools.pairwise(nodes):
            assert a is not None
            assert b is not None
            for period in range(len(study.problem.periods)):
                used |= set(network.path(study.points[a], study.points[b], study.road_period(period)).edges)
        used |= {edge for node in nodes if node is not None for edge in study.points[node].edges}
    roads = [f"{row} Street" for row in range(9)] + [f"{column} Avenue" for column in range(COLUMNS)]
    quiet = [r for r in roads if not used & set(np.flatnonzero(find_road(network, r)).tolist())]
    assert quiet
    _, done, answer = respond_study(study, running, Trouble(closed_roads=(quiet[0],)))
    assert (answer.stopped, answer.reseated, answer.lost, answer.retimed) == ((), (), (), ())
    assert done.outcome.plan.lines == running.plan.lines


def test_a_road_that_does_not_exist_is_named(study: Study, running: PlanDocument) -> None:
    with pytest.raises(InputError) as told:
        respond_study(study, running, Trouble(closed_roads=("4 Street", "Nowhere Lane")))
    assert [(f.file, f.value, f.code) for f in told.value.faults] == [("--closed-road", "Nowhere Lane", "unknown_id")]


def test_a_road_is_closed_both_ways_and_in_every_period(study: Study) -> None:
    """From one side of the street to the other, a drive along it takes a closed street's time or goes round."""
    closed = find_road(study.ground.network, "4 Street")
    detour = close_roads(study, ["4 Street"])
    network = detour.study.ground.network
    for period in {study.road_period(x) for x in range(len(study.problem.periods))}:
        now, was = network.edge_milliseconds(period), study.ground.network.edge_milliseconds(period)
        assert now[closed] == pytest.approx(BLOCKED_S * 1_000, abs=1)
        assert np.array_equal(now[~closed], was[~closed])
    assert detour.study.problem is study.problem
    assert detour.study.scenario is study.scenario


def test_stops_that_are_lost_on_a_closed_road_are_told_with_the_riders(study: Study, running: PlanDocument) -> None:
    """Whoever has lost a seat is explained, and nobody is told a seat that is not there."""
    _, done, answer = respond_study(study, running, Trouble(closed_roads=("4 Street", "5 Street")))
    plan = done.outcome.plan
    seated = {(a.rider_id, a.direction) for a in plan.assignments}
    waiting = {(u.rider_id, u.direction) for u in plan.unserved}
    assert not seated & waiting
    assert {rider_id for rider_id, _ in waiting} >= set(answer.lost)
    trips = {trip.trip_id for _, trip in plan.trips()}
    assert {a.trip_id for a in plan.assignments} <= trips
