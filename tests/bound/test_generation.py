"""The master program and the generation about it: prices stay in their box, and what is proven holds early and late."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.bound.asks import read_asks
from routing.bound.closed import vehicle_types
from routing.bound.columns import Column
from routing.bound.generation import Generation, begin
from routing.bound.incumbent import plan_columns
from routing.bound.lane import Lane, first_duals, make_lane
from routing.bound.master import LEAST_WIDTH_FEN, best_prices
from routing.bound.pricer import most_aboard
from routing.model.plan import Plan
from routing.model.problem import Problem
from tests.bound.exact import every_run, solve_exactly
from tests.bound.tiny import MORNING, Tiny, draw_tiny
from tests.cases import IN, OUT, town, town_plan

FAR = Tiny(away=6_000)


def lane_of(problem: Problem, gates: int = 0) -> Lane:
    """Return the lane of everybody who comes in the morning and has a stop."""
    asks = [ask for ask in read_asks(problem) if len(ask.stop) and ask.direction is IN]
    return make_lane(problem, asks, 1.0, vehicle_types(problem), most_gates=gates)


def generation(problem: Problem, *gates: int) -> Generation:
    return begin(problem, [lane_of(problem, g) for g in gates or (0,)], [], None, lambda: False)


def fixed(*costs: float) -> tuple[np.ndarray, list[Column]]:
    """Return penalties of two riders, and a line for each alone and for both."""
    asks: tuple[dict[int, int], ...] = ({0: 1}, {1: 1}, {0: 1, 1: 1})
    return np.array([1_000.0, 1_000.0]), [Column(cost=c, asks=a) for c, a in zip(costs, asks, strict=True)]


def test_a_column_is_worth_its_riders_prices_as_often_as_it_collects_them() -> None:
    column = Column(cost=500.0, asks={0: 1, 2: 2})
    assert column.reduced_cost(np.array([100.0, 9_999.0, 150.0])) == 100.0


def test_two_riders_of_one_line_share_what_it_costs() -> None:
    penalty, columns = fixed(900.0, 900.0, 1_100.0)
    prices, promise = best_prices(penalty, columns, np.zeros(2), 10.0, 100.0)
    assert prices.sum() == pytest.approx(1_100.0)
    assert promise == pytest.approx(1_100.0)
    assert prices.max() <= 900.0 + 1e-6


def test_without_lines_everybody_is_priced_at_the_penalty() -> None:
    prices, promise = best_prices(np.array([300.0, 700.0]), [], np.zeros(2), 10.0, 5.0)
    assert prices.tolist() == [300.0, 700.0]
    assert promise == pytest.approx(1_000.0)


@settings(max_examples=60, deadline=None)
@given(
    centre=st.lists(st.floats(0, 1_000), min_size=2, max_size=2),
    width=st.floats(0.01, 2.0),
    costs=st.lists(st.floats(1, 3_000), min_size=3, max_size=3),
    lines=st.floats(1, 50),
)
def test_prices_never_leave_their_box_nor_pass_the_penalty(
    centre: list[float], width: float, costs: list[float], lines: float
) -> None:
    penalty, columns = fixed(*costs)
    middle = np.array(centre)
    prices, promise = best_prices(penalty, columns, middle, width, lines)
    half = width * np.maximum(middle, LEAST_WIDTH_FEN)
    assert (prices >= 0.0).all()
    assert (prices <= penalty).all()
    assert (np.abs(prices - middle) <= half + 1e-6).all()
    # The promise is never less than what the centre itself promises.
    worst = min(0.0, *(c.reduced_cost(middle) for c in columns))
    assert promise >= middle.sum() + lines * worst - 1e-6


@settings(max_examples=80, deadline=None)
@given(
    gain=st.lists(st.floats(0, 1_000), min_size=1, max_size=6),
    people=st.lists(st.integers(0, 3), min_size=6, max_size=6),
    seats=st.integers(0, 8),
)
def test_no_choice_of_riders_who_fit_gains_more_than_most_aboard(
    gain: list[float], people: list[int], seats: int
) -> None:
    """Against every set of riders: whole groups gain no more than when a part of one may be aboard."""
    weights = people[: len(gain)]
    best = 0.0
    for mask in range(1 << len(gain)):
        chosen = [i for i in range(len(gain)) if mask >> i & 1]
        if sum(weights[i] for i in chosen) <= seats:
            best = max(best, sum(gain[i] for i in chosen))
    most = most_aboard(np.array(gain), np.array(weights, np.float64), seats)
    assert best - 1e-6 <= most <= sum(gain) + 1e-6


def test_those_who_need_no_counted_seat_are_aboard_a_full_vehicle() -> None:
    assert most_aboard(np.array([50.0, 70.0]), np.array([1.0, 0.0]), 0) == 70.0


def test_a_group_may_be_aboard_in_part() -> None:
    assert most_aboard(np.array([90.0, 10.0]), np.array([3.0, 1.0]), 2) == pytest.approx(60.0)


def test_the_first_prices_are_penalties_at_most() -> None:
    problem = draw_tiny(replace(FAR, unserved=100))
    lane = lane_of(problem)
    assert first_duals(problem, lane).tolist() == lane.penalty.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_the_first_prices_pay_for_no_line_that_carries_everybody(seed: int) -> None:
    """A full vehicle collects what it costs at the most: each pays a seat's part of vehicle and driving."""
    problem = draw_tiny(replace(FAR, riders=4, seed=seed, unserved=100_000))
    lane = lane_of(problem)
    duals = dict(zip((ask.rider for ask in lane.asks), first_duals(problem, lane), strict=True))
    for run in every_run(problem):
        assert sum(duals[rider] for rider, _ in run.riders) <= run.cost + run.kind.fixed_cost + 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_every_value_on_the_way_is_proven_and_none_falls(seed: int) -> None:
    """Budget-free validity: wherever the generation is broken off, the optimum of all trips there can be is above."""
    problem = draw_tiny(replace(FAR, riders=4, seed=seed))
    asks = read_asks(problem)
    outside = sum(ask.penalty for ask in asks if not len(ask.stop))
    least, _ = solve_cheapest_trips(problem)
    for gates in ((0,), (0, 9)):
        values = list(generation(problem, *gates).run())
        assert values == sorted(values)
        assert values[-1] + outside <= least + 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_rough_pricings_lead_to_exact_ones_that_prove_about_as_much_at_least(seed: int) -> None:
    problem = draw_tiny(replace(FAR, riders=9, stops=8, spread=5_000.0, seed=seed, unserved=20_000))
    rough, both = generation(problem), generation(problem, 0, 99)
    assert [len(run.pricers) for run in (rough, both)] == [1, 3]
    assert both.rough
    assert not rough.rough
    first, second = (list(run.run())[-1] for run in (rough, both))
    assert second >= 0.97 * first  # the search for prices may end early at either
    assert not both.rough
    assert not both.guesses


@pytest.mark.parametrize("seed", range(4))
def test_what_a_pricing_remembers_holds_at_any_other_prices(seed: int) -> None:
    """Lines gain no more than the prices of those who fit aboard have risen."""
    rng = np.random.default_rng(seed)
    problem = draw_tiny(replace(FAR, riders=6, stops=5, seed=seed))
    run = generation(problem)
    pricer, base = run.pricers[0], run.centre
    assert pricer.last(0, 0) == pricer.remembered(base, 0, 0) == -np.inf
    for kind in range(len(run.lane.types)):
        before, _ = pricer.price(base, kind, 0)
        assert pricer.last(kind, 0) == pricer.remembered(base, kind, 0) == before
        for _ in range(4):
            prices = np.clip(base * rng.uniform(0.5, 2.0, len(base)), 0.0, run.lane.penalty)
            pricer.price(base, kind, 0)
            promised = pricer.remembered(prices, kind, 0)
            assert promised <= pricer.price(prices, kind, 0)[0] + 1e-6


def test_only_what_a_rough_pricing_leaves_open_is_priced_exactly() -> None:
    run = generation(draw_tiny(replace(FAR, riders=9, stops=8, spread=5_000.0)), 0, 99)
    rough, exact, wide = run.pricers

    def priced(kind: int, allowed: float) -> tuple[float, list[bool]]:
        least, _ = run._price_one(run.centre, (kind, 0), -np.inf, allowed)
        return least, [(kind, 0) in pricer.known for pricer in run.pricers]

    assert priced(0, -np.inf) == (-np.inf, [False, False, False])
    least, done = priced(0, 1e9)
    assert done == [True, False, False]  # the exact ones are not in use yet
    run.rough = False
    assert priced(0, -1e9) == (least, [True, False, False])
    again, done = priced(0, 1e9)
    assert done == [True, True, True]
    assert again == max(pricer.last(0, 0) for pricer in (rough, exact, wide))
    assert again >= least
    assert priced(1, -1e9)[1] == [True, False, False]  # a rough pricing clears it


def test_a_step_proves_no_more_than_it_goes_for() -> None:
    run = generation(draw_tiny(FAR))
    total = float(run.centre.sum())
    assert run._step(run.centre, 0.5 * total)
    assert run.best == pytest.approx(min(0.5 * total, run.best))
    assert run._step(run.centre, np.inf)
    assert 0.5 * total < run.best <= total


def solve_cheapest_trips(problem: Problem) -> tuple[float, Plan]:
    """Return the least cost where no vehicle drives two trips: one trip pays for its vehicle by itself."""
    long = replace(problem, rules=replace(problem.rules, turnaround_s=86_400))
    return solve_exactly(long)


def test_a_generation_that_is_over_at_once_proves_nothing_and_fails_nothing() -> None:
    problem = draw_tiny(FAR)
    stopped = begin(problem, [lane_of(problem)], [], None, lambda: True)
    assert list(stopped.run()) == [0.0]
    assert stopped.rounds == 0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 50), worst=st.floats(-50_000, -1), worse=st.floats(0, 50_000))
def test_worse_lines_prove_less_and_none_proves_the_prices(seed: int, worst: float, worse: float) -> None:
    run = generation(draw_tiny(replace(FAR, seed=seed)))
    proven = [run.proven(run.centre, 0, w) for w in (1.0, 0.0, worst, worst - worse, -np.inf)]
    assert proven[0] == proven[1] == pytest.approx(run.centre.sum())
    assert proven == sorted(proven, reverse=True)
    assert proven[-1] == 0.0
    # What is allowed for a bound is what proves it.
    assert run.allowed(run.centre, 0, proven[2]) == pytest.approx(worst)
    assert run.allowed(run.centre, 0, 2 * proven[0]) == run.allowed(run.centre, 0, 0.0) == 0.0


@pytest.mark.parametrize("seed", range(4))
def test_the_lines_of_a_plan_become_columns_at_what_they_cost(seed: int) -> None:
    """Columns of an optimal plan add up to its cost, but for those who are left out."""
    problem = draw_tiny(replace(FAR, shifts=(MORNING,), seed=seed, unserved=50_000))
    least, plan = solve_cheapest_trips(problem)
    lane = lane_of(problem)
    columns, prices = plan_columns(problem, lane, plan)
    left = sum(problem.costs.unserved for _ in plan.unserved)
    assert len(columns) == len(plan.lines)
    assert sum(c.cost for c in columns) + left == pytest.approx(least, abs=1.0)
    assert (prices <= lane.penalty).all()
    for column in columns:
        if all(prices[ask] < lane.penalty[ask] for ask in column.asks):
            assert column.reduced_cost(prices) == pytest.approx(0.0, abs=1e-6)


def test_lines_of_the_other_direction_and_riders_outside_the_lane_are_no_columns() -> None:
    problem = town()
    asks = [a for a in read_asks(problem) if a.direction is OUT and a.shift_id == "late"]
    lane = make_lane(problem, asks, 0.5, vehicle_types(problem))
    (column,), _ = plan_columns(problem, lane, town_plan())
    assert sorted(lane.asks[a].rider for a in column.asks) == [3, 4]


def test_a_plan_without_lines_gives_no_columns_and_prices_at_the_penalty() -> None:
    lane = lane_of(draw_tiny(FAR))
    columns, prices = plan_columns(draw_tiny(FAR), lane, Plan())
    assert columns == []
    assert prices.tolist() == lane.penalty.tolist()
