"""Groups of lines of any two plans: they part the difference, and exchanged in any order they make the other plan."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.rebalance.components import exchange, find_components
from tests.any_plans import FEW, any_plans
from tests.cases import IN, OUT, left_out, seats, town, town_plan, with_trip, without

PLAN = town_plan()


def roomy() -> Problem:
    """Return the town with more vehicles than anybody could need."""
    return town(fleet=tuple(replace(item, available=9) for item in town().fleet))


def groups(before: Plan, after: Plan) -> list[tuple[str, ...]]:
    return [c.line_ids for c in find_components(before, after)]


def decisions(plan: Plan) -> tuple[object, ...]:
    """Return what a plan decides, vehicles apart and in no order."""
    trips = {(line.line_id, line.name, t.trip_id, t.stop_ids, t.departure) for line, t in plan.trips()}
    return trips, set(plan.assignments), {(u.rider_id, u.direction) for u in plan.unserved}


@FEW
@given(before=any_plans(), after=any_plans())
def test_groups_share_no_line_and_are_told_in_order(before: Plan, after: Plan) -> None:
    found = groups(before, after)
    lines = [line_id for group in found for line_id in group]
    assert len(lines) == len(set(lines))
    assert found == sorted(found)
    assert all(list(group) == sorted(group) for group in found)
    assert set(lines) <= {line.line_id for plan in (before, after) for line in plan.lines}


@FEW
@given(before=any_plans(), after=any_plans())
def test_the_way_back_has_the_same_groups(before: Plan, after: Plan) -> None:
    assert groups(before, after) == groups(after, before)


@FEW
@given(plan=any_plans())
def test_a_plan_in_another_order_is_the_same(plan: Plan) -> None:
    assert groups(plan, replace(plan, lines=plan.lines[::-1], assignments=plan.assignments[::-1])) == []


@FEW
@given(before=any_plans(), after=any_plans())
def test_a_rider_who_moves_has_both_lines_in_one_group(before: Plan, after: Plan) -> None:
    place = {line_id: x for x, group in enumerate(groups(before, after)) for line_id in group}
    was, now = (
        {
            (a.rider_id, a.direction): line.line_id
            for line, trip in plan.trips()
            for a in plan.assignments
            if a.trip_id == trip.trip_id
        }
        for plan in (before, after)
    )
    for key in was.keys() & now.keys():
        if was[key] != now[key]:
            assert place[was[key]] == place[now[key]]


@FEW
@given(before=any_plans(), after=any_plans(), data=st.data())
def test_all_groups_in_any_order_make_the_other_plan(before: Plan, after: Plan, data: st.DataObject) -> None:
    """Whether the plans keep the rules is not asked here: the judge does that."""
    problem, now = roomy(), before
    for component in data.draw(st.permutations(find_components(before, after))):
        mixed = exchange(problem, now, after, component.line_ids)
        assert mixed is not None
        assert groups(now, mixed) == [component.line_ids]
        now = mixed
    assert decisions(now) == decisions(after)


@FEW
@given(before=any_plans(), after=any_plans(), data=st.data())
def test_nobody_is_seated_twice_or_forgotten_in_a_mixture(before: Plan, after: Plan, data: st.DataObject) -> None:
    found = find_components(before, after)
    chosen = data.draw(st.sets(st.sampled_from(found))) if found else set()
    mixed = exchange(roomy(), before, after, [line_id for c in chosen for line_id in c.line_ids])
    assert mixed is not None
    seated = [(a.rider_id, a.direction) for a in mixed.assignments]
    waiting = [(u.rider_id, u.direction) for u in mixed.unserved]
    assert len(set(seated)) == len(seated)
    assert len(set(waiting)) == len(waiting)
    everybody = {(rider.rider_id, way) for rider in town().riders for way in (IN, OUT)}
    assert set(seated) | set(waiting) == everybody
    assert set(seated) & set(waiting) == set()


def test_nothing_exchanged_is_the_plan_with_its_vehicles_given_out_anew() -> None:
    same = exchange(town(), PLAN, with_trip(PLAN, "a_in", departure=0), [])
    assert same is not None
    assert decisions(same) == decisions(PLAN)
    assert {trip_id for b in same.blocks for trip_id in b.trip_ids} == {t.trip_id for _, t in PLAN.trips()}


def test_a_line_that_both_plans_lack_changes_nothing() -> None:
    same = exchange(town(), PLAN, PLAN, ["ghost"])
    assert same is not None
    assert decisions(same) == decisions(PLAN)


def test_three_lines_are_one_group_where_riders_move_in_a_chain() -> None:
    """Ann goes from a to c, dan from b to a: b and c have nobody in common and still change together."""
    trips = tuple(replace(t, trip_id=t.trip_id.replace("a", "c", 1)) for t in PLAN.lines[0].trips)
    third = replace(PLAN.lines[0], line_id="c", trips=trips)
    kept = tuple(a for a in PLAN.assignments if a.rider_id not in {"ann", "dan"})
    after = replace(
        PLAN,
        lines=(*PLAN.lines, third),
        assignments=(*kept, *seats("ann", "c", "gate", "north"), *seats("dan", "a", "market", "north")),
    )
    assert groups(PLAN, after) == [("a", "b", "c")]


def test_a_rider_who_moves_in_one_direction_binds_the_lines_as_well() -> None:
    (way_in, _) = seats("ann", "b", "quay", "south")
    kept = tuple(a for a in PLAN.assignments if (a.rider_id, a.direction) != ("ann", IN))
    assert groups(PLAN, replace(PLAN, assignments=(*kept, way_in))) == [("a", "b")]


def test_a_seat_on_a_trip_that_does_not_run_is_no_line_s() -> None:
    lost = replace(PLAN, assignments=tuple(replace(a, trip_id="ghost") for a in PLAN.assignments))
    assert groups(PLAN, lost) == [("a",), ("b",)]
    assert groups(lost, lost) == []


def test_a_reason_that_the_other_plan_gives_for_leaving_somebody_out_is_taken_over() -> None:
    """Ann is left out by the exchange, fay before and after; each is told once."""
    mixed = exchange(town(), PLAN, without(PLAN, "ann"), ["a"])
    assert mixed is not None
    assert {(u.rider_id, u.direction) for u in mixed.unserved} == {(n, w) for n in ("ann", "fay") for w in (IN, OUT)}
    back = exchange(town(), mixed, PLAN, ["a"])
    assert back is not None
    assert back.unserved == left_out("fay")
