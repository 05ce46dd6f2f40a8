"""Which riders may share lines: shifts whose windows overlap both ways, in the same periods."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.model.demand import Direction, Shift
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver.parts import Part, split
from tests.solver.towns import RELAY, RELAY_BOTH, RELAY_HOME, Town, draw

HOUR = 3_600
WIDTH = 1_200
"""Width of both windows under the default rules [s]."""
IN, OUT = Direction.INBOUND, Direction.OUTBOUND


def town_of(*shifts: Shift, both: bool = True) -> Problem:
    """Return a town in which every shift has riders: the first shift's first, then the next one's."""
    problem = draw(Town(riders=3 * len(shifts), places=4, shifts=shifts, rules=ServiceRules(same_line_both_ways=both)))
    riders = tuple(replace(r, shift_id=shifts[i // 3].shift_id) for i, r in enumerate(problem.riders))
    return replace(problem, riders=riders)


def parts_of(*shifts: Shift, both: bool = True) -> tuple[Part, ...]:
    """Return the parts when everyone may be served."""
    problem = town_of(*shifts, both=both)
    return split(problem, {d: set(range(len(problem.riders))) for d in Direction})


def groups(parts: tuple[Part, ...], direction: Direction) -> list[str]:
    """Return the shifts of each part that drives in a direction, as one word each."""
    return sorted("".join(sorted(s.shift_id for s in part.shifts)) for part in parts if direction in part.directions)


def shift(name: str, start: float | None, end: float | None) -> Shift:
    """Return a shift with bounds in hours."""
    return Shift(
        shift_id=name,
        start=None if start is None else round(start * HOUR),
        end=None if end is None else round(end * HOUR),
    )


@pytest.mark.parametrize(("apart", "found"), [(0, ["ab"]), (WIDTH - 1, ["ab"]), (WIDTH, ["a", "b"])])
def test_shifts_share_a_part_while_their_windows_overlap_by_more_than_a_moment(apart: int, found: list[str]) -> None:
    a = shift("a", 8, 17)
    b = Shift(shift_id="b", start=8 * HOUR + apart, end=17 * HOUR)
    assert groups(parts_of(a, b), IN) == found
    back = Shift(shift_id="b", start=8 * HOUR, end=17 * HOUR + apart)
    assert groups(parts_of(a, back), IN) == found


def test_wider_windows_let_shifts_further_apart_share() -> None:
    a, b = shift("a", 8, 17), shift("b", 8.5, 17.5)
    assert groups(parts_of(a, b), IN) == ["a", "b"]
    problem = town_of(a, b)
    wide = replace(problem, rules=replace(problem.rules, arrive_early_s=3_600, leave_late_s=3_600))
    everyone = set(range(len(wide.riders)))
    assert groups(split(wide, dict.fromkeys(Direction, everyone)), IN) == ["ab"]


def test_one_line_both_ways_needs_overlap_both_ways_but_apart_each_direction_decides_for_itself() -> None:
    shifts = shift("a", 8, 17), shift("b", 8, 19)
    assert groups(parts_of(*shifts), IN) == groups(parts_of(*shifts), OUT) == ["a", "b"]
    apart = town_of(*shifts, both=False)
    slow = replace(apart, rules=replace(apart.rules, turnaround_s=6 * HOUR))
    parts = split(slow, {d: set(range(6)) for d in Direction})
    assert not any(part.chained for part in parts)
    assert groups(parts, IN) == ["ab"]
    assert groups(parts, OUT) == ["a", "b"]


def test_shifts_in_different_travel_periods_never_share() -> None:
    """Five minutes apart, with noon and other speeds between them; the twin an hour earlier shares."""
    assert groups(parts_of(shift("a", 11.95, 20), shift("b", 12.03, 20)), IN) == ["a", "b"]
    assert groups(parts_of(shift("a", 10.95, 20), shift("b", 11.03, 20)), IN) == ["ab"]


def test_overlapping_shifts_form_a_chain_though_its_ends_do_not_overlap() -> None:
    """The one in the middle may ride with either."""
    assert groups(parts_of(*(shift(n, 8 + 0.25 * i, None) for i, n in enumerate("abc"))), IN) == ["abc"]


def test_the_lanes_drive_in_the_periods_of_their_own_clock_times() -> None:
    (part,) = parts_of(shift("a", 8, 17))
    assert (part.directions, part.periods) == ((IN, OUT), (0, 1))
    (night,) = parts_of(shift("n", 20, 30))
    assert night.periods == (1, 0)


def test_shifts_that_ask_for_one_direction_have_parts_of_their_own() -> None:
    """They may not fill lines that are costed both ways."""
    parts = parts_of(shift("a", 8, 17), shift("i", 8, None), shift("o", None, 17))
    assert sorted((p.directions, [s.shift_id for s in p.shifts]) for p in parts) == [
        ((IN,), ["i"]),
        ((IN, OUT), ["a"]),
        ((OUT,), ["o"]),
    ]
    assert not any(p.other_way for p in parts)


def test_planned_apart_one_way_riders_ride_with_the_others() -> None:
    parts = parts_of(shift("a", 8, 17), shift("i", 8, None), shift("o", None, 17), both=False)
    assert sorted((p.directions, groups((p,), p.directions[0])) for p in parts) == [((IN,), ["ai"]), ((OUT,), ["ao"])]


def test_a_direction_planned_apart_knows_whether_its_riders_also_go_the_other_way() -> None:
    """A vehicle's fixed cost is then paid half by each direction."""
    assert [p.other_way for p in parts_of(shift("a", 8, 17), both=False)] == [True, True]
    assert [p.other_way for p in parts_of(shift("a", 8, None), both=False)] == [False]
    assert [p.other_way for p in parts_of(shift("a", 8, 17))] == [False]


@pytest.mark.parametrize("both", [True, False])
def test_riders_who_cannot_be_served_in_a_direction_are_left_out_there(both: bool) -> None:
    """On one line both ways, who cannot go home is not brought either."""
    problem = town_of(shift("a", 8, 17), both=both)
    parts = split(problem, {IN: {0, 1, 2}, OUT: {1, 2}})
    carried = {d: {r for p in parts if d in p.directions for r in p.riders} for d in Direction}
    assert carried == {IN: {1, 2} if both else {0, 1, 2}, OUT: {1, 2}}


def test_nobody_to_serve_makes_no_part() -> None:
    problem = town_of(shift("a", 8, 17), shift("b", 14, 22))
    assert split(problem, {IN: set(), OUT: set()}) == ()
    (only,) = split(problem, {IN: {0}, OUT: {0}})
    assert [s.shift_id for s in only.shifts] == ["a"]


def test_a_shift_that_nobody_works_joins_no_part() -> None:
    problem = town_of(shift("a", 8, 17), shift("b", 8, 17))
    idle = replace(problem, riders=tuple(replace(r, shift_id="a") for r in problem.riders))
    (part,) = split(idle, {d: set(range(6)) for d in Direction})
    assert [s.shift_id for s in part.shifts] == ["a"]


bounds = st.one_of(st.none(), st.integers(0, 100).map(lambda q: q * 600))
shift_lists = st.lists(st.tuples(bounds, bounds).filter(lambda b: b != (None, None)), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(found=shift_lists, both=st.booleans())
def test_every_rider_and_direction_asked_for_lies_in_exactly_one_part(
    found: list[tuple[int | None, int | None]], both: bool
) -> None:
    shifts = [Shift(shift_id=f"s{i}", start=start, end=end) for i, (start, end) in enumerate(found)]
    problem = town_of(*shifts, both=both)
    parts = split(problem, {d: set(range(len(problem.riders))) for d in Direction})
    listed = [(r, d) for part in parts for r in part.riders for d in part.directions]
    by_id = {s.shift_id: s for s in shifts}
    asked = {(r, d) for r, rider in enumerate(problem.riders) for d in by_id[rider.shift_id].directions}
    assert len(listed) == len(set(listed))
    assert set(listed) == asked


@pytest.mark.parametrize("way", [IN, OUT])
def test_shifts_between_which_a_vehicle_can_turn_round_are_one_part_of_chains(way: Direction) -> None:
    """Where lines run one way; with longer to turn round than the shifts last, each is a part of its own again."""
    problem = draw(Town(riders=30, shifts=RELAY if way is IN else RELAY_HOME, rules=ServiceRules(turnaround_s=120)))
    everyone = {key: set(range(30)) for key in Direction}
    (part,) = split(problem, everyone)
    assert (part.chained, part.directions, len(part.shifts)) == (True, (way,), 4)
    assert part.riders == tuple(sorted(part.riders, key=lambda r: (problem.riders[r].shift_id, r)))
    slow = replace(problem, rules=replace(problem.rules, turnaround_s=4 * HOUR))
    apart = split(slow, everyone)
    assert [p.chained for p in apart] == [False] * 4
    assert sorted(r for p in apart for r in p.riders) == list(range(30))


def test_lines_that_run_both_ways_are_not_chained_while_searching() -> None:
    problem = draw(Town(riders=30, shifts=RELAY_BOTH, rules=ServiceRules(turnaround_s=120)))
    everyone = {key: set(range(30)) for key in Direction}
    assert [p.chained for p in split(problem, everyone)] == [False] * 4
    apart = replace(problem, rules=replace(problem.rules, same_line_both_ways=False))
    assert [(p.chained, p.directions) for p in split(apart, everyone)] == [(True, (IN,)), (True, (OUT,))]


def test_one_shift_is_chained_only_where_its_window_has_room_for_two_trips() -> None:
    (narrow,) = parts_of(shift("a", 8, None))
    assert not narrow.chained
    problem = town_of(replace(shift("a", 8, None), arrive_early_s=3 * HOUR))
    (wide,) = split(problem, {key: set(range(3)) for key in Direction})
    assert wide.chained


@settings(max_examples=40, deadline=None)
@given(found=shift_lists, both=st.booleans())
def test_no_part_mixes_periods_or_has_a_gap_between_its_windows(
    found: list[tuple[int | None, int | None]], both: bool
) -> None:
    shifts = [Shift(shift_id=f"s{i}", start=start, end=end) for i, (start, end) in enumerate(found)]
    problem = town_of(*shifts, both=both)
    for part in split(problem, {d: set(range(len(problem.riders))) for d in Direction}):
        for direction, period in zip(part.directions, part.periods, strict=True):
            clocks = sorted(s.anchor(direction) or 0 for s in part.shifts)
            assert {problem.period_at(clock) for clock in clocks} == {period}
            assert part.chained or all(b - a < WIDTH for a, b in pairwise(clocks))
