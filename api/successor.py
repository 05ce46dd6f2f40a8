"""Which ride of the plan in force takes the place of a ride of an earlier plan."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.published import Edition
from api.rides import weekdays
from api.store.seats import Span
from routing.errors import InputError
from routing.model.demand import Direction
from routing.model.places import Location
from routing.model.units import parse_clock
from routing.offers import Query
from routing.offers.document import describe_offer
from routing.offers.index import IndexedTrip, People
from routing.offers.search import find_offers

MOST_OFFERS = 3
MOST_TRIED = 6
"""Rides that are tried for a seat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRide:
    """A ride as its own plan has it.

    Attributes
    ----------
    place_id : str
        Where the stop near home is.
    depart : int
        When the trip leaves the boarding stop [s].
    """

    direction: Direction
    line_id: str
    shift_ids: tuple[str, ...]
    worksite_id: str
    place_id: str
    near: Location
    depart: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OldPlan:
    """What of a plan document tells its rides."""

    trips: Mapping[str, tuple[str, Mapping[str, Any]]]
    stops: Mapping[str, Mapping[str, Any]]

    def ride(self, span: Span) -> OldRide | None:
        """Return a ride, None where the document has none such."""
        line_id, trip = self.trips.get(span.trip_id, ("", {}))
        calls = {call["stop_id"]: call for call in trip.get("stops", ())}
        if span.board_stop_id not in calls or span.alight_stop_id not in self.stops:
            return None
        inbound = trip["direction"] == Direction.INBOUND.value
        ends = (span.board_stop_id, span.alight_stop_id)
        home, site = ends if inbound else ends[::-1]
        stop = self.stops[home]
        return OldRide(
            direction=Direction(trip["direction"]),
            line_id=line_id,
            shift_ids=tuple(trip["shift_ids"]),
            worksite_id=site,
            place_id=stop["place_id"],
            near=Location(lon=stop["lon"], lat=stop["lat"]),
            depart=parse_clock(calls[span.board_stop_id]["depart"]),
        )


def read_old(document: bytes) -> OldPlan:
    """Return a stored plan document's rides."""
    content = json.loads(document)
    return OldPlan(
        trips={trip["trip_id"]: (line["line_id"], trip) for line in content["lines"] for trip in line["trips"]},
        stops={stop["stop_id"]: stop for stop in content["stops"]},
    )


def successors(edition: Edition, old: OldRide, span: Span, rider_id: str | None) -> list[Span]:
    """Return the rides that could take the place of one, the likeliest first; whether seats are free is not asked.

    First the seat that the plan itself gives the rider on a trip of the same shift; then trips of the shift from the
    same place to the same worksite, the same trip and line before others, then those that leave at nearly the time.
    """
    found: list[tuple[tuple[bool, bool, bool, int], Span]] = []
    places = {stop.stop_id: stop.place_id for stop in edition.index.stops}
    for trip in edition.index.trips:
        if trip.direction is not old.direction or span.service_date.weekday() not in trip.days:
            continue
        seat = edition.seated.get((rider_id or "", trip.trip_id))
        own = seat is not None and seat[2] == span.seats and old.worksite_id in seat[:2]
        ends = seat[:2] if own and seat is not None else _ends(trip, old, places)
        if ends is None or not _in_window(edition, trip, old):
            continue
        ride = trip.segments(*ends)
        if ride is None:
            continue
        far = abs(trip.depart[trip.stop_ids.index(ends[0])] - old.depart)
        rank = (not own, trip.trip_id != span.trip_id, trip.line_id != old.line_id, far)
        made = Span(
            plan_id=edition.plan_id,
            trip_id=trip.trip_id,
            service_date=span.service_date,
            board_stop_id=ends[0],
            alight_stop_id=ends[1],
            first=ride[0] - trip.first,
            end=ride[1] - trip.first,
            seats=span.seats,
            was_kept=own,
        )
        found.append((rank, made))
    return [made for _, made in sorted(found, key=lambda each: (each[0], each[1].trip_id))][:MOST_TRIED]


def _ends(trip: IndexedTrip, old: OldRide, places: Mapping[str, str]) -> tuple[str, str] | None:
    """Return where a trip is boarded and left for the same ride, whichever kerb of the place it halts at."""
    home = next((stop for stop in trip.stop_ids if places.get(stop) == old.place_id), None)
    if home is None or old.worksite_id not in trip.stop_ids:
        return None
    return (home, old.worksite_id) if old.direction is Direction.INBOUND else (old.worksite_id, home)


def _in_window(edition: Edition, trip: IndexedTrip, old: OldRide) -> bool:
    """Tell whether a trip is at the worksite when a shift of the old ride asks for it."""
    if old.worksite_id not in trip.stop_ids:
        return False
    at = trip.stop_ids.index(old.worksite_id)
    clock = trip.arrive[at] if old.direction is Direction.INBOUND else trip.depart[at]
    shifts = [edition.index.shifts[name] for name in old.shift_ids if name in edition.index.shifts]
    windows = [edition.index.rules.window(shift, old.direction) for shift in shifts]
    return any(window is not None and window[0] <= clock <= window[1] for window in windows)


def departure(edition: Edition, span: Span) -> int | None:
    """Return when the trip of a ride leaves its boarding stop [s]."""
    trip = edition.index.trip(span.trip_id)
    return None if trip is None else trip.depart[span.first]


def alternatives(edition: Edition, old: OldRide, day: dt.date, people: int, taken: People) -> list[dict[str, Any]]:
    """Return offers to somebody who would walk from the old stop, best first; none is kept."""
    shift_id = next((name for name in old.shift_ids if name in edition.index.shifts), None)
    if shift_id is None:
        return []
    query = Query(
        home=old.near,
        worksite_id=old.worksite_id,
        shift_id=shift_id,
        days=weekdays([day]),
        count=people,
        most=MOST_OFFERS,
    )
    try:
        return [describe_offer(offer) for offer in find_offers(edition.index, query, taken=taken).offers]
    except InputError:  # the worksite is gone, or the stop lies off every road by now
        return []
