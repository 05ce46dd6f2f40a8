"""What callers of the search hand in: when to stop."""

import threading
import time
from dataclasses import dataclass, field
from typing import Protocol


class StoppingCriterion(Protocol):
    """Tells how much of a search is done; the annealing cools with it."""

    def done(self, iterations: int) -> float:
        """Return the share of the search that is over, 0…1, after so many iterations in all; 1 stops it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxRuntime:
    """Stop after some wall-clock time, counted from the first question.

    Attributes
    ----------
    seconds : float
        [s], above zero.
    """

    seconds: float
    _begin: list[float] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ValueError("a search needs some time: seconds must be above zero")

    def done(self, iterations: int) -> float:  # noqa: ARG002 - the protocol's
        """Return the share of the time that has passed."""
        now = time.perf_counter()
        if not self._begin:
            self._begin.append(now)
        return min(1.0, (now - self._begin[0]) / self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxIterations:
    """Stop after a number of iterations; the result then depends on nothing but problem and seed.

    Attributes
    ----------
    iterations : int
        Over all parts of the problem together; at least 1.
    """

    iterations: int

    def __post_init__(self) -> None:
        if self.iterations < 1:
            raise ValueError("a search needs at least one iteration")

    def done(self, iterations: int) -> float:
        """Return the share of the iterations that were run."""
        return min(1.0, iterations / self.iterations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """Stop at once when an event is set, from any thread."""

    event: threading.Event

    def done(self, iterations: int) -> float:  # noqa: ARG002 - the protocol's
        """Return 1 once the event is set."""
        return float(self.event.is_set())


def was_interrupted(stop: StoppingCriterion) -> bool:
    """Tell whether a criterion stopped because somebody asked for it."""
    if isinstance(stop, FirstOf):
        return any(map(was_interrupted, stop.criteria))
    return isinstance(stop, Interrupted) and stop.event.is_set()


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstOf:
    """Stop as soon as the first of several criteria does."""

    criteria: tuple[StoppingCriterion, ...]

    def __post_init__(self) -> None:
        if not self.criteria:
            raise ValueError("give at least one stopping criterion")

    def done(self, iterations: int) -> float:
        """Return the largest share."""
        return max(criterion.done(iterations) for criterion in self.criteria)
