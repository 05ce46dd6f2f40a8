"""Rules of vehicles: cover, overlap, fleet; each broken by the smallest change."""

from dataclasses import replace

import pytest

from routing.evaluate import Rule
from routing.model.demand import parse_days
from routing.model.fleet import FleetItem
from routing.model.plan import Block
from routing.model.units import DAY_S, parse_clock
from tests.cases import found, town, town_plan, with_block, with_rider, with_rules, with_trip


def test_every_trip_has_a_vehicle() -> None:
    plan = with_block(town_plan(), "1", trip_ids=("a_in",))
    assert found(town(), plan) == [(Rule.BLOCK_COVER, "a_out", 0, 1)]


def test_no_trip_has_two_vehicles() -> None:
    """A second small vehicle drives the trip home as well; the yard has one to spare."""
    plan = town_plan()
    twice = replace(plan, blocks=(*plan.blocks, replace(plan.blocks[0], block_id="3", trip_ids=("a_out",))))
    assert found(town(), twice) == [(Rule.BLOCK_COVER, "a_out", 2, 1)]


def test_a_trip_is_driven_by_its_own_type() -> None:
    """Line a asks for a small vehicle; a second large one at the barn drives it home."""
    problem = town()
    two_large = replace(problem, fleet=(problem.fleet[0], replace(problem.fleet[1], available=2)))
    plan = with_block(town_plan(), "1", trip_ids=("a_in",))
    other = Block(block_id="3", vehicle_type_id="large", depot_id="barn", trip_ids=("a_out",))
    assert found(two_large, replace(plan, blocks=(*plan.blocks, other))) == [(Rule.BLOCK_COVER, "3", None, None)]


def test_a_block_drives_trips_that_exist() -> None:
    plan = with_block(town_plan(), "1", trip_ids=("a_in", "a_out", "ghost"))
    assert found(town(), plan) == [(Rule.REFERENCE, "1", None, None)]


@pytest.mark.parametrize("change", [{"vehicle_type_id": "tram"}, {"depot_id": "moon"}])
def test_a_block_names_a_type_and_a_depot_that_exist(change: dict[str, str]) -> None:
    """An unknown depot is told once, as what it is, and not again as a fleet of none."""
    broken = found(town(), with_block(town_plan(), "2", **change))
    assert (Rule.REFERENCE, "2", None, None) in broken
    assert Rule.FLEET not in {rule for rule, *_ in broken}


@pytest.mark.parametrize(("departure", "late_s"), [("08:40:44", 0), ("08:40:43", 1)])
def test_a_vehicle_reaches_its_next_trip_in_time(departure: str, late_s: int) -> None:
    """One small vehicle drives a_in, then b_in from the quay.

    It leaves north at 07:45:08, drives 14 min to the quay (07:59:08), turns round in 8 min (08:07:08);
    b_in stands at the quay for 36 s before it leaves, so 08:07:44 is the earliest. The late shift comes to
    work 33 min later than usual here, which is no part of this rule.
    """
    problem = town()
    later = replace(problem.shifts[1], start=parse_clock("08:48"))
    problem = with_rules(replace(problem, shifts=(problem.shifts[0], later)), turnaround_s=480 + 33 * 60)
    plan = with_trip(town_plan(), "b_in", departure=parse_clock(departure), vehicle_type_id="small")
    plan = with_block(with_block(plan, "1", trip_ids=("a_in", "b_in", "a_out")), "2", trip_ids=("b_out",))
    ready = parse_clock("08:40:08")
    broken = [(Rule.BLOCK_OVERLAP, "1", ready, ready - late_s)] if late_s else []
    assert [f for f in found(problem, plan) if f[0] is Rule.BLOCK_OVERLAP] == broken


def test_trips_in_the_wrong_order_overlap() -> None:
    """A vehicle that goes home first and to work afterwards would need yesterday's riders."""
    broken = found(town(), with_block(town_plan(), "1", trip_ids=("a_out", "a_in")))
    assert {rule for rule, *_ in broken} == {Rule.BLOCK_OVERLAP}


def test_a_block_is_over_before_its_own_next_day() -> None:
    """The early shift ends at 31:00 (07:00 of the next morning): its vehicle comes back too late for tomorrow.

    a_out leaves north at 31:10 and the gate, in the morning's traffic, at 31:35:06 or 07:35:06 by the wall;
    a turn of 8 min makes 31:43:06, but tomorrow's a_in stands at the gate from 07:19:26 on.
    """
    problem = town()
    night = replace(problem, shifts=(replace(problem.shifts[0], end=parse_clock("31:00")), problem.shifts[1]))
    plan = with_trip(town_plan(), "a_out", departure=parse_clock("31:10"))
    tomorrow = parse_clock("07:19:26") + DAY_S
    assert found(night, plan) == [(Rule.BLOCK_OVERLAP, "1", parse_clock("31:43:06"), tomorrow)]
    one, two = plan.blocks
    apart = (replace(one, trip_ids=("a_in",)), replace(one, block_id="3", trip_ids=("a_out",)), two)
    assert found(night, replace(plan, blocks=apart)) == []


def test_no_more_vehicles_leave_than_stand_in_the_depot() -> None:
    problem = town()
    fewer = replace(problem, fleet=(replace(problem.fleet[0], available=0), problem.fleet[1]))
    assert found(fewer, town_plan()) == [(Rule.FLEET, "small", 1, 0)]


def test_vehicles_of_one_type_are_counted_per_depot() -> None:
    """The barn's large vehicle does not stand in the yard."""
    assert found(town(), with_block(town_plan(), "2", depot_id="yard")) == [(Rule.FLEET, "large", 1, 0)]


def test_two_entries_of_one_type_and_depot_add_up() -> None:
    problem = town()
    one = FleetItem(vehicle_type_id="small", depot_id="yard", available=0)
    split = replace(problem, fleet=(one, replace(one, available=1), problem.fleet[1]))
    assert found(split, town_plan()) == []


@pytest.mark.parametrize(
    ("days", "days_later"), [("1111100", 1), ("1000000", 7), ("1010100", 2), ("1000100", 3), ("0000011", 1)]
)
def test_a_vehicle_has_until_the_next_day_on_which_it_runs(days: str, days_later: int) -> None:
    """A turn of ten days is too long at any rate; the limit tells when the vehicle is wanted again.

    Mondays only: in a week. Mondays, Wednesdays and Fridays: two days later. Mondays and Fridays: Friday to Monday.
    """
    problem = with_rules(town(), turnaround_s=10 * DAY_S)
    for rider in ("ann", "bob", "cai"):
        problem = with_rider(problem, rider, days=parse_days(days))
    plan = with_block(town_plan(), "1", trip_ids=("a_in",))
    other = Block(block_id="3", vehicle_type_id="small", depot_id="yard", trip_ids=("a_out",))
    limits = {f[1]: f[3] for f in found(problem, replace(plan, blocks=(*plan.blocks, other)))}
    assert limits["1"] == parse_clock("07:19:26") + days_later * DAY_S


def test_a_vehicle_whose_trips_run_on_different_days_is_wanted_on_the_nearest() -> None:
    """Out on Mondays with a_in, and again on Tuesdays with b_in: the next a_in after a Tuesday is six days away."""
    problem = with_rules(town(), turnaround_s=10 * DAY_S)
    for rider, days in (("ann", 1), ("bob", 1), ("cai", 1), ("dan", 2), ("eve", 2)):
        problem = with_rider(problem, rider, days=days)
    plan = with_block(with_trip(town_plan(), "b_in", vehicle_type_id="small"), "1", trip_ids=("a_in", "b_in"))
    overlaps = [f for f in found(problem, plan) if f[:2] == (Rule.BLOCK_OVERLAP, "1")]
    assert [f[3] for f in overlaps] == [parse_clock("07:39:24"), parse_clock("07:19:26") + 6 * DAY_S]
