"""From the legs and dates that a booker names to seats of the plan in force: what must be counted, and where."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.errors import ApiError, FieldFault
from api.published import Board, Edition, edition_on
from api.store.seats import Span, TripDay
from routing.model.demand import Direction
from routing.offers import Query
from routing.offers.index import IndexedTrip, OfferIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One trip from one of its stops to a later one."""

    trip_id: str
    board_stop_id: str
    alight_stop_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rides:
    """Legs on dates, resolved.

    Attributes
    ----------
    spans : tuple of Span
        One per date and leg.
    days : tuple of TripDay
        The trips on dates that they touch, as their plans have them.
    lines : mapping
        Trip → line.
    """

    spans: tuple[Span, ...]
    days: tuple[TripDay, ...]
    lines: Mapping[str, str]


def resolve(
    board: Board, service: str, legs: Sequence[Leg], dates: Sequence[dt.date], *, people: int, rider_id: str | None,
    now_ms: int,
) -> Rides:  # fmt: skip
    """Find the seats of legs on dates.

    Raises
    ------
    ApiError
        ``invalid_request`` with every fault: dates that are over or on which a trip does not run, stops that a trip
        does not serve in this order; ``trip_gone`` where the plan in force has no such trip; ``nothing_published``.
    """
    spans: list[Span] = []
    days: dict[tuple[str, str, dt.date], TripDay] = {}
    lines: dict[str, str] = {}
    faults: list[FieldFault] = []
    latest = edition_on(board, service, dt.date.max)
    for date in dict.fromkeys(dates):
        place = dates.index(date)
        if date < latest.today(now_ms):
            faults.append(FieldFault(pointer=f"/dates/{place}", code="date_past", detail="the date is over"))
            continue
        edition = edition_on(board, service, date)
        for number, leg in enumerate(legs):
            trip = edition.index.trip(leg.trip_id)
            if trip is None:
                raise _trip_gone(leg, date)
            lines[leg.trip_id] = trip.line_id
            ride = trip.segments(leg.board_stop_id, leg.alight_stop_id)
            if date.weekday() not in trip.days:
                detail = f"trip {leg.trip_id} does not run on this weekday"
                faults.append(FieldFault(pointer=f"/dates/{place}", code="not_running", detail=detail))
            if ride is None:
                faults.append(_no_such_ride(number, trip, leg))
            else:
                span = _span(edition, trip, leg, date, ride, people, rider_id)
                spans.append(span)
                days[span.key] = day_of(edition, trip, date)
    if faults:
        told = list(dict.fromkeys(faults))
        raise ApiError("invalid_request", "The ride is not possible.", "Mend what errors[] lists.", faults=told)
    return Rides(spans=tuple(spans), days=tuple(days.values()), lines=lines)


def day_of(edition: Edition, trip: IndexedTrip, date: dt.date) -> TripDay:
    """Return a trip on a date as the plan has it."""
    last = trip.first + len(trip.stop_ids) - 1
    return TripDay(
        plan_id=edition.plan_id,
        trip_id=trip.trip_id,
        service_date=date,
        seats=trip.seats,
        kept=tuple(edition.index.load[date.weekday(), trip.first : last].tolist()),
    )


def query_again(index: OfferIndex, legs: Sequence[Leg], dates: Sequence[dt.date], people: int) -> Query | None:
    """Return the query that led to legs, as far as they tell it: the stop near home, and somebody who works there."""
    leg = legs[0]
    trip = index.trip(leg.trip_id)
    if trip is None:
        return None
    inbound = trip.direction is Direction.INBOUND
    home, site = (leg.board_stop_id, leg.alight_stop_id) if inbound else (leg.alight_stop_id, leg.board_stop_id)
    number = index.trips.index(trip)
    shifts = (
        shift_id
        for (worksite_id, shift_id), tables in index.options.items()
        if worksite_id == site and any(h.trip == number for table in tables for option in table.halts for h in option)
    )
    shift_id = next(shifts, None)
    if shift_id is None or not any(stop.stop_id == home for stop in index.stops):
        return None
    return Query(stop_id=home, worksite_id=site, shift_id=shift_id, days=weekdays(dates), count=people, most=3)


def weekdays(dates: Sequence[dt.date]) -> int:
    """Return the weekdays of dates as a mask; bit 0 is Monday."""
    mask = 0
    for date in dates:
        mask |= 1 << date.weekday()
    return mask


def _span(
    edition: Edition, trip: IndexedTrip, leg: Leg, date: dt.date, ride: tuple[int, int], people: int,
    rider_id: str | None,
) -> Span:  # fmt: skip
    own = edition.seated.get((rider_id or "", leg.trip_id))
    return Span(
        plan_id=edition.plan_id,
        trip_id=leg.trip_id,
        service_date=date,
        board_stop_id=leg.board_stop_id,
        alight_stop_id=leg.alight_stop_id,
        first=ride[0] - trip.first,
        end=ride[1] - trip.first,
        seats=people,
        was_kept=own == (leg.board_stop_id, leg.alight_stop_id, people),
    )


def _trip_gone(leg: Leg, date: dt.date) -> ApiError:
    return ApiError(
        "trip_gone",
        f"The plan in force on {date.isoformat()} has no trip {leg.trip_id}.",
        "Ask for offers again.",
        more={"trip_id": leg.trip_id, "service_date": date.isoformat()},
    )


def _no_such_ride(number: int, trip: IndexedTrip, leg: Leg) -> FieldFault:
    end = "alight" if leg.board_stop_id in trip.stop_ids else "board"
    detail = f"trip {trip.trip_id} does not go from {leg.board_stop_id} to {leg.alight_stop_id}"
    return FieldFault(pointer=f"/legs/{number}/{end}_stop_id", code="no_such_ride", detail=detail)
