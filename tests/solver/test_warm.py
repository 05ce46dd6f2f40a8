"""Searches that begin with lines that exist: what is kept as it is, and what may no longer stay."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.model.demand import Direction, Shift
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.choices import choose_stops
from routing.solver.decode import decode
from routing.solver.fleet import available_types, roster
from routing.solver.incumbent import read_plan
from routing.solver.layout import AT_BANK, AT_LINE, BANKED, HEAD, LINE_COUNT, NEXT, PREV
from routing.solver.lines import FoundLine
from routing.solver.parts import split
from routing.solver.piece import OPTIONS, PieceSearch, start
from routing.solver.warm import adopt
from tests.solver.states import active, check_vehicles, parts_of, vehicles
from tests.solver.towns import DAY_SHIFT, RELAY, RELAY_BOTH, RELAY_HOME, Town, draw

SOON = Shift(shift_id="soon", start=8 * 3600 + 600, end=17 * 3600 + 900)
WORK_ONLY = Shift(shift_id="work", start=6 * 3600, end=None)
RULES = ServiceRules(min_load=1)
IN = Direction.INBOUND


def planned(problem: Problem, iterations: int = 200) -> Plan:
    """Return a plan of a short search."""
    return solve(problem, stop=MaxIterations(iterations=iterations)).plan


def adopted(problem: Problem, plan: Plan) -> list[PieceSearch]:
    """Return searches that have taken a plan over and not run yet."""
    choices = choose_stops(problem)
    some = {r for r, c in enumerate(choices) if len(c.stops)}
    parts = split(problem, dict.fromkeys(Direction, some))
    types = available_types(problem)
    lines = read_plan(problem, parts, plan, types)
    return [start(problem, part, held, choices, types, 1) for part, held in zip(parts, lines, strict=True) if held]


def again(problem: Problem, plan: Plan) -> Plan:
    """Return the plan that comes of another one without any iteration."""
    lines = [line for search in adopted(problem, plan) for line in search.best()]
    types = available_types(problem)
    return decode(problem, roster(problem, lines, types), types, {})


def together(plan: Plan) -> set[tuple[Direction, frozenset[tuple[str, str, str]]]]:
    """Return who rides with whom, from where to where, whatever the trips are called."""
    trips = {trip.trip_id: trip.direction for _, trip in plan.trips()}
    seats: dict[str, set[tuple[str, str, str]]] = {trip_id: set() for trip_id in trips}
    for a in plan.assignments:
        seats[a.trip_id].add((a.rider_id, a.board_stop_id, a.alight_stop_id))
    return {(trips[trip_id], frozenset(who)) for trip_id, who in seats.items()}


def riding(lines: list[FoundLine]) -> set[frozenset[int]]:
    """Return the riders of each line."""
    return {frozenset(line.riders) for line in lines}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    both=st.booleans(),
    shifts=st.sampled_from([(DAY_SHIFT,), (DAY_SHIFT, SOON), (DAY_SHIFT, WORK_ONLY)]),
    counts=st.sampled_from([1, 4]),
)
def test_a_plan_taken_over_comes_back_with_the_same_riders_on_the_same_seats_at_the_same_cost(
    seed: int, both: bool, shifts: tuple[Shift, ...], counts: int
) -> None:
    rules = replace(RULES, same_line_both_ways=both)
    problem = draw(Town(riders=30, shifts=shifts, rules=rules, mixed_days=True, counts=counts, seed=seed))
    plan = planned(problem)
    back = again(problem, plan)
    assert together(back) == together(plan)
    assert evaluate(problem, back).violations == ()
    assert evaluate(problem, back).cost_parts == evaluate(problem, plan).cost_parts


@pytest.mark.parametrize("seed", range(3))
def test_the_best_of_a_search_that_has_not_run_is_what_it_was_given(seed: int) -> None:
    """Its price includes those who wait, and everyone is either aboard or in the bank."""
    problem = draw(Town(riders=40, depots=1, rules=RULES, unserved=5_000, seed=seed))
    plan = planned(problem)
    (search,) = adopted(problem, plan)
    verdict = evaluate(problem, plan)
    waiting = {u.rider_id for u in plan.unserved} & {problem.riders[r].rider_id for r in search.encoded.part.riders}
    assert search.lines == len(plan.lines)
    assert search.waiting == len(waiting) > 0
    seat = search.state.seat
    assert ((seat[:, AT_LINE] < 0) == (seat[:, AT_BANK] >= 0)).all()
    out_of_reach = {u.rider_id for u in plan.unserved} - waiting
    assert search.cost == pytest.approx(verdict.cost_fen - 5_600 * len(out_of_reach), abs=2 * len(plan.lines) + 2)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1_000), gone=st.sets(st.integers(0, 29), min_size=1, max_size=29))
def test_riders_who_left_are_dropped_and_all_others_stay_together(seed: int, gone: set[int]) -> None:
    """Of lines whose stops are all still in somebody's reach."""
    problem = draw(Town(riders=30, rules=RULES, seed=seed))
    plan = planned(problem)
    names = {problem.riders[r].rider_id for r in gone}
    new = without(problem, gone)
    back = again(new, plan)
    assert evaluate(new, back).violations == ()
    reach = {new.stops[s].stop_id for c in choose_stops(new) for s in c.stops} | {w.worksite_id for w in new.worksites}
    whole = {trip.trip_id for _, trip in plan.trips() if reach >= set(trip.stop_ids)}
    seats = [a for a in plan.assignments if a.rider_id not in names]
    stay = replace(
        plan,
        lines=tuple(line for line in plan.lines if {t.trip_id for t in line.trips} <= whole),
        assignments=tuple(a for a in seats if a.trip_id in whole),
    )
    assert {(d, who) for d, who in together(stay) if who} <= together(back)
    assert {a.rider_id for a in back.assignments} <= {a.rider_id for a in seats}


def without(problem: Problem, gone: set[int]) -> Problem:
    """Return the problem after some riders left."""
    stay = [r for r in range(len(problem.riders)) if r not in gone]
    rows = [problem.walks.row(r) for r in stay]
    walks = replace(
        problem.walks,
        start=np.cumsum([0, *(len(stops) for stops, _ in rows)]),
        stop=np.concatenate([stops for stops, _ in rows]),
        metres=np.concatenate([metres for _, metres in rows]),
    )
    return replace(problem, riders=tuple(problem.riders[r] for r in stay), walks=walks)


def test_riders_who_may_no_longer_walk_so_far_leave_and_the_others_stay() -> None:
    """A shorter walk limit takes out exactly those who walked further."""
    problem = draw(Town(riders=40, places=5, rules=RULES, seed=4))
    plan = planned(problem)
    walks = {a.rider_id: walk_of(problem, a.rider_id, a.board_stop_id) for a in plan.assignments if a.direction is IN}
    limit = sorted(walks.values())[len(walks) // 2]
    new = replace(problem, rules=replace(RULES, max_walk_m=limit))
    back = again(new, plan)
    assert evaluate(new, back).violations == ()
    riders = {a.rider_id for a in back.assignments}
    assert riders
    assert riders <= {name for name, walk in walks.items() if walk <= limit}


def walk_of(problem: Problem, rider_id: str, stop_id: str) -> int:
    """Return the walk [m] of a rider to a stop."""
    rider, node = problem.rider_index(rider_id), problem.node(stop_id)
    assert rider is not None
    assert node is not None
    walk = problem.walks.walk_m(rider, node)
    assert walk is not None
    return walk


def test_lines_that_break_a_new_rule_are_left_out_and_the_others_kept() -> None:
    """Fewer stops per trip: exactly the lines with more of them go."""
    problem = draw(Town(riders=60, places=20, rules=RULES, seed=5))
    plan = planned(problem, 600)
    lengths = {line.line_id: len(line.trips[0].stop_ids) for line in plan.lines}
    most = max(lengths.values()) - 1
    new = replace(problem, rules=replace(RULES, max_stops=most))
    kept = {trip.trip_id for line, trip in plan.trips() if lengths[line.line_id] <= most}
    assert 0 < len(kept) < 2 * len(plan.lines)
    back = again(new, plan)
    wanted = Plan(
        lines=tuple(line for line in plan.lines if lengths[line.line_id] <= most),
        assignments=tuple(a for a in plan.assignments if a.trip_id in kept),
    )
    assert together(back) == together(wanted)


@pytest.mark.parametrize("change", [{"max_ride_s": 1_100}, {"max_detour": 1.0, "max_detour_free_s": 60}])
def test_rides_that_became_too_long_are_not_taken_over(change: dict[str, int]) -> None:
    problem = draw(Town(riders=60, places=20, rules=RULES, seed=6))
    plan = planned(problem, 600)
    new = replace(problem, rules=replace(RULES, **change))  # type: ignore[arg-type]
    assert evaluate(new, plan).violations != ()
    back = again(new, plan)
    assert evaluate(new, back).violations == ()
    assert together(back) < together(plan)


def test_a_line_without_riders_is_not_taken_over() -> None:
    problem = draw(Town(riders=20, rules=RULES, seed=7))
    plan = planned(problem)
    (search,) = adopted(problem, plan)
    lines = search.best()
    empty = replace(lines[0], runs=tuple(replace(run, seats=()) for run in lines[0].runs))
    held = start(problem, search.encoded.part, [empty, *lines[1:]], choose_stops(problem), problem.vehicle_types, 1)
    assert riding(held.best()) == riding(lines[1:])
    assert held.state.now[LINE_COUNT] == len(lines) - 1
    assert held.state.now[BANKED] == search.waiting + len(lines[0].riders)


def test_a_line_that_lacks_a_direction_or_is_not_the_same_both_ways_is_not_taken_over() -> None:
    """One line both ways is the same sequence of places; other lines of the plan are not touched by it."""
    problem = draw(Town(riders=40, places=15, rules=RULES, seed=8))
    (search,) = adopted(problem, planned(problem))
    lines = search.best()
    x = next(i for i, line in enumerate(lines) if len(line.runs[0].nodes) > 2)
    there, back = lines[x].runs
    rest = riding(lines[:x] + lines[x + 1 :])
    for bad in ((there,), (there, replace(back, nodes=there.nodes))):
        given_lines = [*lines[:x], replace(lines[x], runs=bad), *lines[x + 1 :]]
        held = start(problem, search.encoded.part, given_lines, choose_stops(problem), problem.vehicle_types, 1)
        assert riding(held.best()) == rest


def days_of(lines: list[FoundLine]) -> set[frozenset[frozenset[int]]]:
    """Return the riders of the lines of each vehicle."""
    days: dict[int, set[frozenset[int]]] = {}
    for line in lines:
        assert line.vehicle >= 0
        days.setdefault(line.vehicle, set()).add(frozenset(line.riders))
    return {frozenset(day) for day in days.values()}


RELAY_RULES = ServiceRules(min_load=1, turnaround_s=120)


@pytest.mark.parametrize("shifts", [RELAY, RELAY_HOME])
@pytest.mark.parametrize("seed", range(3))
def test_vehicles_are_taken_over_with_all_their_trips(seed: int, shifts: tuple[Shift, ...]) -> None:
    """From a search's lines and, by way of the blocks, from a plan; and the roster never needs more of them."""
    problem = draw(Town(riders=40, places=14, shifts=shifts, rules=RELAY_RULES, seed=seed))
    choices, types = choose_stops(problem), available_types(problem)
    (part,) = parts_of(problem)
    search = start(problem, part, [], choices, types, 1)
    search.anneal(500, 0.5)
    found = search.best()
    held = start(problem, part, found, choices, types, 2)
    assert days_of(held.best()) == days_of(found)
    assert held.cost == pytest.approx(search.cost)
    assert max(map(len, days_of(found))) > 1
    check_vehicles(held.encoded, held.state)
    duties = roster(problem, found, types).duties
    assert len(duties) <= len(days_of(found)) == len(vehicles(held.state))
    plan = planned(problem, 500)
    (back,) = read_plan(problem, (part,), plan, types)
    again_held = start(problem, part, back, choices, types, 3)
    assert len(vehicles(again_held.state)) <= len(plan.blocks)
    assert riding(again_held.best()) == riding(back)


@pytest.mark.parametrize("seed", range(3))
def test_links_of_lines_that_are_gone_are_forgotten(seed: int) -> None:
    """A search that goes back to lines of one trip each keeps no vehicle's day of before, which it might run round."""
    problem = draw(Town(riders=40, places=14, shifts=RELAY, rules=RELAY_RULES, seed=seed))
    choices, types = choose_stops(problem), available_types(problem)
    (part,) = parts_of(problem)
    search = start(problem, part, [], choices, types, 1)
    search.anneal(500, 0.5)
    state = search.state
    assert (state.lines[:, HEAD, [PREV, NEXT]] >= 0).any()
    alone = [replace(line, vehicle=-1) for line in search.best()]
    adopt(search.encoded, state, alone, OPTIONS)
    assert (state.lines[active(state), HEAD][:, [PREV, NEXT]] < 0).all()
    check_vehicles(search.encoded, state)
    search.anneal(500, 0.7)
    check_vehicles(search.encoded, search.state)


@pytest.mark.parametrize("seed", range(4))
def test_the_roster_needs_no_more_vehicles_than_the_search_had(seed: int) -> None:
    """In both directions: as many as the one that needs more, or fewer than both together."""
    rules = replace(RELAY_RULES, same_line_both_ways=False)
    problem = draw(Town(riders=50, places=14, shifts=RELAY_BOTH, rules=rules, seed=seed))
    choices, types = choose_stops(problem), available_types(problem)
    searches = [start(problem, part, [], choices, types, 1) for part in parts_of(problem)]
    for search in searches:
        search.anneal(400, 0.5)
    lines = [search.best() for search in searches]
    both = [line for held in lines for line in held]
    made = roster(problem, both, types)
    assert not made.closed
    assert len(made.duties) <= sum(len(days_of(held)) for held in lines)
    for held in lines:
        assert len(roster(problem, held, types).duties) <= len(days_of(held))


def test_more_lines_than_a_search_has_room_for_by_itself_are_all_taken_over() -> None:
    """Pieces of a part may have more lines together than the whole would be given room for."""
    rules = ServiceRules(min_load=1, max_stops=2)
    problem = draw(Town(riders=320, places=110, rules=rules, available=(400, 400), unserved=10**6, seed=1))
    choices, types = choose_stops(problem), available_types(problem)
    (part,) = parts_of(problem)
    lines: list[FoundLine] = []
    for x in range(0, len(part.riders), 40):
        piece = replace(part, riders=part.riders[x : x + 40])
        lines += start(problem, piece, [], choices, types, 1).best()
    assert len(lines) > 82
    held = start(problem, part, lines, choices, types, 1)
    assert riding(held.best()) == riding(lines)


def test_a_line_of_more_worksites_than_can_be_told_apart_is_not_taken_over() -> None:
    """More than the bits hold, with somebody bound for each; sites for which nobody is bound are passed by."""
    rules = ServiceRules(min_load=1, max_stops=45, max_ride_s=20_000, max_detour=20.0, arrive_early_s=15_000)
    shifts = (replace(DAY_SHIFT, end=None),)
    problem = draw(Town(riders=200, places=3, sites=33, shifts=shifts, rules=rules, seed=1))
    (part,) = parts_of(problem)
    choices, types = choose_stops(problem), available_types(problem)
    sites = sorted({problem.node(problem.riders[r].worksite_id) or 0 for r in part.riders})
    assert len(sites) > 31
    lines = start(problem, part, [], choices, types, 1).best()
    run = lines[0].runs[0]
    site_of = {problem.riders[r].worksite_id: r for r in part.riders}
    seats = tuple((r, int(choices[r].stops[0]), problem.node(site) or 0) for site, r in site_of.items())
    stops = tuple(sorted({board for _, board, _ in seats}))
    full = replace(run, nodes=(*stops, *sites), seats=seats)
    for used, taken in ((seats, 0), (seats[:3], 1)):
        long = replace(lines[0], runs=(replace(full, seats=used),), riders=tuple(r for r, _, _ in used), vehicle=-1)
        held = start(problem, part, [long], choices, types, 1)
        assert held.lines == taken
        assert held.waiting == len(part.riders) - taken * len(used)


def test_of_a_stop_that_comes_twice_the_first_visit_counts() -> None:
    """A plan of somebody else's drives round the block: its line is taken over without the second visit."""
    problem = draw(Town(riders=40, places=15, rules=RULES, seed=8))
    (search,) = adopted(problem, planned(problem))
    lines = search.best()
    x = next(i for i, line in enumerate(lines) if len(line.runs[0].nodes) > 2)
    twice = []
    for run in lines[x].runs:
        home = run.nodes[0] if run.direction is IN else run.nodes[-1]
        at = 2 if run.direction is IN else len(run.nodes) - 2
        twice.append(replace(run, nodes=(*run.nodes[:at], home, *run.nodes[at:])))
    bad = replace(lines[x], runs=tuple(twice))
    given_lines = [*lines[:x], bad, *lines[x + 1 :]]
    held = start(problem, search.encoded.part, given_lines, choose_stops(problem), problem.vehicle_types, 1)
    assert riding(held.best()) == riding(lines)
    assert held.cost == pytest.approx(search.cost)


def test_a_worksite_before_the_first_stop_is_passed_by_and_costs_no_rider_the_seat() -> None:
    """Inbound trips of a plan of somebody else's may set out from a worksite."""
    problem = draw(Town(riders=40, places=15, shifts=(WORK_ONLY,), rules=RULES, seed=8))
    (search,) = adopted(problem, planned(problem))
    lines = search.best()
    run = lines[0].runs[0]
    other = next(n for w in problem.worksites if (n := problem.node(w.worksite_id)) is not None and n != run.nodes[-1])
    for first in (other, run.nodes[-1]):
        bad = replace(lines[0], runs=(replace(run, nodes=(first, *(n for n in run.nodes if n != other))),))
        held = start(problem, search.encoded.part, [bad, *lines[1:]], choose_stops(problem), problem.vehicle_types, 1)
        carried = {r for r, _, site in run.seats if site != other}
        assert carried in [set(line.riders) for line in held.best()]


def test_a_stop_that_nobody_can_walk_to_any_more_costs_only_its_own_riders_the_seat() -> None:
    problem = draw(Town(riders=40, places=15, rules=RULES, seed=8))
    plan = planned(problem)
    long = next(line for line in plan.lines if len(line.trips[0].stop_ids) > 3)
    place = long.trips[0].stop_ids[0]
    there = {a.rider_id for a in plan.assignments if place in (a.board_stop_id, a.alight_stop_id)}
    near = [
        i
        for i, r in enumerate(problem.riders)
        if {s for s in problem.walks.row(i)[0] if problem.stops[s].stop_id == place}
    ]
    new = without(problem, set(near))
    staying = {a.rider_id for a in plan.assignments} - {problem.riders[i].rider_id for i in near}
    assert there <= {problem.riders[i].rider_id for i in near}
    back = again(new, plan)
    assert evaluate(new, back).violations == ()
    assert {a.rider_id for a in back.assignments} == staying


def test_a_rider_whose_worksite_the_line_does_not_serve_is_left_out() -> None:
    """Somebody moved to another worksite since: the others stay."""
    problem = draw(Town(riders=40, places=12, sites=3, rules=replace(RULES, one_worksite_per_trip=True), seed=3))
    plan = planned(problem)
    moved = problem.rider_index(plan.assignments[0].rider_id)
    assert moved is not None
    rider = problem.riders[moved]
    other = next(w.worksite_id for w in problem.worksites if w.worksite_id != rider.worksite_id)
    riders = tuple(replace(r, worksite_id=other) if i == moved else r for i, r in enumerate(problem.riders))
    new = replace(problem, riders=riders)
    back = again(new, plan)
    assert evaluate(new, back).violations == ()
    assert {a.rider_id for a in plan.assignments} - {a.rider_id for a in back.assignments} == {rider.rider_id}


@pytest.mark.parametrize("seed", range(3))
def test_trips_that_no_longer_fit_into_one_day_are_driven_by_vehicles_of_their_own(seed: int) -> None:
    """More time to turn round than before: every line stays, on as many vehicles as it takes."""
    problem = draw(Town(riders=40, places=14, shifts=RELAY, rules=RELAY_RULES, seed=seed))
    choices, types = choose_stops(problem), available_types(problem)
    (part,) = parts_of(problem)
    search = start(problem, part, [], choices, types, 1)
    search.anneal(300, 0.5)
    found = search.best()
    slow = replace(problem, rules=replace(RELAY_RULES, turnaround_s=2 * 3_600))
    held = start(slow, part, found, choices, types, 1)
    assert riding(held.best()) == riding(found)
    check_vehicles(held.encoded, held.state)
    assert len(vehicles(held.state)) > len(days_of(found))
