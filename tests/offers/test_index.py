"""What is kept of a plan, and how seats are laid out."""

import numpy as np
import pytest

from routing.offers.index import index_plan
from tests.cases import town, town_plan, with_rider
from tests.offers.asking import RoadWalker, indexed


def test_counts_of_all_trips_lie_one_after_the_other() -> None:
    index = indexed()
    assert [(t.trip_id, t.first, len(t.stop_ids)) for t in index.trips] == [
        ("a_in", 0, 3),
        ("a_out", 3, 3),
        ("b_in", 6, 2),
        ("b_out", 8, 2),
    ]
    assert index.load.shape == (7, 10)
    assert index.taken(1).tolist() == [2, 3, 0, 3, 2, 0, 3, 0, 3, 0]


def test_the_fullest_of_the_days_counts() -> None:
    problem = with_rider(town(), "ann", days=0b0000010)
    index = indexed(problem)
    assert index.taken(0b0000001)[0] == 1
    assert index.taken(0b0000010)[0] == 2
    assert index.taken(0b0000011)[0] == 2


def test_counts_cannot_be_changed() -> None:
    index = indexed()
    for counts in (index.load, index.taken(1)):
        with pytest.raises(ValueError, match="read-only"):
            counts[0] = 1


@pytest.mark.parametrize(
    ("board", "alight", "span"),
    [
        ("gate_in", "market_in", (0, 1)),
        ("gate_in", "north", (0, 2)),
        ("market_in", "north", (1, 2)),
        ("north", "gate_in", None),
        ("gate_in", "gate_in", None),
        ("gate_in", "quay", None),
    ],
)
def test_a_ride_occupies_the_segments_between_its_stops(board: str, alight: str, span: tuple[int, int] | None) -> None:
    trip = indexed().trip("a_in")
    assert trip is not None
    assert trip.segments(board, alight) == span


def test_an_unknown_trip_is_none() -> None:
    assert indexed().trip("ghost") is None


def test_walks_are_searched_for_stops_in_use_and_for_those_who_wait() -> None:
    """The hill is beyond fay's walk: nobody could board there, and no trip calls."""
    assert {stop.stop_id for stop in indexed().stops} == {"gate_in", "gate_out", "market_in", "market_out", "quay"}


def test_walks_are_known_beyond_the_promise() -> None:
    asked = []

    def reach(lons: list[float], lats: list[float], limit_m: int) -> RoadWalker:
        asked.append((len(lons), len(lats), limit_m))
        return RoadWalker(lons, lats, limit_m)

    index_plan(town(), town_plan(), reach)
    assert asked == [(5, 5, 1_600)]


def test_a_trip_knows_its_days_and_seats() -> None:
    trip = indexed().trip("b_in")
    assert trip is not None
    assert (trip.seats, trip.days) == (8, (0, 1, 2, 3, 4))
    assert np.all(indexed().load[5:] == 0)
