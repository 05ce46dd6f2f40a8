"""Labels by hand: which areas are remembered, what makes another needless, what a merged one still knows."""

import numpy as np
import pytest

from routing.bound.labels import (
    Draft,
    Labels,
    Worth,
    add,
    has_seen,
    known_better,
    make_draft,
    make_labels,
    read,
    remember_elite,
    write,
)

AREAS = 70
WHOLE = np.zeros((3, AREAS))
WHOLE[:, [0, 1, 2, 66]] = [[100.0, 200.0, 400.0, 800.0], [50.0, 100.0, 200.0, 400.0], [0.0, 0.0, 0.0, 0.0]]
WORTH = Worth(np.zeros((2, 3, 1)), np.zeros((3, 1)), np.stack([WHOLE / 2, WHOLE / 4]), WHOLE, 60)
"""Three minutes, each with half of the worth of the one before; half of it is beyond the first price of a seat.

What the only gate brings in does not matter here.
"""


def room(width: int = 2) -> Labels:
    return make_labels(1, AREAS, 1, width, 4, 2)


def draft_of(labels: Labels, time: int, open_: float, *areas: int, full: float | None = None, halts: int = 1) -> Draft:
    draft = make_draft(labels)
    draft.counts[:] = time, halts, -1, 0
    draft.open[0] = open_
    draft.full[:] = open_ - 1_000 if full is None else full
    for area in areas:
        draft.seen[area // 64] |= np.uint64(1 << area % 64)
    return draft


def insert(labels: Labels, time: int, open_: float, *areas: int, **more: float) -> None:
    width = len(labels.time) // len(labels.filled)
    add(labels, 0, width, draft_of(labels, time, open_, *areas, **more), WORTH)  # type: ignore[arg-type]


def costs(labels: Labels) -> list[float]:
    return sorted(labels.open[: labels.filled[0]].tolist())


def seen(labels: Labels, i: int) -> set[int]:
    return {area for area in range(AREAS) if has_seen(labels.seen[i], area)}


def test_areas_of_every_word_are_remembered() -> None:
    labels = room()
    insert(labels, 100, 10.0, 0, 2, 63, 66)
    assert seen(labels, 0) == {0, 2, 63, 66}


def test_what_is_written_is_read() -> None:
    labels = room()
    given, got = draft_of(labels, 100, 10.0, 1, 66, full=-3.0, halts=5), make_draft(labels)
    write(labels, 1, given)
    read(labels, 1, got)
    assert all(np.array_equal(a, b) for a, b in zip(given, got, strict=True))


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


@pytest.mark.parametrize(("time", "halts", "full"), [(90, 1, None), (100, 0, None), (100, 1, -2_000.0)])
def test_what_is_better_in_one_thing_stays(time: int, halts: int, full: float | None) -> None:
    labels = room()
    insert(labels, 100, 10.0)
    insert(labels, time, 30.0, halts=halts, **({} if full is None else {"full": full}))
    assert costs(labels) == [10.0, 30.0]


def test_areas_that_only_the_cheaper_has_seen_must_be_paid_for() -> None:
    labels = room()
    insert(labels, 10, 10.0, 0)
    insert(labels, 10, 90.0)  # area 0 may still bring it 100
    assert costs(labels) == [10.0, 90.0]
    insert(labels, 10, 110.5)  # not enough to catch up
    assert costs(labels) == [10.0, 90.0]


def test_what_an_area_is_worth_falls_with_time() -> None:
    labels = room()
    insert(labels, 70, 10.0, 0)
    insert(labels, 70, 70.0)  # a minute later it brings 50
    assert costs(labels) == [10.0]


def test_where_seats_are_short_the_cost_with_full_seats_must_pay_too() -> None:
    labels = room()
    insert(labels, 10, 10.0, 0, full=0.0)
    insert(labels, 10, 500.0, full=40.0)  # beyond its seats area 0 may bring 50
    assert costs(labels) == [10.0, 500.0]
    insert(labels, 10, 510.0, full=50.5)
    assert costs(labels) == [10.0, 500.0]


@pytest.mark.parametrize("seed", range(30))
def test_a_merged_label_costs_no_more_and_knows_no_more_than_any_it_stands_for(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = room(width=2)
    given = []
    for _ in range(7):
        areas = {int(a) for a in (0, 1, 2, 66) if rng.random() < 0.5}
        time, cost, full = int(rng.integers(0, 170)), float(rng.integers(0, 300)), float(rng.integers(0, 300))
        given.append((time, cost, full, areas))
        insert(labels, time, cost, *areas, full=full)
    for time, cost, full, areas in given:
        # One label is no later, and cheaper by what it cannot collect any more though this line could.
        assert any(
            labels.time[i] <= time
            and labels.open[i] + WHOLE[time // 60, sorted(seen(labels, i) - areas)].sum() <= cost + 1e-9
            and labels.full[i, 0] + WHOLE[time // 60, sorted(seen(labels, i) - areas)].sum() / 2 <= full + 1e-9
            for i in range(labels.filled[0])
        )


def test_the_elite_is_sorted_and_makes_others_needless() -> None:
    labels = make_labels(1, 1, 1, 6, 2, 2)
    for i, cost in enumerate((30.0, 10.0, 20.0)):
        write(labels, i, draft_of(labels, 100, cost))
        remember_elite(labels, 0, i)
    assert labels.elite[0].tolist() == [1, 2]
    assert known_better(labels, 0, draft_of(labels, 100, 15.0), WORTH)
    assert not known_better(labels, 0, draft_of(labels, 100, 5.0), WORTH)
    assert not known_better(labels, 0, draft_of(labels, 99, 15.0), WORTH)  # it is earlier than all
    assert not known_better(labels, 0, draft_of(labels, 100, 15.0, halts=0), WORTH)  # it has a halt to spare
