"""Remedies applied, relaxations counted, and which violations are new."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from routing.evaluate import Rule, Violation, evaluate
from routing.explain.remedy import (
    Remedy,
    afforded,
    apply_remedy,
    beyond,
    judge_remedy,
    most_vehicles,
    relaxed_rules,
    walk_rows,
)
from routing.model.budget import Budget
from routing.model.demand import Need
from routing.model.plan import Plan
from routing.model.rules import ServiceRules
from tests.cases import WALKS, left_out, seats, town, town_plan, with_rules, without


def walk(subject: str, value: int | None) -> Violation:
    return Violation(rule=Rule.WALK, subject=subject, text="", value=value, limit=800)


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        ([], [], []),
        ([900], [900], []),
        ([900], [850], []),
        ([900], [901], [901]),
        ([900], [900, 810], [810]),
        ([900, 810], [810, 900], []),
        ([900, 810], [805, 890], []),
        ([900, 810], [850, 850], [850]),
        ([], [None], [None]),
        ([None], [None], []),
        ([None], [801], [801]),
    ],
)
def test_only_violations_that_are_new_or_worse_count(
    before: list[int | None], after: list[int | None], new: list[int | None]
) -> None:
    """Each old violation excuses one that is no worse."""
    fresh = beyond([walk("ann", v) for v in before], [walk("ann", v) for v in after])
    assert [v.value for v in fresh] == new


def test_an_old_violation_excuses_nobody_elses() -> None:
    assert beyond([walk("ann", 900)], [walk("bob", 850)]) == [walk("bob", 850)]
    seats_short = Violation(rule=Rule.SEATS, subject="ann", text="", value=900, limit=800)
    assert beyond([walk("ann", 900)], [seats_short]) == [seats_short]


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("walk", "max_walk_m", 810),
        ("ride", "max_ride_s", 6_610),
        ("detour", "max_detour_free_s", 910),
        ("stops", "max_stops", 24),
    ],
)
def test_a_promise_gives_by_its_amount_and_no_other_does(kind: str, field: str, value: int) -> None:
    rules = ServiceRules()
    change: dict[str, Any] = {field: value}
    assert relaxed_rules(rules, kind, 10) == replace(rules, **change)


def test_a_longest_trip_gives_where_there_is_one() -> None:
    rules = ServiceRules(max_trip_s=2_700)
    assert relaxed_rules(rules, "trip", 10) == replace(rules, max_trip_s=2_710)
    assert relaxed_rules(ServiceRules(), "trip", 10) == ServiceRules()


def test_a_short_walk_gives_by_its_own_limit() -> None:
    """The ordinary limit moves only where the short one would pass it."""
    rules = ServiceRules()
    assert relaxed_rules(rules, "walk", 10, Need.SHORT_WALK) == replace(rules, max_walk_short_m=310)
    far = relaxed_rules(rules, "walk", 600, Need.SHORT_WALK)
    assert (far.max_walk_m, far.max_walk_short_m) == (900, 900)
    assert far.walk_limit_m(Need.SHORT_WALK) == 900


def test_other_kinds_leave_the_rules_alone() -> None:
    assert relaxed_rules(ServiceRules(), "price", 10) == ServiceRules()


def test_a_remedy_replaces_by_id_and_adds_the_rest() -> None:
    problem, plan = town(), without(town_plan(), "ann")
    line, block = plan.lines[0], plan.blocks[0]
    remedy = Remedy(
        lines=(replace(line, name="New"), replace(line, line_id="c")),
        blocks=(replace(block, depot_id="barn"), replace(block, block_id="9")),
        assignments=seats("ann", "a", "gate", "north"),
        riders=(replace(problem.riders[0], shift_id="late"),),
        vehicle_types=(replace(problem.vehicle_types[0], seats=5),),
        rules=replace(problem.rules, max_stops=9),
    )
    relaxed, changed = apply_remedy(problem, plan, remedy)
    assert [(x.line_id, x.name) for x in changed.lines] == [("a", "New"), ("b", "Quay"), ("c", "Gate")]
    assert [(b.block_id, b.depot_id) for b in changed.blocks] == [("1", "barn"), ("2", "barn"), ("9", "yard")]
    assert [u.rider_id for u in changed.unserved] == ["fay", "fay"]
    assert [r.shift_id for r in relaxed.riders][:2] == ["late", "early"]
    assert (relaxed.vehicle_types[0].seats, relaxed.rules.max_stops) == (5, 9)
    assert relaxed.walks is problem.walks


def test_copies_walk_as_their_original_does() -> None:
    problem = town()
    copies = tuple(replace(problem.riders[2], rider_id=f"cai {k}") for k in range(2))
    relaxed, _ = apply_remedy(problem, town_plan(), Remedy(copies=copies, like="cai"))
    assert len(relaxed.riders) == 8
    for index in (6, 7):
        assert [row.tolist() for row in relaxed.walks.row(index)] == [row.tolist() for row in problem.walks.row(2)]


def test_walk_rows_may_come_in_any_order_and_twice() -> None:
    walks = town().walks
    picked = walk_rows(walks, [5, 0, 0])
    assert [len(picked.row(i)[0]) for i in range(3)] == [len(WALKS["fay"]), len(WALKS["ann"]), len(WALKS["ann"])]
    assert np.array_equal(picked.row(2)[1], walks.row(0)[1])
    assert len(walk_rows(walks, []).stop) == 0


def test_the_extra_cost_is_the_judges_difference() -> None:
    """Ann comes back to line a: the plan of the town costs what it costs."""
    problem, plan = town(), without(town_plan(), "ann")
    remedy = Remedy(assignments=seats("ann", "a", "gate", "north"))
    saved = evaluate(problem, town_plan()).cost_fen - evaluate(problem, plan).cost_fen
    assert judge_remedy(problem, plan, remedy) == ([], saved)
    assert saved < 0


def test_a_remedy_that_breaks_a_rule_has_no_price() -> None:
    problem, plan = with_rules(town(), max_walk_m=399), without(town_plan(), "bob")
    broken, _ = judge_remedy(problem, plan, Remedy(assignments=seats("bob", "a", "gate", "north")))
    assert broken


@pytest.mark.parametrize(
    ("budget", "vehicles", "fen"),
    [
        (Budget(), 0, 0),
        (Budget(max_vehicles=1), 1, 0),
        (Budget(max_cost_fen=62_692 - 700), 0, 700),
        (Budget(max_vehicles=1, max_cost_fen=62_692 - 700), 0, 0),
    ],
)
def test_a_remedy_that_one_budget_forbids_is_afforded_and_no_other(budget: Budget, vehicles: int, fen: int) -> None:
    """Line b comes back with its vehicle: the plan of the town has two, and spends 626.92 yuan."""
    problem, plan = replace(town(), budget=budget), town_plan()
    half = Plan(
        lines=plan.lines[:1],
        assignments=tuple(a for a in plan.assignments if a.trip_id.startswith("a_")),
        blocks=plan.blocks[:1],
        unserved=tuple(u for who in ("dan", "eve", "fay") for u in left_out(who)),
    )
    rest = tuple(a for a in plan.assignments if a.trip_id.startswith("b_"))
    remedy, broken, _ = afforded(problem, half, Remedy(lines=plan.lines[1:], blocks=plan.blocks[1:], assignments=rest))
    assert (remedy.more_vehicles, remedy.more_fen) == (vehicles, fen)
    assert bool(broken) == (budget.max_vehicles is not None and budget.max_cost_fen is not None)


def test_a_budget_that_is_not_set_is_not_raised() -> None:
    relaxed, _ = apply_remedy(town(), town_plan(), Remedy(more_vehicles=3, more_fen=5))
    assert relaxed.budget == Budget()


def test_a_plan_uses_no_more_vehicles_than_stand_there_or_are_allowed() -> None:
    assert [most_vehicles(replace(town(), budget=Budget(max_vehicles=n))) for n in (None, 2, 9)] == [3, 2, 3]
