"""A random town whose riders have drifted away from its running plan, for tests of what changes."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from routing.evaluate import evaluate
from routing.model.changes import ChangeCosts, Changes, Departures
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.solver import MaxIterations, solve
from tests.solver.towns import Town, draw


def with_riders(problem: Problem, stay: list[int]) -> Problem:
    """Return the problem with some of its riders alone."""
    rows = [problem.walks.row(r) for r in stay]
    walks = replace(
        problem.walks,
        start=np.cumsum([0, *(len(stops) for stops, _ in rows)]),
        stop=np.concatenate([stops for stops, _ in rows]),
        metres=np.concatenate([metres for _, metres in rows]),
    )
    return replace(problem, riders=tuple(problem.riders[r] for r in stay), walks=walks)


def departures(problem: Problem, plan: Plan) -> Departures:
    """Return when each trip leaves each of its stops, as its timetable says."""
    trips = evaluate(problem, plan).schedule.trips
    return {(t.trip.trip_id, s): clock for t in trips for s, clock in zip(t.trip.stop_ids, t.depart, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A town before and after: some riders left, others joined.

    Attributes
    ----------
    old, new : Problem
        The first with the running plan's riders, the second with today's.
    """

    old: Problem
    new: Problem
    running: Plan

    def priced(self, costs: ChangeCosts | int | None, /, **more: Any) -> Problem:
        """Return today's problem with the running plan in it."""
        prices = costs if isinstance(costs, ChangeCosts) else ChangeCosts.flat(costs)
        changes = Changes(running=self.running, departures=departures(self.old, self.running), costs=prices, **more)
        return replace(self.new, changes=changes)

    @property
    def stayers(self) -> set[str]:
        """Riders with a seat in the running plan who are still there."""
        return {a.rider_id for a in self.running.assignments} & {r.rider_id for r in self.new.riders}


@lru_cache(maxsize=16)
def drifted(town: Town, share: float = 0.15, iterations: int = 1_500) -> Drift:
    """Return a town of which a share of the riders left and as many joined after it was planned."""
    full = draw(town)
    moving = round(share * town.riders)
    order = np.random.default_rng(town.seed).permutation(town.riders).tolist()
    join, leave = set(order[:moving]), set(order[moving : 2 * moving])
    old = with_riders(full, [r for r in range(town.riders) if r not in join])
    new = with_riders(full, [r for r in range(town.riders) if r not in leave])
    running = solve(old, stop=MaxIterations(iterations=iterations)).plan
    return Drift(old=old, new=new, running=running)
