"""Reasons that no plan could mend are claimed only where that is so."""

from dataclasses import replace

import pytest

from routing.explain import PlanIndex
from routing.explain.certain import certain_reason, open_line_despite
from routing.model.demand import Need
from routing.model.fleet import FleetItem
from routing.model.places import StopStatus
from routing.model.plan import Plan, Reason
from tests.cases import IN, OUT, left_out, town, with_rider, with_rules, with_stop
from tests.explain.conftest import FayAt

BOTH = (IN, OUT)


@pytest.mark.parametrize(
    ("walks", "need", "reason"),
    [
        ({"hill": 800}, Need.NONE, None),
        ({"hill": 801}, Need.NONE, Reason.NO_STOP_IN_WALK),
        ({"hill": 300}, Need.SHORT_WALK, None),
        ({"hill": 301}, Need.SHORT_WALK, Reason.NO_STOP_IN_WALK),
        ({}, Need.NONE, Reason.NO_STOP_IN_WALK),
    ],
)
def test_a_stop_within_the_walk(fay_at: FayAt, walks: dict[str, int], need: Need, reason: Reason | None) -> None:
    assert certain_reason(fay_at(walks, need=need), 5, BOTH) is reason


def test_a_forbidden_stop_does_not_count(fay_at: FayAt) -> None:
    problem = with_stop(fay_at({"hill": 10}), "hill", status=StopStatus.FORBIDDEN)
    assert certain_reason(problem, 5, BOTH) is Reason.NO_STOP_IN_WALK


@pytest.mark.parametrize(("limit", "reason"), [(600, None), (599, Reason.RIDE_TOO_LONG)])
def test_a_direct_ride_within_the_limit(fay_at: FayAt, limit: int, reason: Reason | None) -> None:
    """Ten minutes from the hill, at the fastest."""
    assert certain_reason(with_rules(fay_at({"hill": 10}), max_ride_s=limit), 5, BOTH) is reason


def test_the_nearest_of_several_places_counts(fay_at: FayAt) -> None:
    """From the gate it is 24 min, from the hill ten: one place is enough."""
    problem = with_rules(fay_at({"gate_in": 10, "hill": 700}), max_ride_s=600)
    assert certain_reason(problem, 5, BOTH) is None


@pytest.mark.parametrize(("count", "reason"), [(8, None), (9, Reason.NO_VEHICLE_LARGE_ENOUGH)])
def test_a_vehicle_for_the_whole_group(fay_at: FayAt, count: int, reason: Reason | None) -> None:
    assert certain_reason(fay_at({"hill": 10}, count=count), 5, BOTH) is reason


def test_a_type_of_which_there_is_no_vehicle_does_not_count(fay_at: FayAt) -> None:
    problem = fay_at({"hill": 10}, count=5)
    only_small = replace(
        problem, fleet=(FleetItem(vehicle_type_id="large", depot_id="barn", available=0), *problem.fleet[:1])
    )
    assert certain_reason(only_small, 5, BOTH) is Reason.NO_VEHICLE_LARGE_ENOUGH


def test_the_nearest_stop_with_a_legal_ride_is_the_one_to_walk_to(fay_at: FayAt) -> None:
    """The gate is nearer (900 m) but 36 min away in the evening, 30 are allowed; the hill at 1,100 m will do."""
    problem = with_rules(fay_at({"gate_in": 900, "hill": 1_100}), max_ride_s=1_800)
    index = PlanIndex.of(problem, Plan(unserved=left_out("fay")))
    finding = open_line_despite(index, 5, BOTH, Reason.NO_STOP_IN_WALK)
    assert finding is not None
    assert (finding.kind, finding.amount, finding.seats[0].board_stop_id) == ("walk", 300, "hill")


def test_nothing_is_relaxed_without_need() -> None:
    """Where no reason is certain, the rules stay as they are."""
    problem = with_rider(town(), "ann", count=2)
    index = PlanIndex.of(problem, Plan(unserved=left_out("ann")))
    finding = open_line_despite(index, 0, BOTH, None)
    assert finding is not None
    assert finding.remedy.rules == problem.rules


def test_no_walk_in_the_table_no_remedy(fay_at: FayAt) -> None:
    index = PlanIndex.of(fay_at({}), Plan(unserved=left_out("fay")))
    assert open_line_despite(index, 5, BOTH, Reason.NO_STOP_IN_WALK) is None
