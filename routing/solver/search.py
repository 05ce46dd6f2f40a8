"""Drive the annealing of all parts: compiled chunks on threads, observed and stopped between them."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from routing.model.result import OnProgress, Progress, Status
from routing.solver.anneal import ANNEAL, CONSTRUCT, FINISH, work
from routing.solver.contract import StoppingCriterion
from routing.solver.encode import Encoded
from routing.solver.layout import BANKED, BEST_TOTAL, COST, LINE_COUNT, Float64, State
from routing.solver.restore import restore_best
from routing.solver.state import new_state

CHUNK = 256
"""Iterations between two looks at the clock, over all parts: some 50 ms."""
OPTIONS = np.array([10.0, 12.0, 0.8, 0.01, 30.0, 2.0, 0.5, 0.9])
"""See `anneal.work`; tuned on the instances of `benchmarks lines`."""
HOT, COLD = 0.12, 0.0006
"""First and last temperature as a share of what an average line costs."""
REPORT_S = 0.2


@dataclass(kw_only=True)
class PartSearch:
    """The search over one part: what is given, what changes, how hot it starts."""

    encoded: Encoded
    state: State
    share: float
    line_cost: float = field(default=0.0)

    def construct(self) -> None:
        """Seat everyone greedily and learn what a line costs."""
        self._work(CONSTRUCT, 1, 0.0)
        lines = max(1, int(self.state.now[LINE_COUNT]))
        active = self.state.index[:, 0][:lines]
        self.line_cost = float(self.state.costs[active, COST].mean())

    def anneal(self, iterations: int, done: float) -> None:
        """Run some iterations at the temperature that belongs to a share of the search done."""
        temperature = self.line_cost * HOT * (COLD / HOT) ** done
        self._work(ANNEAL, iterations, temperature)

    def finish(self) -> None:
        """Go back to the best lines, close those that may not stay, seat their riders elsewhere."""
        restore_best(self.encoded.given, self.state)
        self._work(FINISH, 1, 0.0)

    def _work(self, task: int, iterations: int, temperature: float) -> None:
        work(self.encoded.given, self.state, task, iterations, temperature, OPTIONS)

    @property
    def cost(self) -> Float64:
        """Cost of the best lines [fen], those who are left out included."""
        return self.state.number[BEST_TOTAL]


def prepare(parts: Sequence[Encoded], seed: int) -> list[PartSearch]:
    """Return one search per part, each with random numbers of its own."""
    riders = sum(len(e.part.riders) for e in parts)
    return [
        PartSearch(encoded=e, state=new_state(e.given, seed * 1_000_003 + x), share=len(e.part.riders) / riders)
        for x, e in enumerate(parts)
    ]


def search(
    searches: Sequence[PartSearch], stop: StoppingCriterion, workers: int, on_progress: OnProgress | None
) -> tuple[Status, int]:
    """Anneal all parts until the criterion stops them; return how it ended, and after how many iterations.

    The result depends on the seed and on the iterations alone, not on the workers, unless the
    criterion itself looks at the clock.
    """
    begin = time.perf_counter()
    iterations = 0
    status = Status.FINISHED
    steps = [max(1, round(CHUNK * s.share)) for s in searches]
    reported = -REPORT_S
    try:
        with ThreadPoolExecutor(max(1, workers)) as pool:
            # The clock starts when the kernel is compiled and a first plan stands.
            list(pool.map(PartSearch.construct, searches))
            done = stop.done(0)
            while done < 1.0:
                list(pool.map(lambda job: job[0].anneal(job[1], done), zip(searches, steps, strict=True)))  # noqa: B023
                iterations += sum(steps)
                done = stop.done(iterations)
                elapsed = time.perf_counter() - begin
                if on_progress is not None and (elapsed - reported >= REPORT_S or done >= 1.0):
                    reported = elapsed
                    on_progress(_observe(searches, done, elapsed, iterations))
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    for part in searches:
        part.finish()
    return status, iterations


def _observe(searches: Sequence[PartSearch], done: float, elapsed: float, iterations: int) -> Progress:
    cost = sum(float(s.state.number[BEST_TOTAL]) for s in searches)
    lines = sum(int(s.state.now[LINE_COUNT]) for s in searches)
    waiting = sum(int(s.state.now[BANKED]) for s in searches)
    return Progress(
        phase="search",
        done=done,
        elapsed_s=elapsed,
        iterations=iterations,
        cost_fen=round(cost),
        lines=lines,
        unserved=waiting,
        text=f"{lines} lines, {waiting} riders waiting",
    )
