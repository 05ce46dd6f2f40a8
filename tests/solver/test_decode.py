"""From found lines to a plan: everyone listed once, mirrored trips, stable names, departures with margin."""

from collections import Counter
from dataclasses import replace
from statistics import NormalDist

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.model.demand import Direction, Shift
from routing.model.plan import Plan, Reason
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.choices import choose_stops
from routing.solver.decode import decode
from routing.solver.fleet import Roster, available_types, roster
from routing.solver.lines import FoundLine
from routing.solver.parts import split
from routing.solver.piece import start
from tests.solver.towns import DAY_SHIFT, Town, draw

SOON = Shift(shift_id="soon", start=8 * 3600 + 600, end=17 * 3600 + 900)
WORK_ONLY = Shift(shift_id="work", start=6 * 3600, end=None)
HOME_ONLY = Shift(shift_id="home", start=None, end=20 * 3600)
RULES = ServiceRules(min_load=1)
IN, OUT = Direction.INBOUND, Direction.OUTBOUND
ALL_SHIFTS = (DAY_SHIFT, SOON, WORK_ONLY, HOME_ONLY)


def found(problem: Problem) -> list[FoundLine]:
    """Return the lines of a short search over every part."""
    choices = choose_stops(problem)
    some = {r for r, c in enumerate(choices) if len(c.stops)}
    lines = []
    for part in split(problem, dict.fromkeys(Direction, some)):
        search = start(problem, part, [], choices, problem.vehicle_types, 1)
        search.anneal(150, 0.5)
        search.finish()
        lines += search.best()
    return lines


def decoded(problem: Problem, lines: list[FoundLine]) -> Plan:
    """Return the plan of some lines, with vehicles."""
    types = available_types(problem)
    return decode(problem, roster(problem, lines, types), types, {})


def shifted(plan: Plan, trip_id: str, seconds: int) -> Plan:
    """Return a plan in which one trip departs later [s]."""
    lines = tuple(
        replace(
            line,
            trips=tuple(replace(t, departure=t.departure + seconds) if t.trip_id == trip_id else t for t in line.trips),
        )
        for line in plan.lines
    )
    return replace(plan, lines=lines, blocks=())


def wanted(problem: Problem) -> Counter[tuple[str, Direction]]:
    """Return what every rider asks for."""
    shifts = {s.shift_id: s for s in problem.shifts}
    return Counter((r.rider_id, d) for r in problem.riders for d in shifts[r.shift_id].directions)


def test_no_lines_leave_everyone_out_once_per_direction_asked_for_with_the_reason_where_it_is_certain() -> None:
    problem = draw(Town(riders=20, shifts=ALL_SHIFTS, rules=RULES))
    first = problem.shift(problem.riders[0].shift_id)
    assert first is not None
    certain = {(0, d): Reason.RIDE_TOO_LONG for d in first.directions}
    plan = decode(problem, Roster(lines=(), duties=(), closed=()), problem.vehicle_types, certain)
    assert (plan.lines, plan.assignments, plan.blocks) == ((), (), ())
    assert Counter((u.rider_id, u.direction) for u in plan.unserved) == wanted(problem)
    told = {u.rider_id for u in plan.unserved if u.reason is Reason.RIDE_TOO_LONG}
    assert told == {problem.riders[0].rider_id}
    assert {u.reason for u in plan.unserved if u.rider_id not in told} == {Reason.UNKNOWN}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1_000), both=st.booleans(), dropped=st.integers(0, 2**8 - 1))
def test_everyone_is_assigned_or_unserved_exactly_once_whichever_lines_are_left(
    seed: int, both: bool, dropped: int
) -> None:
    problem = draw(Town(riders=25, shifts=ALL_SHIFTS, rules=replace(RULES, same_line_both_ways=both), seed=seed))
    lines = [line for x, line in enumerate(found(problem)) if not dropped >> (x % 8) & 1]
    plan = decoded(problem, lines)
    carried = Counter((a.rider_id, a.direction) for a in plan.assignments)
    left = Counter((u.rider_id, u.direction) for u in plan.unserved)
    assert carried + left == wanted(problem)
    assert carried == Counter(
        (problem.riders[r].rider_id, run.direction) for line in lines for run in line.runs for r, _, _ in run.seats
    )


def test_a_line_closed_for_want_of_vehicles_leaves_its_riders_unserved_both_ways() -> None:
    problem = draw(Town(riders=40, rules=RULES, available=(20, 20), seed=1))
    lines = found(problem)
    one = replace(problem, fleet=tuple(replace(i, available=int(x == 3)) for x, i in enumerate(problem.fleet)))
    assert one.fleet[3].vehicle_type_id == "large"
    large = [replace(line, type_index=0) for line in lines]
    plan = decoded(one, large)
    assert len(plan.lines) == 1 < len(lines)
    assert Counter(u.direction for u in plan.unserved) == dict.fromkeys(Direction, len(plan.unserved) // 2)
    assert not {a.rider_id for a in plan.assignments} & {u.rider_id for u in plan.unserved}


@pytest.mark.parametrize("seed", range(3))
def test_the_two_trips_of_a_line_visit_the_same_places_in_mirrored_order(seed: int) -> None:
    """Worksites too; kerbs may differ, and somewhere do."""
    problem = draw(Town(riders=40, places=14, rules=RULES, seed=seed))
    plan = decoded(problem, found(problem))
    assert plan.lines
    differ = 0
    for line in plan.lines:
        there, back = line.trips
        assert (there.direction, back.direction) == (IN, OUT)
        nodes = [[problem.node(s) for s in stops] for stops in (there.stop_ids, back.stop_ids[::-1])]
        places = [[problem.place_id(n) for n in row if n is not None] for row in nodes]
        assert places[0] == places[1]
        differ += nodes[0] != nodes[1]
    assert differ


def test_planned_apart_every_line_has_one_trip_of_its_direction() -> None:
    problem = draw(Town(riders=30, rules=replace(RULES, same_line_both_ways=False), seed=2))
    plan = decoded(problem, found(problem))
    assert {len(line.trips) for line in plan.lines} == {1}
    assert {line.trips[0].direction for line in plan.lines} == {IN, OUT}


def test_ids_are_unique_and_stable() -> None:
    """The same lines get the same names; lines are numbered in their order, and a trip's id says its line and way."""
    problem = draw(Town(riders=60, places=20, shifts=ALL_SHIFTS, rules=RULES, seed=3))
    lines = found(problem)
    plan = decoded(problem, lines)
    assert decoded(problem, lines) == plan
    assert [line.line_id for line in plan.lines] == [f"L{x + 1:03d}" for x in range(len(lines))]
    for line, trip in plan.trips():
        assert trip.trip_id == f"T{line.line_id[1:]}-{'in' if trip.direction is IN else 'out'}"
    trip_ids = [trip.trip_id for _, trip in plan.trips()]
    block_ids = [block.block_id for block in plan.blocks]
    assert len(set(trip_ids)) == len(trip_ids)
    assert len(set(block_ids)) == len(block_ids)
    assert Counter(t for block in plan.blocks for t in block.trip_ids) == Counter(trip_ids)


def test_a_trip_is_driven_by_the_type_of_its_block_from_a_depot_that_has_it() -> None:
    problem = draw(Town(riders=60, counts=4, shifts=(DAY_SHIFT, HOME_ONLY), rules=RULES, available=(2, 20), seed=4))
    plan = decoded(problem, found(problem))
    kinds = {trip.trip_id: trip.vehicle_type_id for _, trip in plan.trips()}
    used = Counter((b.vehicle_type_id, b.depot_id) for b in plan.blocks)
    assert all({kinds[t] for t in block.trip_ids} == {block.vehicle_type_id} for block in plan.blocks)
    assert used
    for item in problem.fleet:
        assert used.pop((item.vehicle_type_id, item.depot_id), 0) <= item.available
    assert not used


def test_a_line_is_named_after_the_ends_of_its_way_to_work() -> None:
    """Also where it only drives home."""
    problem = draw(Town(riders=30, shifts=(DAY_SHIFT, HOME_ONLY), rules=RULES, seed=5))
    plan = decoded(problem, found(problem))
    names = {s.stop_id: s.name for s in problem.stops} | {w.worksite_id: w.name for w in problem.worksites}
    for line in plan.lines:
        first = line.trips[0]
        way = first.stop_ids if first.direction is IN else first.stop_ids[::-1]
        assert line.name == f"{names[way[0]]} – {names[way[-1]]}"
    assert {line.trips[0].direction for line in plan.lines} == {IN, OUT}


@pytest.mark.parametrize("on_time", [0.0, 0.5, 0.9, 0.99])
def test_departures_keep_every_window_with_the_margin_that_on_time_asks_for(on_time: float) -> None:
    """At every worksite and for every shift aboard: early enough by a quantile of the running time's deviation."""
    rules = replace(RULES, on_time=on_time)
    problem = draw(Town(riders=40, sites=3, shifts=(DAY_SHIFT, SOON), rules=rules, seed=6))
    plan = decoded(problem, found(problem))
    quantile = NormalDist().inv_cdf(on_time) if on_time > 0.5 else 0.0
    calls = 0
    for trip in evaluate(problem, plan).schedule.trips:
        inbound = trip.trip.direction is IN
        for seat in trip.seats:
            shift = problem.shift(problem.riders[seat.rider].shift_id)
            assert shift is not None
            assert shift.start is not None
            assert shift.end is not None
            site = seat.alight if inbound else seat.board
            clock = trip.arrive[site] if inbound else trip.depart[site]
            opens, closes = (
                (shift.start - 1_500, shift.start - 300) if inbound else (shift.end + 300, shift.end + 1_500)
            )
            margin = quantile * rules.run_time_sd_s(trip.drive[site])
            calls += 1
            assert opens <= clock <= closes - margin + 1e-6
    assert calls > 20


@pytest.mark.parametrize("seed", range(3))
def test_a_trip_may_be_moved_by_as_much_as_its_run_says_and_no_more(seed: int) -> None:
    """The spans to either side are kept by the judge; a minute beyond the earlier one breaks a window."""
    problem = draw(Town(riders=30, shifts=(DAY_SHIFT, SOON), rules=RULES, seed=seed))
    lines = found(problem)
    plan = decoded(problem, lines)
    broken = len(evaluate(problem, replace(plan, blocks=())).violations)
    runs = {
        trip.trip_id: run
        for line, got in zip(plan.lines, lines, strict=True)
        for trip, run in zip(line.trips, got.runs, strict=True)
    }
    assert runs
    for trip_id, run in runs.items():
        for seconds in (-run.earlier, run.later):
            assert len(evaluate(problem, shifted(plan, trip_id, seconds)).violations) == broken
        for seconds in (-run.earlier - 60, run.later + 60):
            assert len(evaluate(problem, shifted(plan, trip_id, seconds)).violations) > broken


def test_solve_gives_certain_reasons_and_leaves_the_others_open() -> None:
    """A fleet too small for all leaves riders out, and that is no certain reason."""
    problem = draw(Town(riders=60, rules=RULES, available=(1, 0), depots=1, seed=7))
    plan = solve(problem, stop=MaxIterations(iterations=200)).plan
    reachable = {problem.riders[r].rider_id for r, c in enumerate(choose_stops(problem)) if len(c.stops)}
    assert {u.reason for u in plan.unserved if u.rider_id in reachable} == {Reason.UNKNOWN}
    assert {u.reason for u in plan.unserved if u.rider_id not in reachable} <= {Reason.NO_STOP_IN_WALK}
    assert plan.assignments
