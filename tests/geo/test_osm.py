"""Reading extracts: every kind of file, what is kept, and what is refused."""

import bz2
from pathlib import Path

import numpy as np
import osmium
import pytest

from routing.errors import RoadError
from routing.geo.osm import OsmExtract, read_osm
from tests.geo.sketch import Sketch, cross


@pytest.fixture
def town() -> Sketch:
    return cross().way(10, 2, 1, 3, name="High Street").way(11, 4, 1, 5)


def as_pbf(xml: Path) -> Path:
    """Rewrite an XML file as PBF."""
    path = xml.with_suffix(".osm.pbf")
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(xml):
            writer.add(thing)
    return path


def test_all_three_kinds_of_file_read_alike(town: Sketch, tmp_path: Path) -> None:
    xml = town.write(tmp_path)
    packed = tmp_path / "sketch.osm.bz2"
    packed.write_bytes(bz2.compress(xml.read_bytes()))
    extracts = [read_osm(path) for path in (xml, packed, as_pbf(xml))]
    for extract in extracts:
        assert extract.node_id.tolist() == [1, 2, 3, 4, 5]
        assert extract.way_id.tolist() == [10, 11]
        assert extract.way_tags[0] == {"highway": "residential", "name": "High Street"}
        assert extract.way_start.tolist() == [0, 3, 6]
        assert extract.way_nodes.tolist() == [1, 0, 2, 3, 0, 4]
        np.testing.assert_array_equal(extract.lon, extracts[0].lon)
        np.testing.assert_array_equal(extract.lat, extracts[0].lat)
    assert len({extract.digest for extract in extracts}) == 3


def test_coordinates_are_those_of_the_file_to_the_last_digit(tmp_path: Path) -> None:
    path = tmp_path / "exact.osm"
    path.write_text(
        '<osm version="0.6"><node id="1" version="1" lat="38.8595123" lon="121.5207891"/>'
        '<node id="2" version="1" lat="-33.0000001" lon="-70.1234567"/>'
        '<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="road"/></way></osm>',
        encoding="utf-8",
    )
    extract = read_osm(path)
    assert extract.lon.tolist() == [121.5207891, -70.1234567]
    assert extract.lat.tolist() == [38.8595123, -33.0000001]


def test_arrays_are_read_only(town: Sketch, tmp_path: Path) -> None:
    extract = read_osm(town.write(tmp_path))
    with pytest.raises(ValueError, match="read-only"):
        extract.lon[0] = 0.0


def test_ways_without_a_road_are_left_out_but_footways_ferries_and_platforms_stay(tmp_path: Path) -> None:
    town = cross().way(10, 2, 1, highway="footway").way(11, 1, 3)
    town.ways.append((12, (3, 4), {"route": "ferry"}))
    town.ways.append((13, (4, 5), {"public_transport": "platform"}))
    town.ways.append((14, (4, 5), {"building": "yes"}))
    town.ways.append((15, (4, 5), {"route": "hiking"}))
    assert read_osm(town.write(tmp_path)).way_id.tolist() == [10, 11, 12, 13]


def test_a_node_that_the_extract_lacks_is_minus_one(tmp_path: Path) -> None:
    town = Sketch(nodes={1: (0, 0), 3: (200, 0)}).way(10, 1, 2, 3)
    assert read_osm(town.write(tmp_path)).way_nodes.tolist() == [0, -1, 1]


def test_standalone_bus_stops_are_nodes_and_other_standalone_nodes_are_not(town: Sketch, tmp_path: Path) -> None:
    town.nodes |= {20: (5, 50), 21: (6, 50), 22: (7, 50)}
    town.node_tags |= {
        20: {"highway": "bus_stop", "name": "软件园"},
        21: {"public_transport": "platform"},
        22: {"barrier": "gate"},
        1: {"highway": "traffic_signals"},
        2: {"railway": "signal"},
    }
    extract = read_osm(town.write(tmp_path))
    assert extract.node_id.tolist() == [1, 2, 3, 4, 5, 20, 21]
    assert extract.node_tags == {
        0: {"highway": "traffic_signals"},
        5: {"highway": "bus_stop", "name": "软件园"},
        6: {"public_transport": "platform"},
    }


def test_negative_ids_of_unpublished_edits_are_read(tmp_path: Path) -> None:
    town = Sketch(nodes={-1: (0, 0), -2: (100, 0), 3: (200, 0)}).way(-10, -1, -2, 3)
    extract = read_osm(town.write(tmp_path))
    assert extract.node_id.tolist() == [-2, -1, 3]
    assert extract.way_nodes.tolist() == [1, 0, 2]


def read(town: Sketch, folder: Path) -> OsmExtract:
    return read_osm(town.write(folder))


def test_a_restriction_via_a_node(town: Sketch, tmp_path: Path) -> None:
    (rule,) = read(town.restrict("no_left_turn", 10, 1, 11), tmp_path).restrictions
    assert (rule.from_way, rule.via, rule.to_way, rule.kind) == (10, (1,), 11, "no_left_turn")
    assert not rule.via_is_way
    assert not rule.conditional
    assert rule.except_ == ()


def test_a_restriction_via_ways_in_order(town: Sketch, tmp_path: Path) -> None:
    (rule,) = read(town.restrict("no_u_turn", 10, [11, 12], 10), tmp_path).restrictions
    assert rule.via == (11, 12)
    assert rule.via_is_way


def test_exceptions_of_a_restriction_are_split(town: Sketch, tmp_path: Path) -> None:
    town.restrict("no_left_turn", 10, 1, 11, **{"except": "bus; psv"})
    assert read(town, tmp_path).restrictions[0].except_ == ("bus", "psv")


def test_conditional_restrictions_are_marked(town: Sketch, tmp_path: Path) -> None:
    members = [("way", "from", 10), ("node", "via", 1), ("way", "to", 11)]
    town.relations.append((900, members, {"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}))
    town.relations.append((901, members, {"restriction": "no_left_turn", "day_on": "Monday", "hour_on": "07:00"}))
    rules = read(town, tmp_path).restrictions
    assert [rule.conditional for rule in rules] == [True, True]
    assert {rule.kind for rule in rules} == {"no_left_turn"}


def test_restrictions_of_one_class_of_vehicles_say_which(town: Sketch, tmp_path: Path) -> None:
    members = [("way", "from", 10), ("node", "via", 1), ("way", "to", 11)]
    town.relations.append((900, members, {"restriction:hgv": "no_left_turn"}))
    town.relations.append((901, members, {"type": "restriction:bus", "restriction": "no_left_turn"}))
    assert [rule.vehicle for rule in read(town, tmp_path).restrictions] == ["hgv", "bus"]


def test_no_entry_from_several_ways_becomes_several(town: Sketch, tmp_path: Path) -> None:
    members = [("way", "from", 10), ("way", "from", 12), ("node", "via", 1), ("way", "to", 11)]
    town.relations.append((900, members, {"restriction": "no_entry"}))
    assert [rule.from_way for rule in read(town, tmp_path).restrictions] == [10, 12]


@pytest.mark.parametrize(
    "members",
    [
        [("way", "from", 10), ("way", "to", 11)],
        [("way", "from", 10), ("node", "via", 1)],
        [("node", "via", 1), ("way", "to", 11)],
        [("way", "from", 10), ("node", "via", 1), ("node", "via", 2), ("way", "to", 11)],
        [("way", "from", 10), ("node", "via", 1), ("way", "via", 12), ("way", "to", 11)],
    ],
)
def test_malformed_restrictions_are_counted(town: Sketch, tmp_path: Path, members: list[tuple[str, str, int]]) -> None:
    town.relations.append((900, members, {"restriction": "no_left_turn"}))
    extract = read(town, tmp_path)
    assert extract.restrictions == ()
    assert extract.malformed_restrictions == 1


def test_other_relations_are_ignored(town: Sketch, tmp_path: Path) -> None:
    town.relations.append((900, [("way", "from", 10)], {"type": "route", "route": "bus"}))
    extract = read(town, tmp_path)
    assert (extract.restrictions, extract.malformed_restrictions) == ((), 0)


def test_no_such_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(RoadError, match=r"missing\.osm\.pbf") as caught:
        read_osm(tmp_path / "missing.osm.pbf")
    assert caught.value.code == "roads_unreadable"


@pytest.mark.parametrize("name", ["junk.osm.pbf", "junk.osm", "junk.osm.bz2", "junk.txt", "empty.osm"])
def test_other_data_are_unreadable(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"" if name.startswith("empty") else b"\0\1 this is no map" * 40)
    with pytest.raises(RoadError) as caught:
        read_osm(path)
    assert caught.value.code == "roads_unreadable"
    assert caught.value.exit_status == 3


def test_a_file_cut_short_is_unreadable(town: Sketch, tmp_path: Path) -> None:
    path = as_pbf(town.write(tmp_path))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RoadError) as caught:
        read_osm(path)
    assert caught.value.code == "roads_unreadable"


def test_a_folder_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(RoadError) as caught:
        read_osm(tmp_path)
    assert caught.value.code == "roads_unreadable"


def test_an_extract_without_a_road_is_empty(tmp_path: Path) -> None:
    with pytest.raises(RoadError) as caught:
        read_osm(Sketch(nodes={1: (0, 0)}).write(tmp_path))
    assert caught.value.code == "roads_empty"


def test_roads_without_their_nodes_are_empty(tmp_path: Path) -> None:
    with pytest.raises(RoadError) as caught:
        read_osm(Sketch(nodes={}).way(10, 1, 2).write(tmp_path))
    assert caught.value.code == "roads_empty"


def test_progress_is_told_once_per_stage(town: Sketch, tmp_path: Path) -> None:
    told: list[str] = []
    read_osm(town.write(tmp_path), on_progress=told.append)
    assert told == ["Reading sketch.osm"]
