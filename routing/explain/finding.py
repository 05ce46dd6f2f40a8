"""What was found for one rider: a remedy that the judge has checked, in words and numbers."""

from dataclasses import dataclass

from routing.explain.remedy import Remedy
from routing.model.demand import Direction
from routing.model.plan import Assignment, Relaxation

UNITS = {
    "price": "fen",
    "walk": "m",
    "seats": "seats",
    "stops": "stops",
    "ride": "s",
    "detour": "s",
    "trip": "s",
    "shift": "s",
    "neighbours": "riders",
    "vehicles": "vehicles",
    "money": "fen",
}

MOST_NEEDS = 2
"""Limits that may give at once: with more, there is no smallest change to speak of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One checked way to serve a rider.

    Attributes
    ----------
    kind : str
        Which promise gives; ``price`` where none does.
    amount : int
        By how much, in the unit of the kind.
    share : float
        The amount as a share of the promise, by which kinds are weighed against one another; with that of
        ``also``, where there is one.
    also : tuple of (str, int)
        Kinds and amounts of what must give besides, where the first alone would not do.
    extra_fen : int
        What the day costs more than with the rider left out [fen]; may be negative.
    seats : tuple of Assignment
        The rider's seats.
    opens : bool
        Tells whether the trips are those of a new line.
    remedy : Remedy
        The change itself; applied, it breaks no rule anew.
    """

    kind: str
    amount: int
    share: float
    text: str
    seats: tuple[Assignment, ...]
    remedy: Remedy
    extra_fen: int = 0
    opens: bool = False
    also: tuple[tuple[str, int], ...] = ()

    def relaxation(self, direction: Direction) -> Relaxation:
        """Return the finding as it stands in a plan, with the trip and stop of one direction."""
        seat = next((s for s in self.seats if s.direction is direction), None)
        return Relaxation(
            kind=self.kind,
            amount=self.amount,
            unit=UNITS[self.kind],
            text=self.text,
            trip_id=None if seat is None or self.opens else seat.trip_id,
            board_stop_id=None if seat is None else seat.board_stop_id,
            also=next((_besides(kind, amount) for kind, amount in self.also), None),
        )


def _besides(kind: str, amount: int) -> Relaxation:
    return Relaxation(kind=kind, amount=amount, unit=UNITS[kind], text=f"{kind}: {amount} {UNITS[kind]} besides.")


def dearer(fen: int) -> str:
    """Return how a cost compares, for a sentence."""
    return f"{abs(fen) / 100:,.2f} yuan a day {'more' if fen > 0 else 'less'}"
