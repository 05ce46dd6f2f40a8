"""How long ways take: travel matrices per period of the day, and walks to stops."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.model.units import DAY_S

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


def frozen(array: NDArray[np.generic], dtype: type[np.int32] | type[np.int64]) -> NDArray[np.generic]:
    """Return a contiguous, read-only view or copy of an array in the given integer dtype.

    Raises
    ------
    ValueError
        When a value is not a whole number that the dtype can hold: it would be changed in silence.
    """
    bounds = np.iinfo(dtype)
    if array.dtype.kind not in "iu" and not np.array_equal(array, np.trunc(array)):
        raise ValueError(f"an array of {array.dtype} holds values that are not whole numbers")
    if array.size and not bounds.min <= array.min() <= array.max() <= bounds.max:
        raise ValueError(f"an array holds {array.min()} to {array.max()}, beyond the range of {np.dtype(dtype)}")
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
class TravelMatrix:  # noqa: PLW1641 - no hash, as its arrays have none
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

    def __eq__(self, other: object) -> bool:
        """Compare values; arrays have no truth of their own."""
        if not isinstance(other, TravelMatrix):
            return NotImplemented
        return np.array_equal(self.duration, other.duration) and np.array_equal(self.distance, other.distance)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkTable:  # noqa: PLW1641 - no hash, as its arrays have none
    """Which stops each rider can walk to, as compressed sparse rows.

    Rows may reach beyond the promised walk, so that a longer one can be named as what would have to give.

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
        _check_one_dimension(self.start, self.stop, self.metres)
        if not len(self.start) or self.start[0] != 0 or self.start[-1] != len(self.stop):
            raise ValueError("start must run from 0 to the number of walks")
        if len(self.stop) != len(self.metres) or np.any(np.diff(self.start) < 0):
            raise ValueError("start must not fall, and stop and metres must be of one length")
        if len(self.metres) and self.metres.min() < 0:
            raise ValueError("a walk has negative metres")
        falls = np.diff(self.metres) < 0
        falls[self.start[(self.start > 0) & (self.start < len(self.metres))] - 1] = False
        if falls.any():
            raise ValueError("the walks of a rider must be in the order of rising metres")
        object.__setattr__(self, "start", frozen(self.start, np.int64))
        object.__setattr__(self, "stop", frozen(self.stop, np.int32))
        object.__setattr__(self, "metres", frozen(self.metres, np.int32))

    def __eq__(self, other: object) -> bool:
        """Compare values; arrays have no truth of their own."""
        if not isinstance(other, WalkTable):
            return NotImplemented
        pairs = ((self.start, other.start), (self.stop, other.stop), (self.metres, other.metres))
        return all(np.array_equal(a, b) for a, b in pairs)

    def row(self, rider: int) -> tuple[Int32, Int32]:
        """Return the stop indices and walks [m] of one rider."""
        span = slice(self.start[rider], self.start[rider + 1])
        return self.stop[span], self.metres[span]

    def walk_m(self, rider: int, stop: int) -> int | None:
        """Return the walk [m] of a rider to a stop, or None where it is out of the table's reach."""
        stops, metres = self.row(rider)
        found = (stops == stop).nonzero()[0]
        return int(metres[found[0]]) if len(found) else None


def _check_one_dimension(*arrays: NDArray[np.generic]) -> None:
    for array in arrays:
        if array.ndim != 1:
            raise ValueError(f"a walk table is made of flat arrays, not of shape {array.shape}")
