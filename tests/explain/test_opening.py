"""A line of one's own: where, with whom, in which vehicle, and how many are missing."""

from dataclasses import replace

import pytest

from routing.evaluate import evaluate
from routing.explain import Finding, PlanIndex, apply_remedy
from routing.explain.opening import direct_s, open_line
from routing.model.fleet import FleetItem
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.units import parse_clock
from tests.cases import IN, OUT, left_out, town, with_rider, with_rules
from tests.explain.conftest import FayAt

EVERYBODY = Plan(unserved=tuple(u for who in ("ann", "bob", "cai", "dan", "eve", "fay") for u in left_out(who)))


def opened(problem: Problem, rider_id: str = "ann", seats: int = 0) -> Finding | None:
    index = PlanIndex.of(problem, EVERYBODY)
    rider = problem.rider_index(rider_id)
    assert rider is not None
    return open_line(index, rider, (IN, OUT), rules=problem.rules, seats=seats)


def test_a_line_opens_where_most_wait() -> None:
    """Ann could board at the gate or the market; bob waits at the gate, cai at the market but for a short walk."""
    finding = opened(town())
    assert finding is not None
    assert finding.kind == "price"
    inbound, outbound = finding.remedy.lines[0].trips
    # The gate with bob and the market with cai draw level; the gate is the shorter walk. Both of its kerbs are
    # equally far from north on this road, so the nearer one serves both ways.
    assert (inbound.stop_ids, outbound.stop_ids) == (("gate_in", "north"), ("north", "gate_in"))
    assert {a.rider_id for a in finding.remedy.assignments} == {"ann", "bob"}


def test_a_new_line_meets_the_middle_of_its_windows() -> None:
    """07:35 to 07:55 inbound, 17:05 to 17:25 outbound; the gate is 24 min from north in the morning."""
    finding = opened(town())
    assert finding is not None
    inbound, outbound = finding.remedy.lines[0].trips
    assert inbound.departure == parse_clock("07:21")
    assert outbound.departure == parse_clock("17:15")


def test_the_cheapest_idle_vehicle_with_enough_seats_is_taken() -> None:
    """Two people fit into the small one; eight only into the large one."""
    small, large = opened(town()), opened(with_rider(town(), "ann", count=7))
    assert small is not None
    assert large is not None
    assert [f.remedy.blocks[0].vehicle_type_id for f in (small, large)] == ["small", "large"]
    assert [f.remedy.blocks[0].depot_id for f in (small, large)] == ["yard", "barn"]


def test_nobody_is_left_standing() -> None:
    """With seven of her own, ann's group takes bob aboard; with eight it does not."""
    with_bob, alone = (opened(with_rider(town(), "ann", count=n)) for n in (7, 8))
    assert with_bob is not None
    assert alone is not None
    assert {a.rider_id for a in with_bob.remedy.assignments} == {"ann", "bob"}
    assert {a.rider_id for a in alone.remedy.assignments} == {"ann"}


def test_those_who_are_missing_are_riders_like_her() -> None:
    finding = opened(with_rules(town(), min_load=4))
    assert finding is not None
    assert (finding.kind, finding.amount, finding.share) == ("neighbours", 2, 0.5)
    assert [(r.count, r.worksite_id, r.shift_id) for r in finding.remedy.copies] == [(1, "north", "early")] * 2
    relaxed, plan = apply_remedy(town(), EVERYBODY, finding.remedy)
    assert evaluate(relaxed, plan).schedule.trips[0].riders == 4


def test_one_fewer_neighbour_would_not_do() -> None:
    """The number is the least: with one copy less the judge finds the minimum load missed."""
    problem = with_rules(town(), min_load=4)
    finding = opened(problem)
    assert finding is not None
    fewer = finding.remedy.copies[:-1]
    seats = tuple(a for a in finding.remedy.assignments if a.rider_id != finding.remedy.copies[-1].rider_id)
    verdict = evaluate(*apply_remedy(problem, EVERYBODY, replace(finding.remedy, copies=fewer, assignments=seats)))
    assert verdict.violations_by_rule() == {"min_load": 2}


def test_more_seats_on_demand(fay_at: FayAt) -> None:
    """Nine people and a vehicle enlarged to nine seats."""
    problem = fay_at({"hill": 10}, count=9)
    assert opened(problem, "fay") is None
    finding = opened(problem, "fay", seats=9)
    assert finding is not None
    assert [v.seats for v in finding.remedy.vehicle_types] == [9]


@pytest.mark.parametrize("what", ["vehicle", "stop", "ride"])
def test_without_vehicle_stop_or_ride_no_line_opens(what: str) -> None:
    problem = town()
    if what == "vehicle":
        problem = replace(problem, fleet=(FleetItem(vehicle_type_id="small", depot_id="yard", available=0),))
    elif what == "ride":
        problem = with_rules(problem, max_ride_s=600)
    assert opened(problem, "fay" if what == "stop" else "ann") is None


def test_the_direct_drive_has_a_way_and_a_period() -> None:
    """Gate to north is 24 min: 1,440 s in the morning, 2,160 s homeward in the evening."""
    ann = town().riders[0]
    assert direct_s(town(), ann, 0, IN) == 1_440
    assert direct_s(town(), ann, 0, OUT) == 2_160
    assert direct_s(town(), ann, 0, OUT, 0) == 1_440


def test_a_vehicle_that_there_is_not_can_be_supplied() -> None:
    """Nothing stands in the depots: one small vehicle more, at the first of them, would take ann and bob."""
    problem = replace(town(), fleet=())
    index = PlanIndex.of(problem, EVERYBODY)
    assert open_line(index, 0, (IN, OUT), rules=problem.rules) is None
    finding = open_line(index, 0, (IN, OUT), rules=problem.rules, supply=True)
    assert finding is not None
    assert (finding.kind, finding.amount, finding.also) == ("vehicles", 1, ())
    assert finding.remedy.fleet == (FleetItem(vehicle_type_id="small", depot_id="yard", available=1),)
    assert evaluate(*apply_remedy(problem, EVERYBODY, finding.remedy)).violations == ()


def test_no_vehicle_is_supplied_where_there_is_no_yard_for_it() -> None:
    """A depot is where a vehicle's day begins; without one there is none."""
    n = len(town().depots)
    travel = tuple(replace(m, duration=m.duration[:-n, :-n], distance=m.distance[:-n, :-n]) for m in town().travel)
    problem = replace(town(), fleet=(), depots=(), travel=travel)
    index = PlanIndex.of(problem, EVERYBODY)
    assert open_line(index, 0, (IN, OUT), rules=problem.rules, supply=True) is None
