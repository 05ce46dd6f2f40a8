"""Insertions against plain recomputation: what the rough rows foresee, what is promised, and what is paid then."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.model.changes import ChangeCosts
from routing.model.demand import Shift
from routing.model.rules import ServiceRules
from routing.solver.encode import Encoded
from routing.solver.kept import FORBIDDEN
from routing.solver.layout import CHAINED, FLOOR, LOSS
from routing.solver.near import REFUSED, UNKNOWN
from routing.solver.state import new_state
from tests.drifting import drifted
from tests.solver.promises import (
    DONE,
    FITS,
    FOUND,
    GAP,
    JOINED,
    LEAST,
    OPENED,
    PAID,
    PROMISED,
    SAME_TYPE,
    seat_everyone,
)
from tests.solver.states import check_vehicles, encoded
from tests.solver.towns import RELAY, RELAY_HOME, Town, draw

SHIFTS = (Shift(shift_id="a", start=28_800, end=61_200), Shift(shift_id="b", start=29_400, end=62_100))


class Seated:
    """All riders of a part seated one by one, and what was noted of each."""

    def __init__(self, part: Encoded) -> None:
        self.state = new_state(part.given, 1)
        shape = len(part.part.riders), len(self.state.ledger)
        self.rough, self.exact = np.full(shape, np.nan), np.full(shape, np.nan)
        self.notes = np.zeros((shape[0], 7))
        seat_everyone(part.given, self.state, self.rough, self.exact, self.notes)
        self.served = self.notes[self.notes[:, PROMISED] < np.inf]


@st.composite
def towns(pick: st.DrawFn) -> Town:
    """Draw towns with lines of one lane, of two, and of chains."""
    rules = ServiceRules(
        min_load=1,
        on_time=pick(st.sampled_from([0.0, 0.9])),
        same_line_both_ways=pick(st.booleans()),
        max_detour=pick(st.sampled_from([1.2, 1.8])),
        max_trip_s=pick(st.sampled_from([None, 1_800])),
        one_worksite_per_trip=pick(st.booleans()),
        site_dwell_s_per_stop=pick(st.sampled_from([None, 120])),
        turnaround_s=120,
    )
    return Town(
        riders=pick(st.integers(2, 40)),
        places=pick(st.integers(2, 12)),
        sites=pick(st.integers(1, 3)),
        shifts=pick(st.sampled_from([SHIFTS, SHIFTS[:1], RELAY, RELAY_HOME])),
        rules=rules,
        mixed_days=pick(st.booleans()),
        counts=pick(st.sampled_from([1, 4])),
        seed=pick(st.integers(0, 1_000)),
    )


@settings(max_examples=60, deadline=None)
@given(towns())
def test_insertions_are_feasible_and_cost_what_they_promise(town: Town) -> None:
    """The O(1) cost of a proposal is that of all lines worked out anew: in one lane, in two, and in chains.

    Where riders travel on different days the promise is an upper bound, since a dwell grows only with
    the busiest day; where the vehicle type changes it is an estimate, and is left out here.
    """
    part = encoded(draw(town))
    seated = Seated(part)
    assert (seated.served[:, FITS] == 1).all()
    same = seated.served[seated.served[:, SAME_TYPE] == 1]
    gaps = same[:, PAID] - same[:, PROMISED]
    assert gaps.max(initial=0.0) < 1e-6
    if not town.mixed_days:
        assert gaps.min(initial=0.0) > -1e-6
    if part.given.sizes[CHAINED]:
        check_vehicles(part, seated.state)


@settings(max_examples=40, deadline=None)
@given(towns())
def test_no_seat_costs_less_than_what_is_known_of_it_before(town: Town) -> None:
    """An iteration ends early by this floor: the walk and the direct drive, less what a fuller line saves."""
    part = encoded(draw(town))
    seated = Seated(part)
    paid = seated.notes[:, PAID]
    served = seated.notes[:, PROMISED] < np.inf
    assert (paid[served] >= part.given.worth[served, FLOOR] - 1e-6).all()
    assert (part.given.worth[:, FLOOR] < part.given.worth[:, LOSS]).any()


@settings(max_examples=40, deadline=None)
@given(towns())
def test_the_search_of_all_lines_finds_a_seat_where_there_is_one(town: Town) -> None:
    """What it finds is never too good to be true."""
    seated = Seated(encoded(draw(town)))
    found, least = seated.notes[:, FOUND], seated.notes[:, LEAST]
    assert (found >= least - 1e-6).all()
    assert (found[least < np.inf] < np.inf).all()


@pytest.mark.parametrize("shifts", [SHIFTS, RELAY, RELAY_HOME], ids=["together", "to work", "home"])
@pytest.mark.parametrize("sites", [1, 3])
def test_the_seat_found_is_nearly_always_the_cheapest(sites: int, shifts: tuple[Shift, ...]) -> None:
    """Lines are tried in the order of the rough rows, each where a stop roughly costs least; the search stops early."""
    rules = ServiceRules(min_load=1, turnaround_s=120, max_detour=1.4)
    pairs = []
    for seed in range(8):
        town = Town(riders=30, places=10, sites=sites, shifts=shifts, rules=rules, seed=seed)
        seated = Seated(encoded(draw(town)))
        pairs.append(seated.notes[:, [FOUND, LEAST]])
    found, least = np.concatenate(pairs).T
    some = least < np.inf
    assert some.sum() > 100
    assert np.mean(found[some] > 1.02 * least[some] + 1.0) < 0.05
    assert found[some].sum() < 1.02 * least[some].sum()


@settings(max_examples=25, deadline=None)
@given(towns())
def test_in_a_running_plan_a_seat_costs_what_it_promises_departures_that_move_included(town: Town) -> None:
    """Who joins a line makes it leave earlier for others, or later: those who were promised its departures."""
    drift = drifted(replace(town, depots=1, mixed_days=False), 0.2, 60)
    part = encoded(drift.priced(ChangeCosts(other_stop=400, other_line=900, retimed=700, line_closed=0)))
    seated = Seated(part)
    assert (seated.served[:, FITS] == 1).all()
    joined = seated.served[(seated.served[:, SAME_TYPE] == 1) & (seated.served[:, DONE] == JOINED)]
    assert joined[:, PAID] == pytest.approx(joined[:, PROMISED], abs=1e-6)


def test_where_no_departure_may_move_nobody_joins_who_would_move_one() -> None:
    """Everyone joins a line that runs, as far as the riders' own limits let them."""
    moved = 0
    for seed in range(4):
        drift = drifted(Town(riders=40, depots=1, rules=ServiceRules(min_load=1), seed=seed), 0.2, 300)
        for price in (0, FORBIDDEN):
            part = encoded(drift.priced(ChangeCosts(other_stop=0, other_line=900, retimed=price, line_closed=0)))
            seated = Seated(part)
            joined = seated.served[seated.served[:, DONE] == JOINED]
            if price:
                assert joined[:, PAID].max(initial=0.0) < price / 2
            moved += len(seated.served) * (1 if price else -1)
    assert moved <= 0


def compared(towns: list[Town]) -> tuple[np.ndarray, np.ndarray]:
    """Return the rough and the exact costs of all seats that are possible."""
    pairs = [Seated(encoded(draw(town))) for town in towns]
    rough = np.concatenate([p.rough.ravel() for p in pairs])
    exact = np.concatenate([p.exact.ravel() for p in pairs])
    possible = np.isfinite(exact)
    return rough[possible], exact[possible]


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("shifts", [SHIFTS, RELAY, RELAY_HOME], ids=["together", "to work", "home"])
def test_rough_rows_are_close_to_the_truth_and_hardly_ever_above_it(shifts: tuple[Shift, ...], both: bool) -> None:
    """Of seats that are possible one in ten is held for somewhat dearer than it is, and hardly any for refused."""
    rules = ServiceRules(min_load=1, same_line_both_ways=both, turnaround_s=120)
    rough, exact = compared([Town(riders=40, places=14, shifts=shifts, rules=rules, seed=seed) for seed in range(4)])
    assert len(exact) > 100
    assert (rough < UNKNOWN).all()
    assert np.mean(rough > exact + 1.0) < 0.1
    assert np.mean(rough >= REFUSED) < 0.03
    assert np.median(np.abs(exact - rough)) < 0.05 * np.median(exact)


def test_all_three_ways_to_a_seat_are_tried_by_these_tests() -> None:
    """A seat on a line, a vehicle of its own, and a trip in a gap of a vehicle's day."""
    rules = ServiceRules(min_load=1, turnaround_s=120)
    seated = Seated(encoded(draw(Town(riders=40, places=14, shifts=RELAY, rules=rules, seed=1))))
    assert set(seated.served[:, DONE].tolist()) == {JOINED, OPENED, GAP}
