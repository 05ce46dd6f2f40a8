"""A limit on the riders who feel a change, kept by a price: counted as the judge does, raised and lowered, held."""

from dataclasses import replace

import pytest

from routing.evaluate import evaluate
from routing.evaluate.changes import promised
from routing.model.changes import ChangeCosts, Pins
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.choices import choose_stops
from routing.solver.fixed import pinned_seats
from routing.solver.fleet import available_types
from routing.solver.incumbent import read_plan
from routing.solver.limit import (
    AIM,
    CHEAPEST,
    DEAREST,
    GAIN,
    LATE,
    LEAST,
    MOST_FACTOR,
    ChangeLimit,
    Lines,
    count_changed,
    keeps_limit,
    without_prices,
)
from routing.solver.parts import split
from routing.solver.solve import _certain, _open
from tests.drifting import Drift, drifted
from tests.solver.towns import Town

TOWN = Town(riders=60, places=14, depots=1, rules=ServiceRules(min_load=1), seed=3)
PRICE = 400


@pytest.fixture(scope="module")
def drift() -> Drift:
    return drifted(TOWN)


def limit_of(drift: Drift, most: int, price: int = PRICE) -> ChangeLimit:
    problem = drift.priced(price, max_changed_riders=most)
    return ChangeLimit(problem=problem, types=available_types(problem))


def lines_of(drift: Drift, price: int) -> tuple[Lines, int]:
    """Return the lines of a plan at some price of change, and how many people feel one by the judge's count."""
    problem = drift.priced(price)
    plan = solve(problem, stop=MaxIterations(iterations=1_500), incumbent=drift.running).plan
    parts = split(problem, _open(problem, _certain(problem, choose_stops(problem))))
    count = evaluate(problem, plan).changes
    assert count is not None
    return read_plan(problem, parts, plan, available_types(problem)), count.changed


@pytest.mark.parametrize(
    ("costs", "most", "kept"),
    [
        (300, None, False),
        (300, 0, False),
        (300, 7, True),
        (None, 7, False),
        (ChangeCosts(other_stop=None), 7, False),
    ],
)
def test_a_price_is_looked_for_where_some_may_change_and_nothing_is_forbidden(
    drift: Drift, costs: ChangeCosts | int | None, most: int | None, kept: bool
) -> None:
    assert keeps_limit(drift.priced(costs, max_changed_riders=most)) is kept
    assert not keeps_limit(drift.new)


def test_a_problem_without_prices_is_otherwise_the_same(drift: Drift) -> None:
    problem = drift.priced(PRICE, max_changed_riders=7)
    free = without_prices(problem)
    assert free.changes is not None
    assert free.changes.costs == ChangeCosts.flat(0)
    assert replace(free, changes=problem.changes) == problem
    assert without_prices(drift.new) is drift.new


def test_the_first_price_is_the_problem_s_and_never_nothing(drift: Drift) -> None:
    limit = limit_of(drift, 5)
    assert limit.price == PRICE
    assert limit.priced.changes is not None
    assert limit.priced.changes.costs == ChangeCosts.flat(PRICE)
    assert limit_of(drift, 5, 0).price == CHEAPEST


def test_changes_are_counted_on_the_lines_as_the_judge_counts_them_on_the_plan(drift: Drift) -> None:
    """Clock times are read from the timetable of a plan, so the vehicles' own shifts of it are left out."""
    lines, changed = lines_of(drift, 0)
    problem = drift.priced(PRICE)
    found = [line for part in lines for line in part]
    everyone = promised(problem)
    # Whoever has no seat on these lines feels the loss of one.
    assert count_changed(problem, [], available_types(problem), everyone) == len({p.rider for p in everyone})
    counted = count_changed(problem, found, available_types(problem), everyone)
    assert 0 < counted <= len({p.rider for p in everyone})
    assert abs(counted - changed) <= 0.2 * changed + 2
    running, none = lines_of(drift, 100_000)
    assert none <= 1
    assert count_changed(problem, [x for part in running for x in part], available_types(problem), everyone) <= counted


@pytest.mark.parametrize(("most", "rises"), [(1, True), (10_000, False)])
def test_the_price_follows_how_much_of_the_limit_is_in_use(drift: Drift, most: int, rises: bool) -> None:
    lines, _ = lines_of(drift, 0)
    limit = limit_of(drift, most)
    changed = limit.look(lines, 0.5)
    factor = limit.price / PRICE
    expected = (changed / (AIM * most)) ** GAIN
    assert factor == pytest.approx(min(MOST_FACTOR, max(1 / MOST_FACTOR, expected)))
    assert (factor > 1) is rises
    assert limit.holds is not rises


def test_late_in_a_search_the_price_never_falls(drift: Drift) -> None:
    lines, changed = lines_of(drift, 0)
    for most, least in ((10_000, 1.0), (max(1, changed - 2), 1.0 + LEAST)):
        limit = limit_of(drift, most)
        limit.look(lines, LATE)
        assert limit.price >= PRICE * least - 1e-9
        assert (limit.price == PRICE) is limit.holds


def test_a_price_stays_within_its_bounds(drift: Drift) -> None:
    lines, _ = lines_of(drift, 0)
    dear, cheap = limit_of(drift, 1, DEAREST), limit_of(drift, 10_000, CHEAPEST)
    for limit in (dear, cheap):
        limit.look(lines, 0.5)
        assert CHEAPEST <= limit.price <= DEAREST


def test_the_last_lines_that_kept_the_limit_are_the_best_and_tell_its_price(drift: Drift) -> None:
    lines, changed = lines_of(drift, 0)
    limit = limit_of(drift, changed + 3)
    assert limit.best(lines) is lines
    limit.look(lines, 0.3)
    assert limit.holds
    assert limit.shadow == PRICE
    nobody: Lines = [[] for _ in lines]
    limit.look(nobody, 0.6)
    assert not limit.holds
    assert limit.best(nobody) is lines
    assert limit.shadow == PRICE


def test_where_a_change_costs_next_to_nothing_the_limit_does_not_bind(drift: Drift) -> None:
    lines, _ = lines_of(drift, 0)
    limit = limit_of(drift, 10_000, CHEAPEST)
    limit.look(lines, 0.5)
    assert limit.shadow is None


def test_riders_of_pinned_lines_are_not_looked_for_among_the_lines_of_the_search(drift: Drift) -> None:
    """They keep their seats whatever is found, and would count as changed."""
    pins = Pins(lines=frozenset({drift.running.lines[0].line_id}))
    problem = drift.priced(PRICE, max_changed_riders=5, pins=pins)
    held = {rider for rider, _ in pinned_seats(problem)}
    assert held
    limit = ChangeLimit(problem=problem, types=available_types(problem))
    everyone = {p.rider for p in promised(problem)}
    assert limit.look([[]], 0.5) == len(everyone - held)


@pytest.mark.parametrize("most", [2, 6, 15])
@pytest.mark.parametrize("both", [True, False])
def test_a_search_keeps_the_limit_and_tells_what_it_costs(most: int, both: bool) -> None:
    drift = drifted(replace(TOWN, rules=ServiceRules(min_load=1, same_line_both_ways=both)))
    problem = drift.priced(PRICE, max_changed_riders=most)
    frozen = solve(drift.priced(None), stop=MaxIterations(iterations=600), incumbent=drift.running).plan
    found = solve(problem, stop=MaxIterations(iterations=3_000), incumbent=frozen)
    verdict = evaluate(without_prices(problem), found.plan)
    assert verdict.violations == ()
    assert verdict.changes is not None
    assert verdict.changes.changed <= most
    assert verdict.cost_fen <= evaluate(problem, frozen).cost_fen
    assert found.change_price_fen is None or CHEAPEST < found.change_price_fen <= DEAREST


def test_a_search_without_a_limit_tells_no_price_of_it(drift: Drift) -> None:
    found = solve(drift.priced(PRICE), stop=MaxIterations(iterations=200), incumbent=drift.running)
    assert found.change_price_fen is None


def test_the_same_seed_and_iterations_keep_the_limit_in_the_same_way(drift: Drift) -> None:
    problem = drift.priced(PRICE, max_changed_riders=5)
    plans = [
        solve(problem, stop=MaxIterations(iterations=1_000), incumbent=drift.running, workers=w).plan for w in (1, 2)
    ]
    assert plans[0] == plans[1]
