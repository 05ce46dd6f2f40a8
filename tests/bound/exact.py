"""The cheapest plan of a tiny problem, proven: every trip there can be, then CP-SAT chooses among them.

It shares nothing with the bound. Trips are enumerated: every order of stops and worksites, everyone aboard from every
stop of theirs; CP-SAT picks trips so that nobody rides twice, and lets one vehicle drive two of them where time allows.
Assumed: one depot to which no way counts, riders who travel on the same days, on-time shares of 0, riders who may go
home on another line, at most two trips a vehicle.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from ortools.sat.python import cp_model

from routing.model.demand import Direction
from routing.model.fleet import VehicleType
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Trip, Unserved
from routing.model.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A trip that keeps every promise: who boards or alights at which stop, and when it may begin."""

    direction: Direction
    nodes: tuple[int, ...]
    riders: tuple[tuple[int, int], ...]
    kind: VehicleType
    earliest: int
    latest: int
    lasts: int
    dwell: int
    cost: float

    @property
    def key(self) -> tuple[object, ...]:
        """Return what runs must differ in to be worth keeping both."""
        return self.direction, self.kind, frozenset(r for r, _ in self.riders), self.nodes[0], self.nodes[-1]


def every_run(problem: Problem) -> list[Run]:
    """Return for every set of riders, type and ends the cheapest trips, the first and the last to begin among them."""
    best: dict[tuple[object, ...], Run] = {}
    nodes = range(len(problem.stops) + len(problem.worksites))
    for size in range(2, len(nodes) + 1):
        for order in itertools.permutations(nodes, size):
            for direction in Direction:
                for run in _runs(problem, direction, order):
                    for rank, when in (("early", run.earliest), ("late", -run.latest), ("cheap", 0)):
                        old = best.get((*run.key, rank))
                        time = 0 if old is None else {"early": old.earliest, "late": -old.latest, "cheap": 0}[rank]
                        if old is None or (when, run.cost) < (time, old.cost):
                            best[*run.key, rank] = run
    return list(dict.fromkeys(best.values()))


def _runs(problem: Problem, direction: Direction, order: tuple[int, ...]) -> Iterator[Run]:
    inbound = direction is Direction.INBOUND
    choices: list[list[tuple[int, int] | None]] = []
    for r, rider in enumerate(problem.riders):
        site, found = problem.node(rider.worksite_id), [None]
        shift = problem.shift(rider.shift_id)
        if site in order and shift is not None and shift.anchor(direction) is not None:
            at = order.index(site)
            before = order[:at] if inbound else order[at + 1 :]
            found += [(r, s) for s in before if s < len(problem.stops) and _walk(problem, r, s) is not None]
        choices.append(found)
    for chosen in itertools.product(*choices):
        riders = tuple(c for c in chosen if c is not None)
        called = {s for _, s in riders} | {problem.node(problem.riders[r].worksite_id) for r, _ in riders}
        if riders and len(called) == len(order):
            yield from _timed(problem, direction, order, riders)


def _walk(problem: Problem, rider: int, stop: int) -> int | None:
    metres = problem.walks.walk_m(rider, stop)
    return metres if metres is not None and metres <= problem.rules.max_walk_m else None


def _timed(
    problem: Problem, direction: Direction, order: tuple[int, ...], riders: tuple[tuple[int, int], ...]
) -> Iterator[Run]:
    rules, inbound = problem.rules, direction is Direction.INBOUND
    anchors = [problem.shift(problem.riders[r].shift_id).anchor(direction) for r, _ in riders]  # type: ignore[union-attr]
    matrix = problem.travel[problem.period_at(min(a for a in anchors if a is not None))]
    sites = {r: problem.node(problem.riders[r].worksite_id) for r, _ in riders}
    moving = dict.fromkeys(order, 0)
    change = dict.fromkeys(order, 0)
    for r, s in riders:
        count = problem.riders[r].count
        moving[s], moving[sites[r]] = moving[s] + count, moving[sites[r]] + count
        change[s] += count if inbound else -count
        change[sites[r]] += -count if inbound else count
    arrive, leave, clock = {}, {}, 0
    for i, node in enumerate(order):
        clock += int(matrix.duration[order[i - 1], node]) if i else 0
        arrive[node] = clock
        clock += rules.dwell_s(moving[node], at_worksite=node >= len(problem.stops))
        leave[node] = clock
    earliest, latest, effort = 0, 10**6, 0.0
    for r, s in riders:
        on, off = (s, sites[r]) if inbound else (sites[r], s)
        ride = arrive[off] - leave[on]
        if ride > rules.ride_limit_s(int(matrix.duration[on, off])):
            return
        window = rules.window(problem.shift(problem.riders[r].shift_id), direction)  # type: ignore[arg-type]
        assert window is not None
        there = arrive[off] if inbound else leave[on]
        earliest, latest = max(earliest, window[0] - there), min(latest, window[1] - there)
        walk = (_walk(problem, r, s) or 0) * problem.costs.walk / rules.walk_speed_m_per_h
        effort += problem.riders[r].count * (ride * problem.costs.ride / 3_600 + walk)
    peak = max(itertools.accumulate(change[node] for node in order))
    people = sum(problem.riders[r].count for r, _ in riders)
    if earliest > latest or len(order) > rules.max_stops or people < rules.min_load:
        return
    metres = sum(int(matrix.distance[a, b]) for a, b in itertools.pairwise(order))
    for kind in problem.vehicle_types:
        if kind.seats >= peak:
            running = kind.distance_cost * metres / 1_000 + kind.time_cost * clock / 3_600
            yield Run(
                direction=direction,
                nodes=order,
                riders=riders,
                kind=kind,
                earliest=earliest,
                latest=latest,
                lasts=clock,
                dwell=leave[order[0]],
                cost=effort + running,
            )


def solve_exactly(problem: Problem) -> tuple[float, Plan]:
    """Return the least cost [fen], proven, and a plan of that cost."""
    runs = every_run(problem)
    model = cp_model.CpModel()
    used = [model.new_bool_var(f"run {i}") for i in range(len(runs))]
    cost = [(run.cost + run.kind.fixed_cost) * x for run, x in zip(runs, used, strict=True)]
    for r, rider in enumerate(problem.riders):
        shift = problem.shift(rider.shift_id)
        assert shift is not None
        for direction in shift.directions:
            aboard = [
                x for run, x in zip(runs, used, strict=True) if run.direction is direction and r in dict(run.riders)
            ]
            model.add(sum(aboard) <= 1)
            penalty = problem.costs.unserved * rider.count / len(shift.directions)
            cost.append(penalty - penalty * sum(aboard))
    follows = {(i, j): model.new_bool_var(f"{i} {j}") for i, j in _pairs(problem, runs)}
    for i in range(len(runs)):
        model.add(sum(y for pair, y in follows.items() if i in pair) <= 1)
    for (i, j), y in follows.items():
        model.add_implication(y, used[i])
        model.add_implication(y, used[j])
        cost.append((_empty_cost(problem, runs[i], runs[j]) - runs[i].kind.fixed_cost) * y)
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    chosen = [i for i, x in enumerate(used) if solver.boolean_value(x)]
    after = dict(pair for pair, y in follows.items() if solver.boolean_value(y))
    return solver.objective_value, _plan(problem, runs, chosen, after)


def _pairs(problem: Problem, runs: list[Run]) -> Iterator[tuple[int, int]]:
    """Yield runs of which one vehicle can drive the second after the first."""
    for i, j in itertools.permutations(range(len(runs)), 2):
        one, other = runs[i], runs[j]
        shared = {r for r, _ in one.riders} & {r for r, _ in other.riders}
        if one.kind is not other.kind or (one.direction is other.direction and shared):
            continue
        way = int(problem.travel[0].duration[one.nodes[-1], other.nodes[0]])
        if one.earliest + one.lasts + way + problem.rules.turnaround_s <= other.latest:
            yield i, j


def _empty_cost(problem: Problem, one: Run, other: Run) -> float:
    a, b = one.nodes[-1], other.nodes[0]
    metres, seconds = int(problem.travel[0].distance[a, b]), int(problem.travel[0].duration[a, b])
    return one.kind.distance_cost * metres / 1_000 + one.kind.time_cost * seconds / 3_600


def _plan(problem: Problem, runs: list[Run], chosen: list[int], after: dict[int, int]) -> Plan:
    names = [s.stop_id for s in problem.stops] + [w.worksite_id for w in problem.worksites]
    lines, assignments = [], []
    for i in chosen:
        run = runs[i]
        begin = run.latest if i in after.values() else run.earliest
        trip = Trip(
            trip_id=f"t{i}",
            direction=run.direction,
            shift_ids=tuple(sorted({problem.riders[r].shift_id for r, _ in run.riders})),
            vehicle_type_id=run.kind.vehicle_type_id,
            stop_ids=tuple(names[n] for n in run.nodes),
            departure=begin + run.dwell,
        )
        lines.append(Line(line_id=f"l{i}", name=f"l{i}", trips=(trip,)))
        for r, s in run.riders:
            ends = names[s], problem.riders[r].worksite_id
            on, off = ends if run.direction is Direction.INBOUND else ends[::-1]
            given = {"rider_id": problem.riders[r].rider_id, "direction": run.direction, "trip_id": trip.trip_id}
            assignments.append(Assignment(**given, board_stop_id=on, alight_stop_id=off))  # type: ignore[arg-type]
    seated = {(a.rider_id, a.direction) for a in assignments}
    asked = [(r.rider_id, d) for r in problem.riders for d in problem.shift(r.shift_id).directions]  # type: ignore[union-attr]
    chains = [(i, after[i]) if i in after else (i,) for i in chosen if i not in after.values()]
    return Plan(
        lines=tuple(lines),
        assignments=tuple(assignments),
        blocks=tuple(
            Block(
                block_id=f"b{c[0]}",
                vehicle_type_id=runs[c[0]].kind.vehicle_type_id,
                depot_id=problem.depots[0].depot_id,
                trip_ids=tuple(f"t{i}" for i in c),
            )
            for c in chains
        ),
        unserved=tuple(
            Unserved(rider_id=r, direction=d, reason=Reason.UNKNOWN) for r, d in asked if (r, d) not in seated
        ),
    )
