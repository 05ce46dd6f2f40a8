"""A roster gives every line a vehicle that stands somewhere, or closes it: never two at a time, never a seat short."""

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.model.fleet import FleetItem
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver.fleet import available_types, may_be_scarce, reprice, roster
from routing.solver.lines import FoundLine, Run
from tests.cases import IN, town

HOUR = 3_600


def line(begin: int, *riders: int, kind: int = 0, lasts: int = 1_800, **given_: object) -> FoundLine:
    """Return a line that drives once from the gate to the northern worksite, for riders who are one person each."""
    run = Run(
        direction=IN,
        period=0,
        nodes=(0, 6),
        begin=begin,
        end=begin + lasts,
        departure=begin + 60,
        earlier=0,
        later=0,
        seats=tuple((r, 0, 6) for r in riders),
    )
    made = FoundLine(runs=(run,), shift_ids=("early",), riders=riders, type_index=kind, peak=len(riders))
    return replace(made, **given_)  # type: ignore[arg-type]


def fleet(small: int, large: int) -> Problem:
    given_ = (("small", "yard", small), ("large", "barn", large))
    return town(fleet=tuple(FleetItem(vehicle_type_id=t, depot_id=d, available=n) for t, d, n in given_))


def test_lines_at_one_time_need_a_vehicle_each() -> None:
    problem = fleet(2, 0)
    found = roster(problem, [line(7 * HOUR, 0), line(7 * HOUR, 1)], available_types(problem))
    assert len(found.duties) == 2
    assert found.closed == ()


def test_lines_one_after_the_other_share_a_vehicle_and_save_its_price() -> None:
    problem = fleet(2, 0)
    found = roster(problem, [line(9 * HOUR, 0), line(6 * HOUR, 1)], available_types(problem))
    (duty,) = found.duties
    assert duty.runs == ((1, 0), (0, 0))


def test_where_vehicles_are_too_few_the_line_of_fewest_riders_closes() -> None:
    problem = fleet(1, 0)
    few, many = line(7 * HOUR, 0), line(7 * HOUR, 1, 2, 3)
    found = roster(problem, [few, many], available_types(problem))
    assert found.lines == (many,)
    assert found.closed == (few,)


def test_the_line_that_is_given_up_is_the_emptiest_of_its_vehicles_day() -> None:
    """Two vehicles are wanted and one is there; the other's day loses one line at a time, not all at once."""
    problem = fleet(1, 0)
    morning = [line(6 * HOUR, 0, 1), line(6 * HOUR, 2)]
    found = roster(problem, [*morning, line(10 * HOUR, 3)], available_types(problem))
    assert len(found.duties) == 1
    assert sum(len(x.riders) for x in found.lines) >= 3
    assert not set(found.lines) & set(found.closed)


def test_a_larger_vehicle_drives_where_the_small_ones_are_gone() -> None:
    problem = fleet(1, 1)
    found = roster(problem, [line(7 * HOUR, 0), line(7 * HOUR, 1)], available_types(problem))
    assert found.closed == ()
    types = available_types(problem)
    assert sorted(types[duty.slot.type_index].vehicle_type_id for duty in found.duties) == ["large", "small"]


def test_a_line_that_keeps_its_type_waits_for_no_larger_vehicle() -> None:
    problem = fleet(1, 1)
    held = [line(7 * HOUR, 0, keeps_type=True), line(7 * HOUR, 1, 2, keeps_type=True)]
    found = roster(problem, held, available_types(problem))
    assert found.closed == (held[0],)
    (duty,) = found.duties
    assert available_types(problem)[duty.slot.type_index].vehicle_type_id == "small"


def test_a_crowd_is_not_put_into_a_small_vehicle() -> None:
    problem = fleet(1, 0)
    crowd = line(7 * HOUR, 0, 1, 2, 3, 4)
    found = roster(problem, [crowd], available_types(problem))
    assert found.lines == ()
    assert found.closed == (crowd,)


def test_no_lines_need_no_vehicles() -> None:
    problem = fleet(1, 1)
    found = roster(problem, [], available_types(problem))
    assert (found.lines, found.duties, found.closed) == ((), (), ())


@settings(max_examples=60, deadline=None)
@given(
    begins=st.lists(st.integers(5 * HOUR, 12 * HOUR), max_size=8),
    kinds=st.lists(st.integers(0, 1), min_size=8, max_size=8),
    small=st.integers(1, 3),
    large=st.integers(1, 2),
)
def test_every_line_is_driven_once_or_closed_by_vehicles_that_are_there(
    begins: list[int], kinds: list[int], small: int, large: int
) -> None:
    problem = fleet(small, large)
    types = available_types(problem)
    lines = [line(b, x % 6, kind=k) for x, (b, k) in enumerate(zip(begins, kinds, strict=False))]
    found = roster(problem, lines, types)
    assert Counter((*found.lines, *found.closed)) == Counter(lines)
    driven = [run for duty in found.duties for run in duty.runs]
    assert sorted(driven) == [(x, 0) for x in range(len(found.lines))]
    used = Counter(types[duty.slot.type_index].vehicle_type_id for duty in found.duties)
    assert used["small"] <= small
    assert used["large"] <= large
    for duty in found.duties:
        runs = [found.lines[x].runs[y] for x, y in duty.runs]
        for one, other in itertools.pairwise(runs):
            empty = int(problem.travel[0].duration[one.nodes[-1], other.nodes[0]])
            assert one.end + problem.rules.turnaround_s + empty <= other.begin


@pytest.mark.parametrize(("min_load", "scarce"), [(2, True), (7, False), (0, True)])
def test_the_fewer_it_takes_to_open_a_line_the_sooner_vehicles_run_short(min_load: int, scarce: bool) -> None:
    """Seven people and one vehicle of each type: two lines might open where fewer than four make one."""
    rules = ServiceRules(min_load=min_load)
    assert may_be_scarce(replace(fleet(1, 1), rules=rules)) is scarce


@settings(max_examples=30, deadline=None)
@given(wanted=st.integers(0, 6), there=st.integers(1, 6), before=st.floats(0, 50_000))
def test_a_surcharge_moves_towards_what_is_there(wanted: int, there: int, before: float) -> None:
    problem = fleet(there, 1)
    lines = [line(7 * HOUR, x) for x in range(wanted)]
    small, large = reprice(problem, lines, available_types(problem), [before, 0.0])
    assert large == 0.0
    assert small >= 0.0
    assert (small > before) is (wanted > there)
    if wanted < there:
        assert small < before or before == 0.0
    if wanted == there:
        assert small == before
