"""What a simulation tells: figures of each trip and of the whole plan."""

from dataclasses import asdict, dataclass

from routing.model.demand import Direction

CROWDED = 0.9
"""Share of seats from which a run counts as crowded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TripDays:
    """What became of one trip over the simulated days.

    Attributes
    ----------
    runs : int
        Days on which anybody was expected, so that the trip ran.
    on_time : float
        Share of runs that were not later than their window at any worksite.
    on_time_promised : float
        The same as the judge computes it: without waiting at stops and without what earlier trips carry over.
    delay_p95_s : int
        95 % of runs reach (outbound: leave) their worksites no later than this after the plan [s].
    load_factor, load_factor_p90 : float
        People boarding over seats: mean, and what 90 % of runs stay below.
    crowded : float
        Share of runs with a segment on which at least `CROWDED` of the seats are taken.
    below_min_load : float
        Share of runs that carry fewer people than it takes to open a trip.
    """

    trip_id: str
    line_id: str
    direction: Direction
    runs: int
    on_time: float
    on_time_promised: float
    delay_p95_s: int
    load_factor: float
    load_factor_p90: float
    crowded: float
    below_min_load: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What became of a plan over the simulated days; shares are of runs unless said.

    Attributes
    ----------
    on_time_riders : float
        Share of people expected whose trip was not late at their worksite.
    no_show : float
        Share of people expected who stayed away.
    """

    days: int
    seed: int
    runs: int
    on_time: float
    on_time_promised: float
    on_time_riders: float
    worst_trip_on_time: float
    delay_p95_s: int
    no_show: float
    load_factor: float
    load_factor_p10: float
    load_factor_p90: float
    crowded: float
    overfull: float
    below_min_load: float
    trips: tuple[TripDays, ...]

    def summary(self) -> dict[str, object]:
        """Return the figures of the whole plan, without its trips."""
        return {key: value for key, value in asdict(self).items() if key != "trips"}
