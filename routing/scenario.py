"""What happens to a given problem: each modification makes a new one, so that the same flow answers every what-if."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.model.travel import Int32, TravelMatrix

_FINEST = 1_000_000_000
"""Largest denominator of a factor: its products with seconds fit into 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakVehicle:
    """A vehicle of a type is missing in a depot."""

    vehicle_type_id: str
    depot_id: str

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with a vehicle less.

        Raises
        ------
        ValueError
            When none stands there.
        """
        fleet = list(problem.fleet)
        for x, item in enumerate(fleet):
            if (item.vehicle_type_id, item.depot_id) == (self.vehicle_type_id, self.depot_id) and item.available:
                fleet[x] = replace(item, available=item.available - 1)
                return replace(problem, fleet=tuple(fleet))
        raise ValueError(f"no vehicle of type {self.vehicle_type_id} stands in depot {self.depot_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseStop:
    """No vehicle may halt at a stop."""

    stop_id: str

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the stop forbidden.

        Raises
        ------
        ValueError
            When there is no such stop.
        """
        if all(stop.stop_id != self.stop_id for stop in problem.stops):
            raise ValueError(f"there is no stop {self.stop_id}")
        stops = (
            replace(stop, status=StopStatus.FORBIDDEN) if stop.stop_id == self.stop_id else stop
            for stop in problem.stops
        )
        return replace(problem, stops=tuple(stops))


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseWorksite:
    """Nobody travels to a worksite."""

    worksite_id: str

    def apply(self, problem: Problem) -> Problem:
        """Return the problem without the worksite's riders.

        Raises
        ------
        ValueError
            When there is no such worksite.
        """
        if all(site.worksite_id != self.worksite_id for site in problem.worksites):
            raise ValueError(f"there is no worksite {self.worksite_id}")
        return with_riders(problem, [x for x, r in enumerate(problem.riders) if r.worksite_id != self.worksite_id])


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowRoads:
    """Driving takes so many times as long, everywhere.

    Attributes
    ----------
    period : str or None
        In one period of the day; in all of them by default.
    """

    factor: float
    period: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.factor < math.inf:
            raise ValueError("factor multiplies driving times: above 0")

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with slower, or faster, roads; shortest ways stay the shortest.

        Raises
        ------
        ValueError
            When there is no such period, or a drive would take longer than can be told.
        """
        if self.period is not None and all(period.name != self.period for period in problem.periods):
            raise ValueError(f"there is no period {self.period}")
        travel = (
            TravelMatrix(duration=_multiplied(matrix.duration, self.factor), distance=matrix.distance)
            if self.period in {None, period.name}
            else matrix
            for matrix, period in zip(problem.travel, problem.periods, strict=True)
        )
        return replace(problem, travel=tuple(travel))


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """Driving takes other times: a road is closed, or a bridge is open again.

    Attributes
    ----------
    travel : tuple of TravelMatrix
        Between the same nodes as before, one per period.
    """

    travel: tuple[TravelMatrix, ...]

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with these driving times.

        Raises
        ------
        ValueError
            When they do not fit its periods and nodes.
        """
        return replace(problem, travel=self.travel)


def _multiplied(seconds: Int32, factor: float) -> Int32:
    """Return whole seconds times a factor, rounded up.

    Exactly, as a fraction: 1.1 times 50 s are 55 s. With the float product, which is a little more, the sum of two
    drives could become shorter than the drive over both, and shortest ways would stay shortest no more.
    """
    exact = Fraction(factor).limit_denominator(_FINEST)
    if int(seconds.max(initial=0)) * exact > np.iinfo(np.int32).max:
        raise ValueError(f"{factor} times as long is longer than any drive can take")
    whole = -(-seconds.astype(np.int64) * exact.numerator // exact.denominator)
    return whole.astype(np.int32)


Modification = BreakVehicle | CloseStop | CloseWorksite | Redrive | SlowRoads


def apply(problem: Problem, modifications: Iterable[Modification]) -> Problem:
    """Return the problem after some modifications, in their order.

    Raises
    ------
    ValueError
        When one of them names what does not exist.
    """
    for modification in modifications:
        problem = modification.apply(problem)
    return problem


def with_riders(problem: Problem, riders: Iterable[int]) -> Problem:
    """Return the problem with some of its riders alone, by index."""
    stay = list(riders)
    rows = [problem.walks.row(r) for r in stay]
    empty = np.zeros(0, np.int32)
    walks = replace(
        problem.walks,
        start=np.cumsum([0, *(len(stops) for stops, _ in rows)]),
        stop=np.concatenate([empty, *(stops for stops, _ in rows)]),
        metres=np.concatenate([empty, *(metres for _, metres in rows)]),
    )
    return replace(problem, riders=tuple(problem.riders[r] for r in stay), walks=walks)
