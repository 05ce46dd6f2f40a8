"""The bridge to OSMnx, without the internet: fetching is tested on recorded answers."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import osmnx as ox
import pytest
from shapely.geometry import box

from routing.errors import RoadError
from routing.geo.network import RoadNetwork, build_network
from routing.geo.osm import read_osm
from routing.geo.osmnx_bridge import fetch_roads, from_osmnx, to_osmnx
from tests.geo.sketch import Sketch, grid

ELEMENTS: list[dict[str, Any]] = [
    {"type": "relation", "id": 9, "tags": {"type": "restriction", "restriction": "no_left_turn"}, "members": [
        {"type": "way", "ref": 10, "role": "from"},
        {"type": "node", "ref": 2, "role": "via"},
        {"type": "way", "ref": 11, "role": "to"},
    ]},
    {"type": "way", "id": 11, "nodes": [2, 4], "tags": {"highway": "residential"}},
    {"type": "way", "id": 10, "nodes": [1, 2, 3], "tags": {"highway": "primary", "name": "中山路"}},
    *({"type": "node", "id": i, "lon": 121.6 + x, "lat": 38.9 + y}
      for i, x, y in [(1, 0.0, 0.0), (2, 0.001, 0.0), (3, 0.002, 0.0), (4, 0.001, 0.001)]),
    {"type": "node", "id": 5, "lon": 121.6005, "lat": 38.9001, "tags": {"highway": "bus_stop"}},
]  # fmt: skip

Server = Callable[[list[dict[str, Any]]], list[str]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    """Answer every query with the given elements and remember what was asked."""

    def serve(elements: list[dict[str, Any]]) -> list[str]:
        asked: list[str] = []

        def answer(data: dict[str, str]) -> dict[str, Any]:
            asked.append(data["data"])
            return {"elements": elements}

        monkeypatch.setattr(ox._overpass, "_overpass_request", answer)
        return asked

    return serve


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> RoadNetwork:
    town = grid(4, 3)
    town.ways[0] = (100, town.ways[0][1], {"highway": "primary", "name": "Front", "oneway": "yes", "lanes": "2"})
    town.nodes[99] = (150, 260)
    town.way(300, 10, 99, 11, bridge="yes")  # parallel to Row 2
    return build_network(read_osm(town.write(tmp_path_factory.mktemp("bridge"))))


@pytest.mark.parametrize("name", ["roads.osm", "roads.osm.pbf", "roads.osm.bz2"])
def test_fetched_roads_are_read_like_any_extract(server: Server, tmp_path: Path, name: str) -> None:
    server(ELEMENTS)
    fetch_roads((121.59, 38.89, 121.61, 38.91), tmp_path / "new" / name)
    extract = read_osm(tmp_path / "new" / name)
    assert extract.way_id.tolist() == [10, 11]
    assert extract.way_tags[0] == {"highway": "primary", "name": "中山路"}
    assert extract.node_id.tolist() == [1, 2, 3, 4, 5]
    assert extract.lon[1] == 121.601
    assert [(rule.from_way, rule.via, rule.to_way) for rule in extract.restrictions] == [(10, (2,), 11)]
    assert extract.node_tags[4] == {"highway": "bus_stop"}


def test_the_query_asks_for_restrictions_stops_and_ferries(server: Server, tmp_path: Path) -> None:
    asked = server(ELEMENTS)
    fetch_roads((121.59, 38.89, 121.61, 38.91), tmp_path / "roads.osm")
    assert len(asked) == 1
    for part in ('way["highway"]', '"ferry"', "restriction", "bus_stop", "38.890000 121.610000", "[out:json]"):
        assert part in asked[0]


def test_a_name_is_looked_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = server(ELEMENTS)
    told: list[str] = []
    found = SimpleNamespace(union_all=lambda: box(121.5, 38.8, 121.6, 38.9))
    monkeypatch.setattr(ox, "geocode_to_gdf", lambda place: {"Dalian": found}[place])
    fetch_roads("Dalian", tmp_path / "roads.osm", on_progress=told.append)
    assert "121.500000" in asked[0]
    assert [line.split()[0] for line in told] == ["Looking", "Fetching", "Writing"]
    assert "OpenStreetMap contributors" in told[-1]


def test_large_places_are_fetched_in_parts_and_joined(server: Server, tmp_path: Path) -> None:
    asked = server(ELEMENTS)
    fetch_roads((121.0, 38.0, 122.2, 39.2), tmp_path / "roads.osm")
    assert len(asked) > 1
    assert read_osm(tmp_path / "roads.osm").way_id.tolist() == [10, 11]


def test_the_servers_cache_setting_is_put_back(server: Server, tmp_path: Path) -> None:
    server(ELEMENTS)
    before = ox.settings.use_cache
    fetch_roads((121.59, 38.89, 121.61, 38.91), tmp_path / "roads.osm")
    assert ox.settings.use_cache is before


@pytest.mark.parametrize("error", [ConnectionError("no internet"), ValueError("nothing"), TypeError("not a polygon")])
def test_a_failed_fetch_says_so_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr(ox, "geocode_to_gdf", fail)
    with pytest.raises(RoadError, match="Atlantis") as caught:
        fetch_roads("Atlantis", tmp_path / "roads.osm")
    assert caught.value.code == "roads_fetch_failed"
    assert not (tmp_path / "roads.osm").exists()


def test_a_place_without_roads_says_so(server: Server, tmp_path: Path) -> None:
    server([])
    with pytest.raises(RoadError, match="no road") as caught:
        fetch_roads((0.0, 0.0, 0.01, 0.01), tmp_path / "roads.osm")
    assert caught.value.code == "roads_fetch_failed"


def test_every_edge_and_its_attributes_cross_the_bridge(network: RoadNetwork) -> None:
    graph = to_osmnx(network)
    own = network.graph
    assert graph.number_of_edges() == own.edge_count
    assert set(graph.nodes) == set(own.node_id.tolist())
    for tail, head, data in graph.edges(data=True):
        edge = data["drive_edge"]
        assert (tail, head) == (own.node_id[own.tail[edge]], own.node_id[own.head[edge]])
        assert data["length"] == own.length_m[edge]
        assert list(data["geometry"].coords) == list(zip(*own.shape(edge), strict=True))
        assert data["travel_time"] * data["speed_kph"] == pytest.approx(3.6 * data["length"])
        assert data["oneway"] == (own.reverse[edge] < 0)
    names = {data["name"] for _, _, data in graph.edges(data=True)}
    assert {"Front", "Row 1"} <= names
    assert sum(data.get("bridge") == "yes" for _, _, data in graph.edges(data=True)) == 2


def test_osmnx_can_measure_and_project_what_crossed(network: RoadNetwork) -> None:
    graph = to_osmnx(network)
    stats = ox.stats.basic_stats(graph)
    assert stats["edge_length_total"] == pytest.approx(network.graph.length_m.sum())
    assert stats["n"] == network.graph.node_count
    nodes, edges = ox.graph_to_gdfs(graph)
    assert nodes.crs.to_epsg() == edges.crs.to_epsg() == 4326
    assert len(edges) == network.graph.edge_count
    assert ox.project_graph(graph).graph["crs"].is_projected


def test_osmnx_can_plot_what_crossed(network: RoadNetwork) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    figure, axes = ox.plot_graph(to_osmnx(network), show=False, close=True)
    assert axes.collections
    assert figure is not None


def test_travel_times_follow_the_period(network: RoadNetwork) -> None:
    early, peak = (to_osmnx(network, period) for period in (0, 1))
    total = [sum(data["travel_time"] for _, _, data in graph.edges(data=True)) for graph in (early, peak)]
    assert total[0] < total[1]


def test_there_and_back_again(network: RoadNetwork) -> None:
    """Own network → OSMnx → own network: the same edges, lengths and directions, parallel ones included."""
    again = build_network(from_osmnx(to_osmnx(network))).graph
    own = network.graph

    def rows(graph: Any) -> list[tuple[int, int, float, bool]]:
        ends = graph.node_id[graph.tail].tolist(), graph.node_id[graph.head].tolist()
        return sorted(zip(*ends, graph.length_m.round(6).tolist(), (graph.reverse < 0).tolist(), strict=True))

    assert rows(again) == rows(own)
    assert sorted(set(again.way_name.tolist())) == sorted(set(own.way_name.tolist()))


@pytest.mark.parametrize("simplify", [True, False])
def test_osmnx_own_graphs_become_networks(tmp_path: Path, simplify: bool) -> None:
    town = Sketch(nodes={1: (0, 0), 2: (100, 0), 3: (200, 30), 4: (300, 0), 5: (200, -90)})
    town.way(10, 1, 2, 3, 4, maxspeed="50").way(11, 4, 5, 2, oneway="yes").way(12, 1, 5)
    path = town.write(tmp_path)
    graph = ox.graph_from_xml(path, simplify=simplify, retain_all=True)
    foreign, own = build_network(from_osmnx(graph)).graph, build_network(read_osm(path)).graph
    assert foreign.length_m.sum() == pytest.approx(own.length_m.sum(), rel=1e-6)
    assert ((foreign.flags & 1) > 0).any()


def test_lists_of_merged_ways_become_one_value() -> None:
    """Pitfall 9: OSMnx merges edges with different tags, and attributes become lists."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(1, x=121.6, y=38.9)
    graph.add_node(2, x=121.61, y=38.9)
    merged = {"highway": ["tertiary", "residential"], "maxspeed": ["50", "30", "none"], "name": ["甲", "乙"]}
    for tail, head in ((1, 2), (2, 1)):
        graph.add_edge(tail, head, osmid=[7, 8], lanes=["3", "2"], oneway=False, length=860.0, **merged)
    extract = from_osmnx(graph)
    assert extract.way_tags == ({"highway": "tertiary", "maxspeed": "30", "lanes": "2", "name": "甲", "oneway": "no"},)
    assert build_network(extract).graph.free_kmh.tolist() == [30.0, 30.0]


def test_projected_graphs_are_refused(network: RoadNetwork) -> None:
    with pytest.raises(RoadError) as caught:
        from_osmnx(ox.project_graph(to_osmnx(network)))
    assert caught.value.code == "roads_bad_request"


def test_an_extract_from_osmnx_knows_itself(network: RoadNetwork) -> None:
    first, second = (from_osmnx(to_osmnx(network)) for _ in range(2))
    assert first.digest == second.digest
    assert len(first.digest) == 64
    np.testing.assert_array_equal(first.way_nodes, second.way_nodes)
    assert (np.diff(first.node_id) > 0).all()
