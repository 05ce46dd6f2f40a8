"""Metres on the globe: distances between points, and a flat plane for the neighbourhood of one."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

EARTH_RADIUS_M = 6_371_009.0
"""Mean radius [m], the one that OSMnx uses."""


def distance_m(lon_a: npt.ArrayLike, lat_a: npt.ArrayLike, lon_b: npt.ArrayLike, lat_b: npt.ArrayLike) -> FloatArray:
    """Return great-circle distances [m] between points given in degrees, by the haversine formula."""
    x1, y1, x2, y2 = (np.radians(np.asarray(value, dtype=np.float64)) for value in (lon_a, lat_a, lon_b, lat_b))
    square = np.sin((y2 - y1) / 2.0) ** 2 + np.cos(y1) * np.cos(y2) * np.sin((x2 - x1) / 2.0) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(square, 1.0))))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPlane:
    """A flat map around one latitude: x east, y north [m].

    East-west distances are exact on the plane's own latitude and off by 0.7 % half a degree away from it at 39
    degrees north, good enough to find what is nearest, not to measure a way.

    Attributes
    ----------
    lon, lat : float
        Degrees of the origin.
    """

    lon: float
    lat: float

    def to_xy(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return metres east and north of the origin."""
        east = np.radians(np.asarray(lon, dtype=np.float64) - self.lon) * np.cos(np.radians(self.lat))
        north = np.radians(np.asarray(lat, dtype=np.float64) - self.lat)
        return east * EARTH_RADIUS_M, north * EARTH_RADIUS_M

    def to_lonlat(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return degrees of points given in metres east and north of the origin."""
        scale = EARTH_RADIUS_M * np.cos(np.radians(self.lat))
        lon = self.lon + np.degrees(np.asarray(x, dtype=np.float64) / scale)
        return lon, self.lat + np.degrees(np.asarray(y, dtype=np.float64) / EARTH_RADIUS_M)
