"""Which stops each rider may use, and who cannot be served at all."""

from dataclasses import dataclass

import numpy as np

from routing.model.demand import Direction
from routing.model.places import StopStatus
from routing.model.plan import Reason
from routing.model.problem import Problem
from routing.solver.layout import Int32

MOST_OPTIONS = 24
"""Stops considered per rider and direction, nearest on foot first; all of them where walking costs nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The stops a rider may use, nearest first.

    Attributes
    ----------
    stops, metres : ndarray of int32
        Stop indices and walks [m].
    must : bool
        The rider holds a pinned place open and is worth far more than others.
    """

    stops: Int32
    metres: Int32
    must: bool = False


def choose_stops(problem: Problem) -> list[Choice]:
    """Return the stops within each rider's own walk limit; pinned places bind their nearest rider."""
    usable = np.array([s.status is not StopStatus.FORBIDDEN for s in problem.stops], bool)
    most = MOST_OPTIONS if problem.costs.walk else len(problem.stops)
    choices = []
    for index, rider in enumerate(problem.riders):
        stops, metres = problem.walks.row(index)
        near = usable[stops] & (metres <= problem.rules.walk_limit_m(rider.need))
        order = np.argsort(metres[near], kind="stable")[:most]
        choices.append(Choice(stops=stops[near][order], metres=metres[near][order]))
    return bind_pinned(problem, choices)


def bind_pinned(problem: Problem, choices: list[Choice]) -> list[Choice]:
    """Tie to each pinned place the rider who is nearest to it and not yet tied to another."""
    pinned: dict[str, list[int]] = {}
    for node, stop in enumerate(problem.stops):
        if stop.status is StopStatus.PINNED:
            pinned.setdefault(stop.place_id, []).append(node)
    places = np.array([s.place_id for s in problem.stops])
    bound = list(choices)
    for place_id, kerbs in sorted(pinned.items()):
        near = [
            (int(c.metres[np.isin(c.stops, kerbs)].min()), r)
            for r, c in enumerate(bound)
            if not c.must and np.isin(c.stops, kerbs).any()
        ]
        if not near:
            continue
        _, r = min(near)
        here = places[bound[r].stops] == place_id
        bound[r] = Choice(stops=bound[r].stops[here], metres=bound[r].metres[here], must=True)
    return bound


def certain_reason(problem: Problem, rider: int, choice: Choice, direction: Direction) -> Reason | None:
    """Return why a rider can certainly not be served in a direction, or None where that is open."""
    if not len(choice.stops):
        return Reason.NO_STOP_IN_WALK
    given = problem.riders[rider]
    seats = [problem.vehicle_type(item.vehicle_type_id) for item in problem.fleet if item.available]
    if max((kind.seats for kind in seats if kind is not None), default=0) < given.count:
        return Reason.NO_VEHICLE_LARGE_ENOUGH
    site = problem.node(given.worksite_id)
    duration = problem.travel[problem.trip_period(direction, (given.shift_id,))].duration
    direct = duration[choice.stops, site] if direction is Direction.INBOUND else duration[site, choice.stops]
    if int(direct.min()) > problem.rules.max_ride_s:
        return Reason.RIDE_TOO_LONG
    return None
