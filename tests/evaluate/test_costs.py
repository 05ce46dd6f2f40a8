"""Costs of a day, counted by hand for the town and held to what addition means."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from routing.evaluate import CostParts, evaluate
from routing.evaluate.costs import count_costs
from routing.model.plan import Plan
from routing.schedule import schedule_plan
from tests.cases import (
    IN,
    OUT,
    WALKS,
    left_out,
    town,
    town_plan,
    with_block,
    with_rider,
    with_rules,
    with_trip,
    without,
)


def cost(plan: Plan) -> CostParts:
    return evaluate(town(), plan).cost_parts


def test_the_cost_of_the_town_by_hand() -> None:
    """Every part, added up on paper.

    vehicles: small 10,000 + large 16,000 = 26,000 fen.
    distance: the small one drives 2 km from the yard, 12 km there, 12 km back, 2 km home: 28 km at 200 fen = 5,600.
      The large one 12 + 10 + 10 + 12 = 44 km at 300 fen = 13,200. Together 18,800.
    time: small: empty 240 s (morning) and 360 s (evening), a_in from 07:19:26 to 07:45:08 = 1,542 s, a_out from
      17:09:24 to 17:47:06 = 2,262 s: 4,404 s at 1 fen. Large: empty 1,440 s and 2,160 s, b_in 07:39:24 to 08:00:36
      = 1,272 s, b_out 17:24:24 to 17:55:36 = 1,872 s: 6,744 s at 2 fen = 13,488. Together 17,892.
    ride: ann and bob 1,472 s in and 2,192 s out, cai 1,200 and 1,800, dan and twice eve 1,200 and 1,800:
      2 · 3,664 + 3,000 + 3 · 3,000 = 19,328 s at 1 fen.
    walk: ann 200 + 210, bob 400 + 390, cai 250 + 260, dan 100 + 100, twice eve 500 + 500: 3,910 m at 1 fen.
    unserved: fay, 20,000.
    """
    expected = CostParts(vehicles=26_000, distance=18_800, time=17_892, ride=19_328, walk=3_910, unserved=20_000)
    assert cost(town_plan()) == expected
    assert expected.total == 105_930 == evaluate(town(), town_plan()).cost_fen


def test_mileage_tells_service_from_deadhead() -> None:
    """Service 12 + 12 + 10 + 10 km, empty 2 + 2 + 12 + 12 km."""
    _, mileage = count_costs(town(), town_plan(), schedule_plan(town(), town_plan()))
    assert (mileage.service_m, mileage.deadhead_m) == (44_000, 28_000)


def test_an_empty_plan_costs_what_leaving_everyone_costs() -> None:
    """Seven people at 20,000 fen, the couple counting twice."""
    assert cost(Plan()) == CostParts(vehicles=0, distance=0, time=0, ride=0, walk=0, unserved=140_000)


def test_one_direction_of_two_counts_half() -> None:
    """Bob stays out homeward: half of 20,000 more; he rides and walks less, and a_out stands 2 s less at two stops."""
    before, after = cost(town_plan()), cost(without(town_plan(), "bob", OUT))
    assert after.unserved == before.unserved + 10_000
    assert after.ride == before.ride - 2_192
    assert after.walk == before.walk - 390
    assert after.time == before.time - 4


def test_one_direction_of_one_counts_in_full() -> None:
    """Where the early shift has no end, fay asks for one trip a day: leaving her costs the same 20,000 fen."""
    problem = town()
    one_way = replace(problem, shifts=(replace(problem.shifts[0], end=None), problem.shifts[1]))
    plan = replace(town_plan(), unserved=left_out("fay", IN))
    assert evaluate(one_way, plan).cost_parts.unserved == 20_000


def test_a_vehicle_drives_from_trip_to_trip_without_going_home() -> None:
    """The small vehicle takes b_in after a_in: north to quay is 7 km and 840 s, south back to north 3 km and 540 s.

    Distance: 28 + 10 + 7 + 3 = 48 km at 200 fen; the large one 12 + 10 + 2 (south to the barn is 4 min) = 24 km at 300.
    """
    plan = with_trip(town_plan(), "b_in", vehicle_type_id="small")
    plan = with_block(with_block(plan, "1", trip_ids=("a_in", "b_in", "a_out")), "2", trip_ids=("b_out",))
    # The large vehicle: barn to south 2 km, b_out 10 km, quay to barn 12 km.
    assert cost(plan).distance == 48 * 200 + 24 * 300


def test_trips_that_nobody_drives_cost_nothing_to_drive() -> None:
    """They break the rule of cover instead."""
    parts = cost(replace(town_plan(), blocks=()))
    assert (parts.vehicles, parts.distance, parts.time) == (0, 0, 0)
    assert parts.ride == 19_328


def test_a_seat_that_leads_nowhere_serves_nobody() -> None:
    """All of line a's riders fall off with their unknown vehicle type; three people more are left."""
    plan = with_trip(with_trip(town_plan(), "a_in", vehicle_type_id="tram"), "a_out", vehicle_type_id="tram")
    assert cost(plan).unserved == 4 * 20_000


def test_walks_cost_by_speed() -> None:
    """Half the walking speed, double the time on foot."""
    slow = with_rules(town(), walk_speed_m_per_h=2_250)
    assert evaluate(slow, town_plan()).cost_parts.walk == 2 * 3_910


@given(who=st.sampled_from(["ann", "bob", "cai", "dan", "eve"]))
def test_leaving_a_rider_out_costs_the_price_of_leaving_and_saves_the_own_effort(who: str) -> None:
    """Unserved rises by the price per head, walk falls by the own walks, ride by at least the own rides."""
    before, after = cost(town_plan()), cost(without(town_plan(), who))
    heads = 2 if who == "eve" else 1
    walked = {"ann": 410, "bob": 790, "cai": 510, "dan": 200, "eve": 2_000}[who]
    assert after.unserved - before.unserved == 20_000 * heads
    assert before.walk - after.walk == walked
    assert before.ride - after.ride >= 3_000 * heads
    assert after.vehicles == before.vehicles
    assert after.distance == before.distance


@given(
    left=st.sets(st.sampled_from(sorted(WALKS))),
    heads=st.integers(1, 1_000_000),
    dwell=st.integers(0, 600),
)
def test_parts_are_never_negative_and_add_up_over_lines(left: set[str], heads: int, dwell: int) -> None:
    """The town's two lines share nothing: each priced alone, with all other riders left out, gives the sum."""
    problem = with_rules(with_rider(town(), "eve", count=heads), dwell_s_per_stop=dwell)
    whole = town_plan()
    for who in left - {"fay"}:
        whole = without(whole, who)
    halves = [
        replace(
            whole,
            lines=(line,),
            blocks=(block,),
            assignments=tuple(a for a in whole.assignments if a.trip_id.startswith(line.line_id)),
        )
        for line, block in zip(whole.lines, whole.blocks, strict=True)
    ]
    total, *parts = (evaluate(problem, plan).cost_parts for plan in (whole, *halves))
    for name in ("vehicles", "distance", "time", "ride", "walk"):
        assert getattr(total, name) >= 0
        assert getattr(total, name) == sum(getattr(part, name) for part in parts)
    # Each half leaves the other's riders out: together they leave everybody once, and the whole's own once more.
    everybody = 20_000 * sum(r.count for r in problem.riders)
    assert sum(part.unserved for part in parts) == everybody + total.unserved


def test_costs_are_exact_where_floating_point_would_not_be() -> None:
    """2⁶² + 1 fen a vehicle, and prices near the end of 64 bits: the last fen is right, and nothing turns negative."""
    large = 2**62 + 1
    problem = replace(
        town(),
        vehicle_types=tuple(
            replace(kind, fixed_cost=large, distance_cost=large, time_cost=large) for kind in town().vehicle_types
        ),
        costs=replace(town().costs, ride=large, walk=large, unserved=large),
    )
    parts = evaluate(problem, town_plan()).cost_parts
    assert parts.vehicles == 2 * large
    assert parts.distance == (28 + 44) * large
    assert parts.unserved == large
    # 4,404 + 6,744 s under way and 19,328 s aboard at `large` an hour; 3,910 m at `large` for 4,500 m.
    assert [parts.time, parts.ride, parts.walk] == [
        round(Fraction(n * large, whole)) for n, whole in ((11_148, 3_600), (19_328, 3_600), (3_910, 4_500))
    ]


def test_a_group_of_a_million_rides_and_is_left_out_to_the_fen() -> None:
    """Eve's group of a million on 8 seats breaks a rule, and costs what it costs all the same."""
    million = with_rider(town(), "eve", count=10**6)
    verdict = evaluate(million, town_plan())
    assert verdict.kpis.served == 10**6 + 4
    assert {v.value for v in verdict.violations if v.rule == "seats"} == {10**6 + 1}
    left = evaluate(million, without(town_plan(), "eve")).cost_parts.unserved
    assert left == (10**6 + 1) * 20_000
    assert evaluate(million, without(town_plan(), "eve", OUT)).cost_parts.unserved == 10**6 * 10_000 + 20_000
