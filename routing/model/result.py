"""What a search reports while it runs, and what it hands back."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from routing.model.plan import Plan


class Status(StrEnum):
    """How a search ended; ``running`` stands in a plan that was kept before the end."""

    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    RUNNING = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One observation of long work; feeds the log line, the progress bar, the job row and the event stream.

    Attributes
    ----------
    phase : str
        What is being done, as a short noun: ``roads``, ``stops``, ``matrices``, ``search``, ``bound``,
        ``blocks``, ``explain``, ``files``.
    done : float
        Share of the phase, 0…1.
    cost_fen : int or None
        Cost of the incumbent [fen per day], where there is one.
    bound_fen : int or None
        A cost that no plan undercuts [fen per day], where a bound was asked for and as far as it is proven.
    gap : float or None
        (cost − bound) / cost, where both are known.
    """

    phase: str
    done: float
    text: str = ""
    elapsed_s: float = 0.0
    iterations: int = 0
    cost_fen: int | None = None
    lines: int | None = None
    unserved: int | None = None
    bound_fen: int | None = None
    gap: float | None = None


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a solver hands back; costs and violations are the judge's to tell.

    Attributes
    ----------
    lower_bound : int or None
        [fen per day], where a bound was asked for.
    runtime_s : float
        Wall-clock time of the search [s].
    change_price_fen : float or None
        Where only so many people might feel a change: the price of one [fen per day] that kept to it, which is what
        one more would save.
    """

    plan: Plan
    status: Status
    seed: int
    iterations: int
    runtime_s: float
    lower_bound: int | None = None
    change_price_fen: float | None = None
