"""Answers as JSON-ready mappings, the same on the command line and over HTTP."""

from typing import Any

from routing.model.plan import Relaxation
from routing.model.units import format_clock
from routing.offers.words import Answer, Leg, NearMiss, Offer


def describe_answer(answer: Answer) -> dict[str, Any]:
    """Return ``offers`` and ``misses``; seconds, metres and fen, clock times ``HH:MM:SS``."""
    return {
        "offers": [describe_offer(offer) for offer in answer.offers],
        "misses": [_describe_miss(miss) for miss in answer.misses],
    }


def describe_offer(offer: Offer) -> dict[str, Any]:
    """Return one offer."""
    return {
        "line_id": offer.line_id,
        "line_name": offer.line_name,
        "place_id": offer.place_id,
        "place_name": offer.place_name,
        "seats_left": offer.seats_left,
        "effort_fen": offer.effort_fen,
        "legs": [_describe_leg(leg) for leg in offer.legs],
    }


def _describe_leg(leg: Leg) -> dict[str, Any]:
    return {
        "direction": leg.direction.value,
        "trip_id": leg.trip_id,
        "stop_id": leg.stop_id,
        "stop_name": leg.stop_name,
        "worksite_id": leg.worksite_id,
        "walk_m": leg.walk_m,
        "depart": format_clock(leg.depart),
        "arrive": format_clock(leg.arrive),
        "arrive_p95": format_clock(leg.arrive_p95),
        "ride_s": leg.ride_s,
        "on_time": leg.on_time,
        "seats_left": leg.seats_left,
        "segments": list(leg.segments),
    }


def _describe_miss(miss: NearMiss) -> dict[str, Any]:
    relaxation = miss.relaxation
    return {
        **_describe_need(relaxation),
        "also": None if relaxation.also is None else _describe_need(relaxation.also),
        "shift_id": miss.shift_id,
        "stop_id": relaxation.board_stop_id,
        "offer": None if miss.offer is None else describe_offer(miss.offer),
    }


def _describe_need(relaxation: Relaxation) -> dict[str, Any]:
    return {
        "kind": relaxation.kind,
        "amount": relaxation.amount,
        "unit": relaxation.unit,
        "text": relaxation.text,
    }
