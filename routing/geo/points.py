"""Points and paths on the drive network: where a bus halts, and the way it takes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadPoint:
    """A point on the drive network at which legs begin and end.

    Attributes
    ----------
    edges : tuple of int
        Directed drive edges. A kerb stop has exactly one; a worksite or depot has one per direction of travel,
        since a bus may turn round inside the site.
    offsets : tuple of float
        Metres from the start of each edge.
    lon, lat : float
        The point on the road [degrees, WGS-84].
    distance_m : float
        From the point that was asked for to the road.
    """

    edges: tuple[int, ...]
    offsets: tuple[float, ...]
    lon: float
    lat: float
    distance_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadPath:
    """The fastest way between two points.

    Attributes
    ----------
    duration_s, distance_m : int
        The same as the matrix gives for the pair.
    lon, lat : float64 arrays (k,)
        The line on the map, from the first point to the second; at least two vertices.
    edges : tuple of int
        The directed drive edges, in order.
    """

    duration_s: int
    distance_m: int
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    edges: tuple[int, ...]
