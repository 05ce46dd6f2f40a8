"""Locations are on the earth; stops are allowed unless said otherwise."""

import math

import pytest

from routing.model.places import Location, Stop, StopStatus


@pytest.mark.parametrize(("lon", "lat"), [(180.0, 90.0), (-180.0, -90.0), (0.0, 0.0)])
def test_the_corners_of_the_earth_are_on_it(lon: float, lat: float) -> None:
    assert Location(lon=lon, lat=lat).lon == lon


@pytest.mark.parametrize(("lon", "lat"), [(180.1, 0), (0, 90.1), (38.9, 121.6), (math.nan, 0), (0, math.inf)])
def test_what_is_not_on_the_earth_is_refused(lon: float, lat: float) -> None:
    """Dalian with longitude and latitude swapped among them."""
    with pytest.raises(ValueError, match="no longitude and latitude in degrees"):
        Location(lon=lon, lat=lat)


def test_a_stop_is_allowed_unless_said_otherwise() -> None:
    stop = Stop(stop_id="s", place_id="p", name="n", location=Location(lon=0, lat=0))
    assert stop.status is StopStatus.ALLOWED
    assert StopStatus("forbidden") is StopStatus.FORBIDDEN
