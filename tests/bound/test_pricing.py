"""The pricing against every line of a tiny problem: it never overlooks one, and what it reads back adds up."""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest

from routing.bound.asks import Ask, read_asks
from routing.bound.closed import vehicle_types
from routing.bound.columns import cheapest_labels, collected, read_column, terms_of
from routing.bound.labels import Labels, make_labels
from routing.bound.lane import GATE_S, Lane, Tail, between, find_areas, find_gates, first_duals, make_lane
from routing.bound.pricer import seat_prices
from routing.bound.pricing import Entries, Terms, price, worth_of
from routing.model.demand import Direction
from routing.model.problem import Problem
from tests.bound.exact import every_run
from tests.bound.tiny import BOTH_WAYS, MORNING, RULES, Tiny, draw_tiny

NARROW = replace(RULES, arrive_early_s=600, leave_late_s=600)
FAR = Tiny(riders=4, stops=3, away=6_000, rules=NARROW, unserved=20_000, shifts=(BOTH_WAYS,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A pricing, and all that went into it."""

    least: float
    entries: Entries
    terms: Terms
    labels: Labels


def lane_of(problem: Problem, direction: Direction, gates: int = 0) -> Lane:
    asks = [ask for ask in read_asks(problem) if ask.direction is direction]
    return make_lane(problem, asks, 1.0, vehicle_types(problem), most_gates=gates)


def duals_of(lane: Lane, problem: Problem, seed: int) -> np.ndarray:
    """Return prices between half and three times what riders must cost, so that some lines pay and some do not."""
    return first_duals(problem, lane) * np.random.default_rng(seed).uniform(0.5, 3.0, len(lane.asks))


def least_by_hand(problem: Problem, lane: Lane, tail: Tail, kind: int, duals: np.ndarray) -> float:
    """Return the least reduced cost of any line to a tail: every order of stops, the best of those who fit aboard."""
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
            gains = [(0.0, 0.0)]
            for i, ask in enumerate(lane.asks):
                worth = [
                    _worth(problem, ask, node, w, arrive, leave) for node, w in zip(ask.stop, ask.walk, strict=True)
                ]
                most = max((duals[i] - w for w in worth if w is not None), default=0.0)
                if ask.site in tail.sites:
                    gains += [(people + lane.counted[i], gain + most) for people, gain in gains]
            best = min(best, cost - max(gain for people, gain in gains if people <= type_.seats))
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


def priced(lane: Lane, kind: int, tail: Tail, duals: np.ndarray, *, halts: int = 10, width: int = 8) -> Priced:
    """Price the lines of a vehicle type to a tail."""
    labels = make_labels(len(lane.home), int(lane.home.max()) + 1, 60, width, 16, 6)
    entries = lane.entries(tail, duals, kind)
    seats = seat_prices(entries)
    terms = terms_of(lane, lane.types[kind], tail, halts=halts, layer=90)
    least = price(lane.roads(tail), worth_of(entries, lane.home, 20, seats), terms, seats, labels)
    return Priced(least=float(least), entries=entries, terms=terms, labels=labels)


@pytest.mark.parametrize("spread", [1_500.0, 6_000.0])
@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("seed", range(4))
def test_no_line_has_less_reduced_cost(spread: float, direction: Direction, seed: int) -> None:
    problem = draw_tiny(replace(FAR, seed=seed, counts=1 + seed % 2, spread=spread))
    lane = lane_of(problem, direction)
    duals = duals_of(lane, problem, seed)
    for kind, tail in itertools.product(range(len(lane.types)), lane.tails):
        least = least_by_hand(problem, lane, tail, kind, duals)
        for gates, width in itertools.product((0, 9), (1, 8)):
            found = priced(lane_of(problem, direction, gates), kind, tail, duals, width=width).least
            assert found <= least + 1e-6


@pytest.mark.parametrize("people_counted", [True, False])
def test_a_line_is_priced_as_the_exact_model_costs_it(people_counted: bool) -> None:
    """Against every trip that keeps every promise, with riders some of whom stay at home on the busiest day."""
    days = 0b11111 if people_counted else 0b11
    problem = draw_tiny(replace(FAR, shifts=(MORNING,), sites=1, spread=6_000.0))
    riders = (*problem.riders[:-1], replace(problem.riders[-1], days=days))
    problem = replace(problem, riders=riders)
    duals = 20_000 * np.random.default_rng(1).uniform(0.5, 1.0, len(riders))
    lane = lane_of(problem, Direction.INBOUND, gates=9)
    runs = every_run(problem)
    assert runs
    for kind, type_ in enumerate(lane.types):
        worth = [
            run.cost + type_.fixed_cost - sum(duals[rider] for rider, _ in run.riders)
            for run in runs
            if run.kind == type_
        ]
        least = min(priced(lane, kind, tail, duals).least for tail in lane.tails)
        assert least <= min(worth) + 1e-6


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("direction", list(Direction))
def test_more_gates_overlook_no_line_but_see_less_in_each(direction: Direction, seed: int) -> None:
    """With room for all labels, every line seen by more gates is seen by fewer, and costs no more there."""
    problem = draw_tiny(replace(FAR, riders=9, stops=8, spread=5_000.0, seed=seed))
    few, many = (lane_of(problem, direction, gates) for gates in (0, 99))
    assert len(few.home) == int(few.home.max()) + 1
    assert len(many.home) >= len(few.home)
    duals = 3 * duals_of(few, problem, seed)
    for tail in few.tails:
        rough, exact = (priced(lane, 1, tail, duals, width=200).least for lane in (few, many))
        assert rough <= exact + 1e-6


@pytest.mark.parametrize("most", [0, 3, 5, 99])
@pytest.mark.parametrize("seed", range(4))
def test_gates_share_out_the_stops_of_each_area(most: int, seed: int) -> None:
    problem = draw_tiny(replace(FAR, riders=12, stops=8, spread=6_000.0, seed=seed))
    asks = [ask for ask in read_asks(problem) if ask.direction is Direction.INBOUND]
    _, stops = find_areas(asks)
    seconds = problem.travel[0].duration
    home, gates = find_gates(seconds, stops, most)
    assert len(home) == len(gates) <= max(most, len(stops))
    for area, group in enumerate(stops):
        mine = [gate for gate, at in zip(gates, home, strict=True) if at == area]
        assert sorted(int(s) for gate in mine for s in gate) == sorted(group.tolist())
        assert all(len(gate) for gate in mine)
    if most == 99:  # as many as may be: no stop is far from its gate
        for gate in gates:
            assert min((seconds[g, gate] + seconds[gate, g]).max() for g in gate) <= 2 * GATE_S


def test_ways_between_gates_are_the_least_between_their_stops() -> None:
    matrix = np.arange(36).reshape(6, 6)[::-1] % 11
    groups = [np.array([0, 4]), np.array([1]), np.array([2, 3, 5])]
    found = between(matrix, groups)
    by_hand = [[min(matrix[a, b] for a in one for b in other) for other in groups] for one in groups]
    assert found.tolist() == by_hand


@pytest.mark.parametrize("seed", range(6))
def test_a_line_read_back_costs_no_less_than_its_label_says(seed: int) -> None:
    problem = draw_tiny(replace(FAR, riders=8, stops=6, spread=6_000.0, seed=seed))
    lane = lane_of(problem, Direction.INBOUND)
    duals = 3 * duals_of(lane, problem, seed)
    tail = max(lane.tails, key=lambda t: len(t.sites))
    found = priced(lane, 1, tail, duals)
    chosen = cheapest_labels(found.labels, 5)
    assert chosen
    for i in chosen:
        column = read_column(lane, lane.roads(tail), found.entries, found.terms, found.labels, i, duals)
        label = max(float(found.labels.open[i]), float(found.labels.full[i].max()))
        # What is worth more a moment earlier is charged at the moment: each rider loses a step of time at most.
        assert found.least - 1e-6 <= label <= column.reduced_cost(duals) + 1e-6
        assert sum(lane.counted[ask] * times for ask, times in column.asks.items()) <= lane.types[1].seats
        assert max(column.asks.values()) == 1


def test_those_who_bring_in_most_get_the_seats() -> None:
    problem = draw_tiny(replace(FAR, riders=6, stops=1))
    lane = lane_of(problem, Direction.INBOUND)
    duals = lane.penalty * np.linspace(0.5, 1.0, 6)
    tail = max(lane.tails, key=lambda t: len(t.sites))
    found = priced(lane, 0, tail, duals)
    label = cheapest_labels(found.labels, 1)[0]
    column = read_column(lane, lane.roads(tail), found.entries, found.terms, found.labels, label, duals)
    assert len(column.asks) == lane.types[0].seats == 2
    worth = sorted(v for v, _ in collected(found.entries, 0, int(found.labels.time[label])))
    assert found.least >= found.terms.base - sum(worth)  # not all six can have one of two seats
    assert found.least >= column.reduced_cost(duals) - worth[-2]


def test_too_few_layers_prove_nothing() -> None:
    problem = draw_tiny(FAR)
    lane = lane_of(problem, Direction.INBOUND)
    labels = make_labels(len(lane.home), int(lane.home.max()) + 1, 1, 2, 16, 6)
    entries = lane.entries(lane.tails[0], lane.penalty, 1)
    seats = seat_prices(entries)
    worth = worth_of(entries, lane.home, 20, seats)
    terms = terms_of(lane, lane.types[1], lane.tails[0], halts=10, layer=90)
    assert price(lane.roads(lane.tails[0]), worth, terms, seats, labels) == -np.inf


def test_a_line_without_riders_is_the_least_where_nobody_pays() -> None:
    problem = draw_tiny(FAR)
    lane = lane_of(problem, Direction.INBOUND)
    found = priced(lane, 0, lane.tails[0], np.zeros(len(lane.asks)))
    assert found.least == found.terms.base


def test_halts_are_limited() -> None:
    problem = draw_tiny(replace(FAR, riders=8, stops=6, spread=8_000.0))
    lane = lane_of(problem, Direction.INBOUND)
    assert len(lane.seconds) > 2
    found = []
    for halts in (1, 2, 6):
        given = priced(lane, 1, lane.tails[0], lane.penalty, halts=halts)
        assert max(int(given.labels.halts[i]) for i in cheapest_labels(given.labels, 100)) <= halts
        found.append(given.least)
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("seed", range(5))
def test_areas_share_no_stop(seed: int) -> None:
    problem = draw_tiny(replace(FAR, riders=12, stops=8, spread=6_000.0, seed=seed))
    asks = [ask for ask in read_asks(problem) if ask.direction is Direction.INBOUND]
    area, stops = find_areas(asks)
    assert sorted({int(s) for group in stops for s in group}) == sorted({int(s) for a in asks for s in a.stop})
    assert sum(len(group) for group in stops) == len({int(s) for group in stops for s in group})
    for ask, where in zip(asks, area, strict=True):
        assert set(ask.stop.tolist()) <= set(stops[where].tolist())


def test_nobody_brings_in_more_later() -> None:
    problem = draw_tiny(replace(FAR, riders=8, stops=6))
    lane = lane_of(problem, Direction.INBOUND)
    entries = lane.entries(lane.tails[0], lane.penalty, 1)
    worth = worth_of(entries, lane.home, 20, np.array([0.0, 500.0]))
    assert np.all(np.diff(worth.whole, axis=0) <= 1e-9)
    assert np.all(worth.over[0] == pytest.approx(worth.whole))
    assert np.all(worth.over[1] <= worth.whole)
