"""The difference of two plans, in groups of lines that change by themselves."""

from dataclasses import replace

import pytest

from routing.evaluate import evaluate
from routing.model.plan import Plan
from routing.rebalance.components import exchange, find_components
from routing.solver import MaxIterations, solve
from tests.cases import IN, OUT, seats, town, town_plan, with_seat, with_trip, without
from tests.drifting import drifted
from tests.solver.towns import RULES, Town

PLAN = town_plan()


def groups(before: Plan, after: Plan) -> list[tuple[str, ...]]:
    return [c.line_ids for c in find_components(before, after)]


def test_the_same_plan_has_no_difference() -> None:
    assert groups(PLAN, PLAN) == []


def test_other_vehicles_are_no_difference() -> None:
    assert groups(PLAN, replace(PLAN, blocks=())) == []
    assert groups(PLAN, with_trip(PLAN, "a_in", vehicle_type_id="large")) == []


@pytest.mark.parametrize(
    "after",
    [
        with_trip(PLAN, "a_in", departure=0),
        with_trip(PLAN, "a_out", stop_ids=("north", "gate_out")),
        with_seat(PLAN, "ann", IN, board_stop_id="market_in"),
        without(PLAN, "ann"),
        without(PLAN, "ann", OUT),
        replace(PLAN, lines=PLAN.lines[1:]),
    ],
)
def test_a_line_that_changes_by_itself_is_a_group_of_its_own(after: Plan) -> None:
    assert groups(PLAN, after) == [("a",)]
    assert groups(after, PLAN) == [("a",)]


def test_lines_are_together_where_a_rider_moves_between_them() -> None:
    kept = tuple(a for a in PLAN.assignments if a.rider_id != "ann")
    moved = replace(PLAN, assignments=(*kept, *seats("ann", "b", "quay", "south")))
    assert groups(PLAN, moved) == [("a", "b")]


def test_lines_that_change_side_by_side_are_apart() -> None:
    both = with_trip(with_trip(PLAN, "a_in", departure=0), "b_in", departure=0)
    assert groups(PLAN, both) == [("a",), ("b",)]


def test_all_groups_exchanged_make_the_other_plan() -> None:
    """Its lines and seats; in any order, one at a time or all at once."""
    drift = drifted(Town(riders=160, places=30, depots=1, rules=RULES, seed=5))
    problem = drift.priced(600)
    begin = solve(drift.priced(None), stop=MaxIterations(iterations=400), incumbent=drift.running).plan
    target = solve(problem, stop=MaxIterations(iterations=1_500), incumbent=begin).plan
    found = find_components(begin, target)
    assert len(found) > 1
    now = begin
    for component in reversed(found):
        step = exchange(problem, now, target, component.line_ids)
        assert step is not None
        assert evaluate(problem, step).violations == ()
        assert groups(now, step) == [component.line_ids]
        now = step
    assert groups(now, target) == []
    assert set(now.assignments) == set(target.assignments)
    assert {(u.rider_id, u.direction) for u in now.unserved} == {(u.rider_id, u.direction) for u in target.unserved}
    assert evaluate(problem, now).cost_fen <= evaluate(problem, target).cost_fen * 1.01
    assert groups(begin, now) == [c.line_ids for c in found]


def test_too_few_vehicles_for_a_mixture_are_told() -> None:
    """A third line where there are three vehicles, then where there are two."""
    more = replace(
        PLAN,
        lines=(
            *PLAN.lines,
            replace(
                PLAN.lines[0],
                line_id="c",
                trips=tuple(replace(t, trip_id=f"c{t.trip_id}") for t in PLAN.lines[0].trips),
            ),
        ),
    )
    assert exchange(town(), PLAN, more, ["c"]) is not None
    fleet = tuple(replace(item, available=1) for item in town().fleet)
    assert exchange(town(fleet=fleet), PLAN, more, ["c"]) is None
