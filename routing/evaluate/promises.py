"""Promises to each rider: the walk, the ride, the window, the same line home."""

import math
from collections.abc import Iterator

from routing.evaluate.findings import Rule, Violation
from routing.model.demand import Direction
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.schedule import PlanSchedule, Seat, TripSchedule


def home_position(schedule: TripSchedule, seat: Seat) -> int:
    """Return the position of the stop near the rider's home."""
    return seat.board if schedule.trip.direction is Direction.INBOUND else seat.alight


def site_position(schedule: TripSchedule, seat: Seat) -> int:
    """Return the position of the rider's worksite."""
    return seat.alight if schedule.trip.direction is Direction.INBOUND else seat.board


def on_time_share(rules: ServiceRules, planned: int, elapsed_s: int, latest: int) -> float:
    """Return the share of days on which a trip is not later than the end of its window [s].

    The running time deviates normally about the planned one; a trip that is early waits, and breaks no promise.
    """
    sd = rules.run_time_sd_s(elapsed_s)
    if sd <= 0:
        return 1.0 if planned <= latest else 0.0
    return 0.5 * (1.0 + math.erf((latest - planned) / (sd * math.sqrt(2))))


def check_seats_make_sense(problem: Problem, schedule: TripSchedule) -> Iterator[Violation]:
    """Check that riders board before they alight, at their own worksite, on a trip of their own shift."""
    for seat in schedule.seats:
        rider = problem.riders[seat.rider]
        faults = []
        if seat.board >= seat.alight:
            faults.append("alights before boarding")
        if schedule.trip.stop_ids[site_position(schedule, seat)] != rider.worksite_id:
            faults.append(f"is not brought to or from the own worksite {rider.worksite_id}")
        if rider.shift_id not in schedule.trip.shift_ids:
            faults.append(f"works shift {rider.shift_id}, which trip {schedule.trip.trip_id} does not serve")
        if seat.assignment.direction is not schedule.trip.direction:
            faults.append(f"travels {seat.assignment.direction} on an {schedule.trip.direction} trip")
        for fault in faults:
            yield Violation(rule=Rule.ASSIGNMENT, subject=rider.rider_id, text=f"{rider.rider_id} {fault}")


def check_walk(problem: Problem, schedule: TripSchedule) -> Iterator[Violation]:
    """Check the walk between home and stop."""
    for seat in schedule.seats:
        rider = problem.riders[seat.rider]
        limit = problem.rules.walk_limit_m(rider.need)
        node = schedule.nodes[home_position(schedule, seat)]
        walk = problem.walks.walk_m(seat.rider, node)
        if walk is None or walk > limit:
            found = "further than any walk known" if walk is None else f"{walk} m"
            text = f"{rider.rider_id} walks {found} to {schedule.trip.stop_ids[home_position(schedule, seat)]}"
            yield Violation(rule=Rule.WALK, subject=rider.rider_id, value=walk, limit=limit, text=text)


def check_ride(problem: Problem, schedule: TripSchedule) -> Iterator[Violation]:
    """Check the time aboard against the longest ride and against the direct drive."""
    duration = problem.travel[schedule.period].duration
    for seat in schedule.seats:
        ride = schedule.ride_s(seat)
        direct = int(duration[schedule.nodes[seat.board], schedule.nodes[seat.alight]])
        limits = {Rule.RIDE: problem.rules.max_ride_s, Rule.DETOUR: problem.rules.detour_limit_s(direct)}
        for rule, limit in limits.items():
            if ride > limit:
                text = f"{seat.assignment.rider_id} rides {ride} s on {schedule.trip.trip_id} (direct drive {direct} s)"
                yield Violation(rule=rule, subject=seat.assignment.rider_id, value=ride, limit=limit, text=text)


def check_windows(problem: Problem, schedule: TripSchedule) -> Iterator[Violation]:
    """Check arrival (inbound) and departure (outbound) windows, as planned and as a share of days."""
    inbound = schedule.trip.direction is Direction.INBOUND
    rule = Rule.ARRIVAL_WINDOW if inbound else Rule.DEPARTURE_WINDOW
    clocks = schedule.arrive if inbound else schedule.depart
    calls = {(site_position(schedule, seat), problem.riders[seat.rider].shift_id) for seat in schedule.seats}
    for position, shift_id in sorted(calls):
        shift = problem.shift(shift_id)
        bounds = None if shift is None else problem.rules.window(shift, schedule.trip.direction)
        where = f"{schedule.trip.trip_id} at {schedule.trip.stop_ids[position]} for shift {shift_id}"
        clock = clocks[position]
        if bounds is None:
            text = f"{where}: the shift asks for no {schedule.trip.direction} trip"
            yield Violation(rule=rule, subject=schedule.trip.trip_id, text=text)
        elif not bounds[0] <= clock <= bounds[1]:
            limit = bounds[0] if clock < bounds[0] else bounds[1]
            text = f"{where}: at {clock} s, allowed from {bounds[0]} to {bounds[1]} s"
            yield Violation(rule=rule, subject=schedule.trip.trip_id, value=clock, limit=limit, text=text)
        else:
            yield from _check_on_time(problem.rules, schedule, position, bounds, where)
    yield from _check_idle_shifts(problem, schedule, {shift_id for _, shift_id in calls})


def _check_idle_shifts(problem: Problem, schedule: TripSchedule, ridden: set[str]) -> Iterator[Violation]:
    # The shifts that a trip names decide the period, thus the speeds, in which it drives; a shift that
    # nobody aboard works must not lend it better ones, nor be announced where it could not ride.
    direction = schedule.trip.direction
    rule = Rule.ARRIVAL_WINDOW if direction is Direction.INBOUND else Rule.DEPARTURE_WINDOW
    clocks = schedule.arrive if direction is Direction.INBOUND else schedule.depart
    at_sites = [clock for clock, node in zip(clocks, schedule.nodes, strict=True) if problem.is_worksite(node)]
    for shift_id in sorted(set(schedule.trip.shift_ids) - ridden):
        shift = problem.shift(shift_id)
        bounds = None if shift is None else problem.rules.window(shift, direction)
        if bounds is not None and not any(bounds[0] <= clock <= bounds[1] for clock in at_sites):
            trip_id = schedule.trip.trip_id
            text = f"{trip_id} names shift {shift_id}, but is at no worksite from {bounds[0]} to {bounds[1]} s"
            yield Violation(rule=rule, subject=trip_id, text=text)


def _check_on_time(
    rules: ServiceRules, schedule: TripSchedule, position: int, bounds: tuple[int, int], where: str
) -> Iterator[Violation]:
    inbound = schedule.trip.direction is Direction.INBOUND
    clock = schedule.arrive[position] if inbound else schedule.depart[position]
    share = on_time_share(rules, clock, schedule.drive[position], bounds[1])
    if share < rules.on_time - 1e-9:
        text = f"{where}: not later than its window on {share:.1%} of days"
        subject = schedule.trip.trip_id
        yield Violation(rule=Rule.ON_TIME, subject=subject, value=round(share, 4), limit=rules.on_time, text=text)


def check_same_line(problem: Problem, plan: PlanSchedule) -> Iterator[Violation]:
    """Check that riders go home on the line that brought them, from the same place."""
    if not problem.rules.same_line_both_ways:
        return
    calls: dict[int, dict[Direction, tuple[str, str]]] = {}
    for schedule in plan.trips:
        for seat in schedule.seats:
            place = problem.place_id(schedule.nodes[home_position(schedule, seat)])
            calls.setdefault(seat.rider, {})[schedule.trip.direction] = (schedule.line.line_id, place)
    for index, ways in calls.items():
        rider = problem.riders[index]
        shift = problem.shift(rider.shift_id)
        wanted = () if shift is None else shift.directions
        if len(wanted) == len(Direction) and len(set(ways.values())) + len(wanted) - len(ways) > 1:
            found = ", ".join(f"{way}: line {line} at {place}" for way, (line, place) in sorted(ways.items()))
            text = f"{rider.rider_id} does not go home on the line that brought them ({found})"
            yield Violation(rule=Rule.SAME_LINE, subject=rider.rider_id, text=text)
