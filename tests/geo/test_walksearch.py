"""The compiled searches: points beside streets, and the bounded search, on graphs small enough to do by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.geo.walksearch import place_beside, reach_from

LINE = np.array([0.0, 100.0, 100.0]), np.array([0.0, 0.0, 100.0])


def beside(x: float, y: float) -> tuple[float, float, int]:
    """Place one point beside a street of 100 m east and 100 m north."""
    start = np.array([0, 3], dtype=np.int64)
    share, far, side = place_beside(np.array([x]), np.array([y]), np.zeros(1, dtype=np.int64), start, *LINE)
    return float(share[0]), float(far[0]), int(side[0])


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((50, 10), (0.25, 10, 0)),
        ((50, -10), (0.25, 10, 1)),
        ((90, 50), (0.75, 10, 0)),
        ((120, 50), (0.75, 20, 1)),
        ((-30, 40), (0.0, 50, 0)),
        ((100, 140), (1.0, 40, 0)),
        ((50, 0), (0.25, 0, 0)),
    ],
)
def test_where_a_point_lies_beside_a_street(point: tuple[float, float], expected: tuple[float, float, int]) -> None:
    """Share, distance and side along both legs, beyond both ends and on the street itself."""
    assert beside(*point) == pytest.approx(expected)


@pytest.mark.parametrize(("point", "side"), [((110, -10), 1), ((130, -5), 1), ((105, -30), 1), ((99.0, 1.0), 0)])
def test_at_the_outside_of_a_bend_the_side_is_the_outside(point: tuple[float, float], side: int) -> None:
    """The nearest point is the bend, from where one leg's line would put the point on the wrong side."""
    assert beside(*point)[2] == side


@settings(max_examples=100, deadline=None)
@given(x=st.floats(-200, 300), y=st.floats(-200, 300))
def test_no_point_of_the_street_is_nearer_than_the_foot(x: float, y: float) -> None:
    """Compared with a thousand points along the street."""
    share, far, _ = beside(x, y)
    along = np.linspace(0, 200, 1_001)
    street = np.minimum(along, 100), np.maximum(along - 100, 0)
    assert far <= np.hypot(street[0] - x, street[1] - y).min() + 1e-9
    foot = min(share * 200, 100), max(share * 200 - 100, 0)
    assert np.hypot(foot[0] - x, foot[1] - y) == pytest.approx(far, abs=1e-6)


def test_a_street_without_length_is_a_point() -> None:
    """Two vertices in one place: share 0, plain distance."""
    start, zero = np.array([0, 2], dtype=np.int64), np.zeros(2)
    share, far, _ = place_beside(np.array([3.0]), np.array([4.0]), np.zeros(1, dtype=np.int64), start, zero, zero)
    assert (share[0], far[0]) == (0.0, 5.0)


def ints(*values: int) -> np.ndarray:
    """Make an int32 array."""
    return np.array(values, dtype=np.int32)


def search(limit_cm: int, room: int = 100, begin: int = 0) -> tuple[tuple[int, int], list[tuple[int, int, int]]]:
    """Search a triangle of streets 0-1 (100 cm), 1-2 (200), 0-2 (900) from two sources for three targets.

    Source 0 stands on street 0-1, 30 along, 5 off; source 1 at vertex 2. Target 0 stands on street 0-1, 80 along,
    2 off; target 1 on street 1-2, 150 along; target 2 on street 0-2, 500 along.
    """
    big = np.int64
    ends, ends_cm = np.array([[0, 1], [1, 2]], dtype=np.int32), np.array([[35, 75], [200, 0]], dtype=np.int32)
    out = [np.full(room, -1, dtype=np.int32) for _ in range(3)]
    done = reach_from(
        begin, limit_cm,
        ends, ends_cm, np.array([0, 2], dtype=big), ints(30, 200), ints(5, 0),
        np.array([0, 2, 4, 6], dtype=big), ints(1, 2, 0, 2, 0, 1), ints(100, 900, 100, 200, 900, 200),
        np.array([0, 2, 4, 6], dtype=big), ints(0, 2, 0, 1, 1, 2), ints(82, 500, 22, 150, 50, 400),
        np.array([0, 1, 1, 2, 2, 3, 3], dtype=big), ints(0, 1, 2), ints(80, 150, 500), ints(2, 0, 0),
        3, *out,
    )  # fmt: skip
    return done, sorted(zip(*(column[: done[1]].tolist() for column in out), strict=True))


def test_the_triangle_by_hand() -> None:
    """Along the shared street directly, through vertex 1, and round both ways to the far target."""
    done, found = search(10_000)
    assert done == (2, 6)
    assert found == [(0, 0, 5 + 50 + 2), (0, 1, 75 + 150), (0, 2, 35 + 500), (1, 0, 222), (1, 1, 50), (1, 2, 400)]


@pytest.mark.parametrize(("limit", "expected"), [(57, [(0, 0), (1, 1)]), (56, [(1, 1)]), (49, []), (0, [])])
def test_the_limit_is_inclusive(limit: int, expected: list[tuple[int, int]]) -> None:
    """At the limit a target counts, a centimetre below it does not."""
    assert [(source, target) for source, target, _ in search(limit)[1]] == expected


def test_without_room_for_another_source_the_search_stops_and_goes_on_later() -> None:
    """With room for five rows the second source waits, since it might find three."""
    done, found = search(10_000, room=5)
    assert done == (1, 3)
    done, rest = search(10_000, room=5, begin=1)
    assert done == (2, 3)
    assert [*found, *rest] == search(10_000)[1]
