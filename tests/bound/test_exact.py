"""Validity, the heart: the bound against the proven optimum of tiny problems of every make."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.bound import lower_bound
from routing.bound.asks import read_asks
from routing.bound.closed import closed_form, vehicle_types
from routing.bound.lane import make_lane
from routing.evaluate import evaluate
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.solver import MaxIterations
from tests.bound.exact import solve_exactly
from tests.bound.tiny import BOTH_WAYS, EARLY, MORNING, RULES, Tiny, draw_tiny

NARROW = replace(RULES, arrive_early_s=600, leave_late_s=600)
"""Windows so narrow that no vehicle comes back within one: every line pays for its vehicle."""

FAR = Tiny(riders=4, stops=3, away=6_000, rules=NARROW, unserved=20_000)
MAKES = {
    "near: a vehicle may drive twice within the window": Tiny(riders=4, stops=3),
    "far": FAR,
    "one worksite": replace(FAR, sites=1),
    "three worksites": replace(FAR, sites=3, stops=2),
    "groups": replace(FAR, counts=2),
    "both ways on one vehicle": replace(FAR, riders=3, shifts=(BOTH_WAYS,)),
    "near and both ways": Tiny(riders=3, stops=3, shifts=(BOTH_WAYS,)),
    "two shifts on one vehicle": Tiny(riders=4, stops=3, shifts=(MORNING, EARLY)),
    "cheap to leave out": replace(FAR, unserved=1_500),
    "three to open a line": replace(FAR, rules=replace(NARROW, min_load=3)),
    "two calls at most": replace(FAR, rules=replace(NARROW, max_stops=2)),
    "short detours": replace(FAR, rules=replace(NARROW, max_detour=1.1, max_detour_free_s=60)),
    "standing long": replace(FAR, rules=replace(NARROW, dwell_s_per_stop=90, dwell_s_per_rider=20)),
    "standing long at work": replace(FAR, rules=replace(NARROW, site_dwell_s_per_stop=120)),
    "one wide area of several gates": replace(FAR, spread=2_500.0, rules=replace(NARROW, max_walk_m=6_000)),
    "free rides": replace(FAR, stops=4, spread=800.0),
}


def optimum(problem: Problem) -> tuple[float, Plan]:
    """Return the proven optimum; the judge must agree with its cost to the fen that it rounds."""
    cost, plan = solve_exactly(problem)
    verdict = evaluate(problem, plan)
    assert verdict.feasible
    assert verdict.cost_fen == pytest.approx(cost, abs=3)
    return verdict.cost_fen, plan


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("seed", range(3))
def test_no_bound_passes_the_optimum(make: str, seed: int) -> None:
    problem = draw_tiny(replace(MAKES[make], seed=seed))
    cost, plan = optimum(problem)
    for start in (None, plan):
        bound = lower_bound(problem, stop=MaxIterations(iterations=40), plan=start)
        assert 0 < bound.value <= cost


@pytest.mark.parametrize("seed", range(3))
def test_a_wide_area_has_several_gates_and_no_bound_passes_the_optimum(seed: int) -> None:
    """What the make is meant to test: everybody may use every stop, and these are far apart."""
    problem = draw_tiny(replace(MAKES["one wide area of several gates"], stops=4, riders=3, seed=seed))
    asks = [ask for ask in read_asks(problem) if len(ask.stop)]
    lane = make_lane(problem, asks, 1.0, vehicle_types(problem))
    assert int(lane.home.max()) == 0
    assert len(lane.home) > 1
    cost, plan = optimum(problem)
    assert 0.8 * cost <= lower_bound(problem, stop=MaxIterations(iterations=60), plan=plan).value <= cost


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), far=st.booleans(), both=st.booleans(), counts=st.integers(1, 3))
def test_no_bound_passes_the_optimum_of_any_draw(seed: int, far: bool, both: bool, counts: int) -> None:
    make = replace(FAR if far else Tiny(), riders=3, stops=3, counts=counts, seed=seed)
    problem = draw_tiny(replace(make, shifts=(BOTH_WAYS,)) if both else make)
    cost, _ = optimum(problem)
    assert lower_bound(problem, stop=MaxIterations(iterations=25)).value <= cost


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_of_one_line_is_nearly_its_cost(seed: int) -> None:
    problem = draw_tiny(replace(FAR, seed=seed))
    cost, _ = optimum(problem)
    bound = lower_bound(problem, stop=MaxIterations(iterations=60))
    assert bound.method == "column_generation"
    assert bound.rounds > 0
    assert bound.value >= 0.9 * cost


@pytest.mark.parametrize("seed", range(3))
def test_more_work_never_lowers_the_bound(seed: int) -> None:
    problem = draw_tiny(replace(FAR, riders=5, seed=seed))
    values = [lower_bound(problem, stop=MaxIterations(iterations=n)).value for n in (1, 5, 20, 60)]
    assert values == sorted(values)


def test_column_generation_reaches_beyond_the_closed_form() -> None:
    problem = draw_tiny(FAR)
    last = lower_bound(problem, stop=MaxIterations(iterations=60))
    assert last.method == "column_generation"
    assert last.value > closed_form(problem, read_asks(problem))


def test_workers_change_nothing_but_the_time() -> None:
    problem = draw_tiny(replace(FAR, riders=3, shifts=(BOTH_WAYS,)))
    one, two = (lower_bound(problem, stop=MaxIterations(iterations=20), workers=n) for n in (1, 2))
    assert (one.value, one.parts) == (two.value, two.parts)


def test_progress_is_told_at_once_and_after_every_step() -> None:
    seen = []
    lower_bound(draw_tiny(FAR), stop=MaxIterations(iterations=5), on_progress=seen.append)
    assert [p.phase for p in seen] == ["bound"] * len(seen)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert [p.iterations for p in seen] == list(range(6))
