"""What-if: each modification makes a new problem and leaves everything else alone."""

from dataclasses import replace

import numpy as np
import pytest

from routing.model.places import StopStatus
from routing.scenario import BreakVehicle, CloseStop, CloseWorksite, Modification, SlowRoads, apply, with_riders
from tests.cases import town

TOWN = town()


def test_nothing_happens_where_nothing_is_asked() -> None:
    assert apply(TOWN, ()) == TOWN


def test_a_broken_vehicle_is_one_less_where_it_stands() -> None:
    after = apply(TOWN, [BreakVehicle(vehicle_type_id="small", depot_id="yard")])
    assert [item.available for item in after.fleet] == [1, 1]
    assert replace(after, fleet=TOWN.fleet) == TOWN


def test_a_vehicle_that_is_not_there_cannot_break() -> None:
    with pytest.raises(ValueError, match="no vehicle of type large stands in depot yard"):
        apply(TOWN, [BreakVehicle(vehicle_type_id="large", depot_id="yard")])
    once = apply(TOWN, [BreakVehicle(vehicle_type_id="large", depot_id="barn")])
    with pytest.raises(ValueError, match="large"):
        apply(once, [BreakVehicle(vehicle_type_id="large", depot_id="barn")])


def test_a_closed_stop_is_forbidden_and_the_others_are_not() -> None:
    after = apply(TOWN, [CloseStop(stop_id="quay")])
    assert {s.stop_id for s in after.stops if s.status is StopStatus.FORBIDDEN} == {"quay"}
    assert replace(after, stops=TOWN.stops) == TOWN


def test_a_closed_worksite_loses_its_riders_and_the_rest_keep_their_walks() -> None:
    after = apply(TOWN, [CloseWorksite(worksite_id="south")])
    assert [r.rider_id for r in after.riders] == ["ann", "bob", "cai", "fay"]
    for index, rider in enumerate(after.riders):
        old = TOWN.rider_index(rider.rider_id)
        assert old is not None
        assert all(np.array_equal(a, b) for a, b in zip(after.walks.row(index), TOWN.walks.row(old), strict=True))


def test_slow_roads_take_longer_in_their_period_alone() -> None:
    after = apply(TOWN, [SlowRoads(factor=1.25, period="morning")])
    assert np.array_equal(after.travel[0].duration, np.ceil(TOWN.travel[0].duration * 1.25))
    assert after.travel[1] == TOWN.travel[1]
    assert after.travel[0].distance is not None
    everywhere = apply(TOWN, [SlowRoads(factor=2.0)])
    assert np.array_equal(everywhere.travel[1].duration, 2 * TOWN.travel[1].duration)


@pytest.mark.parametrize("factor", [0.0, -1.0, float("inf"), float("nan")])
def test_a_factor_that_makes_no_sense_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="factor"):
        SlowRoads(factor=factor)


@pytest.mark.parametrize(
    "unknown", [CloseStop(stop_id="x"), CloseWorksite(worksite_id="x"), SlowRoads(factor=2.0, period="x")]
)
def test_what_does_not_exist_cannot_be_changed(unknown: Modification) -> None:
    with pytest.raises(ValueError, match="there is no"):
        apply(TOWN, [unknown])


def test_modifications_follow_one_another() -> None:
    after = apply(TOWN, [CloseStop(stop_id="quay"), CloseWorksite(worksite_id="north"), SlowRoads(factor=2.0)])
    assert [r.rider_id for r in after.riders] == ["dan", "eve"]
    assert {s.stop_id for s in after.stops if s.status is StopStatus.FORBIDDEN} == {"quay"}


def test_a_problem_may_be_left_with_nobody() -> None:
    assert with_riders(TOWN, []).riders == ()
