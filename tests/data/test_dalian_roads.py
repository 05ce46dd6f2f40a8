"""The committed extract: one connected network, drawn as OSM draws cities, dry-shod, with everything promised."""

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from data.dalian.make.plane import METRES_PER_LAT, to_plane
from tests.data.conftest import DALIAN, Extract

LARGEST_FILE = 5_000_000
SITE = (121.5255, 38.8635)  # Qixianling
KAIFAQU, JINZHOU, PULANDIAN = (121.7950, 39.0520), (121.7170, 39.1000), (121.9670, 39.3950)


class Streets:
    """The drivable network as arrays, by a reading of one-ways that knows nothing of the product."""

    def __init__(self, extract: Extract) -> None:
        ways = [(extract.way_nodes[w], extract.way_tags[w]) for w in extract.drivable()]
        self.ids = sorted({node for nodes, _ in ways for node in nodes})
        index = {node: k for k, node in enumerate(self.ids)}
        tail, head = [], []
        for nodes, tags in ways:
            line = [index[node] for node in nodes]
            tail += line[:-1]
            head += line[1:]
            if tags.get("oneway") != "yes":
                tail += line[1:]
                head += line[:-1]
        self.tail, self.head = np.array(tail), np.array(head)
        self.place = extract.plane(self.ids)

    def component(self, keep: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
        """Return the strong component of each node, when only the nodes to keep may be used."""
        both = keep[self.tail] & keep[self.head]
        count = len(self.ids)
        links = csr_array((np.ones(both.sum()), (self.tail[both], self.head[both])), shape=(count, count))
        label: npt.NDArray[np.int32] = connected_components(links, connection="strong")[1]
        return label

    def nearest(self, lon: float, lat: float) -> int:
        """Return the street node nearest to a place."""
        return int(cKDTree(self.place).query(to_plane(lon, lat))[1])


@pytest.fixture(scope="module")
def streets(extract: Extract) -> Streets:
    return Streets(extract)


@pytest.fixture(scope="module")
def main_component(streets: Streets) -> npt.NDArray[np.bool_]:
    label = streets.component(np.ones(len(streets.ids), dtype=bool))
    return np.asarray(label == np.bincount(label).argmax())


def tags_of(extract: Extract, key: str) -> Counter[str]:
    return Counter(tags[key] for tags in extract.way_tags.values() if key in tags)


def test_the_extract_is_small_enough_for_git() -> None:
    assert (DALIAN / "roads.osm.pbf").stat().st_size <= LARGEST_FILE


def test_everybody_can_drive_everywhere(main_component: npt.NDArray[np.bool_]) -> None:
    """More than 97 % was asked for; one-ways that trap somebody are opened, so it is all of them."""
    assert main_component.mean() > 0.999


def test_there_are_more_than_thirty_thousand_junctions_and_ends(
    streets: Streets, main_component: npt.NDArray[np.bool_]
) -> None:
    """Bends in between are not counted."""
    pairs = {(min(a, b), max(a, b)) for a, b in zip(streets.tail.tolist(), streets.head.tolist(), strict=True)}
    degree = Counter(node for pair in pairs for node in pair)
    junctions = sum(1 for node, count in degree.items() if count != 2 and main_component[node])
    assert 35_000 <= junctions <= 48_000


def test_every_road_class_is_there(extract: Extract) -> None:
    kinds = tags_of(extract, "highway")
    for kind, least in {
        "motorway": 60, "motorway_link": 30, "trunk": 60, "trunk_link": 15, "primary": 500, "secondary": 1000,
        "tertiary": 1000, "residential": 4000, "living_street": 3000, "service": 2000, "footway": 1500,
    }.items():  # fmt: skip
        assert kinds[kind] >= least, kind


def test_what_decides_on_buses_is_tagged(extract: Extract) -> None:
    """Bus lanes, contraflow, height limits below and above a coach, bridges, tunnels, roundabouts."""
    assert tags_of(extract, "busway:right")["lane"] > 50
    assert tags_of(extract, "oneway:bus")["no"] > 10
    assert set(tags_of(extract, "maxheight")) == {"2.8", "4.5"}
    assert tags_of(extract, "bridge")["yes"] > 60
    assert tags_of(extract, "tunnel")["yes"] > 5
    assert tags_of(extract, "junction")["roundabout"] >= 10


def test_main_roads_have_names_in_chinese_and_english(extract: Extract) -> None:
    for way in extract.drivable():
        tags = extract.way_tags[way]
        if tags["highway"] in {"motorway", "trunk", "primary"} and "junction" not in tags:
            assert tags["name"], way
            assert tags["name:en"].isascii() or "ü" in tags["name:en"]


def test_dual_carriageways_are_one_way_each(extract: Extract) -> None:
    """Every stretch of motorway, trunk or primary road is one-way, but for the gaps in the median."""
    for way in extract.drivable():
        tags = extract.way_tags[way]
        if tags["highway"] in {"motorway", "trunk", "primary"} and "lanes" in tags:
            assert tags["oneway"] == "yes", way


def test_expressways_meet_other_roads_by_ramps_alone(extract: Extract) -> None:
    """Inside a motorway's line no node belongs to a street: only to ramps and other expressways."""
    kinds: dict[int, set[str]] = defaultdict(set)
    ends: set[int] = set()
    for way in extract.drivable():
        nodes, kind = extract.way_nodes[way], extract.way_tags[way]["highway"]
        for node in nodes:
            kinds[node].add(kind)
        if kind == "motorway":
            ends |= {nodes[0], nodes[-1]}
    inside = {
        node
        for way in extract.drivable()
        if extract.way_tags[way]["highway"] == "motorway"
        for node in extract.way_nodes[way]
    } - ends
    expressway = {"motorway", "motorway_link", "trunk", "trunk_link"}
    assert all(kinds[node] <= expressway for node in inside)
    plain = {"residential", "living_street", "service", "tertiary", "unclassified"}
    touched = [node for node in ends if kinds[node] & plain]
    assert len(touched) <= 12  # where an expressway ends on a street


def test_nothing_drives_into_the_sea(extract: Extract) -> None:
    """Every road node on land, by the extract's own coastline, but for the bridge over Xinghai Bay."""
    shore = [w for w, tags in extract.way_tags.items() if tags.get("natural") == "coastline"]
    assert len(shore) == 1
    line = extract.plane(extract.way_nodes[shore[0]])
    corners = to_plane(np.array([122.5, 121.2]), np.array([39.8, 39.8]))
    land = shapely.Polygon(np.vstack([line, corners]))
    assert land.is_valid
    shapely.prepare(land)
    wet = Counter[str]()
    for way in extract.drivable():
        points = extract.plane(extract.way_nodes[way])
        if not shapely.contains_xy(land, points[:, 0], points[:, 1]).all():
            tags = extract.way_tags[way]
            wet[f"{tags.get('name')} bridge={tags.get('bridge')}"] += 1
    assert set(wet) <= {"星海湾大桥 bridge=yes"}


def test_land_lies_left_of_the_coastline(extract: Extract) -> None:
    """As OSM has it: the ring of coast and map edge runs counter-clockwise."""
    shore = next(w for w, tags in extract.way_tags.items() if tags.get("natural") == "coastline")
    line = extract.plane(extract.way_nodes[shore])
    assert shapely.LinearRing(line).is_ccw


def test_everybody_beyond_the_isthmus_must_pass_it(streets: Streets) -> None:
    """Without the streets in a belt across the isthmus, the north is cut off from the software parks."""
    x, y = streets.place[:, 0], streets.place[:, 1]
    south, east = to_plane(121.60, 39.023), to_plane(121.655, 39.0)
    belt = (y > south[1]) & (y < south[1] + 2_500) & (x < east[0] + 6_500) | (np.abs(x - east[0]) < 1_200)
    site = streets.nearest(*SITE)
    whole = streets.component(np.ones(len(streets.ids), dtype=bool))
    cut = streets.component(~belt)
    for lon, lat in (KAIFAQU, JINZHOU, PULANDIAN):
        here = streets.nearest(lon, lat)
        assert not belt[here]
        assert not belt[site]
        assert whole[here] == whole[site]
        assert cut[here] != cut[site]


def test_bus_stops_come_in_pairs_of_one_name(extract: Extract) -> None:
    """Two kerbs of a place have one name; two places never do."""
    stops = {n: t for n, t in extract.node_tags.items() if t.get("highway") == "bus_stop"}
    by_name = defaultdict(list)
    for node, tags in stops.items():
        by_name[tags["name"]].append(node)
    assert 3_000 <= len(stops) <= 6_000
    assert {len(nodes) for nodes in by_name.values()} == {2}
    for nodes in by_name.values():
        assert np.hypot(*np.diff(extract.plane(nodes), axis=0)[0]) < 90.0


def test_bus_stops_stand_on_the_right(extract: Extract) -> None:
    """Seen in driving direction of the nearest one-way main road, its stops are on the right-hand side."""
    lines, start = [], []
    for way in extract.drivable():
        tags = extract.way_tags[way]
        if tags["highway"] in {"primary", "secondary"} and tags.get("oneway") == "yes" and "lanes" in tags:
            points = extract.plane(extract.way_nodes[way])
            lines += [shapely.LineString(points[k : k + 2]) for k in range(len(points) - 1)]
            start += [points[k : k + 2] for k in range(len(points) - 1)]
    tree = shapely.STRtree(lines)
    stops = [n for n, t in extract.node_tags.items() if t.get("highway") == "bus_stop"]
    spots = extract.plane(stops)
    stop, line = tree.query_nearest(shapely.points(spots), max_distance=8.0, all_matches=False)
    right = 0
    for s, k in zip(stop.tolist(), line.tolist(), strict=True):
        one, two = start[k]
        step, aside = two - one, spots[s] - one
        right += bool(step[0] * aside[1] - step[1] * aside[0] < 0)
    assert len(stop) > 800
    assert right / len(stop) > 0.99


def test_signals_stand_on_the_way(extract: Extract) -> None:
    on_ways = {node for way in extract.drivable() for node in extract.way_nodes[way]}
    signals = [n for n, t in extract.node_tags.items() if t["highway"] == "traffic_signals"]
    assert 2_000 < len(signals) < 6_000
    assert set(signals) <= on_ways


def test_restrictions_are_complete_and_connected(extract: Extract) -> None:
    """From, via and to exist, and the ways end at the via node or touch the via way."""
    kinds: Counter[str] = Counter()
    exempt: Counter[str] = Counter()
    for tags, members in extract.restrictions:
        assert tags["type"] == "restriction"
        kinds[tags["restriction"]] += 1
        exempt[tags.get("except", "")] += 1
        role = {r: (t, ref) for t, ref, r in members}
        start, end = extract.way_nodes[role["from"][1]], extract.way_nodes[role["to"][1]]
        kind, via = role["via"]
        joints = {via} if kind == "n" else set(extract.way_nodes[via])
        assert start[-1] in joints
        assert end[0] in joints
    assert kinds["no_u_turn"] >= 100
    assert kinds["no_left_turn"] >= 50
    assert kinds["only_straight_on"] >= 10
    assert exempt["bus"] >= 20
    assert exempt["psv"] >= 10


def test_nobody_made_it_yesterday(extract: Extract) -> None:
    """The header is fixed text; nothing in the file tells when or where it was made."""
    head = (DALIAN / "roads.osm.pbf").read_bytes()[:200]
    assert b"banche synthetic Dalian" in head
    del extract


def test_coordinates_have_seven_digits_within_the_box(extract: Extract) -> None:
    place = np.array(list(extract.place.values()))
    assert place[:, 0].min() > 121.0
    assert place[:, 0].max() < 122.2
    assert place[:, 1].min() > 38.6
    assert place[:, 1].max() < 39.5
    assert np.allclose(place, np.round(place, 7), atol=1e-9)


def test_streets_keep_their_distance_in_the_north(streets: Streets) -> None:
    """Pulandian is where it should be: about 59 km north-north-east of the centre."""
    here = streets.place[streets.nearest(*PULANDIAN)]
    assert abs(here[1] - (PULANDIAN[1] - 39.0) * METRES_PER_LAT) < 300.0


def test_the_inputs_are_facts_beside_the_script() -> None:
    """The product needs no folder beside the repository."""
    make = DALIAN / "make"
    assert {p.name for p in (make / "inputs").iterdir()} == {"places.csv", "roads.csv", "coast.csv", "hills.csv"}
    assert not any("shared" in p.read_text("utf-8") for p in sorted(Path(make).glob("*.py")))


def test_no_expressway_ends_in_a_field(extract: Extract) -> None:
    """Where the two carriageways of a motorway or trunk road come together, another street goes on."""
    users: Counter[int] = Counter()
    into: dict[int, int] = {}
    out: dict[int, int] = {}
    for way in extract.drivable():
        nodes = extract.way_nodes[way]
        users.update(set(nodes))
        if extract.way_tags[way]["highway"] in {"motorway", "trunk"}:
            into[nodes[-1]], out[nodes[0]] = way, way
    for node in sorted(set(into) & set(out)):
        arriving = np.diff(extract.plane(extract.way_nodes[into[node]][-2:]), axis=0)[0]
        leaving = np.diff(extract.plane(extract.way_nodes[out[node]][:2]), axis=0)[0]
        turns_back = arriving @ leaving < 0
        assert users[node] > 2 or not turns_back, extract.place[node]


def test_streets_that_cross_meet(extract: Extract) -> None:
    """Two roads on one level that cross share a node there; a few dozen oddities among 76,000 nodes are let pass."""
    segments, ends, layers = [], [], []
    for way in extract.drivable():
        nodes = extract.way_nodes[way]
        points = extract.plane(nodes)
        segments += [points[k : k + 2] for k in range(len(nodes) - 1)]
        ends += [{nodes[k], nodes[k + 1]} for k in range(len(nodes) - 1)]
        layers += [extract.way_tags[way].get("layer", "0")] * (len(nodes) - 1)
    assert np.hypot(*np.diff(np.array(segments), axis=1)[:, 0].T).min() > 0.5  # nothing without a length
    lines = np.asarray(shapely.linestrings(np.array(segments)))
    one, two = shapely.STRtree(lines).query(lines, predicate="intersects")
    pairs = zip(one.tolist(), two.tolist(), strict=True)
    apart = sum(1 for a, b in pairs if a < b and layers[a] == layers[b] and not ends[a] & ends[b])
    assert apart < 100
