"""What halting once more costs: nobody pays for a way twice, and whoever boards, no more than the lead is charged."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from routing.bound.asks import Ask, read_asks
from routing.bound.closed import vehicle_types
from routing.bound.lane import make_lane
from routing.bound.opening import lead_in, share_stops
from routing.bound.shortest import closed
from routing.model.demand import Direction
from tests.bound.tiny import BOTH_WAYS, Tiny, draw_tiny

TOWN = Tiny(riders=12, stops=6, away=6_000)


def asks_of(seed: int) -> list[Ask]:
    problem = draw_tiny(replace(TOWN, seed=seed, counts=2))
    return [ask for ask in read_asks(problem) if ask.direction is Direction.INBOUND]


def ways(seed: int, size: int = 8) -> np.ndarray:
    return closed(np.random.default_rng(seed).integers(1, 1_000, (size, size)).astype(np.int32))


@pytest.mark.parametrize("seed", range(10))
def test_leads_and_onward_ways_of_a_line_add_up_to_no_more_than_it_drives(seed: int) -> None:
    metres = ways(seed)
    stops, site = np.arange(6, dtype=np.int32), 6
    lead, onward = lead_in(metres, stops, [6, 7])
    for size in range(1, 5):
        for line in itertools.permutations(stops.tolist(), size):
            driven = int(metres[site, line[0]]) + sum(int(metres[a, b]) for a, b in itertools.pairwise(line))
            first = int(metres[site, line[0]] - lead[line[0]])
            charged = first + sum(int(onward[a, b]) for a, b in itertools.pairwise(line)) + int(lead[list(line)].sum())
            assert first >= 0
            assert charged == driven


@pytest.mark.parametrize("seed", range(10))
def test_no_way_is_shorter_than_the_lead_of_its_end(seed: int) -> None:
    metres = ways(seed)
    lead, onward = lead_in(metres, np.arange(6, dtype=np.int32), [6])
    assert onward[:7, :6].min() >= 0
    assert lead[6] == lead[7] == 0
    for s in range(6):
        assert lead[s] == min(metres[o, s] for o in range(7) if o != s)


@pytest.mark.parametrize("per_metre", [0.0, 0.3, 3.0])
@pytest.mark.parametrize("seed", range(6))
def test_those_who_board_at_a_stop_share_its_lead_at_most(seed: int, per_metre: float) -> None:
    asks, seconds = asks_of(seed), ways(seed, 9)
    lead = np.random.default_rng(seed).integers(0, 900, 9).astype(np.int32)
    shares = share_stops(asks, seconds, np.full(len(asks), 0.2), lead, per_metre)
    stop = np.concatenate([ask.stop for ask in asks])
    assert shares.min() >= 0
    for s in np.unique(stop):
        assert shares[stop == s].sum() <= lead[s] + 1e-6


def test_who_shares_with_many_pays_little() -> None:
    asks, seconds = asks_of(0), np.zeros((9, 9), np.int32)
    flat = [replace(ask, walk=np.zeros(len(ask.stop))) for ask in asks]
    shares = share_stops(flat, seconds, np.zeros(len(asks)), np.full(9, 600, np.int32), 1.0)
    start = np.cumsum([0, *(len(ask.stop) for ask in asks)])
    paid = [shares[a:b].min() for a, b in itertools.pairwise(start)]
    # All walks are free, so one stop per rider must be paid for; together no more than all stops cost.
    assert 0 < sum(paid) <= 600 * len(np.unique(np.concatenate([ask.stop for ask in asks])))


@pytest.mark.parametrize("seed", range(4))
def test_best_shares_charge_no_less_than_equal_ones(seed: int) -> None:
    asks, seconds = asks_of(seed), ways(seed, 9)
    rate, lead = np.full(len(asks), 0.2), np.full(9, 500, np.int32)
    start = np.cumsum([0, *(len(ask.stop) for ask in asks)])

    def least(per_metre: float) -> float:
        shares = share_stops(asks, seconds, rate, lead, per_metre)
        return sum(
            float((a.walk + rate[i] * seconds[a.site, a.stop] + shares[start[i] : start[i + 1]]).min())
            for i, a in enumerate(asks)
        )

    assert least(1.0) >= least(0.0) - 1e-6


@pytest.mark.parametrize("direction", list(Direction))
def test_ways_between_gates_are_never_negative(direction: Direction) -> None:
    problem = draw_tiny(replace(TOWN, spread=6_000.0, riders=16, shifts=(BOTH_WAYS,)))
    asks = [ask for ask in read_asks(problem) if ask.direction is direction]
    lane = make_lane(problem, asks, 1.0, vehicle_types(problem))
    assert lane.seconds.min() >= 0
    assert lane.metres.min() >= 0
