"""The search over one piece of a problem: what is given, what changes, how hot it runs."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    COST,
    COUNT,
    DAY_CLASSES,
    DAYS,
    LEAST_VEHICLES,
    LEAST_WAITING,
    LINE_COUNT,
    MOST_SEATS,
    MOST_VEHICLES,
    ONE_SITE,
    PLACES,
    State,
)
from routing.solver.lines import FoundLine, found_lines
from routing.solver.parts import Part
from routing.solver.restore import restore_best
from routing.solver.state import new_state
from routing.solver.warm import adopt

OPTIONS = np.array([10.0, 25.0, 0.8, 0.01, 30.0, 6.0, 0.4, 0.9, 0.0, 0.03])
"""See `anneal.work`; tuned on the instances of `benchmarks lines` and on the demo, whose far riders need the tries."""
HOT, COLD = 0.12, 0.0006
"""First and last temperature as a share of what an average line costs."""
CYCLES = 1.0
"""How often it cools from the first to the last."""
FLEET_SHARE = 0.6
"""Most of the time that a search for fewest vehicles spends on vehicles before it turns to cost."""


@dataclass(kw_only=True)
class PieceSearch:
    """One annealing: a piece's arrays, its lines, and what a line costs.

    Attributes
    ----------
    line_cost : float
        Of an average line to begin with [fen]: the measure of temperatures.
    most_vehicles : int
        Most that the piece may use.
    fewest : bool
        The search still is for fewest vehicles, whatever they cost.
    turned : float
        Share of the search that was over when it turned to cost.
    """

    problem: Problem
    encoded: Encoded
    state: State
    line_cost: float
    most_vehicles: int
    fewest: bool
    turned: float = 0.0

    def anneal(self, iterations: int, done: float) -> None:
        """Run some iterations at the temperature that belongs to a share of the search done."""
        now = self.state.now
        if self.fewest and done < FLEET_SHARE and now[BEST_VEHICLES] > now[LEAST_VEHICLES]:
            now[MOST_VEHICLES] = min(now[MOST_VEHICLES], now[BEST_VEHICLES] - 1)
            self._work(FLEET, iterations, self._temperature(done / FLEET_SHARE))
            return
        if self.fewest:
            self.fewest = False
            self.turned = min(done, FLEET_SHARE)
            restore_best(self.encoded.given, self.state)
            now[MOST_VEHICLES] = now[BEST_VEHICLES]
            self._work(REPRICE, 1, 0.0)
        share = (done - self.turned) / max(1e-9, 1.0 - self.turned)
        cycles = CYCLES
        self._work(ANNEAL, iterations, self._temperature(share * cycles % 1.0 if share < 1.0 else 1.0))

    def _temperature(self, done: float) -> float:
        return float(self.line_cost * HOT * (COLD / HOT) ** done)

    def finish(self) -> None:
        """Go back to the best lines, close those that may not stay, seat their riders elsewhere."""
        restore_best(self.encoded.given, self.state)
        self.state.now[MOST_VEHICLES] = self.most_vehicles
        self._work(REPRICE, 1, 0.0)
        self._work(FINISH, 1, 0.0)

    def best(self) -> list[FoundLine]:
        """Return the best lines."""
        return found_lines(self.problem, self.encoded, self.state)

    @property
    def riders(self) -> int:
        """Number of riders of the problem in this piece."""
        return len(self.encoded.part.riders)

    @property
    def cost(self) -> float:
        """Cost of the best lines [fen], those who are left out included."""
        return float(self.state.number[BEST_TOTAL])

    @property
    def lines(self) -> int:
        """Lines in use at present."""
        return int(self.state.now[LINE_COUNT])

    @property
    def waiting(self) -> int:
        """Riders without a line at present."""
        return int(self.state.now[BANKED])

    def _work(self, task: int, iterations: int, temperature: float) -> None:
        work(self.encoded.given, self.state, task, iterations, temperature, OPTIONS)


def start(
    problem: Problem,
    part: Part,
    lines: Sequence[FoundLine],
    choices: list[Choice],
    types: tuple[VehicleType, ...],
    seed: int,
    most_vehicles: int | None = None,
) -> PieceSearch:
    """Return a search that begins with some lines, or with lines made greedily where there are none.

    Parameters
    ----------
    most_vehicles : int or None
        Most that the piece may use; those beyond whose riders are fewest are given up at once.
    """
    encoded = encode(problem, part, choices, types)
    state = new_state(encoded.given, seed, len(lines))
    most = int(state.now[MOST_VEHICLES]) if most_vehicles is None else most_vehicles
    state.now[MOST_VEHICLES] = most
    fewest = problem.costs.fewest_vehicles_first
    if lines:
        adopt(encoded, state, lines, OPTIONS)
    if fewest or not lines:
        work(encoded.given, state, CONSTRUCT, 1, 0.0, OPTIONS)
    used = max(1, int(state.now[LINE_COUNT]))
    mean = float(state.costs[state.ledger[:used, ACTIVE], COST].mean())
    waiting = state.seat[: state.now[BANKED], BANK]
    state.now[LEAST_WAITING] = encoded.given.rider[waiting, COUNT].sum()
    state.now[LEAST_VEHICLES] = _least_vehicles(encoded)
    return PieceSearch(problem=problem, encoded=encoded, state=state, line_cost=mean, most_vehicles=most, fewest=fewest)


def _least_vehicles(encoded: Encoded) -> int:
    """Return how many vehicles it takes at least to carry everyone: as seats go, where none is used twice."""
    given = encoded.given
    sites = len(given.kerbs) - int(given.sizes[PLACES])
    if encoded.part.chained or (sites > 1 and not given.sizes[ONE_SITE]):
        return 1
    days = given.rider[:, DAYS, None] >> np.arange(int(given.sizes[DAY_CLASSES])) & 1
    people = int((given.rider[:, COUNT, None] * days).sum(axis=0).max())
    return max(1, -(-people // int(given.sizes[MOST_SEATS])))
