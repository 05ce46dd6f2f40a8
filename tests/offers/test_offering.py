"""Seats of rides, weights of options, and how an offer is put together."""

import numpy as np
import pytest

from routing.offers.offering import build_offer, efforts, free_seats, running, seats_left
from tests.cases import town, with_rider, with_rules
from tests.offers.asking import indexed, query


def halts(place: int = 0) -> tuple:
    """Return the halts of line a at the gate (0) or at the market (1)."""
    return indexed().options["north", "early"][0].halts[place]


def test_free_seats_are_counted_segment_by_segment_and_never_below_zero() -> None:
    index = indexed()
    there, back = halts()
    taken = np.array([1, 9, 0, 4, 3, 0, 0, 0, 0, 0])
    assert free_seats(index, there, taken) == (3, 0)
    assert free_seats(index, back, taken) == (0, 1)
    assert seats_left(index, halts(), taken) == 0


def test_the_scarcest_leg_decides() -> None:
    taken = np.array([0, 1, 0, 0, 2, 0, 0, 0, 0, 0])
    assert seats_left(indexed(), halts(), taken) == 2
    assert seats_left(indexed(), halts(1), taken) == 3


def test_effort_is_time_aboard_and_on_foot_at_the_plans_prices() -> None:
    """A second aboard and a metre on foot cost 1 fen each in the town."""
    index = indexed()
    (table,) = index.options["north", "early"]
    on_foot = np.array([[100, 200], [300, 400]], np.int32)
    rides = [sum(h.ride_s for h in option) for option in table.halts]
    assert efforts(index, table, on_foot, np.array([0, 1])).tolist() == [rides[0] + 300, rides[1] + 700]
    assert efforts(index, table, on_foot, np.array([1])).tolist() == [rides[1] + 700]


@pytest.mark.parametrize(
    ("days", "runs"), [(0b0000001, True), (0b0011111, True), (0b0100000, False), (0b0100001, False)]
)
def test_an_option_runs_only_where_it_runs_on_every_day(days: int, runs: bool) -> None:
    (table,) = indexed().options["north", "early"]
    assert running(table, days).tolist() == [runs, runs]


def test_an_offer_carries_what_was_counted() -> None:
    index = indexed()
    taken = np.zeros(index.load.shape[1], np.int64)
    offer = build_offer(index, query(1), halts(), np.array([500, 500], np.int32), 1_234.6, taken)
    assert (offer.line_id, offer.line_name, offer.place_id, offer.effort_fen) == ("a", "Gate", "gate", 1_235)
    assert (offer.seats_left, [leg.walk_m for leg in offer.legs]) == (4, [500, 500])
    assert [leg.stop_name for leg in offer.legs] == ["Gate", "Gate"] == [offer.place_name] * 2


def test_where_a_stop_was_chosen_no_walk_is_told() -> None:
    index = indexed()
    taken = np.zeros(index.load.shape[1], np.int64)
    offer = build_offer(index, query(None, stop_id="gate_in"), halts(), np.array([0, 0], np.int32), 0.0, taken)
    assert {leg.walk_m for leg in offer.legs} == {None}


def test_prices_of_the_scenario_decide_between_walking_and_riding() -> None:
    """Whoever lives near the gate rides longer and walks less, and the other way round."""
    problem = with_rules(with_rider(town(), "ann", days=1), max_walk_m=1_500)
    index = indexed(problem)
    (table,) = index.options["north", "early"]
    near_gate, near_market = np.array([[400, 400], [1_600, 1_600]]), np.array([[1_600, 1_600], [400, 400]])
    rows = np.array([0, 1])
    assert efforts(index, table, near_gate, rows).argmin() == 0
    assert efforts(index, table, near_market, rows).argmin() == 1
