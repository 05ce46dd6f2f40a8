"""The judge as a whole: it never raises, never minds the order, and a verdict follows from its inputs alone."""

from dataclasses import replace
from itertools import chain

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.model.demand import Direction
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Trip, Unserved
from routing.model.units import DAY_S
from tests.cases import DEPOTS, SITES, STOPS, WALKS, town, town_plan

riders = st.sampled_from([*WALKS, "zoe", ""])
nodes = st.sampled_from([*STOPS, *SITES, *DEPOTS, "depot yard", "moon", ""])
trips_ids = st.sampled_from(["a_in", "a_out", "b_in", "b_out", "ghost"])
directions = st.sampled_from(list(Direction))
trips = st.builds(
    Trip,
    trip_id=trips_ids,
    direction=directions,
    shift_ids=st.lists(st.sampled_from(["early", "late", "night"]), max_size=3).map(tuple),
    vehicle_type_id=st.sampled_from(["small", "large", "tram"]),
    stop_ids=st.lists(nodes, max_size=6).map(tuple),
    departure=st.integers(-DAY_S, 3 * DAY_S),
)
lines = st.builds(Line, line_id=st.sampled_from("ab"), name=st.just(""), trips=st.lists(trips, max_size=3).map(tuple))
assignments = st.builds(
    Assignment,
    rider_id=riders,
    direction=directions,
    trip_id=trips_ids,
    board_stop_id=nodes,
    alight_stop_id=nodes,
)
blocks = st.builds(
    Block,
    block_id=st.sampled_from("123"),
    vehicle_type_id=st.sampled_from(["small", "large", "tram"]),
    depot_id=st.sampled_from([*DEPOTS, "moon"]),
    trip_ids=st.lists(trips_ids, max_size=4).map(tuple),
)
unserved = st.builds(Unserved, rider_id=riders, direction=directions, reason=st.sampled_from(list(Reason)))


def some(kind: st.SearchStrategy[object], whole: tuple[object, ...]) -> st.SearchStrategy[tuple[object, ...]]:
    """Mix parts of the good plan with inventions, in any order, some twice."""
    return st.lists(st.one_of(st.sampled_from(whole), kind), max_size=8).map(tuple)


GOOD = town_plan()
plans = st.builds(
    Plan,
    lines=some(lines, GOOD.lines),
    assignments=some(assignments, GOOD.assignments),
    blocks=some(blocks, GOOD.blocks),
    unserved=some(unserved, GOOD.unserved),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=plans)
def test_no_plan_makes_the_judge_raise(plan: Plan) -> None:
    """Dropped, doubled, shuffled and invented parts: a verdict comes out, with costs that are costs."""
    verdict = evaluate(town(), plan)
    parts = verdict.cost_parts
    assert min(parts.vehicles, parts.distance, parts.time, parts.walk, parts.unserved) >= 0
    assert parts.unserved <= 7 * 20_000
    assert verdict.kpis.served + verdict.kpis.unserved == 7
    assert len(verdict.violations) == sum(verdict.violations_by_rule().values())
    assert all(v.text and v.subject is not None for v in verdict.violations)


@settings(max_examples=100, deadline=None)
@given(plan=plans)
def test_a_verdict_follows_from_its_inputs_alone(plan: Plan) -> None:
    """Judged twice, the same; and the plan is left as it was, being frozen."""
    assert evaluate(town(), plan) == evaluate(town(), plan)


@given(data=st.data())
def test_the_order_of_a_plans_parts_does_not_matter(data: st.DataObject) -> None:
    """Lines, seats, blocks and entries in any order: the same costs and the same (lack of) violations."""
    shuffled = replace(
        GOOD,
        lines=tuple(data.draw(st.permutations(GOOD.lines))),
        assignments=tuple(data.draw(st.permutations(GOOD.assignments))),
        blocks=tuple(data.draw(st.permutations(GOOD.blocks))),
        unserved=tuple(data.draw(st.permutations(GOOD.unserved))),
    )
    verdict, expected = evaluate(town(), shuffled), evaluate(town(), GOOD)
    assert verdict.feasible
    assert (verdict.cost_parts, verdict.kpis) == (expected.cost_parts, expected.kpis)


@given(data=st.data())
def test_the_order_of_a_problems_lists_does_not_matter_either(data: st.DataObject) -> None:
    """Shifts, types and fleet may come in any order; stops, worksites and depots number the matrices' nodes."""
    problem = town()
    same = replace(
        problem,
        shifts=tuple(data.draw(st.permutations(problem.shifts))),
        vehicle_types=tuple(data.draw(st.permutations(problem.vehicle_types))),
        fleet=tuple(data.draw(st.permutations(problem.fleet))),
    )
    assert evaluate(same, GOOD) == evaluate(problem, GOOD)


@given(dropped=st.integers(0, len(GOOD.assignments) - 1))
def test_whatever_seat_is_dropped_its_rider_is_missed(dropped: int) -> None:
    """No seat can vanish from a plan unnoticed."""
    seat = GOOD.assignments[dropped]
    plan = replace(GOOD, assignments=tuple(a for i, a in enumerate(GOOD.assignments) if i != dropped))
    missed = [v for v in evaluate(town(), plan).violations if v.rule == "served_or_explained"]
    assert [v.subject for v in missed] == [seat.rider_id]
    assert seat.direction in missed[0].text


def test_the_schedule_of_the_verdict_holds_every_trip() -> None:
    """Those who need clock times take them from the verdict, and need not derive them again."""
    verdict = evaluate(town(), GOOD)
    named = [t.trip.trip_id for t in verdict.schedule.trips]
    assert named == [t.trip_id for t in chain(*(line.trips for line in GOOD.lines))]
