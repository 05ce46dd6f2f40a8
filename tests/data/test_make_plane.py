"""The plane: degrees to metres and back, distances along lines, shifted lines."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.dalian.make.plane import (
    cut,
    heading_out,
    length_of,
    lengths_along,
    offset,
    point_at,
    resample,
    right_of,
    to_degrees,
    to_plane,
)

centimetre = st.integers(-500_000, 500_000).map(lambda n: n / 100)  # as all streets are, so that no step is a hair
lines = st.lists(st.tuples(centimetre, centimetre), min_size=2, max_size=12, unique=True).map(np.array)
BEND = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 50.0]])


@given(st.floats(121.0, 122.3), st.floats(38.6, 39.6))
def test_degrees_survive_the_way_there_and_back(lon: float, lat: float) -> None:
    back = to_degrees(to_plane([lon], [lat]))
    assert back[0] == pytest.approx((lon, lat), abs=6e-8)


def test_the_plane_measures_metres() -> None:
    """A hundredth of a degree of latitude is 1.11 km; of longitude, at 39 degrees north, 0.865 km."""
    assert to_plane(121.6, 39.01)[1] == pytest.approx(1_111.3, abs=0.5)
    assert to_plane(121.61, 39.0)[0] == pytest.approx(865.1, abs=0.5)


@given(lines)
def test_lengths_agree_and_never_fall(line: np.ndarray) -> None:
    along = lengths_along(line)
    assert along[0] == 0.0
    assert (np.diff(along) >= 0).all()
    assert length_of(line) == pytest.approx(along[-1])


@given(lines, st.floats(0.0, 1.0))
def test_a_point_along_a_line_is_that_far_along(line: np.ndarray, share: float) -> None:
    """Cutting there leaves a front part of that length, up to the metre that cuts may swallow."""
    along = lengths_along(line)
    where = share * float(along[-1])
    at, heading = point_at(line, along, where)
    front = cut(line, along, 0.0, where)
    assert front[-1] == pytest.approx(at, abs=1e-6)
    assert lengths_along(front)[-1] <= where + 1e-6
    assert math.hypot(*heading) == pytest.approx(1.0, abs=1e-6)


def test_a_cut_keeps_the_bends_between() -> None:
    part = cut(BEND, lengths_along(BEND), 50.0, 120.0)
    assert part.tolist() == [[50.0, 0.0], [100.0, 0.0], [100.0, 20.0]]


@given(lines, st.floats(5.0, 500.0))
def test_resampling_keeps_the_ends_and_evens_the_steps(line: np.ndarray, step: float) -> None:
    even = resample(line, step)
    assert even[0] == pytest.approx(line[0])
    assert even[-1] == pytest.approx(line[-1])
    assert np.hypot(*np.diff(even, axis=0).T).max() <= 1.51 * max(step, 1.0) + 1e-6 or len(even) == 2


def test_right_is_right() -> None:
    """Who drives north has the east on the right."""
    assert right_of(np.array([0.0, 1.0])).tolist() == [1.0, 0.0]


def test_an_offset_line_runs_beside_the_line_on_its_right() -> None:
    """At a square bend the mitre keeps both legs at the full distance."""
    moved = offset(BEND, 10.0)
    assert moved.round(6).tolist() == [[0.0, -10.0], [110.0, -10.0], [110.0, 50.0]]
    assert offset(BEND, -10.0).round(6).tolist() == [[0.0, 10.0], [90.0, 10.0], [90.0, 50.0]]


@pytest.mark.parametrize(
    ("reach", "degrees"), [(50.0, 0.0), (100.0, 0.0), (100_000.0, math.degrees(math.atan2(50, 100)))]
)
def test_the_heading_out_looks_a_given_distance_ahead(reach: float, degrees: float) -> None:
    assert math.degrees(heading_out(BEND, reach)) == pytest.approx(degrees)


@given(lines)
def test_the_heading_out_of_a_straight_start_is_its_own(line: np.ndarray) -> None:
    step = line[1] - line[0]
    reach = min(1.0, math.hypot(*step) / 2)
    assert heading_out(line, reach) == pytest.approx(math.atan2(step[1], step[0]), abs=1e-4)
