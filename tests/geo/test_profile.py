"""Speeds by class and hour, and the reading of measures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.geo.profile import (
    PERIODS,
    ROAD_CLASSES,
    VehicleProfile,
    class_code,
    free_speed,
    parse_measure,
    parse_speed,
    period_of,
    period_speeds,
)

MINUTE = 60
HOUR = 3600


@pytest.mark.parametrize(
    ("clock", "name"),
    [
        (0, "early"),
        (6 * HOUR + 30 * MINUTE - 1, "early"),
        (6 * HOUR + 30 * MINUTE, "am_peak"),
        (9 * HOUR + 30 * MINUTE - 1, "am_peak"),
        (9 * HOUR + 30 * MINUTE, "off_peak"),
        (16 * HOUR + 30 * MINUTE - 1, "off_peak"),
        (16 * HOUR + 30 * MINUTE, "pm_peak"),
        (19 * HOUR + 30 * MINUTE - 1, "pm_peak"),
        (19 * HOUR + 30 * MINUTE, "off_peak"),
        (20 * HOUR + 30 * MINUTE - 1, "off_peak"),
        (20 * HOUR + 30 * MINUTE, "early"),
        (24 * HOUR, "early"),
        (24 * HOUR + 8 * HOUR, "am_peak"),
    ],
)
def test_the_clock_names_the_period(clock: int, name: str) -> None:
    assert PERIODS[period_of(clock)] == name


@given(st.integers(0, 3 * 86_400))
def test_every_second_has_a_period_and_days_are_alike(clock: int) -> None:
    assert period_of(clock) == period_of(clock + 86_400)
    assert 0 <= period_of(clock) < len(PERIODS)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("30 mph", 48.28032),
        ("CN:urban", 50.0),
        ("DE:rural", 80.0),
        ("walk", 7.0),
        ("60;40", 60.0),
        ("none", None),
        ("signals", None),
        ("0", None),
        ("fast", None),
        ("12 knots", None),
    ],
)
def test_speed_limits_are_read(text: str, kmh: float | None) -> None:
    assert parse_speed(text) == kmh


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.5", 3.5),
        ("3,5 m", 3.5),
        ("350 cm", 3.5),
        ("7.5 t", 7.5),
        ("7500 kg", 7.5),
        ("12'", 3.6576),
        ("11'6\"", 3.5052),
        ("11 ft 6 in", 3.5052),
        ("default", None),
        ("none", None),
        ("", None),
        ("3 bananas", None),
    ],
)
def test_lengths_and_weights_are_read(text: str, value: float | None) -> None:
    assert parse_measure(text) == pytest.approx(value) if value is not None else parse_measure(text) is None


def test_a_limit_caps_the_class_and_never_raises_it() -> None:
    assert free_speed("primary", 30.0) == 30.0
    assert free_speed("residential", 120.0) == free_speed("residential", None)
    assert free_speed("primary", 1.0) >= 3.0


def test_larger_roads_are_faster_in_every_period() -> None:
    classes = np.array([class_code(name) for name in ("motorway", "primary", "tertiary", "residential")], np.int8)
    free = np.array([free_speed(ROAD_CLASSES[code], None) for code in classes])
    for period in range(len(PERIODS)):
        assert (np.diff(period_speeds(classes, free, period, 1.0)) < 0).all()


def test_peaks_are_slower_than_the_empty_road() -> None:
    classes = np.arange(len(ROAD_CLASSES), dtype=np.int8)
    free = np.array([free_speed(name, None) for name in ROAD_CLASSES])
    early, am_peak, off_peak, pm_peak = (period_speeds(classes, free, period, 1.0) for period in range(4))
    assert (am_peak <= off_peak).all()
    assert (pm_peak <= off_peak).all()
    assert (off_peak <= early).all()
    assert am_peak[class_code("primary")] < off_peak[class_code("primary")]


@given(st.floats(0.3, 3.0))
def test_one_factor_calibrates_every_class(factor: float) -> None:
    """Pitfall 10: speeds by class are guesses, so one figure must move them all."""
    classes = np.arange(len(ROAD_CLASSES), dtype=np.int8)
    free = np.full(classes.size, 40.0)
    plain, calibrated = (period_speeds(classes, free, 1, f) for f in (1.0, factor))
    np.testing.assert_allclose(calibrated, factor * plain)


def test_an_unknown_class_is_other() -> None:
    assert class_code("escalator") == class_code("other")


def test_the_vehicle_names_its_own_tags() -> None:
    assert VehicleProfile().service_keys == ("bus", "psv")
    assert VehicleProfile(access_keys=("motor_vehicle", "vehicle", "access")).service_keys == ()
    assert dict(VehicleProfile(height_m=4.0).limits)["maxheight"] == 4.0
