"""Column generation for one direction: prices rise until no line is worth less than it costs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from routing.bound.asks import Float64
from routing.bound.columns import Column, cheapest_labels, read_column, terms_of
from routing.bound.labels import Labels, make_labels
from routing.bound.lane import Lane, Tail, first_duals
from routing.bound.master import Prices, best_prices
from routing.bound.pricing import price
from routing.model.problem import Problem
from routing.model.travel import Int64
from routing.model.units import HOUR_S, METRES_PER_KM

LAYER_S = 90
SLOTS = 8
ELITE = 64
MOST_LAYERED_HALTS = 60
NARROW, WIDE, WIDEST = 3, 8, 256
"""Labels per cell: to find lines, to prove a bound at first, and where lines repeat riders."""
COLUMNS_PER_PRICING = 6
ENOUGH_COLUMNS = 36
NEGLIGIBLE_FEN = 50.0
"""A tail is not priced by itself if that could raise a reduced cost by no more."""
MOST_COLUMNS = 4_000
IDLE_STEPS, MOST_STEPS, STALE_ROUNDS, REOPENED = 6, 12, 4, 0.03
WIDENINGS = 4
"""Steps without a higher promise, or in all, after which a bound is proven where the centre stands."""


@dataclass(slots=True)
class Generation:
    """The state of one direction's column generation.

    Attributes
    ----------
    floor : float
        [fen] a bound that is known otherwise: a pricing that cannot pass it is broken off.
    best : float
        [fen] the highest bound proven so far.
    """

    problem: Problem
    lane: Lane
    columns: list[Column]
    centre: Prices
    over: Callable[[], bool]
    floor: float = 0.0
    best: float = 0.0
    rounds: int = 0
    size: float = 0.1
    promise: float = 0.0
    widths: Int64 = field(init=False)
    narrow: Labels = field(init=False)
    exact: Labels = field(init=False)

    def __post_init__(self) -> None:
        self.widths = np.full(len(self.lane.stop), WIDE, np.int64)
        self.narrow = self._room(np.full(len(self.lane.stop), NARROW, np.int64))
        self.exact = self._room(self.widths)

    def _room(self, widths: Int64) -> Labels:
        longest = int(self.lane.limit.max(initial=0))
        layers = longest // LAYER_S + min(self.problem.rules.max_stops, MOST_LAYERED_HALTS) + 1
        return make_labels(widths, layers, SLOTS, ELITE)

    def run(self) -> Iterator[float]:
        """Yield the best bound [fen] after each step; end when no line is left that the prices do not pay for."""
        worst, found = self._price(self.centre, relaxed=False)
        self.promise = self.proven(self.centre, worst)
        self.columns += found
        stale = 0
        while stale < STALE_ROUNDS:
            yield from self._find_lines()
            before = self.best
            for _ in range(WIDENINGS):
                worst, found = self._price(self.centre, relaxed=True)
                yield self.best
                self.columns += found
                if self.over() or not self._widen(found):
                    break
            stale = 0 if self.best > before * (1 + 1e-4) or found else stale + 1
            self.promise, self.size = self.proven(self.centre, worst), max(self.size, REOPENED)

    def _find_lines(self) -> Iterator[float]:
        """Move the centre while lines found quickly still bring something."""
        idle = 0
        for _ in range(MOST_STEPS):
            if idle == IDLE_STEPS or self.over():
                return
            prices = best_prices(self.lane, self.columns, self.centre, self.size, self._lines())
            worst, found = self._price(prices, relaxed=False)
            value = self.proven(prices, np.minimum(worst, self._least_known(prices)))
            if value > self.promise * (1 + 1e-4):
                self.promise, self.centre, self.size, idle = value, prices, min(0.3, self.size * 1.3), 0
            else:
                self.size, idle = max(0.005, self.size * 0.85), idle + 1
            self.columns += found
            self._forget()
            yield self.best

    def _least_known(self, prices: Prices) -> Float64:
        """Return the least reduced cost [fen] by vehicle type of the lines known; nothing above 0."""
        least = np.zeros(len(self.lane.types))
        for one in self.columns:
            cost = one.reduced_cost(prices.riders, prices.seats, self.lane.types)
            least[one.kind] = min(least[one.kind], cost)
        return least

    def _lines(self) -> float:
        """Return about how many lines there are."""
        people = float(self.lane.counted.sum())
        return max(1.0, 1.2 * people / float(np.mean([t.seats for t in self.lane.types])))

    def _price(self, prices: Prices, *, relaxed: bool) -> tuple[Float64, list[Column]]:
        """Return the least reduced cost [fen] by vehicle type, and lines of negative reduced cost.

        Only a relaxed pricing of all tails proves a bound. Tails of most worksites come first; all ends where
        nothing better than what is known can come of it.
        """
        worst = np.zeros(len(self.lane.types))
        found: list[Column] = []
        goal = max(self.best, self.floor) if relaxed else self.promise
        priced: list[tuple[int, Tail, float]] = []
        for tails in (self._longest_tails(), self._other_tails()):
            for kind in reversed(range(len(self.lane.types))):
                for tail in tails:
                    if self.over():
                        return np.full(len(worst), -np.inf), found
                    if self._implied(priced, kind, tail) >= worst[kind] - NEGLIGIBLE_FEN:
                        worst[kind] = min(worst[kind], self._implied(priced, kind, tail))
                        continue
                    least, lines = self._price_one(prices, kind, tail, relaxed=relaxed)
                    priced.append((kind, tail, least))
                    worst[kind] = min(worst[kind], least)
                    found += lines
                    if self.proven(prices, worst) <= goal and len(found) >= ENOUGH_COLUMNS:
                        return worst, found
            if not relaxed or self.proven(prices, worst) <= goal:
                return worst, found
        self.rounds += 1
        self.best = self.proven(prices, worst)
        return worst, found

    def _implied(self, priced: list[tuple[int, Tail, float]], kind: int, tail: Tail) -> float:
        """Return the reduced cost [fen] below which no line with a tail can be, by the tails priced before it.

        Where another tail has all its sites, none of them later, everybody is worth as much there.
        """
        type_, most = self.lane.types[kind], -np.inf
        for of, other, least in priced:
            fits = of == kind and other.sites[0] == tail.sites[0] and set(other.sites) >= set(tail.sites)
            if fits and all(other.offset[w] <= tail.offset[w] for w in tail.sites):
                driving = type_.distance_cost * (tail.metres - other.metres) / METRES_PER_KM
                driving += type_.time_cost * (tail.seconds - other.seconds) / HOUR_S
                most = max(most, least + driving)
        return most

    def _longest_tails(self) -> list[Tail]:
        most = max(len(t.sites) for t in self.lane.tails)
        return [t for t in self.lane.tails if len(t.sites) == most]

    def _other_tails(self) -> list[Tail]:
        return [t for t in self.lane.tails if t not in self._longest_tails()]

    def _price_one(self, prices: Prices, kind: int, tail: Tail, *, relaxed: bool) -> tuple[float, list[Column]]:
        lane, labels = self.lane, self.exact if relaxed else self.narrow
        seat = float(prices.seats[kind])
        roads, prizes = lane.roads(tail), lane.prizes(tail, prices.riders, seat)
        halts = self.problem.rules.max_stops - 1
        terms = terms_of(lane, lane.types[kind], tail, seat, halts=halts, layer=LAYER_S, relaxed=relaxed)
        least = float(price(roads, prizes, terms, labels))
        if least >= 0:
            return least, []
        chosen = cheapest_labels(labels, COLUMNS_PER_PRICING)
        lines = [read_column(lane, roads, prizes, terms, labels, i, kind, prices.riders, seat) for i in chosen]
        return least, lines

    def proven(self, prices: Prices, worst: Float64) -> float:
        """Return the bound [fen] that least reduced costs by vehicle type prove.

        Scaled down until no line has a negative reduced cost, the prices are a solution of the dual
        (A. A. Farley, A note on bounding a class of linear programming problems, Operations Research
        38(5), 1990, doi:10.1287/opre.38.5.922): a line costs at least its vehicle and its shortest way.
        """
        scale = 1.0
        for kind, least in zip(self.lane.types, worst, strict=True):
            if least == -np.inf:
                return 0.0
            if least < 0:
                cost = self._least_cost(kind.fixed_cost, kind.distance_cost / METRES_PER_KM, kind.time_cost / HOUR_S)
                scale = min(scale, cost / (cost - least) if cost > 0 else 0.0)
        return float(scale * prices.riders.sum())

    def _least_cost(self, fixed: float, per_metre: float, per_second: float) -> float:
        ways = [(self.lane.near_metres[w].min(), self.lane.near_seconds[w].min()) for w in self.lane.near_metres]
        return fixed * self.lane.share + float(min(per_metre * m + per_second * s for m, s in ways))

    def _widen(self, found: list[Column]) -> bool:
        """Give more labels to the stops of lines that collect riders more than once; tell whether there were any."""
        stops = {s for one in found if max(one.asks.values(), default=0) > 1 for s in one.stops}
        chosen = np.array(sorted(s for s in stops if self.widths[s] < WIDEST), np.int64)
        if len(chosen):
            self.widths[chosen] = np.minimum(WIDEST, 4 * self.widths[chosen])
            self.exact = self._room(self.widths)
        return len(chosen) > 0

    def _forget(self) -> None:
        """Drop the columns that are furthest from paying."""
        if len(self.columns) > MOST_COLUMNS:
            cost = [c.reduced_cost(self.centre.riders, self.centre.seats, self.lane.types) for c in self.columns]
            self.columns = [self.columns[i] for i in np.argsort(cost)[: MOST_COLUMNS // 2]]


def begin(
    problem: Problem, lane: Lane, columns: list[Column], centre: Float64 | None, over: Callable[[], bool], floor: float
) -> Generation:
    """Return a column generation that starts from some lines, or from each rider's own way alone."""
    riders = first_duals(problem, lane)
    if centre is not None:
        riders = np.minimum(lane.penalty, 0.7 * riders + 0.3 * centre)
    seats = np.array([kind.fixed_cost * lane.share / kind.seats for kind in lane.types])
    return Generation(
        problem=problem, lane=lane, columns=columns, centre=Prices(riders=riders, seats=seats), over=over, floor=floor
    )
