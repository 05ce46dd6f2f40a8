"""Promises inside the search: priced as the judge prices them, kept where they are forbidden to break."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.evaluate.changes import promised
from routing.model.changes import ChangeCosts, Pins
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.choices import choose_stops
from routing.solver.decode import decode
from routing.solver.fleet import available_types, roster
from routing.solver.incumbent import read_plan
from routing.solver.kept import ELSEWHERE, bind_stops, kept_lines, kept_stops
from routing.solver.layout import FAR, WAS_AT, WAS_LINE
from routing.solver.lines import FoundLine
from routing.solver.naming import published_names
from routing.solver.piece import PieceSearch, start
from tests.drifting import Drift, drifted, with_riders
from tests.solver.states import parts_of
from tests.solver.towns import Town

RULES = ServiceRules(min_load=1)
COSTS = ChangeCosts(other_stop=700, other_line=900, retimed=300, line_closed=200)
SLOW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def searches(problem: Problem, plan: Plan) -> list[PieceSearch]:
    """Return searches that begin with a plan."""
    choices, parts = bind_stops(problem, choose_stops(problem)), parts_of(problem)
    types = available_types(problem)
    held = read_plan(problem, parts, plan, types)
    return [start(problem, part, lines, choices, types, 1) for part, lines in zip(parts, held, strict=True)]


def as_plan(problem: Problem, lines: list[FoundLine]) -> Plan:
    """Return the plan of lines, under the names they keep."""
    types = available_types(problem)
    crew = roster(problem, lines, types)
    return decode(problem, crew, types, {}, published_names(problem, crew.lines))


def rebalanced(drift: Drift, costs: ChangeCosts | int | None, iterations: int = 1_500) -> tuple[Problem, Plan]:
    problem = drift.priced(costs)
    return problem, solve(problem, stop=MaxIterations(iterations=iterations), incumbent=drift.running).plan


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("counts", [1, 3])
@pytest.mark.parametrize("warm", [False, True])
def test_the_search_prices_changes_as_the_judge_does(seed: int, counts: int, warm: bool) -> None:
    """What the search takes a plan for is its cost and the price of its changes, but for rounding."""
    drift = drifted(Town(riders=40, depots=1, rules=RULES, counts=counts, seed=seed))
    problem = drift.priced(COSTS)
    (search,) = searches(problem, drift.running)
    search.anneal(40 + seed, 0.5 if warm else 0.0)
    # The search counts a line that costs more than its riders are worth as closed, and closes it in the end.
    search.finish()
    # Taken over, lines get the rows of those most of whose riders they carry, as they get their names.
    (search,) = searches(problem, as_plan(problem, search.best()))
    plan = as_plan(problem, search.best())
    out_of_reach = len(problem.riders) - len(search.encoded.part.riders)
    verdict = evaluate(problem, plan)
    told = search.cost + int(search.encoded.kept.closing.sum())
    assert told == pytest.approx(
        verdict.objective[0] - out_of_reach * problem.costs.unserved * counts, abs=2 * len(plan.lines) + 4
    )


@SLOW
@given(seed=st.integers(0, 4), both=st.booleans(), iterations=st.integers(1, 2_000))
def test_where_no_change_is_allowed_nobody_is_changed(seed: int, both: bool, iterations: int) -> None:
    """Whoever stays keeps stop, line and departure; who joins is served or listed."""
    rules = replace(RULES, min_load=4, same_line_both_ways=both)
    drift = drifted(Town(riders=50, depots=1, rules=rules, seed=seed))
    problem, plan = rebalanced(drift, None, iterations)
    verdict = evaluate(problem, plan)
    assert verdict.changes is not None
    assert verdict.changes.stayers == len(drift.stayers)
    assert verdict.changes.changed == 0
    assert verdict.violations == ()


@pytest.mark.parametrize("field", ["other_stop", "other_line", "retimed", "line_closed"])
def test_each_kind_of_change_can_be_forbidden_alone(field: str) -> None:
    drift = drifted(Town(riders=60, depots=1, rules=RULES, seed=7))
    free = ChangeCosts.flat(0)
    _, plan = rebalanced(drift, free)
    count = evaluate(drift.priced(free), plan).changes
    assert count is not None
    assert count.changed > 0
    problem, plan = rebalanced(drift, replace(free, **{field: None}))
    count = evaluate(problem, plan).changes
    assert count is not None
    assert count.by_kind.get(field, 0) == 0
    assert evaluate(problem, plan).violations == ()


def test_dearer_changes_change_fewer_riders() -> None:
    drift = drifted(Town(riders=80, depots=1, rules=RULES, seed=3))
    changed = []
    for price in (0, 5_000):
        problem, plan = rebalanced(drift, price, 2_000)
        count = evaluate(problem, plan).changes
        assert count is not None
        changed.append(count.changed)
    assert changed[0] > changed[1]
    assert changed[1] <= 0.05 * len(drift.stayers)


def test_a_pinned_rider_keeps_everything_while_others_move() -> None:
    drift = drifted(Town(riders=60, depots=1, rules=RULES, seed=8))
    free = drift.priced(0)
    loose = solve(free, stop=MaxIterations(iterations=1_500), incumbent=drift.running).plan
    verdict = evaluate(free, loose)
    moved = sorted(drift.stayers - kept_riders(free, loose))
    assert verdict.changes is not None
    assert len(moved) == verdict.changes.changed > 3
    problem = drift.priced(0, pins=Pins(riders=frozenset(moved[:3])))
    plan = solve(problem, stop=MaxIterations(iterations=1_500), incumbent=drift.running).plan
    assert evaluate(problem, plan).violations == ()
    assert set(moved[:3]) <= kept_riders(problem, plan)


def kept_riders(problem: Problem, plan: Plan) -> set[str]:
    """Return riders of whom the judge says that nothing changes."""
    frozen = replace(problem, changes=replace(problem.changes, costs=ChangeCosts.flat(None)))  # type: ignore[type-var]
    moved = {v.subject for v in evaluate(frozen, plan).violations if v.rule.value == "frozen"}
    return {problem.riders[p.rider].rider_id for p in promised(problem)} - moved


def test_the_promises_stand_in_the_rider_table() -> None:
    drift = drifted(Town(riders=40, depots=1, rules=RULES, seed=1))
    problem = drift.priced(COSTS)
    (search,) = searches(problem, drift.running)
    kept, table = search.encoded.kept, search.encoded.given.rider
    assert len(kept) == len(drift.running.lines)
    assert set().union(*kept.riders) == {p.rider for p in promised(problem)}
    for x, rider in enumerate(search.encoded.part.riders):
        row = int(table[x, WAS_LINE])
        assert (row >= 0) == (problem.riders[rider].rider_id in drift.stayers)
        assert row < 0 or rider in kept.riders[row]
        assert (table[x, WAS_AT : WAS_AT + 2] < FAR).all() == (row >= 0)


def test_a_line_belongs_to_the_piece_that_holds_most_of_its_riders() -> None:
    """Its riders in another piece change whatever they do there."""
    drift = drifted(Town(riders=40, depots=1, rules=RULES, seed=1))
    problem = drift.priced(COSTS)
    (part,) = parts_of(problem)
    whole = kept_lines(problem, part)
    x = max(range(len(whole)), key=lambda i: len(whole.riders[i]))
    some = sorted(whole.riders[x])
    here = replace(part, riders=tuple(r for r in part.riders if r not in some[1:]))
    there = replace(part, riders=tuple(some[1:]))
    assert whole.trip_ids[x] not in kept_lines(problem, here).trip_ids
    assert kept_lines(problem, there).trip_ids == (whole.trip_ids[x],)
    choices = choose_stops(problem)
    search = start(problem, here, [], choices, available_types(problem), 1)
    assert search.encoded.given.rider[here.riders.index(some[0]), WAS_LINE] == ELSEWHERE


def unreached(drift: Drift) -> tuple[Drift, str]:
    """Return the drift with everybody gone who can walk to the second stop of the longest line, and that stop."""
    line = max(drift.running.lines, key=lambda x: len(x.trips[0].stop_ids))
    stop_id = line.trips[0].stop_ids[1]
    node = drift.new.node(stop_id)
    stay = [r for r in range(len(drift.new.riders)) if node not in drift.new.walks.row(r)[0].tolist()]
    return replace(drift, new=with_riders(drift.new, stay)), stop_id


@pytest.mark.parametrize("seed", [1, 4])
def test_a_stop_that_nobody_walks_to_any_more_stays_part_of_the_search(seed: int) -> None:
    """Driving past it would move the departures at the others."""
    drift, stop_id = unreached(drifted(Town(riders=70, places=30, depots=1, rules=RULES, seed=seed)))
    problem = drift.priced(COSTS)
    assert not any(problem.node(stop_id) in c.stops for c in choose_stops(problem))
    found = 0
    for search in searches(problem, drift.running):
        nodes = set(search.encoded.nodes.tolist())
        kept = set(kept_stops(problem, search.encoded.part).tolist())
        assert kept <= nodes
        found += problem.node(stop_id) in kept
        # Nobody may board there.
        assert set(np.unique(search.encoded.given.option[:, 0])) <= set(range(len(search.encoded.given.kerbs)))
    running = {s for _, trip in drift.running.trips() for s in trip.stop_ids}
    assert stop_id in running
    assert found <= 1


@pytest.mark.parametrize("seed", [1, 4])
def test_where_nobody_may_change_a_line_goes_on_by_way_of_an_empty_stop(seed: int) -> None:
    drift, _ = unreached(drifted(Town(riders=70, places=30, depots=1, rules=RULES, seed=seed)))
    problem, plan = rebalanced(drift, None, 800)
    verdict = evaluate(problem, plan)
    assert verdict.changes is not None
    assert verdict.changes.changed == 0
    assert verdict.violations == ()


def test_no_stop_is_kept_where_nothing_runs() -> None:
    drift = drifted(Town(riders=40, depots=1, rules=RULES, seed=1))
    (part,) = parts_of(drift.new)
    assert kept_stops(drift.new, part).tolist() == []


def test_where_nothing_runs_the_tables_promise_nothing() -> None:
    drift = drifted(Town(riders=40, depots=1, rules=RULES, seed=1))
    (part,) = parts_of(drift.new)
    search = start(drift.new, part, [], choose_stops(drift.new), available_types(drift.new), 1)
    assert len(search.encoded.kept) == 0
    assert (search.encoded.given.rider[:, WAS_LINE] == -1).all()
    bound = bind_stops(drift.new, choose_stops(drift.new))
    assert [c.stops.tolist() for c in bound] == [c.stops.tolist() for c in choose_stops(drift.new)]


def test_a_stop_beyond_the_nearest_ones_stays_a_choice_where_it_was_promised() -> None:
    drift = drifted(Town(riders=40, places=12, depots=1, rules=RULES, seed=1))
    problem = drift.priced(COSTS)
    promise = promised(problem)[0]
    few = [replace(c, stops=c.stops[:0], metres=c.metres[:0]) for c in choose_stops(problem)]
    bound = bind_stops(problem, few)[promise.rider]
    assert problem.node(promise.stop_id) in bound.stops
    frozen = bind_stops(drift.priced(None), choose_stops(problem))[promise.rider]
    names = {p.stop_id for p in promised(problem) if p.rider == promise.rider}
    assert {problem.stops[s].stop_id for s in frozen.stops} == names
    assert np.array_equal(np.sort(frozen.metres), frozen.metres)
