"""Labels by hand: who is remembered, what makes another needless, what a merged one still knows."""

import numpy as np
import pytest

from routing.bound.labels import FORGOTTEN, Labels, add, known_better, make_labels, put, remember_elite, worth

PRIZE = np.zeros(128)
PRIZE[[0, 1, 2, 64]] = [100.0, 200.0, 400.0, 800.0]


def memory(*riders: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the words and bits of two slots that remember some riders."""
    word, bits = np.full(2, -1, np.int32), np.zeros(2, np.uint64)
    for rider in riders:
        word[rider // 64] = rider // 64
        bits[rider // 64] |= np.uint64(1 << rider % 64)
    return word, bits


def riders_of(labels: Labels, i: int) -> set[int]:
    return {
        int(w) * 64 + b
        for w, x in zip(labels.word[i], labels.bits[i], strict=True)
        for b in range(64)
        if w >= 0 and int(x) >> b & 1
    }


def room(width: int = 2) -> Labels:
    return make_labels(np.array([width]), 1, 2, 4)


def insert(labels: Labels, time: int, cost: float, *riders: int, relaxed: bool = True) -> None:
    width = int(labels.offset[1])
    add(labels, 0, 0, width, time, cost, 50.0, -1, 0, 1, *memory(*riders), PRIZE, relaxed)


def costs(labels: Labels) -> list[float]:
    return sorted(labels.cost[: labels.filled[0]].tolist())


def test_what_riders_in_a_word_are_worth() -> None:
    assert worth(0, np.uint64(0b101), PRIZE) == 500.0
    assert worth(1, np.uint64(1), PRIZE) == 800.0
    assert worth(0, np.uint64(0), PRIZE) == 0.0


def test_dearer_and_later_is_needless() -> None:
    labels = room()
    insert(labels, 100, 10.0)
    insert(labels, 120, 30.0)
    assert costs(labels) == [10.0]


def test_cheaper_and_earlier_takes_the_place() -> None:
    labels = room()
    insert(labels, 120, 30.0)
    insert(labels, 100, 10.0)
    assert costs(labels) == [10.0]


def test_dearer_but_earlier_stays() -> None:
    labels = room()
    insert(labels, 120, 10.0)
    insert(labels, 100, 30.0)
    assert costs(labels) == [10.0, 30.0]


def test_riders_that_only_the_cheaper_has_collected_must_be_paid_for() -> None:
    labels = room()
    insert(labels, 100, 10.0, 0)
    insert(labels, 100, 90.0)  # rider 0 may still bring it 100
    assert costs(labels) == [10.0, 90.0]
    insert(labels, 100, 110.0)  # not enough to catch up
    assert costs(labels) == [10.0, 90.0]


def test_a_full_cell_keeps_the_cheaper_and_merges_the_dearest() -> None:
    labels = room()
    insert(labels, 100, 10.0, 0, 1)
    insert(labels, 90, 15.0, 1, 2)
    insert(labels, 80, 20.0, 0, 2, 64)
    assert costs(labels) == [10.0, 15.0]
    # The second looks worst afterwards: 15 less rider 1, whom it forgets.
    merged = int(np.flatnonzero(labels.gain[:2] == FORGOTTEN)[0])
    assert labels.time[merged] == 80
    known = riders_of(labels, merged)
    assert known in ({0}, {2})


@pytest.mark.parametrize("seed", range(30))
def test_a_merged_label_costs_no_more_and_knows_no_more_than_any_it_stands_for(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = room(width=1)
    given = []
    for _ in range(4):
        riders = [r for r in (0, 1, 2, 64) if rng.random() < 0.5]
        time, cost = int(rng.integers(50, 150)), float(rng.integers(0, 300))
        given.append((time, cost, riders))
        insert(labels, time, cost, *riders)
    assert labels.filled[0] == 1
    for time, cost, riders in given:
        unpaid = sum(PRIZE[r] for r in riders_of(labels, 0) - set(riders))
        assert labels.time[0] <= time
        # What it can no longer collect, though that line could, is in its lead.
        assert labels.cost[0] + unpaid <= cost + 1e-9


def test_where_lines_are_only_sought_the_dearest_is_dropped() -> None:
    labels = room()
    insert(labels, 100, 10.0, 0, relaxed=False)
    insert(labels, 90, 15.0, 1, relaxed=False)
    insert(labels, 80, 20.0, 2, relaxed=False)
    assert costs(labels) == [10.0, 15.0]
    insert(labels, 80, 5.0, 2, relaxed=False)
    assert costs(labels) == [5.0, 10.0]
    assert FORGOTTEN not in labels.gain[:2]


def test_the_elite_is_sorted_and_makes_others_needless() -> None:
    labels = make_labels(np.array([6]), 1, 2, 2)
    for i, cost in enumerate((30.0, 10.0, 20.0)):
        put(labels, i, 100, cost, 0.0, -1, 0, 1, *memory())
        remember_elite(labels, 0, i)
    assert labels.elite[0].tolist() == [1, 2]
    assert known_better(labels, 0, 100, 15.0, 1, *memory(), PRIZE)
    assert not known_better(labels, 0, 100, 5.0, 1, *memory(), PRIZE)
    assert not known_better(labels, 0, 99, 15.0, 1, *memory(), PRIZE)  # it is earlier than all
    assert not known_better(labels, 0, 100, 15.0, 0, *memory(), PRIZE)  # it has a halt to spare
