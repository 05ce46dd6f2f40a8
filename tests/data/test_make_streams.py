"""Rasters, the cross field and the tracing of evenly spaced streets."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.dalian.make import raster
from data.dalian.make.field import CrossField
from data.dalian.make.plane import lengths_along
from data.dalian.make.streams import Occupancy, Tracer, heading_bin

MIDDLE = (raster.LOW + raster.HIGH) / 2
SHAPE = (raster.ROWS, raster.COLUMNS)


def straight_field(angle: float) -> CrossField:
    return CrossField(cos4=np.full(SHAPE, math.cos(4 * angle)), sin4=np.full(SHAPE, math.sin(4 * angle)))


def square(half: float) -> raster.Mask:
    mask = np.zeros(SHAPE, dtype=bool)
    view = raster.window(MIDDLE, half)
    mask[view.rows, view.columns] = True
    return mask


def grown(angle: float, gap: float) -> list[np.ndarray]:
    """Return streets on a square of 2 km, from one root through its middle."""
    tracer = Tracer(straight_field(angle), square(1_000.0), np.full(SHAPE, gap), 6_000.0)
    step = np.array([math.cos(angle), math.sin(angle)])
    root = MIDDLE + np.linspace(-900.0, 900.0, 73)[:, None] * step
    tracer.block([root])
    return tracer.grow([root], 60.0)


@settings(max_examples=8, deadline=None)
@given(st.floats(-0.7, 0.7), st.sampled_from([120.0, 200.0, 350.0]))
def test_streets_follow_the_field_and_keep_their_distance(angle: float, gap: float) -> None:
    """In a field of one direction every street is straight, and parallel ones are about a gap apart."""
    lines = grown(angle, gap)
    assert len(lines) >= 2_000 / gap
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    for family in (0, 1):
        at = []
        for line in lines:
            local = (line - MIDDLE) @ turn.T
            assert min(np.ptp(local[:, 0]), np.ptp(local[:, 1])) < 2.0
            if np.ptp(local[:, family]) > 10.0:
                at.append((local[:, 1 - family].mean(), local[:, family].min(), local[:, family].max()))
        for k, (here, low, high) in enumerate(at):
            beside = [other for other, a, b in at[:k] if a < high - 60.0 and b > low + 60.0]
            assert all(abs(here - other) > 0.5 * gap for other in beside)


def test_streets_stay_inside_the_ground_allowed() -> None:
    ground = square(1_000.0)
    for line in grown(0.3, 150.0):
        assert ground[raster.cells(line)].all()


def test_crossing_is_free_and_running_beside_is_not() -> None:
    space = Occupancy()
    line = MIDDLE + np.linspace(0.0, 1_000.0, 41)[:, None] * np.array([1.0, 0.0])
    space.add(line, np.full(SHAPE, 100.0))
    x, y = MIDDLE + np.array([500.0, 50.0])
    assert space.taken(x, y, 0.0)
    assert space.taken(x, y, math.pi)
    assert not space.taken(x, y, math.pi / 2)
    assert not space.taken(x, y + 200.0, 0.0)


@given(st.floats(-10.0, 10.0))
def test_a_heading_and_its_opposite_share_a_bin(angle: float) -> None:
    apart = abs((angle / (math.pi / 4)) % 1.0 - 0.5)
    if apart > 1e-6:  # rounding at the seams may go either way
        assert heading_bin(angle) == heading_bin(angle + math.pi)


@given(st.floats(-0.7, 0.7))
def test_the_field_gives_back_its_angle(angle: float) -> None:
    assert straight_field(angle).angle(*MIDDLE) == pytest.approx(angle, abs=1e-6)


def test_streets_have_a_longest_length() -> None:
    tracer = Tracer(straight_field(0.0), square(3_000.0), np.full(SHAPE, 500.0), 800.0)
    root = MIDDLE + np.linspace(-900.0, 900.0, 73)[:, None] * np.array([0.0, 1.0])
    assert max(lengths_along(line)[-1] for line in tracer.grow([root], 60.0)) <= 850.0


def test_filling_a_ring_measures_its_area() -> None:
    turn = np.linspace(0.0, 2 * math.pi, 200, endpoint=False)
    ring = MIDDLE + 2_000.0 * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    area = raster.fill(ring).sum() * raster.CELL**2
    assert area == pytest.approx(math.pi * 2_000.0**2, rel=0.01)


def test_filling_leaves_bays_out() -> None:
    """A U of land: the bay between its arms is sea."""
    u = np.array([(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)]) * 1_000.0 + MIDDLE
    land = raster.fill(u)
    bay, arm = MIDDLE + np.array([1_500.0, 2_000.0]), MIDDLE + np.array([500.0, 2_000.0])
    assert not land[raster.cells(bay[None, :])][0]
    assert land[raster.cells(arm[None, :])][0]


def test_distances_are_metres() -> None:
    away = raster.distance_to(raster.burn(MIDDLE[None, :]))
    there = MIDDLE + np.array([3_000.0, 4_000.0])
    assert away[raster.cells(there[None, :])][0] == pytest.approx(5_000.0, abs=60.0)


def test_noise_is_smooth_and_repeats_for_a_seed() -> None:
    one, two = (raster.noise(np.random.default_rng(5), 900.0) for _ in range(2))
    assert np.array_equal(one, two)
    assert np.abs(np.diff(one, axis=0)).max() < 0.3
    assert 0.2 < one.std() < 1.0
