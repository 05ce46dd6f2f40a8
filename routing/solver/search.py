"""Drive the annealing of all parts: compiled chunks on threads, observed and stopped between them."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from copy import deepcopy
from dataclasses import dataclass, field, replace

from routing.model.budget import UNLIMITED
from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.model.result import OnProgress, Progress, Status
from routing.solver.budget import NO_LEVY, Levy, raise_levy
from routing.solver.choices import Choice
from routing.solver.contract import StoppingCriterion, was_interrupted
from routing.solver.divide import PIECE, divide
from routing.solver.fleet import may_be_scarce, reprice
from routing.solver.limit import ChangeLimit, keeps_limit
from routing.solver.lines import FoundLine
from routing.solver.parts import Part
from routing.solver.piece import PieceSearch, start

CHUNK = 256
"""Iterations between two looks at the clock, over all pieces: some 30 ms."""
LONG_CHUNK, CHUNK_SHARE = 2_048, 0.125
"""The same at most where there are several pieces, and as a share of all iterations so far: every turn to another piece
reads its tables into the cache anew, which in short turns takes longer than the search."""
STAGES = (0.2, 0.4, 0.55, 0.7, 0.85, 1.0)
"""Shares of the search at which large parts are divided anew; the last stage sees them whole."""
LIMITED = (0.14, 0.28, 0.42, 0.56, 0.7, 0.82, 0.92, 0.96, 1.0)
"""The same where a limit on changes must be kept, each with a price of its own; the last ones see parts whole."""
WHOLE = 0.9
"""Share of the search from which large parts are seen whole where a limit must be kept."""
PUT_BACK, SHORT = 6, 0.02
"""Stages more, at most, while too many feel a change, and their share of the iterations before."""
REPORT_S = 0.2
KEEP_S = 10.0
"""Seconds between two looks at the best lines so far, by those who keep them safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tail:
    """Some iterations more at the end of a search, as cold as that."""

    iterations: int

    def done(self, iterations: int) -> float:
        """Return the share of the whole search."""
        return WHOLE + (1.0 - WHOLE) * min(1.0, iterations / self.iterations)


@dataclass
class Search:
    """One run over all parts of a problem.

    Attributes
    ----------
    lines : list of list of FoundLine
        Per part the lines to begin with, and in the end the best.
    alone : bool
        There is one stage, in which the pieces may anneal several times.
    surcharges : list of float
        What a vehicle of each type costs more [fen] while there are too few of them.
    levy : Levy
        What all vehicles cost more while the budget is broken.
    limit : ChangeLimit or None
        What a change costs, where only so many people may feel one.
    divisions : int or None
        Stages at most, where no limit on changes asks for more.
    on_lines : callable or None
        Given the best lines so far as soon as there are any, then every `KEEP_S`; the search goes on as
        if it had not been asked.
    """

    problem: Problem
    parts: Sequence[Part]
    choices: list[Choice]
    types: tuple[VehicleType, ...]
    stop: StoppingCriterion
    seed: int
    on_progress: OnProgress | None
    lines: list[list[FoundLine]]
    on_lines: Callable[[list[FoundLine]], None] | None = None
    surcharges: list[float] = field(default_factory=list)
    levy: Levy = NO_LEVY
    limit: ChangeLimit | None = None
    divisions: int | None = None
    iterations: int = 0
    alone: bool = True
    _begin: float = field(default_factory=time.perf_counter)
    _reported: float = -REPORT_S
    _keep_at: float = 0.0

    def run(self, workers: int) -> Status:
        """Anneal until the criterion stops it; return how it ended.

        The result depends on the seed and on the iterations alone, not on the workers, unless the
        criterion itself looks at the clock.
        """
        if not self.parts:
            return Status.FINISHED
        # Vehicles are saved over a whole part at once, or not at all.
        fewest = self.problem.costs.fewest_vehicles_first
        large = not fewest and any(len(part.riders) >= 1.5 * PIECE for part in self.parts)
        self.surcharges = [0.0] * len(self.types)
        limited = self.problem.budget != UNLIMITED or may_be_scarce(self.problem)
        stages = STAGES[-(self.divisions or len(STAGES)) :] if large or limited else STAGES[-1:]
        if keeps_limit(self.problem):
            self.limit, stages = ChangeLimit(problem=self.problem, types=self.types), LIMITED
            self.problem = self.limit.priced
        self.alone = len(stages) == 1
        status = Status.FINISHED
        with ThreadPoolExecutor(max(1, workers)) as pool:
            try:
                for number, until in enumerate(stages):
                    if self._stage(pool, number, until) >= 1.0:
                        break
                    self.surcharges = reprice(self.problem, self.all_lines(), self.types, self.surcharges)
                    self.levy = raise_levy(self.problem, self.all_lines(), self.types, self.levy)
                    self._look(until)
            except KeyboardInterrupt:
                status = Status.INTERRUPTED
            self._finish(pool)
            self._keep_limit(pool)
        return Status.INTERRUPTED if was_interrupted(self.stop) else status

    def _look(self, done: float) -> None:
        """Set the price of a change by how many people feel one."""
        if self.limit is not None:
            self.limit.look(self.lines, done)
            self.problem = self.limit.priced

    def _keep_limit(self, pool: ThreadPoolExecutor) -> None:
        """Put those back whose change saves least, until no more people feel one than may."""
        if self.limit is None:
            return
        whole, ran = self.stop, self.iterations
        self._look(1.0)
        for turn in range(0 if was_interrupted(whole) else PUT_BACK):
            if self.limit.holds:
                break
            self.stop, self.iterations = _Tail(iterations=max(1, round(SHORT * ran))), 0
            self._stage(pool, len(LIMITED) + 1 + turn, 1.0)
            ran += self.iterations
            self._look(1.0)
        self.stop, self.iterations = whole, ran
        self.lines = self.limit.best(self.lines)

    def all_lines(self) -> list[FoundLine]:
        """Return the lines of all parts."""
        return [line for part in self.lines for line in part]

    def _stage(self, pool: ThreadPoolExecutor, number: int, until: float) -> float:
        """Search pieces side by side up to a share of the whole, and gather their lines; return the share done."""
        owner, searches = self._start(pool, number, whole=until >= (1.0 if self.limit is None else WHOLE))
        riders = sum(s.riders for s in searches)
        try:
            self._show_lines(pool, searches)
            # The clock starts when the kernel is compiled and a first plan stands.
            done = self.stop.done(self.iterations)
            while done < until:
                chunk = CHUNK if len(searches) < 2 else min(LONG_CHUNK, max(CHUNK, self.iterations * CHUNK_SHARE))
                steps = [max(1, round(chunk * s.riders / riders)) for s in searches]
                _await([pool.submit(s.anneal, n, done) for s, n in zip(searches, steps, strict=True)])
                self.iterations += sum(steps)
                done = self.stop.done(self.iterations)
                self._observe(searches, done)
                if done < 1.0:
                    self._show_lines(pool, searches)
            if self.limit is not None and until >= WHOLE:
                # Closing a line disturbs all of its riders: the price must know of it in time.
                _await([pool.submit(s.finish) for s in searches])
        finally:
            self._gather(owner, searches)
        return done

    def _start(self, pool: ThreadPoolExecutor, number: int, *, whole: bool) -> tuple[list[int], list[PieceSearch]]:
        owner, pieces = [], []
        for x, part in enumerate(self.parts):
            turn = self.seed * 1_009 + number
            found = [(part, self.lines[x])] if whole else divide(self.problem, part, self.lines[x], turn)
            owner += [x] * len(found)
            pieces += found
        most = self.problem.budget.max_vehicles if whole else None
        jobs = [pool.submit(self._start_piece, *piece, number * 10_007 + x, most) for x, piece in enumerate(pieces)]
        return owner, [job.result() for job in jobs]

    def _start_piece(self, part: Part, lines: list[FoundLine], turn: int, most_vehicles: int | None) -> PieceSearch:
        seed = self.seed * 1_000_003 + turn
        types = tuple(self.levy.on(t, more) for t, more in zip(self.types, self.surcharges, strict=True))
        return start(self.problem, part, lines, self.choices, types, seed, most_vehicles, several_rounds=self.alone)

    def _gather(self, owner: list[int], searches: list[PieceSearch]) -> None:
        lines: list[list[FoundLine]] = [[] for _ in self.parts]
        for x, search in zip(owner, searches, strict=True):
            # Pieces number their vehicles by themselves.
            before = 1 + max((line.vehicle for line in lines[x]), default=-1)
            lines[x] += [
                line if line.vehicle < 0 else replace(line, vehicle=line.vehicle + before) for line in search.best()
            ]
        self.lines = lines

    def _finish(self, pool: ThreadPoolExecutor) -> None:
        """Close the lines that may not stay, over whole parts."""
        owner, searches = self._start(pool, len(STAGES), whole=True)
        _await([pool.submit(s.finish) for s in searches])
        self._gather(owner, searches)

    def _show_lines(self, pool: ThreadPoolExecutor, searches: Sequence[PieceSearch]) -> None:
        """Hand out the best lines so far, closed as at the end, from a copy of what changes."""
        if self.on_lines is None or time.perf_counter() < self._keep_at:
            return
        copies = [replace(s, state=deepcopy(s.state)) for s in searches]
        _await([pool.submit(s.finish) for s in copies])
        self.on_lines([line for s in copies for line in s.best()])
        self._keep_at = time.perf_counter() + KEEP_S

    def _observe(self, searches: Sequence[PieceSearch], done: float) -> None:
        elapsed = time.perf_counter() - self._begin
        if self.on_progress is None or (elapsed - self._reported < REPORT_S and done < 1.0):
            return
        self._reported = elapsed
        lines, waiting = sum(s.lines for s in searches), sum(s.waiting for s in searches)
        self.on_progress(
            Progress(
                phase="search",
                done=done,
                elapsed_s=elapsed,
                iterations=self.iterations,
                cost_fen=round(sum(s.cost for s in searches)),
                lines=lines,
                unserved=waiting,
                text=f"{lines} lines, {waiting} riders waiting",
            )
        )


def _await(jobs: Sequence[Future[None]]) -> None:
    """Wait for all jobs, even when interrupted: their lines are read next, and must not change meanwhile."""
    try:
        for job in jobs:
            job.result()
    finally:
        wait(jobs)
