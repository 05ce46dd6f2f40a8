"""Answer a day's trouble within seconds: what cannot run stops, the rest stays, who lost a seat gets another.

No search: a plan that runs is mended by the judge's own rules, so the answer is checked as it is made.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from routing.evaluate import Rule, evaluate
from routing.evaluate.changes import Change, find_changes, promised
from routing.explain import seat_missed
from routing.model.changes import ChangeCosts, Changes, Departures
from routing.model.demand import Direction
from routing.model.places import StopStatus
from routing.model.plan import Block, Line, Plan, Reason, Trip, Unserved
from routing.model.problem import Problem
from routing.rebalance.detours import keep_arrivals
from routing.rebalance.steps import Stand, stand
from routing.scenario import BreakVehicle, Modification, apply
from routing.schedule import TripSchedule, schedule_plan
from routing.solver.closing import close_lines
from routing.solver.recrew import recrew

MENDABLE = {Rule.SERVED_OR_EXPLAINED, Rule.REFERENCE, Rule.MIN_LOAD, Rule.CHANGE_BUDGET, Rule.PIN, Rule.FROZEN}
"""Rules that do not stop a trip from running today."""
EFFORT = 6
"""Seats tried per rider: an answer is wanted within seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What runs today.

    Attributes
    ----------
    problem : Problem
        After what happened, with the plan before in its changes.
    stopped : tuple of str
        Lines that do not run.
    reseated, lost : tuple of str
        Riders who lost their seat and have another one in every direction, and who have not.
    retimed : tuple of str
        Riders who keep their seats, but leave at a time that they feel to be another one.
    """

    problem: Problem
    after: Stand
    stopped: tuple[str, ...]
    reseated: tuple[str, ...]
    lost: tuple[str, ...]
    retimed: tuple[str, ...] = ()


def respond(
    problem: Problem,
    plan: Plan,
    departures: Departures,
    modifications: Sequence[Modification],
    broken: str | None = None,
) -> Response:
    """Return what runs after something has happened, everything untouched that need not be.

    Where an idle vehicle can take over, it does; else vehicles are given out anew. Where they are too few, the lines of
    the broken block stop, or those that break a rule, and their riders get seats on lines that run.

    Parameters
    ----------
    departures : mapping
        As published [s].
    broken : str or None
        Block whose vehicle is out of order: one vehicle less of its type stands in its depot.
    """
    out_of_order = [
        BreakVehicle(vehicle_type_id=b.vehicle_type_id, depot_id=b.depot_id)
        for b in plan.blocks
        if b.block_id == broken
    ]
    now = apply(problem, (*modifications, *out_of_order))
    now = replace(now, changes=Changes(running=plan, departures=departures, costs=ChangeCosts.flat(0)))
    kept = _without_strangers(now, keep_arrivals(problem, now, skip_stops(now, plan)))
    stopped: set[str] = set()
    driven = _with_idle(now, kept, plan.blocks, broken) or recrew(now, kept)
    if driven is None and broken is not None:
        stopped |= _lines_of(plan, broken)
        kept = close_lines(kept, stopped, Reason.NO_VEHICLE_LEFT)
        driven = recrew(now, kept)
    while driven is None or (bad := _bad_lines(now, driven)):
        worst = _fewest(now, kept) if driven is None else bad
        stopped |= worst
        kept = close_lines(kept, worst, Reason.NO_VEHICLE_LEFT)
        driven = recrew(now, kept)
    frozen = replace(now, changes=replace(_changes(now), costs=ChangeCosts.flat(None)))
    answer = _reseated(frozen, driven, {(a.rider_id, a.direction) for a in plan.assignments})
    return told(now, answer)


def told(problem: Problem, plan: Plan) -> Response:
    """Return an answer with what it means for the lines and riders of the plan that runs.

    Parameters
    ----------
    problem : Problem
        After what happened, with the plan before in its changes.
    """
    running = _changes(problem).running
    after = stand(problem, plan)
    seat_of = {(seat.rider_id, seat.direction): seat for seat in plan.assignments}
    line_of = {trip.trip_id: line.line_id for line, trip in running.trips()}
    now = {trip.trip_id: line.line_id for line, trip in plan.trips()}
    hurt: set[str] = set()
    lost: set[str] = set()
    for before in running.assignments:
        if problem.rider_index(before.rider_id) is None:
            continue
        seat = seat_of.get((before.rider_id, before.direction))
        if seat is None:
            lost.add(before.rider_id)
        elif now.get(seat.trip_id) != line_of[before.trip_id] or (seat.board_stop_id, seat.alight_stop_id) != (
            before.board_stop_id,
            before.alight_stop_id,
        ):
            hurt.add(before.rider_id)
    broken = find_changes(problem, plan, after.verdict.schedule, promised(problem))
    late = {problem.riders[index].rider_id for (index, _), kinds in broken.items() if kinds == {Change.RETIMED}}
    runs = {line.line_id for line in plan.lines}
    return Response(
        problem=problem,
        after=after,
        stopped=tuple(sorted({line.line_id for line in running.lines} - runs)),
        reseated=tuple(sorted(hurt - lost)),
        lost=tuple(sorted(lost)),
        retimed=tuple(sorted(late - hurt - lost)),
    )


def skip_stops(problem: Problem, plan: Plan) -> Plan:
    """Return the plan with its trips driving past stops that are forbidden; who boards or alights there loses the seat.

    Both ways where a rider goes home on the line that brought them. No trip leaves a stop on the way to work earlier
    than before: it begins later by what it saves.
    """
    forbidden = {stop.stop_id for stop in problem.stops if stop.status is StopStatus.FORBIDDEN}
    if not any(forbidden.intersection(trip.stop_ids) for _, trip in plan.trips()):
        return plan
    before = {trip.trip.trip_id: trip for trip in schedule_plan(problem, plan).trips}
    skipping = _mapped(plan, lambda trip: _past(trip, forbidden, before))
    closed = [a for a in plan.assignments if forbidden.intersection((a.board_stop_id, a.alight_stop_id))]
    gone = {(a.rider_id, a.direction) for a in closed}
    if problem.rules.same_line_both_ways:
        gone |= {(a.rider_id, way) for a in closed for way in Direction}
    seats = (a for a in plan.assignments if (a.rider_id, a.direction) not in gone)
    skipping = replace(skipping, assignments=tuple(seats))
    after = {trip.trip.trip_id: trip for trip in schedule_plan(problem, skipping).trips}

    def later(trip: Trip) -> Trip:
        if trip.trip_id not in before or trip.trip_id not in after or trip.direction is not Direction.INBOUND:
            return trip
        saved = before[trip.trip_id].arrive[-1] - after[trip.trip_id].arrive[-1]
        return replace(trip, departure=trip.departure + max(0, saved))

    return _mapped(skipping, later)


def _past(trip: Trip, forbidden: set[str], before: Mapping[str, TripSchedule]) -> Trip:
    """Return a trip without forbidden stops, that leaves its first stop when it left that one before."""
    left = [(s, x) for x, s in enumerate(trip.stop_ids) if s not in forbidden]
    if len(left) == len(trip.stop_ids) or not left or trip.trip_id not in before:
        return trip
    return replace(trip, stop_ids=tuple(s for s, _ in left), departure=before[trip.trip_id].depart[left[0][1]])


def _mapped(plan: Plan, change: Callable[[Trip], Trip]) -> Plan:
    return replace(plan, lines=tuple(replace(x, trips=tuple(map(change, x.trips))) for x in plan.lines))


def _changes(problem: Problem) -> Changes:
    assert problem.changes is not None, "there is a running plan"
    return problem.changes


def _without_strangers(problem: Problem, plan: Plan) -> Plan:
    """Return the plan without riders who do not travel, and without trips that nobody rides."""
    seats = tuple(seat for seat in plan.assignments if problem.rider_index(seat.rider_id) is not None)
    used = {seat.trip_id for seat in seats}
    lines = (replace(line, trips=tuple(t for t in line.trips if t.trip_id in used)) for line in plan.lines)
    seated = {(seat.rider_id, seat.direction) for seat in seats}
    told = {(u.rider_id, u.direction): u for u in plan.unserved if problem.rider_index(u.rider_id) is not None}
    for rider in problem.riders:
        shift = problem.shift(rider.shift_id)
        for way in () if shift is None else shift.directions:
            if (rider.rider_id, way) not in seated:
                entry = Unserved(rider_id=rider.rider_id, direction=way, reason=Reason.UNKNOWN)
                told.setdefault((rider.rider_id, way), entry)
    return replace(
        plan,
        lines=tuple(line for line in lines if line.trips),
        assignments=seats,
        blocks=(),
        unserved=tuple(told.values()),
    )


def _with_idle(problem: Problem, plan: Plan, blocks: Sequence[Block], broken: str | None) -> Plan | None:
    """Return the plan on the vehicles that drive it, an idle one in the place of the broken one; None where none can.

    One of the same type and yard if there is one, else the one that costs least by itself.
    """
    trips = {trip.trip_id for _, trip in plan.trips()}
    driven = [replace(b, trip_ids=tuple(t for t in b.trip_ids if t in trips)) for b in blocks]
    driven = [block for block in driven if block.trip_ids]
    mine = next((block for block in driven if block.block_id == broken), None)
    for kind, depot in _yards(problem, mine, driven):
        moved = tuple(replace(b, vehicle_type_id=kind, depot_id=depot) if b is mine else b for b in driven)
        mixed = replace(plan, lines=_driven_by(plan, moved), blocks=moved)
        if all(v.rule in MENDABLE for v in evaluate(problem, mixed).violations):
            return mixed
    return None


def _yards(problem: Problem, block: Block | None, driven: Sequence[Block]) -> list[tuple[str, str]]:
    """Return types and depots with an idle vehicle, best first; one that does not matter where none is looked for."""
    if block is None:
        return [("", "")]
    idle: Counter[tuple[str, str]] = Counter()
    for item in problem.fleet:
        idle[item.vehicle_type_id, item.depot_id] += item.available
    idle.subtract((b.vehicle_type_id, b.depot_id) for b in driven if b is not block)

    def rank(yard: tuple[str, str]) -> tuple[bool, bool, int]:
        kind = problem.vehicle_type(yard[0])
        dear = 0 if kind is None else kind.fixed_cost
        return yard[0] != block.vehicle_type_id, yard[1] != block.depot_id, dear

    return sorted((yard for yard, count in idle.items() if count > 0), key=rank)


def _driven_by(plan: Plan, blocks: Sequence[Block]) -> tuple[Line, ...]:
    kind = {trip_id: block.vehicle_type_id for block in blocks for trip_id in block.trip_ids}
    return tuple(
        replace(
            line,
            trips=tuple(replace(t, vehicle_type_id=kind.get(t.trip_id, t.vehicle_type_id)) for t in line.trips),
        )
        for line in plan.lines
    )


def _lines_of(plan: Plan, block_id: str) -> set[str]:
    """Return the lines whose trips a vehicle drives."""
    trips = {trip_id for block in plan.blocks if block.block_id == block_id for trip_id in block.trip_ids}
    return {line.line_id for line, trip in plan.trips() if trip.trip_id in trips}


def _bad_lines(problem: Problem, plan: Plan) -> set[str]:
    """Return lines that cannot run as they are."""
    line_of = {trip.trip_id: line.line_id for line, trip in plan.trips()}
    rider_lines = {seat.rider_id: line_of[seat.trip_id] for seat in plan.assignments}
    stops = {stop_id: line.line_id for line, trip in plan.trips() for stop_id in trip.stop_ids}
    bad = [v for v in evaluate(problem, plan).violations if v.rule not in MENDABLE]
    subjects = (line_of.get(v.subject) or rider_lines.get(v.subject) or stops.get(v.subject) for v in bad)
    return {line_id for line_id in subjects if line_id is not None}


def _fewest(problem: Problem, plan: Plan) -> set[str]:
    """Return the line that fewest people ride."""
    people = {line.line_id: 0 for line in plan.lines}
    line_of = {trip.trip_id: line.line_id for line, trip in plan.trips()}
    for seat in plan.assignments:
        index = problem.rider_index(seat.rider_id)
        people[line_of[seat.trip_id]] += 0 if index is None else problem.riders[index].count
    return {min(people, key=lambda name: (people[name], name))}


def _reseated(problem: Problem, plan: Plan, had: set[tuple[str, Direction]]) -> Plan:
    """Return the plan with seats, wherever that keeps everything else, for those who had one: others can wait today."""
    lost = tuple(u for u in plan.unserved if (u.rider_id, u.direction) in had)
    if not lost:
        return plan
    better = seat_missed(problem, replace(plan, unserved=lost), limit=EFFORT)
    others = tuple(u for u in plan.unserved if (u.rider_id, u.direction) not in had)
    return replace(better, unserved=(*others, *better.unserved))
