"""Arc matrices: what peers are charged for an arc is what the judge would charge, and nothing lies outside them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.peers.arcs import ALIGHTING, FORBIDDEN, costs, durations, site_dwell
from benchmarks.peers.tasks import Encoding
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM
from tests.benchmarks.peers.conftest import town

ALONE = Encoding(name="alone", share_between=0.0, share_haul=0.0)
SHIPMENTS = replace(ALONE, mixed=True)
PROBLEM = town()
STOPS, SITES = [0, 2, 5], [PROBLEM.node(f"w{i}") or 0 for i in range(2)]
SERVICE = np.array([30, 40, 50])


@pytest.mark.parametrize("mixed", [False, True])
@given(stops=st.lists(st.integers(0, 7), min_size=1, max_size=6, unique=True), period=st.integers(0, 1))
def test_driving_is_that_of_the_problem(mixed: bool, stops: list[int], period: int) -> None:
    """Node 0 is where vehicles start, the last one where they end; neither takes any time."""
    found = durations(PROBLEM, period, stops, SITES, mixed=mixed)
    matrix = PROBLEM.travel[period].duration
    n = len(stops)
    assert found.shape == ((n + 4,) * 2 if mixed else (n + 2,) * 2)
    assert (found[1 : n + 1, 1 : n + 1] == matrix[np.ix_(stops, stops)]).all()
    assert not found[0].any()
    assert not found[:, 0].any()
    if mixed:
        assert not found[-1].any()
        assert (found[1 : n + 1, n + 1 : -1] == matrix[np.ix_(stops, SITES)] + site_dwell(PROBLEM)).all()
    else:
        assert (found[1 : n + 1, -1] == matrix[stops, SITES[0]]).all()


def test_a_node_is_no_way_from_itself() -> None:
    for mixed in (False, True):
        assert not np.diag(durations(PROBLEM, 0, STOPS, SITES, mixed=mixed)).any()
        for of_kind in costs(PROBLEM, replace(ALONE, mixed=mixed), 0, STOPS, SERVICE, SITES):
            assert not np.diag(of_kind).any()


def test_a_vehicle_pays_metres_and_seconds_between_stops() -> None:
    """Without riders' time an arc costs the way, and standing at its head."""
    matrix = PROBLEM.travel[0]
    for kind, found in zip(PROBLEM.vehicle_types, costs(PROBLEM, ALONE, 0, STOPS, SERVICE, SITES), strict=True):
        for (x, a), (y, b) in (((0, 0), (1, 2)), ((2, 5), (0, 0)), ((1, 2), (2, 5))):
            metres, seconds = int(matrix.distance[a, b]), int(matrix.duration[a, b]) + int(SERVICE[y])
            paid = kind.distance_cost * metres / METRES_PER_KM + kind.time_cost * seconds / HOUR_S
            assert found[1 + x, 1 + y] == pytest.approx(paid, abs=0.5)


@given(between=st.floats(0, 1), haul=st.floats(0, 1))
def test_riders_time_never_makes_an_arc_cheaper(between: float, haul: float) -> None:
    for plain in (ALONE, SHIPMENTS):
        loaded = replace(plain, share_between=between, share_haul=haul)
        assert (
            costs(PROBLEM, loaded, 0, STOPS, SERVICE, SITES) >= costs(PROBLEM, plain, 0, STOPS, SERVICE, SITES)
        ).all()


def test_full_vehicles_pay_for_all_their_seats() -> None:
    """With every seat taken on the way to work, a second of it costs what a second aboard costs each of them."""
    dear = replace(ALONE, share_haul=1.0)
    plain, loaded = (costs(PROBLEM, e, 0, STOPS, SERVICE, SITES[:1]) for e in (ALONE, dear))
    seconds = PROBLEM.travel[0].duration[STOPS, SITES[0]]
    for kind, before, after in zip(PROBLEM.vehicle_types, plain, loaded, strict=True):
        aboard = kind.seats * PROBLEM.costs.ride / HOUR_S
        assert (after - before)[1:-1, -1] == pytest.approx(aboard * seconds, abs=1)


def test_a_shipment_may_not_be_picked_up_after_a_worksite() -> None:
    found = costs(PROBLEM, SHIPMENTS, 0, STOPS, SERVICE, SITES)
    n = len(STOPS)
    assert (found[:, n + 1 : -1, 1 : n + 1] == FORBIDDEN).all()
    assert (found != FORBIDDEN).sum() == found.size - len(PROBLEM.vehicle_types) * len(SITES) * n
    assert max(kind.fixed_cost for kind in PROBLEM.vehicle_types) < FORBIDDEN


def one_yard(problem: Problem, depot_id: str) -> Problem:
    """Let all vehicles stand in one depot."""
    fleet = (replace(item, available=item.available if item.depot_id == depot_id else 0) for item in problem.fleet)
    return replace(problem, fleet=tuple(fleet))


@pytest.mark.parametrize("encoding", [ALONE, SHIPMENTS], ids=["tail", "shipments"])
def test_vehicles_come_from_the_better_depot_that_has_any(encoding: Encoding) -> None:
    both = costs(PROBLEM, encoding, 0, STOPS, SERVICE, SITES)
    one, other = (costs(one_yard(PROBLEM, d), encoding, 0, STOPS, SERVICE, SITES) for d in ("d0", "d1"))
    assert (both[:, 0, 1:4] == np.minimum(one, other)[:, 0, 1:4]).all()
    assert (one[:, 0] != other[:, 0]).any()


def test_where_no_vehicle_stands_anywhere_every_depot_counts() -> None:
    none = replace(PROBLEM, fleet=tuple(replace(item, available=0) for item in PROBLEM.fleet))
    assert (costs(none, ALONE, 0, STOPS, SERVICE, SITES) == costs(PROBLEM, ALONE, 0, STOPS, SERVICE, SITES)).all()


def test_standing_at_a_worksite_is_that_of_a_dozen_riders() -> None:
    rules = PROBLEM.rules
    assert site_dwell(PROBLEM) == rules.dwell_s_per_stop + ALIGHTING * rules.dwell_s_per_rider
    slow = replace(PROBLEM, rules=replace(rules, site_dwell_s_per_stop=600, site_dwell_s_per_rider=0))
    assert site_dwell(slow) == 600
