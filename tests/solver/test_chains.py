"""Vehicles as chains of trips: links that hold, times that fit, totals that add up, changes that are taken back."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.model.rules import ServiceRules
from routing.solver.anneal import ANNEAL, FLEET, REPRICE, work
from routing.solver.encode import Encoded
from routing.solver.layout import (
    AT_LINE,
    AT_OPTION,
    BANKED,
    BEST_TOTAL,
    BEST_VEHICLES,
    CHAINED,
    COUNT,
    FEASIBLE,
    HARD,
    HARD_TOTAL,
    HEAD,
    LEAST_WAITING,
    LOSS,
    MOST_VEHICLES,
    SOFT,
    SOFT_TOTAL,
    VEHICLES,
    State,
)
from routing.solver.piece import OPTIONS
from routing.solver.restore import restore_best
from tests.solver.states import (
    active,
    check_vehicles,
    constructed,
    everyone_once,
    searched,
    sequence,
    vehicles,
    with_fewer,
)
from tests.solver.towns import RELAY, RELAY_BOTH, RELAY_HOME, Town, draw

TURN_S = 120


@st.composite
def relays(pick: st.DrawFn) -> Town:
    """Draw towns in which a vehicle may do several trips, on the way to work or home."""
    rules = ServiceRules(
        min_load=pick(st.sampled_from([0, 1, 3])),
        turnaround_s=pick(st.sampled_from([0, TURN_S, 900])),
        on_time=pick(st.sampled_from([0.0, 0.9])),
        max_trip_s=pick(st.sampled_from([None, 1_800])),
        one_worksite_per_trip=pick(st.booleans()),
        site_dwell_s_per_stop=pick(st.sampled_from([None, 90])),
        site_dwell_s_per_rider=pick(st.sampled_from([None, 1])),
    )
    return Town(
        riders=pick(st.integers(2, 40)),
        places=pick(st.integers(2, 14)),
        sites=pick(st.integers(1, 3)),
        shifts=pick(st.sampled_from([RELAY, RELAY_HOME, RELAY[:2]])),
        rules=rules,
        counts=pick(st.sampled_from([1, 4])),
        mixed_days=pick(st.booleans()),
        unserved=pick(st.sampled_from([4_000, 40_000])),
        seed=pick(st.integers(0, 1_000)),
    )


def check(part: Encoded, state: State) -> None:
    """Check all that must hold of any state, and that nothing changes when every line is worked out anew."""
    waiting = everyone_once(part, state)
    lines = active(state)
    assert all(state.lines[line, HEAD, FEASIBLE] for line in lines)
    loss = part.given.worth[waiting, LOSS].sum()
    assert state.number[SOFT_TOTAL] == pytest.approx(loss + state.costs[lines, SOFT].sum())
    assert state.number[HARD_TOTAL] == pytest.approx(loss + state.costs[lines, HARD].sum())
    if part.given.sizes[CHAINED]:
        check_vehicles(part, state)
    anew = deepcopy(state)
    anew.now[MOST_VEHICLES] = len(anew.ledger)
    work(part.given, anew, REPRICE, 1, 0.0, OPTIONS)
    assert vehicles(anew) == vehicles(state)
    assert anew.number[SOFT_TOTAL] == pytest.approx(state.number[SOFT_TOTAL])
    assert anew.number[HARD_TOTAL] == pytest.approx(state.number[HARD_TOTAL])


def seats_of(state: State) -> dict[int, tuple[int, int]]:
    """Return line and option of all who ride."""
    return {r: (line, option) for r, (line, option) in enumerate(state.seat[:, [AT_LINE, AT_OPTION]]) if line >= 0}


@settings(max_examples=40, deadline=None)
@given(relays(), st.integers(1, 300))
def test_states_of_annealing_add_up_and_their_vehicles_have_the_time(town: Town, iterations: int) -> None:
    check(*searched(town, iterations))


@settings(max_examples=40, deadline=None)
@given(relays(), st.integers(1, 300))
def test_states_of_a_search_for_fewer_vehicles_add_up_too(town: Town, iterations: int) -> None:
    """Whoever waits was counted as often as they waited."""
    part, state = with_fewer(town, iterations)
    check(part, state)
    assert (state.missed >= 0).all()


@settings(max_examples=25, deadline=None)
@given(relays(), st.integers(1, 200), st.booleans())
def test_the_best_is_restored_with_its_vehicles(town: Town, iterations: int, fewer: bool) -> None:
    part, state = with_fewer(town, iterations) if fewer else searched(town, iterations)
    best, used = state.number[BEST_TOTAL], state.now[BEST_VEHICLES]
    restore_best(part.given, state)
    assert state.number[HARD_TOTAL] == pytest.approx(best)
    assert len(vehicles(state)) == state.now[VEHICLES] == used
    state.now[MOST_VEHICLES] = used
    work(part.given, state, REPRICE, 1, 0.0, OPTIONS)
    check(part, state)
    assert state.number[HARD_TOTAL] == pytest.approx(best)
    assert state.now[VEHICLES] == used


@pytest.mark.parametrize("task", [ANNEAL, FLEET])
@pytest.mark.parametrize("shifts", [RELAY, RELAY_HOME])
def test_an_iteration_taken_back_leaves_no_trace(task: int, shifts: tuple) -> None:  # type: ignore[type-arg]
    """Lines, riders, links, clock times, and what gaps are judged by: all as before."""
    back = 0
    for seed in range(4):
        rules = ServiceRules(min_load=1, turnaround_s=TURN_S)
        part, state = constructed(Town(riders=30, places=12, shifts=shifts, rules=rules, seed=seed))
        state.now[MOST_VEHICLES] = state.now[VEHICLES] - 1
        for _ in range(60):
            before = {line: sequence(part, state, line) for line in active(state)}
            soft, seats = state.number[SOFT_TOTAL], seats_of(state)
            work(part.given, state, task, 1, 0.0, OPTIONS)
            if state.number[SOFT_TOTAL] != soft:
                continue
            back += 1
            assert {line: sequence(part, state, line) for line in active(state)} == before
            assert seats_of(state) == seats
            check_vehicles(part, state)
    assert back > 40


def test_chains_form_where_a_vehicle_has_the_time_and_save_vehicles() -> None:
    """Four shifts an hour apart: with time for a second trip there are fewer vehicles than lines."""
    for seed in range(3):
        town = Town(riders=40, places=14, shifts=RELAY, rules=ServiceRules(min_load=1, turnaround_s=TURN_S), seed=seed)
        _, state = searched(town, 500)
        assert state.now[VEHICLES] < len(active(state))


def test_no_chain_forms_where_the_day_is_too_short_for_a_second_trip() -> None:
    """The twin of the last test, with four hours to turn round."""
    town = Town(riders=40, places=14, shifts=RELAY, rules=ServiceRules(min_load=1, turnaround_s=4 * 3_600))
    part, state = searched(town, 500)
    assert not part.part.chained
    assert state.now[VEHICLES] == len(active(state)) == len(vehicles(state))


def test_fewer_vehicles_are_found_while_as_few_wait() -> None:
    """Over several towns the best needs no more vehicles than construction, mostly fewer, and nobody more waits."""
    saved = 0
    for seed in range(6):
        rules = ServiceRules(min_load=1, turnaround_s=TURN_S, same_line_both_ways=False)
        town = Town(riders=40, places=14, shifts=RELAY_BOTH, rules=rules, seed=seed)
        _, first = constructed(town)
        part, state = with_fewer(town, 600)
        restore_best(part.given, state)
        assert state.now[BANKED] <= first.now[BANKED]
        assert state.now[VEHICLES] <= first.now[VEHICLES]
        saved += int(first.now[VEHICLES] - state.now[VEHICLES])
    assert saved > 0


def test_riders_who_can_never_be_served_do_not_keep_vehicles_from_being_saved() -> None:
    """A group larger than any vehicle waits for ever; the others still ride in fewer vehicles."""
    rules = ServiceRules(min_load=1, turnaround_s=TURN_S)
    town = Town(riders=40, places=14, shifts=RELAY, rules=rules, counts=15, seed=3)
    assert max(r.count for r in draw(town).riders) > 14
    _, first = constructed(town)
    part, state = with_fewer(town, 800)
    waiting = everyone_once(part, first)
    assert len(waiting) > 0
    restore_best(part.given, state)
    assert part.given.rider[everyone_once(part, state), COUNT].sum() <= state.now[LEAST_WAITING]
    assert state.now[VEHICLES] < first.now[VEHICLES]
