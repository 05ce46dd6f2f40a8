"""The search over one piece of a problem: what is given, what changes, how hot it runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.solver.anneal import ANNEAL, CONSTRUCT, FINISH, FLEET, REPRICE, work
from routing.solver.choices import Choice
from routing.solver.encode import Encoded, encode
from routing.solver.layout import (
    ACTIVE,
    BANK,
    BANKED,
    BEST_TOTAL,
    BEST_VEHICLES,
    CLOSING,
    COST,
    COUNT,
    DAY_CLASSES,
    DAYS,
    ITERATIONS,
    LEAST_VEHICLES,
    LEAST_WAITING,
    LINE_COUNT,
    MOST_SEATS,
    MOST_VEHICLES,
    MUST_RUN,
    ONE_SITE,
    PLACES,
    PROMISED,
    Float64,
    State,
)
from routing.solver.lines import FoundLine, found_lines
from routing.solver.parts import Part
from routing.solver.restore import restore_best
from routing.solver.state import new_state
from routing.solver.warm import adopt

OPTIONS = np.array([8.0, 25.0, 0.5, 0.01, 30.0, 20.0, 0.4, 0.3, 0.1, 1.0, 0.5])
"""See `anneal.work`; tuned on the instances of `benchmarks lines` and on the demo, whose far riders need the tries."""
LARGER = 3.0
"""By how much ruins are larger where riders have many stops to choose from and walking costs nothing."""
HOT, COLD = 0.12, 0.003
"""First and last temperature as a share of what an average line costs."""
FLEET_SHARE = 0.6
"""Most of the time that a search for fewest vehicles spends on vehicles before it turns to cost."""
ROUND = 60.0
"""Iterations per rider in one annealing; where there is time for more, several are better than a long one."""
MOST_ROUNDS = 10.0
LAST_ROUND = 0.15
"""Share of the time in which the best lines of several rounds are annealed once more, and how hot."""
WARM_AT = 0.4
BEGIN_AT = 0.25
"""Share of the cooling that is left out where a plan runs already, which heat would only undo."""
HOPEFUL = 1.05
"""A number of vehicles is tried again while its best plan costs at most so many times what the best one costs."""


@dataclass(kw_only=True)
class PieceSearch:
    """One annealing, or several in a row: a piece's arrays, its lines, and what a line costs.

    Attributes
    ----------
    line_cost : float
        Of an average line to begin with [fen]: the measure of temperatures.
    most_vehicles : int
        Most that the piece may use.
    fewest : bool
        The search still is for fewest vehicles, whatever they cost.
    options : ndarray of float64
        See `anneal.work`.
    rounds : int
        Annealings in a row, the last and warm one apart; 0 until the pace is known.
    """

    problem: Problem
    encoded: Encoded
    state: State
    line_cost: float
    most_vehicles: int
    fewest: bool
    options: Float64
    rounds: int = 0
    _turned: float = 0.0
    _round: int = 0
    _kept: tuple[float, list[FoundLine]] = (np.inf, [])
    _tried: dict[int, float] = field(default_factory=dict)

    def anneal(self, iterations: int, done: float) -> None:
        """Run some iterations at the temperature that belongs to a share of the search done."""
        now = self.state.now
        if self.fewest and done < FLEET_SHARE and now[BEST_VEHICLES] > now[LEAST_VEHICLES]:
            now[MOST_VEHICLES] = min(now[MOST_VEHICLES], now[BEST_VEHICLES] - 1)
            self._work(FLEET, iterations, self._temperature(done / FLEET_SHARE))
            return
        if self.fewest:
            self._turn_to_cost(done)
        share = (done - self._turned) / max(1e-9, 1.0 - self._turned)
        if not self.rounds and share > 0.01:
            expected = now[ITERATIONS] * (1.0 - self._turned) / max(1e-9, done)
            self.rounds = int(min(MOST_ROUNDS, max(1.0, expected / (ROUND * self.riders))))
        share = self._progress(share)
        if self.encoded.given.sizes[PROMISED]:
            share = BEGIN_AT + (1.0 - BEGIN_AT) * share
        self._work(ANNEAL, iterations, self._temperature(share))

    def _progress(self, share: float) -> float:
        """Return how far the present annealing is, having begun the next one where it is time."""
        if self.rounds < 2:
            return share
        span = (1.0 - LAST_ROUND) / self.rounds
        number = min(int(share / span), self.rounds)
        if number > self._round:
            self._round = number
            self._begin_round(last=number == self.rounds)
        if number == self.rounds:
            return WARM_AT + (1.0 - WARM_AT) * (share - 1.0 + LAST_ROUND) / LAST_ROUND
        return share / span - number

    def _begin_round(self, *, last: bool) -> None:
        """Put the best lines aside and anneal again."""
        now = self.state.now
        cap, cost = int(now[MOST_VEHICLES]), float(self.state.number[BEST_TOTAL])
        used = int(now[BEST_VEHICLES])
        self._tried[used] = min(cost, self._tried.get(used, np.inf))
        if used < cap < self.most_vehicles:
            self._tried.setdefault(cap, np.inf)
        if cost < self._kept[0]:
            self._kept = (cost, self.best())
        priced = not self.problem.costs.fewest_vehicles_first
        if last:
            now[MOST_VEHICLES] = self.most_vehicles if priced else cap
            adopt(self.encoded, self.state, self._kept[1], OPTIONS)
            return
        if priced:
            now[MOST_VEHICLES] = self._next_cap()
        self._work(REPRICE, 1, 0.0)

    def _next_cap(self) -> int:
        """Return how many vehicles the next round may use: as many as did best, or one fewer by turns."""
        best = min(self._tried, key=lambda n: self._tried[n])
        hopeful = self._tried.get(best - 1, 0.0) < HOPEFUL * self._tried[best]
        fewer = best > 1 and hopeful and (self._round % 2 == 1 or best - 1 not in self._tried)
        return best - 1 if fewer else best

    def _turn_to_cost(self, done: float) -> None:
        """Keep the vehicles as few as they are, and save cost from now on."""
        self.fewest = False
        self._turned = min(done, FLEET_SHARE)
        restore_best(self.encoded.given, self.state)
        self.state.now[MOST_VEHICLES] = self.state.now[BEST_VEHICLES]
        self._work(REPRICE, 1, 0.0)

    def _temperature(self, done: float) -> float:
        return float(self.line_cost * HOT * (COLD / HOT) ** done)

    def finish(self) -> None:
        """Go back to the best lines, close those that may not stay, seat their riders elsewhere."""
        self.state.now[MOST_VEHICLES] = self.most_vehicles
        if self._kept[0] < self.state.number[BEST_TOTAL]:
            adopt(self.encoded, self.state, self._kept[1], OPTIONS)
        restore_best(self.encoded.given, self.state)
        self._work(REPRICE, 1, 0.0)
        self._work(FINISH, 1, 0.0)

    def best(self) -> list[FoundLine]:
        """Return the best lines."""
        if self._kept[0] < self.state.number[BEST_TOTAL]:
            return self._kept[1]
        return found_lines(self.problem, self.encoded, self.state)

    @property
    def riders(self) -> int:
        """Number of riders of the problem in this piece."""
        return len(self.encoded.part.riders)

    @property
    def cost(self) -> float:
        """Cost of the best lines [fen], those who are left out included."""
        return min(self._kept[0], float(self.state.number[BEST_TOTAL]))

    @property
    def lines(self) -> int:
        """Lines in use at present."""
        return int(self.state.now[LINE_COUNT])

    @property
    def waiting(self) -> int:
        """Riders without a line at present."""
        return int(self.state.now[BANKED])

    def _work(self, task: int, iterations: int, temperature: float) -> None:
        work(self.encoded.given, self.state, task, iterations, temperature, self.options)


def start(
    problem: Problem,
    part: Part,
    lines: Sequence[FoundLine],
    choices: list[Choice],
    types: tuple[VehicleType, ...],
    seed: int,
    most_vehicles: int | None = None,
    *,
    several_rounds: bool = True,
) -> PieceSearch:
    """Return a search that begins with some lines, or with lines made greedily where there are none.

    Parameters
    ----------
    most_vehicles : int or None
        Most that the piece may use; those beyond whose riders are fewest are given up at once.
    several_rounds : bool
        The whole search is this one's, so that it may begin anew where there is time.
    """
    encoded = encode(problem, part, choices, types)
    state = new_state(encoded.given, seed, len(lines) + len(encoded.kept))
    state.ledger[: len(encoded.kept), CLOSING] = encoded.kept.closing
    state.ledger[: len(encoded.kept), MUST_RUN] = encoded.kept.must_run
    most = int(state.now[MOST_VEHICLES]) if most_vehicles is None else most_vehicles
    state.now[MOST_VEHICLES] = most
    fewest = problem.costs.fewest_vehicles_first
    if lines:
        adopt(encoded, state, lines, OPTIONS)
    if fewest or not lines:
        work(encoded.given, state, CONSTRUCT, 1, 0.0, OPTIONS)
    used = max(1, int(state.now[LINE_COUNT]))
    rows = state.ledger[:used, ACTIVE]
    mean = float((state.costs[rows, COST] + np.maximum(0, state.ledger[rows, CLOSING])).mean())
    waiting = state.seat[: state.now[BANKED], BANK]
    state.now[LEAST_WAITING] = encoded.given.rider[waiting, COUNT].sum()
    state.now[LEAST_VEHICLES] = _least_vehicles(encoded)
    return PieceSearch(
        problem=problem,
        encoded=encoded,
        state=state,
        line_cost=mean,
        most_vehicles=most,
        fewest=fewest,
        options=_options(problem, encoded),
        rounds=0 if several_rounds and problem.changes is None else 1,
    )


def _options(problem: Problem, encoded: Encoded) -> Float64:
    """Return how to ruin and recreate: more at a time where one stop does as well as another."""
    options = OPTIONS.copy()
    if not problem.costs.walk and len(encoded.given.option) > 2 * len(encoded.given.rider):
        options[:2] *= LARGER
    return options


def _least_vehicles(encoded: Encoded) -> int:
    """Return how many vehicles it takes at least to carry everyone: as seats go, where none is used twice."""
    given = encoded.given
    sites = len(given.kerbs) - int(given.sizes[PLACES])
    if encoded.part.chained or (sites > 1 and not given.sizes[ONE_SITE]):
        return 1
    days = given.rider[:, DAYS, None] >> np.arange(int(given.sizes[DAY_CLASSES])) & 1
    people = int((given.rider[:, COUNT, None] * days).sum(axis=0).max())
    return max(1, -(-people // int(given.sizes[MOST_SEATS])))
