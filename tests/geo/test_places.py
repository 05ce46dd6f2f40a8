"""Places: which kerbs riders know by one name, and what they call it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from routing.geo.graph import DriveGraph
from routing.geo.kerbs import Kerb, StreetPositions, locate, pavement, street_positions
from routing.geo.names import name_places
from routing.geo.network import build_network
from routing.geo.osm import OsmExtract
from routing.geo.places import KerbPlace, across, beside_signed, group, make_place, split, street_kerbs
from routing.geo.sphere import LocalPlane

Draw = Callable[..., OsmExtract]
MAIN = {"highway": "tertiary", "name": "Main Street"}
HOME = {"highway": "residential", "name": "Home Street"}
NOWHERE = StreetPositions(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64))


def main_street(draw: Draw, tags: dict[str, str] = MAIN) -> OsmExtract:
    """Draw Main Street, 400 m from node 1 east to node 2, between dead ends, closed by Home Street to the north."""
    nodes = {1: (0, 0), 2: (400, 0), 3: (0, 300), 4: (400, 300), 5: (-200, 0), 6: (600, 0)}
    return draw(nodes, [(10, [1, 2], tags), (11, [1, 3, 4, 2], HOME), (12, [5, 1], HOME), (13, [2, 6], HOME)])


def dual(draw: Draw, gap_m: float = 20.0, south_name: str = "Main Street") -> OsmExtract:
    """Draw two one-way carriageways: way 20 westbound to the north, way 21 eastbound to the south."""
    nodes = {1: (0, gap_m), 2: (400, gap_m), 3: (0, 0), 4: (400, 0), 5: (-300, 0), 6: (700, 0)}
    oneway = MAIN | {"oneway": "yes"}
    ways = [
        (20, [2, 1], oneway),
        (21, [3, 4], oneway | {"name": south_name}),
        (22, [1, 3], HOME),
        (23, [4, 2], HOME),
        (24, [3, 5, 1], HOME),
        (25, [4, 6, 2], HOME),
    ]
    return draw(nodes, ways)


def graph_of(extract: OsmExtract) -> DriveGraph:
    """Build the drive graph of a drawn town."""
    return build_network(extract).graph


def edge_of(graph: DriveGraph, way: int, tail: int, head: int) -> int:
    """Find the directed edge of a way between two OSM nodes."""
    ends = (graph.node_id[graph.tail] == tail) & (graph.node_id[graph.head] == head)
    return int(np.flatnonzero((graph.way_id[graph.way] == way) & ends)[0])


def sign(graph: DriveGraph, edge: int, offset: float, name: str, stop_id: str) -> Kerb:
    """Put a bus stop at a kerb."""
    lon, lat, heading = locate(graph, [edge], [offset])
    lon, lat = pavement(lon, lat, heading, "right")
    return Kerb(
        stop_id=stop_id,
        edge=edge,
        offset=offset,
        lon=float(lon[0]),
        lat=float(lat[0]),
        heading=float(heading[0]),
        name=name,
        source="bus_stop",
    )


def all_positions(extract: OsmExtract, graph: DriveGraph, plane: LocalPlane) -> StreetPositions:
    """Find every street position of a town."""
    return street_positions(graph, extract, cKDTree([[0.0, 0.0]]), plane, 1e6)


def ids(places: tuple[KerbPlace, ...]) -> set[frozenset[str]]:
    """Return which stops share places."""
    return {frozenset(kerb.stop_id for kerb in place.kerbs) for place in places}


def test_the_two_kerbs_of_a_street_are_one_place(draw: Draw, plane: LocalPlane) -> None:
    """Opposite directions of one street, at the same point of it, across from each other."""
    town = main_street(draw)
    graph = graph_of(town)
    places = group(graph, (), all_positions(town, graph, plane), plane, "right")
    assert ids(places) >= {frozenset({"w10.1.2", "w10.2.1"})}
    place = next(place for place in places if place.kerbs[0].stop_id == "w10.1.2")
    assert place.place_id == "p-w10.1.2"
    east, west = place.kerbs
    assert graph.reverse[east.edge] == west.edge
    assert east.offset == pytest.approx(400 - west.offset, abs=0.5)
    assert (east.lat, west.lat) == pytest.approx((38.9 - 3.6e-5, 38.9 + 3.6e-5), abs=2e-6)


def test_in_a_country_that_drives_on_the_left_riders_wait_on_the_left(draw: Draw, plane: LocalPlane) -> None:
    """The eastbound kerb lies north of the street."""
    town = main_street(draw)
    graph = graph_of(town)
    places = group(graph, (), all_positions(town, graph, plane), plane, "left")
    east = next(kerb for place in places for kerb in place.kerbs if kerb.stop_id == "w10.1.2")
    assert east.lat > 38.9


def test_two_carriageways_of_one_name_make_one_place(draw: Draw, plane: LocalPlane) -> None:
    """The westbound and the eastbound kerb, 20 m apart, belong together."""
    town = dual(draw)
    graph = graph_of(town)
    places = group(graph, (), all_positions(town, graph, plane), plane, "right")
    assert frozenset({"w20.2.1", "w21.3.4"}) in ids(places)


@pytest.mark.parametrize(("gap_m", "name"), [(20.0, "Other Road"), (150.0, "Main Street")])
def test_carriageways_of_other_names_or_far_apart_are_places_of_one_stop(
    draw: Draw, plane: LocalPlane, gap_m: float, name: str
) -> None:
    """Two one-way streets that merely run side by side do not share a place."""
    town = dual(draw, gap_m, name)
    graph = graph_of(town)
    found = ids(group(graph, (), all_positions(town, graph, plane), plane, "right"))
    assert {frozenset({"w20.2.1"}), frozenset({"w21.3.4"})} <= found


def test_carriageways_the_wrong_way_round_do_not_pair(draw: Draw, plane: LocalPlane) -> None:
    """Where one drives on the left, the same two streets have their kerbs on the inside: no dual carriageway."""
    town = dual(draw)
    graph = graph_of(town)
    assert frozenset({"w20.2.1"}) in ids(group(graph, (), all_positions(town, graph, plane), plane, "left"))


def test_bus_stops_of_one_name_on_both_sides_are_one_place(draw: Draw, plane: LocalPlane) -> None:
    """80 m along the street between them, same name: one place; its id comes from the first stop's."""
    graph = graph_of(main_street(draw))
    there = sign(graph, edge_of(graph, 10, 1, 2), 150.0, "Town Hall", "n1")
    back = sign(graph, edge_of(graph, 10, 2, 1), 400.0 - 230.0, "Town Hall", "n2")
    (place,) = group(graph, (there, back), NOWHERE, plane, "right")
    assert (place.place_id, place.name) == ("p-n1", "Town Hall")
    assert [kerb.stop_id for kerb in place.kerbs] == ["n1", "n2"]


def test_bus_stops_of_two_names_are_two_places_each_with_its_kerb_across(draw: Draw, plane: LocalPlane) -> None:
    """Different names never merge; each sign gains the kerb across the street for the way home."""
    graph = graph_of(main_street(draw))
    there = sign(graph, edge_of(graph, 10, 1, 2), 150.0, "Town Hall", "n1")
    back = sign(graph, edge_of(graph, 10, 2, 1), 170.0, "Market", "n2")
    assert ids(group(graph, (there, back), NOWHERE, plane, "right")) == {
        frozenset({"n1", "n1.r"}),
        frozenset({"n2", "n2.r"}),
    }


def test_a_nameless_bus_stop_pairs_only_when_close(draw: Draw, plane: LocalPlane) -> None:
    """Nameless stops 20 m apart are one place, 100 m apart two."""
    graph = graph_of(main_street(draw))
    there = sign(graph, edge_of(graph, 10, 1, 2), 150.0, "", "n1")
    near = sign(graph, edge_of(graph, 10, 2, 1), 400.0 - 170.0, "Town Hall", "n2")
    far = replace(sign(graph, edge_of(graph, 10, 2, 1), 400.0 - 250.0, "", "n3"), name="")
    assert ids(group(graph, (there, near), NOWHERE, plane, "right")) == {frozenset({"n1", "n2"})}
    assert len(group(graph, (there, far), NOWHERE, plane, "right")) == 2


def test_of_three_stops_of_one_name_the_nearest_two_pair(draw: Draw, plane: LocalPlane) -> None:
    """A place has one stop per direction: the third stop becomes a place of its own."""
    graph = graph_of(main_street(draw))
    there = sign(graph, edge_of(graph, 10, 1, 2), 150.0, "Station", "n1")
    near = sign(graph, edge_of(graph, 10, 2, 1), 400.0 - 160.0, "Station", "n2")
    far = sign(graph, edge_of(graph, 10, 2, 1), 400.0 - 230.0, "Station", "n3")
    places = group(graph, (there, near, far), NOWHERE, plane, "right")
    assert ids(places) == {frozenset({"n1", "n2"}), frozenset({"n3", "n3.r"})}
    for place in places:
        assert np.cos(place.kerbs[0].heading - place.kerbs[1].heading) < -0.9


def test_a_bus_stop_on_one_carriageway_takes_the_other_carriageways_kerb(draw: Draw, plane: LocalPlane) -> None:
    """A sign stands only westbound: the eastbound kerb of the same name across joins its place."""
    town = dual(draw)
    graph = graph_of(town)
    west = sign(graph, edge_of(graph, 20, 2, 1), 190.0, "Town Hall", "n1")
    places = group(graph, (west,), all_positions(town, graph, plane), plane, "right")
    assert frozenset({"n1", "w21.3.4"}) in ids(places)
    assert next(place for place in places if place.kerbs[0].stop_id == "n1").name == "Town Hall"


def test_a_bus_stop_on_a_lonely_one_way_street_stays_alone(draw: Draw, plane: LocalPlane) -> None:
    """No kerb across, no second stop invented."""
    graph = graph_of(dual(draw, 150.0))
    west = sign(graph, edge_of(graph, 20, 2, 1), 190.0, "Town Hall", "n1")
    assert ids(group(graph, (west,), NOWHERE, plane, "right")) == {frozenset({"n1"})}


def test_a_kerb_beside_a_bus_stop_of_its_street_is_dropped(draw: Draw, plane: LocalPlane) -> None:
    """The nameless kerb 10 m from the sign adds nothing; that of another street stays."""
    town = main_street(draw)
    graph = graph_of(town)
    there = sign(graph, edge_of(graph, 10, 1, 2), 190.0, "Town Hall", "n1")
    found = ids(group(graph, (there,), all_positions(town, graph, plane), plane, "right"))
    assert frozenset({"w10.1.2", "w10.2.1"}) not in found
    assert any("w11.1.2" in stop for place in found for stop in place)


def test_beside_signed_with_nothing_to_compare(draw: Draw, plane: LocalPlane) -> None:
    """No signs, or no places: nothing is dropped."""
    graph = graph_of(main_street(draw))
    place = make_place([sign(graph, 0, 50.0, "", "n1")])
    assert beside_signed(graph, [], [place], plane) == (place,)
    assert beside_signed(graph, [place], [], plane) == ()


def test_the_kerb_across_mirrors_offset_side_and_heading(draw: Draw) -> None:
    """Across from 150 m eastbound lies 250 m westbound, on the other pavement; a one-way street has none."""
    graph = graph_of(main_street(draw))
    there = sign(graph, edge_of(graph, 10, 1, 2), 150.0, "Town Hall", "n1")
    back = across(graph, there, "right")
    assert back is not None
    assert (back.stop_id, back.source, back.name) == ("n1.r", "kerb", "Town Hall")
    assert back.offset == pytest.approx(250.0, abs=0.5)
    assert back.lat > 38.9 > there.lat
    oneway = graph_of(dual(draw))
    assert across(oneway, sign(oneway, edge_of(oneway, 20, 2, 1), 100.0, "", "n2"), "right") is None


def test_split_makes_places_of_their_own(draw: Draw) -> None:
    """Each kerb keeps its id and gets a place named after it."""
    graph = graph_of(main_street(draw))
    kerbs = [sign(graph, edge_of(graph, 10, a, b), 100.0, "Town Hall", f"n{a}") for a, b in ((1, 2), (2, 1))]
    assert [place.place_id for place in split(make_place(kerbs))] == ["p-n1", "p-n2"]


def street_place(graph: DriveGraph, edge: int, offset: float) -> KerbPlace:
    """Make a place that no sign names."""
    none = np.zeros(1, dtype=np.int64)
    return make_place(street_kerbs(graph, np.array([edge]), np.array([offset]), none, "right"))


def test_a_place_is_called_after_its_street_and_the_nearer_crossing_street(draw: Draw) -> None:
    """East Street meets Main Street at its far end, Home Street at its near one."""
    nodes = {1: (0, 0), 2: (400, 0), 3: (0, 300), 4: (400, 300)}
    east = {"highway": "residential", "name": "East Street"}
    graph = graph_of(draw(nodes, [(10, [1, 2], MAIN), (11, [1, 3, 4], HOME), (12, [4, 2], east)]))
    edge = edge_of(graph, 10, 1, 2)
    near, far = street_place(graph, edge, 100.0), replace(street_place(graph, edge, 300.0), place_id="p-2")
    assert name_places(graph, [near, far]) == {
        near.place_id: "Main Street / Home Street",
        "p-2": "Main Street / East Street",
    }


def test_without_street_names_the_coordinates_name_the_place(draw: Draw) -> None:
    """Where nothing is named, the name is where it is."""
    nameless = {"highway": "residential"}
    graph = graph_of(draw({1: (0, 0), 2: (400, 0), 3: (200, 300)}, [(10, [1, 2], nameless), (11, [1, 3, 2], nameless)]))
    place = street_place(graph, edge_of(graph, 10, 1, 2), 200.0)
    assert name_places(graph, [place])[place.place_id] == "near 38.9000, 121.6023"


def test_equal_names_are_numbered_and_a_sign_keeps_its_own(draw: Draw) -> None:
    """The sign's name stays whole whatever streets are called; later ones of the same name get numbers."""
    graph = graph_of(main_street(draw, MAIN | {"name": "Market"}))
    edge = edge_of(graph, 10, 1, 2)
    streets = [replace(street_place(graph, edge, 150.0), place_id=f"p-{i}") for i in range(2)]
    signs = [
        KerbPlace(place_id=f"s-{i}", name=name, kerbs=streets[0].kerbs)
        for i, name in enumerate(("Market / Home Street", "Hall", "Hall", "Hall (2)"))
    ]
    names = name_places(graph, [*streets, *signs])
    assert (names["s-0"], names["s-1"]) == ("Market / Home Street", "Hall")
    assert len(set(names.values())) == 6
    assert names["p-0"] == "Market / Home Street (2)"
    kept = name_places(graph, [*streets, *signs], frozenset({"s-2"}))
    assert (kept["s-2"], kept["s-1"]) == ("Hall", "Hall (2)")
