"""Days of a plan with random running times and no-shows: how often trips are on time, and how full they are.

Each leg's driving time deviates normally with variance cv² · 600 s · t, independently of the others, so that the sum
after any time has the spread by which the judge keeps the rule ``on_time``. Beyond that rule, vehicles wait at stops
for their published departure, and a late vehicle begins its next trip late.
"""

from collections.abc import Iterator

import numpy as np

from routing.errors import RoutingError
from routing.model.demand import DAYS_PER_WEEK
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.schedule import TripSchedule, schedule_plan
from routing.simulate.runs import Ints, Run, drive
from routing.simulate.tally import sum_up
from routing.simulate.words import Simulation, TripDays

__all__ = ["DEFAULT_DAYS", "DEFAULT_NO_SHOW", "Simulation", "TripDays", "simulate"]

DEFAULT_DAYS = 250
"""About the workdays of a year."""
DEFAULT_NO_SHOW = 0.08
"""A guess, until boardings are recorded."""


def simulate(
    problem: Problem,
    plan: Plan,
    *,
    days: int = DEFAULT_DAYS,
    seed: int = 1,
    no_show: float = DEFAULT_NO_SHOW,
    wait: bool = True,
) -> Simulation:
    """Let a plan run for many days.

    Parameters
    ----------
    days : int
        Service days; they go through the weekdays on which anybody travels, in turn.
    no_show : float
        Probability that a person stays away, for both directions of a day.
    wait : bool
        Vehicles wait at stops for the published departure; else they run straight through, as the judge assumes.

    Raises
    ------
    RoutingError
        ``bad_simulation`` for a number of days below 1 or a probability outside 0 to 1.
    """
    if days < 1 or not 0.0 <= no_show <= 1.0:
        cause = f"{days} days with a no-show probability of {no_show} cannot be simulated."
        raise RoutingError("bad_simulation", cause, "Give at least one day, and a probability from 0 to 1.")
    schedules = {trip.trip.trip_id: trip for trip in schedule_plan(problem, plan).trips}
    weekdays = [day for day in range(DAYS_PER_WEEK) if any(r.days >> day & 1 for r in problem.riders)] or [0]
    calendar = np.resize(np.array(weekdays, np.int64), days)
    expected = _expected(problem, calendar)
    showing = np.asarray(np.random.default_rng([seed, 0]).binomial(expected, 1.0 - no_show), np.int64)
    runs: list[Run] = []
    for chain in _chains(plan, schedules):
        ready = np.full(days, -np.inf)
        before: TripSchedule | None = None
        for trip in chain:
            rng = np.random.default_rng([seed, 1 + len(runs)])
            run, ready = drive(problem, trip, before, ready, showing, calendar, rng, wait=wait)
            runs.append(run)
            before = trip
    away = 1.0 - int(showing.sum()) / max(1, int(expected.sum()))
    return sum_up(problem, runs, days=days, seed=seed, no_show=away)


def _expected(problem: Problem, calendar: Ints) -> Ints:
    """Return how many people of each rider travel on each day, int64 (riders, days)."""
    counts = np.array([r.count for r in problem.riders], np.int64)
    masks = np.array([r.days for r in problem.riders], np.int64)
    return np.asarray(counts[:, None] * (masks[:, None] >> calendar[None, :] & 1), np.int64)


def _chains(plan: Plan, schedules: dict[str, TripSchedule]) -> Iterator[list[TripSchedule]]:
    """Yield the trips of each vehicle in order; trips without a vehicle have one each."""
    left = dict(schedules)
    for block in plan.blocks:
        chain = [left.pop(trip_id) for trip_id in block.trip_ids if trip_id in left]
        if chain:
            yield chain
    yield from ([trip] for trip in left.values())
