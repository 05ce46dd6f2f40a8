"""How long ways take: travel matrices per period of the day, and walks to stops."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.model.units import DAY_S

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


def frozen(array: NDArray[np.generic], dtype: type[np.generic]) -> NDArray[np.generic]:
    """Return a contiguous, read-only view or copy of an array in the given dtype."""
    result = np.ascontiguousarray(array, dtype=dtype).view()
    result.flags.writeable = False
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelPeriod:
    """A part of the day with its own speeds.

    Attributes
    ----------
    spans : tuple of (int, int)
        Half-open spans [begin, end) of the clock [s], within one day.
    """

    name: str
    spans: tuple[tuple[int, int], ...] = ((0, DAY_S),)

    def covers(self, clock: int) -> bool:
        """Tell whether a clock time [s], taken modulo a day, lies in this period."""
        return any(begin <= clock % DAY_S < end for begin, end in self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelMatrix:
    """Driving between all nodes of a problem in one period.

    Attributes
    ----------
    duration : ndarray of int32, shape (n, n)
        [s], zero on the diagonal, closed to shortest paths.
    distance : ndarray of int32, shape (n, n)
        [m] along the fastest path.
    """

    duration: Int32
    distance: Int32

    def __post_init__(self) -> None:
        shape = self.duration.shape
        if len(shape) != 2 or shape[0] != shape[1] or self.distance.shape != shape:
            raise ValueError(f"duration {shape} and distance {self.distance.shape} must be the same square")
        if shape[0] and min(self.duration.min(), self.distance.min()) < 0:
            raise ValueError("a travel matrix holds a negative duration or distance")
        object.__setattr__(self, "duration", frozen(self.duration, np.int32))
        object.__setattr__(self, "distance", frozen(self.distance, np.int32))


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkTable:
    """Which stops each rider can walk to, as compressed sparse rows.

    Attributes
    ----------
    start : ndarray of int64, shape (riders + 1,)
        Row bounds into the other two.
    stop : ndarray of int32, shape (k,)
        Stop indices; within a row by rising metres.
    metres : ndarray of int32, shape (k,)
        Walking distance [m].
    """

    start: Int64
    stop: Int32
    metres: Int32

    def __post_init__(self) -> None:
        if self.start.ndim != 1 or not len(self.start) or self.start[0] != 0 or self.start[-1] != len(self.stop):
            raise ValueError("start must run from 0 to the number of walks")
        if len(self.stop) != len(self.metres) or np.any(np.diff(self.start) < 0):
            raise ValueError("start must not fall, and stop and metres must be of one length")
        object.__setattr__(self, "start", frozen(self.start, np.int64))
        object.__setattr__(self, "stop", frozen(self.stop, np.int32))
        object.__setattr__(self, "metres", frozen(self.metres, np.int32))

    def row(self, rider: int) -> tuple[Int32, Int32]:
        """Return the stop indices and walks [m] of one rider."""
        span = slice(self.start[rider], self.start[rider + 1])
        return self.stop[span], self.metres[span]

    def walk_m(self, rider: int, stop: int) -> int | None:
        """Return the walk [m] of a rider to a stop, or None where it is out of the table's reach."""
        stops, metres = self.row(rider)
        found = np.flatnonzero(stops == stop)
        return int(metres[found[0]]) if len(found) else None
