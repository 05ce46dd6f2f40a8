"""From points to kerbs and sites: the right side, the right kind of road, a clear refusal."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import RoadError
from routing.geo.graph import FLAG_ROUNDABOUT
from routing.geo.network import RoadNetwork, RoadPoint, build_network
from routing.geo.osm import read_osm
from routing.geo.snapping import part_of_edge, point_on_edge
from routing.geo.sphere import distance_m
from tests.geo.sketch import PLANE, Sketch, grid


def build(town: Sketch, folder: Path, drive_on: str = "right") -> RoadNetwork:
    return build_network(read_osm(town.write(folder)), drive_on=drive_on)


def street(highway: str = "secondary", **tags: str) -> Sketch:
    """Return one street of 400 m from west to east, closed to a ring by small streets in the north."""
    town = Sketch(nodes={1: (0, 0), 2: (400, 0), 3: (400, 300), 4: (0, 300)})
    town.ways.append((10, (1, 2), {"highway": highway, **tags}))
    return town.way(11, 2, 3, 4, 1)


def kerbs(network: RoadNetwork, x: float, y: float, **options: float) -> tuple[RoadPoint, ...]:
    lon, lat = PLANE.to_lonlat(x, y)
    return network.snap_kerb(float(lon), float(lat), **options)  # type: ignore[arg-type]


def heading(network: RoadNetwork, point: RoadPoint) -> str:
    """Return the compass direction in which a bus leaves a kerb."""
    lon, lat = network.graph.shape(point.edges[0])
    east, north = lon[-1] - lon[0], lat[-1] - lat[0]
    if abs(east) > abs(north):
        return "east" if east > 0 else "west"
    return "north" if north > 0 else "south"


def headings(network: RoadNetwork, x: float, y: float) -> list[str]:
    return [heading(network, point) for point in kerbs(network, x, y)]


@pytest.mark.parametrize(("y", "side"), [(-12.0, "east"), (12.0, "west")])
def test_on_a_large_street_the_door_faces_the_point(tmp_path: Path, y: float, side: str) -> None:
    """South of an east-west street is the right-hand kerb of those who drive east."""
    assert headings(build(street(), tmp_path), 200, y) == [side]


@pytest.mark.parametrize(("y", "side"), [(-12.0, "west"), (12.0, "east")])
def test_where_one_drives_on_the_left_it_is_the_other_kerb(tmp_path: Path, y: float, side: str) -> None:
    assert headings(build(street(), tmp_path, "left"), 200, y) == [side]


def test_on_a_small_street_either_kerb_will_do(tmp_path: Path) -> None:
    assert sorted(headings(build(street("residential"), tmp_path), 200, 12)) == ["east", "west"]


def test_on_a_oneway_street_either_side_will_do(tmp_path: Path) -> None:
    network = build(street(oneway="yes"), tmp_path)
    assert headings(network, 200, 12) == ["east"]
    assert headings(network, 200, -12) == ["east"]


def test_a_point_on_the_road_has_both_kerbs(tmp_path: Path) -> None:
    assert sorted(headings(build(street(), tmp_path), 200, 0.2)) == ["east", "west"]


def test_nobody_crosses_the_near_carriageway_to_board_on_the_far_one(tmp_path: Path) -> None:
    """A dual carriageway: eastbound at y = 0, westbound at y = 20. From the south only the near one is reached."""
    town = Sketch(nodes={1: (0, 0), 2: (400, 0), 3: (400, 20), 4: (0, 20)})
    town.way(10, 1, 2, highway="primary", oneway="yes").way(11, 3, 4, highway="primary", oneway="yes")
    town.way(12, 2, 3, oneway="yes").way(13, 4, 1, oneway="yes")
    network = build(town, tmp_path)
    assert headings(network, 200, -10) == ["east"]
    assert headings(network, 200, 30) == ["west"]


def test_a_small_street_does_not_bar_the_way(tmp_path: Path) -> None:
    town = street()
    town.nodes |= {5: (0, -10), 6: (400, -10)}
    town.way(12, 1, 5, 6, 2)
    found = headings(build(town, tmp_path), 200, -25)
    assert found.count("east") == 2


@pytest.mark.parametrize(
    ("highway", "tags"),
    [
        ("motorway", {"oneway": "no"}),
        ("trunk", {}),
        ("primary_link", {}),
        ("secondary", {"bridge": "yes"}),
        ("secondary", {"tunnel": "yes"}),
        ("secondary", {"junction": "roundabout", "oneway": "no"}),
    ],
)
def test_no_halt_on_fast_or_enclosed_roads(tmp_path: Path, highway: str, tags: dict[str, str]) -> None:
    """Pitfall 3: bridges, ramps and motorways do not win, neither for stops nor for sites."""
    network = build(street(highway, **tags), tmp_path)
    assert kerbs(network, 200, -5) == ()
    site = network.snap_site(*street().lonlat(200, -5))
    assert site.distance_m == pytest.approx(200, abs=1)
    halting = network.halting_edges()
    assert halting[list(site.edges)].all()
    assert halting.sum() == 2


def test_roundabouts_are_known_by_their_flag(tmp_path: Path) -> None:
    network = build(street(junction="roundabout"), tmp_path)
    assert ((network.graph.flags & FLAG_ROUNDABOUT) > 0).sum() == 1


def test_nearest_first_and_limited(tmp_path: Path) -> None:
    network = build(grid(4, 4), tmp_path)
    found = kerbs(network, 130, 30, radius_m=100)
    distances = [point.distance_m for point in found]
    assert distances == sorted(distances)
    assert len(found) == 8
    assert kerbs(network, 130, 30, radius_m=100, limit=3) == found[:3]
    assert kerbs(network, 130, 30, radius_m=20) == ()


def test_kerbs_keep_clear_of_junctions(tmp_path: Path) -> None:
    network = build(grid(4, 4), tmp_path)
    for point in kerbs(network, 101, 3):
        edge, offset = point.edges[0], point.offsets[0]
        assert 10.0 - 1e-9 <= offset <= network.graph.length_m[edge] - 10.0 + 1e-9
        lon, lat = point_on_edge(network.graph, edge, offset)
        assert (point.lon, point.lat) == pytest.approx((lon, lat), abs=1e-7)


def test_a_short_street_is_halted_on_in_its_middle(tmp_path: Path) -> None:
    town = grid(3, 3, spacing=12.0)
    for point in kerbs(build(town, tmp_path), 6, 1):
        assert point.offsets[0] == pytest.approx(6.0, abs=0.05)


def test_a_kerb_has_one_edge_and_a_site_both(tmp_path: Path) -> None:
    network = build(grid(4, 4), tmp_path)
    assert all(len(point.edges) == len(point.offsets) == 1 for point in kerbs(network, 150, 4))
    site = network.snap_site(*grid(1, 1).lonlat(150, 4))
    first, second = site.edges
    assert network.graph.reverse[first] == second
    assert sum(site.offsets) == pytest.approx(network.graph.length_m[first])


def test_a_site_on_a_oneway_street_has_one_direction(tmp_path: Path) -> None:
    network = build(street(oneway="yes"), tmp_path)
    assert len(network.snap_site(*street().lonlat(200, -5)).edges) == 1


def test_the_side_is_that_of_the_bend_at_which_one_stands(tmp_path: Path) -> None:
    """On a street that turns back on itself the end's direction would tell the wrong side."""
    town = Sketch(nodes={1: (0, 0), 2: (200, 0), 3: (200, 60), 4: (0, 60), 5: (-40, 60), 6: (-40, 0)})
    town.way(10, 1, 2, 3, 4, highway="secondary").way(11, 4, 5, 6, 1)
    network = build(town, tmp_path)
    graph = network.graph
    (south,) = kerbs(network, 100, -8)
    assert graph.node_id[graph.tail[south.edges[0]]] == min(graph.node_id[[graph.tail[0], graph.head[0]]])
    (north,) = kerbs(network, 100, 68, radius_m=20)
    assert north.edges != ()
    assert heading_at(network, north) == "east" if north.edges != south.edges else heading_at(network, north) == "west"


def heading_at(network: RoadNetwork, point: RoadPoint) -> str:
    """Return whether the bus drives east or west where it stands."""
    edge, offset = point.edges[0], point.offsets[0]
    lon, _ = part_of_edge(network.graph, edge, max(offset - 1, 0), offset + 1)
    return "east" if lon[-1] > lon[0] else "west"


def test_nothing_in_reach_names_the_point(tmp_path: Path) -> None:
    """Pitfall 3."""
    network = build(grid(3, 3), tmp_path)
    lon, lat = grid(1, 1).lonlat(5000, 0)
    with pytest.raises(RoadError) as caught:
        network.snap_site(lon, lat)
    assert caught.value.code == "roads_out_of_reach"
    assert f"{lon:.6f}, {lat:.6f}" in caught.value.cause
    assert "500 m" in caught.value.cause


@given(st.floats(-50, 350), st.floats(-50, 350))
@settings(deadline=None, max_examples=80)
def test_the_nearest_site_is_the_nearest(x: float, y: float) -> None:
    """Against a plain search over all streets of a grid."""
    lon, lat = PLANE.to_lonlat(x, y)
    site = GRID.snap_site(float(lon), float(lat))
    off_row = min(np.hypot(y - row, max(0, -x, x - 300)) for row in (0, 100, 200, 300))
    off_column = min(np.hypot(x - column, max(0, -y, y - 300)) for column in (0, 100, 200, 300))
    assert site.distance_m == pytest.approx(min(off_row, off_column), abs=0.2)
    assert site.distance_m == pytest.approx(float(distance_m(lon, lat, site.lon, site.lat)), abs=1e-6)


@given(st.integers(0, 47), st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None, max_examples=60)
def test_parts_of_edges_are_as_long_as_asked(edge: int, a: float, b: float) -> None:
    graph = GRID.graph
    begin, end = sorted((a * graph.length_m[edge], b * graph.length_m[edge]))
    lon, lat = part_of_edge(graph, edge, begin, end)
    assert lon.size >= 2
    assert float(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum()) == pytest.approx(end - begin, abs=1e-3)
    assert (lon[0], lat[0]) == pytest.approx(point_on_edge(graph, edge, begin), abs=1e-9)


@pytest.fixture(scope="module", autouse=True)
def _grid(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Build one grid for the properties above; Hypothesis and function-scoped folders do not mix."""
    global GRID  # noqa: PLW0603
    GRID = build(grid(4, 4), tmp_path_factory.mktemp("grid"))


GRID: RoadNetwork
