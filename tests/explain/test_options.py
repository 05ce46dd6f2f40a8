"""Ways onto existing lines: which halts are offered, where, and at what detour."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.explain.options import Option, find_options, usable_stops
from routing.explain.vicinity import PlanIndex
from routing.model.demand import Direction
from routing.model.places import StopStatus
from routing.model.plan import Plan
from routing.model.problem import Problem
from tests.cases import IN, OUT, STOPS, WALKS, town, town_plan, walk_table, with_rider, with_stop, with_trip
from tests.explain.conftest import FayAt

BOTH = (IN, OUT)


def options(
    problem: Problem, plan: Plan | None = None, ways: tuple[Direction, ...] = BOTH, new_within_m: int = 800
) -> list[Option]:
    index = PlanIndex.of(problem, plan or town_plan())
    fay = problem.riders[5]
    return list(find_options(index, fay, ways, usable_stops(problem, 5), new_within_m))


def halts(option: Option) -> list[tuple[str, int, bool, int]]:
    """Return stop, position, whether new, and detour of each halt."""
    return [(list(STOPS)[h.node], h.position, h.new, h.detour_s) for h in option.halts]


def test_a_stop_on_the_way_is_offered_where_it_adds_nothing(fay_at: FayAt) -> None:
    """The hill lies between market and north: third stop of a_in, second of a_out.

    The other offer is the outer end, where nobody else rides longer: before the gate it would be 14 min more and
    the same again back.
    """
    found = options(fay_at({"hill": 100}))
    assert [halts(o) for o in found] == [
        [("hill", 2, True, 0), ("hill", 1, True, 0)],
        [("hill", 0, True, 840), ("hill", 3, True, 1_260)],
    ]
    assert [(o.detour_s, o.walk_m) for o in found] == [(0, 100), (2_100, 100)]


def test_a_stop_that_is_served_already_is_offered_as_it_stands(fay_at: FayAt) -> None:
    """The gate's two kerbs, one per direction, at no detour; each with its own walk."""
    (gate,) = options(fay_at({"gate_in": 300, "gate_out": 200}))
    assert halts(gate) == [("gate_in", 0, False, 0), ("gate_out", 2, False, 0)]
    assert [h.walk_m for h in gate.halts] == [300, 200]
    assert gate.walk_m == 300


def test_one_kerb_known_one_kerb_new(fay_at: FayAt) -> None:
    """She knows no way to the gate's other kerb: homeward the trip would halt at the kerb it passes inbound."""
    found = options(fay_at({"gate_in": 300}))
    assert halts(found[0]) == [("gate_in", 0, False, 0), ("gate_in", 2, True, 0)]


def test_a_walk_beyond_the_promise_is_offered_on_served_stops_only(fay_at: FayAt) -> None:
    """1,000 m to the market may be a relaxation; leading a bus to the hill, also 1,000 m away, is not."""
    problem = fay_at({"market_in": 1_000, "market_out": 1_000, "hill": 1_000})
    assert [o.halts[0].node for o in options(problem)] == [2]
    assert {o.halts[0].node for o in options(problem, new_within_m=1_000)} == {2, 5}


def test_one_direction_asks_for_one_trip(fay_at: FayAt) -> None:
    found = options(fay_at({"gate_in": 300}), ways=(IN,))
    assert [halts(o) for o in found] == [[("gate_in", 0, False, 0)]]


def test_a_line_without_a_trip_home_is_no_way_for_both_directions(fay_at: FayAt) -> None:
    plan = town_plan()
    one_way = replace(plan, lines=(replace(plan.lines[0], trips=plan.lines[0].trips[:1]), plan.lines[1]))
    assert options(fay_at({"gate_in": 300}), one_way) == []


def test_a_line_to_another_worksite_is_no_way(fay_at: FayAt) -> None:
    assert options(fay_at({"gate_in": 300}, worksite_id="south", shift_id="early")) != []
    plan = replace(town_plan(), lines=town_plan().lines[:1])
    assert options(fay_at({"gate_in": 300}, worksite_id="south", shift_id="early"), plan) == []


def test_a_shift_too_far_off_is_no_way(fay_at: FayAt) -> None:
    """The windows are 20 min wide: shifts 15 min apart share five minutes, those 21 min apart nothing."""
    problem = fay_at({"gate_in": 300, "gate_out": 300}, shift_id="late")
    assert len(options(problem)) == 1
    late = problem.shifts[1]
    apart = replace(problem, shifts=(problem.shifts[0], replace(late, start=(late.start or 0) + 360)))
    assert options(apart) == []


def test_stops_behind_the_worksite_are_no_way_there(fay_at: FayAt) -> None:
    """A trip that goes on from north to the hill passes it too late in the morning; a new halt before north is one."""
    plan = with_trip(town_plan(), "a_in", stop_ids=("gate_in", "market_in", "north", "hill"))
    best = options(fay_at({"hill": 100}), plan, ways=(IN,))
    assert best == []


def test_forbidden_stops_are_not_offered_nor_counted_as_near(fay_at: FayAt) -> None:
    problem = fay_at({"hill": 100, "quay": 400})
    problem = with_stop(problem, "hill", status=StopStatus.FORBIDDEN)
    assert usable_stops(problem, 5) == [(4, 400)]
    assert {h.node for o in options(problem) for h in o.halts} == {4}


def test_nobody_is_offered_anything_from_nowhere(fay_at: FayAt) -> None:
    assert options(fay_at({})) == []


@settings(deadline=None)
@given(
    order=st.permutations(["gate_in", "market_in", "quay"]),
    stop=st.sampled_from(["hill", "gate_out", "market_out"]),
    way=st.sampled_from(BOTH),
)
def test_the_best_position_is_the_best_of_all(order: list[str], stop: str, way: Direction) -> None:
    """Against trying every position: the least driving added, before the worksite inbound, behind it outbound."""
    problem = town(walks=walk_table({**WALKS, "fay": {stop: 100}}, list(STOPS)))
    sequence = (*order, "north") if way is IN else ("north", *order)
    plan = with_trip(town_plan(), "a_in" if way is IN else "a_out", stop_ids=sequence)
    duration = problem.travel[0 if way is IN else 1].duration

    def driving(stops: tuple[str, ...]) -> int:
        nodes = [problem.node(s) for s in stops]
        return sum(int(duration[a, b]) for a, b in pairwise(nodes))

    places = range(4) if way is IN else range(1, 5)
    detours = [driving((*sequence[:i], stop, *sequence[i:])) - driving(sequence) for i in places]
    found = options(problem, plan, ways=(way,))
    outer = detours[0] if way is IN else detours[-1]
    assert [o.detour_s for o in found][:1] == [min(detours)]
    assert {o.detour_s for o in found} == {min(detours), outer}
    best = found[0].halts[0]
    assert detours[best.position - places.start] == min(detours)


@pytest.mark.parametrize("site", ["north", "south"])
def test_a_trip_to_two_worksites_offers_what_lies_before_each(fay_at: FayAt, site: str) -> None:
    """From gate and market to north, then on by the hill to south: the hill is a halt for south only."""
    plan = with_trip(town_plan(), "a_in", stop_ids=("gate_in", "market_in", "north", "hill", "south"))
    problem = with_rider(fay_at({"hill": 100}), "fay", worksite_id=site, shift_id="early")
    found = [o for o in options(problem, plan, ways=(IN,)) if o.line.line_id == "a"]
    assert [o.halts[0].new for o in found] == ([False] if site == "south" else [])


@pytest.mark.parametrize(("early_s", "offered"), [(300 + 899, False), (300 + 900, True), (1_500, True)])
def test_lines_of_another_shift_are_offered_where_the_windows_touch(fay_at: FayAt, early_s: int, offered: bool) -> None:
    """Fay works late, from 08:15; line a is at north between 07:35 and 07:55, her own window opens by her early."""
    problem = fay_at({"hill": 100}, shift_id="late")
    early, late = problem.shifts
    problem = replace(problem, shifts=(early, replace(late, arrive_early_s=early_s)))
    assert bool(options(problem, ways=(IN,))) is offered
