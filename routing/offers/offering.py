"""Counts the seats of an option's rides, weighs options, and puts an offer together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routing.offers.index import Metres, OfferIndex, People
from routing.offers.options import Halt, Options
from routing.offers.words import Leg, Offer, Query


def seats_left(index: OfferIndex, halts: Sequence[Halt], taken: People) -> int:
    """Return the free seats on the scarcest segment of an option's rides."""
    return min(min(free_seats(index, halt, taken)) for halt in halts)


def free_seats(index: OfferIndex, halt: Halt, taken: People) -> tuple[int, ...]:
    """Return the free seats on each segment of a ride; none is below zero, though a plan may be overbooked."""
    trip = index.trips[halt.trip]
    seats = trip.seats
    used = taken[trip.first + halt.board : trip.first + halt.alight].tolist()
    return tuple([seats - people if people < seats else 0 for people in used])


def seats_lacking(index: OfferIndex, halts: Sequence[Halt], taken: People, count: int) -> int:
    """Return how many more seats an option's scarcest ride needs for so many more people; none where it is not above 0.

    Where a trip is overbooked, those who have no seat need one first.
    """
    rides = ((index.trips[halt.trip], halt) for halt in halts)
    return max(int(taken[t.first + h.board : t.first + h.alight].max()) + count - t.seats for t, h in rides)


def running(table: Options, days: int) -> NDArray[np.bool_]:
    """Tell which options run on every one of some weekdays, bool (n,); a trip without riders on a day does not."""
    return np.asarray(table.days & days == days)


def efforts(
    index: OfferIndex, table: Options, on_foot: NDArray[np.int32], rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return what options weigh by [fen]: time aboard and on foot, at the prices of the plan's own objective."""
    metres = on_foot[rows].sum(axis=1, dtype=np.int64)
    return np.asarray(table.ride_fen[rows] + index.costs.walk * metres / index.rules.walk_speed_m_per_h)


def build_offer(
    index: OfferIndex, query: Query, halts: Sequence[Halt], on_foot: Metres, effort_fen: float, taken: People
) -> Offer:
    """Return the offer of an option.

    Parameters
    ----------
    on_foot : int32 array (d,)
        Walk [m] between home and the stop of each halt.
    """
    line, stop = index.trips[halts[0].trip], index.stops[halts[0].stop]
    walks = on_foot.tolist()
    legs = tuple(_leg(index, query, halt, walk, taken) for halt, walk in zip(halts, walks, strict=True))
    return Offer(
        line_id=line.line_id,
        line_name=line.line_name,
        place_id=stop.place_id,
        place_name=stop.name,
        legs=legs,
        effort_fen=round(effort_fen),
    )


def _leg(index: OfferIndex, query: Query, halt: Halt, walk: int, taken: People) -> Leg:
    trip, stop = index.trips[halt.trip], index.stops[halt.stop]
    free = free_seats(index, halt, taken)
    return Leg(
        direction=trip.direction,
        trip_id=trip.trip_id,
        stop_id=stop.stop_id,
        stop_name=stop.name,
        worksite_id=query.worksite_id,
        walk_m=None if query.stop_id is not None else walk,
        depart=halt.depart,
        arrive=halt.arrive,
        arrive_p95=halt.arrive_p95,
        ride_s=halt.ride_s,
        on_time=halt.on_time,
        seats_left=min(free),
        segments=free,
    )
