"""Time and length packed into one integer, so that the shortest among the fastest ways wins.

A packed weight is milliseconds × 2³² + centimetres. Sums of packed weights are the packed sums, and comparing
them compares times first, lengths second.
"""

import numpy as np
import numpy.typing as npt

from routing.geo.graph import DriveGraph
from routing.geo.profile import period_speeds
from routing.geo.turns import TurnGraph

Packed = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.int32]

LENGTH_BITS = 32
_LENGTH_MASK = (1 << LENGTH_BITS) - 1
_MS_PER_S = 1000
_CM_PER_M = 100
_ROWS_AT_A_TIME = 256


def pack(ms: npt.NDArray[np.int64], cm: npt.NDArray[np.int64]) -> Packed:
    """Return times [milliseconds] and lengths [centimetres] as packed weights."""
    return np.asarray((ms << LENGTH_BITS) + cm, np.int64)


def split(packed: Packed) -> tuple[Matrix, Matrix]:
    """Return whole seconds and metres, both rounded up.

    Rounding up keeps the triangle inequality of the durations, which rounding to the nearest would break by a
    second here and there.
    """
    seconds, metres = np.empty(packed.shape, np.int32), np.empty(packed.shape, np.int32)
    for begin in range(0, len(packed), _ROWS_AT_A_TIME):
        rows = slice(begin, begin + _ROWS_AT_A_TIME)
        part = packed[rows]
        seconds[rows] = ((part >> LENGTH_BITS) + _MS_PER_S - 1) // _MS_PER_S
        metres[rows] = ((part & _LENGTH_MASK) + _CM_PER_M - 1) // _CM_PER_M
    return seconds, metres


def edge_weights(
    graph: DriveGraph, period: int, speed_factor: float, learned_kmh: npt.NDArray[np.float64] | None = None
) -> Packed:
    """Return the packed weight of driving each edge from end to end.

    Parameters
    ----------
    graph : DriveGraph
    period : int
        Index into `profile.PERIODS`.
    speed_factor : float
        Calibration: 0.9 makes every speed that was not learned a tenth lower.
    learned_kmh : float64 array (m,), optional
        Observed speeds [km/h], delays included; NaN where nothing was observed.
    """
    kmh = period_speeds(graph.road_class, graph.free_kmh, period, speed_factor)
    seconds = graph.length_m * 3.6 / kmh + graph.delay_s
    if learned_kmh is not None:
        known = np.isfinite(learned_kmh) & (learned_kmh > 0.0)
        seconds[known] = graph.length_m[known] * 3.6 / learned_kmh[known]
    ms = np.maximum(np.rint(seconds * _MS_PER_S), 1.0).astype(np.int64)
    return pack(ms, np.rint(graph.length_m * _CM_PER_M).astype(np.int64))


def turn_weights(turns: TurnGraph, edges: Packed) -> tuple[Matrix, Packed]:
    """Return the source state of every turn and its packed weight: driving the source edge, then turning."""
    source = np.repeat(np.arange(turns.state_count, dtype=np.int32), np.diff(turns.first))
    turning = turns.cost_ms.astype(np.int64) << LENGTH_BITS
    return source, np.asarray(edges[turns.state_edge[source]] + turning, np.int64)


def part_weights(edges: Packed, edge: npt.NDArray[np.int64], share: npt.NDArray[np.float64]) -> Packed:
    """Return the packed weight of driving each edge's first `share` (0 to 1)."""
    whole = edges[edge]
    ms = np.rint((whole >> LENGTH_BITS) * share).astype(np.int64)
    return pack(ms, np.rint((whole & _LENGTH_MASK) * share).astype(np.int64))
