"""Real extracts from ../shared (skipped without them): exactness against SciPy, and lengths against OSMnx."""

from functools import lru_cache
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import osmnx as ox
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.roads import dijkstra_seconds, random_kerbs
from routing.geo.access import way_rule, way_rules
from routing.geo.network import RoadNetwork, build_network
from routing.geo.osm import OsmExtract, read_osm
from routing.geo.profile import VehicleProfile
from routing.geo.streets import cut_streets
from routing.geo.sweep import Labels, many_to_many

OSM = Path(__file__).parents[2] / ".." / "shared" / "osm"
NAMES = ("herrenberg", "heidelberg", "milan")
CAR = VehicleProfile(
    name="car",
    length_m=4.0,
    width_m=1.8,
    height_m=1.5,
    weight_t=1.5,
    access_keys=("motor_vehicle", "vehicle", "access"),
)
OFF_PEAK = 2

pytestmark = pytest.mark.skipif(not OSM.is_dir(), reason="needs the extracts in ../shared/osm")


@lru_cache(maxsize=3)
def extract_of(name: str) -> OsmExtract:
    return read_osm(OSM / f"{name}.osm.pbf")


@lru_cache(maxsize=3)
def network_of(name: str) -> RoadNetwork:
    return build_network(extract_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_durations_are_scipys_to_the_second(name: str) -> None:
    """Turns, bans, signals and offsets included; nothing is unreachable (pitfall 1)."""
    network, rng = network_of(name), np.random.default_rng(5)
    sources, targets = random_kerbs(network, 20, rng), random_kerbs(network, 400, rng)
    seconds, metres = network.matrix(sources, targets, OFF_PEAK)
    np.testing.assert_array_equal(seconds, dijkstra_seconds(network, sources, targets))
    assert seconds.max() < 3 * 3600
    assert (metres >= 0).all()


@pytest.mark.parametrize("name", ["herrenberg", "heidelberg"])
def test_time_and_length_are_least_together(name: str) -> None:
    """Milliseconds first, centimetres second, as one number, for every state of the edge graph."""
    network, rng = network_of(name), np.random.default_rng(6)
    metric = network._metric(OFF_PEAK)
    count = network.turns.state_count
    source = np.repeat(np.arange(count), np.diff(network.turns.first))
    scale = 2**23  # centimetres of the longest way fit below it, and the sum into a float's 53 bits
    weight = (metric.arcs >> 32) * float(scale) + (metric.arcs & 0xFFFFFFFF)
    begin = rng.integers(0, count, 12).astype(np.int32)
    matrix = csr_array((weight, (source, network.turns.target)), shape=(count, count))
    expected = dijkstra(matrix, indices=begin)
    here = Labels(first=np.arange(13, dtype=np.int64), node=begin, weight=np.zeros(12, np.int64))
    everywhere = Labels(
        first=np.arange(count + 1, dtype=np.int64),
        node=np.arange(count, dtype=np.int32),
        weight=np.zeros(count, np.int64),
    )
    found = many_to_many(metric.hierarchy, here, everywhere)
    reached = np.isfinite(expected)
    assert reached.mean() > 0.99
    assert (expected[reached] < 2**53).all()
    np.testing.assert_array_equal((found[reached] >> 32) * scale + (found[reached] & 0xFFFFFFFF), expected[reached])


@pytest.mark.parametrize("name", ["herrenberg", "heidelberg"])
def test_lengths_are_osmnx_and_networkx(name: str, tmp_path: Path) -> None:
    """Node-based shortest lengths without turns, every node from 15 of them, equal to a millionth.

    OSMnx reads the ways that a car may use, with their directions written out, so that only cutting, lengths and
    topology are compared, not access rules.
    """
    extract = extract_of(name)
    xml = tmp_path / "cars.osm"
    write_for_osmnx(extract, xml)
    theirs = ox.graph_from_xml(xml, simplify=False, retain_all=True)
    graph = cut_streets(extract, CAR).graph
    ours = shortest_lengths(graph.node_count, graph.tail, graph.head, graph.length_m)
    ids = graph.node_id.tolist()
    for start in np.random.default_rng(7).integers(0, graph.node_count, 15).tolist():
        lengths = nx.single_source_dijkstra_path_length(theirs, ids[start], weight="length")
        expected = np.array([lengths.get(node, np.inf) for node in ids])
        np.testing.assert_allclose(ours(start), expected, rtol=1e-6, atol=1e-6)


def write_for_osmnx(extract: OsmExtract, path: Path) -> None:
    """Write the ways that a car may use, with plain tags."""
    with osmium.SimpleWriter(str(path)) as writer:
        for index, node in enumerate(extract.node_id.tolist()):
            where = (float(extract.lon[index]), float(extract.lat[index]))
            writer.add_node(osmium.osm.mutable.Node(id=node, version=1, location=where, tags={}))
        for index, tags in enumerate(extract.way_tags):
            rule = way_rule(tags, CAR)
            refs = extract.way_nodes[extract.way_start[index] : extract.way_start[index + 1]]
            if rule is not None and (refs >= 0).all():
                oneway = "no" if rule.forward and rule.backward else "yes" if rule.forward else "-1"
                nodes = extract.node_id[refs].tolist()
                plain = {"highway": "residential", "oneway": oneway}
                way = osmium.osm.mutable.Way(id=int(extract.way_id[index]), version=1, nodes=nodes, tags=plain)
                writer.add_way(way)


def shortest_lengths(count: int, tail: np.ndarray, head: np.ndarray, length: np.ndarray):  # noqa: ANN201
    """Return a function that gives the lengths from one node to all; of parallel edges the shortest counts."""
    order = np.lexsort((length, head, tail))
    tail, head, length = tail[order], head[order], length[order]
    first = np.r_[True, (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])]
    matrix = csr_array((length[first], (tail[first], head[first])), shape=(count, count))
    return lambda start: dijkstra(matrix, indices=start)


@pytest.mark.parametrize("name", ["heidelberg", "milan"])
def test_turns_make_real_ways_longer(name: str) -> None:
    """Edge-based times lie some per cent above times without turn costs and bans."""
    network, rng = network_of(name), np.random.default_rng(8)
    sources, targets = random_kerbs(network, 30, rng), random_kerbs(network, 200, rng)
    seconds, _ = network.matrix(sources, targets, OFF_PEAK)
    graph, ms = network.graph, network.edge_milliseconds(OFF_PEAK)
    nodes = shortest_lengths(graph.node_count, graph.tail, graph.head, ms.astype(float))
    bare = np.array([nodes(int(graph.head[point.edges[0]])) for point in sources])
    s_rest = np.array([ms[p.edges[0]] * (1 - p.offsets[0] / graph.length_m[p.edges[0]]) for p in sources])
    t_part = np.array([ms[p.edges[0]] * p.offsets[0] / graph.length_m[p.edges[0]] for p in targets])
    without = (s_rest[:, None] + bare[:, graph.tail[[p.edges[0] for p in targets]]] + t_part) / 1000
    apart = np.array([[s.edges != t.edges for t in targets] for s in sources])
    ratio = seconds[apart] / without[apart]
    assert ratio.min() >= 1 - 1e-3
    assert 1.01 < np.median(ratio) < 1.35


@pytest.mark.parametrize("name", ["heidelberg", "milan"])
def test_bus_rules_change_real_networks(name: str) -> None:
    """A bus has contraflow lanes and gates of its own; a car's network is another one."""
    network = network_of(name)
    car = build_network(extract_of(name), vehicle=CAR)
    bus_edges, car_edges = (
        set(zip(g.node_id[g.tail].tolist(), g.node_id[g.head].tolist(), strict=True))
        for g in (network.graph, car.graph)
    )
    assert bus_edges - car_edges


@pytest.mark.parametrize("name", NAMES)
def test_real_maps_keep_to_the_rules(name: str) -> None:
    """No loop edge (pitfall 2), every edge connected, ferries off (7), warnings are sentences (6)."""
    network = network_of(name)
    graph, turns = network.graph, network.turns
    assert (graph.tail != graph.head).all()
    assert (graph.length_m >= 0).all()
    assert (np.diff(turns.first) > 0).all()
    assert not (graph.flags & 32).any()
    assert all(warning.endswith(".") for warning in network.warnings)
    two_way = graph.reverse >= 0
    np.testing.assert_array_equal(graph.reverse[graph.reverse[two_way]], np.flatnonzero(two_way))


@pytest.mark.parametrize("name", ["heidelberg", "milan"])
def test_real_paths_agree_with_the_matrix(name: str) -> None:
    network, rng = network_of(name), np.random.default_rng(9)
    sources, targets = random_kerbs(network, 10, rng), random_kerbs(network, 10, rng)
    seconds, metres = network.matrix(sources, targets, OFF_PEAK)
    for i, (source, target) in enumerate(zip(sources, targets, strict=True)):
        path = network.path(source, target, OFF_PEAK)
        assert (path.duration_s, path.distance_m) == (seconds[i, i], metres[i, i])


@pytest.mark.parametrize("name", NAMES)
def test_judging_all_real_ways_at_once_judges_each_alike(name: str) -> None:
    tags = extract_of(name).way_tags
    assert list(way_rules(tags, CAR)) == [way_rule(way, CAR) for way in tags]
