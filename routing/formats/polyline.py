"""Ways on the map as short texts: simplified, and encoded as polylines of precision 5.

The encoding is the one that Google Maps published and OSRM, Valhalla and most map libraries read: latitude and
longitude in steps of 1e-5 degrees, as differences, zigzag and base 64.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import ArrayLike

Point = tuple[float, float]
Path = tuple[Point, ...]
"""(lon, lat) pairs [degrees, WGS-84], rounded to `DIGITS` digits."""

DIGITS = 5
TOLERANCE_M = 3.0
"""How far [m] a simplified way may lie from the true one: less than half a lane's width on any map."""

_METRES_PER_DEGREE = 111_320.0
_OFFSET, _CHUNK = 63, 0x20


def simplified(lon: ArrayLike, lat: ArrayLike, tolerance_m: float = TOLERANCE_M) -> Path:
    """Return a way with fewer points, none of the true ones further than the tolerance [m] away from it."""
    return simplified_all([(lon, lat)], tolerance_m)[0]


def simplified_all(ways: Sequence[tuple[ArrayLike, ArrayLike]], tolerance_m: float = TOLERANCE_M) -> list[Path]:
    """Return every way with fewer points; much faster than one by one.

    Source: Douglas and Peucker 1973, doi:10.3138/FM57-6770-U75U-7727, as in GEOS.
    """
    points = [np.column_stack([np.asarray(lon, np.float64), np.asarray(lat, np.float64)]) for lon, lat in ways]
    if not any(map(len, points)):
        return [() for _ in ways]
    # One scale for all: distances are metres at the middle latitude.
    scale = np.array([math.cos(math.radians(float(np.concatenate(points)[:, 1].mean()))), 1.0])
    # A line string needs two points: shorter ways go in with their point doubled, and come out with it once.
    padded = [np.repeat(p, 2, axis=0)[:2] if len(p) == 1 else p for p in points]
    owner = np.repeat(np.arange(len(ways)), [len(p) for p in padded])
    lines = shapely.linestrings(np.concatenate(padded) * scale, indices=owner, out=np.full(len(ways), None))
    simple, owner = shapely.get_coordinates(
        shapely.simplify(lines, tolerance_m / _METRES_PER_DEGREE), return_index=True
    )
    rounded = np.round(simple / scale, DIGITS)
    bounds = np.searchsorted(owner, np.arange(len(ways) + 1))
    return [_without_repeats(rounded[a:b].tolist()) for a, b in pairwise(bounds)]


def _without_repeats(points: list[list[float]]) -> Path:
    return tuple((x, y) for i, (x, y) in enumerate(points) if i == 0 or [x, y] != points[i - 1])


def encode(path: Sequence[Point]) -> str:
    """Return the encoded polyline of a way."""
    letters: list[str] = []
    before = (0, 0)
    for lon, lat in path:
        now = (round(lat * 10**DIGITS), round(lon * 10**DIGITS))
        for old, new in zip(before, now, strict=True):
            step = (new - old) << 1
            value = ~step if new < old else step
            while value >= _CHUNK:
                letters.append(chr((_CHUNK | (value & 0x1F)) + _OFFSET))
                value >>= 5
            letters.append(chr(value + _OFFSET))
        before = now
    return "".join(letters)


def decode(text: str) -> Path:
    """Return the way of an encoded polyline.

    Raises
    ------
    ValueError
        When the text is no encoded polyline, or one that leaves the earth.
    """
    numbers: list[int] = []
    value = shift = 0
    for letter in text:
        bits = ord(letter) - _OFFSET
        if not 0 <= bits < 2 * _CHUNK or shift > 60:
            raise ValueError("the text is no encoded polyline")
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits < _CHUNK:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift or len(numbers) % 2:
        raise ValueError("the encoded polyline is cut off")
    lat = lon = 0
    path = []
    for down, right in zip(numbers[::2], numbers[1::2], strict=True):
        lat, lon = lat + down, lon + right
        if abs(lat) > 90 * 10**DIGITS or abs(lon) > 180 * 10**DIGITS:
            raise ValueError("the encoded polyline leaves the earth")
        path.append((round(lon / 10**DIGITS, DIGITS), round(lat / 10**DIGITS, DIGITS)))
    return tuple(path)
