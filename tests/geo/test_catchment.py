"""Catchments of stops must say exactly what a search from the home says."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.geo.catchment import OUT_OF_REACH, Catchments
from routing.geo.osm import OsmExtract
from routing.geo.sphere import LocalPlane
from routing.geo.walking import WalkNetwork

Draw = Callable[..., OsmExtract]
Point = tuple[float, float]
STREET = {"highway": "residential"}
LARGE = {"highway": "primary", "lanes": "6"}
STOPS: list[Point] = [(-900, 6), (-900, -6), (250, 205), (0, -120), (401, 195), (900, -7), (-400, 8)]


def cross_town(draw: Draw) -> OsmExtract:
    """Draw a large road from west to east (3 km), a street through its middle, and streets on both sides."""
    nodes = {1: (-1_500, 0), 2: (0, 0), 3: (1_500, 0), 4: (0, 200), 5: (0, -200), 6: (400, 200), 7: (400, -200)}
    ways = [(10, [1, 2, 3], LARGE), (11, [4, 2, 5], STREET), (12, [4, 6], STREET), (13, [5, 7], STREET)]
    return draw(nodes, ways)


@pytest.fixture(scope="module")
def network(draw: Draw) -> WalkNetwork:
    return WalkNetwork.from_extract(cross_town(draw))


def lonlat(plane: LocalPlane, points: list[Point]) -> tuple[np.ndarray, np.ndarray]:
    return plane.to_lonlat(*np.array(points, dtype=float).reshape(-1, 2).T)


def catchments(network: WalkNetwork, plane: LocalPlane, limit_m: int, stops: list[Point] | None = None) -> Catchments:
    return network.catchments(*lonlat(plane, STOPS if stops is None else stops), limit_m)


def searched(network: WalkNetwork, plane: LocalPlane, home: Point, limit_m: int) -> list[int]:
    """Return the walk to every stop as the search finds it, the oracle."""
    table = network.reach(*lonlat(plane, [home]), *lonlat(plane, STOPS), limit_m)
    walks = np.full(len(STOPS), OUT_OF_REACH, np.int64)
    walks[table.target] = table.metres
    return walks.tolist()


def looked_up(found: Catchments, plane: LocalPlane, home: Point) -> list[int]:
    lon, lat = lonlat(plane, [home])
    return found.walks(float(lon[0]), float(lat[0])).tolist()


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(x=st.integers(-1_600, 1_600), y=st.integers(-320, 320), limit_m=st.sampled_from([60, 400, 800, 1_600]))
def test_a_walk_looked_up_is_the_walk_searched(
    network: WalkNetwork, plane: LocalPlane, x: int, y: int, limit_m: int
) -> None:
    """Anywhere in town, on either side of the large road, on the street of a stop or not."""
    found = catchments(network, plane, limit_m)
    assert looked_up(found, plane, (x, y)) == searched(network, plane, (x, y), limit_m)


def test_a_stop_on_the_own_side_of_the_own_street_is_reached_along_it(network: WalkNetwork, plane: LocalPlane) -> None:
    """From 100 m east of a kerb on the north side of the large road: straight along; the kerb across is far."""
    walks = looked_up(catchments(network, plane, 1_600), plane, (-800, 6))
    assert walks[0] == pytest.approx(100 + 6 + 6, abs=1)
    assert walks[1] > 1_000 or walks[1] == OUT_OF_REACH


def test_a_stop_beyond_the_limit_is_out_of_reach(network: WalkNetwork, plane: LocalPlane) -> None:
    near, far = (looked_up(catchments(network, plane, limit), plane, (-800, 6))[0] for limit in (112, 100))
    assert near <= 112
    assert far == OUT_OF_REACH


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(x=st.integers(-1_600, 1_600), y=st.integers(-320, 320), order=st.permutations(range(len(STOPS))))
def test_the_order_of_stops_does_not_matter(
    network: WalkNetwork, plane: LocalPlane, x: int, y: int, order: list[int]
) -> None:
    mixed = catchments(network, plane, 800, stops=[STOPS[i] for i in order])
    straight = looked_up(catchments(network, plane, 800), plane, (x, y))
    assert looked_up(mixed, plane, (x, y)) == [straight[i] for i in order]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(x=st.integers(-1_600, 1_600), y=st.integers(-320, 320), limits=st.tuples(*[st.integers(0, 2_000)] * 2))
def test_a_longer_limit_only_adds_stops(
    network: WalkNetwork, plane: LocalPlane, x: int, y: int, limits: tuple[int, int]
) -> None:
    """What is within the shorter limit is as far as it was; what is added lies between the two."""
    near, far = sorted(limits)
    short, long = (looked_up(catchments(network, plane, limit), plane, (x, y)) for limit in (near, far))
    for before, after in zip(short, long, strict=True):
        assert before in {after, OUT_OF_REACH}
        assert before == after or near < after <= far
        assert after <= far or after == OUT_OF_REACH


def test_one_stop_more_changes_no_other_walk(network: WalkNetwork, plane: LocalPlane) -> None:
    more = catchments(network, plane, 1_600, stops=[*STOPS, (120, -200), STOPS[0]])
    for home in ((-800, 6), (0, 60), (300, -190)):
        walks = looked_up(more, plane, home)
        assert walks[: len(STOPS)] == looked_up(catchments(network, plane, 1_600), plane, home)
        assert walks[-1] == walks[0], "two stops at one place are as far"


@pytest.mark.parametrize("home", [(0.0, 0.0), (-58.4, -34.6), (180.0, 0.0), (121.5, 90.0), (-180.0, -90.0)])
def test_from_the_other_side_of_the_globe_nothing_is_reached(
    network: WalkNetwork, plane: LocalPlane, home: tuple[float, float]
) -> None:
    """However far off, sums stay within their numbers."""
    found = catchments(network, plane, 100_000)
    assert set(found.walks(*home).tolist()) == {OUT_OF_REACH}
    assert found.off_street_m(*home) > 1_000_000


def test_within_no_metre_only_the_own_doorstep_is_reached(network: WalkNetwork, plane: LocalPlane) -> None:
    found = catchments(network, plane, 0, stops=[(250, 200), (260, 200)])
    assert looked_up(found, plane, (250, 200)) == [0, OUT_OF_REACH]


def test_walks_are_the_same_after_they_were_kept_on_disk(network: WalkNetwork, plane: LocalPlane) -> None:
    """A server keeps its index, and reads it when it starts again: read-only, or its look-up is compiled anew."""
    found = catchments(network, plane, 800)
    again = pickle.loads(pickle.dumps(found))
    assert not any(
        getattr(again, name).flags.writeable for name in ("shape_x", "street_tail", "vertex_cm", "lane_start")
    )
    for home in ((-800, 6), (0, 60), (300, -190), (1_600, 320)):
        assert looked_up(again, plane, home) == looked_up(found, plane, home)
        lon, lat = (float(value[0]) for value in lonlat(plane, [home]))
        assert again.off_street_m(lon, lat) == found.off_street_m(lon, lat)


def test_walks_and_straight_ways_agree_beside_a_street(network: WalkNetwork, plane: LocalPlane) -> None:
    """A home 40 m north of a street's end, a stop 90 m along it: the way there and the way along."""
    found = catchments(network, plane, 800, stops=[(310, 200)])
    lon, lat = (float(value[0]) for value in lonlat(plane, [(400, 240)]))
    assert found.off_street_m(lon, lat) == pytest.approx(40, abs=0.1)
    assert found.walks(lon, lat)[0] == pytest.approx(40 + 90, abs=1)


def test_nothing_is_reached_from_far_off_the_ways(network: WalkNetwork, plane: LocalPlane) -> None:
    found = catchments(network, plane, 800)
    assert set(looked_up(found, plane, (0, 5_000))) == {OUT_OF_REACH}
    lon, lat = lonlat(plane, [(0, 5_000)])
    assert found.off_street_m(float(lon[0]), float(lat[0])) == pytest.approx(4_800, rel=0.01)


def test_no_stops_give_no_walks(network: WalkNetwork, plane: LocalPlane) -> None:
    assert looked_up(catchments(network, plane, 800, stops=[]), plane, (0, 0)) == []


def test_catchments_cannot_be_changed(network: WalkNetwork, plane: LocalPlane) -> None:
    with pytest.raises(ValueError, match="read-only"):
        catchments(network, plane, 800).vertex_cm[0] = 0


def test_many_points_are_as_far_from_a_way_as_each_by_itself(network: WalkNetwork, plane: LocalPlane) -> None:
    found = catchments(network, plane, 400)
    lon, lat = lonlat(plane, [(0.0, 100.0), (700.0, 40.0), (-1_500.0, 0.0), (0.0, 5_000.0)])
    apart = [found.off_street_m(float(x), float(y)) for x, y in zip(lon, lat, strict=True)]
    assert found.distance_to_way(lon, lat).tolist() == pytest.approx(apart)
    assert found.distance_to_way(lon, lat).tolist() == pytest.approx(network.distance_to_way(lon, lat).tolist())
    assert found.distance_to_way(lon[1], lat[1]).tolist() == pytest.approx([40.0], abs=0.5)
