"""What callers of the bound hand in and get back."""

from dataclasses import dataclass
from typing import Protocol


class Stop(Protocol):
    """Tells how much of the work is done; the search's stopping criteria fit."""

    def done(self, iterations: int) -> float:
        """Return the share of the work that is over, 0…1, after so many rounds; 1 stops it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPart:
    """A share of the bound [fen per day] that is proven by itself.

    Attributes
    ----------
    name : str
        The direction it stands for, or ``rounding`` for what the judge's rounding may take off.
    """

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A cost that no plan can undercut.

    Attributes
    ----------
    value : int
        [fen per day]; at most the `cost_fen` of every plan that breaks no rule.
    method : str
        ``closed_form``, or ``column_generation`` where that reached further.
    parts : tuple of BoundPart
        What the value is the sum of, before it is rounded down.
    rounds : int
        Exact pricing rounds that were completed.
    runtime_s : float
        Wall-clock time [s].
    """

    value: int
    method: str
    parts: tuple[BoundPart, ...]
    rounds: int = 0
    runtime_s: float = 0.0
