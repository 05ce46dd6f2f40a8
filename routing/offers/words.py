"""What is asked of a published plan and what it answers: queries, offers, and misses with what would mend them."""

from dataclasses import dataclass

from routing.model.demand import WORKDAYS, Direction, Need
from routing.model.places import Location
from routing.model.plan import Relaxation

MOST_OFFERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One new rider, or a group that travels together.

    Attributes
    ----------
    home : Location or None
        Where the walk begins; not needed where a stop is given.
    stop_id : str or None
        A stop of the plan that the rider has chosen; only its place is offered, and no walk is counted.
    days : int
        Weekdays on which a seat is wanted on every trip; bit 0 is Monday. Trips that nobody rides on a weekday do not
        run then, and are not offered for it.
    count : int
        Number of people.
    most : int
        Offers wanted at most, per direction where a line need not run both ways.
    """

    worksite_id: str
    shift_id: str
    home: Location | None = None
    stop_id: str | None = None
    days: int = WORKDAYS
    count: int = 1
    need: Need = Need.NONE
    most: int = MOST_OFFERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One direction of an offer: a trip, the stop near home, and when.

    Attributes
    ----------
    stop_id, stop_name : str
        The stop near home: inbound the rider boards there, outbound alights.
    walk_m : int or None
        [m] between home and stop; None where the rider chose the stop.
    depart, arrive : int
        [s] since midnight: leaving the stop of boarding, reaching the stop of alighting.
    arrive_p95 : int
        [s] since midnight; reached by then on 95 % of days.
    ride_s : int
        Time aboard [s].
    on_time : float
        Share of days on which the trip is not later than its window at the worksite, as the judge counts it.
    seats_left : int
        Least number of free seats on any segment of the ride, on any of the days asked for.
    segments : tuple of int
        Free seats on each segment of the ride, in order.
    """

    direction: Direction
    trip_id: str
    stop_id: str
    stop_name: str
    worksite_id: str
    walk_m: int | None
    depart: int
    arrive: int
    arrive_p95: int
    ride_s: int
    on_time: float
    seats_left: int
    segments: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A seat on a line: one leg per direction where the line must bring its riders home again.

    Attributes
    ----------
    place_id, place_name : str
        What riders know the stops near home by.
    effort_fen : int
        The rider's time on foot and aboard, at the plan's own prices [fen a day]; offers are ranked by it.
    """

    line_id: str
    line_name: str
    place_id: str
    place_name: str
    legs: tuple[Leg, ...]
    effort_fen: int

    @property
    def seats_left(self) -> int:
        """Free seats on the scarcest leg."""
        return min(leg.seats_left for leg in self.legs)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """What would have to give so that a seat fits.

    Attributes
    ----------
    relaxation : Relaxation
        Kind, amount and unit, as for riders whom a plan leaves out.
    share : float
        The amount as a share of what is promised; the nearest miss has the smallest.
    offer : Offer or None
        The seat that would then fit; None where a line would have to open first.
    shift_id : str or None
        The shift that the rider would have to work, where it is another one.
    """

    relaxation: Relaxation
    share: float
    offer: Offer | None = None
    shift_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a plan has for a query.

    Attributes
    ----------
    offers : tuple of Offer
        Best first; every promise of the plan's rules is kept, and there is a seat.
    misses : tuple of NearMiss
        Nearest first, one per kind; empty where there are offers.
    """

    offers: tuple[Offer, ...]
    misses: tuple[NearMiss, ...] = ()
