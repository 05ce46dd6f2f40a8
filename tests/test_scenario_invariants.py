"""What-if on any riders, roads and order of events: what a modification may touch, and what it never does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from routing.model.fleet import FleetItem
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.model.travel import TravelMatrix
from routing.scenario import BreakVehicle, CloseStop, CloseWorksite, Modification, SlowRoads, apply, with_riders
from tests.cases import STOPS, WALKS, town
from tests.formats.unhurried import UNHURRIED

TOWN = town()
SMALL = BreakVehicle(vehicle_type_id="small", depot_id="yard")
HAPPENINGS: tuple[Modification, ...] = (
    SMALL,
    BreakVehicle(vehicle_type_id="large", depot_id="barn"),
    CloseStop(stop_id="quay"),
    CloseStop(stop_id="gate_in"),
    CloseWorksite(worksite_id="south"),
    SlowRoads(factor=1.5, period="evening"),
)


def walks_of(problem: Problem) -> dict[str, dict[str, int]]:
    """Return every rider's walks [m] by stop."""
    found = {}
    for x, rider in enumerate(problem.riders):
        stops, metres = problem.walks.row(x)
        found[rider.rider_id] = {problem.stops[s].stop_id: int(m) for s, m in zip(stops, metres, strict=True)}
    return found


def on_roads(duration: list[list[int]] | np.ndarray) -> Problem:
    """Return the town with its two periods driving as given."""
    matrix = TravelMatrix(duration=np.asarray(duration), distance=TOWN.travel[0].distance)
    return replace(TOWN, travel=(matrix, matrix))


@given(riders=st.lists(st.integers(0, 5), unique=True))
def test_riders_keep_their_own_walks_in_any_order(riders: list[int]) -> None:
    some = with_riders(TOWN, riders)
    names = [TOWN.riders[r].rider_id for r in riders]
    assert [rider.rider_id for rider in some.riders] == names
    assert walks_of(some) == {name: WALKS[name] for name in names}
    assert replace(some, riders=TOWN.riders, walks=TOWN.walks) == TOWN


@given(events=st.permutations(HAPPENINGS))
def test_things_that_happen_on_one_day_may_be_told_in_any_order(events: list[Modification]) -> None:
    told, sorted_ = apply(TOWN, events), apply(TOWN, HAPPENINGS)
    assert told.riders == sorted_.riders
    assert (told.fleet, told.stops, told.travel) == (sorted_.fleet, sorted_.stops, sorted_.travel)
    assert walks_of(told) == walks_of(sorted_)


def test_the_problem_that_was_given_is_left_as_it_was() -> None:
    before = town()
    apply(before, HAPPENINGS)
    assert before == TOWN


@given(events=st.lists(st.sampled_from(HAPPENINGS[2:]), max_size=4))
def test_a_place_that_is_closed_twice_is_closed(events: list[Modification]) -> None:
    """Roads are another matter: they are slower still."""
    closed = [event for event in events if not isinstance(event, SlowRoads)]
    once, twice = apply(TOWN, closed), apply(TOWN, closed + closed)
    assert once == twice


def test_vehicles_break_one_by_one_until_none_is_left() -> None:
    left = [sum(item.available for item in apply(TOWN, [SMALL] * n).fleet) for n in range(3)]
    assert left == [3, 2, 1]
    with pytest.raises(ValueError, match="no vehicle of type small stands in depot yard"):
        apply(TOWN, [SMALL] * 3)


def test_a_vehicle_breaks_where_one_stands_and_not_in_an_entry_without_any() -> None:
    empty = FleetItem(vehicle_type_id="small", depot_id="yard", available=0)
    after = apply(replace(TOWN, fleet=(empty, *TOWN.fleet)), [SMALL])
    assert [item.available for item in after.fleet] == [0, 1, 1]


def test_a_worksite_is_no_stop_and_a_stop_no_worksite() -> None:
    with pytest.raises(ValueError, match="there is no stop north"):
        apply(TOWN, [CloseStop(stop_id="north")])
    with pytest.raises(ValueError, match="there is no worksite quay"):
        apply(TOWN, [CloseWorksite(worksite_id="quay")])


def test_the_first_event_that_cannot_be_is_told_whatever_follows() -> None:
    with pytest.raises(ValueError, match="there is no stop x"):
        apply(TOWN, [CloseStop(stop_id="quay"), CloseStop(stop_id="x"), CloseWorksite(worksite_id="y")])


def test_a_closed_stop_keeps_its_place_in_the_matrices_and_who_walks_there() -> None:
    after = apply(TOWN, [CloseStop(stop_id="market_in")])
    assert [stop.stop_id for stop in after.stops] == list(STOPS)
    assert after.node("market_in") == TOWN.node("market_in")
    assert walks_of(after) == WALKS


def test_a_stop_that_was_forbidden_stays_so_when_another_one_closes() -> None:
    both = apply(TOWN, [CloseStop(stop_id="hill"), CloseStop(stop_id="quay")])
    assert [s.stop_id for s in both.stops if s.status is StopStatus.FORBIDDEN] == ["quay", "hill"]


def test_a_closed_worksite_is_still_a_node() -> None:
    after = apply(TOWN, [CloseWorksite(worksite_id="north")])
    assert after.worksites == TOWN.worksites
    assert after.node_count == TOWN.node_count
    nobody = apply(after, [CloseWorksite(worksite_id="south")])
    assert nobody.riders == ()
    assert len(nobody.walks.stop) == 0


@UNHURRIED
@given(
    hops=arrays(np.int32, (10, 10), elements=st.integers(0, 2_000)),
    percent=st.integers(50, 300),
)
def test_shortest_ways_stay_the_shortest_on_slower_roads(hops: np.ndarray, percent: int) -> None:
    """However the factor looks as a float."""
    np.fill_diagonal(hops, 0)
    for via in range(len(hops)):
        hops = np.minimum(hops, hops[:, via, None] + hops[None, via, :])
    (slow, _) = apply(on_roads(hops), [SlowRoads(factor=percent / 100)]).travel
    for via in range(len(hops)):
        assert (slow.duration <= slow.duration[:, via, None] + slow.duration[None, via, :]).all()
    assert (np.diagonal(slow.duration) == 0).all()


@UNHURRIED
@given(seconds=st.integers(1, 20_000), percent=st.integers(1, 400))
@example(seconds=50, percent=110)
@example(seconds=700, percent=110)
def test_a_drive_takes_exactly_so_many_times_as_long_rounded_up(seconds: int, percent: int) -> None:
    hops = np.full((10, 10), seconds)
    np.fill_diagonal(hops, 0)
    (slow, _) = apply(on_roads(hops), [SlowRoads(factor=percent / 100)]).travel
    assert slow.duration[0, 1] == -(-seconds * percent // 100)


def test_a_tenth_more_of_fifty_seconds_is_five_seconds() -> None:
    """As a float, 50 × 1.1 is a little more than 55, and would be rounded up to 56."""
    hops = np.full((10, 10), 50)
    np.fill_diagonal(hops, 0)
    assert apply(on_roads(hops), [SlowRoads(factor=1.1)]).travel[0].duration[0, 1] == 55


def test_roads_as_fast_as_before_change_nothing() -> None:
    assert apply(TOWN, [SlowRoads(factor=1.0)]) == TOWN


def test_faster_roads_are_faster_and_no_road_is_shorter() -> None:
    after = apply(TOWN, [SlowRoads(factor=0.5)])
    assert (after.travel[0].duration * 2 == TOWN.travel[0].duration).all()
    assert np.array_equal(after.travel[0].distance, TOWN.travel[0].distance)


@pytest.mark.parametrize("factor", [1e7, 1e18, 1e300])
def test_roads_so_slow_that_no_clock_can_tell_are_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="longer than any drive can take"):
        apply(TOWN, [SlowRoads(factor=factor)])


def test_a_drive_by_way_of_a_stop_is_no_quicker_than_the_direct_one() -> None:
    """10 s and 40 s against 50 s: a tenth slower, 11 s and 44 s against 55 s."""
    along = np.abs(np.subtract.outer([0, 10, 50, *[0] * 7], [0, 10, 50, *[0] * 7]))
    slow = apply(on_roads(along), [SlowRoads(factor=1.1)]).travel[0].duration
    assert slow[0, 2] == slow[0, 1] + slow[1, 2] == 55
