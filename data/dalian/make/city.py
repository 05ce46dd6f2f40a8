"""Grow the whole street graph: corridors, collectors, local streets, estates, expressways."""

from dataclasses import dataclass

import numpy as np

from data.dalian.make import raster
from data.dalian.make.country import country_lanes, spread_villages
from data.dalian.make.estates import grow_estates
from data.dalian.make.expressways import Interchange, add_expressways, find_interchanges
from data.dalian.make.faces import Block, find_blocks
from data.dalian.make.facts import Locality, read_coast, read_corridors, read_hills, read_places
from data.dalian.make.field import CrossField, build_field
from data.dalian.make.junctions import ROUNDABOUTS
from data.dalian.make.names import StreetNames
from data.dalian.make.planar import StreetGraph, prune, reach_out, weave
from data.dalian.make.plane import Points, lengths_along, resample
from data.dalian.make.raster import Floats
from data.dalian.make.streams import STEP, Tracer
from data.dalian.make.streets import Street
from data.dalian.make.terrain import (
    COLLECTOR_GAP,
    LOCAL_GAP,
    TEXTURES,
    Ground,
    Terrain,
    lay_ground,
    roadside_villages,
    settle,
)

SEED = 20_131_118  # the month the first line ran, and a day
MERGE = 24.0  # meetings of streets closer than this become one junction [m]
RAMP_GAP = 55.0
EXPRESSWAY_GAP = 75.0
SQUARE_GAP = 75.0  # side streets keep this far from a roundabout [m]


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """The street graph and the ground it stands on; blocks are those between the streets before estates."""

    places: tuple[Locality, ...]
    terrain: Terrain
    graph: StreetGraph
    blocks: tuple[Block, ...]
    interchanges: tuple[Interchange, ...]


def build_city() -> City:
    """Return the city, the same at every call."""
    places = read_places()
    corridors = read_corridors(places)
    ground = lay_ground(read_coast(), read_hills(), corridors, np.random.default_rng([SEED, 1]))
    settlements, lanes = _countryside(ground, places, corridors)
    corridors += lanes
    terrain = settle(ground, places + settlements, corridors, np.random.default_rng([SEED, 6]))
    field = build_field(terrain, places, corridors, np.random.default_rng([SEED, 2]))
    interchanges = find_interchanges(corridors)
    ramps = [ramp for interchange in interchanges for ramp in interchange.ramps]
    expressways = [street for street in corridors if street.form == "grade"]
    surface = [street for street in corridors if street.form != "grade"]
    streets = [*surface, *ramps, *_local_streets(terrain, field, surface, ramps, expressways, places)]
    woven = weave(streets, MERGE)
    pruned = prune(add_expressways(woven, expressways, interchanges, ground), _shortest(woven, expressways))
    blocks = find_blocks(_without_expressways(pruned), smallest=4_000.0, largest=400_000.0)
    graph = grow_estates(pruned, blocks, terrain, _distance(expressways), SEED)
    return City(
        places=tuple(places), terrain=terrain, graph=graph, blocks=tuple(blocks), interchanges=tuple(interchanges)
    )


def _countryside(
    ground: Ground, places: list[Locality], corridors: list[Street]
) -> tuple[list[Locality], list[Street]]:
    """Return the villages and the lanes between them."""
    rng = np.random.default_rng([SEED, 5])
    roadside = roadside_villages(corridors, places, rng)
    remote = spread_villages(ground, places + roadside, corridors, rng)
    return roadside + remote, country_lanes(ground, remote, corridors, rng)


def _local_streets(
    terrain: Terrain, field: CrossField, surface: list[Street], ramps: list[Street], expressways: list[Street],
    places: list[Locality],
) -> list[Street]:  # fmt: skip
    """Return collectors and local streets, with loose ends led to the street ahead of them."""
    names = StreetNames(np.random.default_rng([SEED, 3]))
    rng = np.random.default_rng([SEED, 4])
    roots = [resample(street.points, STEP) for street in surface if street.form != "bridge"]
    walls = [resample(street.points, STEP) for street in (*expressways, *surface) if street.form != "dual"]
    ground = terrain.built & (_distance(ramps) > RAMP_GAP) & (_squares(places) > 0.0)
    wide = _gap(COLLECTOR_GAP, terrain)
    collectors = _traced(field, ground, wide, roots, walls + roots, 6_000.0, 220.0)
    fixed = [street.points for street in surface]
    collectors = reach_out(collectors, fixed, _gap_of(collectors, wide) * 0.9)
    narrow = _gap(LOCAL_GAP, terrain)
    open_ground = ground & (_distance(expressways) > EXPRESSWAY_GAP)
    lanes = _traced(field, open_ground, narrow, roots + collectors, walls + roots + collectors, 1_300.0, 60.0)
    lanes = reach_out(lanes, fixed + collectors, _gap_of(lanes, narrow))
    return [_collector(line, terrain, names, rng) for line in collectors] + [
        _lane(line, terrain, names, rng) for line in lanes
    ]


def _squares(places: list[Locality]) -> Floats:
    """Return the distance to the nearest roundabout's surroundings [m]; negative inside."""
    reach = np.full((raster.ROWS, raster.COLUMNS), np.inf)
    for place in places:
        if place.name in ROUNDABOUTS:
            view = raster.window(place.at, 400.0)
            away = np.hypot(view.x - place.at[0], view.y - place.at[1]) - ROUNDABOUTS[place.name] - SQUARE_GAP
            np.minimum(reach[view.rows, view.columns], away, out=reach[view.rows, view.columns])
    return reach


def _traced(
    field: CrossField, ground: raster.Mask, gap: Floats, roots: list[Points], walls: list[Points],
    longest: float, shortest: float,
) -> list[Points]:  # fmt: skip
    tracer = Tracer(field, ground, gap, longest)
    tracer.block(walls)
    return tracer.grow(roots, shortest)


def _collector(line: Points, terrain: Terrain, names: StreetNames, rng: np.random.Generator) -> Street:
    texture = _texture(line, terrain)
    length = float(lengths_along(line)[-1])
    name, name_en = names.road(line)
    if length > 2_200.0 and texture != "village" and rng.uniform() < 0.45:
        return Street(
            points=line, kind="secondary", lanes=2, speed=50, form="dual", level=1, texture=texture,
            name=name, name_en=name_en,
        )  # fmt: skip
    lanes = 2 if texture in {"village", "dense"} or length < 900.0 else 4
    return Street(
        points=line, kind="tertiary", lanes=lanes, speed=40, level=1, texture=texture, name=name, name_en=name_en
    )


def _lane(line: Points, terrain: Terrain, names: StreetNames, rng: np.random.Generator) -> Street:
    texture = _texture(line, terrain)
    length = float(lengths_along(line)[-1])
    kind = "unclassified" if texture == "industrial" or (length > 600.0 and rng.uniform() < 0.4) else "residential"
    name = names.lane(line) if length > 260.0 else ""
    return Street(points=line, kind=kind, lanes=2, speed=30, level=2, texture=texture, name=name)


def _texture(line: Points, terrain: Terrain) -> str:
    return TEXTURES[int(terrain.texture[raster.cells(line[len(line) // 2][None, :])][0])]


def _gap(table: dict[str, float], terrain: Terrain) -> Floats:
    return np.array([table[name] for name in TEXTURES])[terrain.texture]


def _gap_of(lines: list[Points], gap: Floats) -> Floats:
    return gap[raster.cells(np.array([line[len(line) // 2] for line in lines]))]


def _distance(streets: list[Street]) -> Floats:
    return raster.distance_to(raster.burn(np.vstack([resample(street.points, STEP) for street in streets])))


def _shortest(woven: StreetGraph, expressways: list[Street]) -> Floats:
    """Return how short a loose end of each street may be before it is taken away [m]."""
    limit = {0: 0.0, 1: 150.0, 2: 58.0}
    return np.array([limit[street.level] for street in (*woven.streets, *expressways)])


def _without_expressways(graph: StreetGraph) -> StreetGraph:
    """Return the graph on the ground: expressways pass over blocks and do not bound them.

    The pieces keep their numbers because expressways were added last.
    """
    pieces = tuple(piece for piece in graph.pieces if graph.streets[piece.street].form != "grade")
    assert graph.pieces[: len(pieces)] == pieces
    return StreetGraph(nodes=graph.nodes, streets=graph.streets, pieces=pieces)
