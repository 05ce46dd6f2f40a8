"""The three coordinate systems that Chinese maps use, and evidence for which one a table was written in.

WGS-84 is what OpenStreetMap and GPS receivers speak. GCJ-02 (Amap, Tencent) is WGS-84 bent by a smooth, public
but unofficial polynomial of sines; BD-09 (Baidu) is GCJ-02 turned and shifted once more. In Dalian GCJ-02 lies
425-501 m and BD-09 1,222-1,340 m away from WGS-84, more than any rider walks.

The constants are those of the open implementations (EvilTransform, coordtransform), which agree to the last digit.
GCJ-02 is the identity outside the rectangle 72.004-137.8347 E, 0.8293-55.8271 N, the box those implementations
call China; it holds neighbouring countries too, where the providers' maps are not bent, so do not transform there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from routing.errors import Fault, InputError

FloatArray: TypeAlias = npt.NDArray[np.float64]
Pair: TypeAlias = tuple[FloatArray, FloatArray]
Datum: TypeAlias = Literal["wgs84", "gcj02", "bd09"]

DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
"""Every datum a scenario may declare; the order of `DatumEvidence.median_m`."""

BOX = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north [degrees] of the rectangle where GCJ-02 is bent."""

ASTRAY_M = 100.0
"""Hardly anybody lives or works farther than this from a road or path [m]."""

_AXIS_M = 6_378_245.0  # Krasovsky 1940, the ellipsoid of the published polynomial
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_BD_EAST, _BD_NORTH = 0.0065, 0.006
_TOLERANCE = 1e-9  # degrees: after a step of 0.1 mm the error left is below 3 micrometres, see _invert
_MAX_ROUNDS = 12  # four suffice inside the box; the rest is for points beside its edge


def _arrays(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    return x, y


def _waves(x: FloatArray, y: FloatArray, terms: tuple[tuple[float, FloatArray, float], ...]) -> FloatArray:
    """Sum the sines that both axes share, and those that the axis has alone."""
    total = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    for amplitude, argument, frequency in terms:
        total = total + amplitude * np.sin(frequency * np.pi * argument)
    return total * (2.0 / 3.0) + 0.0 * y


def _bend(lon: FloatArray, lat: FloatArray) -> Pair:
    """Return what GCJ-02 adds to a WGS-84 point [degrees]; zero outside the box."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += _waves(x, y, ((20.0, y, 1.0), (40.0, y, 1 / 3), (160.0, y, 1 / 12), (320.0, y, 1 / 30)))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += _waves(x, y, ((20.0, x, 1.0), (40.0, x, 1 / 3), (150.0, x, 1 / 12), (300.0, x, 1 / 30)))
    angle = np.radians(lat)
    shrink = 1.0 - _ECCENTRICITY_SQUARED * np.sin(angle) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / (shrink * np.sqrt(shrink))
    parallel_m = _AXIS_M / np.sqrt(shrink) * np.cos(angle)
    west, south, east_edge, north_edge = BOX
    inside = (lon >= west) & (lon <= east_edge) & (lat >= south) & (lat <= north_edge)
    return np.where(inside, np.degrees(east / parallel_m), 0.0), np.where(inside, np.degrees(north / meridian_m), 0.0)


def _invert(forward: Callable[[FloatArray, FloatArray], Pair], lon: FloatArray, lat: FloatArray) -> Pair:
    """Solve ``forward(x, y) = (lon, lat)`` by fixed point; each round shrinks the error at least fiftyfold."""
    x, y = lon, lat
    for _ in range(_MAX_ROUNDS):
        ahead_x, ahead_y = forward(x, y)
        step_x, step_y = lon - ahead_x, lat - ahead_y
        x, y = x + step_x, y + step_y
        if not np.any(np.abs(step_x) + np.abs(step_y) > _TOLERANCE):  # NaN counts as settled
            break
    return x, y


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Turn WGS-84 into GCJ-02.

    Parameters
    ----------
    lon, lat : array_like
        Degrees; any shapes that broadcast together.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude [degrees], of the broadcast shape.
    """
    x, y = _arrays(lon, lat)
    east, north = _bend(x, y)
    return x + east, y + north


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Turn GCJ-02 into WGS-84, exact to well under 0.1 mm; arrays in, a pair of arrays out [degrees]."""
    x, y = _arrays(lon, lat)
    return _invert(wgs84_to_gcj02, x, y)


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Turn GCJ-02 into BD-09; arrays in, a pair of arrays out [degrees]."""
    x, y = _arrays(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return radius * np.cos(angle) + _BD_EAST, radius * np.sin(angle) + _BD_NORTH


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Turn BD-09 into GCJ-02, exact to well under 0.1 mm; arrays in, a pair of arrays out [degrees].

    The inverse formula that circulates is off by up to 0.2 m; this one solves the forward formula.
    """
    x, y = _arrays(lon, lat)
    return _invert(gcj02_to_bd09, x, y)


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Turn WGS-84 into BD-09; arrays in, a pair of arrays out [degrees]."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Turn BD-09 into WGS-84, exact to well under 0.1 mm; arrays in, a pair of arrays out [degrees]."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, crs: str) -> Pair:
    """Turn coordinates of a declared datum into WGS-84.

    Parameters
    ----------
    lon, lat : array_like
        Degrees in `crs`.
    crs : {"wgs84", "gcj02", "bd09"}
        As scenario.toml declares it.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude [degrees, WGS-84].

    Raises
    ------
    InputError
        ``unknown_crs`` for any other name.
    """
    if crs == "wgs84":
        return _arrays(lon, lat)
    if crs == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    if crs == "bd09":
        return bd09_to_wgs84(lon, lat)
    raise InputError(
        Fault(
            file="scenario.toml",
            column="scenario.crs",
            value=crs,
            code="unknown_crs",
            cause="The datum of the coordinates is not one that banche knows.",
            action="Write wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu).",
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumEvidence:
    """How well a table's points lie on the roads when read as each of the three datums.

    Attributes
    ----------
    declared : str
        The datum that scenario.toml names.
    best : str
        The datum under which the points lie nearest to roads; the declared one when there is no difference.
    median_m : tuple of float
        Median distance to the nearest road [m] for each of `DATUMS`, in that order.
    nearer_share : float
        Share of the points that lie nearer to a road as `best` than as `declared`; 0.5 when the two are the same.
    points : int
        How many different points were judged.
    astray : tuple of int
        Points farther than `ASTRAY_M` from any road for each of `DATUMS`: in the sea, on a hill.
    """

    declared: Datum
    best: Datum
    median_m: tuple[float, float, float]
    nearer_share: float
    points: int
    astray: tuple[int, int, int] = (0, 0, 0)

    def astray_of(self, datum: Datum) -> int:
        """Return how many points lie farther than `ASTRAY_M` from any road when read as `datum`."""
        return self.astray[DATUMS.index(datum)]

    def median_of(self, datum: Datum) -> float:
        """Return the median distance to the nearest road [m] when the points are read as `datum`."""
        return self.median_m[DATUMS.index(datum)]

    @property
    def verdict(self) -> Literal["fits", "doubt", "wrong"]:
        """Tell whether the declared datum fits.

        ``fits``: nothing better, or not beyond chance. ``doubt``: another datum is nearer for more points than
        chance explains (sign test, four sigma), or the points are too few to be sure. ``wrong``: that, and its
        median distance is also at most two thirds of the declared one's and at least 10 m smaller; or far fewer
        points go astray under it than chance explains, which tells in dense streets, where any point is near one.
        """
        if self.best == self.declared:
            return "fits"
        lost, lost_best = self.astray_of(self.declared), self.astray_of(self.best)
        if lost >= 3 * (lost_best + 1) and lost - lost_best >= 4.0 * np.sqrt(lost + lost_best):
            return "wrong"
        sigmas = (self.nearer_share - 0.5) * 2.0 * np.sqrt(self.points)
        declared_m, best_m = self.median_of(self.declared), self.median_of(self.best)
        clear = declared_m - best_m >= 10.0 and best_m <= declared_m * 2.0 / 3.0
        if sigmas >= 4.0:
            return "wrong" if clear else "doubt"
        return "doubt" if clear else "fits"


def datum_evidence(
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    declared: Datum,
    distance_to_road: Callable[[FloatArray, FloatArray], npt.ArrayLike],
) -> DatumEvidence:
    """Ask the roads in which datum a table of homes, worksites or stops was written.

    People live, work and wait beside roads; read in the wrong datum, the same points fall anywhere, some of them
    into the sea. Points that repeat count once.

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Degrees, as the table has them, not yet transformed.
    declared : {"wgs84", "gcj02", "bd09"}
        What the scenario says they are.
    distance_to_road : callable
        Takes WGS-84 longitudes and latitudes (n,), returns the distance to the nearest road [m] (n,).

    Returns
    -------
    DatumEvidence
        With no points at all, ``fits`` and zero medians.
    """
    x, y = _arrays(lon, lat)
    distinct = np.unique(np.column_stack((x.ravel(), y.ravel())), axis=0)
    if not len(distinct):
        return DatumEvidence(declared=declared, best=declared, median_m=(0.0, 0.0, 0.0), nearer_share=0.5, points=0)
    distance = {
        datum: np.asarray(distance_to_road(*to_wgs84(distinct[:, 0], distinct[:, 1], datum)), dtype=np.float64)
        for datum in DATUMS
    }
    median = {datum: float(np.median(distance[datum])) for datum in DATUMS}
    # Distances are capped, so that neither a few far points nor the bulk in dense streets decides alone.
    capped = {datum: float(np.minimum(distance[datum], 3 * ASTRAY_M).mean()) for datum in DATUMS}
    best = min(DATUMS, key=lambda datum: (capped[datum], datum != declared))
    nearer = np.mean(distance[best] < distance[declared]) + 0.5 * np.mean(distance[best] == distance[declared])
    return DatumEvidence(
        declared=declared,
        best=best,
        median_m=(median["wgs84"], median["gcj02"], median["bd09"]),
        nearer_share=float(nearer),
        points=len(distinct),
        astray=(_astray(distance["wgs84"]), _astray(distance["gcj02"]), _astray(distance["bd09"])),
    )


def _astray(distance_m: FloatArray) -> int:
    return int(np.count_nonzero(distance_m > ASTRAY_M))
