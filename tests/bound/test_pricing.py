"""The pricing against every line of a tiny problem: it never overlooks one, and what it reads back adds up."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from routing.bound.asks import Ask, read_asks
from routing.bound.closed import vehicle_types
from routing.bound.columns import cheapest_labels, read_column, terms_of
from routing.bound.labels import make_labels
from routing.bound.lane import Lane, Tail, first_duals, make_lane
from routing.bound.pricing import price
from routing.model.demand import Direction
from routing.model.problem import Problem
from tests.bound.tiny import BOTH_WAYS, RULES, Tiny, draw_tiny

NARROW = replace(RULES, arrive_early_s=600, leave_late_s=600)
FAR = Tiny(riders=4, stops=3, away=6_000, rules=NARROW, unserved=20_000, shifts=(BOTH_WAYS,))


def lane_of(problem: Problem, direction: Direction) -> Lane:
    asks = [ask for ask in read_asks(problem) if ask.direction is direction]
    return make_lane(problem, asks, 1.0, vehicle_types(problem))


def duals_of(lane: Lane, problem: Problem, seed: int) -> np.ndarray:
    """Return prices between half and three times what riders must cost, so that some lines pay and some do not."""
    return first_duals(problem, lane) * np.random.default_rng(seed).uniform(0.5, 3.0, len(lane.asks))


def least_by_hand(problem: Problem, lane: Lane, tail: Tail, kind: int, duals: np.ndarray, seat: float) -> float:
    """Return the least reduced cost of any line to a tail: every order of stops, everyone wherever they do best."""
    matrix, rules = problem.travel[0], problem.rules
    type_ = lane.types[kind]
    inbound = lane.asks[0].direction is Direction.INBOUND
    best = np.inf
    for size in range(1, len(problem.stops) + 1):
        for halts in itertools.permutations(range(len(problem.stops)), size):
            order = [*halts, *tail.sites] if inbound else [*tail.sites[::-1], *halts[::-1]]
            dwell = [rules.dwell_s(1, at_worksite=node >= len(problem.stops)) for node in order]
            arrive, leave, clock = {}, {}, 0
            for i, node in enumerate(order):
                clock += int(matrix.duration[order[i - 1], node]) if i else 0
                arrive[node] = clock
                clock += dwell[i]
                leave[node] = clock
            metres = sum(int(matrix.distance[a, b]) for a, b in itertools.pairwise(order))
            cost = type_.fixed_cost + type_.distance_cost * metres / 1_000 + type_.time_cost * clock / 3_600
            gain = 0.0
            for i, ask in enumerate(lane.asks):
                worth = [
                    _worth(problem, ask, node, w, arrive, leave) for node, w in zip(ask.stop, ask.walk, strict=True)
                ]
                most = max((duals[i] - seat * lane.counted[i] - w for w in worth if w is not None), default=0.0)
                gain += max(0.0, most) if ask.site in tail.sites else 0.0
            best = min(best, cost - seat * type_.seats - gain)
    return best


def _worth(
    problem: Problem, ask: Ask, node: int, walk: float, arrive: dict[int, int], leave: dict[int, int]
) -> float | None:
    """Return what riding from a stop costs, or None where the line does not come there or takes too long."""
    on, off = (int(node), ask.site) if ask.direction is Direction.INBOUND else (ask.site, int(node))
    if on not in arrive or off not in arrive:
        return None
    ride = arrive[off] - leave[on]
    if ride > problem.rules.ride_limit_s(int(problem.travel[0].duration[on, off])):
        return None
    return float(walk + ask.people * ride * problem.costs.ride / 3_600)


@pytest.mark.parametrize("width", [1, 2, 64])
@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("seed", range(4))
def test_no_line_has_less_reduced_cost_whatever_the_width(width: int, direction: Direction, seed: int) -> None:
    problem = draw_tiny(replace(FAR, seed=seed, counts=1 + seed % 2))
    lane = lane_of(problem, direction)
    duals = duals_of(lane, problem, seed)
    labels = make_labels(np.full(len(lane.stop), width), 60, 8, 16)
    for kind, tail in itertools.product(range(len(lane.types)), lane.tails):
        terms = terms_of(lane, lane.types[kind], tail, 900.0, halts=10, layer=90, relaxed=True)
        found = price(lane.roads(tail), lane.prizes(tail, duals, 900.0), terms, labels)
        assert found <= least_by_hand(problem, lane, tail, kind, duals, 900.0) + 1e-6


@pytest.mark.parametrize("relaxed", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_a_line_read_back_costs_what_its_label_says(seed: int, relaxed: bool) -> None:
    problem = draw_tiny(replace(FAR, riders=8, stops=6, seed=seed))
    lane = lane_of(problem, Direction.INBOUND)
    duals, seat = 3 * duals_of(lane, problem, seed), 500.0
    labels = make_labels(np.full(len(lane.stop), 2), 60, 8, 16)
    tail = max(lane.tails, key=lambda t: len(t.sites))
    roads, prizes = lane.roads(tail), lane.prizes(tail, duals, seat)
    terms = terms_of(lane, lane.types[1], tail, seat, halts=10, layer=90, relaxed=relaxed)
    least = price(roads, prizes, terms, labels)
    chosen = cheapest_labels(labels, 5)
    assert chosen
    for i in chosen:
        column = read_column(lane, roads, prizes, terms, labels, i, 1, duals, seat)
        seats = np.full(len(lane.types), seat)
        assert column.reduced_cost(duals, seats, lane.types) == pytest.approx(labels.cost[i])
        assert column.reduced_cost(duals, seats, lane.types) >= least - 1e-6
        assert column.load == sum(lane.counted[ask] * times for ask, times in column.asks.items())
        if not relaxed:
            assert max(column.asks.values()) == 1


def test_too_few_layers_prove_nothing() -> None:
    problem = draw_tiny(FAR)
    lane = lane_of(problem, Direction.INBOUND)
    labels = make_labels(np.full(len(lane.stop), 2), 1, 8, 16)
    terms = terms_of(lane, lane.types[1], lane.tails[0], 0.0, halts=10, layer=90, relaxed=True)
    assert price(lane.roads(lane.tails[0]), lane.prizes(lane.tails[0], lane.penalty, 0.0), terms, labels) == -np.inf


def test_a_line_without_riders_is_the_least_where_nobody_pays() -> None:
    problem = draw_tiny(FAR)
    lane = lane_of(problem, Direction.INBOUND)
    labels = make_labels(np.full(len(lane.stop), 2), 60, 8, 16)
    tail = lane.tails[0]
    terms = terms_of(lane, lane.types[0], tail, 0.0, halts=10, layer=90, relaxed=True)
    assert price(lane.roads(tail), lane.prizes(tail, np.zeros(len(lane.asks)), 0.0), terms, labels) == terms.base


def test_halts_are_limited() -> None:
    problem = draw_tiny(replace(FAR, riders=8, stops=6))
    lane = lane_of(problem, Direction.INBOUND)
    labels = make_labels(np.full(len(lane.stop), 8), 60, 8, 16)
    tail = lane.tails[0]
    prizes = lane.prizes(tail, lane.penalty, 0.0)
    found = []
    for halts in (1, 2, 6):
        terms = terms_of(lane, lane.types[1], tail, 0.0, halts=halts, layer=90, relaxed=True)
        found.append(price(lane.roads(tail), prizes, terms, labels))
        assert max(int(labels.halts[i]) for i in cheapest_labels(labels, 100)) <= halts
    assert found == sorted(found, reverse=True)
