"""The plan document: a plan with everything derived from it that readers without the problem need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from numpy.typing import ArrayLike

from routing.evaluate import Evaluation
from routing.evaluate.promises import home_position
from routing.formats.polyline import Path, simplified
from routing.model.demand import WORKDAYS, Direction
from routing.model.places import Location
from routing.model.plan import Assignment, Line, Plan, Trip
from routing.model.problem import Problem
from routing.model.result import SearchResult
from routing.schedule import Seat, TripSchedule
from routing.timetable import trip_calls

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
STOP_DIGITS = 8
Geometry = Callable[[Trip], tuple[ArrayLike, ArrayLike]]
"""Longitudes and latitudes [degrees, WGS-84] of the way that a trip drives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a plan was made from, as its readers must be told.

    Attributes
    ----------
    synthetic : bool
        Whether riders or roads are made up.
    """

    scenario: str
    timezone: str = "Asia/Shanghai"
    synthetic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStop:
    """A stop or worksite that trips call at; a worksite is its own place."""

    stop_id: str
    place_id: str
    name: str
    location: Location
    worksite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCall:
    """One trip at one stop, as declared; None where the document does not say.

    Attributes
    ----------
    arrive, depart, arrive_p95 : int or None
        [s] since midnight; the last on 95 % of days at the latest.
    board, alight, load : int or None
        People on the busiest weekday; load is what leaves the stop.
    """

    stop_id: str
    arrive: int | None = None
    depart: int | None = None
    arrive_p95: int | None = None
    board: int | None = None
    alight: int | None = None
    load: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTrip:
    """What a document declares of a trip beside its decisions.

    Attributes
    ----------
    riders : int
        People carried on the busiest weekday.
    days : int
        Weekdays on which anybody rides; bit 0 is Monday.
    distance_m : int or None
        Length of the way [m].
    path : Path
        The way on the map; empty where it is unknown.
    """

    trip_id: str
    calls: tuple[DocumentCall, ...]
    riders: int = 0
    days: int = WORKDAYS
    distance_m: int | None = None
    path: Path = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSeat:
    """What a document declares of the assignment at the same position in the plan.

    Attributes
    ----------
    walk_m, ride_s : int or None
        [m], [s].
    """

    walk_m: int | None = None
    ride_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDocument:
    """A plan as it is published: decisions, and what was derived from them.

    Attributes
    ----------
    trips : tuple of DocumentTrip
        In the order of ``plan.trips()``.
    seats : tuple of DocumentSeat
        In the order of ``plan.assignments``.
    vehicle_seats : mapping
        Seats by vehicle type id, as far as known.
    summary : mapping
        Key figures under the names of the plan document.
    declared : frozenset of str
        Keys that the document has at its top level.
    """

    plan_id: str
    origin: Origin
    plan: Plan
    stops: tuple[DocumentStop, ...]
    trips: tuple[DocumentTrip, ...]
    seats: tuple[DocumentSeat, ...]
    vehicle_seats: Mapping[str, int] = field(default_factory=dict)
    summary: Mapping[str, object] = field(default_factory=dict)
    declared: frozenset[str] = field(default=frozenset(), compare=False)

    def stop(self, stop_id: str) -> DocumentStop | None:
        """Return a stop by id, or None where the document does not list it."""
        return next((stop for stop in self.stops if stop.stop_id == stop_id), None)

    def rows(self) -> tuple[tuple[Line, Trip, DocumentTrip], ...]:
        """Return every trip with its line and what is declared of it."""
        return tuple((line, trip, more) for (line, trip), more in zip(self.plan.trips(), self.trips, strict=True))

    def departures(self) -> dict[tuple[str, str], int]:
        """Return when each trip (first key) leaves each stop (second key) [s], as far as declared."""
        return {
            (trip.trip_id, call.stop_id): call.depart
            for trip in self.trips
            for call in trip.calls
            if call.depart is not None
        }


def describe_plan(
    problem: Problem,
    plan: Plan,
    evaluation: Evaluation,
    *,
    origin: Origin | None = None,
    run: SearchResult | None = None,
    geometry: Geometry | None = None,
    extra: Mapping[str, object] | None = None,
) -> PlanDocument:
    """Make the document of a plan whose references all resolve.

    Parameters
    ----------
    problem, plan, evaluation
        What is given, decided and derived; trips that the judge could not resolve are left out.
    origin : Origin, optional
        By default, the problem's name in China's time zone.
    run : SearchResult, optional
        The search that found the plan: seed, running time and bound go into the summary.
    geometry : callable, optional
        The way of a trip on the map; it is simplified to `routing.formats.polyline.TOLERANCE_M`.
    extra : mapping, optional
        More keys for the summary.
    """
    schedules = {schedule.trip.trip_id: schedule for schedule in evaluation.schedule.trips}
    plan = _ordered(plan, schedules)
    trips = tuple(_document_trip(problem, schedules[trip.trip_id], geometry) for _, trip in plan.trips())
    seats = {_seat_key(seat.assignment): (trip, seat) for trip in schedules.values() for seat in trip.seats}
    return PlanDocument(
        plan_id=plan_digest(plan),
        origin=origin or Origin(scenario=problem.name),
        plan=plan,
        stops=_document_stops(problem, plan),
        trips=trips,
        seats=tuple(_document_seat(problem, seats.get(_seat_key(a))) for a in plan.assignments),
        vehicle_seats={kind.vehicle_type_id: kind.seats for kind in problem.vehicle_types},
        summary=evaluation.summary() | _run_facts(run, evaluation.cost_fen) | dict(extra or {}),
        declared=frozenset({"lines", "stops", "assignments", "blocks", "unserved", "summary"}),
    )


def plan_digest(plan: Plan) -> str:
    """Return an id that is the same for the same decisions, and only for them."""
    return f"plan_{sha256(repr(plan).encode()).hexdigest()[:26]}"


def _seat_key(assignment: Assignment) -> tuple[str, Direction, str]:
    return assignment.rider_id, assignment.direction, assignment.trip_id


def _ordered(plan: Plan, known: Mapping[str, TripSchedule]) -> Plan:
    """Return the plan without unresolved trips, and sorted where no order is meant."""
    lines = tuple(replace(line, trips=tuple(t for t in line.trips if t.trip_id in known)) for line in plan.lines)
    return Plan(
        lines=lines,
        assignments=tuple(sorted(plan.assignments, key=_seat_key)),
        blocks=tuple(sorted(plan.blocks, key=lambda b: b.block_id)),
        unserved=tuple(sorted(plan.unserved, key=lambda u: (u.rider_id, u.direction))),
    )


def _run_facts(run: SearchResult | None, cost_fen: int) -> dict[str, object]:
    if run is None:
        return {"lower_bound_fen": None, "gap": None, "runtime_s": None, "seed": None}
    bound = run.lower_bound
    gap = None if bound is None or cost_fen <= 0 else round((cost_fen - bound) / cost_fen, 6)
    return {
        "lower_bound_fen": bound,
        "gap": gap,
        "runtime_s": round(run.runtime_s, 3),
        "seed": run.seed,
        "iterations": run.iterations,
        "status": run.status.value,
    }


def _document_trip(problem: Problem, schedule: TripSchedule, geometry: Geometry | None) -> DocumentTrip:
    days = 0
    for seat in schedule.seats:
        days |= problem.riders[seat.rider].days
    calls = tuple(
        DocumentCall(
            stop_id=call.stop_id,
            arrive=call.arrive,
            depart=call.depart,
            arrive_p95=call.arrive_p95,
            board=call.board,
            alight=call.alight,
            load=call.load,
        )
        for call in trip_calls(problem, schedule)
    )
    return DocumentTrip(
        trip_id=schedule.trip.trip_id,
        calls=calls,
        riders=schedule.riders,
        days=days or WORKDAYS,
        distance_m=schedule.distance_m,
        path=() if geometry is None else simplified(*geometry(schedule.trip)),
    )


def _document_seat(problem: Problem, found: tuple[TripSchedule, Seat] | None) -> DocumentSeat:
    if found is None:
        return DocumentSeat()
    schedule, seat = found
    home = schedule.nodes[home_position(schedule, seat)]
    return DocumentSeat(walk_m=problem.walks.walk_m(seat.rider, home), ride_s=schedule.ride_s(seat))


def _document_stops(problem: Problem, plan: Plan) -> tuple[DocumentStop, ...]:
    """Return the stops that trips call at, and every worksite, by id."""
    used = {stop_id for _, trip in plan.trips() for stop_id in trip.stop_ids}
    stops = [
        DocumentStop(stop_id=s.stop_id, place_id=s.place_id, name=s.name, location=_rounded(s.location))
        for s in problem.stops
        if s.stop_id in used
    ]
    sites = [
        DocumentStop(
            stop_id=w.worksite_id,
            place_id=w.worksite_id,
            name=w.name,
            location=_rounded(w.location),
            worksite=True,
        )
        for w in problem.worksites
    ]
    return tuple(sorted(stops + sites, key=lambda stop: stop.stop_id))


def _rounded(at: Location) -> Location:
    # A millimetre: coarser positions would shift travel times by a second here and there when the plan is checked.
    return Location(lon=round(at.lon, STOP_DIGITS), lat=round(at.lat, STOP_DIGITS))
