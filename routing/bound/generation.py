"""Column generation for one direction: prices rise until no line is worth less than it costs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from routing.bound.asks import Float64
from routing.bound.columns import Column
from routing.bound.lane import Lane, Tail, first_duals
from routing.bound.master import best_prices
from routing.bound.pricer import WIDE, WIDTH, Pricer, make_pricer
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM

ENOUGH_COLUMNS, MOST_COLUMNS = 60, 3_000
NEGLIGIBLE_FEN = 20.0
"""A tail is not priced by itself if that could raise a reduced cost by no more."""
FIRST_SIZE, LEAST_SIZE, LARGEST_SIZE = 0.1, 0.002, 0.3
DONE = 1e-4
"""The share of the bound that lines not yet priced could still add, below which all ends."""
ROUGH, ROUGH_SIZE = 0.035, 0.03
"""The same share, and the size of the box, below which lines are priced more exactly."""
REFINED_SIZE, DEARER = 0.05, 1.03
"""The box then, and by how much lines are dearer than they seemed before."""
ENOUGH_GAIN = 0.7
"""The share of the promise that a step goes for; proving the last of it takes most of the pricings."""


@dataclass(slots=True, kw_only=True)
class Generation:
    """The state of one direction's column generation.

    Attributes
    ----------
    pricers : tuple of Pricer
        The same lines, priced more and more exactly at more and more effort. The first begins alone; later each tells
        which tails the next need not price.
    centre : ndarray of float64
        [fen] the prices about which better ones are sought.
    best : float
        [fen] the highest bound proven so far.
    rounds : int
        Pricings of all lines that were completed.
    size : float
        Half the box about the centre, as a share of it.
    rough : bool
        Whether the first pricer is the only one in use.
    guesses : list of Column
        Lines of the first pricer, at about what they cost by the others; left aside in the end.
    """

    lane: Lane
    pricers: tuple[Pricer, ...]
    columns: list[Column]
    centre: Float64
    over: Callable[[], bool]
    best: float = 0.0
    rounds: int = 0
    size: float = FIRST_SIZE
    rough: bool = True
    guesses: list[Column] = field(default_factory=list)

    def run(self) -> Iterator[float]:
        """Yield the best bound [fen] after each step; end when no line is left that the prices do not pay for."""
        self._step(self.centre, np.inf)
        yield self.best
        while not self.over():
            columns = self.columns + self.guesses
            prices, promise = best_prices(self.lane.penalty, columns, self.centre, self.size, self._lines())
            reached = promise <= self.best * (1 + DONE)
            if self.rough and (self.size < ROUGH_SIZE or promise <= self.best * (1 + ROUGH)):
                self._refine()
            elif self.size <= LEAST_SIZE or (reached and self.size == LARGEST_SIZE):
                if not self.guesses:
                    return
                self.guesses, self.size = [], REFINED_SIZE
            elif self._step(prices, self.best + ENOUGH_GAIN * max(0.0, promise - self.best)):
                self.centre, self.size = prices, min(LARGEST_SIZE, self.size * 1.5)
            else:
                self.size = LARGEST_SIZE if reached else self.size * 0.8
            yield self.best

    def _refine(self) -> None:
        """Go on with all pricers, by which lines cost more."""
        self.rough, self.size = False, REFINED_SIZE
        self.guesses, self.columns = [replace(one, cost=one.cost * DEARER) for one in self.columns], []
        self._step(self.centre, np.inf)

    def _step(self, prices: Float64, target: float) -> bool:
        """Price all lines, and tell whether that proved more than before; more than a target [fen] is not sought."""
        value, found = self._price(prices, target)
        self.columns += found
        if len(self.columns) > MOST_COLUMNS:
            cost = [one.reduced_cost(self.centre) for one in self.columns]
            self.columns = [self.columns[i] for i in np.argsort(cost)[: MOST_COLUMNS // 2]]
        better = value > self.best
        self.best = max(self.best, value)
        return better

    def _lines(self) -> float:
        """Return about how many lines there are."""
        people = float(self.lane.counted.sum())
        return max(1.0, 1.2 * people / float(np.mean([t.seats for t in self.lane.types])))

    def _price(self, prices: Float64, target: float) -> tuple[float, list[Column]]:
        """Return the bound [fen] that prices prove, and lines of negative reduced cost.

        It is broken off, proving nothing, where it cannot pass the best bound any more or the time is over.
        """
        lane, value = self.lane, min(target, float(prices.sum()))
        found: list[Column] = []
        priced: list[tuple[int, Tail, float]] = []
        tasks = [(kind, t) for t in range(len(lane.tails)) for kind in reversed(range(len(lane.types)))]
        for kind, t in sorted(tasks, key=self._last):
            if self.over():
                return 0.0, found
            implied = self._implied(priced, kind, lane.tails[t])
            least, lines = self._price_one(prices, (kind, t), implied, self.allowed(prices, kind, value))
            priced.append((kind, lane.tails[t], least))
            value = min(value, self.proven(prices, kind, least))
            found += lines
            if len(found) >= ENOUGH_COLUMNS and value <= self.best:
                return 0.0, found
        self.rounds += 1
        return value, found

    def _price_one(
        self, prices: Float64, task: tuple[int, int], implied: float, allowed: float
    ) -> tuple[float, list[Column]]:
        """Return the least reduced cost [fen] of lines with a tail, or any that is less but allowed, and lines."""
        pricers = self.pricers[:1] if self.rough else self.pricers
        least = max(implied, *(pricer.remembered(prices, *task) for pricer in pricers))
        lines: list[Column] = []
        for pricer in pricers:
            if least >= allowed - NEGLIGIBLE_FEN:
                return least, []
            value, lines = pricer.price(prices, *task)
            least = max(least, value)
        return least, lines

    def _last(self, task: tuple[int, int]) -> float:
        return max(pricer.last(*task) for pricer in self.pricers)

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

    def proven(self, prices: Float64, kind: int, least: float) -> float:
        """Return the bound [fen] that the least reduced cost of a vehicle type proves.

        Scaled down until no line has a negative reduced cost, the prices are a solution of the dual
        (A. A. Farley, A note on bounding a class of linear programming problems, Operations Research
        38(5), 1990, doi:10.1287/opre.38.5.922): a line costs at least its vehicle and its shortest way.
        """
        cost = self._least_cost(kind)
        if least == -np.inf or (least < 0 and cost <= 0):
            return 0.0
        return float(prices.sum() * (cost / (cost - least) if least < 0 else 1.0))

    def allowed(self, prices: Float64, kind: int, value: float) -> float:
        """Return the least reduced cost [fen] of a vehicle type that still proves a bound [fen]."""
        total = float(prices.sum())
        return self._least_cost(kind) * (1 - total / value) if 0 < value < total else 0.0

    def _least_cost(self, kind: int) -> float:
        type_, lane = self.lane.types[kind], self.lane
        per_metre, per_second = type_.distance_cost / METRES_PER_KM, type_.time_cost / HOUR_S
        ways = [(lane.near_metres[w].min(), lane.near_seconds[w].min()) for w in lane.near_metres]
        return type_.fixed_cost * lane.part + float(min(per_metre * m + per_second * s for m, s in ways))


def begin(
    problem: Problem, lanes: Sequence[Lane], columns: list[Column], centre: Float64 | None, over: Callable[[], bool]
) -> Generation:
    """Return a column generation that starts from some lines, or from each rider's own way alone.

    Parameters
    ----------
    lanes : sequence of Lane
        The same lane with more and more gates.
    """
    riders = first_duals(problem, lanes[0])
    if centre is not None:
        riders = np.minimum(lanes[0].penalty, 0.7 * riders + 0.3 * centre)
    widths = [(lanes[0], WIDTH), *((lane, width) for lane in lanes[1:] for width in (WIDTH, WIDE))]
    pricers = tuple(make_pricer(problem, lane, width) for lane, width in widths)
    return Generation(lane=lanes[0], pricers=pricers, columns=columns, centre=riders, over=over, rough=len(pricers) > 1)
