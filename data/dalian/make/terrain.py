"""The ground: coast, hills, where the city is built and how densely."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.dalian.make import raster
from data.dalian.make.facts import Hill, Locality
from data.dalian.make.plane import Points, lengths_along
from data.dalian.make.raster import Floats, Mask
from data.dalian.make.streets import Street

COAST_GAP = 140.0  # streets keep this far from the water [m]
TEXTURES = ("dense", "mixed", "superblock", "industrial", "village")
# Distance between collectors and between local streets, per texture [m]
COLLECTOR_GAP = {"dense": 280.0, "mixed": 350.0, "superblock": 420.0, "industrial": 480.0, "village": 420.0}
LOCAL_GAP = {"dense": 108.0, "mixed": 134.0, "superblock": 172.0, "industrial": 220.0, "village": 148.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The land before anybody lives on it; distances in metres."""

    coast: Points
    land: Mask
    shore: Floats
    hill: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """Where streets may grow; ``texture`` indexes TEXTURES."""

    ground: Ground
    built: Mask
    texture: npt.NDArray[np.int8]
    road_distance: Floats


def draw_coast(rough: Points, rng: np.random.Generator) -> Points:
    """Return the coast with corners cut and small coves added (midpoint displacement)."""
    ring = rough
    for _ in range(2):
        after = np.roll(ring, -1, axis=0)
        ring = np.stack([0.78 * ring + 0.22 * after, 0.22 * ring + 0.78 * after], axis=1).reshape(-1, 2)
    for share in (0.16, 0.14, 0.12):
        after = np.roll(ring, -1, axis=0)
        step = after - ring
        length = np.hypot(step[:, 0], step[:, 1])
        reach = np.where(length > 110.0, np.minimum(length, 1100.0) * share, 0.0) * rng.uniform(-1, 1, len(ring))
        normal = np.stack([step[:, 1], -step[:, 0]], axis=-1) / np.maximum(length, 1e-9)[:, None]
        middle = (ring + after) / 2 + normal * reach[:, None]
        ring = np.stack([ring, middle], axis=1).reshape(-1, 2)
    return np.round(ring, 1)


def lay_ground(rough: Points, hills: list[Hill], corridors: list[Street], rng: np.random.Generator) -> Ground:
    """Return coast and hills; hills leave valleys to the main roads."""
    coast = draw_coast(rough, rng)
    land = raster.fill(coast)
    roads = [street.points for street in corridors if street.form != "grade"]
    hill = _hills(hills, raster.distance_to(raster.burn(np.vstack(roads))), rng)
    return Ground(coast=coast, land=land, shore=raster.distance_to(~land), hill=hill & land)


def _hills(hills: list[Hill], road_distance: Floats, rng: np.random.Generator) -> Mask:
    height = np.zeros((raster.ROWS, raster.COLUMNS))
    warp_x, warp_y = 420.0 * raster.noise(rng, 1500.0), 420.0 * raster.noise(rng, 1500.0)
    for hill in hills:
        view = raster.window(hill.at, 2.2 * max(hill.radii))
        turn = math.radians(hill.turn_deg)
        x = view.x + warp_x[view.rows, view.columns] - hill.at[0]
        y = view.y + warp_y[view.rows, view.columns] - hill.at[1]
        along = (x * math.cos(turn) + y * math.sin(turn)) / hill.radii[0]
        across = (y * math.cos(turn) - x * math.sin(turn)) / hill.radii[1]
        part = height[view.rows, view.columns]
        np.maximum(part, np.exp(-(along**2 + across**2)), out=part)
    ragged = height + 0.10 * raster.noise(rng, 1400.0) + 0.06 * raster.noise(rng, 500.0)
    # valleys: a main road never climbs a hill, so the ground beside it can be built on
    return np.asarray(ragged - 0.35 * np.exp(-((road_distance / 220.0) ** 2)) > 0.40)


def roadside_villages(corridors: list[Street], places: list[Locality], rng: np.random.Generator) -> list[Locality]:
    """Return small settlements strung along the rural main roads."""
    centres = [place.at for place in places if place.radius > 0]
    found: list[Locality] = []
    for street in corridors:
        if street.form in {"grade", "bridge"}:
            continue
        along = lengths_along(street.points)
        for where in np.arange(900.0, along[-1], 1900.0):
            at = street.points[int(np.searchsorted(along, where + rng.uniform(-500, 500))) % len(street.points)]
            at = at + rng.uniform(-260.0, 260.0, 2)
            if min(float(np.hypot(*(at - centre))) for centre in centres) < 1250.0:
                continue
            centres.append(at)
            found.append(village(at, float(rng.uniform(330.0, 620.0))))
    return found


def village(at: Points, radius: float) -> Locality:
    """Return a nameless village."""
    return Locality(name="", name_en="", at=at, kind="village", weight=0.0, radius=radius, texture="village")


def settle(ground: Ground, places: list[Locality], corridors: list[Street], rng: np.random.Generator) -> Terrain:
    """Return where the city is built: around the places, drawn out along main roads, off the hills and the sea."""
    road_distance = raster.distance_to(raster.burn(np.vstack([street.points for street in corridors])))
    best = np.zeros((raster.ROWS, raster.COLUMNS))
    texture = np.zeros((raster.ROWS, raster.COLUMNS), dtype=np.int8)
    wide = (raster.noise(rng, 2600.0), raster.noise(rng, 2600.0))
    fine = (raster.noise(rng, 700.0), raster.noise(rng, 700.0))
    for place in places:
        if place.radius <= 0:
            continue
        view = raster.window(place.at, 2.2 * place.radius)
        warp = [
            0.42 * place.radius * (coarse if place.radius > 900.0 else narrow)[view.rows, view.columns]
            for coarse, narrow in zip(wide, fine, strict=True)
        ]
        x, y = view.x + warp[0] - place.at[0], view.y + warp[1] - place.at[1]
        score = np.exp(-(x**2 + y**2) / place.radius**2)
        part, kinds = best[view.rows, view.columns], texture[view.rows, view.columns]
        kinds[score > part] = TEXTURES.index(place.texture)
        np.maximum(part, score, out=part)
    pull = np.where(best > 0.08, 0.13 * np.exp(-((road_distance / 330.0) ** 2)), 0.0)
    ragged = best + pull + 0.16 * raster.noise(rng, 1100.0) + 0.09 * raster.noise(rng, 420.0)
    built = (ragged > 0.42) & (ground.shore > COAST_GAP) & ~ground.hill & ground.land
    return Terrain(ground=ground, built=built, texture=texture, road_distance=road_distance)
