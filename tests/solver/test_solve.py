"""What `solve` promises: plans without violation, everyone accounted for, determinism, interruption."""

import dataclasses
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.model.budget import UNLIMITED, Budget
from routing.model.demand import Direction, Shift
from routing.model.plan import Plan, Reason
from routing.model.problem import Problem
from routing.model.result import Progress, SearchResult, Status
from routing.model.rules import ServiceRules
from routing.solver import FirstOf, Interrupted, MaxIterations, MaxRuntime, solve
from tests.solver.towns import DAY_SHIFT, RELAY, RELAY_BOTH, RELAY_HOME, TYPES, Town, draw

EARLY = Shift(shift_id="early", start=8 * 3600, end=17 * 3600)
SOON = Shift(shift_id="soon", start=8 * 3600 + 600, end=17 * 3600 + 900)
LATE = Shift(shift_id="late", start=16 * 3600, end=24 * 3600)
WIDE = dataclasses.replace(
    EARLY, shift_id="wide", arrive_early_s=3_600, arrive_buffer_s=0, leave_buffer_s=0, leave_late_s=4_000
)
HOME_ONLY = Shift(shift_id="home", start=None, end=20 * 3600)
WORK_ONLY = Shift(shift_id="work", start=6 * 3600, end=None)


def brief(problem: Problem, iterations: int = 300, **options: object) -> SearchResult:
    """Solve with an iteration limit."""
    return solve(problem, stop=MaxIterations(iterations=iterations), **options)  # type: ignore[arg-type]


def accounted(problem: Problem, plan: Plan) -> bool:
    """Tell whether every rider and direction is in the plan exactly once, as assigned or unserved."""
    listed = [(a.rider_id, a.direction) for a in plan.assignments] + [(u.rider_id, u.direction) for u in plan.unserved]
    wanted = {(r.rider_id, d) for r in problem.riders for d in problem.shift(r.shift_id).directions}  # type: ignore[union-attr]
    return len(listed) == len(wanted) and set(listed) == wanted


@st.composite
def towns(draw_from: st.DrawFn) -> Town:
    """Draw towns of every kind: shifts that overlap or not, one way or both, days, groups, tight fleets."""
    shifts = draw_from(
        st.sampled_from(
            [
                (DAY_SHIFT,),
                (EARLY, SOON),
                (EARLY, SOON, LATE),
                (DAY_SHIFT, HOME_ONLY),
                (WORK_ONLY,),
                (HOME_ONLY, SOON),
                (WIDE, SOON),
                RELAY,
                RELAY_HOME,
                RELAY_BOTH,
            ]
        )
    )
    rules = ServiceRules(
        min_load=draw_from(st.sampled_from([0, 1, 4])),
        max_stops=draw_from(st.sampled_from([2, 3, 14])),
        on_time=draw_from(st.sampled_from([0.0, 0.8, 0.95])),
        same_line_both_ways=draw_from(st.booleans()),
        max_detour=draw_from(st.sampled_from([1.2, 1.8])),
        max_detour_free_s=draw_from(st.sampled_from([120, 900])),
        dwell_s_per_rider=draw_from(st.sampled_from([0, 2, 7])),
        site_dwell_s_per_stop=draw_from(st.sampled_from([None, 0, 200])),
        site_dwell_s_per_rider=draw_from(st.sampled_from([None, 0, 3])),
        max_trip_s=draw_from(st.sampled_from([None, 1_500, 3_600])),
        one_worksite_per_trip=draw_from(st.booleans()),
        turnaround_s=draw_from(st.sampled_from([0, 120, 900])),
    )
    return Town(
        riders=draw_from(st.integers(1, 40)),
        places=draw_from(st.integers(1, 14)),
        sites=draw_from(st.integers(1, 4)),
        shifts=shifts,
        rules=rules,
        available=draw_from(st.sampled_from([(20, 20), (1, 1), (0, 2), (3, 0), (0, 0)])),
        depots=draw_from(st.integers(1, 2)),
        mixed_days=draw_from(st.booleans()),
        counts=draw_from(st.sampled_from([1, 3, 8])),
        short_walks=draw_from(st.sampled_from([0.0, 0.3])),
        seed=draw_from(st.integers(0, 10_000)),
        unserved=draw_from(st.sampled_from([500, 20_000])),
        fewest=draw_from(st.booleans()),
        budget=draw_from(st.sampled_from([UNLIMITED, Budget(max_vehicles=2), Budget(max_cost_fen=60_000)])),
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(towns())
def test_every_plan_keeps_every_promise_and_accounts_for_every_rider(town: Town) -> None:
    """Whatever the town, the judge finds no violation, and nobody is lost or counted twice."""
    problem = draw(town)
    plan = brief(problem).plan
    assert evaluate(problem, plan).violations == ()
    assert accounted(problem, plan)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_same_seed_and_iterations_give_the_same_plan_whatever_the_workers(workers: int) -> None:
    """Several parts on several threads end exactly where one thread does."""
    problem = draw(Town(riders=60, places=20, shifts=(EARLY, SOON, LATE), seed=3))
    assert brief(problem, 1_000, seed=5, workers=workers).plan == brief(problem, 1_000, seed=5).plan


def test_another_seed_searches_elsewhere() -> None:
    """The seed matters: of several seeds not all give the same plan."""
    problem = draw(Town(riders=40, places=20, seed=4))
    assert len({brief(problem, 60, seed=seed).plan for seed in range(4)}) > 1


def test_more_iterations_do_not_cost_more_on_the_whole() -> None:
    """Over several towns a longer search ends cheaper than a short one."""
    problems = [draw(Town(riders=40, places=15, seed=seed)) for seed in range(4)]
    short, long = (sum(evaluate(p, brief(p, iterations).plan).cost_fen for p in problems) for iterations in (1, 2_000))
    assert long < short


def test_a_divided_search_keeps_every_promise_and_its_determinism(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces with turning seams give a valid plan, and the same one on one thread and on two."""
    monkeypatch.setattr("routing.solver.divide.PIECE", 20)
    monkeypatch.setattr("routing.solver.search.PIECE", 20)
    problem = draw(Town(riders=90, places=30, shifts=(EARLY, SOON), seed=6))
    one, two = (brief(problem, 3_000, workers=workers).plan for workers in (1, 2))
    assert one == two
    assert evaluate(problem, one).violations == ()
    assert accounted(problem, one)


def test_a_stop_request_keeps_the_best_plan_so_far() -> None:
    """An event that is set ends the search with a valid plan, and says so."""
    problem = draw(Town(seed=7))
    event = threading.Event()

    def ask(progress: Progress) -> None:
        assert progress.phase == "search"
        event.set()

    stop = FirstOf(criteria=(MaxRuntime(seconds=600), Interrupted(event=event)))
    result = solve(problem, stop=stop, on_progress=ask)
    assert result.status is Status.INTERRUPTED
    assert evaluate(problem, result.plan).violations == ()


def test_a_keyboard_interrupt_keeps_the_best_plan_so_far() -> None:
    """Ctrl-C in the midst of the search ends it with a valid plan instead of a traceback."""
    problem = draw(Town(seed=8))

    def press(_: Progress) -> None:
        raise KeyboardInterrupt

    result = solve(problem, stop=MaxRuntime(seconds=600), on_progress=press)
    assert result.status is Status.INTERRUPTED
    assert result.plan.lines
    assert evaluate(problem, result.plan).violations == ()


def test_progress_rises_and_ends_at_one() -> None:
    """Observers see shares that never fall, and the end."""
    seen: list[Progress] = []
    brief(draw(Town(seed=9)), 2_000, on_progress=seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert seen[-1].done == 1.0
    assert seen[-1].cost_fen is not None


def test_a_search_may_start_from_an_incumbent() -> None:
    """With next to no iterations, a good plan handed in is not lost."""
    problem = draw(Town(riders=40, places=15, seed=10))
    good = brief(problem, 4_000).plan
    again = brief(problem, 1, incumbent=good).plan
    assert evaluate(problem, again).violations == ()
    assert evaluate(problem, again).cost_fen <= evaluate(problem, good).cost_fen * 1.001


def test_an_incumbent_for_another_town_does_no_harm() -> None:
    """Riders, stops and sites that are gone are left out, whatever the rest of the plan says."""
    old = draw(Town(riders=40, places=15, sites=3, seed=11))
    new = draw(Town(riders=25, places=8, sites=1, seed=12))
    plan = brief(new, 200, incumbent=brief(old).plan).plan
    assert evaluate(new, plan).violations == ()
    assert accounted(new, plan)


def test_riders_out_of_reach_are_told_so() -> None:
    """A walk limit of nothing leaves everyone without a stop, and the reason is certain."""
    problem = draw(Town(rules=ServiceRules(max_walk_m=0, min_load=1), seed=13))
    plan = brief(problem).plan
    assert {u.reason for u in plan.unserved} == {Reason.NO_STOP_IN_WALK}
    assert not plan.lines


def test_groups_larger_than_any_vehicle_are_told_so() -> None:
    """Eight people do not fit into six seats."""
    problem = draw(Town(riders=30, counts=9, types=TYPES[:1], available=(9,), seed=14))
    plan = brief(problem).plan
    large = {r.rider_id for r in problem.riders if r.count > 6}
    assert large
    assert {u.rider_id for u in plan.unserved if u.reason is Reason.NO_VEHICLE_LARGE_ENOUGH} == large


def test_rides_longer_than_the_limit_are_told_so() -> None:
    """No drive is short enough for a ride limit of a second."""
    problem = draw(Town(rules=ServiceRules(max_ride_s=1, min_load=1), seed=15))
    assert {u.reason for u in brief(problem).plan.unserved} <= {Reason.RIDE_TOO_LONG, Reason.NO_STOP_IN_WALK}


def test_no_vehicle_at_all_serves_nobody() -> None:
    """An empty depot is no error of the search: everyone is listed as unserved."""
    problem = draw(Town(available=(0, 0), seed=16))
    plan = brief(problem).plan
    assert not plan.lines
    assert accounted(problem, plan)


def test_pinned_places_are_served() -> None:
    """Wherever a served rider can walk to a pinned stop, some trip halts at its place."""
    for seed in range(3):
        problem = draw(Town(riders=40, places=8, pinned=3, seed=seed))
        assert evaluate(problem, brief(problem).plan).violations == ()


def test_riders_go_home_from_where_they_came() -> None:
    """With one line for both ways, the place of boarding is the place of alighting."""
    problem = draw(Town(riders=40, places=12, seed=17))
    place = {s.stop_id: s.place_id for s in problem.stops}
    plan = brief(problem).plan
    inbound = {a.rider_id: place[a.board_stop_id] for a in plan.assignments if a.direction is Direction.INBOUND}
    outbound = {a.rider_id: place[a.alight_stop_id] for a in plan.assignments if a.direction is Direction.OUTBOUND}
    assert inbound == outbound
    assert inbound


def test_the_days_of_riders_share_seats() -> None:
    """Six seats carry twelve people who travel on different days, and one line does for all."""
    town = Town(riders=12, places=1, sites=1, types=TYPES[:1], available=(9,), seed=19)
    problem = draw(town)
    riders = tuple(dataclasses.replace(r, days=1 << (i % 2)) for i, r in enumerate(problem.riders))
    shared = dataclasses.replace(problem, riders=riders)
    plan = brief(shared).plan
    assert not plan.unserved
    assert len(plan.lines) == 1
    assert evaluate(shared, plan).violations == ()


def test_plans_are_handed_out_while_the_search_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is as valid as the last one will be, and looking at them leads the search nowhere else."""
    monkeypatch.setattr("routing.solver.search.KEEP_S", 0.0)
    problem = draw(Town(riders=60, places=20, shifts=(EARLY, SOON, LATE), rules=ServiceRules(min_load=4), seed=20))
    seen: list[Plan] = []
    result = brief(problem, 2_000, on_plan=seen.append)
    assert len(seen) > 3
    assert all(evaluate(problem, plan).violations == () and accounted(problem, plan) for plan in seen)
    assert result.plan == brief(problem, 2_000).plan


def test_plans_are_handed_out_from_the_calling_thread_and_not_too_often() -> None:
    """Within ten seconds of search there is one: the first that stands."""
    seen: list[threading.Thread] = []
    brief(draw(Town(seed=21)), 1_000, workers=2, on_plan=lambda _: seen.append(threading.current_thread()))
    assert seen == [threading.current_thread()]


def test_plans_handed_out_cost_no_more_than_the_incumbent() -> None:
    problem = draw(Town(riders=40, places=15, seed=22))
    good = brief(problem, 4_000).plan
    seen: list[Plan] = []
    brief(problem, 1, incumbent=good, on_plan=seen.append)
    assert [evaluate(problem, plan).cost_fen <= evaluate(problem, good).cost_fen for plan in seen] == [True]


@pytest.mark.parametrize(("shifts", "both"), [(RELAY_BOTH, False), ((DAY_SHIFT,), True)], ids=["chains", "both ways"])
@pytest.mark.parametrize("seed", range(4))
def test_putting_vehicles_first_never_needs_more_of_them(seed: int, shifts: tuple[Shift, ...], both: bool) -> None:
    """Nor does it leave more riders out: compared by riders left out, then by vehicles.

    Lines that run both ways are chained only once they are found: over several shifts this need not hold.
    """
    rules = ServiceRules(min_load=1, turnaround_s=120, same_line_both_ways=both)
    town = Town(riders=40, places=14, shifts=shifts, rules=rules, seed=seed)
    first = draw(dataclasses.replace(town, fewest=True))
    with_it, without = (evaluate(first, brief(p, 3_000).plan).objective for p in (first, draw(town)))
    assert with_it[:2] <= without[:2]


def test_putting_vehicles_first_leaves_nobody_out_to_save_money() -> None:
    """Where a rider left out costs next to nothing, the ordinary search drives nobody, and this one everybody."""
    town = Town(riders=30, places=12, rules=ServiceRules(min_load=1), unserved=1, seed=2)
    assert not brief(draw(town)).plan.assignments
    plan = brief(draw(dataclasses.replace(town, fewest=True))).plan
    assert {u.reason for u in plan.unserved} <= {Reason.NO_STOP_IN_WALK, Reason.RIDE_TOO_LONG}
    assert plan.assignments
