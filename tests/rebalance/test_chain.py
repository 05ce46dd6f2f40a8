"""Journeys from a running plan: verified steps, falling costs, a limit that holds, and what it hides."""

import threading
from dataclasses import replace

import pytest

from routing.evaluate import Rule, Violation, evaluate
from routing.model.rules import ServiceRules
from routing.rebalance.chain import Chain, Journey, behind_mending
from routing.rebalance.components import find_components
from routing.rebalance.steps import accept, descend, last_step, stand, worth
from routing.solver import FirstOf, Interrupted, MaxIterations, StoppingCriterion
from tests.drifting import Drift, drifted
from tests.solver.towns import Town

TOWN = Town(riders=80, places=14, depots=1, rules=ServiceRules(min_load=3), seed=3)


FAULT = Violation(rule=Rule.MIN_LOAD, subject="T001-in", value=1, limit=3, text="too few ride")


def after(share: float) -> StoppingCriterion:
    return MaxIterations(iterations=max(1, round(6_000 * share)))


def travel(drift: Drift, limit: int | None) -> Journey:
    return Chain(problem=drift.priced(0, max_changed_riders=limit), stop_after=after).travel()


@pytest.fixture(scope="module")
def drift() -> Drift:
    return drifted(TOWN)


@pytest.fixture(scope="module")
def frontier(drift: Drift) -> Journey:
    return travel(drift, None)


def test_the_beginning_disturbs_nobody(drift: Drift, frontier: Journey) -> None:
    assert frontier.begin.changed == 0
    assert evaluate(drift.priced(None), frontier.begin.plan).violations == ()


def test_each_step_begins_where_the_last_one_ended_and_costs_strictly_fall(frontier: Journey) -> None:
    assert len(frontier.steps) > 2
    now = frontier.begin
    for step in frontier.steps:
        assert step.before == now
        assert step.saving_fen > 0
        now = step.after
    assert frontier.end == now


def test_every_step_is_verified_and_touches_the_lines_it_names(drift: Drift, frontier: Journey) -> None:
    problem = drift.priced(0)
    for step in frontier.steps:
        verdict = evaluate(problem, step.after.plan)
        assert verdict.violations == ()
        assert verdict.cost_fen == step.after.cost_fen
        (group,) = find_components(step.before.plan, step.after.plan)
        assert group.line_ids == step.line_ids


def test_a_frontier_has_no_limit_and_no_shadow_price(frontier: Journey) -> None:
    assert frontier.shadow_fen is None
    assert frontier.end.changed > 0


@pytest.mark.parametrize("limit", [0, 3])
def test_a_limit_holds_and_its_shadow_price_is_told(drift: Drift, frontier: Journey, limit: int) -> None:
    journey = travel(drift, limit)
    assert journey.end.changed <= limit
    assert evaluate(drift.priced(0, max_changed_riders=limit), journey.end.plan).violations == ()
    assert journey.end.cost_fen >= frontier.end.cost_fen
    if limit:
        assert journey.shadow_fen is not None
        assert journey.shadow_fen > 0


@pytest.mark.parametrize("limit", [2, 8])
def test_within_a_limit_every_step_builds_on_the_one_before_and_saves(drift: Drift, limit: int) -> None:
    journey = travel(drift, limit)
    now = journey.begin
    for step in journey.steps:
        assert step.before == now
        assert step.saving_fen > 0
        assert step.after.changed <= limit
        now = step.after
    assert journey.end == now
    assert journey.search.plan == now.plan
    assert journey.end.cost_fen <= journey.begin.cost_fen


def test_a_limit_beyond_everybody_does_not_bind(drift: Drift) -> None:
    journey = travel(drift, 10_000)
    assert journey.end.changed <= 10_000
    assert journey.end.cost_fen < journey.begin.cost_fen
    assert journey.shadow_fen is None


def test_the_plan_that_changes_nobody_is_all_there_is_at_a_limit_of_none(drift: Drift) -> None:
    journey = travel(drift, 0)
    assert journey.steps == ()
    assert journey.shadow_fen is None
    assert journey.end == journey.begin
    assert journey.end.changed == 0


def test_a_journey_begins_behind_what_must_be_mended_at_a_cost(frontier: Journey) -> None:
    first, *others = frontier.steps
    assert behind_mending(frontier.begin, frontier.steps) == (frontier.begin, frontier.steps)
    # Taken backwards the step costs; with a fault less behind it, it mends.
    dear = replace(first, before=first.after, after=first.before)
    assert behind_mending(dear.before, [dear]) == (dear.before, (dear,))
    wrong = replace(dear.before, verdict=replace(dear.before.verdict, violations=(FAULT,)))
    mending = replace(dear, before=wrong)
    assert mending.mends
    assert behind_mending(wrong, [mending, *others]) == (mending.after, tuple(others))


def test_all_that_is_left_between_two_plans_is_one_step_where_it_pays(frontier: Journey) -> None:
    step = last_step(frontier.begin, frontier.end)
    assert step is not None
    assert step.saving_fen == frontier.begin.cost_fen - frontier.end.cost_fen
    touched = {name for part in find_components(frontier.begin.plan, frontier.end.plan) for name in part.line_ids}
    assert set(step.line_ids) == touched
    assert last_step(frontier.end, frontier.begin) is None
    assert last_step(frontier.end, frontier.end) is None
    spoilt = replace(frontier.end, verdict=replace(frontier.end.verdict, violations=(FAULT,)))
    assert last_step(frontier.begin, spoilt) is None


def test_the_same_seed_and_iterations_make_the_same_journey(drift: Drift, frontier: Journey) -> None:
    assert [s.after.plan for s in travel(drift, None).steps] == [s.after.plan for s in frontier.steps]


def test_steps_that_save_most_per_rider_disturbed_come_first(drift: Drift, frontier: Journey) -> None:
    """Among those of one descent that were taken without meeting one another."""
    steps = descend(drift.priced(0), frontier.begin, frontier.end.plan).steps
    assert steps
    prices = [worth(step) for step in steps]
    assert prices[0] >= prices[-1]


def test_nothing_to_gain_makes_no_step(drift: Drift, frontier: Journey) -> None:
    problem = drift.priced(0)
    assert descend(problem, frontier.end, frontier.end.plan).steps == ()
    assert descend(problem, frontier.end, frontier.begin.plan).steps == ()


def test_an_interrupted_journey_ends_with_what_it_has(drift: Drift) -> None:
    asked = threading.Event()
    asked.set()

    def stop_after(share: float) -> StoppingCriterion:
        return FirstOf(criteria=(after(share), Interrupted(event=asked)))

    problem = drift.priced(0)
    journey = Chain(problem=problem, stop_after=stop_after).travel()
    assert journey.begin == stand(problem, journey.begin.plan)
    assert len(journey.steps) <= 3


def test_a_line_that_became_too_thin_is_mended_before_costs_fall() -> None:
    """Where opening takes more riders than some line has left."""
    thin = drifted(Town(riders=80, places=14, depots=1, rules=ServiceRules(min_load=4), seed=5), 0.3)
    problem = thin.priced(0)
    journey = Chain(problem=problem, stop_after=after).travel()
    assert evaluate(problem, journey.end.plan).violations == ()
    assert all(step.saving_fen > 0 for step in journey.steps)


def test_all_steps_accepted_lead_to_the_end(drift: Drift, frontier: Journey) -> None:
    problem = drift.priced(0)
    end, refused = accept(problem, frontier.begin, frontier.steps)
    assert refused == ()
    assert end.cost_fen == frontier.end.cost_fen
    assert set(end.plan.assignments) == set(frontier.end.plan.assignments)


def test_a_step_can_be_left_out_and_what_builds_on_it_is_refused(drift: Drift, frontier: Journey) -> None:
    problem = drift.priced(0)
    for x, left_out in enumerate(frontier.steps):
        end, refused = accept(problem, frontier.begin, [s for s in frontier.steps if s is not left_out])
        assert end.verdict.violations == ()
        touched = set(left_out.line_ids)
        for step in frontier.steps[x + 1 :]:
            if step in refused:
                assert touched & set(step.line_ids)
                touched |= set(step.line_ids)


def test_nothing_accepted_leaves_the_beginning(drift: Drift, frontier: Journey) -> None:
    assert accept(drift.priced(0), frontier.begin, ()) == (frontier.begin, ())
