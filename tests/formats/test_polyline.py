"""Ways are simplified within a tolerance and encoded without loss."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from routing.formats.polyline import DIGITS, TOLERANCE_M, decode, encode, simplified, simplified_all
from tests.formats.unhurried import UNHURRIED

LON = st.integers(-180 * 10**DIGITS, 180 * 10**DIGITS).map(lambda n: n / 10**DIGITS)
LAT = st.integers(-90 * 10**DIGITS, 90 * 10**DIGITS).map(lambda n: n / 10**DIGITS)
NEAR_DALIAN = st.tuples(st.floats(121.4, 121.7), st.floats(38.8, 39.1))


def test_the_published_example_is_encoded_as_published() -> None:
    """The example of the format's own documentation."""
    path = ((-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252))
    assert encode(path) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"
    assert decode("_p~iF~ps|U_ulLnnqC_mqNvxq`@") == path


@UNHURRIED
@given(path=st.lists(st.tuples(LON, LAT), max_size=20).map(tuple))
def test_a_way_survives_encoding(path: tuple[tuple[float, float], ...]) -> None:
    assert decode(encode(path)) == path


@pytest.mark.parametrize("text", ["_", "_p~iF", " ", "汉", "~" * 40, "_____________________________?"])
def test_what_is_no_polyline_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="polyline"):
        decode(text)


@UNHURRIED
@given(text=st.text(max_size=30))
def test_any_text_is_a_way_on_earth_or_refused(text: str) -> None:
    try:
        path = decode(text)
    except ValueError:
        return
    assert all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in path)


@UNHURRIED
@given(points=st.lists(NEAR_DALIAN, min_size=2, max_size=60))
def test_no_true_point_lies_further_than_the_tolerance_from_the_simplified_way(
    points: list[tuple[float, float]],
) -> None:
    lon, lat = np.array(points).T
    path = simplified(lon, lat)
    shrink = math.cos(math.radians(float(lat.mean())))
    scale = np.array([shrink, 1.0]) * 111_320.0
    kept = shapely.LineString(np.array(path) * scale) if len(path) > 1 else shapely.Point(np.array(path[0]) * scale)
    away = shapely.distance(shapely.points(np.array(points) * scale), kept)
    rounding_m = 1.0  # half a step of 1e-5 degrees in both axes
    assert float(away.max()) <= TOLERANCE_M + rounding_m
    assert len(path) <= len(points)


def test_points_on_a_straight_road_are_dropped_and_corners_kept() -> None:
    lon, lat = [121.5, 121.51, 121.52, 121.52], [38.9, 38.9, 38.9, 38.95]
    assert simplified(lon, lat) == ((121.5, 38.9), (121.52, 38.9), (121.52, 38.95))


def test_many_ways_at_once_are_as_one_by_one() -> None:
    random = np.random.default_rng(5)
    ways = [(121.5 + random.uniform(-0.01, 0.01, n), 38.9 + random.uniform(-0.01, 0.01, n)) for n in (2, 30, 0, 1, 100)]
    together = simplified_all(ways)
    assert [len(path) > 0 for path in together] == [True, True, False, True, True]
    assert len(together[3]) == 1
    for (lon, lat), path in zip(ways, together, strict=True):
        if len(lon):
            ends = [(round(float(lon[i]), DIGITS), round(float(lat[i]), DIGITS)) for i in (0, -1)]
            assert [path[0], path[-1]] == ends


def test_no_ways_are_no_ways() -> None:
    assert simplified_all([]) == []
    assert simplified([], []) == ()


def test_a_bus_that_stands_still_is_one_point() -> None:
    assert simplified([121.5, 121.500001], [38.9, 38.9]) == ((121.5, 38.9),)
