"""The ground: coast, hills, where the city is built and how densely."""

import math
from dataclasses import dataclass

import numpy as np

from data.dalian.make import raster
from data.dalian.make.facts import Hill, Locality
from data.dalian.make.plane import Points, lengths_along
from data.dalian.make.raster import Floats, Mask
from data.dalian.make.streets import Street

COAST_GAP = 140.0  # streets keep this far from the water [m]
TEXTURES = ("dense", "mixed", "superblock", "industrial", "village")
# Distance between collectors and between local streets, per texture [m]
COLLECTOR_GAP = {"dense": 280.0, "mixed": 350.0, "superblock": 420.0, "industrial": 480.0, "village": 420.0}
LOCAL_GAP = {"dense": 105.0, "mixed": 128.0, "superblock": 165.0, "industrial": 215.0, "village": 135.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """Rasters of the ground; ``texture`` indexes TEXTURES, the gaps are in metres."""

    coast: Points
    land: Mask
    shore: Floats
    hill: Mask
    built: Mask
    texture: raster.npt.NDArray[np.int8]
    road_distance: Floats

    def at(self, layer: raster.npt.NDArray[np.generic], points: Points) -> raster.npt.NDArray[np.generic]:
        """Return a layer's value at each point."""
        return layer[raster.cells(points)]


def draw_coast(rough: Points, rng: np.random.Generator) -> Points:
    """Return the coast with corners cut and small coves added (midpoint displacement)."""
    ring = rough
    for _ in range(2):
        after = np.roll(ring, -1, axis=0)
        ring = np.stack([0.78 * ring + 0.22 * after, 0.22 * ring + 0.78 * after], axis=1).reshape(-1, 2)
    for share in (0.13, 0.12, 0.10):
        after = np.roll(ring, -1, axis=0)
        step = after - ring
        length = np.hypot(step[:, 0], step[:, 1])
        reach = np.where(length > 110.0, np.minimum(length, 900.0) * share, 0.0) * rng.uniform(-1, 1, len(ring))
        normal = np.stack([step[:, 1], -step[:, 0]], axis=-1) / np.maximum(length, 1e-9)[:, None]
        middle = (ring + after) / 2 + normal * reach[:, None]
        ring = np.stack([ring, middle], axis=1).reshape(-1, 2)
    return np.round(ring, 1)


def build_terrain(
    rough: Points, hills: list[Hill], places: list[Locality], corridors: list[Street], rng: np.random.Generator
) -> Terrain:
    """Return the ground that the streets grow on."""
    coast = draw_coast(rough, rng)
    land = raster.fill(coast)
    shore = raster.distance_to(~land)
    roads = np.vstack([street.points for street in corridors if street.form != "grade"])
    road_distance = raster.distance_to(raster.burn(_dense(corridors)))
    hill = _hills(hills, raster.distance_to(raster.burn(roads)), rng)
    built, texture = _settle(places + villages(corridors, places, rng), rng)
    built &= (shore > COAST_GAP) & ~hill & land
    return Terrain(
        coast=coast, land=land, shore=shore, hill=hill, built=built, texture=texture, road_distance=road_distance
    )


def _dense(corridors: list[Street]) -> Points:
    return np.vstack([street.points for street in corridors])


def _hills(hills: list[Hill], road_distance: Floats, rng: np.random.Generator) -> Mask:
    height = np.zeros((raster.ROWS, raster.COLUMNS))
    for hill in hills:
        view = raster.window(hill.at, 2.2 * max(hill.radii))
        turn = math.radians(hill.turn_deg)
        x, y = view.x - hill.at[0], view.y - hill.at[1]
        along = (x * math.cos(turn) + y * math.sin(turn)) / hill.radii[0]
        across = (y * math.cos(turn) - x * math.sin(turn)) / hill.radii[1]
        part = height[view.rows, view.columns]
        np.maximum(part, np.exp(-(along**2 + across**2)), out=part)
    ragged = height + 0.10 * raster.noise(rng, 1400.0) + 0.05 * raster.noise(rng, 500.0)
    # valleys: a main road never climbs a hill, so the ground beside it can be built on
    return np.asarray(ragged - 0.35 * np.exp(-((road_distance / 220.0) ** 2)) > 0.40)


def villages(corridors: list[Street], places: list[Locality], rng: np.random.Generator) -> list[Locality]:
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
            radius = float(rng.uniform(330.0, 640.0))
            if min(float(np.hypot(*(at - centre))) for centre in centres) < 1250.0:
                continue
            centres.append(at)
            found.append(
                Locality(
                    name="", name_en="", at=at, kind="village", weight=0.0, radius=radius, texture="village"
                )
            )  # fmt: skip
    return found


def _settle(places: list[Locality], rng: np.random.Generator) -> tuple[Mask, raster.npt.NDArray[np.int8]]:
    best = np.zeros((raster.ROWS, raster.COLUMNS))
    texture = np.zeros((raster.ROWS, raster.COLUMNS), dtype=np.int8)
    for place in places:
        if place.radius <= 0:
            continue
        view = raster.window(place.at, 2.0 * place.radius)
        score = np.exp(-((view.x - place.at[0]) ** 2 + (view.y - place.at[1]) ** 2) / place.radius**2)
        part, kinds = best[view.rows, view.columns], texture[view.rows, view.columns]
        kinds[score > part] = TEXTURES.index(place.texture)
        np.maximum(part, score, out=part)
    ragged = best + 0.14 * raster.noise(rng, 1100.0) + 0.08 * raster.noise(rng, 420.0)
    return np.asarray(ragged > 0.39), texture
