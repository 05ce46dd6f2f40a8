"""Plans read back as lines, and what a search makes of a plan that it starts from."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.model.demand import Direction, Shift
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.incumbent import read_plan
from routing.solver.lines import FoundLine
from routing.solver.parts import Part, split
from tests.solver.towns import DAY_SHIFT, Town, draw

SOON = Shift(shift_id="soon", start=8 * 3600 + 600, end=17 * 3600 + 900)
LATE = Shift(shift_id="late", start=14 * 3600, end=22 * 3600)
RULES = ServiceRules(min_load=1)
IN, OUT = Direction.INBOUND, Direction.OUTBOUND


def planned(problem: Problem, iterations: int = 300, incumbent: Plan | None = None) -> Plan:
    """Return a plan of a short search."""
    return solve(problem, stop=MaxIterations(iterations=iterations), incumbent=incumbent).plan


def parts_of(problem: Problem) -> tuple[Part, ...]:
    """Return the parts when everyone may be served."""
    return split(problem, {d: set(range(len(problem.riders))) for d in Direction})


def read(problem: Problem, plan: Plan | None) -> list[list[FoundLine]]:
    """Return the lines of a plan per part."""
    return read_plan(problem, parts_of(problem), plan, problem.vehicle_types)


def seats_of(problem: Problem, lines: list[FoundLine]) -> set[tuple[str, Direction, int, int]]:
    """Return rider, direction, and nodes of boarding and alighting of every seat."""
    return {(problem.riders[r].rider_id, run.direction, b, a) for x in lines for run in x.runs for r, b, a in run.seats}


def seats_in(problem: Problem, plan: Plan) -> set[tuple[str, Direction, int | None, int | None]]:
    """Return the same of a plan."""
    node = problem.node
    return {(a.rider_id, a.direction, node(a.board_stop_id), node(a.alight_stop_id)) for a in plan.assignments}


def test_no_plan_gives_no_lines_to_any_part() -> None:
    problem = draw(Town(riders=20, shifts=(DAY_SHIFT, LATE), rules=RULES))
    assert read(problem, None) == [[], []]
    assert read(problem, Plan()) == [[], []]


@pytest.mark.parametrize("both", [True, False])
def test_every_seat_of_a_plan_is_read_into_the_part_of_its_rider_and_direction(both: bool) -> None:
    problem = draw(Town(riders=40, shifts=(DAY_SHIFT, SOON, LATE), rules=replace(RULES, same_line_both_ways=both)))
    plan = planned(problem)
    found = read(problem, plan)
    assert seats_of(problem, [line for lines in found for line in lines]) == seats_in(problem, plan)
    assert sum(map(len, found)) == len(plan.lines)
    for part, lines in zip(parts_of(problem), found, strict=True):
        for line in lines:
            assert set(line.riders) <= set(part.riders)
            assert tuple(run.direction for run in line.runs) == part.directions
            assert tuple(run.period for run in line.runs) == part.periods


def test_vehicle_types_are_read_and_unknown_ones_give_way_to_the_first() -> None:
    problem = draw(Town(riders=40, counts=3, rules=RULES, seed=1))
    plan = planned(problem)
    (lines,) = read(problem, plan)
    kinds = [line.trips[0].vehicle_type_id for line in plan.lines]
    assert [problem.vehicle_types[line.type_index].vehicle_type_id for line in lines] == kinds
    (fewer,) = read_plan(problem, parts_of(problem), plan, problem.vehicle_types[:1])
    assert {line.type_index for line in fewer} == {0}
    assert "large" in kinds


def test_riders_who_are_gone_are_left_out_and_their_neighbours_kept() -> None:
    problem = draw(Town(riders=30, rules=RULES, seed=2))
    plan = planned(problem)
    who = plan.assignments[0].rider_id
    renamed = tuple(replace(r, rider_id="new") if r.rider_id == who else r for r in problem.riders)
    new = replace(problem, riders=renamed)
    (lines,) = read(new, plan)
    assert seats_of(new, lines) == {seat for seat in seats_in(problem, plan) if seat[0] != who}


def vanish(problem: Problem, stop_id: str) -> Problem:
    """Return a problem that knows a stop by another id."""
    return replace(
        problem, stops=tuple(replace(s, stop_id="new") if s.stop_id == stop_id else s for s in problem.stops)
    )


def test_a_stop_that_vanished_takes_its_own_riders_out_and_nobody_else() -> None:
    problem = draw(Town(riders=40, places=14, rules=RULES, seed=3))
    plan = planned(problem)
    long = next(line for line in plan.lines if len(line.trips[0].stop_ids) > 2)
    new = vanish(problem, long.trips[0].stop_ids[0])
    (lines,) = read(new, plan)
    assert len(lines) == len(plan.lines)
    assert seats_of(new, lines) == {seat for seat in seats_in(new, plan) if None not in seat}
    assert len(seats_of(new, lines)) < len(plan.assignments)


def test_one_way_lines_are_not_read_where_a_line_runs_both_ways() -> None:
    problem = draw(Town(riders=30, rules=RULES, seed=4))
    plan = planned(problem)
    half = tuple(replace(line, trips=line.trips[:1]) if x == 0 else line for x, line in enumerate(plan.lines))
    (lines,) = read(problem, replace(plan, lines=half))
    assert len(lines) == len(plan.lines) - 1
    apart = replace(problem, rules=replace(RULES, same_line_both_ways=False))
    assert sorted(map(len, read(apart, replace(plan, lines=half)))) == [len(half) - 1, len(half)]


def test_a_rider_who_changed_to_another_shift_leaves_the_lines_of_the_old_one() -> None:
    """Even though the trip they rode on still carries everyone else."""
    problem = draw(Town(riders=30, shifts=(DAY_SHIFT, LATE), rules=RULES, seed=5))
    plan = planned(problem)
    riders = {r.rider_id: r for r in problem.riders}
    who = next(riders[a.rider_id] for a in plan.assignments if riders[a.rider_id].shift_id == "day")
    new = replace(problem, riders=tuple(replace(r, shift_id="late") if r is who else r for r in problem.riders))
    (old,) = (x for x, part in zip(read(new, plan), parts_of(new), strict=True) if part.shifts == (DAY_SHIFT,))
    day = {name for name, r in riders.items() if r.shift_id == "day"} - {who.rider_id}
    assert seats_of(new, old) == {seat for seat in seats_in(problem, plan) if seat[0] in day}
    assert evaluate(new, planned(new, 1, plan)).violations == ()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    both=st.booleans(),
    shifts=st.sampled_from([(DAY_SHIFT,), (DAY_SHIFT, SOON), (DAY_SHIFT, LATE)]),
    load=st.sampled_from([1, 4]),
    first=st.sampled_from([1, 1_500]),
)
def test_a_plan_is_never_made_worse(seed: int, both: bool, shifts: tuple[Shift, ...], load: int, first: int) -> None:
    """A search that hardly runs gives back what it was given, or better; the judge counts."""
    rules = ServiceRules(min_load=load, same_line_both_ways=both)
    problem = draw(Town(riders=30, shifts=shifts, rules=rules, seed=seed))
    good = planned(problem, first)
    after = planned(problem, 1, good)
    assert evaluate(problem, after).violations == ()
    assert evaluate(problem, after).cost_fen <= evaluate(problem, good).cost_fen


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1_000), share=st.floats(0.05, 0.9))
def test_riders_and_stops_that_changed_break_no_promise(seed: int, share: float) -> None:
    """Some riders are new, one stop has vanished, and worksites are exchanged for a few."""
    problem = draw(Town(riders=30, rules=RULES, seed=seed))
    plan = planned(problem)
    cut = round(share * 30)
    sites = [w.worksite_id for w in problem.worksites]
    riders = tuple(
        replace(r, rider_id=f"new{i}") if i < cut else replace(r, worksite_id=sites[i % 2]) if i % 5 == 0 else r
        for i, r in enumerate(problem.riders)
    )
    new = vanish(replace(problem, riders=riders), problem.stops[seed % len(problem.stops)].stop_id)
    after = planned(new, 1, plan)
    assert evaluate(new, after).violations == ()
    listed = [(a.rider_id, a.direction) for a in after.assignments]
    listed += [(u.rider_id, u.direction) for u in after.unserved]
    assert sorted(listed) == sorted((r.rider_id, d) for r in new.riders for d in Direction)
