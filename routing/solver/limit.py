"""Keep a search within a limit on the riders who feel a change: by a price that rises and falls between its stages.

Lagrangian relaxation of one coupling limit: M. L. Fisher, The Lagrangian Relaxation Method for Solving Integer
Programming Problems, Management Science 27(1), 1981, doi:10.1287/mnsc.27.1.1. The price in the end tells what one
more rider who may be changed would save.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from routing.evaluate.changes import Promise, find_changes, promised, tally
from routing.model.changes import ChangeCosts
from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.schedule import schedule_plan
from routing.solver.blocks import Slot
from routing.solver.decode import decode
from routing.solver.fixed import pinned_seats
from routing.solver.fleet import Duty, Roster
from routing.solver.lines import FoundLine
from routing.solver.naming import published_names

CHEAPEST, DEAREST = 10, 100_000
"""Least and most that a change may cost [fen]: at nothing riders would be moved for nothing."""
MOST_FACTOR = 2.0
"""By how much a price rises or falls at most from one stage to the next."""
GAIN = 0.6
"""Power of the share of the limit in use by which the price follows it: lines need time to follow the price."""
AIM = 0.97
"""Share of the limit that the price is set for, because a few more change while a search cools down."""
LATE = 0.9
"""Share of the search after which the price no longer falls."""
BACK = 3.0
"""By how many times the share above the limit the price rises then, and `LEAST` besides."""
LEAST = 0.04

Lines = list[list[FoundLine]]


def without_prices(problem: Problem) -> Problem:
    """Return the problem with no price on a change, which still is one."""
    changes = problem.changes
    if changes is None:
        return problem
    return replace(problem, changes=replace(changes, costs=ChangeCosts.flat(0, tolerance_s=changes.costs.tolerance_s)))


def keeps_limit(problem: Problem) -> bool:
    """Tell whether a search has to find the price that keeps a limit: some change is allowed, but not every one.

    It begins with the price that the problem puts on another line.
    """
    changes = problem.changes
    return changes is not None and bool(changes.max_changed_riders) and None not in changes.costs.prices


@dataclass(kw_only=True)
class ChangeLimit:
    """The price of a change while a search goes on, and the best lines that keep the limit.

    Attributes
    ----------
    problem : Problem
        With a running plan and the most people who may feel a change.
    types : tuple of VehicleType
        Those of the search.
    price : float
        Of one change [fen per person and day].
    holds : bool
        The lines last looked at keep the limit.
    """

    problem: Problem
    types: tuple[VehicleType, ...]
    price: float = field(init=False)
    holds: bool = field(default=False, init=False)
    _promises: tuple[Promise, ...] = field(init=False)
    _kept: tuple[float, Lines] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        assert self.problem.changes is not None, "there is a running plan"
        self.price = max(CHEAPEST, self.problem.changes.costs.other_line or 0)
        pinned = pinned_seats(self.problem)
        self._promises = tuple(p for p in promised(self.problem) if (p.rider, p.direction) not in pinned)

    @property
    def priced(self) -> Problem:
        """The problem with a change at its present price."""
        changes = self.problem.changes
        assert changes is not None, "there is a running plan"
        costs = ChangeCosts.flat(round(self.price), tolerance_s=changes.costs.tolerance_s)
        return replace(self.problem, changes=replace(changes, costs=costs))

    def look(self, lines: Lines, done: float) -> int:
        """Note some lines if they keep the limit, set the price anew, and return how many people feel a change.

        Parameters
        ----------
        done : float
            Share of the search.
        """
        assert self.problem.changes is not None, "there is a running plan"
        limit = self.problem.changes.max_changed_riders or 0
        changed = count_changed(self.priced, [line for part in lines for line in part], self.types, self._promises)
        self.holds = changed <= limit
        if self.holds:
            self._kept = (self.price, lines)
        factor = (changed / (AIM * limit)) ** GAIN
        if done >= LATE:
            factor = 1.0 if self.holds else 1.0 + LEAST + BACK * (changed / limit - 1.0)
        factor = min(MOST_FACTOR, max(1.0 / MOST_FACTOR, factor))
        self.price = min(DEAREST, max(CHEAPEST, self.price * factor))
        return changed

    def best(self, lines: Lines) -> Lines:
        """Return the last lines that kept the limit, the given ones where none did."""
        return lines if self._kept is None else self._kept[1]

    @property
    def shadow(self) -> float | None:
        """What one more person who may be changed would save [fen per day]: the price at which the limit was kept.

        None where it does not bind: fewer feel a change even at the least price.
        """
        price = self.price if self._kept is None else self._kept[0]
        return None if price <= CHEAPEST else price


def count_changed(
    problem: Problem, lines: Sequence[FoundLine], types: Sequence[VehicleType], promises: Sequence[Promise]
) -> int:
    """Return how many people feel a change on some lines, as the judge counts them."""
    duties = tuple(
        Duty(runs=((x, y),), slot=Slot(type_index=line.type_index, depot_id=""))
        for x, line in enumerate(lines)
        for y in range(len(line.runs))
    )
    crew = Roster(lines=tuple(lines), duties=duties, closed=())
    plan = decode(problem, crew, types, {}, published_names(problem, lines))
    broken = find_changes(problem, plan, schedule_plan(problem, plan), promises)
    count = tally(problem, broken, promises)
    assert count is not None, "there is a running plan"
    return count.changed
