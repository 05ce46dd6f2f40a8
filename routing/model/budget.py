"""The most that a plan may use, whatever it would save."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits of a plan as a whole; the judge checks both.

    Attributes
    ----------
    max_vehicles : int or None
        Most vehicles in use on a day, of all types together. None for no limit.
    max_cost_fen : int or None
        Most money actually spent on a day [fen]: vehicles, distance and time; the riders' effort and the
        price of leaving some out are no money. None for no limit.
    """

    max_vehicles: int | None = None
    max_cost_fen: int | None = None

    def __post_init__(self) -> None:
        if self.max_vehicles is not None and self.max_vehicles < 0:
            raise ValueError("max_vehicles is negative")
        if self.max_cost_fen is not None and self.max_cost_fen < 0:
            raise ValueError("max_cost_fen is negative")


UNLIMITED = Budget()
