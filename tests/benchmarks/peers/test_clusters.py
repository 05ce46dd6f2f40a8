"""Worksites that share vehicles: each in one cluster, small ones alone joined, ways through them short."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.peers.clusters import cluster_sites, way_through


def line_of_sites(*places: int) -> NDArray[np.int32]:
    """Return driving times [s] of worksites along one road, told by where they lie."""
    at = np.array(places, np.int32)
    return np.abs(at[:, None] - at[None, :])


SITES = st.lists(st.integers(0, 3_000), min_size=1, max_size=7)


@given(places=SITES, near=st.integers(0, 4_000), small=st.integers(0, 200), seed=st.integers(0, 99))
def test_every_worksite_is_in_one_cluster(places: list[int], near: int, small: int, seed: int) -> None:
    riders = dict(enumerate(np.random.default_rng(seed).integers(1, 200, len(places)).tolist()))
    clusters = cluster_sites(line_of_sites(*places), riders, near, small)
    assert sorted(itertools.chain(*clusters)) == sorted(riders)
    assert clusters == sorted(clusters)


@given(places=SITES, near=st.integers(1, 4_000))
def test_a_way_through_a_cluster_is_never_longer_than_allowed(places: list[int], near: int) -> None:
    duration = line_of_sites(*places)
    for cluster in cluster_sites(duration, dict.fromkeys(range(len(places)), 5), near, 1_000):
        assert way_through(duration, cluster) <= near


@given(places=SITES, near=st.integers(1, 4_000))
def test_no_two_clusters_could_still_be_joined(places: list[int], near: int) -> None:
    """On one road the shortest way through two clusters is one after the other, or from end to end."""
    duration = line_of_sites(*places)
    clusters = cluster_sites(duration, dict.fromkeys(range(len(places)), 5), near, 1_000)
    for one, other in itertools.permutations(clusters, 2):
        assert way_through(duration, one + other) > near


def test_large_worksites_stay_apart_however_near() -> None:
    duration = line_of_sites(0, 10, 20)
    assert cluster_sites(duration, {0: 500, 1: 500, 2: 500}, 1_000, 100) == [(0,), (1,), (2,)]
    assert len(cluster_sites(duration, {0: 500, 1: 500, 2: 99}, 1_000, 100)) == 2


def test_the_nearest_are_joined_first() -> None:
    duration = line_of_sites(0, 300, 400)
    assert cluster_sites(duration, {0: 5, 1: 5, 2: 5}, 150, 100) == [(0,), (1, 2)]


def test_a_vehicle_goes_through_a_cluster_the_short_way() -> None:
    """Driving differs by direction: from the second worksite to the first takes an hour, the other way a minute."""
    duration = np.array([[0, 60], [3_600, 0]], np.int32)
    assert cluster_sites(duration, {0: 5, 1: 5}, 100, 100) == [(0, 1)]
    assert cluster_sites(duration.T, {0: 5, 1: 5}, 100, 100) == [(1, 0)]


@pytest.mark.parametrize("near", [0, 10_000])
def test_no_worksites_make_no_clusters(near: int) -> None:
    assert cluster_sites(np.zeros((0, 0), np.int32), {}, near, 100) == []


@pytest.mark.parametrize(("nodes", "seconds"), [((), 0), ((2,), 0), ((0, 1), 10), ((2, 0, 1), 30), ((1, 1), 0)])
def test_a_way_is_the_sum_of_its_legs(nodes: tuple[int, ...], seconds: int) -> None:
    assert way_through(line_of_sites(0, 10, 20), nodes) == seconds


def test_ways_of_a_day_and_more_do_not_overflow() -> None:
    duration = np.full((3, 3), 2_000_000_000, np.int32)
    assert way_through(duration, (0, 1, 2)) == 4_000_000_000
