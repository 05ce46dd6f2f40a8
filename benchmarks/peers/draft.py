"""A line in the making: stops, riders and worksites, timed by the judge's own rules."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from routing.model.demand import DAYS_PER_WEEK, Direction
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.model.travel import TravelMatrix
from routing.model.units import HOUR_S, METRES_PER_KM

MOST_ORDERS = 4
"""Worksites up to which every order is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An inbound line without a vehicle.

    Attributes
    ----------
    stops, sites : tuple of int
        Nodes in the order of the visit: stops first, then worksites.
    board : dict of int to int
        Stop node of every rider aboard.
    """

    shift_id: str
    stops: tuple[int, ...]
    sites: tuple[int, ...]
    board: dict[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A draft's clock, from the arrival at its first stop on.

    Attributes
    ----------
    arrive, depart : tuple of int
        [s] at each node.
    ride_s : dict of int to int
        Ride [s] of every rider.
    late : dict of int to int
        By how much [s] the ride of some riders is too long.
    opens, closes : int
        First and last clock time [s] at which the first stop may be reached; none where closes < opens.
    peak : int
        Seats needed.
    """

    arrive: tuple[int, ...]
    depart: tuple[int, ...]
    ride_s: dict[int, int]
    late: dict[int, int]
    opens: int
    closes: int
    peak: int
    metres: int


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """A problem with what drafting needs at hand.

    Attributes
    ----------
    site : ndarray of int64, shape (riders,)
        Node of every rider's worksite.
    days : ndarray of int64, shape (riders, 7)
        People per weekday.
    walks : list of dict of int to int
        Metres [m] of every rider's walks to the stops that may be used.
    limits : list of list of list of int
        Longest ride [s] by travel period, stop and worksite.
    """

    problem: Problem
    site: NDArray[np.int64] = field(init=False)
    days: NDArray[np.int64] = field(init=False)
    walks: list[dict[int, int]] = field(init=False)
    limits: list[list[list[int]]] = field(init=False)

    def __post_init__(self) -> None:
        problem = self.problem
        usable = [s.status is not StopStatus.FORBIDDEN for s in problem.stops]
        walks = []
        for index, rider in enumerate(problem.riders):
            limit = problem.rules.walk_limit_m(rider.need)
            pairs = zip(*(part.tolist() for part in problem.walks.row(index)), strict=True)
            walks.append({stop: metres for stop, metres in pairs if metres <= limit and usable[stop]})
        days = [[r.count * (r.days >> d & 1) for d in range(DAYS_PER_WEEK)] for r in problem.riders]
        object.__setattr__(self, "site", np.array([problem.node(r.worksite_id) for r in problem.riders], np.int64))
        object.__setattr__(self, "days", np.array(days, np.int64).reshape(-1, DAYS_PER_WEEK))
        object.__setattr__(self, "walks", walks)
        object.__setattr__(self, "limits", [_limits(problem, travel) for travel in problem.travel])

    @property
    def seats(self) -> int:
        """Seats of the largest vehicle."""
        return max(kind.seats for kind in self.problem.vehicle_types)

    def period(self, shift_id: str) -> int:
        """Return the travel period in which trips of a shift drive."""
        return self.problem.trip_period(Direction.INBOUND, (shift_id,))

    def time(self, draft: Draft) -> Timing:
        """Time a draft: rides, what is wrong with them, and when it may run."""
        rules, nodes = self.problem.rules, (*draft.stops, *draft.sites)
        period = self.period(draft.shift_id)
        matrix = self.problem.travel[period]
        at = {node: i for i, node in enumerate(nodes)}
        moves = np.zeros((len(nodes), DAYS_PER_WEEK), np.int64)
        riders, sites = list(draft.board), self.site[list(draft.board)].tolist()
        np.add.at(moves, [at[stop] for stop in draft.board.values()], self.days[riders])
        np.add.at(moves, [at[site] for site in sites], self.days[riders])
        dwell = [
            rules.dwell_s(people, at_worksite=i >= len(draft.stops))
            for i, people in enumerate(moves.max(axis=1).tolist())
        ]
        arrive, depart, drive = [0], [dwell[0]], [0]
        for a, b, stand in zip(nodes, nodes[1:], dwell[1:], strict=False):
            leg = int(matrix.duration[a, b])
            arrive.append(depart[-1] + leg)
            depart.append(arrive[-1] + stand)
            drive.append(drive[-1] + leg)
        rides, late, limits = {}, {}, self.limits[period]
        for (rider, stop), site in zip(draft.board.items(), sites, strict=True):
            rides[rider] = arrive[at[site]] - depart[at[stop]]
            excess = rides[rider] - limits[stop][site - len(self.problem.stops)]
            if excess > 0:
                late[rider] = excess
        opens, closes = self._window(draft, [(arrive[at[s]], drive[at[s]]) for s in set(sites)])
        return Timing(
            arrive=tuple(arrive),
            depart=tuple(depart),
            ride_s=rides,
            late=late,
            opens=opens,
            closes=closes,
            peak=int(moves[: len(draft.stops)].sum(axis=0).max(initial=0)),
            metres=sum(int(matrix.distance[a, b]) for a, b in itertools.pairwise(nodes)),
        )

    def _window(self, draft: Draft, calls: Sequence[tuple[int, int]]) -> tuple[int, int]:
        rules, shift = self.problem.rules, self.problem.shift(draft.shift_id)
        bounds = None if shift is None else rules.window(shift, Direction.INBOUND)
        if bounds is None:
            return 0, -1
        quantile = max(0.0, NormalDist().inv_cdf(rules.on_time)) if rules.on_time > 0 else 0.0
        opens = max((bounds[0] - arrive for arrive, _ in calls), default=0)
        closes = min(
            (bounds[1] - arrive - int(np.ceil(quantile * rules.run_time_sd_s(drive))) for arrive, drive in calls),
            default=-1,
        )
        return opens, closes

    def sound(self, timing: Timing, draft: Draft) -> bool:
        """Tell whether a draft keeps every promise but the minimum load."""
        rules = self.problem.rules
        return (
            not timing.late
            and timing.opens <= timing.closes
            and timing.peak <= self.seats
            and len(draft.stops) + len(draft.sites) <= rules.max_stops
            and (rules.max_trip_s is None or timing.arrive[-1] <= rules.max_trip_s)
            and (not rules.one_worksite_per_trip or len(draft.sites) <= 1)
        )

    def cost(self, draft: Draft, timing: Timing) -> float:
        """Return what a draft costs [fen] with the cheapest vehicle that seats everyone."""
        problem = self.problem
        matrix = problem.travel[self.period(draft.shift_id)]
        riders = sum(problem.riders[r].count * s for r, s in timing.ride_s.items()) * problem.costs.ride / HOUR_S
        walks = sum(problem.riders[r].count * self.walks[r][stop] for r, stop in draft.board.items())
        effort = riders + walks * problem.costs.walk / problem.rules.walk_speed_m_per_h
        vehicles = [float("inf")]
        for item in problem.fleet:
            kind, depot = problem.vehicle_type(item.vehicle_type_id), problem.depot_node(item.depot_id)
            if kind is None or depot is None or not item.available or kind.seats < timing.peak:
                continue
            ends = ((depot, draft.stops[0]), (draft.sites[-1], depot))
            metres = timing.metres + sum(int(matrix.distance[a, b]) for a, b in ends)
            seconds = timing.depart[-1] + sum(int(matrix.duration[a, b]) for a, b in ends)
            running = kind.distance_cost * metres / METRES_PER_KM + kind.time_cost * seconds / HOUR_S
            vehicles.append(kind.fixed_cost + running)
        return effort + min(vehicles)

    def order_sites(self, draft: Draft) -> Draft:
        """Return a draft that calls only at the worksites of its riders, in the order that suits them best."""
        wanted = {int(self.site[r]) for r in draft.board}
        tail = [s for s in draft.sites if s in wanted]
        tail += sorted(wanted.difference(tail))
        orders = itertools.permutations(tail) if 1 < len(tail) <= MOST_ORDERS else [tuple(tail)]
        return self.best([replace(draft, sites=tuple(order)) for order in orders])

    def best(self, drafts: Sequence[Draft]) -> Draft:
        """Return the draft that breaks promises least, and then rides least."""
        return min(drafts, key=self._strain) if len(drafts) > 1 else drafts[0]

    def _strain(self, draft: Draft) -> tuple[int, int, int]:
        timing = self.time(draft)
        return sum(timing.late.values()), max(0, timing.opens - timing.closes), sum(timing.ride_s.values())


def _limits(problem: Problem, travel: TravelMatrix) -> list[list[int]]:
    sites = slice(len(problem.stops), len(problem.stops) + len(problem.worksites))
    return [
        [problem.rules.ride_limit_s(direct) for direct in row]
        for row in travel.duration[: len(problem.stops), sites].tolist()
    ]
