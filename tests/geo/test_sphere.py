"""Metres on the globe."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.geo.sphere import EARTH_RADIUS_M, LocalPlane, distance_m


def test_a_degree_of_latitude_and_of_longitude() -> None:
    """A degree north is 111.2 km everywhere; a degree east shrinks with the cosine of the latitude."""
    assert distance_m(121.6, 38.0, 121.6, 39.0) == pytest.approx(111_195, abs=1)
    assert distance_m(121.0, 60.0, 122.0, 60.0) == pytest.approx(111_195 / 2, rel=1e-3)


def test_antipodes_and_equal_points() -> None:
    """The two ends of the range are exact, not NaN."""
    assert distance_m(0.0, 0.0, 180.0, 0.0) == pytest.approx(np.pi * EARTH_RADIUS_M)
    assert distance_m(121.6, 38.9, 121.6, 38.9) == 0.0


def test_distances_broadcast() -> None:
    """One point against many gives one distance each."""
    assert distance_m(121.6, 38.9, np.linspace(121.6, 121.7, 5), 38.9).shape == (5,)


@given(x=st.floats(-30_000, 30_000), y=st.floats(-30_000, 30_000))
def test_the_plane_and_back(x: float, y: float) -> None:
    """A point of the plane keeps its place to a micrometre on the way to degrees and back."""
    plane = LocalPlane(lon=121.6, lat=38.9)
    assert plane.to_xy(*plane.to_lonlat(x, y)) == pytest.approx((x, y), abs=1e-6)


@given(angle=st.floats(0, 6.28), far=st.floats(1, 5_000))
def test_the_plane_measures_like_the_sphere_nearby(angle: float, far: float) -> None:
    """Within five kilometres the plane errs by less than a tenth of a percent."""
    plane = LocalPlane(lon=121.6, lat=38.9)
    lon, lat = plane.to_lonlat(far * np.cos(angle), far * np.sin(angle))
    assert distance_m(121.6, 38.9, lon, lat) == pytest.approx(far, rel=1e-3)
