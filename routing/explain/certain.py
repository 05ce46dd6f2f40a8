"""Reasons that no plan at all could mend: no stop in reach, too long a ride however direct, too large a group."""

from collections.abc import Callable
from dataclasses import replace

from routing.explain.finding import Finding
from routing.explain.opening import direct_s, open_line
from routing.explain.options import usable_stops
from routing.explain.remedy import relaxed_rules
from routing.explain.vicinity import PlanIndex
from routing.model.demand import Direction
from routing.model.plan import Reason
from routing.model.problem import Problem


def certain_reason(problem: Problem, rider: int, directions: tuple[Direction, ...]) -> Reason | None:
    """Return a reason that holds whatever lines there are, or None.

    A ride counts as too long only if it is so on the direct drive in the fastest period, since a
    trip that serves several shifts drives by the clock of the earliest.
    """
    given, rules = problem.riders[rider], problem.rules
    stops = [stop for stop, walk in usable_stops(problem, rider) if walk <= rules.walk_limit_m(given.need)]
    if not stops:
        return Reason.NO_STOP_IN_WALK
    periods = range(len(problem.travel))
    fastest = _shortest_ride(
        problem, stops, lambda stop, way: min(direct_s(problem, given, stop, way, p) for p in periods), directions
    )
    if fastest > rules.max_ride_s:
        return Reason.RIDE_TOO_LONG
    if 0 < _most_seats(problem) < given.count:  # with no vehicle at all, size is not the matter
        return Reason.NO_VEHICLE_LARGE_ENOUGH
    return None


def open_line_despite(
    index: PlanIndex, rider: int, directions: tuple[Direction, ...], certain: Reason | None
) -> Finding | None:
    """Open a line of the rider's own, relaxing as much as a certain reason asks for and no more."""
    problem = index.problem
    given, rules = problem.riders[rider], problem.rules
    limit = rules.walk_limit_m(given.need)
    if certain is None:
        return open_line(index, rider, directions, rules=rules) or open_line(
            index, rider, directions, rules=rules, supply=True
        )
    if certain is Reason.NO_VEHICLE_LARGE_ENOUGH:
        amount = given.count - _most_seats(problem)
        found = open_line(index, rider, directions, rules=rules, seats=given.count)
        return _because(found, "seats", amount, amount / max(1, _most_seats(problem)))
    if certain is Reason.RIDE_TOO_LONG:
        stops = [stop for stop, walk in usable_stops(problem, rider) if walk <= limit]
        ride = _shortest_ride(problem, stops, lambda stop, way: direct_s(problem, given, stop, way), directions)
        amount = ride - rules.max_ride_s
        found = open_line(index, rider, directions, rules=relaxed_rules(rules, "ride", amount))
        return _because(found, "ride", amount, amount / max(1, rules.max_ride_s))
    for stop, walk in usable_stops(problem, rider):
        if all(direct_s(problem, given, stop, way) <= rules.max_ride_s for way in directions):
            amount = walk - limit
            relaxed = relaxed_rules(rules, "walk", amount, given.need)
            return _because(open_line(index, rider, directions, rules=relaxed), "walk", amount, amount / max(1, limit))
    return None


def _shortest_ride(
    problem: Problem, stops: list[int], ride: Callable[[int, Direction], int], directions: tuple[Direction, ...]
) -> int:
    """Return the shortest ride [s] over all places in reach, the longer of its directions counting."""
    kerbs: dict[str, list[int]] = {}
    for stop in stops:
        kerbs.setdefault(problem.place_id(stop), []).append(stop)
    return min(max(min(ride(stop, way) for stop in group) for way in directions) for group in kerbs.values())


def _most_seats(problem: Problem) -> int:
    there = {item.vehicle_type_id for item in problem.fleet if item.available}
    return max((v.seats for v in problem.vehicle_types if v.vehicle_type_id in there), default=0)


def _because(found: Finding | None, kind: str, amount: int, share: float) -> Finding | None:
    condition = {
        "walk": f"With a walk {amount} m longer than promised",
        "ride": f"With a longest ride {amount} s longer",
        "seats": f"With a vehicle of {amount} more seats than the largest there is",
    }[kind]
    if found is None:
        return None
    text = f"{condition}: {found.text[0].lower()}{found.text[1:]}"
    if found.kind not in ("price", "neighbours"):
        return None  # two limits at once: nothing that a planner would call the smallest change
    also = (("neighbours", found.amount),) if found.kind == "neighbours" else ()
    return replace(found, kind=kind, amount=amount, share=share + found.share, text=text, also=also)
