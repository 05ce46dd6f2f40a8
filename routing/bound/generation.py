"""Column generation for one direction: prices rise until no line is worth less than it costs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from routing.bound.asks import Float64
from routing.bound.columns import Column, cheapest_labels, read_column, terms_of
from routing.bound.labels import Labels, make_labels
from routing.bound.lane import Lane, Tail, first_duals
from routing.bound.master import best_prices
from routing.bound.pricing import Entries, price, worth_of
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM

LAYER_S, STEP_S = 90, 45
"""Time by which labels are told apart, and from one value of an area to the next [s]."""
MOST_LAYERED_HALTS = 100
WIDTH, ELITE = 24, 48
"""Labels per cell, and of each area that are held against later ones."""
SEAT_PRICES = np.linspace(0.05, 0.95, 6)
"""Quantiles of what riders bring in that are tried as the price of a seat."""
COLUMNS_PER_PRICING, ENOUGH_COLUMNS, MOST_COLUMNS = 4, 60, 3_000
NEGLIGIBLE_FEN = 20.0
"""A tail is not priced by itself if that could raise a reduced cost by no more."""
LEAST_SIZE, LARGEST_SIZE = 0.002, 0.3
DONE = 1e-4
"""The share of the bound that lines not yet priced could still add, below which all ends."""


@dataclass(slots=True)
class Generation:
    """The state of one direction's column generation.

    Attributes
    ----------
    centre : ndarray of float64
        [fen] the prices about which better ones are sought.
    best : float
        [fen] the highest bound proven so far.
    rounds : int
        Pricings of all lines that were completed.
    size : float
        Half the box about the centre, as a share of it.
    known : dict
        By vehicle type and tail, the last least reduced cost [fen], and at which prices. The least are priced
        first, and those again only that could have become the least.
    """

    problem: Problem
    lane: Lane
    columns: list[Column]
    centre: Float64
    over: Callable[[], bool]
    best: float = 0.0
    rounds: int = 0
    size: float = 0.1
    known: dict[tuple[int, int], tuple[float, Float64]] = field(default_factory=dict)
    labels: Labels = field(init=False)

    def __post_init__(self) -> None:
        longest = int(self.lane.limit.max(initial=0))
        areas = len(self.lane.seconds)
        layers = longest // LAYER_S + min(areas, MOST_LAYERED_HALTS) + 1
        self.labels = make_labels(areas, layers, WIDTH, ELITE, len(SEAT_PRICES))

    def run(self) -> Iterator[float]:
        """Yield the best bound [fen] after each step; end when no line is left that the prices do not pay for."""
        self._step(self.centre)
        yield self.best
        while self.size > LEAST_SIZE and not self.over():
            prices, promise = best_prices(self.lane.penalty, self.columns, self.centre, self.size, self._lines())
            if promise <= self.best * (1 + DONE) and self.size == LARGEST_SIZE:
                return
            if self._step(prices):
                self.centre, self.size = prices, min(LARGEST_SIZE, self.size * 1.5)
            elif promise <= self.best * (1 + DONE):
                self.size = LARGEST_SIZE
            else:
                self.size *= 0.8
            yield self.best

    def _step(self, prices: Float64) -> bool:
        """Price all lines, and tell whether that proved more than before."""
        worst, found = self._price(prices)
        self.columns += found
        if len(self.columns) > MOST_COLUMNS:
            cost = [one.reduced_cost(self.centre) for one in self.columns]
            self.columns = [self.columns[i] for i in np.argsort(cost)[: MOST_COLUMNS // 2]]
        value = self.proven(prices, worst)
        better = value > self.best
        self.best = max(self.best, value)
        return better

    def _lines(self) -> float:
        """Return about how many lines there are."""
        people = float(self.lane.counted.sum())
        return max(1.0, 1.2 * people / float(np.mean([t.seats for t in self.lane.types])))

    def _price(self, prices: Float64) -> tuple[Float64, list[Column]]:
        """Return the least reduced cost [fen] by vehicle type, and lines of negative reduced cost.

        It is broken off, proving nothing, where it cannot pass the best bound any more or the time is over.
        """
        lane = self.lane
        worst = np.zeros(len(lane.types))
        nothing = np.full(len(worst), -np.inf)
        found: list[Column] = []
        priced: list[tuple[int, Tail, float]] = []
        tasks = [(kind, t) for t in range(len(lane.tails)) for kind in reversed(range(len(worst)))]
        for kind, t in sorted(tasks, key=self._last):
            if self.over():
                return nothing, found
            implied = max(self._implied(priced, kind, lane.tails[t]), self._remembered(prices, kind, t))
            if implied >= worst[kind] - NEGLIGIBLE_FEN:
                worst[kind] = min(worst[kind], implied)
                continue
            least, lines = self._price_one(prices, kind, lane.tails[t])
            self.known[kind, t] = least, prices
            priced.append((kind, lane.tails[t], least))
            worst[kind] = min(worst[kind], least)
            found += lines
            if len(found) >= ENOUGH_COLUMNS and self.proven(prices, worst) <= self.best:
                return nothing, found
        self.rounds += 1
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

    def _last(self, task: tuple[int, int]) -> float:
        return self.known[task][0] if task in self.known else -np.inf

    def _remembered(self, prices: Float64, kind: int, t: int) -> float:
        """Return the reduced cost [fen] below which no line with a tail can be, by its last pricing.

        A line has gained no more since than the prices of those have risen who fit aboard.
        """
        if (kind, t) not in self.known:
            return -np.inf
        least, then = self.known[kind, t]
        return least - most_aboard(np.maximum(prices - then, 0.0), self.lane.counted, self.lane.types[kind].seats)

    def _price_one(self, prices: Float64, kind: int, tail: Tail) -> tuple[float, list[Column]]:
        lane, roads = self.lane, self.lane.roads(tail)
        entries = lane.entries(tail, prices, kind)
        seats = seat_prices(entries)
        worth = worth_of(entries, len(lane.seconds), STEP_S, seats)
        terms = terms_of(lane, lane.types[kind], tail, halts=self.problem.rules.max_stops - 1, layer=LAYER_S)
        least = float(price(roads, worth, terms, seats, self.labels))
        chosen = cheapest_labels(self.labels, COLUMNS_PER_PRICING) if least < 0 else []
        lines = [read_column(lane, roads, entries, terms, self.labels, i, prices) for i in chosen]
        return least, [one for one in lines if one.reduced_cost(prices) < 0]

    def proven(self, prices: Float64, worst: Float64) -> float:
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
        return float(scale * prices.sum())

    def _least_cost(self, fixed: float, per_metre: float, per_second: float) -> float:
        ways = [(self.lane.near_metres[w].min(), self.lane.near_seconds[w].min()) for w in self.lane.near_metres]
        return fixed * self.lane.part + float(min(per_metre * m + per_second * s for m, s in ways))


def most_aboard(gain: Float64, people: Float64, seats: int) -> float:
    """Return the most that riders who fit aboard can gain together; part of a group may be aboard."""
    order = np.argsort(-gain / np.maximum(people, 1e-9), kind="stable")
    room = np.clip(seats - (np.cumsum(people[order]) - people[order]), 0.0, people[order])
    part = np.where(people[order] > 0, room / np.maximum(people[order], 1e-9), 1.0)
    return float((gain[order] * part).sum())


def seat_prices(entries: Entries) -> Float64:
    """Return prices of a seat [fen] to try: what people bring in on their own ways, at several quantiles."""
    near = np.repeat(entries.near, np.diff(entries.start))
    value = np.where(entries.limit >= near, entries.value - entries.rate[entries.rider] * near, 0.0)
    best = np.zeros(len(entries.rate))
    np.maximum.at(best, entries.rider, value)
    seated = entries.people > 0
    each = best[seated] / entries.people[seated]
    each = each[each > 0]
    return np.quantile(each, SEAT_PRICES) if len(each) else np.zeros(len(SEAT_PRICES))


def begin(
    problem: Problem, lane: Lane, columns: list[Column], centre: Float64 | None, over: Callable[[], bool]
) -> Generation:
    """Return a column generation that starts from some lines, or from each rider's own way alone."""
    riders = first_duals(problem, lane)
    if centre is not None:
        riders = np.minimum(lane.penalty, 0.7 * riders + 0.3 * centre)
    return Generation(problem=problem, lane=lane, columns=columns, centre=riders, over=over)
