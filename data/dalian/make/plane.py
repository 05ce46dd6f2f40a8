"""A flat metric plane for the city: longitude and latitude to metres and back."""

import itertools
import math

import numpy as np
import numpy.typing as npt

LON0, LAT0 = 121.6, 39.0
METRES_PER_LAT = 111_133.0
METRES_PER_LON = 111_320.0 * math.cos(math.radians(LAT0))

Points = npt.NDArray[np.float64]


def to_plane(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Points:
    """Return metres east and north of the origin, shape (n, 2), for WGS-84 degrees."""
    east = (np.asarray(lon, dtype=np.float64) - LON0) * METRES_PER_LON
    north = (np.asarray(lat, dtype=np.float64) - LAT0) * METRES_PER_LAT
    return np.asarray(np.stack([east, north], axis=-1), dtype=np.float64)


def to_degrees(points: Points, digits: int = 7) -> Points:
    """Return WGS-84 degrees, shape (n, 2), rounded so that noise of the last bit cannot show."""
    lon = points[:, 0] / METRES_PER_LON + LON0
    lat = points[:, 1] / METRES_PER_LAT + LAT0
    return np.asarray(np.round(np.stack([lon, lat], axis=-1), digits), dtype=np.float64)


def lengths_along(points: Points) -> npt.NDArray[np.float64]:
    """Return the distance from the first point to each point along the line [m]."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def length_of(points: Points) -> float:
    """Return the length of a line [m]; quicker than `lengths_along` for the short lines of one street."""
    spots = points.tolist()
    return math.fsum(math.dist(one, two) for one, two in itertools.pairwise(spots))


def heading_out(points: Points, reach: float) -> float:
    """Return the direction from a line's start to where it is ``reach`` metres on [rad], or to its end."""
    (x, y), *others = points.tolist()
    before, left = (x, y), reach
    for spot in others:
        step = math.dist(before, spot)
        if step >= left:
            share = left / step
            return math.atan2(
                before[1] + (spot[1] - before[1]) * share - y, before[0] + (spot[0] - before[0]) * share - x
            )
        left -= step
        before = spot
    return math.atan2(before[1] - y, before[0] - x)


def point_at(points: Points, along: npt.NDArray[np.float64], where: float) -> tuple[Points, Points]:
    """Return the position and the unit heading at a distance along a line."""
    last = len(points) - 2
    segment = min(max(int(np.searchsorted(along, where, side="right")) - 1, 0), last)
    step = points[segment + 1] - points[segment]
    heading = step / max(float(np.hypot(step[0], step[1])), 1e-9)
    return points[segment] + heading * (where - along[segment]), heading


def cut(points: Points, along: npt.NDArray[np.float64], start: float, end: float) -> Points:
    """Return the part of a line between two distances, both ends interpolated."""
    inner = points[(along > start + 1.0) & (along < end - 1.0)]
    first, _ = point_at(points, along, start)
    last, _ = point_at(points, along, end)
    return np.vstack([first, inner, last])


def right_of(heading: Points) -> Points:
    """Return the unit vector to the right of a heading."""
    return np.array([heading[1], -heading[0]])


def resample(points: Points, step: float) -> Points:
    """Return points evenly spaced along a line, about one step apart, ends kept."""
    along = lengths_along(points)
    count = max(1, round(along[-1] / step))
    where = np.linspace(0.0, along[-1], count + 1)
    return np.stack([np.interp(where, along, points[:, 0]), np.interp(where, along, points[:, 1])], axis=-1)


def offset(points: Points, distance: float) -> Points:
    """Return a line shifted to its right (negative: left) by a distance, mitred at its bends."""
    steps = np.diff(points, axis=0)
    steps /= np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 1e-9)[:, None]
    normals = np.stack([steps[:, 1], -steps[:, 0]], axis=-1)
    before = np.vstack([normals[:1], normals])
    after = np.vstack([normals, normals[-1:]])
    middle = before + after
    middle /= np.maximum(np.hypot(middle[:, 0], middle[:, 1]), 1e-9)[:, None]
    mitre = np.clip((middle * before).sum(axis=1), 0.5, 1.0)
    return np.asarray(points + middle * (distance / mitre)[:, None])
