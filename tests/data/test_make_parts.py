"""Corridors, interchanges, names, people, tables and ways: the parts that dress the graph."""

import csv
from pathlib import Path

import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.dalian.make.bans import find_bans
from data.dalian.make.carriage import Drawing, draw, junction_arms
from data.dalian.make.country import country_lanes, spread_villages
from data.dalian.make.expressways import RAMP, TERMINAL, add_expressways, find_interchanges
from data.dalian.make.faces import Block
from data.dalian.make.facts import Locality, read_coast, read_corridors, read_hills, read_places, smooth
from data.dalian.make.kerbs import StopNames, add_signals, add_stops
from data.dalian.make.names import StreetNames, estate_names
from data.dalian.make.pbf import write_pbf
from data.dalian.make.people import APART, COMMUNITIES, RIDERS, found_communities, settle_riders
from data.dalian.make.planar import weave
from data.dalian.make.plane import Points, lengths_along
from data.dalian.make.raster import burn, cells, distance_to
from data.dalian.make.streets import RANK, Street
from data.dalian.make.tables import FLEET, SHIFT_TIMES, write_tables
from data.dalian.make.tagging import join_ways, tag_roads
from data.dalian.make.terrain import Ground, lay_ground, roadside_villages, settle

Point = tuple[float, float]
coordinate = st.floats(-20_000.0, 20_000.0, allow_nan=False)


def street(*points: Point, form: str = "dual", kind: str = "primary", name: str = "", lanes: int = 3) -> Street:
    return Street(points=np.array(points, dtype=float), kind=kind, lanes=lanes, form=form, name=name)


@pytest.fixture(scope="module")
def corridors() -> list[Street]:
    return read_corridors(read_places())


@pytest.fixture(scope="module")
def ground(corridors: list[Street]) -> Ground:
    return lay_ground(read_coast(), read_hills(), corridors, np.random.default_rng(3))


@settings(deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=8, unique=True))
def test_a_smooth_corridor_keeps_its_points(via: list[Point]) -> None:
    spots = np.array(via)
    if np.hypot(*np.diff(spots, axis=0).T).min() < 1.0:
        return
    line = smooth(spots)
    for spot in spots:
        assert np.hypot(*(line - spot).T).min() < 1e-6


def test_every_corridor_starts_from_the_facts(corridors: list[Street]) -> None:
    assert {s.form for s in corridors} == {"dual", "single", "grade", "bridge"}
    assert all(s.kind in RANK and s.name and s.name_en and s.speed for s in corridors)


def test_corridors_stay_on_land(corridors: list[Street], ground: Ground) -> None:
    """Whatever coves chance adds, main roads keep dry feet; only the bridge does not."""
    for corridor in corridors:
        wet = ~ground.land[cells(corridor.points)]
        assert wet.any() == (corridor.form == "bridge"), corridor.name


def test_hills_leave_the_main_roads_free(corridors: list[Street], ground: Ground) -> None:
    """A surface road may graze a hill's foot; an expressway may go under it."""
    surface = np.vstack([s.points for s in corridors if s.form in {"dual", "single"}])
    assert ground.hill[cells(surface)].mean() < 0.04
    assert ground.hill.sum() * 2_500 > 100e6  # a hilly city: over 100 km2 of them


def test_the_city_keeps_off_hills_and_water(corridors: list[Street], ground: Ground) -> None:
    terrain = settle(ground, read_places(), corridors, np.random.default_rng(4))
    assert not (terrain.built & (ground.hill | ~ground.land)).any()
    assert ground.shore[terrain.built].min() > 100.0
    assert 250e6 < terrain.built.sum() * 2_500 < 600e6


def test_villages_lie_apart_and_their_lanes_keep_dry(corridors: list[Street], ground: Ground) -> None:
    rng = np.random.default_rng(5)
    places = read_places()
    remote = spread_villages(ground, places, corridors, rng)
    spots = np.array([village.at for village in remote])
    gaps = np.hypot(*(spots[:, None] - spots[None, :]).transpose(2, 0, 1)) + np.eye(len(spots)) * 1e9
    assert len(remote) > 20
    assert gaps.min() > 2_000.0
    for lane in country_lanes(ground, remote, corridors, rng):
        assert ground.land[cells(lane.points)].all()
    assert all(village.texture == "village" for village in roadside_villages(corridors, places, rng))


EXPRESSWAY = street((-3_000, 0), (0, 0), (3_000, 0), form="grade", kind="motorway", name="高速")
AVENUE = street((0, -3_000), (0, 0), (0, 3_000), name="大街")


def crossing() -> list[Street]:
    return [one.moved(smooth(one.points)) for one in (EXPRESSWAY, AVENUE)]


def test_an_interchange_has_four_ramps_that_leave_and_join_on_the_right() -> None:
    (found,) = find_interchanges(crossing())
    assert found.name == "大街"
    assert len(found.ramps) == 4
    for ramp in found.ramps:
        start, end = ramp.points[0], ramp.points[-1]
        leaving = abs(start[1]) < 1.0
        on_line, foot = (start, end) if leaving else (end, start)
        assert abs(on_line[0]) == pytest.approx(RAMP["motorway"], abs=1.0)
        assert abs(foot[1]) == pytest.approx(TERMINAL, abs=2.0)
        # south of the line one drives east: leave before the crossing (west of it), join after
        eastbound = foot[1] < 0
        assert (on_line[0] < 0) == (eastbound == leaving)


def test_expressway_and_street_share_no_node() -> None:
    """The expressway passes over on a bridge, tied to the ground by its ramps."""
    streets = crossing()
    interchanges = find_interchanges(streets)
    ramps = [ramp for found in interchanges for ramp in found.ramps]
    land = np.ones_like(burn(np.zeros((1, 2))))
    flat = Ground(coast=np.zeros((0, 2)), land=land, shore=distance_to(~land), hill=~land)
    graph = add_expressways(weave([streets[1], *ramps], 24.0), [streets[0]], interchanges, flat)
    forms: dict[int, set[str]] = {}
    for piece in graph.pieces:
        for node in (piece.tail, piece.head):
            forms.setdefault(node, set()).add(graph.streets[piece.street].form)
    assert not any({"grade", "dual"} <= found for found in forms.values())
    assert sum({"grade", "ramp"} <= found for found in forms.values()) == 2
    over = [p for p in graph.pieces if p.bridge]
    assert len(over) == 1
    assert over[0].points[:, 0].min() < 0 < over[0].points[:, 0].max()


def test_a_street_that_is_no_main_road_gets_no_ramps() -> None:
    lane = street((0, -3_000), (0, 3_000), form="ramp", kind="residential")
    assert find_interchanges([crossing()[0], lane]) == []


def plain_drawing() -> Drawing:
    """Return a grid of nine dual crossings."""
    lines = [street((-900, y), (900, y), name=f"横{y}路") for y in (-400, 0, 400)]
    lines += [street((x, -900), (x, 900), name=f"纵{x}路") for x in (-400, 0, 400)]
    graph = weave(lines, 10.0)
    return draw(graph, junction_arms(graph), set(), set(), {})


def test_signals_stand_before_the_corner_of_every_approach() -> None:
    drawing = plain_drawing()
    hubs = frozenset(node for node, arms in drawing.arms.items() if len(arms) == 4)
    tags = add_signals(drawing, hubs)
    assert len(hubs) == 9
    assert len(tags) == 36
    for road in drawing.roads:
        if road.side in {"right", "left"} and road.nodes[-2] in tags:
            gap = drawing.position(road.nodes[-1]) - drawing.position(road.nodes[-2])
            assert np.hypot(*gap) == pytest.approx(12.0, abs=0.05)


def test_bans_name_roads_that_meet() -> None:
    drawing = plain_drawing()
    bans = find_bans(drawing, 1)
    assert {ban.kind for ban in bans} == {"no_left_turn", "no_right_turn"}
    for ban in bans:
        assert drawing.roads[ban.start].nodes[-1] == ban.via == drawing.roads[ban.end].nodes[0]


def test_stop_names_are_never_given_twice() -> None:
    drawing = plain_drawing()
    names = StopNames(drawing, np.array([[0.0, 0.0]]), ["学府家园"])
    stops = add_stops(drawing, names, 1)
    given_names = [stop.name for stop in stops[::2]]
    assert given_names == [stop.name for stop in stops[1::2]]
    assert len(set(given_names)) == len(given_names)
    assert len(stops) >= 12


def test_ways_break_where_a_restriction_needs_it() -> None:
    drawing = plain_drawing()
    tags = tag_roads_without_low_bridges(drawing)
    whole = join_ways(drawing, tags, set())
    breaks = {road.nodes[0] for road in drawing.roads}
    split = join_ways(drawing, tags, breaks)
    assert len(split) == len(drawing.roads) >= len(whole)
    assert all(node not in breaks for way in split for node in way.nodes[1:-1])


def tag_roads_without_low_bridges(drawing: Drawing) -> list[tuple[tuple[str, str], ...]]:
    """Tag by class alone: the grid has no small streets to put a low bridge on."""
    kinds = [drawing.graph.streets[road.street].kind for road in drawing.roads]
    return [(("highway", kind), ("oneway", "yes")) for kind in kinds]


def test_low_bridges_need_small_streets() -> None:
    with pytest.raises(ValueError, match="sample"):
        tag_roads(plain_drawing(), 1)


def test_the_writer_keeps_what_it_was_given(tmp_path: Path) -> None:
    """Nodes, ways and restrictions come back; two files of the same content have the same bytes."""
    drawing = plain_drawing()
    tags = tag_roads_without_low_bridges(drawing)
    bans = find_bans(drawing, 1)
    breaks = {drawing.roads[k].nodes[end] for ban in bans for k in (ban.start, ban.end) for end in (0, -1)}
    ways = join_ways(drawing, tags, breaks)
    for name in ("a.osm.pbf", "b.osm.pbf"):
        write_pbf(tmp_path / name, drawing, {0: (("highway", "crossing"),)}, ways, bans)
    assert (tmp_path / "a.osm.pbf").read_bytes() == (tmp_path / "b.osm.pbf").read_bytes()
    things = [(type(t).__name__, dict(t.tags)) for t in osmium.FileProcessor(str(tmp_path / "a.osm.pbf"))]
    assert sum(kind == "Way" for kind, _ in things) == len(ways)
    assert [tags["restriction"] for kind, tags in things if kind == "Relation"] == [ban.kind for ban in bans]


def test_streets_that_run_east_are_called_jie_and_others_lu() -> None:
    names = StreetNames(np.random.default_rng(1))
    east, north = np.array([[0.0, 0.0], [900.0, 100.0]]), np.array([[0.0, 0.0], [100.0, 900.0]])
    assert names.road(east)[0].endswith("街")
    assert names.road(north)[1].endswith("Road")
    assert names.lane(north).endswith("一巷")
    assert len({names.road(east)[0] for _ in range(1_000)}) == 1_000


def test_estates_have_names_of_their_own() -> None:
    names = estate_names(np.random.default_rng(1), COMMUNITIES)
    assert len(set(names)) == COMMUNITIES


def squares(count: int, side: float = 150.0) -> tuple[Block, ...]:
    """Return a chequered town of square blocks."""
    found = []
    for k in range(count * count):
        low = np.array([k % count, k // count]) * side
        ring = low + np.array([(0, 0), (side, 0), (side, side), (0, side)])
        found.append(Block(sides=((0, True),) * 4, ring=ring, area=side**2, centre=low + side / 2))
    return tuple(found)


def town() -> tuple[Locality, ...]:
    middle = np.array([4_500.0, 4_500.0])

    def place(name: str, kind: str, at: Points, radius: float = 0.0) -> Locality:
        return Locality(name=name, name_en="", at=at, kind=kind, weight=1.0, radius=radius, texture="mixed")

    sites = [place(f"园{k}", "worksite", middle + 500.0 * k) for k in range(8)]
    depots = [place(f"场{k}", "depot", middle) for k in range(3)]
    return (place("镇", "district", middle, 6_000.0), *sites, *depots)


def test_people_live_in_communities_near_streets(tmp_path: Path) -> None:
    """The numbers asked for, apart from one another and from the expressway, homes within reach of a street."""
    blocks, places = squares(60), town()
    expressway = np.stack([np.linspace(0, 9_000, 300), np.full(300, 4_500.0)], axis=-1)
    communities = found_communities(places, blocks, expressway, 1)
    centres = np.array([one.centre for one in communities])
    gaps = np.hypot(*(centres[:, None] - centres[None, :]).transpose(2, 0, 1)) + np.eye(len(centres)) * 1e9
    assert len(communities) == COMMUNITIES
    assert gaps.min() > APART
    assert np.abs(centres[:, 1] - 4_500.0).min() > 200.0
    corners = np.vstack([block.ring for block in blocks])
    riders = settle_riders(communities, places, blocks, corners, 1)
    assert len(riders) == sum(one.riders for one in communities) == RIDERS
    assert riders == settle_riders(communities, places, blocks, corners, 1)
    write_tables(tmp_path, places, communities, riders)
    with (tmp_path / "riders.csv").open(encoding="utf-8") as handle:
        table = list(csv.DictReader(handle))
    assert len(table) == RIDERS
    assert {row["shift_id"] for row in table} <= {shift for shift, _, _ in SHIFT_TIMES}
    assert len((tmp_path / "fleet.csv").read_text("utf-8").splitlines()) == 1 + 3 * len(FLEET)


def test_lengths_of_corridors_are_plausible(corridors: list[Street]) -> None:
    """The motorway to Pulandian is some 52 km long; nothing on the peninsula is longer."""
    length = {s.name: lengths_along(s.points)[-1] / 1_000 for s in corridors}
    assert 48 < length["沈海高速"] < 58
    assert max(length.values()) < 70
