"""Where nothing fits: what is told to give, by how much, and that it would then fit."""

from dataclasses import replace

import pytest

from routing.model.demand import Need
from routing.model.problem import Problem
from routing.offers import Answer, NearMiss
from tests.cases import SITES, STOPS, WALKS, town, town_plan, walk_table, with_rules
from tests.offers.asking import ask, indexed


def miss(answer: Answer, kind: str) -> NearMiss:
    return next(m for m in answer.misses if m.relaxation.kind == kind)


def kinds(answer: Answer) -> list[str]:
    return [m.relaxation.kind for m in answer.misses]


def town_where_fay_waits(**rules: int) -> Problem:
    """Return the town with fay near enough to the hill to wait for a line there."""
    walks = WALKS | {"fay": {"hill": 700}}
    return with_rules(replace(town(), walks=walk_table(walks, list(STOPS))), **rules)


def test_a_walk_that_is_too_long_is_told_to_the_metre() -> None:
    """Two minutes from the gate and from the market: 1,000 m where 800 are promised."""
    found = miss(ask(2), "walk")
    assert (found.relaxation.amount, found.relaxation.unit) == (200, "m")
    assert found.relaxation.also is None
    assert "200 m longer" in found.relaxation.text


@pytest.mark.parametrize("minute", [1.7, 2.0, 2.2])
def test_with_the_walk_that_was_told_a_seat_fits_and_with_less_none(minute: float) -> None:
    amount = miss(ask(minute), "walk").relaxation.amount
    assert ask(minute, indexed(with_rules(town(), max_walk_m=800 + amount))).offers
    assert not ask(minute, indexed(with_rules(town(), max_walk_m=800 + amount - 1))).offers


def test_the_walk_of_a_need_is_measured_from_its_own_limit() -> None:
    found = miss(ask(1, need=Need.SHORT_WALK), "walk")
    assert found.relaxation.amount == 500 - 300


def test_the_offer_that_would_fit_stands_beside_what_must_give() -> None:
    offer = miss(ask(2), "walk").offer
    assert offer is not None
    assert {leg.walk_m for leg in offer.legs} == {1_000}


def test_missing_seats_are_counted() -> None:
    """One seat is left on line a, and three people ask."""
    found = miss(ask(1, count=3), "seats")
    assert (found.relaxation.amount, found.relaxation.unit, found.relaxation.trip_id) == (2, "seats", "a_in")


def test_a_longer_ride_is_told_in_seconds() -> None:
    """The way home takes 36 min 32 s from north to the gate, and 1,992 s are allowed."""
    found = miss(ask(1, indexed(with_rules(town(), max_ride_s=1_992))), "ride")
    assert found.relaxation.amount == 36 * 60 + 32 - 1_992


def test_two_limits_at_once_are_told_as_one_and_the_other_besides() -> None:
    """Two of four seats are a half, 200 m of 800 a quarter: the larger share stands first."""
    found = miss(ask(2, count=3), "seats")
    assert found.relaxation.amount == 2
    assert found.relaxation.also is not None
    assert (found.relaxation.also.kind, found.relaxation.also.amount) == ("walk", 200)
    assert found.share == pytest.approx(0.75)


def test_what_needs_three_changes_is_not_told() -> None:
    """Walk, ride and seats: no smallest change to speak of."""
    assert kinds(ask(2, indexed(with_rules(town(), max_ride_s=900)), count=3)) == ["neighbours"]


def test_another_shift_that_has_a_seat_is_told_with_its_offer() -> None:
    """Line b serves the late shift alone, a quarter of an hour after the early one."""
    found = miss(ask(10, worksite_id="south"), "shift")
    assert (found.shift_id, found.relaxation.amount, found.relaxation.unit) == ("late", 900, "s")
    assert found.offer is not None
    assert found.offer.line_id == "b"


def test_another_shift_without_a_seat_is_not_told() -> None:
    assert "shift" not in kinds(ask(10, worksite_id="south", count=6))


def test_a_shift_that_asks_for_other_directions_is_no_way_out() -> None:
    """A rider who needs both ways is not sent to a shift whose riders go home by themselves."""
    problem = town()
    early, late = problem.shifts
    one_way = replace(problem, shifts=(early, replace(late, end=None)))
    plan = town_plan()
    lines = tuple(replace(x, trips=x.trips[:1]) if x.line_id == "b" else x for x in plan.lines)
    kept = tuple(a for a in plan.assignments if a.trip_id != "b_out")
    assert "shift" not in kinds(ask(10, indexed(one_way, replace(plan, lines=lines, assignments=kept)),
                                    worksite_id="south"))  # fmt: skip


def test_neighbours_that_wait_already_are_counted() -> None:
    """Four open a line; fay waits at the hill, and the asker is one more."""
    found = miss(ask(14.5, indexed(town_where_fay_waits(min_load=4))), "neighbours")
    assert (found.relaxation.amount, found.relaxation.board_stop_id) == (2, "hill")
    assert found.offer is None


def test_enough_neighbours_are_told_as_enough() -> None:
    found = miss(ask(14.5, indexed(town_where_fay_waits(min_load=2))), "neighbours")
    assert found.relaxation.amount == 0
    assert "next plan" in found.relaxation.text


def test_neighbours_of_another_shift_or_out_of_a_walk_do_not_count() -> None:
    index = indexed(town_where_fay_waits(min_load=4))
    assert miss(ask(14.5, index, shift_id="late"), "neighbours").relaxation.amount == 3
    assert miss(ask(20, index), "neighbours").relaxation.amount == 3


def test_neighbours_where_the_drive_is_too_long_do_not_count() -> None:
    """Ten minutes from the hill to the worksite, nine allowed: no line can open there."""
    assert SITES["north"] - STOPS["hill"] == 10
    index = indexed(town_where_fay_waits(min_load=4, max_ride_s=9 * 60))
    assert miss(ask(14.5, index), "neighbours").relaxation.board_stop_id is None


def test_the_nearest_miss_comes_first() -> None:
    """Each kind once, by its share of what is promised."""
    answer = ask(2, indexed(town_where_fay_waits(min_load=12)))
    shares = [m.share for m in answer.misses]
    assert shares == sorted(shares)
    assert kinds(answer)[0] == "walk"
    assert len(set(kinds(answer))) == len(answer.misses)


def test_where_there_are_offers_no_miss_is_told() -> None:
    assert ask(1).misses == ()


def test_a_direction_without_a_seat_is_told_beside_the_other_ones_offers() -> None:
    """Without the way home on the own line, a ride limit may leave the morning and take the evening."""
    index = indexed(with_rules(town(), same_line_both_ways=False, max_ride_s=1_992))
    answer = ask(1, index)
    assert [offer.legs[0].trip_id for offer in answer.offers] == ["a_in"]
    assert miss(answer, "ride").relaxation.trip_id == "a_out"
