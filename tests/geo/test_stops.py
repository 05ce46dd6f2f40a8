"""Candidate stops: sources, places, ids that last, the table's and the plan's say, and a choice for every home."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from routing.errors import InputError
from routing.geo.kerbs import locate
from routing.geo.network import RoadNetwork, build_network
from routing.geo.osm import OsmExtract, read_osm
from routing.geo.signs import is_bus_stop, kerb_at
from routing.geo.sphere import LocalPlane, distance_m
from routing.geo.stops import FORBIDDEN_M, PLACES_PER_HOME, SLACK_M, CandidateStop, KeptStop, TableStop, candidate_stops
from routing.geo.walking import WalkNetwork
from routing.model.places import StopStatus

Draw = Callable[..., OsmExtract]
SHARED = Path(__file__).parents[2] / ".." / "shared"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="needs the real extracts beside the repository")

BLOCK_M = 200.0
SIZE = 7
PINNED, FORBIDDEN = StopStatus.PINNED, StopStatus.FORBIDDEN


class Town(NamedTuple):
    """Everything that `candidate_stops` asks of the roads."""

    network: RoadNetwork
    extract: OsmExtract
    walk: WalkNetwork
    plane: LocalPlane

    def stops(self, homes: object, max_walk_m: object = 500, **kwargs: object) -> tuple[CandidateStop, ...]:
        """Choose stops for homes given in metres."""
        lon, lat = self.plane.to_lonlat(*np.array(homes, dtype=float).reshape(-1, 2).T)
        options = {"homes_lon": lon, "homes_lat": lat, "walk": self.walk, "max_walk_m": max_walk_m}
        return candidate_stops(self.network, self.extract, **(options | kwargs))

    def row(
        self, stop_id: str, x: float, y: float, name: str = "", status: StopStatus = StopStatus.ALLOWED
    ) -> TableStop:
        """Write a row of the stops table at a point in metres."""
        lon, lat = self.plane.to_lonlat(x, y)
        return TableStop(stop_id=stop_id, name=name, lon=float(lon), lat=float(lat), status=status, row=7)

    def xy(self, stop: CandidateStop) -> tuple[float, float]:
        """Return where riders wait, in metres."""
        x, y = self.plane.to_xy(stop.lon, stop.lat)
        return float(x), float(y)


def node(column: int, row: int) -> int:
    """Return the number of a junction of the grid."""
    return 100 + row * SIZE + column


@pytest.fixture(scope="module")
def town(draw: Draw, plane: LocalPlane) -> Town:
    """Draw a grid of 200 m blocks: even rows are avenues (tertiary), the rest streets; three signed bus stops."""
    nodes = {node(c, r): (c * BLOCK_M, r * BLOCK_M) for c in range(SIZE) for r in range(SIZE)}
    signs = {1: (300, -5), 2: (340, 5), 3: (905, 405), 4: (500, 800)}
    names = {1: "Town Hall", 2: "Town Hall", 3: "Market", 4: "Tram Loop"}
    ways = []
    for k in range(SIZE):
        avenue = {"highway": "tertiary", "name": f"Avenue {k}"}
        street = {"highway": "residential", "name": f"Street {k}"}
        ways.append(
            (10 + k, [node(c, k) for c in range(SIZE)], avenue if k % 2 == 0 else street | {"name": f"Lane {k}"})
        )
        ways.append((30 + k, [node(k, r) for r in range(SIZE)], street))
    tags = {i: {"highway": "bus_stop", "name": name} for i, name in names.items()}
    tags[4] = {"public_transport": "platform", "tram": "yes", "name": "Tram Loop"}
    extract = draw(nodes | signs, ways, tags)
    return Town(build_network(extract), extract, WalkNetwork.from_extract(extract), plane)


@pytest.fixture(scope="module")
def homes() -> np.ndarray:
    """Spread 150 homes over the grid, beside its streets."""
    return np.random.default_rng(6).uniform(0, (SIZE - 1) * BLOCK_M, (150, 2))


def places(stops: tuple[CandidateStop, ...]) -> dict[str, list[CandidateStop]]:
    """Group stops by place."""
    found = defaultdict(list)
    for stop in stops:
        found[stop.place_id].append(stop)
    return found


def by_id(stops: tuple[CandidateStop, ...]) -> dict[str, CandidateStop]:
    """Index stops by id."""
    return {stop.stop_id: stop for stop in stops}


def as_kept(stop: CandidateStop) -> KeptStop:
    """Turn a candidate into a stop of a plan."""
    return KeptStop(stop_id=stop.stop_id, place_id=stop.place_id, name=stop.name, lon=stop.lon, lat=stop.lat)


def check_rules(stops: tuple[CandidateStop, ...], network: RoadNetwork, longest_m: float = 125.0) -> None:
    """Check what holds for any set of candidates."""
    assert len({stop.stop_id for stop in stops}) == len(stops)
    names = Counter(members[0].name for members in places(stops).values())
    assert max(names.values(), default=1) == 1
    for members in places(stops).values():
        assert len(members) <= 2
        assert len({stop.name for stop in members}) == 1
        if len(members) == 2:
            edges, offsets = zip(*((s.point.edges[0], s.point.offsets[0]) for s in members), strict=True)
            heading = locate(network.graph, edges, offsets)[2]
            assert np.cos(heading[0] - heading[1]) < -0.4
            a, b = members
            assert distance_m(a.lon, a.lat, b.lon, b.lat) <= longest_m
    for stop in stops:
        assert len(stop.point.edges) == 1
        assert 0 <= stop.point.offsets[0] <= network.graph.length_m[stop.point.edges[0]]


def test_every_home_has_its_choice(town: Town, homes: np.ndarray) -> None:
    """One place hardly farther than the nearest that exists, and several in all."""
    stops = town.stops(homes)
    check_rules(stops, town.network)
    everything = town.stops(homes, places_per_home=1_000)
    lon, lat = town.plane.to_lonlat(*homes.T)
    tables = [
        town.walk.reach(lon, lat, [s.lon for s in found], [s.lat for s in found], 500) for found in (stops, everything)
    ]
    for home in range(len(homes)):
        (kept, near), (_, best) = (table.row(home) for table in tables)
        assert near[0] <= best[0] + SLACK_M
        assert len({stops[i].place_id for i in kept}) >= PLACES_PER_HOME
    assert len(stops) < 0.7 * len(everything)


def test_signed_stops_keep_their_names_and_node_ids(town: Town, homes: np.ndarray) -> None:
    """Both sides of Town Hall are one place; Market gains the kerb across; the tram's platform is none of ours."""
    stops = by_id(town.stops(homes))
    assert stops["n1"].place_id == stops["n2"].place_id == "p-n1"
    assert {stops["n1"].name, stops["n2"].name} == {"Town Hall"}
    assert stops["n3"].source == "bus_stop"
    assert (stops["n3.r"].place_id, stops["n3.r"].name, stops["n3.r"].source) == ("p-n3", "Market", "kerb")
    assert not {stop for stop in stops if stop.startswith("n4")}


def test_signs_lie_on_the_edge_that_passes_on_their_side(town: Town, homes: np.ndarray) -> None:
    """South of an avenue the bus goes east, north of it west, and riders wait where the sign stands."""
    stops = by_id(town.stops(homes))
    graph = town.network.graph
    for stop_id, tail, head in (("n1", node(1, 0), node(2, 0)), ("n2", node(2, 0), node(1, 0))):
        edge = stops[stop_id].point.edges[0]
        assert (graph.node_id[graph.tail[edge]], graph.node_id[graph.head[edge]]) == (tail, head)
    assert town.xy(stops["n1"]) == pytest.approx((300, -5), abs=0.1)


def test_kerb_ids_name_way_and_nodes(town: Town, homes: np.ndarray) -> None:
    """A kerb between two junctions is called after them, and its name is its street and a crossing street."""
    stops = by_id(town.stops(homes, places_per_home=1_000))
    middle = stops[f"w12.{node(2, 2)}.{node(3, 2)}"]
    assert middle.source == "kerb"
    assert middle.name.startswith("Avenue 2 / Street ")
    assert stops[f"w12.{node(3, 2)}.{node(2, 2)}"].place_id == middle.place_id
    assert town.xy(middle) == pytest.approx((500, 396), abs=0.5)


def test_ids_places_and_points_do_not_depend_on_the_riders(town: Town, homes: np.ndarray) -> None:
    """Two halves of the riders get the same stops where they get them at all."""
    halves = [by_id(town.stops(part)) for part in (homes[:75], homes[75:])]
    shared = halves[0].keys() & halves[1].keys()
    assert len(shared) > 10
    for stop_id in shared:
        one, other = halves[0][stop_id], halves[1][stop_id]
        assert (one.place_id, one.lon, one.lat, one.point) == (other.place_id, other.lon, other.lat, other.point)


def test_the_same_question_has_the_same_answer(town: Town, homes: np.ndarray) -> None:
    """Nothing depends on chance or on the order of a set."""
    assert town.stops(homes) == town.stops(homes)


def test_a_home_with_a_short_walk_gets_a_place_within_it(town: Town) -> None:
    """One rider of two may walk 150 m only: a place within 150 m stays for them."""
    pair = [(600, 300), (620, 310)]
    stops = town.stops(pair, np.array([800, 150]), places_per_home=1, slack_m=500)
    lon, lat = town.plane.to_lonlat(620, 310)
    table = town.walk.reach(lon, lat, [s.lon for s in stops], [s.lat for s in stops], 150)
    assert len(table.metres) >= 1


def test_table_rows_are_snapped_named_and_paired(town: Town, homes: np.ndarray) -> None:
    """Two rows of one name on opposite sides are one place under the table's ids."""
    rows = [town.row("T1", 480, 795, "Library"), town.row("T2", 520, 805, "Library")]
    stops = by_id(town.stops(homes, table_stops=rows, places_per_home=1_000))
    assert stops["T1"].source == "table"
    assert stops["T1"].place_id == stops["T2"].place_id == "p-T1"
    assert stops["T1"].name == "Library"


def test_a_table_row_stands_for_the_bus_stop_it_lies_at(town: Town, homes: np.ndarray) -> None:
    """A row 15 m along from a sign replaces it, and takes over its partner of the same name."""
    stops = by_id(town.stops(homes, table_stops=[town.row("T1", 315, -5, "Town Hall")]))
    assert "n1" not in stops
    assert stops["T1"].place_id == stops["n2"].place_id


def test_pinned_rows_stay_even_where_nobody_lives(town: Town) -> None:
    """A pinned stop a kilometre from every home is a candidate, and says that it is pinned."""
    stops = by_id(town.stops([(0, 0)], table_stops=[town.row("T1", 1_100, 1_195, "Depot", PINNED)]))
    assert stops["T1"].status is PINNED
    assert stops["T1.r"].status is StopStatus.ALLOWED
    assert "T1" not in by_id(town.stops([(0, 0)], table_stops=[town.row("T1", 1_100, 1_195, "Depot")]))


def test_forbidden_rows_remove_their_place_by_id_or_by_distance(town: Town, homes: np.ndarray) -> None:
    """Both kerbs go, whichever of them the row names or lies at; the next place stays."""
    before = by_id(town.stops(homes))
    x, y = town.xy(before["n3"])
    by_name = town.row("n3", 0, 0, status=FORBIDDEN)
    by_place = town.row("anything", x + FORBIDDEN_M - 5, y, status=FORBIDDEN)
    elsewhere = town.row("anything", x + FORBIDDEN_M + 45, y, status=FORBIDDEN)
    for row, gone in ((by_name, True), (by_place, True), (elsewhere, False)):
        after = by_id(town.stops(homes, table_stops=[row]))
        assert ("n3" not in after, "n3.r" not in after) == (gone, gone)
        assert "n1" in after


def test_a_row_off_the_roads_is_a_fault_with_its_line(town: Town, homes: np.ndarray) -> None:
    """Every such row is reported at once; a forbidden one may lie anywhere."""
    rows = [
        town.row("T1", 300, 900, "Lake"),
        town.row("T2", -900, 0, "Sea"),
        town.row("T3", -900, 0, status=FORBIDDEN),
        town.row("T4", 300, 5, "Fine"),
    ]
    with pytest.raises(InputError) as caught:
        town.stops(homes, table_stops=rows)
    found = [(fault.code, fault.value, fault.row, fault.file) for fault in caught.value.faults]
    assert found == [("stop_off_road", "T1", 7, "stops.csv"), ("stop_off_road", "T2", 7, "stops.csv")]


def test_kept_stops_come_back_with_ids_names_and_kerbs(town: Town, homes: np.ndarray) -> None:
    """Whatever the new riders: every stop of the old plan is there, at the same kerb, under the same names."""
    old = town.stops(homes[:40])
    new = by_id(town.stops(homes[40:], keep=[as_kept(stop) for stop in old]))
    for stop in old:
        again = new[stop.stop_id]
        assert (again.place_id, again.name, again.point) == (stop.place_id, stop.name, stop.point)
    check_rules(tuple(new.values()), town.network)


def test_one_kept_kerb_brings_the_other_side_along(town: Town) -> None:
    """The plan used one kerb of the place; the other stays available for the way back."""
    old = by_id(town.stops([(500, 400)], places_per_home=9))
    stop = old[f"w12.{node(2, 2)}.{node(3, 2)}"]
    new = town.stops([(1_200, 1_200)], keep=[as_kept(stop)])
    assert {s.stop_id for s in places(new)[stop.place_id]} == {stop.stop_id, f"w12.{node(3, 2)}.{node(2, 2)}"}


def test_a_kept_stop_under_a_foreign_id_is_snapped_at_its_coordinates(town: Town, homes: np.ndarray) -> None:
    """A stop of somebody else's plan keeps its id, place and name, gains its kerb across, and drops its double."""
    lon, lat = town.plane.to_lonlat(510, 396)
    kept = KeptStop(stop_id="X9", place_id="PX", name="East Gate", lon=float(lon), lat=float(lat))
    stops = by_id(town.stops(homes, keep=[kept], places_per_home=1_000))
    assert (stops["X9"].source, stops["X9"].place_id, stops["X9"].name) == ("plan", "PX", "East Gate")
    assert stops["X9.r"].place_id == "PX"
    assert town.xy(stops["X9"]) == pytest.approx((510, 396), abs=0.1)
    assert f"w12.{node(2, 2)}.{node(3, 2)}" not in stops
    check_rules(tuple(stops.values()), town.network)


def test_a_known_id_far_from_its_old_coordinates_follows_the_coordinates(town: Town, homes: np.ndarray) -> None:
    """An id that means another kerb in a newer extract is not trusted over where the stop was."""
    stop = by_id(town.stops(homes))["n3"]
    lon, lat = town.plane.to_lonlat(300, 795)
    moved = replace(as_kept(stop), lon=float(lon), lat=float(lat))
    again = by_id(town.stops(homes, keep=[moved]))["n3"]
    assert town.xy(again) == pytest.approx((300, 795), abs=0.5)
    assert again.source == "plan"


def test_a_kept_stop_off_the_roads_is_named(town: Town, homes: np.ndarray) -> None:
    """The road was torn down: the plan cannot be kept as it is, and the error says which stop."""
    lon, lat = town.plane.to_lonlat(-900, 0)
    kept = KeptStop(stop_id="X9", place_id="PX", name="Pier", lon=float(lon), lat=float(lat))
    with pytest.raises(InputError, match="X9"):
        town.stops(homes, keep=[kept])


def test_a_kept_stop_that_is_forbidden_by_now_says_so(town: Town, homes: np.ndarray) -> None:
    """It must be known, to be judged, and must not be used: status forbidden, and no kerb across is added."""
    old = by_id(town.stops(homes))
    row = town.row("n3", 0, 0, status=FORBIDDEN)
    new = by_id(town.stops(homes, keep=[as_kept(old["n3"])], table_stops=[row]))
    assert new["n3"].status is FORBIDDEN
    assert "n3.r" not in new


def test_nobody_lives_here(town: Town) -> None:
    """Without homes there are no candidates but the pinned and the kept."""
    assert town.stops([]) == ()
    assert by_id(town.stops([], table_stops=[town.row("T1", 300, 795, "Depot", PINNED)])).keys() == {"T1", "T1.r"}


def dual_town(draw: Draw, plane: LocalPlane, *, bridge: bool) -> Town:
    """Draw two six-lane carriageways 1.6 km long, joined for walkers near the middle if there is a bridge."""
    nodes = {1: (-800, 20), 2: (800, 20), 3: (-800, 0), 4: (800, 0), 5: (-1_000, 10), 6: (1_000, 10)}
    nodes |= {7: (100, 20), 8: (100, 0)}
    oneway = {"highway": "primary", "lanes": "6", "oneway": "yes", "name": "Ring"}
    street = {"highway": "residential"}
    ways = [(20, [2, 7, 1], oneway), (21, [3, 8, 4], oneway), (22, [1, 5, 3], street), (23, [4, 6, 2], street)]
    if bridge:
        ways.append((30, [7, 8], {"highway": "footway"}))
    extract = draw(nodes, ways, {7: {"highway": "crossing"}, 8: {"highway": "crossing"}} if bridge else {})
    return Town(build_network(extract), extract, WalkNetwork.from_extract(extract), plane)


@pytest.mark.parametrize("bridge", [True, False])
def test_carriageways_are_one_place_only_where_a_short_walk_joins_them(
    draw: Draw, plane: LocalPlane, bridge: bool
) -> None:
    """Near the zebra the two kerbs are one place; with none for 800 m they are two."""
    town = dual_town(draw, plane, bridge=bridge)
    stops = town.stops([(80, 40), (80, -20)], 900, places_per_home=50)
    kerbs = [stop for stop in stops if abs(town.xy(stop)[0]) < 300 and stop.stop_id.startswith(("w20.", "w21."))]
    shared = [members for members in places(tuple(kerbs)).values() if len(members) == 2]
    assert kerbs
    assert bool(shared) is bridge


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "bus_stop"}, True),
        ({"highway": "bus_stop", "bus": "no"}, False),
        ({"public_transport": "platform", "bus": "yes"}, True),
        ({"public_transport": "platform", "tram": "yes"}, False),
        ({"public_transport": "platform"}, False),
        ({"public_transport": "stop_position", "bus": "yes"}, False),
        ({"highway": "crossing"}, False),
    ],
)
def test_which_nodes_are_bus_stops(tags: dict[str, str], expected: bool) -> None:
    """Poles and bus platforms; not trams, nor the spot on the road where the bus halts."""
    assert is_bus_stop(tags) is expected


def test_a_sign_on_the_wrong_side_or_on_the_road_waits_on_the_pavement(town: Town) -> None:
    """The point itself where it lies beside the bus, else 4 m off the middle of the road on the driving side."""
    for y, expected in ((-6.0, -6.0), (0.0, -4.0)):
        lon, lat = town.plane.to_lonlat(300, y)
        kerb = kerb_at(town.network, "s", "", float(lon), float(lat), "table", 40.0)
        assert kerb is not None
        assert float(town.plane.to_xy(kerb.lon, kerb.lat)[1]) == pytest.approx(expected, abs=0.1)
    lon, lat = town.plane.to_lonlat(300, 100)
    assert kerb_at(town.network, "s", "", float(lon), float(lat), "table", 40.0) is None


@needs_shared
@pytest.mark.parametrize("city", ["herrenberg", "heidelberg"])
def test_real_extracts_keep_the_rules_and_the_plan(city: str) -> None:
    """On real streets: one stop per direction, unique names, homes with a choice, and a plan that comes back."""
    extract = read_osm(SHARED / "osm" / f"{city}.osm.pbf")
    network, walk = build_network(extract), WalkNetwork.from_extract(extract)
    graph, rng = network.graph, np.random.default_rng(9)
    at = rng.integers(0, graph.node_count, 300)
    lon, lat = graph.node_lon[at] + rng.normal(0, 3e-4, 300), graph.node_lat[at] + rng.normal(0, 3e-4, 300)
    options = {"walk": walk, "max_walk_m": 800}
    first = candidate_stops(network, extract, homes_lon=lon[:150], homes_lat=lat[:150], **options)
    check_rules(first, network, 140.0)
    table = walk.reach(lon[:150], lat[:150], [s.lon for s in first], [s.lat for s in first], 800)
    assert np.mean(np.diff(table.start) > 0) > 0.95
    assert any(stop.source == "bus_stop" for stop in first)
    keep = [as_kept(stop) for stop in first]
    second = by_id(candidate_stops(network, extract, homes_lon=lon[150:], homes_lat=lat[150:], keep=keep, **options))
    for stop in first:
        again = second[stop.stop_id]
        assert (again.place_id, again.name, again.point) == (stop.place_id, stop.name, stop.point)
    check_rules(tuple(second.values()), network, 140.0)
