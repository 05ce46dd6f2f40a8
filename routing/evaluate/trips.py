"""Rules of each trip: seats, number of stops, minimum load, which stops may be used."""

from collections.abc import Iterator

import numpy as np

from routing.evaluate.findings import Rule, Violation
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.schedule import PlanSchedule, TripSchedule


def check_load(problem: Problem, schedule: TripSchedule) -> Iterator[Violation]:
    """Check that everyone has a seat on every weekday and segment."""
    vehicle_type = problem.vehicle_type(schedule.trip.vehicle_type_id)
    seats = 0 if vehicle_type is None else vehicle_type.seats
    if schedule.peak_load > seats:
        trip_id, load = schedule.trip.trip_id, schedule.peak_load
        text = f"{trip_id} carries {load} people on {seats} seats"
        yield Violation(rule=Rule.SEATS, subject=trip_id, value=load, limit=seats, text=text)


def check_trip_time(problem: Problem, schedule: TripSchedule) -> Iterator[Violation]:
    """Check how long the trip is under way."""
    limit = problem.rules.max_trip_s
    if limit is not None and schedule.duration_s > limit:
        trip_id, value = schedule.trip.trip_id, schedule.duration_s
        text = f"{trip_id} is under way for {value} s"
        yield Violation(rule=Rule.TRIP_TIME, subject=trip_id, value=value, limit=limit, text=text)


def check_one_worksite(problem: Problem, schedule: TripSchedule) -> Iterator[Violation]:
    """Check that riders of one worksite are among themselves, where that is asked for."""
    sites = sorted({problem.riders[seat.rider].worksite_id for seat in schedule.seats})
    if problem.rules.one_worksite_per_trip and len(sites) > 1:
        trip_id = schedule.trip.trip_id
        text = f"{trip_id} carries riders of {', '.join(sites)}"
        yield Violation(rule=Rule.ONE_WORKSITE, subject=trip_id, value=len(sites), limit=1, text=text)


def check_min_load(problem: Problem, schedule: TripSchedule) -> Iterator[Violation]:
    """Check that enough people ride on the busiest weekday to open the trip; one that must run is open already."""
    needed = problem.rules.min_load
    if problem.changes is not None and problem.changes.must_run(schedule.line.line_id):
        return
    if schedule.riders < needed:
        trip_id, riders = schedule.trip.trip_id, schedule.riders
        text = f"{trip_id} carries {riders} people on its busiest day, {needed} open a trip"
        yield Violation(rule=Rule.MIN_LOAD, subject=trip_id, value=riders, limit=needed, text=text)


def check_stops(problem: Problem, schedule: TripSchedule) -> Iterator[Violation]:
    """Check the number of stops, that none comes twice, and that none is forbidden."""
    trip_id, stop_ids = schedule.trip.trip_id, schedule.trip.stop_ids
    limit = problem.rules.max_stops
    if len(stop_ids) > limit:
        text = f"{trip_id} makes {len(stop_ids)} stops"
        yield Violation(rule=Rule.STOPS_PER_TRIP, subject=trip_id, value=len(stop_ids), limit=limit, text=text)
    if len(set(stop_ids)) < len(stop_ids):
        twice = sorted({s for s in stop_ids if stop_ids.count(s) > 1})
        text = f"{trip_id} visits {', '.join(twice)} more than once"
        yield Violation(rule=Rule.REPEATED_STOP, subject=trip_id, text=text)
    for node in schedule.nodes:
        if node < len(problem.stops) and problem.stops[node].status is StopStatus.FORBIDDEN:
            stop_id = problem.stops[node].stop_id
            yield Violation(rule=Rule.STOP_STATUS, subject=stop_id, text=f"{trip_id} halts at forbidden {stop_id}")


def check_pinned_stops(problem: Problem, plan: PlanSchedule) -> Iterator[Violation]:
    """Check that the place of every pinned stop is served, if any rider who is served can walk there."""
    pinned = {i: s for i, s in enumerate(problem.stops) if s.status is StopStatus.PINNED}
    if not pinned:
        return
    served_places = {problem.place_id(node) for schedule in plan.trips for node in schedule.nodes}
    in_reach = _stops_in_reach(problem, {seat.rider for schedule in plan.trips for seat in schedule.seats})
    for node, stop in pinned.items():
        if stop.place_id not in served_places and node in in_reach:
            text = f"no trip halts at the pinned stop {stop.stop_id} ({stop.name})"
            yield Violation(rule=Rule.PINNED_STOP, subject=stop.stop_id, text=text)


def _stops_in_reach(problem: Problem, riders: set[int]) -> set[int]:
    reach: set[int] = set()
    for rider in riders:
        stops, metres = problem.walks.row(rider)
        limit = problem.rules.walk_limit_m(problem.riders[rider].need)
        reach.update(stops[: np.searchsorted(metres, limit, side="right")].tolist())
    return reach
