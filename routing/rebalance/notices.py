"""Which riders get a letter about a new plan, and what it tells them."""

from collections import defaultdict
from collections.abc import Mapping

from routing.compare import PlanDiff
from routing.formats.letters import Letter, SeatTold, WayTold
from routing.formats.plan_letters import why
from routing.model.demand import Direction
from routing.model.plan import Assignment, Plan
from routing.model.problem import Problem
from routing.rebalance.decisions import walk_of
from routing.schedule import PlanSchedule, schedule_plan

Times = Mapping[tuple[str, str], int]


def notices(problem: Problem, plan: Plan, diff: PlanDiff) -> tuple[Letter, ...]:
    """Return a letter for every rider of the scenario who feels a change, by rider.

    Parameters
    ----------
    problem : Problem
        With the running plan in its changes.
    diff : PlanDiff
        From the running plan to the new one.
    """
    assert problem.changes is not None, "there is a running plan"
    running = problem.changes.running
    before = _Told(problem, running, schedule_plan(problem, running), problem.changes.departures)
    after = _Told(problem, plan, schedule_plan(problem, plan), {})
    lines = {line.line_id for line in plan.lines}
    ways: dict[str, list[WayTold]] = defaultdict(list)
    for rider in diff.riders:
        if rider.felt and problem.rider_index(rider.rider_id) is not None:
            key = rider.rider_id, rider.direction
            told = WayTold(
                direction=rider.direction, why=why(rider, lines), before=before.seat(key), after=after.seat(key)
            )
            ways[rider.rider_id].append(told)
    return tuple(Letter(rider_id=rider_id, ways=tuple(told)) for rider_id, told in sorted(ways.items()))


class _Told:
    """The seats of a plan in the words of a letter."""

    def __init__(self, problem: Problem, plan: Plan, schedule: PlanSchedule, published: Times) -> None:
        self._problem = problem
        self._seats: dict[tuple[str, Direction], Assignment] = {(a.rider_id, a.direction): a for a in plan.assignments}
        self._line = {trip.trip_id: line for line, trip in plan.trips()}
        self._departs: dict[tuple[str, str], int] = {}
        self._arrives: dict[tuple[str, str], int] = {}
        for trip in schedule.trips:
            for stop_id, arrive, depart in zip(trip.trip.stop_ids, trip.arrive, trip.depart, strict=True):
                self._arrives[trip.trip.trip_id, stop_id] = arrive
                self._departs[trip.trip.trip_id, stop_id] = depart
        self._departs |= published
        self._names = {s.stop_id: s.name for s in problem.stops} | {w.worksite_id: w.name for w in problem.worksites}

    def seat(self, key: tuple[str, Direction]) -> SeatTold | None:
        """Return a rider's seat, None where there is none."""
        seat = self._seats.get(key)
        line = None if seat is None else self._line.get(seat.trip_id)
        if seat is None or line is None:
            return None
        home = seat.board_stop_id if seat.direction is Direction.INBOUND else seat.alight_stop_id
        return SeatTold(
            line_id=line.line_id,
            line_name=line.name,
            stop=self._names.get(home, home),
            walk_m=walk_of(self._problem, seat.rider_id, home),
            departs=self._departs.get((seat.trip_id, seat.board_stop_id)),
            arrives=self._arrives.get((seat.trip_id, seat.alight_stop_id)),
        )
