"""What a running plan has promised its riders, what breaking a promise costs, and what must not move at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from routing.model.plan import Plan

FELT_S = 300
"""A departure that moves by more than this [s] is a change that riders feel."""

Departures = Mapping[tuple[str, str], int]
"""Clock time [s] at which a trip (first key) leaves a stop (second key)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCosts:
    """Prices of the changes a rider feels [fen per person and day]; half in one direction of two.

    None is an infinite price: such a change is forbidden.

    Attributes
    ----------
    other_stop : int or None
        Another stop near home.
    other_line : int or None
        Another line, or none at all any more.
    retimed : int or None
        A departure that moves by more than the tolerance.
    line_closed : int or None
        The rider's line runs no more; on top of the other line.
    tolerance_s : int
        By how much [s] a departure may move unfelt.
    """

    other_stop: int | None = 300
    other_line: int | None = 300
    retimed: int | None = 300
    line_closed: int | None = 0
    tolerance_s: int = FELT_S

    def __post_init__(self) -> None:
        if any(value is not None and value < 0 for value in self.prices):
            raise ValueError("the price of a change is negative")
        if self.tolerance_s < 0:
            raise ValueError("tolerance_s is negative")

    @property
    def prices(self) -> tuple[int | None, ...]:
        """The four prices, in the order of the fields."""
        return tuple(getattr(self, f.name) for f in fields(self) if f.name != "tolerance_s")

    @classmethod
    def flat(cls, fen: int | None, *, tolerance_s: int = FELT_S) -> "ChangeCosts":
        """Return the same price for stop, line and departure; None forbids every change."""
        closed = None if fen is None else 0
        return cls(other_stop=fen, other_line=fen, retimed=fen, line_closed=closed, tolerance_s=tolerance_s)


DEFAULT_COSTS = ChangeCosts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """What the planner froze, by id.

    Attributes
    ----------
    lines : frozenset of str
        Lines whose trips keep their stops, times and vehicle types, and whose riders stay.
    trips : frozenset of str
        Trips that keep their stops, times and vehicle type.
    stops : frozenset of str
        Stops whose riders keep them.
    vehicle_types : frozenset of str
        Lines whose trips keep their vehicle type.
    riders : frozenset of str
        Riders who keep stop, trip and departure.
    """

    lines: frozenset[str] = frozenset()
    trips: frozenset[str] = frozenset()
    stops: frozenset[str] = frozenset()
    vehicle_types: frozenset[str] = frozenset()
    riders: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(self))


NO_PINS = Pins()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A running plan, and what it costs to depart from it.

    Attributes
    ----------
    running : Plan
        What riders have now.
    departures : mapping
        When its trips leave their stops [s], as published; a departure that is not in it was not promised.
    max_changed_riders : int or None
        Most people who may feel a change. None for no limit.
    """

    running: Plan
    departures: Departures
    costs: ChangeCosts = DEFAULT_COSTS
    pins: Pins = NO_PINS
    max_changed_riders: int | None = None
    _lines: frozenset[str] = field(init=False, repr=False, compare=False)
    _held: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.max_changed_riders is not None and self.max_changed_riders < 0:
            raise ValueError("max_changed_riders is negative")
        object.__setattr__(self, "_lines", frozenset(line.line_id for line in self.running.lines))
        held = (line for line, trip in self.running.trips() if trip.trip_id in self.pins.trips)
        object.__setattr__(self, "_held", frozenset(x.line_id for x in held) | (self.pins.lines & self._lines))

    def must_run(self, line_id: str) -> bool:
        """Tell whether a line runs already and may not be closed: it needs no riders to open."""
        frozen = self.costs.other_line is None or self.costs.line_closed is None
        return (frozen and line_id in self._lines) or line_id in self._held
