"""Answers as documents: clock times as people read them, and nothing of a home."""

import json

from routing.model.units import parse_clock
from routing.offers.document import describe_answer
from tests.cases import town, with_rules
from tests.offers.asking import ask, indexed

LEG = {
    "direction", "trip_id", "stop_id", "stop_name", "worksite_id", "walk_m", "depart", "arrive", "arrive_p95",
    "ride_s", "on_time", "seats_left", "segments",
}  # fmt: skip
OFFER = {"line_id", "line_name", "place_id", "place_name", "seats_left", "effort_fen", "legs"}
MISS = {"kind", "amount", "unit", "text", "also", "shift_id", "stop_id", "offer"}


def test_an_offer_has_every_member_that_is_documented() -> None:
    (offer,) = describe_answer(ask(1))["offers"]
    assert set(offer) == OFFER
    assert all(set(leg) == LEG for leg in offer["legs"])


def test_clock_times_read_back_to_those_of_the_answer() -> None:
    answer = ask(1)
    (offer,) = describe_answer(answer)["offers"]
    for told, leg in zip(offer["legs"], answer.offers[0].legs, strict=True):
        assert [parse_clock(told[name]) for name in ("depart", "arrive", "arrive_p95")] == [
            leg.depart,
            leg.arrive,
            leg.arrive_p95,
        ]


def test_a_miss_tells_what_must_give_and_what_besides() -> None:
    misses = describe_answer(ask(2, count=3))["misses"]
    assert all(set(miss) == MISS for miss in misses)
    seats = next(miss for miss in misses if miss["kind"] == "seats")
    assert (seats["also"]["kind"], seats["also"]["amount"], seats["also"]["unit"]) == ("walk", 200, "m")
    assert set(seats["offer"]) == OFFER


def test_a_miss_without_a_seat_has_no_offer() -> None:
    misses = describe_answer(ask(60))["misses"]
    assert [(miss["kind"], miss["offer"], miss["stop_id"]) for miss in misses] == [("neighbours", None, None)]


def test_another_shift_is_named() -> None:
    misses = describe_answer(ask(10, worksite_id="south"))["misses"]
    assert next(miss["shift_id"] for miss in misses if miss["kind"] == "shift") == "late"
    assert {miss["shift_id"] for miss in misses if miss["kind"] != "shift"} == {None}


def test_documents_are_plain_json() -> None:
    for answer in (ask(1), ask(2, count=3), ask(1, indexed(with_rules(town(), same_line_both_ways=False)))):
        document = describe_answer(answer)
        assert json.loads(json.dumps(document)) == document
