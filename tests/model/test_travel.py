"""Travel matrices and walk tables: shapes, ranges, lookups, and that nobody can write into them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.model.travel import TravelMatrix, TravelPeriod, WalkTable
from routing.model.units import DAY_S

SQUARE = np.array([[0, 5], [7, 0]])


def table(start: list[int], stop: list[int], metres: list[int]) -> WalkTable:
    return WalkTable(start=np.array(start), stop=np.array(stop), metres=np.array(metres))


def test_a_matrix_is_kept_as_int32_and_read_only() -> None:
    matrix = TravelMatrix(duration=SQUARE, distance=SQUARE.astype(float))
    assert matrix.duration.dtype == matrix.distance.dtype == np.int32
    with pytest.raises(ValueError, match="read-only"):
        matrix.duration[0, 1] = 1


def test_freezing_a_matrix_leaves_the_callers_array_writable() -> None:
    mine = SQUARE.astype(np.int32)
    TravelMatrix(duration=mine, distance=mine)
    mine[0, 1] = 6
    assert mine[0, 1] == 6


@pytest.mark.parametrize(
    ("duration", "distance", "sentence"),
    [
        (SQUARE, SQUARE[:1], "must be the same square"),
        (SQUARE[:1], SQUARE[:1], "must be the same square"),
        (SQUARE[0], SQUARE[0], "must be the same square"),
        (SQUARE - 1, SQUARE, "negative duration or distance"),
        (SQUARE, SQUARE * 2**30, "beyond the range of int32"),
        (SQUARE * 0.3, SQUARE, "not whole numbers"),
        (np.where(SQUARE == 7, np.nan, SQUARE), SQUARE, "not whole numbers"),
        (np.where(SQUARE == 7, np.inf, SQUARE), SQUARE, "beyond the range of int32"),
    ],
)
def test_a_matrix_that_would_be_changed_in_silence_is_refused(
    duration: np.ndarray, distance: np.ndarray, sentence: str
) -> None:
    """Unreachable pairs among them: an infinity has no place in whole seconds."""
    with pytest.raises(ValueError, match=sentence):
        TravelMatrix(duration=duration, distance=distance)


def test_matrices_are_equal_by_value() -> None:
    one, other = (TravelMatrix(duration=SQUARE, distance=SQUARE * k) for k in (1, 2))
    assert one == TravelMatrix(duration=SQUARE.copy(), distance=SQUARE.copy())
    assert one != other
    assert one != "matrix"


@pytest.mark.parametrize("clock", [-1, 0, 43_199, 43_200, 86_399, 86_400, 200_000])
def test_periods_that_share_a_day_cover_each_clock_once(clock: int) -> None:
    """Also beyond midnight, on either side."""
    periods = (
        TravelPeriod(name="am", spans=((0, 43_200),)),
        TravelPeriod(name="pm", spans=((43_200, 64_800), (64_800, DAY_S))),
    )
    covering = [p.name for p in periods if p.covers(clock)]
    assert covering == ["am" if clock % DAY_S < 43_200 else "pm"]


def test_walks_are_found_by_rider_and_stop() -> None:
    """Two riders, the second without any stop in reach, and a third."""
    walks = table([0, 2, 2, 3], [4, 1, 4], [100, 200, 50])
    assert [walks.walk_m(r, 4) for r in range(3)] == [100, None, 50]
    assert walks.walk_m(0, 1) == 200
    assert walks.walk_m(0, 2) is None
    assert [row.tolist() for row in walks.row(0)] == [[4, 1], [100, 200]]
    assert [row.tolist() for row in walks.row(1)] == [[], []]


@pytest.mark.parametrize(
    ("start", "stop", "metres", "sentence"),
    [
        ([], [], [], "from 0 to the number of walks"),
        ([1, 1], [0], [5], "from 0 to the number of walks"),
        ([0, 2], [0], [5], "from 0 to the number of walks"),
        ([0, 2, 1, 2], [0, 1], [5, 6], "must not fall"),
        ([0, 2], [0, 1], [5], "of one length"),
        ([0, 1], [0], [-5], "negative metres"),
        ([0, 2], [0, 1], [6, 5], "order of rising metres"),
        ([0, 1, 3], [0, 0, 1], [1, 6, 5], "order of rising metres"),
    ],
)
def test_a_walk_table_that_does_not_hold_together_is_refused(
    start: list[int], stop: list[int], metres: list[int], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        table(start, stop, metres)


def test_a_walk_table_is_made_of_flat_arrays() -> None:
    with pytest.raises(ValueError, match="flat arrays"):
        WalkTable(start=np.array([0, 1]), stop=np.array([[0]]), metres=np.array([5]))


def test_an_empty_walk_table_serves_no_riders() -> None:
    assert table([0], [], []) == table([0], [], [])
    assert table([0, 0], [], []) != table([0], [], [])


@settings(deadline=None)
@given(rows=st.lists(st.dictionaries(st.integers(0, 9), st.integers(0, 2_000), max_size=6), max_size=6))
def test_any_table_of_rising_rows_is_accepted_and_read_back(rows: list[dict[int, int]]) -> None:
    ordered = [sorted(row.items(), key=lambda w: w[1]) for row in rows]
    flat = [walk for row in ordered for walk in row]
    walks = table(np.cumsum([0, *map(len, rows)]).tolist(), [s for s, _ in flat], [m for _, m in flat])
    for rider, row in enumerate(rows):
        assert {stop: walks.walk_m(rider, stop) for stop in range(10)} == {s: row.get(s) for s in range(10)}
