"""How the fixed cost is spread: no vehicle's day is charged more than once, whoever it carries when."""

from dataclasses import replace

import numpy as np
import pytest

from routing.bound.asks import read_asks
from routing.bound.sharing import Class, Weights, best_weights, classify, seat_shares
from routing.model.demand import Direction
from tests.bound.tiny import BOTH_WAYS, EARLY, MORNING, RULES, Tiny, draw_tiny

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
SHORT = Class(shift_id="day", direction=IN, begin=1_000, end=1_900, ride=600, apart=False)
LONG = replace(SHORT, ride=1_800)


def weights(clock: list[int], at: list[float]) -> Weights:
    return Weights(clock=np.array(clock), at=np.array(at), first={})


def test_a_long_ride_is_aboard_when_the_window_opens_whenever_it_arrives() -> None:
    at_opening = weights([1_000], [1.0])
    assert at_opening.share(LONG) == 1.0
    assert at_opening.share(SHORT) == 0.0  # it may begin later


def test_a_short_ride_covers_its_part_of_a_spread_charge() -> None:
    spread = weights(list(range(400, 1_901, 100)), [1 / 16] * 16)
    # 600 s cover six of the instants at least, seven where both ends fall on one.
    assert spread.share(SHORT) == pytest.approx(6 / 16)


def test_outbound_is_inbound_in_a_mirror() -> None:
    inbound = weights([1_000], [1.0]).aboard(1_000, 1_900, 950, IN)
    outbound = weights([1_900], [1.0]).aboard(1_000, 1_900, 950, OUT)
    assert inbound == outbound == 1.0
    assert weights([1_000], [1.0]).aboard(1_000, 1_900, 950, OUT) == 0.0


@pytest.mark.parametrize("seed", range(20))
def test_the_least_cover_is_that_of_the_worst_second(seed: int) -> None:
    rng = np.random.default_rng(seed)
    clock = np.unique(rng.integers(0, 400, 12))
    drawn = Weights(clock=clock, at=rng.dirichlet(np.ones(len(clock))), first={})
    begin, width, ride = (int(x) for x in rng.integers(1, 120, 3))
    for direction in Direction:
        ends = [(a - ride, a) if direction is IN else (a, a + ride) for a in range(begin, begin + width + 1)]
        by_hand = min(drawn.at[(clock >= low) & (clock <= high)].sum() for low, high in ends)
        assert drawn.aboard(begin, begin + width, ride, direction) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    "kinds", [[SHORT], [LONG, SHORT], [LONG, replace(LONG, shift_id="late", begin=3_000, end=3_900)]]
)
def test_weights_add_up_to_one_vehicle_at_most(kinds: list[Class]) -> None:
    found = best_weights(list(kinds), [5] * len(kinds))
    assert found.at.sum() + sum(found.first.values()) <= 1.0
    assert min(found.share(k) for k in kinds) >= 0.0


def test_riders_who_must_share_one_instant_pay_in_full() -> None:
    assert best_weights([LONG], [10]).share(LONG) == pytest.approx(1.0)
    apart = replace(SHORT, apart=True)
    assert best_weights([apart], [10]).share(apart) == pytest.approx(1.0)


def test_two_shifts_that_one_vehicle_can_serve_share_it() -> None:
    late = replace(LONG, shift_id="late", begin=10_000, end=10_900)
    found = best_weights([LONG, late], [10, 10])
    assert found.share(LONG) + found.share(late) == pytest.approx(1.0)


def test_nobody_needs_no_weights() -> None:
    assert best_weights([None], [0]).first == {}
    assert seat_shares(draw_tiny(Tiny()), ()) == []


def test_who_is_apart() -> None:
    near, far = draw_tiny(Tiny()), draw_tiny(Tiny(away=6_000, rules=replace(RULES, arrive_early_s=600)))
    assert not any(k.apart for k in classify(near, read_asks(near)) if k)
    assert all(k.apart for k in classify(far, read_asks(far)) if k)


@pytest.mark.parametrize("shifts", [(MORNING,), (BOTH_WAYS,), (MORNING, EARLY)])
def test_a_full_vehicle_pays_its_day_once_at_most(shifts: tuple[object, ...]) -> None:
    problem = draw_tiny(Tiny(riders=8, shifts=shifts))  # type: ignore[arg-type]
    shares = seat_shares(problem, read_asks(problem))
    assert all(0.0 <= share <= 1.0 + 1e-9 for share in shares)
