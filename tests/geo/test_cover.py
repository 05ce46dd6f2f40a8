"""Thinning: every home keeps its choice, few places serve many homes, pinned ones stay."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.geo.cover import choose_places


def choose(walks: list[tuple[int, int, int]], homes: int, places: int, **kwargs: object) -> list[int]:
    """Choose among walks (home, place, metres); returns the chosen places."""
    home, place, metres = (np.array(column, dtype=np.int32) for column in zip(*walks, strict=True))
    options = {
        "limit_m": np.full(homes, 800, dtype=np.int32),
        "riders": np.ones(homes),
        "weight": np.ones(places),
        "main": np.zeros(places, dtype=np.bool_),
        "must": np.zeros(places, dtype=np.bool_),
        "per_home": 1,
        "slack_m": 100,
    }
    return np.flatnonzero(choose_places(place, home, metres, **(options | kwargs))).tolist()


def test_one_place_for_all_beats_one_for_each() -> None:
    """Place 2 serves all three homes at nearly their nearest walk, so it alone stays."""
    walks = [(0, 0, 50), (1, 1, 50), (0, 2, 100), (1, 2, 120), (2, 2, 80)]
    assert choose(walks, 3, 3) == [2]


def test_a_place_much_farther_than_the_nearest_does_not_stand_for_it() -> None:
    """Home 0 keeps its nearest place when the common one is more than the slack farther."""
    walks = [(0, 0, 50), (0, 1, 300), (1, 1, 60), (2, 1, 60)]
    assert choose(walks, 3, 2) == [0, 1]
    assert choose(walks, 3, 2, slack_m=300) == [1]


def test_a_walk_beyond_the_homes_own_limit_does_not_count() -> None:
    """A home with a short limit keeps a place within it, or none at all."""
    walks = [(0, 0, 250), (0, 1, 500), (1, 1, 40)]
    limit = np.array([300, 800], dtype=np.int32)
    assert choose(walks, 2, 2, limit_m=limit) == [0, 1]
    assert choose(walks, 2, 2, limit_m=np.array([100, 800], dtype=np.int32)) == [1]


def test_every_home_gets_as_many_places_as_asked_or_as_there_are() -> None:
    """Asked for three each: the home with two keeps both, the other keeps three of four."""
    walks = [(0, 0, 10), (0, 1, 20)] + [(1, place, 100 + place) for place in range(2, 6)]
    chosen = choose(walks, 2, 6, per_home=3)
    assert chosen[:2] == [0, 1]
    assert len(chosen) == 5


def test_a_home_off_the_main_roads_keeps_one_place_on_them() -> None:
    """The nearest place lies in a side street; one on the main road is kept beside it."""
    walks = [(0, 0, 50), (0, 1, 400), (0, 2, 500)]
    main = np.array([False, False, True])
    assert choose(walks, 1, 3, main=main) == [0, 2]


def test_a_preferred_kind_wins_over_a_slightly_more_useful_one() -> None:
    """A bus stop that serves two homes is taken before a plain kerb that serves the same two a little better."""
    walks = [(0, 0, 100), (1, 0, 100), (0, 1, 60), (1, 1, 60)]
    assert choose(walks, 2, 2) == [1]
    assert choose(walks, 2, 2, weight=np.array([1.5, 1.0])) == [0]


def test_places_that_must_stay_do_and_count_for_their_homes() -> None:
    """A pinned place nobody can reach stays; one that serves the home makes others superfluous."""
    walks = [(0, 0, 50), (0, 1, 60)]
    must = np.array([False, True, True])
    assert choose(walks, 1, 3, must=must) == [1, 2]


def test_many_riders_outweigh_few() -> None:
    """Between two places for overlapping homes, the one near the crowd is chosen."""
    walks = [(0, 0, 100), (1, 0, 100), (1, 1, 100), (2, 1, 100), (0, 2, 90), (2, 2, 90)]
    crowd = choose(walks, 3, 3, riders=np.array([50.0, 50.0, 1.0]))
    assert 0 in crowd


def test_nobody_and_nothing() -> None:
    """No walks at all: only what must stay stays."""
    none = np.zeros(0, dtype=np.int32)
    must = np.array([False, True])
    chosen = choose_places(
        none,
        none,
        none,
        np.zeros(0, dtype=np.int32),
        np.zeros(0),
        np.ones(2),
        np.zeros(2, dtype=np.bool_),
        must,
        3,
        100,
    )
    assert chosen.tolist() == [False, True]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_promises_hold_for_any_walks(data: st.DataObject) -> None:
    """Whatever the walks: one place near the nearest, and as many as asked or as there are, for every home."""
    homes, places = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 12))
    walks = {
        (home, place): data.draw(st.integers(0, 900))
        for home in range(homes)
        for place in range(places)
        if data.draw(st.booleans())
    }
    if not walks:
        return
    per_home, slack = data.draw(st.integers(1, 4)), data.draw(st.integers(0, 300))
    rows = [(home, place, metres) for (home, place), metres in walks.items()]
    chosen = set(choose(rows, homes, places, per_home=per_home, slack_m=slack))
    for home in range(homes):
        within = {place: metres for (h, place), metres in walks.items() if h == home and metres <= 800}
        if within:
            kept = [metres for place, metres in within.items() if place in chosen]
            assert len(kept) >= min(per_home, len(within))
            assert min(kept) <= min(within.values()) + slack


@pytest.mark.parametrize("seed", range(3))
def test_the_choice_is_the_same_every_time(seed: int) -> None:
    """No order of a set or a dict decides."""
    rng = np.random.default_rng(seed)
    walks = [(int(h), int(p), int(rng.integers(900))) for h in range(30) for p in rng.choice(40, 6, replace=False)]
    assert choose(walks, 30, 40, per_home=2) == choose(walks, 30, 40, per_home=2)
