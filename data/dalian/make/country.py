"""The countryside: villages away from the main roads, and the winding lanes that tie them in."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from data.dalian.make import raster
from data.dalian.make.facts import Locality, smooth
from data.dalian.make.names import StreetNames
from data.dalian.make.plane import Points, lengths_along, to_plane
from data.dalian.make.streets import Street
from data.dalian.make.terrain import Ground, village

VILLAGES = 48
APART = 2_500.0
BOX = (to_plane(121.13, 38.74), to_plane(122.03, 39.40))
FROM_ROADS = (900.0, 4_800.0)  # villages lie this far from a main road [m]
LONGEST = 6_500.0
WET = 90.0  # lanes keep this far from the sea [m]


def spread_villages(
    ground: Ground, places: list[Locality], corridors: list[Street], rng: np.random.Generator
) -> list[Locality]:
    """Return villages scattered over the land that is neither hill nor city."""
    roads = raster.distance_to(raster.burn(np.vstack([street.points for street in corridors])))
    taken = [(place.at, place.radius + 900.0) for place in places if place.radius > 0]
    found: list[Locality] = []
    for at in rng.uniform(BOX[0], BOX[1], (6_000, 2)):
        here = at[None, :]
        cell = raster.cells(here)
        if not ground.shore[cell][0] > 400.0 or ground.hill[cell][0]:
            continue
        if not FROM_ROADS[0] < float(roads[cell][0]) < FROM_ROADS[1]:
            continue
        if any(float(np.hypot(*(at - other))) < gap for other, gap in taken):
            continue
        taken.append((at, APART))
        found.append(village(at, float(rng.uniform(300.0, 560.0))))
        if len(found) == VILLAGES:
            break
    return found


def country_lanes(
    ground: Ground, villages: list[Locality], corridors: list[Street], rng: np.random.Generator
) -> list[Street]:
    """Return lanes that join the villages to one another and to the main roads."""
    roads = np.vstack([street.points[::70] for street in corridors if street.form in {"dual", "single"}])
    spots = np.vstack([np.array([place.at for place in villages]), roads])
    pairs = _neighbours(spots, len(villages))
    lanes = []
    names = StreetNames(rng)
    for one, two in _chosen(spots, pairs, rng):
        line = _winding(spots[one], spots[two], rng)
        if _dry(ground, line):
            name, name_en = names.road(line)
            name = f"{name[:2]}线"
            lanes.append(
                Street(points=line, kind="tertiary", lanes=2, speed=50, name=name, name_en=name_en, texture="village")
            )
    return lanes


def _neighbours(spots: Points, villages: int) -> list[tuple[int, int]]:
    mesh = Delaunay(spots)
    found = set()
    for triangle in mesh.simplices.tolist():
        for k in range(3):
            one, two = sorted((triangle[k], triangle[k - 1]))
            length = float(np.hypot(*(spots[one] - spots[two])))
            if one < villages and length < LONGEST:
                found.add((one, two))
    return sorted(found)


def _chosen(spots: Points, pairs: list[tuple[int, int]], rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return a spanning tree of the neighbours and a fifth of the other links."""
    length = [float(np.hypot(*(spots[a] - spots[b]))) for a, b in pairs]
    count = len(spots)
    links = coo_array((length, ([a for a, _ in pairs], [b for _, b in pairs])), shape=(count, count))
    tree = minimum_spanning_tree(links.tocsr()).tocoo()
    kept = {(min(a, b), max(a, b)) for a, b in zip(tree.row.tolist(), tree.col.tolist(), strict=True)}
    return [pair for pair in pairs if pair in kept or rng.uniform() < 0.2]


def _winding(one: Points, two: Points, rng: np.random.Generator) -> Points:
    step = two - one
    across = np.array([-step[1], step[0]])
    count = max(2, int(np.hypot(*step) / 700.0))
    share = np.linspace(0.0, 1.0, count + 1)[1:-1, None]
    via = one + step * share + across * rng.normal(0.0, 0.32 / count, (count - 1, 1))
    beyond = two + step / np.hypot(*step) * 25.0  # just past the road it meets
    return smooth(np.vstack([one, via, beyond]))


def _dry(ground: Ground, line: Points) -> bool:
    wet = ground.shore[raster.cells(line)] < WET
    steep = ground.hill[raster.cells(line)]
    return not bool(wet.any()) and float(np.mean(steep)) < 0.25 and float(lengths_along(line)[-1]) > 300.0
